"""Where vehicles may begin: in driving lanes outside junctions, looking along them, in CARLA's axes."""

from math import atan2, cos, sin
from typing import Final

import numpy as np

from sim import left_handed
from sim.episode.lane_places import place_along
from sim.episode.structs import Rotation, Transform, Vector3D
from sim.road import DRIVING, Lane, Road

ABOVE_M: Final = 0.5  # CARLA's towns have their spawn points this far above the road
APART_M: Final = 10.0  # along a lane (own): room for a car and a gap
FROM_END_M: Final = 10.0  # from where a lane's road ends or a junction begins
NARROWEST_M: Final = 2.5
SAME_M: Final = 4.0  # points nearer than this, in lanes that lie over one another, are one


def spawn_points(road: Road) -> tuple[Transform, ...]:
    """All of a map, lane by lane as driven."""
    points: list[Transform] = []
    taken: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for lane in _firsts(road):
        rest_m = FROM_END_M
        index: int | None = lane
        seen: set[int] = set()
        while index is not None and index not in seen:
            seen.add(index)
            following = _following(road, index)
            length_m = float(road.lanes[index].points[-1, 0])
            end_m = length_m - (FROM_END_M if following is None else 0.0)
            while rest_m <= end_m:
                _add(points, taken, road.lanes[index], rest_m)
                rest_m += APART_M
            rest_m = max(0.0, rest_m - length_m)
            index = following
    return tuple(points)


def _is_usable(lane: Lane) -> bool:
    return lane.kind == DRIVING and not lane.junction_id


def _following(road: Road, index: int) -> int | None:
    """The one lane outside junctions that goes on from a lane, if there is exactly one way on."""
    after = [row for row in road.lanes[index].successors if road.lanes[row].kind == DRIVING]
    return after[0] if len(after) == 1 and _is_usable(road.lanes[after[0]]) else None


def _firsts(road: Road) -> list[int]:
    """Usable lanes that no usable lane runs on into; of a ring without such, its first."""
    usable = [row for row, lane in enumerate(road.lanes) if _is_usable(lane)]
    follows = {row: _following(road, row) for row in usable}
    led = set(follows.values())
    firsts = [row for row in usable if row not in led]
    reached: set[int] = set()
    for first in firsts:
        reached |= _reached(follows, first)
    for row in usable:
        if row not in reached:
            firsts.append(row)
            reached |= _reached(follows, row)
    return sorted(firsts)


def _reached(follows: dict[int, int | None], row: int) -> set[int]:
    reached: set[int] = set()
    at: int | None = row
    while at is not None and at not in reached:
        reached.add(at)
        at = follows.get(at)
    return reached


def _add(
    points: list[Transform], taken: dict[tuple[int, int], list[tuple[float, float, float]]], lane: Lane, s_m: float
) -> None:
    place = place_along(lane, s_m)
    if place.width_m < NARROWEST_M:
        return
    cell = (int(place.x_m // SAME_M), int(place.y_m // SAME_M))
    spot = (place.x_m, place.y_m, place.z_m)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for other in taken.get((cell[0] + dx, cell[1] + dy), ()):
                ahead = cos(place.yaw_rad) * (other[0] - spot[0]) + sin(place.yaw_rad) * (other[1] - spot[1])
                aside = cos(place.yaw_rad) * (other[1] - spot[1]) - sin(place.yaw_rad) * (other[0] - spot[0])
                if abs(ahead) < SAME_M and abs(aside) < 0.5 * NARROWEST_M and abs(other[2] - spot[2]) < SAME_M:
                    return
    taken.setdefault(cell, []).append(spot)
    pitch_rad = _pitch_rad(lane, place.s_m)
    location = Vector3D(*left_handed.mirrored(place.x_m, place.y_m, place.z_m + ABOVE_M))
    points.append(Transform(location, Rotation(*left_handed.angles_to_carla(place.yaw_rad, pitch_rad, 0.0))))


def _pitch_rad(lane: Lane, s_m: float) -> float:
    """How the lane's surface is inclined, nose down positive."""
    length_m = float(lane.points[-1, 0])
    low_m, high_m = max(0.0, s_m - 1.0), min(length_m, s_m + 1.0)
    heights = np.interp((low_m, high_m), lane.points[:, 0], lane.heights_m)
    return -atan2(float(heights[1] - heights[0]), max(high_m - low_m, 1e-6))
