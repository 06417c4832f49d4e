"""The file of a recording: what happened in an episode, tick by tick, appended as it happens.

After eight letters come blocks: length and CRC-32 (uint32, little-endian each), then msgpack. The first block
is the heading, each further one a tick. What a crash tears off at the end is noticed and left out. Values are
the snapshot's own (CARLA's axes, degrees, m, m/s), rows of bodies are cut out of its records.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgpack
import numpy as np

from sim.episode.structs import ActorDescription, Transform, Unreadable, read

LETTERS: Final = b"FAULTREC"
VERSION: Final = 1
LARGEST_BLOCK: Final = 1 << 26  # own: no tick is nearly as large
_FRONT: Final = struct.Struct("<II")

# Which bytes of a body's record are kept: place, turn and velocity, then its control; rich: all but padding.
LEAN_SPANS: Final = ((5, 41), (65, 84))
RICH_SPANS: Final = ((5, 65), (65, 95))
_MOVED: Final = [("location", "<f4", 3), ("rotation", "<f4", 3), ("velocity", "<f4", 3)]
LEAN: Final = np.dtype([*_MOVED, ("control", "V19")])
RICH: Final = np.dtype([*_MOVED, ("spin", "<f4", 3), ("acceleration", "<f4", 3), ("control", "V30")])
LIGHT_ROW: Final = np.dtype([("id", "<u4"), ("frozen", "u1"), ("state", "u1")])


class Unplayable(Exception):
    """A recording that cannot be had; the text is for people."""


class Heading(NamedTuple):
    """What a recording is of. `rich`: with angular velocities, accelerations and what vehicles know of lights."""

    version: int
    map_name: str
    date: str
    rich: bool


class Came(NamedTuple):
    """An actor that came. `transform` is in the world, or relative to the parent if it has one (0: none)."""

    id: int
    parent_id: int
    description: ActorDescription
    transform: Transform
    sign_id: str  # of a light or sign: its OpenDRIVE id

    @property
    def letter(self) -> str:
        """CARLA's letter of its sort: h hero, v vehicle, w walker, t traffic light, o other."""
        kind = self.description.id
        if kind.startswith("vehicle."):
            return "h" if self.is_hero else "v"
        return "w" if kind.startswith("walker.") else "t" if kind.startswith("traffic.traffic_light") else "o"

    @property
    def is_hero(self) -> bool:
        """Whether its role is "hero"."""
        return self.description.attribute("role_name") == "hero"


class Shot(NamedTuple):
    """One tick. Lights and lamps are those that changed since the last one."""

    frame: int
    time_s: float  # since the recording began
    came: tuple[Came, ...]
    gone: tuple[int, ...]
    recast: bool  # whether `bodies` holds from here on
    bodies: bytes  # ids (uint32) of the rows
    rows: bytes  # one per body, `LEAN` or `RICH`
    lights: bytes  # rows of `LIGHT_ROW`, of all traffic lights if one of them changed
    lamps: tuple[tuple[int, int], ...]  # vehicles' light flags that changed
    touches: tuple[tuple[int, int], ...]  # who touches whom; 0: the map


class RecordingWriter:
    """A file being written; every block is handed to the operating system at once."""

    def __init__(self, path: Path, heading: Heading) -> None:
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._file.write(LETTERS)
        self.add(heading)

    def add(self, content: Heading | Shot) -> None:
        """Append a block. Raises OSError where there is no room."""
        packed = msgpack.packb(content)
        self._file.write(_FRONT.pack(len(packed), zlib.crc32(packed)) + packed)

    def close(self) -> None:
        """Done."""
        self._file.close()


class Recording:
    """A file to read. `torn` says, once all shots were read, whether there is more that cannot be read."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self.torn = name, False
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise Unplayable(f"there is no recording {name!r}: {error.strerror}") from error
        try:
            if self._file.read(len(LETTERS)) != LETTERS:
                raise Unplayable(f"{name!r} is not a recording of this server")
            raw = self._block()
            version = raw[0] if isinstance(raw, list) and raw else None
            if version != VERSION:
                raise Unplayable(f"{name!r} has no readable heading, or one of another version than {VERSION}")
            self.heading: Heading = _as(Heading, raw, name)
        except BaseException:
            self._file.close()
            raise
        self._first = self._file.tell()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Done."""
        self._file.close()

    @property
    def row(self) -> np.dtype[Any]:
        """What a body's row holds."""
        return RICH if self.heading.rich else LEAN

    def shots(self) -> Iterator[tuple[int, Shot]]:
        """Every tick with its place in the file, as far as the file can be read."""
        place, last_s, many = self._first, 0.0, 0
        self.torn = False
        while True:
            self._file.seek(place)
            try:
                raw = self._block()
                if raw is None:
                    return
                shot: Shot = _as(Shot, raw, self.name)
                many = len(shot.bodies) // 4 if shot.recast else many
                self._check(shot, many, last_s)
            except Unplayable:
                self.torn = True
                return
            after, last_s = self._file.tell(), shot.time_s
            yield place, shot
            place = after

    def shot_at(self, place: int) -> Shot:
        """The tick at a place that `shots` gave. Raises Unplayable."""
        self._file.seek(place)
        shot: Shot = _as(Shot, self._block(), self.name)
        return shot

    def _check(self, shot: Shot, many: int, last_s: float) -> None:
        whole = len(shot.bodies) % 4 == 0 and len(shot.lights) % LIGHT_ROW.itemsize == 0
        if not whole or len(shot.rows) != many * self.row.itemsize or shot.time_s < last_s:
            raise Unplayable(f"{self.name!r} contradicts itself at frame {shot.frame}")

    def _block(self) -> Any:
        """The next block's content; None at the end."""
        front = self._file.read(_FRONT.size)
        if not front:
            return None
        if len(front) == _FRONT.size:
            length, check = _FRONT.unpack(front)
            packed = self._file.read(length) if length <= LARGEST_BLOCK else b""
            if len(packed) == length and zlib.crc32(packed) == check:
                try:
                    return msgpack.unpackb(packed)
                except (ValueError, msgpack.UnpackException) as error:
                    raise Unplayable(f"{self.name!r} cannot be read: {error}") from error
        raise Unplayable(f"{self.name!r} is torn")


def _as(kind: Any, raw: Any, name: str) -> Any:
    try:
        return read(kind, raw)
    except Unreadable as error:
        raise Unplayable(f"{name!r} cannot be read: {error}") from error


def path_in(folder: Path, name: str) -> Path:
    """Where a recording of this name is. Raises Unplayable for a name that would leave the folder."""
    parts = name.split("/")
    if not name or name.startswith("/") or "\\" in name or ":" in name or not name.isprintable():
        raise Unplayable(f"recordings have plain names inside {folder}: {name!r} is none")
    if any(part in ("", ".", "..") or part.startswith("~") or len(part) > 120 for part in parts) or len(parts) > 4:
        raise Unplayable(f"recordings stay inside {folder}: {name!r} does not")
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unplayable(f"recordings stay inside {folder}: {name!r} does not")
    return path
