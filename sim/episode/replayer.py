"""The replayer: shows a recording again, moving what is there and bringing in what is not.

It does nothing to the episode by itself but tells a `Stagehand`. Actors of the recording that live still (same
id, same blueprint) play themselves, others are spawned with new ids. Between two recorded ticks it draws
straight lines. Places and directions are CARLA's, as in the file; times in seconds.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sim.episode.actors import pose_of, relative_to, seated, transform_of
from sim.episode.film import Film, Moment
from sim.episode.recording_file import Came, Unplayable
from sim.episode.recording_text import Recordings
from sim.episode.scene import Pose
from sim.episode.structs import Refused, Transform, Vector3D, VehicleControl, WalkerControl

_VEHICLE: Final = struct.Struct("<fff???i")
_WALKER: Final = struct.Struct("<3ff?")
_NOWHERE: Final = Pose(0.0, 0.0, 0.0, 0.0)


class Stagehand(Protocol):
    """What a replayer needs of an episode. An actor that is not there any more: `Refused`."""

    def kind_of(self, actor_id: int) -> str | None:
        """The blueprint's id of a living actor; None if there is none of this id."""
        ...

    def spawn(self, blueprint_id: str, attributes: dict[str, str], transform: Transform, parent_id: int) -> int:
        """A new actor's id, whatever stands in its way. `transform` is relative to the parent if there is one."""
        ...

    def hold(self, actor_id: int, held: bool) -> None:
        """Held: it is moved only by `place`. Released: by its own physics again."""
        ...

    def place(self, actor_id: int, transform: Transform, velocity: Vector3D) -> None:
        """Put it there, moving so (m/s, world)."""
        ...

    def drive(self, actor_id: int, control: VehicleControl) -> None:
        """Show a vehicle's pedals and steering."""
        ...

    def walk(self, actor_id: int, control: WalkerControl) -> None:
        """Show a walker's control."""
        ...

    def set_lamps(self, actor_id: int, flags: int) -> None:
        """A vehicle's light flags."""
        ...

    def hold_lights(self, held: bool) -> None:
        """Held: traffic lights change only by `set_light`."""
        ...

    def set_light(self, sign_id: str, state: int) -> None:
        """The state of a traffic light of the map, by its OpenDRIVE id; one that is not there is passed over."""
        ...

    def destroy(self, actor_id: int) -> None:
        """Take it out."""
        ...

    def set_spectator(self, transform: Transform) -> None:
        """Put the spectator there."""
        ...


@dataclass(slots=True)
class ReplaySettings:
    """What holds for every replay. Defaults are CARLA's (recalled: confirm)."""

    time_factor: float = 1.0
    ignore_hero: bool = False
    ignore_spectator: bool = True


