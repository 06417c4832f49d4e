"""Where people walk on a map: sidewalks, crosswalks and what joins them, roads to be crossed, green beside them.

Made from lanes alone, so every map has it. On a map without a single sidewalk people walk on shoulders, and
on one without shoulders on a strip beside the road. World frame, metres; patches are convex and do not cover
one another. Sidewalks keep a body's width from their edges, as far as they are wide enough.
"""

from math import cos, hypot, sin
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.episode.patchwork import Patch, Patchwork, Point, Ring, area_m2, hull
from sim.road import SIDEWALK, Road, RoadObject
from sim.scenery.clearance import is_driven
from sim.scenery.courses import Course, courses_of
from sim.scenery.junctions import DROP_M, Floor, floors_of

Array = NDArray[np.float64]

# CARLA's areas of a navigation mesh; clients choose and price ways by them.
PAVEMENT: Final = 1
CROSSING: Final = 2
ROADWAY: Final = 3
GREEN: Final = 4

WALKED_KINDS: Final = frozenset({SIDEWALK, "walking"})  # OpenDRIVE's words for lanes of pedestrians
SHOULDER_KINDS: Final = frozenset({"shoulder", "border"})
BODY_M: Final = 0.3  # own: radius of a walking person, kept from a sidewalk's edges
INSET_RATIO: Final = 0.2  # own: but not more than this share of the width on either side
STRIP_M: Final = 1.2  # own: two can pass; width of the strip beside roads that have nothing (or less) to walk on
CROSSING_REACH_M: Final = 6.0  # own: a crosswalk is drawn out so far to meet a sidewalk
AHEAD_M: Final = 3.0  # own: and a sidewalk to what lies ahead of its end
INTO_M: Final = 0.2  # own: and so far into it
LOOK_M: Final = 0.1  # own: step of looking along a line
CORNER_M: Final = 20.0  # own: ends of sidewalks at one corner of a junction are closer
RIM_M: Final = 0.5  # own: a junction's floor reaches under what is around it by this
ACROSS_M: Final = 0.3  # own: a sidewalk so far inside a driven lane is a crossing


class End(NamedTuple):
    """The end of a sidewalk: its left and right corner, seen along the outward direction (a unit vector)."""

    left: Point
    right: Point
    outward: tuple[float, float]

    @property
    def middle(self) -> Point:
        """Half-way between the corners."""
        a, b = self.left, self.right
        return (0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1]), 0.5 * (a[2] + b[2]))


def walkways_of(road: Road) -> list[Patch]:
    """The patches people may stand on, by CARLA's areas."""
    courses = courses_of(road)
    walked = _walked_kinds(road)
    driven = _driven(courses)
    laid = Patchwork()
    if walked:
        ends = _lay_sidewalks(laid, courses, walked, driven)
        _join_ends(laid, ends, driven)
    for thing in road.objects:
        if thing.kind == "crosswalk":
            _lay_crosswalk(laid, thing)
    for floor in floors_of(courses):
        for ring in _floor_rings(floor):
            laid.lay(ring, ROADWAY)
    _lay_rest(laid, courses, walked)
    if not walked:
        _lay_strips(laid, courses)
    return laid.patches


def _walked_kinds(road: Road) -> frozenset[str]:
    """The kinds of lanes that are sidewalks on this map; none at all on some."""
    there = {lane.kind for lane in road.lanes}
    return next((kinds for kinds in (WALKED_KINDS, SHOULDER_KINDS) if kinds & there), frozenset())


def _driven(courses: tuple[Course, ...]) -> Patchwork:
    """Every driven lane, whole: to ask what is road. They cover one another, which does not matter here."""
    driven = Patchwork()
    for course in courses:
        for k, lane in enumerate(course.lanes):
            if is_driven(lane.kind):
                for ring in _rows(course.lefts[k], course.rights[k]):
                    driven.add(ring, ROADWAY)
    return driven


def _rows(left: Array, right: Array) -> list[Ring]:
    """The rings between two edges, row by row along the reference line."""
    lefts: list[Point] = [(x, y, z) for x, y, z in left.tolist()]
    rights: list[Point] = [(x, y, z) for x, y, z in right.tolist()]
    rings = []
    for i in range(1, len(lefts)):
        ring = (lefts[i], lefts[i - 1], rights[i - 1], rights[i])
        rings.append(ring if _is_convex(ring) else hull(ring))
    return rings


def _is_convex(ring: Ring) -> bool:
    """Whether a ring of four turns left at every corner."""
    return all(area_m2((ring[i - 2], ring[i - 1], ring[i])) > 0.0 for i in range(len(ring)))


