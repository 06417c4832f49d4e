"""Tracking: the filter's laws, and what becomes of road users on an exact road."""

from collections.abc import Iterator, Sequence
from math import cos, hypot, pi, sin

import numpy as np
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from stack.tracking import State, initial, step
from stack.tracking.association import matched
from stack.tracking.estimates import bits_with, elected, hits, voted
from stack.tracking.kalman import (
    STILL,
    Belief,
    ego_shift,
    predicted,
    shifted,
    updated_by_position,
    updated_by_velocity,
)
from stack.vocabulary import Message, ObjectClass, RadarTargets, TrackList
from stack.vocabulary.topics import RADAR_TARGETS
from tests.stack.readings import (
    LEVER_M,
    Mover,
    briefing,
    camera_targets,
    given,
    message,
    moving,
    place,
    radar_targets,
)

MS = 1_000_000
EGO_MPS = 20.0


def drive(
    movers: Sequence[Mover],
    until_ms: int,
    noise: float = 0.0,
    seed: int = 1,
    radar: tuple[int, int] | None = None,
    camera: tuple[int, int] | None = None,
) -> Iterator[tuple[float, TrackList]]:
    """Every track list of a drive, with its instant in seconds.

    Radar at 20 Hz given after 20 ms, camera at 20 Hz in between given after 70 ms, so that each frame
    comes behind a newer scan. `radar` and `camera` are spans in ms without any message of theirs.
    """
    state = initial(briefing())
    jobs: list[tuple[int, Message]] = []
    for at_ms in range(0, until_ms, 50):
        if radar is None or not radar[0] <= at_ms < radar[1]:
            jobs.append((at_ms + 20, radar_targets(movers, at_ms, EGO_MPS, noise, seed)))
        if camera is None or not camera[0] <= at_ms + 25 < camera[1]:
            jobs.append((at_ms + 25 + 70, camera_targets(movers, at_ms + 25, EGO_MPS, noise, seed)))
    for now_ms, sent in sorted(jobs, key=lambda job: job[0]):
        state, outputs = step(state, given(now_ms, sent, latest=moving(EGO_MPS)))
        yield now_ms / 1000.0, outputs[0].payload


def last(lists: Iterator[tuple[float, TrackList]]) -> tuple[float, TrackList]:
    """The last list of a drive."""
    *_, end = lists
    return end


def belief(x: float, y: float, vx: float, vy: float, sigma: float = 1.0) -> Belief:
    """A belief with equal, uncorrelated uncertainties."""
    p = sigma * sigma
    return (x, y, vx, vy, p, 0.0, 0.0, 0.0, p, 0.0, 0.0, p, 0.0, p)


def matrix(b: Belief) -> np.ndarray:
    """The covariance as a matrix, (4, 4)."""
    upper = np.zeros((4, 4))
    upper[np.triu_indices(4)] = b[4:]
    return upper + np.triu(upper, 1).T


MIXED = predicted(belief(50.0, 2.0, 10.0, 1.0), 0.7, ego_shift(20.0, 0.2, LEVER_M, 0.7), 3.0, 0.6)


def test_prediction_is_the_textbooks_in_a_standing_frame() -> None:
    dt = 0.3
    after = predicted(MIXED, dt, STILL, 3.0, 0.6)
    f = np.eye(4)
    f[0, 2] = f[1, 3] = dt
    q = np.zeros((4, 4))
    for axis, density in ((0, 3.0), (1, 0.6)):
        q[axis, axis], q[axis + 2, axis + 2] = density * dt**3 / 3, density * dt
        q[axis, axis + 2] = q[axis + 2, axis] = density * dt**2 / 2
    assert np.allclose(np.array(after[:4]), f @ np.array(MIXED[:4]))
    assert np.allclose(matrix(after), f @ matrix(MIXED) @ f.T + q)


