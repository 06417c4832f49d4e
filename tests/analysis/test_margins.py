"""The closed form of how much later braking may begin, against brakes integrated step by step."""

from math import exp, inf

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.encounters import ego_contact
from analysis.margins import BrakingStart, braking_start, highest_deceleration_mps2, onset_margin_s, room_needed_m
from tests.analysis.records import DEAD_TIME_S, LAG_S, build

few = settings(max_examples=50, deadline=None)
STEP_S = 1e-3


def start(speed=20.0, target=0.0, gap=50.0, plateau=6.3, lag=LAG_S):
    return BrakingStart(speed_mps=speed, target_mps=target, gap_m=gap, plateau_mps2=plateau, lag_s=lag)


def room_driven_m(closing, limit, plateau, lag):
    """Metres of gap used up until the closing speed is at the limit, by small steps."""
    driven, time = 0.0, 0.0
    while closing > limit:
        slower = closing - plateau * (1.0 - exp(-(time + 0.5 * STEP_S) / lag)) * STEP_S
        driven += 0.5 * (closing + slower) * STEP_S
        closing, time = slower, time + STEP_S
    return driven


@few
@given(st.floats(4.0, 30.0), st.floats(0.0, 1.0), st.floats(3.0, 8.0), st.floats(0.05, 0.35))
def test_the_room_needed_is_what_integrated_brakes_use(closing, share, plateau, lag):
    limit = share * closing
    assume(closing - limit > 3.0 * plateau * lag)  # the closed form wants braking well beyond the lag
    needed = room_needed_m(start(speed=closing, plateau=plateau, lag=lag), limit)
    assert needed == pytest.approx(room_driven_m(closing, limit, plateau, lag), rel=0.01, abs=0.05)


@few
@given(st.floats(3.0, 30.0), st.floats(0.0, 80.0), st.floats(0.0, 3.0))
def test_later_onset_takes_its_own_time_from_the_margin(closing, gap, later_s):
    soon, late = start(speed=closing, gap=gap), start(speed=closing, gap=gap - closing * later_s)
    assert onset_margin_s(soon, 0.0) - onset_margin_s(late, 0.0) == pytest.approx(later_s, abs=1e-9)


@few
@given(st.floats(5.0, 30.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_higher_allowed_impact_never_shrinks_the_margin(closing, one, other):
    low, high = sorted((one * closing, other * closing))
    assert onset_margin_s(start(speed=closing), low) <= onset_margin_s(start(speed=closing), high) + 1e-9


@few
@given(st.floats(5.0, 30.0), st.floats(0.0, 20.0))
def test_only_the_closing_speed_counts(closing, target):
    assert onset_margin_s(start(speed=closing + target, target=target), 0.0) == pytest.approx(
        onset_margin_s(start(speed=closing), 0.0), abs=1e-9
    )


def test_with_brakes_that_answer_at_once_the_margin_is_gap_less_stopping_distance():
    assert onset_margin_s(start(speed=10.0, gap=20.0, plateau=5.0, lag=0.0), 0.0) == pytest.approx(1.0)


def test_an_onset_too_late_has_a_negative_margin():
    assert onset_margin_s(start(speed=20.0, gap=10.0), 0.0) < 0.0


def test_an_approach_slower_than_the_limit_may_brake_whenever_it_likes():
    assert onset_margin_s(start(speed=5.0), 6.0) == inf
    assert room_needed_m(start(speed=5.0), 6.0) == 0.0


def test_without_brakes_there_is_no_room_enough():
    assert room_needed_m(start(plateau=0.0), 0.0) == inf


def test_a_record_tells_the_braking_start():
    read = braking_start(build(speed_mps=20.0, gap_m=140.0, brake_s=4.0, demand_mps2=6.0), "lead", LAG_S)
    assert read.speed_mps == pytest.approx(20.0)
    assert read.target_mps == 0.0
    assert read.gap_m == pytest.approx(140.0 - 20.0 * (4.0 + DEAD_TIME_S), abs=0.01)
    assert read.plateau_mps2 == pytest.approx(6.0, rel=0.01)


def test_a_braking_cut_short_still_tells_the_plateau_it_was_on_its_way_to():
    read = braking_start(build(speed_mps=20.0, gap_m=98.0, brake_s=4.0, demand_mps2=6.0), "lead", LAG_S)
    assert read.plateau_mps2 == pytest.approx(6.0, rel=0.03)


def test_who_crosses_has_no_speed_along_the_road():
    record = build(speed_mps=10.0, gap_m=70.0, brake_s=4.0, target_y_m=-6.0, target_lateral_mps=1.4)
    read = braking_start(record, "lead", LAG_S)
    assert read.target_mps == 0.0
    assert read.closing_mps == pytest.approx(10.0)


@few
@given(st.floats(8.0, 25.0), st.floats(4.0, 7.0), st.floats(-0.4, 0.4))
def test_the_margin_says_whether_the_run_ends_in_contact(speed, demand, spare_s):
    """Braking that begins `spare_s` before the latest onset stands before the target, and strikes it after."""
    assume(abs(spare_s) > 0.02)
    needed = room_needed_m(start(speed=speed, plateau=demand), 0.0)
    gap = needed + speed * (3.0 + DEAD_TIME_S + spare_s)
    record = build(speed_mps=speed, gap_m=gap, brake_s=3.0, demand_mps2=demand, limit_s=20.0)
    assert onset_margin_s(braking_start(record, "lead", LAG_S), 0.0) == pytest.approx(spare_s, abs=0.02)
    assert (ego_contact(record) is None) == (spare_s > 0.0)


def test_without_emergency_braking_there_is_no_braking_start():
    assert braking_start(build(brake_s=-1.0), "lead", LAG_S) is None
    assert braking_start(build(demand_mps2=2.0), "lead", LAG_S) is None


def test_braking_that_comes_after_contact_is_no_start():
    assert braking_start(build(gap_m=40.0, brake_s=1.79), "lead", LAG_S) is None


def test_the_highest_deceleration_is_the_plateau_of_a_long_braking_and_0_without():
    assert highest_deceleration_mps2(build(demand_mps2=6.0)) == pytest.approx(6.0, rel=0.01)
    assert highest_deceleration_mps2(build(brake_s=-1.0)) == 0.0
