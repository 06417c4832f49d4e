"""Limits of ingest, changeable as `ingest.<name>`. Units in the names; `_count` is a number of things."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a message is too old for its use, or says what cannot be.

    Ages: at 25 m/s (the 90 km/h limiter of EU Directive 92/6/EEC) a scan 250 ms old is displaced by
    6.3 m of ego travel, the most that compensation with the ego's own motion is trusted with; the
    ego motion itself is what compensates, so it must be fresher.
    Values: reach of a long-range 77 GHz radar is about 300 m and its Doppler span 110 m/s
    (Continental ARS 408-21 data sheet); `speed_change_mps2` is above any adhesion limit (UN R13
    tests at a peak friction of 0.8, so 7.9 m/s²).
    """

    radar_age_max_s: float = 0.25
    camera_age_max_s: float = 0.25
    motion_age_max_s: float = 0.15
    range_max_m: float = 400.0
    range_rate_max_mps: float = 120.0
    detections_max_count: float = 512.0
    camera_reach_m: float = 400.0
    camera_width_max_m: float = 6.0
    camera_lateral_max_mps: float = 40.0
    speed_max_mps: float = 70.0
    yaw_rate_max_radps: float = 2.0
    acceleration_max_mps2: float = 20.0
    speed_change_mps2: float = 15.0
    speed_step_mps: float = 1.0
    radar_blind_floor_db: float = 20.0  # an interference level this far above nominal leaves no long-range echo
