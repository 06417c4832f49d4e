"""How much later a vehicle may begin to brake and still meet its limit on impact speed: the closed form.

The brakes answer as a first-order lag towards a constant plateau. What a row of a test leaves is then a
matter of arithmetic: the gap at brake onset, less the gap that braking to the limit needs, at the
closing speed of the approach. It is the yardstick by which a delayed stack is judged to fail or not.
Speeds in m/s along the ego's axis, gaps in m, times in s.
"""

from dataclasses import dataclass
from math import exp, inf

import numpy as np

from analysis.encounters import Encounter, encounter, samples_until_contact
from analysis.interventions import EMERGENCY_DEMAND_MPS2, braking_episodes
from sim.recording import RunRecord
from sim.truth import ACCELERATION, EGO
from stack.vocabulary import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakingStart:
    """What stands at the instant the brake force leaves zero, and how the brakes answer from there.

    `target_mps` is the target's speed along the ego's axis; a pedestrian who crosses has 0.
    """

    speed_mps: float
    target_mps: float
    gap_m: float
    plateau_mps2: float
    lag_s: float

    @property
    def closing_mps(self) -> float:
        """Speed of approach before the brakes act."""
        return self.speed_mps - self.target_mps


def room_needed_m(start: BrakingStart, impact_limit_mps: float) -> float:
    """The gap in which braking brings the closing speed down to the limit (0: to no contact at all).

    With the deceleration a (1 - exp(-t / lag)) and t well above the lag, closing speed falls as
    c - a (t - lag), so that c lag + (c² - limit²) / (2 a) - a lag² / 2 metres are used up.
    """
    closing, plateau, lag = start.closing_mps, start.plateau_mps2, start.lag_s
    if closing <= impact_limit_mps:
        return 0.0
    if plateau <= 0.0:
        return inf
    used_m = closing * lag + (closing**2 - impact_limit_mps**2) / (2.0 * plateau) - 0.5 * plateau * lag**2
    return max(used_m, 0.0)


def onset_margin_s(start: BrakingStart, impact_limit_mps: float) -> float:
    """How much later the brakes may begin: the latest onset that meets the limit, minus this one.

    Negative where this onset is too late already; inf where the approach itself is slower than the limit.
    """
    closing = start.closing_mps
    if closing <= impact_limit_mps:
        return inf
    return (start.gap_m - room_needed_m(start, impact_limit_mps)) / closing


def braking_start(record: RunRecord, target: str, lag_s: float) -> BrakingStart | None:
    """Read from a run the onset of its emergency braking; None if there was none before contact.

    A run that opens with partial braking has two plateaus and no closed form: switch the partial
    braking off to measure margins.
    """
    onset_at = _emergency_onset(record)
    meeting = encounter(record, target)
    if onset_at < 0 or meeting.at_ns.size == 0 or onset_at > meeting.at_ns[-1]:
        return None
    instants, at = meeting.at_ns.astype(np.float64), float(onset_at)
    return BrakingStart(
        speed_mps=float(np.interp(at, instants, meeting.ego_speed_mps)),
        target_mps=max(float(np.interp(at, instants, meeting.other_speed_mps)), 0.0),
        gap_m=float(np.interp(at, instants, meeting.ahead_m)),
        plateau_mps2=plateau_mps2(meeting, onset_at, lag_s),
        lag_s=lag_s,
    )


def plateau_mps2(meeting: Encounter, onset_at: int, lag_s: float) -> float:
    """The deceleration that the brakes were on their way to, from the highest one that truth holds.

    A braking that ends early never gets there: what a first-order lag still owed at that instant is added.
    """
    after = meeting.at_ns > onset_at
    if not after.any():
        return 0.0
    deceleration = -meeting.ego_acceleration_mps2[after]
    highest = int(np.argmax(deceleration))
    lasted_s = float(meeting.at_ns[after][highest] - onset_at) / NS_PER_S
    reached_ratio = 1.0 - exp(-lasted_s / lag_s) if lag_s > 0.0 else 1.0
    return float(deceleration[highest]) / reached_ratio


def highest_deceleration_mps2(record: RunRecord) -> float:
    """The strongest slowing of the ego that truth holds before its first contact; 0 if it never slowed.

    Over a braking that lasts well beyond the lag this is the plateau. Rolling and drag are in it.
    """
    count = samples_until_contact(record)
    slowing = -record.truth[:count, EGO, ACCELERATION]
    return max(float(slowing.max()), 0.0) if count else 0.0


def _emergency_onset(record: RunRecord) -> int:
    """When the brake force left zero for the first episode that reached emergency demand; -1 without one."""
    for episode in braking_episodes(record):
        if episode.peak_mps2 >= EMERGENCY_DEMAND_MPS2:
            return int(episode.opened_by.onset_at)
    return -1
