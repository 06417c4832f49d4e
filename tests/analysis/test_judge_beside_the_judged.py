"""Two implementations on purpose: the judge's numbers beside the stack's and the world's own.

Where perception is perfect they must agree; where a run was played by the twin, the judge's geometry
must find the contact the world found.
"""

from math import isinf, pi

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.checks import contact_speed_mps
from analysis.documents import campaign_json, junit_xml
from analysis.encounters import ego_contact, encounter, struck_by_ego
from analysis.ledgers import statistics
from analysis.metrics import required_deceleration_mps2, time_to_collision_s
from analysis.metrics.geometry import outline_gap_m
from analysis.report import Campaign, RunReport, render_report
from analysis.rows import Provenance, row
from analysis.verdict import VerdictKind
from analysis.waterfalls import deciding_request, waterfall
from sim.truth import EGO, SPEED
from sim.twin.contact import separation
from stack.risk import braking as stack_braking
from tests.closed_loop.runs import judged

few = settings(max_examples=50, deadline=None)
gaps = st.floats(-1.0, 300.0)
speeds = st.floats(0.1, 40.0)
pose = st.tuples(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0), st.floats(-pi, pi))
size = st.tuples(st.floats(0.3, 12.0), st.floats(0.3, 4.0))


@few
@given(gaps, st.floats(-30.0, 40.0))
def test_stack_and_judge_agree_on_time_to_collision(gap, closing):
    mine = float(time_to_collision_s(gap, closing).values)
    assert mine == pytest.approx(stack_braking.time_to_collision_s(gap, closing))


@few
@given(st.floats(0.5, 300.0), speeds)
def test_stack_and_judge_agree_on_what_a_standing_target_needs(gap, speed):
    mine = float(required_deceleration_mps2(gap, speed, 0.0, 0.0).values)
    assert mine == pytest.approx(stack_braking.required_deceleration_mps2(gap, speed, 0.0, 0.0))


@few
@given(st.floats(0.5, 300.0), speeds, speeds, st.floats(0.2, 8.0))
def test_stack_and_judge_agree_on_what_a_braking_lead_needs(gap, speed, lead, braking):
    mine = float(required_deceleration_mps2(gap, speed, lead, braking).values)
    theirs = stack_braking.required_behind_braking_mps2(gap, speed, lead, braking, 0.0, 0.0)
    assume(not isinf(theirs))
    assert mine == pytest.approx(theirs, rel=1e-6)


@few
@given(pose, size, pose, size)
def test_world_and_judge_agree_on_the_free_distance(first, first_size, second, second_size):
    mine = float(outline_gap_m(np.array([first]), first_size, np.array([second]), second_size)[0])
    theirs = separation(*first, *first_size, *second, *second_size)[0]
    assert mine == pytest.approx(theirs, abs=1e-9)


@pytest.fixture(scope="module")
def crash():
    return judged("truck_meets_stationary_car", stack="never_brake")


@pytest.fixture(scope="module")
def stop():
    return judged("truck_meets_stationary_car")


def test_the_judges_gap_closes_where_the_world_found_contact(crash):
    record, _verdict = crash
    contact = ego_contact(record)
    meeting = encounter(record, record.roster.names[struck_by_ego(record, contact)])
    last_gap_m, closing = float(meeting.gap_m[-1]), float(meeting.closing_mps[-1])
    since_s = (contact.at - int(meeting.at_ns[-1])) * 1e-9
    assert last_gap_m - closing * since_s == pytest.approx(0.0, abs=2e-3)


def test_the_impact_is_the_speed_the_ego_drove(crash):
    record, verdict = crash
    contact = ego_contact(record)
    before = int(np.searchsorted(record.truth_at, contact.at)) - 1
    assert contact_speed_mps(record, contact) == pytest.approx(float(record.truth[before, EGO, SPEED]), abs=0.1)
    assert verdict.kind is VerdictKind.FAIL
    assert verdict.deciding.violated_at == contact.at


def test_a_run_that_brakes_is_judged_by_every_criterion_it_has(stop):
    _record, verdict = stop
    assert verdict.kind in (VerdictKind.PASS, VerdictKind.FAIL)
    assert verdict.results
    assert verdict.deciding in verdict.results


def test_the_waterfall_of_a_played_run_has_no_hole(stop):
    record, _verdict = stop
    rows = waterfall(record)
    assert rows[0].from_ns == deciding_request(record).message.true_at
    for before, after in zip(rows, rows[1:], strict=False):
        assert before.to_ns == after.from_ns, (before.label, after.label)
    assert rows[-1].label == "brakes: build-up to half"


def test_the_ledgers_of_a_played_run_add_up(stop):
    record, _verdict = stop
    for stage in statistics(record).stages:
        assert stage.released == stage.finished + stage.dropped + stage.killed + stage.pending
        assert stage.total.max_ns >= stage.running.max_ns


def test_a_played_run_becomes_row_document_and_page(stop, crash):
    reports = []
    for record, verdict in (stop, crash):
        origin = Provenance(
            scenario="truck_meets_stationary_car",
            key_hash="9f",
            fingerprint="x86",
            command="faultline run truck_meets_stationary_car",
            target=record.roster.names[1],
        )
        reports.append(RunReport(row=row(record, verdict, origin), record=record, verdict=verdict))
    assert '"schema": 1' in campaign_json([report.row for report in reports])
    assert 'tests="2"' in junit_xml("played", [report.row for report in reports])
    campaign = Campaign(title="Played", created_on="2026-01-01", code_version="", fingerprint="", runs=tuple(reports))
    html = render_report(campaign)
    assert html.count("<svg") >= 5
    assert "http" not in html
