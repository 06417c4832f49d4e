"""The risk stage: one scene per track list, every hazard of the table, most urgent first.

Urgency is the required deceleration weighted with the probability of being in the path; ties go to
the shorter time to collision. Risk remembers only what smooths: the yaw rate and each lead's speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stack.risk.leads import Lead, braking_mps2, followed
from stack.risk.path import predicted_path
from stack.risk.scene import Ego, Scene, approach
from stack.risk.table import HAZARDS
from stack.risk.thresholds import Thresholds
from stack.vocabulary import (
    NS_PER_S,
    Briefing,
    Hazard,
    HazardList,
    Output,
    SimNs,
    Stage,
    StageInput,
    StagePlan,
    TrackList,
    adjusted,
    topics,
)
from stack.vocabulary.construction import maker

_output, _hazard_list = maker(Output), maker(HazardList)

_ENDLESS_MPS2 = 100.0  # ranks what no brake can avoid, where the need is infinite


@dataclass(frozen=True, slots=True)
class State:
    """The ego, the smoothed yaw rate at `at` (-1 before the first list), and every track's lead."""

    limits: Thresholds
    ego: Ego
    at: SimNs
    yaw_rate_radps: float
    leads: Mapping[int, Lead]


_state = maker(State)


def initial(briefing: Briefing) -> State:
    """Nothing seen yet."""
    limits = adjusted(Thresholds(), "risk", briefing.settings)
    ego = Ego(
        0.5 * briefing.width_m,
        briefing.rear_axle_to_front_m,
        limits.command_delay_s + briefing.brake_dead_time_s,
        briefing.brake_lag_s,
    )
    return State(limits, ego, SimNs(-1), 0.0, {})


def _urgency(hazard: Hazard) -> tuple[float, float, int]:
    """Sort key: smaller is more urgent."""
    needed = hazard.required_deceleration_mps2
    if needed > _ENDLESS_MPS2:
        needed = _ENDLESS_MPS2
    return -needed * hazard.path_probability, hazard.time_to_collision_s, hazard.track.track_id


def _assessed(state: State, seen: TrackList) -> tuple[State, HazardList]:
    """The state and the hazards after one track list."""
    limits, ego, at, speed_mps = state.limits, state.ego, seen.as_of, seen.speed_mps
    yaw_rate = seen.yaw_rate_radps
    if state.at >= 0:
        dt_s = max(0.0, (at - state.at) / NS_PER_S)
        gain = dt_s / (limits.yaw_rate_filter_s + dt_s)
        yaw_rate = state.yaw_rate_radps + gain * (yaw_rate - state.yaw_rate_radps)
    path = predicted_path(seen.lane, speed_mps, yaw_rate, ego.lever_m, limits)
    leads: dict[int, Lead] = {}
    approaches = []
    before, filter_s, half_width_m = state.leads, limits.lead_filter_s, ego.half_width_m
    for track in seen.tracks:
        lead = followed(before.get(track.track_id), track, at, filter_s)
        leads[track.track_id] = lead
        approaches.append(approach(track, speed_mps, path, half_width_m, braking_mps2(lead, track, limits), limits))
    scene = Scene(at, speed_mps, yaw_rate, ego, seen.lane, tuple(approaches), limits)
    hazards: list[Hazard] = []
    for _, assess in HAZARDS:
        hazards += assess(scene)
    hazards.sort(key=_urgency)
    found = _hazard_list(as_of=at, hazards=tuple(hazards), speed_mps=speed_mps)
    return _state(limits=limits, ego=ego, at=at, yaw_rate_radps=yaw_rate, leads=leads), found


def step(state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """Hazards of each track list."""
    outputs = []
    for message in given.messages:
        state, found = _assessed(state, message.payload)
        outputs.append(_output(topic=topics.HAZARDS, payload=found))
    return state, tuple(outputs)


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Risk as a pipeline row; its demand grows with the tracks."""
    first = initial(briefing)
    return Stage(
        name="risk",
        triggers=(topics.TRACKS,),
        reads=(),
        publishes=(topics.HAZARDS,),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: first,
        step=step,
        content=lambda given: sum(len(message.payload.tracks) for message in given.messages),
    )
