"""How a body and its physics sheet become a row of the motion's arrays.

The sheet's own numbers act directly (mass, engine, gears, brakes, friction, steering, drag, radii). Two
act by how far they differ from the sheet the vehicle came with, because their absolute meaning depends
on the engine that CARLA runs on: the centre of mass moves by the difference, and tyres stiffen by the ratio.
"""

from collections.abc import Sequence
from math import radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.blueprints.blueprint import Body
from sim.episode import bodies as b
from sim.episode.bodies import Arrays
from sim.episode.scene import Pose
from sim.episode.structs import AckermannControllerSettings, Vector2D, VehiclePhysicsControl, WheelPhysicsControl
from sim.truth import ActorKind

Floats = NDArray[np.float64]

ROAD_GRIP: Final = 3.5  # CARLA's tire_friction that stands for a peak friction of 1 on dry road
MOST_GRIP: Final = 2.0  # own: no tyre holds more
AIR_DENSITY: Final = 1.225  # kg/m³, ISA sea level
FRONTAL_SHARE: Final = 0.85  # own: of width by height
ENGINE_DRAG_RATIO: Final = 0.12  # own: of the peak torque; friction and pumping of an engine that is turned
STIFFNESS_PER_LOAD: Final = 10.0  # 1/rad; 9-10 of the axle load: Gillespie, Fundamentals of Vehicle Dynamics, ch. 6
STEER_LIMIT_RAD: Final = 1.35  # own: what a wheel can turn
LOCK_S: Final = 0.4  # own: from straight ahead to full lock
STEER_LAG_S: Final = 0.05  # own
# Rise per second of a brake pedal: the default of Unreal's wheeled vehicles (its documentation; recalled: confirm).
# Vehicles made from a vehicle file brake at once: that file's own brake lag is applied by whoever drives them.
BRAKE_RATE: Final = 6.0
AT_ONCE: Final = 1e6
WALKERS: Final = frozenset({ActorKind.ADULT, ActorKind.CHILD})
RPM: Final = np.pi / 30.0  # rad/s


def kind_of(body: Body, sheet: VehiclePhysicsControl | None) -> int:
    """Vehicle, walker or prop."""
    if sheet is not None:
        return b.VEHICLE
    return b.WALKER if body.kind in WALKERS else b.PROP


def feet_below_m(body: Body, kind: int) -> float:
    """How far a body's origin is above what it stands on."""
    return 0.5 * body.height_m if kind == b.WALKER else 0.0


def seat(arrays: Arrays, row: int, body: Body, kind: int, pose: Pose) -> None:
    """Empty a row and put a body there, at rest."""
    for array in arrays:
        array[row] = 0
    arrays.body[row, : len(pose)] = pose
    flags, shape = arrays.flags[row], arrays.body[row]
    flags[b.KIND], flags[b.WHEELS] = kind, body.wheels
    flags[b.SIMULATED] = flags[b.HEAVY] = flags[b.TOUCHABLE] = 1
    below_m = feet_below_m(body, kind)
    length_m, width_m, height_m = max(body.length_m, 0.05), max(body.width_m, 0.05), max(body.height_m, 0.02)
    shape[b.HALF_LENGTH], shape[b.HALF_WIDTH] = 0.5 * length_m, 0.5 * width_m
    shape[b.BELOW], shape[b.BOTTOM], shape[b.TOP] = below_m, body.clearance_m - below_m, height_m - below_m
    shape[b.RADIUS] = 0.5 * float(np.hypot(length_m, width_m))
    shape[b.MASS] = max(body.mass_kg, 0.1)
    shape[b.CG_HEIGHT] = body.centre_m[1] or 0.4 * height_m
    inertias = shape[b.MASS] / 12.0
    shape[b.YAW_INERTIA] = inertias * (length_m**2 + width_m**2)
    shape[b.PITCH_INERTIA] = inertias * (length_m**2 + height_m**2)
    shape[b.ROLL_INERTIA] = inertias * (width_m**2 + height_m**2)
    shape[b.FRONT_ARM] = shape[b.REAR_ARM] = 0.4 * length_m
    shape[b.HALF_TRACK] = 0.4 * width_m
    arrays.body[row, b.ZONE_GRIP] = 1.0
    set_gains(arrays, row, AckermannControllerSettings())


def set_gains(arrays: Arrays, row: int, gains: AckermannControllerSettings) -> None:
    """Gains of the Ackermann controller, none below zero."""
    arrays.body[row, b.SPEED_KP : b.ACCEL_KD + 1] = np.clip(gains, 0.0, 1e3)


