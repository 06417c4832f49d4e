"""One piece of a tick for all bodies of an episode: ground, drive and walk, stand, meet."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of kernels

from math import cos, hypot, sin

from numba import njit

from sim.episode.ackermann import control
from sim.episode.bodies import (
    ACKERMANN,
    AIRBORNE,
    AX,
    AY,
    AZ,
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    BOTTOM,
    CONSTANT,
    CONSTANT_Z,
    FORCE_X,
    FORCE_Z,
    GRAVITY_MPS2,
    HALF_LENGTH,
    HALF_WIDTH,
    KIND,
    MASS,
    PITCH_INERTIA,
    PLANE_X,
    PLANE_Y,
    PLANE_YAW,
    PLANE_Z,
    RADIUS,
    ROLL_INERTIA,
    SAMPLED,
    SIMULATED,
    TOP,
    TORQUE_X,
    TORQUE_Y,
    TORQUE_Z,
    TOUCHABLE,
    VEHICLE,
    VX,
    VY,
    VZ,
    WALKER,
    WAY_M,
    WX,
    WY,
    YAW,
    X,
    Y,
    Z,
)
from sim.episode.collisions import WEIGHT, bound, meet, meeting, near_pairs, overlap_in_height
from sim.episode.footing import STALE_M, WALK_STEP_M, sample, stale, stand, wrap
from sim.episode.ground import (
    BOX_COS,
    BOX_HIGH,
    BOX_LENGTH,
    BOX_LOW,
    BOX_SIN,
    BOX_WIDTH,
    BOX_X,
    BOX_Y,
    NO_GROUND,
    square_of,
)
from sim.episode.vehicle_kernel import drive
from sim.episode.walking import slide_on, walk
from sim.episode.zones import enter

CLEAR_M = 0.01  # own: boxes that overlap less do not block each other
FOOT_M = 0.02  # own: a walker looks at the ground so often
FAR_M = 2.5  # own: moved so far within a tick, a body's ground is looked up again


@njit(cache=True, error_model="numpy")
def advance(body, flags, order, count, surfaces, fixtures, pairs, zones, h, steps, most):  # type: ignore[no-untyped-def]
    """Move all on by `steps` steps of `h` seconds; the number of pairs, and nothing moved if there is no room."""
    found = near_pairs(body, flags, order, count, fixtures, pairs, h * steps)
    if found > len(pairs.keys):
        if len(pairs.keys) < most:
            return found
        found = len(pairs.keys)
    for k in range(count):
        i = order[k]
        if flags[i, SIMULATED] == 0:
            continue
        if flags[i, KIND] == WALKER and flags[i, AIRBORNE] == 0:
            climb(body, flags, surfaces, i, STALE_M)
        elif stale(body, flags, i, STALE_M) or flags[i, AIRBORNE] != 0:
            sample(body, flags, surfaces, i)
        if flags[i, KIND] == VEHICLE and len(zones) > 0:
            enter(body, flags, zones, i)
    for _ in range(steps):
        for k in range(count):
            i = order[k]
            if flags[i, SIMULATED] == 0:
                continue
            if stale(body, flags, i, FAR_M):
                sample(body, flags, surfaces, i)
            x, y = body[i, X], body[i, Y]
            kind = flags[i, KIND]
            if kind == VEHICLE:
                if flags[i, ACKERMANN] != 0:
                    control(body, flags, i, h)
                drive(body, flags, i, h)
            elif kind == WALKER:
                walk(body, flags, i, h)
                climb(body, flags, surfaces, i, FOOT_M)
            else:
                slide_on(body, flags, i, h)
            lift(body, flags, i, h)
            if flags[i, CONSTANT] != 0 and body[i, CONSTANT_Z] != 0.0:
                flags[i, AIRBORNE], body[i, VZ] = 1, body[i, CONSTANT_Z]
            stand(body, flags, i, h, x, y)
            bound(body, flags, i)
            body[i, WAY_M] += hypot(body[i, X] - x, body[i, Y] - y)
        if found > 0:
            meet(body, flags, fixtures, pairs, found, h)
    return found


@njit(cache=True, error_model="numpy")
def climb(body, flags, surfaces, i, reach):  # type: ignore[no-untyped-def]
    """Look at the ground of a walker who moved further than `reach`, and stop him before a step too high."""
    if flags[i, AIRBORNE] != 0 or not stale(body, flags, i, reach):
        return
    known = flags[i, SAMPLED] != 0
    was, x, y = body[i, PLANE_Z], body[i, PLANE_X], body[i, PLANE_Y]
    sample(body, flags, surfaces, i)
    if known and was != NO_GROUND and body[i, PLANE_Z] > was + WALK_STEP_M:
        body[i, X], body[i, Y] = x, y
        body[i, VX] = body[i, VY] = 0.0
        sample(body, flags, surfaces, i)


@njit(cache=True, error_model="numpy")
def lift(body, flags, i, h):  # type: ignore[no-untyped-def]
    """What forces and torques do to a body's height and tilt."""
    if body[i, FORCE_Z] != 0.0:
        more = h * body[i, FORCE_Z] / body[i, MASS]
        if flags[i, AIRBORNE] != 0 or body[i, FORCE_Z] > GRAVITY_MPS2 * body[i, MASS]:
            flags[i, AIRBORNE] = 1
            body[i, VZ] += more
    if flags[i, AIRBORNE] != 0:
        body[i, WX] += h * body[i, TORQUE_X] / body[i, ROLL_INERTIA]
        body[i, WY] += h * body[i, TORQUE_Y] / body[i, PITCH_INERTIA]


