"""One run as a row of JSON."""

import json

import pytest

from analysis.fault_times import fault_times
from analysis.rows import Provenance, criterion_row, role, row, row_without_record
from analysis.verdict import VerdictKind, judge, unjudged
from stack.vocabulary import Diagnosis, Mode, WarningKind
from tests.analysis.records import NEVER_CAME, approach, build, fault, must_brake, must_not_brake

ORIGIN = Provenance(
    scenario="lead_stands",
    key_hash="9f3a",
    fingerprint="x86-64",
    command="faultline run lead_stands --seed 7",
    target="lead",
    suite="r131",
    brake_max_mps2=6.3,
)


def made(criteria=None, **drive):
    record = build(**drive)
    verdict = judge(record, criteria or must_brake(), approach(), "lead")
    times = fault_times(record, verdict, None, None)
    return row(record, verdict, ORIGIN, times)


def test_a_row_carries_verdict_hashes_fingerprint_and_the_command_that_repeats_it():
    found = made()
    assert found["run_id"] == "lead_stands+none#7"
    assert found["verdict"] == "pass"
    assert found["key_hash"] == "9f3a"
    assert found["record_hash"] == "0" * 64
    assert found["fingerprint"] == "x86-64"
    assert found["command"] == "faultline run lead_stands --seed 7"
    assert found["number"] == "impact 0.0 km/h, allowed 28.0"
    assert (found["clause"], found["certainty"]) == ("6.4 Table 1 D/80", "Vx")
    assert found["seed"] == 7


@pytest.mark.parametrize("drive", [{}, {"brake_s": -1.0}, {"warn_s": -1.0}, {"faults": (fault(),)}])
def test_a_row_is_strict_json(drive):
    found = made(**drive)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_metrics_stand_by_name_with_none_where_there_is_no_answer():
    found = made(brake_s=-1.0, warn_s=-1.0)["metrics"]
    assert found["impact_speed_mps"] > 20.0
    assert found["warning_lead_s"] is None


def test_criteria_carry_limit_measured_and_violation():
    impact, warning, _demand = made(warn_s=4.2)["criteria"]
    assert impact["violated_at_s"] == "never"
    assert impact["passed"]
    assert warning["violated_at_s"] == pytest.approx(4.5)
    assert warning["measured"] == pytest.approx(0.3)
    assert (warning["limit"], warning["unit"]) == (0.8, "s")
    assert (warning["clause"], warning["certainty"]) == ("5.2.1.1", "Vx")


def test_ledgers_are_in_milliseconds():
    ledgers = made()["ledgers"]
    assert ledgers["stages"][0]["total_ms"]["max"] == pytest.approx(5.4)
    assert ledgers["paths"]["exposure to brakes"]["p50"] == pytest.approx(39.0)
    assert ledgers["transports"]["camera"]["p99"] == pytest.approx(40.0)
    assert ledgers["command_age_ms"]["peak"] == pytest.approx(89.0)
    assert ledgers["deadline_misses"] == 5


def test_a_path_nothing_took_has_no_numbers():
    path = made(brake_s=-1.0, warn_s=-1.0)["ledgers"]["paths"]["exposure to driver warned"]
    assert path == {"count": 0, "p50": None, "p99": None, "max": None}


def test_faults_carry_their_account_and_their_times():
    found = made(
        faults=(fault(),),
        diagnoses=((3.25, Diagnosis.CAMERA_FROZEN),),
        modes=((3.3, Mode.RADAR_ONLY),),
        told=((3.4, WarningKind.SYSTEM_DEGRADED),),
    )
    (entry,) = found["faults"]
    assert (entry["name"], entry["altered"], entry["opened_at_s"]) == ("camera_freezes", 30, 3.0)
    assert (entry["fdti_ms"], entry["frti_ms"], entry["fhti_ms"]) == (250.0, 150.0, 400.0)
    assert (entry["ftti_ms"], entry["margin_ms"]) == ("not measured", "not measured")
    assert found["modes"] == [{"at_s": 3.3, "mode": "radar_only"}]


def test_a_fault_that_never_came_says_so():
    found = made(faults=(fault(trigger="chance", **NEVER_CAME),))
    assert found["faults"][0]["opened_at_s"] == "never"
    assert found["verdict"] == "not_applicable"


def test_without_times_the_account_stands_alone():
    record = build(faults=(fault(),))
    verdict = judge(record, must_brake(), approach(), "lead")
    assert "fdti_ms" not in row(record, verdict, ORIGIN)["faults"][0]


def test_the_role_follows_from_the_criteria():
    assert made()["role"] == "must_brake"
    assert made(must_not_brake(), brake_s=-1.0, warn_s=-1.0, target_y_m=4.0)["role"] == "must_not_brake"
    assert role(unjudged(VerdictKind.SKIPPED, "needs pixels")) == ""


def test_where_nothing_may_react_every_reaction_is_counted_false():
    found = made(must_not_brake(), target_y_m=4.0)
    assert found["metrics"]["false_brakings"] == 1.0
    assert made()["metrics"]["false_brakings"] == 0.0


def test_a_run_without_a_record_has_the_same_keys():
    bare = row_without_record("lead_stands#8", unjudged(VerdictKind.CRASHED, "out of memory"), ORIGIN)
    assert set(bare) == set(made())
    assert (bare["verdict"], bare["reason"], bare["ledgers"]) == ("crashed", "out of memory", None)


def test_a_criterion_row_is_plain():
    verdict = judge(build(), must_brake(), approach(), "lead")
    assert all(isinstance(v, (str, float, bool)) for v in criterion_row(verdict.results[0]).values())
