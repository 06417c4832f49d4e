"""Plain solids and sheets to build meshes from: boxes, lofts, cylinders, sheets. All in metres.

`material` is a name of `sim.scenery.materials`; `part` says what moves.
"""

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import PARTS, Mesh, Part, frozen, merged

Point = tuple[float, float, float]


def from_faces(faces: Sequence[Sequence[Point]], material: str, part: Part = Part.BODY) -> Mesh:
    """Flat convex faces, corners counter-clockwise as seen from outside; each face has its own vertices."""
    vertices: list[Point] = []
    normals: list[NDArray[np.float64]] = []
    triangles: list[tuple[int, int, int]] = []
    for face in faces:
        start = len(vertices)
        corners = np.array(face, dtype=np.float64)
        normal = _newell(corners)
        length = float(np.linalg.norm(normal))
        if length < 1e-12:
            continue
        vertices += [tuple(corner) for corner in corners.tolist()]
        normals += [normal / length] * len(corners)
        triangles += [(start, start + i, start + i + 1) for i in range(1, len(corners) - 1)]
    return _mesh(vertices, normals, triangles, material, part)


def _newell(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction of a face's normal (Newell's method), of any length."""
    following = np.roll(corners, -1, axis=0)
    less, more = corners - following, corners + following
    return np.array([(less[:, 1] * more[:, 2]).sum(), (less[:, 2] * more[:, 0]).sum(), (less[:, 0] * more[:, 1]).sum()])


def _mesh(vertices: object, normals: object, triangles: object, material: str, part: Part) -> Mesh:
    placed = np.array(vertices, dtype=np.float32).reshape(-1, 3)
    rows = np.array(triangles, dtype=np.int32).reshape(-1, 3)
    return frozen(
        Mesh(
            vertices=placed,
            normals=np.array(normals, dtype=np.float32).reshape(-1, 3),
            parts=np.full(len(placed), int(part), dtype=np.int32),
            triangles=rows,
            materials=np.full(len(rows), MATERIAL[material], dtype=np.int32),
            joints=np.zeros((PARTS, 3), dtype=np.float32),
        )
    )


def box(low: Point, high: Point, material: str, part: Part = Part.BODY) -> Mesh:
    """An axis-aligned box between two corners."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    faces = (
        ((x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)),
        ((x0, y1, z0), (x0, y0, z0), (x0, y0, z1), (x0, y1, z1)),
        ((x1, y1, z0), (x0, y1, z0), (x0, y1, z1), (x1, y1, z1)),
        ((x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)),
        ((x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)),
        ((x0, y1, z0), (x1, y1, z0), (x1, y0, z0), (x0, y0, z0)),
    )
    return from_faces(faces, material, part)


def sheet(corners: Sequence[Point], material: str, part: Part = Part.BODY, *, both_sides: bool = False) -> Mesh:
    """One flat convex face, seen from the side on which its corners run counter-clockwise, or from both."""
    faces = [corners, tuple(reversed(corners))] if both_sides else [corners]
    return from_faces(faces, material, part)


def prism(
    outline: Sequence[tuple[float, float]], y0_m: float, y1_m: float, material: str, part: Part = Part.BODY
) -> Mesh:
    """A convex outline in the x-z plane (counter-clockwise seen from the right, i.e. from -y) drawn from y0 to y1."""
    right = [(x, y0_m, z) for x, z in outline]
    left = [(x, y1_m, z) for x, z in reversed(outline)]
    sides = []
    for (xa, za), (xb, zb) in zip(outline, [*outline[1:], outline[0]], strict=True):
        sides.append(((xa, y0_m, za), (xa, y1_m, za), (xb, y1_m, zb), (xb, y0_m, zb)))
    return from_faces([right, left, *sides], material, part)