@njit(cache=True, error_model="numpy")
def finish(body, flags, order, count, delta):  # type: ignore[no-untyped-def]
    """Accelerations since the last tick, pushes included; forces for one tick are spent."""
    for k in range(count):
        i = order[k]
        body[i, AX] = (body[i, VX] - body[i, BEFORE_X]) / delta
        body[i, AY] = (body[i, VY] - body[i, BEFORE_Y]) / delta
        body[i, AZ] = (body[i, VZ] - body[i, BEFORE_Z]) / delta
        body[i, BEFORE_X], body[i, BEFORE_Y], body[i, BEFORE_Z] = body[i, VX], body[i, VY], body[i, VZ]
        body[i, YAW] = wrap(body[i, YAW])
        body[i, PLANE_YAW] = wrap(body[i, PLANE_YAW])
        for column in range(FORCE_X, TORQUE_Z + 1):
            body[i, column] = 0.0


@njit(cache=True, error_model="numpy")
def any_touch(pairs, found):  # type: ignore[no-untyped-def]
    """Whether any of the listed pairs exchanged anything."""
    touches = 0
    for k in range(found):
        touches += 1 if pairs.sums[k, WEIGHT] > 0.0 else 0
    return touches > 0


@njit(cache=True, error_model="numpy")
def is_blocked(body, flags, order, count, fixtures, x, y, z, yaw, half_length, half_width, bottom, top):  # type: ignore[no-untyped-def]
    """Whether a box at a pose would overlap a body or a fixture."""
    c, s, radius = cos(yaw), sin(yaw), hypot(half_length, half_width)
    for k in range(count):
        i = order[k]
        if flags[i, TOUCHABLE] == 0:
            continue
        far = radius + body[i, RADIUS]
        dx, dy = body[i, X] - x, body[i, Y] - y
        if dx * dx + dy * dy > far * far:
            continue
        low, high = body[i, Z] + body[i, BOTTOM], body[i, Z] + body[i, TOP]
        if not overlap_in_height(z + bottom, z + top, low, high):
            continue
        turn = body[i, YAW]
        depth = meeting(
            x, y, c, s, half_length, half_width, body[i, X], body[i, Y], cos(turn), sin(turn),
            body[i, HALF_LENGTH], body[i, HALF_WIDTH], 0.0, 0.0, 1.0,
        )[0]  # fmt: skip
        if depth > CLEAR_M:
            return True
    if len(fixtures.boxes) == 0:
        return False
    x0, y0 = square_of(fixtures, x - radius, y - radius)
    x1, y1 = square_of(fixtures, x + radius, y + radius)
    for cy in range(y0, y1 + 1):
        for cx in range(x0, x1 + 1):
            square = cy * fixtures.grid[2] + cx
            for m in range(fixtures.first[square], fixtures.first[square + 1]):
                box = fixtures.boxes[fixtures.rows[m]]
                if not overlap_in_height(z + bottom, z + top, box[BOX_LOW], box[BOX_HIGH]):
                    continue
                depth = meeting(
                    x, y, c, s, half_length, half_width, box[BOX_X], box[BOX_Y], box[BOX_COS], box[BOX_SIN],
                    box[BOX_LENGTH], box[BOX_WIDTH], 0.0, 0.0, 1.0,
                )[0]  # fmt: skip
                if depth > CLEAR_M:
                    return True
    return False
