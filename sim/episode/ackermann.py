"""The controller behind Ackermann control: from speed, acceleration and steering asked for to pedals.

Speed error gives an acceleration (speed gains), bounded by what the control allows; the pedals that
give this acceleration follow from mass, drag, slope, engine and brakes, corrected by the acceleration's
own error (acceleration gains). Standstill is held with the brake. SI units; steering positive to the right.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import atan, cos, sin, tan

from numba import njit

from sim.episode.bodies import (
    ACCEL_KD,
    ACCEL_KI,
    ACCEL_KP,
    ACCEL_SUM,
    ALONG,
    BRAKE,
    BRAKE_FRONT,
    BRAKE_REAR,
    CLUTCH,
    DAMP_CLOSED,
    DAMP_FULL,
    DRAG,
    FRONT_ARM,
    GRAVITY_MPS2,
    HALF_TRACK,
    HAND_BRAKE,
    HEAVY,
    LAST_ACCEL_ERROR,
    LAST_SPEED_ERROR,
    LIMITED,
    MANUAL,
    MASS,
    REAR_ARM,
    REVERSE,
    SLOPE_X,
    SLOPE_Y,
    SPEED_KD,
    SPEED_KI,
    SPEED_KP,
    SPEED_SUM,
    STEER,
    STEER_MAX,
    STEER_TO_MPS,
    STEERED,
    STEERING_TABLE,
    TABLE_POINTS,
    THROTTLE,
    VX,
    VY,
    WANTED_ACCELERATION,
    WANTED_JERK,
    WANTED_SPEED,
    WANTED_STEER,
    WANTED_STEER_RATE,
    YAW,
)
from sim.episode.drivetrain import engine
from sim.episode.vehicle_kernel import ROLLING_RATIO

HARDEST_MPS2 = 3.0  # own: acceleration where the control bounds none
STRONGEST_MPS2 = 8.0  # own: braking where the control bounds none
# The default gain (0.15) then takes away a speed error with a time constant of two thirds of a second.
PERIOD_S = 0.1  # own: the gains' unit of time
HOLD_MPS = 0.1  # own: slower than this with no speed wanted, the brake holds
HOLD_BRAKE = 0.6  # own
PEDAL_SUM = 0.5  # own: most that the acceleration's error adds to a pedal


@njit(cache=True, error_model="numpy")
def control(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Set the pedals of vehicle `i` for a step of `h` seconds."""
    c, s = cos(body[i, YAW]), sin(body[i, YAW])
    speed = body[i, VX] * c + body[i, VY] * s
    steer(body, flags, i, speed, h)
    flags[i, HAND_BRAKE], flags[i, MANUAL] = 0, 0
    wanted = body[i, WANTED_SPEED]
    turns_back = wanted * speed < 0.0 and abs(speed) > HOLD_MPS
    if turns_back:
        wanted = 0.0  # first stop, then go the other way
    elif wanted != 0.0:
        flags[i, REVERSE] = 1 if wanted < 0.0 else 0
    if wanted == 0.0 and abs(speed) < HOLD_MPS:
        body[i, THROTTLE], body[i, BRAKE] = 0.0, HOLD_BRAKE
        for k in range(SPEED_SUM, LIMITED + 1):
            body[i, k] = 0.0
        return
    sign = -1.0 if flags[i, REVERSE] != 0 else 1.0
    error = sign * (wanted - speed)
    total = body[i, SPEED_SUM] + error * h
    slope = (error - body[i, LAST_SPEED_ERROR]) / h if body[i, LAST_SPEED_ERROR] != 0.0 else 0.0
    body[i, SPEED_SUM], body[i, LAST_SPEED_ERROR] = min(max(total, -10.0), 10.0), error
    goal = (body[i, SPEED_KP] * error + body[i, SPEED_KI] * body[i, SPEED_SUM]) / PERIOD_S
    goal += 0.1 * body[i, SPEED_KD] * min(max(slope, -20.0), 20.0)
    most, least = HARDEST_MPS2, -STRONGEST_MPS2
    if body[i, WANTED_ACCELERATION] != 0.0:
        most = min(abs(body[i, WANTED_ACCELERATION]), STRONGEST_MPS2)
        least = -most
    goal = min(max(goal, least), most)
    if body[i, WANTED_JERK] != 0.0:
        change = abs(body[i, WANTED_JERK]) * h
        goal = min(max(goal, body[i, LIMITED] - change), body[i, LIMITED] + change)
    body[i, LIMITED] = goal
    pedal(body, flags, i, speed, sign, goal, c, s, h)


