"""CARLA's radar: rays in random directions within an elliptical cone, each with range, bearing and Doppler speed.

Azimuth grows to the right, altitude upwards (rad); the speed is that at which what was met moves away
(m/s): negative where it approaches. Directions are spread evenly over the ellipse of both views. The
parent is looked through, as by a radar behind its bumper.
"""

from math import radians

import numpy as np

from sim.carla_sensors.rays import cast, shares
from sim.carla_sensors.settings import SEEDS, Settings
from sim.carla_sensors.stage import stage_of
from sim.episode.scene import Mounted, Scene
from sim.randomness import stream_key

MOST_POINTS_PER_S = 5_000_000.0  # own
MOST_POINTS = 2_000_000  # of one measurement: own


class Radar:
    """One radar."""

    type_index = 9

    def __init__(self, settings: Settings, entity: int, seed: int) -> None:
        self._settings, self._entity = settings, entity
        self._half_across = 0.5 * radians(settings.number("horizontal_fov", 30.0, 1e-3, 179.0))
        self._half_up = 0.5 * radians(settings.number("vertical_fov", 30.0, 1e-3, 179.0))
        self._range_m = settings.number("range", 100.0, 1e-3, 10_000.0)
        self._points_per_s = settings.number("points_per_second", 1500.0, 1.0, MOST_POINTS_PER_S)
        noise_seed = settings.whole("noise_seed", 0, *SEEDS)
        self._key = stream_key(seed, f"carla.radar.{noise_seed}")

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """The returns of one step."""
        stage = stage_of(scene)
        count = min(int(self._points_per_s * self._settings.period_s(scene.delta_s) + 1e-6), MOST_POINTS)
        out = np.sqrt(shares(self._key, self._entity, scene.elapsed_ns, count, 0))
        round_ = 2.0 * np.pi * shares(self._key, self._entity, scene.elapsed_ns, count, 1)
        azimuth, altitude = self._half_across * out * np.cos(round_), self._half_up * out * np.sin(round_)
        rays = np.stack(
            (np.cos(altitude) * np.cos(azimuth), np.cos(altitude) * np.sin(azimuth), np.sin(altitude)), axis=1
        )
        hidden = stage.row(mounted.parent.id) if mounted.parent is not None else -1
        hits, ways = cast(stage, mounted, rays, self._range_m, hidden)
        poses, motions = stage.placed
        velocity = np.zeros((count, 3))
        moving = hits.row >= 0
        rows = hits.row[moving]
        places = np.array(mounted.pose[:3]) + ways[moving] * hits.t_m[moving, None]
        velocity[moving] = motions[rows, :3] + np.cross(motions[rows, 3:], places - poses[rows, :, 3])
        speed = ((velocity - np.array(mounted.velocity_mps)) * ways).sum(axis=1)
        found = np.stack((speed, azimuth, altitude, hits.t_m), axis=1).astype("<f4")
        return (found[hits.triangle >= 0].tobytes(),)
