"""The maps a server has: folders of OpenDRIVE files, single files under names of their own, and texts from clients.

Clients may name a map in short ("urban"), as it reports itself ("Carla/Maps/urban"), by its package
("/Game/Carla/Maps/urban") or with CARLA's mark of a layered map ("urban_Opt"). A baked file (.npz) beside
an OpenDRIVE file is used when it was baked from exactly this text.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from sim.episode.opendrive_text import lanes_m, mended
from sim.episode.structs import OpendriveGenerationParameters, Refused
from sim.episode.town import PREFIX, Town, known_town, town_of
from sim.road import Road, bake, load_baked, xodr_digest
from stack.vocabulary import FaultlineError, Finding, InputError, MissingPart

PACKAGE: Final = "/Game/" + PREFIX
LAYERED: Final = "_Opt"
GENERATED: Final = "OpenDriveMap"
LONGEST_KM: Final = 5000.0  # of lanes: CARLA's largest towns have less, and reading this takes half a minute (own)
MOST_NOTES: Final = 20  # of one map


class Shelf:
    """Maps by name. A later folder's map, or a single file's, takes the place of an earlier one of its name."""

    def __init__(self, folders: Iterable[Path], extra: Mapping[str, Path] | None = None) -> None:
        self._folders = tuple(folders)
        self._extra = dict(extra or {})

    def files(self) -> dict[str, Path]:
        """OpenDRIVE files by short name, as they are now."""
        found = {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.xodr"))}
        return found | self._extra

    def names(self) -> tuple[str, ...]:
        """Full names, sorted."""
        return tuple(sorted(PACKAGE + name for name in self.files()))

    def find(self, text: str) -> str:
        """The short name of the map a client means. Raises Refused for one that is not there."""
        short = text.strip().rstrip("/").rsplit("/", 1)[-1].removesuffix(".xodr")
        by_fold = {name.casefold(): name for name in reversed(self.files())}
        for name in (short, short.removesuffix(LAYERED)):
            if name in self.files():
                return name
            if name.casefold() in by_fold:
                return by_fold[name.casefold()]
        raise Refused(f"Map '{text}' not found")

    def town(self, text: str) -> Town:
        """A map by any of its names. Raises Refused for one that is not there or cannot be read."""
        name = self.find(text)
        path = self.files()[name]
        try:
            xodr = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise Refused(f"Map '{text}' cannot be read: {error}") from error
        return _town(name, xodr, path.with_suffix(".npz"))

    def generated(self, xodr: str, parameters: OpendriveGenerationParameters) -> Town:
        """The map of a text from a client. Raises Refused for a text that cannot be read."""
        del parameters  # they say how CARLA is to mesh the road; here it is meshed as every other map's
        return _town(GENERATED, xodr, None)


def _town(name: str, text: str, baked: Path | None) -> Town:
    xodr, mends = mended(text)
    known = known_town(name, xodr_digest(xodr))
    if known is not None:
        return known
    left_out: list[Finding] = []
    try:
        long_km = lanes_m(xodr) * 1e-3
        if long_km > LONGEST_KM:
            raise Refused(f"Map '{name}' cannot be read: its lanes are {long_km:g} km long, {LONGEST_KM:g} km at most")
        road = _baked(xodr, baked) or bake(name, xodr, left_out=left_out)
        return town_of(road, xodr, (*mends, *_notes(left_out)))
    except (InputError, MissingPart, ElementTree.ParseError) as error:
        raise Refused(f"Map '{name}' cannot be read: {error}") from error


def _baked(xodr: str, path: Path | None) -> Road | None:
    """The baked file beside a text, if it was baked from it."""
    if path is None or not path.is_file():
        return None
    try:
        road = load_baked(path)
    except FaultlineError:
        return None
    return road if road.digest == xodr_digest(xodr) else None


def _notes(left_out: list[Finding]) -> tuple[str, ...]:
    """What was left out, the first of it in words."""
    said = [str(finding) for finding in left_out[:MOST_NOTES]]
    more = len(left_out) - len(said)
    return (*said, f"and {more} more") if more else tuple(said)
