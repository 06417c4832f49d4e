"""What a wet road mirrors: a coarse picture of the mirror image of everything that stands on it.

For every cell of a few pixels that sees level paving, the mirrored ray is followed through the
visibility buffer until it meets the facet drawn there. The coarse picture is then smeared up and down,
as rough wet asphalt smears it; shading mixes it in by the water film and the angle.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

from sim.camera import facets as fc
from sim.camera import light as lt

CELL_X, CELL_Y = 4, 4
STEPS = 4
SMEAR = 4  # cells up and down, twice: about 3° of a camera of 30° height (own)
_ZERO, _ONE, _TWO = np.float32(0.0), np.float32(1.0), np.float32(2.0)
_OVER_TWO_PI = np.float32(0.5 / np.pi)


@njit(cache=True, error_model="numpy", nogil=True)
def mirror_image(floats, ints, ids, spots, rays, rows, window, light, cells):  # type: ignore[no-untyped-def]
    """Fill `cells` (r, c, 5): radiance of what is mirrored, the share that is a thing (not sky), the share known."""
    height, width = spots.shape
    flat_ids, stride = ids.ravel(), ids.shape[1]
    stride_f, tall_f = np.float32(stride), np.float32(ids.shape[0])
    left0, up0, across, down = window[0], window[1], window[2], window[3]
    up_r, up_g, up_b = (
        light[lt.SKY_UP] * _OVER_TWO_PI,
        light[lt.SKY_UP + 1] * _OVER_TWO_PI,
        light[lt.SKY_UP + 2] * _OVER_TWO_PI,
    )
    low_r, low_g, low_b = (
        light[lt.BOUNCE] * _OVER_TWO_PI,
        light[lt.BOUNCE + 1] * _OVER_TWO_PI,
        light[lt.BOUNCE + 2] * _OVER_TWO_PI,
    )
    sun_r, sun_g, sun_b = (
        light[lt.SUN_LIGHT] * _OVER_TWO_PI,
        light[lt.SUN_LIGHT + 1] * _OVER_TWO_PI,
        light[lt.SUN_LIGHT + 2] * _OVER_TWO_PI,
    )
    for i in range(cells.shape[0]):
        row = min(i * CELL_Y + CELL_Y // 2, height - 1)
        r00, r01, r02 = rows[row, 3], rows[row, 4], rows[row, 5]
        r10, r11, r12 = rows[row, 6], rows[row, 7], rows[row, 8]
        r20, r21, r22 = rows[row, 9], rows[row, 10], rows[row, 11]
        for j in range(cells.shape[1]):
            for c in range(5):
                cells[i, j, c] = _ZERO
            column = min(j * CELL_X + CELL_X // 2, width - 1)
            facet = flat_ids[spots[row, column]]
            if facet < 0 or ints[facet, fc.FLAGS] & fc.PAVED == 0 or floats[facet, fc.NORMAL + 2] < np.float32(0.9):
                continue
            cells[i, j, 4] = _ONE
            left, up = rays[row, column, 0], rays[row, column, 1]
            depth = _ONE / max(
                floats[facet, fc.PLANE] + floats[facet, fc.PLANE + 1] * left + floats[facet, fc.PLANE + 2] * up,
                np.float32(1e-6),
            )
            nx, ny, nz = floats[facet, fc.NORMAL], floats[facet, fc.NORMAL + 1], floats[facet, fc.NORMAL + 2]
            dx, dy, dz = r00 + r01 * left + r02 * up, r10 + r11 * left + r12 * up, r20 + r21 * left + r22 * up
            twice = -_TWO * (nx * dx + ny * dy + nz * dz)
            mx, my, mz = dx + twice * nx, dy + twice * ny, dz + twice * nz
            qx = r00 * mx + r10 * my + r20 * mz
            if qx < np.float32(0.05):
                continue
            qy, qz = r01 * mx + r11 * my + r21 * mz, r02 * mx + r12 * my + r22 * mz
            sx, sy, sz = qx, qy, qz
            hit, reach = -1, _ZERO
            for _ in range(STEPS):
                shrink = _ONE / sx
                u, v = sy * shrink, sz * shrink
                x, y = (left0 - u) * across, (up0 - v) * down
                if x < _ZERO or x >= stride_f or y >= tall_f:
                    hit = -1
                    break
                y = max(y, _ZERO)  # what reaches the picture's upper edge goes on above it
                hit = flat_ids[int(y) * stride + int(x)]
                if hit < 0:
                    break
                reach = _ONE / max(
                    floats[hit, fc.PLANE] + floats[hit, fc.PLANE + 1] * u + floats[hit, fc.PLANE + 2] * v,
                    np.float32(1e-6),
                )
                t = max(reach - depth, _ZERO) / qx
                sx, sy, sz = depth + t * qx, depth * left + t * qy, depth * up + t * qz
            if hit < 0 or ints[hit, fc.FLAGS] & fc.GROUND != 0 or abs(sx - reach) > np.float32(0.25) * reach:
                continue
            rise, fall = _ONE + floats[hit, fc.NORMAL + 2], _ONE - floats[hit, fc.NORMAL + 2]
            square = (
                floats[hit, fc.NORMAL] * light[lt.SUN]
                + floats[hit, fc.NORMAL + 1] * light[lt.SUN + 1]
                + floats[hit, fc.NORMAL + 2] * light[lt.SUN + 2]
            )
            square = max(square, _ZERO) * np.float32(1.4)
            cells[i, j, 0] = (
                floats[hit, fc.ALBEDO] * (up_r * rise + low_r * fall + sun_r * square) + floats[hit, fc.GLOW]
            )
            cells[i, j, 1] = (
                floats[hit, fc.ALBEDO + 1] * (up_g * rise + low_g * fall + sun_g * square) + floats[hit, fc.GLOW + 1]
            )
            cells[i, j, 2] = (
                floats[hit, fc.ALBEDO + 2] * (up_b * rise + low_b * fall + sun_b * square) + floats[hit, fc.GLOW + 2]
            )
            cells[i, j, 3] = _ONE


@njit(cache=True, error_model="numpy", nogil=True)
def smear(cells, other):  # type: ignore[no-untyped-def]
    """Running means up and down, twice, then shares of what is known."""
    rows, columns = cells.shape[0], cells.shape[1]
    total = np.zeros((columns, 5), dtype=np.float32)
    for turn in range(2):
        source, target = (cells, other) if turn == 0 else (other, cells)
        for j in range(columns):
            for c in range(5):
                total[j, c] = _ZERO
        for i in range(-SMEAR, rows):
            if i + SMEAR < rows:
                for j in range(columns):
                    for c in range(5):
                        total[j, c] += source[i + SMEAR, j, c]
            if i - SMEAR - 1 >= 0:
                for j in range(columns):
                    for c in range(5):
                        total[j, c] -= source[i - SMEAR - 1, j, c]
            if i >= 0:
                for j in range(columns):
                    for c in range(5):
                        target[i, j, c] = max(total[j, c], _ZERO)
    for i in range(rows):
        for j in range(columns):
            known = cells[i, j, 4]
            part = _ONE / known if known > np.float32(1e-3) else _ZERO
            for c in range(4):
                cells[i, j, c] *= part
