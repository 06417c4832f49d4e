"""FDTI, FRTI, FHTI, FTTI and what is said when one of them has no number."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.criteria import Certainty, CriterionKind
from analysis.encounters import ego_contact
from analysis.fault_times import FaultTimes, Missing, fault_times
from analysis.verdict import VerdictKind, judge, unjudged
from sim.recording import Ending, RunRecord
from stack.vocabulary import Diagnosis, Mode, SimNs, WarningKind, ns_from_s
from tests.analysis.records import NEVER_CAME, approach, build, criterion, fault, must_brake

FROZEN, SILENT = Diagnosis.CAMERA_FROZEN, Diagnosis.RADAR_SILENT
DEGRADED, OFF = WarningKind.SYSTEM_DEGRADED, WarningKind.SYSTEM_OFF
HANDLED = {
    "diagnoses": ((3.25, FROZEN),),
    "modes": ((3.3, Mode.RADAR_ONLY), (6.2, Mode.NOMINAL)),
    "told": ((3.4, DEGRADED),),
}
MS = 1_000_000


def judged(record: RunRecord):
    return judge(record, must_brake(), approach(), "lead")


def times(protected: RunRecord, unprotected: RunRecord | None = None) -> FaultTimes:
    return every(protected, unprotected)[0]


def every(protected: RunRecord, unprotected: RunRecord | None = None) -> tuple[FaultTimes, ...]:
    verdict = judged(unprotected) if unprotected is not None else None
    return fault_times(protected, judged(protected), unprotected, verdict)


def hazardous(*faults) -> RunRecord:
    """Without protection nothing brakes."""
    return build(brake_s=-1.0, warn_s=-1.0, faults=faults or (fault(),))


def test_the_intervals_are_differences_of_the_instants_and_add_up():
    found = times(build(faults=(fault(),), **HANDLED), hazardous())
    assert found.onset_at == ns_from_s(3.0)
    assert found.first_effect_at == ns_from_s(3.02)
    assert found.diagnosis == "camera_frozen"
    assert found.fdti_ns == 250 * MS
    assert found.reaction == "radar_only"
    assert found.frti_ns == 150 * MS
    assert found.fhti_ns == 400 * MS
    contact = ego_contact(hazardous())
    assert found.ftti_ns == contact.at - ns_from_s(3.0)
    assert found.margin_ns == found.ftti_ns - found.fhti_ns
    assert found.violated == "6.4 Table 1 D/80"
    assert found.outcome == "in time"
    assert found.recovered_at == ns_from_s(6.2)
    assert (found.wrong_diagnoses, found.defects) == ((), ())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 1500), st.integers(0, 1500), st.integers(0, 1000))
def test_handling_is_detection_plus_reaction_and_margin_closes_the_sum(detect_ms, mode_ms, tell_ms):
    detected = 3.0 + detect_ms / 1000
    changed = detected + mode_ms / 1000
    record = build(
        faults=(fault(),),
        diagnoses=((detected, FROZEN),),
        modes=((changed, Mode.RADAR_ONLY),),
        told=((changed + tell_ms / 1000, DEGRADED),),
    )
    found = times(record, hazardous())
    assert found.fdti_ns == detect_ms * MS
    assert found.frti_ns == (mode_ms + tell_ms) * MS
    assert found.fhti_ns == found.fdti_ns + found.frti_ns
    assert found.margin_ns + found.fhti_ns == found.ftti_ns
    assert (found.outcome == "in time") == (found.margin_ns > 0)


def test_a_reaction_after_the_hazard_is_too_late():
    record = build(
        faults=(fault(until_s=9.0),),
        diagnoses=((3.1, FROZEN),),
        modes=((7.5, Mode.RADAR_ONLY),),
        told=((7.6, DEGRADED),),
    )
    found = times(record, hazardous())
    assert found.margin_ns < 0
    assert found.outcome == "too late"


def test_a_fault_nobody_detects_has_no_handling_time():
    found = times(build(faults=(fault(),)), hazardous())
    assert found.fdti_ns is Missing.NEVER
    assert found.fhti_ns is Missing.NEVER
    assert found.margin_ns is Missing.NEVER
    assert found.outcome == "not handled"


def test_a_fault_detected_without_reaction_is_not_handled():
    found = times(build(faults=(fault(),), diagnoses=((3.2, FROZEN),)), hazardous())
    assert found.fdti_ns == 200 * MS
    assert found.frti_ns is Missing.NEVER
    assert found.outcome == "not handled"


def test_a_fault_that_hurts_nobody_unprotected_is_not_hazardous_here():
    found = times(build(faults=(fault(),), **HANDLED), build(faults=(fault(),)))
    assert found.ftti_ns is Missing.NOT_HAZARDOUS
    assert found.margin_ns is Missing.NOT_HAZARDOUS
    assert found.outcome == "not hazardous here"
    assert found.violated == ""


def test_without_an_unprotected_run_nothing_is_measured():
    found = times(build(faults=(fault(),), **HANDLED))
    assert found.ftti_ns is Missing.NOT_MEASURED
    assert found.outcome == "not measured"
    assert found.fhti_ns == 400 * MS


def test_an_unprotected_run_that_decides_nothing_measures_nothing():
    crashed = build(faults=(fault(),), ending=Ending.CRASHED, brake_s=-1.0)
    assert times(build(faults=(fault(),), **HANDLED), crashed).ftti_ns is Missing.NOT_MEASURED
    absent = build(brake_s=-1.0)
    assert times(build(faults=(fault(),), **HANDLED), absent).ftti_ns is Missing.NOT_MEASURED


def test_the_tolerated_time_counts_from_the_unprotected_runs_own_onset():
    later = hazardous(fault(at_s=4.0, until_s=6.0, trigger="condition"))
    found = times(build(faults=(fault(),), **HANDLED), later)
    assert found.ftti_ns == ego_contact(later).at - ns_from_s(4.0)


def test_what_was_violated_before_onset_is_not_the_faults_doing():
    early = build(warn_s=-1.0, brake_s=2.5, faults=(fault(),))
    assert not judged(early).results[1].passed
    assert times(build(faults=(fault(),), **HANDLED), early).ftti_ns is Missing.NOT_HAZARDOUS


def test_a_criterion_too_uncertain_to_decide_makes_no_hazard():
    doubtful = (*must_brake(), criterion(CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST, 5.0, Certainty.MEMORY))
    bare = build(faults=(fault(),))
    verdict = judge(bare, doubtful, approach(), "lead")
    assert not verdict.results[-1].passed
    (found,) = fault_times(bare, verdict, bare, verdict)
    assert found.ftti_ns is Missing.NOT_HAZARDOUS


def test_only_the_right_diagnosis_ends_detection():
    record = build(faults=(fault(),), diagnoses=((3.1, SILENT), (3.5, FROZEN)), modes=HANDLED["modes"])
    found = times(record, hazardous())
    assert found.fdti_ns == 500 * MS
    assert found.wrong_diagnoses == ("radar_silent",)


def test_a_diagnosis_that_goes_away_detects_nothing():
    record = build(faults=(fault(),), diagnoses=((3.1, FROZEN),))
    gone = replace(record.diagnoses[0], payload=replace(record.diagnoses[0].payload, present=False))
    assert times(replace(record, diagnoses=(gone,)), hazardous()).fdti_ns is Missing.NEVER


def test_detection_before_onset_is_a_defect_and_detects_nothing():
    found = times(build(faults=(fault(),), diagnoses=((2.5, FROZEN),)), hazardous())
    assert found.fdti_ns is Missing.NEVER
    assert "camera_frozen was diagnosed at 2.500 s, before the fault's onset" in found.defects


def test_another_fault_may_explain_an_earlier_diagnosis():
    first = fault(name="camera_freezes_first", at_s=2.2, until_s=2.8)
    record = build(faults=(first, fault()), diagnoses=((2.5, FROZEN), (3.2, FROZEN)))
    found = every(record, hazardous(first, fault()))
    assert found[0].fdti_ns == 300 * MS
    assert found[1].fdti_ns == 200 * MS
    assert found[1].defects == ()


def test_two_faults_do_not_make_each_others_diagnoses_wrong():
    radar = fault(
        name="radar_blackout", at_s=3.1, expected_diagnoses=("radar_silent",), expected_modes=("camera_only",)
    )
    record = build(faults=(fault(), radar), diagnoses=((3.2, FROZEN), (3.3, SILENT)))
    first, second = every(record, hazardous(fault(), radar))
    assert (first.diagnosis, second.diagnosis) == ("camera_frozen", "radar_silent")
    assert first.wrong_diagnoses == second.wrong_diagnoses == ()


@pytest.mark.parametrize("mode", [Mode.CAMERA_ONLY, Mode.RADAR_ONLY, Mode.WARN_ONLY])
def test_a_degraded_mode_is_reached_when_the_driver_was_shown_it(mode):
    account = fault(expected_modes=(mode.value,))
    record = build(faults=(account,), diagnoses=((3.1, FROZEN),), modes=((3.2, mode),), told=((3.45, DEGRADED),))
    found = times(record, hazardous())
    assert (found.reaction, found.frti_ns) == (mode.value, 350 * MS)


def test_off_needs_the_driver_to_be_told_that_it_is_off():
    account = fault(expected_modes=("off",))
    drive = {"faults": (account,), "diagnoses": ((3.1, FROZEN),), "modes": ((3.2, Mode.OFF),)}
    assert times(build(**drive, told=((3.4, DEGRADED),)), hazardous()).frti_ns is Missing.NEVER
    assert times(build(**drive, told=((3.4, OFF),)), hazardous()).frti_ns == 300 * MS


def test_a_driver_who_already_knows_needs_no_second_showing():
    record = build(
        faults=(fault(),),
        diagnoses=((3.1, FROZEN),),
        modes=((3.2, Mode.RADAR_ONLY),),
        told=((2.9, DEGRADED),),
        warn_s=-1,
    )
    assert times(record, hazardous()).frti_ns == 100 * MS


def test_a_mode_that_is_not_the_right_one_is_no_reaction():
    record = build(
        faults=(fault(),), diagnoses=((3.1, FROZEN),), modes=((3.2, Mode.WARN_ONLY),), told=((3.3, DEGRADED),)
    )
    assert times(record, hazardous()).frti_ns is Missing.NEVER


def test_without_stated_modes_any_degradation_counts():
    account = fault(expected_modes=())
    record = build(
        faults=(account,), diagnoses=((3.1, FROZEN),), modes=((3.2, Mode.WARN_ONLY),), told=((3.3, DEGRADED),)
    )
    assert times(record, hazardous()).reaction == "warn_only"


def test_a_mode_change_before_onset_is_no_reaction():
    record = build(faults=(fault(),), diagnoses=((3.1, FROZEN),), modes=((2.9, Mode.RADAR_ONLY),))
    assert times(record, hazardous()).frti_ns is Missing.NEVER


def test_the_minimal_risk_reaction_counts_when_half_of_it_is_felt():
    account = fault(expected_modes=("minimal_risk",))
    record = build(
        faults=(account,),
        diagnoses=((3.1, FROZEN),),
        modes=((3.2, Mode.MINIMAL_RISK),),
        brake_s=3.3,
        demand_mps2=4.0,
    )
    found = times(record, hazardous())
    # dead time 0.2 s, then half of the demand after 0.29 s * ln 2
    assert found.frti_ns * 1e-9 == pytest.approx(0.2 + 0.2 + 0.29 * 0.6931, abs=0.01)
    assert found.frti_ns % (10 * MS) != 0


def test_at_rest_the_minimal_risk_is_already_reached():
    account = fault(at_s=9.0, until_s=9.5, expected_modes=("minimal_risk",))
    record = build(faults=(account,), diagnoses=((9.01, FROZEN),), modes=((9.05, Mode.MINIMAL_RISK),))
    assert record.truth[905, 0, 3] == 0.0
    assert times(record, hazardous()).frti_ns == 40 * MS


def test_a_minimal_risk_reaction_that_never_brakes_is_never_reached():
    account = fault(expected_modes=("minimal_risk",))
    record = build(faults=(account,), diagnoses=((3.1, FROZEN),), modes=((3.2, Mode.MINIMAL_RISK),), brake_s=-1.0)
    assert times(record, hazardous()).frti_ns is Missing.NEVER


@pytest.mark.parametrize("diagnosis", ["commands_refused", "commands_lost", "stack_restarted"])
def test_the_deadman_is_a_reaction_where_commands_fail(diagnosis):
    account = fault(expected_diagnoses=(diagnosis,), expected_modes=("off",))
    record = build(faults=(account,), diagnoses=((3.2, Diagnosis(diagnosis)),), deadman_s=(3.5,))
    found = times(record, hazardous())
    assert (found.reaction, found.frti_ns) == ("deadman", 300 * MS)


def test_a_deadman_faster_than_the_diagnosis_leaves_no_reaction_time():
    account = fault(expected_diagnoses=("commands_lost",), expected_modes=("off",))
    record = build(faults=(account,), diagnoses=((3.6, Diagnosis.COMMANDS_LOST),), deadman_s=(3.2,))
    found = times(record, hazardous())
    assert (found.frti_ns, found.fhti_ns) == (0, 600 * MS)


def test_the_deadman_is_no_reaction_to_a_frozen_camera():
    record = build(faults=(fault(),), diagnoses=((3.2, FROZEN),), deadman_s=(3.5,))
    assert times(record, hazardous()).reaction == ""


def test_recovery_counts_after_the_fault_ended():
    early = {**HANDLED, "modes": ((3.3, Mode.RADAR_ONLY), (5.0, Mode.NOMINAL))}
    already = times(build(faults=(fault(),), **early), hazardous())
    assert already.recovered_at == already.closed_at
    never = {**HANDLED, "modes": ((3.3, Mode.RADAR_ONLY),)}
    assert times(build(faults=(fault(),), **never), hazardous()).recovered_at is Missing.NEVER
    assert times(build(faults=(fault(),)), hazardous()).recovered_at is Missing.NOT_NEEDED


def test_going_back_to_nominal_while_the_fault_lasts_is_a_defect_if_a_violation_follows():
    early = {**HANDLED, "modes": ((3.3, Mode.RADAR_ONLY), (3.6, Mode.NOMINAL))}
    harmed = times(build(faults=(fault(),), brake_s=-1.0, **early), hazardous())
    assert any("back to nominal at 3.600 s" in one for one in harmed.defects)
    assert not times(build(faults=(fault(),), **early), hazardous()).defects


def test_a_fault_that_never_began_has_no_times():
    found = times(build(faults=(fault(trigger="chance", **NEVER_CAME),)), hazardous())
    assert found.onset_at is Missing.NEVER
    assert found.ftti_ns is Missing.NOT_MEASURED
    assert found.outcome == "not measured"


def test_a_fault_that_lasts_beyond_the_run_has_not_closed():
    record = build(faults=(fault(until_s=100.0),), **HANDLED)
    assert times(record, hazardous()).closed_at is Missing.NEVER


def test_a_protected_run_that_decides_nothing_says_so():
    record = build(faults=(fault(),), **HANDLED)
    (found,) = fault_times(record, unjudged(VerdictKind.INVALID, "approach"), None, None)
    assert found.defects == ("the protected run is invalid: its times count for nothing",)


def test_a_run_without_faults_has_no_times():
    assert every(build()) == ()


def test_an_effect_that_never_came_is_said():
    account = fault(first_effect_at=SimNs(2**62), altered=0, masked_by=("radar_blackout",))
    assert times(build(faults=(account,)), hazardous()).first_effect_at is Missing.NEVER