@pytest.mark.parametrize("lag_s", [0.0, 0.08])
def test_updates_are_the_textbooks(lag_s: float) -> None:
    h = np.array([0.8, 0.6, -0.8 * lag_s, -0.6 * lag_s])
    for after, row in (
        (updated_by_position(MIXED, 0.8, 0.6, lag_s, 1.5, 0.3), h),
        (updated_by_velocity(MIXED, 0.8, 0.6, 1.5, 0.3), np.array([0.0, 0.0, 0.8, 0.6])),
    ):
        p = matrix(MIXED)
        gain = p @ row / (row @ p @ row + 0.3)
        assert np.allclose(np.array(after[:4]), np.array(MIXED[:4]) + gain * 1.5)
        assert np.allclose(matrix(after), p - np.outer(gain, row @ p))


@settings(max_examples=50, deadline=None)
@forall(st.floats(-0.5, 0.5), st.floats(0.01, 0.5), st.floats(0.0, 30.0))
def test_turning_the_ego_frame_moves_no_thing_and_keeps_the_uncertainty(
    yaw_rate: float, dt: float, speed: float
) -> None:
    shift = ego_shift(speed, yaw_rate, LEVER_M, dt)
    after = predicted(MIXED, dt, shift, 0.0, 0.0)
    plain = predicted(MIXED, dt, STILL, 0.0, 0.0)
    assert after[:2] == pytest.approx(shifted(shift, plain[0], plain[1]))
    assert hypot(after[2], after[3]) == pytest.approx(hypot(plain[2], plain[3]))
    assert np.allclose(np.linalg.eigvalsh(matrix(after)), np.linalg.eigvalsh(matrix(plain)), rtol=1e-2, atol=1e-6)


@settings(max_examples=30, deadline=None)
@forall(st.floats(-0.3, 0.3), st.floats(0.0, 30.0), st.floats(0.05, 0.3))
def test_the_ego_shift_is_that_of_a_vehicle_rolling_about_its_rear_axle(
    yaw_rate: float, speed: float, dt: float
) -> None:
    x = y = yaw = 0.0
    steps = 2000
    for _ in range(steps):
        x += speed * cos(yaw) * dt / steps
        y += speed * sin(yaw) * dt / steps
        yaw += yaw_rate * dt / steps
    front_x, front_y = x + LEVER_M * cos(yaw) - LEVER_M, y + LEVER_M * sin(yaw)
    shift = ego_shift(speed, yaw_rate, LEVER_M, dt)
    assert shift.dx_m == pytest.approx(front_x, abs=0.02)
    assert shift.dy_m == pytest.approx(front_y, abs=0.02)
    assert shift.turn_rad == pytest.approx(yaw)


@settings(max_examples=50, deadline=None)
@forall(st.lists(st.tuples(st.floats(0.0, 16.0), st.integers(0, 3), st.integers(0, 3)), max_size=12,
                 unique_by=lambda pair: pair[1:]))  # fmt: skip
def test_matching_is_one_to_one_and_no_other_matching_is_cheaper(pairs: list[tuple[float, int, int]]) -> None:
    gate = 16.0
    cost = {(track, target): distance for distance, track, target in pairs}

    def total(found: dict[int, int]) -> float:
        return sum(cost[pair] for pair in found.items()) + gate * (4 - len(found))

    def every(track: int, taken: frozenset[int]) -> Iterator[dict[int, int]]:
        if track == 4:
            yield {}
            return
        yield from every(track + 1, taken)
        for target in range(4):
            if (track, target) in cost and target not in taken:
                for rest in every(track + 1, taken | {target}):
                    yield {track: target, **rest}

    found = matched(list(pairs), gate)
    assert len(set(found.values())) == len(found)
    assert total(found) == pytest.approx(min(total(other) for other in every(0, frozenset())))


def test_a_crowd_beyond_the_exact_search_is_still_matched_one_to_one() -> None:
    pairs = [(float((7 * i + 3 * j) % 11), i, j) for i in range(12) for j in range(12)]
    found = matched(pairs, 16.0)
    assert sorted(found) == sorted(found.values()) == list(range(12))


def test_support_counts_the_last_half_second_only() -> None:
    bits, newest = 0, -1
    for slot in range(20):
        at = slot * 50 * MS
        bits, newest = bits_with(bits, newest, at), at
    assert hits(bits, newest, newest) == 10
    assert hits(bits, newest, newest + 200 * MS) == 6
    assert hits(bits, newest, newest + 500 * MS) == 0
    assert hits(bits_with(1, 500 * MS, 400 * MS), 500 * MS, 500 * MS) == 2, "a late support counts in its own slot"


