# ruff: noqa: ANN001, ANN202
"""Rays through one run's scenery: the first front face each meets, of the map or of a body.

`cast` needs only the bodies' poses: each body is a tree in its own frame, made once per mesh, and rays
are turned into it. Limbs then stand as in the mesh: a walker's swing (up to 0.4 m at the foot) is left
out. `cast_moment` takes every triangle where a moment put it, swinging limbs included, and makes a new
tree for each moment: tens of milliseconds, for oracles and labels. Neither asks how far the map's
tiles are drawn (`reach_m`).
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rays.tree import STACK, Tree, build, nearest_in
from sim.scenery.mesh import Mesh
from sim.scenery.scene import Ensemble, Moment
from sim.scenery.still import Still

STILL = -1  # `Hits.row` of a ray that met the map
NOTHING = -2  # `Hits.row` of a ray that met nothing


class Hits(NamedTuple):
    """What each ray met, one row per ray, in the world frame.

    `triangle` is a row of `Still.triangles` or, for a body, of `Moment.triangles`; -1 where nothing was met.
    """

    t_m: NDArray[np.float64]  # (m,) in lengths of the direction given; the largest asked for where nothing was met
    row: NDArray[np.int32]  # (m,) the actor's row, STILL or NOTHING
    triangle: NDArray[np.int32]  # (m,)
    normal: NDArray[np.float64]  # (m, 3) unit, towards the outside; 0 where nothing was met
    material: NDArray[np.int32]  # (m,) row of MATERIALS; -1 where nothing was met


class _Forest(NamedTuple):
    """The trees of all bodies end to end, and where each row's begins."""

    boxes: Any
    links: Any
    corners: Any
    rows: Any  # (t,) row within the mesh
    materials: Any  # (t,) in leaf order
    root: Any  # (n,) node at which the row's tree begins
    first: Any  # (n,) the row's first triangle in the moment
    spheres: Any  # (n, 4) centre and radius in the body's frame; radius -1: no triangles


class _Scratch(NamedTuple):
    stack: Any
    nears: Any
    spheres: Any  # (n, 4) in the world


@lru_cache(maxsize=8)
def still_tree(still: Still) -> tuple[Tree, Any]:
    """The map's tree and its triangles' materials in leaf order, made once per `Still` object."""
    return _grown(still.vertices, still.triangles, still.materials)


@lru_cache(maxsize=256)
def mesh_tree(mesh: Mesh) -> tuple[Tree, Any]:
    """A body's tree in its own frame and its materials in leaf order, made once per `Mesh` object."""
    return _grown(mesh.vertices, mesh.triangles, mesh.materials)


def _grown(vertices: Any, triangles: Any, materials: Any) -> tuple[Tree, Any]:
    tree = build(vertices, triangles)
    leafwise = np.ascontiguousarray(materials[tree.rows], dtype=np.int32)
    leafwise.setflags(write=False)
    return tree, leafwise


class Caster:
    """Casts rays through one scenery."""

    def __init__(self, scenery: Ensemble) -> None:
        self._still, self._still_materials = still_tree(scenery.still)
        self._forest = _forest(tuple(body.mesh for body in scenery.bodies))
        self._scratch = _scratch(len(scenery.bodies))
        self._posed: tuple[Any, int, Tree, Any, Any] | None = None

    def cast(
        self,
        moment_poses: NDArray[np.float64],
        origins: NDArray[np.float64],
        directions: NDArray[np.float64],
        t_max_m: float,
        hidden_row: int = -1,
    ) -> Hits:
        """What rays meet with bodies at these poses (n, 3, 4); origins and directions are (m, 3) in the world.

        Directions are unit vectors if `t_m` is to be in metres. `hidden_row` is looked through.
        """
        hits = _no_hits(len(directions), t_max_m)
        _cast(self._still, self._still_materials, self._forest, self._scratch, moment_poses, origins, directions,
              hidden_row, hits)  # fmt: skip
        return hits

    def cast_moment(
        self,
        moment: Moment,
        origins: NDArray[np.float64],
        directions: NDArray[np.float64],
        t_max_m: float,
        hidden_row: int = -1,
    ) -> Hits:
        """What rays meet exactly where `moment` puts every triangle; arguments as for `cast`.

        With directions whose share along a camera's optical axis is 1, `t_m` is depth along that axis.
        """
        if self._posed is None or self._posed[0] is not moment.vertices or self._posed[1] != hidden_row:
            kept = np.flatnonzero(moment.instances != hidden_row).astype(np.int32)
            tree = build(moment.vertices, moment.triangles[kept])
            rows = kept[tree.rows]
            self._posed = (moment.vertices, hidden_row, tree._replace(rows=rows), moment.materials[rows],
                           moment.instances[rows])  # fmt: skip
        hits = _no_hits(len(directions), t_max_m)
        _cast_posed(self._still, self._still_materials, *self._posed[2:], self._scratch, origins, directions, hits)
        return hits


