"""The stack dies: every state is lost, and the host starts it again if it may.

The window's length only bounds repeated crashes; a crash itself is an instant.
"""

from dataclasses import dataclass

from faults.untouched import Untouched
from sim.attachments import Timer, Window
from sim.ports import Host
from stack.vocabulary import SimNs

ONCE = 0  # repeat_every_ns of a fault that crashes the stack a single time


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash(Untouched):
    """The host crashes at the onset, and again every `repeat_every_ns` within the window (`ONCE`: not again)."""

    repeat_every_ns: int = ONCE

    @property
    def points(self) -> tuple[str, ...]:
        """The host."""
        return ("host",)

    def attach_host(self, host: Host, timer: Timer, window: Window) -> None:
        """Crash it now and, if wanted, arrange for the next time."""
        now = timer.now
        if not window.active(now):
            return
        window.note_effect(now)
        host.crash(now)
        if self.repeat_every_ns != ONCE:
            timer.at(SimNs(now + self.repeat_every_ns), lambda: self.attach_host(host, timer, window))
