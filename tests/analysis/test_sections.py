"""Tables and sentences of the report, without layout."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import sections
from analysis.documents import summary
from analysis.fault_times import FaultTimes, Missing
from analysis.rows import Provenance, row, row_without_record
from analysis.verdict import Outcome, VerdictKind, exit_code, judge, unjudged
from stack.vocabulary import BrakingStage
from tests.analysis.records import approach, build, must_brake

ORIGIN = Provenance(scenario="lead_stands", key_hash="9f", fingerprint="x86", command="faultline run lead_stands")
PASSED = {"run_id": "a#1", "verdict": "pass", "number": "impact 0.0 km/h, allowed 28.0"}
FAILED = {"run_id": "a#1", "verdict": "fail", "number": "impact 41.0 km/h, allowed 28.0"}
KINDS = st.lists(st.sampled_from(list(VerdictKind)), max_size=12)
few = settings(max_examples=50, deadline=None)


def bare(kind: VerdictKind, **changes):
    return row_without_record("lead_stands#1", unjudged(kind, "a stated reason"), replace(ORIGIN, **changes))


def judged(**drive):
    record = build(**drive)
    return row(record, judge(record, must_brake(), approach(), "lead"), replace(ORIGIN, target="lead"))


def made_times(**changes) -> FaultTimes:
    base = FaultTimes(
        name="camera_freezes",
        taxonomy_id="camera.stuck_frame",
        onset_at=3_000_000_000,
        first_effect_at=3_020_000_000,
        closed_at=6_000_000_000,
        diagnosis="camera_frozen",
        fdti_ns=250_000_000,
        reaction="radar_only",
        frti_ns=150_000_000,
        fhti_ns=400_000_000,
        ftti_ns=2_000_000_000,
        margin_ns=1_600_000_000,
        violated="6.4",
        recovered_at=6_200_000_000,
        wrong_diagnoses=(),
        defects=(),
    )
    return replace(base, **changes)


@few
@given(KINDS)
def test_the_counts_shown_add_up_to_the_runs(kinds):
    rows = [bare(kind) for kind in kinds]
    assert sum(entry["count"] for entry in sections.counts(rows)) == len(rows)
    assert {"pass", "fail"} <= {entry["kind"] for entry in sections.counts(rows)}


@few
@given(KINDS)
def test_the_answer_never_contradicts_the_exit_code(kinds):
    rows = [bare(kind) for kind in kinds]
    code = exit_code([Outcome(kind=kind) for kind in kinds])
    assert sections.answer(rows)["word"] == ("holds", "does not hold", "undecided")[code]
    assert f"{summary(rows)['verdicts']['pass']} passed" in sections.answer(rows)["sentence"]


@few
@given(KINDS, KINDS)
def test_no_run_is_lost_between_tuned_and_held_out(tuned, held_out):
    rows = [bare(kind) for kind in tuned] + [bare(kind, held_out=True) for kind in held_out]
    total = sections.comparison(rows)["lines"][-1]
    assert total["name"] == "all"
    assert sum(cell["judged"] + cell["undecided"] for cell in total["cells"]) == len(rows)


@few
@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 40), st.integers(0, 40))
def test_a_gap_above_five_points_is_a_finding_and_a_smaller_one_is_not(judged_a, failed_a, judged_b, failed_b):
    rows = [bare(VerdictKind.PASS)] * judged_a + [bare(VerdictKind.FAIL)] * failed_a
    rows += [bare(VerdictKind.PASS, held_out=True)] * judged_b + [bare(VerdictKind.FAIL, held_out=True)] * failed_b
    gap = 100.0 * (judged_b / (judged_b + failed_b) - judged_a / (judged_a + failed_a))
    assume(abs(abs(gap) - 5.0) > 1e-9)  # at the limit itself rounding decides
    found = sections.comparison(rows)["findings"]
    assert bool(found) == (abs(gap) > 5.0)
    if found:
        assert ("worse" in found[0]) == (gap < 0.0)


def test_a_gap_needs_judged_runs_on_both_sides():
    rows = [bare(VerdictKind.PASS), bare(VerdictKind.INVALID, held_out=True)]
    assert sections.comparison(rows)["lines"][-1]["gap"] == "–"
    assert sections.comparison(rows)["findings"] == []


def test_suites_keep_their_order_and_inside_them_trouble_comes_first():
    views = [
        {"suite": "r131", "verdict": "pass"},
        {"suite": "plates", "verdict": "pass"},
        {"suite": "r131", "verdict": "fail"},
        {"suite": "r131", "verdict": "crashed"},
    ]
    groups = sections.verdict_groups(views)
    assert [group["name"] for group in groups] == ["r131", "plates"]
    assert [run["verdict"] for run in groups[0]["runs"]] == ["crashed", "fail", "pass"]


def test_at_most_three_runs_are_unfolded():
    views = [{"verdict": "fail", "timeline": ""} for _ in range(5)]
    sections.open_first(views)
    assert [view["open"] for view in views] == [True, True, True, False, False]


def test_without_trouble_the_first_pictured_run_is_unfolded():
    views = [{"verdict": "pass", "timeline": ""}, {"verdict": "pass", "timeline": "<svg>"}]
    sections.open_first(views)
    assert [view["open"] for view in views] == [False, True]


def test_metrics_are_shown_with_name_and_unit_and_left_out_when_unknown():
    view = sections.run_view(judged(brake_s=-1.0, warn_s=-1.0), "run-0", "", "")
    shown = {entry["name"]: entry["value"] for entry in view["metrics"]}
    assert shown["impact speed"] == "80.0 km/h"
    assert shown["smallest gap"] == "0.00 m"
    assert shown["largest DRAC"] == "over 20 m/s²"
    assert "warning before emergency braking" not in shown


def test_a_failed_run_tells_when_and_a_passed_one_does_not():
    assert sections.run_view(judged(warn_s=4.2), "a", "", "")["violated_at"] == "4.500 s"
    assert sections.run_view(judged(), "a", "", "")["violated_at"] == ""


def test_stages_and_paths_are_tables_in_milliseconds():
    view = sections.run_view(judged(), "a", "", "")
    assert view["stages"][0]["name"] == "tracking"
    assert view["stages"][0]["max"] == "5.40"
    names = [entry["name"] for entry in view["paths"]]
    assert names[0] == "camera exposure to delivery"
    assert names[-1] == "exposure to driver warned"
    assert view["age"]["peak"] == "89.0"


def test_evidence_is_a_sentence_with_rule_readings_limit_and_counterfactual():
    view = sections.evidence_view(build().decisions[1])
    assert view["at"] == "4.490 s"
    assert view["sentence"] == (
        "full with 6.0 m/s² in mode nominal; rule: full when time to collision falls below its limit. "
        "It saw time to collision 2.31 s, gap 51.2 m; limit: limit 2.4 s."
    )
    assert view["counterfactual"].startswith("At 2.0 m/s less")


def test_a_withheld_decision_is_told_as_no_intervention():
    message = build().decisions[0]
    withheld = replace(message, payload=replace(message.payload, stage=BrakingStage.NONE))
    assert sections.evidence_view(withheld)["sentence"].startswith("no intervention in mode nominal")


def test_a_dozen_decisions_are_told_at_most():
    first, second = build().decisions
    assert len(sections.telling((first, second) * 20)) == 12


def test_a_fault_line_has_its_numbers_and_the_share_of_the_tolerated_time():
    view = sections.fault_view(PASSED, made_times(), "run-0")
    assert (view["fdti"], view["frti"], view["fhti"], view["ftti"]) == ("250 ms", "150 ms", "400 ms", "2000 ms")
    assert view["share"] == pytest.approx(20.0)
    assert (view["outcome"], view["style"]) == ("in time", "pass")
    assert (view["onset"], view["recovered"]) == ("3.000 s", "6.200 s")


@pytest.mark.parametrize(
    ("changes", "outcome", "style"),
    [
        ({"margin_ns": -1}, "too late", "fail"),
        ({"fhti_ns": Missing.NEVER, "margin_ns": Missing.NEVER}, "not handled", "fail"),
        ({"ftti_ns": Missing.NOT_HAZARDOUS, "margin_ns": Missing.NOT_HAZARDOUS}, "not hazardous here", "skipped"),
        ({"ftti_ns": Missing.NOT_MEASURED, "margin_ns": Missing.NOT_MEASURED}, "not measured", "invalid"),
    ],
)
def test_every_outcome_of_a_fault_has_its_words(changes, outcome, style):
    view = sections.fault_view(PASSED, made_times(**changes), "run-0")
    assert (view["outcome"], view["style"]) == (outcome, style)


def test_a_margin_of_nothing_is_too_late():
    assert made_times(margin_ns=0).outcome == "too late"


def test_every_verdict_and_interval_of_the_page_is_explained():
    terms = " ".join(term for term, _meaning in sections.TERMS)
    for word in ("fail", "invalid", "FDTI", "FRTI", "FHTI", "FTTI", "TTC", "certainty", "emergency braking"):
        assert word in terms


def test_a_fault_handled_in_time_in_a_run_that_fails_is_not_painted_green():
    view = sections.fault_view(FAILED, made_times(), "run-0")
    assert view["outcome"] == "in time"
    assert view["style"] == "fail"
    assert view["yet"] == "handled in time, yet the run fails: impact 41.0 km/h, allowed 28.0"


def test_a_run_that_only_fails_with_protection_says_so():
    harmless = made_times(ftti_ns=Missing.NOT_HAZARDOUS, margin_ns=Missing.NOT_HAZARDOUS)
    assert sections.fault_view(FAILED, harmless, "run-0")["yet"].startswith("fails with protection, not without")
    assert sections.fault_view(PASSED, harmless, "run-0")["yet"] == ""


def test_a_fault_not_handled_needs_no_further_words():
    unhandled = made_times(fhti_ns=Missing.NEVER, margin_ns=Missing.NEVER)
    assert sections.fault_view(FAILED, unhandled, "run-0")["yet"] == ""
