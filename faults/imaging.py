"""What all sensor faults share: a sensor around another, altering the payload it makes of the truth.

A frame is touched if its sampling instant lies in the window. The inner sensor always senses, so its
errors correlated in time step at every slot whatever the fault does.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from faults.untouched import Untouched
from sim.attachments import Sensor, Window
from sim.truth import TruthFrame
from stack.vocabulary import SimNs


class FaultySensor(ABC):
    """A sensor around another; subclasses say what becomes of a payload made in the window."""

    def __init__(self, inner: Sensor, window: Window) -> None:
        self.inner = inner
        self.window = window

    def sense(self, frame: TruthFrame, slot: SimNs) -> Any:
        """As the inner sensor, except for slots in the window."""
        return self.settled(self.inner.sense(frame, slot), slot)

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: Any) -> Any:
        """As the inner sensor with a response imposed by a fault further out, then this fault's part."""
        inner: Any = self.inner
        return self.settled(inner.sense_with(frame, slot, response), slot)

    def settled(self, payload: Any, slot: SimNs) -> Any:
        """The payload as it leaves, counted if altered."""
        if not self.window.active(slot):
            return payload
        altered = self.disturb(payload, slot)
        if altered != payload:
            self.window.note_effect(slot)
        return altered

    @abstractmethod
    def disturb(self, payload: Any, slot: SimNs) -> Any:
        """What becomes of a payload made in the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorFault(Untouched, ABC):
    """A fault inside the sensor that publishes one topic."""

    topic: str

    @property
    def points(self) -> tuple[str, ...]:
        """The sensor of its topic."""
        return (f"sensor:{self.topic}",)

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """A faulty sensor around this one if it publishes the fault's topic."""
        return self.around(sensor, window) if topic == self.topic else sensor

    @abstractmethod
    def around(self, inner: Sensor, window: Window) -> Sensor:
        """The faulty sensor around `inner`."""
