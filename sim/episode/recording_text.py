"""What a recording holds, told to people: its actors, who touched whom, who stood still. Times in seconds, m."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from sim.episode.recording_file import LIGHT_ROW, Came, Heading, Recording, Shot, Unplayable, path_in

LETTERS: Final = "hvwtoa"


class Recordings:
    """The recordings of a folder. Every question is answered with a text; none raises for what a file holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def opened(self, name: str) -> Recording:
        """A recording to read. Raises Unplayable."""
        return Recording(path_in(self.folder, name), name)

    def map_of(self, name: str) -> str | None:
        """The map a recording was made on; None if it cannot be read."""
        try:
            with self.opened(name) as recording:
                return recording.heading.map_name
        except Unplayable:
            return None

    def file_info(self, name: str, show_all: bool) -> str:
        """Heading, who came and went when, and contacts; with `show_all` every frame."""
        return self._told(name, lambda recording, cast: _frames(recording, cast, show_all))

    def collisions(self, name: str, type1: str, type2: str) -> str:
        """Who began to touch whom, for two sorts of actors: h, v, w, t, o or a (any)."""
        if type1 not in LETTERS or type2 not in LETTERS or len(type1) != 1 or len(type2) != 1:
            return f"The sorts of actors are {', '.join(LETTERS)}; not {type1!r} and {type2!r}.\n"
        return self._told(name, lambda recording, cast: _contacts(recording, cast, (type1, type2)))

    def actors_blocked(self, name: str, min_time_s: float, min_distance_m: float) -> str:
        """Vehicles and walkers that for at least so long moved less than so far, the longest first."""
        return self._told(name, lambda recording, cast: _blocked(recording, cast, min_time_s, min_distance_m))

    def _told(self, name: str, tell: Callable[[Recording, "_Cast"], Iterator[str]]) -> str:
        try:
            with self.opened(name) as recording:
                cast = _Cast()
                lines = [*_heading(recording.heading), *tell(recording, cast), "", f"Frames: {cast.frames}"]
                lines.append(f"Duration: {cast.last_s:g} seconds")
                if recording.torn:
                    lines.append("The rest of the file cannot be read: the recording was cut off or damaged.")
        except (Unplayable, OSError) as error:
            return f"{error}\n"
        return "\n".join(lines) + "\n"


class _Cast:
    """Who is there while a recording is read, and how far it was read."""

    def __init__(self) -> None:
        self.known: dict[int, Came] = {}
        self.frames, self.last_s = 0, 0.0

    def follow(self, recording: Recording) -> Iterator[Shot]:
        """Every tick, with those who came known and those who went still known."""
        for _, shot in recording.shots():
            self.known.update((one.id, one) for one in shot.came)
            self.frames, self.last_s = self.frames + 1, shot.time_s
            yield shot

    def name(self, actor_id: int) -> str:
        """An actor by its blueprint."""
        return self.known[actor_id].description.id if actor_id in self.known else "the map"

    def letter(self, actor_id: int) -> str:
        """CARLA's letter of an actor's sort."""
        return self.known[actor_id].letter if actor_id in self.known else "o"


def _heading(heading: Heading) -> list[str]:
    return [f"Version: {heading.version}", f"Map: {heading.map_name}", f"Date: {heading.date}", ""]


def _frames(recording: Recording, cast: _Cast, show_all: bool) -> Iterator[str]:
    bodies = 0
    for shot in cast.follow(recording):
        bodies = len(shot.bodies) // 4 if shot.recast else bodies
        if show_all or shot.came or shot.gone or shot.touches:
            yield f"Frame {cast.frames} at {shot.time_s:g} seconds"
        for one in shot.came:
            yield from _creation(one)
        yield from (f" Destroy {one}: {cast.name(one)}" for one in shot.gone)
        yield from (f" Collision {a}: {cast.name(a)} with {b}: {cast.name(b)}" for a, b in shot.touches)
        if show_all:
            yield f" Positions: {bodies}"
            if shot.lights:
                yield f" Traffic lights: {len(shot.lights) // LIGHT_ROW.itemsize}"
            yield from (f" Vehicle lights {one}: {flags:#x}" for one, flags in shot.lamps)


def _creation(one: Came) -> Iterator[str]:
    x, y, z = one.transform.location
    where = f"at ({x:.6g}, {y:.6g}, {z:.6g})"
    on = f" on {one.parent_id}" if one.parent_id else ""
    yield f" Create {one.id}: {one.description.id} ({one.letter}) {where}{on}"
    yield from (f"  {attribute.id} = {attribute.value}" for attribute in one.description.attributes)


def _contacts(recording: Recording, cast: _Cast, wanted: tuple[str, str]) -> Iterator[str]:
    yield f"{'Time':>8}  {'Types':5}  {'Id Actor 1':42}  Id Actor 2"
    last: frozenset[tuple[int, int]] = frozenset()
    for shot in cast.follow(recording):
        for pair in shot.touches:
            ordered = _as_wanted(pair, cast, wanted)
            if pair not in last and ordered is not None:
                (a, b), (one, other) = ordered, (cast.letter(ordered[0]), cast.letter(ordered[1]))
                yield f"{shot.time_s:8.2f}  {one} {other}    {a:>6} {cast.name(a):35}  {b:>6} {cast.name(b)}"
        last = frozenset(shot.touches)


def _as_wanted(pair: tuple[int, int], cast: _Cast, wanted: tuple[str, str]) -> tuple[int, int] | None:
    """The two in the order that was asked for; None if they are not of these sorts."""
    for one, other in (pair, pair[::-1]):
        if all(_is(cast.letter(who), sort) for who, sort in zip((one, other), wanted, strict=True)):
            return one, other
    return None


def _is(letter: str, sort: str) -> bool:
    """Whether an actor is of a sort; a hero is a vehicle too."""
    return sort in ("a", letter) or (sort == "v" and letter == "h")


def _blocked(recording: Recording, cast: _Cast, least_s: float, least_m: float) -> Iterator[str]:
    found: list[tuple[float, float, int]] = []
    anchors: dict[int, tuple[float, float, float, float]] = {}
    ids: list[int] = []
    for shot in cast.follow(recording):
        if shot.recast:
            ids = np.frombuffer(shot.bodies, dtype="<u4").tolist()
        for actor_id, place in zip(ids, np.frombuffer(shot.rows, recording.row)["location"].tolist(), strict=False):
            since_s, *at = anchors.setdefault(actor_id, (shot.time_s, *place))
            if sum((p - q) ** 2 for p, q in zip(place, at, strict=True)) >= least_m**2:
                found.append((shot.time_s - since_s, since_s, actor_id))
                anchors[actor_id] = (shot.time_s, *place)
        for actor_id in shot.gone:
            if actor_id in anchors:
                since_s = anchors.pop(actor_id)[0]
                found.append((shot.time_s - since_s, since_s, actor_id))
    found += [(cast.last_s - since_s, since_s, actor_id) for actor_id, (since_s, *_) in anchors.items()]
    yield f"{'Time':>8}  {'Id Actor':42}  Duration"
    for duration_s, since_s, actor_id in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if duration_s >= least_s and cast.letter(actor_id) in "hvw":
            yield f"{since_s:8.2f}  {actor_id:>6} {cast.name(actor_id):35}  {duration_s:8.2f}"
