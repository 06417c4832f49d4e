"""Fixed things that scenarios place as actors: gantries, guard rails, buildings. Metres, body frame."""

from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import Point, box, from_faces, sheet

POSTED_FROM_M = 10.0  # a gantry at least this wide stands on posts of its own; a narrower one hangs from something else
POST_APART_M = 2.0  # of guard rail posts; own, common for W-beams
BOARD_APART_M = 7.0
# W-beam: (share of the width out from the middle, share of the height), from its lower to its upper edge
_WAVE = ((0.62, 0.585), (0.98, 0.66), (0.98, 0.71), (0.66, 0.77), (0.66, 0.80), (0.98, 0.86), (0.98, 0.93), (0.62, 1.0))
_FACADES = ("facade_plaster", "facade_brick", "facade_concrete", "facade_glass")


def gantry(size_m: tuple[float, float, float], clearance_m: float) -> Mesh:
    """A lattice beam across the road with sign boards towards those who come from behind it, and its posts.

    `size_m` is the beam's box; its lower edge is at `clearance_m`.
    """
    length_m, width_m, height_m = size_m
    half_x, half_y, top_m = 0.5 * length_m, 0.5 * width_m, clearance_m + height_m
    bar_m = 0.12 * min(length_m, height_m)
    parts: list[Mesh] = []
    inner_x = half_x - bar_m
    for x_m in (-0.55 * half_x, inner_x):
        for z_m in (clearance_m, top_m - bar_m):
            parts.append(box((x_m, -half_y, z_m), (x_m + bar_m, half_y, z_m + bar_m), "gantry"))
    struts = max(2, round(width_m / 2.5))
    for index in range(struts + 1):
        y_m = -half_y + (width_m - bar_m) * index / struts
        parts.append(box((inner_x, y_m, clearance_m), (half_x, y_m + bar_m, top_m), "gantry"))
        parts.append(box((-0.55 * half_x, y_m, top_m - bar_m), (half_x, y_m + bar_m, top_m), "gantry"))
    boards = max(1, int(width_m / BOARD_APART_M))
    for index in range(boards):
        middle_m = -half_y + width_m * (index + 0.5) / boards
        parts += _board(-half_x, middle_m, 0.38 * width_m / boards, clearance_m, top_m)
    if width_m >= POSTED_FROM_M:
        for y_m in (-half_y, half_y - 0.35):
            parts.append(box((-0.5 * half_x, y_m, 0.0), (half_x - bar_m, y_m + 0.35, top_m), "gantry"))
    return merged(*parts)


def _board(x_m: float, y_m: float, half_m: float, low_m: float, high_m: float) -> list[Mesh]:
    """A blue board with a white rim and two lines of text, on the beam's rear side."""

    def face(right: float, left: float, low: float, high: float, proud_m: float, material: str) -> Mesh:
        x = x_m + 0.03 - proud_m
        return sheet(((x, right, low), (x, right, high), (x, left, high), (x, left, low)), material)

    tall_m = high_m - low_m
    rows = [
        box((x_m + 0.031, y_m - half_m, low_m), (x_m + 0.08, y_m + half_m, high_m), "sign_back"),
        face(y_m - half_m, y_m + half_m, low_m, high_m, 0.0, "sign_white"),
        face(y_m - half_m + 0.05, y_m + half_m - 0.05, low_m + 0.05, high_m - 0.05, 0.015, "sign_blue"),
    ]
    for share, wide in ((0.62, 0.7), (0.28, 0.45)):
        z_m = low_m + share * tall_m
        rows.append(face(y_m - wide * half_m, y_m + wide * half_m, z_m, z_m + 0.12 * tall_m, 0.03, "sign_white"))
    return rows


