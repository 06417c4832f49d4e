"""From what was typed to the tasks of a campaign: single runs, suites, sweeps and the demo."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.sweeps import Sweep, SweepPoint, fit_impact_curve
from analysis.verdict import VerdictKind
from scenarios.assembly import DEFAULT_PROFILE, RunRequest, prepare
from scenarios.campaign import Campaign, Result, Task
from scenarios.commands import suite_command
from scenarios.documents import parse_assignments
from scenarios.scenario_files import read_scenario, sampled_parameters
from scenarios.suite_files import SuiteRow, read_suite
from sim.truth import EGO, SPEED
from stack.vocabulary import Finding, InputError, Protection

MOST_POINTS = 500
LATENCY = "latency."


def requests_for(
    scenarios: tuple[str, ...],
    *,
    faults: tuple[str, ...] = (),
    seed: int = 0,
    profile: str = DEFAULT_PROFILE,
    stack: str = "reference",
    sets: tuple[str, ...] = (),
    sample: bool = False,
    unprotected: bool = False,
    host: str = "modelled",
    factor: float = 1.0,
) -> list[RunRequest]:
    """One request per scenario, each checked whole; raises `InputError` with every finding of all of them."""
    overrides = parse_assignments(sets)
    requests, findings = [], []
    for scenario in scenarios:
        try:
            drawn = sampled_parameters(read_scenario(scenario), seed) if sample else {}
            request = RunRequest(
                scenario=scenario,
                overrides={**drawn, **overrides},
                faults=faults,
                seed=seed,
                profile=profile,
                stack=stack,
                protection=Protection.UNPROTECTED if unprotected else Protection.ON,
                host=host,
                measured_factor=factor,
            )
            prepare(request)
            requests.append(request)
        except InputError as refusal:
            findings += [finding for finding in refusal.findings if finding not in findings]
    if findings:
        raise InputError(tuple(findings))
    return requests


def suite_tasks(
    names: tuple[str, ...],
    *,
    rows: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
    seed: int | None = None,
    profile: str = "",
    stack: str = "reference",
    sets: tuple[str, ...] = (),
) -> list[Task]:
    """Every row and seed of every suite; `rows` picks some. Options replace what the rows say."""
    overrides = parse_assignments(sets)
    tasks: list[Task] = []
    known: list[str] = []
    for name in names:
        suite = read_suite(name)
        held_out = suite.name.endswith("_held_out")
        for row in suite.rows:
            known.append(row.row_id)
            if rows and row.row_id not in rows:
                continue
            for number in (seed,) if seed is not None else row.seeds:
                request = _row_request(row, number, faults, profile, stack, overrides)
                command = suite_command(name, row.row_id, request, _changes(faults, profile, stack, sets))
                tasks.append(replace(_row_task(suite.name, row, request, held_out), command=command))
    unknown = [row for row in rows if row not in known]
    if unknown:
        text = f"no such row; there are {', '.join(known)}"
        raise InputError(tuple(Finding(where="--row", field=row, problem=text) for row in unknown))
    if tasks:
        prepare(tasks[0].request)  # refuses profile, stack and overrides before the first run
    return tasks


def _changes(faults: tuple[str, ...], profile: str, stack: str, sets: tuple[str, ...]) -> tuple[str, ...]:
    """The options that make a suite's rows differ from its file."""
    words: list[str] = []
    for name in faults:
        words += ["--fault", name]
    words += ["--profile", profile] if profile else []
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


def _row_task(suite: str, row: SuiteRow, request: RunRequest, held_out: bool) -> Task:
    expected = row.expected
    return Task(
        request=request,
        suite=suite,
        row_id=row.row_id,
        held_out=held_out,
        criteria=row.criteria,
        not_run=VerdictKind(expected.verdict) if expected else None,
        not_run_reason=expected.reason if expected else "",
        skip_expected=expected is not None,
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
    key, values = _range_of(vary)
    base = RunRequest(
        scenario=scenario, overrides=parse_assignments(sets), faults=faults, seed=seed, profile=profile, stack=stack
    )
    tasks = tuple(
        Task(request=replace(base, overrides={**base.overrides, key: value}), row_id=f"{key}={value:g}", suite="sweep")
        for value in values
    )
    prepare(tasks[0].request)
    prepare(tasks[-1].request)
    return Order(tasks=tasks, measured=lambda campaign: _sweep_of(campaign, scenario, key))


def _range_of(vary: str) -> tuple[str, list[float]]:
    """KEY and its values from KEY=FROM:TO:STEP; both ends included."""
    key, equals, span = vary.partition("=")
    parts = span.split(":")
    problem = ""
    try:
        first, last, step = (float(part) for part in parts)
        if not step > 0.0 or last < first:
            problem = "TO must not be below FROM, and STEP must be above 0"
        elif (last - first) / step >= MOST_POINTS:
            problem = f"these are more than {MOST_POINTS} runs; take a larger STEP"
    except ValueError:
        problem = "needs three numbers, say latency.brake_request_ms=0:800:100"
    if problem or not equals or not key:
        raise InputError((Finding(where="--vary", field=vary, problem=problem or "needs KEY=FROM:TO:STEP"),))
    count = int((last - first) / step + 1e-9) + 1
    return key, [first + index * step for index in range(count)]


def _sweep_of(campaign: Campaign, scenario: str, key: str) -> Sweep | None:
    """The curve of a finished sweep: impact speed by value, and the closed form where the key is a latency."""
    results = [result for result in campaign.ordered if result.task.suite == "sweep" and result.record is not None]
    if not results:
        return None
    points = tuple(
        SweepPoint(_value(result, key), _impact_mps(result), str(result.row["run_id"])) for result in results
    )
    fit = None
    if key.startswith(LATENCY):
        first = next((r.record for r in results if r.record is not None and any(b.onset_at >= 0 for b in r.record.requests)), None)
        if first is not None:
            plateau = max(float(brake.plateau_mps2) for brake in _plateaus(results))
            fit = fit_impact_curve(points, float(first.truth[0, EGO, SPEED]), plateau)
    return Sweep(scenario=scenario, key=key, unit=key.rpartition("_")[2], points=points, fit=fit)


def _plateaus(results: list[Result]) -> list[Any]:
    return [brake for r in results if r.record is not None for brake in r.record.requests if brake.onset_at >= 0]


def _value(result: Result, key: str) -> float:
    value = result.task.request.overrides[key]
    return float(value) if isinstance(value, int | float) else 0.0


def _impact_mps(result: Result) -> float:
    contacts = [event for event in (result.record.events if result.record else ()) if hasattr(event, "relative_speed_mps")]
    return float(contacts[0].relative_speed_mps) if contacts else 0.0


DEMO_SWEEP = ("truck_meets_stationary_car", "latency.brake_request_ms=0:1000:100")


def demo_order() -> Order:
    """R131, its must-not-brake twin, the fallback suite, and the price of latency, in one campaign."""
    scenario, vary = DEMO_SWEEP
    swept = sweep_order(scenario, vary, seed=1)
    tasks = (*suite_tasks(("r131", "must_not_brake", "faults", "r131_held_out")), *swept.tasks)
    return Order(tasks=tasks, measured=swept.measured)
