"""The page: complete, self-contained, escaped, the same every time."""

import re
from html.parser import HTMLParser

import pytest

from analysis import sections
from analysis.criteria import Certainty, CriterionKind
from analysis.fault_times import fault_times
from analysis.report import Campaign, RunReport, breakable, render_report
from analysis.rows import Provenance, row, row_without_record
from analysis.sweeps import Sweep, SweepPoint, fit_impact_curve
from analysis.verdict import VerdictKind, judge, unjudged
from stack.vocabulary import Diagnosis, Mode, WarningKind
from tests.analysis.records import approach, build, criterion, fault, must_brake, must_not_brake

HANDLED = {
    "faults": (fault(),),
    "diagnoses": ((3.25, Diagnosis.CAMERA_FROZEN),),
    "modes": ((3.3, Mode.RADAR_ONLY),),
    "told": ((3.4, WarningKind.SYSTEM_DEGRADED),),
}


def run(name="lead_stands#7", criteria=None, *, suite="r131", held_out=False, pictured=False, title="", **drive):
    record = build(run_id=name, **drive)
    criteria = criteria or must_brake()
    verdict = judge(record, criteria, approach(), "lead")
    bare = build(run_id=name, brake_s=-1.0, warn_s=-1.0, faults=record.faults)
    times = fault_times(record, verdict, bare, judge(bare, criteria, approach(), "lead"))
    origin = Provenance(
        scenario="lead_stands",
        key_hash="9f3a",
        fingerprint="x86",
        command=f"faultline run {name}",
        target="lead",
        suite=suite,
        held_out=held_out,
    )
    return RunReport(
        row=row(record, verdict, origin, times),
        record=record if pictured else None,
        verdict=verdict,
        fault_times=times,
        title=title,
        why="UN R131",
    )


def page(*runs: RunReport, **more) -> str:
    return render_report(
        Campaign(title="UN R131", created_on="2026-11-22", code_version="4be1", fingerprint="x86", runs=runs, **more)
    )


def text_of(html: str) -> str:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def handle_data(self, data: str) -> None:
            self.parts.append(data)

    reader = Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.parts).split())


def test_the_page_states_clause_certainty_and_the_deciding_number():
    text = text_of(page(run(), run("lead_stands#8", warn_s=4.2)))
    for part in ("6.4 Table 1 D/80", "5.2.1.1", "Vx", "impact 0.0 km/h, allowed 28.0"):
        assert part in text
    assert "warning 0.30 s before braking, needs 0.80" in text
    assert "2 runs: 1 passed, 1 failed or timed out, 0 could not be judged." in text
    assert "confirm it against the official text" in text


def test_the_page_refers_to_nothing_outside_itself():
    html = page(run(pictured=True, **HANDLED))
    assert "http" not in html
    assert "<script" not in html
    assert "@import" not in html
    assert not re.findall(r'(?:src|href)="(?!#)', html)


def test_every_link_of_the_page_has_its_target():
    html = page(run(pictured=True, **HANDLED), run("lead_stands#8"))
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(names)


def test_the_same_campaign_gives_the_same_page():
    assert page(run(pictured=True)) == page(run(pictured=True))


def test_a_pictured_run_has_pictures_waterfall_evidence_and_its_command():
    html = page(run(pictured=True, title="A truck closes in"))
    assert html.count("<svg") == 3
    text = text_of(html)
    assert "Critical moments" in text
    assert "Latency of the deciding message" in text
    assert "rule: full when time to collision falls below its limit" in text
    assert "it would have waited another 0.2 s" in text
    assert "faultline run lead_stands#7" in text
    assert "A truck closes in" in text


def test_a_run_without_a_record_still_has_its_line():
    html = page(run())
    assert "<svg" not in html
    assert "lead_stands#7" in html


def test_faults_show_all_five_numbers():
    text = text_of(page(run(**HANDLED)))
    for part in ("camera_frozen", "250 ms", "150 ms", "400 ms", "in time", "radar only"):
        assert part in text
    assert "Faults: detected" not in text_of(page(run()))


def test_a_detection_before_onset_is_called_a_defect_at_the_top():
    text = text_of(page(run(faults=(fault(),), diagnoses=((2.5, Diagnosis.CAMERA_FROZEN),))))
    assert "Defect. lead_stands#7: camera_freezes: camera_frozen was diagnosed at 2.500 s" in text


def test_names_from_files_are_escaped():
    html = page(run("<b>bold</b>#1", title='<img src="x">', pictured=True))
    assert "<b>bold</b>" not in html
    assert "<img" not in html
    assert "&lt;b&gt;bold" in html


def test_tuned_and_held_out_stand_side_by_side_with_their_gap():
    text = text_of(page(run(), run("lead_stands#8", suite="r131_held_out", held_out=True, warn_s=4.2)))
    assert "tuned: r131" in text
    assert "held out: r131_held_out" in text
    assert "-100.0 points" in text
    assert "Held-out runs (must brake) are 100.0 points worse than tuned ones." in text


