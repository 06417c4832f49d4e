"""Measured time: this machine is the hardware, and a job costs what it took here, times a factor.

Runs made so are not repeatable by themselves; their costs are stored with the record and `hil.stored`
plays them back exactly.
"""

import time
from collections.abc import Callable
from typing import Any

from sim.ports import Charge
from stack.vocabulary import SimNs, Stage, StageInput


class MeasuredCosts:
    """A CostSource that times each job on the monotonic clock. `costs_ns` is what it charged, in order."""

    def __init__(self, factor: float) -> None:
        if not factor > 0.0:
            raise ValueError(f"the factor on measured time must be above 0, got {factor}")
        self._factor = factor
        self.costs_ns: list[int] = []

    def charge(self, stage: Stage, given: StageInput, slot: SimNs, run: Callable[[], Any]) -> Charge:
        """Run the job's function and charge the time it took, at least one nanosecond."""
        began = time.perf_counter_ns()
        result = run()
        work_ns = max(1, round((time.perf_counter_ns() - began) * self._factor))
        self.costs_ns.append(work_ns)
        return Charge(result=result, work_ns=work_ns)
