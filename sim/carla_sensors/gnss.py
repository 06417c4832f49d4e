"""CARLA's GNSS receiver: latitude and longitude (deg) and altitude (m) of its place, with normal noise and bias."""

from sim.carla_sensors.geolocation import geolocation, origin_of
from sim.carla_sensors.rays import spreads
from sim.carla_sensors.settings import SEEDS, Settings
from sim.carla_sensors.wire import packed
from sim.episode.scene import Mounted, Scene
from sim.left_handed import mirrored
from sim.randomness import stream_key

_PARTS = ("lat", "lon", "alt")


class Gnss:
    """One receiver."""

    type_index = 4

    def __init__(self, settings: Settings, entity: int, seed: int) -> None:
        self._entity = entity
        self._sigma = [settings.number(f"noise_{part}_stddev", 0.0, 0.0, 1e6) for part in _PARTS]
        self._bias = [settings.number(f"noise_{part}_bias", 0.0, -1e6, 1e6) for part in _PARTS]
        noise_seed = settings.whole("noise_seed", 0, *SEEDS)
        self._key = stream_key(seed, f"carla.gnss.{noise_seed}")

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One measurement."""
        x, y, z = mirrored(*mounted.pose[:3])
        exact = (*geolocation(origin_of(scene.town.xodr), x, y), z)
        noise = spreads(self._key, self._entity, scene.elapsed_ns, 3, 0).tolist()
        measured = [
            value + bias + sigma * each
            for value, bias, sigma, each in zip(exact, self._bias, self._sigma, noise, strict=True)
        ]
        return (packed(*measured),)
