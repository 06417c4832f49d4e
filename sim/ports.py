"""The three sockets of the loop: World (what moves), Channel (what carries), Host (what computes).

Each port states what a caller may rely on; `tests/ports/` holds every adapter to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sim.layout import Control
from sim.truth import TruthFrame, WorldEvent
from stack.vocabulary import Message, SimNs, Stage, StageInput, WallNs


class World(Protocol):
    """What moves.

    Guarantees: time never runs backwards; the same calls give the same bytes; `observe` changes
    nothing (any number of observations, anywhere, leaves every later state equal); a control acts
    exactly at the instant `apply` returns; `close` may be called twice.
    """

    @property
    def grain_ns(self) -> int:
        """Smallest step of time this world can address: 0 for any nanosecond."""
        ...

    def advance_to(self, now: SimNs) -> SimNs:
        """Commit all steps that end at or before `now`; return the instant reached."""
        ...

    def observe(self, at: SimNs) -> TruthFrame:
        """All actors at `at`, by a trial step that commits nothing. `at` must not be before the last commit."""
        ...

    def apply(self, control: Control, at: SimNs) -> SimNs:
        """Let a control act on the ego from `at` on; return the instant from which it acts."""
        ...

    def take_events(self) -> tuple[WorldEvent, ...]:
        """What happened since the last call, in order of time."""
        ...

    def close(self) -> None:
        """Let go of everything the world holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message and the instant it arrives (`message.delivered_at` equals `at`)."""

    at: SimNs
    message: Message


class Channel(Protocol):
    """What carries a message.

    Guarantees: `carry` is called once per published message, in order of publication; it answers
    with every delivery this message causes (none: lost; several: repeated), each at or after the
    publication. A perfect channel delivers exactly one, unchanged, after a fixed transport delay.
    """

    def carry(self, message: Message) -> tuple[Delivery, ...]:
        """Where and when this message arrives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a job produced and what it cost: nanoseconds of work at full speed; below 0 never ends."""

    result: Any
    work_ns: int


class CostSource(Protocol):
    """Where a job's cost comes from: a device profile, this machine's clock, or a stored record.

    Guarantees: `charge` runs the function exactly once, before it returns.
    """

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """Run the job's function and say what it costs. `slot` is its triggering sensing slot."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAccount:
    """Messages of one stage's queue: released = finished + dropped + killed + pending."""

    stage: str
    released: int
    finished: int
    dropped: int
    killed: int
    pending: int
    deadline_misses: int


class Host(Protocol):
    """Where the stack runs.

    Guarantees: inputs leave their queue at *started*; outputs and new state appear at *finished*;
    one job per stage at a time; a job ended before it finished publishes nothing and keeps the old
    state; after a crash every state is fresh. Nothing is published before `boot` or after `close`.
    """

    def boot(self, now: SimNs) -> None:
        """Make fresh states and start the timers."""
        ...

    def deliver(self, message: Message) -> None:
        """A message reached the stack's border."""
        ...

    def crash(self, now: SimNs) -> None:
        """End every job and forget every state; boot again after the profile's restart time, if allowed."""
        ...

    def accounts(self) -> tuple[StageAccount, ...]:
        """The books of every stage."""
        ...

    def close(self) -> None:
        """Stop for good; may be called twice."""
        ...


class Pace(Protocol):
    """Wall time for the few that must wait; the real one lives in `hil`.

    Guarantees: `now_ns` never runs backwards; its zero means nothing, differences do.
    """

    def now_ns(self) -> WallNs:
        """The monotonic clock."""
        ...

    def wait_until(self, at: SimNs) -> None:
        """Return when the wall clock has reached this instant of virtual time."""
        ...
