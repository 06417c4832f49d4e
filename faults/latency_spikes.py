"""Now and then a job takes longer: garbage collection, a page fault, another tenant of the machine."""

from dataclasses import dataclass

from faults.computing import ComputeFault, FaultyCosts
from sim.attachments import Window
from sim.ports import CostSource
from stack.vocabulary import SimNs


class _Spiky(FaultyCosts):
    def __init__(self, inner: CostSource, window: Window, fault: "LatencySpikes") -> None:
        super().__init__(inner, window, fault.stage)
        self._fault = fault
        self._served: dict[str, int] = {}  # per stage: number of the last spike that hit it

    def disturb(self, stage: str, work_ns: int, now: SimNs) -> int:
        """More work for the first job of each stage that starts at or after each spike."""
        spike = (now - self.window.opens_at) // self._fault.period_ns
        if spike <= self._served.get(stage, -1):
            return work_ns
        self._served[stage] = spike
        return work_ns + self._fault.extra_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySpikes(ComputeFault):
    """A train of spikes from the onset on, `period_ns` apart: each adds `extra_ns` to one job of each stage meant."""

    period_ns: int
    extra_ns: int

    def around(self, inner: CostSource, window: Window) -> CostSource:
        """A cost source with spikes."""
        return _Spiky(inner, window, self)
