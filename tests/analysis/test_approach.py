"""Preconditions of a run."""

import pytest

from analysis.approach import approach_ends_at, breaches
from sim.truth import ManoeuvreBegan
from stack.vocabulary import ns_from_s
from tests.analysis.records import KMH, approach, build


def test_a_clean_approach_has_no_breach():
    assert breaches(build(), approach(ttc_at_least_s=4.0), "lead") == ()


def test_the_approach_ends_with_the_first_braking_or_act_but_not_before_the_functional_part():
    assert approach_ends_at(build(brake_s=4.5)) == ns_from_s(4.5)
    assert approach_ends_at(build(brake_s=4.5, acts_s=(3.8,))) == ns_from_s(3.8)
    assert approach_ends_at(build(brake_s=1.0)) == ns_from_s(2.0)
    assert approach_ends_at(build(brake_s=4.5, acts_s=(0.2,))) == ns_from_s(2.0)


def test_without_any_act_the_approach_lasts_to_the_end_or_to_contact():
    record = build(brake_s=-1.0, target_y_m=5.0, limit_s=6.0)
    assert approach_ends_at(record) == record.ended_at
    crash = build(brake_s=-1.0)
    assert approach_ends_at(crash) == crash.ended_at


def test_a_speed_outside_the_band_is_a_breach_from_its_first_instant():
    (breach,) = breaches(build(speed_mps=75.0 * KMH, gap_m=150.0), approach(), "lead")
    assert breach.at == ns_from_s(0.5)
    assert "approach speed 75.0 km/h at 0.50 s, allowed 78.0 to 82.0 km/h" in breach.sentence


def test_the_speed_at_the_edge_of_the_band_holds():
    assert breaches(build(speed_mps=82.0 * KMH, gap_m=200.0), approach(), "lead") == ()


def test_slowing_down_by_braking_is_no_breach():
    assert breaches(build(brake_s=2.5), approach(), "lead") == ()


def test_braking_before_the_functional_part_is_one():
    (breach,) = breaches(build(brake_s=1.0), approach(), "lead")
    assert ns_from_s(1.2) < breach.at < ns_from_s(2.0)


def test_a_lane_offset_beyond_the_limit_is_a_breach_on_either_side():
    for offset_m in (0.3, -0.3):
        (breach,) = breaches(build(offset_m=offset_m), approach(), "lead")
        assert "lane offset 0.30 m" in breach.sentence
    assert breaches(build(offset_m=-0.2), approach(), "lead") == ()


def test_the_target_must_hold_its_own_band():
    bands = approach(target="lead", target_speed_low_mps=11.0 * KMH, target_speed_high_mps=13.0 * KMH)
    assert breaches(build(target_speed_mps=12.0 * KMH), bands, "lead") == ()
    (breach,) = breaches(build(target_speed_mps=15.0 * KMH), bands, "lead")
    assert "speed of lead 15.0 km/h" in breach.sentence


def test_a_target_that_is_not_named_may_do_as_it_likes():
    assert breaches(build(target_speed_mps=15.0 * KMH), approach(), "lead") == ()


def test_the_targets_own_manoeuvre_in_the_functional_part_ends_its_band():
    bands = approach(target="lead", target_speed_low_mps=-1.0, target_speed_high_mps=1.0)
    record = build(brake_s=-1.0, target_y_m=5.0, limit_s=5.0)
    record.truth[300:, 1, 3] = 3.0
    began = ManoeuvreBegan(at=ns_from_s(2.9), actor="lead", index=0)
    assert len(breaches(record, bands, "lead")) == 1
    with_event = build(brake_s=-1.0, target_y_m=5.0, limit_s=5.0, more_events=(began,))
    with_event.truth[300:, 1, 3] = 3.0
    assert breaches(with_event, bands, "lead") == ()


def test_too_little_time_to_collision_at_the_start_is_a_breach():
    (breach,) = breaches(build(gap_m=80.0 * KMH * 5.9), approach(ttc_at_least_s=4.0), "lead")
    assert breach.at == ns_from_s(2.0)
    assert "TTC 3.90 s" in breach.sentence
    assert breaches(build(gap_m=80.0 * KMH * 6.0), approach(ttc_at_least_s=4.0), "lead") == ()


def test_a_run_that_ended_before_its_functional_part_is_a_breach():
    record = build(functional_s=30.0)
    assert "ended before its functional part" in breaches(record, approach(), "lead")[-1].sentence


def test_breaches_come_earliest_first_and_all_at_once():
    found = breaches(build(offset_m=1.0, gap_m=80.0 * KMH * 5.0), approach(ttc_at_least_s=4.0), "lead")
    assert [breach.at for breach in found] == [ns_from_s(0.5), ns_from_s(2.0)]


@pytest.mark.parametrize("from_s", [0.0, 0.5, 1.9])
def test_nothing_before_the_given_second_is_judged(from_s):
    record = build()
    record.truth[: round(from_s * 100), 0, 3] = 1.0
    assert breaches(record, approach(from_s=from_s), "lead") == ()
