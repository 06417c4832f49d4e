"""People on foot: rounded limbs on joints, so that hips, knees and shoulders swing as they walk.

Body frame, metres. Proportions are shares of the standing height after Drillis and Contini (1966), as in
Winter, Biomechanics and Motor Control of Human Movement, figure 4.1 (recalled: confirm); a child of six
to seven has a larger head and shorter legs (judged).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenery.bodies.skin import Face, skin
from sim.scenery.mesh import PARTS, Mesh, Part, frozen, merged
from sim.scenery.shapes import Point, ellipsoid, prism

Ring = tuple[float, float]  # half depth (along x, or whatever lies across the limb) and half breadth (along y), m
LEGS = ((Part.LEFT_THIGH, Part.LEFT_SHIN, 1.0), (Part.RIGHT_THIGH, Part.RIGHT_SHIN, -1.0))
ARMS = ((Part.LEFT_ARM, 1.0), (Part.RIGHT_ARM, -1.0))
OUTFITS = 3  # jacket and trousers; long coat; shirt, jeans and rucksack


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Heights of joints and sizes of a body, shares of its height."""

    hip: float
    knee: float
    ankle: float
    shoulder: float
    elbow: float
    wrist: float
    chin: float
    shoulder_out: float
    hip_out: float
    foot: float
    girth: float  # thickness of limbs against an adult's


ADULT = Figure(hip=0.53, knee=0.285, ankle=0.045, shoulder=0.815, elbow=0.63, wrist=0.485, chin=0.865,
               shoulder_out=0.105, hip_out=0.052, foot=0.152, girth=1.0)  # fmt: skip
CHILD = Figure(hip=0.49, knee=0.26, ankle=0.05, shoulder=0.765, elbow=0.595, wrist=0.465, chin=0.815,
               shoulder_out=0.105, hip_out=0.055, foot=0.15, girth=1.08)  # fmt: skip


def limb(
    points: Sequence[Point], rings: Sequence[Ring], material: str, part: Part = Part.BODY, *, sides: int = 6
) -> Mesh:
    """A rounded limb along points in planes y = constant or nearly so, closed by a fan at both ends."""
    spine = np.array(points, dtype=np.float64)
    ways = np.gradient(spine, axis=0)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    across = np.array([0.0, 1.0, 0.0])
    turns = 2.0 * np.pi * (np.arange(sides) + 0.5) / sides
    hoops = []
    for middle, way, (depth_m, breadth_m) in zip(spine, ways, rings, strict=True):
        ahead = np.cross(across, way)
        ahead /= np.linalg.norm(ahead)
        side = np.cross(way, ahead)
        hoops.append(middle + depth_m * np.outer(np.cos(turns), ahead) + breadth_m * np.outer(np.sin(turns), side))
    corners = [[tuple(point) for point in hoop.tolist()] for hoop in hoops]
    faces: list[Face] = []
    for lower, upper in zip(corners, corners[1:], strict=False):
        for i in range(sides):
            j = (i + 1) % sides
            faces.append(((lower[i], lower[j], upper[j], upper[i]), material))
    faces += [(tuple(reversed(corners[0])), material), (tuple(corners[-1]), material)]
    return skin(faces, part, crease_rad=1.2)


def person(figure: Figure, height_m: float, variant: int) -> Mesh:
    """Someone standing, arms at the sides, with the joints the walk swings about."""
    outfit = variant % OUTFITS
    parts = [
        *_legs(figure, height_m, ("trousers", "trousers", "denim")[outfit]),
        *_arms(figure, height_m, "skin" if outfit == 2 else "cloth"),
        *_trunk(figure, height_m, long_coat=outfit == 1),
        *head(((0.0, 0.0, 0.5 * (1.0 + figure.chin) * height_m)), 0.5 * (1.0 - figure.chin) * height_m, "skin", "hair"),
    ]
    if outfit == 2:
        parts.append(_rucksack(figure, height_m))
    return jointed(merged(*parts), _joints(figure, height_m))


def head(middle: Point, half_m: float, skin_name: str, cover: str) -> list[Mesh]:
    """A head and what covers it: hair, or a helmet if that is what `cover` names."""
    x_m, y_m, z_m = middle
    half_m *= 0.97
    bulk = 1.18 if cover == "helmet" else 1.0
    return [
        ellipsoid((x_m, y_m, z_m), (0.80 * half_m, 0.66 * half_m, half_m), skin_name, around=8, rings=5),
        ellipsoid((x_m - 0.16 * half_m, y_m, z_m + 0.24 * half_m),
                  (0.80 * half_m * bulk, 0.76 * half_m * bulk, 0.83 * half_m * bulk), cover, around=8, rings=5),
    ]  # fmt: skip


def jointed(mesh: Mesh, joints: dict[Part, Point]) -> Mesh:
    """The mesh with these joints."""
    rows = np.zeros((PARTS, 3), dtype=np.float32)
    for part, point in joints.items():
        rows[part] = point
    return frozen(
        Mesh(vertices=mesh.vertices, normals=mesh.normals, parts=mesh.parts, triangles=mesh.triangles,
             materials=mesh.materials, joints=rows)
    )  # fmt: skip


def shoe(x_m: float, y_m: float, z_m: float, length_m: float, part: Part) -> Mesh:
    """A shoe below an ankle at x, its sole at z."""
    heel_m, toe_m, half_m = x_m - 0.27 * length_m, x_m + 0.73 * length_m, 0.17 * length_m
    top_m = z_m + 0.36 * length_m
    outline = ((heel_m, z_m), (toe_m, z_m), (toe_m, z_m + 0.14 * length_m), (x_m + 0.25 * length_m, top_m),
               (heel_m, top_m))  # fmt: skip
    return prism(outline, y_m - half_m, y_m + half_m, "shoe", part)


