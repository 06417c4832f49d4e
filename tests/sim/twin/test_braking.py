"""Brakes of the ego: exact onset, closed-form stops, friction, standstill."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.layout import BrakeDemand, DriverControl
from sim.truth import ACCELERATION, BRAKE, DRIVE, LATERAL_SPEED, SPEED, YAW_RATE, BrakeOnset, X
from sim.twin.steering import ROLLING_DRAG_MPS2
from sim.twin.vehicles import load_vehicle
from stack.vocabulary import NS_PER_MS, SimNs
from tests.sim.twin import plans

FULL = BrakeDemand(demand_mps2=12.0, request_sequence=1)
NONE = BrakeDemand(demand_mps2=0.0, request_sequence=2)


def stopping_distance_m(speed_mps: float, plateau_mps2: float, dead_s: float, lag_s: float) -> float:
    """Closed form: dead time, first-order build-up, rolling drag throughout, drive fading away beforehand."""
    total = plateau_mps2 + ROLLING_DRAG_MPS2
    low, high = 0.0, 60.0
    for _ in range(80):
        t = 0.5 * (low + high)
        v = speed_mps - total * t + plateau_mps2 * lag_s * (1.0 - exp(-t / lag_s))
        low, high = (t, high) if v > 0.0 else (low, t)
    t = low
    built = lag_s * lag_s * (1.0 - exp(-t / lag_s))
    return speed_mps * (dead_s + t) - 0.5 * total * t * t + plateau_mps2 * (lag_s * t - built)


def stop(played, begin_s: float = 0.5, demand: BrakeDemand = FULL):
    played.apply(demand, plans.s_to_ns(begin_s))
    start = float(plans.at(played, begin_s).state[0, X])
    second = begin_s
    while plans.at(played, second).state[0, SPEED] > 0.0:
        second += 0.5
        assert second < 120.0
    return float(played.observe(plans.s_to_ns(second)).state[0, X]) - start


@pytest.mark.parametrize("vehicle", ["truck_n3_rigid", "car_m1", "van_n1"])
@pytest.mark.parametrize("speed_mps", [5.0, 16.7, 25.0])
@pytest.mark.parametrize("load_ratio", [0.0, 1.0])
def test_stopping_distance_agrees_with_the_closed_form(vehicle, speed_mps, load_ratio):
    model = load_vehicle(vehicle, load_ratio)
    expected = stopping_distance_m(speed_mps, model.brake_max_mps2, model.brake_dead_time_ns * 1e-9, model.brake_lag_s)
    measured = stop(plans.world(plans.ego(speed_mps, vehicle=vehicle, load_ratio=load_ratio)))
    assert measured == pytest.approx(expected, rel=0.01)


def test_wet_road_and_snow_lengthen_the_stop_as_friction_says():
    model = load_vehicle("truck_n3_rigid", 1.0)
    distances = []
    for friction in (plans.DRY, plans.WET, plans.SNOW):
        distances.append(stop(plans.world(plans.ego(20.0), friction_ratio=friction)))
        plateau = min(model.brake_max_mps2, friction * model.tyre_friction_ratio * 9.80665)
        expected = stopping_distance_m(20.0, plateau, model.brake_dead_time_ns * 1e-9, model.brake_lag_s)
        assert distances[-1] == pytest.approx(expected, rel=0.01)
    assert distances == sorted(distances)
    assert distances[2] > 2.0 * distances[0]


def test_brake_onset_is_the_instant_of_the_demand_plus_the_dead_time_to_the_nanosecond():
    for late_ns in (0, 1, 3_141_593, 9_999_999):
        played = plans.world(plans.ego())
        begin = SimNs(1_000_000_000 + late_ns)
        assert played.apply(BrakeDemand(demand_mps2=4.0, request_sequence=77), begin) == begin
        plans.at(played, 2.0)
        assert played.take_events() == (BrakeOnset(at=SimNs(begin + 200_000_000), request_sequence=77),)


def test_a_command_one_millisecond_later_moves_everything_after_it_by_one_millisecond():
    early, late = plans.world(plans.ego()), plans.world(plans.ego())
    early.apply(FULL, SimNs(1_002_000_000))
    late.apply(FULL, SimNs(1_003_000_000))
    for second in (1.25, 1.4, 1.8):
        now = plans.s_to_ns(second)
        early.advance_to(now)
        late.advance_to(SimNs(now + NS_PER_MS))
        a, b = early.observe(now).state[0], late.observe(SimNs(now + NS_PER_MS)).state[0]
        assert a[SPEED] == pytest.approx(b[SPEED], abs=2e-4)  # the drive is regulated on the fixed grid
        assert a[BRAKE] == pytest.approx(b[BRAKE], abs=1e-12)
        assert b[X] - a[X] == pytest.approx(0.022, abs=1e-5)
    onsets = [next(e.at for e in w.take_events() if isinstance(e, BrakeOnset)) for w in (early, late)]
    assert onsets[1] - onsets[0] == NS_PER_MS


def test_brake_force_builds_up_by_the_first_order_lag():
    played = plans.world(plans.ego())
    played.apply(BrakeDemand(demand_mps2=5.0, request_sequence=1), SimNs(1_000_000_000))
    lag_s = load_vehicle("truck_n3_rigid").brake_lag_s
    for after_s in (0.0, 0.037, 0.2, 0.5, 1.0):
        frame = played.observe(SimNs(1_200_000_000 + round(after_s * 1e9)))
        assert frame.state[0, BRAKE] == pytest.approx(5.0 * (1.0 - exp(-after_s / lag_s)), abs=1e-9)


def test_a_release_fades_with_the_same_dead_time_and_lag_and_braking_again_soon_is_no_new_onset():
    played = plans.world(plans.ego())
    played.apply(BrakeDemand(demand_mps2=5.0, request_sequence=1), SimNs(0))
    played.apply(NONE, plans.s_to_ns(1.5))
    lag_s = load_vehicle("truck_n3_rigid").brake_lag_s
    before = plans.at(played, 1.7).state[0, BRAKE]
    after = plans.at(played, 2.0).state[0, BRAKE]
    assert after == pytest.approx(before * exp(-0.3 / lag_s), rel=1e-9)
    played.apply(BrakeDemand(demand_mps2=5.0, request_sequence=3), plans.s_to_ns(2.0))
    plans.at(played, 2.5)
    assert [event.request_sequence for event in played.take_events()] == [1]
    played.apply(NONE, plans.s_to_ns(2.5))
    played.apply(BrakeDemand(demand_mps2=5.0, request_sequence=5), plans.s_to_ns(6.0))
    plans.at(played, 7.0)
    assert played.take_events() == (BrakeOnset(at=plans.s_to_ns(6.2), request_sequence=5),)


def test_the_larger_of_pedal_and_request_counts_and_the_pedal_is_no_onset_of_a_request():
    played = plans.world(plans.ego())
    played.apply(DriverControl(hold_speed_mps=-1.0, pedal_mps2=3.0), SimNs(0))
    assert plans.at(played, 2.5).state[0, BRAKE] == pytest.approx(3.0, abs=0.01)
    played.apply(BrakeDemand(demand_mps2=5.0, request_sequence=4), plans.s_to_ns(2.5))
    assert plans.at(played, 2.69).state[0, BRAKE] == pytest.approx(3.0, abs=0.01)
    assert plans.at(played, 4.4).state[0, BRAKE] == pytest.approx(5.0, abs=0.02)
    assert played.take_events() == ()


def test_a_demand_cuts_the_drive():
    played = plans.world(plans.ego(15.0))
    played.apply(DriverControl(hold_speed_mps=25.0, pedal_mps2=0.0), SimNs(0))
    pulling = plans.at(played, 2.0).state[0, DRIVE]
    played.apply(BrakeDemand(demand_mps2=1.0, request_sequence=1), plans.s_to_ns(2.0))
    assert pulling > 0.8
    assert plans.at(played, 4.0).state[0, DRIVE] < 0.02


def test_brakes_hold_at_standstill_and_never_reverse():
    played = plans.world(plans.ego(3.0))
    played.apply(FULL, SimNs(0))
    states = plans.history(played, 6.0)[:, 0]
    assert float(states[:, SPEED].min()) == 0.0
    assert float(states[-1, SPEED]) == 0.0
    standing = states[states[:, SPEED] == 0.0]
    assert np.all(standing[:, X] == standing[0, X])
    assert np.all(standing[:, [BRAKE, ACCELERATION, LATERAL_SPEED, YAW_RATE]] == 0.0)


def test_the_ego_moves_off_again_after_a_release():
    played = plans.world(plans.ego(3.0))
    played.apply(FULL, SimNs(0))
    plans.at(played, 4.0)
    played.apply(NONE, plans.s_to_ns(4.0))
    played.apply(DriverControl(hold_speed_mps=5.0, pedal_mps2=0.0), plans.s_to_ns(4.0))
    assert plans.at(played, 4.15).state[0, SPEED] == 0.0
    assert plans.at(played, 20.0).state[0, SPEED] == pytest.approx(5.0, abs=0.05)


def test_a_released_accelerator_lets_the_truck_coast_down_gently():
    played = plans.world(plans.ego(22.0))
    played.apply(DriverControl(hold_speed_mps=-1.0, pedal_mps2=0.0), SimNs(0))
    lost = 22.0 - plans.at(played, 10.0).state[0, SPEED]
    assert 1.0 < lost < 3.0


def test_speed_is_held_within_the_protocol_tolerance():
    states = plans.history(plans.world(plans.ego(20.0)), 10.0)[:, 0]
    assert np.all(np.abs(states[:, SPEED] - 20.0) < 0.01)


@settings(max_examples=25, deadline=None)
@given(
    speed_mps=st.floats(0.5, 25.0),
    demand_mps2=st.floats(0.3, 12.0),
    friction=st.floats(0.15, 1.0),
    radius_m=st.sampled_from([1e6, 250.0, -400.0]),
    begin_ns=st.integers(0, 2_000_000_000),
)
def test_braking_never_adds_energy(speed_mps, demand_mps2, friction, radius_m, begin_ns):
    plan = plans.ego(speed_mps, route=plans.bend(radius_m), s_m=220.0)
    played = plans.world(plan, friction_ratio=friction)
    played.apply(BrakeDemand(demand_mps2=demand_mps2, request_sequence=1), SimNs(begin_ns))
    first = begin_ns // plans.STEP_NS + 21  # after the dead time
    states = np.stack([plans.at(played, 0.01 * step).state[0] for step in range(first, first + 400)])
    model = plan.vehicle
    energy = 0.5 * model.mass_kg * states[:, SPEED] ** 2
    sideways = 0.5 * (model.mass_kg * states[:, LATERAL_SPEED] ** 2 + model.yaw_inertia_kgm2 * states[:, YAW_RATE] ** 2)
    moving = states[:-1, BRAKE] > states[:-1, DRIVE]
    assert np.all(np.diff(energy)[moving] <= 0.0)
    assert np.all(np.diff(energy + sideways)[moving] <= 1e-3 * energy[0])


@settings(max_examples=20, deadline=None)
@given(friction=st.floats(0.1, 1.0), demand_mps2=st.floats(0.5, 12.0), load_ratio=st.floats(0.0, 1.0))
def test_deceleration_never_exceeds_friction_nor_design(friction, demand_mps2, load_ratio):
    plan = plans.ego(20.0, load_ratio=load_ratio)
    played = plans.world(plan, friction_ratio=friction)
    played.apply(BrakeDemand(demand_mps2=demand_mps2, request_sequence=1), SimNs(0))
    brake = plans.history(played, 3.0)[:, 0, BRAKE]
    bound = min(plan.vehicle.brake_max_mps2, friction * plan.vehicle.tyre_friction_ratio * 9.80665, demand_mps2)
    assert float(brake.max()) <= bound + 1e-9
    assert float(brake[250]) == pytest.approx(bound, rel=0.01) or plans.at(played, 3.0).state[0, SPEED] == 0.0


def test_braking_in_a_bend_leaves_less_for_the_brakes_on_a_slippery_road():
    curved = plans.world(plans.ego(14.0, route=plans.bend(120.0), s_m=300.0), friction_ratio=0.35)
    level = plans.world(plans.ego(14.0), friction_ratio=0.35)
    for played in (curved, level):
        played.apply(FULL, SimNs(0))
    assert plans.at(curved, 0.9).state[0, BRAKE] < 0.95 * plans.at(level, 0.9).state[0, BRAKE]


def test_load_changes_mass_and_brakes_in_between():
    half = load_vehicle("truck_n3_rigid", 0.5)
    assert half.mass_kg == pytest.approx(18000.0)
    assert half.brake_max_mps2 == pytest.approx(6.55)
    assert replace(half, mass_kg=26000.0) != load_vehicle("truck_n3_rigid", 1.0)
