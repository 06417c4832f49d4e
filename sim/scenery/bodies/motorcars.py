"""Cars and vans: a hull lofted over sections from rear to front, with arches, glass, lamps and wheels.

A `Shape` is a table of profiles against the place along the vehicle (0 rear, 1 front); heights are
shares of the overall height, widths shares of the half width. Metres, body frame.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sim.scenery.bodies.skin import CREASE_RAD, Face, HalfSection, end_faces, hull_faces, skin
from sim.scenery.bodies.wheels import wheel
from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import box, sheet

Profile = tuple[tuple[float, float], ...]  # (place, value), rising places, read with straight lines between

PROUD_M = 0.012  # number plates and lamps stand this far off the skin: far enough for a depth buffer
ARCH_GAP_M = 0.06  # between tyre and arch
WHEEL_INSET_M = 0.02
PLATE_M = (0.52, 0.11)  # European number plate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One body style. `glass` are the places of side windows; `pillars` the places of dark posts in them."""

    top: Profile  # roof, bonnet and boot in the middle
    belt: Profile  # lower edge of the side windows
    plan: Profile  # half width
    windscreen: tuple[float, float]
    rear_glass: tuple[float, float] | None
    glass: tuple[float, float]
    pillars: tuple[tuple[float, float], ...]
    axles: tuple[float, ...]  # from the rear
    wheel_ratio: float  # tyre radius, share of the height
    floor: float = 0.125
    sill: float = 0.175
    waist: float = 0.40  # the widest line, top of the bumpers
    lintel: float = 0.07  # from the windows up to the roof
    tumble: float = 0.19  # how far the roof's edge leans in, share of the half width
    cladding: str = "paint"  # below the waist
    rear_windows: bool = False  # panes in the rear doors


_PLAN = ((0.0, 0.82), (0.03, 0.93), (0.12, 1.0), (0.84, 1.0), (0.945, 0.94), (0.985, 0.84), (1.0, 0.72))
_BELT = ((0.0, 0.62), (0.12, 0.655), (0.72, 0.625), (1.0, 0.50))

HATCHBACK = Shape(
    top=((0.0, 0.60), (0.014, 0.65), (0.085, 0.935), (0.14, 0.97), (0.36, 1.0), (0.52, 0.99), (0.59, 0.955),
         (0.765, 0.665), (0.90, 0.60), (0.97, 0.525), (1.0, 0.45)),
    belt=_BELT, plan=_PLAN, windscreen=(0.59, 0.765), rear_glass=(0.014, 0.085), glass=(0.15, 0.745),
    pillars=((0.43, 0.452),), axles=(0.182, 0.797), wheel_ratio=0.212,
)  # fmt: skip
SALOON = Shape(
    top=((0.0, 0.56), (0.012, 0.63), (0.135, 0.67), (0.275, 0.945), (0.33, 0.975), (0.44, 1.0), (0.55, 0.985),
         (0.60, 0.955), (0.765, 0.66), (0.90, 0.595), (0.97, 0.515), (1.0, 0.44)),
    belt=_BELT, plan=_PLAN, windscreen=(0.60, 0.765), rear_glass=(0.135, 0.275), glass=(0.235, 0.745),
    pillars=((0.465, 0.485),), axles=(0.215, 0.81), wheel_ratio=0.215,
)  # fmt: skip
ESTATE = Shape(
    top=((0.0, 0.58), (0.012, 0.64), (0.065, 0.93), (0.10, 0.96), (0.36, 1.0), (0.54, 0.985), (0.595, 0.955),
         (0.765, 0.66), (0.90, 0.595), (0.97, 0.515), (1.0, 0.44)),
    belt=_BELT, plan=_PLAN, windscreen=(0.595, 0.765), rear_glass=(0.012, 0.065), glass=(0.10, 0.745),
    pillars=((0.235, 0.255), (0.455, 0.475)), axles=(0.205, 0.81), wheel_ratio=0.213,
)  # fmt: skip
SUV = Shape(
    top=((0.0, 0.62), (0.014, 0.67), (0.075, 0.94), (0.11, 0.97), (0.36, 1.0), (0.55, 0.985), (0.60, 0.955),
         (0.745, 0.685), (0.90, 0.645), (0.965, 0.59), (1.0, 0.48)),
    belt=((0.0, 0.64), (0.12, 0.68), (0.72, 0.65), (1.0, 0.54)), plan=_PLAN, windscreen=(0.60, 0.745),
    rear_glass=(0.014, 0.075), glass=(0.13, 0.725), pillars=((0.235, 0.26), (0.455, 0.478)), axles=(0.195, 0.80),
    wheel_ratio=0.222, floor=0.135, sill=0.19, waist=0.41, tumble=0.15, cladding="dark_plastic",
)  # fmt: skip
CARS = (HATCHBACK, SALOON, ESTATE, SUV)
PANEL_VAN = Shape(
    top=((0.0, 0.955), (0.012, 0.975), (0.10, 1.0), (0.66, 0.995), (0.735, 0.95), (0.885, 0.545), (0.955, 0.475),
         (1.0, 0.37)),
    belt=((0.0, 0.50), (0.70, 0.50), (1.0, 0.47)),
    plan=((0.0, 0.94), (0.015, 0.985), (0.06, 1.0), (0.86, 1.0), (0.945, 0.94), (0.985, 0.84), (1.0, 0.74)),
    windscreen=(0.735, 0.885), rear_glass=None, glass=(0.655, 0.87), pillars=(), axles=(0.214, 0.831),
    wheel_ratio=0.128, floor=0.09, sill=0.12, waist=0.27, tumble=0.09, rear_windows=True,
)  # fmt: skip


