"""The path follower that holds a driven vehicle to its route, and the drive that holds its speed.

Evaluated at grid instants and held between them. The gains are those of `sim.twin.path_follower`:
the steering rate follows from the vehicle's state and the curvature ahead.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, sin

from numba import njit

from sim.truth import LATERAL_SPEED, PATH_OFFSET, PATH_S, SPEED, STEER, YAW, YAW_RATE
from sim.twin.arrays import (
    BRAKE_CEILING,
    BRAKE_FORCE,
    BRAKE_MAX,
    CG_AHEAD,
    FRICTION,
    GRAVITY_MPS2,
    GRID_S,
    LATERAL_FRICTION,
    NEAR,
    ROUTE,
    STEER_MAX,
    STEER_RATE,
    STEER_TARGET,
    STEERING,
)
from sim.twin.brakes import ceiling, friction_left
from sim.twin.path_follower import KNOT_S, KNOTS, STATES
from sim.twin.roads import curvature_at, route_at

OFFSET_USED_M = 1.0  # a larger offset is corrected no faster: a lane change takes about 7 s
SLOWEST_MPS = 0.5  # slower than this the wheels stay as they are
ROLLING_DRAG_MPS2 = 0.008 * GRAVITY_MPS2  # rolling resistance of road tyres, 0.006-0.010 (Wong 2008, ch. 1)
ENGINE_DRAG_MPS2 = 0.12  # engine in gear, accelerator released, at motorway speed in a high gear
SPEED_GAIN_1PS = 0.5


@njit(cache=True, error_model="numpy")
def steer_to_route(state, body, held, mode, kind, road, roads, gain_speeds, gains, i):  # type: ignore[no-untyped-def]
    """Set the road-wheel angle that actor `i` wants, and what friction leaves for brakes and tyres."""
    v = state[i, SPEED]
    friction = body[i, FRICTION]
    held[i, BRAKE_CEILING] = ceiling(body[i, BRAKE_MAX], friction, v * state[i, YAW_RATE])
    held[i, LATERAL_FRICTION] = friction_left(friction, held[i, BRAKE_FORCE])
    if v < SLOWEST_MPS:
        return
    route, near = mode[i, ROUTE], mode[i, NEAR]
    first, count = roads[route, 0], roads[route, 1]
    s_m = state[i, PATH_S]
    _x, _y, yaw_here, _k, near = route_at(road, first, count, s_m, near)

    table = kind[i, STEERING]
    row = 0
    while row < len(gain_speeds) - 2 and v >= gain_speeds[row + 1]:
        row += 1
    share = min((v - gain_speeds[row]) / (gain_speeds[row + 1] - gain_speeds[row]), 1.0)
    rate = 0.0
    for knot in range(KNOTS):
        curvature, near = curvature_at(road, first, count, s_m + v * KNOT_S * knot, near)
        low, high = gains[table, row, STATES + knot], gains[table, row + 1, STATES + knot]
        rate += curvature * (low + share * (high - low))
    heading = state[i, YAW] - yaw_here
    offset_m = min(max(state[i, PATH_OFFSET], -OFFSET_USED_M), OFFSET_USED_M)
    aside = state[i, LATERAL_SPEED] + body[i, CG_AHEAD] * state[i, YAW_RATE]
    c, s = cos(heading), sin(heading)
    target = held[i, STEER_TARGET]
    values = (offset_m, s, aside * c, state[i, YAW_RATE], state[i, STEER], target)
    for state_index in range(STATES):
        low, high = gains[table, row, state_index], gains[table, row + 1, state_index]
        rate -= values[state_index] * (low + share * (high - low))
    fastest, limit = body[i, STEER_RATE], body[i, STEER_MAX]
    target += min(max(rate, -fastest), fastest) * GRID_S
    held[i, STEER_TARGET] = min(max(target, -limit), limit)


@njit(cache=True, error_model="numpy")
def holding_drive(hold_mps, v, drag_mps2, drive_max_mps2):  # type: ignore[no-untyped-def]
    """Drive acceleration that holds a speed; the drive never brakes."""
    return min(max(drag_mps2 + SPEED_GAIN_1PS * (hold_mps - v), 0.0), drive_max_mps2)