def _walked_edges(course: Course, k: int) -> tuple[Array, Array]:
    """Left and right edge of what is walked on of a lane; a narrow shoulder goes on beside the road."""
    left, right = course.lefts[k], course.rights[k]
    across = right - left
    wide_m = np.sqrt((across[:, :2] ** 2).sum(axis=1, keepdims=True))
    share = np.minimum(BODY_M / np.maximum(wide_m, 1e-9), INSET_RATIO)
    left, right = left + share * across, right - share * across
    missing_m = STRIP_M - (1.0 - 2.0 * share) * wide_m
    if course.lanes[k].kind in SHOULDER_KINDS and k in (0, len(course.lanes) - 1):
        aside = np.column_stack((course.leftward, np.zeros(len(left)))) * np.maximum(missing_m, 0.0)
        return (left + aside, right) if k == 0 else (left, right - aside)
    return left, right


# Sidewalks.


def _lay_sidewalks(
    laid: Patchwork, courses: tuple[Course, ...], walked: frozenset[str], driven: Patchwork
) -> list[End]:
    """Every sidewalk. Where one leads across driven lanes inside a junction it is a crossing."""
    ends: list[End] = []
    for course in courses:
        for k, lane in enumerate(course.lanes):
            if lane.kind in walked:
                left, right = _walked_edges(course, k)
                for ring in _rows(left, right):
                    crossing = bool(course.junction_id) and _is_on(driven, _middle(ring))
                    laid.lay(ring, CROSSING if crossing else PAVEMENT)
                ends += (_end(left, right, 0, 1), _end(right, left, -1, -2))
    return ends


def _end(left: Array, right: Array, row: int, inward: int) -> End:
    out = (left[row] + right[row] - left[inward] - right[inward])[:2]
    out_x, out_y = (out / max(float(np.hypot(*out)), 1e-9)).tolist()
    a, b = left[row].tolist(), right[row].tolist()
    return End((a[0], a[1], a[2]), (b[0], b[1], b[2]), (out_x, out_y))


def _middle(ring: Ring) -> Point:
    x, y, z = (sum(p[k] for p in ring) / len(ring) for k in range(3))
    return x, y, z


def _is_on(driven: Patchwork, place: Point) -> bool:
    return driven.at(*place, ACROSS_M) is not None


def _join_ends(laid: Patchwork, ends: list[End], driven: Patchwork) -> None:
    """Closes the gaps between sidewalks: on to what lies ahead, else to the nearest end around the corner."""
    loose = [end for end in ends if not _goes_on(laid, end)]
    alone = []
    for end in loose:
        start = _moved(end.middle, end.outward, LOOK_M)
        gap_m = _distance_m(laid, start, end.outward, AHEAD_M)
        if gap_m is not None and _is_clear(driven, start, _moved(start, end.outward, gap_m)):
            far = [_moved(corner, end.outward, LOOK_M + gap_m + INTO_M) for corner in (end.left, end.right)]
            laid.lay(hull((end.left, end.right, *far)), PAVEMENT)
        else:
            alone.append(end)
    for i, j in _pairs(alone, driven):
        outline = hull((alone[i].left, alone[i].right, alone[j].left, alone[j].right))
        for piece in driven.free(outline):
            laid.lay(piece, PAVEMENT)


def _goes_on(laid: Patchwork, end: End) -> bool:
    """Whether there is pavement right behind an end."""
    x, y, z = _moved(end.middle, end.outward, LOOK_M)
    return laid.at(x, y, z) is not None


def _moved(place: Point, way: tuple[float, float], by_m: float) -> Point:
    return place[0] + way[0] * by_m, place[1] + way[1] * by_m, place[2]


def _distance_m(laid: Patchwork, start: Point, way: tuple[float, float], reach_m: float) -> float | None:
    """How far along a line pavement begins."""
    for step in range(int(reach_m / LOOK_M) + 1):
        patch = laid.at(*_moved(start, way, step * LOOK_M))
        if patch is not None and patch.kind == PAVEMENT:
            return step * LOOK_M
    return None


def _is_clear(driven: Patchwork, a: Point, b: Point) -> bool:
    """Whether the straight way between two places leads over no driven lane."""
    count = int(hypot(b[0] - a[0], b[1] - a[1]) / LOOK_M) + 1
    shares = [i / count for i in range(count + 1)]
    return not any(
        _is_on(driven, (a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1]), a[2] + s * (b[2] - a[2]))) for s in shares
    )


def _pairs(ends: list[End], driven: Patchwork) -> list[tuple[int, int]]:
    """Which ends belong together: each to its nearest that it faces and that no road parts it from."""
    near = []
    for i, one in enumerate(ends):
        for j in range(i + 1, len(ends)):
            a, b = one.middle, ends[j].middle
            away_m = hypot(b[0] - a[0], b[1] - a[1])
            faced = (b[0] - a[0]) * one.outward[0] + (b[1] - a[1]) * one.outward[1] > 0.0
            facing = (a[0] - b[0]) * ends[j].outward[0] + (a[1] - b[1]) * ends[j].outward[1] > 0.0
            if away_m < CORNER_M and abs(a[2] - b[2]) < 0.2 * away_m + 0.2 and faced and facing:
                near.append((away_m, i, j))
    taken: set[int] = set()
    pairs = []
    for _, i, j in sorted(near):
        if not {i, j} & taken and _is_clear(driven, ends[i].middle, ends[j].middle):
            taken |= {i, j}
            pairs.append((i, j))
    return pairs


