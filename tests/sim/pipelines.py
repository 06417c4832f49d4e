"""Small pipelines and hosts for tests of the host: stages with fixed costs on a device of choice."""

from dataclasses import dataclass, field

from sim.clock import Clock
from sim.device_profile import Demand, DeviceProfile, Quota, Supply, ThermalPhase
from sim.host import PipelineHost
from sim.ports import Charge
from stack.vocabulary import (
    NS_PER_MS,
    Message,
    Output,
    Protection,
    Queue,
    QueuePolicy,
    Resource,
    Stage,
    topics,
)

MS = NS_PER_MS


class FixedCosts:
    """A CostSource with a fixed cost in milliseconds per stage; `hangs` never end."""

    def __init__(self, costs_ms, hangs=()):
        self.costs_ms = costs_ms
        self.hangs = set(hangs)

    def charge(self, stage, given, slot, run):
        result = run()
        return Charge(result=result, work_ns=-1 if stage.name in self.hangs else round(self.costs_ms[stage.name] * MS))


@dataclass
class Log:
    jobs: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    events: list = field(default_factory=list)

    def note_job(self, stage, job, finished_at):
        self.jobs.append((stage, job.released_at, job.started_at, finished_at))

    def note_message(self, message):
        self.messages.append(message)

    def note_host_event(self, event):
        self.events.append(event)


def counting_step(publishes):
    def step(state, given):
        return state + 1, tuple(Output(topic=topic, payload=state) for topic in publishes)

    return step


def stage(name, triggers, publishes=(), **options):
    """A stage that counts its jobs and publishes the count."""
    values = {
        "reads": (),
        "budget_ns": 1000 * MS,
        "watchdog_ns": 10_000 * MS,
        "priority": 1,
        "queue": Queue(policy=QueuePolicy.DROP_OLDEST, depth=8),
        "resource": Resource.CPU,
        "initial": lambda: 0,
        "step": counting_step(publishes),
        "content": lambda given: 0,
    } | options
    return Stage(name=name, triggers=triggers, publishes=publishes, **values)


def profile(cores=1, accelerator=False, quota=None, thermal=(), restart_ms=100.0):
    return DeviceProfile(
        title="test",
        source="test",
        stand_in="test",
        supply=Supply(
            cores=cores,
            accelerator=accelerator,
            quota=Quota(budget_ms=quota[0], period_ms=quota[1]) if quota else None,
            thermal=tuple(ThermalPhase(name="p", speed_ratio=s, duration_s=d) for s, d in thermal),
        ),
        restart_ms=restart_ms,
        demand={"default": Demand(median_ms=1.0, p99_ms=1.0)},
    )


@dataclass
class Rig:
    clock: Clock
    host: PipelineHost
    log: Log
    out: list

    def send(self, at_ms, topic=topics.RADAR, true_at_ms=None, sequence=0):
        at = round(at_ms * MS)
        slot = at if true_at_ms is None else round(true_at_ms * MS)
        message = Message(topic=topic, sequence=sequence, true_at=slot, published_at=at, delivered_at=at, payload=None)
        self.clock.at(at, 3, 0, lambda: self.host.deliver(message))

    def run(self, until_ms):
        self.clock.run_until(round(until_ms * MS))

    def jobs_ms(self, name=None):
        return [(job[0], job[2] / MS, job[3] / MS) for job in self.log.jobs if name is None or job[0] == name]


def rig(pipeline, costs, device=None, protection=Protection.ON):
    clock, log, out = Clock(), Log(), []
    source = costs if hasattr(costs, "charge") else FixedCosts(costs)
    host = PipelineHost(
        clock=clock,
        pipeline=tuple(pipeline),
        profile=device or profile(),
        costs=source,
        protection=protection,
        seed=1,
        publish=out.append,
        log=log,
    )
    host.boot(0)
    return Rig(clock=clock, host=host, log=log, out=out)
