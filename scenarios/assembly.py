"""The one place that wires a run: from names and files to world, sensors, channels, host and loop.

`prepare` resolves everything a run depends on, refuses with all findings at once, and fixes the key;
`PreparedRun.play` builds fresh parts and plays them. Nothing else in the project imports a stack's
pipeline or connects a fault to what it disturbs.

Overrides are dotted keys. Besides a scenario's own, these are understood:
    latency.<topic>_ms         time added to a topic's channel (latency.brake_request_ms)
    stack.<threshold>          a setting of the stack under test (stack.decision.brake_at_mps2)
    sensor.<topic>.<field>     a parameter of a sensor model (sensor.radar.clutter_per_scan)
    fault.<name>.<key>         a key of a fault file (fault.camera_freezes.trigger.at_s)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from faults.plan import FaultPlan, Watch, Windows, skipped
from hil.measured import MeasuredCosts
from hil.stored import StoredCosts
from scenarios import sensing
from scenarios.documents import nearest, read_document
from scenarios.fault_files import read_fault
from scenarios.keys import RunKey, code_version
from scenarios.maps import load_map
from scenarios.prepared import EndSettled, PreparedScenario, prepare_scenario
from scenarios.settling import Settling, not_before
from scenarios.stacks import StackEntry, find_stack, pipeline_of
from sim.actuator import DirectLine
from sim.attachments import NEVER, FaultAccount
from sim.channels import PerfectChannel
from sim.clock import Clock, Order
from sim.costs import ModelledCosts
from sim.device_profile import PROFILE_FOLDER, DeviceProfile, profile_names
from sim.digest import Digest
from sim.driver import DRIVERS
from sim.host import PipelineHost
from sim.layout import Layout, VehicleModel
from sim.loop import ClosedLoop, EndRule
from sim.ports import Channel, CostSource, Host
from sim.randomness import entity_id
from sim.recorder import Recorder
from sim.recording import RunRecord
from sim.sensors import NeedsPixels
from sim.topics import TOPICS
from sim.truth import Roster, TruthFrame
from sim.twin.world import TwinWorld
from stack.vocabulary import (
    NS_PER_MS,
    Briefing,
    Finding,
    InputError,
    Protection,
    SimNs,
)

OVERRIDE = "--set"
DEFAULT_PROFILE = "edge_soc"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asks for: names and overrides, nothing resolved yet."""

    scenario: str
    overrides: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    seed: int = 0
    profile: str = DEFAULT_PROFILE
    stack: str = "reference"
    protection: Protection = Protection.ON
    host: str = "modelled"  # modelled | measured | stored
    measured_factor: float = 1.0
    stored_costs_ns: tuple[int, ...] = ()

    @property
    def run_id(self) -> str:
        """`scenario+fault+fault#seed`, with the profile when it is not the default."""
        stem = Path(self.scenario).stem if self.scenario.endswith((".yaml", ".yml")) else self.scenario
        faults = "".join(f"+{Path(name).stem}" for name in self.faults)
        profile = "" if self.profile == DEFAULT_PROFILE else f"@{Path(self.profile).stem}"
        return f"{stem}{faults}#{self.seed}{profile}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Overrides by what they address."""

    scenario: dict[str, object]
    latency_ns: dict[str, int]
    stack: dict[str, float]
    sensors: dict[str, dict[str, float]]
    faults: dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A run's record, the costs its jobs were charged (empty unless measured), and the instants it took."""

    record: RunRecord
    costs_ns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """A run ready to be played: every input resolved, the key fixed."""

    request: RunRequest
    placed: PreparedScenario
    plan: FaultPlan
    profile: DeviceProfile
    stack: StackEntry
    sorted: Sorted
    key: RunKey

    def play(self, *, digest: bool = True) -> Played:
        """Build fresh parts and play the run."""
        return _play(self, digest)


def prepare(request: RunRequest) -> PreparedRun:
    """Resolve everything; raises `InputError` with the findings of all files and options together."""
    findings: list[Finding] = []
    split = _gather(findings, lambda: sort_overrides(request.overrides, request.faults))
    placed = _gather(findings, lambda: _placed(request, split.scenario if split else {}))
    planned = [_gather(findings, lambda name=name: read_fault(name, _fault_keys(split, name))) for name in request.faults]
    profile = _gather(findings, lambda: find_profile(request.profile))
    stack = _gather(findings, lambda: find_stack(request.stack))
    if findings or split is None or placed is None or profile is None or stack is None:
        raise InputError(tuple(findings))
    plan = FaultPlan(tuple(one for one in planned if one is not None))
    _check_together(placed, plan, stack, split, request.protection)
    key = _key(request, placed, plan, profile, stack, split)
    return PreparedRun(
        request=request, placed=placed, plan=plan, profile=profile, stack=stack, sorted=split, key=key
    )


def _gather(findings: list[Finding], make: Any) -> Any:
    """What `make` gives; its findings are kept if it refuses."""
    try:
        return make()
    except InputError as error:
        findings.extend(error.findings)
        return None


