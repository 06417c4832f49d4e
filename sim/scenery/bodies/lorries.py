"""Lorries: cab-over rigid trucks, and tractors with a semi-trailer; open below between the axles.

Metres, body frame. Heights that law fixes are named; the rest is usual European practice (own).
"""

from dataclasses import replace

from sim.scenery.bodies.motorcars import PROUD_M, Shape, hull, plate
from sim.scenery.bodies.wheels import wheel
from sim.scenery.mesh import Mesh, merged, placed
from sim.scenery.shapes import box, cylinder, sheet
from sim.truth import ARTICULATED_FROM_M

FLOOR_M = 1.15  # of the load, above the road
RAIL_M = 0.85  # lower edge of the frame
TYRE_M = 0.50  # radius of 315/80 R 22.5, loaded
GUARD_M = 0.45  # lower edge of rear guard (UN R58.03: at most 0.45) and side guards (UN R73: at most 0.55)
CAB_AXLE_M = 1.40  # front axle behind the cab's front

_CAB = Shape(
    top=((0.0, 1.0), (0.45, 1.0), (0.80, 0.985), (0.93, 0.94), (1.0, 0.89)),
    belt=((0.0, 0.57), (0.55, 0.57), (1.0, 0.55)),
    plan=((0.0, 0.985), (0.06, 1.0), (0.86, 1.0), (0.955, 0.97), (1.0, 0.90)),
    windscreen=(2.0, 2.0), rear_glass=None, glass=(0.40, 0.93), pillars=(), axles=(0.36,), wheel_ratio=0.15,
    floor=0.11, sill=0.15, waist=0.26, lintel=0.19, tumble=0.04,
)  # fmt: skip


def lorry(size_m: tuple[float, float, float], *, curtain: bool, tall_cab: bool) -> Mesh:
    """A rigid truck or, when long enough, a tractor with semi-trailer, near its size.

    `curtain`: a tarpaulin in the cab's colour instead of white panels.
    """
    if size_m[0] > ARTICULATED_FROM_M:
        return _articulated(size_m, curtain=curtain, tall_cab=tall_cab)
    return _rigid(size_m, curtain=curtain, tall_cab=tall_cab)


def _rigid(size_m: tuple[float, float, float], *, curtain: bool, tall_cab: bool) -> Mesh:
    length_m, width_m, _ = size_m
    half_m = 0.5 * length_m
    cab_m = min(2.1, 0.3 * length_m)
    body_front_m = half_m - cab_m - 0.12
    tandem_m = -half_m + 0.295 * length_m
    axles = (tandem_m - 0.68, tandem_m + 0.68) if length_m > 8.5 else (tandem_m,)
    return merged(
        _cab(size_m, half_m, cab_m, tall_cab=tall_cab),
        _frame(-half_m + 0.05, half_m - 0.8),
        *_load(size_m, -half_m, body_front_m, curtain=curtain),
        *_wheels((*axles, half_m - CAB_AXLE_M * cab_m / 2.1), width_m),
        *_side_guards(width_m, max(axles) + 0.7, body_front_m - 0.9),
        *_tail(size_m, -half_m),
    )


def _articulated(size_m: tuple[float, float, float], *, curtain: bool, tall_cab: bool) -> Mesh:
    length_m, width_m, _ = size_m
    half_m = 0.5 * length_m
    body_front_m = half_m - 2.25 - 0.75  # the trailer swings behind the cab
    bogie_m = -half_m + 0.245 * length_m
    drive_m = half_m - CAB_AXLE_M - 3.7  # tractor wheelbase 3.6-3.8 m
    legs = [
        cylinder((body_front_m - 2.9, side * 0.75, 0.35), (body_front_m - 2.9, side * 0.75, FLOOR_M), 0.07, "chassis",
                 sides=4, capped=False)
        for side in (-1.0, 1.0)
    ]  # fmt: skip
    return merged(
        _cab(size_m, half_m, 2.25, tall_cab=tall_cab),
        _frame(drive_m - 0.75, half_m - 0.8),
        box((-half_m + 0.05, -0.5, RAIL_M + 0.1), (body_front_m - 0.3, 0.5, FLOOR_M), "chassis"),
        *_load(size_m, -half_m, body_front_m, curtain=curtain),
        *_wheels((bogie_m - 1.31, bogie_m, bogie_m + 1.31, drive_m, half_m - CAB_AXLE_M), width_m),
        *_side_guards(width_m, bogie_m + 2.0, body_front_m - 3.2),
        *legs,
        *_tail(size_m, -half_m),
    )


