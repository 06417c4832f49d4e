"""Diagnoses that stand: a symptom raises one, a healthy dwell time takes it back.

The list is ordered by first appearance. A report is made when a diagnosis appears and when it goes,
never in between.
"""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Diagnosis, DiagnosisReport, SimNs

CAMERA_BAD = frozenset(
    {
        Diagnosis.CAMERA_SILENT,
        Diagnosis.CAMERA_FROZEN,
        Diagnosis.CAMERA_BLIND,
        Diagnosis.CAMERA_IMPLAUSIBLE,
        Diagnosis.CAMERA_DEGRADED,
        Diagnosis.CAMERA_STAGE_HUNG,
    }
)
RADAR_BAD = frozenset(
    {
        Diagnosis.RADAR_SILENT,
        Diagnosis.RADAR_FROZEN,
        Diagnosis.RADAR_BLIND,
        Diagnosis.RADAR_IMPLAUSIBLE,
        Diagnosis.RADAR_DEGRADED,
        Diagnosis.RADAR_STAGE_HUNG,
    }
)
MOTION_BAD = frozenset({Diagnosis.EGO_MOTION_SILENT, Diagnosis.EGO_MOTION_IMPLAUSIBLE})
COMMANDS_BAD = frozenset({Diagnosis.COMMANDS_REFUSED, Diagnosis.COMMANDS_LOST, Diagnosis.ACTUATOR_WEAK})


class Standing(NamedTuple):
    """A diagnosis that stands: since when, when its symptom was last there, and the latest symptom."""

    diagnosis: Diagnosis
    since: SimNs
    last_at: SimNs
    symptom: Symptom


Diagnoses = tuple[Standing, ...]


def dwell_s(diagnosis: Diagnosis, t: Thresholds) -> float:
    """Healthy time that takes this diagnosis back."""
    if diagnosis is Diagnosis.STACK_RESTARTED:
        return t.restart_dwell_s
    if diagnosis is Diagnosis.DEADLINES_MISSED:
        return t.timing_dwell_s
    if diagnosis is Diagnosis.SENSORS_DISAGREE:
        return t.disagree_dwell_s
    return t.commands_dwell_s if diagnosis in COMMANDS_BAD else t.sensor_dwell_s


def judged(
    standing: Diagnoses, symptoms: Symptoms, now: SimNs, t: Thresholds
) -> tuple[Diagnoses, tuple[DiagnosisReport, ...]]:
    """The diagnoses after these symptoms, and what to report of the change."""
    if not standing and not symptoms:
        return standing, ()
    present = {symptom.diagnosis: symptom for symptom in reversed(symptoms)}
    kept: list[Standing] = []
    reports: list[DiagnosisReport] = []
    for old in standing:
        symptom = present.pop(old.diagnosis, None)
        if symptom is not None:
            kept.append(Standing(old.diagnosis, old.since, now, symptom))
        elif (now - old.last_at) / NS_PER_S < dwell_s(old.diagnosis, t):
            kept.append(old)
        else:
            reports.append(DiagnosisReport(diagnosis=old.diagnosis, present=False, reason=_earned(old, t)))
    for symptom in symptoms:
        if present.pop(symptom.diagnosis, None) is not None:
            kept.append(Standing(symptom.diagnosis, now, now, symptom))
            reports.append(DiagnosisReport(diagnosis=symptom.diagnosis, present=True, reason=symptom.reason))
    return tuple(kept), tuple(reports)


def _earned(old: Standing, t: Thresholds) -> str:
    healthy_s = dwell_s(old.diagnosis, t)
    return f"earned by {healthy_s:.1f} s with {old.symptom.name} within {old.symptom.limit:.2f} {old.symptom.unit}"
