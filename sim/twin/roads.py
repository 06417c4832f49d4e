"""Routes as the kernels use them: baked points, looked up by distance, projected onto by position.

World frame, metres and radians. Between points the path is a cubic Hermite curve (position by
tangent, yaw by curvature); beyond its ends it goes straight on.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, sin, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.twin.arrays import (
    ROAD_COLUMNS,
    ROAD_COS,
    ROAD_CURVATURE,
    ROAD_S,
    ROAD_SIN,
    ROAD_SPEED,
    ROAD_X,
    ROAD_Y,
    ROAD_YAW,
)

# How traffic takes curves: lateral acceleration drivers accept, and how they slow for a bend.
# Comfort bound of about 2 m/s2 after Reymond, Kemeny, Droulez, Berthoz 2001 (Human Factors 43-3).
CURVE_LATERAL_MPS2 = 2.0
CURVE_BRAKING_MPS2 = 1.5

_COARSE_STRIDE = 16
EXACT_M = 1e-4  # tolerance of projections that truth shows
ROUGH_M = 1e-2  # tolerance of projections that only traffic uses


def baked(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Route points (n, 5) of s, x, y, yaw, curvature with what the kernels need beside them: (n, 8)."""
    road = np.empty((len(points), ROAD_COLUMNS))
    road[:, :5] = points
    road[:, ROAD_YAW] = np.unwrap(points[:, 3])
    road[:, ROAD_COS] = [cos(yaw_rad) for yaw_rad in road[:, ROAD_YAW].tolist()]
    road[:, ROAD_SIN] = [sin(yaw_rad) for yaw_rad in road[:, ROAD_YAW].tolist()]
    speed_mps = np.sqrt(CURVE_LATERAL_MPS2 / np.maximum(np.abs(points[:, 4]), 1e-6))
    for index in range(len(points) - 2, -1, -1):
        reach_m = points[index + 1, 0] - points[index, 0]
        speed_mps[index] = min(
            speed_mps[index], sqrt(float(speed_mps[index + 1]) ** 2 + 2.0 * CURVE_BRAKING_MPS2 * reach_m)
        )
    road[:, ROAD_SPEED] = speed_mps
    return road


@njit(cache=True, error_model="numpy")
def interval_at(road, first, count, s_m, near):  # type: ignore[no-untyped-def]
    """Index of the point that opens the interval holding `s_m`, walking from `near`."""
    last = first + count - 2
    i = min(max(near, first), last)
    while i < last and s_m >= road[i + 1, ROAD_S]:
        i += 1
    while i > first and s_m < road[i, ROAD_S]:
        i -= 1
    return i


@njit(cache=True, error_model="numpy")
def route_at(road, first, count, s_m, near):  # type: ignore[no-untyped-def]
    """x, y, yaw, curvature of a route at `s_m`, and the index to look from next time."""
    end = first + count - 1
    if s_m < road[first, ROAD_S] or s_m > road[end, ROAD_S]:
        i = first if s_m < road[first, ROAD_S] else end
        over_m = s_m - road[i, ROAD_S]
        x_m = road[i, ROAD_X] + over_m * road[i, ROAD_COS]
        y_m = road[i, ROAD_Y] + over_m * road[i, ROAD_SIN]
        return x_m, y_m, road[i, ROAD_YAW], 0.0, i
    i = interval_at(road, first, count, s_m, near)
    h = road[i + 1, ROAD_S] - road[i, ROAD_S]
    u = (s_m - road[i, ROAD_S]) / h
    v = 1.0 - u
    p1 = u * u * (3.0 - 2.0 * u)
    p0 = 1.0 - p1
    m0 = u * v * v * h
    m1 = -u * u * v * h
    x_m = p0 * road[i, ROAD_X] + p1 * road[i + 1, ROAD_X] + m0 * road[i, ROAD_COS] + m1 * road[i + 1, ROAD_COS]
    y_m = p0 * road[i, ROAD_Y] + p1 * road[i + 1, ROAD_Y] + m0 * road[i, ROAD_SIN] + m1 * road[i + 1, ROAD_SIN]
    k0, k1 = road[i, ROAD_CURVATURE], road[i + 1, ROAD_CURVATURE]
    yaw_rad = p0 * road[i, ROAD_YAW] + p1 * road[i + 1, ROAD_YAW] + m0 * k0 + m1 * k1
    return x_m, y_m, yaw_rad, v * k0 + u * k1, i


@njit(cache=True, error_model="numpy")
def curve_speed_at(road, first, count, s_m, near):  # type: ignore[no-untyped-def]
    """The speed at which traffic passes `s_m`, m/s."""
    i = interval_at(road, first, count, s_m, near)
    u = min(max((s_m - road[i, ROAD_S]) / (road[i + 1, ROAD_S] - road[i, ROAD_S]), 0.0), 1.0)
    return (1.0 - u) * road[i, ROAD_SPEED] + u * road[i + 1, ROAD_SPEED]


@njit(cache=True, error_model="numpy")
def nearest_point(road, first, count, x_m, y_m):  # type: ignore[no-untyped-def]
    """Index of a route point close to a position: every 16th point, then its neighbours."""
    best, best_m2 = first, 1e300
    for i in range(first, first + count, _COARSE_STRIDE):
        d2 = (road[i, ROAD_X] - x_m) ** 2 + (road[i, ROAD_Y] - y_m) ** 2
        if d2 < best_m2:
            best, best_m2 = i, d2
    for i in range(max(first, best - _COARSE_STRIDE), min(first + count, best + _COARSE_STRIDE + 1)):
        d2 = (road[i, ROAD_X] - x_m) ** 2 + (road[i, ROAD_Y] - y_m) ** 2
        if d2 < best_m2:
            best, best_m2 = i, d2
    return best


@njit(cache=True, error_model="numpy")
def curvature_at(road, first, count, s_m, near):  # type: ignore[no-untyped-def]
    """Curvature of a route at `s_m`, and the index to look from next time."""
    if s_m < road[first, ROAD_S] or s_m > road[first + count - 1, ROAD_S]:
        return 0.0, near
    i = interval_at(road, first, count, s_m, near)
    u = (s_m - road[i, ROAD_S]) / (road[i + 1, ROAD_S] - road[i, ROAD_S])
    return (1.0 - u) * road[i, ROAD_CURVATURE] + u * road[i + 1, ROAD_CURVATURE], i


@njit(cache=True, error_model="numpy")
def projected(road, first, count, x_m, y_m, s_guess_m, near, tolerance_m):  # type: ignore[no-untyped-def]
    """s, offset, curvature, yaw of the route at the foot of a position (Newton), and the next `near`.

    The error left in s is about the square of `tolerance_m`, in the offset below that.
    """
    s_m = s_guess_m
    offset_m, curvature, yaw_rad = 0.0, 0.0, 0.0
    for _ in range(12):
        xr, yr, yaw_rad, curvature, near = route_at(road, first, count, s_m, near)
        c, s = cos(yaw_rad), sin(yaw_rad)
        ahead_m = (x_m - xr) * c + (y_m - yr) * s
        offset_m = (y_m - yr) * c - (x_m - xr) * s
        move_m = ahead_m / max(1.0 - curvature * offset_m, 0.2)
        s_m += min(max(move_m, -20.0), 20.0)
        if abs(move_m) < tolerance_m:
            break
    return s_m, offset_m, curvature, yaw_rad, near
