"""How bodies stand on the ground: the plane under each, its attitude on it, steps, falls and landings.

The plane goes through the ground below the wheels (or corners) and is taken anew whenever a body has
moved; between, it is extended. A body follows it within `TRAVEL_M`, as suspension lets it, and flies
above; it comes down without bouncing. Pitch and roll approach those of the plane.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import atan, cos, sin

from numba import njit

from sim.episode.bodies import (
    AIRBORNE,
    BELOW,
    CG_AHEAD,
    FAILURE,
    FRONT_ARM,
    GRAVITY_MPS2,
    HALF_TRACK,
    HEAVY,
    KIND,
    PITCH,
    PLANE_X,
    PLANE_Y,
    PLANE_YAW,
    PLANE_Z,
    REAR_ARM,
    ROLL,
    ROLLED_OVER,
    SAMPLED,
    SLOPE_X,
    SLOPE_Y,
    VEHICLE,
    VX,
    VY,
    VZ,
    WALKER,
    WX,
    WY,
    YAW,
    X,
    Y,
    Z,
)
from sim.episode.ground import NO_GROUND, below

LOOK_UP_M = 1.0  # ground is looked for from this far above the feet
STEP_M = 0.4  # own: a wheel climbs no higher step; what is higher is not ground for it
WALK_STEP_M = 0.45  # the step that Unreal's characters climb by default (its documentation)
TRAVEL_M = 0.08  # own: suspension lets wheels follow the ground so far down
RISE_S = 0.05  # own: how fast a body takes up a step
TILT_S = 0.10  # own: how fast it takes up a slope
LEVEL_M = 1e-4  # nearer to the ground than this a body is on it: heights come as single floats
STILL_RAD = 1e-6  # nearer to its slope than this it has it
STALE_M = 1e-3  # moved less than this, the plane is kept


@njit(cache=True, error_model="numpy")
def sample(body, flags, surfaces, i):  # type: ignore[no-untyped-def]
    """Take the ground plane below body `i` anew."""
    x, y, yaw = body[i, X], body[i, Y], body[i, YAW]
    feet = body[i, Z] - body[i, BELOW]
    known = flags[i, SAMPLED] != 0
    flags[i, SAMPLED] = 1
    body[i, PLANE_X], body[i, PLANE_Y], body[i, PLANE_YAW] = x, y, yaw
    if flags[i, KIND] == WALKER:
        body[i, PLANE_Z] = below(surfaces, x, y, feet + LOOK_UP_M)[0]
        body[i, SLOPE_X] = body[i, SLOPE_Y] = 0.0
        return
    c, s = cos(yaw), sin(yaw)
    cg, half = body[i, CG_AHEAD], body[i, HALF_TRACK]
    front, rear = cg + body[i, FRONT_ARM], cg - body[i, REAR_ARM]
    up, aside = 0.0, 0.0
    if known and flags[i, AIRBORNE] == 0:
        up = body[i, SLOPE_X] * c + body[i, SLOPE_Y] * s
        aside = body[i, SLOPE_Y] * c - body[i, SLOPE_X] * s
    sides = 2 if half > 0.0 else 1
    total, pitching, rolling, highest, held = 0.0, 0.0, 0.0, NO_GROUND, 0
    for axle in range(2):
        along = front if axle == 0 else rear
        for side in range(sides):
            across = 0.0 if sides == 1 else (half if side == 0 else -half)
            level = feet + up * along + aside * across
            px, py = x + c * along - s * across, y + s * along + c * across
            z = below(surfaces, px, py, level + LOOK_UP_M)[0]
            if z > level + STEP_M:
                z = below(surfaces, px, py, level + STEP_M)[0]
            highest = max(highest, z)
            if z >= level - STEP_M:
                held += 1
            else:
                z = level - STEP_M  # a wheel hangs in the air so far
            total += z
            pitching += z if axle == 0 else -z
            rolling += z if side == 0 else -z
    if held == 0:  # nothing below that any wheel reaches
        body[i, PLANE_Z] = highest
        body[i, SLOPE_X] = body[i, SLOPE_Y] = 0.0
        return
    up = pitching / sides / (front - rear)
    aside = 0.5 * rolling / (2.0 * half) if sides == 2 else 0.0
    body[i, PLANE_Z] = total / (2 * sides) - up * 0.5 * (front + rear)
    body[i, SLOPE_X] = up * c - aside * s
    body[i, SLOPE_Y] = up * s + aside * c


@njit(cache=True, error_model="numpy")
def stale(body, flags, i, reach_m):  # type: ignore[no-untyped-def]
    """Whether body `i` has moved further than `reach_m` since its plane was taken."""
    dx, dy = body[i, X] - body[i, PLANE_X], body[i, Y] - body[i, PLANE_Y]
    turned = abs(body[i, YAW] - body[i, PLANE_YAW])
    return flags[i, SAMPLED] == 0 or dx * dx + dy * dy > reach_m * reach_m or turned > 0.2 * reach_m


@njit(cache=True, error_model="numpy")
def stand(body, flags, i, h, x, y):  # type: ignore[no-untyped-def]
    """Move body `i` up or down over a step and tilt it; (x, y) is its place before, the rows' after."""
    z = body[i, Z] - body[i, BELOW]
    gx, gy = body[i, SLOPE_X], body[i, SLOPE_Y]
    floor_z = body[i, PLANE_Z]
    if floor_z == NO_GROUND:
        flags[i, AIRBORNE] = 1
    else:
        floor_z += gx * (body[i, X] - body[i, PLANE_X]) + gy * (body[i, Y] - body[i, PLANE_Y])
    fall = GRAVITY_MPS2 if flags[i, HEAVY] != 0 else 0.0
    rise = gx * (body[i, X] - x) + gy * (body[i, Y] - y)  # a body on the ground goes along with its slope
    if flags[i, AIRBORNE] == 0 and z + rise - floor_z > TRAVEL_M:
        flags[i, AIRBORNE] = 1
    if flags[i, AIRBORNE] != 0:
        vz = body[i, VZ]
        z += vz * h - 0.5 * fall * h * h
        body[i, VZ] = vz - fall * h
        if floor_z == NO_GROUND or z > floor_z:
            body[i, Z] = z + body[i, BELOW]
            fly(body, flags, i, h)
            return
        flags[i, AIRBORNE] = 0
        body[i, VZ] = gx * body[i, VX] + gy * body[i, VY]
        body[i, Z] = floor_z + body[i, BELOW]
        tilt(body, flags, i, h)
        return
    error = z + rise - floor_z
    if abs(error) < LEVEL_M:
        error = 0.0
    else:
        error *= RISE_S / (RISE_S + h)
    before = body[i, Z]
    body[i, Z] = floor_z + error + body[i, BELOW]
    body[i, VZ] = gx * body[i, VX] + gy * body[i, VY]
    if error != 0.0:
        body[i, VZ] = (body[i, Z] - before) / h
    tilt(body, flags, i, h)


