"""Which light holds a vehicle: where, in which direction, and how long."""

import math
import time

import numpy as np
import pytest

from scenarios.maps import FOLDER
from sim.episode.light_cycles import LightCycle
from sim.episode.town_shelf import Shelf

HALVES = (2.2, 0.9)


@pytest.fixture(scope="module")
def urban():
    return Shelf((FOLDER,)).town("urban")


@pytest.fixture(scope="module")
def cycle(urban):
    return LightCycle(urban.lamps)


def _lamp(urban, name):
    return next(row for row, lamp in enumerate(urban.lamps) if lamp.name == name)


def _held(cycle, front_m, y_m=-1.625, yaw_rad=0.0, z_m=0.0):
    """By which light a car on south street is held whose front is so far beyond the stop line at x = -23.5 m."""
    x_m = -23.5 + front_m - HALVES[0] * math.cos(yaw_rad)
    return int(cycle.governing(np.array([[x_m, y_m, z_m]]), np.array([yaw_rad]), np.array([HALVES]))[0])


def test_a_car_is_held_from_six_metres_before_the_stop_line(urban, cycle):
    mine = _lamp(urban, "traffic_light_1_end")
    assert [_held(cycle, front_m) for front_m in (-30.0, -6.2, -5.8, -1.0)] == [-1, -1, mine, mine]


def test_a_car_that_overshot_the_line_is_held_until_its_front_is_in_the_junction_or_its_rear_has_passed(urban, cycle):
    mine = _lamp(urban, "traffic_light_1_end")
    assert [_held(cycle, front_m) for front_m in (1.0, 6.0, 6.5, 9.5)] == [mine, mine, -1, -1]


def test_cars_beside_the_lane_or_on_another_level_are_not_held(cycle):
    assert _held(cycle, -2.0, y_m=1.625) == -1
    assert _held(cycle, -2.0, y_m=-4.5) == -1
    assert _held(cycle, -2.0, z_m=6.0) == -1


def test_only_cars_that_drive_towards_the_light_are_held(urban, cycle):
    mine = _lamp(urban, "traffic_light_1_end")
    assert _held(cycle, -2.0, yaw_rad=0.4) == mine
    assert _held(cycle, -2.0, yaw_rad=math.pi) == -1
    assert _held(cycle, -2.0, yaw_rad=0.5 * math.pi) == -1


def test_no_car_is_held_by_a_light_where_a_spawn_point_leaves_a_junction(urban, cycle):
    places = np.array([(p.location.x, -p.location.y, p.location.z) for p in urban.spawn_points])
    yaws = -np.radians([p.rotation.yaw for p in urban.spawn_points])
    held = cycle.governing(places, yaws, np.tile(HALVES, (len(places), 1)))
    for row in np.flatnonzero(held >= 0):
        zone = urban.lamps[held[row]].zones[0]
        assert math.cos(yaws[row] - zone.yaw_rad) > 0.99


def test_a_hundred_vehicles_are_looked_up_fast_enough_for_every_tick(urban, cycle):
    places = np.column_stack((np.linspace(-200, 200, 100), np.linspace(-30, 230, 100), np.zeros(100)))
    yaws, halves = np.linspace(-3.0, 3.0, 100), np.tile(HALVES, (100, 1))
    cycle.governing(places, yaws, halves)
    best_s = math.inf
    for _ in range(20):
        begun = time.perf_counter()
        cycle.governing(places, yaws, halves)
        best_s = min(best_s, time.perf_counter() - begun)
    assert best_s < 500e-6  # 4 us measured; a loaded machine gets room
