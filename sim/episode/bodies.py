"""How the motion of an episode lies in arrays: columns, and the bundle that kernels pass around.

World axes after ISO 8855, SI units, radians; a row per body. `state` is what others read. A body's
origin is CARLA's: on the ground below the middle of a vehicle or prop, half its height up in a walker.
Steering as clients see it (`pedals`) is positive to the right; every angle inside is positive to the left.
"""

from typing import Any, Final, NamedTuple

import numpy as np

# Arrays.body: numbers, a row per body. First what others read (`Motion.state`): place, direction,
# velocity of the origin, spin, acceleration of the origin, way gone.
X, Y, Z, YAW, PITCH, ROLL = 0, 1, 2, 3, 4, 5
VX, VY, VZ, WX, WY, WZ = 6, 7, 8, 9, 10, 11
AX, AY, AZ, WAY_M = 12, 13, 14, 15
COLUMNS: Final = 16

# Pedals as asked for, by a client or by the Ackermann controller (`Motion.pedals`).
THROTTLE, STEER, BRAKE = 16, 17, 18

# What a body is; changes with its physics sheet only.
HALF_LENGTH, HALF_WIDTH, BOTTOM, TOP, RADIUS = 19, 20, 21, 22, 23  # BOTTOM, TOP: of the box, from the origin
BELOW = 24  # the feet below the origin
MASS, YAW_INERTIA, CG_AHEAD, CG_HEIGHT, FRONT_ARM, REAR_ARM, HALF_TRACK = 25, 26, 27, 28, 29, 30, 31
STEER_MAX, GRIP_FRONT, GRIP_REAR, STIFF_FRONT, STIFF_REAR = 32, 33, 34, 35, 36  # STIFF: of the load, per rad
BRAKE_FRONT, BRAKE_REAR, HAND_FRONT, HAND_REAR = 37, 38, 39, 40  # N at the road, pedal fully down
RADIUS_FRONT, RADIUS_REAR, DRAG, FRONT_SHARE, FINAL_RATIO = 41, 42, 43, 44, 45  # DRAG: N per (m/s)²
SWITCH_S, CLUTCH, DAMP_FULL, DAMP_CLOSED, ENGINE_DRAG, REDLINE = 46, 47, 48, 49, 50, 51  # REDLINE: rad/s
STEER_TO_MPS, PITCH_INERTIA, ROLL_INERTIA = 52, 53, 54  # STEER_TO_MPS: speed at the steering table's end

# Inner states that nobody reads from outside.
PEDAL_THROTTLE, PEDAL_BRAKE, PEDAL_HAND, ANGLE = 55, 56, 57, 58  # behind their lags; ANGLE: of the front wheels, rad
SHIFTING_S, SETTLED_S, STUNNED_S = 59, 60, 61
FORCE_X, FORCE_Y, FORCE_Z, TORQUE_X, TORQUE_Y, TORQUE_Z = 62, 63, 64, 65, 66, 67
CONSTANT_X, CONSTANT_Y, CONSTANT_Z = 68, 69, 70
WALK_X, WALK_Y, WALK_SPEED = 71, 72, 73
ASKED_FRONT, ASKED_REAR, ALONG = 74, 75, 76  # share of grip that cornering asks for; acceleration by the tyres
PLANE_X, PLANE_Y, PLANE_Z, SLOPE_X, SLOPE_Y, PLANE_YAW = 77, 78, 79, 80, 81, 82
LOAD_FRONT, LOAD_REAR, ALONG_FRONT, ALONG_REAR, ASIDE_FRONT, ASIDE_REAR = 83, 84, 85, 86, 87, 88
SLIP_FRONT, SLIP_REAR, ENGINE_RADPS, DRAG_N = 89, 90, 91, 92
BEFORE_X, BEFORE_Y, BEFORE_Z = 93, 94, 95  # velocity at the last tick's end
ZONE_GRIP, LOCKED = 96, 97
STEER_RATE, STEER_LAG_S, BRAKE_RATE = 98, 99, 100  # of the body: how fast steering and brake follow

# Ackermann control: what is asked for, gains, inner states.
WANTED_STEER, WANTED_STEER_RATE, WANTED_SPEED, WANTED_ACCELERATION, WANTED_JERK = 101, 102, 103, 104, 105
SPEED_KP, SPEED_KI, SPEED_KD, ACCEL_KP, ACCEL_KI, ACCEL_KD = 106, 107, 108, 109, 110, 111
SPEED_SUM, ACCEL_SUM, LAST_SPEED_ERROR, LAST_ACCEL_ERROR, LIMITED, STEERED = 112, 113, 114, 115, 116, 117

TABLE_POINTS: Final = 64  # own: of torque and steering curves, evenly spaced
MOST_GEARS: Final = 24  # own
TORQUE_TABLE = 118  # N m from rest to the redline
STEERING_TABLE = TORQUE_TABLE + TABLE_POINTS  # share of the full angle from rest to STEER_TO_MPS
GEAR_TABLE = STEERING_TABLE + TABLE_POINTS  # of each gear: ratio, share of the redline to shift down at, and up
BODY_COLUMNS: Final = GEAR_TABLE + 3 * MOST_GEARS

# Arrays.flags: whole numbers. First what a vehicle's snapshot shows (`Motion.modes`).
HAND_BRAKE, REVERSE, MANUAL, GEAR, FAILURE = 0, 1, 2, 3, 4
MODE_COLUMNS: Final = 5
ROLLED_OVER: Final = 1  # a value of FAILURE, CARLA's number

# Then what kind of body it is, and which laws are in force for it.
KIND, SIMULATED, HEAVY, TOUCHABLE, AIRBORNE = 5, 6, 7, 8, 9  # HEAVY: gravity acts
CONSTANT, ACKERMANN, JUMP, TARGET_GEAR, WHEELS = 10, 11, 12, 13, 14
SAMPLED, AUTOBOX, GEARS, GRIPPED = 15, 16, 17, 18  # SAMPLED: the ground below is known; GRIPPED: a zone holds it
FLAG_COLUMNS: Final = 19
PROP, WALKER, VEHICLE = 0, 1, 2  # values of KIND

GRAVITY_MPS2: Final = 9.80665  # CGPM 1901 standard gravity
FASTEST_MPS: Final = 150.0  # own: no push makes anything faster
FASTEST_RADPS: Final = 30.0  # own


class Arrays(NamedTuple):
    """All bodies; rows that nobody has are 0. Few arrays, because each costs every kernel call that passes it."""

    body: Any  # (n, BODY_COLUMNS) float64
    flags: Any  # (n, FLAG_COLUMNS) int64


def empty(rows: int) -> Arrays:
    """Room for so many bodies."""
    return Arrays(body=np.zeros((rows, BODY_COLUMNS)), flags=np.zeros((rows, FLAG_COLUMNS), dtype=np.int64))


def grown(arrays: Arrays, rows: int) -> Arrays:
    """The same bodies with room for more."""
    larger = empty(rows)
    for old, new in zip(arrays, larger, strict=True):
        new[: len(old)] = old
    return larger
