"""Ctrl-C during a suite: what is finished stays, what is missing is named, nobody is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to count processes")


def members_of(session):
    """The living processes of a session, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, number = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(number) == session and state not in "ZX":
                found.append(int(entry.name))
    return found


def stopped(tmp_path, jobs, send):
    """A suite stopped after its first line; its exit code, its lines, its session and its results."""
    words = [sys.executable, "-m", "scenarios.command", "suite", "r131", "--jobs", str(jobs), "--out", str(tmp_path)]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    first = running.stdout.readline()
    send(running.pid, signal.SIGINT)
    out, complaints = running.communicate(timeout=60)
    return running, [first, *out.splitlines()], complaints, json.loads((tmp_path / "results.json").read_text())


@pytest.mark.parametrize(
    ("jobs", "send"),
    [(1, os.killpg), (2, os.kill), (2, os.killpg)],
    ids=["one job", "two jobs, the process alone", "two jobs, the whole group as a terminal does"],
)
def test_ctrl_c_keeps_finished_runs_names_the_missing_and_leaves_nobody_behind(tmp_path, jobs, send):
    running, lines, complaints, results = stopped(tmp_path, jobs, send)
    assert running.returncode == 2
    assert lines[0].startswith("PASS    stationary_")
    told = [line for line in lines if line.startswith("interrupted: ")]
    assert told == [
        f"interrupted: {len(results['missing'])} of {len(results['missing']) + len(results['runs'])} runs are missing"
    ]
    assert results["interrupted"] is True
    assert results["runs"]
    assert results["missing"]
    assert any(line.strip().startswith("missing  r131:") for line in lines)
    assert "runs are missing" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(list((tmp_path / "runs").glob("*.json"))) == len(results["runs"])
    assert not list(tmp_path.rglob(".*")), "nothing half-written"
    assert "Traceback" not in complaints
    deadline = time.monotonic() + 10
    while members_of(running.pid) and time.monotonic() < deadline:
        Event().wait(0.1)
    assert not members_of(running.pid)


def test_ctrl_c_outside_a_campaign_exits_2_as_well(monkeypatch, capsys):
    from tests.scenarios.terminal import Terminal

    def interrupted(*_):
        os.kill(os.getpid(), signal.SIGINT)
        Event().wait(5)

    monkeypatch.setattr("scenarios.checkup.checkup", interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert Terminal(monkeypatch, capsys)("doctor").code == 2
    assert signal.getsignal(signal.SIGINT) is before
