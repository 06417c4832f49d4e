"""Buses: the lofted hull of `motorcars` with a band of windows, doors on the right, a destination sign.

Metres, body frame.
"""

from sim.scenery.bodies.motorcars import Shape, hull, plate, wheels_of
from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import box

_PILLARS = tuple((0.165 + 0.122 * i, 0.172 + 0.122 * i) for i in range(7))
CITY_BUS = Shape(
    top=((0.0, 0.965), (0.01, 0.985), (0.04, 1.0), (0.96, 1.0), (0.992, 0.985), (1.0, 0.96)),
    belt=((0.0, 0.40), (0.90, 0.40), (1.0, 0.36)),
    plan=((0.0, 0.94), (0.008, 0.98), (0.03, 1.0), (0.965, 1.0), (0.99, 0.97), (1.0, 0.91)),
    windscreen=(2.0, 2.0), rear_glass=None, glass=(0.045, 1.0), pillars=_PILLARS, axles=(0.28, 0.775),
    wheel_ratio=0.155, floor=0.085, sill=0.115, waist=0.235, lintel=0.13, tumble=0.03,
)  # fmt: skip
DOORS = ((0.905, 0.99), (0.53, 0.65))  # front and middle, on the right


def bus(size_m: tuple[float, float, float]) -> Mesh:
    """The whole bus, near its size."""
    length_m, width_m, height_m = size_m
    parts = [hull(CITY_BUS, size_m, _paint, _front_paint, _rear_paint), *wheels_of(CITY_BUS, size_m, 8)]
    half_m = 0.5 * length_m
    parts += [plate(half_m, 0.125 * height_m, 1.0), plate(-half_m, 0.25 * height_m, -1.0)]
    for side in (-1.0, 1.0):
        inner_m, outer_m = sorted((side * 0.44 * width_m, side * 0.5 * width_m))
        parts.append(
            box((half_m - 0.16, inner_m, 0.60 * height_m), (half_m - 0.02, outer_m, 0.70 * height_m), "dark_plastic")
        )
    return merged(*parts)


def _door(place: float, side: int) -> bool:
    return side < 0 and any(low < place < high for low, high in DOORS)


def _paint(shape: Shape, place: float, strip: int, side: int) -> str:
    if strip == 0:
        return "chassis"
    if strip == 1:
        return "dark_plastic"
    if 2 <= strip <= 5 and _door(place, side):
        return "glass"
    if strip == 5 and shape.glass[0] < place:
        return "dark_plastic" if any(low < place < high for low, high in shape.pillars) else "glass"
    if strip == 3 and place > 0.99:
        return "left_indicator" if side > 0 else "right_indicator"
    return "paint"


def _front_paint(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape, side
    if strip <= 1:
        return "dark_plastic"
    if strip == 3:
        return ("paint", "paint", "headlamp", "headlamp")[column]
    return ("paint", "paint", "paint", "paint", "paint", "glass", "dark_plastic", "paint")[strip]


def _rear_paint(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape
    indicator = "left_indicator" if side > 0 else "right_indicator"
    if strip <= 1:
        return "dark_plastic"
    if strip == 2:
        return ("dark_plastic", "dark_plastic", "paint", "paint")[column]
    if strip == 3:
        return ("dark_plastic", "dark_plastic", "paint", "tail_lamp")[column]
    if strip == 4:
        return ("paint", "paint", indicator, "brake_lamp")[column]
    if strip == 5:
        return ("glass", "glass", "glass", "paint")[column]
    return ("brake_lamp", "paint", "paint", "paint")[column] if strip == 6 else "paint"
