"""Bad input through the command line: every finding at once, with its place, exit 2, and nothing left behind."""

import json
import re

import pytest

from tests.scenarios.plugged import plug_in
from tests.scenarios.terminal import Terminal

KNOWN = "truck_meets_stationary_car"
AT = re.compile(r"^(\S+):(\d+):(\d+): (\S+): (.+)$")

SOUND = """\
title: A lead
why: {risk: a crash, source: a rule}
kind: must_brake
map: motorway
ego: {lane: {road: 1, lane: -3, s_m: 100}, speed_kmh: 72}
actors:
  - name: lead
    kind: car
    placement: {at: ahead_of_ego, ttc_s: 8}
functional_part: {target: lead}
limit_s: 20
criteria:
  - {impact_speed_at_most_kmh: 36, clause: c, source: s, certainty: Vx}
"""

# name: (what stands in the sound file, what stands there instead, line, field, words of the finding)
FAULTS_OF_A_FILE = {
    "wrong type": ("speed_kmh: 72", "speed_kmh: fast", 5, "ego.speed_kmh", "number"),
    "unknown key": ("limit_s: 20", "limit_s: 20\nlimits_s: 3", 12, "limits_s", "did you mean 'limit_s'"),
    "duplicate key": (
        "limit_s: 20",
        "limit_s: 20\nlimit_s: 21",
        12,
        "limit_s",
        "duplicate key, first given in line 11",
    ),
    "missing map": ("map: motorway", "map: motorwy", 4, "map", "did you mean 'motorway'"),
    "no map at all": ("map: motorway\n", "", 1, "map", "is missing"),
    "unreachable spawn": ("s_m: 100", "s_m: 99999", 5, "ego.lane", "unreachable"),
    "no such lane": ("lane: -3,", "lane: -9,", 5, "ego.lane", "lane"),
    "negative time": ("limit_s: 20", "limit_s: -20", 11, "limit_s", "greater than 0"),
    "negative distance": ("ttc_s: 8", "gap_m: -8", 9, "actors.0.placement.gap_m", "greater than"),
    "unknown kind": ("kind: car", "kind: cra", 8, "actors.0.kind", "did you mean 'car'"),
}


@pytest.fixture
def faultline(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def results(tmp_path):
    """Where results would go, and that nothing went there."""
    folder = tmp_path / "deep" / "out"
    yield folder
    assert not folder.parent.exists(), "nothing half-written"


def findings(said):
    """A refusal's lines; nothing else was said."""
    assert said.code == 2
    assert not said.out
    return said.err.splitlines()


def scenario_file(folder, text):
    path = folder / "lead.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", FAULTS_OF_A_FILE)
def test_what_is_wrong_in_a_scenario_file_stands_at_its_line(faultline, tmp_path, results, name):
    sound, wrong, line, field, words = FAULTS_OF_A_FILE[name]
    assert sound in SOUND
    path = scenario_file(tmp_path, SOUND.replace(sound, wrong))
    (finding,) = findings(faultline("run", path, "--out", results))
    where, at_line, _, at_field, problem = AT.match(finding).groups()
    assert (where, int(at_line)) == (str(path), line)
    assert at_field.startswith(field)
    assert words in problem


def test_actors_that_stand_in_each_other_are_refused(faultline, tmp_path, results):
    twin = "  - name: twin\n    kind: car\n    placement: {at: ahead_of_ego, ttc_s: 8}\nfunctional_part"
    path = scenario_file(tmp_path, SOUND.replace("functional_part", twin))
    (finding,) = findings(faultline("run", path, "--out", results))
    assert AT.match(finding)
    assert "twin" in finding
    assert "lead" in finding