def _no_hits(count: int, t_max_m: float) -> Hits:
    return Hits(
        t_m=np.full(count, float(t_max_m)),
        row=np.empty(count, dtype=np.int32),
        triangle=np.empty(count, dtype=np.int32),
        normal=np.empty((count, 3)),
        material=np.empty(count, dtype=np.int32),
    )


def _scratch(rows: int) -> _Scratch:
    return _Scratch(stack=np.empty(STACK, np.int64), nears=np.empty(STACK), spheres=np.empty((rows, 4)))


def _forest(meshes: tuple[Mesh, ...]) -> _Forest:
    """All rows' trees; rows that share a mesh share its tree."""
    root_of: dict[int, int] = {}
    trees: list[Tree] = []
    materials: list[Any] = []
    nodes = triangles = 0
    for mesh in meshes:
        if id(mesh) in root_of:
            continue
        tree, leafwise = mesh_tree(mesh)
        links = tree.links.copy()
        leaf, inner = links[:, 1] > 0, (links[:, 1] == 0) & (links[:, 0] > 0)
        links[leaf, 0] += triangles
        links[inner, 0] += nodes
        root_of[id(mesh)] = nodes
        trees.append(tree._replace(links=links))
        materials.append(leafwise)
        nodes, triangles = nodes + len(links), triangles + len(tree.rows)
    none = Tree(np.zeros((0, 6), np.float32), np.zeros((0, 2), np.int32), np.zeros((0, 9), np.float32),
                np.zeros(0, np.int32))  # fmt: skip
    joined = Tree(*(np.concatenate(column) for column in zip(*(trees or [none]), strict=True)))
    return _Forest(
        boxes=joined.boxes,
        links=joined.links,
        corners=joined.corners,
        rows=joined.rows,
        materials=np.concatenate(materials or [np.zeros(0, np.int32)]),
        root=np.array([root_of[id(mesh)] for mesh in meshes], dtype=np.int64),
        first=np.cumsum([0, *(len(mesh.triangles) for mesh in meshes)])[:-1].astype(np.int64),
        spheres=np.array([_sphere(mesh) for mesh in meshes]).reshape(-1, 4),
    )


def _sphere(mesh: Mesh) -> list[float]:
    """Centre of the box about a mesh, and the distance of its farthest vertex (a little more, for rounding)."""
    if len(mesh.triangles) == 0:
        return [0.0, 0.0, 0.0, -1.0]
    points = mesh.vertices.astype(np.float64)
    centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
    return [*centre.tolist(), float(np.linalg.norm(points - centre, axis=1).max()) * 1.000001 + 1e-6]


