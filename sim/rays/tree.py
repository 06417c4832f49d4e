# ruff: noqa: ANN001, ANN201, ANN202
"""A bounding-volume tree over triangles, and the nearest front face a ray meets in it.

Corners are float32 as meshes hold them; rays and everything computed are float64. A ray meets a
triangle by the signs of its three edge volumes, taken from the ray's origin: two triangles that share
two corners agree to the bit about the edge between them, so no ray slips through a closed surface.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

STACK = 96  # deepest walk: DEEPEST levels by cost, then halving (2**32 triangles), with room to spare
_LEAF = 4  # triangles that are not worth another split
_BINS = 16
_DEEPEST = 48
_SURELY = 1.0 + 1e-12  # a ray along a box's face counts as meeting it in spite of rounding


class Tree(NamedTuple):
    """A tree as arrays for kernels. Node 0 is the root; a triangle's corners lie in leaf order.

    `links[k]` of an inner node is (left child, 0), its right child following the left; of a leaf it is
    (first triangle in leaf order, how many).
    """

    boxes: Any  # (nodes, 6) float32: low x, y, z, high x, y, z
    links: Any  # (nodes, 2) int32
    corners: Any  # (t, 9) float32: three corners
    rows: Any  # (t,) int32: row of the triangle as it was given


def build(vertices: NDArray[np.float32], triangles: NDArray[np.int32]) -> Tree:
    """The tree of these triangles; `vertices` is (v, 3), `triangles` (t, 3) rows of vertices."""
    corners = np.ascontiguousarray(vertices, dtype=np.float32)[triangles].reshape(-1, 9)
    count = len(corners)
    order = np.arange(count, dtype=np.int32)
    boxes = np.zeros((max(1, 2 * count), 6), dtype=np.float32)
    links = np.zeros((max(1, 2 * count), 2), dtype=np.int32)
    nodes = _split(corners, order, boxes, links)
    tree = Tree(boxes=boxes[:nodes].copy(), links=links[:nodes].copy(), corners=corners[order], rows=order)
    for array in tree:
        array.setflags(write=False)
    return tree


@njit(cache=True, error_model="numpy")
def _split(corners, order, boxes, links):  # type: ignore[no-untyped-def]
    """Fill nodes and order by the surface-area heuristic over bins; returns the number of nodes."""
    count = corners.shape[0]
    low, high = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    for t in range(count):
        for k in range(3):
            low[t, k] = min(corners[t, k], corners[t, 3 + k], corners[t, 6 + k])
            high[t, k] = max(corners[t, k], corners[t, 3 + k], corners[t, 6 + k])
    tasks = np.empty((4 * STACK, 4), np.int64)  # node, begin, end, depth
    tasks[0, 0], tasks[0, 1], tasks[0, 2], tasks[0, 3] = 0, 0, count, 0
    waiting, nodes = 1, 1
    bin_low, bin_high = np.empty((_BINS, 3), np.float64), np.empty((_BINS, 3), np.float64)
    bin_count, right_area = np.empty(_BINS, np.int64), np.empty(_BINS, np.float64)
    grow_low, grow_high = np.empty(3, np.float64), np.empty(3, np.float64)
    while waiting > 0:
        waiting -= 1
        node, begin, end, depth = tasks[waiting, 0], tasks[waiting, 1], tasks[waiting, 2], tasks[waiting, 3]
        for k in range(3):
            lo, hi = np.float32(np.inf), np.float32(-np.inf)
            for i in range(begin, end):
                lo, hi = min(lo, low[order[i], k]), max(hi, high[order[i], k])
            boxes[node, k], boxes[node, 3 + k] = lo, hi
        if end - begin <= _LEAF:
            links[node, 0], links[node, 1] = begin, end - begin
            continue
        best_cost, best_axis, best_bin, best_from, best_scale = np.inf, -1, 0, 0.0, 0.0
        for k in range(3):
            if depth >= _DEEPEST:
                break
            centre_low, centre_high = np.inf, -np.inf
            for i in range(begin, end):
                centre = np.float64(low[order[i], k]) + np.float64(high[order[i], k])
                centre_low, centre_high = min(centre_low, centre), max(centre_high, centre)
            if not centre_high > centre_low:
                continue
            scale = _BINS * 0.999999 / (centre_high - centre_low)
            bin_low[:], bin_high[:], bin_count[:] = np.inf, -np.inf, 0
            for i in range(begin, end):
                t = order[i]
                b = int((np.float64(low[t, k]) + np.float64(high[t, k]) - centre_low) * scale)
                bin_count[b] += 1
                for m in range(3):
                    bin_low[b, m] = min(bin_low[b, m], low[t, m])
                    bin_high[b, m] = max(bin_high[b, m], high[t, m])
            grow_low[:], grow_high[:] = np.inf, -np.inf
            for b in range(_BINS - 1, 0, -1):
                for m in range(3):
                    grow_low[m] = min(grow_low[m], bin_low[b, m])
                    grow_high[m] = max(grow_high[m], bin_high[b, m])
                x, y, z = grow_high[0] - grow_low[0], grow_high[1] - grow_low[1], grow_high[2] - grow_low[2]
                right_area[b] = x * y + y * z + z * x
            grow_low[:], grow_high[:] = np.inf, -np.inf
            left = 0
            for b in range(_BINS - 1):
                left += bin_count[b]
                for m in range(3):
                    grow_low[m] = min(grow_low[m], bin_low[b, m])
                    grow_high[m] = max(grow_high[m], bin_high[b, m])
                if left == 0 or left == end - begin:
                    continue
                x, y, z = grow_high[0] - grow_low[0], grow_high[1] - grow_low[1], grow_high[2] - grow_low[2]
                cost = left * (x * y + y * z + z * x) + (end - begin - left) * right_area[b + 1]
                if cost < best_cost:
                    best_cost, best_axis, best_bin, best_from, best_scale = cost, k, b, centre_low, scale
        middle = (begin + end) // 2
        if best_axis >= 0:
            i, j = begin, end - 1
            while i <= j:
                t = order[i]
                centre = np.float64(low[t, best_axis]) + np.float64(high[t, best_axis])
                if int((centre - best_from) * best_scale) <= best_bin:
                    i += 1
                else:
                    order[i], order[j] = order[j], order[i]
                    j -= 1
            middle = i
        links[node, 0], links[node, 1] = nodes, 0
        for half in range(2):
            tasks[waiting, 0], tasks[waiting, 3] = nodes + half, depth + 1
            tasks[waiting, 1] = begin if half == 0 else middle
            tasks[waiting, 2] = middle if half == 0 else end
            waiting += 1
        nodes += 2
    return nodes


@njit(cache=True, error_model="numpy")
def nearest_in(boxes, links, corners, root, stack, nears, ox, oy, oz, dx, dy, dz, t_max):  # type: ignore[no-untyped-def]
    """Distance along (dx, dy, dz), in its lengths, and leaf-order row of the first front face; (t_max, -1) if none.

    `stack` (STACK,) int64 and `nears` (STACK,) float64 are the caller's scratch; `root` is the node to begin at.
    """
    best, found = t_max, -1
    ix = 1.0 / (dx if abs(dx) > 1e-300 else 1e-300)
    iy = 1.0 / (dy if abs(dy) > 1e-300 else 1e-300)
    iz = 1.0 / (dz if abs(dz) > 1e-300 else 1e-300)
    stack[0], nears[0] = root, 0.0
    waiting = 1
    while waiting > 0:
        waiting -= 1
        node = stack[waiting]
        if nears[waiting] > best:
            continue
        count = links[node, 1]
        if count > 0:
            start = links[node, 0]
            for t in range(start, start + count):
                ax, ay, az = corners[t, 0] - ox, corners[t, 1] - oy, corners[t, 2] - oz
                bx, by, bz = corners[t, 3] - ox, corners[t, 4] - oy, corners[t, 5] - oz
                cx, cy, cz = corners[t, 6] - ox, corners[t, 7] - oy, corners[t, 8] - oz
                u = dx * (cy * bz - cz * by) + dy * (cz * bx - cx * bz) + dz * (cx * by - cy * bx)
                if u < 0.0:
                    continue
                v = dx * (ay * cz - az * cy) + dy * (az * cx - ax * cz) + dz * (ax * cy - ay * cx)
                if v < 0.0:
                    continue
                w = dx * (by * az - bz * ay) + dy * (bz * ax - bx * az) + dz * (bx * ay - by * ax)
                if w < 0.0 or not u + v + w > 0.0:
                    continue
                ex, ey, ez = bx - ax, by - ay, bz - az
                fx, fy, fz = cx - ax, cy - ay, cz - az
                nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
                against = nx * dx + ny * dy + nz * dz
                if not against < 0.0:
                    continue
                distance = (nx * ax + ny * ay + nz * az) / against
                if 0.0 <= distance < best:
                    best, found = distance, t
            continue
        if links[node, 0] == 0:
            continue  # a tree of nothing
        child = links[node, 0]
        nears_0 = nears_1 = np.inf
        for half in range(2):
            k = child + half
            t0, t1 = (boxes[k, 0] - ox) * ix, (boxes[k, 3] - ox) * ix
            near, far = min(t0, t1), max(t0, t1)
            t0, t1 = (boxes[k, 1] - oy) * iy, (boxes[k, 4] - oy) * iy
            near, far = max(near, min(t0, t1)), min(far, max(t0, t1))
            t0, t1 = (boxes[k, 2] - oz) * iz, (boxes[k, 5] - oz) * iz
            near, far = max(near, min(t0, t1)), min(far, max(t0, t1))
            if far >= 0.0 and near <= far * _SURELY + 1e-12 and near <= best:
                if half == 0:
                    nears_0 = near
                else:
                    nears_1 = near
        first, second = child, child + 1
        if nears_1 < nears_0:
            first, second = second, first
            nears_0, nears_1 = nears_1, nears_0
        if nears_1 < np.inf:
            stack[waiting], nears[waiting] = second, nears_1
            waiting += 1
        if nears_0 < np.inf:
            stack[waiting], nears[waiting] = first, nears_0
            waiting += 1
    return best, found


@njit(cache=True, error_model="numpy")
def nearest_hit(tree, ox, oy, oz, dx, dy, dz, t_max):  # type: ignore[no-untyped-def]
    """Distance along the ray, in lengths of (dx, dy, dz), and row of the first front face; (t_max, -1) if none."""
    stack, nears = np.empty(STACK, np.int64), np.empty(STACK, np.float64)
    best, found = nearest_in(tree.boxes, tree.links, tree.corners, 0, stack, nears, ox, oy, oz, dx, dy, dz, t_max)
    return best, (tree.rows[found] if found >= 0 else -1)
