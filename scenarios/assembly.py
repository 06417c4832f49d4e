"""The one place that wires a run: from names and files to world, sensors, channels, host and loop.

`prepare` resolves everything a run depends on, refuses with all findings at once, and fixes the key;
`PreparedRun.play` builds fresh parts and plays them. Nothing else in the project imports a stack's
pipeline or connects a fault to what it disturbs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from faults.plan import FaultPlan, Watch, Windows, skipped
from hil.measured import MeasuredCosts
from hil.stored import StoredCosts
from scenarios import sensing
from scenarios.carla_rig_files import StreamFolder, read_carla_rig
from scenarios.documents import nearest, read_document
from scenarios.fault_files import read_fault
from scenarios.keys import RunKey, code_version, plain
from scenarios.maps import load_map
from scenarios.overrides import Sorted, sort_overrides
from scenarios.prepared import EndSettled, PreparedScenario, prepare_scenario
from scenarios.rig_files import DEFAULT_RIG, RawSensor, read_rig
from scenarios.settling import Settling, not_before
from scenarios.stacks import StackEntry, find_stack, pipeline_of
from scenarios.worlds import TWIN, WorldFacts, open_world, told_by, world_facts, world_findings
from sim.actuator import DirectLine
from sim.attachments import NEVER, FaultAccount
from sim.carla_client.background import EMPTY, Background
from sim.carla_client.opening import Extras
from sim.channels import PerfectChannel
from sim.clock import Clock, Order
from sim.costs import ModelledCosts
from sim.device_profile import PROFILE_FOLDER, DeviceProfile, profile_names
from sim.digest import Digest
from sim.driver import DRIVERS
from sim.host import PipelineHost
from sim.layout import ActorPlan, Behaviour, Layout, VehicleModel
from sim.loop import ClosedLoop, EndRule, SensorPlan
from sim.observing import Observer
from sim.ports import Channel, CostSource, Host, World
from sim.recorder import Recorder
from sim.recording import RunRecord
from sim.scenery.assembly import scenery_of
from sim.scenery.scene import Scenery
from sim.topics import TOPICS, row_of
from sim.truth import Roster, TruthFrame
from stack.vocabulary import Briefing, Finding, InputError, Protection, SimNs, s_from_ns, topics
from stack.vocabulary.topics import kind_of

DEFAULT_PROFILE = "edge_soc"
HOSTS = ("modelled", "measured")
DRAWN_RIG = "take --rig dash_cam"
STORED = "stored"  # the costs of a measured run, charged again

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asks for: names and overrides, nothing resolved yet."""

    scenario: str
    overrides: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    seed: int = 0
    profile: str = DEFAULT_PROFILE
    rig: str = DEFAULT_RIG
    stack: str = "reference"
    protection: Protection = Protection.ON
    host: str = "modelled"  # one of HOSTS, or STORED
    measured_factor: float = 1.0
    stored_costs_ns: tuple[int, ...] = ()
    world: str = TWIN  # or the address of a CARLA server
    background: Background = EMPTY  # of a CARLA server
    carla_rig: str = ""  # CARLA's own sensors, recorded beside the run

    @property
    def run_id(self) -> str:
        """`scenario+fault+fault#seed`, with profile, rig and world when they are not the default."""
        stem = Path(self.scenario).stem if self.scenario.endswith((".yaml", ".yml")) else self.scenario
        faults = "".join(f"+{Path(name).stem}" for name in self.faults)
        profile = "" if self.profile == DEFAULT_PROFILE else f"@{Path(self.profile).stem}"
        rig = "" if self.rig == DEFAULT_RIG else f"@{Path(self.rig).stem}"
        world = "" if self.world == TWIN else f"@{self.world.partition(':')[0]}"
        return f"{stem}{faults}#{self.seed}{profile}{rig}{world}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A run's record, the costs its jobs were charged (empty unless measured), and how the stack crashed, if it did.

    `world` is what a world that is not exact says of itself; empty for the twin.
    """

    record: RunRecord
    costs_ns: tuple[int, ...]
    failures: tuple[str, ...]
    world: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """A run ready to be played: every input resolved, the key fixed."""

    request: RunRequest
    placed: PreparedScenario
    plan: FaultPlan
    profile: DeviceProfile
    rig: tuple[RawSensor, ...]
    stack: StackEntry
    sorted: Sorted
    key: RunKey

    def play(
        self,
        *,
        digest: bool = True,
        observe: "Callable[[Playing], Observer] | None" = None,
        streams_in: Path | None = None,
    ) -> Played:
        """Build fresh parts and play the run; `observe` is asked for an observer once the parts exist.

        What CARLA's own sensors send goes into the folder `streams_in`, if there is one.
        """
        return _play(self, digest, observe, streams_in)

    def scenery(self, roster: Roster) -> Scenery:
        """The geometry of this run, fresh."""
        layout = _with_all(self.placed.layout, roster)
        return scenery_of(load_map(layout.map_name), layout, roster)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Playing:
    """The parts of a run about to be played, for those who watch it."""

    prepared: PreparedRun
    roster: Roster
    scenery: Scenery
    sensors: tuple[SensorPlan, ...]


def prepare(request: RunRequest) -> PreparedRun:
    """Resolve everything; raises `InputError` with the findings of all files and options together."""
    split = sort_overrides(request.overrides, request.faults)
    findings = [*split.findings, *_host_findings(request), *world_findings(request.world, request.background)]
    streams = _gather(findings, lambda: read_carla_rig(request.carla_rig))
    if streams and request.world == TWIN:
        problem = f"the twin has none of CARLA's sensors; take --world carla://HOST:PORT, or {DRAWN_RIG}"
        findings.append(Finding(where="--carla-rig", field=request.carla_rig, problem=problem))
    placed = _gather(findings, lambda: prepare_scenario(request.scenario, split.scenario, seed=request.seed))
    plan = _plan(request, split, findings)
    profile = _gather(findings, lambda: find_profile(request.profile))
    rig = _gather(findings, lambda: read_rig(request.rig, split.sensors))
    stack = _gather(findings, lambda: find_stack(request.stack))
    if placed is not None and stack is not None:
        briefing = briefing_for(placed, request.protection, split.stack)
        pipeline = _gather(findings, lambda: pipeline_of(stack, briefing))
        if plan is not None and pipeline is not None:
            stages = tuple(stage.name for stage in pipeline)
            findings += plan.findings(stages, tuple(actor.name for actor in placed.layout.actors))
    if plan is not None and rig is not None:
        findings += _absent(plan, rig)
    if findings or placed is None or plan is None or profile is None or rig is None or stack is None:
        raise InputError(tuple(dict.fromkeys(findings)))
    return PreparedRun(
        request=request,
        placed=placed,
        plan=plan,
        profile=profile,
        rig=rig,
        stack=stack,
        sorted=split,
        key=_key(request, placed, plan, profile, rig, stack, split),
    )


def _with_all(layout: Layout, roster: Roster) -> Layout:
    """The layout with those whom the world added: they stand for nothing of the map and move on the ego's level."""
    known = len(layout.actors)
    added = [
        ActorPlan(
            name=name,
            kind=roster.kinds[row],
            size_m=(float(roster.size_m[row, 0]), float(roster.size_m[row, 1]), float(roster.size_m[row, 2])),
            mass_kg=float(roster.mass_kg[row]),
            route=layout.actors[0].route,
            s_m=layout.actors[0].s_m,
            behaviour=Behaviour.SCRIPTED,
        )
        for row, name in enumerate(roster.names)
        if row >= known
    ]
    return replace(layout, actors=(*layout.actors, *added)) if added else layout


