"""CARLA's IMU: specific force, turn rate and compass in the sensor's left-handed axes.

At rest and level the accelerometer reads +9.81 m/s² upwards. The force is that at the sensor's own place,
but for the share of a changing turn rate, which a scene does not tell. The compass (rad, from 0) is 0
towards -y of CARLA's world and grows clockwise seen from above.
"""

from math import atan2, pi
from typing import Final

import numpy as np

from sim.carla_sensors.placing import in_sensor
from sim.carla_sensors.rays import spreads
from sim.carla_sensors.settings import SEEDS, Settings
from sim.carla_sensors.stage import stage_of
from sim.carla_sensors.wire import packed
from sim.episode.scene import Mounted, Scene
from sim.left_handed import mirrored, mirrored_spin, rotation
from sim.randomness import stream_key

GRAVITY_MPS2: Final = 9.81
_AXES: Final = ("x", "y", "z")


class Imu:
    """One inertial measurement unit."""

    type_index = 5

    def __init__(self, settings: Settings, entity: int, seed: int) -> None:
        self._entity = entity
        self._force_sigma = np.array([settings.number(f"noise_accel_stddev_{a}", 0.0, 0.0, 1e6) for a in _AXES])
        self._spin_sigma = np.array([settings.number(f"noise_gyro_stddev_{a}", 0.0, 0.0, 1e6) for a in _AXES])
        self._spin_bias = np.array([settings.number(f"noise_gyro_bias_{a}", 0.0, -1e6, 1e6) for a in _AXES])
        noise_seed = settings.whole("noise_seed", 0, *SEEDS)
        self._key = stream_key(seed, f"carla.imu.{noise_seed}")

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One measurement."""
        noise = spreads(self._key, self._entity, scene.elapsed_ns, 6, 0)
        force = np.array(mirrored(*in_sensor(mounted.pose, _force(scene, mounted)).tolist()))
        spin = np.array(mirrored_spin(*in_sensor(mounted.pose, mounted.spin_radps).tolist()))
        force += noise[:3] * self._force_sigma
        spin += noise[3:] * self._spin_sigma + self._spin_bias
        return (packed(force.tolist(), spin.tolist(), compass_rad(mounted)),)


def compass_rad(mounted: Mounted) -> float:
    """The heading from CARLA's north, clockwise, from 0 to below 2 pi."""
    ahead = rotation(*mounted.pose[3:])[:, 0]
    return atan2(float(ahead[0]), float(ahead[1])) % (2.0 * pi)


def _force(scene: Scene, mounted: Mounted) -> np.ndarray:
    """Acceleration less that of free fall, at the sensor, world axes."""
    force = np.array([0.0, 0.0, scene.gravity_mps2])
    row = stage_of(scene).row(mounted.parent.id) if mounted.parent is not None else -1
    if row >= 0:
        spin = scene.motions[row, 3:]
        arm = np.array(mounted.pose[:3]) - scene.poses[row, :3]
        force += scene.accelerations[row] + np.cross(spin, np.cross(spin, arm))
    return force