def _cab(size_m: tuple[float, float, float], front_m: float, cab_m: float, *, tall_cab: bool) -> Mesh:
    """A cab-over: windscreen in its upright front, lamps in the bumper, plate and mirrors."""
    _, width_m, height_m = size_m
    top_m = height_m - (0.25 if tall_cab else 0.8)
    shape = replace(_CAB, axles=(1.0 - CAB_AXLE_M / 2.1,), wheel_ratio=TYRE_M / top_m, floor=0.36 / top_m,
                    sill=0.45 / top_m, waist=0.80 / top_m, belt=((0.0, 1.78 / top_m), (1.0, 1.70 / top_m)),
                    lintel=(top_m - 2.62) / top_m if top_m > 2.8 else 0.12)  # fmt: skip
    made = hull(shape, (cab_m, width_m, top_m), _cab_paint, _cab_front, _cab_rear)
    parts = [placed(made, x_m=front_m - 0.5 * cab_m), plate(front_m, 0.42, 1.0)]
    for side in (-1.0, 1.0):
        inner_m, outer_m = sorted((side * 0.455 * width_m, side * 0.5 * width_m))
        parts.append(box((front_m - 0.30, inner_m, 1.85), (front_m - 0.12, outer_m, 2.5), "dark_plastic"))
    return merged(*parts)


def _cab_paint(shape: Shape, place: float, strip: int, side: int) -> str:
    if strip <= 1:
        return "chassis" if strip == 0 else "dark_plastic"
    if strip == 2:
        return "dark_plastic"
    if strip == 3 and place > 0.955:
        return "left_indicator" if side > 0 else "right_indicator"
    return "glass" if strip == 5 and shape.glass[0] < place < 1.0 else "paint"


