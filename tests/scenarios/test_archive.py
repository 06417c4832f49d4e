"""What a campaign leaves on disk: whole or not at all, and enough to make every run again."""

import json
import os
import signal
import subprocess
import sys
from functools import lru_cache
from xml.etree import ElementTree

import pytest

from scenarios import archive
from scenarios.archive import campaign_text, file_name, read_stored, repeated, store
from scenarios.assembly import RunRequest
from scenarios.campaign import Campaign, Task, compute
from scenarios.whole_files import write_whole
from stack.vocabulary import InputError

KNOWN = "truck_meets_stationary_car"


@lru_cache(maxsize=1)
def finished():
    """Two runs, one of them with a fault, as rows of a suite."""
    tasks = (
        Task(request=RunRequest(scenario=KNOWN, seed=1), suite="law", row_id="plain"),
        Task(request=RunRequest(scenario=KNOWN, seed=1, faults=("camera_freezes",)), suite="law", row_id="frozen"),
    )
    return Campaign(tasks=tasks, results={index: compute(task) for index, task in enumerate(tasks)})


def campaign(**changes):
    done = finished()
    return Campaign(tasks=changes.get("tasks", done.tasks), results=changes.get("results", done.results))


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_campaign_leaves_a_report_results_junit_and_one_file_per_run(tmp_path):
    report = store(campaign(), "law", tmp_path, "2026-01-02", None)
    done = finished()
    assert report == tmp_path / "report.html"
    assert everything_in(tmp_path) == sorted(
        ["report.html", "results.json", "junit.xml", *(f"runs/{file_name(result)}" for result in done.ordered)]
    )
    results = json.loads((tmp_path / "results.json").read_text())
    assert (results["title"], results["created_on"]) == ("law", "2026-01-02")
    assert [run["row"] for run in results["runs"]] == ["plain", "frozen"]
    cases = ElementTree.fromstring((tmp_path / "junit.xml").read_text()).iter("testcase")
    assert [case.get("name") for case in cases] == [
        "plain truck_meets_stationary_car#1",
        "frozen truck_meets_stationary_car+camera_freezes#1",
    ]
    page = report.read_text(encoding="utf-8")
    assert "frozen" in page
    assert "law:frozen" not in page


def test_a_file_is_named_by_run_id_and_eight_digits_of_the_key():
    result = finished().ordered[1]
    assert file_name(result) == f"truck_meets_stationary_car+camera_freezes_1-{result.row['key_hash'][:8]}.json"


def test_what_is_stored_is_read_back_and_makes_the_same_run_again(tmp_path):
    store(campaign(), "law", tmp_path, "2026-01-02", None)
    stored = read_stored(tmp_path / "runs" / file_name(finished().ordered[0]))
    assert stored.row == json.loads(json.dumps(finished().ordered[0].row))
    again = repeated(stored)
    assert (again.same, again.exit_code, again.document["reasons"]) == (True, 0, [])


def test_a_difference_is_explained_by_key_and_platform(tmp_path):
    store(campaign(), "law", tmp_path, "2026-01-02", None)
    path = tmp_path / "runs" / file_name(finished().ordered[0])
    document = json.loads(path.read_text())
    document["key"]["code_version"] = "another"
    document["row"]["key_hash"] = "0" * 64
    document["row"]["record_hash"] = "1" * 64
    document["fingerprint"]["hash"] = "elsewhere"
    path.write_text(json.dumps(document))
    again = repeated(read_stored(path))
    assert (again.same, again.exit_code) == (False, 1)
    assert "the key differs in code_version" in again.explanation
    assert "the platform differs" in again.explanation


def test_two_rows_that_ask_for_the_same_run_get_two_files(tmp_path):
    done = finished()
    store(
        campaign(tasks=done.tasks[:1] * 2, results={0: done.results[0], 1: done.results[0]}), "x", tmp_path, "d", None
    )
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_an_interrupted_campaign_without_a_single_run_still_has_a_report(tmp_path):
    empty = Campaign(tasks=finished().tasks, interrupted=True)
    page = store(empty, "law", tmp_path, "2026-01-02", None).read_text(encoding="utf-8")
    assert "2 runs are missing" in page
    document = json.loads(campaign_text(empty, "law", None))
    assert document["missing"] == [task.label for task in finished().tasks]
    assert document["runs"] == []


def test_a_file_of_another_schema_is_refused(tmp_path):
    store(campaign(), "law", tmp_path, "2026-01-02", None)
    path = tmp_path / "runs" / file_name(finished().ordered[0])
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(InputError, match=":2:2: schema: "):
        read_stored(path)


def test_a_failed_write_leaves_the_old_file_and_no_part_of_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new, and \udcff cannot be written")
    assert path.read_text() == "old"

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    assert everything_in(tmp_path) == ["results.json"]
    assert path.read_text() == "old"


def test_a_process_killed_in_the_middle_of_writing_leaves_only_whole_files(tmp_path):
    text = f"""
import pathlib
from scenarios.whole_files import write_whole
target = pathlib.Path({str(tmp_path)!r}) / "results.json"
write_whole(target, "first")
print("ready", flush=True)
while True:
    for size in (10, 3_000_000):
        write_whole(target, "x" * size + "end")
"""
    writer = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "ready\n"
    for _ in range(50):
        said = (tmp_path / "results.json").read_text()
        assert said == "first" or said.endswith("end")
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait(timeout=10)
    writer.stdout.close()
    said = (tmp_path / "results.json").read_text()
    assert len(said) in (5, 13, 3_000_003)
