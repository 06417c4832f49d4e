"""How the twin lays its world out in arrays: column names, and the bundle the kernels pass around.

SI units and radians; instants in integer nanoseconds. Row order is the layout's; row 0 is the ego.
Truth columns (`Arrays.state`) are those of `sim.truth`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GRID_NS = 10_000_000  # the grid never moves
GRID_S = 0.01
GRAVITY_MPS2 = 9.80665  # CGPM 1901 standard gravity

# Arrays.body: what an actor is, float, constant.
LENGTH, WIDTH, BOTTOM, TOP, MASS, RADIUS = 0, 1, 2, 3, 4, 5
WHEELBASE, FRONT_ARM, CG_AHEAD, YAW_INERTIA = 6, 7, 8, 9  # CG_AHEAD: from the outline's centre, m
CORNERING_FRONT, CORNERING_REAR, FRICTION = 10, 11, 12  # FRICTION: road times tyre
STEER_MAX, STEER_RATE, STEER_LAG, UNDERSTEER = 13, 14, 15, 16
DRIVE_MAX, DRIVE_LAG, BRAKE_MAX, BRAKE_LAG, SPEED_LIMIT = 17, 18, 19, 20, 21
WANTED_SPEED, TIME_GAP, STANDSTILL_GAP, COMFORT_ACCELERATION, COMFORT_BRAKING = 22, 23, 24, 25, 26
BODY_COLUMNS = 27

# Arrays.kind: what an actor is, integer, constant.
BEHAVIOUR, OWN_ROUTE, LEFT_ROUTE, RIGHT_ROUTE, CHANGES_LANES, STAGGER, DEAD_TIME, STEERING = 0, 1, 2, 3, 4, 5, 6, 7
IN_TURN = 8  # not of the row's actor: which actor decides in this turn
KIND_COLUMNS = 9  # STEERING: which table of gains
STATIC, SCRIPTED, REACTIVE, EGO_DRIVEN = 0, 1, 2, 3  # values of BEHAVIOUR

# Arrays.held: what is held between grid instants, and inner states that truth does not show.
BRAKE_FORCE, BRAKE_TARGET, BRAKE_CEILING = 0, 1, 2  # m/s2; BRAKE_FORCE acts when the actor moves
DRIVE_TARGET, DRAG, STEER_TARGET, LATERAL_FRICTION = 3, 4, 5, 6
SCRIPT_SPEED, SCRIPT_RATE, SCRIPT_OFFSET, SCRIPT_LATERAL = 7, 8, 9, 10
HELD_COLUMNS = 11

# Arrays.mode: inner integer states.
ROUTE, NEAR, REST_STEPS, TOUCHED = 0, 1, 2, 3  # NEAR: index of a route point nearby
MODE_COLUMNS = 4

# Arrays.road: points of all routes, one after the other.
ROAD_S, ROAD_X, ROAD_Y, ROAD_YAW, ROAD_CURVATURE, ROAD_COS, ROAD_SIN, ROAD_SPEED = 0, 1, 2, 3, 4, 5, 6, 7
ROAD_COLUMNS = 8

# Arrays.seen: every actor as seen along every route, at the last grid instant.
ALONG, ASIDE, HALF_ALONG, HALF_ASIDE, SPEED_ALONG = 0, 1, 2, 3, 4
SEEN_COLUMNS = 5

# Arrays.script (float) and Arrays.script_key (integer), a row per manoeuvre.
LIMIT, GOAL, RATE = 0, 1, 2
ACTOR, TRIGGER, OTHER, BEGINS_AT, ACTION, BEGUN = 0, 1, 2, 3, 4, 5
AT_TIME, GAP_BELOW, TTC_BELOW = 0, 1, 2  # values of TRIGGER
SET_SPEED, SET_OFFSET = 0, 1  # values of ACTION

# Arrays.pedals: what the ego's driver and brake actuator ask for; the last two are past the dead time.
HOLD_SPEED, REQUEST, PEDAL, ACTING_REQUEST, ACTING_PEDAL = 0, 1, 2, 3, 4
PEDAL_COLUMNS = 5

# Arrays.queue (request, pedal) and Arrays.queue_key (effective at, sequence): demands in the dead time.
QUEUE_ROWS = 1024

# Arrays.clock
STEP, EGO_AT, PREPARED, QUEUE_HEAD, QUEUE_COUNT, NODES, EVENTS = 0, 1, 2, 3, 4, 5, 6
CLOCK_COLUMNS = 7

# Arrays.nodes: the ego's path through the present grid step; Arrays.nodes_at holds the instants.
NODE_ROWS = 64
NODE_COLUMNS = 5  # x, y, yaw, world velocity x, y

# Arrays.events (x, y, relative speed, delta-v) and Arrays.events_key (kind, at, row, index)
CONTACT, BRAKE_ONSET, MANOEUVRE = 0, 1, 2
EVENT_COLUMNS = 4
EVENT_KEYS = 4


class Arrays(NamedTuple):
    """Everything a run of the twin is, as arrays; constant ones first."""

    body: NDArray[np.float64]  # (actors, BODY_COLUMNS)
    kind: NDArray[np.int64]  # (actors, KIND_COLUMNS)
    road: NDArray[np.float64]  # (points of all routes, ROAD_COLUMNS)
    roads: NDArray[np.int64]  # (routes, 3): first point, number of points, followed by traffic or not
    script: NDArray[np.float64]  # (manoeuvres, 3)
    gain_speeds: NDArray[np.float64]  # (speeds,) of the steering gains
    gains: NDArray[np.float64]  # (vehicles, speeds, path_follower.GAINS)
    state: NDArray[np.float64]  # (actors, truth.COLUMNS)
    held: NDArray[np.float64]  # (actors, HELD_COLUMNS)
    mode: NDArray[np.int64]  # (actors, MODE_COLUMNS)
    seen: NDArray[np.float64]  # (routes, actors, SEEN_COLUMNS)
    seen_near: NDArray[np.int64]  # (routes, actors)
    script_key: NDArray[np.int64]  # (manoeuvres, 6)
    pedals: NDArray[np.float64]  # (PEDAL_COLUMNS,)
    queue: NDArray[np.float64]  # (QUEUE_ROWS, 2)
    queue_key: NDArray[np.int64]  # (QUEUE_ROWS, 2)
    clock: NDArray[np.int64]  # (CLOCK_COLUMNS,)
    nodes: NDArray[np.float64]  # (NODE_ROWS, NODE_COLUMNS)
    nodes_at: NDArray[np.int64]  # (NODE_ROWS,)
    before: NDArray[np.float64]  # (actors, NODE_COLUMNS): where everyone was at the last grid instant
    events: NDArray[np.float64]  # (rows, EVENT_COLUMNS)
    events_key: NDArray[np.int64]  # (rows, EVENT_KEYS)
