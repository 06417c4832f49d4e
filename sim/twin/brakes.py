"""Brakes: demand through a dead time, deceleration after it with a first-order lag, friction above both.

The lag is solved in closed form, so a step cut in pieces gives what the whole step gives. Demands of
the brake actuator and of the driver's foot pass the same brakes; the larger counts.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import exp, sqrt

from numba import njit

from sim.twin.arrays import (
    ACTING_PEDAL,
    ACTING_REQUEST,
    BRAKE_CEILING,
    BRAKE_FORCE,
    BRAKE_ONSET,
    BRAKE_TARGET,
    DEAD_TIME,
    DRIVE_TARGET,
    EVENTS,
    GRAVITY_MPS2,
    PEDAL,
    QUEUE_COUNT,
    QUEUE_HEAD,
    QUEUE_ROWS,
    REQUEST,
)

# Below this the brakes make no force: chambers and callipers must first overcome return springs
# (threshold pressure about 0.2-0.3 bar of 8; Limpert, Brake Design and Safety, 3rd ed. 2011, ch. 6).
SILENT_BRAKE_MPS2 = 0.05

# With ABS working, this share of the friction stays for the direction not in full use
# (combined slip, Pacejka, Tire and Vehicle Dynamics, 3rd ed. 2012, ch. 4).
COMBINED_FLOOR_RATIO = 0.3


@njit(cache=True, error_model="numpy")
def lagged(value, target, seconds, lag_s):  # type: ignore[no-untyped-def]
    """A first-order lag after `seconds`, exactly."""
    return target + (value - target) * exp(-seconds / lag_s)


@njit(cache=True, error_model="numpy")
def friction_left(friction, used_mps2):  # type: ignore[no-untyped-def]
    """The share of gravity that the friction circle leaves when `used_mps2` is taken crosswise."""
    used = used_mps2 / GRAVITY_MPS2
    floor = COMBINED_FLOOR_RATIO * friction
    return sqrt(max(friction * friction - used * used, floor * floor))


@njit(cache=True, error_model="numpy")
def ceiling(brake_max_mps2, friction, lateral_mps2):  # type: ignore[no-untyped-def]
    """The most the brakes can do: by design, or by what friction the curve leaves."""
    return min(brake_max_mps2, GRAVITY_MPS2 * friction_left(friction, lateral_mps2))


@njit(cache=True, error_model="numpy")
def put_demand(w, at, sequence):  # type: ignore[no-untyped-def]
    """Queue the demands of now behind the dead time; false if the queue is full. A demand cuts the drive."""
    if w.pedals[REQUEST] > 0.0 or w.pedals[PEDAL] > 0.0:
        w.held[0, DRIVE_TARGET] = 0.0
    count = w.clock[QUEUE_COUNT]
    if count > 0:
        last = (w.clock[QUEUE_HEAD] + count - 1) % QUEUE_ROWS
        request, pedal = w.queue[last, 0], w.queue[last, 1]
    else:
        request, pedal = w.pedals[ACTING_REQUEST], w.pedals[ACTING_PEDAL]
    if request == w.pedals[REQUEST] and pedal == w.pedals[PEDAL]:
        return True
    if count == QUEUE_ROWS:
        return False
    row = (w.clock[QUEUE_HEAD] + count) % QUEUE_ROWS
    w.queue[row, 0] = w.pedals[REQUEST]
    w.queue[row, 1] = w.pedals[PEDAL]
    w.queue_key[row, 0] = at + w.kind[0, DEAD_TIME]
    w.queue_key[row, 1] = sequence
    w.clock[QUEUE_COUNT] = count + 1
    return True


@njit(cache=True, error_model="numpy")
def take_demand(w, commit):  # type: ignore[no-untyped-def]
    """The oldest demand comes out of the dead time: it acts, and may be the onset of braking."""
    row = w.clock[QUEUE_HEAD]
    request, pedal = w.queue[row, 0], w.queue[row, 1]
    w.clock[QUEUE_HEAD] = (row + 1) % QUEUE_ROWS
    w.clock[QUEUE_COUNT] -= 1
    at_rest = w.held[0, BRAKE_FORCE] == 0.0 and w.held[0, BRAKE_TARGET] == 0.0
    w.pedals[ACTING_REQUEST] = request
    w.pedals[ACTING_PEDAL] = pedal
    w.held[0, BRAKE_TARGET] = min(max(request, pedal), w.held[0, BRAKE_CEILING])
    if at_rest and request > 0.0 and request >= pedal and commit:
        event = w.clock[EVENTS]
        w.events_key[event, 0] = BRAKE_ONSET
        w.events_key[event, 1] = w.queue_key[row, 0]
        w.events_key[event, 2] = 0
        w.events_key[event, 3] = w.queue_key[row, 1]
        w.clock[EVENTS] = event + 1
