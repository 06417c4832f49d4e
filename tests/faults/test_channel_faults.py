"""Each channel fault does what it says to messages published in its window, and nothing to any other."""

from dataclasses import replace
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.blackout import Blackout
from faults.burst_loss import SLOT_NS, BurstLoss, GilbertElliott
from faults.chance import chance_of
from faults.corrupt import Corrupt, FlippedBits, NotANumber, Scaled, flipped
from faults.delay import Delay, Jitter
from faults.drop import Drop
from faults.duplicate import Duplicate
from faults.freeze import Freeze
from faults.reorder import Reorder
from stack.vocabulary import SimNs, WarningKind, ns_from_s, request_checksum
from tests.faults.stand_ins import (
    PAYLOADS,
    PERIOD_NS,
    TRANSPORT_NS,
    PerfectLine,
    camera_view,
    carried,
    in_window,
    messages,
    open_window,
)

MS = 1_000_000


def some_faults(topic="camera"):
    """One of each kind, strong enough to act in every window used here."""
    garbled = FlippedBits(bits=3) if topic in ("brake_request", "driver_warning") else Scaled(scale_ratio=0.5)
    return (
        Drop(name="drop", topic=topic, loss_ratio=0.5),
        BurstLoss(name="burst", topic=topic, loss_ratio=0.5, mean_burst_ns=100 * MS),
        Delay(name="delay", topic=topic, delay_ns=70 * MS),
        Jitter(name="jitter", topic=topic, jitter_ns=70 * MS),
        Freeze(name="freeze", topic=topic),
        Reorder(name="reorder", topic=topic, reorder_ratio=0.5),
        Corrupt(name="corrupt", topic=topic, corrupt_ratio=0.5, alteration=garbled),
        Blackout(name="blackout", topic=topic),
        Duplicate(name="duplicate", topic=topic, repeat_ratio=0.5, copies=2, spacing_ns=3 * MS),
    )


KINDS = [fault.name for fault in some_faults()]


def play(fault, sent, window=None, seed=7):
    window = window or open_window(fault.name)
    return carried(fault.wrap_channel(fault.topic, PerfectLine(), window, seed), sent), window


