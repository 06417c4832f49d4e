"""The crosswalks of a map as areas on the ground. World frame after ISO 8855, metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.road import Road

KIND = "crosswalk"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crosswalk:
    """One crossing. `corners` is (4, 3), read-only, counter-clockwise seen from above."""

    name: str
    corners: NDArray[np.float64]


def crosswalks_of(road: Road) -> tuple[Crosswalk, ...]:
    """All crosswalks that a map names with a size."""
    made = []
    for thing in road.objects:
        if thing.kind != KIND or thing.length_m <= 0.0 or thing.width_m <= 0.0:
            continue
        c, s = np.cos(thing.yaw_rad), np.sin(thing.yaw_rad)
        local = 0.5 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (thing.length_m, thing.width_m)
        corners = np.column_stack(
            (
                thing.x_m + c * local[:, 0] - s * local[:, 1],
                thing.y_m + s * local[:, 0] + c * local[:, 1],
                thing.z_m - np.tan(thing.pitch_rad) * local[:, 0],
            )
        )
        corners.flags.writeable = False
        made.append(Crosswalk(name=thing.name, corners=corners))
    return tuple(made)
