"""Straight lines through meshes, along an axis: what they cross, from which side. For tests of skins."""

import numpy as np


def crossings(mesh, axis, lines):
    """For each line parallel to `axis` through (n, 2) points of the other two axes: sorted (place, side, triangle).

    Side is 1 where the line, looking along the axis from its negative end, meets a front face.
    """
    others = [(axis + 1) % 3, (axis + 2) % 3]
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    flat = corners[:, :, others]
    a, b, c = flat[:, 0], flat[:, 1], flat[:, 2]
    double = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    facing = np.abs(double) > 1e-12
    safe = np.where(facing, double, 1.0)
    found = []
    for point in lines:
        v = ((point[0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (point[1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / safe
        w = ((b[:, 0] - a[:, 0]) * (point[1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (point[0] - a[:, 0])) / safe
        hit = np.flatnonzero(facing & (v > 0.0) & (w > 0.0) & (v + w < 1.0))
        depths = corners[:, :, axis]
        places = (
            depths[hit, 0] + v[hit] * (depths[hit, 1] - depths[hit, 0]) + w[hit] * (depths[hit, 2] - depths[hit, 0])
        )
        sides = np.where(double[hit] < 0.0, 1, -1)
        found.append(sorted(zip(places.tolist(), sides.tolist(), hit.tolist(), strict=True)))
    return found


def lines_through(mesh, axis, count, seed=0):
    """Points of a grid over the mesh's outline across an axis, shifted off every round number."""
    others = [(axis + 1) % 3, (axis + 2) % 3]
    low, high = mesh.vertices[:, others].min(axis=0), mesh.vertices[:, others].max(axis=0)
    return low + np.random.default_rng(seed).uniform(0.0031, 0.9973, (count, 2)) * (high - low)
