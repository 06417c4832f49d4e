"""What is painted on the road: lane lines on their borders, stop lines, zebra crossings.

Paint lies `LIFT_M` above the asphalt. A line is cut wherever the surface below it has a row of
vertices, so it follows every fold of it. World frame, metres.
"""

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from sim.road import DRIVING, Road, RoadMark
from sim.scenery.courses import Course
from sim.scenery.mesh import Mesh
from sim.scenery.ribbons import quads, unit

Array = NDArray[np.float64]

LIFT_M = 0.006  # own: thick enough to be told from the asphalt, about twice a real marking
STOP_LINE = "294"  # StVO sign number
BAR_M = 0.5  # StVO sign 293: bars and gaps of a crossing are 0.5 m wide
MATERIAL_OF = {"white": "marking", "yellow": "marking_yellow"}

# The lines of a marking, from the lane outwards: (solid or broken, offset in line widths).
LINES: dict[str, tuple[tuple[str, float], ...]] = {
    "solid": (("solid", 0.0),),
    "broken": (("broken", 0.0),),
    "solid solid": (("solid", -1.0), ("solid", 1.0)),
    "solid broken": (("solid", -1.0), ("broken", 1.0)),
    "broken solid": (("broken", -1.0), ("solid", 1.0)),
    "broken broken": (("broken", -1.0), ("broken", 1.0)),
}
DASH_M, GAP_M = 4.0, 8.0  # of a broken line within a pair, whose own pattern the map does not keep


def line_meshes(courses: tuple[Course, ...]) -> list[Mesh]:
    """All lane lines; each border is painted once, for the lane inside of it, the reference line's too."""
    meshes = []
    for course in courses:
        for k, lane in enumerate(course.lanes):
            outer = course.lefts[k] if lane.lane_id > 0 else course.rights[k]
            inner = course.rights[k] if lane.lane_id > 0 else course.lefts[k]
            outward = 1.0 if lane.lane_id > 0 else -1.0
            centre = lane.lane_id == -1 or (lane.lane_id == 1 and all(each.lane_id > 0 for each in course.lanes))
            for mark in lane.marks:
                if mark.side == "right":
                    meshes += _painted(course, k, outer, outward, mark)
                elif centre:
                    meshes += _painted(course, k, inner, -outward, mark)
    return meshes


def _painted(course: Course, k: int, border: Array, outward: float, mark: RoadMark) -> list[Mesh]:
    meshes = []
    for kind, widths in LINES.get(mark.kind, ()):
        pieces = _pieces(course.stations_m, mark, kind)
        if not len(pieces):
            continue
        offset_m = widths * mark.width_m * outward
        ends = []
        for stations_m in pieces.T:
            place, left, up = (_between(course.stations_m, rows, stations_m)
                               for rows in (border, course.leftward, course.ups[k]))  # fmt: skip
            across = np.concatenate((unit(left), np.zeros((len(left), 1))), axis=1)
            place[:, 2] += LIFT_M
            ends.append((place + (offset_m + 0.5 * mark.width_m) * across,
                         place + (offset_m - 0.5 * mark.width_m) * across, unit(up)))  # fmt: skip
        (left_a, right_a, up_a), (left_b, right_b, up_b) = ends
        corners = np.stack((left_a, right_a, right_b, left_b), axis=1)
        meshes.append(quads(corners, np.stack((up_a, up_a, up_b, up_b), axis=1), MATERIAL_OF[mark.colour]))
    return meshes


