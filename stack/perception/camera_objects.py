"""Camera objects: a checked object list becomes targets, class by class within what that class can be."""

from dataclasses import dataclass
from typing import NamedTuple

from stack.vocabulary import (
    Briefing,
    CameraTarget,
    CameraTargets,
    CameraView,
    ObjectClass,
    Output,
    Stage,
    StageInput,
    StagePlan,
    adjusted,
)
from stack.vocabulary.construction import maker
from stack.vocabulary.topics import CAMERA_CHECKED, CAMERA_TARGETS

_made, _made_list, _output = maker(CameraTarget), maker(CameraTargets), maker(Output)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraThresholds:
    """Changeable as `camera_objects.<name>`.

    Beyond its reach a class is smaller than about 20 pixels in a 2-megapixel, 60-degree image and
    its distance is a guess. Widths: vehicles up to the 2.55 m of Directive 96/53/EC with mirrors,
    powered two-wheelers from 0.6 m; people and cyclists after ISO 19206-2 and 19206-4 targets.
    Outside its width gate an object keeps its position and loses its class. `sigma_min_m` keeps an
    overconfident camera from silencing the radar.
    """

    confidence_min: float = 0.4
    vehicle_reach_m: float = 160.0
    vru_reach_m: float = 90.0
    vehicle_width_min_m: float = 0.6
    vehicle_width_max_m: float = 3.6
    cyclist_width_min_m: float = 0.2
    cyclist_width_max_m: float = 2.2
    pedestrian_width_min_m: float = 0.15
    pedestrian_width_max_m: float = 1.4
    sigma_min_m: float = 0.15


class Gate(NamedTuple):
    """What one class of object can be."""

    reach_m: float
    width_min_m: float
    width_max_m: float


@dataclass(frozen=True, slots=True)
class State:
    """What does not change during a run; nothing is remembered between frames."""

    limits: CameraThresholds
    gates: dict[ObjectClass, Gate]


def initial(briefing: Briefing) -> State:
    """Thresholds with the run's settings, as one gate per class."""
    at = adjusted(CameraThresholds(), "camera_objects", briefing.settings)
    gates = {
        ObjectClass.VEHICLE: Gate(at.vehicle_reach_m, at.vehicle_width_min_m, at.vehicle_width_max_m),
        ObjectClass.CYCLIST: Gate(at.vru_reach_m, at.cyclist_width_min_m, at.cyclist_width_max_m),
        ObjectClass.PEDESTRIAN: Gate(at.vru_reach_m, at.pedestrian_width_min_m, at.pedestrian_width_max_m),
        ObjectClass.UNKNOWN: Gate(at.vehicle_reach_m, 0.0, at.vehicle_width_max_m),
    }
    return State(at, gates)


def _targets(state: State, view: CameraView) -> tuple[CameraTarget, ...]:
    """The frame's objects that pass their gates, in the frame's order."""
    confidence_min, sigma_min_m, gates = state.limits.confidence_min, state.limits.sigma_min_m, state.gates
    kept = []
    for seen in view.objects:
        object_class = seen.object_class
        gate = gates[object_class]
        if seen.confidence < confidence_min or seen.x_m > gate.reach_m:
            continue
        if not gate.width_min_m <= seen.width_m <= gate.width_max_m:
            object_class = ObjectClass.UNKNOWN
        kept.append(
            _made(
                object_class=object_class,
                confidence=seen.confidence,
                x_m=seen.x_m,
                y_m=seen.y_m,
                x_sigma_m=seen.x_sigma_m if seen.x_sigma_m > sigma_min_m else sigma_min_m,
                y_sigma_m=seen.y_sigma_m if seen.y_sigma_m > sigma_min_m else sigma_min_m,
                width_m=seen.width_m,
                lateral_mps=seen.lateral_mps,
            )
        )
    return tuple(kept)


def step(state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """Targets and lane of each frame."""
    outputs = []
    for message in given.messages:
        view: CameraView = message.payload
        found = _made_list(targets=_targets(state, view), lane=view.lane)
        outputs.append(_output(topic=CAMERA_TARGETS, payload=found))
    return state, tuple(outputs)


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Camera objects as a pipeline row; its demand grows with the objects."""
    first = initial(briefing)
    return Stage(
        name="camera_objects",
        triggers=(CAMERA_CHECKED,),
        reads=(),
        publishes=(CAMERA_TARGETS,),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: first,
        step=step,
        content=lambda given: sum(len(message.payload.objects) for message in given.messages),
    )
