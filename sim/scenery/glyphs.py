"""Figures on signs and boards as flat polygons in layers, each a little in front of the one behind.

A face looks along +x; for who reads it, y runs to the right and z up. Metres. Strokes are bars of one
thickness; a figure is good enough to be recognised, not a typeface.
"""

from collections.abc import Sequence
from math import cos, hypot, pi, sin

from sim.scenery.mesh import Mesh
from sim.scenery.shapes import Point, from_faces

Flat = tuple[float, float]  # y, z on the face

LAYER_M = 0.012  # from one layer to the next: enough for single-precision depth at 250 m

_ROUND = ((0.5, 0.0), (0.85, 0.15), (1.0, 0.5), (0.85, 0.85), (0.5, 1.0), (0.15, 0.85), (0.0, 0.5), (0.15, 0.15),
          (0.5, 0.0))  # fmt: skip
# Strokes in a box one wide and one high, y to the right and z up.
STROKES: dict[str, tuple[tuple[Flat, ...], ...]] = {
    "0": (_ROUND,),
    "1": (((0.2, 0.75), (0.6, 1.0), (0.6, 0.0)),),
    "2": (((0.05, 0.75), (0.3, 1.0), (0.75, 1.0), (0.95, 0.75), (0.0, 0.0), (1.0, 0.0)),),
    "3": (((0.0, 1.0), (0.95, 1.0), (0.45, 0.58), (0.9, 0.5), (0.95, 0.2), (0.6, 0.0), (0.0, 0.05)),),
    "4": (((0.75, 0.0), (0.75, 1.0), (0.0, 0.3), (1.0, 0.3)),),
    "5": (((0.95, 1.0), (0.15, 1.0), (0.1, 0.55), (0.7, 0.6), (0.95, 0.35), (0.7, 0.0), (0.0, 0.05)),),
    "6": (((0.8, 1.0), (0.3, 0.8), (0.0, 0.35), (0.25, 0.0), (0.75, 0.0), (1.0, 0.3), (0.7, 0.55), (0.1, 0.5)),),
    "7": (((0.0, 1.0), (1.0, 1.0), (0.35, 0.0)),),
    "8": (((0.5, 0.54), (0.1, 0.7), (0.25, 1.0), (0.75, 1.0), (0.9, 0.7), (0.5, 0.54), (0.0, 0.3), (0.2, 0.0),
           (0.8, 0.0), (1.0, 0.3), (0.5, 0.54)),),
    "9": (((0.2, 0.0), (0.7, 0.2), (1.0, 0.65), (0.75, 1.0), (0.25, 1.0), (0.0, 0.7), (0.3, 0.45), (0.9, 0.5)),),
    "S": (((1.0, 0.9), (0.3, 1.0), (0.0, 0.75), (1.0, 0.3), (0.7, 0.0), (0.0, 0.1)),),
    "T": (((0.0, 1.0), (1.0, 1.0)), ((0.5, 1.0), (0.5, 0.0))),
    "O": (_ROUND,),
    "P": (((0.0, 0.0), (0.0, 1.0), (0.75, 1.0), (0.95, 0.75), (0.75, 0.48), (0.0, 0.48)),),
}  # fmt: skip


def face(corners: Sequence[Flat], layer: int, material: str, behind_m: float = 0.0) -> Mesh:
    """A convex polygon, corners counter-clockwise for who reads it, in front of `behind_m` by its layer."""
    x_m = behind_m + layer * LAYER_M
    return from_faces([[(x_m, y, z) for y, z in corners]], material)


def back(corners: Sequence[Flat], x_m: float, material: str = "sign_back") -> Mesh:
    """The same polygon seen from behind."""
    return from_faces([[(x_m, y, z) for y, z in reversed(corners)]], material)


def round_corners(centre: Flat, radius_m: float, count: int = 16, turned_rad: float = 0.0) -> list[Flat]:
    """Corners of a regular polygon."""
    angles = [turned_rad + 2.0 * pi * index / count for index in range(count)]
    return [(centre[0] + radius_m * cos(angle), centre[1] + radius_m * sin(angle)) for angle in angles]


def rectangle(low: Flat, high: Flat) -> list[Flat]:
    """Corners of an upright rectangle."""
    return [low, (high[0], low[1]), high, (low[0], high[1])]


def bars(strokes: Sequence[Sequence[Flat]], thickness_m: float, x_m: float, material: str) -> Mesh:
    """Polylines drawn as bars; neighbours overlap at their joints."""
    half = 0.5 * thickness_m
    faces: list[list[Point]] = []
    for line in strokes:
        for (ya, za), (yb, zb) in zip(line[:-1], line[1:], strict=True):
            length_m = hypot(yb - ya, zb - za)
            u, v = (yb - ya) / length_m, (zb - za) / length_m
            over = 0.35 * half
            (ys, zs), (ye, ze) = (ya - over * u, za - over * v), (yb + over * u, zb + over * v)
            ring = ((ys + half * v, zs - half * u), (ye + half * v, ze - half * u),
                    (ye - half * v, ze + half * u), (ys - half * v, zs + half * u))  # fmt: skip
            faces.append([(x_m, y, z) for y, z in ring])
    return from_faces(faces, material)


def text(words: str, centre: Flat, height_m: float, layer: int, material: str, behind_m: float = 0.0) -> Mesh:
    """Digits (and the letters of STOP) in a row about a centre."""
    width_m, gap_m = 0.5 * height_m, 0.28 * height_m
    start_m = centre[0] - 0.5 * (len(words) * width_m + (len(words) - 1) * gap_m)
    strokes: list[list[Flat]] = []
    for index, letter in enumerate(words):
        left_m = start_m + index * (width_m + gap_m)
        strokes += [[(left_m + y * width_m, centre[1] + (z - 0.5) * height_m) for y, z in line]
                    for line in STROKES[letter]]  # fmt: skip
    return bars(strokes, 0.16 * height_m, behind_m + layer * LAYER_M, material)


def arrow(foot: Flat, tip: Flat, thickness_m: float, layer: int, material: str, behind_m: float = 0.0) -> Mesh:
    """A straight arrow."""
    length_m = hypot(tip[0] - foot[0], tip[1] - foot[1])
    u, v = (tip[0] - foot[0]) / length_m, (tip[1] - foot[1]) / length_m
    head_m = 1.6 * thickness_m
    neck = (tip[0] - head_m * u, tip[1] - head_m * v)
    half, wide = 0.5 * thickness_m, 1.3 * thickness_m
    shaft = [(foot[0] + half * v, foot[1] - half * u), (neck[0] + half * v, neck[1] - half * u),
             (neck[0] - half * v, neck[1] + half * u), (foot[0] - half * v, foot[1] + half * u)]  # fmt: skip
    head = [(neck[0] + wide * v, neck[1] - wide * u), tip, (neck[0] - wide * v, neck[1] + wide * u)]
    x_m = behind_m + layer * LAYER_M
    return from_faces([[(x_m, y, z) for y, z in ring] for ring in (shaft, head)], material)