def test_everything_wrong_in_files_and_options_is_said_at_once(faultline, tmp_path, results):
    text = SOUND.replace("speed_kmh: 72", "speed_kmh: fast").replace("limit_s: 20", "limit_s: -1\nlimt: 3")
    path = scenario_file(tmp_path, text)
    broken = tmp_path / "camera_sleeps.yaml"
    broken.write_text("title: x\ntrigger: {at_s: -2}\n")
    said = findings(
        faultline(
            "run", path, "truck_meets_stationary_cra", "--out", results,
            "--fault", "camera_freezs", "--fault", broken, "--profile", "edge_so", "--stack", "refrence",
            "--set", "latency.brake_requst_ms=3", "--set", "sensor.radr.clutter_per_scan=1", "--set", "=3",
            "--host", "modeled", "--factor", "0",
        )
    )  # fmt: skip
    text = "\n".join(said)
    for part in (
        f"{path}:5:", "ego.speed_kmh", f"{path}:11:", f"{path}:12:",
        "truck_meets_stationary_cra: no scenario of this name; did you mean 'truck_meets_stationary_car'",
        "--fault: camera_freezs", "did you mean camera_freezes", f"{broken}:2:", "trigger.at_s",
        "--profile: edge_so: no profile of this name; did you mean 'edge_soc'",
        "--stack: refrence: no stack of this name; did you mean 'reference'",
        "latency.brake_requst_ms: no such channel; did you mean 'brake_request_ms'",
        "sensor.radr.clutter_per_scan: this run has no sensor 'radr'; did you mean 'radar'",
        "--set: =3: write it as key=value", "--host: modeled: no such host; did you mean 'modelled'", "--factor: 0:",
    ):  # fmt: skip
        assert part in text, part
    assert len(said) == len(set(said)), "each finding once"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "aproach_speed_kmh=50"], "did you mean 'approach_speed_kmh'"),
        (["--set", "approach_speed_kmh=500"], "--set: "),
        (["--set", "approach_speed_kmh=fast"], "number"),
        (["--set", "ego.lod_ratio=0.5"], "did you mean 'load_ratio'"),
        (["--set", "sensor.radar.cluter_per_scan=1"], "did you mean 'clutter_per_scan'"),
        (["--set", "stack.decision.brake_at_mps=4"], "did you mean decision."),
        (["--set", "stack.brain.size=4"], "no such stage; known: ingest"),
        (["--set", "latency.brake_request_ms=-5"], "between 0 and"),
        (["--set", "latency.brake_request_ms=soon"], "needs a number"),
        (["--set", "latency.brake_request_ms=.nan"], "needs a number"),
        (["--set", "fault.camera_freezes.duration_s=1"], "this run has no fault 'camera_freezes'"),
        (["--fault", "camera_freezes", "--set", "fault.camera_freezes.duraton_s=1"], "did you mean 'duration_s'"),
        (["--fault", "camera_freezes", "--fault", "camera_freezes"], "listed more than once"),
        (["--fault", "perception_hangs", "--stack", "never_brake"], "stage"),
        (["--set", "approach_speed_kmh=40", "--set", "approach_speed_kmh=50"], "given twice"),
        (["--factor", "nan"], "number above 0"),
        (["--host", "stored"], "known: measured, modelled"),
    ],
)
def test_a_wrong_option_is_refused_with_the_mend(faultline, results, words, told):
    (finding,) = findings(faultline("run", KNOWN, *words, "--out", results))
    assert told in finding


def test_an_unknown_suite_and_row_are_answered_with_the_nearest_name(faultline, results):
    assert "did you mean 'r131'" in findings(faultline("suite", "r13", "--out", results))[0]
    (finding,) = findings(faultline("suite", "smoke", "--row", "stationary_8", "--out", results))
    assert finding == "--row: stationary_8: no such row; did you mean 'stationary_80'?"


