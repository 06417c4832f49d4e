"""What the system did to the vehicle and told the driver, read from the ledgers of a record.

Braking counts from the instant a demand reached the brakes (`applied_at`), a warning from the
instant the driver could perceive it (`shown_at`): neither a request that was lost nor a warning
that never arrived protects anybody. The published instants are kept beside them.
"""

from dataclasses import dataclass

from sim.recording import BrakeLedger, RunRecord, WarningLedger
from stack.vocabulary import SimNs, WarningKind

EMERGENCY_DEMAND_MPS2 = 4.0  # UN R131 02 series: emergency braking is a demand of at least 4 m/s²
BRAKING_DEMAND_MPS2 = 0.1  # own: below this a demand is pre-charging of the brakes, not braking
WARNING_GAP_NS = 500_000_000  # own: two showings this close together are one warning to a driver


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakingEpisode:
    """Applied demand without a pause: first and last request, when it began and ended, its peak."""

    opened_by: BrakeLedger
    began_at: SimNs
    ended_at: SimNs
    peak_mps2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEpisode:
    """A forward-collision warning without a pause that a driver would notice."""

    opened_by: WarningLedger
    shown_at: SimNs
    ended_at: SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """All braking and forward-collision warnings of a run, in order of time."""

    braking: tuple[BrakingEpisode, ...]
    warnings: tuple[WarningEpisode, ...]
    emergency: BrakeLedger | None  # the first applied request that demanded emergency braking

    @property
    def peak(self) -> BrakingEpisode | None:
        """The episode with the highest demand."""
        return max(self.braking, key=lambda episode: episode.peak_mps2, default=None)

    def warning_for(self, braking_at: SimNs) -> WarningEpisode | None:
        """The warning that belongs to a braking instant.

        The one in force then or ended at most `WARNING_GAP_NS` before; else the first one shown
        after it, which then came too late.
        """
        for episode in reversed(self.warnings):
            if episode.shown_at <= braking_at <= episode.ended_at + WARNING_GAP_NS:
                return episode
        return next((episode for episode in self.warnings if episode.shown_at > braking_at), None)


def applied_requests(record: RunRecord) -> tuple[BrakeLedger, ...]:
    """Requests that reached the brakes, in order of their effect."""
    reached = (entry for entry in record.requests if entry.applied_at >= 0)
    return tuple(sorted(reached, key=lambda entry: (entry.applied_at, entry.message.sequence)))


def braking_episodes(record: RunRecord) -> tuple[BrakingEpisode, ...]:
    """Stretches of applied demand above the braking threshold."""
    episodes: list[BrakingEpisode] = []
    opener: BrakeLedger | None = None
    peak_mps2 = 0.0
    for entry in applied_requests(record):
        if entry.demand_mps2 > BRAKING_DEMAND_MPS2:
            opener = opener if opener is not None else entry
            peak_mps2 = max(peak_mps2, entry.demand_mps2)
        elif opener is not None:
            episodes.append(_episode(opener, entry.applied_at, peak_mps2))
            opener, peak_mps2 = None, 0.0
    if opener is not None:
        episodes.append(_episode(opener, record.ended_at, peak_mps2))
    return tuple(episodes)


def _episode(opener: BrakeLedger, ended_at: SimNs, peak_mps2: float) -> BrakingEpisode:
    return BrakingEpisode(opened_by=opener, began_at=opener.applied_at, ended_at=ended_at, peak_mps2=peak_mps2)


def warning_episodes(record: RunRecord) -> tuple[WarningEpisode, ...]:
    """Stretches in which the driver was shown a forward-collision warning."""
    shown = sorted((entry for entry in record.warnings if entry.shown_at >= 0), key=lambda entry: entry.shown_at)
    episodes: list[WarningEpisode] = []
    opener: WarningLedger | None = None
    for entry in shown:
        collision = entry.message.payload.kind is WarningKind.FORWARD_COLLISION
        if collision and opener is None:
            opener = entry
        elif not collision and opener is not None:
            episodes = _joined(episodes, opener, entry.shown_at)
            opener = None
    if opener is not None:
        episodes = _joined(episodes, opener, record.ended_at)
    return tuple(episodes)


def _joined(episodes: list[WarningEpisode], opener: WarningLedger, ended_at: SimNs) -> list[WarningEpisode]:
    """The list with one more episode, made one with the last if the pause went unnoticed."""
    if episodes and opener.shown_at - episodes[-1].ended_at <= WARNING_GAP_NS:
        last = episodes[-1]
        joined = WarningEpisode(opened_by=last.opened_by, shown_at=last.shown_at, ended_at=ended_at)
        return [*episodes[:-1], joined]
    return [*episodes, WarningEpisode(opened_by=opener, shown_at=opener.shown_at, ended_at=ended_at)]


def intervention(record: RunRecord) -> Intervention:
    """Everything the system did in a run."""
    strong = (entry for entry in applied_requests(record) if entry.demand_mps2 >= EMERGENCY_DEMAND_MPS2)
    return Intervention(
        braking=braking_episodes(record), warnings=warning_episodes(record), emergency=next(strong, None)
    )
