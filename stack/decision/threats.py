"""Threats: collision hazards seen from now, with what braking needs, when it is due, and what speaks against it.

The required deceleration `a` of a hazard holds at the hazards' instant and contains the time the brakes
need to answer. All its forms go with 1 / room, where room is the gap left once the brakes have answered.
Here the room is carried forward to the present and shortened by the gap to keep at standstill, to `left`:
braking then needs a * room / left, and is due when left has shrunk to a * room / limit. What `a` exceeds
closing² / (2 room) by is the object's own braking; it adds to the speed at which the room shrinks.
"""

from math import inf, sqrt
from typing import NamedTuple

from stack.decision.support import (
    NO_OBJECTION,
    Objection,
    Withheld,
    Witnesses,
    confirmation_s,
    is_vulnerable,
    path_limit,
    standing_objection,
    support_objection,
)
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Hazard, HazardKind, HazardList, SimNs

NEVER = SimNs(-1)
_VRU = HazardKind.FORWARD_COLLISION_VRU
_COLLISION = (HazardKind.FORWARD_COLLISION_VEHICLE, _VRU)
_SLOWEST_MPS = 0.1  # slower is no approach
_BRAKES_MPS2 = 0.5  # less is noise of the estimate
_LOOK_AHEAD_S = 3.0  # threats due later than this are not weighed


class Acquaintance(NamedTuple):
    """Since when a track has been likely in the path, and since when it has had its support (-1: it has not)."""

    track_id: int
    in_path_since: SimNs
    supported_since: SimNs


class BrakingNeed(NamedTuple):
    """What braking needs now, the limit at which it begins, when that is, and the time to collision.

    `shrink_mps` is the speed at which the room for braking shrinks.
    """

    needed_mps2: float
    limit_mps2: float
    due_in_s: float
    shrink_mps: float
    ttc_s: float


class Threat(NamedTuple):
    """A collision hazard as the brakes see it."""

    hazard: Hazard
    vulnerable: bool
    braking: BrakingNeed
    known_since: SimNs
    against_warning: Objection
    against_braking: Objection

    @property
    def due_in_s(self) -> float:
        """Time until full braking is due."""
        return self.braking.due_in_s

    @property
    def due(self) -> bool:
        """Whether full braking is due now."""
        return self.braking.due_in_s <= 0.0

    def more_gap_m(self, lead_s: float) -> float:
        """The gap by which braking would be due only after the lead; 0 if it is due later anyway."""
        return max(0.0, (lead_s - self.braking.due_in_s) * self.braking.shrink_mps)


def acquainted(
    before: tuple[Acquaintance, ...], given: HazardList, witnesses: Witnesses, now: SimNs, t: Thresholds
) -> tuple[Acquaintance, ...]:
    """Who is known after a new hazard list; a track that left the list or the path is a stranger again."""
    if not before and not given.hazards:
        return before
    known = {old.track_id: old for old in before}
    after = []
    for hazard in given.hazards:
        if hazard.kind not in _COLLISION or hazard.path_probability < t.path_warn_ratio:
            continue
        track_id = hazard.track.track_id
        old = known.get(track_id) or Acquaintance(track_id, now, NEVER)
        supported = support_objection(hazard, given.as_of, witnesses, t) is NO_OBJECTION
        supported_since = (old.supported_since if old.supported_since >= 0 else now) if supported else NEVER
        same = supported_since == old.supported_since
        after.append(old if same else Acquaintance(track_id, old.in_path_since, supported_since))
    return tuple(after)


def threats(
    given: HazardList, known: tuple[Acquaintance, ...], witnesses: Witnesses, now: SimNs, t: Thresholds
) -> tuple[Threat, ...]:
    """The collision hazards that come due soon, the soonest first."""
    age_s = max(0.0, (now - given.as_of) / NS_PER_S)
    found = []
    for hazard in given.hazards:
        if hazard.kind in _COLLISION and hazard.required_deceleration_mps2 > 0.0:
            braking = braking_need(hazard, age_s, t)
            if braking.due_in_s <= _LOOK_AHEAD_S:
                found.append(_weighed(hazard, braking, age_s, given, known, witnesses, now, t))
    if len(found) > 1:
        found.sort(key=_urgency)
    return tuple(found)