def test_a_look_that_names_no_class_changes_none_and_the_more_vulnerable_wins_a_tie() -> None:
    votes = voted((0.0, 0.0, 0.0), ObjectClass.VEHICLE, 0.9)
    assert voted(votes, ObjectClass.UNKNOWN, 0.9) == votes
    assert elected(votes) is ObjectClass.VEHICLE
    assert elected((0.0, 0.0, 0.0)) is ObjectClass.UNKNOWN
    assert elected((2.0, 2.0, 2.0)) is ObjectClass.PEDESTRIAN
    for _ in range(10):
        votes = voted(votes, ObjectClass.PEDESTRIAN, 0.9)
    assert elected(votes) is ObjectClass.PEDESTRIAN


MOVERS = {
    "a lead": Mover(x_m=90.0, y_m=0.4, vx_mps=12.0),
    "a standing car": Mover(x_m=120.0, y_m=-3.2),
    "a faster car on the left": Mover(x_m=40.0, y_m=3.5, vx_mps=24.0),
    "a crossing child": Mover(
        x_m=90.0, y_m=-5.0, vy_mps=1.4, object_class=ObjectClass.PEDESTRIAN, width_m=0.5
    ),
    "a crossing cyclist": Mover(
        x_m=95.0, y_m=14.0, vy_mps=-4.0, object_class=ObjectClass.CYCLIST, width_m=1.8
    ),
    "an oncoming truck": Mover(x_m=180.0, y_m=3.8, vx_mps=-15.0, width_m=2.5),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MOVERS))
def test_exact_readings_give_the_exact_road_user_at_the_instant_of_publication(name: str) -> None:
    mover = MOVERS[name]
    at_s, seen = last(drive([mover], 2500))
    (track,) = seen.tracks
    x, y = place(mover, at_s, EGO_MPS)
    assert seen.as_of == round(at_s * 1000) * MS
    assert (track.x_m, track.y_m) == pytest.approx((x, y), abs=0.05)
    assert (track.vx_mps, track.vy_mps) == pytest.approx((mover.vx_mps, mover.vy_mps), abs=0.1)
    assert track.object_class is mover.object_class
    assert track.width_m == pytest.approx(mover.width_m)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", list(MOVERS))
def test_noisy_readings_converge_to_the_truth_within_the_stated_sigmas(name: str, seed: int) -> None:
    mover = MOVERS[name]
    late = [(at_s, seen) for at_s, seen in drive([mover], 3000, noise=1.0, seed=seed) if at_s > 1.5]
    assert {seen.tracks[0].track_id for _, seen in late} == {1}
    misses = []
    for at_s, seen in late:
        (track,) = seen.tracks
        x, y = place(mover, at_s, EGO_MPS)
        errors = (track.x_m - x, track.y_m - y, track.vx_mps - mover.vx_mps, track.vy_mps - mover.vy_mps)
        sigmas = (track.x_sigma_m, track.y_sigma_m, track.vx_sigma_mps, track.vy_sigma_mps)
        misses.append([error / sigma for error, sigma in zip(errors, sigmas, strict=True)])
        assert abs(errors[0]) < 0.4
        assert abs(errors[1]) < 0.5
        assert abs(errors[2]) < 0.5
        assert abs(errors[3]) < 0.8
    assert np.all(np.sqrt(np.mean(np.square(misses), axis=0)) < 1.7), "the filter is not overconfident"


def test_a_camera_alone_finds_a_standing_car_and_a_radar_alone_a_lead() -> None:
    *_, (_, seen) = drive([Mover(x_m=120.0, radar=False)], 3000)
    assert seen.tracks[0].vx_mps == pytest.approx(0.0, abs=1.0)
    assert (seen.tracks[0].radar_at, seen.tracks[0].radar_hits) == (-1, 0)
    *_, (_, seen) = drive([Mover(x_m=90.0, vx_mps=12.0, camera=False)], 2000)
    (track,) = seen.tracks
    assert (track.camera_at, track.camera_hits, track.object_class) == (-1, 0, ObjectClass.UNKNOWN)
    assert track.radar_hits >= 8
    assert track.vx_mps == pytest.approx(12.0, abs=0.1)