def car_shape(variant: int, size_m: tuple[float, float, float]) -> Shape:
    """A body style as chance has it among those that suit the car's proportions."""
    length_m, _, height_m = size_m
    suiting = [shape for shape in CARS if _suits(shape, length_m, height_m)]
    return suiting[variant % len(suiting)]


def _suits(shape: Shape, length_m: float, height_m: float) -> bool:
    """Own: saloons and estates are long and low, hatchbacks short, SUVs high."""
    if shape is SUV:
        return height_m > 1.48
    if shape is HATCHBACK:
        return length_m < 4.6
    return length_m / height_m > 2.75


def motorcar(shape: Shape, size_m: tuple[float, float, float], *, sides: int = 10) -> Mesh:
    """The whole car or van, near its size; lamps glow as the lamp materials say."""
    length_m, width_m, height_m = size_m
    parts = [hull(shape, size_m, _paint, _front_paint, _rear_paint)]
    parts += wheels_of(shape, size_m, sides)
    half_m = 0.5 * length_m
    parts += [plate(half_m, 0.24 * height_m, 1.0), plate(-half_m, _rear_plate_ratio(shape) * height_m, -1.0)]
    mirror_x_m = length_m * (shape.windscreen[1] - 0.035) - half_m
    for side in (-1.0, 1.0):
        inner_m, outer_m = sorted((side * 0.41 * width_m, side * 0.5 * width_m))
        low_m, high_m = (_at(shape.belt, shape.glass[1]) * height_m + lift for lift in (0.01, 0.15))
        parts.append(box((mirror_x_m - 0.06, inner_m, low_m), (mirror_x_m + 0.06, outer_m, high_m), "dark_plastic"))
    parts.append(_third_brake_lamp(shape, size_m))
    return merged(*parts)


def hull(
    shape: Shape, size_m: tuple[float, float, float], paint: Callable[[Shape, float, int, int], str],
    front: Callable[[Shape, int, int, int], str], rear: Callable[[Shape, int, int, int], str],
    crease_rad: float = CREASE_RAD,
) -> Mesh:  # fmt: skip
    """The skin alone. `paint(shape, place, strip, side)`; `front` and `rear` `(shape, strip, column, side)`."""
    places = _places(shape, size_m)
    length_m = size_m[0]
    reach_m = 0.5 * length_m - PROUD_M
    stations = [(-reach_m + 2.0 * reach_m * t, _section(shape, size_m, t)) for t in places]
    middles = [0.5 * (a + b) for a, b in zip(places, places[1:], strict=False)]
    faces: list[Face] = hull_faces(stations, lambda bay, strip, side: paint(shape, middles[bay], strip, side))
    columns = (0.0, 0.34, 0.60, 0.83, 1.0)
    for (x_m, section), is_front, painter in ((stations[-1], True, front), (stations[0], False, rear)):
        faces += end_faces(x_m, section, columns, lambda *cell, p=painter: p(shape, *cell), front=is_front)
    return skin(faces, crease_rad=crease_rad)


