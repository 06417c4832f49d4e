"""Where a sensor is and how it moves, in the world, at one moment.

Sensor axes: x along its direction of view, y to its left, z up (ISO 8855).
"""

from dataclasses import dataclass
from math import cos, sin
from typing import Any

import numpy as np

from sim.mount import Mount
from sim.scenery.scene import Moment
from sim.truth import EGO


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Viewpoint:
    """A sensor's pose and motion in the world frame. `hidden_row` is not seen (-1: everybody is)."""

    position_m: Any  # (3,)
    world_from_sensor: Any  # (3, 3): columns are the sensor's axes
    velocity_mps: Any  # (3,)
    angular_velocity_radps: Any  # (3,)
    hidden_row: int


def rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Any:
    """Turn by yaw about z, then pitch about y (positive: nose down), then roll about x (ISO 8855), (3, 3)."""
    cy, sy, cp, sp, cr, sr = cos(yaw_rad), sin(yaw_rad), cos(pitch_rad), sin(pitch_rad), cos(roll_rad), sin(roll_rad)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def product(first: Any, second: Any) -> Any:
    """Matrix product by plain sums: BLAS kernels differ in their last bits from processor to processor."""
    return (first[:, :, None] * second[None, :, :]).sum(axis=1)


def viewpoint(moment: Moment, mount: Mount, half_length_m: float, row: int = EGO) -> Viewpoint:
    """A mount of the actor in `row`, given in its ego frame (centre of the front edge, on the ground)."""
    pose, motion = moment.poses[row], moment.motions[row]
    turn = pose[:, :3]
    arm = product(turn, np.array([[half_length_m + mount.x_m], [mount.y_m], [mount.z_m]]))[:, 0]
    spin = motion[3:]
    return Viewpoint(
        position_m=pose[:, 3] + arm,
        world_from_sensor=product(turn, rotation(mount.yaw_rad, mount.pitch_rad, mount.roll_rad)),
        velocity_mps=motion[:3] + np.cross(spin, arm),
        angular_velocity_radps=spin.copy(),
        hidden_row=row,
    )