def test_a_standing_thing_only_the_radar_sees_becomes_a_track_that_stands() -> None:
    *_, (at_s, seen) = drive([Mover(x_m=100.0, y_m=-0.5, camera=False)], 2000, noise=1.0)
    (track,) = seen.tracks
    assert track.camera_hits == 0
    assert hypot(track.vx_mps, track.vy_mps) < 0.6
    assert track.x_m == pytest.approx(100.0 - 20.0 * at_s, abs=0.5)


def test_a_track_outlives_a_second_without_radar_and_is_the_same_afterwards() -> None:
    mover = Mover(x_m=100.0, vx_mps=14.0, camera=False)
    watcher = Mover(x_m=60.0, y_m=6.0, vx_mps=20.0, radar=False)
    during, after = set(), set()
    for at_s, seen in drive([mover, watcher], 4000, noise=1.0, radar=(1500, 2500)):
        ids = {track.track_id for track in seen.tracks if track.camera_at == -1}
        if 1.6 < at_s < 2.5:
            during |= ids
        if at_s > 2.6:
            after |= ids
    assert during == after == {1}


def test_hits_fall_when_a_sensor_falls_silent_and_the_track_goes_in_the_end() -> None:
    mover = Mover(x_m=150.0, vx_mps=18.0)
    counts = [
        (at_s, seen.tracks[0].radar_hits, seen.tracks[0].camera_hits)
        for at_s, seen in drive([mover], 3000, radar=(1500, 9000))
        if at_s > 0.5
    ]
    assert all(radar == 0 and camera >= 7 for at_s, radar, camera in counts if at_s > 2.1)
    assert all(radar >= 8 for at_s, radar, _ in counts if 0.7 < at_s < 1.5)
    state = initial(briefing())
    for at_ms in range(0, 500, 50):
        state, _ = step(state, given(at_ms + 20, radar_targets([mover], at_ms, EGO_MPS), latest=moving()))
    for at_ms in range(500, 2000, 50):
        state, outputs = step(state, given(at_ms + 20, radar_targets([], at_ms, EGO_MPS), latest=moving()))
        assert bool(outputs[0].payload.tracks) is (at_ms <= 450 + 1200)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_two_people_who_cross_each_other_are_never_swapped(seed: int) -> None:
    walkers = [
        Mover(x_m=80.0, y_m=-4.0, vy_mps=1.5, object_class=ObjectClass.PEDESTRIAN, width_m=0.5),
        Mover(x_m=82.5, y_m=3.0, vy_mps=-1.5, object_class=ObjectClass.PEDESTRIAN, width_m=0.5),
    ]
    end_s, end = last(drive(walkers, 3500, noise=0.7, seed=seed))
    assert len(end.tracks) == 2
    for track, walker in zip(sorted(end.tracks, key=lambda each: each.track_id), walkers, strict=True):
        x, y = place(walker, end_s, EGO_MPS)
        assert (track.x_m, track.y_m) == pytest.approx((x, y), abs=0.8)
        assert track.vy_mps * walker.vy_mps > 0.0


def test_a_thing_each_sensor_saw_first_by_itself_becomes_one_track() -> None:
    state = initial(briefing())
    car = Mover(x_m=100.0, vx_mps=10.0)
    for at_ms in range(0, 400, 50):
        state, _ = step(state, given(at_ms + 20, camera_targets([car], at_ms, EGO_MPS), latest=moving()))
    for at_ms in range(400, 1000, 50):
        state, outputs = step(state, given(at_ms + 20, radar_targets([car], at_ms, EGO_MPS), latest=moving()))
    (track,) = outputs[0].payload.tracks
    assert track.track_id == 1
    assert track.camera_at >= 0 and track.radar_at >= 0


@settings(max_examples=15, deadline=None)
@forall(st.permutations(list(MOVERS.values())))
def test_the_order_of_targets_with_one_bearing_order_changes_no_track(order: list[Mover]) -> None:
    def end(movers: Sequence[Mover]) -> list[tuple[float, ...]]:
        state = initial(briefing())
        for at_ms in range(0, 600, 50):
            sent = radar_targets(movers, at_ms, EGO_MPS)
            ordered = sorted(sent.payload.targets, key=lambda target: target.y_m / target.x_m)
            sent = message(RADAR_TARGETS, RadarTargets(targets=tuple(ordered)), true_ms=at_ms)
            state, outputs = step(state, given(at_ms + 20, sent, latest=moving()))
        return [(track.track_id, track.x_m, track.y_m, track.vx_mps) for track in outputs[0].payload.tracks]

    assert end(order) == end(list(MOVERS.values()))


