"""What a device supplies over time: core speed by thermal phase, and a CPU quota with its refills.

Work is counted in nanoseconds at full speed times 1000, speed in thousandths, so that every sum is an
exact integer and a job's end does not depend on how often the books were settled.
"""

from sim.device_profile import Supply
from sim.randomness import stream_key, uniform
from stack.vocabulary import NS_PER_MS, SimNs, ns_from_s

FULL_SPEED = 1000
UNLIMITED = 2**62


class SupplyBook:
    """Speed and quota of one device during one run.

    The first thermal phase begins at a random point of the cycle (stream `thermal`), because a run
    does not begin when the device was switched on. `left_ns` is what this period's budget still holds,
    `refills_at` the instant from which `refill` gives a new one; only the book sets them.
    """

    def __init__(self, supply: Supply, seed: int) -> None:
        self.cores = supply.cores
        self.has_accelerator = supply.accelerator
        quota = supply.quota
        self._budget_ns = round(quota.budget_ms * NS_PER_MS) if quota else UNLIMITED
        self._period_ns = round(quota.period_ms * NS_PER_MS) if quota else UNLIMITED
        self.limited = quota is not None
        self.phased = bool(supply.thermal)
        self.left_ns = self._budget_ns
        self.refills_at = self._period_ns
        self._period = 0
        self._phases = tuple((int(ns_from_s(p.duration_s)), round(p.speed_ratio * FULL_SPEED)) for p in supply.thermal)
        self._cycle_ns = sum(duration for duration, _ in self._phases)
        self._shift_ns = int(uniform(stream_key(seed, "thermal"), 0, 0, 0) * self._cycle_ns) if self._phases else 0

    def refill(self, now: SimNs) -> None:
        """Give a full budget if a multiple of the period has been reached since the last call."""
        period = now // self._period_ns if self.limited else 0
        if period != self._period:
            self._period = period
            self.left_ns = self._budget_ns
            self.refills_at = (period + 1) * self._period_ns

    def spend(self, core_ns: int) -> None:
        """Take used core time from the budget of this period."""
        if self.limited:
            self.left_ns -= core_ns

    def exhaustion_in(self, running: int) -> int:
        """Nanoseconds until the budget ends with so many cores busy."""
        return max(1, -(-self.left_ns // running)) if self.limited else UNLIMITED

    def speed(self, now: SimNs) -> int:
        """Core speed in thousandths."""
        return self._phase(now)[0] if self.phased else FULL_SPEED

    def speed_change_at(self, now: SimNs) -> int:
        """When the speed next changes."""
        return self._phase(now)[1] if self.phased else UNLIMITED

    def _phase(self, now: SimNs) -> tuple[int, int]:
        into_ns = (now + self._shift_ns) % self._cycle_ns
        begin_ns = now - into_ns
        for duration_ns, speed in self._phases:
            into_ns -= duration_ns
            begin_ns += duration_ns
            if into_ns < 0:
                return speed, begin_ns
        raise AssertionError("phases cover the cycle")
