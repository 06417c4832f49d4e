"""The floors of junctions: one fan of asphalt below the lanes that cross there, so that nothing shows between.

The lanes themselves overlap in one plane and are of one material, which nothing can tell apart. A floor
also says what is inside a junction, where no verge belongs. World frame, metres.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from sim.scenery.courses import Course, material_of
from sim.scenery.mesh import Mesh
from sim.scenery.ribbons import mesh_of

Array = NDArray[np.float64]

DROP_M = 0.03  # own: a floor lies this far below the lanes
RAYS = 72
REACH_M = 45.0  # own: a larger junction has islands, not a floor
FILL_M = 0.5  # own: lane edges count at points this close


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floor:
    """A junction's floor: its middle, and its rim counter-clockwise, with each rim point's bearing (rising)."""

    middle: Array  # (3,)
    rim: Array  # (r, 3)
    bearings_rad: Array  # (r,)

    def holds(self, places: Array, inside_m: float) -> NDArray[np.bool_]:
        """Which places (p, 2) lie at least so far inside the rim."""
        away = places - self.middle[:2]
        reach_m = np.sqrt(((self.rim[:, :2] - self.middle[:2]) ** 2).sum(axis=1))
        bearings = np.arctan2(away[:, 1], away[:, 0])
        rim_m = np.interp(bearings, self.bearings_rad, reach_m, period=2.0 * pi)
        return np.asarray(np.sqrt((away**2).sum(axis=1)) < rim_m - inside_m)


def floors_of(courses: tuple[Course, ...]) -> tuple[Floor, ...]:
    """The floor of every junction that has one."""
    junctions: dict[str, list[Array]] = {}
    for course in courses:
        for k, lane in enumerate(course.lanes):
            if course.junction_id and material_of(lane) in ("asphalt", "shoulder"):
                junctions.setdefault(course.junction_id, []).extend((course.lefts[k], course.rights[k]))
    return tuple(floor for lines in junctions.values() if (floor := _floor(lines)) is not None)


def floor_mesh(floor: Floor) -> Mesh:
    """A fan about the middle."""
    vertices = np.concatenate((floor.middle[None, :], floor.rim))
    here = np.arange(1, len(vertices))
    triangles = np.column_stack((np.zeros_like(here), here, np.roll(here, -1)))
    return mesh_of(vertices, np.tile((0.0, 0.0, 1.0), (len(vertices), 1)), triangles, "asphalt")


def _floor(lines: list[Array]) -> Floor | None:
    """Out to the farthest lane edge in each direction."""
    ends = np.concatenate([line[[0, -1]] for line in lines])
    centre = 0.5 * (ends.min(axis=0) + ends.max(axis=0))
    dense = np.concatenate([_filled(line) for line in lines])
    away = dense[:, :2] - centre[:2]
    far_m = np.sqrt((away**2).sum(axis=1))
    if far_m.max() > REACH_M:
        return None
    bearings = np.arctan2(away[:, 1], away[:, 0])
    rays = np.floor((bearings + pi) / (2.0 * pi) * RAYS).astype(np.int64) % RAYS
    order = np.lexsort((far_m, rays))
    farthest = order[np.flatnonzero(np.diff(np.concatenate((rays[order], [RAYS]))) != 0)]
    if len(farthest) < 3:
        return None
    rim = dense[farthest] - (0.0, 0.0, DROP_M)
    middle = np.array([centre[0], centre[1], float(dense[np.argmin(far_m), 2]) - DROP_M])
    return Floor(middle=middle, rim=rim, bearings_rad=bearings[farthest])


def _filled(line: Array) -> Array:
    """A line of points with more between them."""
    longest_m = float(np.sqrt((np.diff(line[:, :2], axis=0) ** 2).sum(axis=1)).max())
    parts = int(longest_m / FILL_M) + 1
    at = np.linspace(0.0, len(line) - 1.0, (len(line) - 1) * parts + 1)
    return np.column_stack([np.interp(at, np.arange(len(line)), column) for column in line.T])