def _joints(figure: Figure, height_m: float) -> dict[Part, Point]:
    joints: dict[Part, Point] = {}
    for thigh, shin, side in LEGS:
        joints[thigh] = (0.0, side * figure.hip_out * height_m, figure.hip * height_m)
        joints[shin] = (0.0, side * figure.hip_out * height_m, figure.knee * height_m)
    for arm, side in ARMS:
        joints[arm] = (0.0, side * figure.shoulder_out * height_m, figure.shoulder * height_m)
    return joints


def _legs(figure: Figure, height_m: float, trousers: str) -> list[Mesh]:
    """Thighs that reach into the trunk, shins that reach into the thighs, shoes."""
    parts = []
    thick_m = figure.girth * height_m
    for thigh, shin, side in LEGS:
        y_m = side * figure.hip_out * height_m
        knee_m, hip_m = figure.knee * height_m, figure.hip * height_m
        parts.append(
            limb([(0.0, y_m, knee_m - 0.012 * height_m), (0.0, y_m, knee_m + 0.1 * height_m),
                  (0.0, y_m, hip_m + 0.01 * height_m)],
                 [(0.034 * thick_m, 0.032 * thick_m), (0.043 * thick_m, 0.042 * thick_m),
                  (0.05 * thick_m, 0.043 * thick_m)], trousers, thigh)
        )  # fmt: skip
        parts.append(
            limb([(-0.004 * height_m, y_m, 0.03 * height_m), (-0.008 * height_m, y_m, 0.19 * height_m),
                  (0.0, y_m, knee_m + 0.012 * height_m)],
                 [(0.026 * thick_m, 0.026 * thick_m), (0.034 * thick_m, 0.032 * thick_m),
                  (0.033 * thick_m, 0.031 * thick_m)], trousers, shin)
        )  # fmt: skip
        parts.append(shoe(0.0, y_m, 0.0, figure.foot * height_m, shin))
    return parts


def _arms(figure: Figure, height_m: float, forearm: str) -> list[Mesh]:
    """Arms a little bent, hanging a little out from the trunk; hands."""
    parts = []
    thick_m = figure.girth * height_m
    for arm, side in ARMS:
        out_m, low_m = side * figure.shoulder_out * height_m, figure.wrist * height_m
        shoulder = (0.0, out_m, figure.shoulder * height_m)
        elbow = (-0.008 * height_m, out_m + side * 0.012 * height_m, figure.elbow * height_m)
        wrist = (0.03 * height_m, out_m + side * 0.014 * height_m, low_m)
        above = (shoulder[0], shoulder[1] - side * 0.004 * height_m, shoulder[2] + 0.012 * height_m)
        sleeve = ((0.025, 0.022), (0.033, 0.03), (0.02, 0.02))
        rings = [(depth * thick_m, breadth * thick_m) for depth, breadth in sleeve]
        parts.append(limb([elbow, shoulder, above], rings, "cloth", arm))
        parts.append(limb([wrist, elbow], [(0.018 * thick_m, 0.016 * thick_m), (0.025 * thick_m, 0.022 * thick_m)],
                          forearm, arm))  # fmt: skip
        hand = (wrist[0] + 0.008 * height_m, wrist[1], low_m - 0.035 * height_m)
        parts.append(ellipsoid(hand, (0.022 * height_m, 0.014 * height_m, 0.045 * height_m), "skin", arm, around=5,
                               rings=3))  # fmt: skip
    return parts


def _trunk(figure: Figure, height_m: float, *, long_coat: bool) -> list[Mesh]:
    """Hips to neck; a long coat reaches halfway down the thighs."""
    thick_m = figure.girth * height_m
    low = figure.hip - (0.13 if long_coat else 0.03)
    span = figure.shoulder - low
    levels = (low, low + 0.30 * span, low + 0.62 * span, low + 0.86 * span, figure.shoulder + 0.004,
              figure.shoulder + 0.03)  # fmt: skip
    flare = 0.094 if long_coat else 0.074
    hips = (0.072 * thick_m, 0.104 * thick_m) if long_coat else (0.064 * thick_m, 0.096 * thick_m)
    rings = ((flare * thick_m, (flare + 0.026) * thick_m), hips,
             (0.068 * thick_m, 0.096 * thick_m), (0.064 * thick_m, 0.106 * thick_m),
             (0.046 * thick_m, 0.108 * thick_m), (0.032 * thick_m, 0.042 * thick_m))  # fmt: skip
    spine = [(0.0, 0.0, level * height_m) for level in levels]
    neck = [(0.0, 0.0, (figure.shoulder + 0.01) * height_m), (0.006 * height_m, 0.0, (figure.chin + 0.02) * height_m)]
    return [
        limb(spine, rings, "cloth", sides=10),
        limb(neck, [(0.033 * thick_m, 0.033 * thick_m), (0.03 * thick_m, 0.03 * thick_m)], "skin"),
    ]


def _rucksack(figure: Figure, height_m: float) -> Mesh:
    high_m, low_m = (figure.shoulder - 0.01) * height_m, (figure.shoulder - 0.24) * height_m
    outline = ((-0.135 * height_m, low_m + 0.03 * height_m), (-0.10 * height_m, low_m), (-0.04 * height_m, low_m),
               (-0.04 * height_m, high_m), (-0.10 * height_m, high_m))  # fmt: skip
    return prism(outline, -0.07 * height_m, 0.07 * height_m, "dark_plastic")
