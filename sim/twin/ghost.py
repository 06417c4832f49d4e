"""The twin beside a foreign world: it plays the script and the ego's brakes, while the ego really moves elsewhere.

Each grid step has two halves. `foresee` takes everyone one step on: scripted and reactive actors to
where they will be, the ego to where this vehicle file would take it (its brakes' dead time, lag and
onset are thus the twin's own, to the nanosecond). `settle` then puts the ego (and whoever else moves
by himself) where the foreign world saw them, and looks for contact between the two instants. Inner
states of brakes, drive and steering stay the ghost's. Units and frames as in `sim.truth`.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of kernels

from math import cos, floor, pi, sin
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.layout import Layout
from sim.truth import (
    ACCELERATION,
    BRAKE,
    DRIVE,
    EGO,
    LATERAL_SPEED,
    SPEED,
    STEER,
    YAW,
    YAW_RATE,
    TruthFrame,
    X,
    Y,
)
from sim.twin.arrays import (
    BRAKE_FORCE,
    BRAKE_TARGET,
    DRAG,
    DRIVE_TARGET,
    EVENTS,
    GRID_NS,
    GRID_S,
    PREPARED,
    STEER_TARGET,
    STEP,
    TOUCHED,
)
from sim.twin.contact import contacts, note_node
from sim.twin.dynamics import follow_route
from sim.twin.kernel import move_ego, move_others, prepare
from sim.twin.world import TwinWorld
from stack.vocabulary import MachineryError, SimNs

SEEN_COLUMNS = 6  # of what a foreign world sees: x, y, yaw, speed, lateral speed, yaw rate


class Foresight(NamedTuple):
    """What the ego's own vehicle file would do in the step ahead: means over it, and what is aimed at.

    `acceleration_mps2` is the net change of speed; `brake_mps2` and `drive_mps2` are what brakes and
    drive make at its end, behind their lags; the targets are the same in front of the lags.
    """

    speed_mps: float  # at the step's start, as the foreign world saw it
    next_mps: float
    acceleration_mps2: float
    brake_mps2: float
    drive_mps2: float
    brake_target_mps2: float
    drive_target_mps2: float
    drag_mps2: float
    steer_rad: float
    steer_target_rad: float


@njit(cache=True, error_model="numpy")
def foresee(w):  # type: ignore[no-untyped-def]
    """Take everyone one grid step on, uncommitted as to contact; the clock's step stays."""
    prepare(w, True)
    t0 = w.clock[STEP] * GRID_NS
    move_ego(w, t0 + GRID_NS, True)
    move_others(w, t0, t0 + GRID_NS, True)


@njit(cache=True, error_model="numpy")
def settle(w, rows, seen):  # type: ignore[no-untyped-def]
    """Put the actors of `rows` (the ego first) where they were seen at the step's end; then look for contact.

    Speeds at contact are those of the ego's foreseen motion: what is seen at the end may have bounced. So
    may the place, and a bounce can end clear of what was hit; so the foreseen way is looked along as well.
    """
    state = w.state
    t0 = w.clock[STEP] * GRID_NS
    note_node(w, 1, t0 + GRID_NS)
    foreseen_x, foreseen_y, foreseen_yaw = w.nodes[1, 0], w.nodes[1, 1], w.nodes[1, 2]
    for index in range(len(rows)):
        i = rows[index]
        turned = seen[index, 2] - state[i, YAW]
        state[i, X] = seen[index, 0]
        state[i, Y] = seen[index, 1]
        state[i, YAW] += turned - 2.0 * pi * floor(turned / (2.0 * pi) + 0.5)
        state[i, LATERAL_SPEED] = seen[index, 4]
        state[i, YAW_RATE] = seen[index, 5]
        if i == 0:
            before_mps = w.nodes[0, 3] * cos(w.nodes[0, 2]) + w.nodes[0, 4] * sin(w.nodes[0, 2])
        else:
            before_mps = state[i, SPEED]
        gained = (seen[index, 3] - before_mps) / GRID_S
        state[i, SPEED] = seen[index, 3]
        state[i, ACCELERATION] = gained
        if i == 0:
            braking = w.held[0, BRAKE_FORCE] > 0.0 or w.held[0, BRAKE_TARGET] > 0.0
            state[0, BRAKE] = max(-gained - w.held[0, DRAG], 0.0) if braking else 0.0
        else:
            state[i, BRAKE] = max(-gained, 0.0)
        follow_route(state, w.mode, w.road, w.roads, i, 0.0)
    w.nodes[1, 0], w.nodes[1, 1], w.nodes[1, 2] = state[0, X], state[0, Y], state[0, YAW]
    contacts(w, t0, t0 + GRID_NS)
    w.nodes[1, 0], w.nodes[1, 1], w.nodes[1, 2] = foreseen_x, foreseen_y, foreseen_yaw
    contacts(w, t0, t0 + GRID_NS)
    w.clock[STEP] += 1
    w.clock[PREPARED] = 0


