"""The scene every hazard is assessed in: the ego, its path, and each track's approach to it."""

from math import inf, sqrt
from typing import NamedTuple

from stack.risk.path import Path, lateral_at, path_probability
from stack.risk.thresholds import Thresholds
from stack.vocabulary import LaneView, ObjectClass, SimNs, Track

# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per cycle.
_quick = tuple.__new__
_PEDESTRIAN, _CYCLIST = ObjectClass.PEDESTRIAN, ObjectClass.CYCLIST


class Ego(NamedTuple):
    """What risk knows of its vehicle: half width, lever of the front edge, and how its brakes answer."""

    half_width_m: float
    lever_m: float
    brake_delay_s: float  # command path plus dead time
    brake_lag_s: float


class Approach(NamedTuple):
    """One track as the ego comes to it. `along_mps` is the speed along the road it is taken to keep."""

    track: Track
    is_vru: bool
    gap_m: float
    along_mps: float
    closing_mps: float
    ttc_s: float
    path_probability: float
    braking_mps2: float  # deceleration of the track itself, 0 unless told from noise


class Scene(NamedTuple):
    """Everything at one instant."""

    as_of: SimNs
    speed_mps: float
    yaw_rate_radps: float
    ego: Ego
    lane: LaneView
    approaches: tuple[Approach, ...]
    limits: Thresholds


def approach(
    track: Track, speed_mps: float, path: Path, half_width_m: float, braking_mps2: float, limits: Thresholds
) -> Approach:
    """How the ego comes to a track at present speeds, and whether it lies in the path on arrival.

    A road user is carried sideways at its speed relative to the path's direction, a vehicle for a
    second at most (it then follows its own lane) and not at all while it stands, a person until the
    ego arrives, with what a person may change on the way added to the uncertainty.
    """
    object_class, x_m, vx_mps, vy_mps = track.object_class, track.x_m, track.vx_mps, track.vy_mps
    standing_mps = limits.standing_mps
    is_vru = object_class is _PEDESTRIAN or object_class is _CYCLIST
    gap_m = x_m if x_m > 0.0 else 0.0
    # A pedestrian's speed along the road is taken as none, and what nearly stands stands.
    along_mps = 0.0 if object_class is _PEDESTRIAN or -standing_mps < vx_mps < standing_mps else vx_mps
    closing_mps = speed_mps - along_mps
    ttc_s = gap_m / closing_mps if closing_mps > 0.0 else inf
    path_y_m, path_m2, slope = lateral_at(path, gap_m)
    if is_vru:
        horizon_s = limits.vru_horizon_s
    else:
        stands = vx_mps**2 + vy_mps**2 < standing_mps**2
        horizon_s = 0.0 if stands else limits.vehicle_horizon_s
    carried_s = ttc_s if ttc_s < horizon_s else horizon_s
    offset_m = track.y_m + (vy_mps - along_mps * slope) * carried_s - path_y_m
    drift_m, sigma_m = track.vy_sigma_mps * carried_s, track.y_sigma_m
    variance_m2 = sigma_m * sigma_m + drift_m * drift_m + path_m2
    if is_vru:
        freedom_m = 0.5 * limits.vru_freedom_mps2 * carried_s * carried_s
        variance_m2 += freedom_m * freedom_m
    probability = path_probability(offset_m, sqrt(variance_m2), half_width_m + 0.5 * track.width_m)
    return _quick(Approach, (track, is_vru, gap_m, along_mps, closing_mps, ttc_s, probability, braking_mps2))
