"""The server's recorder and replayer around its episodes: what is noted after a tick, what is shown before one."""

from collections.abc import Callable
from pathlib import Path

from sim.episode.recorder import Recorder
from sim.episode.recording_text import Recordings
from sim.episode.replayer import Replayer, ReplaySettings
from sim.episode.simulation import Episode
from sim.episode.staging import EpisodeStage
from sim.episode.structs import Transform


class Playback:
    """At most one recording and one replay at a time. `today` gives the date written into files."""

    def __init__(self, folder: Path, today: Callable[[], str]) -> None:
        self.recorder, self.recordings = Recorder(folder), Recordings(folder)
        self.settings = ReplaySettings()
        self._today = today
        self._replayer: Replayer | None = None

    def before(self, delta_s: float) -> None:
        """Show the replay's next moment, if one runs."""
        if self._replayer is not None and self._replayer.replaying:
            self._replayer.step(delta_s)

    def after(self, episode: Episode) -> None:
        """Note the tick, if a recording runs."""
        if self.recorder.recording:
            self.recorder.note(episode.frame, episode.elapsed_ns * 1e-9, episode.registry, episode.touches)

    def record(self, episode: Episode, name: str, additional: bool) -> str:
        """Begin a recording."""
        return self.recorder.start(name, additional, episode.town.full_name, self._today())

    def stop_recording(self) -> None:
        """End the recording, if there is one."""
        self.recorder.stop()

    def replay(
        self, begin: Callable[[str], Episode], name: str, start_s: float, duration_s: float, follow: int, sensors: bool,
        offset: Transform,
    ) -> str:  # fmt: skip
        """Begin a replay; `begin` loads the recording's map (or keeps the present one) and gives the episode."""
        self.stop_replay(keep_actors=False)
        episode = begin(self.recordings.map_of(name) or "")
        self._replayer = Replayer(self.recordings, EpisodeStage(episode), self.settings)
        return self._replayer.replay(name, start_s, duration_s, follow, sensors, offset)

    def stop_replay(self, keep_actors: bool) -> None:
        """End the replay, if there is one."""
        if self._replayer is not None:
            self._replayer.stop(keep_actors)
            self._replayer = None

    def ended(self) -> None:
        """The episode ends: so do recording and replay; its actors go with it."""
        self.stop_recording()
        if self._replayer is not None:
            self._replayer.close()
            self._replayer = None