def test_without_a_held_out_suite_there_is_no_gap():
    text = text_of(page(run()))
    assert "held out" not in text
    assert "points" not in text


def test_must_brake_stands_beside_must_not_brake():
    rows = [run().row, run("plate#1", must_not_brake(), target_y_m=5.0, brake_s=-1.0, warn_s=-1.0).row]
    lines = sections.comparison(rows)["lines"]
    assert [line["name"] for line in lines] == ["must brake", "must not brake", "all"]
    assert lines[0]["cells"] == [{"passed": 1, "judged": 1, "undecided": 0}]


def test_a_sweep_has_its_sentence_table_and_curve():
    points = tuple(SweepPoint(float(ms), 4.0 * max(ms - 100, 0) ** 0.5 / 10.0) for ms in range(0, 600, 100))
    sweep = Sweep(
        scenario="lead_stands",
        key="added_latency_ms",
        unit="ms",
        points=points,
        fit=fit_impact_curve(points, 22.2, 6.0),
    )
    html = page(run(), sweep=sweep)
    assert html.count("<svg") == 1
    text = text_of(html)
    assert "From 0 to 500 ms of added latency the impact speed in lead_stands goes from 0.0 to 28.8 km/h" in text
    assert "closed form" in text


def test_a_sweep_without_fit_or_points_still_says_something():
    sweep = Sweep(scenario="s", key="friction_ratio", unit="1", points=(SweepPoint(0.5, 3.0),), fit=None)
    assert "goes from 10.8 to 10.8 km/h" in sections.sweep_view(sweep)["sentence"]
    empty = Sweep(scenario="s", key="friction_ratio", unit="1", points=(), fit=None)
    assert "No run" in text_of(page(run(), sweep=empty))


@pytest.mark.parametrize("kind", list(VerdictKind))
def test_every_kind_of_verdict_has_its_line(kind):
    origin = Provenance(scenario="s", key_hash="", fingerprint="", command="faultline run s")
    verdict = unjudged(kind, "the stated reason")
    bare = RunReport(row=row_without_record("s#1", verdict, origin), record=None, verdict=verdict)
    assert "the stated reason" in text_of(page(bare))


@pytest.mark.parametrize(
    ("kinds", "word"), [(["pass"], "holds"), (["pass", "fail"], "does not hold"), (["pass", "invalid"], "undecided")]
)
def test_the_answer_is_that_of_the_exit_code(kinds, word):
    assert sections.answer([{"verdict": kind, "skip_expected": False} for kind in kinds])["word"] == word


def test_what_needs_attention_comes_first_and_is_open():
    runs = [run(pictured=True), run("bad#2", warn_s=4.2, pictured=True)]
    html = page(*runs)
    assert html.index("bad#2") < html.index("lead_stands#7")
    assert re.search(r'id="run-1" open', html)
    assert not re.search(r'id="run-0" open', html)


def test_long_names_may_break_and_stay_escaped():
    assert str(breakable("a_b+c")) == "a_<wbr>b+<wbr>c"
    assert str(breakable("<b>_x")) == "&lt;b&gt;_<wbr>x"
    assert str(breakable("plain")) == "plain"


def test_a_run_that_fails_although_the_fault_was_handled_says_so():
    text = text_of(page(run(**HANDLED, brake_s=6.2)))
    assert "handled in time, yet the run fails: impact" in text


def test_the_page_prints_and_turns_dark_without_a_script():
    html = page(run())
    assert "@media print" in html
    assert "prefers-color-scheme: dark" in html


def test_tables_of_every_run_stand_under_its_own_anchor():
    html = page(run(), run("lead_stands#8"), run("lead_stands#9"))
    for index in range(3):
        assert html.count(f'id="run-{index}"') == 1
        assert html.count(f'href="#run-{index}"') == 1


def test_stage_tables_show_misses_drops_and_kills():
    text = text_of(page(run()))
    assert "deadline misses" in text
    assert re.search(r"tracking 4\.90 5\.40 5\.40 0\.50 100 96 5 2 1", text)


def test_a_not_deciding_criterion_is_marked():
    doubtful = criterion(CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST, 5.0, Certainty.MEMORY, "6.4.2.1")
    text = text_of(page(run(criteria=(*must_brake(), doubtful))))
    assert "not deciding" in text
    assert "1 passed" in text


def test_notes_are_shown():
    assert "The held-out gap is explained." in text_of(page(run(), notes=("The held-out gap is explained.",)))


def test_only_changes_of_decision_are_told():
    record = build()
    first, second = record.decisions
    assert sections.telling((first, first, second, second)) == (first, second)
    assert sections.telling(()) == ()


def test_an_empty_campaign_is_a_page():
    assert "0 runs" in text_of(page())
