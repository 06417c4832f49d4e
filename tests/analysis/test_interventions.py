"""Braking and warnings as the ledgers tell them."""

from dataclasses import replace

import pytest

from analysis.interventions import (
    applied_requests,
    braking_episodes,
    intervention,
    warning_episodes,
)
from stack.vocabulary import SimNs, WarningKind, ns_from_s
from tests.analysis.records import build

COLLISION, NONE = WarningKind.FORWARD_COLLISION, WarningKind.NONE


def test_an_episode_begins_when_the_demand_reached_the_brakes():
    (episode,) = braking_episodes(build(brake_s=4.5, brake_ends_s=6.0))
    assert episode.began_at == ns_from_s(4.5)
    assert episode.ended_at == ns_from_s(6.0)
    assert episode.peak_mps2 == 6.0
    assert episode.opened_by.onset_at == ns_from_s(4.7)


def test_an_episode_still_open_ends_with_the_run():
    record = build(brake_s=4.5)
    assert braking_episodes(record)[0].ended_at == record.ended_at


def test_a_demand_of_a_tenth_is_not_braking_and_a_little_more_is():
    assert braking_episodes(build(demand_mps2=0.1)) == ()
    assert len(braking_episodes(build(demand_mps2=0.11, limit_s=6.0))) == 1


def test_emergency_braking_begins_at_four_metres_per_second_squared():
    assert intervention(build(demand_mps2=3.99)).emergency is None
    assert intervention(build(demand_mps2=4.0)).emergency.applied_at == ns_from_s(4.5)


def test_requests_that_never_reached_the_brakes_do_not_count():
    record = build()
    lost = tuple(replace(entry, applied_at=SimNs(-1)) for entry in record.requests)
    assert applied_requests(replace(record, requests=lost)) == ()
    assert intervention(replace(record, requests=lost)).peak is None


def test_requests_count_in_the_order_of_their_effect():
    record = build()
    shuffled = replace(record, requests=tuple(reversed(record.requests)))
    assert applied_requests(shuffled) == applied_requests(record)


def test_a_warning_lasts_until_the_driver_is_shown_something_else():
    (episode,) = warning_episodes(build(warn_s=-1.0, told=((3.0, COLLISION), (5.0, NONE))))
    assert (episode.shown_at, episode.ended_at) == (ns_from_s(3.0), ns_from_s(5.0))


def test_a_pause_nobody_notices_does_not_split_a_warning():
    told = ((3.0, COLLISION), (4.0, NONE), (4.4, COLLISION), (5.0, NONE))
    (episode,) = warning_episodes(build(warn_s=-1.0, told=told))
    assert (episode.shown_at, episode.ended_at) == (ns_from_s(3.0), ns_from_s(5.0))


def test_a_long_pause_makes_two_warnings():
    told = ((3.0, COLLISION), (4.0, NONE), (4.6, COLLISION))
    assert len(warning_episodes(build(warn_s=-1.0, told=told))) == 2


def test_a_warning_the_driver_never_got_does_not_exist():
    record = build()
    lost = tuple(replace(entry, shown_at=SimNs(-1)) for entry in record.warnings)
    assert warning_episodes(replace(record, warnings=lost)) == ()


def test_other_messages_to_the_driver_are_no_collision_warning():
    assert warning_episodes(build(warn_s=-1.0, told=((3.0, WarningKind.SYSTEM_DEGRADED),))) == ()


def test_the_warning_in_force_belongs_to_the_braking():
    told = ((1.0, COLLISION), (1.5, NONE), (3.6, COLLISION))
    acted = intervention(build(warn_s=-1.0, told=told))
    assert acted.warning_for(ns_from_s(4.5)).shown_at == ns_from_s(3.6)


def test_a_warning_long_gone_does_not_belong_to_the_braking():
    acted = intervention(build(warn_s=-1.0, told=((1.0, COLLISION), (2.0, NONE))))
    assert acted.warning_for(ns_from_s(4.5)) is None
    assert acted.warning_for(ns_from_s(2.4)).shown_at == ns_from_s(1.0)


def test_a_warning_after_the_braking_belongs_to_it_and_came_too_late():
    acted = intervention(build(warn_s=4.8))
    assert acted.warning_for(ns_from_s(4.5)).shown_at == ns_from_s(4.8)


def test_the_strongest_episode_is_the_peak():
    assert intervention(build(demand_mps2=5.5)).peak.peak_mps2 == pytest.approx(5.5)
