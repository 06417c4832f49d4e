"""The command line: `faultline VERB OBJECT [options]`. The only place that prints.

One line per run, verdict first, the deciding number beside its requirement; details only where
something failed; the last line counts. Progress goes to standard error, results to standard output.
Heavy parts are imported inside the verbs, so that `--help` answers at once.

Exit codes: 0 all passed; 1 a verdict failed; 2 something could not be run, was invalid, or nothing ran.
"""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
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

Faults = Annotated[list[str] | None, typer.Option("--fault", help="A fault of the library or a fault file; repeatable.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The run's one seed.")]
ProfileName = Annotated[str, typer.Option("--profile", help="Device profile: a shipped name or a file.")]
StackName = Annotated[str, typer.Option("--stack", help="Stack under test: an entry point of faultline.stacks.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Override: KEY=VALUE; repeatable.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for report.html, results.json, junit.xml, runs/.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")]


def run_app() -> None:
    """Start; findings and missing parts become lines on standard error and exit code 2."""
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
        _refuse("list", what, f"no such shelf; there are {', '.join(SHELVES)}")
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
    sample: Annotated[bool, typer.Option("--sample", help="Draw parameters from their distributions by the seed.")] = False,
    unprotected: Annotated[bool, typer.Option("--unprotected", help="Mechanisms diagnose but do not act.")] = False,
    host: Annotated[str, typer.Option("--host", help="modelled, or measured: this machine's time.")] = "modelled",
    factor: Annotated[float, typer.Option("--factor", help="Measured time is charged times this.")] = 1.0,
    out_folder: Out = None,
    as_json: Json = False,
) -> None:
    """Run scenarios once each and judge them."""
    from scenarios.campaign import Task
    from scenarios.orders import requests_for

    if host not in ("modelled", "measured"):
        _refuse("--host", host, "there are modelled and measured")
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
    _play("run", [Task(request=request) for request in requests], 1, out_folder, as_json)


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
    _play(" + ".join(Path(name).stem for name in names), tasks, jobs, out_folder, as_json)


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
    _play(f"sweep {scenario}", list(order.tasks), jobs, out_folder, as_json, sweep_of=order.measured)


@app.command()
def demo(out_folder: Out = None, jobs: Jobs = 2) -> None:
    """The main job: UN R131 and its must-not-brake twin, with and without faults, and what latency costs."""
    from scenarios.orders import demo_order

    order = demo_order()
    _play("demo", list(order.tasks), jobs, out_folder or Path("out/demo"), as_json=False, sweep_of=order.measured)


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


def _line(result: "Result") -> None:
    """One run in one line; a failure is followed by why and by the command that repeats it."""
    row = result.row
    name = row["run_id"] if not result.task.row_id else f"{row['suite']}  {row['run_id']}"
    out.print(f"{row['verdict'].upper():<8}", style=_STYLES.get(row["verdict"], "yellow"), end="")
    out.print(f"{name:<60}  {row['number']}", markup=False)
    if row["verdict"] not in ("pass", "not_applicable"):
        out.print(f"        {row['reason']}", markup=False)
        out.print(f"        again  {row['command']}", markup=False)


def _play(
    title: str,
    tasks: "Sequence[Task]",
    jobs: int,
    folder: Path | None,
    as_json: bool,
    sweep_of: "Callable[[Campaign], Any] | None" = None,
) -> NoReturn:
    """Compute, print, store, and leave with the campaign's exit code."""
    from analysis.verdict import exit_code
    from scenarios.archive import store
    from scenarios.campaign import run_campaign
    from scenarios.engine import engine_for

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        number = bar.add_task(title, total=len(tasks))

        def tell(result: "Result") -> None:
            bar.advance(number)
            if not as_json:
                _line(result)

        campaign = run_campaign(tasks, engine_for(jobs, len(tasks)), tell)
    sweep_result = sweep_of(campaign) if sweep_of is not None else None
    stored = None
    if folder is not None:
        stored = store(campaign, title, folder, datetime.now(UTC).date().isoformat(), sweep_result)
    code = exit_code([result.outcome for result in campaign.ordered], interrupted=campaign.interrupted)
    if sweep_result is not None and not campaign.interrupted and campaign.ordered:
        code = 0 if title != "demo" else code
    _tell_end(campaign, as_json, stored, sweep_result, title)
    raise typer.Exit(code)


def _tell_end(campaign: "Campaign", as_json: bool, stored: Path | None, sweep_result: Any, title: str) -> None:  # noqa: ANN401
    """The counting line, what is missing after Ctrl-C, and where the report lies."""
    from analysis.documents import campaign_document, summary
    from scenarios.telling import counted, told_sweep
    from scenarios.archive import sweep_document

    rows = [result.row for result in campaign.ordered]
    if as_json:
        more: dict[str, Any] = {"title": title, "interrupted": campaign.interrupted}
        more["missing"] = [task.request.run_id for task in campaign.missing]
        if sweep_result is not None:
            more["sweep"] = sweep_document(sweep_result)
        sys.stdout.write(json.dumps(campaign_document(rows, **more), indent=2, allow_nan=False) + "\n")
        return
    if sweep_result is not None:
        for line in told_sweep(sweep_result):
            out.print(line, markup=False)
    out.print(counted(summary(rows)), markup=False)
    if campaign.interrupted:
        out.print(f"interrupted: {len(campaign.missing)} of {len(campaign.tasks)} runs are missing", markup=False)
        for task in campaign.missing[:5]:
            out.print(f"        missing  {task.request.run_id}", markup=False)
    if stored is not None:
        out.print(f"report: {stored}", markup=False)
