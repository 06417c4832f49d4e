"""Roads as triangles: lanes, kerbs, junction floors, paint, verges, bridges and the land about them.

`road_pieces` is the whole of a map's ground; what stands on it is furniture. `ground_heights` says how
high that ground is at any place. Made once per map (by its digest) and kept. World frame, metres.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.road import SIDEWALK, Road
from sim.scenery.bridges import bridge_fixtures, bridge_meshes
from sim.scenery.courses import RAISED_M, Course, adjacent, courses_of, material_of
from sim.scenery.junctions import floor_mesh, floors_of
from sim.scenery.markings import line_meshes, patch_meshes
from sim.scenery.mesh import Mesh, merged
from sim.scenery.ribbons import ribbon
from sim.scenery.still import Fixture, Piece
from sim.scenery.terrain import OPEN_DROP_M, TOWN_RISE_M, Land, heights_of, land_mesh, land_of
from sim.scenery.verges import OPEN_PROFILE, TOWN_PROFILE, verge_height_m, verge_meshes

Array = NDArray[np.float64]

# How far away things of the ground are drawn (own: where they shrink below a pixel of a 640-pixel picture).
ROAD_REACH_M = 1500.0
KERB_REACH_M = 500.0
MARKING_REACH_M = 350.0
VERGE_REACH_M = 900.0
LAND_REACH_M = 2500.0

KERB_M = 0.12  # a sidewalk above its street, as `sim.road` bakes it where the map gives no height
WIDEST_VERGE_M = 24.0  # own: none reaches farther but on the highest banks
KERB_TOP_M = 0.15  # DIN EN 1340: common kerbstones are 0.12 to 0.18 m wide


@dataclass(frozen=True, slots=True)
class _Key:
    """A map for the cache: alike by digest."""

    digest: str
    name: str
    road: Road = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """What is kept of one map."""

    pieces: tuple[Piece, ...]
    fixtures: tuple[Fixture, ...]
    courses: tuple[Course, ...]
    land: Land


def road_pieces(road: Road) -> tuple[Piece, ...]:
    """The map's ground as meshes with how far each may be seen."""
    return _ground(_Key(road.digest, road.name, road)).pieces


def road_fixtures(road: Road) -> tuple[Fixture, ...]:
    """What of the ground a radar knows as wholes: bridges."""
    return _ground(_Key(road.digest, road.name, road)).fixtures


def ground_heights(road: Road, places: Array) -> Array:
    """Height of verges and land at places (p, 2) beside the roads; on a road, of its lowest lane."""
    ground = _ground(_Key(road.digest, road.name, road))
    return _standing(ground, np.asarray(places, dtype=np.float64))


@lru_cache(maxsize=8)
def _ground(key: _Key) -> _Ground:
    road = key.road
    courses = courses_of(road)
    land = land_of(road.name, courses)
    floors = floors_of(courses)
    town = any(lane.kind == SIDEWALK for lane in road.lanes)
    groups = (
        (lane_meshes(courses) + [floor_mesh(floor) for floor in floors], ROAD_REACH_M),
        (kerb_meshes(courses), KERB_REACH_M),
        (line_meshes(courses) + patch_meshes(road, courses), MARKING_REACH_M),
        (verge_meshes(courses, floors, land), VERGE_REACH_M),
        (bridge_meshes(road, courses, land), ROAD_REACH_M),
        ([land_mesh(land, town)], LAND_REACH_M),
    )
    pieces = tuple(Piece(mesh=merged(*meshes), reach_m=reach_m) for meshes, reach_m in groups if meshes)
    return _Ground(pieces=pieces, fixtures=bridge_fixtures(road, courses), courses=courses, land=land)


def lane_meshes(courses: tuple[Course, ...]) -> list[Mesh]:
    """Every lane's surface; a sidewalk's inner edge is kerbstone."""
    meshes = []
    for course in courses:
        for k, lane in enumerate(course.lanes):
            left, right, up = course.lefts[k], course.rights[k], course.ups[k]
            material = material_of(lane)
            if _raised_beside(course, k, k - 1):
                stone = left + _inward(left, right)
                meshes.append(ribbon(left, stone, "kerb", up))
                left = stone
            if _raised_beside(course, k, k + 1):
                stone = right + _inward(right, left)
                meshes.append(ribbon(stone, right, "kerb", up))
                right = stone
            meshes.append(ribbon(left, right, material, up))
    return meshes


def _inward(edge: Array, other: Array) -> Array:
    """The kerbstone's top, from one edge of a lane towards the other."""
    across = other - edge
    wide_m = np.sqrt((across**2).sum(axis=1, keepdims=True))
    return np.asarray(across * np.minimum(KERB_TOP_M / np.maximum(wide_m, 1e-9), 0.5))


def _raised_beside(course: Course, k: int, other: int) -> bool:
    """Whether lane k stands above the lane beside it."""
    if not 0 <= other < len(course.lanes) or not adjacent(*(course.lanes[i] for i in sorted((k, other)))):
        return False
    mine, theirs = (course.lefts[k], course.rights[other]) if other < k else (course.rights[k], course.lefts[other])
    return bool((mine[:, 2] - theirs[:, 2]).max() > RAISED_M)


def kerb_meshes(courses: tuple[Course, ...]) -> list[Mesh]:
    """The upright faces between neighbouring lanes of different height."""
    meshes = []
    for course in courses:
        for k in range(len(course.lanes) - 1):
            if _raised_beside(course, k, k + 1) or _raised_beside(course, k + 1, k):
                meshes.append(ribbon(course.rights[k], course.lefts[k + 1], "kerb"))  # faces the lower one
    return meshes


def _standing(ground: _Ground, places: Array) -> Array:
    """The land's height, or the verge's where one lies over it."""
    heights, gaps = heights_of(ground.land, places)
    discs = ground.land.discs[~np.isnan(ground.land.discs[:, 4])]
    for index in np.flatnonzero(gaps < WIDEST_VERGE_M).tolist():
        away = np.maximum(np.sqrt(((discs[:, :2] - places[index]) ** 2).sum(axis=1)) - discs[:, 2], 0.0)
        near = int(np.argmin(away))
        town = discs[near, 4] > discs[near, 3] + 1e-9
        edge_m = float(discs[near, 4]) + (KERB_M - TOWN_RISE_M if town else OPEN_DROP_M)
        profile = TOWN_PROFILE if town else OPEN_PROFILE
        heights[index] = verge_height_m(profile, float(away[near]), edge_m, float(heights[index]))
    return heights
