"""What lies or stands on the road: the soft target, a steel plate, cones, debris. Metres, body frame."""

from dataclasses import replace
from math import cos, pi, sin

from sim.scenery.bodies.motorcars import HATCHBACK, Shape, hull, plate, wheels_of
from sim.scenery.bodies.skin import Face, skin
from sim.scenery.mesh import Mesh, merged, placed
from sim.scenery.shapes import Point, box, cylinder

FOAM_COLOUR = (0.55, 0.56, 0.58)  # own: the printed skin of the target, seen as one colour between its chequers
LONG_RATIO = 2.2  # debris this much longer than wide is timber


def soft_target(size_m: tuple[float, float, float]) -> Mesh:
    """A car of foam panels on a flat platform (look after ISO 19206-3): flat sides, printed glass, reflecting tape."""
    shape = replace(HATCHBACK, tumble=0.14, floor=0.10, sill=0.12)
    length_m, _, height_m = size_m
    return merged(
        hull(shape, size_m, _foam, _foam_front, _foam_rear, crease_rad=0.05),
        *wheels_of(shape, size_m, 10),
        plate(0.5 * length_m, 0.24 * height_m, 1.0),
        plate(-0.5 * length_m, 0.42 * height_m, -1.0),
    )


def _foam(shape: Shape, place: float, strip: int, side: int) -> str:
    del side
    if strip <= 1:
        return "rubber"
    glazed = (strip == 5 and shape.glass[0] < place < shape.glass[1]) or (
        strip == 7 and any(low < place < high for low, high in (shape.windscreen, shape.rear_glass or (2.0, 2.0)))
    )
    return "dark_plastic" if glazed else "foam"


