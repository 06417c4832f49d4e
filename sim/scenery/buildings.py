"""Buildings, each in its own frame: the street front faces -y, the origin is the middle of the front on the ground.

x runs along the front, y into the plot, z up; metres. Walls reach below the ground, so that a building
stands on a slope. Windows are painted by the facades' texture; doors, shop windows, eaves, parapets,
chimneys and gates are geometry. A design is 30 to 150 triangles. Sizes are everyday ones (own choice).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import Point, box, cylinder, from_faces, prism

STOREY_M = 3.0
BASEMENT_M = 1.5  # how far walls reach below the ground at the front
PROUD_M = 0.08  # doors and frames stand this far in front of the wall
EAVES_M = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One design: how to build it, and its footprint."""

    name: str
    kind: Callable[["Design"], Mesh]
    length_m: float
    depth_m: float
    storeys: int
    facade: str


def _walls(design: Design, height_m: float, material: str, low_m: float = -BASEMENT_M) -> Mesh:
    """Four walls without top and bottom."""
    ring = _ring(0.5 * design.length_m, 0.0, design.depth_m)
    faces = []
    for (xa, ya), (xb, yb) in zip(ring, (*ring[1:], ring[0]), strict=True):
        faces.append(((xa, ya, low_m), (xb, yb, low_m), (xb, yb, height_m), (xa, ya, height_m)))
    return from_faces(faces, material)


def _on_front(x0_m: float, x1_m: float, z0_m: float, z1_m: float, material: str, proud_m: float = PROUD_M) -> Mesh:
    """A panel on the front: its face and the four narrow sides around it."""
    y_m = -proud_m
    face = ((x0_m, y_m, z0_m), (x1_m, y_m, z0_m), (x1_m, y_m, z1_m), (x0_m, y_m, z1_m))
    back = tuple((x, 0.0, z) for x, _, z in face)
    faces: list[tuple[Point, ...]] = [face]
    for index in range(4):
        other = (index + 1) % 4
        faces.append((face[other], face[index], back[index], back[other]))
    return from_faces(faces, material)


def _ring(half_m: float, near_m: float, far_m: float) -> tuple[tuple[float, float], ...]:
    """The corners of a rectangle, counter-clockwise from above."""
    return (-half_m, near_m), (half_m, near_m), (half_m, far_m), (-half_m, far_m)


def _flat_roof(design: Design, height_m: float) -> Mesh:
    """A roof with a parapet around it: the parapet's outside, its coping and inside, and the roof within."""
    half, deep = 0.5 * design.length_m, design.depth_m
    rise_m, thick_m, over_m = 0.6, 0.3, 0.06
    outer = _ring(half + over_m, -over_m, deep + over_m)
    inner = _ring(half - thick_m, thick_m, deep - thick_m)
    low_m, top_m = height_m - 0.25, height_m + rise_m
    faces: list[tuple[Point, ...]] = [tuple((x, y, height_m) for x, y in inner)]
    for index in range(4):
        (xa, ya), (xb, yb) = outer[index], outer[(index + 1) % 4]
        (ua, va), (ub, vb) = inner[index], inner[(index + 1) % 4]
        faces.append(((xa, ya, low_m), (xb, yb, low_m), (xb, yb, top_m), (xa, ya, top_m)))
        faces.append(((xa, ya, top_m), (xb, yb, top_m), (ub, vb, top_m), (ua, va, top_m)))
        faces.append(((ub, vb, height_m), (ua, va, height_m), (ua, va, top_m), (ub, vb, top_m)))
    return from_faces(faces, "roof_flat")


def _gabled_roof(design: Design, height_m: float, pitch_m: float, material: str) -> Mesh:
    """A roof ridged along x: two slopes with eaves, closed below and at the ends as one solid."""
    half, deep = 0.5 * design.length_m + EAVES_M, design.depth_m
    drop_m = 2.0 * EAVES_M * pitch_m / deep
    low_m, thick_m = height_m - drop_m, 0.22
    left = ((-EAVES_M, low_m), (0.5 * deep, height_m + pitch_m), (deep + EAVES_M, low_m))
    outline = [(y, z) for y, z in left] + [(y, z + thick_m) for y, z in reversed(left)]
    front: list[tuple[Point, ...]] = []
    for index in range(6):
        (ya, za), (yb, zb) = outline[index], outline[(index + 1) % 6]
        front.append(((-half, ya, za), (-half, yb, zb), (half, yb, zb), (half, ya, za)))
    ends: list[tuple[Point, ...]] = []
    for a, b in ((0, 1), (1, 2)):
        slab = (left[a], left[b], (left[b][0], left[b][1] + thick_m), (left[a][0], left[a][1] + thick_m))
        ends.append(tuple((half, y, z) for y, z in slab))
        ends.append(tuple((-half, y, z) for y, z in reversed(slab)))
    return from_faces([*front, *ends], material)


