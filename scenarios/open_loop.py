"""A stack fed with what was delivered once: no world, no sensors, no vehicle, only clock, host and costs.

What arrives is what was recorded, at the recorded instants and in the recorded order, whatever the
stack answers. Profile, seed, protection, stack and the faults at host and costs are the run's own, so
the same code computes the same outputs at the same instants. Faults on sensors and channels are in the
deliveries already; faults whose condition is on the truth look at the recorded truth again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hil.stored import StoredCosts
from scenarios.assembly import STORED, PreparedRun, briefing_for
from scenarios.stacks import pipeline_of
from sim.clock import Clock, Order
from sim.costs import ModelledCosts
from sim.host import PipelineHost
from sim.ports import CostSource
from sim.queues import Job
from sim.recording import JobLedger
from sim.topics import row_of
from sim.truth import TruthFrame
from stack.vocabulary import Finding, HostEvent, InputError, Message, SimNs, s_from_ns

Fed = TruthFrame | Message  # in the order in which the run told them: truth of grid instants, and deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """When to stop: before anything of that instant happens, or after all of it."""

    at: SimNs
    inclusive: bool


@dataclass(slots=True)
class Heard:
    """What a stack said in open loop. A `sim.host.HostLog`."""

    published: list[Message] = field(default_factory=list)
    jobs: list[JobLedger] = field(default_factory=list)
    host_events: list[HostEvent] = field(default_factory=list)
    stack_crashes: tuple[str, ...] = ()
    fed: int = 0

    def note_job(self, stage: str, job: Job, finished_at: SimNs) -> None:
        """A job ended."""
        self.jobs.append(JobLedger(stage, job.slot, job.released_at, job.started_at, finished_at, job.work_ns))

    def note_message(self, message: Message) -> None:
        """A stage published something."""
        self.published.append(message)

    def note_host_event(self, event: HostEvent) -> None:
        """The host said something about itself."""
        self.host_events.append(event)


def open_loop(prepared: PreparedRun, fed: Iterable[Fed], end: End) -> Heard:
    """Feed a prepared run's stack; returns what it said. Raises `InputError` where costs cannot be had again."""
    request, plan = prepared.request, prepared.plan
    clock, heard = Clock(), Heard()
    windows = plan.windows(request.seed)
    watch = plan.watch(windows)
    host = PipelineHost(
        clock=clock,
        pipeline=pipeline_of(prepared.stack, briefing_for(prepared.placed, request.protection, prepared.sorted.stack)),
        profile=prepared.profile,
        costs=plan.wrap_costs(_costs(prepared), windows, request.seed),
        protection=request.protection,
        seed=request.seed,
        publish=lambda message: None,
        log=heard,
    )
    timer = _HostTimer(clock)
    plan.attach_host(host, timer, windows)

    def look(frame: TruthFrame) -> None:
        if watch.waiting:
            plan.attach_host(host, timer, watch.observe(frame))

    host.boot(SimNs(0))
    if not end.inclusive:
        clock.at(end.at, Order.WORLD, 0, clock.stop)
    _Feed(clock, iter(fed), look, host.deliver, heard).next()
    clock.run_until(end.at)
    host.close()
    heard.stack_crashes = tuple(
        f"stage {one.stage} raised {one.reason} at {s_from_ns(at):.3f} s" for at, one in host.failures
    )
    return heard


class _Feed:
    """One item ahead on the clock: each, when it has its turn, calls for the next."""

    def __init__(
        self,
        clock: Clock,
        fed: Iterator[Fed],
        look: Callable[[TruthFrame], None],
        deliver: Callable[[Message], None],
        heard: Heard,
    ) -> None:
        self._clock = clock
        self._fed = fed
        self._look = look
        self._deliver = deliver
        self._heard = heard

    def next(self) -> None:
        """Put the next item on the clock, in the place the loop gave it."""
        item = next(self._fed, None)
        if isinstance(item, TruthFrame):
            self._clock.at(item.at, Order.WORLD, 0, lambda: self._act(item, None))
        elif item is not None:
            row = row_of(item.topic)
            self._clock.at(item.delivered_at, Order.DELIVERY, row, lambda: self._act(None, item))

    def _act(self, frame: TruthFrame | None, message: Message | None) -> None:
        self.next()
        if frame is not None:
            self._look(frame)
        if message is not None:
            self._heard.fed += 1
            self._deliver(message)


class _HostTimer:
    """The clock as host faults see it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def now(self) -> SimNs:
        return self._clock.now

    def at(self, instant: SimNs, act: Callable[[], None]) -> None:
        self._clock.at(instant, Order.WATCHDOG, 950, act)


def _costs(prepared: PreparedRun) -> CostSource:
    request = prepared.request
    if request.host == STORED:
        return StoredCosts(request.stored_costs_ns)
    if request.host == "modelled":
        return ModelledCosts(prepared.profile, request.seed)
    problem = f"time of a host of kind {request.host} is not in the recording and cannot be had again"
    raise InputError((Finding(where="replay", field="host", problem=problem),))
