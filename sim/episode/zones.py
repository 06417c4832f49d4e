"""Patches of another friction (CARLA's friction triggers): boxes whose tyres' friction replaces a vehicle's own."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, sin
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.episode.bodies import CG_AHEAD, GRIPPED, TOP, YAW, ZONE_GRIP, X, Y, Z
from sim.episode.scene import Pose

ZONE_X, ZONE_Y, ZONE_COS, ZONE_SIN, ZONE_LENGTH, ZONE_WIDTH, ZONE_LOW, ZONE_HIGH, GRIP = range(9)
ZONE_COLUMNS: Final = 9  # length and width are halves


def zone_of(pose: Pose, half_m: tuple[float, float, float], grip: float) -> NDArray[np.float64]:
    """A box about a pose, turned by its yaw, with the friction that holds in it."""
    c, s = cos(pose.yaw_rad), sin(pose.yaw_rad)
    length, width, height = (min(abs(float(one)), 1e6) for one in half_m)
    return np.array([pose.x_m, pose.y_m, c, s, length, width, pose.z_m - height, pose.z_m + height, grip])


@njit(cache=True, error_model="numpy")
def enter(body, flags, zones, i):  # type: ignore[no-untyped-def]
    """Note which friction holds for vehicle `i`: the last zone's that its centre of gravity is in, or its own."""
    flags[i, GRIPPED] = 0
    cg = body[i, CG_AHEAD]
    x, y = body[i, X] + cg * cos(body[i, YAW]), body[i, Y] + cg * sin(body[i, YAW])
    for k in range(len(zones)):
        dx, dy = x - zones[k, ZONE_X], y - zones[k, ZONE_Y]
        c, s = zones[k, ZONE_COS], zones[k, ZONE_SIN]
        if abs(c * dx + s * dy) > zones[k, ZONE_LENGTH] or abs(c * dy - s * dx) > zones[k, ZONE_WIDTH]:
            continue
        if body[i, Z] > zones[k, ZONE_HIGH] or body[i, Z] + body[i, TOP] < zones[k, ZONE_LOW]:
            continue
        flags[i, GRIPPED] = 1
        body[i, ZONE_GRIP] = zones[k, GRIP]
