"""From what was typed to the tasks of a campaign: single runs, suites, sweeps and the demo."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import TypeVar

from analysis.margins import highest_deceleration_mps2
from analysis.sweeps import Sweep, SweepPoint, fit_impact_curve
from analysis.verdict import VerdictKind
from scenarios.assembly import DEFAULT_PROFILE, RunRequest, prepare
from scenarios.campaign import Campaign, Result, Task
from scenarios.commands import suite_command, world_words
from scenarios.documents import nearest, parse_assignments
from scenarios.rig_files import DEFAULT_RIG
from scenarios.scenario_files import read_scenario, sampled_parameters
from scenarios.suite_files import Suite, SuiteRow, read_suite
from scenarios.worlds import TWIN
from sim.carla_client.background import EMPTY, Background
from sim.recording import RunRecord
from sim.truth import EGO, SPEED, Contact
from stack.vocabulary import Finding, InputError, Protection

MOST_POINTS = 500
LATENCY = "latency."
SWEEP = "sweep"

T = TypeVar("T")


def requests_for(
    scenarios: tuple[str, ...],
    *,
    faults: tuple[str, ...] = (),
    seed: int = 0,
    profile: str = DEFAULT_PROFILE,
    rig: str = DEFAULT_RIG,
    stack: str = "reference",
    sets: tuple[str, ...] = (),
    sample: bool = False,
    unprotected: bool = False,
    host: str = "modelled",
    factor: float = 1.0,
    world: str = TWIN,
    background: Background = EMPTY,
    carla_rig: str = "",
) -> list[RunRequest]:
    """One request per scenario, each checked whole; raises `InputError` with every finding of all of them."""
    findings: list[Finding] = []
    overrides = _assignments(sets, findings)
    requests = []
    for scenario in scenarios:
        drawn = _gathered(findings, partial(_drawn, scenario, seed)) if sample else {}
        request = RunRequest(
            scenario=scenario,
            overrides={**(drawn or {}), **overrides},
            faults=faults,
            seed=seed,
            profile=profile,
            rig=rig,
            stack=stack,
            protection=Protection.UNPROTECTED if unprotected else Protection.ON,
            host=host,
            measured_factor=factor,
            world=world,
            background=_seeded(background, seed),
            carla_rig=carla_rig,
        )
        _gathered(findings, partial(prepare, request))
        requests.append(request)
    _refuse(findings)
    return requests


def _seeded(background: Background, seed: int) -> Background:
    """CARLA's background is drawn from the run's one seed."""
    return replace(background, seed=seed) if background.count else background


def _drawn(scenario: str, seed: int) -> dict[str, object]:
    return sampled_parameters(read_scenario(scenario), seed)


def _gathered(findings: list[Finding], make: Callable[[], T]) -> T | None:
    """What `make` gives; its findings are kept if it refuses."""
    try:
        return make()
    except InputError as refusal:
        findings += refusal.findings
        return None


def _refuse(findings: list[Finding]) -> None:
    """Raise everything found, each thing once."""
    if findings:
        raise InputError(tuple(dict.fromkeys(findings)))


def _assignments(sets: tuple[str, ...], findings: list[Finding]) -> dict[str, object]:
    """The overrides; of malformed ones a finding, while the others are still checked."""
    overrides = _gathered(findings, partial(parse_assignments, sets))
    if overrides is not None:
        return overrides
    sound: dict[str, object] = {}
    for one in sets:
        sound |= _gathered([], partial(parse_assignments, (one,))) or {}
    return sound


def suite_tasks(
    names: tuple[str, ...],
    *,
    rows: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
    seed: int | None = None,
    profile: str = "",
    rig: str = "",
    stack: str = "reference",
    sets: tuple[str, ...] = (),
    world: str = TWIN,
    background: Background = EMPTY,
) -> list[Task]:
    """Every row and seed of every suite; `rows` picks some. Options replace what the rows say."""
    findings: list[Finding] = []
    overrides = _assignments(sets, findings)
    suites = [(name, _gathered(findings, partial(read_suite, name))) for name in names]
    known = [row.row_id for _, suite in suites if suite is not None for row in suite.rows]
    if None not in (suite for _, suite in suites):
        for row_id in rows:
            if row_id not in known:
                problem = f"no such row{nearest(row_id, known)}"
                findings.append(Finding(where="--row", field=row_id, problem=problem))
    tasks: list[Task] = []
    changes = (*_changes(faults, profile, rig, stack, sets), *world_words(world, background))
    for name, suite in ((name, suite) for name, suite in suites if suite is not None):
        for row in suite.rows:
            if rows and row.row_id not in rows:
                continue
            for number in (seed,) if seed is not None else row.seeds:
                request = replace(
                    _row_request(row, number, faults, profile, stack, overrides),
                    rig=rig or row.rig,
                    world=world,
                    background=_seeded(background, number),
                )
                command = suite_command(name, row.row_id, request, changes)
                tasks.append(replace(_row_task(suite, row, request), command=command))
    _check_rows(tasks, findings)
    _refuse(findings)
    return tasks


def _check_rows(tasks: Iterable[Task], findings: list[Finding]) -> None:
    """Refuse before the clock starts what no seed can mend: every row is prepared once."""
    seen = set()
    for task in tasks:
        row = (task.suite, task.row_id)
        if task.not_run is None and row not in seen:
            _gathered(findings, partial(prepare, task.request))
        seen.add(row)


def _changes(faults: tuple[str, ...], profile: str, rig: str, stack: str, sets: tuple[str, ...]) -> tuple[str, ...]:
    """The options that make a suite's rows differ from its file."""
    words: list[str] = []
    for name in faults:
        words += ["--fault", name]
    words += ["--profile", profile] if profile else []
    words += ["--rig", rig] if rig else []
    words += ["--stack", stack] if stack != "reference" else []
    for one in sets:
        words += ["--set", one]
    return tuple(words)


