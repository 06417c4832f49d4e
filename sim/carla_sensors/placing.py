"""Poses of an episode as the geometry wants them: world-from-body matrices and viewpoints (ISO 8855, m, rad)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.episode.scene import Mounted, Pose
from sim.left_handed import rotation
from sim.scenery.viewpoint import Viewpoint

Floats = NDArray[np.float64]


def matrices(poses: Floats) -> Floats:
    """(n, 3, 4) world from body, of (n, 6) x, y, z, yaw, pitch, roll."""
    cy, cp, cr = (np.cos(poses[:, k]) for k in (3, 4, 5))
    sy, sp, sr = (np.sin(poses[:, k]) for k in (3, 4, 5))
    made = np.empty((len(poses), 3, 4))
    made[:, 0, 0], made[:, 0, 1], made[:, 0, 2] = cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr
    made[:, 1, 0], made[:, 1, 1], made[:, 1, 2] = sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr
    made[:, 2, 0], made[:, 2, 1], made[:, 2, 2] = -sp, cp * sr, cp * cr
    made[:, :, 3] = poses[:, :3]
    return made


def viewpoint_of(mounted: Mounted, hidden_row: int = -1) -> Viewpoint:
    """Where a sensor looks from. `hidden_row` is looked through; CARLA's cameras and lidars see their parent."""
    pose = mounted.pose
    return Viewpoint(
        position_m=np.array(pose[:3]),
        world_from_sensor=rotation(*pose[3:]),
        velocity_mps=np.array(mounted.velocity_mps),
        angular_velocity_radps=np.array(mounted.spin_radps),
        hidden_row=hidden_row,
    )


def in_sensor(pose: Pose, vector: Any) -> Floats:
    """A world vector in the sensor's axes (ISO 8855)."""
    turned: Floats = rotation(*pose[3:]).T @ np.asarray(vector, dtype=np.float64)
    return turned
