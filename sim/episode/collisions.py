"""Bodies that touch each other or the map's fixtures: who is near, where they meet, what they exchange.

Boxes stand upright and turned in the plane; they meet where their outlines and their heights overlap.
Impulses act along the normal of the side that was entered last (or least), with friction, at the middle
of the overlap; both bodies' spins take part. What still overlaps is moved apart. Walkers are blocked by
what does not come at them, and do not push it. World frame, SI units.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, hypot, sin, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from sim.episode.bodies import (
    BOTTOM,
    CG_AHEAD,
    FASTEST_MPS,
    FASTEST_RADPS,
    HALF_LENGTH,
    HALF_WIDTH,
    KIND,
    MASS,
    RADIUS,
    SIMULATED,
    STUNNED_S,
    TOP,
    TOUCHABLE,
    VX,
    VY,
    VZ,
    WALKER,
    WX,
    WZ,
    YAW,
    YAW_INERTIA,
    X,
    Y,
    Z,
)
from sim.episode.ground import (
    BOX_COS,
    BOX_HIGH,
    BOX_LENGTH,
    BOX_LOW,
    BOX_RADIUS,
    BOX_SIN,
    BOX_WIDTH,
    BOX_X,
    BOX_Y,
    square_of,
)
from sim.twin.contact import ROLL_OVER_M

RESTITUTION = 0.1  # own: of hulls; crash tests find 0 to 0.2 at the speeds that matter
BOUNCE_MPS = 1.0  # slower meetings are plastic
FRICTION = 0.4  # own: of hull on hull
SLOP_M = 0.005  # overlap that is left, so that resting contacts stay contacts
PUSH_SHARE = 0.6  # of the overlap beyond that is taken out in one step
PUSH_M = 0.2  # at most so much of it
NEAR_M = 0.5  # own: margin about what may be reached within the pieces of a tick that share a list of pairs
KNOCKED_MPS = 1.5  # own: a walker whose speed a blow changes more than this falls
STUNNED_FOR_S = 2.0  # own

FIRST, SECOND, FIXTURE = 0, 1, 2  # columns of Pairs.keys; SECOND -1: a fixture
SUM_X, SUM_Y, SUM_Z, POINT_X, POINT_Y, POINT_Z, WEIGHT = 0, 1, 2, 3, 4, 5, 6  # columns of Pairs.sums
SUM_COLUMNS: Final = 7


class Pairs(NamedTuple):
    """Who may meet whom within a tick, and what was exchanged."""

    keys: Any  # (m, 3) int64
    sums: Any  # (m, SUM_COLUMNS) float64: impulse on the first; its places weighted by it; the weights
    sweep: Any  # (n,) int64: rows by their lowest x
    low: Any  # (n,) float64
    high: Any  # (n,) float64


def room(rows: int, pairs: int) -> Pairs:
    """Arrays for so many bodies and pairs."""
    return Pairs(
        keys=np.zeros((pairs, 3), np.int64), sums=np.zeros((pairs, SUM_COLUMNS)), sweep=np.zeros(rows, np.int64),
        low=np.zeros(rows), high=np.zeros(rows),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def reach(body, flags, i, span):  # type: ignore[no-untyped-def]
    """How far from its origin body `i` may come within `span` seconds."""
    return body[i, RADIUS] + NEAR_M * 0.5 + hypot(body[i, VX], body[i, VY]) * span * 1.5


@njit(cache=True, error_model="numpy")
def near_pairs(body, flags, order, count, fixtures, pairs, span):  # type: ignore[no-untyped-def]
    """List all pairs that may meet within `span` seconds; returns how many there are, also beyond the room."""
    sweep, low, high = pairs.sweep, pairs.low, pairs.high
    there = 0
    for k in range(count):
        i = order[k]
        if flags[i, TOUCHABLE] == 0:
            continue
        far = reach(body, flags, i, span)
        low[i], high[i] = body[i, X] - far, body[i, X] + far
        place = there
        while place > 0 and low[sweep[place - 1]] > low[i]:
            sweep[place] = sweep[place - 1]
            place -= 1
        sweep[place] = i
        there += 1
    found = 0
    most = len(pairs.keys)
    for k in range(there):
        i = sweep[k]
        far = 0.5 * (high[i] - low[i])
        for m in range(k + 1, there):
            j = sweep[m]
            if low[j] > high[i]:
                break
            apart = far + 0.5 * (high[j] - low[j])
            dx, dy = body[i, X] - body[j, X], body[i, Y] - body[j, Y]
            if abs(dy) > apart or dx * dx + dy * dy > apart * apart:
                continue
            if flags[i, SIMULATED] == 0 and flags[j, SIMULATED] == 0:
                continue
            if found < most:
                pairs.keys[found, FIRST], pairs.keys[found, SECOND], pairs.keys[found, FIXTURE] = i, j, -1
                pairs.sums[found, :] = 0.0
            found += 1
    if len(fixtures.boxes) == 0:
        return found
    for k in range(there):
        i = sweep[k]
        if flags[i, SIMULATED] == 0:
            continue
        far = 0.5 * (high[i] - low[i])
        x, y = body[i, X], body[i, Y]
        x0, y0 = square_of(fixtures, x - far, y - far)
        x1, y1 = square_of(fixtures, x + far, y + far)
        begin = found
        for cy in range(y0, y1 + 1):
            for cx in range(x0, x1 + 1):
                square = cy * fixtures.grid[2] + cx
                for m in range(fixtures.first[square], fixtures.first[square + 1]):
                    b = fixtures.rows[m]
                    apart = far + fixtures.boxes[b, BOX_RADIUS]
                    dx, dy = x - fixtures.boxes[b, BOX_X], y - fixtures.boxes[b, BOX_Y]
                    if dx * dx + dy * dy > apart * apart:
                        continue
                    again = False
                    for n in range(begin, min(found, most)):
                        again = again or pairs.keys[n, FIXTURE] == b
                    if again:
                        continue
                    if found < most:
                        pairs.keys[found, FIRST], pairs.keys[found, SECOND], pairs.keys[found, FIXTURE] = i, -1, b
                        pairs.sums[found, :] = 0.0
                    found += 1
    return found


@njit(cache=True, error_model="numpy")
def meeting(ax, ay, ac, as_, al, aw, bx, by, bc, bs, bl, bw, rx, ry, h):  # type: ignore[no-untyped-def]
    """How boxes A and B overlap: depth (negative: apart), unit normal from A to B, middle of the overlap.

    Boxes by centre, cosine and sine of their direction, half length and half width; (rx, ry) is the
    velocity of A relative to B, by which the side that was entered last within `h` seconds is known.
    """
    dx, dy = bx - ax, by - ay
    c, s = abs(ac * bc + as_ * bs), abs(ac * bs - as_ * bc)
    best, normal_x, normal_y, rank = 1e300, 0.0, 0.0, 1e300
    for axis in range(4):
        if axis == 0:
            nx, ny, size = ac, as_, al + bl * c + bw * s
        elif axis == 1:
            nx, ny, size = -as_, ac, aw + bl * s + bw * c
        elif axis == 2:
            nx, ny, size = bc, bs, bl + al * c + aw * s
        else:
            nx, ny, size = -bs, bc, bw + al * s + aw * c
        apart = dx * nx + dy * ny
        if apart < 0.0:
            nx, ny, apart = -nx, -ny, -apart
        depth = size - apart
        if depth < 0.0:
            return -1.0, 0.0, 0.0, 0.0, 0.0
        came = (rx * nx + ry * ny) * h
        order = depth
        if came > depth:  # it was apart along this axis within the step: the later the entry, the better
            order = -1.0 + depth / came
        if order < rank - 1e-9:
            best, normal_x, normal_y, rank = depth, nx, ny, order
    px, py, corners = 0.0, 0.0, 0
    for corner in range(8):
        if corner < 4:
            ex = al if corner < 2 else -al
            ey = aw if corner % 2 == 0 else -aw
            x, y = ax + ac * ex - as_ * ey, ay + as_ * ex + ac * ey
            u, v = bc * (x - bx) + bs * (y - by), bc * (y - by) - bs * (x - bx)
            inside = abs(u) <= bl + 1e-6 and abs(v) <= bw + 1e-6
        else:
            ex = bl if corner < 6 else -bl
            ey = bw if corner % 2 == 0 else -bw
            x, y = bx + bc * ex - bs * ey, by + bs * ex + bc * ey
            u, v = ac * (x - ax) + as_ * (y - ay), ac * (y - ay) - as_ * (x - ax)
            inside = abs(u) <= al + 1e-6 and abs(v) <= aw + 1e-6
        if inside:
            px, py, corners = px + x, py + y, corners + 1
    if corners > 0:
        return best, normal_x, normal_y, px / corners, py / corners
    return best, normal_x, normal_y, 0.5 * (ax + bx), 0.5 * (ay + by)


@njit(cache=True, error_model="numpy")
def overlap_in_height(low_a, high_a, low_b, high_b):  # type: ignore[no-untyped-def]
    """Whether two bodies meet in height; wheels and feet pass over what is lower than a kerb's edge."""
    low = max(low_a, low_b)
    return min(high_a, high_b) - low > ROLL_OVER_M