# Crosswalks.


def _lay_crosswalk(laid: Patchwork, thing: RoadObject) -> None:
    """A crosswalk, drawn out to the sidewalks on both sides. It leads along whichever axis meets them sooner."""
    middle = (thing.x_m, thing.y_m, thing.z_m)
    ahead = (cos(thing.yaw_rad), sin(thing.yaw_rad))
    aside = (-ahead[1], ahead[0])
    ways = []
    for way, long_m, wide_m in ((ahead, thing.length_m, thing.width_m), (aside, thing.width_m, thing.length_m)):
        across = (-way[1], way[0])
        reaches = [
            _reach_m(laid, middle, (sign * way[0], sign * way[1]), 0.5 * long_m, across, 0.5 * wide_m)
            for sign in (-1.0, 1.0)
        ]
        gaps_m = [CROSSING_REACH_M if reach is None else reach - 0.5 * long_m for reach in reaches]
        ends = [0.5 * long_m if reach is None else reach for reach in reaches]
        ways.append((sum(gaps_m), -long_m, way, across, 0.5 * wide_m, ends))
    _, _, way, across, half_m, (back_m, ahead_m) = min(ways)
    corners = [(-back_m, -half_m), (ahead_m, -half_m), (ahead_m, half_m), (-back_m, half_m)]
    laid.lay(hull((middle[0] + u * way[0] + v * across[0], middle[1] + u * way[1] + v * across[1], middle[2])
                  for u, v in corners), CROSSING)  # fmt: skip


def _reach_m(
    laid: Patchwork, middle: Point, way: tuple[float, float], from_m: float, across: tuple[float, float], half_m: float
) -> float | None:
    """How far from its middle a crosswalk must reach for its whole end to meet a sidewalk; None: never."""
    found = []
    for share in (-1.0, 0.0, 1.0):
        start = _moved(_moved(middle, across, share * half_m), way, from_m)
        found.append(_distance_m(laid, start, way, CROSSING_REACH_M))
    met = [value for value in found if value is not None]
    return None if found[1] is None else from_m + max(met) + INTO_M


# Roads and green.


def _floor_rings(floor: Floor) -> list[Ring]:
    """A junction's floor as wedges about its middle, reaching a little under what is around it."""
    away = floor.rim - floor.middle
    long_m = np.sqrt((away[:, :2] ** 2).sum(axis=1, keepdims=True))
    rim = floor.middle + away * (1.0 + RIM_M / np.maximum(long_m, 1e-9))
    middle = tuple((floor.middle + (0.0, 0.0, DROP_M)).tolist())
    corners = [(x, y, z + DROP_M) for x, y, z in rim.tolist()]
    return [ring for i in range(len(corners)) if area_m2(ring := (middle, corners[i - 1], corners[i])) > 0.0]


def _lay_rest(laid: Patchwork, courses: tuple[Course, ...], walked: frozenset[str]) -> None:
    """Lanes to cross and to walk beside, and the edges of sidewalks towards the lanes beside them."""
    for course in courses:
        for k, lane in enumerate(course.lanes):
            if lane.kind in walked:
                inner = _walked_edges(course, k)
                if k > 0:
                    _lay_rows(laid, course.lefts[k], inner[0], ROADWAY)
                if k + 1 < len(course.lanes):
                    _lay_rows(laid, inner[1], course.rights[k], ROADWAY)
            else:
                _lay_rows(laid, course.lefts[k], course.rights[k], ROADWAY if is_driven(lane.kind) else GREEN)


def _lay_rows(laid: Patchwork, left: Array, right: Array, kind: int) -> None:
    for ring in _rows(left, right):
        laid.lay(ring, kind)


def _lay_strips(laid: Patchwork, courses: tuple[Course, ...]) -> None:
    """A strip to walk on along both edges of every road."""
    for course in courses:
        out = np.column_stack((course.leftward, np.zeros(len(course.leftward))))
        left, right = course.left_edge, course.right_edge
        _lay_rows(laid, left + BODY_M * out, left, ROADWAY)
        _lay_rows(laid, right, right - BODY_M * out, ROADWAY)
        _lay_rows(laid, left + (BODY_M + STRIP_M) * out, left + BODY_M * out, PAVEMENT)
        _lay_rows(laid, right - BODY_M * out, right - (BODY_M + STRIP_M) * out, PAVEMENT)
