"""Room beside the road: how far a thing stands from lanes and from other things. World frame, metres.

Lanes are known by points at most a metre apart with their half widths, sorted into square cells, so
that a question costs the same on a map of any size.
"""

from dataclasses import dataclass
from math import cos, floor, hypot, sin

import numpy as np
from numpy.typing import NDArray

from sim.road_map import SIDEWALK, Lane, Road

Array = NDArray[np.float64]

CELL_M = 32.0
SAMPLE_M = 1.0
LOOK_M = 40.0  # clearances up to here can be asked for
BESIDE_KINDS = frozenset({SIDEWALK, "shoulder", "median", "border", "curb", "restricted", "walking", "none"})


def is_driven(kind: str) -> bool:
    """Whether vehicles use a lane of this kind."""
    return kind not in BESIDE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """A rectangle on the ground, by its centre."""

    x_m: float
    y_m: float
    yaw_rad: float
    length_m: float
    width_m: float

    @property
    def radius_m(self) -> float:
        """Half its diagonal."""
        return 0.5 * hypot(self.length_m, self.width_m)

    def grown(self, along_m: float, across_m: float) -> "Footprint":
        """The same rectangle with a border around it."""
        return Footprint(x_m=self.x_m, y_m=self.y_m, yaw_rad=self.yaw_rad, length_m=self.length_m + 2.0 * along_m,
                         width_m=self.width_m + 2.0 * across_m)  # fmt: skip

    def distances_m(self, points: Array) -> Array:
        """How far points (n, 2) are outside the rectangle; 0 inside."""
        c, s = cos(self.yaw_rad), sin(self.yaw_rad)
        dx, dy = points[:, 0] - self.x_m, points[:, 1] - self.y_m
        over = np.maximum(np.abs(c * dx + s * dy) - 0.5 * self.length_m, 0.0)
        aside = np.maximum(np.abs(c * dy - s * dx) - 0.5 * self.width_m, 0.0)
        return np.asarray(np.hypot(over, aside))

    def corners(self) -> tuple[tuple[float, float], ...]:
        """The four corners, counter-clockwise."""
        c, s, a, b = cos(self.yaw_rad), sin(self.yaw_rad), 0.5 * self.length_m, 0.5 * self.width_m
        return tuple(
            (self.x_m + c * u - s * v, self.y_m + s * u + c * v) for u, v in ((a, b), (-a, b), (-a, -b), (a, -b))
        )

    def overlaps(self, other: "Footprint") -> bool:
        """Whether two rectangles touch (separating axes)."""
        if hypot(self.x_m - other.x_m, self.y_m - other.y_m) > self.radius_m + other.radius_m:
            return False
        mine, theirs = self.corners(), other.corners()
        for turned in (self.yaw_rad, other.yaw_rad):
            for u, v in ((cos(turned), sin(turned)), (-sin(turned), cos(turned))):
                a, b = [x * u + y * v for x, y in mine], [x * u + y * v for x, y in theirs]
                if max(a) < min(b) or max(b) < min(a):
                    return False
        return True


