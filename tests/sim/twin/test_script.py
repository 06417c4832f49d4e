"""Scripted actors: protocol tolerances, triggers, exact instants."""

import numpy as np
import pytest

from sim.layout import AtTime, GapBelow, Manoeuvre, SetOffset, SetSpeed, TimeToCollisionBelow
from sim.truth import ACCELERATION, LATERAL_SPEED, PATH_OFFSET, PATH_S, SPEED, YAW_RATE, ManoeuvreBegan, X, Y
from stack.vocabulary import SimNs
from tests.sim.twin import plans

KMH = 1.0 / 3.6


def begun(played):
    return [event for event in played.take_events() if isinstance(event, ManoeuvreBegan)]


def brake_at(instant_ns: int) -> Manoeuvre:
    return Manoeuvre(trigger=AtTime(at=SimNs(instant_ns)), action=SetSpeed(speed_mps=2.0, rate_mps2=4.0))


def test_a_scripted_target_holds_speed_path_and_yaw_rate_within_protocol_tolerances_in_a_bend():
    played = plans.world(plans.ego(0.0, s_m=20.0), plans.scripted("car", 50.0, 80 * KMH, route=plans.bend(250.0)))
    car = plans.history(played, 40.0)[:, 1]
    assert float(np.abs(car[:, SPEED] - 80 * KMH).max()) < 0.1 * KMH  # Euro NCAP target: +/- 1.0 km/h
    assert float(np.abs(car[:, PATH_OFFSET]).max()) < 0.01  # Euro NCAP car target: 0.10 m
    way = np.hypot(np.diff(car[:, X]), np.diff(car[:, Y]))
    np.testing.assert_allclose(way, 80 * KMH * 0.01, rtol=1e-5)
    on_arc = car[(car[:, PATH_S] > 300.0) & (car[:, PATH_S] < 560.0)]
    np.testing.assert_allclose(on_arc[:, YAW_RATE], 80 * KMH / 250.0, rtol=1e-9)


def test_a_timed_manoeuvre_begins_at_its_exact_nanosecond():
    instant = 1_003_456_789
    played = plans.world(plans.ego(0.0), plans.scripted("car", 200.0, 20.0, brake_at(instant)))
    car = plans.history(played, 10.0)[:, 1]
    assert played.take_events() == (ManoeuvreBegan(at=SimNs(instant), actor="car", index=0),)
    t = np.arange(len(car)) * 0.01
    braking = np.clip(t - instant * 1e-9, 0.0, 18.0 / 4.0)
    np.testing.assert_allclose(car[:, SPEED], 20.0 - 4.0 * braking, atol=1e-9)
    rest = np.clip(t - instant * 1e-9 - 4.5, 0.0, None)
    way = 200.0 + np.minimum(t, instant * 1e-9) * 20.0 + 20.0 * braking - 2.0 * braking**2 + 2.0 * rest
    np.testing.assert_allclose(car[:, PATH_S], way, atol=1e-8)
    assert set(np.round(np.unique(car[:, ACCELERATION]), 9).tolist()) == {-4.0, 0.0}


def test_observing_past_a_timed_manoeuvre_shows_it_but_begins_nothing():
    played = plans.world(plans.ego(0.0), plans.scripted("car", 200.0, 20.0, brake_at(5_000_000)))
    assert played.observe(SimNs(8_000_000)).state[1, SPEED] == pytest.approx(20.0 - 0.012)
    assert played.take_events() == ()
    plans.at(played, 0.01)
    assert len(played.take_events()) == 1


def test_an_offset_is_reached_at_its_lateral_speed():
    cut_in = Manoeuvre(trigger=AtTime(at=SimNs(1_000_000_000)), action=SetOffset(offset_m=-3.5, lateral_mps=1.0))
    played = plans.world(plans.ego(0.0), plans.scripted("car", 200.0, 20.0, cut_in))
    car = plans.history(played, 6.0)[:, 1]
    assert car[200, PATH_OFFSET] == pytest.approx(-1.0, abs=1e-9)
    assert car[200, LATERAL_SPEED] == -1.0
    assert car[-1, Y] == pytest.approx(-3.5, abs=1e-9)
    assert car[-1, LATERAL_SPEED] == 0.0


def test_gap_below_begins_at_the_first_grid_instant_with_less_free_distance():
    go = Manoeuvre(trigger=GapBelow(other="ego", gap_m=40.05), action=SetSpeed(speed_mps=5.0, rate_mps2=2.0))
    played = plans.world(plans.ego(20.0), plans.scripted("car", 150.0, 0.0, go))
    plans.at(played, 5.0)
    (event,) = begun(played)
    free_at_start = 150.0 - 2.0 - 50.0 - 5.0
    exact_s = (free_at_start - 40.05) / 20.0
    assert exact_s * 1e9 < event.at <= exact_s * 1e9 + plans.STEP_NS
    assert event.at % plans.STEP_NS == 0


def test_time_to_collision_below_looks_at_gap_over_closing_speed():
    go = Manoeuvre(
        trigger=TimeToCollisionBelow(other="ego", ttc_s=3.0005), action=SetSpeed(speed_mps=0.0, rate_mps2=4.0)
    )
    played = plans.world(plans.ego(20.0), plans.scripted("car", 150.0, 10.0, go))
    plans.at(played, 9.0)
    (event,) = begun(played)
    exact_s = 93.0 / 10.0 - 3.0005
    assert exact_s * 1e9 < event.at <= exact_s * 1e9 + plans.STEP_NS


def test_time_to_collision_never_comes_when_the_gap_opens():
    go = Manoeuvre(trigger=TimeToCollisionBelow(other="ego", ttc_s=50.0), action=SetSpeed(speed_mps=0.0, rate_mps2=4.0))
    played = plans.world(plans.ego(10.0), plans.scripted("car", 80.0, 12.0, go))
    plans.at(played, 5.0)
    assert played.take_events() == ()


def test_a_later_manoeuvre_of_the_same_actor_takes_over_and_is_counted():
    first, second = (
        brake_at(1_000_000_000),
        Manoeuvre(trigger=AtTime(at=SimNs(2_000_000_001)), action=SetSpeed(speed_mps=25.0, rate_mps2=1.0)),
    )
    played = plans.world(
        plans.ego(0.0), plans.scripted("x", 400.0, 1.0), plans.scripted("car", 200.0, 20.0, first, second)
    )
    state = plans.at(played, 4.0).state
    assert state[2, SPEED] == pytest.approx(20.0 - 4.0 + 2.0, abs=1e-5)
    assert [(event.actor, event.index) for event in played.take_events()] == [("car", 0), ("car", 1)]


def test_an_actor_at_the_end_of_its_route_goes_straight_on():
    played = plans.world(plans.ego(0.0), plans.scripted("car", 2990.0, 20.0))
    car = plans.history(played, 5.0)[:, 1]
    np.testing.assert_allclose(np.diff(car[:, X]), 0.2, rtol=1e-9)
