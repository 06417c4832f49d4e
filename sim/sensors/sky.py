"""The satellites a receiver may hear, what of the map hides them, and the position their ranges give.

Frame: east, north, up about the antenna. A constellation is drawn once per run and stands still: in
a run of minutes satellites move by a few degrees. Buildings, walls and bridges are their fixtures' boxes.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import asin, cos, inf, pi, sin, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.randomness import uniform
from sim.scenery.still import Fixture

# Kinds of fixtures that no satellite is heard through. Foliage weakens a signal without ending it.
SOLID_KINDS = frozenset({"building", "wall", "bridge"})
BOX_COLUMNS = 8  # centre x, y, cos, sin, half length, half width, lower and upper edge
_REACH_M = 300.0  # beyond it a 30 m house stands below 6 degrees: under the elevation mask
_GOLDEN = 0.6180339887498949


def solid_boxes(fixtures: tuple[Fixture, ...]) -> NDArray[np.float64]:
    """(n, BOX_COLUMNS): the fixtures that hide satellites."""
    rows = [
        (f.x_m, f.y_m, cos(f.yaw_rad), sin(f.yaw_rad), 0.5 * f.length_m, 0.5 * f.width_m, f.z_m, f.z_m + f.height_m)
        for f in fixtures
        if f.kind in SOLID_KINDS
    ]
    boxes = np.array(rows, dtype=np.float64).reshape(-1, BOX_COLUMNS)
    boxes.setflags(write=False)
    return boxes


def constellation(key: np.uint64, count: int, mask_rad: float) -> NDArray[np.float64]:
    """(count, 4): unit vector to each satellite and its elevation, evenly strewn over the sky above the mask."""
    turn = float(uniform(key, 0, 0, 1))
    rows = []
    for index in range(count):
        share = (index + float(uniform(key, index, 0, 2))) / count
        up = sin(mask_rad) + (1.0 - sin(mask_rad)) * share
        azimuth = 2.0 * pi * (turn + _GOLDEN * index + 0.05 * float(uniform(key, index, 0, 3)))
        flat = sqrt(1.0 - up * up)
        rows.append((flat * cos(azimuth), flat * sin(azimuth), up, asin(up)))
    sky = np.array(rows, dtype=np.float64).reshape(-1, 4)
    sky.setflags(write=False)
    return sky


@njit(cache=True, error_model="numpy")
def _hit(boxes, row, x, y, z, ux, uy, uz):  # type: ignore[no-untyped-def]
    """Whether a ray from (x, y, z) meets a box."""
    dx, dy = x - boxes[row, 0], y - boxes[row, 1]
    c, s = boxes[row, 2], boxes[row, 3]
    enter, leave = 0.0, inf
    for axis in range(3):
        if axis == 0:
            origin, slope, low, high = dx * c + dy * s, ux * c + uy * s, -boxes[row, 4], boxes[row, 4]
        elif axis == 1:
            origin, slope, low, high = dy * c - dx * s, uy * c - ux * s, -boxes[row, 5], boxes[row, 5]
        else:
            origin, slope, low, high = z, uz, boxes[row, 6], boxes[row, 7]
        if abs(slope) < 1e-12:
            if origin < low or origin > high:
                return False
        else:
            first, last = (low - origin) / slope, (high - origin) / slope
            if first > last:
                first, last = last, first
            enter, leave = max(enter, first), min(leave, last)
    return enter <= leave


@njit(cache=True, error_model="numpy")
def hear(sky, boxes, x, y, z, heard):  # type: ignore[no-untyped-def]
    """Fill `heard` (n,) with 1 for each satellite in direct sight from an antenna at (x, y, z)."""
    heard[:] = 1.0
    for row in range(boxes.shape[0]):
        dx, dy = boxes[row, 0] - x, boxes[row, 1] - y
        reach = _REACH_M + boxes[row, 4] + boxes[row, 5]
        if boxes[row, 7] <= z or dx * dx + dy * dy > reach * reach:
            continue
        for k in range(sky.shape[0]):
            if heard[k] == 1.0 and _hit(boxes, row, x, y, z, sky[k, 0], sky[k, 1], sky[k, 2]):
                heard[k] = 0.0


@njit(cache=True, error_model="numpy")
def _solve(matrix, columns):  # type: ignore[no-untyped-def]
    """Gauss-Jordan elimination in place of the 4 equations in `matrix` (4, columns); False if they are singular."""
    for pivot in range(4):
        best = pivot
        for row in range(pivot + 1, 4):
            if abs(matrix[row, pivot]) > abs(matrix[best, pivot]):
                best = row
        if abs(matrix[best, pivot]) < 1e-9:
            return False
        for column in range(columns):
            matrix[pivot, column], matrix[best, column] = matrix[best, column], matrix[pivot, column]
        scale = 1.0 / matrix[pivot, pivot]
        for column in range(columns):
            matrix[pivot, column] *= scale
        for row in range(4):
            if row != pivot and matrix[row, pivot] != 0.0:
                factor = matrix[row, pivot]
                for column in range(columns):
                    matrix[row, column] -= factor * matrix[pivot, column]
    return True


@njit(cache=True, error_model="numpy")
def position_error(sky, used, errors_m, sigmas_m, matrix, result):  # type: ignore[no-untyped-def]
    """Weighted least squares of the ranges' errors; False if the satellites in use give no position.

    Fills `result` (6,): error east, north, up, then the solver's own sigmas east, north, up. `matrix` is
    (4, 9): the normal equations, their right-hand side and the unit matrix that becomes their inverse.
    """
    matrix[:] = 0.0
    for k in range(sky.shape[0]):
        if used[k] == 0.0:
            continue
        weight = 1.0 / (sigmas_m[k] * sigmas_m[k])
        for i in range(4):
            gi = -sky[k, i] if i < 3 else 1.0
            matrix[i, 4] += weight * gi * errors_m[k]
            for j in range(4):
                gj = -sky[k, j] if j < 3 else 1.0
                matrix[i, j] += weight * gi * gj
    for i in range(4):
        matrix[i, 5 + i] = 1.0
    if not _solve(matrix, 9):
        return False
    for i in range(3):
        result[i] = matrix[i, 4]
        result[3 + i] = sqrt(max(matrix[i, 5 + i], 0.0))
    return True
