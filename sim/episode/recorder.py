"""The recorder: notes after every tick what there is and what it does, into a file (`sim.episode.recording_file`).

It reads the episode's records and changes nothing. When the disk refuses, it ends the recording and says so;
the episode goes on.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.blueprints.blueprint import Family
from sim.episode.actors import LIGHT, RECORD, Actor, Registry, seated, transform_of
from sim.episode.recording_file import (
    LEAN_SPANS,
    LIGHT_ROW,
    RICH_SPANS,
    VERSION,
    Came,
    Heading,
    RecordingWriter,
    Shot,
    Unplayable,
    path_in,
)
from sim.episode.scene import Pose, TouchSeen
from sim.episode.structs import Rotation, Transform, Vector3D

_MAPPED: Final = frozenset({Family.TRAFFIC_LIGHT, Family.TRAFFIC_SIGN})
_UNMOVED: Final = _MAPPED | {Family.CONTROLLER}
_NOWHERE: Final = Pose(0.0, 0.0, 0.0, 0.0)


class Recorder:
    """At most one recording at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem = ""  # why the last recording ended early, if it did
        self._writer: RecordingWriter | None = None

    @property
    def recording(self) -> bool:
        """Whether ticks are being noted."""
        return self._writer is not None

    def start(self, name: str, additional: bool, map_name: str, date: str) -> str:
        """Begin a recording, ending one that runs. The text says where it goes, or why there is none."""
        self.stop()
        self.problem = ""
        try:
            path = path_in(self.folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = RecordingWriter(path, Heading(VERSION, map_name, date, additional))
        except Unplayable as error:
            return f"Not recording: {error}"
        except OSError as error:
            return f"Not recording: {name!r} cannot be written: {error.strerror}"
        self._spans = RICH_SPANS if additional else LEAN_SPANS
        self._known: dict[int, Actor] = {}
        self._lamps: dict[int, int] = {}
        self._lights = b""
        self._began_s: float | None = None
        self._changes = -1
        return f"Recording to {path}"

    def stop(self) -> None:
        """End the recording, if there is one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def note(self, frame: int, elapsed_s: float, registry: Registry, touches: Iterable[TouchSeen] = ()) -> None:
        """Note a tick that is done, its records written. Does nothing while there is no recording."""
        if self._writer is None:
            return
        if self._began_s is None:
            self._began_s = elapsed_s
        came, gone, recast, bodies = self._cast(registry)
        plain = registry.records.view(np.uint8).reshape(-1, RECORD.itemsize)
        (first, first_end), (last, last_end) = self._spans
        rows = np.hstack((plain[self._rows, first:first_end], plain[self._rows, last:last_end])).tobytes()
        shot = Shot(frame, elapsed_s - self._began_s, came, gone, recast, bodies, rows, self._lights_of(registry),
                    self._changed_lamps(), _pairs(touches))  # fmt: skip
        try:
            self._writer.add(shot)
        except OSError as error:
            self.problem = f"the recording ended at frame {frame}: {error.strerror}"
            self.stop()

    def _cast(self, registry: Registry) -> tuple[tuple[Came, ...], tuple[int, ...], bool, bytes]:
        """Who came, who went and whose rows follow; empty when nobody did."""
        if registry.changes == self._changes:
            return (), (), False, b""
        self._changes = registry.changes
        order = registry.order
        here = {actor.id: actor for actor in order}
        came = tuple(_came(k, actor, registry) for k, actor in enumerate(order) if actor.id not in self._known)
        gone = tuple(known for known in self._known if known not in here)
        self._known = here
        moved = [k for k, actor in enumerate(order) if actor.parent is None and actor.family not in _UNMOVED]
        lights = [k for k, actor in enumerate(order) if actor.family is Family.TRAFFIC_LIGHT]
        self._vehicles = [actor for actor in order if actor.family is Family.VEHICLE]
        self._rows: NDArray[np.intp] = np.array(moved, dtype=np.intp)
        self._light_rows: NDArray[np.intp] = np.array(lights, dtype=np.intp)
        return came, gone, True, registry.records["id"][self._rows].tobytes()

    def _lights_of(self, registry: Registry) -> bytes:
        """The traffic lights' states where any of them changed."""
        if not len(self._light_rows):
            return b""
        table = registry.records.view(LIGHT)
        rows = np.zeros(len(self._light_rows), LIGHT_ROW)
        for name, field in (("id", "id"), ("frozen", "frozen"), ("state", "light")):
            rows[name] = table[field][self._light_rows]
        now = rows.tobytes()
        if now == self._lights:
            return b""
        self._lights = now
        return now

    def _changed_lamps(self) -> tuple[tuple[int, int], ...]:
        """Vehicles whose lamps changed."""
        known = self._lamps
        changed = tuple((actor.id, actor.lights) for actor in self._vehicles if known.get(actor.id, 0) != actor.lights)
        known.update(changed)
        return changed


def _came(k: int, actor: Actor, registry: Registry) -> Came:
    sign_id = ""
    if actor.family in _MAPPED:
        sign_id = registry.records.view(LIGHT)["sign_id"][k].decode("utf-8", "replace")
    if actor.parent is not None and actor.relative is not None:
        transform = transform_of(seated(actor.relative, _NOWHERE))
    else:
        record = registry.records[k]
        transform = Transform(Vector3D(*record["location"].tolist()), Rotation(*record["rotation"].tolist()))
    return Came(actor.id, actor.struct.parent_id, actor.struct.description, transform, sign_id)


def _pairs(touches: Iterable[TouchSeen]) -> tuple[tuple[int, int], ...]:
    """Each contact once, with the smaller id first; the map is 0 and second."""
    pairs: dict[tuple[int, int], None] = {}
    for touch in touches:
        first, second = touch.first.id, touch.second.id if touch.second is not None else 0
        pairs[(second, first) if 0 < second < first else (first, second)] = None
    return tuple(pairs)
