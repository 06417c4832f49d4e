"""Metrics as laws: limits, units, monotony."""

from math import inf, isinf, isnan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.metrics import (
    METRICS,
    Scalar,
    Series,
    brake_threat_number,
    deceleration_to_avoid_crash_mps2,
    delta_v_mps,
    false_activation_rate_bound,
    false_activations,
    impact_speed_mps,
    minimum_gap_m,
    modified_time_to_collision_s,
    post_encroachment_time_s,
    required_deceleration_mps2,
    speed_reduction_mps,
    time_exposed_s,
    time_headway_s,
    time_integrated_s2,
    time_to_collision_s,
    value_at,
    warning_lead_s,
)

few = settings(max_examples=50, deadline=None)
gaps = st.floats(0.1, 300.0)
speeds = st.floats(0.1, 60.0)
rates = st.floats(-8.0, 8.0)
brakings = st.floats(0.1, 9.0)


def number(series: Series) -> float:
    return float(series.values)


def test_ttc_of_twenty_metres_at_ten_metres_per_second_is_two_seconds():
    assert number(time_to_collision_s(20.0, 10.0)) == 2.0


def test_ttc_is_infinite_when_the_gap_opens_and_zero_in_contact():
    assert isinf(number(time_to_collision_s(20.0, -1.0)))
    assert isinf(number(time_to_collision_s(20.0, 0.0)))
    assert number(time_to_collision_s(0.0, -1.0)) == 0.0
    assert number(time_to_collision_s(-0.2, 3.0)) == 0.0


def test_ttc_of_a_gap_that_is_not_a_number_is_not_valid():
    assert not time_to_collision_s(float("nan"), 3.0).valid


@few
@given(gaps, speeds, st.floats(1.01, 10.0))
def test_ttc_grows_with_the_gap_and_falls_with_the_closing_speed(gap, closing, factor):
    base = number(time_to_collision_s(gap, closing))
    assert number(time_to_collision_s(gap * factor, closing)) > base
    assert number(time_to_collision_s(gap, closing * factor)) < base
    assert number(time_to_collision_s(gap * factor, closing * factor)) == pytest.approx(base)


@few
@given(gaps, speeds)
def test_mttc_without_acceleration_is_ttc(gap, closing):
    expected = number(time_to_collision_s(gap, closing))
    assert number(modified_time_to_collision_s(gap, closing, 0.0)) == pytest.approx(expected)


@few
@given(gaps, st.floats(-30.0, 60.0), rates)
def test_mttc_is_the_smallest_positive_root_of_the_gap(gap, closing, rate):
    root = number(modified_time_to_collision_s(gap, closing, rate))
    roots = np.roots([0.5 * rate, closing, -gap]) if abs(rate) > 1e-6 else np.array([gap / closing if closing else -1])
    assume(abs(rate) > 1e-6 or abs(closing) > 1e-6)
    assume(abs(closing * closing + 2.0 * rate * gap) > 1e-3)
    positive = [float(r.real) for r in roots if abs(r.imag) < 1e-9 and r.real > 1e-9]
    if positive:
        assert root == pytest.approx(min(positive), rel=1e-4)
    else:
        assert isinf(root)


@few
@given(gaps, speeds, rates, st.floats(0.01, 5.0))
def test_mttc_never_grows_when_the_ego_accelerates_more(gap, closing, rate, more):
    now = number(modified_time_to_collision_s(gap, closing, rate))
    assert number(modified_time_to_collision_s(gap, closing, rate + more)) <= now + 1e-9


def test_a_gap_that_braking_keeps_open_has_no_mttc():
    assert isinf(number(modified_time_to_collision_s(50.0, 10.0, -5.0)))
    assert number(modified_time_to_collision_s(0.0, 10.0, -5.0)) == 0.0


def test_time_headway_is_gap_over_own_speed():
    assert number(time_headway_s(40.0, 20.0)) == 2.0
    assert isinf(number(time_headway_s(40.0, 0.0)))
    assert number(time_headway_s(-1.0, 20.0)) == 0.0


@few
@given(gaps, speeds, st.floats(1.01, 5.0))
def test_time_headway_grows_with_the_gap_and_falls_with_speed(gap, speed, factor):
    base = number(time_headway_s(gap, speed))
    assert number(time_headway_s(gap * factor, speed)) > base
    assert number(time_headway_s(gap, speed * factor)) < base


@few
@given(gaps, speeds)
def test_braking_with_drac_stops_exactly_at_the_other(gap, closing):
    drac = number(deceleration_to_avoid_crash_mps2(gap, closing))
    assert closing * closing / (2.0 * drac) == pytest.approx(gap)


