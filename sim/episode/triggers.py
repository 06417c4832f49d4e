# ruff: noqa: ANN001, ANN202
"""Which trigger volume a vehicle is in. World frame after ISO 8855, metres, radians.

A vehicle is in a zone when its middle line, from bumper to bumper, lies in it, it drives as the zone's
lanes do (within 60 degrees), and its front is not yet past the junction's entry.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.episode.stop_places import Zone, reach_m

LEVEL_M: Final = 3.0  # own: farther up or down is another level of the road
COLUMNS: Final = 8  # x, y, z, cos yaw, sin yaw, half along, half across, clear


class Triggers:
    """The zones of several owners (lights, or signs), a row of the result per vehicle."""

    def __init__(self, zones: tuple[tuple[Zone, ...], ...]) -> None:
        flat = [(owner, zone) for owner, each in enumerate(zones) for zone in each]
        self._owners = np.array([owner for owner, _ in flat], dtype=np.int32)
        self._zones = np.array(
            [(z.x_m, z.y_m, z.z_m, np.cos(z.yaw_rad), np.sin(z.yaw_rad), z.half_along_m, z.half_across_m, z.clear_m)
             for _, z in flat], dtype=np.float64
        ).reshape(-1, COLUMNS)  # fmt: skip
        self._reaches = np.array([reach_m(zone) for _, zone in flat], dtype=np.float64)

    def within(
        self, places: NDArray[np.float64], yaws: NDArray[np.float64], halves: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """(n,) whose zone each vehicle is in, the nearest one's; -1 for none.

        `places` is (n, 3), the middle of each vehicle on the road, `yaws` (n,), `halves` (n, 2) half its
        length and half its width.
        """
        found = np.empty(len(places), dtype=np.int32)
        places, yaws, halves = (np.ascontiguousarray(each, dtype=np.float64) for each in (places, yaws, halves))
        _within(self._zones, self._reaches, self._owners, places, yaws, halves, found)
        return found


@njit(cache=True, error_model="numpy")
def _within(zones, reaches, owners, places, yaws, halves, found):  # type: ignore[no-untyped-def]
    for row in range(places.shape[0]):
        found[row] = -1
        x, y, z, half = places[row, 0], places[row, 1], places[row, 2], halves[row, 0]
        cos_yaw, sin_yaw = np.cos(yaws[row]), np.sin(yaws[row])
        nearest = np.inf
        for k in range(zones.shape[0]):
            dx, dy = x - zones[k, 0], y - zones[k, 1]
            far = reaches[k] + half
            square = dx * dx + dy * dy
            if square > far * far or square >= nearest or abs(z - zones[k, 2]) > LEVEL_M:
                continue
            c, s = zones[k, 3], zones[k, 4]
            ahead, aside = cos_yaw * c + sin_yaw * s, sin_yaw * c - cos_yaw * s
            if ahead < 0.5:
                continue
            along, left = c * dx + s * dy, c * dy - s * dx
            if along + half * ahead > zones[k, 7]:
                continue
            # The middle line from rear (-half) to front (+half), cut to the zone's two pairs of sides.
            low, high = -half, half
            a, b = (-zones[k, 5] - along) / ahead, (zones[k, 5] - along) / ahead
            low, high = max(low, a), min(high, b)
            if abs(aside) > 1e-9:
                a, b = (-zones[k, 6] - left) / aside, (zones[k, 6] - left) / aside
                low, high = max(low, min(a, b)), min(high, max(a, b))
            elif abs(left) > zones[k, 6]:
                continue
            if low <= high:
                found[row] = owners[k]
                nearest = square
