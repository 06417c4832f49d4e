"""Which fault, on which point, from when until when: the plan of one run, and what came of it.

A plan is a frozen value. Faults nest in the listed order: the first sits innermost, next to what it
wraps, each further one around it. So the last listed fault of a channel is the first to see a
published message and the last to see its deliveries. The empty plan hands everything back untouched.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from faults.triggers import NEAREST_AHEAD, ConditionTrigger, Seen, Trigger
from faults.untouched import ALL_STAGES
from sim.attachments import NEVER, BrakeLine, Fault, FaultAccount, Sensor, Timer, Window
from sim.ports import Channel, CostSource, Host
from sim.sensors import NeedsPixels
from sim.truth import TruthFrame
from stack.vocabulary import Diagnosis, Finding, InputError, Mode, topics

Windows = tuple[Window, ...]
_Wrapped = TypeVar("_Wrapped")

# Points one after the other on one way: total loss at one of them hides what happens at the others.
WAYS: tuple[tuple[str, ...], ...] = (
    *((f"sensor:{topic}", f"channel:{topic}") for topic in (*topics.INPUTS, *topics.RAW_INPUTS)),
    (f"channel:{topics.BRAKE_REQUEST}", "brake_line"),
)


class LocatedFault(Fault, Protocol):
    """A fault that also says where it acts and whether it lets anything pass there."""

    @property
    def points(self) -> tuple[str, ...]:
        """The attachment points it acts on."""
        ...

    @property
    def total_loss(self) -> bool:
        """Whether nothing passes it there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What counts as a right reaction: any of these diagnoses, any of these modes, and back again or not."""

    diagnoses: tuple[Diagnosis, ...]
    modes: tuple[Mode, ...]
    recovers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """A fault with its trigger, its duration and what the stack should make of it."""

    fault: LocatedFault
    trigger: Trigger
    duration_ns: int
    taxonomy_id: str
    expects: Expectation

    @property
    def name(self) -> str:
        """The fault file's stem."""
        return self.fault.name


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All faults of a run, innermost first. Names are unique."""

    faults: tuple[PlannedFault, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a plan that lists a fault twice."""
        names = [planned.name for planned in self.faults]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            problem = "listed more than once; list it once"
            raise InputError(tuple(Finding(where="faults", field=name, problem=problem) for name in twice))

    def windows(self, seed: int) -> Windows:
        """A fresh window per fault, in the plan's order; instants and chance are already resolved."""
        windows = tuple(Window(planned.name, planned.duration_ns) for planned in self.faults)
        for planned, window in zip(self.faults, windows, strict=True):
            onset = planned.trigger.instant(seed, planned.name)
            if onset != NEVER:
                window.open(onset)
        return windows

    def wrap_channel(self, topic: str, channel: Channel, windows: Windows, seed: int) -> Channel:
        """The channel of `topic` with every fault of the plan on it."""
        return self._nested(channel, windows, lambda fault, inner, w: fault.wrap_channel(topic, inner, w, seed))

    def wrap_sensor(
        self, topic: str, sensor: Sensor, windows: Windows, seed: int, refused: dict[str, str] | None = None
    ) -> Sensor:
        """The sensor that publishes `topic` with every fault of the plan in it.

        A fault that needs pixels raises `NeedsPixels`; with `refused` it is left out here instead, and
        its reason is noted there under its name.
        """
        for planned, window in zip(self.faults, windows, strict=True):
            try:
                sensor = planned.fault.wrap_sensor(topic, sensor, window, seed)
            except NeedsPixels as reason:
                if refused is None:
                    raise
                refused[planned.name] = str(reason)
        return sensor

    def wrap_costs(self, costs: CostSource, windows: Windows, seed: int) -> CostSource:
        """The host's cost source with every fault of the plan on it."""
        return self._nested(costs, windows, lambda fault, inner, w: fault.wrap_costs(inner, w, seed))

    def wrap_brake_line(self, line: BrakeLine, windows: Windows, seed: int) -> BrakeLine:
        """The brake line with every fault of the plan on it."""
        return self._nested(line, windows, lambda fault, inner, w: fault.wrap_brake_line(inner, w, seed))

    def attach_host(self, host: Host, timer: Timer, windows: Windows) -> None:
        """Let each fault at the host at its onset: at once if that is now, else when the timer comes to it.

        Call it once at the start with all windows, and again with those that a condition opened.
        Windows that have no onset yet, or one that has passed, are left alone.
        """
        by_name = {planned.name: planned.fault for planned in self.faults}
        for window in windows:
            fault = by_name[window.name]
            if window.opens_at == timer.now:
                fault.attach_host(host, timer, window)
            elif timer.now < window.opens_at < NEVER:
                timer.at(window.opens_at, _attachment(fault, host, timer, window))

    def watch(self, windows: Windows) -> "Watch":
        """The run-time watch over this plan's conditions."""
        return Watch(self, windows)

    def accounts(self, windows: Windows) -> tuple[FaultAccount, ...]:
        """What each fault did, for the record and the judge."""
        pairs = tuple(zip(self.faults, windows, strict=True))
        return tuple(_account(planned, window, pairs) for planned, window in pairs)

    def findings(self, stages: tuple[str, ...], actors: tuple[str, ...]) -> tuple[Finding, ...]:
        """What of this plan cannot be, given the pipeline's stages and the scenario's actors."""
        return tuple(
            finding for planned in self.faults for finding in (*_stage(planned, stages), *_target(planned, actors))
        )

    def _nested(
        self, inner: _Wrapped, windows: Windows, wrap: Callable[[LocatedFault, _Wrapped, Window], _Wrapped]
    ) -> _Wrapped:
        for planned, window in zip(self.faults, windows, strict=True):
            inner = wrap(planned.fault, inner, window)
        return inner


