"""The campaign document and JUnit XML, read back."""

import json
from xml.etree import ElementTree

import pytest

from analysis.documents import campaign_document, campaign_json, junit_xml, summary
from analysis.rows import Provenance, row, row_without_record
from analysis.verdict import VerdictKind, judge, unjudged
from tests.analysis.records import approach, build, must_brake


def origin(suite: str = "r131") -> Provenance:
    return Provenance(
        scenario="lead_stands", key_hash="9f", fingerprint="x86", command="faultline run lead_stands", suite=suite
    )


def bare(kind: VerdictKind, name: str = "a#1", reason: str = "stated reason"):
    return row_without_record(name, unjudged(kind, reason), origin())


def judged(**drive):
    record = build(**drive)
    return row(record, judge(record, must_brake(), approach(), "lead"), origin())


EVERY = [bare(kind, f"{kind.value}#1") for kind in VerdictKind]


def test_the_document_has_schema_runs_and_summary():
    document = json.loads(campaign_json([judged(), judged(warn_s=-1.0)]))
    assert document["schema"] == 1
    assert [run["verdict"] for run in document["runs"]] == ["pass", "fail"]
    assert document["summary"]["verdicts"]["pass"] == 1
    assert document["summary"]["runs"] == document["summary"]["judged"] == 2


def test_more_may_stand_in_the_document():
    assert campaign_document([], sweep=[1, 2])["sweep"] == [1, 2]


def test_the_summary_counts_every_kind():
    assert summary(EVERY)["verdicts"] == {kind.value: 1 for kind in VerdictKind}
    assert summary(EVERY)["judged"] == 3
    assert summary([])["runs"] == 0


def test_undefined_numbers_are_refused_in_the_document():
    broken = {**judged(), "metrics": {"ttc": float("inf")}}
    with pytest.raises(ValueError, match="Out of range float"):
        campaign_json([broken])


def test_the_document_is_the_same_every_time():
    assert campaign_json([judged()]) == campaign_json([judged()])


def parsed(runs) -> ElementTree.Element:
    root = ElementTree.fromstring(junit_xml("nightly", runs))
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("pass", None),
        ("fail", "failure"),
        ("timed_out", "failure"),
        ("crashed", "error"),
        ("invalid", "error"),
        ("skipped", "skipped"),
        ("not_applicable", "skipped"),
    ],
)
def test_each_verdict_has_its_mark(kind, tag):
    (case,) = parsed([bare(VerdictKind(kind))])
    marks = [child.tag for child in case if child.tag != "system-out"]
    assert marks == ([tag] if tag else [])


def test_the_counts_of_the_suite_are_those_of_its_cases():
    suite = parsed(EVERY)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "7",
        "2",
        "2",
        "2",
    )
    assert len(list(suite)) == 7
    assert suite.get("name") == "nightly"


def test_a_case_is_named_after_its_run_and_its_suite():
    (case,) = parsed([judged()])
    assert (case.get("classname"), case.get("name")) == ("r131", "lead_stands+none#7")
    assert float(case.get("time")) == pytest.approx(9.18, abs=0.1)


def test_a_failure_says_number_clause_and_how_to_repeat_it():
    (case,) = parsed([judged(warn_s=4.2)])
    failure = case.find("failure")
    assert failure.get("message") == "warning 0.30 s before braking, needs 0.80"
    assert failure.get("type") == "fail"
    assert "5.2.1.1" in failure.text
    assert "again: faultline run lead_stands" in failure.text


def test_markup_and_control_characters_in_a_reason_survive_or_go():
    (case,) = parsed([bare(VerdictKind.CRASHED, reason='a < b & "c"\x00\x1b[31m')])
    assert case.find("error").get("message") == 'a < b & "c"[31m'


def test_an_empty_campaign_is_still_a_document():
    assert parsed([]).get("tests") == "0"
