"""Stacks that are wrong on purpose: they prove that the judge can fail.

They plug in by name through the entry points `faultline.stacks`, two as black boxes, two as pipelines
made from the reference stack. Each says what a judge that works must find. Some read the
start of the functional part, which an honest stack never does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from stack.pipeline import reference_pipeline
from stack.vocabulary import (
    COUNTER_STATES,
    NS_PER_MS,
    BrakeRequest,
    Briefing,
    CameraTargets,
    DriverWarning,
    Finding,
    Hazard,
    HazardKind,
    HazardList,
    InputError,
    Message,
    ObjectClass,
    Output,
    Pipeline,
    SimNs,
    Stage,
    StageInput,
    WarningKind,
    demand_steps,
    ns_from_s,
    request_checksum,
    topics,
)

WARNING_LEAD_S = 0.8  # UN R131 02 series: warning at latest 0.8 s before emergency braking
HMI_ALLOWANCE_S = 0.2  # own: from publication until the driver sees and hears it
DELAY_S = 0.5
_DELAY_KEY = "known_bad.delay_s"
_RELEASE_EVERY_NS = 5 * NS_PER_MS
_NARROWEST_CAR_M = 1.2  # own: wider than any person or cyclist across (ISO 19206-2, 19206-4), narrower than any car


class _Requests:
    """Protected brake requests in sequence."""

    def __init__(self) -> None:
        self._counter = -1

    def next(self, demand_mps2: float) -> Output:
        """One more request."""
        self._counter = (self._counter + 1) % COUNTER_STATES
        raw = demand_steps(demand_mps2)
        checksum = request_checksum(raw, self._counter)
        request = BrakeRequest(raw_demand=raw, counter=self._counter, checksum=checksum)
        return Output(topic=topics.BRAKE_REQUEST, payload=request)


class NeverBrake:
    """Keeps the actuator content with requests for nothing, and never warns."""

    def __init__(self) -> None:
        self._requests = _Requests()

    def step(self, now: SimNs, messages: tuple[Message, ...]) -> tuple[Output, ...]:
        """A request for no deceleration on every call."""
        return (self._requests.next(0.0),)


class AlwaysBrake:
    """Warns at the start of the functional part, then brakes fully and never lets go."""

    def __init__(self, warn_at: SimNs, demand_mps2: float) -> None:
        self._requests = _Requests()
        self._warn_at = warn_at
        self._brake_at = SimNs(warn_at + ns_from_s(WARNING_LEAD_S + HMI_ALLOWANCE_S))
        self._demand_mps2 = demand_mps2
        self._warned_at = SimNs(-1)

    def step(self, now: SimNs, messages: tuple[Message, ...]) -> tuple[Output, ...]:
        """A request on every call; the warning once, and full braking no sooner than the lead after it."""
        if self._warned_at >= 0:
            due_at = self._brake_at + self._warned_at - self._warn_at
            return (self._requests.next(self._demand_mps2 if now >= due_at else 0.0),)
        if now < self._warn_at:
            return (self._requests.next(0.0),)
        self._warned_at = now
        warning = DriverWarning(kind=WarningKind.FORWARD_COLLISION, reason="always: the functional part began")
        return Output(topic=topics.DRIVER_WARNING, payload=warning), self._requests.next(0.0)


def never_brake(briefing: Briefing) -> NeverBrake:
    """Neither warns nor brakes.

    Proves that every must-brake row can fail (its impact-speed limit is exceeded), and that no
    must-not-brake row fails by itself.
    """
    return NeverBrake()


def always_brake(briefing: Briefing) -> AlwaysBrake:
    """Warns when the functional part starts and brakes fully as soon as the law's lead has passed.

    Proves the reverse: every must-not-brake row can fail, and a must-brake row passes on braking alone.
    """
    return AlwaysBrake(briefing.functional_part_at, briefing.brake_max_mps2)


def delayed(briefing: Briefing) -> Pipeline:
    """The reference stack whose requests and warnings leave late, by `known_bad.delay_s` (0.5 s).

    Proves that the judge measures time: exactly the rows whose closed-form margin is below the
    delay fail. Warning and braking are late alike, so no warning lead is won or lost.
    """
    delay_s = briefing.settings.get(_DELAY_KEY, DELAY_S)
    if not 0.0 <= delay_s < 60.0:
        problem = f"must be between 0 and 60 s, is {delay_s}"
        raise InputError((Finding(where="settings", field=_DELAY_KEY, problem=problem),))
    settings = {key: value for key, value in briefing.settings.items() if key != _DELAY_KEY}
    pipeline = reference_pipeline(replace(briefing, settings=settings))
    return tuple(_late(stage, ns_from_s(delay_s)) if _commands(stage) else stage for stage in pipeline)


def _commands(stage: Stage) -> bool:
    return topics.BRAKE_REQUEST in stage.publishes


class Waiting(NamedTuple):
    """Outputs that leave at an instant."""

    at: SimNs
    outputs: tuple[Output, ...]


class LateState(NamedTuple):
    """The delayed stage's own state, and what it has said and not yet sent."""

    inner: Any
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class _LateStep:
    """A stage's step whose outputs leave `delay_ns` after the job that made them started."""

    step: Callable[[Any, StageInput], tuple[Any, tuple[Output, ...]]]
    delay_ns: int

    def __call__(self, state: LateState, given: StageInput) -> tuple[LateState, tuple[Output, ...]]:
        inner, waiting = state
        if given.messages:
            inner, outputs = self.step(inner, given)
            waiting += (Waiting(SimNs(given.now + self.delay_ns), outputs),)
        due = tuple(output for held in waiting if held.at <= given.now for output in held.outputs)
        return LateState(inner, tuple(held for held in waiting if held.at > given.now)), due