def _gather(findings: list[Finding], make: Callable[[], T]) -> T | None:
    """What `make` gives; its findings are kept if it refuses."""
    try:
        return make()
    except InputError as error:
        findings.extend(error.findings)
        return None


def _plan(request: RunRequest, split: Sorted, findings: list[Finding]) -> FaultPlan | None:
    """The faults by name or file, with their overrides."""
    planned = [
        _gather(findings, partial(read_fault, name, split.faults.get(Path(name).stem, {}))) for name in request.faults
    ]
    known = tuple(one for one in planned if one is not None)
    return _gather(findings, lambda: FaultPlan(known)) if len(known) == len(planned) else None


def _absent(plan: FaultPlan, rig: tuple[RawSensor, ...]) -> list[Finding]:
    """Faults of raw sensors that this run does not have."""
    there = {sensor.topic for sensor in rig} | {kind_of(sensor.topic) for sensor in rig}
    findings = []
    for planned in plan.faults:
        wanted = [point.partition(":")[2] for point in planned.fault.points]
        raw = [topic for topic in wanted if kind_of(topic) in topics.RAW_INPUTS]
        if raw and len(raw) == len(wanted) and not there.intersection(raw):
            problem = f"this run has no {raw[0]}: take a --rig that has, say pixels"
            findings.append(Finding(where=planned.name, field="effect.topic", problem=problem))
    return findings


def _host_findings(request: RunRequest) -> list[Finding]:
    """What is wrong with where the run is to be computed."""
    findings = []
    if request.host not in HOSTS and not (request.host == STORED and request.stored_costs_ns):
        problem = f"no such host{nearest(request.host, HOSTS)}"
        findings.append(Finding(where="--host", field=request.host, problem=problem))
    if not (isfinite(request.measured_factor) and request.measured_factor > 0.0):
        problem = "measured time must be charged times a number above 0"
        findings.append(Finding(where="--factor", field=f"{request.measured_factor:g}", problem=problem))
    return findings


