"""Contents arrive altered: flipped bits on the wire, garbage or wrongly scaled numbers in a list.

Stamps and, on brake requests, the checksum stay as they were: whoever checks must notice by content.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan
from typing import Any

from faults.carriage import ChannelFault, FaultyChannel
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import (
    ActuatorStatus,
    BrakeRequest,
    CameraObject,
    CameraView,
    DriverWarning,
    EgoMotion,
    Message,
    RadarDetection,
    RadarScan,
    WarningKind,
    topics,
)

RAW_DEMAND_BITS = 16  # SAE J1939-71 SPN 2920 is a two-byte signal
COUNTER_BITS = 4  # AUTOSAR E2E profile 1
CODED_TOPICS = (topics.BRAKE_REQUEST, topics.ACTUATOR_STATUS, topics.DRIVER_WARNING)
MEASURED_TOPICS = (topics.RADAR, topics.CAMERA, topics.EGO_MOTION, topics.ACTUATOR_STATUS)

# The measured numbers of each payload part, those that a downstream stage computes with.
MEASURED_FIELDS: dict[type, tuple[str, ...]] = {
    RadarDetection: ("range_m", "azimuth_rad", "range_rate_mps"),
    CameraObject: ("x_m", "y_m", "lateral_mps"),
    EgoMotion: ("speed_mps", "yaw_rate_radps", "acceleration_mps2"),
    ActuatorStatus: ("demand_mps2",),
}


def flipped(word: int, width: int, count: int, chance: Chance, slot: int) -> int:
    """The word with `count` different bits of its lowest `width` inverted, drawn for this slot."""
    free = list(range(width))
    for block in range(1, min(count, width) + 1):
        word ^= 1 << free.pop(chance.pick(slot, len(free), block))
    return word


def measured(payload: Any, number: Callable[[float], float]) -> Any:
    """The payload with `number` applied to every measured number in it."""
    if isinstance(payload, RadarScan):
        return replace(payload, detections=tuple(measured(part, number) for part in payload.detections))
    if isinstance(payload, CameraView):
        return replace(payload, objects=tuple(measured(part, number) for part in payload.objects))
    fields = MEASURED_FIELDS.get(type(payload), ())
    return replace(payload, **{field: number(getattr(payload, field)) for field in fields}) if fields else payload


@dataclass(frozen=True, slots=True, kw_only=True)
class FlippedBits:
    """So many bits of the coded value are inverted; a warning's code becomes another one."""

    bits: int

    def of(self, payload: Any, chance: Chance, slot: int) -> Any:
        """The payload as it arrives."""
        if isinstance(payload, BrakeRequest):
            return replace(payload, raw_demand=flipped(payload.raw_demand, RAW_DEMAND_BITS, self.bits, chance, slot))
        if isinstance(payload, ActuatorStatus):
            return replace(
                payload, accepted_counter=flipped(payload.accepted_counter, COUNTER_BITS, self.bits, chance, slot)
            )
        if isinstance(payload, DriverWarning):
            others = [kind for kind in WarningKind if kind is not payload.kind]
            return replace(payload, kind=others[chance.pick(slot, len(others), 1)])
        return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class NotANumber:
    """Every measured number is NaN."""

    def of(self, payload: Any, chance: Chance, slot: int) -> Any:
        """The payload as it arrives."""
        return measured(payload, lambda _number: nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """Every measured number is multiplied by a factor (a wrong unit or scaling on the bus)."""

    scale_ratio: float

    def of(self, payload: Any, chance: Chance, slot: int) -> Any:
        """The payload as it arrives."""
        return measured(payload, lambda number: number * self.scale_ratio)


Alteration = FlippedBits | NotANumber | Scaled


class _Garbling(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, chance: Chance, fault: "Corrupt") -> None:
        super().__init__(inner, window)
        self._chance = chance
        self._fault = fault

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Alter its content, if it is chosen."""
        slot = message.published_at
        if self._chance.share(slot) >= self._fault.corrupt_ratio:
            return self.inner.carry(message)
        payload = self._fault.alteration.of(message.payload, self._chance, slot)
        deliveries = self.inner.carry(replace(message, payload=payload))
        if deliveries and payload != message.payload:
            self.window.note_effect(slot)
        return deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt(ChannelFault):
    """Each message is altered with probability `corrupt_ratio`."""

    corrupt_ratio: float
    alteration: Alteration

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that garbles."""
        return _Garbling(inner, window, chance_of(seed, self.name, self.topic), self)
