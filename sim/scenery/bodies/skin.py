"""Skins of faces: gathered with their materials, shaded smooth where they run on and sharp where they bend.

Body frame, metres. A face's corners run counter-clockwise seen from outside. Corners at the same place
share a normal with those neighbours whose faces bend less than the crease angle; so a roof is round
and its gutter is an edge without anyone saying which is which.
"""

from collections.abc import Callable, Sequence
from math import cos, sqrt

import numpy as np

from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import PARTS, Mesh, Part, frozen
from sim.scenery.shapes import Point

CREASE_RAD = 0.6  # own: faces that bend less look round
_SAME_PLACE_M = 1e-5  # corners nearer than this are one place
_NO_AREA_M2 = 1e-9

Face = tuple[tuple[Point, ...], str]
_Measured = tuple[tuple[Point, ...], str, Point]  # corners, material, normal as long as twice the area
HalfSection = Sequence[tuple[float, float]]  # (y, z) from the bottom's middle out and up to the top's middle, y >= 0
Paint = Callable[[int, int, int], str]  # (bay, strip, side: -1 right, 1 left) -> material


def skin(faces: Sequence[Face], part: Part = Part.BODY, crease_rad: float = CREASE_RAD) -> Mesh:
    """All faces as one mesh; a crease angle of 0 keeps every face flat."""
    kept = [face for face in map(_measured, faces) if face[0]]
    smooth = _smoothed(kept, cos(crease_rad))
    vertices: list[Point] = []
    normals: list[Point] = []
    triangles: list[tuple[int, int, int]] = []
    materials: list[int] = []
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    for (corners, material, _), turned in zip(kept, smooth, strict=True):
        rows = []
        for corner, normal in zip(corners, turned, strict=True):
            name = (_key(corner), tuple(round(value * 1e4) for value in normal))
            if name not in known:
                known[name] = len(vertices)
                vertices.append(corner)
                normals.append(normal)
            rows.append(known[name])
        triangles += [(rows[0], rows[i], rows[i + 1]) for i in range(1, len(rows) - 1)]
        materials += [MATERIAL[material]] * (len(rows) - 2)
    return frozen(
        Mesh(
            vertices=np.array(vertices, dtype=np.float32).reshape(-1, 3),
            normals=np.array(normals, dtype=np.float32).reshape(-1, 3),
            parts=np.full(len(vertices), int(part), dtype=np.int32),
            triangles=np.array(triangles, dtype=np.int32).reshape(-1, 3),
            materials=np.array(materials, dtype=np.int32),
            joints=np.zeros((PARTS, 3), dtype=np.float32),
        )
    )


def _smoothed(kept: Sequence[_Measured], limit: float) -> list[list[Point]]:
    """A unit normal for every corner of every face: the mean, by area, of the faces around that bend less."""
    around: dict[tuple[int, ...], list[int]] = {}
    keys = [[_key(corner) for corner in corners] for corners, _, _ in kept]
    for row, places in enumerate(keys):
        for place in places:
            around.setdefault(place, []).append(row)
    units = [_unit(normal) for _, _, normal in kept]
    smooth = []
    for row, places in enumerate(keys):
        x, y, z = units[row]
        turned = []
        for place in places:
            nx, ny, nz = 0.0, 0.0, 0.0
            for one in around[place]:
                ox, oy, oz = units[one]
                if one == row or x * ox + y * oy + z * oz >= limit:
                    wide = kept[one][2]
                    nx, ny, nz = nx + wide[0], ny + wide[1], nz + wide[2]
            turned.append(_unit((nx, ny, nz)))
        smooth.append(turned)
    return smooth


def _unit(way: Point) -> Point:
    length = sqrt(way[0] ** 2 + way[1] ** 2 + way[2] ** 2)
    return (way[0] / length, way[1] / length, way[2] / length)


def _key(corner: Point) -> tuple[int, ...]:
    return tuple(round(value / _SAME_PLACE_M) for value in corner)


def _measured(face: Face) -> _Measured:
    """The face without corners that fall together, and its normal times twice its area; no corners if it has none."""
    given, material = face
    corners: list[Point] = []
    for corner in given:
        if not corners or _key(corner) != _key(corners[-1]):
            corners.append(corner)
    if len(corners) > 1 and _key(corners[0]) == _key(corners[-1]):
        corners.pop()
    nx, ny, nz = 0.0, 0.0, 0.0
    for (ax, ay, az), (bx, by, bz) in zip(corners, [*corners[1:], corners[0]], strict=True):
        nx, ny, nz = nx + ay * bz - az * by, ny + az * bx - ax * bz, nz + ax * by - ay * bx
    flat = len(corners) < 3 or sqrt(nx * nx + ny * ny + nz * nz) < _NO_AREA_M2
    return () if flat else tuple(corners), material, (nx, ny, nz)


def hull_faces(stations: Sequence[tuple[float, HalfSection]], paint: Paint) -> list[Face]:
    """The skin over half-sections from the rear (first) to the front (last), mirrored to both sides; open ends.

    `paint` names the material of the strip between points `strip` and `strip + 1` in the bay between
    stations `bay` and `bay + 1`.
    """
    faces: list[Face] = []
    for bay in range(len(stations) - 1):
        (xa, rear), (xb, front) = stations[bay], stations[bay + 1]
        for strip in range(len(rear) - 1):
            (ya0, za0), (ya1, za1) = rear[strip], rear[strip + 1]
            (yb0, zb0), (yb1, zb1) = front[strip], front[strip + 1]
            right = ((xa, -ya0, za0), (xb, -yb0, zb0), (xb, -yb1, zb1), (xa, -ya1, za1))
            left = tuple((x, -y, z) for x, y, z in reversed(right))
            faces.append((right, paint(bay, strip, -1)))
            faces.append((left, paint(bay, strip, 1)))
    return faces


def end_faces(
    x_m: float, section: HalfSection, columns: Sequence[float], paint: Callable[[int, int, int], str], *, front: bool
) -> list[Face]:
    """The flat end of a hull: strips between the section's points, cut at `columns` (shares of the half width).

    `columns` run from 0 to 1; `paint(strip, column, side)` names the material of a cell, column 0 in the middle.
    """
    faces: list[Face] = []
    for strip in range(len(section) - 1):
        (y0, z0), (y1, z1) = section[strip], section[strip + 1]
        cells = [(-columns[c + 1], -columns[c], paint(strip, c, -1)) for c in reversed(range(len(columns) - 1))]
        cells += [(columns[c], columns[c + 1], paint(strip, c, 1)) for c in range(len(columns) - 1)]
        while cells:
            right, left, material = cells.pop(0)
            while cells and cells[0][2] == material:  # one face over neighbours that look alike
                left = cells.pop(0)[1]
            cell = ((x_m, right * y0, z0), (x_m, left * y0, z0), (x_m, left * y1, z1), (x_m, right * y1, z1))
            faces.append((cell if front else cell[::-1], material))
    return faces
