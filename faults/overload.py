"""Everything takes longer: a hog on the cores, a thermal throttle, a wrong clock."""

from dataclasses import dataclass

from faults.computing import ComputeFault, FaultyCosts
from sim.attachments import Window
from sim.ports import CostSource
from stack.vocabulary import SimNs


class _Overloaded(FaultyCosts):
    def __init__(self, inner: CostSource, window: Window, stage: str, load_ratio: float) -> None:
        super().__init__(inner, window, stage)
        self._load_ratio = load_ratio

    def disturb(self, stage: str, work_ns: int, now: SimNs) -> int:
        """So many times the work."""
        return round(work_ns * self._load_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload(ComputeFault):
    """Every job's work is multiplied by `load_ratio`."""

    load_ratio: float

    def around(self, inner: CostSource, window: Window) -> CostSource:
        """A cost source under load."""
        return _Overloaded(inner, window, self.stage, self.load_ratio)
