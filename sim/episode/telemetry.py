"""What clients may read of a vehicle's drive: forces and slips of each wheel, and where the wheels are.

The motion knows axles; a wheel has half of its axle. Angles inside are positive to the left.
"""

from math import atan2, cos, sin, tan
from typing import Any

import numpy as np

from sim import left_handed
from sim.episode import bodies as b
from sim.episode.bodies import Arrays
from sim.episode.chassis import ROAD_GRIP, axles_of
from sim.episode.structs import VehiclePhysicsControl, VehicleTelemetryData, WheelTelemetryData

RPM_PER_RADPS = 30.0 / np.pi


def telemetry_of(arrays: Arrays, row: int, sheet: VehiclePhysicsControl) -> VehicleTelemetryData:
    """Everything of one vehicle, in CARLA's units."""
    state = held = arrays.body[row]
    c, s = cos(state[b.YAW]), sin(state[b.YAW])
    speed = float(state[b.VX] * c + state[b.VY] * s)
    throttle, steer, brake = arrays.body[row, b.THROTTLE : b.BRAKE + 1].tolist()
    wheels = tuple(_wheel(arrays, row, sheet, k, speed) for k in range(len(sheet.wheels)))
    return VehicleTelemetryData(
        speed=speed,
        steer=steer,
        throttle=throttle,
        brake=brake,
        engine_rpm=float(held[b.ENGINE_RADPS]) * RPM_PER_RADPS,
        gear=int(arrays.flags[row, b.GEAR]),
        drag=float(held[b.DRAG_N]),
        wheels=wheels,
    )


def _wheel(arrays: Arrays, row: int, sheet: VehiclePhysicsControl, wheel: int, speed: float) -> WheelTelemetryData:
    shape = held = arrays.body[row]
    flags = arrays.flags[row]
    axles = axles_of(sheet.wheels)
    in_front = wheel < len(axles[0])
    share = 1.0 / len(axles[0] if in_front else axles[1])

    def of(front: int, rear: int, table: Any) -> float:
        return float(table[front if in_front else rear])

    load = share * of(b.LOAD_FRONT, b.LOAD_REAR, held)
    along, aside = share * of(b.ALONG_FRONT, b.ALONG_REAR, held), share * of(b.ASIDE_FRONT, b.ASIDE_REAR, held)
    radius_m = of(b.RADIUS_FRONT, b.RADIUS_REAR, shape)
    slip = of(b.SLIP_FRONT, b.SLIP_REAR, held)
    friction = sheet.wheels[wheel].tire_friction
    if flags[b.GRIPPED]:
        friction = float(held[b.ZONE_GRIP]) * ROAD_GRIP
    locked = bool(held[b.LOCKED]) and not in_front and speed != 0.0
    long_slip = -1.0 if locked else _long_slip(along, load)
    rest = share * float(shape[b.MASS]) * b.GRAVITY_MPS2 * of(b.REAR_ARM, b.FRONT_ARM, shape)
    rest /= float(shape[b.FRONT_ARM] + shape[b.REAR_ARM])
    return WheelTelemetryData(
        tire_friction=friction,
        lat_slip=float(atan2(slip, max(abs(speed), 0.1))),
        long_slip=long_slip,
        omega=speed / radius_m * (1.0 + long_slip),
        tire_load=load,
        normalized_tire_load=load / rest,
        torque=along * radius_m,
        long_force=along,
        lat_force=-aside,
        normalized_long_force=along / load if load > 0.0 else 0.0,
        normalized_lat_force=-aside / load if load > 0.0 else 0.0,
    )


def _long_slip(along: float, load: float) -> float:
    """Slip of a tyre at a force, on the rising branch: a stiffness of 15 times the load (own)."""
    return min(max(along / (15.0 * load), -1.0), 1.0) if load > 0.0 else 0.0


def wheel_angle_rad(arrays: Arrays, row: int, wheel: int) -> float:
    """Angle of a wheel to the left: the inner wheel turns more than the axle's middle, the outer less."""
    shape, count = arrays.body[row], int(arrays.flags[row, b.WHEELS])
    middle = float(arrays.body[row, b.ANGLE])
    front = 1 if count < 4 else 2
    if not 0 <= wheel < front:
        return 0.0
    half_m = float(shape[b.HALF_TRACK])
    if half_m == 0.0 or middle == 0.0:
        return middle
    base_m = float(shape[b.FRONT_ARM] + shape[b.REAR_ARM])
    towards = half_m if wheel == 0 else -half_m  # the left wheel comes first
    turn_m = base_m / tan(middle)
    return atan2(base_m, turn_m - towards) if middle > 0.0 else -atan2(base_m, -turn_m + towards)


def wheel_places(arrays: Arrays, row: int) -> tuple[tuple[float, float, float], ...]:
    """Hubs of all wheels in the world, m: left before right, front before rear."""
    state = shape = arrays.body[row]
    count = int(arrays.flags[row, b.WHEELS])
    front = 1 if count < 4 else 2
    turn = left_handed.rotation(*state[b.YAW : b.ROLL + 1].tolist())
    places = []
    for wheel in range(max(count, 1)):
        ahead = wheel < front
        x = shape[b.CG_AHEAD] + (shape[b.FRONT_ARM] if ahead else -shape[b.REAR_ARM])
        beside = shape[b.HALF_TRACK] * (1.0 if (wheel if ahead else wheel - front) % 2 == 0 else -1.0)
        hub = np.array([x, beside, shape[b.RADIUS_FRONT] if ahead else shape[b.RADIUS_REAR]])
        places.append(tuple((turn @ hub + state[: b.Z + 1]).tolist()))
    return tuple(places)
