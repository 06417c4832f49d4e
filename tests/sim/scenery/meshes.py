"""What tests ask of a mesh."""

import numpy as np

from sim.scenery.mesh import Mesh


def facing(mesh: Mesh) -> np.ndarray:
    """Unit normals of the triangles by their winding, (t, 3)."""
    a, b, c = (mesh.vertices[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    normals = np.cross(b - a, c - a)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def areas_m2(mesh: Mesh) -> np.ndarray:
    """Area of every triangle."""
    a, b, c = (mesh.vertices[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)


def volume_m3(mesh: Mesh) -> float:
    """Signed volume: above 0 where the faces look outwards."""
    a, b, c = (mesh.vertices[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def open_edges(mesh: Mesh) -> int:
    """Edges that have no neighbour running the other way, corners at one place taken as one."""
    places = np.round(mesh.vertices.astype(np.float64), 4)
    _, same = np.unique(places, axis=0, return_inverse=True)
    rows = same.reshape(-1)[mesh.triangles]
    edges: dict[tuple[int, int], int] = {}
    for triangle in rows.tolist():
        for a, b in zip(triangle, [*triangle[1:], triangle[0]], strict=True):
            edges[a, b] = edges.get((a, b), 0) + 1
    return sum(abs(count - edges.get((b, a), 0)) for (a, b), count in edges.items())
