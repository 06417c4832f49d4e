"""`faultline serve`: be a CARLA server. It joins the app of `scenarios.console`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from scenarios.console import app, err, refuse


def _towns(rows: list[str] | None) -> dict[str, Path]:
    """`NAME=FILE.xodr` options as paths by name."""
    towns = {}
    for row in rows or ():
        name, equals, file = row.partition("=")
        if not equals or not name:
            refuse("--town", row, "write NAME=FILE.xodr")
        if not Path(file).is_file():
            refuse("--town", row, f"there is no file {file}")
        towns[name] = Path(file)
    return towns


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65534, help="RPC port; streams take the next. 0: a free pair.")
    ] = 2000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the loopback unless you say otherwise.")
    ] = "127.0.0.1",
    map_name: Annotated[str, typer.Option("--map", help="The map loaded first.")] = "quarter",
    maps: Annotated[Path | None, typer.Option(help="A folder of OpenDRIVE files to offer as maps.")] = None,
    town: Annotated[list[str] | None, typer.Option(help="NAME=FILE.xodr: one more map; repeatable.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record the session into this file from the start.")] = None,
    recordings: Annotated[Path, typer.Option(help="Folder for what clients record.")] = Path("out/recordings"),
    on_leave: Annotated[
        str, typer.Option(help="keep or destroy: a client's actors when its connection ends.")
    ] = "keep",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sensors' noise.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only errors on standard error.")] = False,
) -> None:
    """Be a CARLA 0.9.16 server without Unreal: the genuine client, Traffic Manager and tools connect to it."""
    from scenarios.serving import ServeOptions, serve_until_stopped
    from scenarios.warmup import is_warm, warm

    if maps is not None and not maps.is_dir():
        refuse("--maps", str(maps), "there is no such folder")
    if on_leave not in ("keep", "destroy"):
        refuse("--on-leave", on_leave, "write keep or destroy")
    if record is not None and not record.absolute().parent.is_dir():
        refuse("--record", str(record), f"there is no folder {record.absolute().parent}")
    options = ServeOptions(
        port=port, host=host, map_name=map_name, maps=maps, towns=_towns(town), record=record, recordings=recordings,
        on_leave=on_leave, seed=seed, quiet=quiet,
        today=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    if not is_warm():
        err.print("compiling the simulator's kernels, once after every change of it: two or three minutes ...")
        warm()
    serve_until_stopped(options, lambda line: err.print(line, markup=False))
