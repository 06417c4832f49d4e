"""Perception: from checked sensor data to targets in the ego frame, sensor by sensor.

Radar processing clusters reflections and takes the ego's motion out of their Doppler; the object
camera's list passes through class gates. It may import `stack.vocabulary` only; it remembers nothing
between messages (tracking does) and never mixes sensors.
"""

from stack.perception import camera_objects, radar_processing
from stack.perception.camera_objects import CameraThresholds
from stack.perception.radar_processing import RadarThresholds
from stack.vocabulary import Briefing, Stage, StagePlan

__all__ = ["CameraThresholds", "RadarThresholds", "camera_objects", "radar_processing", "rows"]


def rows(briefing: Briefing, radar_plan: StagePlan, camera_plan: StagePlan) -> tuple[Stage, ...]:
    """Perception's pipeline rows: radar processing and camera objects."""
    return radar_processing.row(briefing, radar_plan), camera_objects.row(briefing, camera_plan)
