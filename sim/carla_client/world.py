"""A World (see `sim.ports`) on any CARLA server: the ego really drives there, the script is the twin's own.

Every tick a ghost twin looks one step ahead: it places scripted and reactive actors exactly on protocol
and runs the ego's brakes through their dead time and lag; the server moves the ego by its pedals; what
its snapshot shows is the truth. Contact comes from that geometry, swept between ticks; CARLA's own
collision events are counted beside it. `grain_ns` is the tick: commands act from the first tick at or
after their instant, observations show the last tick. Everything is undone on `close`.
"""

from collections.abc import Callable
from math import hypot, isfinite

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.account import Account
from sim.carla_client.cast import Cast
from sim.carla_client.driving import EgoDriver
from sim.carla_client.frames import FrameBook
from sim.carla_client.staging import placement, sighted
from sim.carla_client.wire import (
    P_VX,
    P_VY,
    P_X,
    P_Y,
    P_YAW,
    S_VX,
    S_VY,
    S_VZ,
    S_X,
    S_Y,
    S_YAW,
    S_Z,
    Pedals,
    StreamFrame,
    StreamOrder,
    Tick,
    Wire,
)
from sim.layout import BrakeDemand, Control, Layout
from sim.truth import ACCELERATION, EGO, PATH_OFFSET, SPEED, STEER, YAW_RATE, Contact, Roster, TruthFrame, WorldEvent
from sim.twin.ghost import SEEN_COLUMNS, GhostTwin
from stack.vocabulary import NS_PER_MS, NS_PER_S, MachineryError, SimNs, wrapped_rad

TICK_NS = 10 * NS_PER_MS
RESTING_TICKS = 200  # own: until a vehicle rests on its springs
RESTING_MPS = 1e-3
ROLLING_TICKS = 200  # own: engine and pedals have found the starting speed after 2 s
BY_HAND_TICKS = 120  # of these, with the gear taken by hand
ROLLING_PIECE_TICKS = 10  # the ego is put back this often, so that it never gets far from its start
LAUNCHES = 5  # tries to have the ego at its start with its speed
START_NEAR_M = 1e-4
START_FAR_M = 0.5  # own: a start this far off is another scenario
AWAY_M = 10_000.0  # where an actor is shown that CARLA's Traffic Manager has taken off the road
GRACE_TICKS = 3  # after a contact: CARLA tells of it with the next frames

Sink = Callable[[StreamFrame, SimNs], None]


