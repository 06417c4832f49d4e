"""Which facet each sample sees: a buffer of facet numbers with inverse depth, on a plane grid of tangents.

Sample (row, column) looks along (1, left, up) with left = left0 - column / across and up likewise. A
sample belongs to the facet whose edges it lies between; two facets with a common edge use the same
edge line, so there is neither gap nor overlap between them. Rows may be drawn in any number of bands.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

NOTHING = -1


@njit(cache=True, error_model="numpy", nogil=True)
def rasterise(pieces, owners, count, first_row, end_row, nearness, ids):  # type: ignore[no-untyped-def]
    """Draw pieces into rows first_row:end_row; the larger inverse depth wins, at equality the earlier piece."""
    width = ids.shape[1]
    for r in range(first_row, end_row):
        for c in range(width):
            nearness[r, c] = np.float32(0.0)
            ids[r, c] = NOTHING
    flat_near, flat_ids = nearness.ravel(), ids.ravel()
    top_row, last_row, right = np.float64(first_row), np.float64(end_row), np.float64(width)
    for k in range(count):
        x0, y0, x1, y1, x2, y2 = pieces[k, 0], pieces[k, 1], pieces[k, 2], pieces[k, 3], pieces[k, 4], pieces[k, 5]
        if y1 < y0 or (y1 == y0 and x1 < x0):
            x0, y0, x1, y1 = x1, y1, x0, y0
        if y2 < y1 or (y2 == y1 and x2 < x1):
            x1, y1, x2, y2 = x2, y2, x1, y1
            if y1 < y0 or (y1 == y0 and x1 < x0):
                x0, y0, x1, y1 = x1, y1, x0, y0
        begin, end = np.ceil(y0), np.ceil(y2)
        if end <= begin or end <= top_row or begin >= last_row:
            continue
        begin, end = max(begin, top_row), min(end, last_row)
        low, high = min(x0, min(x1, x2)), max(x0, max(x1, x2))
        if high <= 0.0 or low > right - 1.0 or np.ceil(low) >= np.ceil(high):
            continue
        whole = (x2 - x0) / (y2 - y0)
        upper = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
        lower = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
        turn = np.ceil(y1)
        long_left = x1 > x0 + (y1 - y0) * whole
        base, across, down = pieces[k, 6], pieces[k, 7], pieces[k, 8]
        step = np.float32(across)
        owner = owners[k]
        for r in range(int(begin), int(end)):
            y = np.float64(r)
            one = x0 + (y - y0) * whole
            two = x0 + (y - y0) * upper if y < turn else x1 + (y - y1) * lower
            if not long_left:
                one, two = two, one
            left, stop = max(np.ceil(one), 0.0), min(np.ceil(two), right)
            if left >= stop:
                continue
            first = int(left)
            start = np.float32(base + down * y + across * left)
            at = np.uint64(r * width + first)  # unsigned: an index that may be negative keeps the loop scalar
            for c in range(np.uint64(int(stop) - first)):
                near = start + step * np.float32(c)
                before, was = flat_near[at + c], flat_ids[at + c]
                nearer = near > before
                flat_near[at + c] = near if nearer else before
                flat_ids[at + c] = owner if nearer else was
