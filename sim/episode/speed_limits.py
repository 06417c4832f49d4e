# ruff: noqa: ANN001, ANN202
"""How fast vehicles may drive where they are: km/h, as CARLA reports it. World frame after ISO 8855, metres.

A limit is a lane's: from OpenDRIVE's own speed records, else from the speed limit sign passed last on the
road, else the usual one of such a road. Inside junctions and off the lanes the last limit stays.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.episode.lane_places import LanePlaces
from sim.episode.signalling import SpeedText
from sim.episode.signals import SignPlan
from sim.road import DRIVING, Lane

USUAL_KMH: Final = 30.0  # what CARLA gives a vehicle that has passed no sign
# By OpenDRIVE's kind of road: StVO section 3 outside towns; 130 is advised on motorways, 120 is CARLA's highest sign.
BY_KIND_KMH: Final = {"rural": 90.0, "motorway": 120.0, "townExpressway": 50.0, "townArterial": 50.0}
SQUARE_M: Final = 8.0  # places are looked up by squares of this size; it covers half of the widest lane
LEVEL_M: Final = 3.0  # own: farther up or down is another level of the road
AT_MOST_M: Final = 4.0  # own: from a lane's middle


class SpeedLimits:
    """The limits of one map."""

    def __init__(self, places: LanePlaces, signs: tuple[SignPlan, ...], speeds: tuple[SpeedText, ...]) -> None:
        rows = [
            np.column_stack((lane.points[:, 1:3], lane.heights_m, _limits(index, lane, signs, speeds)))
            for index, lane in enumerate(places.lanes) if lane.kind == DRIVING
        ]  # fmt: skip
        table = np.concatenate(rows) if rows else np.zeros((0, 4))
        squares = np.floor(table[:, :2] / SQUARE_M).astype(np.int64)
        low = squares.min(axis=0) if len(table) else np.zeros(2, np.int64)
        high = squares.max(axis=0) if len(table) else np.zeros(2, np.int64)
        self._grid = np.array([*low, *(high - low + 1)], dtype=np.int64)
        square = (squares[:, 1] - low[1]) * self._grid[2] + squares[:, 0] - low[0]
        order = np.argsort(square, kind="stable")
        self._table = np.ascontiguousarray(table[order])
        self._first = np.searchsorted(square[order], np.arange(self._grid[2] * self._grid[3] + 1)).astype(np.int64)

    def at(self, places: NDArray[np.float64], last_kmh: NDArray[np.floating]) -> NDArray[np.float32]:
        """(n,) km/h at places (n, 3), `last_kmh` where no lane tells; 30 where that is 0."""
        limits = np.where(np.asarray(last_kmh) > 0.0, last_kmh, USUAL_KMH).astype(np.float32)
        _look_up(self._table, self._first, self._grid, np.ascontiguousarray(places, dtype=np.float64), limits)
        return limits


def _limits(index: int, lane: Lane, signs: tuple[SignPlan, ...], speeds: tuple[SpeedText, ...]) -> NDArray[np.float64]:
    """(n,) the limit at each row of a lane; 0: as it was before."""
    limits = np.zeros(len(lane.points))
    if not lane.junction_id:
        limits[:] = BY_KIND_KMH.get(lane.road_kind, USUAL_KMH)
    stations_m = np.linspace(*lane.stations_m, len(lane.points))
    told = [row for row in speeds if row.road_id == lane.road_id and row.lane_id in (0, lane.lane_id)]
    for row in sorted(told, key=lambda row: (row.lane_id != 0, row.s_m)):
        limits[stations_m >= row.s_m - 1e-6] = row.kmh
    posts = [
        (stop.s_m, sign.limit_kmh) for sign in signs if sign.limit_kmh for stop in sign.stops if stop.lane == index
    ]
    for s_m, kmh in sorted(posts):
        limits[lane.points[:, 0] >= s_m] = kmh
    return limits


@njit(cache=True, error_model="numpy")
def _look_up(table, first, grid, places, limits):  # type: ignore[no-untyped-def]
    for row in range(places.shape[0]):
        x, y, z = places[row, 0], places[row, 1], places[row, 2]
        cx, cy = int(np.floor(x / SQUARE_M)) - grid[0], int(np.floor(y / SQUARE_M)) - grid[1]
        nearest, found = AT_MOST_M * AT_MOST_M, -1
        for sy in range(max(cy - 1, 0), min(cy + 2, grid[3])):
            for sx in range(max(cx - 1, 0), min(cx + 2, grid[2])):
                square = sy * grid[2] + sx
                for k in range(first[square], first[square + 1]):
                    if abs(table[k, 2] - z) > LEVEL_M:
                        continue
                    dx, dy = table[k, 0] - x, table[k, 1] - y
                    away = dx * dx + dy * dy
                    if away < nearest:
                        nearest, found = away, k
        if found >= 0 and table[found, 3] > 0.0:
            limits[row] = table[found, 3]
