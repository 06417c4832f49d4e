"""Risk: closed forms, the path, and what is asserted about a scene."""

from dataclasses import replace
from math import exp, inf

import pytest
from hypothesis import assume, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from stack.risk import HAZARDS, Thresholds, initial, step
from stack.risk.braking import (
    required_before_oncoming_mps2,
    required_behind_braking_mps2,
    required_deceleration_mps2,
    time_to_collision_s,
)
from stack.risk.path import lateral_at, path_probability, predicted_path
from stack.vocabulary import Hazard, HazardKind, HazardList, ObjectClass, TrackList
from stack.vocabulary.topics import TRACKS
from tests.stack.readings import LEVER_M, STRAIGHT, briefing, given, message, track, track_list

SPEEDS = st.floats(1.0, 30.0)
GAPS = st.floats(0.5, 200.0)
DELAY_S, LAG_S = 0.2, 0.29


def assessed(*lists: TrackList, **set_to: float) -> HazardList:
    """The hazards of the last of some track lists."""
    state = initial(briefing(**set_to))
    for seen in lists:
        state, outputs = step(state, given(seen.as_of / 1e6, message(TRACKS, seen)))
    found = outputs[0].payload
    assert isinstance(found, HazardList)
    return found


def only(found: HazardList, kind: HazardKind) -> Hazard:
    """The one hazard of a kind."""
    (hazard,) = [each for each in found.hazards if each.kind is kind]
    return hazard


def closest_gap_m(
    gap_m: float, speed: float, target: float, braking: float, demand: float, delay_s: float, lag_s: float
) -> float:
    """Least gap when the ego demands a deceleration now, by fine integration of both motions."""
    dt, t, produced = 0.001, 0.0, 0.0
    keep = exp(-dt / lag_s)
    least = gap_m
    while t < 60.0 and speed > 0.0 and (speed > target or braking > 0.0):
        if t >= delay_s:
            produced = demand + (produced - demand) * keep
        slower, slower_target = max(0.0, speed - produced * dt), max(0.0, target - braking * dt)
        gap_m += 0.5 * (target + slower_target - speed - slower) * dt
        speed, target, t = slower, slower_target, t + dt
        least = min(least, gap_m)
    return least


@forall(GAPS, GAPS, st.floats(0.1, 30.0))
@settings(max_examples=50, deadline=None)
def test_time_to_collision_grows_with_the_gap_and_falls_with_the_closing_speed(a: float, b: float, v: float) -> None:
    near, far = sorted((a, b))
    assert time_to_collision_s(near, v) <= time_to_collision_s(far, v)
    assert time_to_collision_s(near, v) >= time_to_collision_s(near, v * 1.1)
    assert time_to_collision_s(near, v) * v == pytest.approx(near)
    assert time_to_collision_s(near, -v) == inf
    assert time_to_collision_s(0.0, v) == 0.0


def test_without_lag_it_is_the_deceleration_to_avoid_a_crash() -> None:
    assert required_deceleration_mps2(50.0, 20.0, 0.0, 0.0) == pytest.approx(20.0**2 / (2 * 50.0))
    assert required_deceleration_mps2(50.0, 20.0, 0.5, 0.0) == pytest.approx(20.0**2 / (2 * 40.0))
    assert required_deceleration_mps2(50.0, -1.0, 0.5, 0.3) == 0.0
    assert required_deceleration_mps2(0.0, 1.0, 0.5, 0.3) == inf
    assert required_deceleration_mps2(9.0, 20.0, 0.5, 0.0) == inf


@pytest.mark.parametrize("closing", [5.0, 15.0, 22.0])
@pytest.mark.parametrize("needed", [2.0, 4.0, 6.0])
def test_demanding_what_is_required_just_avoids_contact(closing: float, needed: float) -> None:
    gap = closing * (DELAY_S + LAG_S) + closing**2 / (2 * needed) - needed * LAG_S**2 / 2
    assert required_deceleration_mps2(gap, closing, DELAY_S, LAG_S) == pytest.approx(needed)
    least = closest_gap_m(gap, closing, 0.0, 0.0, needed, DELAY_S, LAG_S)
    assert least == pytest.approx(0.0, abs=0.1)
    assert closest_gap_m(gap, closing + 8.0, 8.0, 0.0, needed, DELAY_S, LAG_S) == pytest.approx(least, abs=0.02)


