"""The command line: `faultline VERB OBJECT [options]`. The only place that prints.

One line per run, verdict first, the deciding number beside its requirement; details only where
something failed; the last line counts. Progress goes to standard error, results to standard output.
Heavy parts are imported inside the verbs, so that `--help` answers at once.

Exit codes: 0 all passed; 1 a verdict failed; 2 something could not be run, was invalid, or nothing ran.
"""

import json
import os
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
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from analysis.sweeps import Sweep
    from scenarios.campaign import Campaign, Result, Task

COULD_NOT_RUN = 2

app = typer.Typer(
    name="faultline",
    help="A digital-twin proving ground for road-safety ML stacks: closed loop, honest time, faults, law, verdict.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Faults = Annotated[
    list[str] | None, typer.Option("--fault", help="A fault of the library or a fault file; repeatable.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The run's one seed.")]
ProfileName = Annotated[str, typer.Option("--profile", help="Device profile: a shipped name or a file.")]
StackName = Annotated[str, typer.Option("--stack", help="Stack under test: an entry point of faultline.stacks.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Override: KEY=VALUE; repeatable.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for report.html, results.json, junit.xml, runs/.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")]


def run_app() -> None:
    """Start; findings and missing parts become lines on standard error and exit code 2, as does Ctrl-C."""
    stopped = False

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

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


# -- looking around -----------------------------------------------------------------------------


