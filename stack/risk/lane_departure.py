"""Lane departure: a front corner will cross a line of the ego lane soon. Asserted; nothing acts on it yet.

The hazard's track stands for the line itself: ids LEFT_LINE and RIGHT_LINE, unknown class, position
at the crossing, `gap_m` the corner's distance to the line and `closing_mps` its speed towards it.
"""

from stack.risk.braking import time_to_collision_s
from stack.risk.scene import Scene
from stack.vocabulary import Hazard, HazardKind, ObjectClass, SimNs, Track

LEFT_LINE, RIGHT_LINE = -1, -2
_NEVER = SimNs(-1)


def _line(scene: Scene, track_id: int, x_m: float, y_m: float) -> Track:
    """A line of the lane as a track, where the corner will cross it."""
    return Track(
        track_id=track_id,
        object_class=ObjectClass.UNKNOWN,
        x_m=x_m,
        y_m=y_m,
        vx_mps=0.0,
        vy_mps=0.0,
        x_sigma_m=0.0,
        y_sigma_m=0.0,
        vx_sigma_mps=0.0,
        vy_sigma_mps=0.0,
        width_m=0.0,
        first_seen_at=scene.as_of,
        camera_at=scene.as_of,
        radar_at=_NEVER,
        camera_hits=0,
        radar_hits=0,
        quality_ratio=scene.lane.quality_ratio,
    )


def assess(scene: Scene) -> list[Hazard]:
    """A hazard for the line that will be crossed within the warning time at the present heading (ISO 17361)."""
    lane, limits, speed_mps = scene.lane, scene.limits, scene.speed_mps
    if lane.quality_ratio < limits.departure_quality_ratio or speed_mps < limits.departure_speed_min_mps:
        return []
    # Across the lane the front edge moves with the heading against it, and swings out with the yaw rate.
    to_left_mps = scene.yaw_rate_radps * scene.ego.lever_m - speed_mps * lane.heading_rad
    if to_left_mps > 0.0:
        track_id, line_y_m, towards_mps = LEFT_LINE, lane.offset_m + lane.half_width_m, to_left_mps
        gap_m = line_y_m - scene.ego.half_width_m
    else:
        track_id, line_y_m, towards_mps = RIGHT_LINE, lane.offset_m - lane.half_width_m, -to_left_mps
        gap_m = -line_y_m - scene.ego.half_width_m
    crossing_s = time_to_collision_s(gap_m, towards_mps)
    if crossing_s > limits.departure_s:
        return []
    return [
        Hazard(
            kind=HazardKind.LANE_DEPARTURE,
            track=_line(scene, track_id, speed_mps * crossing_s, line_y_m),
            gap_m=max(0.0, gap_m),
            closing_mps=towards_mps,
            time_to_collision_s=crossing_s,
            required_deceleration_mps2=0.0,
            path_probability=lane.quality_ratio,
        )
    ]