def cylinder(
    start: Point, end: Point, radius_m: float, material: str, part: Part = Part.BODY, *,
    sides: int = 8, end_radius_m: float | None = None, capped: bool = True,
) -> Mesh:  # fmt: skip
    """A round bar or cone from one point to another, with smooth normals around it."""
    a, b = np.array(start, dtype=np.float64), np.array(end, dtype=np.float64)
    axis = (b - a) / np.linalg.norm(b - a)
    aside = np.array([1.0, 0.0, 0.0]) if abs(axis[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    u = np.cross(axis, aside)
    u /= np.linalg.norm(u)
    w = np.cross(axis, u)
    tip_m = radius_m if end_radius_m is None else end_radius_m
    slope = (radius_m - tip_m) / float(np.linalg.norm(b - a))
    vertices, normals, triangles = [], [], []
    for index in range(sides):
        angle = 2.0 * pi * index / sides
        out = cos(angle) * u + sin(angle) * w
        normal = out + slope * axis
        vertices += [a + radius_m * out, b + tip_m * out]
        normals += [normal / np.linalg.norm(normal)] * 2
        i, j = 2 * index, 2 * ((index + 1) % sides)
        triangles += [(i, j, j + 1), (i, j + 1, i + 1)]
    made = _mesh(np.array(vertices), np.array(normals), triangles, material, part)
    if not capped:
        return made
    ring = np.array(vertices)
    caps = [[tuple(p) for p in ring[0::2][::-1].tolist()]]
    if tip_m > 0.0:
        caps.append([tuple(p) for p in ring[1::2].tolist()])
    return merged(made, from_faces(caps, material, part))


def loft(
    sections: Sequence[Sequence[Point]], material: str, part: Part = Part.BODY, *, closed_ends: bool = True
) -> Mesh:
    """A skin over cross-sections with equally many corners each, with smooth normals along and across.

    Each section's corners run counter-clockwise seen from the front (from where the sections lead to).
    """
    rings = np.array(sections, dtype=np.float64)  # (n, k, 3)
    n, k = rings.shape[:2]
    triangles = []
    for i in range(n - 1):
        for j in range(k):
            a, b = i * k + j, i * k + (j + 1) % k
            triangles += [(a, b, b + k), (a, b + k, a + k)]
    flat = rings.reshape(-1, 3)
    rows = np.array(triangles)
    made = _mesh(flat, _smooth(flat, rows), rows, material, part)
    if not closed_ends:
        return made
    first = [tuple(p) for p in rings[0][::-1].tolist()]
    last = [tuple(p) for p in rings[-1].tolist()]
    return merged(made, from_faces([first, last], material, part))


def _smooth(vertices: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Vertex normals as area-weighted means of their triangles' normals."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for column in range(3):
        np.add.at(normals, triangles[:, column], faces)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(lengths, 1e-12))


def ellipsoid(
    centre: Point, radii: Point, material: str, part: Part = Part.BODY, *, around: int = 8, rings: int = 5
) -> Mesh:
    """A rounded blob with smooth normals: heads, crowns of trees."""
    vertices, normals, triangles = [], [], []
    for i in range(rings + 1):
        polar = pi * i / rings
        for j in range(around):
            turn = 2.0 * pi * j / around
            unit = np.array([sin(polar) * cos(turn), sin(polar) * sin(turn), cos(polar)])
            vertices.append(np.array(centre) + unit * np.array(radii))
            normal = unit / np.array(radii)
            normals.append(normal / np.linalg.norm(normal))
    for i in range(rings):
        for j in range(around):
            a, b = i * around + j, i * around + (j + 1) % around
            if i > 0:
                triangles.append((a, a + around, b))
            if i < rings - 1:
                triangles.append((b, a + around, b + around))
    return _mesh(np.array(vertices), np.array(normals), triangles, material, part)


def cone(
    centre: Point, radius_m: float, height_m: float, material: str, part: Part = Part.BODY, *, sides: int = 7
) -> Mesh:
    """An upright closed cone by the centre of its base, with smooth normals around it."""
    x0, y0, z0 = centre
    vertices, normals, triangles = [], [], []
    slant_m = float(np.hypot(radius_m, height_m))
    for index in range(sides):
        angle, middle = 2.0 * pi * index / sides, 2.0 * pi * (index + 0.5) / sides
        vertices += [(x0 + radius_m * cos(angle), y0 + radius_m * sin(angle), z0), (x0, y0, z0 + height_m)]
        for turn in (angle, middle):
            normals.append((height_m * cos(turn) / slant_m, height_m * sin(turn) / slant_m, radius_m / slant_m))
        triangles.append((2 * index, 2 * ((index + 1) % sides), 2 * index + 1))
    base = [(x, y, z) for x, y, z in vertices[-2::-2]]
    return merged(_mesh(vertices, normals, triangles, material, part), from_faces([base], material, part))


def faceted_blob(
    centre: Point, radii: Point, material: str, part: Part = Part.BODY, *, bulges: Sequence[float] = (1.0,) * 12
) -> Mesh:
    """A closed blob of twenty triangles (an icosahedron); `bulges` stretch its twelve corners from the centre."""
    golden = 0.5 * (1.0 + 5.0**0.5)
    signs = [(s, t) for s in (-1.0, 1.0) for t in (-1.0, 1.0)]
    corners = np.array(
        [(s, t * golden, 0.0) for s, t in signs]
        + [(0.0, s, t * golden) for s, t in signs]
        + [(s * golden, 0.0, t) for s, t in signs]
    ) / np.hypot(1.0, golden)  # fmt: skip
    rows = np.array(_hull_rows(corners))
    flat = np.array(centre) + corners * np.array(radii) * np.array(bulges)[:, None]
    return _mesh(flat, _smooth(flat, rows), rows, material, part)


def _hull_rows(corners: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """The icosahedron's twenty faces, counter-clockwise from outside: all triples of mutual neighbours."""
    apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    near = apart < 1.2  # the edge is 1.05 for corners on the unit sphere, the next distance 1.70
    rows = []
    for a in range(12):
        for b in range(a + 1, 12):
            for c in range(b + 1, 12):
                if near[a, b] and near[b, c] and near[a, c]:
                    outward = np.dot(np.cross(corners[b] - corners[a], corners[c] - corners[a]), corners[a]) > 0.0
                    rows.append((a, b, c) if outward else (a, c, b))
    return rows