def _gables(design: Design, height_m: float, pitch_m: float, material: str) -> Mesh:
    half, deep = 0.5 * design.length_m, design.depth_m
    right = ((half, 0.0, height_m), (half, deep, height_m), (half, 0.5 * deep, height_m + pitch_m))
    left = tuple((-x, y, z) for x, y, z in reversed(right))
    return from_faces([right, left], material)


def _block(design: Design) -> Mesh:
    """A flat-roofed block of flats or offices: plinth, door with canopy, parapet, a lift's hut on the roof."""
    height_m = STOREY_M * design.storeys
    hut_x_m, hut_y_m = 0.2 * design.length_m, 0.5 * design.depth_m
    return merged(
        _walls(design, height_m, design.facade),
        _flat_roof(design, height_m),
        _on_front(-1.0, 1.0, 0.0, 2.4, "door"),
        box((-1.5, -1.1, 2.5), (1.5, 0.0, 2.65), "roof_flat"),
        box(
            (hut_x_m - 1.6, hut_y_m - 1.3, height_m), (hut_x_m + 1.6, hut_y_m + 1.3, height_m + 2.2), "facade_concrete"
        ),
    )


def _house(design: Design) -> Mesh:
    """A house with a pitched roof, a chimney, a door with a step."""
    height_m = STOREY_M * design.storeys
    pitch_m = 0.42 * design.depth_m
    x_m, y_m = 0.28 * design.length_m, 0.62 * design.depth_m
    top_m = height_m + pitch_m
    return merged(
        _walls(design, height_m, design.facade),
        _gables(design, height_m, pitch_m, design.facade),
        _gabled_roof(design, height_m, pitch_m, "roof"),
        box((x_m - 0.35, y_m - 0.3, height_m + 0.4 * pitch_m), (x_m + 0.35, y_m + 0.3, top_m + 0.7), "roof"),
        _on_front(-0.55, 0.55, 0.15, 2.25, "door"),
        box((-0.9, -0.9, -0.4), (0.9, 0.0, 0.15), "roof_flat"),
    )


def _shop(design: Design) -> Mesh:
    """A shop below flats: two shop windows, a door between them, a fascia with an awning, a flat roof."""
    height_m = STOREY_M * design.storeys + 0.6
    half = 0.5 * design.length_m
    awning = ((-1.5, 2.75), (0.0, 3.2), (0.0, 3.35), (-1.5, 2.85))  # y, z
    faces: list[tuple[Point, ...]] = []
    for index in range(4):
        (ya, za), (yb, zb) = awning[index], awning[(index + 1) % 4]
        faces.append(((-half + 0.8, ya, za), (-half + 0.8, yb, zb), (half - 0.8, yb, zb), (half - 0.8, ya, za)))
    faces.append(tuple((half - 0.8, y, z) for y, z in awning))
    faces.append(tuple((-half + 0.8, y, z) for y, z in reversed(awning)))
    return merged(
        _walls(design, height_m, design.facade),
        _flat_roof(design, height_m),
        _on_front(-half + 0.6, -1.0, 0.5, 2.6, "shop_window"),
        _on_front(1.0, half - 0.6, 0.5, 2.6, "shop_window"),
        _on_front(-0.7, 0.7, 0.0, 2.4, "door"),
        _on_front(-half + 0.3, half - 0.3, 3.4, 3.95, "door", 0.15),
        from_faces(faces, "awning"),
    )


