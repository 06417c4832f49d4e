"""Axes and transforms, after ISO 8855: x forward, y left, z up, right-handed, yaw counter-clockwise.

Frames
    world   the map's plane; x east, y north, metres
    ego     fixed to the ego vehicle; origin on the ground below the centre of its front edge,
            so that an object's x is the free distance to it
    body    like ego, for any actor, with its origin at the centre of the actor's outline
"""

from dataclasses import dataclass
from math import atan2, cos, pi, sin


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a frame's origin is and which way its x axis points, in the frame it is given in."""

    x_m: float
    y_m: float
    yaw_rad: float


def wrapped_rad(angle_rad: float) -> float:
    """The same angle in (-pi, pi]."""
    wrapped = (angle_rad + pi) % (2.0 * pi) - pi
    return pi if wrapped == -pi else wrapped


def local_from_world(frame: Pose, x_m: float, y_m: float) -> tuple[float, float]:
    """Coordinates in `frame` of a point given in world coordinates."""
    dx, dy = x_m - frame.x_m, y_m - frame.y_m
    c, s = cos(frame.yaw_rad), sin(frame.yaw_rad)
    return c * dx + s * dy, c * dy - s * dx


def world_from_local(frame: Pose, x_m: float, y_m: float) -> tuple[float, float]:
    """World coordinates of a point given in the coordinates of `frame`."""
    c, s = cos(frame.yaw_rad), sin(frame.yaw_rad)
    return frame.x_m + c * x_m - s * y_m, frame.y_m + s * x_m + c * y_m


def bearing_rad(x_m: float, y_m: float) -> float:
    """Direction of a point seen from a frame's origin; 0 ahead, positive to the left."""
    return atan2(y_m, x_m)