@pytest.mark.parametrize(("lead", "braking", "gap"), [(20.0, 6.0, 30.0), (20.0, 3.0, 25.0), (8.0, 6.0, 40.0)])
def test_demanding_what_is_required_behind_a_braking_lead_just_avoids_contact(
    lead: float, braking: float, gap: float
) -> None:
    needed = required_behind_braking_mps2(gap, 20.0, lead, braking, DELAY_S, LAG_S)
    assert needed > required_deceleration_mps2(gap, 20.0 - lead, DELAY_S, LAG_S)
    assert closest_gap_m(gap, 20.0, lead, braking, needed, DELAY_S, LAG_S) == pytest.approx(0.0, abs=0.4)
    assert closest_gap_m(gap, 20.0, lead, braking, 0.8 * needed, DELAY_S, LAG_S) < -1.0


@forall(GAPS, GAPS, SPEEDS, st.floats(0.0, 0.5), st.floats(0.0, 0.6))
@settings(max_examples=50, deadline=None)
def test_required_deceleration_falls_with_the_gap_and_grows_with_speed_delay_and_lag(
    a: float, b: float, v: float, delay: float, lag: float
) -> None:
    near, far = sorted((a, b))
    needed = required_deceleration_mps2(near, v, delay, lag)
    assert needed >= required_deceleration_mps2(far, v, delay, lag) * (1 - 1e-9)
    assert needed <= required_deceleration_mps2(near, v * 1.2, delay, lag) * (1 + 1e-9)
    assert needed <= required_deceleration_mps2(near, v, delay + 0.1, lag) * (1 + 1e-9)


@forall(st.floats(30.0, 200.0), SPEEDS, st.floats(0.5, 20.0))
@settings(max_examples=50, deadline=None)
def test_standing_before_an_oncoming_vehicle_uses_the_room_that_is_left(gap: float, v: float, oncoming: float) -> None:
    needed = required_before_oncoming_mps2(gap, v, oncoming, DELAY_S, LAG_S)
    assume(needed < 50.0)
    standing_s = DELAY_S + LAG_S + v / needed
    covered = v * (DELAY_S + LAG_S) + v**2 / (2 * needed) + oncoming * standing_s
    assert covered == pytest.approx(gap)


@forall(st.floats(-6.0, 6.0), st.floats(0.05, 3.0), st.floats(0.5, 3.0))
@settings(max_examples=50, deadline=None)
def test_path_probability_is_symmetric_a_share_and_falls_outwards(offset: float, sigma: float, span: float) -> None:
    here = path_probability(offset, sigma, span)
    assert 0.0 <= here <= 1.0
    assert here == pytest.approx(path_probability(-offset, sigma, span))
    assert here >= path_probability(abs(offset) + 0.5, sigma, span) - 1e-12
    assert here <= path_probability(offset, sigma, span + 0.2) + 1e-12


def test_path_probability_is_one_deep_inside_half_at_the_edge_and_none_far_out() -> None:
    assert path_probability(0.0, 0.1, 2.0) == pytest.approx(1.0)
    assert path_probability(2.0, 0.1, 2.0) == pytest.approx(0.5)
    assert path_probability(4.0, 0.1, 2.0) == pytest.approx(0.0)


def test_the_path_is_the_front_edges_circle_when_lane_and_yaw_rate_agree() -> None:
    radius, speed = 250.0, 20.0
    lane = replace(STRAIGHT, curvature_1pm=1.0 / radius)
    path = predicted_path(lane, speed, speed / radius, LEVER_M, Thresholds())
    for x in (5.0, 20.0, 50.0):
        y, _, slope = lateral_at(path, x)
        # The front edge's centre runs on a circle about the same centre as the rear axle.
        exact = radius - ((radius**2 + LEVER_M**2) - (x + LEVER_M) ** 2) ** 0.5
        assert y == pytest.approx(exact, abs=0.1)
        assert slope == pytest.approx((x + LEVER_M) / radius, rel=0.05)


def test_the_lane_leads_where_it_is_seen_and_the_yaw_rate_where_not() -> None:
    bend = replace(STRAIGHT, curvature_1pm=0.004)
    limits = Thresholds()
    ahead, _, _ = lateral_at(predicted_path(bend, 20.0, 0.0, LEVER_M, limits), 60.0)
    assert ahead == pytest.approx(0.5 * 0.004 * 60.0**2, rel=0.1)
    unseen = replace(bend, quality_ratio=0.0)
    y, unsure_m2, _ = lateral_at(predicted_path(unseen, 20.0, 0.0, LEVER_M, limits), 60.0)
    _, sure_m2, _ = lateral_at(predicted_path(bend, 20.0, 0.0, LEVER_M, limits), 60.0)
    assert y == pytest.approx(0.0)
    assert unsure_m2 > sure_m2


def test_a_standing_car_in_the_path_needs_what_the_closed_form_says() -> None:
    hazard = only(assessed(track_list(track())), HazardKind.FORWARD_COLLISION_VEHICLE)
    assert hazard.path_probability > 0.99
    assert hazard.time_to_collision_s == pytest.approx(3.0)
    assert hazard.required_deceleration_mps2 == pytest.approx(required_deceleration_mps2(60.0, 20.0, 0.23, 0.29))


