"""The table of metrics applied to one record: names with units, values or None.

Everything is measured from truth and ledgers up to first contact, against the run's target (or,
without one, the actor that came nearest).
"""

from typing import Any

import numpy as np

from analysis.checks import Facts, facts
from analysis.encounters import Encounter, struck_by_ego
from analysis.interventions import EMERGENCY_DEMAND_MPS2, applied_requests
from analysis.metrics import (
    Scalar,
    brake_threat_number,
    delta_v_mps,
    false_activations,
    minimum_gap_m,
    speed_reduction_mps,
    time_exposed_s,
    time_integrated_s2,
    value_at,
    warning_lead_s,
)
from sim.recording import RunRecord
from sim.truth import BRAKE, EGO

EXPOSURE_THRESHOLD_S = 3.0  # TET and TIT: upper end of the usual 1.5 to 3 s (Minderhoud and Bovy 2001)


def measurements(
    record: RunRecord, target: str, *, must_not_react: bool = False, brake_max_mps2: float = 0.0
) -> dict[str, float | None]:
    """Every run metric by name; None where the question has no answer in this run.

    `must_not_react`: every activation is a false one. `brake_max_mps2` above 0 gives BTN its
    denominator; otherwise BTN is None.
    """
    known = facts(record, target)
    named = {**_severity(known), **_reaction(known, must_not_react)}
    if known.meeting is not None:
        named |= _criticality(known.meeting, known, brake_max_mps2)
        named |= _at_reactions(known.meeting, known)
    return {name: _plain(value) for name, value in named.items()}


def _plain(value: Any) -> float | None:
    if not isinstance(value, Scalar):
        return float(value)
    return value.value if value.valid and np.isfinite(value.value) else None


def _criticality(meeting: Encounter, known: Facts, brake_max_mps2: float) -> dict[str, Any]:
    ttc = meeting.time_to_collision()
    required = meeting.required_deceleration()
    at_ns = meeting.at_ns.astype(np.float64)
    touched = known.contact is not None and meeting.name in (known.contact.first, known.contact.second)
    threat = brake_threat_number(required.values, brake_max_mps2).where(required.valid)
    return {
        "min_ttc_s": ttc.lowest(),
        "min_mttc_s": meeting.modified_time_to_collision().lowest(),
        "min_thw_s": meeting.time_headway().lowest(),
        "max_drac_mps2": meeting.deceleration_to_avoid_crash().highest(),
        "max_required_deceleration_mps2": required.highest(),
        "max_btn_ratio": threat.highest(),
        "min_gap_m": minimum_gap_m(meeting.gap(), touched),
        "tet_s": time_exposed_s(ttc, at_ns, EXPOSURE_THRESHOLD_S),
        "tit_s2": time_integrated_s2(ttc, at_ns, EXPOSURE_THRESHOLD_S),
    }


def _at_reactions(meeting: Encounter, known: Facts) -> dict[str, Any]:
    ttc = meeting.time_to_collision(in_path_only=False)
    emergency = known.acted.emergency
    braking_at = int(emergency.applied_at) if emergency is not None else -1
    onset_at = _emergency_onset(known)
    warned_at = int(known.acted.warnings[0].shown_at) if known.acted.warnings else -1
    relative = Scalar(float("nan"), False)
    if 0 <= onset_at <= int(meeting.at_ns[-1] if meeting.at_ns.size else -1):
        index = int(np.searchsorted(meeting.at_ns, onset_at, side="right")) - 1
        relative = speed_reduction_mps(
            float(meeting.ego_speed_mps[index]), float(meeting.closing_mps[index]), _closing_left(meeting, known)
        )
    return {
        "ttc_at_warning_s": value_at(ttc, meeting.at_ns, warned_at),
        "ttc_at_braking_s": value_at(ttc, meeting.at_ns, braking_at),
        "ttc_at_brake_onset_s": value_at(ttc, meeting.at_ns, onset_at),
        "required_deceleration_at_braking_mps2": value_at(meeting.required_deceleration(), meeting.at_ns, braking_at),
        "speed_reduction_mps": relative,
    }


def _closing_left(meeting: Encounter, known: Facts) -> float:
    """Closing speed at contact, or at the end."""
    return known.impact_mps if known.contact is not None else float(max(meeting.closing_mps[-1], 0.0))


def _emergency_onset(known: Facts) -> int:
    """Exact onset of brake force of the episode that reached emergency demand; -1 without one."""
    for episode in known.acted.braking:
        if episode.peak_mps2 >= EMERGENCY_DEMAND_MPS2:
            return int(episode.opened_by.onset_at)
    return -1


def _severity(known: Facts) -> dict[str, Any]:
    contact = known.contact
    named: dict[str, Any] = {"impact_speed_mps": known.impact_mps, "ego_delta_v_mps": 0.0, "other_delta_v_mps": 0.0}
    if contact is not None:
        masses = known.record.roster.mass_kg
        ego_kg, other_kg = float(masses[EGO]), float(masses[struck_by_ego(known.record, contact)])
        named["ego_delta_v_mps"] = delta_v_mps(ego_kg, other_kg, contact.relative_speed_mps)
        named["other_delta_v_mps"] = delta_v_mps(other_kg, ego_kg, contact.relative_speed_mps)
    return named


def _reaction(known: Facts, must_not_react: bool) -> dict[str, Any]:
    record, acted = known.record, known.acted
    braking_at = int(acted.emergency.applied_at) if acted.emergency is not None else -1
    warning = acted.warning_for(acted.emergency.applied_at) if acted.emergency is not None else None
    functional = int(record.functional_part_at)
    braked = [int(episode.began_at) for episode in acted.braking]
    warned = [int(episode.shown_at) for episode in acted.warnings]
    return {
        "warning_lead_s": warning_lead_s(int(warning.shown_at) if warning is not None else -1, braking_at),
        "peak_demand_mps2": max((entry.demand_mps2 for entry in applied_requests(record)), default=0.0),
        "peak_brake_deceleration_mps2": float(record.truth[:, EGO, BRAKE].max()) if record.truth.size else 0.0,
        "false_brakings": float(false_activations(braked, functional, must_not_react)),
        "false_warnings": float(false_activations(warned, functional, must_not_react)),
    }
