"""The tracking stage: predict to the data's instant, match, update, give birth, let go, publish.

All estimates share one instant, the newest true-at used. Data true before it (a camera frame that
took longer than the next radar scan) update the estimates through their lag, up to `lag_max_s`;
older data are dropped. Without any ego motion yet nothing is tracked or published.
"""

from dataclasses import dataclass

from stack.tracking.association import matched
from stack.tracking.camera_support import born_of_camera, camera_looks, camera_pairs, with_camera
from stack.tracking.estimates import NEVER, Estimate, missed, quick
from stack.tracking.kalman import EgoShift, ego_shift, predicted
from stack.tracking.merging import without_doubles
from stack.tracking.publication import published
from stack.tracking.radar_support import born_of_radar, radar_looks, radar_pairs, with_radar
from stack.tracking.thresholds import Thresholds
from stack.vocabulary import (
    NS_PER_S,
    Briefing,
    EgoMotion,
    LaneView,
    Message,
    ObjectClass,
    Output,
    SimNs,
    Stage,
    StageInput,
    StagePlan,
    TrackList,
    adjusted,
)
from stack.vocabulary.construction import maker
from stack.vocabulary.topics import CAMERA_TARGETS, MOTION_CHECKED, RADAR_TARGETS, TRACKS

_track_list, _output = maker(TrackList), maker(Output)
_LANE_HALF_WIDTH_M = 1.75  # a 3.5 m lane (RAA 2008), assumed until the camera has seen one
_PEDESTRIAN, _CYCLIST = ObjectClass.PEDESTRIAN, ObjectClass.CYCLIST
NO_LANE = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=_LANE_HALF_WIDTH_M, quality_ratio=0.0)


@dataclass(frozen=True, slots=True)
class State:
    """All estimates at one instant (`at`, -1 before the first data), in order of age; the last lane."""

    limits: Thresholds
    lever_m: float
    at: SimNs
    estimates: tuple[Estimate, ...]
    next_id: int
    lane: LaneView
    lane_at: SimNs


_state = maker(State)


def initial(briefing: Briefing) -> State:
    """No road user known."""
    limits = adjusted(Thresholds(), "tracking", briefing.settings)
    return State(limits, briefing.rear_axle_to_front_m, NEVER, (), 1, NO_LANE, NEVER)


def _all_predicted(state: State, dt_s: float, motion: EgoMotion) -> list[Estimate]:
    """Every estimate `dt_s` later."""
    limits = state.limits
    shift = ego_shift(motion.speed_mps, motion.yaw_rate_radps, state.lever_m, dt_s)
    along, across, vru = limits.vehicle_along_m2ps3, limits.vehicle_across_m2ps3, limits.vru_m2ps3
    later = []
    for track_id, belief, width_m, votes, seen, *rest in state.estimates:
        if seen is _PEDESTRIAN or seen is _CYCLIST:
            belief = predicted(belief, dt_s, shift, vru, vru)
        else:
            belief = predicted(belief, dt_s, shift, along, across)
        later.append(quick(Estimate, (track_id, belief, width_m, votes, seen, *rest)))
    return later


def _with_radar_targets(
    estimates: list[Estimate], message: Message, lag: EgoShift | None, lag_s: float, state: State
) -> tuple[list[Estimate], int]:
    """The estimates after one radar cycle, and the next free id."""
    limits, true_at, next_id = state.limits, message.true_at, state.next_id
    looks = radar_looks(message.payload.targets, lag, limits)
    pairs = matched(radar_pairs(estimates, looks, lag_s, limits), limits.gate)
    for i, estimate in enumerate(estimates):
        if i in pairs:
            estimates[i] = with_radar(estimate, looks[pairs[i]], true_at, lag_s, limits)
        elif estimate.radar_at >= 0:
            estimates[i] = missed(estimate, limits.quality_gain)
    if len(pairs) < len(looks):
        used = set(pairs.values())
        for j, look in enumerate(looks):
            if j not in used:
                estimates.append(born_of_radar(next_id, look, true_at, lag_s, limits))
                next_id += 1
    return estimates, next_id


def _with_camera_targets(
    estimates: list[Estimate], message: Message, lag: EgoShift | None, lag_s: float, state: State
) -> tuple[list[Estimate], int]:
    """The estimates after one camera frame, and the next free id."""
    limits, true_at, next_id = state.limits, message.true_at, state.next_id
    looks = camera_looks(message.payload.targets, lag, limits)
    pairs = matched(camera_pairs(estimates, looks, lag_s, limits), limits.gate)
    for i, estimate in enumerate(estimates):
        if i in pairs:
            estimates[i] = with_camera(estimate, looks[pairs[i]], true_at, lag_s, limits)
        elif estimate.camera_at >= 0:
            estimates[i] = missed(estimate, limits.quality_gain)
    if len(pairs) < len(looks):
        used = set(pairs.values())
        for j, look in enumerate(looks):
            if j not in used:
                estimates.append(born_of_camera(next_id, look, true_at, lag_s, limits))
                next_id += 1
    return estimates, next_id