def _cab_front(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape, side
    if strip <= 1:
        return "dark_plastic"
    if strip == 2:
        return ("dark_plastic", "dark_plastic", "headlamp", "headlamp")[column]
    if strip == 3:
        return ("dark_plastic", "dark_plastic", "dark_plastic", "paint")[column]
    return "glass" if strip == 5 else "paint"


def _cab_rear(shape: Shape, strip: int, column: int, side: int) -> str:
    del shape, column, side
    return "dark_plastic" if strip < 5 else "paint"


def _frame(rear_m: float, front_m: float) -> Mesh:
    """Two longitudinal rails and what hangs between them, narrow enough to see the road beside it."""
    return box((rear_m, -0.43, RAIL_M - 0.1), (front_m, 0.43, FLOOR_M), "chassis")


def _load(size_m: tuple[float, float, float], rear_m: float, front_m: float, *, curtain: bool) -> list[Mesh]:
    """The body behind the cab: panels or a curtain, a dark sill, doors, and contour marks (UN R104)."""
    _, width_m, height_m = size_m
    half_m = 0.5 * width_m
    low_m, rear_m = FLOOR_M + 0.12, rear_m + PROUD_M
    skin = "tarpaulin" if curtain else "panel"
    parts = [
        box((rear_m, -half_m + 0.03, FLOOR_M), (front_m, half_m - 0.03, low_m), "chassis"),
        box((rear_m, -half_m, low_m), (front_m, half_m, height_m), skin),
    ]
    for side in (-1.0, 1.0):
        y_m = side * (half_m + 0.001)
        tape = ((rear_m + 0.1, y_m, low_m + 0.02), (front_m - 0.1, y_m, low_m + 0.02),
                (front_m - 0.1, y_m, low_m + 0.08), (rear_m + 0.1, y_m, low_m + 0.08))  # fmt: skip
        parts.append(sheet(tape if side < 0.0 else tape[::-1], "reflective_tape"))
    x_m = rear_m - 0.5 * PROUD_M
    bars = ((-half_m + 0.03, half_m - 0.03, low_m + 0.02, low_m + 0.08),
            (-half_m + 0.03, half_m - 0.03, height_m - 0.12, height_m - 0.06),
            (-half_m + 0.03, -half_m + 0.09, low_m + 0.08, height_m - 0.12),
            (half_m - 0.09, half_m - 0.03, low_m + 0.08, height_m - 0.12))  # fmt: skip
    for right_m, left_m, bottom_m, top_m in bars:
        mark = ((x_m, right_m, bottom_m), (x_m, right_m, top_m), (x_m, left_m, top_m), (x_m, left_m, bottom_m))
        parts.append(sheet(mark, "reflective_tape"))
    gap = ((x_m, -0.02, low_m + 0.08), (x_m, -0.02, height_m - 0.12), (x_m, 0.02, height_m - 0.12),
           (x_m, 0.02, low_m + 0.08))  # fmt: skip
    return [*parts, sheet(gap, "dark_plastic")]


def _wheels(axles_m: tuple[float, ...], width_m: float) -> list[Mesh]:
    """All wheels; the rearmost axles carry twins."""
    return [
        wheel(x_m, side * (0.5 * width_m - 0.03), TYRE_M, 0.34 if x_m == max(axles_m) else 0.60, sides=8,
              rim_ratio=0.6)
        for x_m in axles_m
        for side in (-1.0, 1.0)
    ]  # fmt: skip


def _side_guards(width_m: float, rear_m: float, front_m: float) -> list[Mesh]:
    """Two thin rails a side between the axles (UN R73); sight and rays pass between and below them."""
    if front_m - rear_m < 0.6:
        return []
    rails = []
    for side in (-1.0, 1.0):
        inner_m, outer_m = sorted((side * (0.5 * width_m - 0.06), side * (0.5 * width_m - 0.03)))
        rails += [
            box((rear_m, inner_m, low_m), (front_m, outer_m, low_m + 0.10), "rim") for low_m in (GUARD_M + 0.05, 0.80)
        ]
    return rails


def _tail(size_m: tuple[float, float, float], rear_m: float) -> list[Mesh]:
    """Rear guard (UN R58), lamps on the crossbar below the floor, plate."""
    half_m = 0.5 * size_m[1]
    x_m = rear_m + 0.06
    parts = [
        box((x_m, -half_m + 0.08, GUARD_M), (x_m + 0.1, half_m - 0.08, GUARD_M + 0.12), "chassis"),
        box((x_m, -half_m + 0.06, 0.86), (x_m + 0.08, half_m - 0.06, 1.06), "chassis"),
        *(box((x_m + 0.02, y_m - 0.05, GUARD_M + 0.12), (x_m + 0.08, y_m + 0.05, 0.86), "chassis")
          for y_m in (-0.6, 0.6)),
        plate(x_m - PROUD_M, GUARD_M + 0.005, -1.0),
    ]  # fmt: skip
    for side in (-1.0, 1.0):
        lamps = ("left_indicator" if side > 0.0 else "right_indicator", "brake_lamp", "tail_lamp")
        for index, lamp in enumerate(lamps):
            a_m, b_m = sorted((side * (half_m - 0.08 - 0.17 * index), side * (half_m - 0.24 - 0.17 * index)))
            corners = ((x_m - PROUD_M, a_m, 0.88), (x_m - PROUD_M, a_m, 1.04), (x_m - PROUD_M, b_m, 1.04),
                       (x_m - PROUD_M, b_m, 0.88))  # fmt: skip
            parts.append(sheet(corners, lamp))
    return parts
