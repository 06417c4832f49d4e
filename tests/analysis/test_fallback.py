"""A row held to its fallback: in time, too late, not handled, harmful, and what stays untouched."""

from dataclasses import replace

import pytest

from analysis.checks import NEVER_VIOLATED, CriterionResult
from analysis.criteria import Certainty, Criterion, CriterionKind
from analysis.fallback import held_to_fallback
from analysis.fault_times import FaultTimes, Missing
from analysis.verdict import Verdict, VerdictKind, unjudged
from stack.vocabulary import NS_PER_MS, SimNs

MS = NS_PER_MS


def limit(passed):
    return CriterionResult(
        criterion=Criterion(kind=CriterionKind.NO_CONTACT, limit=0.0, clause="x", source="y", certainty=Certainty.OWN),
        passed=passed,
        decides=True,
        measured=None if passed else 20.0,
        unit="m/s",
        violated_at=NEVER_VIOLATED if passed else SimNs(8000 * MS),
        explanation="The ego touched target.",
    )


def verdict(kind):
    result = limit(kind is VerdictKind.PASS)
    return Verdict(kind=kind, reason="the limit's own words", results=(result,), deciding=result)


def times(fhti_ms=200, ftti_ms=6000, **changes):
    handled = not isinstance(fhti_ms, Missing)
    hazardous = not isinstance(ftti_ms, Missing)
    margin = (ftti_ms - fhti_ms) * MS if handled and hazardous else (ftti_ms if not hazardous else Missing.NEVER)
    values = {
        "name": "camera_freezes",
        "taxonomy_id": "camera.imager.frozen_frame",
        "onset_at": SimNs(2000 * MS),
        "first_effect_at": SimNs(2050 * MS),
        "closed_at": SimNs(8000 * MS),
        "diagnosis": "camera_frozen" if handled else "",
        "fdti_ns": fhti_ms * MS if handled else Missing.NEVER,
        "reaction": "radar_only" if handled else "",
        "frti_ns": 0 if handled else Missing.NEVER,
        "fhti_ns": fhti_ms * MS if handled else Missing.NEVER,
        "ftti_ns": ftti_ms * MS if hazardous else ftti_ms,
        "margin_ns": margin,
        "violated": "x",
        "recovered_at": Missing.NEVER,
        "wrong_diagnoses": (),
        "defects": (),
    }
    return FaultTimes(**{**values, **changes})


def judged(kind, *faults, unprotected=VerdictKind.FAIL):
    return held_to_fallback(verdict(kind), faults, verdict(unprotected))


def test_a_fault_handled_in_time_passes_though_the_limit_cannot_be_held():
    result = judged(VerdictKind.FAIL, times())
    assert result.kind is VerdictKind.PASS
    assert result.deciding.measured == pytest.approx(5.8)
    assert "handled in 200 ms" in result.reason
    assert [one.decides for one in result.results] == [True, False]
    assert result.results[1].passed is False


def test_a_fault_handled_too_late_fails_when_its_interval_runs_out():
    result = judged(VerdictKind.FAIL, times(fhti_ms=700, ftti_ms=500))
    assert result.kind is VerdictKind.FAIL
    assert result.deciding.violated_at == 2500 * MS
    assert "too late" in result.reason


def test_a_fault_that_is_never_handled_fails():
    result = judged(VerdictKind.FAIL, times(fhti_ms=Missing.NEVER))
    assert result.kind is VerdictKind.FAIL
    assert "not handled" in result.reason


def test_a_fault_that_is_not_hazardous_here_passes():
    result = judged(VerdictKind.PASS, times(ftti_ms=Missing.NOT_HAZARDOUS), unprotected=VerdictKind.PASS)
    assert result.kind is VerdictKind.PASS
    assert result.deciding.measured is None


def test_a_reaction_that_does_the_harm_itself_fails():
    result = judged(VerdictKind.FAIL, times(ftti_ms=Missing.NOT_HAZARDOUS), unprotected=VerdictKind.PASS)
    assert result.kind is VerdictKind.FAIL
    assert "the reaction itself does harm" in result.reason


def test_a_diagnosis_before_its_cause_fails():
    result = judged(VerdictKind.FAIL, times(defects=("camera_frozen was diagnosed before onset",)))
    assert result.kind is VerdictKind.FAIL
    assert "before onset" in result.reason


def test_one_mishandled_fault_among_several_fails_the_row():
    result = judged(VerdictKind.FAIL, times(), times(fhti_ms=Missing.NEVER, name="radar_is_biased"))
    assert result.kind is VerdictKind.FAIL
    assert "radar_is_biased" in result.reason


@pytest.mark.parametrize("kind", [VerdictKind.INVALID, VerdictKind.CRASHED, VerdictKind.NOT_APPLICABLE])
def test_what_is_no_judgement_stays_what_it_is(kind):
    given = unjudged(kind, "why")
    assert held_to_fallback(given, (times(),), None) is given


def test_a_run_without_faults_keeps_its_verdict():
    given = verdict(VerdictKind.FAIL)
    assert held_to_fallback(given, (), None) is given


def test_the_worst_margin_decides_the_number():
    result = judged(VerdictKind.FAIL, times(), times(fhti_ms=1000, ftti_ms=1500))
    assert result.deciding.measured == pytest.approx(0.5)
    assert replace(result, results=()).number.startswith("fallback 0.50 s before")