def _pieces(rows_m: Array, mark: RoadMark, kind: str) -> Array:
    """Stretches (p, 2) of paint, none of which crosses a row."""
    from_m, to_m = max(mark.from_m, float(rows_m[0])), min(mark.to_m, float(rows_m[-1]))
    if to_m - from_m < 1e-6:
        return np.zeros((0, 2))
    inside = rows_m[(rows_m > from_m) & (rows_m < to_m)]
    if kind == "solid":
        cuts = np.concatenate(([from_m], inside, [to_m]))
        return np.column_stack((cuts[:-1], cuts[1:]))
    dash_m, gap_m = (mark.dash_m, mark.gap_m) if mark.dash_m > 0.0 else (DASH_M, GAP_M)
    starts = mark.from_m + np.arange(int((to_m - mark.from_m) / (dash_m + gap_m)) + 1) * (dash_m + gap_m)
    ends = np.minimum(starts + dash_m, to_m)
    cuts = np.unique(np.concatenate((starts, ends, inside, [from_m, to_m])))
    cuts = cuts[(cuts >= from_m) & (cuts <= to_m)]
    middle = 0.5 * (cuts[:-1] + cuts[1:])
    dash = np.clip(np.searchsorted(starts, middle, side="right") - 1, 0, len(starts) - 1)
    painted = (middle > starts[dash]) & (middle < ends[dash]) & (np.diff(cuts) > 0.01)
    return np.asarray(np.column_stack((cuts[:-1], cuts[1:]))[painted])


def _between(stations_m: Array, values: Array, at_m: Array) -> Array:
    """Rows of values at any stations."""
    return np.column_stack([np.interp(at_m, stations_m, column) for column in values.T])


def patch_meshes(road: Road, courses: tuple[Course, ...]) -> list[Mesh]:
    """Stop lines and zebra crossings."""
    places = []  # x, y, yaw, half along, half across
    for signal in road.signals:
        if signal.kind == STOP_LINE:
            places.append((signal.x_m, signal.y_m, signal.yaw_rad, 0.5 * signal.height_m, 0.5 * signal.width_m))
    for thing in road.objects:
        if thing.kind == "crosswalk":
            bars = max(1, int((thing.width_m + BAR_M) / (2.0 * BAR_M)))
            for bar in range(bars):
                aside_m = (bar - 0.5 * (bars - 1)) * 2.0 * BAR_M
                x_m = thing.x_m - aside_m * sin(thing.yaw_rad)
                y_m = thing.y_m + aside_m * cos(thing.yaw_rad)
                places.append((x_m, y_m, thing.yaw_rad, 0.5 * thing.length_m, 0.5 * BAR_M))
    if not places:
        return []
    return [_patches(np.array(places), _Pavement(courses))]


class _Pavement:
    """The carriageways' surface, as flat across the road and straight between its lanes' rows."""

    def __init__(self, courses: tuple[Course, ...]) -> None:
        every = [(c, k) for c in courses for k in range(len(c.lanes))]
        lanes = [(c, k) for c, k in every if c.lanes[k].kind == DRIVING] or every
        middles = [0.5 * (c.lefts[k] + c.rights[k]) for c, k in lanes]
        self.starts = np.concatenate([middle[:-1] for middle in middles])
        self.steps = np.concatenate([np.diff(middle, axis=0) for middle in middles])
        self.ups = np.concatenate([c.ups[k][:-1] for c, k in lanes])

    def onto(self, places: Array) -> tuple[Array, Array]:
        """Heights and normals of the surface at places (p, 2)."""
        away = places[:, None, :] - self.starts[None, :, :2]
        along = (away * self.steps[:, :2]).sum(axis=2) / (self.steps[:, :2] ** 2).sum(axis=1)
        share = np.clip(along, 0.0, 1.0)
        near = ((away - share[:, :, None] * self.steps[None, :, :2]) ** 2).sum(axis=2).argmin(axis=1)
        rows = np.arange(len(places))
        return self.starts[near, 2] + share[rows, near] * self.steps[near, 2], self.ups[near]


def _patches(places: Array, pavement: _Pavement) -> Mesh:
    x_m, y_m, yaw_rad, along_m, across_m = places.T
    ahead = np.column_stack((np.cos(yaw_rad), np.sin(yaw_rad)))
    left = np.column_stack((-ahead[:, 1], ahead[:, 0]))
    middle = np.column_stack((x_m, y_m))
    corners, normals = [], []
    for u, v in ((-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (1.0, 1.0)):
        at = middle + (u * along_m)[:, None] * ahead + (v * across_m)[:, None] * left
        height_m, up = pavement.onto(at)
        corners.append(np.column_stack((at, height_m + LIFT_M)))
        normals.append(up)
    return quads(np.stack(corners, axis=1), np.stack(normals, axis=1), "marking")