def test_drac_is_zero_when_opening_and_infinite_in_contact():
    assert number(deceleration_to_avoid_crash_mps2(10.0, -2.0)) == 0.0
    assert isinf(number(deceleration_to_avoid_crash_mps2(0.0, 2.0)))


@few
@given(gaps, speeds, speeds)
def test_required_deceleration_without_braking_ahead_is_drac(gap, ego, other):
    expected = number(deceleration_to_avoid_crash_mps2(gap, ego - other))
    assert number(required_deceleration_mps2(gap, ego, other, 0.0)) == pytest.approx(expected)


@few
@given(gaps, speeds, speeds, brakings)
def test_braking_as_required_just_avoids_contact_and_a_bit_less_does_not(gap, ego, other, braking):
    needed = number(required_deceleration_mps2(gap, ego, other, braking))
    assume(needed > 0.3)
    assert smallest_distance(gap, ego, other, needed * 1.001, braking) > -1e-2
    assert smallest_distance(gap, ego, other, needed * 0.97, braking) < 0.0


def smallest_distance(gap: float, ego: float, other: float, ego_braking: float, other_braking: float) -> float:
    """Both brake at constant rates; once the ego stands, the distance only grows."""
    t = np.linspace(0.0, ego / ego_braking, 20001)
    own_t, other_t = np.minimum(t, ego / ego_braking), np.minimum(t, other / other_braking)
    own = ego * own_t - 0.5 * ego_braking * own_t**2
    ahead = gap + other * other_t - 0.5 * other_braking * other_t**2
    return float((ahead - own).min())


@few
@given(gaps, speeds, speeds, brakings, st.floats(1.01, 3.0))
def test_required_deceleration_falls_with_the_gap_and_grows_with_braking_ahead(gap, ego, other, braking, factor):
    base = number(required_deceleration_mps2(gap, ego, other, braking))
    assert number(required_deceleration_mps2(gap * factor, ego, other, braking)) <= base + 1e-9
    assert number(required_deceleration_mps2(gap, ego, other, braking * factor)) >= base - 1e-9


def test_a_standing_ego_needs_no_deceleration():
    assert number(required_deceleration_mps2(10.0, 0.0, 0.0, 0.0)) == 0.0


def test_btn_is_one_when_all_of_the_brakes_are_needed():
    assert number(brake_threat_number(6.0, 6.0)) == 1.0
    assert number(brake_threat_number(3.0, 6.0)) == 0.5
    assert not brake_threat_number(3.0, 0.0).valid


def test_exposed_time_counts_only_stretches_below_the_threshold():
    at_ns = np.arange(6) * 1e9
    ttc = Series(np.array([inf, 4.0, 2.0, 1.0, 2.0, 5.0]), np.ones(6, np.bool_))
    assert time_exposed_s(ttc, at_ns, 3.0).value == pytest.approx(3.0)
    assert time_integrated_s2(ttc, at_ns, 3.0).value == pytest.approx(1.0 + 2.0 + 1.0)


def test_contact_itself_is_not_exposure():
    ttc = Series(np.array([0.0, 0.0]), np.ones(2, np.bool_))
    assert time_exposed_s(ttc, np.array([0.0, 1e9]), 3.0).value == 0.0


@few
@given(st.lists(st.floats(0.1, 10.0), min_size=2, max_size=30), st.floats(0.5, 4.0), st.floats(0.1, 3.0))
def test_exposed_time_grows_with_the_threshold_and_never_beyond_the_run(values, threshold, more):
    ttc = Series(np.array(values), np.ones(len(values), np.bool_))
    at_ns = np.arange(len(values)) * 1e8
    low, high = time_exposed_s(ttc, at_ns, threshold).value, time_exposed_s(ttc, at_ns, threshold + more).value
    assert 0.0 <= low <= high <= (len(values) - 1) * 0.1 + 1e-9


def test_the_smallest_gap_is_zero_after_contact_however_short():
    gap = Series(np.array([5.0, 0.3]), np.ones(2, np.bool_))
    assert minimum_gap_m(gap, in_contact=False) == Scalar(0.3, True)
    assert minimum_gap_m(gap, in_contact=True) == Scalar(0.0, True)


