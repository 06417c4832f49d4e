"""How a vehicle moves over one step: single-track model with saturating tyres, drive, brakes and slopes.

Tyre forces across the wheels are solved together with the motion they cause (linearly implicit, with
the secant of a saturating curve), so at low speed the vehicle rolls along its wheels and at rest it
sticks, with no change of model; what is left of each axle's friction circle by drive and brakes bounds
them. Brakes, rolling resistance and engine drag only take speed away: a vehicle stops and stays.
The service brake is distributed by the axles' loads and holds back from locking, as EBD and ABS do; the
hand brake locks the rear wheels.
Single-track model: Mitschke, Wallentowitz, Dynamik der Kraftfahrzeuge.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import atan, cos, hypot, sin, sqrt

from numba import njit

from sim.episode.bodies import (
    AIRBORNE,
    ALONG,
    ALONG_FRONT,
    ALONG_REAR,
    ANGLE,
    ASIDE_FRONT,
    ASIDE_REAR,
    ASKED_FRONT,
    ASKED_REAR,
    BRAKE,
    BRAKE_FRONT,
    BRAKE_RATE,
    BRAKE_REAR,
    CG_AHEAD,
    CG_HEIGHT,
    CONSTANT,
    CONSTANT_X,
    CONSTANT_Y,
    DRAG,
    DRAG_N,
    FAILURE,
    FORCE_X,
    FORCE_Y,
    FRONT_ARM,
    FRONT_SHARE,
    GRAVITY_MPS2,
    GRIP_FRONT,
    GRIP_REAR,
    GRIPPED,
    HALF_TRACK,
    HAND_BRAKE,
    HAND_FRONT,
    HAND_REAR,
    HEAVY,
    LOAD_FRONT,
    LOAD_REAR,
    LOCKED,
    MASS,
    PEDAL_BRAKE,
    PEDAL_HAND,
    PEDAL_THROTTLE,
    REAR_ARM,
    SLIP_FRONT,
    SLIP_REAR,
    SLOPE_X,
    SLOPE_Y,
    STEER,
    STEER_LAG_S,
    STEER_MAX,
    STEER_RATE,
    STEER_TO_MPS,
    STEERING_TABLE,
    STIFF_FRONT,
    STIFF_REAR,
    TABLE_POINTS,
    THROTTLE,
    TORQUE_Z,
    VX,
    VY,
    WZ,
    YAW,
    YAW_INERTIA,
    ZONE_GRIP,
    X,
    Y,
)
from sim.episode.drivetrain import engine, shift
from sim.twin.dynamics import steered

ROLLING_RATIO = 0.012  # rolling resistance of car tyres on asphalt (Gillespie, ch. 4)
SLIDING_RATIO = 0.5  # own: friction of a hull on the road
# Pedals follow what is asked at these shares of the full travel per second: the default rise and fall
# rates of Unreal's wheeled vehicles (its documentation; recalled: confirm).
THROTTLE_RISE, THROTTLE_FALL, BRAKE_FALL, HAND_RATE = 6.0, 10.0, 10.0, 12.0
CORNERING_FIRST = 0.7  # own: share of an axle's grip that braking leaves to steering if it asks for it
KNEE = 0.5  # own: share of the grip up to which a tyre's force grows with its slip
CRAWL_MPS = 1e-3  # below this, slip is taken against this speed
REST_MPS = 0.02  # below this, across and turning, a vehicle held by its brakes is at rest


@njit(cache=True, error_model="numpy")
def approached(value, goal, rise, fall):  # type: ignore[no-untyped-def]
    """A pedal after a step, at most `rise` up or `fall` down."""
    return min(value + rise, goal) if goal > value else max(value - fall, goal)


@njit(cache=True, error_model="numpy")
def across(stiff, speed, aside, cap):  # type: ignore[no-untyped-def]
    """Force per speed across the wheels (N per m/s) of an axle at a slip: the secant of its saturating curve."""
    if cap <= 0.0:
        return 0.0
    slope = stiff / max(abs(speed), CRAWL_MPS)
    asked = slope * abs(aside) / cap
    return slope if asked <= KNEE else cap * (1.0 - KNEE * KNEE / asked) / abs(aside)


@njit(cache=True, error_model="numpy")
def asked_share(stiff, speed, aside, cap):  # type: ignore[no-untyped-def]
    """Share of an axle's whole grip that its slip asks for, at most 1."""
    if cap <= 0.0:
        return 0.0
    return min(stiff / max(abs(speed), CRAWL_MPS) * abs(aside) / cap, 1.0)


