"""A recording ready to be shown: what happened up to a time, and where everybody is between two ticks.

Only where things are in the file is kept in memory. Places and directions are CARLA's; times in seconds.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.episode.recording_file import LIGHT_ROW, Came, Recording, Unplayable
from sim.episode.structs import Rotation, Transform, Vector3D

# Own: what moves farther between two ticks than thrice its speed allows, and this, was put elsewhere.
LEAP_M: Final = 2.0
LEAP_FACTOR: Final = 3.0
LARGEST: Final = 1e7  # own: of any place or speed that means something
_MOVED: Final = ("location", "rotation", "velocity")


class Event(NamedTuple):
    """What of a tick must not be missed when ticks are passed over. Lights and lamps: id to state or flags."""

    came: tuple[Came, ...]
    gone: tuple[int, ...]
    lights: dict[int, int]
    lamps: dict[int, int]


class Moment(NamedTuple):
    """Where everybody with a body is. Ids are the recorded ones."""

    tick: int
    row_of: dict[int, int]
    places: list[list[float]]
    turns: list[list[float]]  # pitch, yaw, roll
    velocities: list[list[float]]
    controls: list[bytes]

    def transform(self, actor_id: int) -> Transform:
        """Where one of them is."""
        row = self.row_of[actor_id]
        return Transform(Vector3D(*self.places[row]), Rotation(*self.turns[row]))


class Film:
    """An opened recording. Raises Unplayable if there is not a single tick in it."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.times_s: list[float] = []
        self._places: list[int] = []
        self._events: dict[int, Event] = {}
        self._cast_at: list[int] = []  # from which tick on
        self._casts: list[NDArray[np.uint32]] = []  # whose rows there are
        try:
            self._read()
        except BaseException:
            recording.close()
            raise

    def _read(self) -> None:
        """Go through the file once."""
        for place, shot in self.recording.shots():
            tick = len(self._places)
            if shot.came or shot.gone or shot.lights or shot.lamps:
                rows = np.frombuffer(shot.lights, dtype=LIGHT_ROW)
                lights = dict(zip(rows["id"].tolist(), rows["state"].tolist(), strict=True))
                self._events[tick] = Event(shot.came, shot.gone, lights, dict(shot.lamps))
            if shot.recast or not self._casts:
                self._cast_at.append(tick)
                self._casts.append(np.frombuffer(shot.bodies if shot.recast else b"", dtype="<u4"))
            self.times_s.append(shot.time_s)
            self._places.append(place)
        if not self._places:
            raise Unplayable(f"{self.recording.name!r} holds no tick")

    def events_of(self, first: int, last: int) -> Iterator[Event]:
        """What happened from a tick to another, both included."""
        return (self._events[tick] for tick in range(first, last + 1) if tick in self._events)

    def moment(self, now_s: float) -> Moment:
        """Where everybody is: on the straight way from a tick to the next. Raises Unplayable."""
        tick = max(bisect_right(self.times_s, now_s) - 1, 0)
        ids, rows = self._rows(tick)
        with np.errstate(over="ignore", invalid="ignore"):  # a file may hold any numbers
            values = np.concatenate([rows[name].astype(np.float64) for name in _MOVED], axis=1)
            if tick + 1 < len(self.times_s) and now_s > self.times_s[tick]:
                self._move_on(tick, now_s, ids, values)
        values = np.clip(np.nan_to_num(values), -LARGEST, LARGEST)
        row_of = {actor_id: row for row, actor_id in enumerate(ids.tolist())}
        controls = [bytes(control) for control in rows["control"].tolist()]
        places, turns, velocities = (values[:, k : k + 3].tolist() for k in (0, 3, 6))
        return Moment(tick, row_of, places, turns, velocities, controls)

    def _rows(self, tick: int) -> tuple[NDArray[np.uint32], NDArray[Any]]:
        """Who is there at a tick, and their rows."""
        shot = self.recording.shot_at(self._places[tick])
        ids = self._casts[bisect_right(self._cast_at, tick) - 1]
        rows = np.frombuffer(shot.rows, dtype=self.recording.row)
        if len(rows) != len(ids):
            raise Unplayable(f"{self.recording.name!r} was changed while it is shown")
        return ids, rows

    def _move_on(self, tick: int, now_s: float, ids: NDArray[np.uint32], values: NDArray[np.float64]) -> None:
        """Rows of place, turn and velocity, from where they are at a tick to where they are now."""
        later_ids, later = self._rows(tick + 1)
        step_s = self.times_s[tick + 1] - self.times_s[tick]
        share = (now_s - self.times_s[tick]) / step_s
        _, here, there = np.intersect1d(ids, later_ids, return_indices=True)
        way_m = later["location"][there] - values[here, 0:3]
        reach_m = LEAP_M + LEAP_FACTOR * step_s * np.sqrt((values[here, 6:9] ** 2).sum(axis=1))
        smooth = np.sqrt((way_m**2).sum(axis=1)) <= reach_m
        here, there, way_m = here[smooth], there[smooth], way_m[smooth]
        turned = (later["rotation"][there] - values[here, 3:6] + 180.0) % 360.0 - 180.0
        values[here, 0:3] += share * way_m
        values[here, 3:6] += share * turned
        values[here, 6:9] += share * (later["velocity"][there] - values[here, 6:9])
