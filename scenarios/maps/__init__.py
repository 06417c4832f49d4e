"""Our own maps: drawn with scenariogeneration, kept as OpenDRIVE, ready to use as baked arrays.

`map_names()` lists them and `load_map(name)` gives one as a `sim.road.Road`, without CARLA and without
scenariogeneration; a baked file that does not belong to its OpenDRIVE text is refused. `make` draws
and bakes them again (`python -m scenarios.maps.make`), `check` asks the ASAM OpenDRIVE checker. This
folder imports `sim.road` and the vocabulary; it never places an actor and holds no scenario.
"""

import difflib
from functools import lru_cache
from pathlib import Path

from sim.road import Road, load_baked, xodr_digest
from stack.vocabulary import Finding, InputError

FOLDER = Path(__file__).parent
ENDLESS = FOLDER / "endless"  # maps without open ends, for a CARLA server's traffic; no scenario is placed on them

__all__ = ["ENDLESS", "FOLDER", "load_map", "map_names"]


def map_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the maps that are there, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.xodr")))


@lru_cache(maxsize=16)
def load_map(name: str, folder: Path = FOLDER) -> Road:
    """A map by name. Raises InputError for an unknown one, or when its baked file is missing or stale."""
    if name not in map_names(folder):
        near = difflib.get_close_matches(name, map_names(folder), n=1)
        hint = f"did you mean {near[0]}?" if near else f"maps: {', '.join(map_names(folder))}"
        raise InputError((Finding(where="map", field=name, problem=f"no such map; {hint}"),))
    road = load_baked(folder / f"{name}.npz")
    if road.digest != xodr_digest((folder / f"{name}.xodr").read_text(encoding="utf-8")):
        problem = f"was baked from another text than {name}.xodr; make it again with `python -m scenarios.maps.make`"
        raise InputError((Finding(where=f"{name}.npz", field="digest", problem=problem),))
    return road