def _row_request(
    row: SuiteRow, seed: int, faults: tuple[str, ...], profile: str, stack: str, overrides: Mapping[str, object]
) -> RunRequest:
    return RunRequest(
        scenario=row.scenario,
        overrides={**row.overrides, **overrides},
        faults=(*row.faults, *faults),
        seed=seed,
        profile=profile or row.profile,
        stack=stack,
    )


def _row_task(suite: Suite, row: SuiteRow, request: RunRequest) -> Task:
    expected = row.expected
    return Task(
        request=request,
        suite=suite.name,
        row_id=row.row_id,
        held_out=suite.name.endswith("_held_out"),
        criteria=row.criteria,
        not_run=VerdictKind(expected.verdict) if expected else None,
        not_run_reason=expected.reason if expected else "",
        skip_expected=expected is not None,
        held_to_fallback=row.held_to_fallback,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Tasks, and how to read a sweep out of the finished campaign."""

    tasks: tuple[Task, ...]
    measured: Callable[[Campaign], Sweep | None]


def sweep_order(
    scenario: str,
    vary: str,
    *,
    faults: tuple[str, ...] = (),
    seed: int = 0,
    profile: str = DEFAULT_PROFILE,
    stack: str = "reference",
    sets: tuple[str, ...] = (),
) -> Order:
    """One run per value of KEY=FROM:TO:STEP."""
    findings: list[Finding] = []
    overrides = _assignments(sets, findings)
    key, values = _gathered(findings, partial(_range_of, vary)) or ("", [])
    base = RunRequest(scenario=scenario, overrides=overrides, faults=faults, seed=seed, profile=profile, stack=stack)
    tasks = tuple(
        Task(
            request=replace(base, overrides={**overrides, key: value}),
            suite=SWEEP,
            row_id=f"{key}={value:g}",
            explores=True,
        )
        for value in values
    )
    for request in (tasks[0].request, tasks[-1].request) if tasks else (base,):
        _gathered(findings, partial(prepare, request))
    _refuse(findings)
    return Order(tasks=tasks, measured=lambda campaign: _sweep_of(campaign, scenario, key))


def _range_of(vary: str) -> tuple[str, list[float]]:
    """KEY and its values from KEY=FROM:TO:STEP; both ends included."""
    key, equals, span = vary.partition("=")
    numbers = [_finite(part) for part in span.split(":")]
    problem, first, last, step = "", 0.0, 0.0, 1.0
    if not equals or not key or len(numbers) != 3 or None in numbers:
        problem = "write it as KEY=FROM:TO:STEP with three numbers, say latency.brake_request_ms=0:800:100"
    else:
        first, last, step = (number for number in numbers if number is not None)
        if not step > 0.0 or last < first:
            problem = "TO must not be below FROM, and STEP must be above 0"
        elif (last - first) / step >= MOST_POINTS:
            problem = f"these are more than {MOST_POINTS} runs; take a larger STEP"
    if problem:
        raise InputError((Finding(where="--vary", field=vary, problem=problem),))
    count = int((last - first) / step + 1e-9) + 1
    return key, [first + index * step for index in range(count)]


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _sweep_of(campaign: Campaign, scenario: str, key: str) -> Sweep | None:
    """The curve of a finished sweep: impact speed by value, and the closed form where the key is a latency."""
    played = [(r, r.record) for r in campaign.ordered if r.task.suite == SWEEP and r.record is not None]
    if not played:
        return None
    points = tuple(
        SweepPoint(_value(result, key), _impact_mps(record), str(result.row["run_id"])) for result, record in played
    )
    fit = None
    if key.startswith(LATENCY):
        plateau_mps2 = max(highest_deceleration_mps2(record) for _, record in played)
        fit = fit_impact_curve(points, float(played[0][1].truth[0, EGO, SPEED]), plateau_mps2)
    return Sweep(scenario=scenario, key=key, unit=key.rpartition("_")[2], points=points, fit=fit)


def _value(result: Result, key: str) -> float:
    value = result.task.request.overrides[key]
    return float(value) if isinstance(value, int | float) else 0.0


def _impact_mps(record: RunRecord) -> float:
    return next((event.relative_speed_mps for event in record.events if isinstance(event, Contact)), 0.0)


DEMO_SWEEP = ("truck_meets_stationary_car", "latency.brake_request_ms=0:1650:150")


# The demo's share of the suite `faults`: the five every stack must survive, the deadman, a latency spike
# train, and two that the reference stack does not handle. The whole suite is `faultline suite faults`.
DEMO_FAULTS = (
    "camera_freezes_stationary_80",
    "camera_freezes_pedestrian_40",
    "radar_goes_silent_stationary_80",
    "perception_hangs_pedestrian_40",
    "stack_crashes_stationary_80",
    "commands_are_corrupted_stationary_80",
    "commands_corrupt_while_braking_stationary_80",
    "stack_crashes_while_braking_stationary_80",
    "tracking_runs_late_stationary_80",
    "radar_is_biased_stationary_80",
    "brakes_are_weak_stationary_80",
)


def demo_order() -> Order:
    """R131, its must-not-brake twin, the held-out twin on one seed, faults, and the price of latency."""
    scenario, vary = DEMO_SWEEP
    swept = sweep_order(scenario, vary, seed=1)
    held_out = suite_tasks(("r131_held_out",))
    first_seed = min(task.request.seed for task in held_out)
    tasks = (
        *suite_tasks(("r131", "must_not_brake")),
        *suite_tasks(("faults",), rows=DEMO_FAULTS),
        *(task for task in held_out if task.request.seed == first_seed),
        *swept.tasks,
    )
    return Order(tasks=tasks, measured=swept.measured)
