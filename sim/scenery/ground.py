"""How high the ground is under each actor: its route's elevation by station.

A route without elevation is flat at the height found for it when the scenery is made.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroundTable:
    """Rows `first[i]:first[i + 1]` are actor i's stations (m, rising) and heights (m); one row: level ground."""

    first: Any  # (n + 1,) int32
    stations_m: Any  # (k,) float64
    heights_m: Any  # (k,) float64


def ground_of(layout: Layout, levels_m: tuple[float, ...] | None = None) -> GroundTable:
    """The table of a layout; `levels_m` gives the height of each actor whose route has no elevation (default 0)."""
    first, stations, heights = [0], [], []
    for row, plan in enumerate(layout.actors):
        if plan.route.heights_m is None:
            stations.append(np.zeros(1))
            heights.append(np.full(1, 0.0 if levels_m is None else levels_m[row]))
        else:
            stations.append(np.asarray(plan.route.points[:, 0], dtype=np.float64))
            heights.append(np.asarray(plan.route.heights_m, dtype=np.float64))
        first.append(first[-1] + len(stations[-1]))
    arrays = (np.array(first, dtype=np.int32), np.concatenate(stations), np.concatenate(heights))
    for array in arrays:
        array.setflags(write=False)
    return GroundTable(first=arrays[0], stations_m=arrays[1], heights_m=arrays[2])
