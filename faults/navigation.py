"""What goes wrong in GNSS and inertial units: no fix, a jump, a spoofer, a bias, a frozen register; and radar misses.

Positions move on the ellipsoid by metres to the east and north (WGS 84 radii of curvature).
"""

from dataclasses import dataclass, replace
from math import cos, sin, sqrt
from typing import Any

from faults.chance import chance_of
from faults.imaging import FaultySensor, SensorFault
from sim.attachments import Sensor, Window
from stack.vocabulary import FixKind, GnssFix, InertialSample, RadarScan, SimNs, s_from_ns, topics

SEMI_MAJOR_M, ECCENTRICITY_2 = 6_378_137.0, 6.694379990141e-3  # WGS 84 (NGA.STND.0036)


def moved(fix: GnssFix, east_m: float, north_m: float) -> GnssFix:
    """The fix displaced over ground."""
    bend = sqrt(1.0 - ECCENTRICITY_2 * sin(fix.latitude_rad) ** 2)
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / bend**3
    parallel_m = SEMI_MAJOR_M / bend * cos(fix.latitude_rad)
    return replace(
        fix, latitude_rad=fix.latitude_rad + north_m / meridian_m, longitude_rad=fix.longitude_rad + east_m / parallel_m
    )


class _Navigating(FaultySensor):
    def __init__(
        self, inner: Sensor, window: Window, fault: "GnssJump | GnssOutage | GnssSpoof | InertialBias"
    ) -> None:
        super().__init__(inner, window)
        self._fault = fault
        self._before: Any = None

    def settled(self, payload: Any, slot: SimNs) -> Any:
        """As any faulty sensor, with the last clean payload remembered."""
        if not self.window.active(slot) or self._before is None:
            self._before = payload
        return FaultySensor.settled(self, payload, slot)

    def disturb(self, payload: Any, slot: SimNs) -> Any:
        """As the fault says."""
        return self._fault.disturbed(payload, self._before, s_from_ns(slot - self.window.opens_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssJump(SensorFault):
    """The position jumps and stays off: a wrong ambiguity, a multipath lock."""

    topic: str = topics.GNSS
    east_m: float
    north_m: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A receiver whose position jumps."""
        return _Navigating(inner, window, self)

    def disturbed(self, fix: GnssFix, before: GnssFix, since_s: float) -> GnssFix:
        """Displaced, while the receiver's own sigma stays what it was."""
        return moved(fix, self.east_m, self.north_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssOutage(SensorFault):
    """No fix: the last position stands, with no satellites."""

    topic: str = topics.GNSS

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A receiver without satellites."""
        return _Navigating(inner, window, self)

    def disturbed(self, fix: GnssFix, before: GnssFix, since_s: float) -> GnssFix:
        """The last fix, marked as none."""
        return replace(before, kind=FixKind.NONE, satellites=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssSpoof(SensorFault):
    """A false signal carries the position away at a steady speed, with a good fix all the while."""

    topic: str = topics.GNSS
    east_mps: float
    north_mps: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A receiver that is led astray."""
        return _Navigating(inner, window, self)

    def disturbed(self, fix: GnssFix, before: GnssFix, since_s: float) -> GnssFix:
        """As far off as the spoofer has carried it by now."""
        return moved(fix, self.east_mps * since_s, self.north_mps * since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class InertialBias(SensorFault):
    """A bias jumps: a shock, a change of temperature."""

    topic: str = topics.INERTIAL
    force_x_mps2: float = 0.0
    force_y_mps2: float = 0.0
    force_z_mps2: float = 0.0
    rate_z_radps: float = 0.0

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A unit with a new bias."""
        return _Navigating(inner, window, self)

    def disturbed(self, sample: InertialSample, before: InertialSample, since_s: float) -> InertialSample:
        """With the bias on it."""
        return replace(
            sample,
            force_x_mps2=sample.force_x_mps2 + self.force_x_mps2,
            force_y_mps2=sample.force_y_mps2 + self.force_y_mps2,
            force_z_mps2=sample.force_z_mps2 + self.force_z_mps2,
            rate_z_radps=sample.rate_z_radps + self.rate_z_radps,
        )


class _Missing(FaultySensor):
    def __init__(self, inner: Sensor, window: Window, fault: "RadarMisses", seed: int) -> None:
        super().__init__(inner, window)
        self._fault = fault
        self._chance = chance_of(seed, fault.name, fault.topic)

    def disturb(self, payload: Any, slot: SimNs) -> Any:
        """Without the detections that are missed, each by chance."""
        scan: RadarScan = payload
        detections = tuple(
            one for index, one in enumerate(scan.detections)
            if self._chance.share(slot, index) >= self._fault.missed_ratio
        )  # fmt: skip
        return scan if len(detections) == len(scan.detections) else replace(scan, detections=detections)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarMisses(SensorFault):
    """Detections are missing, each by chance: a weak transmitter stage, a detector set too high."""

    topic: str = topics.RADAR
    missed_ratio: float

    def around(self, inner: Sensor, window: Window) -> Sensor:
        """A radar that misses, without a seed of its own."""
        return _Missing(inner, window, self, 0)

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """A radar that misses by the run's chance."""
        return _Missing(sensor, window, self, seed) if topic == self.topic else sensor
