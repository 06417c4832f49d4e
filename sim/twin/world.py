"""The twin world: a World (see `sim.ports`) played by the kernels on a fixed 10 ms grid.

Frames and columns as in `sim.truth`. `grain_ns` is 0: any nanosecond can be addressed. Contacts are
found when a grid step is committed; their instants lie inside it.
"""

from math import isfinite

from sim.layout import BrakeDemand, Control, Layout
from sim.truth import BrakeOnset, Contact, ManoeuvreBegan, Roster, TruthFrame, WorldEvent
from sim.twin import arrays as a
from sim.twin.kernel import advance, command, tried
from sim.twin.loading import arrays_of, roster_of
from stack.vocabulary import MachineryError, SimNs
from stack.vocabulary.construction import maker

_frame = maker(TruthFrame)


class TwinWorld:
    """Plays a layout. Same calls, same bytes; no chance, no clock but the caller's."""

    def __init__(self, layout: Layout) -> None:
        self._arrays = arrays_of(layout)
        self._layout = layout
        self._roster = roster_of(layout)
        self._names = self._roster.names
        self._first_manoeuvre = _first_manoeuvres(layout)
        self._reached = SimNs(0)
        self._ego_at = SimNs(0)
        self._hold_mps = layout.actors[0].speed_mps
        self._pedal_mps2 = 0.0
        self._request = BrakeDemand(demand_mps2=0.0, request_sequence=0)
        self._events: list[WorldEvent] = []
        self._closed = False

    @property
    def grain_ns(self) -> int:
        """0: any nanosecond can be addressed."""
        return 0

    @property
    def roster(self) -> Roster:
        """Who takes part."""
        return self._roster

    def advance_to(self, now: SimNs) -> SimNs:
        """Commit all grid steps that end at or before `now`; return the grid instant reached."""
        self._refuse_if_closed()
        step = now // a.GRID_NS
        if step * a.GRID_NS > self._reached:
            advance(self._arrays, step)
            self._reached = SimNs(step * a.GRID_NS)
            self._ego_at = self._reached
            if self._arrays.clock[a.EVENTS] > 0:
                self._collect()
        return self._reached

    def observe(self, at: SimNs) -> TruthFrame:
        """All actors at `at`, by a trial step that commits nothing; a plain copy at a committed instant."""
        self._refuse_if_closed()
        if at < self._ego_at:
            raise MachineryError(f"observation at {at} ns, but the world has already reached {self._ego_at} ns")
        committed = at == self._ego_at == self._reached
        state = self._arrays.state.copy() if committed else tried(self._arrays, at)
        state.setflags(write=False)
        return _frame(at=at, roster=self._roster, conditions=self._layout.conditions, state=state)

    def apply(self, control: Control, at: SimNs) -> SimNs:
        """Let a control act on the ego exactly from `at` on; only the ego's step is cut there."""
        self.advance_to(at)
        _refuse_if_not_finite(control)
        if at < self._ego_at:
            raise MachineryError(f"control at {at} ns, but the ego has already reached {self._ego_at} ns")
        if isinstance(control, BrakeDemand):
            self._request = control
        else:
            self._hold_mps = control.hold_speed_mps
            self._pedal_mps2 = control.pedal_mps2
        request_mps2 = max(self._request.demand_mps2, 0.0)
        pedal_mps2 = max(self._pedal_mps2, 0.0)
        sequence = self._request.request_sequence
        if not command(self._arrays, at, self._hold_mps, request_mps2, pedal_mps2, sequence):
            raise MachineryError(f"more than {a.QUEUE_ROWS} changes of brake demand within the brakes' dead time")
        self._ego_at = at
        if self._arrays.clock[a.EVENTS] > 0:
            self._collect()
        return at

    def take_events(self) -> tuple[WorldEvent, ...]:
        """What happened since the last call, in order of time."""
        events = tuple(sorted(self._events, key=lambda event: event.at))
        self._events.clear()
        return events

    def close(self) -> None:
        """Let go; may be called twice."""
        self._closed = True

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise MachineryError("the twin world is closed")

    def _collect(self) -> None:
        """Move the kernels' events into the list."""
        w = self._arrays
        for row in range(int(w.clock[a.EVENTS])):
            kind, at, actor, index = w.events_key[row].tolist()
            if kind == a.CONTACT:
                x_m, y_m, relative_mps, delta_mps = w.events[row].tolist()
                self._events.append(
                    Contact(
                        at=SimNs(at),
                        first=self._names[0],
                        second=self._names[actor],
                        x_m=x_m,
                        y_m=y_m,
                        relative_speed_mps=relative_mps,
                        delta_v_mps=delta_mps,
                    )
                )
            elif kind == a.BRAKE_ONSET:
                self._events.append(BrakeOnset(at=SimNs(at), request_sequence=index))
            else:
                index -= self._first_manoeuvre[actor]
                self._events.append(ManoeuvreBegan(at=SimNs(at), actor=self._names[actor], index=index))
        w.clock[a.EVENTS] = 0


def _refuse_if_not_finite(control: Control) -> None:
    """A demand that is no number would spoil every later state."""
    if isinstance(control, BrakeDemand):
        values: tuple[float, ...] = (control.demand_mps2,)
    else:
        values = (control.hold_speed_mps, control.pedal_mps2)
    if not all(isfinite(value) for value in values):
        raise MachineryError(f"a control must be finite: {control}")


def _first_manoeuvres(layout: Layout) -> tuple[int, ...]:
    """Row of each actor's first manoeuvre in the script."""
    rows, total = [], 0
    for plan in layout.actors:
        rows.append(total)
        total += len(plan.manoeuvres)
    return tuple(rows)
