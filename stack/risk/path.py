"""Where the ego will go, and how probable it is that an object lies there.

The front edge leaves in its present course (a yaw rate swings it out by its lever ahead of the rear
axle) and from there bends with a curvature joined, by their variances, from the lane the camera sees
and the present yaw rate. In a bend the lane leads, where no lane is seen the yaw rate alone.
"""

from math import erf, sqrt
from typing import NamedTuple

from stack.risk.thresholds import Thresholds
from stack.vocabulary import LaneView

_SQRT2 = sqrt(2.0)


class Path(NamedTuple):
    """y = course * x + curvature / 2 * x²; variances of the three terms (offset, course, curvature)."""

    course_rad: float
    curvature_1pm: float
    offset_m2: float
    course_rad2: float
    curvature_1pm2: float


def predicted_path(lane: LaneView, speed_mps: float, yaw_rate_radps: float, lever_m: float, limits: Thresholds) -> Path:
    """The path from here at the present speed."""
    speed = speed_mps if speed_mps > limits.path_speed_min_mps else limits.path_speed_min_mps
    turning_1pm = yaw_rate_radps / speed
    turning_precision = (speed / limits.yaw_rate_sigma_radps) ** 2
    lane_precision = (lane.quality_ratio / limits.lane_curvature_sigma_1pm) ** 2
    variance = 1.0 / (turning_precision + lane_precision)
    return Path(
        turning_1pm * lever_m,
        variance * (turning_precision * turning_1pm + lane_precision * lane.curvature_1pm),
        limits.path_floor_sigma_m**2,
        limits.course_sigma_rad**2,
        variance,
    )


def lateral_at(path: Path, x_m: float) -> tuple[float, float, float]:
    """The path's (lateral position m, its variance m², slope) at a distance ahead of the front edge."""
    half_square = 0.5 * x_m * x_m
    course, curvature, offset_m2, course_rad2, curvature_1pm2 = path
    return (
        course * x_m + curvature * half_square,
        offset_m2 + course_rad2 * x_m * x_m + curvature_1pm2 * half_square * half_square,
        course + curvature * x_m,
    )


def path_probability(offset_m: float, sigma_m: float, half_span_m: float) -> float:
    """Probability that a normally distributed offset lies within the half span (ego plus object half widths)."""
    scale = 1.0 / (_SQRT2 * sigma_m)
    return 0.5 * (erf((half_span_m - offset_m) * scale) + erf((half_span_m + offset_m) * scale))
