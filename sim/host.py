"""The Host that runs a pipeline in virtual time: pre-emptive fixed priorities over modelled cores.

Inputs leave their queue at *started*; the stage's function really runs then, in zero virtual time, on
what was there; output and new state appear at *finished*. One job per stage at a time; over all cores
the smallest priority number runs, first released first, then table row; accelerator jobs are never
pre-empted; pre-emption moves only *finished*. A function that raises crashes the stack when its job
finishes: an event inside the run, followed by a restart as after every crash. Where a job's cost comes
from is the CostSource's business, so the same host serves modelled, measured and stored time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sim.clock import Clock, Order
from sim.device_profile import DeviceProfile
from sim.ports import CostSource, StageAccount
from sim.queues import Job, StageDesk
from sim.supply import FULL_SPEED, UNLIMITED, SupplyBook
from stack.vocabulary import (
    NS_PER_MS,
    HostEvent,
    HostEventKind,
    MachineryError,
    Message,
    Output,
    Pipeline,
    Protection,
    QueuePolicy,
    Resource,
    SimNs,
    Stage,
    StageInput,
    StageStamp,
    topics,
)
from stack.vocabulary.construction import maker


class HostLog(Protocol):
    """Who keeps the host's books beyond the run."""

    def note_job(self, stage: str, job: Job, finished_at: SimNs) -> None:
        """A job ended (-1: it was ended before it finished)."""
        ...

    def note_message(self, message: Message) -> None:
        """A stage published something."""
        ...

    def note_host_event(self, event: HostEvent) -> None:
        """The host has something to say about itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A stage's function raised: which stage, and what it said. In place of the job's result."""

    stage: str
    reason: str


