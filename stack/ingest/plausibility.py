"""What a payload must obey to be usable: finite numbers in the ranges the sensor can produce.

Each check returns the empty string, or the reason why the payload cannot be believed. A comparison
with a NaN is false, so every condition is written as what must hold.
"""

from stack.ingest.thresholds import Thresholds
from stack.vocabulary import CameraView, EgoMotion, RadarScan

_HALF_TURN_RAD = 1.6  # a forward-looking radar sees at most pi / 2 to either side, with a little noise


def radar_problem(scan: RadarScan, limits: Thresholds) -> str:
    """Why a radar scan cannot be believed; empty if it can."""
    detections = scan.detections
    if not -200.0 <= scan.noise_floor_db <= 200.0:
        return "noise floor is not a level"
    if len(detections) > limits.detections_max_count:
        return "more detections than a radar cycle can hold"
    reach_m, fastest_mps = limits.range_max_m, limits.range_rate_max_mps
    for seen in detections:
        if not 0.0 <= seen.range_m <= reach_m:
            return "range outside the radar's reach"
        if not -_HALF_TURN_RAD <= seen.azimuth_rad <= _HALF_TURN_RAD:
            return "azimuth outside the radar's view"
        if not -fastest_mps <= seen.range_rate_mps <= fastest_mps:
            return "range rate outside the radar's span"
        if not (-200.0 <= seen.snr_db <= 200.0 and -200.0 <= seen.rcs_dbsm <= 200.0):
            return "echo strength is not a level"
    return ""


def camera_problem(view: CameraView, limits: Thresholds) -> str:
    """Why a camera frame cannot be believed; empty if it can."""
    lane = view.lane
    if not 0.0 <= view.health_ratio <= 1.0:
        return "health is not a share"
    if not (-50.0 <= lane.offset_m <= 50.0 and -2.0 <= lane.heading_rad <= 2.0 and -1.0 <= lane.curvature_1pm <= 1.0):
        return "lane is not a road's"
    if not (0.0 <= lane.half_width_m <= 20.0 and 0.0 <= lane.quality_ratio <= 1.0):
        return "lane width or quality out of range"
    reach_m = limits.camera_reach_m
    for seen in view.objects:
        if not (-reach_m <= seen.x_m <= reach_m and -reach_m <= seen.y_m <= reach_m):
            return "object outside the camera's reach"
        if not (0.0 <= seen.x_sigma_m <= reach_m and 0.0 <= seen.y_sigma_m <= reach_m):
            return "object without a usable uncertainty"
        if not (0.0 <= seen.width_m <= limits.camera_width_max_m and 0.0 <= seen.confidence <= 1.0):
            return "object width or confidence out of range"
        if not -limits.camera_lateral_max_mps <= seen.lateral_mps <= limits.camera_lateral_max_mps:
            return "object faster sideways than any road user"
    return ""


def motion_problem(motion: EgoMotion, limits: Thresholds) -> str:
    """Why an ego-motion reading cannot be believed by itself; empty if it can."""
    if not -5.0 <= motion.speed_mps <= limits.speed_max_mps:
        return "speed outside the vehicle's range"
    if not -limits.yaw_rate_max_radps <= motion.yaw_rate_radps <= limits.yaw_rate_max_radps:
        return "yaw rate outside the vehicle's range"
    if not -limits.acceleration_max_mps2 <= motion.acceleration_mps2 <= limits.acceleration_max_mps2:
        return "acceleration outside the vehicle's range"
    if not (0.0 <= motion.accelerator_ratio <= 1.0 and 0.0 <= motion.brake_pedal_ratio <= 1.0):
        return "pedal position is not a share"
    if not -100.0 <= motion.steering_rate_radps <= 100.0:
        return "steering rate outside the vehicle's range"
    return ""


def motion_jump(before: EgoMotion, after: EgoMotion, elapsed_s: float, limits: Thresholds) -> str:
    """Why two believed readings contradict each other; the allowance grows with the time between them."""
    allowed_mps = limits.speed_step_mps + limits.speed_change_mps2 * max(0.0, elapsed_s)
    if abs(after.speed_mps - before.speed_mps) <= allowed_mps:
        return ""
    return "speed jumped by more than tyres allow"
