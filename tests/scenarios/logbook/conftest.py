"""Runs played once and written down, for all tests of this folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from scenarios.assembly import Played, PreparedRun, RunRequest, prepare
from scenarios.logbook.writing import Logbook

SCENARIO = "truck_meets_stationary_car"


@dataclass(frozen=True)
class Written:
    path: Path
    prepared: PreparedRun
    played: Played


@pytest.fixture(scope="session")
def record(tmp_path_factory):
    """Play a scenario with faults and write it down; each once."""
    kept = {}

    def written(*faults, scenario=SCENARIO, **request):
        key = (scenario, faults, repr(sorted(request.items())))
        if key not in kept:
            path = tmp_path_factory.mktemp("recorded") / "run.mcap"
            prepared = prepare(RunRequest(scenario=scenario, faults=faults, seed=1, **request))
            with Logbook(path) as logbook:
                played = prepared.play(observe=logbook.observe)
                logbook.finish(played)
            kept[key] = Written(path, prepared, played)
        return kept[key]

    return written


@pytest.fixture(scope="session")
def plain_run(record):
    return record()