@pytest.mark.parametrize("topic", sorted(PAYLOADS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_fault_acts_in_its_window_and_nowhere_else(kind, topic):
    fault = next(one for one in some_faults(topic) if one.name == kind)
    sent = messages(topic)
    plain = carried(PerfectLine(), sent)
    got, window = play(fault, sent)
    touched = [k for k, message in enumerate(sent) if in_window(message)]
    assert any(got[k] != plain[k] for k in touched)
    held_over = touched[-1] + 1 if kind == "reorder" else None
    for k in range(len(sent)):
        if k not in touched:
            kept = got[k][:1] if k == held_over else got[k]
            assert kept == plain[k]
    assert window.altered > 0
    assert ns_from_s(1.0) <= window.first_effect_at < ns_from_s(3.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_fault_hands_back_the_channels_of_other_topics(kind):
    fault = next(one for one in some_faults("camera") if one.name == kind)
    line, window = PerfectLine(), open_window()
    assert fault.wrap_channel("radar", line, window, 7) is line
    assert fault.wrap_channel("camera", line, window, 7) is not line
    assert fault.points == ("channel:camera",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_fault_whose_window_never_opens_alters_nothing(kind):
    fault = next(one for one in some_faults() if one.name == kind)
    sent = messages()
    window = open_window()
    window.opens_at = window.closes_at = SimNs(2**62)
    got, _ = play(fault, sent, window)
    assert got == carried(PerfectLine(), sent)
    assert window.altered == 0


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_repeat_and_other_seeds_differ(kind):
    fault = next(one for one in some_faults() if one.name == kind)
    sent = messages()
    first, _ = play(fault, sent, seed=1)
    again, _ = play(fault, sent, seed=1)
    other, _ = play(fault, sent, seed=2)
    assert first == again
    if kind in ("drop", "burst", "jitter", "reorder", "duplicate", "corrupt"):
        assert first != other
    else:
        assert first == other


@pytest.mark.parametrize("kind", KINDS)
def test_deliveries_carry_their_instant_and_never_precede_publication(kind):
    fault = next(one for one in some_faults() if one.name == kind)
    got, _ = play(fault, messages())
    for delivery in (one for deliveries in got for one in deliveries):
        assert delivery.message.delivered_at == delivery.at
        assert delivery.at >= delivery.message.published_at


@pytest.mark.parametrize("kind", ["drop", "burst", "jitter", "corrupt", "duplicate"])
def test_the_draw_of_a_slot_does_not_depend_on_when_the_window_opened(kind):
    fault = next(one for one in some_faults() if one.name == kind)
    sent = messages()
    early, _ = play(fault, sent, open_window(fault.name, 0.5, 3.0))
    late, _ = play(fault, sent, open_window(fault.name, 2.0, 3.0))
    for k, message in enumerate(sent):
        if message.published_at >= ns_from_s(2.0):
            assert early[k] == late[k]


@pytest.mark.parametrize("kind", ["drop", "burst", "jitter", "corrupt", "duplicate"])
def test_the_draw_of_a_slot_does_not_depend_on_the_messages_before_it(kind):
    fault = next(one for one in some_faults() if one.name == kind)
    sent = messages()
    all_of_them, _ = play(fault, sent)
    some, _ = play(fault, sent[:20] + sent[37:])
    assert some[20:] == all_of_them[37:]


def test_blackout_loses_every_message_of_its_window_and_counts_each():
    sent = messages()
    got, window = play(Blackout(name="dark", topic="camera"), sent)
    for message, deliveries in zip(sent, got, strict=True):
        assert (deliveries == ()) == in_window(message)
    assert window.altered == sum(map(in_window, sent)) == 40
    assert Blackout(name="dark", topic="camera").total_loss


@given(loss_ratio=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_drop_loses_about_the_stated_share(loss_ratio, seed):
    sent = messages(count=600)
    fault = Drop(name="drop", topic="camera", loss_ratio=loss_ratio)
    got, window = play(fault, sent, open_window("drop", 0.0, 1000.0), seed)
    lost = sum(deliveries == () for deliveries in got)
    assert lost == window.altered
    sigma = (600 * loss_ratio * (1 - loss_ratio)) ** 0.5
    assert abs(lost - 600 * loss_ratio) <= 6.0 * sigma
    assert fault.total_loss == (loss_ratio == 1.0)


def test_drop_at_a_smaller_share_loses_a_subset():
    sent = messages()
    few, _ = play(Drop(name="drop", topic="camera", loss_ratio=0.2), sent)
    many, _ = play(Drop(name="drop", topic="camera", loss_ratio=0.7), sent)
    lost_few = {k for k, deliveries in enumerate(few) if not deliveries}
    lost_many = {k for k, deliveries in enumerate(many) if not deliveries}
    assert lost_few < lost_many


def test_burst_loss_keeps_to_its_long_run_share_and_mean_length():
    line = GilbertElliott(chance_of(3, "burst", "camera"), 0.3, 80 * MS)
    states = [line.bad(SimNs(k * SLOT_NS)) for k in range(60_000)]
    bursts = sum(now and not before for before, now in zip(states, states[1:], strict=False))
    assert sum(states) / len(states) == pytest.approx(0.3, abs=0.03)
    assert sum(states) / bursts == pytest.approx(8.0, rel=0.1)


def test_burst_loss_steps_at_every_slot_whether_or_not_it_is_asked():
    asked_often = GilbertElliott(chance_of(3, "burst", "camera"), 0.5, 100 * MS)
    asked_seldom = GilbertElliott(chance_of(3, "burst", "camera"), 0.5, 100 * MS)
    often = {k: asked_often.bad(SimNs(k * SLOT_NS)) for k in range(3000)}
    assert all(asked_seldom.bad(SimNs(k * SLOT_NS)) == often[k] for k in range(0, 3000, 37))


def test_burst_loss_loses_neighbours_together():
    sent = messages(count=2000)
    got, _ = play(
        BurstLoss(name="burst", topic="camera", loss_ratio=0.3, mean_burst_ns=500 * MS),
        sent,
        open_window("burst", 0.0, 1000.0),
    )
    lost = [not deliveries for deliveries in got]
    after_a_loss = [now for before, now in zip(lost, lost[1:], strict=False) if before]
    assert sum(after_a_loss) / len(after_a_loss) > 0.7


def test_delay_adds_exactly_its_time_and_keeps_the_content():
    sent = messages()
    got, window = play(Delay(name="late", topic="camera", delay_ns=123 * MS), sent)
    for message, (delivery,) in zip(sent, got, strict=True):
        added = 123 * MS if in_window(message) else 0
        assert delivery.at == message.published_at + TRANSPORT_NS + added
        assert replace(delivery.message, delivered_at=message.delivered_at) == message
    assert window.altered == 40


def test_a_delay_of_nothing_alters_nothing():
    sent = messages()
    got, window = play(Delay(name="late", topic="camera", delay_ns=0), sent)
    assert got == carried(PerfectLine(), sent)
    assert window.altered == 0


@given(jitter_ms=st.integers(1, 400), seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_jitter_stays_below_its_bound_and_varies(jitter_ms, seed):
    sent = messages()
    got, _ = play(Jitter(name="jitter", topic="camera", jitter_ns=jitter_ms * MS), sent, seed=seed)
    added = [
        delivery.at - message.published_at - TRANSPORT_NS
        for message, (delivery,) in zip(sent, got, strict=True)
        if in_window(message)
    ]
    assert all(0 <= one <= jitter_ms * MS for one in added)
    assert len(set(added)) > 30
    assert max(added) > 0.8 * jitter_ms * MS


def test_freeze_repeats_the_last_payload_before_the_onset_under_fresh_stamps():
    sent = messages()
    got, window = play(Freeze(name="freeze", topic="camera"), sent)
    last_before = [message for message in sent if message.published_at < ns_from_s(1.0)][-1]
    for message, (delivery,) in zip(sent, got, strict=True):
        arrived = delivery.message
        stamps = (arrived.sequence, arrived.true_at, arrived.published_at)
        assert stamps == (message.sequence, message.true_at, message.published_at)
        assert arrived.payload == (last_before.payload if in_window(message) else message.payload)
    assert window.altered == 40


def test_freeze_from_the_start_holds_the_first_payload():
    sent = messages()
    got, window = play(Freeze(name="freeze", topic="camera"), sent, open_window("freeze", 0.0, 2.0))
    assert {deliveries[0].message.payload for deliveries in got[:39]} == {sent[0].payload}
    assert window.altered == 39  # the first message is what it would have been


def test_freezing_what_stands_still_alters_nothing():
    sent = tuple(replace(message, payload=camera_view()) for message in messages())
    got, window = play(Freeze(name="freeze", topic="camera"), sent)
    assert got == carried(PerfectLine(), sent)
    assert window.altered == 0


def test_reorder_lets_the_next_message_pass_and_loses_none():
    sent = messages()
    got, window = play(Reorder(name="mixed", topic="camera", reorder_ratio=1.0), sent)
    arrived = sorted((one for deliveries in got for one in deliveries), key=lambda one: one.at)
    order = [one.message.sequence for one in arrived]
    assert sorted(order) == [message.sequence for message in sent]
    swapped = [k for k, sequence in enumerate(order[1:], start=1) if sequence < order[k - 1]]
    assert len(swapped) == window.altered == 20
    assert all(abs(sequence - k) <= 1 for k, sequence in enumerate(order))


def test_a_held_message_is_released_behind_the_first_one_after_the_window():
    sent = messages(count=62)
    window = open_window("mixed", 2.9, 3.0)
    got, _ = play(Reorder(name="mixed", topic="camera", reorder_ratio=1.0), sent[:59] + sent[60:], window)
    assert [one.message.sequence for one in got[58]] == []
    assert [one.message.sequence for one in got[59]] == [60, 58]


def test_reorder_keeps_a_message_held_while_its_successors_are_lost():
    sent = messages()
    window, dark = open_window("mixed", 1.0, 1.05), open_window("dark", 1.05, 1.2)
    line = Blackout(name="dark", topic="camera").wrap_channel("camera", PerfectLine(), dark, 7)
    got = carried(
        Reorder(name="mixed", topic="camera", reorder_ratio=1.0).wrap_channel("camera", line, window, 7), sent
    )
    assert [len(deliveries) for deliveries in got[20:26]] == [0, 0, 0, 0, 2, 1]
    assert [one.message.sequence for one in got[24]] == [24, 20]


def test_duplicate_repeats_the_same_message_at_its_spacing():
    sent = messages()
    got, window = play(Duplicate(name="twice", topic="camera", repeat_ratio=1.0, copies=3, spacing_ns=4 * MS), sent)
    for message, deliveries in zip(sent, got, strict=True):
        assert len(deliveries) == (4 if in_window(message) else 1)
        assert [one.at - deliveries[0].at for one in deliveries] == [k * 4 * MS for k in range(len(deliveries))]
        assert {one.message.sequence for one in deliveries} == {message.sequence}
    assert window.altered == 40


@given(word=st.integers(0, 2**16 - 1), bits=st.integers(1, 16), slot=st.integers(0, 2**40), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_so_many_bits_are_flipped_as_are_stated(word, bits, slot, seed):
    assert (flipped(word, 16, bits, chance_of(seed, "f", "t"), slot) ^ word).bit_count() == bits


def test_flipped_bits_are_spread_over_the_word():
    hits = [flipped(0, 16, 1, chance_of(1, "f", "t"), slot) for slot in range(800)]
    assert {hit.bit_length() - 1 for hit in hits} == set(range(16))


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_a_corrupted_brake_request_keeps_counter_and_checksum_and_is_found_out(bits):
    fault = Corrupt(name="garbled", topic="brake_request", corrupt_ratio=1.0, alteration=FlippedBits(bits=bits))
    sent = messages("brake_request")
    got, window = play(fault, sent)
    undetected = 0
    for message, (delivery,) in zip(sent, got, strict=True):
        before, after = message.payload, delivery.message.payload
        assert (after.counter, after.checksum) == (before.counter, before.checksum)
        assert (before.raw_demand != after.raw_demand) == in_window(message)
        undetected += in_window(message) and request_checksum(after.raw_demand, after.counter) == after.checksum
    assert window.altered == 40
    assert undetected <= (0 if bits == 1 else 3)  # the CRC finds every single-bit error, most others


@pytest.mark.parametrize(
    ("topic", "numbers"),
    [
        ("camera", lambda view: [view.objects[0].x_m, view.objects[0].y_m, view.objects[0].lateral_mps]),
        ("radar", lambda scan: [scan.detections[0].range_m, scan.detections[0].range_rate_mps]),
        ("ego_motion", lambda ego: [ego.speed_mps, ego.yaw_rate_radps, ego.acceleration_mps2]),
        ("actuator_status", lambda status: [status.demand_mps2]),
    ],
)
def test_measured_numbers_become_nan_or_scaled(topic, numbers):
    sent = messages(topic)
    garbage, _ = play(Corrupt(name="nan", topic=topic, corrupt_ratio=1.0, alteration=NotANumber()), sent)
    doubled, window = play(Corrupt(name="x2", topic=topic, corrupt_ratio=1.0, alteration=Scaled(scale_ratio=2.0)), sent)
    assert all(isnan(number) for number in numbers(garbage[30][0].message.payload))
    assert numbers(doubled[30][0].message.payload) == [2.0 * number for number in numbers(sent[30].payload)]
    assert window.altered == 40


def test_a_corrupted_warning_becomes_another_kind():
    fault = Corrupt(name="garbled", topic="driver_warning", corrupt_ratio=1.0, alteration=FlippedBits(bits=1))
    sent = messages("driver_warning")
    got, _ = play(fault, sent)
    kinds = {
        deliveries[0].message.payload.kind for message, deliveries in zip(sent, got, strict=True) if in_window(message)
    }
    assert WarningKind.FORWARD_COLLISION not in kinds
    assert len(kinds) > 1


def test_a_corrupted_actuator_counter_stays_a_four_bit_word():
    fault = Corrupt(name="garbled", topic="actuator_status", corrupt_ratio=1.0, alteration=FlippedBits(bits=2))
    got, _ = play(fault, messages("actuator_status"))
    assert all(0 <= deliveries[0].message.payload.accepted_counter < 16 for deliveries in got)


def test_an_empty_list_cannot_be_corrupted_and_is_not_counted():
    sent = tuple(replace(message, payload=camera_view()) for message in messages())
    got, window = play(Corrupt(name="nan", topic="camera", corrupt_ratio=1.0, alteration=NotANumber()), sent)
    assert got == carried(PerfectLine(), sent)
    assert window.altered == 0


def test_a_message_that_is_lost_anyway_does_not_count_as_altered():
    sent = messages()
    for fault in some_faults():
        if fault.name in ("drop", "burst", "blackout"):
            continue
        dark, window = open_window("dark"), open_window(fault.name)
        line = Blackout(name="dark", topic="camera").wrap_channel("camera", PerfectLine(), dark, 7)
        carried(fault.wrap_channel("camera", line, window, 7), sent)
        assert window.altered == 0
        assert dark.altered == 40


def test_the_window_is_closed_at_its_end_and_open_at_its_beginning():
    window = open_window("dark", 1.01, 1.06)  # messages are published at 10 ms past each 50 ms
    got, _ = play(Blackout(name="dark", topic="camera"), messages(), window)
    assert [k for k, deliveries in enumerate(got) if not deliveries] == [20]
    assert window.first_effect_at == 20 * PERIOD_NS + 10 * MS
