"""Wheels: a round tyre, and a rim whose fields of metal and shadow read as spokes. Metres, axle along y."""

from math import cos, pi, sin

from sim.scenery.bodies.skin import Face, skin
from sim.scenery.mesh import Mesh
from sim.scenery.shapes import Point

RIM_RATIO = 0.66  # of the tyre's radius: a 16 inch rim in a 205/55 tyre


def wheel(
    x_m: float, outer_y_m: float, radius_m: float, width_m: float, *, sides: int = 10, rim_ratio: float = RIM_RATIO,
    rim: tuple[str, str] = ("rim", "dark_plastic"),
) -> Mesh:  # fmt: skip
    """A wheel standing on the ground; `outer_y_m` is its outer face, on the side its sign says."""
    side = 1.0 if outer_y_m > 0.0 else -1.0
    inner_y_m = outer_y_m - side * width_m
    turns = [2.0 * pi * (i + 0.5) / sides for i in range(sides)]

    def at(y_m: float, reach_m: float, turn: float) -> Point:
        return (x_m + reach_m * cos(turn), y_m, radius_m + reach_m * sin(turn))

    # with a multiple of four sides a flat stands on the ground, otherwise a corner does
    grown_m = radius_m / cos(pi / sides) if sides % 4 == 0 else radius_m
    faces: list[Face] = []
    for index in range(sides):
        a, b = turns[index], turns[(index + 1) % sides]
        tread = (at(inner_y_m, grown_m, a), at(outer_y_m, grown_m, a), at(outer_y_m, grown_m, b),
                 at(inner_y_m, grown_m, b))  # fmt: skip
        rim_m = rim_ratio * radius_m
        wall = (at(outer_y_m, grown_m, a), at(outer_y_m, rim_m, a), at(outer_y_m, rim_m, b), at(outer_y_m, grown_m, b))
        spoke = (at(outer_y_m, rim_m, a), (x_m, outer_y_m, radius_m), at(outer_y_m, rim_m, b))
        for face, material in ((tread, "rubber"), (wall, "rubber"), (spoke, rim[index % 2])):
            faces.append((face if side > 0.0 else tuple(reversed(face)), material))
    back = tuple(at(inner_y_m, grown_m, turn) for turn in turns)
    faces.append((tuple(reversed(back)) if side < 0.0 else back, "rubber"))
    return skin(faces, crease_rad=0.8)