def sort_overrides(overrides: Mapping[str, object], faults: tuple[str, ...]) -> Sorted:
    """Overrides by address; raises `InputError` for numbers that are none and faults that are not there."""
    findings: list[Finding] = []
    split = Sorted(scenario={}, latency_ns={}, stack={}, sensors={}, faults={})
    channels = {row.topic for row in TOPICS}
    for key, value in overrides.items():
        head, _, rest = key.partition(".")
        if head == "latency":
            topic = rest.removesuffix("_ms")
            if topic not in channels or not rest.endswith("_ms"):
                known = tuple(f"{name}_ms" for name in sorted(channels))
                findings.append(_finding(key, f"no such channel{nearest(rest, known)}"))
            elif (number := _number(key, value, findings)) is not None:
                if number < 0.0:
                    findings.append(_finding(key, "added time must not be negative"))
                split.latency_ns[topic] = round(number * NS_PER_MS)
        elif head == "stack":
            if (number := _number(key, value, findings)) is not None:
                split.stack[rest] = number
        elif head == "sensor":
            topic, _, name = rest.partition(".")
            problem = sensing.parameter_problem(topic, name)
            if problem:
                findings.append(_finding(key, problem))
            elif (number := _number(key, value, findings)) is not None:
                split.sensors.setdefault(topic, {})[name] = number
        elif head == "fault":
            name, _, inner = rest.partition(".")
            stems = tuple(Path(fault).stem for fault in faults)
            if name not in stems:
                findings.append(_finding(key, f"this run has no fault '{name}'{nearest(name, stems)}"))
            split.faults.setdefault(name, {})[inner] = value
        else:
            split.scenario[key] = value
    if findings:
        raise InputError(tuple(findings))
    return split


def _finding(key: str, problem: str) -> Finding:
    return Finding(where=OVERRIDE, field=key, problem=problem)


def _number(key: str, value: object, findings: list[Finding]) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    findings.append(_finding(key, f"needs a number, got {value!r}"))
    return None


def _fault_keys(split: Sorted | None, name: str) -> dict[str, object]:
    return split.faults.get(Path(name).stem, {}) if split else {}


def find_profile(name_or_path: str) -> DeviceProfile:
    """A shipped profile by name or a profile file by path."""
    if name_or_path.endswith((".yaml", ".yml")):
        return read_document(Path(name_or_path), DeviceProfile)
    if name_or_path not in profile_names():
        problem = f"no profile of this name{nearest(name_or_path, profile_names())}"
        raise InputError((Finding(where="--profile", field=name_or_path, problem=problem),))
    return read_document(PROFILE_FOLDER / f"{name_or_path}.yaml", DeviceProfile)


def _placed(request: RunRequest, overrides: Mapping[str, object]) -> PreparedScenario:
    return prepare_scenario(request.scenario, overrides, seed=request.seed)


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


def _check_together(placed: PreparedScenario, plan: FaultPlan, stack: StackEntry, split: Sorted, protection: Protection) -> None:
    """What only shows when the parts meet: stages a fault names, settings the stack does not know."""
    pipeline = pipeline_of(stack, briefing_for(placed, protection, split.stack))
    stages = tuple(stage.name for stage in pipeline)
    actors = tuple(actor.name for actor in placed.layout.actors)
    findings = plan.findings(stages, actors)
    if findings:
        raise InputError(findings)


def _key(
    request: RunRequest, placed: PreparedScenario, plan: FaultPlan, profile: DeviceProfile, stack: StackEntry, split: Sorted
) -> RunKey:
    road = load_map(placed.layout.map_name)
    return RunKey(
        scenario={"name": placed.name, "resolved": _plain(placed.resolved), "vehicle": _plain(ego_vehicle(placed.layout))},
        faults=tuple(_plain(planned) for planned in plan.faults),
        protection=request.protection.value,
        stack=stack.identity | {"settings": {name: split.stack[name] for name in sorted(split.stack)}},  # type: ignore[dict-item]
        host={
            "kind": "measured" if request.host == "stored" else request.host,
            "profile": profile.model_dump(mode="json"),
            "factor": request.measured_factor if request.host != "modelled" else 1.0,
            "latency_ns": {topic: split.latency_ns[topic] for topic in sorted(split.latency_ns)},
        },
        seed=request.seed,
        world={"kind": "twin", "map": placed.layout.map_name, "map_digest": road.digest},
        sensors=sensing.documents(split.sensors),
        bundle_digest="",
        code_version=code_version(),
    )


def _plain(value: Any) -> Any:
    """A frozen value as plain JSON data; arrays by their bytes' digest."""
    from hashlib import blake2b

    if hasattr(value, "__dataclass_fields__"):
        inner = {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        return {"is": type(value).__name__} | inner
    if isinstance(value, np.ndarray):
        return blake2b(np.ascontiguousarray(value).tobytes(), digest_size=8).hexdigest()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, np.generic):
        return value.item()
    return getattr(value, "value", value) if not isinstance(value, str | int | float | bool | None) else value