class Replayer:
    """At most one replay at a time."""

    def __init__(self, recordings: Recordings, stage: Stagehand, settings: ReplaySettings | None = None) -> None:
        self.recordings, self.stage = recordings, stage
        self.settings = settings if settings is not None else ReplaySettings()
        self._film: Film | None = None
        self._spawned: list[int] = []

    @property
    def replaying(self) -> bool:
        """Whether `step` has something to show."""
        return self._film is not None

    def replay(
        self, name: str, start_s: float, duration_s: float, follow_id: int, sensors: bool, offset: Transform
    ) -> str:
        """Begin a replay, ending one that runs; a start below 0 counts from the end, a duration of 0 is all.

        `follow_id` (as recorded; 0: nobody) is whom the spectator follows, at `offset`. Shows the first
        moment at once. The text says what is shown, or why nothing is.
        """
        self.stop(keep_actors=False)
        try:
            film = Film(self.recordings.opened(name))
        except (Unplayable, OSError) as error:
            return f"Not replaying: {error}\n"
        last_s = film.times_s[-1]
        self._now_s = min(max(start_s + last_s if start_s < 0.0 else start_s, 0.0), last_s)
        self._end_s = min(self._now_s + duration_s, last_s) if duration_s > 0.0 else last_s
        self._follow, self._offset, self._sensors = follow_id, offset, sensors
        self._next, self._refused = 0, 0
        self._ids: dict[int, int] = {}  # as recorded to as they are now
        self._kinds: dict[int, str] = {}
        self._signs: dict[int, str] = {}
        self._film = film
        self.stage.hold_lights(True)
        begun_s = self._now_s
        self._show()
        return self._told(film, name, begun_s)

    def step(self, delta_s: float) -> bool:
        """Move on; False once there is nothing more to show. To be called before the episode's own step."""
        if self._film is None:
            return False
        self._now_s = min(self._now_s + delta_s * self.settings.time_factor, self._end_s)
        try:
            self._show()
        except (Unplayable, OSError):  # the file was changed under our hands
            self._now_s = self._end_s
        if self._now_s >= self._end_s:
            self._release()
        return self._film is not None

    def stop(self, keep_actors: bool) -> None:
        """End the replay. Without `keep_actors` what the replay brought in goes, also of one that is over."""
        if self._film is not None:
            self._release()
        if not keep_actors:
            for actor_id in self._spawned:
                self._try(self.stage.destroy, actor_id)
        self._spawned = []

    def close(self) -> None:
        """Forget the replay without a word to anybody: when its episode ends, and its actors with it."""
        if self._film is not None:
            self._film.recording.close()
            self._film = None
        self._spawned = []

    def _release(self) -> None:
        """Let everybody go where they are now."""
        if self._film is not None:
            self._film.recording.close()
            self._film = None
            for old in tuple(self._ids):
                self._tell(old, self.stage.hold, False)
            self.stage.hold_lights(False)

    def _told(self, film: Film, name: str, begun_s: float) -> str:
        heading = film.recording.heading
        lines = [
            f"Replaying {name}: map {heading.map_name}, {heading.date}",
            f"From {begun_s:g} s to {self._end_s:g} s of {film.times_s[-1]:g} s",
            f"Actors: {len(self._ids)}, of them {len(self._spawned)} new",
        ]
        if self._refused:
            lines.append(f"Not shown, because they could not be spawned: {self._refused}")
        if self._follow:
            known = self._follow in self._ids
            lines.append(f"The spectator follows {self._follow}" + ("" if known else ", which is not there yet"))
        return "\n".join(lines) + "\n"

    # What is shown.

    def _show(self) -> None:
        """The present moment of the recording."""
        if self._film is None:
            return
        now = self._film.moment(self._now_s)
        self._pass(self._film, now)
        for old, row in now.row_of.items():
            kind = self._kinds.get(old, "")
            if old in self._ids:
                x, y, z = now.velocities[row]
                factor = self.settings.time_factor
                self._tell(old, self.stage.place, now.transform(old), Vector3D(x * factor, y * factor, z * factor))
                self._control(old, kind, now.controls[row])
            elif kind == "spectator" and not self.settings.ignore_spectator and not self._follow:
                self.stage.set_spectator(now.transform(old))
        if self._follow in now.row_of:
            around = relative_to(pose_of(self._offset), _NOWHERE)
            self.stage.set_spectator(transform_of(seated(around, pose_of(now.transform(self._follow)))))

    def _pass(self, film: Film, now: Moment) -> None:
        """All that happened up to now: who came and did not go again, who went, lights and lamps."""
        came: dict[int, Came] = {}
        lights: dict[int, int] = {}
        lamps: dict[int, int] = {}
        for event in film.events_of(self._next, now.tick):
            came.update((one.id, one) for one in event.came)
            lights.update(event.lights)
            lamps.update(event.lamps)
            for old in event.gone:
                if came.pop(old, None) is None:
                    self._leave(old)
        self._next = now.tick + 1
        for one in came.values():
            self._enter(one, now.transform(one.id) if one.id in now.row_of else one.transform)
        for light, state in lights.items():
            self.stage.set_light(self._signs.get(light, ""), state)
        for old, flags in lamps.items():
            self._tell(old, self.stage.set_lamps, flags)

    def _enter(self, one: Came, transform: Transform) -> None:
        """An actor comes: itself if it lives, else a new one like it."""
        kind = one.description.id
        self._kinds[one.id] = kind
        self._signs[one.id] = one.sign_id
        if kind.startswith(("traffic.", "controller.")) or kind == "spectator":
            return
        if (one.is_hero and self.settings.ignore_hero) or (kind.startswith("sensor.") and not self._sensors):
            return
        if one.parent_id and one.parent_id not in self._ids:
            return
        if self.stage.kind_of(one.id) == kind:
            self._ids[one.id] = one.id
        else:
            attributes = {attribute.id: attribute.value for attribute in one.description.attributes}
            parent = self._ids.get(one.parent_id, 0)
            try:
                self._ids[one.id] = self.stage.spawn(kind, attributes, transform, parent)
            except Refused:
                self._refused += 1
                return
            self._spawned.append(self._ids[one.id])
        if not one.parent_id:
            self._tell(one.id, self.stage.hold, True)

    def _leave(self, old: int) -> None:
        now = self._ids.pop(old, None)
        if now is not None:
            self._try(self.stage.destroy, now)
            if now in self._spawned:
                self._spawned.remove(now)

    def _control(self, old: int, kind: str, control: bytes) -> None:
        if kind.startswith("vehicle."):
            self._tell(old, self.stage.drive, VehicleControl(*_VEHICLE.unpack_from(control)))
        elif kind.startswith("walker."):
            x, y, z, speed_mps, jump = _WALKER.unpack_from(control)
            self._tell(old, self.stage.walk, WalkerControl(Vector3D(x, y, z), speed_mps, jump))

    def _tell(self, old: int, do: Any, *values: Any) -> None:
        """Do something with an actor; one that somebody took out is no longer ours."""
        if old in self._ids and not self._try(do, self._ids[old], *values):
            del self._ids[old]

    def _try(self, do: Any, *values: Any) -> bool:
        try:
            do(*values)
        except Refused:
            return False
        return True