def find_profile(name_or_path: str) -> DeviceProfile:
    """A shipped profile by name or a profile file by path."""
    if name_or_path.endswith((".yaml", ".yml")):
        return read_document(Path(name_or_path), DeviceProfile)
    if name_or_path not in profile_names():
        problem = f"no profile of this name{nearest(name_or_path, profile_names())}"
        raise InputError((Finding(where="--profile", field=name_or_path, problem=problem),))
    return read_document(PROFILE_FOLDER / f"{name_or_path}.yaml", DeviceProfile)


def briefing_for(placed: PreparedScenario, protection: Protection, settings: Mapping[str, float]) -> Briefing:
    """What the stack is told of its vehicle and its run."""
    vehicle = ego_vehicle(placed.layout)
    return Briefing(
        length_m=vehicle.length_m,
        width_m=vehicle.width_m,
        wheelbase_m=vehicle.wheelbase_m,
        brake_max_mps2=vehicle.brake_max_mps2,
        brake_dead_time_s=vehicle.brake_dead_time_ns / 1e9,
        brake_lag_s=vehicle.brake_lag_s,
        protection=protection,
        functional_part_at=placed.functional_part_at,
        settings=dict(settings),
    )


def ego_vehicle(layout: Layout) -> VehicleModel:
    """The ego's vehicle file."""
    vehicle = layout.actors[0].vehicle
    if vehicle is None:
        raise ValueError("the ego of a layout needs a vehicle")
    return vehicle


def _key(
    request: RunRequest,
    placed: PreparedScenario,
    plan: FaultPlan,
    profile: DeviceProfile,
    rig: tuple[RawSensor, ...],
    stack: StackEntry,
    split: Sorted,
) -> RunKey:
    road = load_map(placed.layout.map_name)
    vehicle = plain(ego_vehicle(placed.layout))
    return RunKey(
        scenario={"name": placed.name, "resolved": plain(placed.resolved), "vehicle": vehicle},
        faults=tuple(plain(planned) for planned in plan.faults),
        protection=request.protection.value,
        stack=stack.identity | {"settings": {name: split.stack[name] for name in sorted(split.stack)}},
        host={
            "kind": "measured" if request.host == STORED else request.host,
            "profile": profile.model_dump(mode="json"),
            "factor": request.measured_factor if request.host != "modelled" else 1.0,
            "latency_ns": {topic: split.latency_ns[topic] for topic in sorted(split.latency_ns)},
        },
        seed=request.seed,
        world=_world_facts(request, placed).document(placed.layout.map_name, road.digest),
        sensors=sensing.documents(split.sensors, rig),
        bundle_digest="",
        code_version=code_version(),
    )


def _world_facts(request: RunRequest, placed: PreparedScenario) -> WorldFacts:
    return world_facts(request.world, placed.layout, request.background, read_carla_rig(request.carla_rig))


class _Hooks:
    """The loop's view of a fault plan."""

    def __init__(self, plan: FaultPlan, windows: Windows, refused: Mapping[str, str]) -> None:
        self._plan = plan
        self._windows = windows
        self._watch: Watch = plan.watch(windows)
        self._refused = refused

    def start(self, host: Host, clock: Clock) -> None:
        self._plan.attach_host(host, _LoopTimer(clock), self._windows)

    def watch(self, frame: TruthFrame, host: Host, clock: Clock) -> None:
        if self._watch.waiting:
            opened = self._watch.observe(frame)
            if opened:
                self._plan.attach_host(host, _LoopTimer(clock), opened)

    def accounts(self) -> tuple[FaultAccount, ...]:
        accounts = self._plan.accounts(self._windows)
        return tuple(skipped(one, self._refused[one.name]) if one.name in self._refused else one for one in accounts)