def equip(arrays: Arrays, row: int, body: Body, sheet: VehiclePhysicsControl, original: VehiclePhysicsControl) -> None:
    """Make a vehicle's row drive as its sheet says; `original` is the one it came with."""
    shape = arrays.body[row]
    shape[b.MASS] = _within(sheet.mass, 1.0, 1e6)
    _weigh(shape, body, sheet, original)
    _wheels(shape, body, sheet, original)
    front, _ = axles_of(sheet.wheels)
    shape[b.STEER_MAX] = _within(radians(max(one.max_steer_angle for one in front)), 0.0, STEER_LIMIT_RAD)
    shape[b.DRAG] = _within(
        0.5 * AIR_DENSITY * FRONTAL_SHARE * sheet.drag_coefficient * body.width_m * body.height_m, 0.0, 1e3
    )
    shape[b.STEER_RATE], shape[b.STEER_LAG_S] = max(shape[b.STEER_MAX], 1e-3) / LOCK_S, STEER_LAG_S
    shape[b.BRAKE_RATE] = BRAKE_RATE
    if body.model is not None:
        shape[b.STEER_RATE], shape[b.STEER_LAG_S] = body.model.steer_rate_max_radps, body.model.steer_lag_s
        shape[b.BRAKE_RATE] = AT_ONCE
    driven = body.driveline.driven if body.driveline is not None else "rear"
    shape[b.FRONT_SHARE] = {"front": 1.0, "rear": 0.0}.get(driven, 0.5)
    _power(arrays, row, sheet)


def grip_of(tire_friction: float) -> float:
    """Peak friction of a tyre on the road, from CARLA's tire_friction."""
    return _within(tire_friction / ROAD_GRIP, 0.0, MOST_GRIP)


def axles_of(
    wheels: Sequence[WheelPhysicsControl],
) -> tuple[tuple[WheelPhysicsControl, ...], tuple[WheelPhysicsControl, ...]]:
    """Front and rear wheels: the first one of up to three, the first two of more."""
    if len(wheels) < 2:
        return tuple(wheels) or (_NO_WHEEL,), tuple(wheels) or (_NO_WHEEL,)
    first = 1 if len(wheels) < 4 else 2
    return tuple(wheels[:first]), tuple(wheels[first:])


def _weigh(shape: Floats, body: Body, sheet: VehiclePhysicsControl, original: VehiclePhysicsControl) -> None:
    """Where the centre of mass is between the axles, and the moments of inertia."""
    front_m, rear_m = max(body.axles_m), min(body.axles_m)
    if front_m - rear_m < 0.1:
        front_m, rear_m = 0.3 * body.length_m, -0.3 * body.length_m
    moved, base = sheet.center_of_mass, original.center_of_mass
    margin_m = 0.05 * (front_m - rear_m)
    shape[b.CG_AHEAD] = _within(body.centre_m[0] + moved.x - base.x, rear_m + margin_m, front_m - margin_m)
    height_m = body.centre_m[1] or 0.4 * body.height_m
    shape[b.CG_HEIGHT] = _within(height_m + moved.z - base.z, 0.0, 3.0)
    shape[b.FRONT_ARM], shape[b.REAR_ARM] = front_m - shape[b.CG_AHEAD], shape[b.CG_AHEAD] - rear_m
    shape[b.HALF_TRACK] = 0.5 * body.track_m if body.wheels > 3 else 0.0
    # About mass x front arm x rear arm: Garrott 1993 (SAE 930897).
    shape[b.YAW_INERTIA] = max(shape[b.MASS] * shape[b.FRONT_ARM] * shape[b.REAR_ARM], 0.5)
    if body.model is not None:
        shape[b.YAW_INERTIA] = body.model.yaw_inertia_kgm2 * shape[b.MASS] / body.model.mass_kg
    share = shape[b.MASS] / 12.0
    shape[b.PITCH_INERTIA] = share * (body.length_m**2 + body.height_m**2)
    shape[b.ROLL_INERTIA] = share * (body.width_m**2 + body.height_m**2)