def guard_rail(size_m: tuple[float, float, float]) -> Mesh:
    """A W-beam on either side of a row of posts."""
    length_m, width_m, height_m = size_m
    half_x, half_y = 0.5 * length_m, 0.5 * width_m
    wave = [(share * half_y, level * height_m) for share, level in _WAVE]
    faces: list[tuple[Point, ...]] = []
    for (ya, za), (yb, zb) in zip(wave, wave[1:], strict=False):
        strip = ((half_x, ya, za), (-half_x, ya, za), (-half_x, yb, zb), (half_x, yb, zb))
        across = tuple((x, -y, z) for x, y, z in strip)
        faces += [strip, strip[::-1], across[::-1], across]
    posts = max(1, round(length_m / POST_APART_M))
    parts = [from_faces(faces, "guard_rail")]
    for index in range(posts):
        x_m = -half_x + length_m * (index + 0.5) / posts
        parts.append(box((x_m - 0.05, -0.62 * half_y, 0.0), (x_m + 0.05, 0.62 * half_y, 0.97 * height_m), "guard_rail"))
    return merged(*parts)


def building(size_m: tuple[float, float, float], variant: int) -> Mesh:
    """A block with rows of windows, under a pitched roof if it is low and chance has it so."""
    length_m, width_m, height_m = size_m
    half_x, half_y = 0.5 * length_m, 0.5 * width_m
    facade = _FACADES[variant % len(_FACADES)]
    if facade in ("facade_plaster", "facade_brick") and height_m < 14.0:
        return _pitched(half_x, half_y, height_m, facade)
    walls = _walls(half_x, half_y, height_m - 0.4)
    inner_x, inner_y = half_x - 0.3, half_y - 0.3
    low_m = height_m - 0.6
    rim: list[tuple[Point, ...]] = []
    outer = ((half_x, -half_y), (half_x, half_y), (-half_x, half_y), (-half_x, -half_y))
    inner = ((inner_x, -inner_y), (inner_x, inner_y), (-inner_x, inner_y), (-inner_x, -inner_y))
    for i in range(4):
        a, b, c, d = outer[i], outer[(i + 1) % 4], inner[(i + 1) % 4], inner[i]
        rim.append(((*a, height_m - 0.4), (*b, height_m - 0.4), (*b, height_m), (*a, height_m)))
        rim.append(((*a, height_m), (*b, height_m), (*c, height_m), (*d, height_m)))
        rim.append(((*d, height_m), (*c, height_m), (*c, low_m), (*d, low_m)))
    flat = tuple((*corner, low_m) for corner in inner)
    return merged(from_faces(walls, facade), from_faces([*rim, flat], "roof_flat"))


def _walls(half_x: float, half_y: float, height_m: float) -> list[tuple[Point, ...]]:
    corners = ((half_x, -half_y), (half_x, half_y), (-half_x, half_y), (-half_x, -half_y))
    return [
        ((*corners[i], 0.0), (*corners[(i + 1) % 4], 0.0), (*corners[(i + 1) % 4], height_m), (*corners[i], height_m))
        for i in range(4)
    ]


def _pitched(half_x: float, half_y: float, height_m: float, facade: str) -> Mesh:
    """Walls with gables and a roof along the longer side."""
    eaves_m = height_m - min(0.32 * height_m, 0.8 * min(half_x, half_y))
    walls = _walls(half_x, half_y, eaves_m)
    along = half_x >= half_y
    long_m, wide_m = (half_x, half_y) if along else (half_y, half_x)

    def turned(points: tuple[Point, ...]) -> tuple[Point, ...]:
        return points if along else tuple((-y, x, z) for x, y, z in points)

    gables = [
        turned(((long_m, -wide_m, eaves_m), (long_m, wide_m, eaves_m), (long_m, 0.0, height_m))),
        turned(((-long_m, wide_m, eaves_m), (-long_m, -wide_m, eaves_m), (-long_m, 0.0, height_m))),
    ]
    slopes = [
        turned(((-long_m, -wide_m, eaves_m), (long_m, -wide_m, eaves_m), (long_m, 0.0, height_m),
                (-long_m, 0.0, height_m))),
        turned(((long_m, wide_m, eaves_m), (-long_m, wide_m, eaves_m), (-long_m, 0.0, height_m),
                (long_m, 0.0, height_m))),
    ]  # fmt: skip
    return merged(from_faces([*walls, *gables], facade), from_faces(slopes, "roof"))
