"""The command line: `faultline VERB OBJECT [options]`. This and `scenarios.cli_looking` alone print.

One line per run, verdict first, the deciding number beside its requirement; details only where
something failed; the last line counts. Progress goes to standard error, results to standard output.
Heavy parts are imported inside the verbs, so that `--help` answers at once.

Exit codes: 0 all passed; 1 a verdict failed; 2 something could not be run, was invalid, or nothing ran.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from scenarios.console import (
    COULD_NOT_RUN,
    Behaviour,
    CarlaRig,
    Faults,
    Jobs,
    Json,
    Out,
    ProfileName,
    Record,
    RigName,
    Seed,
    Sets,
    StackName,
    Traffic,
    Walkers,
    Weather,
    WorldName,
    app,
    bar,
    check_folder,
    err,
    out,
    refuse,
    with_weather,
)

if TYPE_CHECKING:
    from analysis.sweeps import Sweep
    from scenarios.campaign import Campaign, Result, Task


def run_app() -> None:
    """Start; findings and missing parts become lines on standard error and exit code 2, as does Ctrl-C."""
    stopped = False

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    from scenarios import cli_carla, cli_looking, cli_serve  # noqa: F401 - their verbs join the app when they are imported

    before = signal.signal(signal.SIGINT, stop)
    try:
        _answered()
    except SystemExit as leaving:
        raise SystemExit(COULD_NOT_RUN if stopped else leaving.code) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _answered() -> None:
    """The command, with our own refusals told in our own words."""
    from stack.vocabulary import FaultlineError, InputError

    try:
        app()
    except InputError as refusal:
        for finding in refusal.findings:
            err.print(str(finding), markup=False)
        raise SystemExit(COULD_NOT_RUN) from None
    except FaultlineError as problem:
        err.print(f"faultline: {problem}", markup=False)
        raise SystemExit(COULD_NOT_RUN) from None


# -- running ------------------------------------------------------------------------------------


@app.command()
def run(
    scenarios: Annotated[list[str], typer.Argument(help="Scenarios: library names or files.")],
    faults: Faults = None,
    seed: Seed = 0,
    profile: ProfileName = "edge_soc",
    rig: RigName = "objects",
    weather: Weather = "",
    stack: StackName = "reference",
    sets: Sets = None,
    sample: Annotated[bool, typer.Option("--sample", help="Draw parameters by their distributions.")] = False,
    unprotected: Annotated[bool, typer.Option("--unprotected", help="Mechanisms diagnose but do not act.")] = False,
    host: Annotated[str, typer.Option("--host", help="modelled, or measured: this machine's time.")] = "modelled",
    factor: Annotated[float, typer.Option("--factor", help="Measured time is charged times this.")] = 1.0,
    world: WorldName = "twin",
    traffic: Traffic = 0,
    walkers: Walkers = 0,
    behaviour: Behaviour = None,
    carla_rig: CarlaRig = "",
    record: Record = False,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run scenarios once each and judge them."""
    from scenarios.campaign import Task
    from scenarios.orders import requests_for
    from scenarios.worlds import background_of

    requests = requests_for(
        tuple(scenarios),
        faults=tuple(faults or ()),
        seed=seed,
        profile=profile,
        rig=rig,
        stack=stack,
        sets=with_weather(sets, weather),
        sample=sample,
        unprotected=unprotected,
        host=host,
        factor=factor,
        world=world,
        background=background_of(traffic, walkers, tuple(behaviour or ())),
        carla_rig=carla_rig,
    )
    tasks = [Task(request=request) for request in requests]
    _play(_Order(title="run", tasks=tasks, jobs=1, folder=out_folder, as_json=as_json, records=record))