class Clearance:
    """What is free beside a road. `take` marks ground as used."""

    def __init__(self, road: Road) -> None:
        rows = [_samples(lane) for lane in road.lanes]
        samples = np.concatenate(rows) if rows else np.zeros((0, 5))
        cells = np.floor(samples[:, :2] / CELL_M).astype(np.int64)
        order = np.lexsort((np.arange(len(cells)), cells[:, 1], cells[:, 0]))
        self._samples = samples[order]
        cells = cells[order]
        cuts = np.flatnonzero((np.diff(cells, axis=0) != 0).any(axis=1)) + 1
        begins = [0, *cuts.tolist()] if len(cells) else []
        ends = [*cuts.tolist(), len(cells)]
        self._cells = {(int(cells[a, 0]), int(cells[a, 1])): (a, b) for a, b in zip(begins, ends, strict=False)}
        self._taken: dict[tuple[int, int], list[Footprint]] = {}

    def bounds_m(self) -> tuple[float, float, float, float]:
        """Low x, low y, high x and high y of all lanes."""
        if not len(self._samples):
            return 0.0, 0.0, 0.0, 0.0
        low, high = self._samples[:, :2].min(axis=0), self._samples[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _near(self, x_m: float, y_m: float, within_m: float) -> Array:
        found = []
        for i in range(floor((x_m - within_m) / CELL_M), floor((x_m + within_m) / CELL_M) + 1):
            for j in range(floor((y_m - within_m) / CELL_M), floor((y_m + within_m) / CELL_M) + 1):
                span = self._cells.get((i, j))
                if span is not None:
                    found.append(self._samples[span[0] : span[1]])
        return np.concatenate(found) if found else np.zeros((0, 5))

    def gaps_m(self, spot: Footprint) -> tuple[float, float]:
        """Free distance to the nearest driven lane's edge and to the nearest edge of any lane (up to LOOK_M)."""
        near = self._near(spot.x_m, spot.y_m, spot.radius_m + LOOK_M)
        if not len(near):
            return LOOK_M, LOOK_M
        gaps = spot.distances_m(near[:, :2]) - near[:, 3]
        driven = gaps[near[:, 4] > 0.0]
        return min(LOOK_M, float(driven.min(initial=LOOK_M))), min(LOOK_M, float(gaps.min()))

    def nearest_driven(self, x_m: float, y_m: float) -> tuple[float, float]:
        """The nearest point of a driven lane's middle (the place itself where there is none in reach)."""
        near = self._near(x_m, y_m, LOOK_M)
        near = near[near[:, 4] > 0.0]
        if not len(near):
            return x_m, y_m
        row = near[int(np.argmin((near[:, 0] - x_m) ** 2 + (near[:, 1] - y_m) ** 2))]
        return float(row[0]), float(row[1])

    def level_m(self, x_m: float, y_m: float, near_m: float) -> float:
        """The height of the nearest lane surface, of several at levels the one nearest to `near_m`."""
        near = self._near(x_m, y_m, LOOK_M)
        if not len(near):
            return near_m
        gaps = np.hypot(near[:, 0] - x_m, near[:, 1] - y_m) - near[:, 3]
        close = near[gaps <= max(0.0, float(gaps.min())) + 1.0]
        return float(close[int(np.argmin(np.abs(close[:, 2] - near_m))), 2])

    def fits(self, spot: Footprint, driven_m: float, paved_m: float, apart_m: float) -> bool:
        """Whether a thing keeps these distances to driven lanes, to anything paved, and to what is taken."""
        grown = spot.grown(apart_m, apart_m)
        if any(grown.overlaps(other) for other in self._taken_near(grown)):
            return False
        to_driven_m, to_paved_m = self.gaps_m(spot)
        return to_driven_m >= driven_m and to_paved_m >= paved_m

    def take(self, spot: Footprint) -> None:
        """Mark ground as used."""
        for cell in _cells_of(spot):
            self._taken.setdefault(cell, []).append(spot)

    def _taken_near(self, spot: Footprint) -> list[Footprint]:
        return [other for cell in _cells_of(spot) for other in self._taken.get(cell, ())]


def _cells_of(spot: Footprint) -> list[tuple[int, int]]:
    reach = spot.radius_m
    return [
        (i, j)
        for i in range(floor((spot.x_m - reach) / CELL_M), floor((spot.x_m + reach) / CELL_M) + 1)
        for j in range(floor((spot.y_m - reach) / CELL_M), floor((spot.y_m + reach) / CELL_M) + 1)
    ]


def _samples(lane: Lane) -> Array:
    """Rows x, y, height, half width, driven (1) or not (0), at most a metre apart."""
    s_m = lane.points[:, 0]
    step_m = min(SAMPLE_M, max(0.2, 0.5 * lane.width_m))  # a narrow strip needs a closer row of points
    count = max(2, int(np.ceil((s_m[-1] - s_m[0]) / step_m)) + 1)
    at = np.linspace(s_m[0], s_m[-1], count)
    columns = [np.interp(at, s_m, values) for values in (lane.points[:, 1], lane.points[:, 2], lane.heights_m)]
    half = np.interp(at, s_m, 0.5 * lane.widths_m)
    return np.column_stack((*columns, half, np.full(count, 1.0 if is_driven(lane.kind) else 0.0)))
