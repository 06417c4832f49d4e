"""Where faults attach. A fault is a wrapper: it takes one of these and is one.

A `Window` is the fault's share of a run: when it acts, and the book of what it altered. The loop
opens windows whose trigger is a condition on the truth; instants and chance are resolved before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.camera.picture import Picture
from sim.layout import BrakeDemand
from sim.mount import Mount
from sim.ports import Channel, CostSource, Host
from sim.truth import TruthFrame
from stack.vocabulary import SimNs

NEVER = SimNs(2**62)


@dataclass(slots=True)
class Window:
    """When a fault acts in this run, and what it altered. Open on [opens_at, closes_at)."""

    name: str
    duration_ns: int
    opens_at: SimNs = NEVER
    closes_at: SimNs = NEVER
    altered: int = 0
    first_effect_at: SimNs = NEVER

    def open(self, at: SimNs) -> None:
        """Fix the onset; the window closes its duration later."""
        self.opens_at = at
        self.closes_at = SimNs(min(at + self.duration_ns, NEVER))

    def active(self, at: SimNs) -> bool:
        """Whether the fault acts at this instant."""
        return self.opens_at <= at < self.closes_at

    def note_effect(self, at: SimNs) -> None:
        """Count one alteration (a message, frame, cost or command that is not what it would have been)."""
        self.altered += 1
        if at < self.first_effect_at:
            self.first_effect_at = at


class Sensor(Protocol):
    """A sensor's image-making part: from truth to payload. Imaging faults wrap it.

    `slot` is the sampling instant (exposure midpoint). The same frame and slot give the same payload,
    except for errors correlated in time, which step once at every slot.
    """

    def sense(self, frame: TruthFrame, slot: SimNs) -> Any:
        """The payload this sensor makes of the truth at `slot`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposing:
    """How the next frame is exposed."""

    exposure_s: float
    gain_db: float


class Imaging(Protocol):
    """A camera between draw and output, step by step. Imaging faults wrap it; `ClearImaging` is the identity.

    Every step gets the frame's `slot`. A step returns what it is given if it changes nothing; it never
    writes into its arguments. Whoever alters a frame counts it once, at the first step that does.
    """

    def mounted(self, mount: Mount, slot: SimNs) -> Mount:
        """Where the camera really looks from (mis-mount, slow mis-alignment, vibration)."""
        ...

    def seen(self, picture: Picture, slot: SimNs) -> Picture:
        """What the lens lets through: radiance with depth, before exposure and noise (dirt, drops, glare, defocus)."""
        ...

    def exposing(self, exposing: Exposing, slot: SimNs) -> Exposing:
        """How the frame is exposed (exposure step, gain hunting)."""
        ...

    def digitised(self, image: NDArray[np.uint8], slot: SimNs) -> NDArray[np.uint8]:
        """The RGB image (h, w, 3) after noise and read-out (dead pixels, banding, bit depth, swapped channels)."""
        ...

    def coded(self, data: bytes, slot: SimNs) -> bytes:
        """The bytes that leave the camera (bit errors)."""
        ...


class ClearImaging:
    """A camera without faults."""

    def mounted(self, mount: Mount, slot: SimNs) -> Mount:
        """As it is."""
        return mount

    def seen(self, picture: Picture, slot: SimNs) -> Picture:
        """As it is."""
        return picture

    def exposing(self, exposing: Exposing, slot: SimNs) -> Exposing:
        """As it is."""
        return exposing

    def digitised(self, image: NDArray[np.uint8], slot: SimNs) -> NDArray[np.uint8]:
        """As it is."""
        return image

    def coded(self, data: bytes, slot: SimNs) -> bytes:
        """As it is."""
        return data


class ImagingSensor(Sensor, Protocol):
    """A sensor that makes pictures and lets faults in between its steps."""

    def with_imaging(self, wrap: Callable[[Imaging], Imaging]) -> "ImagingSensor":
        """The same sensor with its imaging wrapped; the original is not used any more."""
        ...


class BrakeLine(Protocol):
    """What is between the brake actuator's electronics and the brakes. Actuator faults wrap it."""

    def pass_on(self, demand: BrakeDemand, at: SimNs) -> tuple[tuple[SimNs, BrakeDemand], ...]:
        """The demands that reach the brakes because of this one, each with its instant (>= at)."""
        ...


class Timer(Protocol):
    """What a host fault may schedule with: the loop's clock, narrowed."""

    @property
    def now(self) -> SimNs:
        """The present instant."""
        ...

    def at(self, instant: SimNs, act: Callable[[], None]) -> None:
        """Call `act` at `instant`, after everything else of that instant but the watchdogs."""
        ...


class Fault(Protocol):
    """A frozen value that can wrap one attachment point. Points it does not touch it returns as they are."""

    @property
    def name(self) -> str:
        """The fault file's stem."""
        ...

    def wrap_channel(self, topic: str, channel: Channel, window: Window, seed: int) -> Channel:
        """The fault's version of the channel of `topic` (or the same channel)."""
        ...

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """The fault's version of the sensor that publishes `topic` (or the same sensor)."""
        ...

    def wrap_costs(self, costs: CostSource, window: Window, seed: int) -> CostSource:
        """The fault's version of the host's cost source (or the same)."""
        ...

    def wrap_brake_line(self, line: BrakeLine, window: Window, seed: int) -> BrakeLine:
        """The fault's version of the brake line (or the same)."""
        ...

    def attach_host(self, host: Host, timer: Timer, window: Window) -> None:
        """Called when the window opens: crash or otherwise disturb the host as a whole."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAccount:
    """What one fault did in one run, for the record and the judge."""

    name: str
    taxonomy_id: str
    expected_diagnoses: tuple[str, ...]
    expected_modes: tuple[str, ...]
    trigger: str  # "instant" | "condition" | "chance"
    opened_at: SimNs  # NEVER if the trigger did not come
    closed_at: SimNs
    altered: int
    first_effect_at: SimNs
    skipped: str = ""
    masked_by: tuple[str, ...] = field(default_factory=tuple)
