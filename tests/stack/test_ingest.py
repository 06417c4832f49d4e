"""Ingest: order, age, repetition and plausibility of delivered messages."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from stack.ingest import State, initial, step
from stack.vocabulary import EgoMotion, InputError, LaneView, Message, SensorCheck
from stack.vocabulary.topics import (
    CAMERA,
    CAMERA_CHECKED,
    EGO_MOTION,
    MOTION_CHECKED,
    RADAR,
    RADAR_CHECKED,
)
from tests.stack.readings import STRAIGHT, briefing, detection, given, message, motion, scan, seen, view

CHECKED = {RADAR: RADAR_CHECKED, CAMERA: CAMERA_CHECKED, EGO_MOTION: MOTION_CHECKED}
CONTENT = {RADAR: scan(detection()), CAMERA: view(seen()), EGO_MOTION: motion()}


def inspect(state: State, now_ms: float, sent: Message) -> tuple[State, SensorCheck, Any]:
    """The finding on one message and the payload passed on, or None."""
    state, outputs = step(state, given(now_ms, sent))
    assert isinstance(outputs[0].payload, SensorCheck)
    passed = {output.topic: output.payload for output in outputs[1:]}
    assert set(passed) <= {CHECKED[sent.topic]}
    return state, outputs[0].payload, passed.get(CHECKED[sent.topic])


@pytest.mark.parametrize("topic", list(CONTENT))
def test_a_fresh_message_passes_unchanged(topic: str) -> None:
    _, check, passed = inspect(initial(briefing()), 20.0, message(topic, CONTENT[topic]))
    assert passed is CONTENT[topic]
    assert check.accepted
    assert check.age_ns == 20_000_000
    assert (check.accepted_total, check.lost_total, check.refused_total, check.disordered_total) == (1, 0, 0, 0)


def test_missing_numbers_count_as_lost_and_a_late_one_is_used_but_disordered() -> None:
    state, check, _ = inspect(initial(briefing()), 0.0, message(RADAR, scan(), sequence=4))
    assert check.lost_total == 0, "what was sent before the first message is nobody's loss"
    state, check, _ = inspect(state, 100.0, message(RADAR, scan(), true_ms=100.0, sequence=7))
    assert check.lost_total == 2
    state, check, passed = inspect(state, 110.0, message(RADAR, scan(), true_ms=50.0, sequence=6))
    assert passed is not None
    assert (check.lost_total, check.disordered_total) == (2, 1)


def test_ego_motion_never_goes_backwards() -> None:
    state, _, _ = inspect(initial(briefing()), 20.0, message(EGO_MOTION, motion(), true_ms=20.0, sequence=3))
    _, check, passed = inspect(state, 25.0, message(EGO_MOTION, motion(), true_ms=10.0, sequence=2))
    assert passed is None
    assert (check.refused_total, check.disordered_total) == (1, 1)


@pytest.mark.parametrize("topic", list(CONTENT))
def test_a_number_that_comes_twice_is_refused_even_out_of_order(topic: str) -> None:
    state = initial(briefing())
    for number in (0, 1, 2):
        state, _, _ = inspect(state, 0.0, message(topic, CONTENT[topic], sequence=number))
    for number in (2, 1):
        state, check, passed = inspect(state, 1.0, message(topic, CONTENT[topic], sequence=number))
        assert passed is None
        assert check.reason == "sequence number repeated"
    assert check.refused_total == 2


@pytest.mark.parametrize(("topic", "limit_ms"), [(RADAR, 250.0), (CAMERA, 250.0), (EGO_MOTION, 150.0)])
@pytest.mark.parametrize(("over_ms", "accepted"), [(-1e-6, True), (0.0, True), (1e-6, False), (100.0, False)])
def test_a_message_older_than_its_use_allows_is_refused(
    topic: str, limit_ms: float, over_ms: float, accepted: bool
) -> None:
    _, check, passed = inspect(initial(briefing()), limit_ms + over_ms, message(topic, CONTENT[topic]))
    assert (passed is not None) is accepted is check.accepted


def test_a_message_from_the_future_is_refused() -> None:
    _, check, passed = inspect(initial(briefing()), 0.0, message(RADAR, scan(), true_ms=1.0))
    assert passed is None
    assert check.age_ns < 0


@pytest.mark.parametrize("topic", [RADAR, CAMERA])
def test_frozen_content_under_fresh_stamps_is_counted_marked_and_passed_on(topic: str) -> None:
    state = initial(briefing())
    for number in range(5):
        sent = message(topic, CONTENT[topic], true_ms=50.0 * number, sequence=number)
        state, check, passed = inspect(state, 50.0 * number, sent)
        assert check.repeats == number
        assert passed is CONTENT[topic]
    assert check.reason == "content repeated"
    fresh = scan(detection(range_m=51.0)) if topic == RADAR else view(seen(), lane=replace(STRAIGHT, offset_m=0.01))
    _, check, _ = inspect(state, 250.0, message(topic, fresh, true_ms=250.0, sequence=5))
    assert check.repeats == 0


def test_an_empty_road_repeats_without_suspicion_but_an_unchanged_lane_does_not() -> None:
    unseen = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.75, quality_ratio=0.0)
    for topic, payload, repeats in ((RADAR, scan(), 0), (CAMERA, view(lane=unseen), 0), (CAMERA, view(), 1)):
        state, _, _ = inspect(initial(briefing()), 0.0, message(topic, payload))
        _, check, _ = inspect(state, 50.0, message(topic, payload, true_ms=50.0, sequence=1))
        assert check.repeats == repeats


@pytest.mark.parametrize("wrong", [nan, inf, -inf, 1e9])
@pytest.mark.parametrize("name", ["range_m", "azimuth_rad", "range_rate_mps", "rcs_dbsm", "snr_db"])
def test_a_scan_with_one_impossible_number_is_refused(name: str, wrong: float) -> None:
    broken = scan(detection(), replace(detection(), **{name: wrong}))
    _, check, passed = inspect(initial(briefing()), 0.0, message(RADAR, broken))
    assert passed is None
    assert check.refused_total == 1
    assert check.reason


@pytest.mark.parametrize("wrong", [nan, inf, -1e9])
@pytest.mark.parametrize("name", ["confidence", "x_m", "y_m", "x_sigma_m", "y_sigma_m", "width_m", "lateral_mps"])
def test_a_view_with_one_impossible_object_is_refused(name: str, wrong: float) -> None:
    _, check, passed = inspect(
        initial(briefing()), 0.0, message(CAMERA, view(seen(), replace(seen(), **{name: wrong})))
    )
    assert passed is None
    assert not check.accepted


@pytest.mark.parametrize("name", ["offset_m", "heading_rad", "curvature_1pm", "half_width_m", "quality_ratio"])
def test_a_view_with_a_broken_lane_is_refused_and_a_broken_health_counts_as_blind(name: str) -> None:
    _, check, passed = inspect(initial(briefing()), 0.0, message(CAMERA, view(lane=replace(STRAIGHT, **{name: nan}))))
    assert passed is None
    _, check, passed = inspect(initial(briefing()), 0.0, message(CAMERA, view(health_ratio=nan)))
    assert passed is None
    assert check.health_ratio == 0.0


@pytest.mark.parametrize("name", list(EgoMotion.__dataclass_fields__))
def test_a_motion_with_one_impossible_number_is_refused(name: str) -> None:
    _, _, passed = inspect(initial(briefing()), 0.0, message(EGO_MOTION, replace(motion(), **{name: nan})))
    assert passed is None


def test_a_speed_jump_is_refused_until_time_makes_it_possible() -> None:
    state, _, _ = inspect(initial(briefing()), 0.0, message(EGO_MOTION, motion(20.0)))
    outcomes = []
    for number in range(1, 26):
        at_ms = 20.0 * number
        state, check, passed = inspect(state, at_ms, message(EGO_MOTION, motion(25.0), true_ms=at_ms, sequence=number))
        outcomes.append(passed is not None)
    assert outcomes[0] is False
    assert outcomes == sorted(outcomes), "once believed, it stays believed"
    assert outcomes.index(True) + 1 == 14, "4 m/s beyond the step at 15 m/s² takes 267 ms"


def test_one_corrupted_number_does_not_deafen_the_topic() -> None:
    state, _, _ = inspect(initial(briefing()), 0.0, message(RADAR, scan(), sequence=10))
    state, _, _ = inspect(state, 50.0, message(RADAR, scan(), true_ms=50.0, sequence=4_000_000))
    state, check, passed = inspect(state, 100.0, message(RADAR, scan(), true_ms=100.0, sequence=12))
    assert passed is not None
    assert check.lost_total <= 64


def test_health_falls_with_the_image_and_with_the_radars_noise_floor() -> None:
    _, check, _ = inspect(initial(briefing()), 0.0, message(CAMERA, view(health_ratio=0.3)))
    assert check.health_ratio == 0.3
    healths = []
    for floor_db in (-3.0, 0.0, 5.0, 10.0, 20.0, 40.0):
        _, check, _ = inspect(initial(briefing()), 0.0, message(RADAR, scan(noise_floor_db=floor_db)))
        healths.append(check.health_ratio)
    assert healths == [1.0, 1.0, 0.75, 0.5, 0.0, 0.0]


def test_a_kept_state_gives_the_same_result_again() -> None:
    state, _, _ = inspect(initial(briefing()), 0.0, message(CAMERA, view(seen())))
    job = given(50.0, message(CAMERA, view(seen()), true_ms=50.0, sequence=1))
    assert step(state, job) == step(state, job)


def test_settings_change_limits_and_an_unknown_one_is_refused_with_the_nearest_name() -> None:
    state = initial(briefing(ingest__radar_age_max_s=0.05))
    _, _, passed = inspect(state, 60.0, message(RADAR, scan()))
    assert passed is None
    with pytest.raises(InputError, match=r"did you mean ingest\.radar_age_max_s"):
        initial(briefing(ingest__radar_age_mx_s=0.05))


@settings(max_examples=50, deadline=None)
@forall(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 400)), max_size=40))
def test_every_message_is_either_accepted_or_refused_and_counters_never_fall(sent: list[tuple[int, int]]) -> None:
    state = initial(briefing())
    before = (0, 0, 0, 0)
    for count, (number, age_ms) in enumerate(sent, start=1):
        state, check, passed = inspect(state, 1000.0, message(RADAR, scan(), true_ms=1000.0 - age_ms, sequence=number))
        now = (check.accepted_total, check.lost_total, check.refused_total, check.disordered_total)
        assert all(a >= b for a, b in zip(now, before, strict=True))
        assert now[0] + now[2] == count
        assert (passed is not None) is check.accepted
        before = now


@settings(max_examples=30, deadline=None)
@forall(st.permutations(list(range(12))))
def test_each_number_is_accepted_exactly_once_in_any_order(order: list[int]) -> None:
    state = initial(briefing())
    accepted = []
    for number in order + order:
        state, check, _ = inspect(state, 100.0, message(RADAR, scan(), true_ms=100.0, sequence=number))
        if check.accepted:
            accepted.append(number)
    assert sorted(accepted) == list(range(12))
