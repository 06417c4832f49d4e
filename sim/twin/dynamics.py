"""How a driven vehicle moves: single-track model with saturating tyres, drive, brake and steer lags.

Speed along the body is solved in closed form (lags are exponentials, targets are held), so it stops
exactly where it stops and never rolls back; the lateral state is integrated with a fourth-order
Runge-Kutta step over it. Below `SLOW_MPS` the slip angles of the dynamic model lose meaning, and the
vehicle rolls along its wheels (kinematic single track); in between the two are blended.
Single-track model: Riekert, Schunck 1940; Mitschke, Wallentowitz, Dynamik der Kraftfahrzeuge.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, exp, expm1, sin, sqrt, tan

from numba import njit

from sim.truth import (
    ACCELERATION,
    BRAKE,
    DRIVE,
    LATERAL_SPEED,
    PATH_CURVATURE,
    PATH_OFFSET,
    PATH_S,
    SPEED,
    STEER,
    YAW,
    YAW_RATE,
    X,
    Y,
)
from sim.twin.arrays import (
    BRAKE_FORCE,
    BRAKE_LAG,
    BRAKE_TARGET,
    CG_AHEAD,
    CORNERING_FRONT,
    CORNERING_REAR,
    DRAG,
    DRIVE_LAG,
    DRIVE_TARGET,
    FRONT_ARM,
    GRAVITY_MPS2,
    LATERAL_FRICTION,
    MASS,
    NEAR,
    ROUTE,
    STEER_LAG,
    STEER_RATE,
    STEER_TARGET,
    WHEELBASE,
    YAW_INERTIA,
)
from sim.twin.roads import EXACT_M, projected

SLOW_MPS = 2.0  # below: kinematic
FAST_MPS = 5.0  # above: dynamic
_ROLLING_S = 0.1  # how fast the body takes up the kinematic motion


@njit(cache=True, error_model="numpy")
def speed_after(t, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s):  # type: ignore[no-untyped-def]
    """Speed after `t` seconds at acceleration steady + drive_gap e^(-t/drive_lag) - brake_gap e^(-t/brake_lag)."""
    drive = -drive_gap * drive_lag_s * expm1(-t / drive_lag_s)
    brake = -brake_gap * brake_lag_s * expm1(-t / brake_lag_s)
    return v + steady * t + drive - brake


@njit(cache=True, error_model="numpy")
def standstill_after(h, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s):  # type: ignore[no-untyped-def]
    """When within `h` the speed reaches zero (it is below zero at `h`), by bisection to the last bit."""
    low, high = 0.0, h
    for _ in range(64):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        if speed_after(middle, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s) > 0.0:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, error_model="numpy")
def moving_off_after(h, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s):  # type: ignore[no-untyped-def]
    """When within `h` a standing vehicle's drive exceeds its brakes and drag (it does at `h`)."""
    low, high = 0.0, h
    if steady + drive_gap - brake_gap > 0.0:
        return 0.0
    for _ in range(64):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        push = steady + drive_gap * exp(-middle / drive_lag_s) - brake_gap * exp(-middle / brake_lag_s)
        if push <= 0.0:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, error_model="numpy")
def steered(t, angle, target, rate, lag_s):  # type: ignore[no-untyped-def]
    """Road-wheel angle after `t` seconds: a first-order lag that is never faster than `rate`."""
    error = target - angle
    linear = abs(error) / rate - lag_s
    if linear <= 0.0:
        return target - error * exp(-t / lag_s)
    sign = 1.0 if error > 0.0 else -1.0
    if t <= linear:
        return angle + sign * rate * t
    return target - sign * rate * lag_s * exp(-(t - linear) / lag_s)


