"""What stands still in a map: triangles in the world frame, sorted into tiles, and its named things.

A tile is a run of triangles with a bounding box and a distance beyond which nobody draws it. Fixtures
are the things a radar must know as wholes (a rail, a gantry, a sign): boxes with a kind and a name.
"""

from dataclasses import dataclass

import numpy as np

from sim.scenery.mesh import Floats, Ints, Mesh, floats, ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One named thing of the map: its box stands on `z_m` (its lower edge), turned by `yaw_rad`.

    `kind` is one of "guard_rail", "gantry", "sign", "signal", "pole", "tree", "building", "wall", "bridge".
    """

    kind: str
    name: str
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    length_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Still:
    """All still triangles, by tile: tile k holds triangles `first[k]:first[k + 1]`. Arrays are read-only."""

    vertices: Floats  # (v, 3) world, m
    normals: Floats  # (v, 3)
    triangles: Ints  # (t, 3)
    materials: Ints  # (t,)
    first: Ints  # (k + 1,)
    boxes: Floats  # (k, 6): low x, y, z, high x, y, z
    reach_m: Floats  # (k,): drawn if the box is nearer than this
    fixtures: tuple[Fixture, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A mesh in the world frame on its way into tiles, and how far away it may still be seen."""

    mesh: Mesh
    reach_m: float


def tiled(pieces: tuple[Piece, ...], fixtures: tuple[Fixture, ...] = (), tile_m: float = 64.0) -> Still:
    """Pieces sorted into square tiles by each triangle's centre; pieces of unlike reach get tiles of their own."""
    if not pieces:
        nothing = np.zeros((0, 3))
        return Still(
            vertices=floats(nothing), normals=floats(nothing), triangles=ints(nothing), materials=ints([]),
            first=ints([0]), boxes=floats(np.zeros((0, 6))), reach_m=floats([]), fixtures=fixtures,
        )  # fmt: skip
    counts = [len(piece.mesh.vertices) for piece in pieces]
    starts = np.cumsum([0, *counts[:-1]])
    vertices = np.concatenate([piece.mesh.vertices for piece in pieces])
    normals = np.concatenate([piece.mesh.normals for piece in pieces])
    triangles = np.concatenate([p.mesh.triangles.astype(np.int64) + s for p, s in zip(pieces, starts, strict=True)])
    materials = np.concatenate([piece.mesh.materials for piece in pieces])
    reach = np.concatenate([np.full(len(piece.mesh.triangles), piece.reach_m) for piece in pieces])
    centres = vertices[triangles].mean(axis=1)
    cell = np.floor(centres[:, :2] / tile_m).astype(np.int64)
    order = np.lexsort((np.arange(len(triangles)), cell[:, 1], cell[:, 0], reach))
    key = np.column_stack((reach[order], cell[order]))
    begins = [0, *(np.flatnonzero((np.diff(key, axis=0) != 0).any(axis=1)) + 1).tolist(), len(order)]
    boxes, reaches = [], []
    for begin, end in zip(begins[:-1], begins[1:], strict=True):
        corners = vertices[triangles[order[begin:end]]].reshape(-1, 3)
        boxes.append([*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()])
        reaches.append(float(reach[order[begin]]))
    return Still(
        vertices=floats(vertices), normals=floats(normals), triangles=ints(triangles[order]),
        materials=ints(materials[order]), first=ints(begins), boxes=floats(boxes), reach_m=floats(reaches),
        fixtures=fixtures,
    )  # fmt: skip
