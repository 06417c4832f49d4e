"""Where signs and lights hold traffic: boxes over exactly the lanes they speak to, before a junction's entry.

World frame after ISO 8855, metres, radians. A zone's along axis is the direction in which its lanes are driven.
"""

from collections.abc import Iterable
from math import cos, hypot, pi, sin
from typing import Final, NamedTuple

from sim import left_handed
from sim.episode.lane_places import LanePlace, LanePlaces, arc_at, place_along
from sim.episode.scene import Pose
from sim.episode.signalling import Spot
from sim.episode.structs import BoundingBox, Rotation, Transform, Vector3D
from sim.road import DRIVING

# A car at 30 km/h needs 5 m to stop with full brakes on dry road, and a tick or two to notice (own).
BEFORE_M: Final = 6.0
BEYOND_M: Final = 2.0
SETBACK_M: Final = 1.0  # before a junction where the map names no place to stop (own)
HALF_HEIGHT_M: Final = 1.5
MARGIN_M: Final = 0.05  # a zone ends this far inside its outermost lanes, so that it meets no neighbour's
NOWHERE_M: Final = 0.1  # half the size of the box of a sign that speaks to no lane


class Stop(NamedTuple):
    """A place on a lane where a signal holds traffic; `s_m` is the lane's own arc length."""

    lane: int  # index into the road's lanes
    s_m: float


class Zone(NamedTuple):
    """A box over lanes. `clear_m`: a vehicle whose front is farther along than this is past it."""

    x_m: float
    y_m: float
    z_m: float  # of the road
    yaw_rad: float
    half_along_m: float
    half_across_m: float
    clear_m: float
    road_id: str
    junction_id: str  # what it leads into, "" for no junction


def stops_of(places: LanePlaces, spots: Iterable[Spot]) -> tuple[Stop, ...]:
    """Where the lanes of these spots are held: at the station, or before the junction they lie in."""
    found: dict[int, Stop] = {}
    for spot in spots:
        for index in _lanes_of(places, spot):
            lane = places.lanes[index]
            if not lane.junction_id:
                found.setdefault(index, Stop(index, arc_at(lane, spot.s_m)))
                continue
            for entry in _entries(places, index):
                length_m = float(places.lanes[entry].points[-1, 0])
                found.setdefault(entry, Stop(entry, max(0.0, length_m - SETBACK_M)))
    return tuple(found.values())


def _lanes_of(places: LanePlaces, spot: Spot) -> list[int]:
    """The driving lanes that a spot speaks to."""
    chosen = []
    for number in sorted(places.numbers(spot.road_id)):
        index = places.at(spot.road_id, number, spot.s_m)
        lane = places.lanes[index]
        told = number in spot.lanes if spot.lanes is not None else spot.orientation != ("-" if lane.forward else "+")
        if told and lane.kind == DRIVING:
            chosen.append(index)
    return chosen


def _entries(places: LanePlaces, index: int) -> list[int]:
    """The lanes outside the junction from which a lane inside it is reached."""
    entries: list[int] = []
    waiting, seen = [index], {index}
    while waiting:
        for before in places.before(waiting.pop()):
            if before in seen:
                continue
            seen.add(before)
            if places.lanes[before].junction_id:
                waiting.append(before)
            elif places.lanes[before].kind == DRIVING:
                entries.append(before)
    return sorted(entries)


def zones_of(
    places: LanePlaces, stops: Iterable[Stop], before_m: float = BEFORE_M, beyond_m: float = BEYOND_M
) -> tuple[Zone, ...]:
    """One box for all stops that lie side by side, the one over most lanes first."""
    groups: dict[tuple[str, int, bool], list[Stop]] = {}
    for stop in stops:
        lane = places.lanes[stop.lane]
        groups.setdefault((lane.road_id, lane.section, lane.forward), []).append(stop)
    ordered = sorted(groups.values(), key=lambda group: -len(group))
    return tuple(_zone(places, group, before_m, beyond_m) for group in ordered)


def _zone(places: LanePlaces, group: list[Stop], before_m: float, beyond_m: float) -> Zone:
    lanes = [places.lanes[stop.lane] for stop in group]
    spots = [place_along(lane, stop.s_m) for lane, stop in zip(lanes, group, strict=True)]
    first = spots[0]
    c, s = cos(first.yaw_rad), sin(first.yaw_rad)
    edges = [side for spot in spots for side in _across(first, spot)]
    low_m, high_m = min(edges), max(edges)
    left_m = 0.5 * (low_m + high_m)
    ends_m = [float(lane.points[-1, 0]) - stop.s_m for lane, stop in zip(lanes, group, strict=True)]
    behind_m = min(before_m, *(stop.s_m for stop in group))
    ahead_m = min(beyond_m, *ends_m)
    along_m = 0.5 * (ahead_m - behind_m)
    junction = next((found for stop in group if (found := places.leads_into(stop.lane))), "")
    return Zone(
        x_m=first.x_m + along_m * c - left_m * s,
        y_m=first.y_m + along_m * s + left_m * c,
        z_m=first.z_m,
        yaw_rad=first.yaw_rad,
        half_along_m=max(0.5 * (ahead_m + behind_m), NOWHERE_M),
        half_across_m=max(0.5 * (high_m - low_m) - MARGIN_M, NOWHERE_M),
        clear_m=min(ends_m) - along_m + 0.5,
        road_id=lanes[0].road_id,
        junction_id=junction,
    )


def _across(origin: LanePlace, spot: LanePlace) -> tuple[float, float]:
    """How far left of the origin's axis a lane's two edges lie."""
    dx, dy = spot.x_m - origin.x_m, spot.y_m - origin.y_m
    middle_m = -sin(origin.yaw_rad) * dx + cos(origin.yaw_rad) * dy
    return middle_m - 0.5 * spot.width_m, middle_m + 0.5 * spot.width_m


def actor_pose(x_m: float, y_m: float, z_m: float, zone: Zone | None, facing_rad: float) -> Pose:
    """The pose of a sign's actor: its x axis lies across the lanes it speaks to, its CARLA y axis looks at them.

    Clients sample a trigger volume along the actor's x axis for the lanes it covers.
    """
    along_rad = zone.yaw_rad if zone is not None else facing_rad + pi
    return Pose(x_m, y_m, z_m, left_handed.wrapped(along_rad - 0.5 * pi))


def trigger_of(pose: Pose, zone: Zone | None) -> BoundingBox:
    """A zone as the actor's bounding box: CARLA axes, relative to the actor."""
    level = Rotation(0.0, 0.0, 0.0)
    if zone is None:
        return BoundingBox(Vector3D(0.0, 0.0, NOWHERE_M), Vector3D(NOWHERE_M, NOWHERE_M, NOWHERE_M), level)
    dx, dy = zone.x_m - pose.x_m, zone.y_m - pose.y_m
    c, s = cos(pose.yaw_rad), sin(pose.yaw_rad)
    place = left_handed.mirrored(c * dx + s * dy, -s * dx + c * dy, zone.z_m - pose.z_m + HALF_HEIGHT_M)
    return BoundingBox(Vector3D(*place), Vector3D(zone.half_across_m, zone.half_along_m, HALF_HEIGHT_M), level)


def transform_of(pose: Pose) -> Transform:
    """A pose in CARLA's axes."""
    place = Vector3D(*left_handed.mirrored(*pose[:3]))
    return Transform(place, Rotation(*left_handed.angles_to_carla(*pose[3:])))


def reach_m(zone: Zone) -> float:
    """From the middle of a zone to its corners, on the ground."""
    return hypot(zone.half_along_m, zone.half_across_m)
