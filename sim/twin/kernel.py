"""The twin's clockwork: prepare a grid instant, move everyone through a step, commit, or only try.

Instants are integer nanoseconds. The grid is fixed; only the ego's step (and a timed manoeuvre's
actor's) is ever cut. Everything here works on one `Arrays` bundle.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from numba import njit

from sim.truth import SPEED
from sim.twin.arrays import (
    ACTING_PEDAL,
    ACTING_REQUEST,
    BEHAVIOUR,
    BRAKE_CEILING,
    BRAKE_FORCE,
    BRAKE_TARGET,
    DRAG,
    DRIVE_MAX,
    DRIVE_TARGET,
    EGO_AT,
    GRID_NS,
    HOLD_SPEED,
    NODE_ROWS,
    NODES,
    PEDAL,
    PREPARED,
    QUEUE_COUNT,
    QUEUE_HEAD,
    REACTIVE,
    REQUEST,
    SCRIPTED,
    SPEED_LIMIT,
    STEP,
    Arrays,
)
from sim.twin.brakes import SILENT_BRAKE_MPS2, put_demand, take_demand
from sim.twin.contact import contacts, note_before, note_node
from sim.twin.dynamics import driven
from sim.twin.script import conditions, scripted
from sim.twin.steering import ENGINE_DRAG_MPS2, ROLLING_DRAG_MPS2, holding_drive, steer_to_route
from sim.twin.traffic import choose_routes, look_along, react


@njit(cache=True, error_model="numpy")
def drive_ego(w):  # type: ignore[no-untyped-def]
    """Hold the ego's speed, let it coast, or leave it to its brakes."""
    pedals, held = w.pedals, w.held
    asked = max(pedals[REQUEST], pedals[PEDAL])
    acting = max(pedals[ACTING_REQUEST], pedals[ACTING_PEDAL])
    held[0, BRAKE_TARGET] = min(acting, held[0, BRAKE_CEILING])
    hold_mps = pedals[HOLD_SPEED]
    if asked > 0.0 or acting > 0.0:
        held[0, DRAG] = ROLLING_DRAG_MPS2
        held[0, DRIVE_TARGET] = 0.0
    elif hold_mps < 0.0:
        held[0, DRAG] = ROLLING_DRAG_MPS2 + ENGINE_DRAG_MPS2
        held[0, DRIVE_TARGET] = 0.0
    else:
        held[0, DRAG] = ROLLING_DRAG_MPS2
        hold_mps = min(hold_mps, w.body[0, SPEED_LIMIT])
        held[0, DRIVE_TARGET] = holding_drive(hold_mps, w.state[0, SPEED], held[0, DRAG], w.body[0, DRIVE_MAX])


@njit(cache=True, error_model="numpy")
def prepare(w, commit):  # type: ignore[no-untyped-def]
    """At a grid instant: triggers, traffic, steering and speed holding; targets are then held."""
    if w.clock[PREPARED] != 0:
        return
    w.clock[PREPARED] = 1
    step = w.clock[STEP]
    if len(w.script_key) > 0:
        conditions(w, step * GRID_NS, commit)
    traffic = False
    for route in range(len(w.roads)):
        traffic = traffic or w.roads[route, 2] != 0
    if traffic:
        look_along(w, step)
        choose_routes(w, step)
    state, body, held, mode, kind = w.state, w.body, w.held, w.mode, w.kind
    road, roads, gain_speeds, gains = w.road, w.roads, w.gain_speeds, w.gains
    for i in range(len(state)):
        if kind[i, BEHAVIOUR] >= REACTIVE:
            if held[i, BRAKE_TARGET] == 0.0 and held[i, BRAKE_FORCE] < SILENT_BRAKE_MPS2:
                held[i, BRAKE_FORCE] = 0.0
            steer_to_route(state, body, held, mode, kind, road, roads, gain_speeds, gains, i)
    drive_ego(w)
    if traffic:
        react(w)
    if commit:
        note_before(w)
        note_node(w, 0, step * GRID_NS)


@njit(cache=True, error_model="numpy")
def move_ego(w, until, commit):  # type: ignore[no-untyped-def]
    """Move the ego from where it is to `until` (ns), cutting where a demand comes out of the dead time."""
    while True:
        now = w.clock[EGO_AT]
        head = w.clock[QUEUE_HEAD]
        due = w.clock[QUEUE_COUNT] > 0 and w.queue_key[head, 0] <= until
        end = w.queue_key[head, 0] if due else until
        if end > now:
            driven(w.state, w.held, w.body, w.mode, w.road, w.roads, 0, (end - now) * 1e-9)
            w.clock[EGO_AT] = end
            if commit:
                note_node(w, min(w.clock[NODES], NODE_ROWS - 1), end)
        if not due:
            break
        take_demand(w, commit)


@njit(cache=True, error_model="numpy")
def move_others(w, t0, t1, commit):  # type: ignore[no-untyped-def]
    """Move everyone but the ego from t0 to t1 (ns)."""
    state, held, body, mode, kind, road, roads = w.state, w.held, w.body, w.mode, w.kind, w.road, w.roads
    h = (t1 - t0) * 1e-9
    for i in range(1, len(state)):
        if kind[i, BEHAVIOUR] == REACTIVE:
            driven(state, held, body, mode, road, roads, i, h)
        elif kind[i, BEHAVIOUR] == SCRIPTED:
            scripted(w, i, t0, t1, commit)


@njit(cache=True, error_model="numpy")
def advance(w, last_step):  # type: ignore[no-untyped-def]
    """Commit grid steps until the grid instant `last_step`."""
    while w.clock[STEP] < last_step:
        prepare(w, True)
        t0 = w.clock[STEP] * GRID_NS
        t1 = t0 + GRID_NS
        move_ego(w, t1, True)
        move_others(w, t0, t1, True)
        contacts(w, t0, t1)
        w.clock[STEP] += 1
        w.clock[PREPARED] = 0


@njit(cache=True, error_model="numpy")
def command(w, at, hold_mps, request_mps2, pedal_mps2, sequence):  # type: ignore[no-untyped-def]
    """Cut the ego's step at `at` and let new commands act from there; false if the dead time is full."""
    if at > w.clock[EGO_AT]:
        prepare(w, True)
        move_ego(w, at, True)
    w.pedals[HOLD_SPEED] = hold_mps
    w.pedals[REQUEST] = request_mps2
    w.pedals[PEDAL] = pedal_mps2
    return put_demand(w, at, sequence)


@njit(cache=True, error_model="numpy")
def tried(w, at):  # type: ignore[no-untyped-def]
    """Truth at `at` by a trial from the last state; `w` is not touched."""
    if at == w.clock[EGO_AT] and at == w.clock[STEP] * GRID_NS:
        return w.state.copy()
    t = Arrays(
        w.body,
        w.kind,
        w.road,
        w.roads,
        w.script,
        w.gain_speeds,
        w.gains,
        w.state.copy(),
        w.held.copy(),
        w.mode.copy(),
        w.seen.copy(),
        w.seen_near.copy(),
        w.script_key.copy(),
        w.pedals.copy(),
        w.queue,
        w.queue_key,
        w.clock.copy(),
        w.nodes,
        w.nodes_at,
        w.before,
        w.events,
        w.events_key,
    )
    while t.clock[STEP] * GRID_NS < at:
        prepare(t, False)
        t0 = t.clock[STEP] * GRID_NS
        t1 = min(t0 + GRID_NS, at)
        move_ego(t, t1, False)
        move_others(t, t0, t1, False)
        t.clock[STEP] += 1
        t.clock[PREPARED] = 0
    return t.state
