"""Contact of oriented boxes: distance between two outlines, and the first touch over a piece of motion.

World frame. Swept by conservative advancement (Mirtich 1996): a step never exceeds the distance over
the fastest possible approach, so nothing tunnels at any speed, and thin things are met where they are.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, hypot, sin, sqrt

import numpy as np
from numba import njit

from sim.truth import LATERAL_SPEED, SPEED, YAW, X, Y
from sim.twin.arrays import (
    BOTTOM,
    CONTACT,
    EVENTS,
    LENGTH,
    MASS,
    NODES,
    RADIUS,
    TOP,
    TOUCHED,
    WIDTH,
)

TOUCH_M = 1e-6  # outlines this close touch
# Wheels roll over whatever is lower than this, however low the hull hangs (a kerb step of 5 cm).
ROLL_OVER_M = 0.05


@njit(cache=True, error_model="numpy")
def nearest_corner(dx, dy, turn, la, wa, lb, wb):  # type: ignore[no-untyped-def]
    """Nearest corner of box A to box B, in B's frame: A's centre at (dx, dy), turned by `turn`.

    Returns the squared distance, the corner, and B's point nearest to it; negative if a corner is inside.
    """
    c, s = cos(turn), sin(turn)
    best = 1e300
    bx, by, px, py = 0.0, 0.0, 0.0, 0.0
    for corner in range(4):
        ex = 0.5 * la if corner < 2 else -0.5 * la
        ey = 0.5 * wa if corner % 2 == 0 else -0.5 * wa
        x = dx + c * ex - s * ey
        y = dy + s * ex + c * ey
        qx = min(max(x, -0.5 * lb), 0.5 * lb)
        qy = min(max(y, -0.5 * wb), 0.5 * wb)
        d2 = (x - qx) ** 2 + (y - qy) ** 2
        if d2 < best:
            best, bx, by, px, py = d2, x, y, qx, qy
    return best, bx, by, px, py


@njit(cache=True, error_model="numpy")
def overlapping(dx, dy, turn, la, wa, lb, wb):  # type: ignore[no-untyped-def]
    """Whether the boxes overlap (separating axes), A in B's frame."""
    c, s = abs(cos(turn)), abs(sin(turn))
    if abs(dx) > 0.5 * (lb + la * c + wa * s) or abs(dy) > 0.5 * (wb + la * s + wa * c):
        return False
    ux = dx * cos(turn) + dy * sin(turn)
    uy = dy * cos(turn) - dx * sin(turn)
    return abs(ux) <= 0.5 * (la + lb * c + wb * s) and abs(uy) <= 0.5 * (wa + lb * s + wb * c)


@njit(cache=True, error_model="numpy")
def separation(xa, ya, yaw_a, la, wa, xb, yb, yaw_b, lb, wb):  # type: ignore[no-untyped-def]
    """Free distance between two outlines (0 if they overlap) and the nearest points of A and of B."""
    cb, sb = cos(yaw_b), sin(yaw_b)
    ca, sa = cos(yaw_a), sin(yaw_a)
    dx, dy = cb * (xa - xb) + sb * (ya - yb), cb * (ya - yb) - sb * (xa - xb)
    ex, ey = ca * (xb - xa) + sa * (yb - ya), ca * (yb - ya) - sa * (xb - xa)
    turn = yaw_a - yaw_b
    d2, cx, cy, px, py = nearest_corner(dx, dy, turn, la, wa, lb, wb)
    ax, ay = xb + cb * cx - sb * cy, yb + sb * cx + cb * cy
    bx, by = xb + cb * px - sb * py, yb + sb * px + cb * py
    e2, cx, cy, px, py = nearest_corner(ex, ey, -turn, lb, wb, la, wa)
    if e2 < d2:
        d2 = e2
        ax, ay = xa + ca * px - sa * py, ya + sa * px + ca * py
        bx, by = xa + ca * cx - sa * cy, ya + sa * cx + ca * cy
    distance = 0.0 if overlapping(dx, dy, turn, la, wa, lb, wb) else sqrt(d2)
    return distance, ax, ay, bx, by


@njit(cache=True, error_model="numpy")
def first_touch(a0, a1, la, wa, b0, b1, lb, wb):  # type: ignore[no-untyped-def]
    """Share of a piece of motion after which A and B touch (above 1: they do not), and where.

    a0, a1, b0, b1 are (x, y, yaw) at the piece's start and end; motion between is uniform.
    """
    rx, ry = (a1[0] - a0[0]) - (b1[0] - b0[0]), (a1[1] - a0[1]) - (b1[1] - b0[1])
    spin = 0.5 * (abs(a1[2] - a0[2]) * hypot(la, wa) + abs(b1[2] - b0[2]) * hypot(lb, wb))
    fastest = hypot(rx, ry) + spin
    u = 0.0
    px, py = 0.0, 0.0
    for _ in range(1000):
        distance, ax, ay, bx, by = separation(
            a0[0] + u * (a1[0] - a0[0]),
            a0[1] + u * (a1[1] - a0[1]),
            a0[2] + u * (a1[2] - a0[2]),
            la,
            wa,
            b0[0] + u * (b1[0] - b0[0]),
            b0[1] + u * (b1[1] - b0[1]),
            b0[2] + u * (b1[2] - b0[2]),
            lb,
            wb,
        )
        px, py = 0.5 * (ax + bx), 0.5 * (ay + by)
        if distance <= TOUCH_M:
            return u, px, py
        if fastest <= 0.0:
            break
        u += distance / fastest
        if u > 1.0:
            break
    return (u if u <= 1.0 and fastest > 0.0 else 2.0), px, py


