"""Meshes from long arrays of points: ribbons along a road, loose quadrilaterals, and shared-vertex triangles.

World frame, metres. Still things do not move, so every vertex is part of the body.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import PARTS, Mesh, frozen

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def mesh_of(vertices: Array, normals: Array, triangles: Any, materials: Any) -> Mesh:
    """A mesh from arrays; `materials` is a name for all triangles, or one row of MATERIALS for each."""
    if isinstance(materials, str):
        materials = np.full(len(triangles), MATERIAL[materials])
    return frozen(
        Mesh(
            vertices=np.asarray(vertices, dtype=np.float32).reshape(-1, 3),
            normals=np.asarray(normals, dtype=np.float32).reshape(-1, 3),
            parts=np.zeros(len(vertices), dtype=np.int32),
            triangles=np.asarray(triangles, dtype=np.int32).reshape(-1, 3),
            materials=np.asarray(materials, dtype=np.int32),
            joints=np.zeros((PARTS, 3), dtype=np.float32),
        )
    )


def strip_triangles(columns: int, rows: int) -> Indices:
    """Triangles of a grid of vertices stored column by column; column k lies to the left of column k + 1."""
    left = (np.arange(columns - 1)[:, None] * rows + np.arange(rows - 1)[None, :]).ravel()
    right = left + rows
    return np.concatenate((
        np.column_stack((left, right, right + 1)), np.column_stack((left, right + 1, left + 1)),
    ))  # fmt: skip


def ribbon(left: Array, right: Array, material: str, normals: Array | None = None) -> Mesh:
    """A band between two lines of points (n, 3), seen from where, going along, `left` is on the left.

    Without `normals` (n, 3) each vertex takes its own from the two lines.
    """
    if normals is None:
        along = np.gradient(0.5 * (left + right), axis=0)
        normals = unit(np.cross(along, left - right))
    vertices = np.concatenate((left, right))
    return mesh_of(vertices, np.concatenate((normals, normals)), strip_triangles(2, len(left)), material)


def quads(corners: Array, normals: Array, material: str) -> Mesh:
    """Loose quadrilaterals (q, 4, 3), counter-clockwise as seen; normals are (q, 4, 3)."""
    first = 4 * np.arange(len(corners))
    triangles = np.concatenate((
        np.column_stack((first, first + 1, first + 2)), np.column_stack((first, first + 2, first + 3)),
    ))  # fmt: skip
    return mesh_of(corners.reshape(-1, 3), normals.reshape(-1, 3), triangles, material)


def smooth_normals(vertices: Array, triangles: Any) -> Array:
    """Vertex normals as area-weighted means of the triangles that share them."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(triangles[:, corner], weights=faces[:, axis], minlength=len(vertices))
    return unit(normals)


def unit(vectors: Array) -> Array:
    """Vectors at length 1."""
    lengths = np.sqrt((vectors**2).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, 1e-12))
