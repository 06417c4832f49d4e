"""CARLA's semantic lidar: every return with the cosine of its angle of incidence, the actor's id and the class."""

import numpy as np

from sim.carla_sensors.rays import cast, labels
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.carla_sensors.turning import header, turning_of
from sim.episode.scene import Mounted, Scene

POINT = np.dtype([("place", "<f4", 3), ("cosine", "<f4"), ("actor", "<u4"), ("label", "<u4")])


class SemanticLidar:
    """One semantic lidar."""

    type_index = 10

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._head = turning_of(settings)

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """The points of one step."""
        head, elapsed_s, stage = self._head, scene.elapsed_ns * 1e-9, stage_of(scene)
        directions = head.directions(elapsed_s, self._settings.period_s(scene.delta_s))
        channels, points = directions.shape[:2]
        rays = directions.reshape(-1, 3)
        hits, ways = cast(stage, mounted, rays, head.range_m)
        met = hits.triangle >= 0
        found = np.empty(len(rays), dtype=POINT)
        found["place"] = rays * hits.t_m[:, None]
        found["cosine"] = np.abs((ways * hits.normal).sum(axis=1))
        found["actor"], found["label"] = labels(stage, hits)
        counts = met.reshape(channels, points).sum(axis=1)
        return (header(head.angle_rad(elapsed_s), counts) + found[met].tobytes(),)