def test_a_frame_that_comes_behind_a_newer_scan_is_used_and_a_very_old_one_is_not() -> None:
    car = Mover(x_m=100.0, vx_mps=10.0)
    state = initial(briefing())
    for at_ms in range(0, 500, 50):
        state, _ = step(state, given(at_ms + 20, radar_targets([car], at_ms, EGO_MPS), latest=moving()))
    late, _ = step(state, given(480, camera_targets([car], 400, EGO_MPS), latest=moving()))
    assert late.estimates[0].camera_at == 400 * MS
    assert late.at == state.at == 450 * MS
    before, after = state.estimates[0].belief, late.estimates[0].belief
    assert after[:4] == pytest.approx(before[:4], abs=0.05), "an exact late frame confirms, it does not drag back"
    assert all(after[i] <= before[i] for i in (4, 8, 11, 13))
    old, _ = step(state, given(480, camera_targets([car], 140, EGO_MPS), latest=moving()))
    assert old == state


def test_a_kept_state_gives_the_same_result_again_and_nothing_is_published_without_ego_motion() -> None:
    state = initial(briefing())
    for at_ms in range(0, 300, 50):
        sent = radar_targets(list(MOVERS.values()), at_ms, EGO_MPS, noise=1.0)
        job = given(at_ms + 20, sent, latest=moving())
        first: tuple[State, object] = step(state, job)
        assert step(state, job) == first
        state = first[0]
    assert step(state, given(400, radar_targets([], 380, EGO_MPS))) == (state, ())


def test_the_lane_is_given_until_it_is_too_old_to_steer_by() -> None:
    state = initial(briefing())
    state, outputs = step(state, given(50, camera_targets([], 0, EGO_MPS), latest=moving()))
    assert outputs[0].payload.lane.quality_ratio == 1.0
    for at_ms, quality in ((950, 1.0), (1050, 0.0)):
        state, outputs = step(state, given(at_ms, radar_targets([], at_ms - 20, EGO_MPS), latest=moving()))
        assert outputs[0].payload.lane.quality_ratio == quality


def test_a_crowd_of_echoes_is_held_to_the_stated_number_of_tracks() -> None:
    crowd = [Mover(x_m=30.0 + 4.0 * (i % 15), y_m=-12.0 + 5.0 * (i // 15), camera=False) for i in range(75)]
    state = initial(briefing())
    for at_ms in range(0, 250, 50):
        state, _ = step(state, given(at_ms + 20, radar_targets(crowd, at_ms, EGO_MPS), latest=moving()))
        assert len(state.estimates) <= 40


def test_a_turn_of_the_ego_makes_no_standing_thing_move() -> None:
    yaw_rate, speed = 0.08, 20.0  # a bend of 250 m radius
    state = initial(briefing())
    for at_ms in range(0, 2000, 50):
        # Rear axle on a circle about (0, radius); a post stands where the ego meets it later.
        angle = yaw_rate * at_ms / 1000.0
        radius = speed / yaw_rate
        rear_x, rear_y = radius * sin(angle), radius * (1.0 - cos(angle))
        dx, dy = 70.0 - rear_x, 12.0 - rear_y
        x, y = cos(angle) * dx + sin(angle) * dy - LEVER_M, cos(angle) * dy - sin(angle) * dx
        post = Mover(x_m=x, y_m=y)
        targets = RadarTargets(targets=radar_targets([post], 0.0, 0.0).payload.targets)
        sent = message(RADAR_TARGETS, targets, true_ms=at_ms)
        state, outputs = step(state, given(at_ms + 20, sent, latest=moving(speed, yaw_rate)))
    (track,) = outputs[0].payload.tracks
    assert hypot(track.vx_mps, track.vy_mps) < 0.2
    assert abs(angle) < pi / 8.0
