"""The command line: verdict first, one line per run, exit codes as promised, one JSON document."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.plugged import MODULE, plug_in
from tests.scenarios.terminal import Terminal

HEAVY = ("numba", "matplotlib", "simpy", "carla", "distributed", "scenariogeneration", "numpy", "yaml", "jinja2")
PASSES = "truck_meets_stationary_car"
FAILS = ("truck_meets_stationary_car", "--stack", "never_brake")

# One scenario that passes, one row that fails, one that is not applicable, one skipped as stated.
SUITE = """\
title: A little of everything
why: {risk: none, source: none}
rows:
  - {id: holds, scenario: truck_meets_stationary_car, set: {approach_speed_kmh: 40}}
  - {id: too_fast, scenario: truck_meets_stationary_car, expect: {verdict: not_applicable, reason: beyond its design}}
  - {id: no_pixels, scenario: truck_meets_stationary_car, expect: {verdict: skipped, reason: needs pixels}}
"""


@pytest.fixture
def faultline(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def suite_file(tmp_path):
    path = tmp_path / "everything.yaml"
    path.write_text(SUITE)
    return path


def only_run_in(folder) -> Path:
    (stored,) = (folder / "runs").iterdir()
    return stored


def changed(stored, change):
    """A stored run with something changed in it, beside the original."""
    document = json.loads(stored.read_text())
    change(document)
    path = stored.with_name("changed.json")
    path.write_text(json.dumps(document))
    return path


# -- starting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["suite", "--help"], ["sweep", "--help"]])
def test_help_loads_no_heavy_part(words):
    text = f"""
import sys
sys.argv = ["faultline", *{words!r}]
import scenarios.cli, scenarios.cli_looking
from scenarios.console import app
try:
    app()
except SystemExit as leaving:
    assert not leaving.code
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert "Usage: faultline" in said.stdout
    assert said.stdout.splitlines()[-1] == "[]"


