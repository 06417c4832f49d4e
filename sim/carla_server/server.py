"""What stands behind the sockets: the episode, and what outlives it (ids, frames, clients, recordings).

One thread only. Wall time comes as a function; it is written into snapshots for clients to see and
paces the loop, but nothing that is simulated depends on it while the step is fixed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sim.carla_server.answering import Log, when_taken
from sim.carla_server.callers import Caller, Callers, OnLeave
from sim.carla_server.calls import Call
from sim.carla_server.playback import Playback
from sim.carla_server.streams import Streams
from sim.carla_server.table import CALLS
from sim.carla_server.waking import Waking
from sim.episode.actors import Registry
from sim.episode.casting import destroy, furnish
from sim.episode.scene import SensorMaker
from sim.episode.simulation import Episode
from sim.episode.structs import EpisodeSettings
from sim.episode.town import Town
from sim.episode.town_shelf import Shelf

FREE_DELTA_S: Final = 0.05  # own: the longest variable step; a server that was held up does not leap


class Server:
    """A CARLA server without its sockets: `sim.carla_server.serving` gives it those."""

    def __init__(
        self, *, shelf: Shelf, town: str, make_sensor: SensorMaker, streams: Streams, playback: Playback,
        wall_ns: Callable[[], int], log: Log, on_leave: OnLeave = OnLeave.KEEP, seed: int = 0,
    ) -> None:  # fmt: skip
        self.shelf, self.streams, self.playback = shelf, streams, playback
        self.callers = Callers(on_leave)
        self.waking = Waking(log)
        self.pending: tuple[str, Any] | None = None  # OpenDRIVE text that the next "OpenDriveMap" is made from
        self._make_sensor, self._wall_ns, self._log, self._seed = make_sensor, wall_ns, log, seed
        self._registry = Registry()
        self._said: set[str] = set()
        self._ticked_ns = wall_ns()
        self._episodes = 0
        self.episode = self._new_episode(shelf.town(town), 0, EpisodeSettings())

    # -- what the sockets need ------------------------------------------------------------------

    @property
    def calls(self) -> Mapping[str, Call]:
        """The table of calls by name."""
        return CALLS

    @property
    def synchronous(self) -> bool:
        """Whether clients tick."""
        return self.episode.settings.synchronous_mode

    @property
    def fixed_delta_s(self) -> float | None:
        """Simulated seconds of a tick; None: as long as it really took."""
        return self.episode.settings.fixed_delta_seconds

    def left(self, caller: Caller) -> None:
        """A client's connection ended."""
        self.waking.left(caller)
        for actor_id in self.callers.left(caller):
            destroy(self.episode, actor_id)

    def tick(self, delta_s: float) -> int:
        """Move on and send what is due; returns the frame."""
        self.playback.before(delta_s)
        frame = self.episode.tick(delta_s, self._wall_ns() * 1e-9)
        self.playback.after(self.episode)
        self._ticked_ns = self._wall_ns()
        return frame

    # -- what calls need ------------------------------------------------------------------------

    def cue(self, caller: Caller) -> Any:
        """A client's tick: the frame it gives, once slow listeners have taken the last one."""
        if not self.synchronous:
            return self.episode.frame + 1

        def ticked() -> int:
            frame = self._cued()
            self.waking.ticked(caller)
            return frame

        return when_taken(self.streams, ticked)

    def batched(self, results: tuple[Any, ...], do_tick: bool) -> Any:
        """A batch's results, after a tick if it asks for one."""
        if not (do_tick and self.synchronous):
            return results

        def ticked() -> tuple[Any, ...]:
            self._cued()
            return results

        return when_taken(self.streams, ticked)

    def _cued(self) -> int:
        delta_s = self.fixed_delta_s
        if delta_s is None:
            delta_s = min(max((self._wall_ns() - self._ticked_ns) * 1e-9, 1e-3), FREE_DELTA_S)
        return self.tick(delta_s)

    def set_settings(self, settings: EpisodeSettings) -> None:
        """Take new settings; whoever waits for a snapshot gets the present one again."""
        self.episode.settings = settings
        self.episode.publish(self._wall_ns() * 1e-9)

    def begin(self, town: Town, reset_settings: bool) -> None:
        """Another episode: everybody is gone, frames and ids go on."""
        old = self.episode
        self.playback.ended()
        settings = EpisodeSettings() if reset_settings else old.settings
        for actor in tuple(old.registry.order):
            if actor.stream:
                self.streams.close(actor.stream)
        self.callers.forget_actors()
        self._registry.clear()
        self.episode = self._new_episode(town, old.frame, settings)
        self.streams.close(old.stream)

    def stage_for(self, map_name: str) -> Episode:
        """The episode a replay of this map is to be shown in: the present one if it has the map."""
        if map_name and map_name != self.episode.town.full_name:
            self.begin(self.shelf.town(map_name), False)
        return self.episode

    def _new_episode(self, town: Town, frame: int, settings: EpisodeSettings) -> Episode:
        self._episodes += 1
        town.navigation()  # made now: clients ask for it within time-outs of two seconds
        episode = Episode(town, self._episodes, self._registry, self.streams, self._make_sensor, frame, self._seed)
        episode.settings = settings
        furnish(episode)
        self.streams.on_subscribe(episode.stream, lambda: episode.snapshot)
        episode.write_records()
        episode.publish(self._wall_ns() * 1e-9)
        for note in town.notes:
            self.say_once(f"{town.name}: {note}", f"map {town.name}: {note}")
        return episode

    def say(self, text: str) -> None:
        """Tell whoever runs the server."""
        self._log(text)

    def say_once(self, key: str, text: str) -> None:
        """The same, but only the first time."""
        if key not in self._said:
            self._said.add(key)
            self._log(text)