@njit(cache=True, error_model="numpy")
def pass_clear(bottom_a, top_a, bottom_b, top_b):  # type: ignore[no-untyped-def]
    """Whether two hulls cannot meet because one is above the other (or is rolled over)."""
    under_b = top_a <= max(bottom_b, ROLL_OVER_M)
    under_a = top_b <= max(bottom_a, ROLL_OVER_M)
    return under_a or under_b


@njit(cache=True, error_model="numpy")
def note_node(w, row, at):  # type: ignore[no-untyped-def]
    """Write down the ego's pose and velocity at an instant within the present grid step."""
    c, s = cos(w.state[0, YAW]), sin(w.state[0, YAW])
    w.nodes[row, 0] = w.state[0, X]
    w.nodes[row, 1] = w.state[0, Y]
    w.nodes[row, 2] = w.state[0, YAW]
    w.nodes[row, 3] = w.state[0, SPEED] * c - w.state[0, LATERAL_SPEED] * s
    w.nodes[row, 4] = w.state[0, SPEED] * s + w.state[0, LATERAL_SPEED] * c
    w.nodes_at[row] = at
    w.clock[NODES] = row + 1


@njit(cache=True, error_model="numpy")
def note_before(w):  # type: ignore[no-untyped-def]
    """Write down where everyone is at the start of a grid step."""
    for i in range(len(w.state)):
        c, s = cos(w.state[i, YAW]), sin(w.state[i, YAW])
        w.before[i, 0] = w.state[i, X]
        w.before[i, 1] = w.state[i, Y]
        w.before[i, 2] = w.state[i, YAW]
        w.before[i, 3] = w.state[i, SPEED] * c - w.state[i, LATERAL_SPEED] * s
        w.before[i, 4] = w.state[i, SPEED] * s + w.state[i, LATERAL_SPEED] * c


@njit(cache=True, error_model="numpy")
def contacts(w, t0, t1):  # type: ignore[no-untyped-def]
    """First touches of the ego with anyone over a committed grid step [t0, t1] ns, as events."""
    body, state = w.body, w.state
    last = w.clock[NODES] - 1
    ego_move = hypot(w.nodes[last, 0] - w.nodes[0, 0], w.nodes[last, 1] - w.nodes[0, 1])
    for j in range(1, len(state)):
        if w.mode[j, TOUCHED] != 0 or pass_clear(body[0, BOTTOM], body[0, TOP], body[j, BOTTOM], body[j, TOP]):
            continue
        apart = hypot(w.nodes[0, 0] - w.before[j, 0], w.nodes[0, 1] - w.before[j, 1])
        move = hypot(state[j, X] - w.before[j, 0], state[j, Y] - w.before[j, 1])
        if apart > body[0, RADIUS] + body[j, RADIUS] + 1.5 * ego_move + move + 0.1:
            continue
        c, s = cos(state[j, YAW]), sin(state[j, YAW])
        vx1 = state[j, SPEED] * c - state[j, LATERAL_SPEED] * s
        vy1 = state[j, SPEED] * s + state[j, LATERAL_SPEED] * c
        for node in range(last):
            u0 = (w.nodes_at[node] - t0) / (t1 - t0)
            u1 = (w.nodes_at[node + 1] - t0) / (t1 - t0)
            bx, by, byaw = w.before[j, 0], w.before[j, 1], w.before[j, 2]
            mx, my, turn = state[j, X] - bx, state[j, Y] - by, state[j, YAW] - byaw
            u, px, py = first_touch(
                (w.nodes[node, 0], w.nodes[node, 1], w.nodes[node, 2]),
                (w.nodes[node + 1, 0], w.nodes[node + 1, 1], w.nodes[node + 1, 2]),
                body[0, LENGTH],
                body[0, WIDTH],
                (bx + u0 * mx, by + u0 * my, byaw + u0 * turn),
                (bx + u1 * mx, by + u1 * my, byaw + u1 * turn),
                body[j, LENGTH],
                body[j, WIDTH],
            )
            if u > 1.0:
                continue
            at = w.nodes_at[node] + np.int64(round(u * (w.nodes_at[node + 1] - w.nodes_at[node])))
            share = (at - t0) / (t1 - t0)
            vx = (1.0 - u) * w.nodes[node, 3] + u * w.nodes[node + 1, 3]
            vy = (1.0 - u) * w.nodes[node, 4] + u * w.nodes[node + 1, 4]
            dvx = vx - (1.0 - share) * w.before[j, 3] - share * vx1
            dvy = vy - (1.0 - share) * w.before[j, 4] - share * vy1
            touch(w, j, at, px, py, hypot(dvx, dvy))
            break


@njit(cache=True, error_model="numpy")
def touch(w, j, at, px, py, relative_mps):  # type: ignore[no-untyped-def]
    """Note the event: a plastic impact changes the ego's speed by its partner's share of the mass."""
    event = w.clock[EVENTS]
    w.mode[j, TOUCHED] = 1
    w.events_key[event, 0] = CONTACT
    w.events_key[event, 1] = at
    w.events_key[event, 2] = j
    w.events_key[event, 3] = 0
    w.events[event, 0] = px
    w.events[event, 1] = py
    w.events[event, 2] = relative_mps
    w.events[event, 3] = relative_mps * w.body[j, MASS] / (w.body[0, MASS] + w.body[j, MASS])
    w.clock[EVENTS] = event + 1
