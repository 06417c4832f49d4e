"""A sensor measures wrongly by a constant: mis-mounting, a wrong tyre size, a drifted zero point.

Angles are positive counter-clockwise (to the left), so an azimuth bias moves everything to the left.
"""

from dataclasses import dataclass, replace
from math import cos, sin
from typing import Any

from faults.imaging import FaultySensor, SensorFault
from sim.attachments import Sensor, Window
from stack.vocabulary import CameraObject, CameraView, EgoMotion, RadarDetection, RadarScan, SimNs, wrapped_rad


class _Biased(FaultySensor):
    def __init__(self, inner: Sensor, window: Window, fault: "RadarBias | CameraBias | MotionBias") -> None:
        super().__init__(inner, window)
        self._fault = fault

    def disturb(self, payload: Any, slot: SimNs) -> Any:
        """Shift every measured value."""
        return self._fault.shifted(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarBias(SensorFault):
    """Every reflection is measured off in range, azimuth and range rate; none nearer than 0 m."""

    topic: str = "radar"
    range_bias_m: float
    azimuth_bias_rad: float
    range_rate_bias_mps: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A biased radar."""
        return _Biased(inner, window, self)

    def shifted(self, scan: RadarScan) -> RadarScan:
        """The scan as the biased radar reports it, again in order of bearing."""
        moved = sorted((self._moved(one) for one in scan.detections), key=lambda one: one.azimuth_rad)
        return replace(scan, detections=tuple(moved))

    def _moved(self, detection: RadarDetection) -> RadarDetection:
        return replace(
            detection,
            range_m=max(detection.range_m + self.range_bias_m, 0.0),
            azimuth_rad=wrapped_rad(detection.azimuth_rad + self.azimuth_bias_rad),
            range_rate_mps=detection.range_rate_mps + self.range_rate_bias_mps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraBias(SensorFault):
    """The camera is turned by `azimuth_bias_rad` on its mount and misjudges distance by a factor."""

    topic: str = "camera"
    azimuth_bias_rad: float
    distance_scale_ratio: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A mis-mounted camera."""
        return _Biased(inner, window, self)

    def shifted(self, view: CameraView) -> CameraView:
        """The view as the mis-mounted camera reports it, lane included; the order of bearing stays."""
        lane = replace(view.lane, heading_rad=view.lane.heading_rad + self.azimuth_bias_rad)
        return replace(view, objects=tuple(self._moved(one) for one in view.objects), lane=lane)

    def _moved(self, seen: CameraObject) -> CameraObject:
        c = cos(self.azimuth_bias_rad) * self.distance_scale_ratio
        s = sin(self.azimuth_bias_rad) * self.distance_scale_ratio
        return replace(seen, x_m=c * seen.x_m - s * seen.y_m, y_m=s * seen.x_m + c * seen.y_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionBias(SensorFault):
    """Wheel speed reads `speed_scale_ratio` of the true value plus an offset (never negative); yaw rate is offset."""

    topic: str = "ego_motion"
    speed_scale_ratio: float
    speed_bias_mps: float
    yaw_rate_bias_radps: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A biased vehicle bus."""
        return _Biased(inner, window, self)

    def shifted(self, motion: EgoMotion) -> EgoMotion:
        """The motion as the biased sensors report it."""
        return replace(
            motion,
            speed_mps=max(motion.speed_mps * self.speed_scale_ratio + self.speed_bias_mps, 0.0),
            yaw_rate_radps=motion.yaw_rate_radps + self.yaw_rate_bias_radps,
        )
