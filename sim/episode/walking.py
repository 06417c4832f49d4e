"""How walkers walk and how loose things slide, over one step in the plane.

A walker takes up the velocity asked of it within a few tenths of a second and turns into its direction;
who was knocked over slides first. A prop is a box that friction with the ground brings to rest.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import atan2, cos, hypot, sin

from numba import njit

from sim.episode.bodies import (
    AIRBORNE,
    CONSTANT,
    CONSTANT_X,
    CONSTANT_Y,
    FORCE_X,
    FORCE_Y,
    GRAVITY_MPS2,
    HALF_LENGTH,
    HALF_WIDTH,
    HEAVY,
    JUMP,
    MASS,
    SLOPE_X,
    SLOPE_Y,
    STUNNED_S,
    TORQUE_Z,
    VX,
    VY,
    VZ,
    WALK_SPEED,
    WALK_X,
    WALK_Y,
    WZ,
    YAW,
    YAW_INERTIA,
    X,
    Y,
)
from sim.episode.footing import wrap

WALK_MPS2 = 20.48  # the acceleration of Unreal's characters by default (its documentation)
TURN_RADPS = 6.28  # own
JUMP_MPS = 4.2  # the jump speed of Unreal's characters by default (its documentation)
FALLEN_RATIO = 0.6  # own: friction of a body that slides on the road
PROP_RATIO = 0.5  # own: of a box on asphalt
STANDING_MPS = 0.05  # slower than this a walker keeps its direction


@njit(cache=True, error_model="numpy")
def walk(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Move walker `i` on by `h` seconds in the plane."""
    vx, vy = body[i, VX], body[i, VY]
    if flags[i, CONSTANT] != 0:
        c, s = cos(body[i, YAW]), sin(body[i, YAW])
        body[i, VX] = body[i, CONSTANT_X] * c - body[i, CONSTANT_Y] * s
        body[i, VY] = body[i, CONSTANT_X] * s + body[i, CONSTANT_Y] * c
    elif body[i, STUNNED_S] > 0.0:
        body[i, STUNNED_S] = max(body[i, STUNNED_S] - h, 0.0)
        if flags[i, AIRBORNE] == 0:
            slow(body, flags, i, FALLEN_RATIO * GRAVITY_MPS2 * h)
    elif flags[i, AIRBORNE] == 0:
        more_x = body[i, WALK_X] * body[i, WALK_SPEED] - vx
        more_y = body[i, WALK_Y] * body[i, WALK_SPEED] - vy
        wanted = hypot(more_x, more_y)
        share = min(WALK_MPS2 * h / wanted, 1.0) if wanted > 0.0 else 0.0
        body[i, VX], body[i, VY] = vx + share * more_x, vy + share * more_y
        if share == 1.0:
            body[i, VX], body[i, VY] = body[i, WALK_X] * body[i, WALK_SPEED], body[i, WALK_Y] * body[i, WALK_SPEED]
        if flags[i, JUMP] != 0:
            flags[i, JUMP], flags[i, AIRBORNE] = 0, 1
            body[i, VZ] = JUMP_MPS
    body[i, VX] += h * body[i, FORCE_X] / body[i, MASS]
    body[i, VY] += h * body[i, FORCE_Y] / body[i, MASS]
    body[i, X] += 0.5 * h * (vx + body[i, VX])
    body[i, Y] += 0.5 * h * (vy + body[i, VY])
    turn = 0.0
    if flags[i, CONSTANT] == 0 and body[i, STUNNED_S] == 0.0 and body[i, WALK_SPEED] > STANDING_MPS:
        turn = wrap(atan2(body[i, WALK_Y], body[i, WALK_X]) - body[i, YAW])
        turn = min(max(turn, -TURN_RADPS * h), TURN_RADPS * h)
    body[i, YAW] += turn
    body[i, WZ] = turn / h


@njit(cache=True, error_model="numpy")
def slow(body, flags, i, taken):  # type: ignore[no-untyped-def]
    """Take so much speed from body `i`, and no more than it has."""
    speed = hypot(body[i, VX], body[i, VY])
    left = max(speed - taken, 0.0) / speed if speed > 0.0 else 0.0
    body[i, VX] *= left
    body[i, VY] *= left


@njit(cache=True, error_model="numpy")
def slide_on(body, flags, i, h):  # type: ignore[no-untyped-def]
    """Move prop `i` on by `h` seconds in the plane."""
    vx, vy = body[i, VX], body[i, VY]
    if flags[i, CONSTANT] != 0:
        c, s = cos(body[i, YAW]), sin(body[i, YAW])
        body[i, VX] = body[i, CONSTANT_X] * c - body[i, CONSTANT_Y] * s
        body[i, VY] = body[i, CONSTANT_X] * s + body[i, CONSTANT_Y] * c
    else:
        body[i, VX] += h * body[i, FORCE_X] / body[i, MASS]
        body[i, VY] += h * body[i, FORCE_Y] / body[i, MASS]
        body[i, WZ] += h * body[i, TORQUE_Z] / body[i, YAW_INERTIA]
        if flags[i, AIRBORNE] == 0:
            gx, gy = body[i, SLOPE_X], body[i, SLOPE_Y]
            if flags[i, HEAVY] != 0:
                down = h * GRAVITY_MPS2 / (1.0 + gx * gx + gy * gy)
                body[i, VX] -= down * gx
                body[i, VY] -= down * gy
            friction = PROP_RATIO * GRAVITY_MPS2 * h
            slow(body, flags, i, friction)
            # A box that turns on its place rubs at about a third of its diagonal.
            arm = 0.33 * hypot(body[i, HALF_LENGTH], body[i, HALF_WIDTH]) * 2.0
            turning = friction * body[i, MASS] * arm / body[i, YAW_INERTIA]
            r = body[i, WZ]
            body[i, WZ] = 0.0 if abs(r) <= turning else (r - turning if r > 0.0 else r + turning)
    body[i, X] += 0.5 * h * (vx + body[i, VX])
    body[i, Y] += 0.5 * h * (vy + body[i, VY])
    body[i, YAW] += h * body[i, WZ]
