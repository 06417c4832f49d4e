"""Lanes asked by road, number and station: which lane is there, where, and what leads into it.

World frame, metres, radians. A station counts along the road's reference line.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.road import Lane, Road


class LanePlace(NamedTuple):
    """A place in the middle of a lane, looking as it is driven. `s_m` is the lane's own arc length."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    width_m: float
    s_m: float


class LanePlaces:
    """A map's lanes, sorted for questions."""

    def __init__(self, road: Road, junctions: Mapping[tuple[str, bool], str] | None = None) -> None:
        """`junctions` at the roads' ends (True) and starts, as the text links them."""
        self.lanes = road.lanes
        self._junctions = dict(junctions or {})
        self._sections: dict[tuple[str, int], list[int]] = {}
        self._numbers: dict[str, list[int]] = {}
        self._before: dict[int, list[int]] = {}
        for index, lane in enumerate(road.lanes):
            self._sections.setdefault((lane.road_id, lane.lane_id), []).append(index)
            numbers = self._numbers.setdefault(lane.road_id, [])
            if lane.lane_id not in numbers:
                numbers.append(lane.lane_id)
            for after in lane.successors:
                self._before.setdefault(after, []).append(index)

    def numbers(self, road_id: str) -> tuple[int, ...]:
        """The numbers of all lanes that a road has somewhere."""
        return tuple(self._numbers.get(road_id, ()))

    def at(self, road_id: str, lane_id: int, s_m: float) -> int:
        """The index of the lane at a station, or of the nearest section that has one; -1 without any."""
        rows = self._sections.get((road_id, lane_id), [])
        return min(rows, key=lambda row: _outside_m(self.lanes[row], s_m), default=-1)

    def before(self, index: int) -> tuple[int, ...]:
        """The lanes that lead into one."""
        return tuple(self._before.get(index, ()))

    def leads_into(self, index: int) -> str:
        """The junction that a lane leads into, "" for none."""
        lane = self.lanes[index]
        linked = self._junctions.get((lane.road_id, lane.forward), "")
        return next((self.lanes[after].junction_id for after in lane.successors), linked)

    def place(self, index: int, s_m: float) -> LanePlace:
        """A lane's middle at a station."""
        return place_along(self.lanes[index], arc_at(self.lanes[index], s_m))


def _outside_m(lane: Lane, s_m: float) -> float:
    low, high = sorted(lane.stations_m)
    return max(low - s_m, s_m - high, 0.0)


def arc_at(lane: Lane, s_m: float) -> float:
    """The lane's own arc length at a station of the reference line."""
    from_m, to_m = lane.stations_m
    share = (s_m - from_m) / (to_m - from_m) if to_m != from_m else 0.0
    rows = np.arange(len(lane.points))
    return float(np.interp(min(max(share, 0.0), 1.0) * (len(rows) - 1), rows, lane.points[:, 0]))


def place_along(lane: Lane, s_m: float) -> LanePlace:
    """A lane's middle at its own arc length."""
    arc = lane.points[:, 0]
    x, y, yaw = (float(np.interp(s_m, arc, lane.points[:, k])) for k in (1, 2, 3))
    z, width = float(np.interp(s_m, arc, lane.heights_m)), float(np.interp(s_m, arc, lane.widths_m))
    return LanePlace(x, y, z, yaw, width, min(max(s_m, 0.0), float(arc[-1])))
