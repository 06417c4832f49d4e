"""Stored time: costs of an earlier run, charged again in the same order."""

from collections.abc import Callable, Sequence
from typing import Any

from sim.ports import Charge
from stack.vocabulary import MachineryError, SimNs, Stage, StageInput


class StoredCosts:
    """A CostSource that replays a list of costs in nanoseconds, one per job in order of start."""

    def __init__(self, costs_ns: Sequence[int]) -> None:
        self._costs_ns = costs_ns
        self._next = 0

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """Run the job's function and charge the next stored cost."""
        if self._next >= len(self._costs_ns):
            raise MachineryError(
                f"the stored record holds {len(self._costs_ns)} costs but {stage.name} asks for one more: "
                "this record belongs to another run or another code version"
            )
        work_ns = self._costs_ns[self._next]
        self._next += 1
        return Charge(result=run(), work_ns=work_ns)
