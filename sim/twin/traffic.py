"""Traffic: who is ahead on which route, the Intelligent Driver Model, and lane changes (MOBIL).

IDM: Treiber, Hennecke, Helbing 2000, Phys. Rev. E 62. MOBIL: Kesting, Treiber, Helbing 2007,
Transportation Research Record 1999. All decisions are made at grid instants from the
state of all actors then, so the order of actors does not matter.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, sin, sqrt

from numba import njit

from sim.truth import LATERAL_SPEED, PATH_OFFSET, PATH_S, SPEED, YAW, X, Y
from sim.twin.arrays import (
    ALONG,
    ASIDE,
    BEHAVIOUR,
    BOTTOM,
    BRAKE_CEILING,
    BRAKE_TARGET,
    CHANGES_LANES,
    COMFORT_ACCELERATION,
    COMFORT_BRAKING,
    DRAG,
    DRIVE_MAX,
    DRIVE_TARGET,
    GRID_S,
    HALF_ALONG,
    HALF_ASIDE,
    IN_TURN,
    LEFT_ROUTE,
    LENGTH,
    NEAR,
    OWN_ROUTE,
    REACTIVE,
    REST_STEPS,
    RIGHT_ROUTE,
    ROUTE,
    SCRIPTED,
    SPEED_ALONG,
    SPEED_LIMIT,
    STAGGER,
    STANDSTILL_GAP,
    STATIC,
    TIME_GAP,
    TOP,
    WANTED_SPEED,
    WIDTH,
)
from sim.twin.contact import pass_clear
from sim.twin.roads import ROUGH_M, curve_speed_at, nearest_point, projected, route_at
from sim.twin.steering import ROLLING_DRAG_MPS2

SIDE_MARGIN_M = 0.3  # someone this close beside the body's path counts as in it
FREE_M = 1e9  # gap when nobody is ahead
BEND_AHEAD_S = 1.0  # a bend's speed is looked up this far ahead too, because IDM nears it only gradually
LOST_M = 8.0  # farther from a route than this, the projection is looked up anew now and then

# MOBIL, Kesting et al. 2007: politeness 0.2-0.5, threshold 0.1-0.2 m/s2, safe braking 4 m/s2.
POLITENESS_RATIO = 0.3
THRESHOLD_MPS2 = 0.2
SAFE_BRAKING_MPS2 = 4.0
DECISION_STEPS = 10  # lane changes are considered every 100 ms
REST_AFTER_CHANGE_STEPS = 800  # a change takes about 6 s; then settle
SETTLED_M = 0.5


@njit(cache=True, error_model="numpy")
def look_along(w, step):  # type: ignore[no-untyped-def]
    """See every actor along every route that traffic follows: place, half sizes, speed along it."""
    state = w.state
    for route in range(len(w.roads)):
        if w.roads[route, 2] == 0:
            continue
        first, count = w.roads[route, 0], w.roads[route, 1]
        for j in range(len(state)):
            x_m, y_m = state[j, X], state[j, Y]
            if w.mode[j, ROUTE] == route and w.kind[j, BEHAVIOUR] >= SCRIPTED:
                w.seen_near[route, j] = w.mode[j, NEAR]
                w.seen[route, j, ALONG] = state[j, PATH_S]
                w.seen[route, j, ASIDE] = state[j, PATH_OFFSET]
                _x, _y, yaw_rad, _k, _near = route_at(w.road, first, count, state[j, PATH_S], w.mode[j, NEAR])
                see(w, route, j, yaw_rad)
                continue
            if w.kind[j, BEHAVIOUR] == STATIC and w.seen_near[route, j] >= 0:
                continue
            near, guess_m = w.seen_near[route, j], w.seen[route, j, ALONG] + GRID_S * w.seen[route, j, SPEED_ALONG]
            due = (step + w.kind[j, STAGGER]) % DECISION_STEPS == 0
            if near < 0 or (due and abs(w.seen[route, j, ASIDE]) > LOST_M):
                near = nearest_point(w.road, first, count, x_m, y_m)
                guess_m = w.road[near, 0]
            s_m, offset_m, _k, yaw_rad, near = projected(w.road, first, count, x_m, y_m, guess_m, near, ROUGH_M)
            w.seen_near[route, j] = near
            w.seen[route, j, ALONG] = s_m
            w.seen[route, j, ASIDE] = offset_m
            see(w, route, j, yaw_rad)


@njit(cache=True, error_model="numpy")
def see(w, route, j, yaw_rad):  # type: ignore[no-untyped-def]
    """Fill in the half sizes and the speed of `j` along a route whose direction there is known."""
    state, body = w.state, w.body
    c, s = cos(state[j, YAW] - yaw_rad), sin(state[j, YAW] - yaw_rad)
    w.seen[route, j, HALF_ALONG] = 0.5 * (body[j, LENGTH] * abs(c) + body[j, WIDTH] * abs(s))
    w.seen[route, j, HALF_ASIDE] = 0.5 * (body[j, LENGTH] * abs(s) + body[j, WIDTH] * abs(c))
    w.seen[route, j, SPEED_ALONG] = state[j, SPEED] * c - state[j, LATERAL_SPEED] * s


@njit(cache=True, error_model="numpy")
def free_road(w, i, route):  # type: ignore[no-untyped-def]
    """IDM acceleration of `i` with nobody ahead; bends slow it too."""
    first, count = w.roads[route, 0], w.roads[route, 1]
    s_m, near = w.seen[route, i, ALONG], w.seen_near[route, i]
    bend = curve_speed_at(w.road, first, count, s_m, near)
    bend = min(bend, curve_speed_at(w.road, first, count, s_m + BEND_AHEAD_S * w.state[i, SPEED], near))
    wanted = max(min(min(w.body[i, WANTED_SPEED], w.body[i, SPEED_LIMIT]), bend), 0.1)
    share = (w.state[i, SPEED] / wanted) ** 2
    limit = w.body[i, COMFORT_ACCELERATION]
    return max(limit * (1.0 - share * share), -w.body[i, COMFORT_BRAKING])


@njit(cache=True, error_model="numpy")
def interaction(w, i, gap_m, leader_mps):  # type: ignore[no-untyped-def]
    """IDM deceleration of `i` because of someone `gap_m` ahead."""
    v = w.state[i, SPEED]
    a, b = w.body[i, COMFORT_ACCELERATION], w.body[i, COMFORT_BRAKING]
    wish = w.body[i, STANDSTILL_GAP] + max(v * w.body[i, TIME_GAP] + v * (v - leader_mps) / (2.0 * sqrt(a * b)), 0.0)
    return a * (wish / max(gap_m, 0.1)) ** 2


@njit(cache=True, error_model="numpy")
def following(w, i, route, low_m, high_m, without):  # type: ignore[no-untyped-def]
    """IDM acceleration of `i` on a route: the strictest of everyone ahead between two offsets or bound there."""
    seen, body = w.seen, w.body
    hardest = 0.0
    s_m, half_m = seen[route, i, ALONG], seen[route, i, HALF_ALONG]
    for j in range(len(w.state)):
        ahead_m = seen[route, j, ALONG] - s_m
        if j in (i, without) or ahead_m <= 0.0:
            continue
        aside_m, half_j = seen[route, j, ASIDE], seen[route, j, HALF_ASIDE]
        bound_here = w.kind[j, BEHAVIOUR] == REACTIVE and w.mode[j, ROUTE] == route
        if not bound_here and (aside_m - half_j > high_m or aside_m + half_j < low_m):
            continue
        if pass_clear(body[i, BOTTOM], body[i, TOP], body[j, BOTTOM], body[j, TOP]):
            continue
        gap_m = ahead_m - half_m - seen[route, j, HALF_ALONG]
        hardest = max(hardest, interaction(w, i, gap_m, seen[route, j, SPEED_ALONG]))
    return free_road(w, i, route) - hardest


@njit(cache=True, error_model="numpy")
def acceleration_on(w, i, route, without):  # type: ignore[no-untyped-def]
    """IDM acceleration of `i` as if it held the middle of a route."""
    half = 0.5 * w.body[i, WIDTH] + SIDE_MARGIN_M
    return following(w, i, route, -half, half, without)


@njit(cache=True, error_model="numpy")
def follower(w, i, route):  # type: ignore[no-untyped-def]
    """Who comes next behind `i` on a route, -1 if none, -2 if someone is beside it."""
    seen = w.seen
    half = 0.5 * w.body[i, WIDTH] + SIDE_MARGIN_M
    best, best_m = -1, FREE_M
    for j in range(len(w.state)):
        bound_here = w.kind[j, BEHAVIOUR] == REACTIVE and w.mode[j, ROUTE] == route
        beside = abs(seen[route, j, ASIDE]) - seen[route, j, HALF_ASIDE] > half
        if j == i or (beside and not bound_here):
            continue
        if pass_clear(w.body[i, BOTTOM], w.body[i, TOP], w.body[j, BOTTOM], w.body[j, TOP]):
            continue
        gap_m = (
            abs(seen[route, j, ALONG] - seen[route, i, ALONG]) - seen[route, i, HALF_ALONG] - seen[route, j, HALF_ALONG]
        )
        if gap_m < w.body[i, STANDSTILL_GAP]:
            return -2
        if seen[route, j, ALONG] < seen[route, i, ALONG] and gap_m < best_m:
            best, best_m = j, gap_m
    return best


@njit(cache=True, error_model="numpy")
def gain(w, i, here, there):  # type: ignore[no-untyped-def]
    """MOBIL incentive of `i` to change routes, m/s2; far below zero if it would be unsafe."""
    behind = follower(w, i, there)
    if behind == -2:
        return -FREE_M
    own = acceleration_on(w, i, there, i) - acceleration_on(w, i, here, i)
    others = 0.0
    if behind >= 0:
        gap_m = w.seen[there, i, ALONG] - w.seen[there, behind, ALONG]
        gap_m -= w.seen[there, i, HALF_ALONG] + w.seen[there, behind, HALF_ALONG]
        if w.kind[behind, BEHAVIOUR] == REACTIVE:
            forced = interaction(w, behind, gap_m, w.seen[there, i, SPEED_ALONG])
            pushed = min(free_road(w, behind, there) - forced, 0.0)
            others += min(pushed - acceleration_on(w, behind, there, i), 0.0)
        else:
            closing = max(w.seen[there, behind, SPEED_ALONG] - w.seen[there, i, SPEED_ALONG], 0.0)
            pushed = -closing * closing / (2.0 * max(gap_m - w.body[i, STANDSTILL_GAP], 0.1))
        if pushed < -SAFE_BRAKING_MPS2:
            return -FREE_M
    left = follower(w, i, here)
    if left >= 0 and w.kind[left, BEHAVIOUR] == REACTIVE:
        others += acceleration_on(w, left, here, i) - acceleration_on(w, left, here, left)
    return own + POLITENESS_RATIO * others


@njit(cache=True, error_model="numpy")
def wanted_route(w, i):  # type: ignore[no-untyped-def]
    """The route `i` takes from now on: its present one, or a neighbour with enough incentive."""
    here = w.mode[i, ROUTE]
    best, best_gain = here, THRESHOLD_MPS2
    if here == w.kind[i, OWN_ROUTE]:
        for there in (w.kind[i, LEFT_ROUTE], w.kind[i, RIGHT_ROUTE]):
            if there >= 0:
                value = gain(w, i, here, there)
                if value > best_gain:
                    best, best_gain = there, value
    elif gain(w, i, here, w.kind[i, OWN_ROUTE]) > best_gain:
        best = w.kind[i, OWN_ROUTE]
    return best


@njit(cache=True, error_model="numpy")
def choose_routes(w, step):  # type: ignore[no-untyped-def]
    """Change lanes where that is worth it and safe. Truth's place on the route is then on the new one.

    Actors decide in turn by name, not by row, and see what those before them decided.
    """
    mode, kind, state = w.mode, w.kind, w.state
    for turn in range(len(state)):
        i = kind[turn, IN_TURN]
        if kind[i, BEHAVIOUR] != REACTIVE or kind[i, CHANGES_LANES] == 0:
            continue
        if mode[i, REST_STEPS] > 0:
            mode[i, REST_STEPS] -= 1
            continue
        if (step + kind[i, STAGGER]) % DECISION_STEPS != 0 or abs(state[i, PATH_OFFSET]) > SETTLED_M:
            continue
        route = wanted_route(w, i)
        if route != mode[i, ROUTE]:
            mode[i, ROUTE] = route
            mode[i, NEAR] = w.seen_near[route, i]
            state[i, PATH_S] = w.seen[route, i, ALONG]
            state[i, PATH_OFFSET] = w.seen[route, i, ASIDE]
            mode[i, REST_STEPS] = REST_AFTER_CHANGE_STEPS


@njit(cache=True, error_model="numpy")
def react(w):  # type: ignore[no-untyped-def]
    """Set drive and brakes of reactive actors by IDM, in their lane and wherever their body still is."""
    body, held = w.body, w.held
    for i in range(1, len(w.state)):
        if w.kind[i, BEHAVIOUR] != REACTIVE:
            continue
        route = w.mode[i, ROUTE]
        half = 0.5 * body[i, WIDTH] + SIDE_MARGIN_M
        offset_m = w.seen[route, i, ASIDE]
        wish = following(w, i, route, min(offset_m, 0.0) - half, max(offset_m, 0.0) + half, i)
        pull = wish + ROLLING_DRAG_MPS2
        held[i, DRAG] = ROLLING_DRAG_MPS2
        held[i, DRIVE_TARGET] = min(max(pull, 0.0), body[i, DRIVE_MAX])
        held[i, BRAKE_TARGET] = min(max(-pull, 0.0), held[i, BRAKE_CEILING])
