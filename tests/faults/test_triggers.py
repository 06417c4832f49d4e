"""Faults begin when they say: at an instant, on a condition of the truth, or by their own chance."""

from math import inf, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.triggers import (
    BrakingFor,
    ChanceTrigger,
    ConditionTrigger,
    GapBelow,
    InstantTrigger,
    Seen,
    TimeToCollisionBelow,
    approach_to,
)
from sim.attachments import NEVER
from sim.truth import ActorKind
from stack.vocabulary import SimNs, ns_from_s
from tests.faults.stand_ins import frame

CAR = ActorKind.CAR


def lead(x_m=52.0, y_m=0.0, speed_mps=10.0, name="lead", kind=CAR, yaw_rad=0.0):
    """A 4 m car whose rear is at x - 2 m; the ego's front is at 0."""
    return (name, kind, x_m, y_m, yaw_rad, speed_mps)


def test_an_instant_is_the_same_for_every_seed():
    trigger = InstantTrigger(at=ns_from_s(2.0))
    assert {trigger.instant(seed, "f") for seed in range(20)} == {ns_from_s(2.0)}
    assert trigger.kind == "instant"


def test_chance_comes_in_its_share_of_runs_and_inside_its_span():
    trigger = ChanceTrigger(probability_ratio=0.3, from_at=ns_from_s(2.0), to_at=ns_from_s(5.0))
    onsets = [trigger.instant(seed, "f") for seed in range(1000)]
    came = [onset for onset in onsets if onset != NEVER]
    assert len(came) == pytest.approx(300, abs=75)
    assert all(ns_from_s(2.0) <= onset < ns_from_s(5.0) for onset in came)
    assert sum(came) / len(came) == pytest.approx(ns_from_s(3.5), rel=0.05)
    assert trigger.kind == "chance"


@given(seed=st.integers(0, 2**40))
@settings(max_examples=30, deadline=None)
def test_chance_is_certain_at_one_and_absent_at_zero(seed):
    span = {"from_at": SimNs(5), "to_at": SimNs(50)}
    assert 5 <= ChanceTrigger(probability_ratio=1.0, **span).instant(seed, "f") < 50
    assert ChanceTrigger(probability_ratio=0.0, **span).instant(seed, "f") == NEVER


def test_chance_belongs_to_the_fault_by_name():
    trigger = ChanceTrigger(probability_ratio=1.0, from_at=SimNs(0), to_at=ns_from_s(10.0))
    assert trigger.instant(7, "camera_freezes") != trigger.instant(7, "radar_freezes")
    assert trigger.instant(7, "camera_freezes") == trigger.instant(7, "camera_freezes")


def test_the_gap_is_from_the_front_edge_to_the_nearest_point():
    seen = approach_to(frame(others=[lead()]), "lead")
    assert seen.gap_m == pytest.approx(50.0)
    assert seen.closing_mps == pytest.approx(10.0)
    assert seen.ttc_s == pytest.approx(5.0)


def test_an_oncoming_actor_closes_with_both_speeds():
    assert approach_to(frame(others=[lead(yaw_rad=pi)]), "lead").closing_mps == pytest.approx(30.0)


def test_a_crossing_actor_closes_with_the_egos_speed_only():
    walker = lead(x_m=31.0, y_m=-6.0, speed_mps=1.5, yaw_rad=pi / 2)
    seen = approach_to(frame(others=[walker]), "lead")
    assert seen.closing_mps == pytest.approx(20.0)
    assert seen.gap_m == pytest.approx(30.0)


def test_an_actor_beside_or_behind_is_not_approached():
    assert approach_to(frame(others=[lead(x_m=-20.0)]), "lead").ttc_s == inf
    assert approach_to(frame(others=[lead(y_m=4.0)]), "nearest_ahead").gap_m == inf
    assert approach_to(frame(others=[lead(y_m=4.0)]), "lead").gap_m == pytest.approx(50.0)  # named: wherever it is


def test_a_faster_actor_is_never_reached():
    assert approach_to(frame(others=[lead(speed_mps=25.0)]), "lead").ttc_s == inf


def test_the_nearest_ahead_is_the_nearest_road_user_in_the_path():
    others = [
        lead(x_m=80.0, name="far"),
        lead(x_m=40.0, name="near", speed_mps=0.0),
        lead(x_m=20.0, y_m=3.5, name="beside"),
        lead(x_m=10.0, name="plate", kind=ActorKind.STEEL_PLATE),
    ]
    seen = approach_to(frame(others=others), "nearest_ahead")
    assert (seen.gap_m, seen.closing_mps) == (pytest.approx(38.0), pytest.approx(20.0))


def test_with_nobody_ahead_nothing_is_approached():
    assert approach_to(frame(), "nearest_ahead").gap_m == inf


@given(turn=st.floats(-3.1, 3.1), gap=st.floats(5.0, 100.0))
@settings(max_examples=30, deadline=None)
def test_the_approach_does_not_depend_on_where_north_is(turn, gap):
    from math import cos, sin

    from sim.truth import YAW, X, Y

    straight = frame(others=[lead(x_m=gap + 2.0)])
    turned = frame(others=[lead(x_m=gap + 2.0)])
    for row in (0, 1):
        x, y = straight.state[row, [X, Y]]
        turned.state[row, [X, Y, YAW]] = (cos(turn) * x - sin(turn) * y, sin(turn) * x + cos(turn) * y, turn)
    a, b = approach_to(straight, "nearest_ahead"), approach_to(turned, "nearest_ahead")
    assert b.gap_m == pytest.approx(a.gap_m, abs=1e-6)
    assert b.closing_mps == pytest.approx(a.closing_mps, abs=1e-9)


def test_time_to_collision_and_gap_conditions_hold_below_their_limits_only():
    near, far = frame(others=[lead(x_m=31.9)]), frame(others=[lead(x_m=32.1)])  # 2.99 s and 3.01 s
    for condition in (TimeToCollisionBelow(ttc_s=3.0), TimeToCollisionBelow(ttc_s=3.0, target="lead")):
        assert ConditionTrigger(condition=condition).due(near, Seen())
        assert not ConditionTrigger(condition=condition).due(far, Seen())
    for condition in (GapBelow(gap_m=30.0), GapBelow(gap_m=30.0, target="lead")):
        assert ConditionTrigger(condition=condition).due(near, Seen())
        assert not ConditionTrigger(condition=condition).due(far, Seen())


def test_a_condition_has_no_instant_before_the_run():
    trigger = ConditionTrigger(condition=GapBelow(gap_m=30.0))
    assert trigger.instant(7, "f") == NEVER
    assert trigger.kind == "condition"


def test_braking_is_timed_from_its_first_frame_in_one_go():
    trigger, seen, due = ConditionTrigger(condition=BrakingFor(after_ns=ns_from_s(0.2))), Seen(), []
    brakes = [0, 3, 3, 0, 3, 3, 3, 3, 3, 0]
    for k, brake in enumerate(brakes):
        now = frame(at_s=0.1 * k, ego_brake_mps2=brake)
        seen = seen.after(now)
        due.append(trigger.due(now, seen))
    assert due == [False] * 6 + [True] * 3 + [False]


def test_looking_at_the_truth_changes_nothing_seen_before():
    seen = Seen().after(frame(at_s=1.0, ego_brake_mps2=2.0))
    assert seen.after(frame(at_s=1.1, ego_brake_mps2=2.0)) is seen
    assert seen.after(frame(at_s=1.2)) == Seen()