def wheels_of(shape: Shape, size_m: tuple[float, float, float], sides: int) -> list[Mesh]:
    """Four wheels under their arches."""
    length_m, width_m, height_m = size_m
    radius_m = shape.wheel_ratio * height_m
    return [
        wheel((place - 0.5) * length_m, side * (0.5 * width_m - WHEEL_INSET_M), radius_m, 0.68 * radius_m, sides=sides)
        for place in shape.axles
        for side in (-1.0, 1.0)
    ]


def plate(x_m: float, z_m: float, facing: float, *, size_m: tuple[float, float] = PLATE_M) -> Mesh:
    """A number plate in the plane x, its lower edge at z, facing forward (1) or backward (-1)."""
    half_m, top_m = 0.5 * size_m[0], z_m + size_m[1]
    corners = ((x_m, -half_m, z_m), (x_m, half_m, z_m), (x_m, half_m, top_m), (x_m, -half_m, top_m))
    return sheet(corners if facing > 0.0 else corners[::-1], "plate")


def _rear_plate_ratio(shape: Shape) -> float:
    return 0.20 if shape.rear_windows else 0.42


def _third_brake_lamp(shape: Shape, size_m: tuple[float, float, float]) -> Mesh:
    """A bar above the rear glass, or above the doors."""
    length_m, _, height_m = size_m
    place = shape.rear_glass[1] if shape.rear_glass else 0.0
    z_m, x_m = _at(shape.top, place) * height_m, (place - 0.5) * length_m
    low_m, high_m = (z_m - 0.055, z_m - 0.015)
    lean_m = 0.0 if shape.rear_glass is None else 0.05
    behind_m = x_m - (0.0 if shape.rear_glass is None else 0.035)
    half_m = 0.16
    corners = ((behind_m - lean_m, -half_m, low_m), (behind_m, -half_m, high_m), (behind_m, half_m, high_m),
               (behind_m - lean_m, half_m, low_m))  # fmt: skip
    return sheet(corners, "brake_lamp")


def _at(profile: Profile, place: float) -> float:
    return float(np.interp(place, [key for key, _ in profile], [value for _, value in profile]))


def _places(shape: Shape, size_m: tuple[float, float, float]) -> list[float]:
    """Where sections are cut: wherever a profile bends, a pillar or an arch begins."""
    arch = (shape.wheel_ratio * size_m[2] + ARCH_GAP_M) / size_m[0]
    wanted: Sequence[float] = [
        *(key for key, _ in shape.top), *shape.glass, *(edge for pillar in shape.pillars for edge in pillar),
        *(axle + turn * arch for axle in shape.axles for turn in (-1.0, -0.72, 0.0, 0.72, 1.0)),
        *(key for key, _ in shape.plan),
    ]  # fmt: skip
    places: list[float] = []
    for place in sorted(wanted):
        if not places or place - places[-1] > 0.004:
            places.append(place)
    places[-1] = 1.0
    return places