def _urgency(threat: Threat) -> tuple[float, int]:
    return threat.due_in_s, threat.hazard.track.track_id


def braking_need(hazard: Hazard, age_s: float, t: Thresholds) -> BrakingNeed:
    """The hazard's need carried forward by its age and shortened by the gap to keep."""
    limit = t.vru_brake_at_mps2 if hazard.kind is _VRU else t.brake_at_mps2
    required, closing = hazard.required_deceleration_mps2, hazard.closing_mps
    if closing < 0.0:
        closing = 0.0
    room_m = hazard.gap_m - closing * t.brake_answer_s
    kept_m = closing * t.stop_gap_s
    left_m = room_m - closing * age_s - (kept_m if kept_m < t.stop_gap_m else t.stop_gap_m)
    ttc_s = max(0.0, hazard.time_to_collision_s - age_s)
    if left_m <= 0.0 or required == inf:
        reach_m2ps2 = required * room_m if room_m > 0.0 and required < inf else 0.5 * closing * closing
        due_in_s = (min(0.0, left_m) - reach_m2ps2 / limit) / max(closing, _SLOWEST_MPS)
        return BrakingNeed(inf, limit, due_in_s, closing, ttc_s)
    own_braking = required - closing * closing / (2.0 * room_m)
    shrink_mps = closing + own_braking * t.warning_lead_s if own_braking > 0.0 else closing
    if shrink_mps < _SLOWEST_MPS:
        shrink_mps = _SLOWEST_MPS
    if own_braking > _BRAKES_MPS2:
        ttc_s = min(ttc_s, (sqrt(closing * closing + 2.0 * own_braking * hazard.gap_m) - closing) / own_braking)
    due_in_s = (left_m - required * room_m / limit) / shrink_mps
    return BrakingNeed(required * room_m / left_m, limit, due_in_s, shrink_mps, ttc_s)


def _weighed(
    hazard: Hazard,
    braking: BrakingNeed,
    age_s: float,
    given: HazardList,
    known: tuple[Acquaintance, ...],
    witnesses: Witnesses,
    now: SimNs,
    t: Thresholds,
) -> Threat:
    track_id = hazard.track.track_id
    acquaintance = next((a for a in known if a.track_id == track_id), Acquaintance(track_id, now, NEVER))
    against_warning = _against_warning(hazard, age_s, given, witnesses, t)
    against_braking = against_warning
    if against_warning is NO_OBJECTION:
        against_braking = _against_braking(hazard, braking.ttc_s, acquaintance.supported_since, witnesses, now, t)
    return Threat(hazard, is_vulnerable(hazard), braking, acquaintance.in_path_since, against_warning, against_braking)


def _against_warning(hazard: Hazard, age_s: float, given: HazardList, witnesses: Witnesses, t: Thresholds) -> Objection:
    if age_s > t.hazards_fresh_within_s:
        return Objection(Withheld.STALE, "age of the hazards", age_s, t.hazards_fresh_within_s, "s")
    if given.speed_mps < t.active_from_mps:
        return Objection(Withheld.SPEED, "own speed", given.speed_mps, t.active_from_mps, "m/s")
    if hazard.path_probability < t.path_warn_ratio:
        return Objection(Withheld.PATH, "probability in path", hazard.path_probability, t.path_warn_ratio, "ratio")
    return support_objection(hazard, given.as_of, witnesses, t)


def _against_braking(
    hazard: Hazard, ttc_s: float, supported_since: SimNs, witnesses: Witnesses, now: SimNs, t: Thresholds
) -> Objection:
    path = path_limit(hazard, witnesses, t)
    if hazard.path_probability < path:
        return Objection(Withheld.PATH, "probability in path", hazard.path_probability, path, "ratio")
    lasting_s = (now - supported_since) / NS_PER_S if supported_since >= 0 else 0.0
    wanted_s = confirmation_s(hazard, witnesses, t)
    if lasting_s < wanted_s:
        return Objection(Withheld.CONFIRMATION, "time of unbroken support", lasting_s, wanted_s, "s")
    return standing_objection(hazard, ttc_s, witnesses, t)