def _foam_front(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape, side
    if strip <= 1:
        return "rubber"
    return "rim" if strip == 4 and column >= 2 else "foam"


def _foam_rear(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape, side
    if strip <= 1:
        return "rubber"
    return "reflective_tape" if strip == 4 and column >= 2 else "foam"


def steel_plate(size_m: tuple[float, float, float]) -> Mesh:
    """A road plate."""
    length_m, width_m, height_m = size_m
    return box((-0.5 * length_m, -0.5 * width_m, 0.0), (0.5 * length_m, 0.5 * width_m, height_m), "plate_steel")


def cone(size_m: tuple[float, float, float]) -> Mesh:
    """A traffic cone with a reflecting band on a dark foot (look after EN 13422)."""
    length_m, width_m, height_m = size_m
    foot_m = 0.06 * height_m
    wide_m, tip_m = 0.40 * min(length_m, width_m), 0.06 * min(length_m, width_m)
    levels = ((foot_m, "cone_orange"), (0.46 * height_m, "cone_white"), (0.78 * height_m, "cone_orange"),
              (height_m, ""))  # fmt: skip

    def radius_m(z_m: float) -> float:
        return wide_m + (tip_m - wide_m) * (z_m - foot_m) / (height_m - foot_m)

    parts = [box((-0.5 * length_m, -0.5 * width_m, 0.0), (0.5 * length_m, 0.5 * width_m, foot_m), "rubber")]
    for (low_m, material), (high_m, _) in zip(levels, levels[1:], strict=False):
        top = high_m == height_m
        parts.append(cylinder((0.0, 0.0, low_m), (0.0, 0.0, high_m), radius_m(low_m), material, sides=8,
                              end_radius_m=radius_m(high_m), capped=top))  # fmt: skip
    return merged(*parts)


def debris(size_m: tuple[float, float, float], variant: int) -> Mesh:
    """Something lost on the road: timber if long, else a torn tyre or a cardboard box, as low or as chance has it."""
    length_m, width_m, height_m = size_m
    if max(length_m, width_m) > LONG_RATIO * min(length_m, width_m):
        return _timber(size_m)
    if height_m < 0.6 * min(length_m, width_m) and variant % 2 == 0:
        return _carcass(size_m)
    return _carton(size_m)


def _timber(size_m: tuple[float, float, float]) -> Mesh:
    """Two beams side by side and a third across them, along the longer side."""
    length_m, width_m, height_m = size_m
    along = length_m >= width_m
    long_m, wide_m = (length_m, width_m) if along else (width_m, length_m)
    low_m = 0.55 * height_m
    beams: tuple[tuple[Point, Point], ...] = (
        ((-0.5 * long_m, -0.5 * wide_m, 0.0), (0.42 * long_m, -0.06 * wide_m, low_m)),
        ((-0.40 * long_m, 0.08 * wide_m, 0.0), (0.5 * long_m, 0.5 * wide_m, low_m)),
        ((-0.10 * long_m, -0.46 * wide_m, low_m), (0.08 * long_m, 0.48 * wide_m, height_m)),
    )
    made = merged(*(box(low, high, "timber") for low, high in beams))
    return made if along else placed(made, yaw_rad=0.5 * pi)


def _carcass(size_m: tuple[float, float, float]) -> Mesh:
    """A burst tyre lying flat, a piece of its ring torn out and its crown sagging unevenly."""
    reach_m, wide_m, height_m = 0.5 * size_m[0], 0.5 * size_m[1], size_m[2]
    sectors = 14

    def at(index: int, share: float, level: float) -> Point:
        turn = 2.0 * pi * index / sectors
        sag = 1.0 if level == 0.0 else 0.88 + 0.12 * cos(3.0 * turn)
        return (share * reach_m * cos(turn), share * wide_m * sin(turn), level * sag * height_m)

    faces: list[Face] = []
    for i in range(1, sectors):  # the first piece is missing
        j = i + 1
        faces += [
            ((at(i, 1.0, 0.0), at(j, 1.0, 0.0), at(j, 1.0, 1.0), at(i, 1.0, 1.0)), "rubber"),
            ((at(i, 1.0, 1.0), at(j, 1.0, 1.0), at(j, 0.62, 0.85), at(i, 0.62, 0.85)), "rubber"),
            ((at(i, 0.62, 0.85), at(j, 0.62, 0.85), at(j, 0.70, 0.0), at(i, 0.70, 0.0)), "rubber"),
        ]
    for i, outwards in ((1, 1), (sectors, -1)):
        end = (at(i, 0.70, 0.0), at(i, 1.0, 0.0), at(i, 1.0, 1.0), at(i, 0.62, 0.85))
        faces.append((end[::outwards], "chassis"))
    return skin(faces)


def _carton(size_m: tuple[float, float, float]) -> Mesh:
    """A box with its lid's flaps open and its sides a little crushed."""
    half_m, wide_m, height_m = 0.5 * size_m[0], 0.5 * size_m[1], size_m[2]
    rim_m = 0.78 * height_m
    low = ((half_m * 0.82, -wide_m * 0.9), (half_m * 0.86, wide_m * 0.84), (-half_m * 0.84, wide_m * 0.9),
           (-half_m * 0.88, -wide_m * 0.82))  # fmt: skip
    high = ((half_m * 0.80, -wide_m * 0.78), (half_m * 0.78, wide_m * 0.80), (-half_m * 0.80, wide_m * 0.76),
            (-half_m * 0.78, -wide_m * 0.80))  # fmt: skip
    faces: list[Face] = []
    for (a, b), (c, d) in zip(zip(low, (*low[1:], low[0]), strict=True), zip(high, (*high[1:], high[0]), strict=True),
                              strict=True):  # fmt: skip
        wall = ((*a, 0.0), (*b, 0.0), (*d, rim_m), (*c, rim_m))
        faces += [(wall, "cardboard"), (_behind(wall), "cardboard")]
        out = ((*c, rim_m), (*d, rim_m), _flap(d, c, half_m, wide_m, height_m), _flap(c, d, half_m, wide_m, height_m))
        faces += [(out, "cardboard"), (_behind(out), "cardboard")]
    floor = tuple((x, y, 0.01) for x, y in low)
    faces.append((floor, "cardboard"))
    return skin(faces, crease_rad=0.0)


def _flap(
    corner: tuple[float, float], other: tuple[float, float], half_m: float, wide_m: float, height_m: float
) -> Point:
    """The outer corner of a flap on the edge from `corner` to `other`: out to the outline, in from the edge's end."""
    x_m, y_m = (corner[i] + 0.12 * (other[i] - corner[i]) for i in (0, 1))
    if abs(other[1] - corner[1]) > abs(other[0] - corner[0]):
        return (half_m if x_m > 0.0 else -half_m, y_m, height_m)
    return (x_m, wide_m if y_m > 0.0 else -wide_m, height_m)


def _behind(face: tuple[Point, ...]) -> tuple[Point, ...]:
    """The same face seen from its other side, cut into the same triangles."""
    return (face[0], *face[:0:-1])
