"""What goes wrong in a lidar: a sector is covered, points are lost, points of nothing, another lidar's pulses.

Angles are in the sensor frame, counter-clockwise from straight ahead. Every fault returns the very same
scan if it changes nothing.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import radians
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faults.chance import Chance, chance_of
from faults.untouched import Untouched
from sim.attachments import Sensor, Window
from sim.truth import TruthFrame
from stack.vocabulary import LidarScan, SimNs, topics
from stack.vocabulary.topics import kind_of


class FaultyCloud:
    """A lidar with a fault in it."""

    def __init__(self, inner: Any, window: Window, fault: "CloudFault", chance: Chance) -> None:
        self.inner = inner
        self.window = window
        self.fault = fault
        self.chance = chance

    @property
    def latest(self) -> Any:
        """The inner lidar's last labels, if it keeps any."""
        return getattr(self.inner, "latest", None)

    def sense(self, frame: TruthFrame, slot: SimNs) -> LidarScan:
        """As the inner lidar, except for slots in the window."""
        scan: LidarScan = self.inner.sense(frame, slot)
        if not self.window.active(slot):
            return scan
        altered = self.fault.disturbed(scan, slot, self.chance)
        if altered is not scan:
            self.window.note_effect(slot)
        return altered


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFault(Untouched, ABC):
    """A fault between a lidar's receiver and its output. `lidar` empty: every one; else the one of that name."""

    lidar: str = ""

    @property
    def points(self) -> tuple[str, ...]:
        """The lidars it sits in."""
        return (f"sensor:{topics.LIDAR}",)

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """A faulty lidar around this one, if it is one."""
        if kind_of(topic) != topics.LIDAR or self.lidar not in ("", topic.partition("/")[2]):
            return sensor
        return FaultyCloud(sensor, window, self, chance_of(seed, self.name, topic))

    @abstractmethod
    def disturbed(self, scan: LidarScan, slot: SimNs, chance: Chance) -> LidarScan:
        """What becomes of a scan in the window."""


def kept(scan: LidarScan, keep: NDArray[np.bool_]) -> LidarScan:
    """Only some of the points; the same scan if all."""
    if bool(keep.all()):
        return scan
    return _scan(scan.points[keep], scan.rings[keep], scan.offsets_ns[keep])


def _scan(points: NDArray[np.float32], rings: NDArray[np.uint8], offsets_ns: NDArray[np.int32]) -> LidarScan:
    for array in (points, rings, offsets_ns):
        array.setflags(write=False)
    return LidarScan(points=points, rings=rings, offsets_ns=offsets_ns)


def joined(scan: LidarScan, points: NDArray[np.float32], rings: NDArray[np.uint8]) -> LidarScan:
    """With more points, stamped with the middle of the scan."""
    if len(points) == 0:
        return scan
    return _scan(
        np.concatenate([scan.points, points.astype(np.float32)]),
        np.concatenate([scan.rings, rings.astype(np.uint8)]),
        np.concatenate([scan.offsets_ns, np.zeros(len(points), dtype=np.int32)]),
    )


def _shares(chance: Chance, slot: int, count: int, first_block: int) -> NDArray[np.float64]:
    """So many values in [0, 1) of a slot, expanded from one drawn value by a 64-bit mixer (SplitMix64)."""
    start = np.uint64(int(chance.share(slot, first_block) * 2.0**53) + first_block)
    with np.errstate(over="ignore"):
        z = start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorBlock(CloudFault):
    """Nothing comes back from a sector: it is covered."""

    from_deg: float
    to_deg: float

    def disturbed(self, scan: LidarScan, slot: SimNs, chance: Chance) -> LidarScan:
        """Without the sector's points."""
        bearing = np.arctan2(scan.points[:, 1], scan.points[:, 0])
        width = (radians(self.to_deg) - radians(self.from_deg)) % (2.0 * np.pi)
        return kept(scan, (bearing - radians(self.from_deg)) % (2.0 * np.pi) > width)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointLoss(CloudFault):
    """Points are missing, each by chance."""

    loss_ratio: float

    def disturbed(self, scan: LidarScan, slot: SimNs, chance: Chance) -> LidarScan:
        """Without those lost."""
        return kept(scan, _shares(chance, slot, len(scan.points), 0) >= self.loss_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudGhost(CloudFault):
    """A cluster of points where nothing is: the back of a vehicle, seen by way of a mirror."""

    x_m: float
    y_m: float
    width_m: float = 1.8
    height_m: float = 1.2
    points_per_scan: int = 80

    def disturbed(self, scan: LidarScan, slot: SimNs, chance: Chance) -> LidarScan:
        """With the ghost's points on an upright plane across the view."""
        share = _shares(chance, slot, 3 * self.points_per_scan, 0).reshape(3, -1)
        across = (share[0] - 0.5) * self.width_m
        up = (share[1] - 1.0) * self.height_m
        cloud = np.column_stack((
            np.full(self.points_per_scan, self.x_m) + 0.05 * (share[2] - 0.5), self.y_m + across, up,
            np.full(self.points_per_scan, 0.3),
        ))  # fmt: skip
        return joined(scan, cloud.astype(np.float32), np.zeros(self.points_per_scan, dtype=np.uint8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosstalk(CloudFault):
    """Another lidar's pulses are taken for one's own: points at random ranges in random directions."""

    points_per_scan: int
    range_m: float = 100.0

    def disturbed(self, scan: LidarScan, slot: SimNs, chance: Chance) -> LidarScan:
        """With the strangers among the points."""
        share = _shares(chance, slot, 4 * self.points_per_scan, 0).reshape(4, -1)
        bearing, rise = 2.0 * np.pi * share[0], np.radians(-20.0 + 25.0 * share[1])
        reach = 1.0 + share[2] * (self.range_m - 1.0)
        cloud = np.column_stack((
            reach * np.cos(rise) * np.cos(bearing), reach * np.cos(rise) * np.sin(bearing), reach * np.sin(rise),
            share[3],
        ))  # fmt: skip
        return joined(scan, cloud.astype(np.float32), np.zeros(self.points_per_scan, dtype=np.uint8))