@njit(cache=True, error_model="numpy")
def rates(c0, s0, turned, vy, r, v, steer, front, rear, cf, cr, mass, inertia, ff_max, fr_max):  # type: ignore[no-untyped-def]
    """d/dt of x, y, yaw, lateral speed and yaw rate at the centre of gravity.

    c0, s0 are cosine and sine of the yaw at the piece's start, `turned` the small turn since (a short
    series serves). Slip angles are small angles: tangents stand for them, and cos(steer) for 1.
    """
    weight = min(max((v - SLOW_MPS) / (FAST_MPS - SLOW_MPS), 0.0), 1.0)
    dvy, dr = 0.0, 0.0
    if weight > 0.0:
        slip_f = cf * (steer - (vy + front * r) / v)
        slip_r = -cr * (vy - rear * r) / v
        ff = slip_f / sqrt(1.0 + (slip_f / ff_max) ** 2)
        fr = slip_r / sqrt(1.0 + (slip_r / fr_max) ** 2)
        dvy = weight * ((ff + fr) / mass - v * r)
        dr = weight * ((front * ff - rear * fr) / inertia)
    if weight < 1.0:
        r_rolling = v * tan(steer) / (front + rear)
        dvy += (1.0 - weight) * (r_rolling * rear - vy) / _ROLLING_S
        dr += (1.0 - weight) * (r_rolling - r) / _ROLLING_S
    t2 = turned * turned
    ct = 1.0 - t2 * (0.5 - t2 * (1.0 / 24.0 - t2 / 720.0))
    st = turned * (1.0 - t2 * (1.0 / 6.0 - t2 * (1.0 / 120.0 - t2 / 5040.0)))
    c, s = c0 * ct - s0 * st, s0 * ct + c0 * st
    return v * c - vy * s, v * s + vy * c, r, dvy, dr