class GhostTwin(TwinWorld):
    """A twin world whose ego, and whose actors of `others`, move elsewhere."""

    def __init__(self, layout: Layout, others: tuple[int, ...] = ()) -> None:
        super().__init__(layout)
        self._rows = np.array([EGO, *others], dtype=np.int64)
        self._foreseen = False

    @property
    def state(self) -> NDArray[np.float64]:
        """The present state, a copy; between `foresee` and `settle` the one foreseen."""
        return self._arrays.state.copy()

    def foresee(self) -> Foresight:
        """The step ahead. Controls for its start must have been applied."""
        self._refuse_if_closed()
        if self._foreseen:
            raise MachineryError("a ghost cannot look two steps ahead")
        self._foreseen = True
        w = self._arrays
        before_mps = float(w.state[EGO, SPEED])
        foresee(w)
        self._ego_at = SimNs(self._reached + GRID_NS)
        held = w.held[EGO]
        next_mps = float(w.state[EGO, SPEED])
        return Foresight(
            speed_mps=before_mps,
            next_mps=next_mps,
            acceleration_mps2=(next_mps - before_mps) / GRID_S,
            brake_mps2=float(held[BRAKE_FORCE]),
            drive_mps2=float(w.state[EGO, DRIVE]),
            brake_target_mps2=float(held[BRAKE_TARGET]),
            drive_target_mps2=float(held[DRIVE_TARGET]),
            drag_mps2=float(held[DRAG]),
            steer_rad=float(w.state[EGO, STEER]),
            steer_target_rad=float(held[STEER_TARGET]),
        )

    def settle(self, seen: NDArray[np.float64]) -> SimNs:
        """Commit the step with what was seen of the ego and the others, (1 + others, SEEN_COLUMNS)."""
        if not self._foreseen:
            raise MachineryError("a ghost settles only what it has foreseen")
        if seen.shape != (len(self._rows), SEEN_COLUMNS) or not bool(np.isfinite(seen).all()):
            raise MachineryError("what was seen of the ego and the others must be finite numbers, a row for each")
        self._foreseen = False
        settle(self._arrays, self._rows, np.ascontiguousarray(seen, dtype=np.float64))
        self._reached = SimNs(self._reached + GRID_NS)
        if self._arrays.clock[EVENTS] > 0:
            self._collect()
        return self._reached

    def retire(self, row: int) -> None:
        """From now on the ego touches this actor no more: it has left the foreign world."""
        self._arrays.mode[row, TOUCHED] = 1

    def begin(self, seen: NDArray[np.float64]) -> None:
        """Start from what was seen at instant 0, (1 + others, SEEN_COLUMNS): no step is taken."""
        state = self._arrays.state
        for index, row in enumerate(self._rows.tolist()):
            turned = float(seen[index, 2]) - float(state[row, YAW])
            state[row, X], state[row, Y] = seen[index, 0], seen[index, 1]
            state[row, YAW] += turned - 2.0 * pi * floor(turned / (2.0 * pi) + 0.5)
            state[row, SPEED], state[row, LATERAL_SPEED], state[row, YAW_RATE] = seen[index, 3:6]
            follow_route(state, self._arrays.mode, self._arrays.road, self._arrays.roads, row, 0.0)

    def advance_to(self, now: SimNs) -> SimNs:
        """A ghost does not move by itself; the instant reached."""
        self._refuse_if_closed()
        return self._reached

    def observe(self, at: SimNs) -> TruthFrame:
        """Everyone at the last committed instant, which the frame names; `at` must not be before it."""
        if at < self._reached:
            raise MachineryError(f"observation at {at} ns, but the world has already reached {self._reached} ns")
        return super().observe(self._reached)
