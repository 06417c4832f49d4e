"""A vehicle's physics sheet: what `get_physics_control` shows and `apply_physics_control` may change.

A sheet is CARLA's struct with its units and axes: wheel radius and position in centimetres, angles in
degrees, x forward, y to the right. Here wheel positions are relative to the vehicle's origin; `placed`
moves them into the world, as clients expect them.
"""

from typing import Final

import numpy as np

from sim import left_handed
from sim.blueprints.blueprint import Body, Driveline
from sim.episode.scene import Pose
from sim.episode.structs import (
    GearPhysicsControl,
    Refused,
    Vector2D,
    Vector3D,
    VehiclePhysicsControl,
    WheelPhysicsControl,
)

CM_PER_M: Final = 100.0
# Defaults of VehiclePhysicsControl and WheelPhysicsControl in CARLA's documentation.
_ENGINE_INERTIA: Final = 1.0
_DAMPING: Final = (0.15, 2.0, 0.35)
_UNDAMPED: Final = (0.0, 0.0, 0.0)  # a vehicle file states what reaches the road, with nothing lost on the way
_CLUTCH: Final = 10.0
_WHEEL_DAMPING: Final = 0.25
_LATERAL: Final = (2.0, 17.0)
_LONGITUDINAL: Final = 1000.0

# What a sheet may say: own. Wide enough for a toy and a road train, narrow enough for the arithmetic to stay finite.
_BOUNDS: Final = {
    "mass": (0.1, 1.0e6), "max_rpm": (1.0, 1.0e6), "moi": (0.0, 1.0e6), "gear_switch_time": (0.0, 60.0),
    "clutch_strength": (0.0, 1.0e6), "final_ratio": (1.0e-3, 1.0e3), "drag_coefficient": (0.0, 1.0e3),
    "damping_rate_full_throttle": (0.0, 1.0e6), "damping_rate_zero_throttle_clutch_engaged": (0.0, 1.0e6),
    "damping_rate_zero_throttle_clutch_disengaged": (0.0, 1.0e6),
}  # fmt: skip
_WHEEL_BOUNDS: Final = {
    "radius": (1.0, 500.0), "tire_friction": (0.0, 1.0e3), "damping_rate": (0.0, 1.0e6), "max_steer_angle": (0.0, 90.0),
    "max_brake_torque": (0.0, 1.0e7), "max_handbrake_torque": (0.0, 1.0e7), "lat_stiff_max_load": (0.0, 1.0e9),
    "lat_stiff_value": (0.0, 1.0e9), "long_stiff_value": (0.0, 1.0e9),
}  # fmt: skip
_WHEELS: Final = (2, 8)
_POINTS: Final = 100  # of a curve
_GEARS: Final = 30
_FARTHEST_M: Final = 100.0  # of the centre of mass from the origin
_TORQUE_NM: Final = 1.0e6


def sheet_of(body: Body) -> VehiclePhysicsControl:
    """The sheet of a vehicle as its blueprint has it. Raises Refused for a body without a driveline."""
    line = body.driveline
    if line is None or not body.wheels:
        raise Refused("this actor has no wheels, so it has no physics control")
    full, engaged, open_clutch = _DAMPING if body.model is None else _UNDAMPED
    return VehiclePhysicsControl(
        torque_curve=tuple(Vector2D(*point) for point in line.torque_curve),
        max_rpm=line.max_rpm,
        moi=_ENGINE_INERTIA,
        damping_rate_full_throttle=full,
        damping_rate_zero_throttle_clutch_engaged=engaged,
        damping_rate_zero_throttle_clutch_disengaged=open_clutch,
        use_gear_autobox=True,
        gear_switch_time=line.gear_switch_time_s,
        clutch_strength=_CLUTCH,
        final_ratio=line.final_ratio,
        forward_gears=tuple(GearPhysicsControl(one.ratio, one.down_ratio, one.up_ratio) for one in line.gears),
        mass=body.mass_kg,
        drag_coefficient=line.drag_coefficient,
        center_of_mass=Vector3D(body.centre_m[0], 0.0, body.centre_m[1]),
        steering_curve=tuple(Vector2D(*point) for point in line.steering_curve),
        wheels=_wheels(body, line),
        use_sweep_wheel_collision=False,
    )