@njit(cache=True, error_model="numpy")
def _cast(still, still_materials, forest, scratch, poses, origins, directions, hidden_row, hits):  # type: ignore[no-untyped-def]
    stack, nears, spheres = scratch.stack, scratch.nears, scratch.spheres
    boxes, links, corners = forest.boxes, forest.links, forest.corners
    for row in range(poses.shape[0]):
        x, y, z = forest.spheres[row, 0], forest.spheres[row, 1], forest.spheres[row, 2]
        for k in range(3):
            spheres[row, k] = poses[row, k, 0] * x + poses[row, k, 1] * y + poses[row, k, 2] * z + poses[row, k, 3]
        spheres[row, 3] = forest.spheres[row, 3] if row != hidden_row else -1.0
    for ray in range(directions.shape[0]):
        ox, oy, oz = origins[ray, 0], origins[ray, 1], origins[ray, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        square = dx * dx + dy * dy + dz * dz
        best, found = nearest_in(
            still.boxes, still.links, still.corners, 0, stack, nears, ox, oy, oz, dx, dy, dz, hits.t_m[ray]
        )
        owner = -1 if found >= 0 else -2
        for row in range(poses.shape[0]):
            radius = spheres[row, 3]
            if radius < 0.0:
                continue
            cx, cy, cz = spheres[row, 0] - ox, spheres[row, 1] - oy, spheres[row, 2] - oz
            along = cx * dx + cy * dy + cz * dz
            away = cx * cx + cy * cy + cz * cz - radius * radius
            if away > 0.0 and (along < 0.0 or along * along < away * square):
                continue
            p = poses[row]
            wx, wy, wz = ox - p[0, 3], oy - p[1, 3], oz - p[2, 3]
            t, k = nearest_in(
                boxes, links, corners, forest.root[row], stack, nears,
                p[0, 0] * wx + p[1, 0] * wy + p[2, 0] * wz,
                p[0, 1] * wx + p[1, 1] * wy + p[2, 1] * wz,
                p[0, 2] * wx + p[1, 2] * wy + p[2, 2] * wz,
                p[0, 0] * dx + p[1, 0] * dy + p[2, 0] * dz,
                p[0, 1] * dx + p[1, 1] * dy + p[2, 1] * dz,
                p[0, 2] * dx + p[1, 2] * dy + p[2, 2] * dz,
                best,
            )  # fmt: skip
            if k >= 0:
                best, found, owner = t, k, row
        hits.t_m[ray], hits.row[ray] = best, owner
        if owner == -2:
            hits.triangle[ray], hits.material[ray] = -1, -1
            hits.normal[ray, 0] = hits.normal[ray, 1] = hits.normal[ray, 2] = 0.0
            continue
        if owner == -1:
            hits.triangle[ray], hits.material[ray] = still.rows[found], still_materials[found]
            c = still.corners[found]
        else:
            hits.triangle[ray] = forest.first[owner] + forest.rows[found]
            hits.material[ray] = forest.materials[found]
            c = corners[found]
        ex, ey, ez = np.float64(c[3]) - c[0], np.float64(c[4]) - c[1], np.float64(c[5]) - c[2]
        fx, fy, fz = np.float64(c[6]) - c[0], np.float64(c[7]) - c[1], np.float64(c[8]) - c[2]
        nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
        scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz = nx * scale, ny * scale, nz * scale
        if owner >= 0:
            p = poses[owner]
            nx, ny, nz = (
                p[0, 0] * nx + p[0, 1] * ny + p[0, 2] * nz,
                p[1, 0] * nx + p[1, 1] * ny + p[1, 2] * nz,
                p[2, 0] * nx + p[2, 1] * ny + p[2, 2] * nz,
            )
        hits.normal[ray, 0], hits.normal[ray, 1], hits.normal[ray, 2] = nx, ny, nz


@njit(cache=True, error_model="numpy")
def _cast_posed(still, still_materials, tree, materials, instances, scratch, origins, directions, hits):  # type: ignore[no-untyped-def]
    stack, nears = scratch.stack, scratch.nears
    for ray in range(directions.shape[0]):
        ox, oy, oz = origins[ray, 0], origins[ray, 1], origins[ray, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        best, found = nearest_in(
            still.boxes, still.links, still.corners, 0, stack, nears, ox, oy, oz, dx, dy, dz, hits.t_m[ray]
        )
        t, k = nearest_in(tree.boxes, tree.links, tree.corners, 0, stack, nears, ox, oy, oz, dx, dy, dz, best)
        hits.normal[ray, 0] = hits.normal[ray, 1] = hits.normal[ray, 2] = 0.0
        if k >= 0:
            hits.row[ray], hits.triangle[ray], hits.material[ray] = instances[k], tree.rows[k], materials[k]
            c, best = tree.corners[k], t
        elif found >= 0:
            hits.row[ray], hits.triangle[ray], hits.material[ray] = -1, still.rows[found], still_materials[found]
            c = still.corners[found]
        else:
            hits.row[ray], hits.triangle[ray], hits.material[ray] = -2, -1, -1
            continue
        hits.t_m[ray] = best
        ex, ey, ez = np.float64(c[3]) - c[0], np.float64(c[4]) - c[1], np.float64(c[5]) - c[2]
        fx, fy, fz = np.float64(c[6]) - c[0], np.float64(c[7]) - c[1], np.float64(c[8]) - c[2]
        nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
        scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
        hits.normal[ray, 0], hits.normal[ray, 1], hits.normal[ray, 2] = nx * scale, ny * scale, nz * scale