@njit(cache=True, error_model="numpy")
def pedal(body, flags, i, speed, sign, goal, c, s, h):  # type: ignore[no-untyped-def]
    """Throttle or brake for an acceleration `goal` in the direction `sign` of driving."""
    mass = body[i, MASS]
    error = goal - sign * body[i, ALONG]
    body[i, ACCEL_SUM] = min(max(body[i, ACCEL_SUM] + error * h, -5.0), 5.0)
    slope = (error - body[i, LAST_ACCEL_ERROR]) / h if body[i, LAST_ACCEL_ERROR] != 0.0 else 0.0
    body[i, LAST_ACCEL_ERROR] = error
    more = body[i, ACCEL_KP] * error + body[i, ACCEL_KI] * body[i, ACCEL_SUM]
    more += 0.01 * body[i, ACCEL_KD] * min(max(slope, -50.0), 50.0)
    more = min(max(more, -PEDAL_SUM), PEDAL_SUM)
    uphill = sign * (body[i, SLOPE_X] * c + body[i, SLOPE_Y] * s)
    climb = GRAVITY_MPS2 * uphill / (1.0 + uphill * uphill) if flags[i, HEAVY] != 0 else 0.0
    needed = mass * (goal + climb + GRAVITY_MPS2 * ROLLING_RATIO) + body[i, DRAG] * speed * abs(speed) * sign
    full, _ = engine(body, flags, i, speed, 1.0)
    _, drag = engine(body, flags, i, speed, 0.0)
    full *= sign
    if needed > -drag or full <= 0.0 and goal > 0.0:
        share = min(max((needed + drag) / (full + drag), 0.0), 1.0) if full + drag > 1.0 else 1.0
        full *= engaged(body, i, share) / engaged(body, i, 1.0)
        share = (needed + drag) / (full + drag) if full + drag > 1.0 else 1.0
        body[i, THROTTLE], body[i, BRAKE] = min(max(share + more, 0.0), 1.0), 0.0
    else:
        most = body[i, BRAKE_FRONT] + body[i, BRAKE_REAR]
        share = (-drag - needed) / most if most > 1.0 else 1.0
        body[i, THROTTLE], body[i, BRAKE] = 0.0, min(max(share - more, 0.0), 1.0)


@njit(cache=True, error_model="numpy")
def engaged(body, i, throttle):  # type: ignore[no-untyped-def]
    """Share of the engine's torque that the clutch passes on at a throttle."""
    damping = body[i, DAMP_CLOSED] + throttle * (body[i, DAMP_FULL] - body[i, DAMP_CLOSED])
    return body[i, CLUTCH] / (body[i, CLUTCH] + damping)


@njit(cache=True, error_model="numpy")
def steer(body, flags, i, speed, h):  # type: ignore[no-untyped-def]
    """Turn the steering wheel towards the angle asked for, by the share that the wheels need for it."""
    goal, rate = body[i, WANTED_STEER], body[i, WANTED_STEER_RATE]
    if rate > 0.0:
        last = body[i, STEERED]
        goal = min(max(goal, last - rate * h), last + rate * h)
    body[i, STEERED] = goal
    place = min(abs(speed) / body[i, STEER_TO_MPS], 1.0) * (TABLE_POINTS - 1)
    k = min(int(place), TABLE_POINTS - 2)
    share = body[i, STEERING_TABLE + k] + (place - k) * (body[i, STEERING_TABLE + k + 1] - body[i, STEERING_TABLE + k])
    t = tan(min(abs(goal), 1.4))
    narrow = t * body[i, HALF_TRACK] / (body[i, FRONT_ARM] + body[i, REAR_ARM])
    inner = atan(t / (1.0 - narrow)) if narrow < 1.0 else 1.5707963
    most = max(share * body[i, STEER_MAX], 1e-6)
    turned = min(inner / most, 1.0)
    body[i, STEER] = turned if goal > 0.0 else -turned