def _section(shape: Shape, size_m: tuple[float, float, float], place: float) -> HalfSection:
    """Nine points from the middle of the floor to the middle of the roof."""
    length_m, width_m, height_m = size_m
    half_m = 0.5 * width_m * _at(shape.plan, place)
    top_m = _at(shape.top, place) * height_m
    belt_m = min(_at(shape.belt, place) * height_m, top_m - 0.025 * height_m)
    floor_m, sill_m = shape.floor * height_m, shape.sill * height_m
    waist_m = min(shape.waist * height_m, floor_m + 0.5 * (belt_m - floor_m))
    arch_m = _arch_m(shape, size_m, place)
    under_m, under_y_m, sill_y_m = floor_m, 0.84 * half_m, 0.95 * half_m
    if arch_m > floor_m:
        under_m = sill_m = max(arch_m, sill_m)
        under_y_m, sill_y_m = half_m - 0.75 * shape.wheel_ratio * height_m, 0.985 * half_m
        waist_m = max(waist_m, sill_m + 0.02)
    lamp_m = max(0.5 * (waist_m + belt_m), waist_m + 0.01)
    rise = min(1.0, max(0.0, (top_m - belt_m) / (0.36 * height_m) - 0.08))
    window_m = max(belt_m + 0.004, top_m - shape.lintel * height_m)
    rail_m = max(window_m + 0.002, top_m - 0.018 * height_m)
    lean = shape.tumble * rise
    return (
        (0.0, floor_m), (under_y_m, under_m), (sill_y_m, sill_m), (half_m, waist_m), (0.985 * half_m, lamp_m),
        (0.945 * half_m, belt_m), ((0.935 - lean) * half_m, window_m), ((0.885 - lean) * half_m, rail_m),
        (0.0, top_m),
    )  # fmt: skip


def _arch_m(shape: Shape, size_m: tuple[float, float, float], place: float) -> float:
    """Height of the wheel arch above the ground; 0 away from the wheels."""
    radius_m = shape.wheel_ratio * size_m[2]
    for axle in shape.axles:
        away_m = (place - axle) * size_m[0]
        reach_m = radius_m + ARCH_GAP_M
        if abs(away_m) < reach_m - 1e-6:
            return radius_m + sqrt(reach_m**2 - away_m**2)
    return 0.0


def _paint(shape: Shape, place: float, strip: int, side: int) -> str:
    """Materials of the strips: floor, skirt, lower side, lamps' two, windows, rail, top."""
    if strip == 0:
        return "chassis"
    if strip == 1:
        return "dark_plastic"
    if strip == 2:
        return shape.cladding
    if strip in (3, 4) and (place > 0.985 or place < 0.012):
        return _wrapped_lamp(place, strip, side)
    if strip == 5 and shape.glass[0] < place < shape.glass[1]:
        return "dark_plastic" if any(low < place < high for low, high in shape.pillars) else "glass"
    if strip == 7 and _within(place, shape.windscreen):
        return "glass"
    if strip == 7 and shape.rear_glass is not None and _within(place, shape.rear_glass):
        return "glass"
    return "paint"


def _within(place: float, span: tuple[float, float]) -> bool:
    return span[0] < place < span[1]


def _wrapped_lamp(place: float, strip: int, side: int) -> str:
    if strip == 3:
        return "left_indicator" if side > 0 else "right_indicator"
    return "headlamp" if place > 0.5 else "tail_lamp"


def _front_paint(shape: Shape, strip: int, column: int, side: int) -> str:
    """Grille in the middle, headlamps above the indicators outside, an air intake below."""
    if strip <= 1 or (strip == 2 and column < 3):
        return "dark_plastic"
    if strip == 3:
        return ("dark_plastic", "dark_plastic", "paint", "left_indicator" if side > 0 else "right_indicator")[column]
    if strip == 4:
        return ("dark_plastic", "dark_plastic", "headlamp", "headlamp")[column]
    return shape.cladding if strip == 2 else "paint"


def _rear_paint(shape: Shape, strip: int, column: int, side: int) -> str:
    """Tail lamps at the outer edges, brake lamps and indicators below them, panes in a van's doors."""
    indicator = "left_indicator" if side > 0 else "right_indicator"
    if strip <= 2:
        return "dark_plastic" if strip <= 1 else shape.cladding
    if strip == 3:
        return ("paint", "paint", "paint", indicator)[column] if shape.rear_windows else (
            "paint", "paint", "brake_lamp", indicator)[column]  # fmt: skip
    if strip == 4:
        return ("paint", "paint", "paint", "brake_lamp")[column] if shape.rear_windows else (
            "paint", "paint", "tail_lamp", "tail_lamp")[column]  # fmt: skip
    if strip == 5 and shape.rear_windows:
        return ("paint", "glass", "glass", "tail_lamp")[column]
    return "paint"