@app.command("list")
def list_(
    what: Annotated[
        str, typer.Argument(help="scenarios, suites, faults, profiles, stacks or maps; all if not given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """What there is to run, with titles."""
    from scenarios.shelves import SHELVES

    wanted = [what] if what else list(SHELVES)
    if what and what not in SHELVES:
        _refuse("list", what, f"no such shelf; known: {', '.join(SHELVES)}")
    found = {name: SHELVES[name]() for name in wanted}
    if as_json:
        out.print_json(json.dumps({name: dict(rows) for name, rows in found.items()}))
        return
    for name, rows in found.items():
        out.print(f"{name}:", style="bold")
        width = max((len(row[0]) for row in rows), default=0)
        for stem, title in rows:
            out.print(f"  {stem:<{width}}  {title}", markup=False)


@app.command()
def schema(
    what: Annotated[str, typer.Argument(help="scenario, suite, fault or profile.")],
) -> None:
    """The JSON Schema of a file, for editors that complete and check as you type."""
    from scenarios.documents import dump_json_schema
    from scenarios.shelves import SCHEMAS

    if what not in SCHEMAS:
        _refuse("schema", what, f"no such file; known: {', '.join(SCHEMAS)}")
    sys.stdout.write(dump_json_schema(SCHEMAS[what]))


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is installed and usable here, and how to mend what is not."""
    from scenarios.checkup import checkup

    rows = checkup()
    if as_json:
        out.print_json(json.dumps({"parts": [{"part": r.part, "usable": r.usable, "detail": r.detail} for r in rows]}))
    else:
        for row in rows:
            mark = "[green]ok  [/green]" if row.usable else "[yellow]miss[/yellow]"
            out.print(f"{mark}  {row.part:<34} ", end="")
            out.print(row.detail, markup=False)
    if not all(row.usable for row in rows if row.needed):
        raise typer.Exit(COULD_NOT_RUN)


# -- running ------------------------------------------------------------------------------------


@app.command()
def run(
    scenarios: Annotated[list[str], typer.Argument(help="Scenarios: library names or files.")],
    faults: Faults = None,
    seed: Seed = 0,
    profile: ProfileName = "edge_soc",
    stack: StackName = "reference",
    sets: Sets = None,
    sample: Annotated[bool, typer.Option("--sample", help="Draw parameters by their distributions.")] = False,
    unprotected: Annotated[bool, typer.Option("--unprotected", help="Mechanisms diagnose but do not act.")] = False,
    host: Annotated[str, typer.Option("--host", help="modelled, or measured: this machine's time.")] = "modelled",
    factor: Annotated[float, typer.Option("--factor", help="Measured time is charged times this.")] = 1.0,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run scenarios once each and judge them."""
    from scenarios.campaign import Task
    from scenarios.orders import requests_for

    requests = requests_for(
        tuple(scenarios),
        faults=tuple(faults or ()),
        seed=seed,
        profile=profile,
        stack=stack,
        sets=tuple(sets or ()),
        sample=sample,
        unprotected=unprotected,
        host=host,
        factor=factor,
    )
    tasks = [Task(request=request) for request in requests]
    _play(_Order(title="run", tasks=tasks, jobs=1, folder=out_folder, as_json=as_json))


@app.command()
def suite(
    names: Annotated[list[str], typer.Argument(help="Suites: shipped names or files; several make one report.")],
    rows: Annotated[list[str] | None, typer.Option("--row", help="Only this row; repeatable.")] = None,
    faults: Faults = None,
    jobs: Jobs = 1,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Instead of the rows' own seeds.")] = None,
    profile: Annotated[str, typer.Option("--profile", help="Instead of the suite's own device profile.")] = "",
    stack: StackName = "reference",
    sets: Sets = None,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run whole suites and say which clause held and why."""
    from scenarios.orders import suite_tasks

    tasks = suite_tasks(
        tuple(names),
        rows=tuple(rows or ()),
        faults=tuple(faults or ()),
        seed=seed,
        profile=profile,
        stack=stack,
        sets=tuple(sets or ()),
    )
    title = " + ".join(Path(name).stem for name in names)
    _play(_Order(title=title, tasks=tasks, jobs=jobs, folder=out_folder, as_json=as_json))


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


# -- looking back -------------------------------------------------------------------------------


@app.command()
def show(
    run_file: Annotated[Path, typer.Argument(metavar="RUN", help="A file in a campaign's runs/ folder.")],
    as_json: Json = False,
) -> None:
    """What one stored run was, decided and rests on."""
    from scenarios.archive import read_stored

    stored = read_stored(run_file)
    if as_json:
        out.print_json(json.dumps(stored.document))
        return
    from scenarios.telling import told_row

    for line in told_row(stored.row):
        out.print(line, markup=False)
    out.print(f"again  {stored.row['command']}", markup=False)


@app.command()
def repeat(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="A file in a campaign's runs/ folder.")],
    as_json: Json = False,
) -> None:
    """Make a stored run again, from its key or its stored costs, and compare the record hash."""
    from scenarios.archive import read_stored, repeated

    outcome = repeated(read_stored(record))
    if as_json:
        out.print_json(json.dumps(outcome.document))
    else:
        out.print(f"{'SAME' if outcome.same else 'DIFFERS':<8}{outcome.run_id}  {outcome.explanation}", markup=False)
    raise typer.Exit(outcome.exit_code)


# -- shared -------------------------------------------------------------------------------------


def _refuse(option: str, value: str, problem: str) -> NoReturn:
    err.print(f"{option}: {value}: {problem}", markup=False)
    raise typer.Exit(COULD_NOT_RUN)


_STYLES = {"pass": "green", "fail": "red", "timed_out": "red", "crashed": "magenta", "invalid": "magenta"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What is to be played and what is wanted of it."""

    title: str
    tasks: "Sequence[Task]"
    jobs: int
    folder: Path | None
    as_json: bool = False
    sweep_of: "Callable[[Campaign], Sweep | None] | None" = None


def _play(order: _Order) -> NoReturn:
    """Compute, print, store, and leave with the campaign's exit code."""
    _check_folder(order.folder)
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


def _check_folder(folder: Path | None) -> None:
    """Refuse a place for results that cannot hold them, before the first run."""
    if folder is None:
        return
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        _refuse("--out", str(folder), f"{there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        _refuse("--out", str(folder), f"nothing may be written in {there}")


def _computed(order: _Order) -> "Campaign":
    """Every run, told as it finishes; a bar on standard error if somebody is watching there."""
    from scenarios.campaign import conduct
    from scenarios.warmup import is_warm

    if not is_warm():
        err.print("compiling the simulator's kernels, once after every change of it ...", markup=False)
    watched = sys.stderr.isatty()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not watched,
    )
    page = err if watched and out.is_terminal else out  # a line above the bar must go through the bar's console
    several = len({task.suite for task in order.tasks}) > 1
    with bar:
        number = bar.add_task(order.title, total=len(order.tasks))

        def tell(result: "Result") -> None:
            bar.advance(number)
            if not order.as_json:
                _line(page, result, several)

        return conduct(order.tasks, order.jobs, tell, drawn=order.folder is not None)


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
        _refuse("--out", str(order.folder), f"cannot be written: {problem.strerror}")


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
