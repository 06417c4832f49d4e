"""What a tick of an episode's motion costs: 1, 20 and 100 driven vehicles among the houses of the urban map."""

import numpy as np
import pytest

from scenarios.maps import load_map
from sim.episode.ground import Ground
from sim.episode.motion import Motion
from sim.episode.scene import Pose
from sim.episode.structs import VehicleControl
from sim.scenery.assembly import still_of
from tests.benchmarks.measuring import best_seconds, report
from tests.sim.episode.motion_cases import CAR, TICK_S, sheet_for

pytestmark = pytest.mark.benchmark_speed
TICKS = 40
SUBSTEPS = 5


def crowd(ground, vehicles):
    """So many cars at random places, all driving and steering."""
    moving, chance, rows = Motion(ground), np.random.default_rng(1), []
    while len(rows) < vehicles:
        x, y = chance.uniform(-150.0, 350.0, 2)
        level = ground.height_m(x, y, 5.0)
        pose = Pose(x, y, (level or 0.0) + 0.1, chance.uniform(-3.0, 3.0))
        if level is None or moving.blocked(CAR, pose):
            continue
        rows.append(moving.add(CAR, pose, sheet_for(CAR), len(rows)))
        control = VehicleControl(throttle=chance.uniform(0.2, 0.6), steer=chance.uniform(-0.3, 0.3))
        moving.set_control(rows[-1], control)
    return moving


def tick_us(moving):
    """Microseconds of a tick, the least disturbed of several runs."""

    def ticks():
        for _ in range(TICKS):
            moving.step(TICK_S, SUBSTEPS)

    ticks()
    return best_seconds(ticks, 15) / TICKS * 1e6


def test_the_cost_of_a_tick_grows_with_the_vehicles_and_no_faster(capsys):
    ground = Ground(still_of(load_map("urban")))
    figures = {f"vehicles_{count}_us": tick_us(crowd(ground, count)) for count in (1, 20, 100)}
    report(capsys, "carla_motion", **figures)
    # Wall times are not asserted on shared machines; that the cost grows with the number, and no faster, is.
    assert figures["vehicles_100_us"] < 8.0 * figures["vehicles_20_us"]
