"""CARLA's axes and ours: the only file that turns the one into the other.

CARLA is left-handed and in degrees: x forward, y right, z up; yaw grows to the right, pitch upwards,
roll to the right. Ours are ISO 8855 (`stack.vocabulary.frames`): x forward, y left, z up, right-handed,
radians; yaw grows to the left, pitch downwards, roll to the right. Only y, yaw and pitch change sign.
Axial vectors (angular velocity, torque) are mirrored the other way round than polar ones.
"""

from math import cos, degrees, pi, radians, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

Triple = tuple[float, float, float]

MIRROR: Final = np.array([1.0, -1.0, 1.0])  # of a place, velocity, acceleration, force: its own inverse
AXIAL_MIRROR: Final = np.array([-1.0, 1.0, -1.0])  # of an angular velocity or torque: its own inverse
ANGLE_SIGNS: Final = np.array([-1.0, -1.0, 1.0])  # of pitch, yaw, roll: its own inverse


def mirrored(x: float, y: float, z: float) -> Triple:
    """A place, velocity or force in the other system: m, m/s or N in either direction."""
    return x, -y, z


def mirrored_spin(x: float, y: float, z: float) -> Triple:
    """An angular velocity or torque in the other system, in the same unit."""
    return -x, y, -z


def angles_from_carla(pitch_deg: float, yaw_deg: float, roll_deg: float) -> Triple:
    """Yaw, pitch, roll (rad, ISO 8855, turned in this order) of a CARLA rotation."""
    return -radians(yaw_deg), -radians(pitch_deg), radians(roll_deg)


def angles_to_carla(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Triple:
    """Pitch, yaw, roll in CARLA's degrees; yaw from -180 (excluded) to 180."""
    return -degrees(pitch_rad), -degrees(wrapped(yaw_rad)), degrees(roll_rad)


def wrapped(angle_rad: float) -> float:
    """The same direction from -pi (included) to pi (excluded)."""
    return (angle_rad + pi) % (2.0 * pi) - pi


def rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> NDArray[np.float64]:
    """(3, 3) world from body: turned by yaw about z, then pitch about the new y, then roll about the new x."""
    cy, sy, cp, sp, cr, sr = cos(yaw_rad), sin(yaw_rad), cos(pitch_rad), sin(pitch_rad), cos(roll_rad), sin(roll_rad)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def angles_of(world_from_body: NDArray[np.float64]) -> Triple:
    """Yaw, pitch, roll (rad) of a rotation matrix; roll is 0 where the body points straight up or down."""
    sp = -float(world_from_body[2, 0])
    if abs(sp) > 1.0 - 1e-12:
        yaw = float(np.arctan2(-world_from_body[0, 1], world_from_body[1, 1]))
        return yaw, float(np.copysign(0.5 * pi, sp)), 0.0
    return (
        float(np.arctan2(world_from_body[1, 0], world_from_body[0, 0])),
        float(np.arcsin(sp)),
        float(np.arctan2(world_from_body[2, 1], world_from_body[2, 2])),
    )