class PipelineHost:
    """A Host on the loop's clock. `publish` receives every message that leaves the stack."""

    def __init__(
        self,
        *,
        clock: Clock,
        pipeline: Pipeline,
        profile: DeviceProfile,
        costs: CostSource,
        protection: Protection,
        seed: int,
        publish: Callable[[Message], None],
        log: HostLog,
    ) -> None:
        self._clock = clock
        self._costs = costs
        self._publish = publish
        self._log = log
        self._supply = SupplyBook(profile.supply, seed)
        self._restart_ns = round(profile.restart_ms * NS_PER_MS)
        self._protected = protection is Protection.ON
        self._waiting: list[StageDesk] = []  # desks with something in their queue, in no order
        here = self._supply.has_accelerator
        self._desks = tuple(
            StageDesk(row, stage, self._waiting, here and stage.resource is Resource.ACCELERATOR)
            for row, stage in enumerate(pipeline)
        )
        self._routes = _routes_of(self._desks)
        self._check_blocking(pipeline)
        self._can_block = any(desk.blocks for desk in self._desks)
        self._jobs: list[Job] = []  # started CPU jobs, running or pre-empted
        self._running: list[Job] = []
        self._on_accelerator: Job | None = None
        self._settled_at = SimNs(0)
        self._speed = FULL_SPEED
        self._wake_at = -1  # the one wake-up that counts (-1: none)
        self._dispatch_due = False
        self._up = False
        self._boots = 0
        self._closed = False
        self._sequences: dict[str, int] = {}
        self.failures: list[tuple[SimNs, Failure]] = []

    # -- the port -------------------------------------------------------------------------------

    def boot(self, now: SimNs) -> None:
        """Make fresh states and start the timers."""
        if self._closed:
            return
        self._up = True
        self._boots += 1
        self._settled_at = now
        for desk in self._desks:
            desk.state = desk.stage.initial()
            if desk.stage.every_ns > 0:
                self._arm_timer(desk, self._boots, now)
        if self._boots > 1:
            self._tell(HostEvent(kind=HostEventKind.STACK_RESTARTED, stage="", at=now))

    def deliver(self, message: Message) -> None:
        """A message reached the stack's border; nobody is there while the stack is down."""
        if self._up:
            self._route(message)

    def crash(self, now: SimNs) -> None:
        """End every job and forget every state; boot again later if protection is on."""
        if not self._up or self._closed:
            return
        self._settle(now)
        for desk in self._desks:
            if desk.job is not None:
                self._log.note_job(desk.stage.name, desk.job, SimNs(-1))
            desk.clear()
        self._jobs.clear()
        self._running.clear()
        self._on_accelerator = None
        self._up = False
        self._wake_at = -1
        if self._protected:
            at = SimNs(now + self._restart_ns)
            self._clock.at(at, Order.WATCHDOG, 0, lambda: self.boot(at))

    def accounts(self) -> tuple[StageAccount, ...]:
        """The books of every stage, in table order."""
        return tuple(desk.account() for desk in self._desks)

    def close(self) -> None:
        """Stop for good."""
        self._closed = True
        self._up = False
        self._wake_at = -1

    # -- messages -------------------------------------------------------------------------------

    def _route(self, message: Message) -> None:
        """Keep the reading for those who read this topic, and release those it triggers."""
        topic = message.topic
        readers, targets, _ = self._routes.get(topic, _NOWHERE)
        for desk in readers:
            desk.latest[topic] = message
        for desk in targets:
            desk.put(message, self._clock.now)
            if not self._dispatch_due:
                self._want_dispatch()

    def _tell(self, event: HostEvent) -> None:
        """Publish an event of the host itself, inside and on the record."""
        self._log.note_host_event(event)
        if self._up:
            self._route(self._message(topics.HOST_EVENTS, event, event.at, ()))

    def _message(self, topic: str, payload: object, true_at: SimNs, ledger: tuple[StageStamp, ...]) -> Message:
        sequence = self._sequences.get(topic, -1) + 1
        self._sequences[topic] = sequence
        now = self._clock.now
        return _message(
            topic=topic,
            sequence=sequence,
            true_at=true_at,
            published_at=now,
            delivered_at=now,
            payload=payload,
            ledger=ledger,
        )

    # -- time -----------------------------------------------------------------------------------

    def _want_dispatch(self) -> None:
        if not self._dispatch_due:
            self._dispatch_due = True
            self._clock.at(self._clock.now, Order.STAGE_START, 0, self._dispatch)

    def _settle(self, now: SimNs) -> None:
        """Charge the work done since the books were last settled."""
        elapsed, supply = now - self._settled_at, self._supply
        if elapsed > 0:
            running = self._running
            if running:
                done = elapsed * self._speed
                for job in running:
                    if job.work_ns >= 0:
                        job.remaining -= done
                supply.spend(elapsed * len(running))
            accelerated = self._on_accelerator
            if accelerated is not None and accelerated.work_ns >= 0:
                accelerated.remaining -= elapsed * self._speed
            self._settled_at = now
        if now >= supply.refills_at:
            supply.refill(now)

    def _dispatch(self) -> None:
        """Decide what runs from now on, start what may start, and set the next wake-up."""
        self._dispatch_due = False
        if not self._up:
            return
        now, supply = self._clock.now, self._supply
        if now != self._settled_at or now >= supply.refills_at:
            self._settle(now)
        if supply.phased:
            self._speed = supply.speed(now)
        waiting: list[StageDesk] = []
        for_accelerator: list[StageDesk] = []
        for desk in self._waiting:
            if desk.job is None and not desk.held_back:
                (for_accelerator if desk.accelerated else waiting).append(desk)
        if for_accelerator and self._on_accelerator is None:
            self._on_accelerator = self._start(min(for_accelerator, key=_order), now)
        self._start_on_cores(waiting, now)
        self._plan_wake(now)

    def _start_on_cores(self, waiting: list[StageDesk], now: SimNs) -> None:
        """The first jobs by priority, release and row get the cores; new ones start only with a core."""
        if self._supply.left_ns <= 0:
            self._running = []
            return
        jobs, cores = self._jobs, self._supply.cores
        if len(jobs) + len(waiting) <= cores:
            if len(waiting) > 1:
                waiting.sort(key=_order)
            for desk in waiting:
                jobs.append(self._start(desk, now))
            self._running = jobs.copy()
            return
        line: list[Job | StageDesk] = [*jobs, *waiting]
        line.sort(key=_order)
        self._running = []
        for item in line[:cores]:
            if isinstance(item, Job):
                self._running.append(item)
            else:
                job = self._start(item, now)
                jobs.append(job)
                self._running.append(job)

    def _start(self, desk: StageDesk, now: SimNs) -> Job:
        job = desk.take(now)
        if job.trigger is not None and job.trigger.topic != topics.HOST_EVENTS:
            desk.rests_on = job.trigger
        if self._can_block:
            self._let_in_held_back(desk)
        given = _given(now=now, messages=job.messages, latest=desk.latest)
        stage = desk.stage
        charge = self._costs.charge(stage, given, job.slot, partial(_stepped, stage, desk.state, given))
        job.result = charge.result
        job.work_ns = charge.work_ns
        job.remaining = charge.work_ns * 1000
        desk.job = job
        return job

    def _let_in_held_back(self, target: StageDesk) -> None:
        """A place became free: whoever held outputs back for it may put them in, in table order."""
        for desk in self._desks:
            while desk.held_back and desk.held_back[0][0] is target and not target.full:
                target.put(desk.held_back.popleft()[1], self._clock.now)
                self._want_dispatch()

    def _plan_wake(self, now: SimNs) -> None:
        """One wake-up at the next instant at which a job ends, the quota ends or refills, or the speed changes."""
        running, supply, speed, accelerated = self._running, self._supply, self._speed, self._on_accelerator
        next_at = UNLIMITED
        overrun_at = UNLIMITED if len(running) == len(self._jobs) else -1  # woken later than this, one may overrun
        busy = running if accelerated is None else [*running, accelerated]
        for job in busy:
            remaining = job.remaining
            if job.work_ns >= 0:
                ends_at = now - (-remaining // speed) if remaining > 0 else now
                if ends_at < next_at:
                    next_at = ends_at
                overruns_at = job.limit_at - remaining // speed
                if overruns_at < overrun_at:
                    overrun_at = overruns_at
            else:
                overrun_at = -1
        if supply.limited and (self._jobs or supply.left_ns <= 0):
            if running:
                exhausted_at = now + supply.exhaustion_in(len(running))
                if exhausted_at < next_at:
                    next_at = exhausted_at
            if supply.refills_at < next_at:
                next_at = supply.refills_at
        if supply.phased and busy:
            next_at = min(next_at, supply.speed_change_at(now))
        if self._protected and next_at > overrun_at:
            for job in self._jobs if accelerated is None else [*self._jobs, accelerated]:
                if not job.armed and (job.work_ns < 0 or next_at + job.remaining // speed > job.limit_at):
                    self._arm_watchdog(job)
        if next_at != self._wake_at:
            self._wake_at = next_at if next_at < UNLIMITED else -1
            if next_at < UNLIMITED:
                self._clock.at(SimNs(next_at), Order.STAGE_FINISH, 0, self._wake)

    def _wake(self) -> None:
        if self._clock.now != self._wake_at or not self._up:
            return  # planned before something moved the next wake-up
        self._wake_at = -1
        now = self._clock.now
        self._settle(now)
        jobs = self._running if self._on_accelerator is None else [*self._running, self._on_accelerator]
        ended = [job for job in jobs if job.remaining <= 0 <= job.work_ns]
        if len(ended) > 1:
            ended.sort(key=_row)
        due, self._dispatch_due = self._dispatch_due, True  # the jobs' outputs need not ask for it
        for job in ended:
            if self._up:  # a job of this instant may have taken the stack down
                self._finish(job, now)
        if not due:
            self._clock.last_at(Order.STAGE_START, 0, self._dispatch)

    def _finish(self, job: Job, now: SimNs) -> None:
        if isinstance(job.result, Failure):
            self._fail(job.result, now)
            return
        desk = job.desk
        self._release_resource(job)
        desk.finished += len(job.messages) or 1
        desk.job = None
        desk.state, outputs = job.result
        stage = desk.stage
        name = stage.name
        stamp = _stamp(stage=name, released_at=job.released_at, started_at=job.started_at, finished_at=now)
        self._log.note_job(name, job, now)
        self._publish_outputs(desk, job, outputs, stamp)
        if now - job.released_at > stage.budget_ns:
            desk.deadline_misses += 1
            self._tell(HostEvent(kind=HostEventKind.DEADLINE_MISSED, stage=name, at=now))

    def _fail(self, failure: Failure, now: SimNs) -> None:
        """A stage raised: the stack under test is down from the instant the job would have finished."""
        self.failures.append((now, failure))
        self._log.note_host_event(HostEvent(kind=HostEventKind.STACK_CRASHED, stage=failure.stage, at=now))
        self.crash(now)

    def _publish_outputs(self, desk: StageDesk, job: Job, outputs: tuple[Output, ...], stamp: StageStamp) -> None:
        """Hand on what a job published: to the record, to readers, to queues, and out of the stack.

        A dispatch follows anyway: jobs finish in wake-ups only.
        """
        basis = desk.rests_on if job.trigger is None else job.trigger
        ledger = (stamp,) if basis is None else (*basis.ledger, stamp)
        true_at = job.slot if basis is None else basis.true_at
        publishes, note_message, routes = desk.stage.publishes, self._log.note_message, self._routes
        for output in outputs:
            topic = output.topic
            if topic not in publishes:
                raise MachineryError(f"stage {desk.stage.name} published {topic}, which its row does not declare")
            message = self._message(topic, output.payload, true_at, ledger)
            note_message(message)
            readers, targets, leaves = routes.get(topic, _NOWHERE)
            for reader in readers:
                reader.latest[topic] = message
            for target in targets:
                if target.blocks and target.full:
                    desk.held_back.append((target, message))
                else:
                    target.put(message, message.published_at)
            if leaves:
                self._publish(message)

    def _release_resource(self, job: Job) -> None:
        if job is self._on_accelerator:
            self._on_accelerator = None
        else:
            self._jobs.remove(job)
            running = self._running
            if job in running:
                running.remove(job)

    # -- timers and watchdogs -------------------------------------------------------------------

    def _arm_timer(self, desk: StageDesk, boot: int, now: SimNs) -> None:
        at = SimNs(now + desk.stage.every_ns)
        self._clock.at(at, Order.DELIVERY, 900, lambda: self._timer(desk, boot, at))

    def _timer(self, desk: StageDesk, boot: int, now: SimNs) -> None:
        if boot != self._boots or not self._up:
            return
        if desk.job is None and not desk.queue:  # busy stages need no reminder
            desk.put(None, now)
            self._want_dispatch()
        self._arm_timer(desk, boot, now)

    def _arm_watchdog(self, job: Job) -> None:
        """Watch a job from when it could first overrun: hung, pre-empted, stalled, or longer than its limit."""
        job.armed = True
        at = SimNs(max(job.limit_at, self._clock.now))
        self._clock.at(at, Order.WATCHDOG, job.desk.row, partial(self._bark, job))

    def _bark(self, job: Job) -> None:
        """End a job that is still there: nothing is published, the old state stays."""
        desk = job.desk
        if not self._up or desk.job is not job:
            return
        now = self._clock.now
        self._settle(now)
        desk.killed += desk.job_size()
        self._release_resource(job)
        desk.job = None
        if desk.stage.disposable:
            desk.state = desk.stage.initial()
        self._log.note_job(desk.stage.name, job, SimNs(-1))
        self._tell(HostEvent(kind=HostEventKind.STAGE_KILLED, stage=desk.stage.name, at=now))
        self._want_dispatch()

    def _check_blocking(self, pipeline: Pipeline) -> None:
        """A queue that blocks must be fed by stages only: a sensor cannot be made to wait."""
        outside = set(topics.INPUTS)
        for stage in pipeline:
            if stage.queue.policy is QueuePolicy.BLOCK and outside.intersection(stage.triggers):
                raise ValueError(f"stage {stage.name}: a queue fed from outside the stack cannot block")


Route = tuple[
    list[StageDesk], list[StageDesk], bool
]  # who reads a topic, whom it releases, whether it leaves the stack
_NOWHERE: Route = ([], [], False)
_message, _stamp, _given = maker(Message), maker(StageStamp), maker(StageInput)


def _stepped(stage: Stage, state: object, given: StageInput) -> object:
    """What the stage's function gives, or its failure: an exception in the stack under test ends no run."""
    try:
        after, outputs = stage.step(state, given)
        return after, outputs
    except MachineryError:
        raise
    except Exception as problem:
        return Failure(stage=stage.name, reason=f"{type(problem).__name__}: {problem}")


def _routes_of(desks: tuple[StageDesk, ...]) -> dict[str, Route]:
    """Where each topic goes that somebody reads, waits for, or that leaves the stack."""
    routes: dict[str, Route] = {topic: ([], [], True) for topic in topics.OUTPUTS}
    for desk in desks:
        for topic in desk.stage.reads:
            routes.setdefault(topic, ([], [], False))[0].append(desk)
        for topic in desk.stage.triggers:
            routes.setdefault(topic, ([], [], False))[1].append(desk)
    return routes


def _order(candidate: Job | StageDesk) -> tuple[int, SimNs, int]:
    return candidate.order


def _row(job: Job) -> int:
    return job.desk.row
