"""CARLA's normals camera: which way each surface faces, as a colour.

Red, green and blue are x, y and z of the unit normal in CARLA's world axes, from -1 to 1 as 0 to 255 (a
merged change of the server in 2025 has it so; before, axes were the camera's); the sky is the middle grey.
"""

import numpy as np

from sim.carla_sensors.image import bgra, frame_of
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.episode.scene import Mounted, Scene
from sim.left_handed import MIRROR


class NormalsCamera:
    """One normals camera."""

    type_index = 2

    def __init__(self, settings: Settings) -> None:
        self._frame = frame_of(settings)

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture."""
        normal = stage_of(scene).normals(self._frame.lens, mounted) * MIRROR.astype(np.float32)
        levels = np.rint((0.5 + 0.5 * normal) * 255.0).astype(np.uint8)
        return (self._frame.body(bgra(levels[:, :, 2], levels[:, :, 1], levels[:, :, 0])),)
