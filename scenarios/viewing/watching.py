"""A run as a video: what the dash camera sees, what the stack believes, what it does, and how late it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.plots.letters import Image
from analysis.plots.overlay import overlaid
from scenarios.assembly import PreparedRun, ego_vehicle
from scenarios.maps import load_map
from scenarios.viewing.beliefs import Surroundings, track_marks, truth_marks
from scenarios.viewing.heard import Heard, Wire
from scenarios.viewing.shots import VIEWS, Theatre
from scenarios.viewing.story import Story
from scenarios.viewing.video import CODECS, VideoFile
from sim.recording import RunRecord
from stack.vocabulary import NS_PER_S, Finding, InputError, SimNs

SIZES = (64, 4096)
RATES_HZ = (1, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How a run is to be shown."""

    view: str = "dash"
    width_px: int = 1280
    height_px: int = 720
    rate_hz: int = 20
    codec: str = "vp9"

    def checked(self) -> "Watching":
        """The same, or an InputError with every finding."""
        findings = [
            Finding(where="--size", field=f"{name} {value}", problem=f"give an even number, {SIZES[0]} to {SIZES[1]}")
            for name, value in (("width", self.width_px), ("height", self.height_px))
            if not SIZES[0] <= value <= SIZES[1] or value % 2
        ]
        if not RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]:
            problem = f"give {RATES_HZ[0]} to {RATES_HZ[1]} frames a second"
            findings.append(Finding(where="--rate", field=str(self.rate_hz), problem=problem))
        for option, value, known in (("--view", self.view, VIEWS), ("--codec", self.codec, tuple(CODECS))):
            if value not in known:
                findings.append(Finding(where=option, field=value, problem=f"there are {', '.join(known)}"))
        if findings:
            raise InputError(tuple(findings))
        return self


class Film:
    """A played run, picture by picture, with everything on it. Ask for instants in rising order."""

    def __init__(self, prepared: PreparedRun, record: RunRecord, heard: Heard, how: Watching) -> None:
        self._theatre = Theatre(prepared, record, view=how.view, size_px=(how.width_px, how.height_px))
        self._heard = heard
        self._ground = Surroundings(load_map(prepared.placed.layout.map_name))
        layout = prepared.placed.layout
        self._story = Story(record, heard, ego_vehicle(layout).brake_max_mps2)
        self._shown_at = SimNs(0)
        self._wire = Wire(prepared, record, heard) if how.view == "dash" else None

    def picture(self, at: SimNs) -> Image:
        """One instant with everything on it."""
        shown = at if self._wire is None else self._wire.shown_at(at)
        self._shown_at = max(self._shown_at, shown)  # no picture comes back after a newer one
        shot = self._theatre.shot(self._shown_at)
        marks = (*truth_marks(self._theatre, shot), *track_marks(self._theatre, self._heard, shot, at))
        frame = self._theatre.frame(at)
        bird = self._ground.bird(self._theatre, self._heard, frame, at)
        return overlaid(shot.image, marks, self._story.panel(frame, at, bird))


def instants_of(record: RunRecord, rate_hz: int) -> tuple[SimNs, ...]:
    """The instants of a video's frames: from 0 at the rate, and the run's last one."""
    count = int(record.ended_at) * rate_hz // NS_PER_S + 1
    instants = [SimNs(index * NS_PER_S // rate_hz) for index in range(count)]
    return (*instants, record.ended_at) if instants[-1] < record.ended_at else tuple(instants)


def filmed(
    prepared: PreparedRun,
    record: RunRecord,
    heard: Heard,
    path: Path,
    how: Watching,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Write the video of a played run; how many frames it has."""
    instants = instants_of(record, how.rate_hz)
    with VideoFile(path, (how.width_px, how.height_px), how.rate_hz, how.codec) as video:
        film = Film(prepared, record, heard, how)
        for index, at in enumerate(instants):
            video.add(film.picture(at))
            tell(index + 1, len(instants))
    return len(instants)
