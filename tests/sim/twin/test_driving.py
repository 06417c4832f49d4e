"""Lane following, lane changes, traffic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.layout import ReactiveDriver
from sim.truth import PATH_OFFSET, PATH_S, SPEED, Contact, X, Y
from sim.twin.contact import separation
from sim.twin.credibility import credibility_table, outside_validity
from sim.twin.path_follower import KNOTS, SPEEDS_MPS, STATES, steering_gains
from sim.twin.vehicles import load_vehicle
from tests.sim.twin import plans


@pytest.mark.parametrize("yaw_rad", [0.0, 0.7, 3.0, -2.5])
@pytest.mark.parametrize("load_ratio", [0.0, 1.0])
def test_on_a_straight_the_truck_stays_within_a_decimetre_of_the_centre(yaw_rad, load_ratio):
    route = plans.straight(yaw_rad=yaw_rad)
    states = plans.history(plans.world(plans.ego(22.2, route=route, load_ratio=load_ratio)), 20.0)[:, 0]
    assert float(np.abs(states[:, PATH_OFFSET]).max()) < 1e-3


@pytest.mark.parametrize("vehicle", ["truck_n3_rigid", "van_n1", "car_m1"])
@pytest.mark.parametrize("radius_m", [250.0, -250.0])
def test_in_a_bend_of_250_m_at_80_kmh_every_vehicle_stays_in_its_lane(vehicle, radius_m):
    plan = plans.ego(80.0 / 3.6, route=plans.bend(radius_m), vehicle=vehicle)
    states = plans.history(plans.world(plan), 40.0)[:, 0]
    assert float(np.abs(states[:, PATH_OFFSET]).max()) < 0.2
    assert float(np.abs(states[-1, PATH_OFFSET])) < 0.02


def test_an_abrupt_arc_without_spiral_is_still_followed():
    plan = plans.ego(80.0 / 3.6, route=plans.bend(250.0, spiral_m=1.0))
    assert float(np.abs(plans.history(plans.world(plan), 40.0)[:, 0, PATH_OFFSET]).max()) < 0.35


@pytest.mark.parametrize("speed_mps", [1.0, 3.0, 4.5, 8.0])
def test_a_tight_corner_is_followed_at_low_speed(speed_mps):
    plan = plans.ego(speed_mps, route=plans.bend(20.0, spiral_m=8.0, arc_m=24.0), s_m=185.0)
    states = plans.history(plans.world(plan), 70.0 / speed_mps)[:, 0]
    assert float(np.abs(states[:, PATH_OFFSET]).max()) < 0.4
    assert states[-1, PATH_S] > 240.0


def test_an_offset_is_steered_away_without_overshoot():
    offsets = plans.history(plans.world(plans.ego(22.0, offset_m=3.5)), 20.0)[:, 0, PATH_OFFSET]
    assert float(offsets.min()) > -0.2
    assert abs(float(offsets[-1])) < 0.02
    assert float(np.abs(np.diff(offsets)).max()) / 0.01 < 1.2  # m/s to the side


def test_the_steering_gains_hold_a_steady_bend_without_error_in_the_linear_model():
    for name in ("truck_n3_rigid", "car_m1"):
        vehicle = load_vehicle(name)
        table = steering_gains(vehicle)
        assert table.shape == (len(SPEEDS_MPS), STATES + KNOTS)
        rear = vehicle.wheelbase_m - vehicle.front_axle_to_cg_m
        ahead = vehicle.rear_overhang_m + rear - 0.5 * vehicle.length_m
        for row, v in enumerate(SPEEDS_MPS):
            if v < 5.0:
                continue
            k, preview = table[row, :STATES], float(table[row, STATES:].sum())
            slack = rear / vehicle.cornering_front_npr - vehicle.front_axle_to_cg_m / vehicle.cornering_rear_npr
            steer = vehicle.wheelbase_m + vehicle.mass_kg / vehicle.wheelbase_m * slack * v * v
            slip = vehicle.mass_kg * v * v * vehicle.front_axle_to_cg_m
            side = v * (rear - slip / (vehicle.wheelbase_m * vehicle.cornering_rear_npr))
            heading = -(side - ahead * v) / v
            steady = np.array([0.0, heading, side, v, steer, steer])
            assert preview - float(k @ steady) == pytest.approx(0.0, abs=1e-6 * np.abs(k * steady).max())


def test_a_queue_behind_a_braking_leader_never_collides():
    lane = plans.straight(4000.0)
    driver = ReactiveDriver(desired_speed_mps=25.0, time_gap_s=1.2)
    followers = [plans.reactive(f"c{i}", 700.0 - 30.0 * i, 20.0, driver, route=lane) for i in range(12)]
    wall = plans.thing("wall", 1200.0, route=lane)
    played = plans.world(plans.ego(0.0, route=plans.straight(y_m=50.0)), wall, *followers)
    states = plans.history(played, 90.0)
    s_m = states[:, 2:, PATH_S]
    assert np.all(s_m[:, :-1] - s_m[:, 1:] > 4.28)
    assert np.all(s_m[:, 0] < 1200.0 - 2.0 - 2.14)
    assert np.all(states[-1, 2:, SPEED] < 0.3)
    assert played.take_events() == ()


def test_traffic_follows_the_ego_too():
    lane = plans.straight()
    driver = ReactiveDriver(desired_speed_mps=25.0)
    played = plans.world(plans.ego(10.0, route=lane, s_m=200.0), plans.reactive("car", 120.0, 25.0, driver, route=lane))
    states = plans.history(played, 40.0)
    assert np.all(states[:, 0, X] - states[:, 1, X] > 0.5 * (10.0 + 4.28))
    assert states[-1, 1, SPEED] == pytest.approx(10.0, abs=0.3)
    assert not any(isinstance(event, Contact) for event in played.take_events())


def test_free_traffic_reaches_its_desired_speed_and_slows_for_a_bend():
    lane = plans.bend(60.0)
    played = plans.world(
        plans.ego(0.0, route=plans.straight(y_m=80.0)),
        plans.reactive("car", 10.0, 15.0, ReactiveDriver(desired_speed_mps=20.0), route=lane),
    )
    car = plans.history(played, 90.0)[:, 1]
    in_bend = car[(car[:, PATH_S] > 300.0) & (car[:, PATH_S] < 500.0)]
    assert float(in_bend[:, SPEED].max()) < 12.0
    assert float(car[:, SPEED].max()) > 18.5
    assert float(np.abs(car[:, PATH_OFFSET]).max()) < 0.3


def test_a_fast_car_overtakes_a_slow_one_and_stays_in_the_lanes():
    lane, left = plans.straight(4000.0), plans.straight(4000.0, y_m=3.5)
    fast = plans.reactive(
        "fast", 100.0, 22.0, ReactiveDriver(desired_speed_mps=26.0, changes_lanes=True), route=lane, left=left
    )
    slow = plans.reactive("slow", 220.0, 12.0, ReactiveDriver(desired_speed_mps=12.0), route=lane)
    played = plans.world(plans.ego(0.0, route=plans.straight(y_m=-40.0)), fast, slow)
    states = plans.history(played, 40.0)
    assert states[-1, 1, X] > states[-1, 2, X] + 100.0
    assert float(states[:, 1, Y].max()) == pytest.approx(3.5, abs=0.3)
    assert float(states[:, 1, Y].min()) > -0.3
    assert float(states[:, 1, SPEED].min()) > 15.0


def test_a_car_does_not_change_into_a_lane_that_is_taken():
    lane, left = plans.straight(4000.0), plans.straight(4000.0, y_m=3.5)
    wish = ReactiveDriver(desired_speed_mps=26.0, changes_lanes=True)
    calm = ReactiveDriver(desired_speed_mps=12.0)
    played = plans.world(
        plans.ego(0.0, route=plans.straight(y_m=-40.0)),
        plans.reactive("car", 100.0, 12.0, wish, route=lane, left=left),
        plans.reactive("ahead", 125.0, 12.0, calm, route=lane),
        *(plans.reactive(f"beside{i}", 60.0 + 14.0 * i, 12.0, calm, route=left) for i in range(8)),
    )
    states = plans.history(played, 3.0)
    assert float(np.abs(states[:, 1, Y]).max()) < 0.3


@settings(max_examples=6, deadline=None)
@given(
    gaps_m=st.lists(st.floats(12.0, 60.0), min_size=16, max_size=16),
    wishes_mps=st.lists(st.floats(12.0, 30.0), min_size=16, max_size=16),
)
def test_dense_traffic_that_changes_lanes_never_touches(gaps_m, wishes_mps):
    lanes = plans.straight(4000.0), plans.straight(4000.0, y_m=3.5)
    cars, places = [], [50.0, 50.0]
    for i, (gap_m, wish_mps) in enumerate(zip(gaps_m, wishes_mps, strict=True)):
        side = i % 2
        places[side] += gap_m
        wish = ReactiveDriver(desired_speed_mps=wish_mps, changes_lanes=True)
        left, right = (lanes[1], None) if side == 0 else (None, lanes[0])
        cars.append(plans.reactive(f"c{i}", places[side], 15.0, wish, route=lanes[side], left=left, right=right))
    played = plans.world(plans.ego(0.0, route=plans.straight(y_m=-40.0)), *cars)
    for tenth in range(1, 400):
        state = plans.at(played, 0.1 * tenth).state
        for i in range(1, len(state)):
            for j in range(i):
                if abs(state[i, X] - state[j, X]) < 6.0:
                    assert separation(*state[i, :3], 4.28, 1.79, *state[j, :3], 4.28, 1.79)[0] > 0.1


def test_every_comparison_with_cited_braking_figures_holds():
    rows = credibility_table()
    assert len(rows) >= 15
    assert all(row.source and row.certainty and row.validity for row in rows)
    assert [row.name for row in rows if not row.passed] == []


def test_a_run_outside_the_compared_range_is_flagged():
    assert outside_validity("truck_n3_rigid", 22.0, 0.8, 1.0) == ()
    assert len(outside_validity("truck_n3_rigid", 40.0, 0.05, 1.0)) == 2
    assert outside_validity("bus", 10.0, 1.0, 1.0) != ()
