"""Lane sections as drawing needs them: rows across the road, as few as the bends allow, with every lane's edges.

All lanes of a section share its rows, and neighbours share their edge, so no gap can open between them.
World frame, metres; rows run along the reference line, lanes are listed from left to right.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sim.road import SIDEWALK, Lane, Road

Array = NDArray[np.float64]

LONGEST_M = 20.0  # own: longest triangle along a straight
JUNCTION_LONGEST_M = 5.0  # own: the same inside junctions, where edges come and go
SIDE_SLACK_M = 0.02  # own: a chord may cut a bend by this
UP_SLACK_M = 0.01  # own: and a crest or sag by this
MATERIAL_OF = {
    SIDEWALK: "paving", "walking": "paving", "biking": "paving", "median": "grass", "shoulder": "shoulder",
    "restricted": "shoulder", "border": "shoulder", "curb": "kerb",
}  # fmt: skip
OTHERWISE = "asphalt"
RAISED_M = 0.02  # own: neighbours whose heights differ by more have a kerb between them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """One lane section. `bridge` (n,) is true from a bridge's first row to its last."""

    road_id: str
    junction_id: str
    road_kind: str
    lanes: tuple[Lane, ...]  # k of them
    stations_m: Array  # (n,)
    lefts: Array  # (k, n, 3): each lane's left edge, on its surface
    rights: Array  # (k, n, 3)
    ups: Array  # (k, n, 3): each lane's normal
    leftward: Array  # (n, 2): unit vector across the road, to the left
    bridge: NDArray[np.bool_]

    @property
    def left_edge(self) -> Array:
        """The section's left edge."""
        return np.asarray(self.lefts[0])

    @property
    def right_edge(self) -> Array:
        """The section's right edge."""
        return np.asarray(self.rights[-1])


def courses_of(road: Road) -> tuple[Course, ...]:
    """Every lane section of a map, in the map's order."""
    sections: dict[tuple[str, int], list[Lane]] = {}
    for lane in road.lanes:
        sections.setdefault((lane.road_id, lane.section), []).append(lane)
    return tuple(_course(road, lanes) for lanes in sections.values())


def adjacent(left: Lane, right: Lane) -> bool:
    """Whether two lanes of a section, listed from left to right, lie side by side (lane 0 has no width)."""
    step = left.lane_id - right.lane_id
    return step == 1 or (step == 2 and left.lane_id == 1)


def material_of(lane: Lane) -> str:
    """What a lane's surface is made of, by its kind."""
    return MATERIAL_OF.get(lane.kind, OTHERWISE)


def _course(road: Road, lanes: list[Lane]) -> Course:
    lanes = sorted(lanes, key=lambda lane: -lane.lane_id)
    from_m, to_m = sorted(lanes[0].stations_m)
    count = len(lanes[0].points)
    stations_m = np.linspace(from_m, to_m, count)
    bridge = np.zeros(count, dtype=bool)
    for each in road.bridges:
        if each.road_id == lanes[0].road_id:
            first, last = (int(np.argmin(np.abs(stations_m - at))) for at in (each.from_m, each.to_m))
            if last > first:
                bridge[first : last + 1] = True
    points, heights, halves = _along_reference(lanes)
    longest_m = JUNCTION_LONGEST_M if lanes[0].junction_id else LONGEST_M
    keep = _kept_rows(points, heights, halves, bridge, longest_m)
    across = np.stack((-np.sin(points[:, keep, 3]), np.cos(points[:, keep, 3])), axis=-1)  # (k, n, 2)
    lefts, rights = (
        np.concatenate((points[:, keep, 1:3] + side * halves[:, keep, None] * across, heights[:, keep, None]), axis=-1)
        for side in (1.0, -1.0)
    )
    for k in range(len(lanes) - 1):
        if adjacent(lanes[k], lanes[k + 1]):
            shared = 0.5 * (rights[k, :, :2] + lefts[k + 1, :, :2])
            rights[k, :, :2] = lefts[k + 1, :, :2] = shared
    ups = np.stack([_ups(lane_points[keep], lane_heights[keep]) for lane_points, lane_heights
                    in zip(points, heights, strict=True)])  # fmt: skip
    return Course(
        road_id=lanes[0].road_id, junction_id=lanes[0].junction_id, road_kind=lanes[0].road_kind, lanes=tuple(lanes),
        stations_m=stations_m[keep], lefts=lefts, rights=rights, ups=ups, leftward=across[len(lanes) // 2],
        bridge=bridge[keep],
    )  # fmt: skip


def _along_reference(lanes: list[Lane]) -> tuple[Array, Array, Array]:
    """Points (k, n, 5), heights and half widths (k, n) with rows and headings along the reference line."""
    points, heights, halves = [], [], []
    for lane in lanes:
        way = 1 if lane.forward else -1
        rows = lane.points[::way].copy()
        if not lane.forward:
            rows[:, 0] = rows[0, 0] - rows[:, 0]
            rows[:, 3] += np.pi
            rows[:, 4] *= -1.0
        points.append(rows)
        heights.append(lane.heights_m[::way])
        halves.append(0.5 * lane.widths_m[::way])
    return np.stack(points), np.stack(heights), np.stack(halves)


def _kept_rows(points: Array, heights: Array, halves: Array, bridge: NDArray[np.bool_], longest_m: float) -> list[int]:
    """Rows such that no lane's chord leaves its course by more than the slack."""
    along_m = points[:, :, 0].max(axis=0)
    count = len(along_m)
    if count < 3:
        return list(range(count))
    side = np.abs(points[:, :, 4]).max(axis=0)
    step_m = np.maximum(np.diff(along_m), 1e-6)
    slopes = np.diff(heights, axis=1) / step_m
    up = np.zeros(count)
    up[1:-1] = np.abs(np.diff(slopes, axis=1) / (0.5 * (step_m[1:] + step_m[:-1]))).max(axis=0)
    widening = np.zeros(count)
    widening[1:-1] = np.abs(np.diff(halves, 2, axis=1)).max(axis=0) / step_m[1:] ** 2
    bent = np.maximum(np.maximum(side, widening) / SIDE_SLACK_M, up / UP_SLACK_M)
    edges = np.flatnonzero(np.diff(bridge.astype(np.int8)) != 0)
    forced = {int(row) + (0 if bridge[row] else 1) for row in edges}  # a bridge's own first and last row
    reach_m = [min(longest_m, sqrt(8.0 / value)) if value > 0.0 else longest_m for value in bent.tolist()]
    keep, room_m = [0], reach_m[0]
    at_m = along_m.tolist()
    for row in range(1, count - 1):
        room_m = min(room_m, reach_m[row])
        if row in forced or at_m[row + 1] - at_m[keep[-1]] > room_m + 1e-6:
            keep.append(row)
            room_m = reach_m[row]
    return [*keep, count - 1]


def _ups(points: Array, heights: Array) -> Array:
    """Normals of a lane's surface, level across the road."""
    slope = np.gradient(heights, points[:, 0])
    steep = 1.0 / np.sqrt(1.0 + slope**2)
    return np.column_stack((-slope * np.cos(points[:, 3]) * steep, -slope * np.sin(points[:, 3]) * steep, steep))
