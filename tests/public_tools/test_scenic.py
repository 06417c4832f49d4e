"""Scenic 3, as its package index has it, runs its CARLA scenarios against our server."""

import json
import os
import statistics
import subprocess
from pathlib import Path

import pytest

from tests.public_tools.programs import MEND, Served, client_python, free_port, missing

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE / "scenic"
CAR_LENGTH_M = 4.8  # vehicle.tesla.model3: 4.79 m; two cars whose middles are nearer than this touch

pytestmark = pytest.mark.skipif(
    bool(missing(client_python(), ("scenic", "carla"))), reason=f"Scenic's environment is not there: {MEND}"
)


@pytest.fixture(scope="module")
def port():
    server = Served(free_port())
    try:
        yield server.port
        assert server.lives()
    finally:
        said = server.stop()
    assert "traceback" not in said.lower(), said


def program(*words):
    done = subprocess.run(
        [client_python(), *map(str, words)],
        capture_output=True, text=True, timeout=80, env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def driven(name, port, count):
    """What Scenic says of `count` simulations of this file; none may have been refused."""
    options = ("--port", port, "--count", count, "--seed", 7)
    told = json.loads(program(HERE / "drive_scenic.py", SCENARIOS / f"{name}.scenic", *options).splitlines()[-1])
    assert len(told["simulations"]) == count
    assert told["refused"] == 0
    assert told["scenes_drawn"] < 50 * count
    assert all(each["reason"] == "reached time limit" for each in told["simulations"])
    return told["simulations"]


def test_a_car_that_follows_stops_behind_one_that_brakes(port):
    for simulation in driven("lead_brakes", port, 2):
        ego, lead, gap = (simulation["series"][name] for name in ("ego_speed", "lead_speed", "gap"))
        assert max(ego) > 6.0
        assert max(lead) > 5.0
        assert ego[-1] < 0.05 and lead[-1] < 0.05
        assert CAR_LENGTH_M < min(gap) < 16.0
        assert min(simulation["moved_m"]) > 15.0


def test_the_same_seed_gives_the_same_drive(port):
    assert driven("lead_brakes", port, 1) == driven("lead_brakes", port, 1)


def test_a_car_waits_for_a_pedestrian_who_crosses(port):
    for simulation in driven("pedestrian_crosses", port, 2):
        ego, walking, gap = (simulation["series"][name] for name in ("ego_speed", "walking_speed", "gap"))
        assert max(ego) > 6.0
        assert min(ego[40:]) < 0.05, "it stops for them"
        assert min(gap) > 4.0
        assert statistics.median(walking[60:]) == pytest.approx(1.4, abs=0.02)
        assert simulation["moved_m"][1] > 7.0, "they cross the whole road"


def test_the_traffic_manager_drives_past_cones_that_stand(port):
    for simulation in driven("autopilot_passes_cones", port, 2):
        autopilot, *still = simulation["moved_m"]
        assert autopilot > 50.0
        assert 7.0 < simulation["series"]["ego_speed"][-1] < 8.5
        assert max(still) < 0.05


def test_the_command_of_scenic_itself_runs_two_simulations(port):
    said = program(
        "-m", "scenic", "-S", "--2d", "--count", 2, "--time", 30, "--seed", 3, "-v", 1, "-p", "port", port,
        SCENARIOS / "pedestrian_crosses.scenic",
    )  # fmt: skip
    assert said.count("Ran simulation in") == 2, said