class Watch:
    """Looks at the truth at every grid instant and opens the windows whose condition has come."""

    def __init__(self, plan: FaultPlan, windows: Windows) -> None:
        self._seen = Seen()
        self._waiting = [
            (planned.trigger, window)
            for planned, window in zip(plan.faults, windows, strict=True)
            if isinstance(planned.trigger, ConditionTrigger)
        ]

    @property
    def waiting(self) -> bool:
        """Whether any condition has yet to come; if not, there is no need to look."""
        return bool(self._waiting)

    def observe(self, frame: TruthFrame) -> Windows:
        """Open what is due at this frame; return the windows opened now."""
        if not self._waiting:
            return ()
        self._seen = self._seen.after(frame)
        due = tuple(window for trigger, window in self._waiting if trigger.due(frame, self._seen))
        for window in due:
            window.open(frame.at)
        self._waiting = [(trigger, window) for trigger, window in self._waiting if window.opens_at == NEVER]
        return due


def _attachment(fault: LocatedFault, host: Host, timer: Timer, window: Window) -> Callable[[], None]:
    return lambda: fault.attach_host(host, timer, window)


def _account(planned: PlannedFault, window: Window, pairs: tuple[tuple[PlannedFault, Window], ...]) -> FaultAccount:
    """The books of one fault, with the names of those that mask it."""
    return FaultAccount(
        name=planned.name,
        taxonomy_id=planned.taxonomy_id,
        expected_diagnoses=tuple(diagnosis.value for diagnosis in planned.expects.diagnoses),
        expected_modes=tuple(mode.value for mode in planned.expects.modes),
        trigger=planned.trigger.kind,
        opened_at=window.opens_at,
        closed_at=window.closes_at,
        altered=window.altered,
        first_effect_at=window.first_effect_at,
        masked_by=tuple(
            other.name
            for other, others_window in pairs
            if other is not planned and _masks(other, others_window, planned, window)
        ),
    )


def skipped(account: FaultAccount, reason: str) -> FaultAccount:
    """The same account of a fault that could not be applied here."""
    return replace(account, skipped=reason)


def _masks(other: PlannedFault, others: Window, planned: PlannedFault, window: Window) -> bool:
    """Whether `other` lets nothing of `planned` through while both act.

    A fault that altered nothing is masked by any total loss on its way that overlaps it. One that
    did alter something is masked only by a total loss that outlasts it on both sides, and if it is
    itself a total loss it hides the other rather than the reverse.
    """
    if not other.fault.total_loss or not _one_way(other.fault.points, planned.fault.points):
        return False
    if NEVER in (others.opens_at, window.opens_at):
        return False
    if window.altered == 0:
        return others.opens_at < window.closes_at and window.opens_at < others.closes_at
    covers = others.opens_at <= window.opens_at and window.closes_at <= others.closes_at
    return covers and not planned.fault.total_loss


def _one_way(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether two faults act on the same point, or on points of one way."""
    if any(_same_point(a, b) for a in first for b in second):
        return True
    return any(any(a in way for a in first) and any(b in way for b in second) for way in WAYS)


def _same_point(total: str, other: str) -> bool:
    return total == other or (total == f"costs:{ALL_STAGES}" and other.startswith("costs:"))


def _stage(planned: PlannedFault, stages: tuple[str, ...]) -> tuple[Finding, ...]:
    wanted = [point.removeprefix("costs:") for point in planned.fault.points if point.startswith("costs:")]
    return tuple(
        Finding(
            where=planned.name,
            field="effect.stage",
            problem=f"this stack has no stage {stage!r}; it has {', '.join(stages)} (or say {ALL_STAGES})",
        )
        for stage in wanted
        if stage != ALL_STAGES and stage not in stages
    )


def _target(planned: PlannedFault, actors: tuple[str, ...]) -> tuple[Finding, ...]:
    condition = planned.trigger.condition if isinstance(planned.trigger, ConditionTrigger) else None
    target = getattr(condition, "target", NEAREST_AHEAD)
    if target == NEAREST_AHEAD or target in actors:
        return ()
    problem = f"this scenario has no actor {target!r}; it has {', '.join(actors)} (or say {NEAREST_AHEAD})"
    return (Finding(where=planned.name, field="trigger.to", problem=problem),)