def test_help_costs_little_processor_time():
    text = (
        "import resource, subprocess, sys; subprocess.run([sys.executable, '-m', 'scenarios.command', '--help'], "
        "check=True, capture_output=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(times) < 0.5


def test_wrong_words_are_a_usage_error(faultline):
    assert faultline("brake").code == 2
    assert faultline("run").code == 2
    assert faultline("run", PASSES, "--seed", "many").code == 2
    assert faultline("run", PASSES, "--seed", "-1").code == 2


# -- looking around -------------------------------------------------------------------------------


def test_list_names_everything_with_its_title(faultline):
    said = faultline("list")
    assert said.code == 0
    heads = re.findall(r"^(\w+):$", said.out, re.MULTILINE)
    assert heads == ["scenarios", "suites", "faults", "rigs", "weathers", "profiles", "stacks", "maps"]
    assert re.search(r"^  truck_meets_stationary_car +A loaded truck drives up to a car", said.out, re.MULTILINE)


def test_list_gives_one_shelf_as_json(faultline):
    said = faultline("list", "faults", "--json")
    assert list(said.document) == ["faults"]
    assert said.document["faults"]["camera_freezes"].startswith("The camera repeats")


def test_list_refuses_a_shelf_that_is_not_there(faultline):
    said = faultline("list", "fault")
    assert said.code == 2
    assert "known: scenarios, suites, faults" in said.err
    assert not said.out


# -- running --------------------------------------------------------------------------------------


def test_run_prints_one_line_per_scenario_and_counts_last(faultline):
    said = faultline("run", PASSES, "truck_meets_slower_car", "--seed", 1)
    assert said.code == 0
    lines = said.out.splitlines()
    assert re.fullmatch(r"PASS    truck_meets_stationary_car#1 +impact 0.0 km/h, allowed 28.0", lines[0])
    assert lines[1].startswith("PASS    truck_meets_slower_car#1 ")
    assert lines[2:] == ["2 runs: 2 passed, 0 failed, 0 could not run"]
    assert not said.err


def test_a_failure_says_why_and_how_to_repeat_it_and_exits_1(faultline):
    said = faultline("run", *FAILS)
    assert said.code == 1
    line, why, again, count = said.out.splitlines()
    assert line.startswith("FAIL    truck_meets_stationary_car#0 ")
    assert "touched target" in why
    assert again == "        again  faultline run truck_meets_stationary_car --seed 0 --stack never_brake"
    assert count == "1 run: 0 passed, 1 failed, 0 could not run"


def test_json_is_one_document_with_all_that_was_promised_of_each_run(faultline):
    said = faultline("run", PASSES, "--json", "--set", "approach_speed_kmh=50")
    assert said.code == 0
    (run,) = said.document["runs"]
    assert run["verdict"] == "pass"
    assert run["metrics"]["impact_speed_mps"] in (0.0, None)
    assert len(run["key_hash"]) == 64
    assert len(run["record_hash"]) >= 16
    assert run["fingerprint"] == said.document["fingerprint"]["hash"]
    assert run["command"] == "faultline run truck_meets_stationary_car --seed 0 --set approach_speed_kmh=50"
    assert said.document["interrupted"] is False
    assert said.document["missing"] == []


def test_the_command_of_a_run_gives_the_same_record(faultline):
    first = faultline("run", PASSES, "--fault", "camera_freezes", "--set", "latency.camera_ms=20", "--json")
    (run,) = first.document["runs"]
    (again,) = faultline(*run["command"].split()[1:], "--json").document["runs"]
    assert (again["key_hash"], again["record_hash"]) == (run["key_hash"], run["record_hash"])


def test_parameters_are_drawn_by_the_seed(faultline):
    def drawn(seed):
        (run,) = faultline("run", "truck_meets_slower_car", "--sample", "--seed", seed, "--json").document["runs"]
        return run["key_hash"]

    assert drawn(3) == drawn(3)


def test_a_stack_that_crashes_is_told_beside_the_verdict(faultline, tmp_path, monkeypatch):
    plug_in(tmp_path / "site", monkeypatch)
    said = faultline("run", PASSES, "--stack", "raises", "--out", tmp_path / "out")
    assert said.code == 1
    told = [line for line in said.out.splitlines() if "the stack crashed" in line]
    assert "stage stack raised ValueError: no more at 3." in told[0]
    assert re.fullmatch(r" +the stack crashed \d+ more times?", told[-1])
    assert "the stack crashed" in faultline("show", only_run_in(tmp_path / "out")).out
    sys.modules.pop(MODULE, None)


def test_suite_labels_stay_in_their_column_and_expected_skips_do_no_harm(faultline, suite_file):
    said = faultline("suite", suite_file)
    assert said.code == 0
    labels = [line[:8] for line in said.out.splitlines()[:-1] if not line.startswith(" ")]
    assert labels == ["PASS    ", "N/A     ", "SKIPPED "]
    assert said.out.splitlines()[0].startswith("PASS    holds  truck_meets_stationary_car#1 ")
    assert said.out.splitlines()[-1] == "3 runs: 1 passed, 0 failed, 1 could not run, 1 not applicable"


def test_one_row_of_a_suite_with_another_seed(faultline, suite_file):
    said = faultline("suite", suite_file, "--row", "holds", "--seed", 5, "--json")
    (run,) = said.document["runs"]
    assert run["seed"] == 5
    assert (run["suite"], run["row"]) == ("everything", "holds")
    assert run["command"] == f"faultline suite {suite_file} --row holds --seed 5"


def test_a_suite_in_which_nothing_was_judged_decides_nothing(faultline, suite_file):
    assert faultline("suite", suite_file, "--row", "too_fast").code == 2


def test_two_jobs_print_the_same_runs_with_the_same_hashes(faultline):
    words = ("suite", "smoke", "--row", "stationary_80", "--row", "moving_40", "--json")
    alone, shared = faultline(*words), faultline(*words, "--jobs", 2)
    assert [run["record_hash"] for run in shared.document["runs"]] == [r["record_hash"] for r in alone.document["runs"]]


def test_a_sweep_exits_0_when_it_finishes_whatever_fails_on_the_way(faultline):
    said = faultline("sweep", PASSES, "--vary", "latency.brake_request_ms=0:1600:800")
    assert said.code == 0
    assert said.out.count("FAIL") >= 1
    assert "latency.brake_request_ms: impact speed by added ms" in said.out
    speeds = [float(text) for text in re.findall(r"^ +\d+ ms +([\d.]+) km/h$", said.out, re.MULTILINE)]
    assert speeds == sorted(speeds)
    assert speeds[0] == 0.0 < speeds[-1]


def test_a_sweep_over_a_parameter_has_points_and_no_closed_form(faultline):
    said = faultline("sweep", PASSES, "--vary", "approach_speed_kmh=40:60:20", "--json")
    assert said.code == 0
    assert [point["value"] for point in said.document["sweep"]["points"]] == [40.0, 60.0]
    assert said.document["sweep"]["fit"] is None
    assert [run["row"] for run in said.document["runs"]] == ["approach_speed_kmh=40", "approach_speed_kmh=60"]


# -- looking back ---------------------------------------------------------------------------------


def test_show_tells_a_run_with_a_fault_in_prose(faultline, tmp_path):
    faultline("run", PASSES, "--fault", "camera_freezes", "--seed", 1, "--out", tmp_path)
    said = faultline("show", only_run_in(tmp_path))
    assert said.code == 0
    assert re.search(r"fault camera_freezes \(camera\.imager\.frozen_frame\): from 2\.000 s to 8\.000 s", said.out)
    assert re.search(r"diagnosed as camera_frozen \d+ ms after onset \(FDTI\)", said.out)
    assert re.search(r"radar_only reached \d+ ms later \(FRTI\): \d+ ms in all \(FHTI\)", said.out)
    assert re.search(r"without protection", said.out)
    assert not re.search(r"[\[\]{}]|\d\.\d{4}", said.out), "no raw lists, no endless digits"
    assert said.out.splitlines()[-1].startswith("again  faultline run truck_meets_stationary_car")
    assert faultline("show", only_run_in(tmp_path), "--json").document["row"]["verdict"] in ("pass", "fail")


def test_repeat_of_a_run_is_the_same(faultline, tmp_path):
    words = ("--fault", "camera_freezes", "--set", "approach_speed_kmh=60", "--unprotected", "--seed", 3)
    faultline("run", PASSES, *words, "--out", tmp_path)
    said = faultline("repeat", only_run_in(tmp_path))
    assert said.code == 0
    assert said.out.startswith("SAME    truck_meets_stationary_car+camera_freezes#3  record ")


def test_repeat_of_a_suite_row_is_the_same(faultline, tmp_path):
    faultline("suite", "smoke", "--row", "pedestrian_40", "--profile", "workstation", "--out", tmp_path)
    said = faultline("repeat", only_run_in(tmp_path), "--json")
    assert (said.code, said.document["same"], said.document["reasons"]) == (0, True, [])


def test_repeat_of_a_run_on_measured_time_is_the_same_by_its_stored_costs(faultline, tmp_path):
    faultline("run", PASSES, "--host", "measured", "--factor", 3, "--out", tmp_path)
    assert json.loads(only_run_in(tmp_path).read_text())["costs_ns"]
    assert faultline("repeat", only_run_in(tmp_path)).code == 0


def test_repeat_of_a_measured_run_whose_stack_crashes_is_the_same(faultline, tmp_path, monkeypatch):
    plug_in(tmp_path / "site", monkeypatch)
    faultline("run", PASSES, "--stack", "raises", "--host", "measured", "--out", tmp_path / "out")
    assert faultline("repeat", only_run_in(tmp_path / "out")).code == 0
    sys.modules.pop(MODULE, None)


def test_a_changed_record_differs_and_says_in_what(faultline, tmp_path):
    faultline("run", PASSES, "--out", tmp_path)
    stored = only_run_in(tmp_path)
    hash_changed = changed(stored, lambda document: document["row"].update(record_hash="0" * 64))
    said = faultline("repeat", hash_changed)
    assert said.code == 1
    assert said.out.startswith("DIFFERS truck_meets_stationary_car#0")
    assert "stored 00000000: with equal key and platform" in said.out
    said = faultline("repeat", changed(stored, lambda document: document["request"].update(seed=9)))
    assert said.code == 1
    assert "the key differs in seed" in said.out


def test_a_record_with_too_few_costs_cannot_be_repeated(faultline, tmp_path):
    faultline("run", PASSES, "--host", "measured", "--out", tmp_path)
    said = faultline("repeat", changed(only_run_in(tmp_path), lambda document: document["costs_ns"].pop()))
    assert said.code == 2
    assert "asks for one more" in said.err


# -- who is watching ------------------------------------------------------------------------------


def test_the_bar_is_for_a_terminal_on_standard_error_and_results_stay_clean():
    watcher, terminal = pty.openpty()
    words = [sys.executable, "-m", "scenarios.command", "run", PASSES, "truck_meets_slower_car"]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=terminal, env=os.environ | {"TERM": "xterm"})
    os.close(terminal)
    results, _ = running.communicate(timeout=60)
    bar = b""
    try:
        while chunk := os.read(watcher, 4096):
            bar += chunk
    except OSError:
        pass  # the other end is closed: everything was read
    os.close(watcher)
    assert running.returncode == 0
    assert b"0/2" in bar or b"1/2" in bar or b"2/2" in bar
    assert results.decode().splitlines()[-1] == "2 runs: 2 passed, 0 failed, 0 could not run"
    assert b"\x1b" not in results
