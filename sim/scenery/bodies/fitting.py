"""Bodies made to measure: the outline of a mesh brought exactly to the size of its actor."""

import numpy as np

from sim.scenery.mesh import Mesh, frozen
from sim.scenery.shapes import Point


def fitted(mesh: Mesh, low: Point, high: Point) -> Mesh:
    """The mesh stretched and moved so that its outline runs from `low` to `high`, to the last bit of a float32."""
    bottom, top = mesh.vertices.min(axis=0).astype(np.float64), mesh.vertices.max(axis=0).astype(np.float64)
    stretch = (np.array(high) - np.array(low)) / (top - bottom)
    shift = np.array(low) - bottom * stretch
    ends = (np.array(low, dtype=np.float32), np.array(high, dtype=np.float32))
    vertices = np.clip((mesh.vertices * stretch + shift).astype(np.float32), *ends)
    for axis in range(3):  # rounding may leave the outermost corners a bit inside
        vertices[mesh.vertices[:, axis] == mesh.vertices[:, axis].min(), axis] = ends[0][axis]
        vertices[mesh.vertices[:, axis] == mesh.vertices[:, axis].max(), axis] = ends[1][axis]
    normals = mesh.normals / stretch
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return frozen(
        Mesh(
            vertices=vertices, normals=normals.astype(np.float32), parts=mesh.parts, triangles=mesh.triangles,
            materials=mesh.materials, joints=(mesh.joints * stretch + shift).astype(np.float32),
        )
    )  # fmt: skip


def boxed(mesh: Mesh, size_m: tuple[float, float, float]) -> Mesh:
    """The mesh centred over the origin, standing on the ground, of exactly this length, width and height."""
    length_m, width_m, height_m = size_m
    return fitted(mesh, (-0.5 * length_m, -0.5 * width_m, 0.0), (0.5 * length_m, 0.5 * width_m, height_m))
