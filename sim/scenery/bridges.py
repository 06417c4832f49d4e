"""Bridges: deck with parapets and soffit, piers that keep clear of what passes below, abutments and wing walls.

Built over a section's rows that a <bridge> of the map covers. World frame, metres.
"""

from dataclasses import dataclass
from math import atan2, ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from sim.road import Road
from sim.scenery.courses import Course
from sim.scenery.mesh import Mesh, placed
from sim.scenery.ribbons import ribbon
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Fixture
from sim.scenery.terrain import Land, heights_of
from sim.scenery.verges import cross_sections, profile_of

Array = NDArray[np.float64]

DECK_M = 1.0  # own: from the road down to the soffit
LEDGE_M = 0.6  # own: from the outer lane's edge to the parapet
PARAPET_M = (0.3, 0.9)  # own: width and height; DIN EN 1317 wants no less beside a restraint system
SPAN_M = 16.0  # own: longest way between piers
PIER_M = 0.8  # own: length of a pier along the road
PIER_RATIO = 0.6  # own: its share of the deck's width
PIER_CLEAR_M = 1.5  # own: from a pier to the edge of a road below
FOOT_M = 1.0  # own: walls and piers reach this far into the land
WING_M = 30.0  # own: how far wing walls reach at most
# The parapet's outline from the lane's edge outwards: distance and height relative to the edge.
OUTLINE = (
    (0.0, 0.0), (LEDGE_M, 0.0), (LEDGE_M, PARAPET_M[1]), (LEDGE_M + PARAPET_M[0], PARAPET_M[1]),
    (LEDGE_M + PARAPET_M[0], -DECK_M),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Deck:
    """The rows of a section that one bridge carries."""

    name: str
    left: Array  # (n, 3) the outer lanes' edges
    right: Array
    leftward: Array  # (n, 2)
    course: Course
    rows: slice


def bridge_meshes(road: Road, courses: tuple[Course, ...], land: Land) -> list[Mesh]:
    """Everything that is built for a map's bridges."""
    meshes = []
    for deck in _decks(road, courses):
        meshes += _shell(deck)
        meshes += _piers(deck, courses, land)
        meshes += _abutments(deck, land)
    return meshes


def bridge_fixtures(road: Road, courses: tuple[Course, ...]) -> tuple[Fixture, ...]:
    """Bridges as boxes, one for each stretch between rows: from the soffit to the parapets' top."""
    found = []
    for deck in _decks(road, courses):
        for i in range(len(deck.left) - 1):
            corners = (deck.left[i], deck.right[i], deck.left[i + 1], deck.right[i + 1])
            x_m, y_m, z_m = (0.25 * sum(float(corner[axis]) for corner in corners) for axis in range(3))
            ahead = deck.left[i + 1] + deck.right[i + 1] - deck.left[i] - deck.right[i]
            wide_m = sqrt(float(((deck.left[i] - deck.right[i])[:2] ** 2).sum())) + 2.0 * OUTLINE[-1][0]
            found.append(Fixture(
                kind="bridge", name=f"{deck.name}_{i:02d}", x_m=x_m, y_m=y_m, z_m=z_m - DECK_M,
                yaw_rad=atan2(float(ahead[1]), float(ahead[0])), length_m=0.5 * sqrt(float((ahead[:2] ** 2).sum())),
                width_m=wide_m, height_m=DECK_M + PARAPET_M[1],
            ))  # fmt: skip
    return tuple(found)


def _decks(road: Road, courses: tuple[Course, ...]) -> list[_Deck]:
    decks = []
    for course in courses:
        for bridge in road.bridges:
            covered = np.flatnonzero((course.stations_m > bridge.from_m - 1.0) & (course.stations_m < bridge.to_m + 1.0)
                                     & course.bridge)  # fmt: skip
            if bridge.road_id == course.road_id and len(covered) > 1:
                rows = slice(int(covered[0]), int(covered[-1]) + 1)
                decks.append(_Deck(name=bridge.name, left=course.left_edge[rows], right=course.right_edge[rows],
                                   leftward=course.leftward[rows], course=course, rows=rows))  # fmt: skip
    return decks


def _outward(edge: Array, leftward: Array, off_m: float, up_m: float) -> Array:
    return np.asarray(edge + np.column_stack((off_m * leftward, np.full(len(edge), up_m))))


def _shell(deck: _Deck) -> list[Mesh]:
    """Ledges, parapets, fascias and the soffit."""
    left = [_outward(deck.left, deck.leftward, off_m, up_m) for off_m, up_m in OUTLINE]
    right = [_outward(deck.right, -deck.leftward, off_m, up_m) for off_m, up_m in OUTLINE]
    meshes = [ribbon(outer, inner, "bridge") for inner, outer in zip(left[:-1], left[1:], strict=True)]
    meshes += [ribbon(inner, outer, "bridge") for inner, outer in zip(right[:-1], right[1:], strict=True)]
    meshes.append(ribbon(right[-1], left[-1], "bridge"))
    for row in (0, -1):  # the parapets' ends
        for edge in (left, right):
            inner, top, outer, bottom = (line[row] for line in edge[1:])
            low = np.array([inner[0], inner[1], bottom[2]])
            meshes.append(_sheet(low, inner, top, outer, bottom))
    return meshes


def _sheet(*corners: Array) -> Mesh:
    """A flat convex polygon seen from both sides."""
    points = [(float(x), float(y), float(z)) for x, y, z in corners]
    return sheet(points, "bridge", both_sides=True)


def _abutments(deck: _Deck, land: Land) -> list[Mesh]:
    """At both ends a wall below the deck, and beside it wing walls that hold the verge."""
    meshes = []
    for row, end in ((0, "first"), (-1, "last")):
        if (deck.rows.start if end == "first" else deck.rows.stop - len(deck.course.stations_m)) == 0:
            continue  # the bridge begins or ends with its section: it runs on
        width_m = OUTLINE[-1][0]
        left = _outward(deck.left, deck.leftward, width_m, 0.0)[row]
        right = _outward(deck.right, -deck.leftward, width_m, 0.0)[row]
        heights, _ = heights_of(land, np.stack((left, right))[:, :2])
        meshes.append(_sheet(_at(left, heights[0] - FOOT_M), _at(right, heights[1] - FOOT_M),
                             right - (0.0, 0.0, DECK_M), left - (0.0, 0.0, DECK_M)))  # fmt: skip
        for edge, side in ((deck.left, 1.0), (deck.right, -1.0)):
            meshes += _wing(edge[row], side * deck.leftward[row], deck.course, land)
    return meshes


def _at(place: Array, height_m: float) -> Array:
    return np.array([place[0], place[1], height_m])


def _wing(edge: Array, outward: Array, course: Course, land: Land) -> list[Mesh]:
    """A wall across the verge's end, from its surface down into the land."""
    tops = cross_sections(edge[None, :], outward[None, :], profile_of(course), land, np.full(1, WING_M))[:, 0]
    heights, _ = heights_of(land, tops[:, :2])
    feet = np.minimum(heights, tops[:, 2] - 0.1) - FOOT_M
    return [
        _sheet(_at(tops[i], feet[i]), _at(tops[i + 1], feet[i + 1]), tops[i + 1], tops[i]) for i in range(len(tops) - 1)
    ]


def _piers(deck: _Deck, courses: tuple[Course, ...], land: Land) -> list[Mesh]:
    """Walls across the road below the deck, where nothing passes."""
    middles = 0.5 * (deck.left + deck.right)
    along_m = np.concatenate(([0.0], np.cumsum(np.sqrt((np.diff(middles[:, :2], axis=0) ** 2).sum(axis=1)))))
    spans = max(1, ceil(float(along_m[-1]) / SPAN_M))
    meshes = []
    for i in range(1, spans):
        at_m = along_m[-1] * i / spans
        x_m, y_m, z_m = (float(np.interp(at_m, along_m, middles[:, axis])) for axis in range(3))
        row = min(int(np.searchsorted(along_m, at_m)), len(middles) - 1)
        across = deck.leftward[row]
        half_m = 0.5 * PIER_RATIO * sqrt(float(((deck.left[row] - deck.right[row])[:2] ** 2).sum()))
        ends = np.array([x_m, y_m]) + np.linspace(-half_m, half_m, 5)[:, None] * across
        if not _clear(ends, z_m, courses):
            continue
        heights, _ = heights_of(land, ends)
        low_m, high_m = float(heights.min()) - FOOT_M - z_m, -DECK_M + 0.05
        pier = box((-0.5 * PIER_M, -half_m, low_m), (0.5 * PIER_M, half_m, high_m), "bridge")
        meshes.append(placed(pier, x_m, y_m, z_m, atan2(-float(across[0]), float(across[1]))))
    return meshes


def _clear(places: Array, deck_m: float, courses: tuple[Course, ...]) -> bool:
    """Whether places keep away from every road that passes below a deck."""
    for course in courses:
        left, right = course.left_edge, course.right_edge
        below = np.minimum(left[:, 2], right[:, 2]) < deck_m - DECK_M
        for i in np.flatnonzero(below[:-1] & below[1:]).tolist():
            middle, step = 0.5 * (left[i] + right[i])[:2], 0.5 * (left[i + 1] + right[i + 1] - left[i] - right[i])[:2]
            half_m = 0.5 * sqrt(float(((left[i] - right[i])[:2] ** 2).sum()))
            share = np.clip(((places - middle) @ step) / max(float(step @ step), 1e-9), 0.0, 1.0)
            gaps = np.sqrt(((places - middle - share[:, None] * step) ** 2).sum(axis=1)) - half_m
            if float(gaps.min()) < PIER_CLEAR_M:
                return False
    return True