@njit(cache=True, error_model="numpy")
def steer_angle(body, flags, i, speed):  # type: ignore[no-untyped-def]
    """Angle to the left that the front axle's middle is asked for at a speed, rad."""
    place = min(abs(speed) / body[i, STEER_TO_MPS], 1.0) * (TABLE_POINTS - 1)
    k = min(int(place), TABLE_POINTS - 2)
    share = body[i, STEERING_TABLE + k] + (place - k) * (body[i, STEERING_TABLE + k + 1] - body[i, STEERING_TABLE + k])
    inner = -body[i, STEER] * share * body[i, STEER_MAX]
    if inner == 0.0 or body[i, HALF_TRACK] == 0.0:
        return inner
    # The inner wheel turns so far; the middle of the axle is half a track further from the turn's centre.
    t = sin(abs(inner)) / cos(inner)
    middle = t / (1.0 + t * body[i, HALF_TRACK] / (body[i, FRONT_ARM] + body[i, REAR_ARM]))
    return atan(middle) if inner > 0.0 else -atan(middle)


@njit(cache=True, error_model="numpy")
def pedals(body, flags, i, speed, h):  # type: ignore[no-untyped-def]
    """Let pedals and steering follow what is asked."""
    body[i, PEDAL_THROTTLE] = approached(
        body[i, PEDAL_THROTTLE], body[i, THROTTLE], THROTTLE_RISE * h, THROTTLE_FALL * h
    )
    rise, fall = body[i, BRAKE_RATE] * h, max(BRAKE_FALL, body[i, BRAKE_RATE]) * h
    body[i, PEDAL_BRAKE] = approached(body[i, PEDAL_BRAKE], body[i, BRAKE], rise, fall)
    hand = 1.0 if flags[i, HAND_BRAKE] != 0 else 0.0
    body[i, PEDAL_HAND] = approached(body[i, PEDAL_HAND], hand, HAND_RATE * h, HAND_RATE * h)
    goal = steer_angle(body, flags, i, speed)
    if goal != body[i, ANGLE]:
        angle = steered(h, body[i, ANGLE], goal, body[i, STEER_RATE], body[i, STEER_LAG_S])
        body[i, ANGLE] = goal if abs(angle - goal) < 1e-9 else angle


