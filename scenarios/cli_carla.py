"""Verbs of the command line about CARLA worlds: `agree`. They join the app of `scenarios.console`."""

import json
from typing import Annotated

import typer

from scenarios.console import Json, app, bar, err, out


@app.command()
def agree(
    suites: Annotated[list[str], typer.Argument(metavar="SUITE", help="Suites: shipped names or files.")],
    worlds: Annotated[
        str, typer.Option("--worlds", help="Worlds separated by commas, the reference first.")
    ] = "twin,carla://127.0.0.1:2000",
    rows: Annotated[list[str] | None, typer.Option("--row", help="Only this row; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Instead of the rows' own seeds.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Do not play each row twice to see whether it repeats.")] = False,
    as_json: Json = False,
) -> None:
    """Run the same rows on several worlds; say where they differ and whether CARLA's side is to be trusted."""
    from scenarios.agreeing import Agreement, agreement_document, agreements, told_end, told_row, worlds_of
    from scenarios.warmup import is_warm, warm

    named = worlds_of(worlds)
    if not is_warm():
        err.print("compiling the simulator's kernels, once after every change of it ...", markup=False)
        warm()
    done = []
    with bar() as progress:
        number = progress.add_task("agree", total=None)
        wanted = tuple(rows or ())
        for count, row in agreements(tuple(suites), named, rows=wanted, seed=seed, repeats=not once):
            progress.update(number, total=count, advance=1)
            done.append(row)
            if not as_json:
                for line in told_row(row):
                    out.print(line, markup=False)
    agreement = Agreement(suites=tuple(suites), worlds=named, rows=tuple(done))
    if as_json:
        out.print_json(json.dumps(agreement_document(agreement)))
    else:
        for line in told_end(agreement):
            out.print(line, markup=False)
    raise typer.Exit(agreement.exit_code)
