"""Halos: the glare that very bright things (the sun, lamps by night) throw over their neighbourhood.

Light above a threshold is gathered in cells of eight by eight pixels, spread on three scales and added
back: the share and spread of a good lens with some dust; fog and rain scatter more. Without anything
bright the picture stays as it is.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

CELL = 8
_ZERO = np.float32(0.0)


@njit(cache=True, error_model="numpy", nogil=True)
def _halved(fine, coarse):  # type: ignore[no-untyped-def]
    """Means of two by two cells."""
    rows, columns = fine.shape[0], fine.shape[1]
    for r in range(coarse.shape[0]):
        r0, r1 = 2 * r, min(2 * r + 1, rows - 1)
        for c in range(coarse.shape[1]):
            c0, c1 = 2 * c, min(2 * c + 1, columns - 1)
            for k in range(3):
                total = fine[r0, c0, k] + fine[r0, c1, k] + fine[r1, c0, k] + fine[r1, c1, k]
                coarse[r, c, k] = np.float32(0.25) * total


@njit(cache=True, error_model="numpy", nogil=True)
def _softened(cells, other):  # type: ignore[no-untyped-def]
    """Spread over neighbours twice by 1 4 6 4 1 in both directions; nothing lies beyond the border."""
    rows, columns = cells.shape[0], cells.shape[1]
    for _ in range(2):
        for r in range(rows):
            for c in range(columns):
                for k in range(3):
                    total = np.float32(6.0) * cells[r, c, k]
                    if c > 0:
                        total += np.float32(4.0) * cells[r, c - 1, k]
                    if c > 1:
                        total += cells[r, c - 2, k]
                    if c < columns - 1:
                        total += np.float32(4.0) * cells[r, c + 1, k]
                    if c < columns - 2:
                        total += cells[r, c + 2, k]
                    other[r, c, k] = total * np.float32(0.0625)
        for r in range(rows):
            for c in range(columns):
                for k in range(3):
                    total = np.float32(6.0) * other[r, c, k]
                    if r > 0:
                        total += np.float32(4.0) * other[r - 1, c, k]
                    if r > 1:
                        total += other[r - 2, c, k]
                    if r < rows - 1:
                        total += np.float32(4.0) * other[r + 1, c, k]
                    if r < rows - 2:
                        total += other[r + 2, c, k]
                    cells[r, c, k] = total * np.float32(0.0625)


@njit(cache=True, error_model="numpy", nogil=True)
def _raised(coarse, fine, weight):  # type: ignore[no-untyped-def]
    """Add a coarser level to a finer one, between its cells in straight lines."""
    rows, columns = coarse.shape[0], coarse.shape[1]
    for r in range(fine.shape[0]):
        y = min(max((r + 0.5) * 0.5 - 0.5, 0.0), rows - 1.0)
        r0 = int(y)
        r1, fy = min(r0 + 1, rows - 1), np.float32(y - r0)
        for c in range(fine.shape[1]):
            x = min(max((c + 0.5) * 0.5 - 0.5, 0.0), columns - 1.0)
            c0 = int(x)
            c1, fx = min(c0 + 1, columns - 1), np.float32(x - c0)
            for k in range(3):
                one = coarse[r0, c0, k] + fx * (coarse[r0, c1, k] - coarse[r0, c0, k])
                two = coarse[r1, c0, k] + fx * (coarse[r1, c1, k] - coarse[r1, c0, k])
                fine[r, c, k] += weight * (one + fy * (two - one))


@njit(cache=True, error_model="numpy", nogil=True)
def _added(cells, radiance):  # type: ignore[no-untyped-def]
    """Add the halo to the picture."""
    rows, columns = cells.shape[0], cells.shape[1]
    height, width = radiance.shape[0], radiance.shape[1]
    line = np.zeros((columns, 3), dtype=np.float32)
    for row in range(height):
        y = min(max((row + 0.5) / CELL - 0.5, 0.0), rows - 1.0)
        r0 = int(y)
        r1, fy = min(r0 + 1, rows - 1), np.float32(y - r0)
        top = _ZERO
        for c in range(columns):
            for k in range(3):
                line[c, k] = cells[r0, c, k] + fy * (cells[r1, c, k] - cells[r0, c, k])
                top = max(top, line[c, k])
        if top == _ZERO:
            continue
        for c in range(columns):
            after = min(c + 1, columns - 1)
            first, end = c * CELL + CELL // 2, min((c + 1) * CELL + CELL // 2, width)
            if c == 0:
                for column in range(0, first):
                    for k in range(3):
                        radiance[row, column, k] += line[0, k]
            d0 = (line[after, 0] - line[c, 0]) * np.float32(1.0 / CELL)
            d1 = (line[after, 1] - line[c, 1]) * np.float32(1.0 / CELL)
            d2 = (line[after, 2] - line[c, 2]) * np.float32(1.0 / CELL)
            for column in range(first, end):
                f = np.float32(column - first) + np.float32(0.5)
                radiance[row, column, 0] += line[c, 0] + f * d0
                radiance[row, column, 1] += line[c, 1] + f * d1
                radiance[row, column, 2] += line[c, 2] + f * d2


@njit(cache=True, error_model="numpy", nogil=True)
def add_glare(radiance, threshold, share):  # type: ignore[no-untyped-def]
    """Spread `share` of all light above `threshold` (cd/m²) about its source."""
    height, width = radiance.shape[0], radiance.shape[1]
    rows, columns = (height + CELL - 1) // CELL, (width + CELL - 1) // CELL
    limit, bright = np.float32(threshold), False
    for row in range(height):
        top = _ZERO
        for column in range(width):
            top = max(top, max(radiance[row, column, 0], max(radiance[row, column, 1], radiance[row, column, 2])))
        if top > limit:
            bright = True
            break
    if not bright:
        return
    one = np.zeros((rows, columns, 3), dtype=np.float32)
    for row in range(height):
        for column in range(width):
            r, g, b = radiance[row, column, 0], radiance[row, column, 1], radiance[row, column, 2]
            if max(r, max(g, b)) > limit:
                keep = np.float32(1.0 / (CELL * CELL)) * (np.float32(1.0) - limit / max(r, max(g, b)))
                one[row // CELL, column // CELL, 0] += r * keep
                one[row // CELL, column // CELL, 1] += g * keep
                one[row // CELL, column // CELL, 2] += b * keep
    two = np.zeros(((rows + 1) // 2, (columns + 1) // 2, 3), dtype=np.float32)
    three = np.zeros(((two.shape[0] + 1) // 2, (two.shape[1] + 1) // 2, 3), dtype=np.float32)
    four = np.zeros(((three.shape[0] + 1) // 2, (three.shape[1] + 1) // 2, 3), dtype=np.float32)
    _halved(one, two)
    _halved(two, three)
    _halved(three, four)
    _softened(one, np.empty_like(one))
    _softened(two, np.empty_like(two))
    _softened(three, np.empty_like(three))
    _softened(four, np.empty_like(four))
    _raised(four, three, np.float32(0.9))
    _raised(three, two, np.float32(0.7))
    for r in range(rows):
        for c in range(columns):
            for k in range(3):
                one[r, c, k] *= np.float32(0.55)
    _raised(two, one, np.float32(0.7))
    part = np.float32(share)
    for r in range(rows):
        for c in range(columns):
            for k in range(3):
                one[r, c, k] *= part
    _added(one, radiance)
