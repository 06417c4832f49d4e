"""Draws all maps and bakes them: `python -m scenarios.maps.make [folder]` writes *.xodr and *.npz.

Needs scenariogeneration and carla. Equal sources give equal bytes, so running it again changes nothing.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from scenarios.maps import ENDLESS, FOLDER, hills, motorway, quarter, rural, urban
from sim.road import bake, save_baked

DRAWINGS: dict[str, Callable[[], str]] = {
    hills.NAME: hills.draw,
    motorway.NAME: motorway.draw,
    rural.NAME: rural.draw,
    urban.NAME: urban.draw,
}

ENDLESS_DRAWINGS: dict[str, Callable[[], str]] = {quarter.NAME: quarter.draw}


def make(name: str, folder: Path = FOLDER) -> None:
    """Writes one map's OpenDRIVE text and its baked arrays into a folder."""
    xodr = (DRAWINGS | ENDLESS_DRAWINGS)[name]()
    (folder / f"{name}.xodr").write_text(xodr, encoding="utf-8", newline="\n")
    save_baked(bake(name, xodr), folder / f"{name}.npz")


def make_all(folder: Path = FOLDER) -> None:
    """Writes every map into a folder, those without open ends into its subfolder."""
    for name in DRAWINGS:
        make(name, folder)
    (folder / ENDLESS.name).mkdir(exist_ok=True)
    for name in ENDLESS_DRAWINGS:
        make(name, folder / ENDLESS.name)


if __name__ == "__main__":
    make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