class _Hooks:
    """The loop's view of a fault plan."""

    def __init__(self, plan: FaultPlan, windows: Windows, skip_reason: str) -> None:
        self._plan = plan
        self._windows = windows
        self._watch: Watch = plan.watch(windows)
        self._skip_reason = skip_reason

    def start(self, host: Host, clock: Clock) -> None:
        self._plan.attach_host(host, _LoopTimer(clock), self._windows)

    def watch(self, frame: TruthFrame, host: Host, clock: Clock) -> None:
        if self._watch.waiting:
            opened = self._watch.observe(frame)
            if opened:
                self._plan.attach_host(host, _LoopTimer(clock), opened)

    def accounts(self) -> tuple[FaultAccount, ...]:
        accounts = self._plan.accounts(self._windows)
        return tuple(skipped(one, self._skip_reason) for one in accounts) if self._skip_reason else accounts


class _LoopTimer:
    """The loop's clock as host faults see it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def now(self) -> SimNs:
        return self._clock.now

    def at(self, instant: SimNs, act: Any) -> None:
        self._clock.at(instant, Order.WATCHDOG, 950, act)


def _costs(prepared: PreparedRun) -> CostSource:
    request = prepared.request
    if request.host == "measured":
        return MeasuredCosts(request.measured_factor)
    if request.host == "stored":
        return StoredCosts(request.stored_costs_ns)
    return ModelledCosts(prepared.profile, request.seed)


def roster_of(layout: Layout) -> Roster:
    """Who takes part, in the layout's order."""
    sizes = np.array([actor.size_m for actor in layout.actors], dtype=np.float64)
    clearances = np.array([actor.clearance_m for actor in layout.actors], dtype=np.float64)
    masses = np.array([actor.mass_kg for actor in layout.actors], dtype=np.float64)
    entities = np.array([entity_id(actor.name) for actor in layout.actors], dtype=np.uint32)
    for array in (sizes, clearances, masses, entities):
        array.setflags(write=False)
    return Roster(
        names=tuple(actor.name for actor in layout.actors),
        kinds=tuple(actor.kind for actor in layout.actors),
        entities=entities,
        size_m=sizes,
        clearance_m=clearances,
        mass_kg=masses,
    )


def _play(prepared: PreparedRun, with_digest: bool) -> Played:
    request, placed, plan = prepared.request, prepared.placed, prepared.plan
    seed = request.seed
    layout = placed.layout
    world = TwinWorld(layout)
    roster = world.observe(SimNs(0)).roster
    clock = Clock()
    windows = plan.windows(seed)
    recorder = Recorder(Digest(with_digest), roster, layout.conditions)
    loop: ClosedLoop

    channels: dict[str, Channel] = {}
    for row in TOPICS:
        direct = PerfectChannel(row.transport_ns + prepared.sorted.latency_ns.get(row.topic, 0))
        channels[row.topic] = plan.wrap_channel(row.topic, direct, windows, seed)
    sensors = sensing.plans(seed, roster, prepared.sorted.sensors, lambda: loop.driver.pedals())
    skip_reason = ""
    wrapped = []
    for sensor_plan in sensors:
        try:
            sensor = plan.wrap_sensor(sensor_plan.topic, sensor_plan.sensor, windows, seed)
        except NeedsPixels as reason:
            skip_reason, sensor = f"needs pixels: {reason}", sensor_plan.sensor
        wrapped.append(sensing.with_sensor(sensor_plan, sensor))
    costs = _costs(prepared)
    hooks = _Hooks(plan, windows, skip_reason)
    end = placed.end
    settling = Settling(end.for_ns, not_before(layout, placed.functional_part_at)) if isinstance(end, EndSettled) else None
    loop = ClosedLoop(
        clock=clock,
        world=world,
        sensors=tuple(wrapped),
        channels=channels,
        recorder=recorder,
        protection=request.protection,
        line=plan.wrap_brake_line(DirectLine(), windows, seed),
        driver=DRIVERS[placed.driver],
        hold_speed_mps=layout.actors[0].speed_mps,
        hooks=hooks,
        end=EndRule(
            planned_at=NEVER if isinstance(end, EndSettled) else end.at, settled=settling, limit_at=placed.limit
        ),
        functional_part_at=placed.functional_part_at,
    )
    briefing = briefing_for(placed, request.protection, prepared.sorted.stack)
    host = PipelineHost(
        clock=clock,
        pipeline=pipeline_of(prepared.stack, briefing),
        profile=prepared.profile,
        costs=plan.wrap_costs(costs, windows, seed),
        protection=request.protection,
        seed=seed,
        publish=loop.publish,
        log=recorder,
    )
    hooks.start(host, clock)
    record = loop.run(host, request.run_id, seed)
    world.close()
    return Played(record=record, costs_ns=tuple(costs.costs_ns) if isinstance(costs, MeasuredCosts) else ())