def _wheels(body: Body, line: Driveline) -> tuple[WheelPhysicsControl, ...]:
    """Front left, front right, rear left, rear right; front and rear where there are two."""
    sides = (0.0,) if body.wheels == 2 else (0.5 * body.track_m, -0.5 * body.track_m)
    wheels = []
    for axle, x_m in enumerate(body.axles_m):
        for left_m in sides:
            place = left_handed.mirrored(x_m, left_m, line.wheel_radius_m)
            wheels.append(
                WheelPhysicsControl(
                    tire_friction=line.tyre_friction,
                    damping_rate=_WHEEL_DAMPING,
                    max_steer_angle=line.steer_max_deg if axle == 0 else 0.0,
                    radius=CM_PER_M * line.wheel_radius_m,
                    max_brake_torque=line.brake_torque_nm,
                    max_handbrake_torque=line.handbrake_torque_nm if axle == 1 else 0.0,
                    lat_stiff_max_load=_LATERAL[0],
                    lat_stiff_value=_LATERAL[1],
                    long_stiff_value=_LONGITUDINAL,
                    position=Vector3D(*(CM_PER_M * value for value in place)),
                )
            )
    return tuple(wheels)


def placed(sheet: VehiclePhysicsControl, pose: Pose) -> VehiclePhysicsControl:
    """The sheet with its wheels where they are in the world, for a vehicle at this pose."""
    turn = left_handed.rotation(*pose[3:])
    wheels = []
    for wheel in sheet.wheels:
        inside = np.array(left_handed.mirrored(*wheel.position)) / CM_PER_M
        x_m, y_m, z_m = (turn @ inside + np.array(pose[:3])).tolist()
        world = left_handed.mirrored(CM_PER_M * x_m, CM_PER_M * y_m, CM_PER_M * z_m)
        wheels.append(wheel._replace(position=Vector3D(*world)))
    return sheet._replace(wheels=tuple(wheels))


def checked_sheet(sheet: VehiclePhysicsControl) -> VehiclePhysicsControl:
    """The sheet, if something could drive by it. Raises Refused with everything that is wrong with it."""
    wrong = [_outside(name, getattr(sheet, name), bounds) for name, bounds in _BOUNDS.items()]
    wrong.append(_curve("torque_curve", sheet.torque_curve, (0.0, _TORQUE_NM)))
    wrong.append(_curve("steering_curve", sheet.steering_curve, (0.0, 1.0 + 1e-6)))
    if any(abs(value) > _FARTHEST_M for value in sheet.center_of_mass):
        wrong.append(f"center_of_mass is farther than {_FARTHEST_M:g} m from the origin")
    if not 1 <= len(sheet.forward_gears) <= _GEARS:
        wrong.append(f"forward_gears has {len(sheet.forward_gears)} gears: give 1 to {_GEARS}")
    for number, gear in enumerate(sheet.forward_gears[:_GEARS]):
        wrong.append(_outside(f"forward_gears[{number}].ratio", gear.ratio, (1.0e-3, 1.0e3)))
        if not 0.0 <= gear.down_ratio <= gear.up_ratio <= 1.0 + 1e-6:
            wrong.append(f"forward_gears[{number}] needs 0 <= down_ratio <= up_ratio <= 1")
    least, most = _WHEELS
    if not least <= len(sheet.wheels) <= most:
        wrong.append(f"wheels has {len(sheet.wheels)} wheels: give {least} to {most}")
    for number, wheel in enumerate(sheet.wheels[:most]):
        wrong += [_outside(f"wheels[{number}].{name}", getattr(wheel, name), b) for name, b in _WHEEL_BOUNDS.items()]
    found = [one for one in wrong if one is not None]
    if found:
        raise Refused("physics control refused: " + "; ".join(found[:5]))
    return sheet


def _outside(name: str, value: float, bounds: tuple[float, float]) -> str | None:
    low, high = bounds
    return None if low <= value <= high else f"{name} is {value:g}: give {low:g} to {high:g}"


def _curve(name: str, points: tuple[Vector2D, ...], bounds: tuple[float, float]) -> str | None:
    """What is wrong with a curve: x rises, y stays in its bounds."""
    low, high = bounds
    if not 1 <= len(points) <= _POINTS:
        return f"{name} has {len(points)} points: give 1 to {_POINTS}"
    if any(second.x <= first.x for first, second in zip(points, points[1:], strict=False)):
        return f"{name} does not rise in x: sort its points and take out double ones"
    if not all(low <= point.y <= high and abs(point.x) <= 1.0e7 for point in points):
        return f"{name} leaves its bounds: y from {low:g} to {high:g}"
    return None
