"""A brake map gives the pedal for an acceleration, and steering undoes CARLA's speed curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.carla_client.pedals import brake_map, pedals_of, steer_ratio
from sim.carla_client.wire import DriveFacts

SPEEDS = np.array([1.0, 10.0, 30.0])
AXIS = np.array([-1.0, -0.4, 0.0, 0.5, 1.0])
MEASURED = np.array([[-8.0, -4.0, -0.1, 1.5, 3.0], [-7.5, -3.0, -0.2, 1.0, 2.0], [-7.0, -2.5, -0.6, 0.2, 0.6]])


def some_map(measured=MEASURED):
    return brake_map("vehicle.some", SPEEDS.copy(), AXIS.copy(), measured.copy())


@given(speed=st.floats(0.0, 60.0), axis=st.floats(-1.0, 1.0))
def test_the_pedal_for_what_a_pedal_does_is_that_pedal(speed, axis):
    brakes = some_map()
    assert brakes.axis_for(speed, brakes.acceleration(speed, axis)) == pytest.approx(axis, abs=1e-9)


@given(speed=st.floats(0.0, 60.0), wanted=st.floats(-20.0, 20.0), more=st.floats(0.0, 5.0))
def test_more_deceleration_never_asks_for_less_pedal(speed, wanted, more):
    brakes = some_map()
    assert brakes.axis_for(speed, wanted - more) <= brakes.axis_for(speed, wanted)


def test_what_the_vehicle_cannot_do_asks_for_all_it_can():
    brakes = some_map()
    assert brakes.axis_for(10.0, -50.0) == -1.0
    assert brakes.axis_for(10.0, 50.0) == 1.0
    assert brakes.strongest_mps2(10.0) == pytest.approx(7.5)


def test_a_measured_response_that_falls_back_is_held():
    measured = MEASURED.copy()
    measured[1, 3] = -1.0  # a gear change while it was measured
    row = some_map(measured).acceleration_mps2[1]
    assert (np.diff(row) > 0.0).all()


def test_linearity_tells_how_far_the_brakes_are_from_a_straight_line():
    straight = np.array([[-8.0, -3.2, 0.0, 1.0, 2.0]] * 3)
    assert some_map(straight).linearity() == pytest.approx(0.0, abs=1e-6)
    assert some_map().linearity() > 0.05


def test_another_measurement_has_another_digest():
    assert some_map().digest == some_map().digest
    assert some_map().digest != some_map(MEASURED * 1.001).digest


@given(angle=st.floats(-0.3, 0.3), speed=st.floats(0.0, 40.0))
def test_steering_undoes_the_speed_curve(angle, speed):
    facts = DriveFacts(mass_kg=1.0, steer_max_rad=1.2, steering_curve=((0.0, 1.0), (20.0, 0.8), (60.0, 0.3)))
    share = np.interp(speed, [0.0, 20.0, 60.0], [1.0, 0.8, 0.3])
    assert steer_ratio(angle, speed, facts) * 1.2 * share == pytest.approx(angle, abs=1e-9)


@given(axis=st.floats(-1.0, 1.0))
def test_one_axis_is_two_pedals_in_single_precision_of_which_one_is_up(axis):
    pedals = pedals_of(axis, 0.1)
    assert 0.0 in (pedals.throttle_ratio, pedals.brake_ratio)
    assert np.float32(pedals.brake_ratio) == pedals.brake_ratio
    assert pedals.throttle_ratio - pedals.brake_ratio == pytest.approx(axis, abs=1e-7)