def _hall(design: Design) -> Mesh:
    """A hall or warehouse: a shallow roof, two gates and a row of roof lights."""
    height_m = STOREY_M * design.storeys
    pitch_m = 0.09 * design.depth_m
    quarter = 0.25 * design.length_m
    gates = [_on_front(x - 2.0, x + 2.0, 0.0, 4.2, "gate") for x in (-quarter, quarter)]
    lights = [
        prism(((x - 1.2, height_m + 0.5 * pitch_m), (x + 1.2, height_m + 0.5 * pitch_m), (x, height_m + pitch_m + 0.9)),
              0.3 * design.depth_m, 0.7 * design.depth_m, "steel")
        for x in (-quarter, 0.0, quarter)
    ]  # fmt: skip
    return merged(
        _walls(design, height_m, design.facade),
        _gables(design, height_m, pitch_m, design.facade),
        _gabled_roof(design, height_m, pitch_m, "roof_flat"),
        *gates,
        *lights,
    )


def _barn(design: Design) -> Mesh:
    """A barn with a steep roof and a wide gate."""
    height_m = STOREY_M * design.storeys
    pitch_m = 0.45 * design.depth_m
    return merged(
        _walls(design, height_m, "planks"),
        _gables(design, height_m, pitch_m, "planks"),
        _gabled_roof(design, height_m, pitch_m, "roof"),
        _on_front(-2.2, 2.2, 0.0, 4.2, "door"),
    )


def _silo(design: Design) -> Mesh:
    """A round steel silo with a domed cap."""
    radius_m, top_m = 0.5 * design.depth_m, STOREY_M * design.storeys
    centre_m = 0.5 * design.depth_m
    return merged(
        cylinder((0.0, centre_m, -BASEMENT_M), (0.0, centre_m, top_m), radius_m, "steel", sides=12, capped=False),
        cylinder((0.0, centre_m, top_m), (0.0, centre_m, top_m + 0.35 * radius_m), radius_m, "steel", sides=12,
                 end_radius_m=0.3 * radius_m),
    )  # fmt: skip


def _design(name: str, kind: Callable[[Design], Mesh], size: tuple[float, float, int], facade: str = "wall") -> Design:
    return Design(name=name, kind=kind, length_m=size[0], depth_m=size[1], storeys=size[2], facade=facade)


# fmt: off
TOWN: tuple[Design, ...] = (
    _design("block_plaster",      _block, (22.0, 13.0, 4), "facade_plaster"),
    _design("block_concrete",     _block, (26.0, 14.0, 6), "facade_concrete"),
    _design("block_glass",        _block, (24.0, 16.0, 7), "facade_glass"),
    _design("block_brick",        _block, (18.0, 12.0, 5), "facade_brick"),
    _design("block_low",          _block, (16.0, 12.0, 3), "facade_concrete"),
    _design("house_plaster",      _house, (13.0, 10.0, 2), "facade_plaster"),
    _design("house_brick",        _house, (12.0, 10.0, 2), "facade_brick"),
    _design("house_row",          _house, (18.0, 11.0, 3), "facade_plaster"),
    _design("house_town",         _house, (16.0, 12.0, 4), "facade_brick"),
    _design("shop_brick",         _shop,  (15.0, 12.0, 3), "facade_brick"),
    _design("shop_plaster",       _shop,  (18.0, 12.0, 4), "facade_plaster"),
    _design("shop_concrete",      _shop,  (20.0, 14.0, 2), "facade_concrete"),
)
SKYLINE: tuple[Design, ...] = (
    _design("tower_glass",        _block, (24.0, 22.0, 14), "facade_glass"),
    _design("tower_concrete",     _block, (30.0, 18.0, 11), "facade_concrete"),
)
OUTSKIRTS: tuple[Design, ...] = (
    _design("hall_concrete",      _hall,  (36.0, 22.0, 2), "facade_concrete"),
    _design("hall_wide",          _hall,  (48.0, 26.0, 3), "facade_concrete"),
)
FARM_HOUSE = _design("farm_house", _house, (14.0, 10.0, 2), "facade_plaster")
BARN       = _design("barn",       _barn,  (20.0, 12.0, 2))
SILO       = _design("silo",       _silo,  (4.6, 4.6, 3))
# fmt: on


@lru_cache(maxsize=64)
def building(design: Design) -> Mesh:
    """The mesh of a design."""
    return design.kind(design)