def _kept(estimates: list[Estimate], at: int, limits: Thresholds) -> list[Estimate]:
    """Estimates still worth keeping, doubles merged, the nearest first to stay if there are too many."""
    confirm, behind_m = limits.confirm_count, -limits.behind_m
    oldest, oldest_new = at - limits.coast_s * NS_PER_S, at - limits.coast_new_s * NS_PER_S
    kept = []
    for each in estimates:
        _, belief, _, _, _, _, camera_at, radar_at, _, _, supports, _ = each
        since = oldest if supports >= confirm else oldest_new
        if (radar_at >= since or camera_at >= since) and belief[0] > behind_m:
            kept.append(each)
    if len(kept) > 1:
        kept = without_doubles(kept, limits)
        if len(kept) > limits.tracks_max_count:
            nearest = sorted(kept, key=lambda each: (each.camera_at < 0, each.belief[0], each.track_id))
            kept = sorted(nearest[: int(limits.tracks_max_count)])
    return kept


def _absorbed(state: State, message: Message, motion: EgoMotion) -> State:
    """The state after one message; unchanged if its data are too old."""
    true_at, at = message.true_at, state.at
    if at < 0 or true_at >= at:
        lag_s, lag = 0.0, None
        dt_s = (true_at - at) / NS_PER_S if at >= 0 else 0.0
        estimates = _all_predicted(state, dt_s, motion) if dt_s > 0.0 else list(state.estimates)
        at = true_at
    else:
        lag_s = (at - true_at) / NS_PER_S
        if lag_s > state.limits.lag_max_s:
            return state
        lag = ego_shift(motion.speed_mps, motion.yaw_rate_radps, state.lever_m, lag_s)
        estimates = list(state.estimates)
    lane, lane_at = state.lane, state.lane_at
    if message.topic == CAMERA_TARGETS:
        estimates, next_id = _with_camera_targets(estimates, message, lag, lag_s, state)
        if true_at >= lane_at and message.payload.lane.quality_ratio > 0.0:
            lane, lane_at = message.payload.lane, true_at
    else:
        estimates, next_id = _with_radar_targets(estimates, message, lag, lag_s, state)
    kept = tuple(_kept(estimates, at, state.limits))
    limits, lever_m = state.limits, state.lever_m
    return _state(limits=limits, lever_m=lever_m, at=at, estimates=kept, next_id=next_id, lane=lane, lane_at=lane_at)


def _lane(state: State, now: SimNs) -> LaneView:
    """The last lane seen, with quality 0 once it is too old to steer by."""
    if now - state.lane_at <= state.limits.lane_keep_s * NS_PER_S:
        return state.lane
    lane = state.lane
    return LaneView(
        offset_m=lane.offset_m,
        heading_rad=lane.heading_rad,
        curvature_1pm=lane.curvature_1pm,
        half_width_m=lane.half_width_m,
        quality_ratio=0.0,
    )


def step(state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """Absorb each message, then publish all confirmed tracks as they are now."""
    latest = given.latest.get(MOTION_CHECKED)
    if latest is None:
        return state, ()
    motion: EgoMotion = latest.payload
    for message in given.messages:
        state = _absorbed(state, message, motion)
    now = given.now
    dt_s = (now - state.at) / NS_PER_S if state.at >= 0 else 0.0
    shift = ego_shift(motion.speed_mps, motion.yaw_rate_radps, state.lever_m, dt_s)
    tracks = _track_list(
        as_of=now,
        tracks=published(state.estimates, state.limits.confirm_count, now, dt_s, shift),
        speed_mps=motion.speed_mps,
        yaw_rate_radps=motion.yaw_rate_radps,
        lane=_lane(state, now),
    )
    return state, (_output(topic=TRACKS, payload=tracks),)


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Tracking as a pipeline row; its demand grows with the targets to match."""
    first = initial(briefing)
    return Stage(
        name="tracking",
        triggers=(RADAR_TARGETS, CAMERA_TARGETS),
        reads=(MOTION_CHECKED,),
        publishes=(TRACKS,),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: first,
        step=step,
        content=lambda given: sum(len(message.payload.targets) for message in given.messages),
    )