@njit(cache=True, error_model="numpy")
def fly(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Keep turning about the body's axes while in the air."""
    wx, wy = body[i, WX], body[i, WY]
    if wx == 0.0 and wy == 0.0:
        return
    c, s = cos(body[i, YAW]), sin(body[i, YAW])
    body[i, PITCH] = wrap(body[i, PITCH] + h * (wy * c - wx * s))
    body[i, ROLL] = wrap(body[i, ROLL] + h * (wx * c + wy * s))


@njit(cache=True, error_model="numpy")
def wrap(angle):  # type: ignore[no-untyped-def]
    """An angle from -pi to pi."""
    return angle - 6.283185307179586 * round(angle / 6.283185307179586)


@njit(cache=True, error_model="numpy")
def tilt(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Pitch and roll approach the plane's; a vehicle that lies on its side or roof stays so."""
    if flags[i, KIND] == WALKER:
        return
    pitch, roll = body[i, PITCH], body[i, ROLL]
    gx, gy = body[i, SLOPE_X], body[i, SLOPE_Y]
    if pitch == 0.0 and roll == 0.0 and gx == 0.0 and gy == 0.0:
        body[i, WX] = body[i, WY] = 0.0
        flags[i, FAILURE] = 0
        return
    if abs(pitch) + abs(roll) > 1.0 and cos(pitch) * cos(roll) < 0.5:  # beyond 60 degrees it does not come back
        if flags[i, KIND] == VEHICLE:
            flags[i, FAILURE] = ROLLED_OVER
        body[i, WX] = body[i, WY] = 0.0
        return
    flags[i, FAILURE] = 0
    c, s = cos(body[i, YAW]), sin(body[i, YAW])
    more_pitch, more_roll = -atan(gx * c + gy * s) - pitch, atan(gy * c - gx * s) - roll
    if more_pitch == 0.0 and more_roll == 0.0:
        body[i, WX] = body[i, WY] = 0.0
        return
    share = h / (TILT_S + h)
    pitching = more_pitch * share if abs(more_pitch) > STILL_RAD else more_pitch
    rolling = more_roll * share if abs(more_roll) > STILL_RAD else more_roll
    body[i, PITCH], body[i, ROLL] = pitch + pitching, roll + rolling
    pitch_rate, roll_rate = pitching / h, rolling / h
    body[i, WX] = c * roll_rate - s * pitch_rate
    body[i, WY] = s * roll_rate + c * pitch_rate