def test_a_gap_between_two_standing_cars_is_free() -> None:
    sides = [track(track_id=1, y_m=3.15, x_m=30.0), track(track_id=2, y_m=-3.15, x_m=30.0)]
    assert assessed(track_list(*sides, speed_mps=13.9)).hazards == ()


def test_a_guard_rail_outside_a_bend_is_not_in_the_path_and_a_car_in_the_lane_is() -> None:
    radius, speed = 250.0, 20.0
    lane = replace(STRAIGHT, curvature_1pm=1.0 / radius)
    at_x = 45.0
    middle = radius - ((radius**2 + LEVER_M**2) - (at_x + LEVER_M) ** 2) ** 0.5
    unseen = {"camera_hits": 0, "object_class": ObjectClass.UNKNOWN, "width_m": 0.6}
    rail = track(track_id=1, x_m=at_x, y_m=middle - 3.5, **unseen)
    car = track(track_id=2, x_m=at_x, y_m=middle)
    found = assessed(track_list(rail, car, speed_mps=speed, yaw_rate_radps=speed / radius, lane=lane))
    assert [hazard.track.track_id for hazard in found.hazards if hazard.required_deceleration_mps2 > 0.0] == [2]


def test_a_vehicle_whose_speed_is_not_known_yet_is_not_asserted_but_a_person_is() -> None:
    glimpsed = {"vx_sigma_mps": 7.0, "radar_hits": 0}
    assert assessed(track_list(track(**glimpsed))).hazards == ()
    person = track(object_class=ObjectClass.PEDESTRIAN, width_m=0.5, **glimpsed)
    assert only(assessed(track_list(person)), HazardKind.FORWARD_COLLISION_VRU).time_to_collision_s == 3.0


def test_a_standing_vehicle_is_not_carried_sideways_by_the_noise_of_its_speed() -> None:
    still = assessed(track_list(track(y_m=3.0, vy_mps=-0.6, vy_sigma_mps=0.5)))
    assert still.hazards == ()
    cutting_in = assessed(track_list(track(y_m=3.0, vx_mps=12.0, vy_mps=-1.2)))
    assert only(cutting_in, HazardKind.FORWARD_COLLISION_VEHICLE).path_probability > 0.5


def walker(y_m: float, vy_mps: float, x_m: float = 40.0, **changes: object) -> TrackList:
    """A pedestrian as the only track."""
    person = track(
        x_m=x_m, y_m=y_m, vy_mps=vy_mps, object_class=ObjectClass.PEDESTRIAN, width_m=0.5, vy_sigma_mps=0.15, **changes
    )
    return track_list(person)


def test_a_person_is_judged_by_where_it_will_be_on_arrival() -> None:
    # 40 m at 20 m/s: two seconds.
    meets = only(assessed(walker(-3.0, 1.5)), HazardKind.FORWARD_COLLISION_VRU)
    stands = assessed(walker(-3.0, 0.0)).hazards
    leaves = assessed(walker(1.0, 2.5)).hazards
    assert meets.path_probability > 0.8
    assert all(hazard.path_probability < 0.1 for hazard in stands)
    assert all(hazard.path_probability < 0.1 for hazard in leaves)


def test_a_persons_speed_along_the_road_is_taken_as_none() -> None:
    away, towards = assessed(walker(0.0, 0.0, vx_mps=1.5)), assessed(walker(0.0, 0.0, vx_mps=-1.5))
    assert away.hazards[0].closing_mps == towards.hazards[0].closing_mps == 20.0


def test_the_nearer_the_arrival_the_surer_the_crossing() -> None:
    chances = [
        only(assessed(walker(-1.5 * x / 20.0, 1.5, x_m=x)), HazardKind.FORWARD_COLLISION_VRU).path_probability
        for x in (80.0, 60.0, 40.0, 20.0)
    ]
    assert chances == sorted(chances)


def test_an_equally_fast_lead_far_ahead_is_no_hazard_and_a_close_one_breaks_the_distance_rule() -> None:
    assert assessed(track_list(track(x_m=40.0, vx_mps=20.0))).hazards == ()
    close = only(assessed(track_list(track(x_m=12.0, vx_mps=20.0))), HazardKind.FOLLOWING_DISTANCE)
    assert close.gap_m == 12.0
    assert close.required_deceleration_mps2 == 0.0


def braking_lead(deceleration: float, radar_hits: int = 9) -> HazardList:
    """The hazards one second after a lead 30 m ahead at the ego's speed began to brake."""
    lists = []
    for at_ms in range(0, 1000, 25):
        t = at_ms / 1000.0
        x, vx = 30.0 - 0.5 * deceleration * t * t, 20.0 - deceleration * t
        lists.append(track_list(track(x_m=x, vx_mps=vx, radar_hits=radar_hits), at_ms=at_ms))
    return assessed(*lists)