@app.command()
def suite(
    names: Annotated[list[str], typer.Argument(help="Suites: shipped names or files; several make one report.")],
    rows: Annotated[list[str] | None, typer.Option("--row", help="Only this row; repeatable.")] = None,
    faults: Faults = None,
    jobs: Jobs = 1,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Instead of the rows' own seeds.")] = None,
    profile: Annotated[str, typer.Option("--profile", help="Instead of the suite's own device profile.")] = "",
    rig: Annotated[str, typer.Option("--rig", help="Instead of the suite's own rig.")] = "",
    weather: Weather = "",
    stack: StackName = "reference",
    sets: Sets = None,
    world: WorldName = "twin",
    traffic: Traffic = 0,
    walkers: Walkers = 0,
    behaviour: Behaviour = None,
    record: Record = False,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run whole suites and say which clause held and why."""
    from scenarios.orders import suite_tasks
    from scenarios.worlds import background_of

    if world != "twin" and jobs > 1:
        refuse("--jobs", str(jobs), "a CARLA server plays one run at a time; leave --jobs out")

    tasks = suite_tasks(
        tuple(names),
        rows=tuple(rows or ()),
        faults=tuple(faults or ()),
        seed=seed,
        profile=profile,
        rig=rig,
        stack=stack,
        sets=with_weather(sets, weather),
        world=world,
        background=background_of(traffic, walkers, tuple(behaviour or ())),
    )
    title = " + ".join(Path(name).stem for name in names)
    _play(_Order(title=title, tasks=tasks, jobs=jobs, folder=out_folder, as_json=as_json, records=record))


@app.command()
def sweep(
    scenario: Annotated[str, typer.Argument(help="A scenario: library name or file.")],
    vary: Annotated[str, typer.Option("--vary", help="KEY=FROM:TO:STEP, say latency.brake_request_ms=0:800:100.")],
    faults: Faults = None,
    seed: Seed = 0,
    profile: ProfileName = "edge_soc",
    stack: StackName = "reference",
    sets: Sets = None,
    jobs: Jobs = 1,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run one scenario over a range of one key; with added latency, draw impact speed against milliseconds."""
    from scenarios.orders import sweep_order

    order = sweep_order(
        scenario, vary, faults=tuple(faults or ()), seed=seed, profile=profile, stack=stack, sets=tuple(sets or ())
    )
    _play(
        _Order(
            title=f"sweep {Path(scenario).stem}",
            tasks=order.tasks,
            jobs=jobs,
            folder=out_folder,
            as_json=as_json,
            sweep_of=order.measured,
        )
    )


@app.command()
def demo(out_folder: Out = None, jobs: Jobs = 2) -> None:
    """The main job: UN R131 and its must-not-brake twin, with and without faults, and what latency costs."""
    from scenarios.orders import demo_order

    order = demo_order()
    folder = out_folder or Path("out/demo")
    _play(_Order(title="demo", tasks=order.tasks, jobs=jobs, folder=folder, sweep_of=order.measured))


# -- shared -------------------------------------------------------------------------------------


_STYLES = {"pass": "green", "fail": "red", "timed_out": "red", "crashed": "magenta", "invalid": "magenta"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What is to be played and what is wanted of it."""

    title: str
    tasks: "Sequence[Task]"
    jobs: int
    folder: Path | None
    as_json: bool = False
    records: bool = False
    sweep_of: "Callable[[Campaign], Sweep | None] | None" = None


def _play(order: _Order) -> NoReturn:
    """Compute, print, store, and leave with the campaign's exit code."""
    check_folder(order.folder)
    if order.records and order.folder is None:
        refuse("--record", "", "name a folder with --out that the recordings can go to")
    campaign = _computed(order)
    sweep_result = order.sweep_of(campaign) if order.sweep_of is not None else None
    report = _stored(order, campaign, sweep_result)
    if order.as_json:
        _tell_json(order, campaign, sweep_result)
    else:
        _tell_end(campaign, sweep_result, report)
    raise typer.Exit(_exit_code(campaign))


def _exit_code(campaign: "Campaign") -> int:
    """The verdicts' code; the points of a sweep have none of their own and need only be there."""
    from analysis.verdict import exit_code

    explored = [result for result in campaign.ordered if result.task.explores]
    if campaign.interrupted or any(result.record is None for result in explored):
        return COULD_NOT_RUN
    judged = [result.outcome for result in campaign.ordered if not result.task.explores]
    return 0 if explored and not judged else exit_code(judged)


def _computed(order: _Order) -> "Campaign":
    """Every run, told as it finishes; a bar on standard error if somebody is watching there."""
    from scenarios.campaign import conduct
    from scenarios.warmup import is_warm

    if not is_warm():
        err.print("compiling the simulator's kernels, once after every change of it ...", markup=False)
    watched = sys.stderr.isatty()
    progress = bar()
    page = err if watched and out.is_terminal else out  # a line above the bar must go through the bar's console
    several = len({task.suite for task in order.tasks}) > 1
    with progress:
        number = progress.add_task(order.title, total=len(order.tasks))

        def tell(result: "Result") -> None:
            progress.advance(number)
            if not order.as_json:
                _line(page, result, several)

        records_in = order.folder / "runs" if order.records and order.folder is not None else None
        return conduct(order.tasks, order.jobs, tell, drawn=order.folder is not None, records_in=records_in)


def _line(page: Console, result: "Result", several: bool) -> None:
    """One run, its suite row before its id; the suite before that if there are several."""
    from scenarios.telling import label, told_run

    verdict, row_id, run_id = result.row["verdict"], result.task.row_id, result.row["run_id"]
    if row_id:
        run_id = f"{result.task.suite}:{row_id}  {run_id}" if several else f"{row_id}  {run_id}"
    page.print(label(verdict), style=_STYLES.get(verdict, "yellow"), end="")
    for line in told_run(result.row, run_id):
        page.print(line, markup=False)


def _stored(order: _Order, campaign: "Campaign", sweep_result: "Sweep | None") -> Path | None:
    """The campaign on disk, if a folder was named; the report's path."""
    if order.folder is None:
        return None
    from scenarios.archive import store

    try:
        return store(campaign, order.title, order.folder, datetime.now(UTC).date().isoformat(), sweep_result)
    except OSError as problem:
        refuse("--out", str(order.folder), f"cannot be written: {problem.strerror}")


def _tell_json(order: _Order, campaign: "Campaign", sweep_result: "Sweep | None") -> None:
    """The campaign as one document on standard output."""
    from scenarios.archive import campaign_text

    sys.stdout.write(campaign_text(campaign, order.title, sweep_result))


def _tell_end(campaign: "Campaign", sweep_result: "Sweep | None", report: Path | None) -> None:
    """The curve of a sweep, the counting line, what is missing after Ctrl-C, and where the report lies."""
    from analysis.documents import summary
    from scenarios.telling import counted, told_missing, told_sweep

    lines = told_sweep(sweep_result) if sweep_result is not None else []
    lines.append(counted(summary([result.row for result in campaign.ordered])))
    if campaign.interrupted:
        lines += told_missing([task.label for task in campaign.missing], len(campaign.tasks))
    if report is not None:
        lines.append(f"report: {report}")
    for line in lines:
        out.print(line, markup=False)
