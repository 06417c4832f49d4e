"""Forward collision: the ego closes in on something in its path, a vehicle or a vulnerable road user.

What the ego needs follows from the target's motion (ISO 15623 and ISO 22839 speak of the required
deceleration): standing or at constant speed, braking, or coming the other way. Things of unknown
class are asserted as vehicles; whether to act on one is for decision to say. A vehicle only a camera
has seen for a moment has no known speed yet, and one that drives on ahead must not look like one
that stands.
"""

from stack.risk.braking import (
    required_before_oncoming_mps2,
    required_behind_braking_mps2,
    required_deceleration_mps2,
)
from stack.risk.scene import Approach, Ego, Scene
from stack.vocabulary import Hazard, HazardKind
from stack.vocabulary.construction import maker

_hazard = maker(Hazard)


def needed_mps2(approach: Approach, speed_mps: float, ego: Ego) -> float:
    """The deceleration the ego must demand now to avoid contact with this track."""
    delay_s, lag_s = ego.brake_delay_s, ego.brake_lag_s
    along_mps = approach.along_mps
    if along_mps < 0.0:
        return required_before_oncoming_mps2(approach.gap_m, speed_mps, -along_mps, delay_s, lag_s)
    if approach.braking_mps2 > 0.0 and along_mps > 0.0:
        return required_behind_braking_mps2(approach.gap_m, speed_mps, along_mps, approach.braking_mps2, delay_s, lag_s)
    return required_deceleration_mps2(approach.gap_m, approach.closing_mps, delay_s, lag_s)


def assess(scene: Scene) -> list[Hazard]:
    """A hazard for every track in the path that the ego closes in on."""
    limits = scene.limits
    found = []
    for approach in scene.approaches:
        if approach.path_probability < limits.path_floor_ratio:
            continue
        if approach.closing_mps < limits.closing_min_mps and approach.braking_mps2 <= 0.0:
            continue
        if approach.track.vx_sigma_mps > limits.speed_sigma_max_mps and not approach.is_vru:
            continue
        found.append(
            _hazard(
                kind=HazardKind.FORWARD_COLLISION_VRU if approach.is_vru else HazardKind.FORWARD_COLLISION_VEHICLE,
                track=approach.track,
                gap_m=approach.gap_m,
                closing_mps=approach.closing_mps,
                time_to_collision_s=approach.ttc_s,
                required_deceleration_mps2=needed_mps2(approach, scene.speed_mps, scene.ego),
                path_probability=approach.path_probability,
            )
        )
    return found
