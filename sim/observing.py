"""Who may look on while a run goes: everything that happens, as it happens, without a word to say in it.

An observer is told in the order in which the loop works through its instants. It must not write into
what it is given, and what it does with it changes neither the run nor its record hash.
"""

from typing import Protocol

from sim.recording import JobLedger
from sim.truth import TruthFrame, WorldEvent
from stack.vocabulary import HostEvent, Message


class Observer(Protocol):
    """What a run tells while it goes. All messages are complete: payload, instants, ledger."""

    def note_truth(self, frame: TruthFrame) -> None:
        """The committed truth of a grid instant (every 10 ms)."""
        ...

    def note_world_event(self, event: WorldEvent) -> None:
        """A contact, brake onset or manoeuvre; it may lie before the grid instant that tells it."""
        ...

    def note_sensed(self, message: Message) -> None:
        """A sensor published something, before any channel carried it; raw payloads included."""
        ...

    def note_delivered(self, message: Message) -> None:
        """A channel delivered something, to the stack or to the vehicle; `delivered_at` is now."""
        ...

    def note_published(self, message: Message) -> None:
        """A stage published something, for another stage or out of the stack."""
        ...

    def note_job(self, ledger: JobLedger) -> None:
        """A stage's job ended; `finished_at` is -1 if it was ended before it finished."""
        ...

    def note_host_event(self, event: HostEvent) -> None:
        """The host said something about itself."""
        ...


class Deaf:
    """An observer that listens to nothing: what others build on who care for some of it only."""

    def note_truth(self, frame: TruthFrame) -> None:
        """Nothing."""

    def note_world_event(self, event: WorldEvent) -> None:
        """Nothing."""

    def note_sensed(self, message: Message) -> None:
        """Nothing."""

    def note_delivered(self, message: Message) -> None:
        """Nothing."""

    def note_published(self, message: Message) -> None:
        """Nothing."""

    def note_job(self, ledger: JobLedger) -> None:
        """Nothing."""

    def note_host_event(self, event: HostEvent) -> None:
        """Nothing."""