def test_a_lead_that_brakes_needs_more_than_its_present_speed_tells() -> None:
    hazard = only(braking_lead(5.0), HazardKind.FORWARD_COLLISION_VEHICLE)
    unaware = required_deceleration_mps2(hazard.gap_m, hazard.closing_mps, 0.23, 0.29)
    aware = required_behind_braking_mps2(hazard.gap_m, 20.0, 20.0 - hazard.closing_mps, 5.0, 0.23, 0.29)
    assert unaware < hazard.required_deceleration_mps2 <= aware * 1.001
    assert hazard.required_deceleration_mps2 == pytest.approx(aware, rel=0.1)


def test_braking_is_believed_of_a_speed_the_radar_measures_only() -> None:
    hazard = only(braking_lead(5.0, radar_hits=0), HazardKind.FORWARD_COLLISION_VEHICLE)
    unaware = required_deceleration_mps2(hazard.gap_m, hazard.closing_mps, 0.23, 0.29)
    assert hazard.required_deceleration_mps2 == pytest.approx(unaware)


@forall(st.lists(st.tuples(st.floats(1.0, 150.0), st.floats(-6.0, 6.0), st.floats(-10.0, 25.0)), max_size=8))
@settings(max_examples=40, deadline=None)
def test_hazards_come_most_urgent_first_whatever_the_order_of_tracks(places: list[tuple[float, float, float]]) -> None:
    tracks = [track(track_id=i, x_m=x, y_m=y, vx_mps=vx) for i, (x, y, vx) in enumerate(places)]
    found = assessed(track_list(*tracks))
    needs = [min(h.required_deceleration_mps2, 100.0) * h.path_probability for h in found.hazards]
    assert needs == sorted(needs, reverse=True)
    assert assessed(track_list(*reversed(tracks))) == found
    assert all(h.path_probability >= 0.05 for h in found.hazards)
    assert all(h.required_deceleration_mps2 >= 0.0 and h.time_to_collision_s >= 0.0 for h in found.hazards)


@forall(GAPS, GAPS)
@settings(max_examples=30, deadline=None)
def test_a_nearer_car_is_never_less_urgent(a: float, b: float) -> None:
    near, far = sorted((a, b))
    first = only(assessed(track_list(track(x_m=near))), HazardKind.FORWARD_COLLISION_VEHICLE)
    second = only(assessed(track_list(track(x_m=far))), HazardKind.FORWARD_COLLISION_VEHICLE)
    assert first.time_to_collision_s <= second.time_to_collision_s
    assert first.required_deceleration_mps2 >= second.required_deceleration_mps2 * (1 - 1e-9)


def test_leaving_the_lane_is_asserted_for_the_line_that_will_be_crossed() -> None:
    # The lane heads to the right of the ego: the ego drifts over the left line.
    drifting = replace(STRAIGHT, heading_rad=-0.03)
    hazard = only(assessed(track_list(lane=drifting)), HazardKind.LANE_DEPARTURE)
    assert hazard.track.y_m > 0.0
    assert hazard.gap_m == pytest.approx(0.5)
    assert hazard.time_to_collision_s == pytest.approx(0.5 / (20.0 * 0.03))
    mirrored = only(assessed(track_list(lane=replace(STRAIGHT, heading_rad=0.03))), HazardKind.LANE_DEPARTURE)
    assert mirrored.track.y_m < 0.0
    assert mirrored.time_to_collision_s == pytest.approx(hazard.time_to_collision_s)


def test_following_a_bend_is_no_lane_departure() -> None:
    curvature = 1.0 / 250.0
    bend = replace(STRAIGHT, curvature_1pm=curvature, heading_rad=curvature * LEVER_M)
    assert assessed(track_list(lane=bend, yaw_rate_radps=20.0 * curvature)).hazards == ()


def test_a_kept_state_gives_the_same_result_again_and_settings_reach_the_limits() -> None:
    state = initial(briefing())
    for at_ms in (0, 50, 100):
        job = given(at_ms, message(TRACKS, track_list(track(), at_ms=at_ms, yaw_rate_radps=0.01)))
        assert step(state, job) == step(state, job)
        state, _ = step(state, job)
    aside = track(y_m=2.4)
    assert assessed(track_list(aside)).hazards != ()
    assert assessed(track_list(aside), risk__path_floor_ratio=0.9).hazards == ()


def test_the_table_lists_every_hazard_once() -> None:
    assert len({name for name, _ in HAZARDS}) == len(HAZARDS) == 3