@njit(cache=True, error_model="numpy")
def inverse_mass(body, flags, i):  # type: ignore[no-untyped-def]
    """1 over mass and over yaw inertia; both 0 for what is not simulated."""
    if flags[i, SIMULATED] == 0:
        return 0.0, 0.0
    if flags[i, KIND] == WALKER:
        return 1.0 / body[i, MASS], 0.0
    return 1.0 / body[i, MASS], 1.0 / body[i, YAW_INERTIA]


@njit(cache=True, error_model="numpy")
def kick(body, flags, i, jx, jy, px, py):  # type: ignore[no-untyped-def]
    """Change the velocity of body `i`'s origin and its spin by an impulse at a place."""
    im, ii = inverse_mass(body, flags, i)
    cg = body[i, CG_AHEAD]
    gx, gy = cg * cos(body[i, YAW]), cg * sin(body[i, YAW])
    more = ii * ((px - body[i, X] - gx) * jy - (py - body[i, Y] - gy) * jx)
    body[i, VX] += im * jx + more * gy
    body[i, VY] += im * jy - more * gx
    body[i, WZ] += more
    if flags[i, KIND] == WALKER and im * hypot(jx, jy) > KNOCKED_MPS:
        body[i, STUNNED_S] = STUNNED_FOR_S


