"""One criterion against one record: did it hold, by which number, and since when not.

Every check yields the instant of violation, because the fault tolerant time interval is measured by
it. Instants are virtual nanoseconds; measured values are in the unit the criterion kind ends in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.criteria import Certainty, Criterion, CriterionKind
from analysis.encounters import Encounter, ego_contact, encounter, nearest_actor, struck_by_ego
from analysis.interventions import Intervention, intervention
from analysis.metrics.clearance import minimum_gap_m
from analysis.metrics.geometry import velocity_along_mps
from analysis.metrics.impact import impact_speed_mps
from analysis.metrics.warning_lead import warning_lead_s
from analysis.wording import KMH_PER_MPS, deciding_number
from sim.recording import RunRecord
from sim.truth import EGO, LATERAL_SPEED, SPEED, VRU_KINDS, YAW, Contact
from stack.vocabulary import SimNs, s_from_ns

Never = Literal["never"]
NEVER_VIOLATED: Never = "never"

DECIDING = frozenset({Certainty.VERIFIED, Certainty.EXTRACTED, Certainty.DERIVED, Certainty.OWN})

UNITS: dict[CriterionKind, str] = {
    CriterionKind.IMPACT_SPEED_AT_MOST: "m/s",
    CriterionKind.NO_CONTACT: "m/s",
    CriterionKind.DEMAND_AT_LEAST: "m/s²",
    CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST: "s",
    CriterionKind.WARNING_NOT_AFTER_BRAKING: "s",
    CriterionKind.NO_COLLISION_WARNING: "1",
    CriterionKind.NO_BRAKING: "m/s²",
    CriterionKind.MINIMUM_GAP_AT_LEAST: "m",
    CriterionKind.FALLBACK_IN_TIME: "s",
}

_ROUNDING = 1e-9  # a limit met to the last bit is met


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """A criterion with what was measured; `decides` is False where its certainty may not decide."""

    criterion: Criterion
    passed: bool
    decides: bool
    measured: float | None
    unit: str
    violated_at: SimNs | Never
    explanation: str

    @property
    def wording(self) -> str:
        """The measured number beside the required one."""
        return deciding_number(self.criterion.kind, self.criterion.limit, self.measured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What all checks of one record share, read once."""

    record: RunRecord
    contact: Contact | None
    impact_mps: float
    acted: Intervention
    meeting: Encounter | None

    @property
    def ended_or_contact_at(self) -> SimNs:
        """The instant from which nothing can be put right any more."""
        return self.contact.at if self.contact is not None else self.record.ended_at


@dataclass(frozen=True, slots=True)
class _Finding:
    measured: float | None
    violated_at: SimNs | Never
    explanation: str


def facts(record: RunRecord, target: str) -> Facts:
    """Read a record once for all checks; without a target the nearest actor stands in for gaps."""
    contact = ego_contact(record)
    name = target or nearest_actor(record)
    return Facts(
        record=record,
        contact=contact,
        impact_mps=contact_speed_mps(record, contact) if contact is not None else 0.0,
        acted=intervention(record),
        meeting=encounter(record, name) if name else None,
    )


def contact_speed_mps(record: RunRecord, contact: Contact) -> float:
    """Impact speed: relative speed of the hulls; with a pedestrian or cyclist along the ego's travel.

    The second is the wording of UN R131 02 series, table 2; it is read from the last truth instant
    before contact (at most one grid step earlier).
    """
    row = struck_by_ego(record, contact)
    before = int(np.searchsorted(record.truth_at, contact.at, side="left")) - 1
    if record.roster.kinds[row] not in VRU_KINDS or before < 0:
        return impact_speed_mps(contact.relative_speed_mps, contact=True).value
    ego, other = record.truth[before, EGO], record.truth[before, row]
    along = velocity_along_mps(ego[YAW], other[YAW], other[SPEED], other[LATERAL_SPEED])
    return impact_speed_mps(float(ego[SPEED] - along), contact=True).value


def check(criterion: Criterion, known: Facts) -> CriterionResult:
    """Hold a record to one criterion."""
    finding = _CHECKS[criterion.kind](criterion.limit, known)
    return CriterionResult(
        criterion=criterion,
        passed=finding.violated_at == NEVER_VIOLATED,
        decides=criterion.certainty in DECIDING,
        measured=finding.measured,
        unit=UNITS[criterion.kind],
        violated_at=finding.violated_at,
        explanation=finding.explanation,
    )


def _impact_speed(limit: float, known: Facts) -> _Finding:
    allowed = f"{limit * KMH_PER_MPS:.1f} km/h is allowed"
    if known.contact is None:
        return _Finding(0.0, NEVER_VIOLATED, f"The ego touched nothing; {allowed}.")
    late = known.impact_mps > limit + _ROUNDING
    sentence = f"{_contact_words(known)}; {allowed}."
    return _Finding(known.impact_mps, known.contact.at if late else NEVER_VIOLATED, sentence)


def _no_contact(_limit: float, known: Facts) -> _Finding:
    if known.contact is None:
        return _Finding(None, NEVER_VIOLATED, "The ego touched nothing.")
    return _Finding(known.impact_mps, known.contact.at, f"{_contact_words(known)}; none is allowed.")


