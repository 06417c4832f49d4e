"""Traffic signs on their posts, after the German catalogue (VzKat, numbers of StVO annexes 1 to 3).

A sign stands at the origin and looks along +x; metres. Its number and value choose the face; what is
not known gets a blank white plate, so that an unusual map still shows where its signs stand.
Sizes where the map gives none: discs and squares 600 mm, triangles 900 mm (VwV-StVO, size 2; recalled,
confirm).
"""

from collections.abc import Callable
from functools import lru_cache
from math import pi

from sim.scenery.glyphs import Flat, arrow, back, bars, face, rectangle, round_corners, text
from sim.scenery.mesh import Mesh, merged, placed, scaled
from sim.scenery.shapes import cylinder

POST_RADIUS_M = 0.038  # a 76 mm tube, as usual in Germany
POST_ROOT_M = 1.2  # long enough where the ground falls away beside the road
PLATE_X_M = 0.045  # plates are clamped in front of the post
LOWER_EDGE_M = 2.0  # above the ground: VwV-StVO to §§ 39 to 43, III 13 a (recalled, confirm)

DISC_M = 0.30
TRIANGLE_M = 0.90
SQUARE_M = 0.60


def _plate(corners: list[Flat], material: str) -> Mesh:
    return merged(back(corners, PLATE_X_M), face(corners, 1, material, PLATE_X_M))


def _disc(rim: str, inner: str) -> Mesh:
    return merged(
        _plate(round_corners((0.0, 0.0), DISC_M), rim),
        face(round_corners((0.0, 0.0), 0.78 * DISC_M), 2, inner, PLATE_X_M),
    )


def _triangle(side_m: float, turned_rad: float) -> list[Flat]:
    return round_corners((0.0, 0.0), side_m / 3.0**0.5, 3, turned_rad)


def _speed_limit(value: str) -> Mesh:
    return merged(_disc("sign_red", "sign_white"), text(value, (0.0, 0.0), 0.22 if len(value) < 3 else 0.17, 3,
                                                        "sign_black", PLATE_X_M))  # fmt: skip


def _end_of_limit(value: str) -> Mesh:
    del value
    stripes = [[(offset - 0.12, -0.17), (offset + 0.12, 0.17)] for offset in (-0.06, 0.0, 0.06)]
    return merged(_disc("sign_black", "sign_white"), bars(stripes, 0.022, PLATE_X_M + 0.036, "sign_black"))


def _no_overtaking(value: str) -> Mesh:
    del value
    cars = [face(rectangle((y - 0.09, -0.06), (y + 0.09, 0.05)), 3, colour, PLATE_X_M)
            for y, colour in ((-0.105, "sign_red"), (0.105, "sign_black"))]  # fmt: skip
    return merged(_disc("sign_red", "sign_white"), *cars)


def _warning(value: str) -> Mesh:
    del value
    return merged(
        _plate(_triangle(TRIANGLE_M, 0.5 * pi), "sign_red"),
        face(_triangle(0.72 * TRIANGLE_M, 0.5 * pi), 2, "sign_white", PLATE_X_M),
        face([(-0.02, -0.03), (0.02, -0.03), (0.035, 0.22), (-0.035, 0.22)], 3, "sign_black", PLATE_X_M),
        face(rectangle((-0.025, -0.12), (0.025, -0.07)), 3, "sign_black", PLATE_X_M),
    )


def _bend_warning(value: str) -> Mesh:
    side = -1.0 if value == "left" else 1.0
    course = [(-0.06 * side, -0.13), (-0.06 * side, 0.0), (0.07 * side, 0.09), (0.07 * side, 0.2)]
    return merged(
        _plate(_triangle(TRIANGLE_M, 0.5 * pi), "sign_red"),
        face(_triangle(0.72 * TRIANGLE_M, 0.5 * pi), 2, "sign_white", PLATE_X_M),
        bars([course], 0.05, PLATE_X_M + 0.036, "sign_black"),
    )


def _descent(value: str) -> Mesh:
    """Sign 108: a black wedge that falls to the right."""
    del value
    return merged(
        _plate(_triangle(TRIANGLE_M, 0.5 * pi), "sign_red"),
        face(_triangle(0.72 * TRIANGLE_M, 0.5 * pi), 2, "sign_white", PLATE_X_M),
        face([(-0.2, -0.14), (0.2, -0.14), (-0.14, 0.06)], 3, "sign_black", PLATE_X_M),
    )


def _priority(value: str) -> Mesh:
    """Sign 301: an upright arrow over a crossing bar, at the next junction the way has priority."""
    del value
    return merged(
        _plate(_triangle(TRIANGLE_M, 0.5 * pi), "sign_red"),
        face(_triangle(0.72 * TRIANGLE_M, 0.5 * pi), 2, "sign_white", PLATE_X_M),
        arrow((0.0, -0.14), (0.0, 0.24), 0.075, 3, "sign_black", PLATE_X_M),
        bars([[(-0.12, -0.03), (0.12, -0.03)]], 0.04, PLATE_X_M + 0.036, "sign_black"),
    )


def _give_way(value: str) -> Mesh:
    del value
    return merged(
        _plate(_triangle(TRIANGLE_M, -0.5 * pi), "sign_red"),
        face(_triangle(0.66 * TRIANGLE_M, -0.5 * pi), 2, "sign_white", PLATE_X_M),
    )


def _stop(value: str) -> Mesh:
    del value
    return merged(
        _plate(round_corners((0.0, 0.0), 0.45, 8, pi / 8.0), "sign_white"),
        face(round_corners((0.0, 0.0), 0.41, 8, pi / 8.0), 2, "sign_red", PLATE_X_M),
        text("STOP", (0.0, 0.0), 0.19, 3, "sign_white", PLATE_X_M),
    )


