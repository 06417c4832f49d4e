"""A sensor reports something that is not there, approaching the ego as a real road user would.

The ghost appears at its stated place when the window opens and comes closer at its stated speed
along x; it is gone once it would be nearer than `NEAREST_M`. Radar places are relative to the
radar's mount, camera places to the ego frame.
"""

from dataclasses import dataclass, replace
from math import atan2, hypot
from typing import Any

from faults.imaging import FaultySensor, SensorFault
from sim.attachments import Sensor, Window
from stack.vocabulary import (
    CameraObject,
    CameraView,
    ObjectClass,
    RadarDetection,
    RadarScan,
    SimNs,
    bearing_rad,
    s_from_ns,
)

NEAREST_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Apparition:
    """Where the ghost is at the onset and how fast it comes closer (negative: it recedes)."""

    x_m: float
    y_m: float
    closing_speed_mps: float

    def x_after_m(self, elapsed_ns: int) -> float:
        """Its distance ahead so long after the onset."""
        return self.x_m - self.closing_speed_mps * s_from_ns(elapsed_ns)


class _Haunted(FaultySensor):
    def __init__(self, inner: Sensor, window: Window, fault: "RadarGhost | CameraGhost") -> None:
        super().__init__(inner, window)
        self._fault = fault

    def disturb(self, payload: Any, slot: SimNs) -> Any:
        """Add the ghost where it is by now."""
        x_m = self._fault.at.x_after_m(slot - self.window.opens_at)
        return self._fault.joined(payload, x_m) if x_m >= NEAREST_M else payload


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarGhost(SensorFault):
    """Reflections of something that is not there, side by side over its width."""

    topic: str = "radar"
    at: Apparition
    width_m: float
    echoes: int
    rcs_dbsm: float
    snr_db: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A radar that sees a ghost."""
        return _Haunted(inner, window, self)

    def joined(self, scan: RadarScan, x_m: float) -> RadarScan:
        """The scan with the ghost's reflections, in order of bearing."""
        step_m = self.width_m / max(self.echoes - 1, 1)
        first_m = self.at.y_m - 0.5 * step_m * (self.echoes - 1)
        ghost = tuple(self._echo(x_m, first_m + k * step_m) for k in range(self.echoes))
        return replace(scan, detections=tuple(sorted(scan.detections + ghost, key=lambda one: one.azimuth_rad)))

    def _echo(self, x_m: float, y_m: float) -> RadarDetection:
        range_m = hypot(x_m, y_m)
        return RadarDetection(
            range_m=range_m,
            azimuth_rad=atan2(y_m, x_m),
            range_rate_mps=-self.at.closing_speed_mps * x_m / range_m,
            rcs_dbsm=self.rcs_dbsm,
            snr_db=self.snr_db,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraGhost(SensorFault):
    """An object in the camera's list that is not there, as sure and as sharp as a real one."""

    topic: str = "camera"
    at: Apparition
    object_class: ObjectClass
    width_m: float
    confidence_ratio: float
    sigma_m: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A camera that sees a ghost."""
        return _Haunted(inner, window, self)

    def joined(self, view: CameraView, x_m: float) -> CameraView:
        """The view with the ghost, in order of bearing."""
        ghost = CameraObject(
            object_class=self.object_class,
            confidence=self.confidence_ratio,
            x_m=x_m,
            y_m=self.at.y_m,
            x_sigma_m=self.sigma_m,
            y_sigma_m=self.sigma_m,
            width_m=self.width_m,
            lateral_mps=0.0,
        )
        return replace(
            view, objects=tuple(sorted((*view.objects, ghost), key=lambda one: bearing_rad(one.x_m, one.y_m)))
        )