def _wheels(shape: Floats, body: Body, sheet: VehiclePhysicsControl, original: VehiclePhysicsControl) -> None:
    """What each axle's wheels hold, brake and how they slip."""
    front, rear = axles_of(sheet.wheels)
    was_front, was_rear = axles_of(original.wheels)
    load_front = shape[b.MASS] * b.GRAVITY_MPS2 * shape[b.REAR_ARM] / (shape[b.FRONT_ARM] + shape[b.REAR_ARM])
    load_rear = shape[b.MASS] * b.GRAVITY_MPS2 - load_front
    stiff = [STIFFNESS_PER_LOAD, STIFFNESS_PER_LOAD]
    if body.model is not None:
        share = shape[b.MASS] / body.model.mass_kg
        stiff = [body.model.cornering_front_npr * share / load_front, body.model.cornering_rear_npr * share / load_rear]
    for axle, was, columns, stiffness in (
        (front, was_front, (b.GRIP_FRONT, b.STIFF_FRONT, b.BRAKE_FRONT, b.HAND_FRONT, b.RADIUS_FRONT), stiff[0]),
        (rear, was_rear, (b.GRIP_REAR, b.STIFF_REAR, b.BRAKE_REAR, b.HAND_REAR, b.RADIUS_REAR), stiff[1]),
    ):
        grip, slope, brake, hand, radius = columns
        shape[grip] = grip_of(_mean(axle, 0))
        shape[slope] = _within(stiffness * _ratio(_mean(axle, 7), _mean(was, 7)), 0.5, 100.0)
        radius_m = _within(_mean(axle, 3) / 100.0, 0.05, 2.0)
        shape[radius] = radius_m
        shape[brake] = _within(sum(one.max_brake_torque for one in axle) / radius_m, 0.0, 1e7)
        shape[hand] = _within(sum(one.max_handbrake_torque for one in axle) / radius_m, 0.0, 1e7)


def _power(arrays: Arrays, row: int, sheet: VehiclePhysicsControl) -> None:
    """Engine and gears, and the steering's share by speed."""
    shape, flags = arrays.body[row], arrays.flags[row]
    redline_rpm = _within(sheet.max_rpm, 1.0, 1e5)
    shape[b.REDLINE] = redline_rpm * RPM
    turns = np.linspace(0.0, redline_rpm, b.TABLE_POINTS)
    arrays.body[row, b.TORQUE_TABLE : b.STEERING_TABLE] = _curve(sheet.torque_curve, turns, 0.0, 1e5)
    shape[b.ENGINE_DRAG] = ENGINE_DRAG_RATIO * float(arrays.body[row, b.TORQUE_TABLE : b.STEERING_TABLE].max())
    shape[b.FINAL_RATIO] = _within(sheet.final_ratio, 0.0, 100.0)
    shape[b.SWITCH_S] = _within(sheet.gear_switch_time, 0.0, 10.0)
    shape[b.CLUTCH] = _within(sheet.clutch_strength, 0.01, 1e4)
    shape[b.DAMP_FULL] = _within(sheet.damping_rate_full_throttle, 0.0, 100.0)
    shape[b.DAMP_CLOSED] = _within(sheet.damping_rate_zero_throttle_clutch_engaged, 0.0, 100.0)
    flags[b.AUTOBOX] = int(sheet.use_gear_autobox)
    gears = sheet.forward_gears[: b.MOST_GEARS]
    flags[b.GEARS] = len(gears)
    gear_table = arrays.body[row, b.GEAR_TABLE :].reshape(b.MOST_GEARS, 3)
    gear_table[:] = 0.0
    for k, gear in enumerate(gears):
        gear_table[k] = np.clip(gear, 0.0, 100.0)
    arrays.flags[row, b.GEAR] = min(int(arrays.flags[row, b.GEAR]), len(gears))
    flags[b.TARGET_GEAR] = arrays.flags[row, b.GEAR]
    last_kmh = _within(max((point.x for point in sheet.steering_curve), default=100.0), 1.0, 1e3)
    shape[b.STEER_TO_MPS] = last_kmh / 3.6
    speeds = np.linspace(0.0, last_kmh, b.TABLE_POINTS)
    arrays.body[row, b.STEERING_TABLE : b.GEAR_TABLE] = _curve(sheet.steering_curve, speeds, 1.0, 1.0)


def _curve(points: Sequence[Vector2D], at: Floats, nothing: float, most: float) -> Floats:
    """A curve's values at places, flat beyond its ends."""
    if not points:
        return np.full(len(at), nothing)
    ordered = sorted((point.x, point.y) for point in points)
    xs, ys = np.clip(np.array(ordered, dtype=np.float64), -1e6, 1e6).T
    values: Floats = np.clip(np.interp(at, xs, ys), 0.0, most)
    return values


def _mean(wheels: Sequence[WheelPhysicsControl], field: int) -> float:
    values = [float(wheel[field]) for wheel in wheels]  # type: ignore[arg-type]
    return sum(_within(value, 0.0, 1e6) for value in values) / len(values)


def _ratio(now: float, before: float) -> float:
    return now / before if before > 0.0 else 1.0


def _within(value: float, low: float, high: float) -> float:
    return min(max(float(value), low), high)


_NO_WHEEL: Final = WheelPhysicsControl(
    tire_friction=ROAD_GRIP, damping_rate=0.0, max_steer_angle=0.0, radius=30.0, max_brake_torque=0.0,
    max_handbrake_torque=0.0, lat_stiff_max_load=1.0, lat_stiff_value=1.0, long_stiff_value=1.0,
    position=None,  # type: ignore[arg-type]
)  # fmt: skip
