"""A job never ends: a deadlock, an endless loop, a driver call that does not return."""

from dataclasses import dataclass

from faults.computing import ENDLESS, ComputeFault, FaultyCosts
from sim.attachments import Window
from sim.ports import CostSource
from stack.vocabulary import SimNs


class _Hanging(FaultyCosts):
    def __init__(self, inner: CostSource, window: Window, fault: "Hang") -> None:
        super().__init__(inner, window, fault.stage)
        self._every_job = fault.every_job
        self._hung: set[str] = set()  # stages whose first job has hung; membership only

    def disturb(self, stage: str, work_ns: int, now: SimNs) -> int:
        """Endless work; once per stage, or for every job that starts."""
        if not self._every_job and stage in self._hung:
            return work_ns
        self._hung.add(stage)
        return ENDLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(ComputeFault):
    """The stage's next job never ends; with `every_job`, nor does any other that starts in the window.

    Whether the stage ever computes again after the window is the watchdog's affair.
    """

    every_job: bool

    @property
    def total_loss(self) -> bool:
        """Whether no job of its stage can finish."""
        return self.every_job

    def around(self, inner: CostSource, window: Window) -> CostSource:
        """A cost source whose jobs hang."""
        return _Hanging(inner, window, self)