def test_findings_of_two_suites_come_together_and_an_option_no_row_takes_is_refused(faultline, tmp_path, results):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"title: x\nwhy: {{risk: r, source: s}}\nrows: [{{id: {name}}}]\n")
    said = findings(faultline("suite", tmp_path / "one.yaml", tmp_path / "two.yaml", "--out", results))
    assert {AT.match(line)[1] for line in said} == {str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")}
    said = findings(faultline("suite", "smoke", "--set", "approach_sped_kmh=50", "--out", results))
    assert "did you mean 'approach_speed_kmh'" in said[0]


def test_a_row_whose_scenario_cannot_stand_on_the_map_is_refused_before_the_first_run(faultline, tmp_path, results):
    rows = "".join(
        f"  - {{id: at_{ttc_s}, scenario: {KNOWN}, set: {{actors.target.placement.ttc_s: {ttc_s}}}}}\n"
        for ttc_s in (8, 9000)
    )
    (tmp_path / "far.yaml").write_text(f"title: x\nwhy: {{risk: r, source: s}}\nrows:\n{rows}")
    (finding,) = findings(faultline("suite", tmp_path / "far.yaml", "--out", results))
    assert "unreachable" in finding


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ("latency.brake_request_ms", "KEY=FROM:TO:STEP"),
        ("latency.brake_request_ms=0:800", "three numbers"),
        ("=0:800:100", "KEY=FROM:TO:STEP"),
        ("latency.brake_request_ms=0:much:100", "three numbers"),
        ("latency.brake_request_ms=0:inf:100", "three numbers"),
        ("latency.brake_request_ms=800:0:100", "TO must not be below FROM"),
        ("latency.brake_request_ms=0:800:0", "STEP must be above 0"),
        ("latency.brake_request_ms=0:800:0.1", "take a larger STEP"),
        ("latency.brake_requst_ms=0:800:100", "did you mean 'brake_request_ms'"),
        ("latency.brake_request_ms=-100:800:100", "between 0 and"),
        ("aproach_speed_kmh=40:60:10", "did you mean 'approach_speed_kmh'"),
        ("approach_speed_kmh=40:600:10", "--set"),
    ],
)
def test_a_malformed_range_is_refused(faultline, results, vary, told):
    (finding,) = findings(faultline("sweep", KNOWN, "--vary", vary, "--out", results))
    assert told in finding


def test_a_malformed_range_does_not_hide_an_unknown_scenario(faultline, results):
    said = "\n".join(findings(faultline("sweep", "truck", "--vary", "x", "--fault", "camera_freezs", "--out", results)))
    assert "--vary: x" in said
    assert "scenario: truck" in said
    assert "camera_freezs" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", ":1:2: record: is no JSON"),
        ("[1, 2]", ":1:1: record: is no stored run"),
        ('{"schema": 1}', ":1:1: record: is no stored run"),
        ("\udcff", ":1:1: record: is no JSON text"),
    ],
)
@pytest.mark.parametrize("verb", ["show", "repeat"])
def test_an_unreadable_record_is_refused_at_its_place(faultline, tmp_path, verb, text, told):
    path = tmp_path / "run.json"
    path.write_text(text, errors="surrogateescape")
    (finding,) = findings(faultline(verb, path))
    assert finding.startswith(f"{path}{told}")


def test_a_record_that_is_not_there_is_refused(faultline, tmp_path):
    for place, told in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
        (finding,) = findings(faultline("repeat", place))
        assert told in finding


def test_everything_wrong_in_a_record_is_found_at_its_line(faultline, tmp_path):
    faultline("run", KNOWN, "--out", tmp_path / "out")
    (stored,) = (tmp_path / "out" / "runs").iterdir()
    document = json.loads(stored.read_text())
    document["request"]["seed"] = "one"
    document["costs_ns"] = [1, "two"]
    del document["request"]["stack"]
    stored.write_text(json.dumps(document, indent=1))
    lines = stored.read_text().splitlines()
    said = {AT.match(line)[4]: AT.match(line) for line in findings(faultline("repeat", stored))}
    assert set(said) == {"request.seed", "request.stack", "costs_ns.1"}
    assert '"seed": "one"' in lines[int(said["request.seed"][2]) - 1]
    assert '"two"' in lines[int(said["costs_ns.1"][2]) - 1]
    assert '"request"' in lines[int(said["request.stack"][2]) - 1]


def test_a_place_that_cannot_hold_results_is_refused_before_the_first_run(faultline, tmp_path):
    taken = tmp_path / "file"
    taken.write_text("mine")
    for place in (taken, taken / "below"):
        (finding,) = findings(faultline("run", KNOWN, "--out", place))
        assert "is no folder" in finding
    assert taken.read_text() == "mine"


def test_a_stack_that_is_none_is_refused(faultline, tmp_path, monkeypatch, results):
    plug_in(tmp_path / "site", monkeypatch)
    (finding,) = findings(faultline("run", KNOWN, "--stack", "nonsense", "--out", results))
    assert finding.startswith("--stack: nonsense: its factory gave a int")
    (line,) = findings(faultline("run", KNOWN, "--stack", "is_not_there", "--out", results))
    assert line.startswith("faultline: stack is_not_there")
