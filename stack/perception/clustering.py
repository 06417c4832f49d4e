"""Reflections grouped into things: leader clustering in order of range, and side-lobe rejection.

An echo is a plain tuple (range m, azimuth rad, range rate m/s, strength dB, cross-section dBsm), so
that sorting by range makes the result independent of the order of detections.
"""

from math import exp, log
from typing import NamedTuple

Echo = tuple[float, float, float, float, float]


class Gates(NamedTuple):
    """How far an echo may be from a cluster to belong to it, and what makes it a side lobe."""

    depth_m: float
    across_m: float
    range_rate_mps: float
    edge_depth_m: float
    lobe_drop_db: float
    lobe_depth_m: float
    lobe_range_rate_mps: float


_AMPLITUDE_PER_DB = log(10.0) / 20.0


class Cluster:
    """A cluster while it grows; lives inside one call only.

    Range and azimuth come from the echoes at its near edge alone, the azimuth weighted by amplitude:
    a flank seen beside the rear face says how long a thing is, not where its near edge has its middle.
    `power` is the summed signal-to-noise ratio of the edge's echoes.
    """

    __slots__ = (
        "azimuth", "azimuths", "count", "edge_count", "edge_sum", "high", "low", "nearest", "power", "rates", "rcs",
        "weight",
    )  # fmt: skip

    def __init__(self, echo: Echo) -> None:
        self.nearest = self.edge_sum = echo[0]
        self.azimuth = self.low = self.high = echo[1]
        self.weight = exp(_AMPLITUDE_PER_DB * echo[3])
        self.power = self.weight * self.weight
        self.azimuths = self.weight * echo[1]
        self.rates = echo[2]
        self.rcs = echo[4]
        self.count = self.edge_count = 1

    def take(self, echo: Echo, edge_depth_m: float) -> None:
        """Add an echo that is not nearer than any before."""
        azimuth = echo[1]
        if echo[0] - self.nearest <= edge_depth_m:
            weight = exp(_AMPLITUDE_PER_DB * echo[3])
            self.edge_sum += echo[0]
            self.edge_count += 1
            self.weight += weight
            self.power += weight * weight
            self.azimuths += weight * azimuth
            self.azimuth = self.azimuths / self.weight
        self.rates += echo[2]
        if azimuth < self.low:
            self.low = azimuth
        elif azimuth > self.high:
            self.high = azimuth
        if echo[4] > self.rcs:
            self.rcs = echo[4]
        self.count += 1


def without_side_lobes(echoes: list[Echo], gates: Gates) -> list[Echo]:
    """Drop echoes far weaker than another at the same range and Doppler: its antenna side lobes.

    Typical side-lobe suppression of an automotive patch array is 20 to 25 dB (two-way more). A side
    lobe has exactly its owner's range and Doppler, so the gates are those of one resolution cell and
    a person beside a truck is kept.
    """
    levels_db = [echo[3] for echo in echoes]
    drop_db, weakest_db = gates.lobe_drop_db, min(levels_db)
    limit_db = max(levels_db) - drop_db
    if weakest_db > limit_db:
        return echoes
    owners = [echo for echo in echoes if echo[3] - weakest_db >= drop_db]
    return [echo for echo in echoes if echo[3] > limit_db or not _side_lobe(echo, owners, gates)]


def _side_lobe(weak: Echo, owners: list[Echo], gates: Gates) -> bool:
    """Whether an echo lies in the resolution cell of one that is stronger by the drop."""
    range_m, range_rate_mps, strength_db = weak[0], weak[2], weak[3]
    depth_m, rate_mps, drop_db = gates.lobe_depth_m, gates.lobe_range_rate_mps, gates.lobe_drop_db
    for strong in owners:
        if (
            abs(strong[0] - range_m) <= depth_m
            and abs(strong[2] - range_rate_mps) <= rate_mps
            and strong[3] - strength_db >= drop_db
        ):
            return True
    return False


def clusters(echoes: list[Echo], gates: Gates) -> list[Cluster]:
    """Clusters of echoes, nearest first. Sorts `echoes` in place."""
    echoes.sort()
    depth_m, across_m, rate_mps, edge_depth_m = gates.depth_m, gates.across_m, gates.range_rate_mps, gates.edge_depth_m
    found: list[Cluster] = []
    for echo in echoes:
        range_m, azimuth_rad, range_rate_mps = echo[0], echo[1], echo[2]
        for cluster in found:
            if (
                range_m - cluster.nearest <= depth_m
                and abs(azimuth_rad - cluster.azimuth) * range_m <= across_m
                and abs(range_rate_mps - cluster.rates / cluster.count) <= rate_mps
            ):
                cluster.take(echo, edge_depth_m)
                break
        else:
            found.append(Cluster(echo))
    return found
