"""Verbs of the command line that look: what there is, what a run was, pictures, videos, the gallery, replays.

They join the app of `scenarios.console`; running and judging is in `scenarios.cli`.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from scenarios.console import (
    COULD_NOT_RUN,
    Faults,
    Json,
    ProfileName,
    RigName,
    Seed,
    Sets,
    Weather,
    app,
    bar,
    check_folder,
    err,
    out,
    refuse,
    with_weather,
)

# -- looking around -----------------------------------------------------------------------------


@app.command("list")
def list_(
    what: Annotated[
        str,
        typer.Argument(help="scenarios, suites, faults, rigs, weathers, profiles, stacks or maps; all if not given."),
    ] = "",
    as_json: Json = False,
) -> None:
    """What there is to run, with titles."""
    from scenarios.shelves import SHELVES

    wanted = [what] if what else list(SHELVES)
    if what and what not in SHELVES:
        refuse("list", what, f"no such shelf; known: {', '.join(SHELVES)}")
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
    what: Annotated[str, typer.Argument(help="scenario, suite, fault, rig or profile.")],
) -> None:
    """The JSON Schema of a file, for editors that complete and check as you type."""
    from scenarios.documents import dump_json_schema
    from scenarios.shelves import SCHEMAS

    if what not in SCHEMAS:
        refuse("schema", what, f"no such file; known: {', '.join(SCHEMAS)}")
    sys.stdout.write(dump_json_schema(SCHEMAS[what]))


@app.command()
def doctor(
    carla: Annotated[str, typer.Option("--carla", metavar="HOST:PORT", help="Look at this CARLA server instead.")] = "",
    as_json: Json = False,
) -> None:
    """What is installed and usable here, and how to mend what is not."""
    if carla:
        from scenarios.carla_checkup import carla_checkup

        rows = carla_checkup(carla)
    else:
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


@app.command()
def render(
    scenario: Annotated[str, typer.Argument(help="A scenario: library name or file.")],
    at_s: Annotated[float, typer.Option("--at", help="Instant of the run, s.")] = 0.0,
    path: Annotated[Path, typer.Option("--out", help="The picture: .png, .jpg or .webp.")] = Path("out/render.png"),
    size: Annotated[str, typer.Option("--size", help="WIDTHxHEIGHT in pixels.")] = "1280x720",
    view: Annotated[str, typer.Option("--view", help="dash, or chase: from behind and above.")] = "dash",
    shows: Annotated[str, typer.Option("--shows", help="colour, depth, instance or semantic.")] = "colour",
    weather: Weather = "",
    faults: Faults = None,
    seed: Seed = 0,
    profile: ProfileName = "edge_soc",
    rig: RigName = "objects",
    sets: Sets = None,
) -> None:
    """Draw one picture of a scenario at an instant."""
    from scenarios.orders import requests_for
    from scenarios.viewing.rendering import Rendering, size_of, told
    from scenarios.viewing.rendering import render as rendered

    width_px, height_px = size_of(size)
    check_folder(path.parent)
    requests = requests_for(
        (scenario,), faults=tuple(faults or ()), seed=seed, profile=profile, rig=rig, sets=with_weather(sets, weather)
    )
    wanted = Rendering(
        request=requests[0], at_s=at_s, path=path, view=view, width_px=width_px, height_px=height_px, shows=shows
    ).checked()
    _compile()
    try:
        made = rendered(wanted)
    except OSError as problem:
        refuse("--out", str(path), f"cannot be written: {problem.strerror}")
    out.print(told(made), markup=False)


@app.command()
def watch(
    run_file: Annotated[Path, typer.Argument(metavar="RUN", help="A file in a campaign's runs/ folder.")],
    path: Annotated[Path | None, typer.Option("--out", help="The video; beside the run if not given.")] = None,
    size: Annotated[str, typer.Option("--size", help="WIDTHxHEIGHT in pixels, even numbers.")] = "1280x720",
    rate_hz: Annotated[int, typer.Option("--rate", help="Frames a second.")] = 20,
    view: Annotated[str, typer.Option("--view", help="dash, or chase: from behind and above.")] = "dash",
    codec: Annotated[str, typer.Option("--codec", help="vp9 or av1; every present browser plays both.")] = "vp9",
) -> None:
    """Make a stored run again and film it: boxes, tracks, risk, ladder mode and latency on the picture."""
    from scenarios.archive import read_stored
    from scenarios.viewing.rendering import size_of
    from scenarios.viewing.watching import Watching
    from scenarios.watched import watch as watched

    width_px, height_px = size_of(size)
    how = Watching(view=view, width_px=width_px, height_px=height_px, rate_hz=rate_hz, codec=codec).checked()
    stored = read_stored(run_file)
    target = path or run_file.with_suffix(".webm")
    check_folder(target.parent)
    _compile()
    with bar() as progress:
        number = progress.add_task(f"filming {stored.row['run_id']}", total=None)
        try:
            made = watched(stored, target, how, lambda done, of: progress.update(number, completed=done, total=of))
        except OSError as problem:
            refuse("--out", str(target), f"cannot be written: {problem.strerror}")
    out.print(f"{made.path}  {made.run_id}, {made.frames} frames", markup=False)
    if made.remark:
        err.print(made.remark, markup=False)


@app.command()
def gallery(
    folder: Annotated[Path, typer.Option("--out", help="Folder for gallery.html.")] = Path("out/gallery"),
) -> None:
    """Show what the sensors see in every weather on every map, and what each fault does to them."""
    from analysis.gallery import render_gallery
    from scenarios.keys import code_version, fingerprint
    from scenarios.viewing.gallery import halls, write_gallery

    check_folder(folder)
    _compile()
    with bar() as progress:
        number = progress.add_task("drawing", total=None)
        shown = halls(lambda done, of: progress.update(number, completed=done, total=of))
    page = render_gallery(shown, datetime.now(UTC).date().isoformat(), code_version(), fingerprint()["hash"])
    try:
        made = write_gallery(folder, page)
    except OSError as problem:
        refuse("--out", str(folder), f"cannot be written: {problem.strerror}")
    out.print(f"gallery: {made}", markup=False)


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE.mcap", help="A recording made with --record.")],
    sets: Sets = None,
    as_json: Json = False,
) -> None:
    """Feed a recorded run's sensor messages open loop through the stack; say where decisions differ."""
    from scenarios.logbook.replay import replayed
    from scenarios.logbook.telling import replay_document, told_replay

    result = replayed(recording, sets=tuple(sets or ()))
    if as_json:
        out.print_json(json.dumps(replay_document(result)))
    else:
        for line in told_replay(result):
            out.print(line, markup=False)
    raise typer.Exit(result.exit_code)


def _compile() -> None:
    """Compile the kernels if they are not, and say so."""
    from scenarios.warmup import is_warm, warm

    if not is_warm():
        err.print("compiling the simulator's kernels, once after every change of it ...", markup=False)
        warm()
