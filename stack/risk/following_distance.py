"""Following distance: the time headway behind a vehicle ahead is shorter than the law's sanction limit."""

from stack.risk.forward_collision import needed_mps2
from stack.risk.scene import Scene
from stack.vocabulary import Hazard, HazardKind, ObjectClass


def assess(scene: Scene) -> list[Hazard]:
    """A hazard for every vehicle driven behind at too short a headway (gap over own speed)."""
    limits, speed_mps = scene.limits, scene.speed_mps
    if speed_mps < limits.following_speed_min_mps:
        return []
    nearest_m = limits.following_headway_s * speed_mps
    return [
        Hazard(
            kind=HazardKind.FOLLOWING_DISTANCE,
            track=approach.track,
            gap_m=approach.gap_m,
            closing_mps=approach.closing_mps,
            time_to_collision_s=approach.ttc_s,
            required_deceleration_mps2=needed_mps2(approach, speed_mps, scene.ego),
            path_probability=approach.path_probability,
        )
        for approach in scene.approaches
        if approach.gap_m < nearest_m
        and approach.along_mps > limits.standing_mps
        and approach.path_probability >= limits.following_path_ratio
        and not approach.is_vru
        and approach.track.object_class is not ObjectClass.UNKNOWN  # a gantry's echo is no vehicle ahead
    ]