@njit(cache=True, error_model="numpy")
def bound(body, flags, i):  # type: ignore[no-untyped-def]
    """Keep body `i`'s velocities within what anything can have."""
    speed = sqrt(body[i, VX] ** 2 + body[i, VY] ** 2 + body[i, VZ] ** 2)
    if not speed <= FASTEST_MPS:
        share = FASTEST_MPS / speed
        body[i, VX] *= share
        body[i, VY] *= share
        body[i, VZ] *= share
    for k in range(WX, WZ + 1):
        body[i, k] = min(max(body[i, k], -FASTEST_RADPS), FASTEST_RADPS)


@njit(cache=True, error_model="numpy")
def meet(body, flags, fixtures, pairs, found, h):  # type: ignore[no-untyped-def]
    """Let all listed pairs that overlap now exchange impulses, and move them apart."""
    for k in range(found):
        i, j, b = pairs.keys[k, FIRST], pairs.keys[k, SECOND], pairs.keys[k, FIXTURE]
        dx, dy = 0.0, 0.0
        if j >= 0:
            dx, dy = body[j, X] - body[i, X], body[j, Y] - body[i, Y]
            near = body[i, RADIUS] + body[j, RADIUS]
        else:
            dx, dy = fixtures.boxes[b, BOX_X] - body[i, X], fixtures.boxes[b, BOX_Y] - body[i, Y]
            near = body[i, RADIUS] + fixtures.boxes[b, BOX_RADIUS]
        if dx * dx + dy * dy > near * near:
            continue
        low, high = body[i, Z] + body[i, BOTTOM], body[i, Z] + body[i, TOP]
        ci, si = cos(body[i, YAW]), sin(body[i, YAW])
        if j >= 0:
            low_b, high_b = body[j, Z] + body[j, BOTTOM], body[j, Z] + body[j, TOP]
            if not overlap_in_height(low, high, low_b, high_b):
                continue
            rx, ry = body[i, VX] - body[j, VX], body[i, VY] - body[j, VY]
            depth, nx, ny, px, py = meeting(
                body[i, X], body[i, Y], ci, si, body[i, HALF_LENGTH], body[i, HALF_WIDTH],
                body[j, X], body[j, Y], cos(body[j, YAW]), sin(body[j, YAW]), body[j, HALF_LENGTH],
                body[j, HALF_WIDTH], rx, ry, h,
            )  # fmt: skip
        else:
            low_b, high_b = fixtures.boxes[b, BOX_LOW], fixtures.boxes[b, BOX_HIGH]
            if not overlap_in_height(low, high, low_b, high_b):
                continue
            depth, nx, ny, px, py = meeting(
                body[i, X], body[i, Y], ci, si, body[i, HALF_LENGTH], body[i, HALF_WIDTH],
                fixtures.boxes[b, BOX_X], fixtures.boxes[b, BOX_Y], fixtures.boxes[b, BOX_COS],
                fixtures.boxes[b, BOX_SIN], fixtures.boxes[b, BOX_LENGTH], fixtures.boxes[b, BOX_WIDTH],
                body[i, VX], body[i, VY], h,
            )  # fmt: skip
        if depth < 0.0:
            continue
        exchange(body, flags, pairs, k, i, j, depth, nx, ny, px, py, 0.5 * (max(low, low_b) + min(high, high_b)))


