"""Scripted actors: exactly along their route, at the speeds and offsets their manoeuvres set.

Speed means along the route (ds/dt); truth shows the actor's own speed, which in a bend with an
offset differs by the factor 1 - curvature x offset. The body stays parallel to the route; a change
of offset shows as lateral speed. Manoeuvres on time act at their exact instant, the others at the
first grid instant at which their condition holds.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, sin

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
    YAW,
    YAW_RATE,
    X,
    Y,
)
from sim.twin.arrays import (
    ACTION,
    ACTOR,
    AT_TIME,
    BEGINS_AT,
    BEGUN,
    EVENTS,
    GAP_BELOW,
    GOAL,
    LENGTH,
    LIMIT,
    MANOEUVRE,
    NEAR,
    OTHER,
    RATE,
    ROUTE,
    SCRIPT_LATERAL,
    SCRIPT_OFFSET,
    SCRIPT_RATE,
    SCRIPT_SPEED,
    SET_SPEED,
    TRIGGER,
    WIDTH,
)
from sim.twin.contact import separation
from sim.twin.roads import route_at


@njit(cache=True, error_model="numpy")
def toward(value, goal, rate, h):  # type: ignore[no-untyped-def]
    """Seconds until `goal` at a constant rate, at most `h`, and the sign of the way there."""
    if value == goal:
        return 0.0, 0.0
    return min(abs(goal - value) / rate, h), (1.0 if goal > value else -1.0)


@njit(cache=True, error_model="numpy")
def along_route(w, i, h):  # type: ignore[no-untyped-def]
    """Move scripted actor `i` on by `h` seconds."""
    state, held = w.state, w.held
    stretch = 1.0 - state[i, PATH_CURVATURE] * state[i, PATH_OFFSET]
    v = state[i, SPEED] / stretch if stretch > 0.0 else state[i, SPEED]
    goal, rate = held[i, SCRIPT_SPEED], held[i, SCRIPT_RATE]
    span, sign = toward(v, goal, rate, h)
    s_m = state[i, PATH_S] + (v + 0.5 * sign * rate * span) * span
    arrived = abs(goal - v) <= rate * h
    if sign != 0.0:
        v = goal if arrived else v + sign * rate * span
    s_m += v * (h - span)
    acceleration = 0.0 if arrived else sign * rate

    offset_m = state[i, PATH_OFFSET]
    goal, rate = held[i, SCRIPT_OFFSET], held[i, SCRIPT_LATERAL]
    span, sign = toward(offset_m, goal, rate, h)
    aside_mps = 0.0
    if sign != 0.0:
        if abs(goal - offset_m) <= rate * h:
            offset_m = goal
        else:
            offset_m += sign * rate * span
            aside_mps = sign * rate
    state[i, PATH_S] = s_m
    state[i, PATH_OFFSET] = offset_m
    place(w, i, v, acceleration, aside_mps)


@njit(cache=True, error_model="numpy")
def place(w, i, v, acceleration, aside_mps):  # type: ignore[no-untyped-def]
    """Fill in truth for a scripted actor from its place on the route and its speed along it."""
    state = w.state
    route = w.mode[i, ROUTE]
    s_m, offset_m = state[i, PATH_S], state[i, PATH_OFFSET]
    x_m, y_m, yaw_rad, curvature, near = route_at(w.road, w.roads[route, 0], w.roads[route, 1], s_m, w.mode[i, NEAR])
    stretch = 1.0 - curvature * offset_m
    state[i, X] = x_m - offset_m * sin(yaw_rad)
    state[i, Y] = y_m + offset_m * cos(yaw_rad)
    state[i, YAW] = yaw_rad
    state[i, SPEED] = v * stretch
    state[i, LATERAL_SPEED] = aside_mps
    state[i, YAW_RATE] = curvature * v
    state[i, ACCELERATION] = acceleration * stretch
    state[i, BRAKE] = max(-acceleration * stretch, 0.0)
    state[i, DRIVE] = max(acceleration * stretch, 0.0)
    state[i, PATH_CURVATURE] = curvature
    w.mode[i, NEAR] = near


@njit(cache=True, error_model="numpy")
def begin(w, m, at, commit):  # type: ignore[no-untyped-def]
    """Start manoeuvre `m` of its actor."""
    i = w.script_key[m, ACTOR]
    w.script_key[m, BEGUN] = 1
    if w.script_key[m, ACTION] == SET_SPEED:
        w.held[i, SCRIPT_SPEED] = w.script[m, GOAL]
        w.held[i, SCRIPT_RATE] = w.script[m, RATE]
    else:
        w.held[i, SCRIPT_OFFSET] = w.script[m, GOAL]
        w.held[i, SCRIPT_LATERAL] = w.script[m, RATE]
    if commit:
        event = w.clock[EVENTS]
        w.events_key[event, 0] = MANOEUVRE
        w.events_key[event, 1] = at
        w.events_key[event, 2] = i
        w.events_key[event, 3] = m
        w.clock[EVENTS] = event + 1


@njit(cache=True, error_model="numpy")
def scripted(w, i, t0, t1, commit):  # type: ignore[no-untyped-def]
    """Move scripted actor `i` from t0 to t1 (ns), cutting the step where its timed manoeuvres begin."""
    t = t0
    while True:
        until = t1
        for m in range(len(w.script_key)):
            if w.script_key[m, ACTOR] == i and w.script_key[m, TRIGGER] == AT_TIME and w.script_key[m, BEGUN] == 0:
                at = w.script_key[m, BEGINS_AT]
                if at <= t and t < t1:
                    begin(w, m, at, commit)
                elif at < until:
                    until = at
        if until > t:
            along_route(w, i, (until - t) * 1e-9)
        t = until
        if t >= t1:
            break


@njit(cache=True, error_model="numpy")
def conditions(w, at, commit):  # type: ignore[no-untyped-def]
    """At a grid instant: begin the manoeuvres whose gap or time to collision has come."""
    state, body = w.state, w.body
    for m in range(len(w.script_key)):
        if w.script_key[m, TRIGGER] == AT_TIME or w.script_key[m, BEGUN] != 0:
            continue
        i, j = w.script_key[m, ACTOR], w.script_key[m, OTHER]
        gap_m, ax, ay, bx, by = separation(
            state[i, X],
            state[i, Y],
            state[i, YAW],
            body[i, LENGTH],
            body[i, WIDTH],
            state[j, X],
            state[j, Y],
            state[j, YAW],
            body[j, LENGTH],
            body[j, WIDTH],
        )
        if w.script_key[m, TRIGGER] == GAP_BELOW:
            met = gap_m < w.script[m, LIMIT]
        elif gap_m <= 0.0:
            met = True
        else:
            ci, si = cos(state[i, YAW]), sin(state[i, YAW])
            cj, sj = cos(state[j, YAW]), sin(state[j, YAW])
            dvx = (state[i, SPEED] * ci - state[i, LATERAL_SPEED] * si) - (
                state[j, SPEED] * cj - state[j, LATERAL_SPEED] * sj
            )
            dvy = (state[i, SPEED] * si + state[i, LATERAL_SPEED] * ci) - (
                state[j, SPEED] * sj + state[j, LATERAL_SPEED] * cj
            )
            closing_mps = (dvx * (bx - ax) + dvy * (by - ay)) / gap_m
            met = closing_mps > 0.0 and gap_m < w.script[m, LIMIT] * closing_mps
        if met:
            begin(w, m, at, commit)