def test_masked_values_do_not_count():
    series = Series(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    assert series.lowest() == Scalar(2.0, True)
    assert series.where(np.array([True, True, False])).highest() == Scalar(2.0, True)
    nothing = series.where(np.zeros(3, np.bool_))
    assert not nothing.lowest().valid
    assert not nothing.highest().valid


def test_impact_speed_is_zero_without_contact_and_never_negative():
    assert impact_speed_mps(12.0, contact=False).value == 0.0
    assert impact_speed_mps(12.0, contact=True).value == 12.0
    assert impact_speed_mps(-1.0, contact=True).value == 0.0


@few
@given(st.floats(60.0, 40000.0), st.floats(60.0, 40000.0), speeds)
def test_velocity_changes_of_both_add_up_and_conserve_momentum(own, other, relative):
    mine, theirs = delta_v_mps(own, other, relative).value, delta_v_mps(other, own, relative).value
    assert mine + theirs == pytest.approx(relative)
    assert own * mine == pytest.approx(other * theirs)


def test_a_massless_body_has_no_velocity_change():
    assert not delta_v_mps(0.0, 1000.0, 5.0).valid


def test_speed_reduction_is_what_braking_took_off():
    assert speed_reduction_mps(20.0, 20.0, 5.0).value == 15.0
    assert speed_reduction_mps(20.0, 5.0, 8.0).value == 0.0


@few
@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_warning_lead_changes_its_sign_with_the_order(first, second):
    assert warning_lead_s(first, second).value == pytest.approx(-warning_lead_s(second, first).value)
    assert warning_lead_s(first, second).valid


def test_a_warning_that_never_came_has_no_lead():
    assert not warning_lead_s(-1, 5).valid
    assert not warning_lead_s(5, -1).valid


def test_a_value_between_samples_is_interpolated():
    at_ns = np.array([0, 10, 20], np.int64)
    series = Series(np.array([4.0, 2.0, inf]), np.ones(3, np.bool_))
    assert value_at(series, at_ns, 5).value == pytest.approx(3.0)
    assert value_at(series, at_ns, 15).value == 2.0
    assert value_at(series, at_ns, 20).value == inf


def test_a_value_outside_the_samples_is_not_valid():
    at_ns = np.array([10, 20], np.int64)
    series = Series(np.array([4.0, 2.0]), np.ones(2, np.bool_))
    for instant in (-1, 5, 21):
        found = value_at(series, at_ns, instant)
        assert not found.valid
        assert isnan(found.value)


def test_activations_before_a_cause_are_false_and_all_where_there_is_none():
    assert false_activations([10, 20, 30], 20, must_not_react=False) == 1
    assert false_activations([10, 20, 30], 20, must_not_react=True) == 3
    assert false_activations([], 20, must_not_react=True) == 0


def test_no_event_in_a_thousand_bounds_the_rate_at_three_per_thousand():
    assert false_activation_rate_bound(0, 1000.0).value == pytest.approx(2.9957e-3, rel=1e-4)


def test_the_bound_is_that_of_the_chi_squared_table():
    # chi²(0.95, 8) = 15.507 and chi²(0.95, 22) = 33.924 in every table
    assert false_activation_rate_bound(3, 1.0).value == pytest.approx(15.507 / 2, rel=1e-4)
    assert false_activation_rate_bound(10, 1.0).value == pytest.approx(33.924 / 2, rel=1e-4)


@few
@given(st.integers(0, 200), st.floats(0.5, 1000.0))
def test_the_bound_lies_above_the_observed_rate_and_falls_with_exposure(count, exposure):
    bound = false_activation_rate_bound(count, exposure).value
    assert bound > count / exposure
    assert false_activation_rate_bound(count, 2.0 * exposure).value == pytest.approx(bound / 2.0)
    assert false_activation_rate_bound(count + 1, exposure).value > bound


def test_without_exposure_there_is_no_bound():
    assert not false_activation_rate_bound(0, 0.0).valid


def flags(*inside: int) -> np.ndarray:
    return np.array([index in inside for index in range(10)])


def test_post_encroachment_time_runs_from_leaving_to_entering():
    at_ns = np.arange(10, dtype=np.int64) * 100_000_000
    assert post_encroachment_time_s(at_ns, flags(1, 2, 3), flags(7, 8)).value == pytest.approx(0.4)
    assert post_encroachment_time_s(at_ns, flags(7, 8), flags(1, 2, 3)).value == pytest.approx(0.4)
    assert post_encroachment_time_s(at_ns, flags(1, 2, 3), flags(3, 4)) == Scalar(0.0, True)
    assert not post_encroachment_time_s(at_ns, flags(), flags(3, 4)).valid


def test_the_table_names_every_function_once_with_unit_and_source():
    assert len({metric.function for metric in METRICS.values()}) == len(METRICS)
    assert all(metric.unit and metric.source for metric in METRICS.values())
    for name in ("ttc", "mttc", "thw", "drac", "btn", "minimum_gap", "impact_speed", "delta_v", "warning_lead", "tet"):
        assert name in METRICS