class _LoopTimer:
    """The loop's clock as host faults see it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def now(self) -> SimNs:
        return self._clock.now

    def at(self, instant: SimNs, act: Callable[[], None]) -> None:
        self._clock.at(instant, Order.WATCHDOG, 950, act)


def _costs(prepared: PreparedRun) -> CostSource:
    request = prepared.request
    if request.host == "measured":
        return MeasuredCosts(request.measured_factor)
    if request.host == STORED:
        return StoredCosts(request.stored_costs_ns)
    return ModelledCosts(prepared.profile, request.seed)


def _play(
    prepared: PreparedRun,
    with_digest: bool,
    observe: Callable[[Playing], Observer] | None,
    streams_in: Path | None,
) -> Played:
    request = prepared.request
    folder = StreamFolder(streams_in)
    extras = Extras(background=request.background, streams=read_carla_rig(request.carla_rig), sink=folder.take)
    world = open_world(request.world, prepared.placed.layout, extras)
    try:
        played = _played(prepared, world, with_digest, observe)
    finally:
        world.close()
        folder.close()
    digests = folder.digests()
    return replace(played, world=played.world | {"stream_digests": digests}) if digests else played


def _played(
    prepared: PreparedRun, world: World, with_digest: bool, observe: Callable[[Playing], Observer] | None
) -> Played:
    request, placed, plan = prepared.request, prepared.placed, prepared.plan
    roster = world.observe(SimNs(0)).roster
    scenery = prepared.scenery(roster)
    clock = Clock()
    windows = plan.windows(request.seed)
    loop: ClosedLoop
    sensors, refused = _sensors(prepared, roster, scenery, windows, lambda: loop.driver.pedals())
    sensors, moved_ns = sensing.on_ticks(sensors, world.grain_ns)
    observer = None
    if observe is not None:
        observer = observe(Playing(prepared=prepared, roster=roster, scenery=scenery, sensors=sensors))
    recorder = Recorder(Digest(with_digest), roster, placed.layout.conditions, observer)
    hooks = _Hooks(plan, windows, refused)
    loop = ClosedLoop(
        clock=clock,
        world=world,
        sensors=sensors,
        channels=_channels(prepared, windows, sensors),
        recorder=recorder,
        protection=request.protection,
        line=plan.wrap_brake_line(DirectLine(), windows, request.seed),
        driver=DRIVERS[placed.driver],
        hold_speed_mps=placed.layout.actors[0].speed_mps,
        hooks=hooks,
        end=_end_rule(placed),
        functional_part_at=placed.functional_part_at,
    )
    costs = _costs(prepared)
    host = PipelineHost(
        clock=clock,
        pipeline=pipeline_of(prepared.stack, briefing_for(placed, request.protection, prepared.sorted.stack)),
        profile=prepared.profile,
        costs=plan.wrap_costs(costs, windows, request.seed),
        protection=request.protection,
        seed=request.seed,
        publish=loop.publish,
        log=recorder,
    )
    hooks.start(host, clock)
    record = loop.run(host, request.run_id, request.seed)
    failures = tuple(f"stage {one.stage} raised {one.reason} at {s_from_ns(at):.3f} s" for at, one in host.failures)
    charged = tuple(costs.costs_ns) if isinstance(costs, MeasuredCosts) else ()
    said = told_by(world)
    if said:
        said["sensors_moved_ns"] = moved_ns
    return Played(record=record, costs_ns=charged, failures=failures, world=said)


def _sensors(
    prepared: PreparedRun, roster: Roster, scenery: Scenery, windows: Windows, pedals: sensing.Pedals
) -> tuple[tuple[SensorPlan, ...], dict[str, str]]:
    """The sensors with the plan's faults in them, and by name the faults that cannot act here and why."""
    seed, plan = prepared.request.seed, prepared.plan
    wrapped: list[SensorPlan] = []
    refused: dict[str, str] = {}
    for row in sensing.plans(seed, roster, prepared.sorted.sensors, pedals, scenery, prepared.rig):
        wrapped.append(sensing.with_sensor(row, plan.wrap_sensor(row.topic, row.sensor, windows, seed, refused)))
    if any(kind_of(raw.topic) == topics.CAMERA_IMAGE for raw in prepared.rig):
        refused.clear()  # it acts on the pixels, if on no list
    return tuple(wrapped), {name: f"{reason} ({DRAWN_RIG})" for name, reason in refused.items()}


def _channels(prepared: PreparedRun, windows: Windows, sensors: tuple[SensorPlan, ...]) -> dict[str, Channel]:
    """One channel per topic: its transport, added latency, and the plan's faults around it."""
    added_ns = prepared.sorted.latency_ns
    transport_ns = {row.topic: row.transport_ns for row in TOPICS if kind_of(row.topic) not in topics.RAW_INPUTS}
    transport_ns |= {plan.topic: TOPICS[row_of(plan.topic)].transport_ns for plan in sensors}
    direct = {topic: PerfectChannel(own_ns + added_ns.get(topic, 0)) for topic, own_ns in transport_ns.items()}
    seed = prepared.request.seed
    return {topic: prepared.plan.wrap_channel(topic, channel, windows, seed) for topic, channel in direct.items()}


def _end_rule(placed: PreparedScenario) -> EndRule:
    """The scenario's own end, and its limit behind it."""
    end = placed.end
    if isinstance(end, EndSettled):
        settled = Settling(end.for_ns, not_before(placed.layout, placed.functional_part_at))
        return EndRule(planned_at=NEVER, settled=settled, limit_at=placed.limit)
    return EndRule(planned_at=end.at, settled=None, limit_at=placed.limit)
