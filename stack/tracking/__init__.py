"""Tracking: camera and radar targets become road users that persist, with velocity and uncertainty.

One constant-velocity Kalman filter per road user in the ego frame, over-ground velocity, fed by both
sensors at the instants their data were true. It may import `stack.vocabulary` only; it never judges
danger and never sees raw sensor data.
"""

from stack.tracking.stage import State, initial, row, step
from stack.tracking.thresholds import Thresholds

__all__ = ["State", "Thresholds", "initial", "row", "step"]
