"""What all compute faults share: a cost source around another, making jobs dearer or endless.

A job is touched if it starts while the window is open. The function itself runs exactly once, in
the inner source; only what it costs changes, so results differ by when they appear.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faults.untouched import ALL_STAGES, Untouched
from sim.attachments import Window
from sim.ports import Charge, CostSource
from stack.vocabulary import SimNs, Stage, StageInput

ENDLESS = -1  # work_ns of a job that never ends


class FaultyCosts(ABC):
    """A cost source around another; subclasses say what a job that starts in the window costs."""

    def __init__(self, inner: CostSource, window: Window, stage: str) -> None:
        self.inner = inner
        self.window = window
        self.stage = stage

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """As the inner source, except for the fault's stage in the window; endless work stays endless."""
        charge = self.inner.charge(stage, given, slot, run)
        meant = self.stage in (ALL_STAGES, stage.name)
        if not meant or not self.window.active(given.now) or charge.work_ns < 0:
            return charge
        work_ns = self.disturb(stage.name, charge.work_ns, given.now)
        if work_ns != charge.work_ns:
            self.window.note_effect(given.now)
        return Charge(result=charge.result, work_ns=work_ns)

    @abstractmethod
    def disturb(self, stage: str, work_ns: int, now: SimNs) -> int:
        """The work of a job of this stage that starts now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeFault(Untouched, ABC):
    """A fault of the computer: `stage` is the stage it slows, or `all`."""

    stage: str

    @property
    def points(self) -> tuple[str, ...]:
        """The costs of its stage."""
        return (f"costs:{self.stage}",)

    def wrap_costs(self, costs: CostSource, window: Window, seed: int) -> CostSource:
        """A faulty cost source around this one."""
        return self.around(costs, window)

    @abstractmethod
    def around(self, inner: CostSource, window: Window) -> CostSource:
        """The faulty cost source around `inner`."""