@njit(cache=True, error_model="numpy")
def drive(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Move vehicle `i` on by `h` seconds in the plane."""
    yaw, r = body[i, YAW], body[i, WZ]
    c, s = cos(yaw), sin(yaw)
    vx, vy = body[i, VX], body[i, VY]
    cg = body[i, CG_AHEAD]
    u = vx * c + vy * s
    v = vy * c - vx * s + cg * r
    pedals(body, flags, i, u, h)
    shift(body, flags, i, u, h)
    mass, inertia = body[i, MASS], body[i, YAW_INERTIA]
    push_x, push_y = body[i, FORCE_X] / mass, body[i, FORCE_Y] / mass
    spin = body[i, TORQUE_Z] / inertia
    front, rear = body[i, FRONT_ARM], body[i, REAR_ARM]
    base = front + rear
    delta = body[i, ANGLE]
    cd, sd = cos(delta), sin(delta)
    if flags[i, CONSTANT] != 0:
        u1 = body[i, CONSTANT_X]
        r1 = u1 * sd / (cd * base)
        v1 = body[i, CONSTANT_Y] + cg * r1
        roll_on(body, flags, i, h, c, s, vx - r * cg * s, vy + r * cg * c, u1, v1, r1)
        return
    if flags[i, AIRBORNE] != 0:
        r1 = r + h * spin
        vx1, vy1 = vx - r * cg * s + h * push_x, vy + r * cg * c + h * push_y
        c1, s1 = cos(yaw + h * r1), sin(yaw + h * r1)
        engine(body, flags, i, u, body[i, PEDAL_THROTTLE])
        for k in range(LOAD_FRONT, SLIP_REAR + 1):
            body[i, k] = 0.0
        body[i, ALONG] = 0.0
        roll_on(body, flags, i, h, c, s, vx - r * cg * s, vy + r * cg * c, vx1 * c1 + vy1 * s1, vy1 * c1 - vx1 * s1, r1)
        return
    gx, gy = body[i, SLOPE_X], body[i, SLOPE_Y]
    flat2 = 1.0 / (1.0 + gx * gx + gy * gy)
    flat = sqrt(flat2)
    down = GRAVITY_MPS2 * flat2 if flags[i, HEAVY] != 0 else 0.0
    push_u = push_x * c + push_y * s - down * (gx * c + gy * s)
    push_v = push_y * c - push_x * s - down * (gy * c - gx * s)

    # Loads and what they let the tyres hold, as horizontal shares.
    weight = mass * GRAVITY_MPS2 * flat
    moved = mass * body[i, ALONG] * body[i, CG_HEIGHT] / base
    load_f = min(max(weight * rear / base - moved, 0.05 * weight), 0.95 * weight)
    load_r = weight - load_f
    grip_f, grip_r = body[i, GRIP_FRONT], body[i, GRIP_REAR]
    if flags[i, GRIPPED] != 0:
        grip_f = grip_r = body[i, ZONE_GRIP]
    if flags[i, FAILURE] != 0:
        slide(body, flags, i, h, c, s, u, v, r, push_u, push_v, spin, SLIDING_RATIO * weight * flat)
        return
    cap_f, cap_r = grip_f * load_f * flat, grip_r * load_r * flat

    # Along: drive and brakes, each within what the friction circle leaves.
    force, engine_drag = engine(body, flags, i, u, body[i, PEDAL_THROTTLE])
    asked_f, asked_r = min(body[i, ASKED_FRONT], CORNERING_FIRST), min(body[i, ASKED_REAR], CORNERING_FIRST)
    most_f, most_r = cap_f * sqrt(1.0 - asked_f * asked_f), cap_r * sqrt(1.0 - asked_r * asked_r)
    drive_f = min(max(force * body[i, FRONT_SHARE], -most_f), most_f)
    drive_r = min(max(force * (1.0 - body[i, FRONT_SHARE]), -most_r), most_r)
    brake, hand = body[i, PEDAL_BRAKE], body[i, PEDAL_HAND]
    service = brake * (body[i, BRAKE_FRONT] + body[i, BRAKE_REAR]) / weight
    brake_f = min(service * load_f + engine_drag * body[i, FRONT_SHARE], most_f)
    brake_r = min(service * load_r + engine_drag * (1.0 - body[i, FRONT_SHARE]), most_r)
    aside_r = v - rear * r
    locked = False
    if hand > 0.0:
        brake_f = min(brake_f + hand * body[i, HAND_FRONT], most_f)
        brake_r += hand * body[i, HAND_REAR]
        locked = brake_r > cap_r
        if locked:
            drive_r = 0.0
            brake_r = cap_r * max(abs(u), CRAWL_MPS) / max(hypot(u, aside_r), CRAWL_MPS)
        else:
            brake_r = min(brake_r, cap_r)
    used_f, used_r = max(abs(drive_f), brake_f), max(abs(drive_r), brake_r)
    if u == 0.0:  # a brake that holds uses no more grip than it must
        used_f, used_r = min(used_f, abs(drive_f)), min(used_r, abs(drive_r))
    side_f, side_r = sqrt(max(cap_f * cap_f - used_f * used_f, 0.0)), sqrt(max(cap_r * cap_r - used_r * used_r, 0.0))

    # Across: v and r at the step's end, in the body's axes at the step's end.
    cr, sr = cos(r * h), sin(r * h)
    u0, v0 = u * cr + v * sr, v * cr - u * sr
    v_free, r_free = v0 + h * push_v, r + h * spin
    stiff_f, stiff_r = body[i, STIFF_FRONT] * load_f, body[i, STIFF_REAR] * load_r
    v1, r1 = v_free, r_free
    slope_f, slope_r = 0.0, 0.0
    wheel_speed = u0 * cd + (v + front * r) * sd
    if body[i, WZ] != 0.0 or v_free != 0.0 or u0 != 0.0 or r_free != 0.0:
        for _ in range(4 if abs(u) < 3.0 else 2):
            across_f = (v1 + front * r1) * cd - u0 * sd
            across_r = v1 - rear * r1
            slope_f = across(stiff_f, wheel_speed, across_f, side_f)
            if locked:
                slope_r = cap_r / max(hypot(u0, across_r), CRAWL_MPS)
            else:
                slope_r = across(stiff_r, u0, across_r, side_r)
            kf, kr = h * slope_f, h * slope_r
            m11 = 1.0 + (kf * cd * cd + kr) / mass
            m12 = u0 * h + (kf * front * cd * cd - kr * rear) / mass
            m21 = (kf * front * cd * cd - kr * rear) / inertia
            m22 = 1.0 + (kf * front * front * cd * cd + kr * rear * rear) / inertia
            b1 = v_free + u0 * h * r + kf * cd * sd * u0 / mass
            b2 = r_free + kf * front * cd * sd * u0 / inertia
            det = m11 * m22 - m12 * m21
            v1 = (b1 * m22 - b2 * m12) / det
            r1 = (m11 * b2 - m21 * b1) / det
    side_force_f = -slope_f * ((v1 + front * r1) * cd - u0 * sd)
    side_force_r = -slope_r * (v1 - rear * r1)

    # Along: what pushes first, then what only takes away.
    air = body[i, DRAG] * abs(u)
    free = u0 + v1 * h * (r1 - r) + h * (push_u + (drive_f * cd + drive_r - side_force_f * sd) / mass)
    free /= 1.0 + h * air / mass
    taken = h * (brake_f + brake_r + ROLLING_RATIO * weight * flat) / mass
    if abs(free) <= taken:
        u1 = 0.0
    else:
        u1 = free - taken if free > 0.0 else free + taken
    aside = mass * abs(push_v) + abs(spin) * inertia / min(front, rear)
    if u1 == 0.0 and abs(v1) < REST_MPS and abs(r1) < REST_MPS and aside <= 1.8 * min(side_f, side_r):
        v1, r1 = 0.0, 0.0  # at rest, as friction bears what pushes sideways and turns
    body[i, ALONG] = (u1 - u0) / h - push_u
    slip_f, slip_r = (v1 + front * r1) * cd - u1 * sd, v1 - rear * r1
    body[i, ASKED_FRONT] = asked_share(stiff_f, wheel_speed, slip_f, cap_f)
    body[i, ASKED_REAR] = asked_share(stiff_r, u0, slip_r, cap_r)
    body[i, LOAD_FRONT], body[i, LOAD_REAR], body[i, LOCKED] = load_f, load_r, 1.0 if locked else 0.0
    stopped = mass * (free - u1) / h
    share = (brake_f / (brake_f + brake_r)) if brake_f + brake_r > 0.0 else 0.5
    body[i, ALONG_FRONT], body[i, ALONG_REAR] = drive_f - share * stopped, drive_r - (1.0 - share) * stopped
    body[i, ASIDE_FRONT], body[i, ASIDE_REAR] = side_force_f, side_force_r
    body[i, SLIP_FRONT], body[i, SLIP_REAR] = slip_f, slip_r
    body[i, DRAG_N] = air * abs(u)
    roll_on(body, flags, i, h, c, s, vx - r * cg * s, vy + r * cg * c, u1, v1, r1)


@njit(cache=True, error_model="numpy")
def slide(body, flags, i, h, c, s, u, v, r, push_u, push_v, spin, friction):  # type: ignore[no-untyped-def]
    """Move a vehicle that does not stand on its wheels: friction against its motion, nothing else."""
    cg, mass = body[i, CG_AHEAD], body[i, MASS]
    cr, sr = cos(r * h), sin(r * h)
    u1, v1 = u * cr + v * sr + h * push_u, v * cr - u * sr + h * push_v
    speed, taken = hypot(u1, v1), h * friction / mass
    left = max(speed - taken, 0.0) / speed if speed > 0.0 else 0.0
    arm = 0.5 * (body[i, FRONT_ARM] + body[i, REAR_ARM])
    r1 = r + h * spin
    slowed = h * friction * arm / body[i, YAW_INERTIA]
    r1 = 0.0 if abs(r1) <= slowed else (r1 - slowed if r1 > 0.0 else r1 + slowed)
    for k in range(LOAD_FRONT, SLIP_REAR + 1):
        body[i, k] = 0.0
    body[i, ALONG] = 0.0
    x0, y0 = body[i, VX] - r * cg * s, body[i, VY] + r * cg * c
    roll_on(body, flags, i, h, c, s, x0, y0, u1 * left, v1 * left, r1)


@njit(cache=True, error_model="numpy")
def roll_on(body, flags, i, h, c, s, vx0, vy0, u1, v1, r1):  # type: ignore[no-untyped-def]
    """New place and velocity of the origin from the centre of gravity's velocity before and after a step."""
    cg = body[i, CG_AHEAD]
    if u1 == 0.0 and v1 == 0.0 and r1 == 0.0 and vx0 == 0.0 and vy0 == 0.0:
        body[i, VX] = body[i, VY] = body[i, WZ] = 0.0
        return
    yaw = body[i, YAW] + h * r1
    c1, s1 = cos(yaw), sin(yaw)
    vx1, vy1 = u1 * c1 - v1 * s1, u1 * s1 + v1 * c1
    body[i, X] += 0.5 * h * (vx0 + vx1) + cg * (c - c1)
    body[i, Y] += 0.5 * h * (vy0 + vy1) + cg * (s - s1)
    body[i, YAW] = yaw
    body[i, VX], body[i, VY], body[i, WZ] = vx1 + r1 * cg * s1, vy1 - r1 * cg * c1, r1
