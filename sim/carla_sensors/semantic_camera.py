"""CARLA's semantic segmentation camera: the class of what each pixel meets in the red channel."""

import numpy as np

from sim.carla_sensors.image import bgra, frame_of
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.episode.scene import Mounted, Scene


class SemanticCamera:
    """One semantic camera."""

    type_index = 14

    def __init__(self, settings: Settings) -> None:
        self._frame = frame_of(settings)

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture."""
        semantic = stage_of(scene).outlines(self._frame.lens, mounted).semantic
        nothing = np.uint8(0)
        return (self._frame.body(bgra(nothing, nothing, semantic)),)