@njit(cache=True, error_model="numpy")
def driven(state, held, body, mode, road, roads, i, h):  # type: ignore[no-untyped-def]
    """Move driven actor `i` on by `h` seconds with all targets held."""
    v = state[i, SPEED]
    brake, drive = held[i, BRAKE_FORCE], state[i, DRIVE]
    brake_target, drive_target = held[i, BRAKE_TARGET], held[i, DRIVE_TARGET]
    brake_lag_s, drive_lag_s = body[i, BRAKE_LAG], body[i, DRIVE_LAG]
    steady = drive_target - brake_target - held[i, DRAG]
    brake_gap, drive_gap = brake - brake_target, drive - drive_target

    half = 0.5 * h
    brake_half, drive_half = expm1(-half / brake_lag_s), expm1(-half / drive_lag_s)
    brake_full, drive_full = brake_half * (brake_half + 2.0), drive_half * (drive_half + 2.0)
    new_brake = brake + brake_gap * brake_full
    push = steady + drive_gap * (1.0 + drive_full) - brake_gap * (1.0 + brake_full)
    held[i, BRAKE_FORCE] = new_brake
    state[i, DRIVE] = drive + drive_gap * drive_full
    angle, angle_target = state[i, STEER], held[i, STEER_TARGET]
    steer_rate, steer_lag_s = body[i, STEER_RATE], body[i, STEER_LAG]
    last_angle = steered(h, angle, angle_target, steer_rate, steer_lag_s)
    state[i, STEER] = last_angle
    if v <= 0.0 and push <= 0.0:
        state[i, ACCELERATION] = 0.0
        state[i, BRAKE] = 0.0
        return

    span, first_angle = h, angle
    mid_v = v + steady * half - drive_gap * drive_lag_s * drive_half + brake_gap * brake_lag_s * brake_half
    new_v = v + steady * h - drive_gap * drive_lag_s * drive_full + brake_gap * brake_lag_s * brake_full
    stops = False
    if v <= 0.0 or new_v <= 0.0:
        late = 0.0  # seconds of this piece spent standing before moving off
        if v <= 0.0:
            late = moving_off_after(h, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s)
            brake_gap *= exp(-late / brake_lag_s)
            drive_gap *= exp(-late / drive_lag_s)
            span = h - late
            new_v = speed_after(span, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s)
        stops = new_v <= 0.0
        if stops:
            span = standstill_after(span, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s)
            new_v = 0.0
        half = 0.5 * span
        mid_v = speed_after(half, v, steady, brake_gap, brake_lag_s, drive_gap, drive_lag_s)
        first_angle = steered(late, angle, angle_target, steer_rate, steer_lag_s)
        mid_angle = steered(late + half, angle, angle_target, steer_rate, steer_lag_s)
        last_angle = steered(late + span, angle, angle_target, steer_rate, steer_lag_s)
    else:
        mid_angle = steered(half, angle, angle_target, steer_rate, steer_lag_s)

    ahead, front = body[i, CG_AHEAD], body[i, FRONT_ARM]
    rear = body[i, WHEELBASE] - front
    mass, inertia = body[i, MASS], body[i, YAW_INERTIA]
    cf, cr = body[i, CORNERING_FRONT], body[i, CORNERING_REAR]
    grip = held[i, LATERAL_FRICTION] * mass * GRAVITY_MPS2 / (front + rear)
    ff_max, fr_max = grip * rear, grip * front
    yaw, r = state[i, YAW], state[i, YAW_RATE]
    c, s = cos(yaw), sin(yaw)
    vy = state[i, LATERAL_SPEED] + ahead * r
    a0, a1, a2, a3, a4 = rates(c, s, 0.0, vy, r, v, first_angle, front, rear, cf, cr, mass, inertia, ff_max, fr_max)
    b0, b1, b2, b3, b4 = rates(
        c,
        s,
        half * a2,
        vy + half * a3,
        r + half * a4,
        mid_v,
        mid_angle,
        front,
        rear,
        cf,
        cr,
        mass,
        inertia,
        ff_max,
        fr_max,
    )
    c0, c1, c2, c3, c4 = rates(
        c,
        s,
        half * b2,
        vy + half * b3,
        r + half * b4,
        mid_v,
        mid_angle,
        front,
        rear,
        cf,
        cr,
        mass,
        inertia,
        ff_max,
        fr_max,
    )
    d0, d1, d2, d3, d4 = rates(
        c,
        s,
        span * c2,
        vy + span * c3,
        r + span * c4,
        new_v,
        last_angle,
        front,
        rear,
        cf,
        cr,
        mass,
        inertia,
        ff_max,
        fr_max,
    )
    sixth = span / 6.0
    yaw += sixth * (a2 + 2.0 * (b2 + c2) + d2)
    vy += sixth * (a3 + 2.0 * (b3 + c3) + d3)
    r += sixth * (a4 + 2.0 * (b4 + c4) + d4)
    state[i, X] += sixth * (a0 + 2.0 * (b0 + c0) + d0) + ahead * (c - cos(yaw))
    state[i, Y] += sixth * (a1 + 2.0 * (b1 + c1) + d1) + ahead * (s - sin(yaw))
    state[i, YAW] = yaw
    state[i, SPEED] = new_v
    if stops:
        state[i, LATERAL_SPEED] = 0.0
        state[i, YAW_RATE] = 0.0
        state[i, ACCELERATION] = 0.0
        state[i, BRAKE] = 0.0
    else:
        state[i, LATERAL_SPEED] = vy - ahead * r
        state[i, YAW_RATE] = r
        state[i, ACCELERATION] = push
        state[i, BRAKE] = new_brake
    follow_route(state, mode, road, roads, i, sixth * (v + 4.0 * mid_v + new_v))


@njit(cache=True, error_model="numpy")
def follow_route(state, mode, road, roads, i, way_m):  # type: ignore[no-untyped-def]
    """Find the actor's place on its route again after it moved on by about `way_m`."""
    route = mode[i, ROUTE]
    guess_m = state[i, PATH_S] + way_m
    s_m, offset_m, curvature, _yaw, near = projected(
        road, roads[route, 0], roads[route, 1], state[i, X], state[i, Y], guess_m, mode[i, NEAR], EXACT_M
    )
    state[i, PATH_S] = s_m
    state[i, PATH_OFFSET] = offset_m
    state[i, PATH_CURVATURE] = curvature
    mode[i, NEAR] = near
