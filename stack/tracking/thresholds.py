"""Limits and noise densities of tracking, changeable as `tracking.<name>`. Units in the names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What tracking assumes of road users and sensors.

    Process noise is white acceleration of density q (m²/s³), after one second a speed deviation of
    sqrt(q): vehicles along 1.7 m/s and across 0.8 m/s, people 0.8 m/s either way (Bar-Shalom, Li and
    Kirubarajan, Estimation with Applications to Tracking and Navigation, 6.2.2). `gate` is chi-square
    with 3 degrees of freedom at 99.9 %. Camera errors last over many frames
    (a monocular range error for a second and more), so each frame counts with a multiple of its
    stated sigma. `glint_*_ratio`: the reflecting point
    wanders over this share of the width; the larger one holds while the camera says where the middle is.
    """

    gate: float = 16.3
    vehicle_along_m2ps3: float = 3.0
    vehicle_across_m2ps3: float = 0.6
    vru_m2ps3: float = 0.6
    camera_along_inflation: float = 3.0
    camera_across_inflation: float = 3.0
    camera_lateral_sigma_mps: float = 0.6  # of one frame, already widened for errors that last
    range_floor_sigma_m: float = 0.15
    range_rate_floor_sigma_mps: float = 0.10
    ego_speed_sigma_mps: float = 0.10
    glint_alone_ratio: float = 0.25
    glint_seen_ratio: float = 0.5
    new_vehicle_sigma_mps: float = 8.0
    new_vru_sigma_mps: float = 1.5
    new_across_sigma_mps: float = 2.0
    unseen_penalty: float = 1.0  # added to the camera's distance to a track it never saw
    class_penalty: float = 4.0  # added where the camera's class contradicts the track's
    confirm_count: float = 3.0  # supports before a track is published
    coast_s: float = 1.2  # a published track without support is kept this long
    coast_new_s: float = 0.3
    lag_max_s: float = 0.3  # older measurements than this before the newest are dropped
    lane_keep_s: float = 1.0  # a lane older than this is given with quality 0
    behind_m: float = 3.0  # tracks this far behind the front edge are let go
    tracks_max_count: float = 40.0
    duplicate_m: float = 1.2
    duplicate_mps: float = 1.5
    quality_gain: float = 0.15
