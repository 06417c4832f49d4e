"""The actuation stage: every manoeuvre gives one brake request; a change of warning gives one driver warning."""

from functools import partial
from math import inf
from typing import NamedTuple

from stack.actuation.thresholds import Thresholds, thresholds_for
from stack.vocabulary import (
    COUNTER_STATES,
    NS_PER_S,
    BrakeRequest,
    Briefing,
    DriverWarning,
    Manoeuvre,
    Output,
    SimNs,
    Stage,
    StageInput,
    StagePlan,
    WarningKind,
    demand_steps,
    request_checksum,
    topics,
)
from stack.vocabulary.construction import maker

_output, _request = maker(Output), maker(BrakeRequest)


class State(NamedTuple):
    """The last request and warning. `as_of` is the instant of the newest manoeuvre acted upon (-1: none)."""

    counter: int = COUNTER_STATES - 1
    demand_mps2: float = 0.0
    as_of: SimNs = SimNs(-1)
    warning: WarningKind = WarningKind.NONE


INITIAL = State()


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Actuation's row of the pipeline."""
    return Stage(
        name="actuation",
        triggers=(topics.MANOEUVRE,),
        reads=(),
        publishes=(topics.BRAKE_REQUEST, topics.DRIVER_WARNING),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: INITIAL,
        step=partial(step, thresholds_for(briefing)),
        content=lambda given: len(given.messages),
    )


def step(limits: Thresholds, state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """One request for the newest manoeuvre; one that is older than the last acted upon changes nothing."""
    chosen = _newest(given)
    if chosen is None or chosen.as_of < state.as_of:
        return state, ()
    demand = limited_mps2(chosen.demand_mps2, state.demand_mps2, _elapsed_s(state, chosen), limits)
    counter = (state.counter + 1) % COUNTER_STATES
    raw = demand_steps(demand)
    request = _request(raw_demand=raw, counter=counter, checksum=request_checksum(raw, counter))
    after = State(counter, demand, chosen.as_of, chosen.warning)
    braking = _output(topic=topics.BRAKE_REQUEST, payload=request)
    if chosen.warning is state.warning:
        return after, (braking,)
    warning = DriverWarning(kind=chosen.warning, reason=chosen.warning_reason)
    return after, (Output(topic=topics.DRIVER_WARNING, payload=warning), braking)


def _newest(given: StageInput) -> Manoeuvre | None:
    newest: Manoeuvre | None = None
    for message in given.messages:
        if newest is None or message.payload.as_of >= newest.as_of:
            newest = message.payload
    return newest


def _elapsed_s(state: State, chosen: Manoeuvre) -> float:
    """Time since the last manoeuvre; the first counts as a long pause, so that a braking is taken over at once."""
    return (chosen.as_of - state.as_of) / NS_PER_S if state.as_of >= 0 else inf


def limited_mps2(wanted_mps2: float, last_mps2: float, elapsed_s: float, limits: Thresholds) -> float:
    """The demand let through: within [0, maximum], rising no faster than allowed. What is no number asks nothing."""
    if not wanted_mps2 > 0.0:
        return 0.0
    highest = last_mps2 + limits.rise_mps3 * min(elapsed_s, limits.cycle_longest_s)
    return min(wanted_mps2, limits.demand_max_mps2, highest)