def _late(stage: Stage, delay_ns: int) -> Stage:
    """The stage with late outputs. A timer of 5 ms lets them go, so they are late by the delay and less than that."""
    initial = stage.initial
    return replace(
        stage,
        initial=lambda: LateState(initial(), ()),
        step=_LateStep(stage.step, delay_ns),
        every_ns=_RELEASE_EVERY_NS,
    )


def blind_to_vru(briefing: Briefing) -> Pipeline:
    """The reference stack that drops pedestrians and cyclists from camera targets and hazards.

    What the camera takes for something else but is no wider than they are is dropped with them, or a
    frame's wrong class would let the person in again.

    Proves that pedestrian rows are judged on pedestrians: they fail, and vehicle rows pass unchanged.
    """
    return tuple(_without_vru(stage) for stage in reference_pipeline(briefing))


@dataclass(frozen=True, slots=True)
class _BlindStep:
    """A stage's step with vulnerable road users taken out of what it publishes."""

    step: Callable[[Any, StageInput], tuple[Any, tuple[Output, ...]]]

    def __call__(self, state: Any, given: StageInput) -> tuple[Any, tuple[Output, ...]]:
        after, outputs = self.step(state, given)
        return after, tuple(replace(output, payload=_bare(output.payload)) for output in outputs)


def _bare(payload: Any) -> Any:
    if isinstance(payload, CameraTargets):
        cars = tuple(target for target in payload.targets if _is_car(target.object_class, target.width_m))
        return replace(payload, targets=cars)
    if isinstance(payload, HazardList):
        kept = tuple(hazard for hazard in payload.hazards if _about_a_car(hazard))
        return replace(payload, hazards=kept)
    return payload


def _is_car(object_class: ObjectClass, width_m: float) -> bool:
    return object_class is ObjectClass.VEHICLE and width_m >= _NARROWEST_CAR_M


def _about_a_car(hazard: Hazard) -> bool:
    return hazard.kind is not HazardKind.FORWARD_COLLISION_VRU and hazard.track.width_m >= _NARROWEST_CAR_M


def _without_vru(stage: Stage) -> Stage:
    if topics.CAMERA_TARGETS in stage.publishes or topics.HAZARDS in stage.publishes:
        return replace(stage, step=_BlindStep(stage.step))
    return stage
