"""CARLA's depth camera: the distance along the optical axis as a 24-bit share of 1,000 m.

Red holds the lowest eight bits, green the next, blue the highest; what is farther, and the sky, is white.
"""

from typing import Any, Final

import numpy as np

from sim.carla_sensors.image import bgra, frame_of
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.episode.scene import Mounted, Scene

FARTHEST_M: Final = 1000.0
_STEPS: Final = 2**24 - 1


class DepthCamera:
    """One depth camera."""

    type_index = 1

    def __init__(self, settings: Settings) -> None:
        self._frame = frame_of(settings)

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture."""
        return (self._frame.body(coded(stage_of(scene).outlines(self._frame.lens, mounted).depth_m)),)


def coded(depth_m: Any) -> Any:
    """(h, w, 4) BGRA of depths in metres."""
    share = np.minimum(depth_m.astype(np.float64) / FARTHEST_M, 1.0)
    steps = np.rint(share * _STEPS).astype(np.uint32)
    return bgra(steps >> 16, (steps >> 8) & 255, steps & 255)