def _contact_words(known: Facts) -> str:
    contact = known.contact
    assert contact is not None
    other = known.record.roster.names[struck_by_ego(known.record, contact)]
    return f"The ego touched {other} at {s_from_ns(contact.at):.3f} s with {known.impact_mps * KMH_PER_MPS:.1f} km/h"


def _demand(limit: float, known: Facts) -> _Finding:
    peak = known.acted.peak
    if peak is None:
        sentence = f"No braking demand reached the brakes; {limit:.1f} m/s² is needed."
        return _Finding(None, known.ended_or_contact_at, sentence)
    at_s, published_s = s_from_ns(peak.began_at), s_from_ns(peak.opened_by.message.published_at)
    sentence = (
        f"Braking demand peaked at {peak.peak_mps2:.2f} m/s²; it was published at {published_s:.3f} s and "
        f"reached the brakes at {at_s:.3f} s; at least {limit:.1f} m/s² is needed."
    )
    weak = peak.peak_mps2 < limit - _ROUNDING
    return _Finding(peak.peak_mps2, known.ended_or_contact_at if weak else NEVER_VIOLATED, sentence)


def _warning_before(limit: float, known: Facts) -> _Finding:
    """Lead from the warning's showing to the first applied demand of at least 4 m/s².

    Without emergency braking there is nothing a warning could precede, so the criterion holds,
    unless the ego touched something: contact then stands in for the braking that never came.
    """
    acted = known.acted
    if acted.emergency is None and known.contact is None:
        return _Finding(None, NEVER_VIOLATED, "There was neither emergency braking nor contact to warn of.")
    entry = acted.emergency
    if entry is not None:
        at = entry.applied_at
        event = f"emergency braking (published {s_from_ns(entry.message.published_at):.3f} s, applied"
        event += f" {s_from_ns(at):.3f} s)"
    else:
        at = known.ended_or_contact_at
        event = f"contact without emergency braking at {s_from_ns(at):.3f} s"
    warning = acted.warning_for(at)
    if warning is None:
        return _Finding(None, at, f"The driver was shown no collision warning before {event}.")
    lead = warning_lead_s(int(warning.shown_at), int(at)).value
    published_s = s_from_ns(warning.opened_by.message.published_at)
    sentence = (
        f"The collision warning (published {published_s:.3f} s, shown {s_from_ns(warning.shown_at):.3f} s) "
        f"led by {lead:.3f} s; at least {limit:.2f} s is needed before {event}."
    )
    return _Finding(lead, at if lead < limit - _ROUNDING else NEVER_VIOLATED, sentence)


def _warning_not_after(_limit: float, known: Facts) -> _Finding:
    return _warning_before(0.0, known)


def _no_warning(_limit: float, known: Facts) -> _Finding:
    shown = known.acted.warnings
    if not shown:
        return _Finding(0.0, NEVER_VIOLATED, "The driver was shown no collision warning.")
    first_s = s_from_ns(shown[0].shown_at)
    sentence = f"Collision warnings shown: {len(shown)}, the first at {first_s:.3f} s; none is allowed."
    return _Finding(float(len(shown)), shown[0].shown_at, sentence)


def _no_braking(_limit: float, known: Facts) -> _Finding:
    """Any demand above 0.1 m/s² that reached the brakes is braking, whatever mode it came from."""
    episodes = known.acted.braking
    if not episodes:
        return _Finding(0.0, NEVER_VIOLATED, "No braking demand reached the brakes.")
    peak = max(episode.peak_mps2 for episode in episodes)
    first = episodes[0]
    sentence = (
        f"Braking with up to {peak:.2f} m/s² reached the brakes first at {s_from_ns(first.began_at):.3f} s "
        f"(published {s_from_ns(first.opened_by.message.published_at):.3f} s); none is allowed."
    )
    return _Finding(peak, first.began_at, sentence)


def _minimum_gap(limit: float, known: Facts) -> _Finding:
    if known.meeting is None:
        return _Finding(None, NEVER_VIOLATED, "There is nobody else on the road.")
    meeting = known.meeting
    touched = known.contact is not None and meeting.name in (known.contact.first, known.contact.second)
    smallest = minimum_gap_m(meeting.gap(), touched)
    below = meeting.gap_m < limit - _ROUNDING
    violated: SimNs | Never = NEVER_VIOLATED
    if below.any():
        violated = SimNs(int(meeting.at_ns[int(np.argmax(below))]))
    elif smallest.valid and smallest.value < limit - _ROUNDING:
        violated = known.ended_or_contact_at
    sentence = f"The smallest gap to {meeting.name} was {smallest.value:.2f} m; at least {limit:.2f} m is needed."
    return _Finding(smallest.value, violated, sentence)


_CHECKS: dict[CriterionKind, Callable[[float, Facts], _Finding]] = {
    CriterionKind.IMPACT_SPEED_AT_MOST: _impact_speed,
    CriterionKind.NO_CONTACT: _no_contact,
    CriterionKind.DEMAND_AT_LEAST: _demand,
    CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST: _warning_before,
    CriterionKind.WARNING_NOT_AFTER_BRAKING: _warning_not_after,
    CriterionKind.NO_COLLISION_WARNING: _no_warning,
    CriterionKind.NO_BRAKING: _no_braking,
    CriterionKind.MINIMUM_GAP_AT_LEAST: _minimum_gap,
}
