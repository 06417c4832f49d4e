"""Latency is honest: what is delayed acts later, by exactly that much, and the ledger says where time went."""

import pytest

from stack.vocabulary import NS_PER_MS
from tests.closed_loop.runs import onset, play

CAR = "truck_meets_stationary_car"


def test_a_command_one_millisecond_later_moves_the_brake_onset_by_exactly_one_millisecond():
    assert onset(play(CAR, latency__brake_request_ms=1.0)) - onset(play(CAR)) == NS_PER_MS


@pytest.mark.parametrize("added_ms", [0.25, 7.0, 123.0])
def test_added_latency_at_the_command_channel_is_found_again_in_the_ledger(added_ms):
    record = play(CAR, latency__brake_request_ms=added_ms)
    opener = next(ledger for ledger in record.requests if ledger.onset_at >= 0)
    plain = next(ledger for ledger in play(CAR).requests if ledger.onset_at >= 0)
    added = (opener.applied_at - opener.message.published_at) - (plain.applied_at - plain.message.published_at)
    assert added == round(added_ms * NS_PER_MS)


def test_a_command_carries_its_whole_journey_in_order():
    record = play(CAR)
    opener = next(ledger for ledger in record.requests if ledger.onset_at >= 0)
    message = opener.message
    stages = [stamp.stage for stamp in message.ledger]
    assert stages[-3:] == ["risk", "decision", "actuation"]
    instants = [message.true_at]
    for stamp in message.ledger:
        instants += [stamp.released_at, stamp.started_at, stamp.finished_at]
    instants += [message.published_at, opener.applied_at, opener.onset_at, opener.felt_at]
    assert instants == sorted(instants)
    assert opener.onset_at - opener.applied_at == 200 * NS_PER_MS  # the truck's brake dead time


def test_a_slower_device_brakes_later():
    assert onset(play(CAR, profile="workstation")) < onset(play(CAR, profile="edge_soc_hot"))


def test_a_warning_has_its_own_way_to_the_driver_in_the_ledger():
    warning = next(ledger for ledger in play(CAR).warnings if ledger.shown_at >= 0)
    assert warning.shown_at > warning.message.published_at > warning.message.true_at