@njit(cache=True, error_model="numpy")
def exchange(body, flags, pairs, k, i, j, depth, nx, ny, px, py, pz):  # type: ignore[no-untyped-def]
    """Impulses of one meeting; (nx, ny) points from body `i` to body `j` (-1: the map)."""
    im, ii = inverse_mass(body, flags, i)
    jm, ji = 0.0, 0.0
    lx, ly = px - body[i, X], py - body[i, Y]
    vx, vy = body[i, VX] - body[i, WZ] * ly, body[i, VY] + body[i, WZ] * lx
    away = 0.0
    if j >= 0:
        jm, ji = inverse_mass(body, flags, j)
        mx, my = px - body[j, X], py - body[j, Y]
        wx, wy = body[j, VX] - body[j, WZ] * my, body[j, VY] + body[j, WZ] * mx
        # A walker leans on a vehicle without pushing it, unless the vehicle comes at him.
        if flags[i, KIND] == WALKER and flags[j, KIND] != WALKER and wx * nx + wy * ny >= 0.0:
            jm, ji = 0.0, 0.0
        if flags[j, KIND] == WALKER and flags[i, KIND] != WALKER and vx * nx + vy * ny <= 0.0:
            im, ii = 0.0, 0.0
        away = 1.0
        vx, vy = vx - wx, vy - wy
    both = im + jm
    if both <= 0.0:
        return
    closing = vx * nx + vy * ny
    if closing > 0.0:
        cg = body[i, CG_AHEAD]
        gx, gy = lx - cg * cos(body[i, YAW]), ly - cg * sin(body[i, YAW])
        turn_n, turn_t = gx * ny - gy * nx, gx * nx + gy * ny
        soft_n, soft_t = both + ii * turn_n * turn_n, both + ii * turn_t * turn_t
        if away > 0.0:
            cg = body[j, CG_AHEAD]
            ox, oy = px - body[j, X] - cg * cos(body[j, YAW]), py - body[j, Y] - cg * sin(body[j, YAW])
            turn_n, turn_t = ox * ny - oy * nx, ox * nx + oy * ny
            soft_n += ji * turn_n * turn_n
            soft_t += ji * turn_t * turn_t
        bounce = RESTITUTION if closing > BOUNCE_MPS else 0.0
        normal = (1.0 + bounce) * closing / soft_n
        slip = vy * nx - vx * ny  # along (-ny, nx)
        rub = min(max(slip / soft_t, -FRICTION * normal), FRICTION * normal)
        jx, jy = -normal * nx + rub * ny, -normal * ny - rub * nx
        if im > 0.0:
            kick(body, flags, i, jx, jy, px, py)
            bound(body, flags, i)
        if jm > 0.0:
            kick(body, flags, j, -jx, -jy, px, py)
            bound(body, flags, j)
        pairs.sums[k, SUM_X] += jx
        pairs.sums[k, SUM_Y] += jy
        pairs.sums[k, POINT_X] += normal * px
        pairs.sums[k, POINT_Y] += normal * py
        pairs.sums[k, POINT_Z] += normal * pz
        pairs.sums[k, WEIGHT] += normal
    if depth > SLOP_M:
        out = min((depth - SLOP_M) * PUSH_SHARE, PUSH_M) / both
        body[i, X] -= out * im * nx
        body[i, Y] -= out * im * ny
        if away > 0.0:
            body[j, X] += out * jm * nx
            body[j, Y] += out * jm * ny
