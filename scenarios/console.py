"""What every verb of the command line shares: the app, its two consoles, its options, its refusals.

Results go to standard output, progress and refusals to standard error.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

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
RigName = Annotated[str, typer.Option("--rig", help="Raw sensors besides the object level: a shipped rig or a file.")]
Weather = Annotated[str, typer.Option("--weather", help="Weather preset, short for --set conditions.preset=NAME.")]
StackName = Annotated[str, typer.Option("--stack", help="Stack under test: an entry point of faultline.stacks.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Override: KEY=VALUE; repeatable.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for report.html, results.json, junit.xml, runs/.")]
Record = Annotated[
    bool, typer.Option("--record", help="Write each run down in runs/: MCAP for Foxglove, a trace for Perfetto.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
WorldName = Annotated[str, typer.Option("--world", help="twin, or a CARLA server: carla://HOST:PORT.")]
Traffic = Annotated[int, typer.Option("--traffic", min=0, help="Vehicles that a CARLA server drives besides.")]
Walkers = Annotated[int, typer.Option("--walkers", min=0, help="Walkers that a CARLA server moves besides.")]
Behaviour = Annotated[
    list[str] | None,
    typer.Option("--behaviour", help="How CARLA's traffic and walkers behave: KEY=VALUE; repeatable."),
]
CarlaRig = Annotated[
    str, typer.Option("--carla-rig", help="CARLA's own sensors, recorded beside the run: a shipped name or a file.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")]


def with_weather(sets: list[str] | None, weather: str) -> tuple[str, ...]:
    """The overrides, the weather's preset among them."""
    return (*(sets or ()), *((f"conditions.preset={weather}",) if weather else ()))


def refuse(option: str, value: str, problem: str) -> NoReturn:
    """Say what is wrong with an option and leave."""
    err.print(f"{option}: {value}: {problem}", markup=False)
    raise typer.Exit(COULD_NOT_RUN)


def check_folder(folder: Path | None, option: str = "--out") -> None:
    """Refuse a place for results that cannot hold them, before the first run."""
    if folder is None:
        return
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        refuse(option, str(folder), f"{there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        refuse(option, str(folder), f"nothing may be written in {there}")


def bar() -> Progress:
    """A progress bar on standard error, if somebody is watching there."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not sys.stderr.isatty(),
    )