class CarlaWorld:
    """Plays a layout on a CARLA server whose map is open and whose clock is held. Takes over the wire."""

    def __init__(
        self,
        layout: Layout,
        wire: Wire,
        cast: Cast,
        driver: EgoDriver,
        account: Account,
        *,
        streams: tuple[StreamOrder, ...] = (),
        sink: Sink | None = None,
    ) -> None:
        self._wire = wire
        self._cast = cast
        self._driver = driver
        self._account = account
        self._sink = sink
        self._book = FrameBook({order.name: order.period_ticks for order in streams})
        self._conditions = layout.conditions
        first_other = len(layout.actors) - len(cast.others)
        self._ghost = GhostTwin(layout, tuple(range(first_other, len(layout.actors))))
        self._names = {cast.ego.actor_id: layout.actors[EGO].name}
        self._names |= {one: layout.actors[row].name for one, row in zip(cast.ids, cast.rows, strict=True)}
        for index, other in enumerate(cast.others):
            self._names[other.actor_id] = layout.actors[first_other + index].name
        self._waiting: list[tuple[SimNs, Control]] = []
        self._reached = SimNs(0)
        self._geometry: set[str] = set()
        self._touched: set[str] = set()
        self._unshown = frozenset(account.unshown)
        self._told: list[WorldEvent] = []
        self._closed = False
        self._begin(streams)

    @property
    def grain_ns(self) -> int:
        """One tick."""
        return TICK_NS

    @property
    def roster(self) -> Roster:
        """Who takes part."""
        return self._ghost.roster

    # -- the port -------------------------------------------------------------------------------

    def advance_to(self, now: SimNs) -> SimNs:
        """Tick until the last tick that ends at or before `now`; return it."""
        self._refuse_if_closed()
        while self._reached + TICK_NS <= now:
            self._step()
        return self._reached

    def observe(self, at: SimNs) -> TruthFrame:
        """The last tick, which the frame names; nothing between ticks can be known. `at` must not be before it."""
        self._refuse_if_closed()
        return self._ghost.observe(at)

    def apply(self, control: Control, at: SimNs) -> SimNs:
        """Let a control act from the first tick at or after `at`; the wait is counted."""
        self.advance_to(at)
        _refuse_if_not_finite(control)
        if at < self._reached:
            raise MachineryError(f"control at {at} ns, but the world has already reached {self._reached} ns")
        acts_at = SimNs(-(-at // TICK_NS) * TICK_NS)
        self._account.controlled(acts_at - at)
        self._waiting.append((acts_at, control))
        return acts_at

    def take_events(self) -> tuple[WorldEvent, ...]:
        """What happened since the last call, in order of time."""
        events = tuple(self._told)
        self._told.clear()
        return events

    def close(self) -> None:
        """Destroy what was spawned, give the clock back; may be called twice."""
        if not self._closed:
            self._closed = True
            self._ghost.close()
            self._wire.close()

    # -- what it cost ---------------------------------------------------------------------------

    def account(self) -> Account:
        """The books; after a contact a few more ticks hear what CARLA says of it."""
        if not self._closed and self._geometry - self._touched - self._unshown:
            for _ in range(GRACE_TICKS):
                self._hear(self._tick(Pedals(brake_ratio=1.0), self._cast.placements(self._ghost.state)))
        self._book.closed()
        self._account.contacts(self._geometry - self._unshown, self._touched)
        self._account.streams = self._book.account()
        return self._account

    # -- the start ------------------------------------------------------------------------------

    def _begin(self, streams: tuple[StreamOrder, ...]) -> None:
        """Everyone at the start, the ego with its speed: the last of these ticks is instant 0."""
        cast, wire = self._cast, self._wire
        state = self._ghost.state
        placements = cast.placements(state)
        wire.watch(cast.ego.actor_id, cast.watched)
        start = placement(state[EGO], cast.ego_origin, cast.ego_ground)
        seen = self._rested(start, placements)
        start[2] = seen[S_Z]
        pedals = self._rolled(start, state[EGO], placements)
        wire.listen(cast.ego.actor_id, streams)
        tick = self._launched(start, pedals, placements)
        self._ghost.begin(self._seen(tick))
        self._driver.start(float(state[EGO, STEER]))
        self._hear(tick)
        self._touched.clear()

    def _rested(self, start: NDArray[np.float64], placements: NDArray[np.float64]) -> NDArray[np.float64]:
        """Let the ego come to rest on the road at its start; its last sighting."""
        resting = start.copy()
        resting[P_VX:] = 0.0
        self._wire.launch(self._cast.ego.actor_id, resting)
        seen = np.zeros(0)
        for _ in range(RESTING_TICKS):
            seen = self._tick(Pedals(brake_ratio=1.0), placements).seen[0]
            if float(np.abs(seen[S_VX : S_VZ + 1]).max()) < RESTING_MPS:
                break
        return seen

    def _rolled(self, start: NDArray[np.float64], row: NDArray[np.float64], placements: NDArray[np.float64]) -> Pedals:
        """Drive at the starting speed, on the spot, until the vehicle holds it; the pedals that do so."""
        speed_mps, steer_rad = float(row[SPEED]), float(row[STEER])
        pedals = self._driver.holding(speed_mps, steer_rad, by_hand=True)
        if speed_mps <= 0.0:
            return pedals
        found_mps = speed_mps
        for index in range(ROLLING_TICKS):
            put_back = index % ROLLING_PIECE_TICKS == 0
            if put_back:
                self._wire.launch(self._cast.ego.actor_id, start)
            before_mps = speed_mps if put_back else found_mps
            found_mps = float(sighted(self._tick(pedals, placements).seen[0], self._cast.ego_origin)[3])
            seen_mps2 = (found_mps - before_mps) * NS_PER_S / TICK_NS
            pedals = self._driver.holding(speed_mps, steer_rad, seen_mps2, by_hand=index < BY_HAND_TICKS)
        return pedals

    def _launched(self, start: NDArray[np.float64], pedals: Pedals, placements: NDArray[np.float64]) -> Tick:
        """Put the ego one tick before its start so that the tick ends there; the tick that did best enough."""
        wanted = start[[P_X, P_Y]]
        aim = start.copy()
        aim[P_X] -= start[P_VX] * TICK_NS / NS_PER_S
        aim[P_Y] -= start[P_VY] * TICK_NS / NS_PER_S
        for _ in range(LAUNCHES):
            self._wire.launch(self._cast.ego.actor_id, aim)
            tick = self._tick(pedals, placements)
            off = tick.seen[0, [S_X, S_Y]] - wanted
            self._account.start_off_m = hypot(*off.tolist())
            if self._account.start_off_m < START_NEAR_M:
                break
            aim[[P_X, P_Y]] -= off
            aim[P_VX] += start[P_VX] - tick.seen[0, S_VX]
            aim[P_VY] += start[P_VY] - tick.seen[0, S_VY]
        if self._account.start_off_m > START_FAR_M:
            raise MachineryError(
                f"the server does not put the ego at its start: it is {self._account.start_off_m:.2f} m off; "
                "look whether something stands there on the server's map"
            )
        return tick

    # -- a tick ---------------------------------------------------------------------------------

    def _step(self) -> None:
        """One tick: controls that are due, foresight, pedals and places, the server, what it shows."""
        while self._waiting and self._waiting[0][0] <= self._reached:
            self._ghost.apply(self._waiting.pop(0)[1], self._reached)
        seen_mps2, seen_radps, offset_m = self._ghost.state[EGO, [ACCELERATION, YAW_RATE, PATH_OFFSET]].tolist()
        pedals = self._driver.pedals(self._ghost.foresee(), seen_mps2, seen_radps, offset_m)
        placements = self._cast.placements(self._ghost.state)
        tick = self._tick(pedals, placements)
        self._compare(tick, placements)
        self._reached = self._ghost.settle(self._seen(tick))
        for event in self._ghost.take_events():
            self._told.append(event)
            if isinstance(event, Contact):
                self._geometry.add(event.second)
        self._hear(tick)

    def _tick(self, pedals: Pedals, placements: NDArray[np.float64]) -> Tick:
        tick = self._wire.tick(self._cast.ego.actor_id, pedals, self._cast.ids, placements)
        self._account.ticked(tick)
        gone = np.flatnonzero(~np.isfinite(tick.seen).all(axis=1))
        if len(gone):
            self._left(tick, gone)
        return tick

    def _left(self, tick: Tick, gone: NDArray[np.int64]) -> None:
        """Whoever CARLA drives may leave (its Traffic Manager takes vehicles off a dead end); nobody else may."""
        first_other = 1 + len(self._cast.ids)
        if int(gone[0]) < first_other:
            names = ", ".join(self._names[self._cast.watched[index]] for index in gone.tolist())
            raise MachineryError(f"gone from the CARLA server in frame {tick.frame}: {names}; did another client act?")
        for index in gone.tolist():
            tick.seen[index] = 0.0
            tick.seen[index, S_Y] = AWAY_M * (1 + index)
            row = len(self._ghost.roster.names) - len(self._cast.others) + index - first_other
            self._ghost.retire(row)
            self._account.left.add(self._names[self._cast.watched[index]])

    def _seen(self, tick: Tick) -> NDArray[np.float64]:
        """The ego and the others as the ghost wants them, (1 + others, SEEN_COLUMNS)."""
        cast = self._cast
        found = np.empty((1 + len(cast.others), SEEN_COLUMNS))
        found[0] = sighted(tick.seen[0], cast.ego_origin)
        for index, origin in enumerate(cast.other_origins):
            found[1 + index] = sighted(tick.seen[1 + len(cast.ids) + index], origin)
        return found

    def _compare(self, tick: Tick, placements: NDArray[np.float64]) -> None:
        """How far the commanded actors are from where they were put."""
        for index, row in enumerate(self._cast.rows):
            seen, put = tick.seen[1 + index], placements[index]
            distance_m = hypot(float(seen[S_X] - put[P_X]), float(seen[S_Y] - put[P_Y]))
            turn_rad = abs(wrapped_rad(float(seen[S_YAW] - put[P_YAW])))
            self._account.strayed(self._ghost.roster.names[row], distance_m, turn_rad)

    def _hear(self, tick: Tick) -> None:
        """Collisions and sensor messages that came with a tick."""
        for touch in tick.touches:
            name = self._names.get(touch.actor_id)
            if name is None:
                self._account.touches_besides += 1
            else:
                self._touched.add(name)
        self._book.ticked(tick.frame)
        for message in tick.streams:
            self._book.came(message.sensor, message.frame)
            if self._sink is not None:
                self._sink(message, self._reached)
        self._book.left(tick.frame)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise MachineryError("the CARLA world is closed")


def _refuse_if_not_finite(control: Control) -> None:
    """A demand that is no number would spoil every later state."""
    values: tuple[float, ...]
    if isinstance(control, BrakeDemand):
        values = (control.demand_mps2,)
    else:
        values = (control.hold_speed_mps, control.pedal_mps2)
    if not all(isfinite(value) for value in values):
        raise MachineryError(f"a control must be finite: {control}")
