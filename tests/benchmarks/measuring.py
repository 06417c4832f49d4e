"""How benchmarks here measure: things compared run in turn in one process, best of several, ratio reported.

Machines are shared and noisy, so a wall time alone is never asserted; a ratio of two things measured
in the same minute may be. Figures go to `out/benchmarks.json`, one line each to the terminal.
"""

import json
import sys
import time
from pathlib import Path

from scenarios.keys import code_version, fingerprint

RESULTS = Path("out/benchmarks.json")


def best_seconds(act, rounds=5):
    """CPU seconds of the fastest of several calls: the one that was disturbed least."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


def in_turn(first, second, rounds=5):
    """CPU seconds of two things, best of several calls each, called alternately."""
    firsts, seconds = [], []
    for _ in range(rounds):
        firsts.append(best_seconds(first, 1))
        seconds.append(best_seconds(second, 1))
    return min(firsts), min(seconds)


def report(capsys, name, **figures):
    """One line to the terminal and one row to the results file."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows[name] = {"figures": figures, "code_version": code_version(), "fingerprint": fingerprint()["hash"]}
    RESULTS.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: " + ", ".join(f"{key} {value:,.4g}" for key, value in figures.items()) + "\n")