def _priority_road(value: str) -> Mesh:
    del value
    return merged(
        _plate(round_corners((0.0, 0.0), 0.42, 4), "sign_white"),
        face(round_corners((0.0, 0.0), 0.29, 4), 2, "sign_yellow", PLATE_X_M),
    )


def _crosswalk(value: str) -> Mesh:
    del value
    half = 0.5 * SQUARE_M
    stripes = [[(-0.17 + 0.11 * index, -0.19), (-0.17 + 0.11 * index, -0.1)] for index in range(4)]
    walker = [[(-0.06, -0.08), (0.0, 0.03), (0.07, -0.08)], [(0.0, 0.03), (0.01, 0.12)]]
    return merged(
        _plate(rectangle((-half, -half), (half, half)), "sign_blue"),
        face([(-0.27, -0.23), (0.27, -0.23), (0.0, 0.25)], 2, "sign_white", PLATE_X_M),
        bars([*stripes, *walker], 0.035, PLATE_X_M + 0.036, "sign_black"),
        face(round_corners((0.01, 0.16), 0.03, 6), 3, "sign_black", PLATE_X_M),
    )


def _chevrons(value: str) -> Mesh:
    """A curve board with three red chevrons (VZ 625) towards `value`: "left" or "right"."""
    side = -1.0 if value == "left" else 1.0
    chevrons = [[(side * (c - 0.12), -0.2), (side * (c + 0.12), 0.0), (side * (c - 0.12), 0.2)]
                for c in (-0.45, 0.0, 0.45)]  # fmt: skip
    return merged(
        _plate(rectangle((-0.75, -0.25), (0.75, 0.25)), "sign_white"),
        bars(chevrons, 0.17, PLATE_X_M + 0.024, "sign_red"),
    )


def _direction(value: str) -> Mesh:
    """A signpost towards `value`: a yellow board with an arrow and lines of writing (VZ 415, 430)."""
    side = -1.0 if value == "left" else 1.0
    return merged(
        _plate(rectangle((-0.9, -0.25), (0.9, 0.25)), "sign_black"),
        face(rectangle((-0.87, -0.22), (0.87, 0.22)), 2, "sign_yellow", PLATE_X_M),
        bars([[(-0.25 * side - 0.45, 0.09), (-0.25 * side + 0.45, 0.09)], [(-0.25 * side - 0.45, -0.09),
             (-0.25 * side + 0.2, -0.09)]], 0.08, PLATE_X_M + 0.036, "sign_black"),
        arrow((0.4 * side, 0.0), (0.78 * side, 0.0), 0.09, 3, "sign_black", PLATE_X_M),
    )  # fmt: skip


def _motorway(value: str) -> Mesh:
    """The blue square that opens a motorway (VZ 330)."""
    del value
    half = 0.5 * SQUARE_M
    lanes = [[(-0.06, -0.22), (-0.02, 0.2)], [(0.06, -0.22), (0.02, 0.2)], [(-0.18, 0.06), (0.18, 0.06)]]
    return merged(_plate(rectangle((-half, -half), (half, half)), "sign_blue"),
                  bars(lanes, 0.05, PLATE_X_M + 0.024, "sign_white"))  # fmt: skip


def _blank(value: str) -> Mesh:
    del value
    return _plate(rectangle((-0.3, -0.3), (0.3, 0.3)), "sign_white")


# number: face, how far it reaches below its centre, its width as it is built (m)
FACES: dict[str, tuple[Callable[[str], Mesh], float, float]] = {
    "101": (_warning, 0.26, 0.9),
    "103": (_bend_warning, 0.26, 0.9),
    "105": (_bend_warning, 0.26, 0.9),
    "108": (_descent, 0.26, 0.9),
    "205": (_give_way, 0.52, 0.9),
    "206": (_stop, 0.42, 0.9),
    "274": (_speed_limit, DISC_M, 0.6),
    "276": (_no_overtaking, DISC_M, 0.6),
    "277": (_no_overtaking, DISC_M, 0.6),
    "278": (_end_of_limit, DISC_M, 0.6),
    "282": (_end_of_limit, DISC_M, 0.6),
    "301": (_priority, 0.26, 0.9),
    "306": (_priority_road, 0.42, 0.84),
    "330": (_motorway, 0.3, 0.6),
    "350": (_crosswalk, 0.3, 0.6),
    "415": (_direction, 0.25, 1.8),
    "430": (_direction, 0.25, 1.8),
    "625": (_chevrons, 0.25, 1.5),
}
BLANK = (_blank, 0.3, 0.6)
TWO_POSTS = frozenset({"415", "430", "625"})


@lru_cache(maxsize=128)
def sign(number: str, value: str = "", width_m: float = 0.0, lower_m: float = LOWER_EDGE_M) -> Mesh:
    """A sign on its post: `number` after VzKat, `value` what it says ("80", "left"), its width (0: as usual).

    `lower_m` is the height of its lower edge above the ground.
    """
    make, below_m, built_m = FACES.get(number, BLANK)
    ratio = width_m / built_m if width_m > 0.0 else 1.0
    plate = scaled(make(value), 1.0, ratio, ratio)
    post = cylinder(
        (0.0, 0.0, -POST_ROOT_M), (0.0, 0.0, lower_m + below_m * ratio + 0.1), POST_RADIUS_M, "pole", sides=6
    )
    posts = [placed(post, y_m=y) for y in (-0.5 * ratio, 0.5 * ratio)] if number in TWO_POSTS else [post]
    return merged(*posts, placed(plate, z_m=lower_m + below_m * ratio))
