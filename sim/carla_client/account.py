"""What a run on CARLA cost in exactness: pacing, delays, rounding, deviations, contacts seen by one side only.

Numbers only; the record's hash does not cover them. Lengths in metres, angles in radians, instants in ns.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.pedals import BrakeMap
from sim.carla_client.wire import Tick
from stack.vocabulary import NS_PER_S

DELTA_TOLERANCE_S = 1e-6  # a step is stated in single precision


@dataclass(slots=True, kw_only=True)
class Account:
    """Gathers while a world runs; `document` is what stays."""

    tick_ns: int
    server: str = ""
    map_opened: str = ""
    brake_map: BrakeMap | None = None
    lag_contained: bool = False
    ticks: int = 0
    skipped_frames: int = 0
    wrong_deltas: int = 0
    controls: int = 0
    control_delay_max_ns: int = 0
    rounding_max_ratio: float = 0.0
    beyond_reach: int = 0
    shortfall_max_mps2: float = 0.0
    following: list[float] = field(default_factory=list)  # wanted minus seen acceleration while braking
    start_off_m: float = 0.0
    deviation_m: dict[str, float] = field(default_factory=dict)
    deviation_rad: dict[str, float] = field(default_factory=dict)
    misfit_m: dict[str, float] = field(default_factory=dict)
    unshown: list[str] = field(default_factory=list)
    played_by: dict[str, str] = field(default_factory=dict)
    only_geometry: list[str] = field(default_factory=list)
    only_carla: list[str] = field(default_factory=list)
    both: list[str] = field(default_factory=list)
    touches_besides: int = 0
    left: set[str] = field(default_factory=set)  # of CARLA's background, taken off the road by it
    streams: dict[str, dict[str, int]] = field(default_factory=dict)
    _frame: int = -1
    _elapsed_s: float = 0.0

    def ticked(self, tick: Tick) -> None:
        """Look at a tick's frame number and step."""
        tick_s = self.tick_ns / NS_PER_S
        if self._frame >= 0:
            self.skipped_frames += int(tick.frame != self._frame + 1)
            self.wrong_deltas += int(abs(tick.elapsed_s - self._elapsed_s - tick_s) > DELTA_TOLERANCE_S)
        self.wrong_deltas += int(abs(tick.delta_s - tick_s) > DELTA_TOLERANCE_S)
        self._frame, self._elapsed_s = tick.frame, tick.elapsed_s
        self.ticks += 1

    def controlled(self, delay_ns: int) -> None:
        """A control had to wait for the next tick."""
        self.controls += 1
        self.control_delay_max_ns = max(self.control_delay_max_ns, delay_ns)

    def rounded(self, difference_ratio: float) -> None:
        """A pedal was sent in single precision."""
        self.rounding_max_ratio = max(self.rounding_max_ratio, difference_ratio)

    def fell_short(self, shortfall_mps2: float) -> None:
        """The vehicle cannot do what was wanted."""
        if shortfall_mps2 > 0.02:
            self.beyond_reach += 1
            self.shortfall_max_mps2 = max(self.shortfall_max_mps2, shortfall_mps2)

    def strayed(self, name: str, distance_m: float, turn_rad: float) -> None:
        """A commanded actor was seen elsewhere than it was put."""
        self.deviation_m[name] = max(self.deviation_m.get(name, 0.0), distance_m)
        self.deviation_rad[name] = max(self.deviation_rad.get(name, 0.0), turn_rad)

    def contacts(self, geometry: set[str], carla: set[str]) -> None:
        """Whom the ego touched by geometry, and by CARLA's own collision sensor."""
        self.both = sorted(geometry & carla)
        self.only_geometry = sorted(geometry - carla)
        self.only_carla = sorted(carla - geometry)

    def document(self) -> dict[str, Any]:
        """Plain JSON."""
        following: NDArray[np.float64] = np.array(self.following or [0.0])
        brakes = self.brake_map
        return {
            "server": self.server,
            "map": self.map_opened,
            "brake_map": None if brakes is None else {
                "blueprint": brakes.blueprint,
                "digest": brakes.digest,
                "strongest_mps2": brakes.strongest_mps2(float(brakes.speeds_mps[-1])),
                "linearity_ratio": brakes.linearity(),
                "lag_contained": self.lag_contained,
            },
            "pacing": {
                "ticks": self.ticks, "skipped_frames": self.skipped_frames, "wrong_deltas": self.wrong_deltas,
            },
            "controls": {
                "count": self.controls,
                "delay_max_ns": self.control_delay_max_ns,
                "rounding_max_ratio": self.rounding_max_ratio,
                "beyond_reach_ticks": self.beyond_reach,
                "shortfall_max_mps2": self.shortfall_max_mps2,
            },
            "braking_followed": {
                "ticks": len(self.following),
                "mean_mps2": float(following.mean()),
                "rms_mps2": float(np.sqrt((following**2).mean())),
                "worst_mps2": float(np.abs(following).max()),
            },
            "start_off_m": self.start_off_m,
            "protocol_deviation_m": dict(sorted(self.deviation_m.items())),
            "protocol_deviation_rad": dict(sorted(self.deviation_rad.items())),
            "played_by": dict(sorted(self.played_by.items())),
            "outline_misfit_m": dict(sorted(self.misfit_m.items())),
            "unshown": sorted(self.unshown),
            "left": sorted(self.left),
            "contacts": {
                "both": self.both,
                "missed_by_carla": self.only_geometry,
                "only_in_carla": self.only_carla,
                "carla_with_others": self.touches_besides,
            },
            "streams": self.streams,
        }  # fmt: skip
