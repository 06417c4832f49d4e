"""Something spoils what a sensor sees: mud, fog on the lens, glare, another radar's waves.

The sensor itself answers, through a response of `sim.sensors.responses` that says what its list then
looks like. A kind without an entry there, or a sensor without a list, needs pixels: `NeedsPixels` is
raised when the sensor is wrapped, before the clock starts, and the run is skipped.
"""

from dataclasses import dataclass
from typing import Any, Protocol, cast

from faults.imaging import SensorFault
from sim.attachments import Sensor, Window
from sim.sensors import CameraResponse, NeedsPixels, RadarResponse
from sim.truth import TruthFrame
from stack.vocabulary import SimNs

Response = CameraResponse | RadarResponse


class ListSensor(Protocol):
    """A sensor that makes a list from truth and can answer to a response."""

    def sense(self, frame: TruthFrame, slot: SimNs) -> Any:
        """The payload of a clear sensor."""
        ...

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: Any) -> Any:
        """The payload of a sensor spoilt in this way."""
        ...


def combined(first: Response, second: Response) -> Response:
    """Two responses at once: losses and factors compound, rates and decibels add."""
    if isinstance(first, RadarResponse) and isinstance(second, RadarResponse):
        return RadarResponse(
            loss_db=first.loss_db + second.loss_db,
            interference_db=first.interference_db + second.interference_db,
            azimuth_bias_rad=first.azimuth_bias_rad + second.azimuth_bias_rad,
        )
    if isinstance(first, CameraResponse) and isinstance(second, CameraResponse):
        return CameraResponse(
            added_miss_ratio=1.0 - (1.0 - first.added_miss_ratio) * (1.0 - second.added_miss_ratio),
            range_error_factor=first.range_error_factor * second.range_error_factor,
            ghost_rate_hz=first.ghost_rate_hz + second.ghost_rate_hz,
            confidence_factor=first.confidence_factor * second.confidence_factor,
            health_factor=first.health_factor * second.health_factor,
            lane_factor=first.lane_factor * second.lane_factor,
        )
    raise TypeError("a radar response and a camera response cannot act on one sensor")


class SpoiltSensor:
    """A list sensor that answers with a response in the window. Every spoilt frame counts as altered."""

    def __init__(self, inner: ListSensor, window: Window, response: Response) -> None:
        self.inner = inner
        self.window = window
        self.response = response

    def sense(self, frame: TruthFrame, slot: SimNs) -> Any:
        """The inner sensor's payload, spoilt in the window."""
        if not self.window.active(slot):
            return self.inner.sense(frame, slot)
        self.window.note_effect(slot)
        return self.inner.sense_with(frame, slot, self.response)

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: Response) -> Any:
        """The same with a response imposed by a fault further out."""
        if not self.window.active(slot):
            return self.inner.sense_with(frame, slot, response)
        self.window.note_effect(slot)
        return self.inner.sense_with(frame, slot, combined(self.response, response))


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarImpairment(SensorFault):
    """The radar loses echo power (two-way), and its noise floor rises; both in decibels."""

    topic: str = "radar"
    loss_db: float
    noise_rise_db: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A spoilt radar."""
        response = RadarResponse(loss_db=self.loss_db, interference_db=self.noise_rise_db)
        return SpoiltSensor(list_sensor(inner, self.name), window, response)


def list_sensor(sensor: Sensor, name: str) -> ListSensor:
    """The sensor as one that answers to responses; raises `NeedsPixels` if it is none."""
    if not hasattr(sensor, "sense_with"):
        raise NeedsPixels(f"{name}: this sensor gives no list that could answer to the fault: needs pixels")
    return cast(ListSensor, sensor)
