"""The `effect` of a fault file that acts on the computer or the brakes: one schema per kind."""

from typing import Annotated, Literal

from pydantic import Field

from faults.brakes import LateBrakes, StuckBrakes, WeakBrakes
from faults.crash import ONCE, Crash
from faults.hang import Hang
from faults.latency_spikes import LatencySpikes
from faults.overload import Overload
from faults.plan import LocatedFault
from faults.schema import Effect, NotNegative, Positive, Ratio, ns_from_ms
from faults.untouched import ALL_STAGES


class LatencySpikesEffect(Effect):
    """Now and then a job takes longer."""

    kind: Literal["latency_spikes"]
    stage: str = ALL_STAGES
    period_ms: Positive
    extra_ms: NotNegative

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        period_ns, extra_ns = max(ns_from_ms(self.period_ms), 1), ns_from_ms(self.extra_ms)
        return LatencySpikes(name=name, stage=self.stage, period_ns=period_ns, extra_ns=extra_ns)


class OverloadEffect(Effect):
    """Every job takes so many times the work."""

    kind: Literal["overload"]
    stage: str = ALL_STAGES
    load_ratio: Annotated[float, Field(ge=1.0)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Overload(name=name, stage=self.stage, load_ratio=self.load_ratio)


class HangEffect(Effect):
    """A job never ends."""

    kind: Literal["hang"]
    stage: str
    every_job: bool = True

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Hang(name=name, stage=self.stage, every_job=self.every_job)


class CrashEffect(Effect):
    """The stack dies; `repeat_every_s` 0 is once."""

    kind: Literal["crash"]
    repeat_every_s: NotNegative = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Crash(name=name, repeat_every_ns=ns_from_ms(self.repeat_every_s * 1000.0) or ONCE)


class LateBrakesEffect(Effect):
    """Demands reach the brakes late."""

    kind: Literal["late_brakes"]
    delay_ms: NotNegative

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return LateBrakes(name=name, delay_ns=ns_from_ms(self.delay_ms))


class WeakBrakesEffect(Effect):
    """Only a share of each demand reaches the brakes."""

    kind: Literal["weak_brakes"]
    effect_ratio: Ratio

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return WeakBrakes(name=name, effect_ratio=self.effect_ratio)


class StuckBrakesEffect(Effect):
    """The brakes stay where they are."""

    kind: Literal["stuck_brakes"]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return StuckBrakes(name=name)
