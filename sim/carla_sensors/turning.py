"""Where a CARLA lidar's lasers point during one measurement.

Sensor axes: x forward, y right, z up. The head turns to the right by `rotation_frequency` turns a second;
a turn covers `horizontal_fov`, centred ahead. Where it stands follows from the episode's time alone, so it
does not matter who listened before. Channel 0 is the uppermost. All rays of a measurement see one instant.
"""

from dataclasses import dataclass
from math import radians
from typing import Any, Final

import numpy as np

from sim.carla_sensors.settings import Settings
from sim.episode.structs import Refused

MOST_CHANNELS: Final = 1024  # own: the finest units on sale have 256
MOST_POINTS_PER_S: Final = 20_000_000.0  # own: seconds of computing for each of the episode
MOST_POINTS: Final = 4_000_000  # of one measurement: own


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """The head of a lidar."""

    channels: int
    range_m: float
    points_per_s: float
    turns_hz: float
    upper_rad: float
    lower_rad: float
    view_rad: float

    def points(self, period_s: float) -> int:
        """Points of each channel in one measurement."""
        wanted = round(self.points_per_s * period_s / self.channels)
        return min(wanted, MOST_POINTS // self.channels)

    def angle_rad(self, elapsed_s: float) -> float:
        """How far into its turn the head is: from 0 to below `view_rad`."""
        return float((self.turns_hz * elapsed_s) % 1.0 * self.view_rad)

    def directions(self, elapsed_s: float, period_s: float) -> Any:
        """(channels, points, 3) unit vectors of the measurement that ends now."""
        points = self.points(period_s)
        begin = self.turns_hz * (elapsed_s - period_s)
        turns = begin + self.turns_hz * period_s * np.arange(points) / max(points, 1)
        azimuth = (turns % 1.0 - 0.5) * self.view_rad
        elevation = np.linspace(self.upper_rad, self.lower_rad, self.channels)
        made = np.empty((self.channels, points, 3))
        made[:, :, 0] = np.cos(elevation)[:, None] * np.cos(azimuth)
        made[:, :, 1] = np.cos(elevation)[:, None] * np.sin(azimuth)
        made[:, :, 2] = np.sin(elevation)[:, None]
        return made


def turning_of(settings: Settings) -> Turning:
    """The head a lidar blueprint asks for. Raises Refused."""
    upper, lower = settings.number("upper_fov", 10.0, -90.0, 90.0), settings.number("lower_fov", -30.0, -90.0, 90.0)
    if upper < lower:
        raise Refused(f"{settings.blueprint.id}: upper_fov {upper:g} is below lower_fov {lower:g}")
    return Turning(
        channels=settings.whole("channels", 32, 1, MOST_CHANNELS),
        range_m=settings.number("range", 10.0, 1e-3, 10_000.0),
        points_per_s=settings.number("points_per_second", 56_000.0, 1.0, MOST_POINTS_PER_S),
        turns_hz=settings.number("rotation_frequency", 10.0, 0.0, 1e5),
        upper_rad=radians(upper),
        lower_rad=radians(lower),
        view_rad=radians(settings.number("horizontal_fov", 360.0, 1e-3, 360.0)),
    )


def header(angle_rad: float, counts: Any) -> bytes:
    """The head of a lidar's message: the angle (rad), the number of channels, the points of each."""
    return (
        np.float32(angle_rad).tobytes()
        + np.uint32(len(counts)).tobytes()
        + np.ascontiguousarray(counts, dtype="<u4").tobytes()
    )
