"""The twin as a World: time, trial steps, cuts, equal bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.layout import AtTime, BrakeDemand, DriverControl, GapBelow, Manoeuvre, ReactiveDriver, SetSpeed
from sim.ports import World
from sim.truth import COLUMNS
from sim.twin.world import TwinWorld
from stack.vocabulary import InputError, MachineryError, SimNs
from tests.sim.twin import plans

DRIVER = ReactiveDriver(desired_speed_mps=24.0, changes_lanes=True)


def busy_world() -> TwinWorld:
    lane, left = plans.bend(250.0), plans.route_of(*_shifted())
    braking = Manoeuvre(trigger=AtTime(at=SimNs(1_234_567_891)), action=SetSpeed(speed_mps=5.0, rate_mps2=3.0))
    starting = Manoeuvre(trigger=GapBelow(other="ego", gap_m=60.0), action=SetSpeed(speed_mps=9.0, rate_mps2=1.5))
    return plans.world(
        plans.ego(20.0, route=lane),
        plans.scripted("target", 130.0, 15.0, braking, starting, route=lane),
        plans.reactive("follower", 20.0, 21.0, DRIVER, route=lane, left=left),
        plans.reactive("other", 60.0, 23.0, DRIVER, route=left, right=lane),
        plans.thing("wall", 400.0, offset_m=6.0, route=lane),
    )


def _shifted():
    points = plans.bend(250.0).points
    return points[:, 0], points[:, 4], 3.5


def drive(played: TwinWorld) -> None:
    played.apply(DriverControl(hold_speed_mps=19.0, pedal_mps2=0.0), SimNs(503_000_001))
    played.apply(BrakeDemand(demand_mps2=3.0, request_sequence=1), SimNs(1_250_000_000))
    played.apply(BrakeDemand(demand_mps2=6.0, request_sequence=2), SimNs(1_987_654_321))


def test_the_twin_is_a_world():
    played: World = plans.world(plans.ego())
    assert played.grain_ns == 0
    assert played.advance_to(SimNs(25_000_000)) == 20_000_000
    assert played.advance_to(SimNs(1)) == 20_000_000  # never backwards
    played.close()
    played.close()
    with pytest.raises(MachineryError, match="closed"):
        played.advance_to(SimNs(0))


def test_the_same_calls_give_the_same_bytes_in_two_worlds():
    first, second = busy_world(), busy_world()
    for played in (first, second):
        drive(played)
    a, b = plans.history(first, 6.0, 2.0), plans.history(second, 6.0, 2.0)
    assert a.tobytes() == b.tobytes()
    assert first.take_events() == second.take_events()


@settings(max_examples=15, deadline=None)
@given(looks=st.lists(st.integers(0, 2_900_000_000), min_size=1, max_size=40))
def test_observing_changes_not_one_byte_of_what_comes_later(looks):
    quiet, watched = busy_world(), busy_world()
    for instant in sorted(looks):
        watched.advance_to(SimNs(instant))
        watched.observe(SimNs(instant))
        watched.observe(SimNs(instant + 123_456_789))
    for played in (quiet, watched):
        played.apply(BrakeDemand(demand_mps2=6.0, request_sequence=2), SimNs(2_987_654_321))
    assert plans.at(quiet, 5.0).state.tobytes() == plans.at(watched, 5.0).state.tobytes()
    assert quiet.take_events() == watched.take_events()


@settings(max_examples=20, deadline=None)
@given(
    cuts=st.lists(st.integers(1_988_000_000, 4_000_000_000), min_size=1, max_size=60, unique=True),
    radius_m=st.sampled_from([1e9, 250.0, -150.0]),
    speed_mps=st.floats(8.0, 22.0),
)
def test_cutting_the_egos_steps_changes_nothing_that_matters(cuts, radius_m, speed_mps):
    whole, cut = (plans.world(plans.ego(speed_mps, route=plans.bend(radius_m), s_m=180.0)) for _ in range(2))
    demand = BrakeDemand(demand_mps2=4.0, request_sequence=2)
    for played in (whole, cut):
        played.apply(demand, SimNs(1_987_654_321))
    for instant in sorted(cuts):
        cut.apply(demand, SimNs(instant))
    a, b = plans.at(whole, 4.5).state[0], plans.at(cut, 4.5).state[0]
    np.testing.assert_allclose(a, b, rtol=0.0, atol=2e-9)


def test_a_cut_of_the_ego_cuts_nobody_else():
    whole, cut = busy_world(), busy_world()
    for instant in range(3_000_001, 1_300_000_000, 7_000_003):
        cut.apply(BrakeDemand(demand_mps2=0.0, request_sequence=0), SimNs(instant))
    a, b = plans.at(whole, 1.3).state, plans.at(cut, 1.3).state
    for row, name in enumerate(cut.roster.names):
        if name in ("target", "wall"):
            assert a[row].tobytes() == b[row].tobytes()
    np.testing.assert_allclose(a, b, rtol=0.0, atol=1e-9)  # traffic sees the ego, equal but for rounding


def test_an_observation_between_grid_instants_agrees_with_a_finer_look_at_a_neighbour():
    played = busy_world()
    plans.at(played, 1.0)
    before, later = played.observe(SimNs(1_003_000_000)).state, played.observe(SimNs(1_003_000_100)).state
    speed = np.hypot(before[:, 3], before[:, 4])
    moved = np.hypot(later[:, 0] - before[:, 0], later[:, 1] - before[:, 1])
    np.testing.assert_allclose(moved, speed * 1e-7, atol=1e-11)


def test_an_observation_far_ahead_equals_the_truth_reached_later():
    played = busy_world()
    drive(played)
    ahead = played.observe(SimNs(4_000_000_000)).state
    assert plans.at(played, 4.0).state.tobytes() == ahead.tobytes()


def test_an_observation_is_read_only_and_its_own():
    played = plans.world(plans.ego())
    frame = played.observe(SimNs(0))
    assert frame.state.shape == (1, COLUMNS)
    with pytest.raises(ValueError, match="read-only"):
        frame.state[0, 0] = 1.0
    before = frame.state.tobytes()
    plans.at(played, 1.0)
    assert frame.state.tobytes() == before


def test_time_runs_forwards_only():
    played = plans.world(plans.ego())
    played.apply(BrakeDemand(demand_mps2=1.0, request_sequence=1), SimNs(1_005_000_000))
    with pytest.raises(MachineryError, match="already reached"):
        played.apply(BrakeDemand(demand_mps2=2.0, request_sequence=2), SimNs(1_004_999_999))
    with pytest.raises(MachineryError, match="already reached"):
        played.observe(SimNs(1_004_999_999))


def test_a_demand_that_is_no_number_is_refused():
    played = plans.world(plans.ego())
    with pytest.raises(MachineryError, match="finite"):
        played.apply(BrakeDemand(demand_mps2=float("nan"), request_sequence=1), SimNs(0))


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_the_other_actors_does_not_move_the_ego_nor_anyone(order):
    lane, left = plans.straight(), plans.straight(y_m=3.5)
    others = [
        plans.reactive("a", 110.0, 20.0, DRIVER, route=lane, left=left),
        plans.reactive("b", 150.0, 14.0, DRIVER, route=lane, left=left),
        plans.reactive("c", 90.0, 22.0, DRIVER, route=left, right=lane),
        plans.scripted("d", 260.0, 12.0, route=lane),
    ]
    plain = plans.world(plans.ego(20.0, route=lane), *others)
    mixed = plans.world(plans.ego(20.0, route=lane), *(others[i] for i in order))
    for played in (plain, mixed):
        played.apply(BrakeDemand(demand_mps2=2.0, request_sequence=1), SimNs(2_003_000_000))
    a, b = plans.at(plain, 8.0), plans.at(mixed, 8.0)
    for name in a.roster.names:
        row_a, row_b = a.roster.names.index(name), b.roster.names.index(name)
        assert a.state[row_a].tobytes() == b.state[row_b].tobytes(), name


def test_a_layout_that_cannot_be_played_is_refused_with_all_findings_at_once():
    bad = plans.scripted(
        "ego",
        10.0,
        -1.0,
        Manoeuvre(trigger=GapBelow(other="nobody", gap_m=1.0), action=SetSpeed(speed_mps=1.0, rate_mps2=0.0)),
    )
    with pytest.raises(InputError) as caught:
        plans.world(plans.ego(), bad)
    text = str(caught.value)
    assert "not unique" in text
    assert "negative" in text
    assert "nobody" in text
    assert "rate" in text
