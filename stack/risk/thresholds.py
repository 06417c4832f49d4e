"""Limits and uncertainties of risk, changeable as `risk.<name>`. Units in the names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What risk assumes of the path, of other road users, and when a danger is worth asserting.

    `following_headway_s`: half of the distance in metres the speedometer shows halved, which German
    law fines as too close (BKatV, annex table 2; 0.9 s). `departure_s`: a lane departure warning
    speaks at the latest about a second before the line (ISO 17361 issues it between 0.75 m before
    and 0.3 m, for trucks 1 m, past the line). `lead_*`: how a braking lead's deceleration is told
    from noise. `vru_freedom_mps2`: a person's lateral acceleration that prediction does not know.
    """

    path_floor_ratio: float = 0.05  # less probable than this, an object is not in the path
    command_delay_s: float = 0.03  # decision, actuation and bus between a track and the brakes
    course_sigma_rad: float = 0.006  # the driver's wandering in the lane, steered back within seconds
    lane_curvature_sigma_1pm: float = 1.5e-4
    path_floor_sigma_m: float = 0.05
    yaw_rate_sigma_radps: float = 0.01  # gyro noise and bias, and how fast the driver changes it
    yaw_rate_filter_s: float = 0.2
    path_speed_min_mps: float = 2.0  # below it curvature from the yaw rate means nothing
    vehicle_horizon_s: float = 1.0  # how long a vehicle is taken to keep its lateral speed
    vru_horizon_s: float = 4.0
    vru_freedom_mps2: float = 0.3
    standing_mps: float = 1.0  # slower than this along the road counts as standing
    closing_min_mps: float = 0.3
    speed_sigma_max_mps: float = 4.0  # a vehicle's danger is asserted once its speed is known this well
    lead_filter_s: float = 0.3
    lead_braking_min_mps2: float = 1.0
    lead_braking_max_mps2: float = 8.0
    lead_radar_hits_min: float = 4.0
    following_headway_s: float = 0.9
    following_speed_min_mps: float = 8.0
    following_path_ratio: float = 0.5
    departure_s: float = 1.0
    departure_quality_ratio: float = 0.5
    departure_speed_min_mps: float = 15.0  # UN R130 tests lane departure warning above 60 km/h
