"""CARLA's instance segmentation camera: the class in red, the actor's id in green (low byte) and blue (high byte).

What stands still, traffic lights included, has the id 0.
"""

import numpy as np

from sim.carla_sensors.image import bgra, frame_of
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.episode.scene import Mounted, Scene


class InstanceCamera:
    """One instance camera."""

    type_index = 15

    def __init__(self, settings: Settings) -> None:
        self._frame = frame_of(settings)

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture."""
        stage = stage_of(scene)
        seen = stage.outlines(self._frame.lens, mounted)
        ids = np.append(stage.company.ids, np.uint32(0))[seen.row]  # row -1 is the last: nobody
        return (self._frame.body(bgra((ids >> 8) & 255, ids & 255, seen.semantic)),)
