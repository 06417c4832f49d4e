"""A spinning lidar: `LidarScan` from truth and the run's one geometry.

The slot is the middle of a revolution, when the lidar looks straight ahead; columns fire from half a
period before it to half a period after, and each sees the world as it then is. Points are in the
sensor's own frame at their own firing, as a real unit delivers them: undoing the motion is the
receiver's work. The ego's own body is not seen, as units mask it.
"""

from dataclasses import dataclass
from math import radians
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.randomness import philox4x32, stream_key
from sim.rays.splat import Grid, Splat, grid
from sim.scenery.scene import Scenery
from sim.scenery.viewpoint import viewpoint
from sim.sensors.lidar_pattern import LidarPattern, lidar_pattern
from sim.sensors.lidar_returns import AIRBORNE, receiver, report, room
from sim.sensors.lidar_weather import air
from sim.sensors.mounts import LIDAR_MOUNT, Mount
from sim.truth import EGO, Roster, TruthFrame
from stack.vocabulary import START, LidarScan, MachineryError, SimNs
from stack.vocabulary.construction import maker

_scan = maker(LidarScan)


@dataclass(frozen=True, slots=True, kw_only=True)
class LidarParameters:
    """Which lidar: a pattern's name, or the text of a pattern file.

    `exact` leaves out errors, weather and the limits of reflectivity: every ray that meets a surface
    between the least and the greatest range returns its distance.
    """

    pattern: str = "velodyne_hdl_64e"
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledScan:
    """The last scan with what each return came from, for labels. Arrays are read-only, a row per return.

    `rows`: the actor's row, -1 the map, AIRBORNE fog or rain. `materials`: row of MATERIALS, -1 AIRBORNE.
    `shots`: number of the ray, column * lasers + laser.
    """

    slot: SimNs
    scan: LidarScan
    rows: NDArray[np.int32]
    materials: NDArray[np.int32]
    shots: NDArray[np.int32]


class Lidar:
    """A lidar on the ego. `name` is its stream of chance: two lidars need two names."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: LidarParameters | None = None,
        mount: Mount = LIDAR_MOUNT,
        name: str = "lidar",
        *,
        scenery: Scenery,
    ) -> None:
        chosen = parameters or LidarParameters()
        self.pattern: LidarPattern = lidar_pattern(chosen.pattern)
        self.mount = mount
        self._scenery = scenery
        self._half_length_m = 0.5 * float(roster.size_m[EGO, 0])
        elevations = tuple(radians(each) for each in self.pattern.elevations_deg)
        rays = grid(
            elevations, self.pattern.azimuth_steps, 1.0 / self.pattern.rate_hz, self.pattern.max_range_m,
            self.pattern.clockwise,
        )  # fmt: skip
        self._splat = Splat(scenery.still, rays)
        self._receiver = receiver(self.pattern, chosen.exact)
        self._room = room(self.pattern.azimuth_steps * len(elevations))
        self._key = stream_key(seed, f"{name}.shot")
        self._actors = len(roster.names)
        nothing = np.zeros(0, dtype=np.int32)
        empty = _scan(
            points=np.zeros((0, 4), np.float32), rings=np.zeros(0, np.uint8), offsets_ns=np.zeros(0, np.int32)
        )
        self.latest = LabelledScan(slot=START, scan=empty, rows=nothing, materials=nothing, shots=nothing)

    @property
    def rays(self) -> Grid:
        """The grid of this lidar's rays: columns in order of firing, lasers by rising elevation."""
        return self._splat.grid

    def sense(self, frame: TruthFrame, slot: SimNs) -> LidarScan:
        """The revolution whose middle is `slot`; the same frame and slot give the same bytes."""
        if frame.state.shape[0] != self._actors:
            raise MachineryError(f"lidar: {frame.state.shape[0]} actors in the truth, {self._actors} known")
        moment = self._scenery.moment(frame)
        sweep = self._splat.sweep(moment, viewpoint(moment, self.mount, self._half_length_m))
        a, b, _, _ = philox4x32(self._key, np.uint64(EGO), np.uint64(slot), np.uint64(0))
        key = np.uint64((int(a) << 32) | int(b))
        clear = air(frame.conditions, self.pattern)
        count = int(report(sweep, self._splat.grid, self._receiver, clear, key, self._room))
        kept = [_kept(array, count) for array in self._room]
        points, rings, offsets_ns, rows, materials, shots = kept
        scan: LidarScan = _scan(points=points, rings=rings, offsets_ns=offsets_ns)
        self.latest = LabelledScan(slot=slot, scan=scan, rows=rows, materials=materials, shots=shots)
        return scan


def _kept(array: Any, count: int) -> Any:
    part = array[:count].copy()
    part.setflags(write=False)
    return part


__all__ = ["AIRBORNE", "LabelledScan", "Lidar", "LidarParameters"]
