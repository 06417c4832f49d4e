"""A map's still world without surroundings: for maps too large for them, or whose surroundings cannot be made.

Roads with kerbs and paint, junction floors, and level land far around, so that nobody falls off the world.
World frame, metres.
"""

from typing import Final

import numpy as np

from sim.road import Lane, Road
from sim.scenery.courses import courses_of, material_of
from sim.scenery.junctions import floor_mesh, floors_of
from sim.scenery.markings import line_meshes
from sim.scenery.mesh import Mesh, merged
from sim.scenery.ribbons import ribbon
from sim.scenery.still import Piece, Still, tiled
from sim.scenery.surfaces import KERB_REACH_M, LAND_REACH_M, MARKING_REACH_M, ROAD_REACH_M, kerb_meshes, lane_meshes

LAND_DROP_M: Final = 0.3  # own: the land lies this far below the lowest lane
LAND_BEYOND_M: Final = 1000.0  # own
ROW_M: Final = 200.0  # own: side of the land's squares


def still_without_surroundings(road: Road) -> Still:
    """Roads, kerbs, paint, junction floors and level land."""
    courses = courses_of(road)
    groups = (
        (lane_meshes(courses) + [floor_mesh(floor) for floor in floors_of(courses)], ROAD_REACH_M),
        (kerb_meshes(courses), KERB_REACH_M),
        (line_meshes(courses), MARKING_REACH_M),
        (_land(road), LAND_REACH_M),
    )
    return tiled(tuple(Piece(mesh=merged(*meshes), reach_m=reach_m) for meshes, reach_m in groups if meshes))


def still_of_lanes(road: Road) -> Still:
    """Nothing but every lane's surface, and the land."""
    meshes = [*(_surface(lane) for lane in road.lanes), *_land(road)]
    return tiled((Piece(mesh=merged(*meshes), reach_m=ROAD_REACH_M),))


def _surface(lane: Lane) -> Mesh:
    across = 0.5 * lane.widths_m[:, None] * np.column_stack((-np.sin(lane.points[:, 3]), np.cos(lane.points[:, 3])))
    left, right = (np.column_stack((lane.points[:, 1:3] + side * across, lane.heights_m)) for side in (1.0, -1.0))
    return ribbon(left, right, material_of(lane))


def _land(road: Road) -> list[Mesh]:
    """Level land as bands from west to east, below all lanes."""
    places = np.concatenate([lane.points[:, 1:3] for lane in road.lanes])
    (west, south), (east, north) = places.min(axis=0) - LAND_BEYOND_M, places.max(axis=0) + LAND_BEYOND_M
    height_m = min(float(lane.heights_m.min()) for lane in road.lanes) - LAND_DROP_M
    xs = np.linspace(west, east, max(2, int((east - west) / ROW_M) + 1))
    ys = np.linspace(south, north, max(2, int((north - south) / ROW_M) + 1))
    rows = [np.column_stack((xs, np.full(len(xs), y), np.full(len(xs), height_m))) for y in ys]
    return [ribbon(upper, lower, "grass") for lower, upper in zip(rows[:-1], rows[1:], strict=True)]
