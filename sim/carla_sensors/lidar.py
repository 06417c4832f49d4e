"""CARLA's ray-cast lidar: points with an intensity that falls with distance, some of them dropped.

Intensity is exp(-attenuation x distance). Of all returns a share of `dropoff_general_rate` is lost; of
those below `dropoff_intensity_limit` a further share that grows linearly up to `dropoff_zero_intensity` at
no intensity. `noise_stddev` moves a point along its ray. Chance is a function of `noise_seed`, the sensor
and the instant.
"""

import numpy as np

from sim.carla_sensors.rays import cast, shares, spreads
from sim.carla_sensors.settings import SEEDS, Settings
from sim.carla_sensors.stage import stage_of
from sim.carla_sensors.turning import header, turning_of
from sim.episode.scene import Mounted, Scene
from sim.randomness import stream_key


class Lidar:
    """One lidar."""

    type_index = 11

    def __init__(self, settings: Settings, entity: int, seed: int) -> None:
        self._settings, self._entity = settings, entity
        self._head = turning_of(settings)
        self._attenuation = settings.number("atmosphere_attenuation_rate", 0.004, 0.0, 1e3)
        self._lost = settings.number("dropoff_general_rate", 0.45, 0.0, 1.0)
        self._limit = settings.number("dropoff_intensity_limit", 0.8, 0.0, 1e9)
        self._at_zero = settings.number("dropoff_zero_intensity", 0.4, 0.0, 1.0)
        self._noise_m = settings.number("noise_stddev", 0.0, 0.0, 1e3)
        noise_seed = settings.whole("noise_seed", 0, *SEEDS)
        self._key = stream_key(seed, f"carla.lidar.{noise_seed}")

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """The points of one step."""
        head, elapsed_s = self._head, scene.elapsed_ns * 1e-9
        directions = head.directions(elapsed_s, self._settings.period_s(scene.delta_s))
        channels, points = directions.shape[:2]
        rays = directions.reshape(-1, 3)
        hits, _ = cast(stage_of(scene), mounted, rays, head.range_m)
        distance = hits.t_m
        intensity = np.exp(-self._attenuation * distance)
        kept = (hits.triangle >= 0) & ~self._dropped(scene, intensity)
        if self._noise_m > 0.0:
            distance = distance + self._noise_m * spreads(self._key, self._entity, scene.elapsed_ns, len(rays), 1)
        found = np.empty((len(rays), 4), dtype="<f4")
        found[:, :3] = rays * distance[:, None]
        found[:, 3] = intensity
        counts = kept.reshape(channels, points).sum(axis=1)
        return (header(head.angle_rad(elapsed_s), counts) + found[kept].tobytes(),)

    def _dropped(self, scene: Scene, intensity: np.ndarray) -> np.ndarray:
        short = np.clip(1.0 - intensity / self._limit, 0.0, 1.0) if self._limit > 0.0 else np.zeros(len(intensity))
        share = self._lost + (1.0 - self._lost) * self._at_zero * short
        return shares(self._key, self._entity, scene.elapsed_ns, len(intensity), 0) < share
