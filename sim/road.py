"""Roads: OpenDRIVE read through `carla.Map`, baked into arrays, and routes along its lanes.

Axes after ISO 8855 (`stack.vocabulary.frames`): metres, radians, x east, y north, z up, yaw
counter-clockwise. A lane's rows run in its direction of travel; its s is its own arc length from where
it begins to be driven, not the station of OpenDRIVE's reference line (each row's columns are those of
`sim.layout.Route`). Only `bake` needs the `carla` wheel; baked roads load anywhere. This file is the
door: values are in `sim.road_map`, routes in `sim.road_routes`, the baked file in `sim.road_baked`, what
the text says beside the lanes' course in `sim.road_features`.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar
from xml.etree import ElementTree

import numpy as np

from sim.road_baked import load_baked, save_baked
from sim.road_features import (
    END_M,
    bridges_of,
    height_m,
    marks_of,
    number,
    objects_of,
    prune,
    raised_m,
    road_kind,
    road_number,
    signals_of,
    station,
    unfit,
)
from sim.road_map import (
    DRIVING,
    NO_LANE,
    SIDEWALK,
    Array,
    Bridge,
    Lane,
    LaneKey,
    Road,
    RoadMark,
    RoadObject,
    RoadSignal,
    frozen,
    lane_keys,
    refusal,
    xodr_digest,
)
from sim.road_routes import (
    first_lane,
    grounded,
    height_at,
    left_of,
    objects_along,
    offset_route,
    right_of,
    route_from,
    route_point,
    straight_route,
    turn_of,
    world_point,
)
from stack.vocabulary import Finding, InputError, MissingPart

__all__ = [
    "DRIVING", "NO_LANE", "SIDEWALK", "Bridge", "Lane", "LaneKey", "Road", "RoadMark", "RoadObject", "RoadSignal",
    "bake", "first_lane", "grounded", "height_at", "lane_keys", "left_of", "load_baked", "objects_along",
    "offset_route", "right_of", "route_from", "route_point", "save_baked", "straight_route", "turn_of",
    "world_point", "xodr_digest",
]  # fmt: skip

T = TypeVar("T")
LaneSpot = tuple[str, int, int]  # road id, section, lane id: exactly one lane

LEFT_HAND: Final = "LHT"  # OpenDRIVE's word for a road on which traffic keeps to the left
OTHER_SIDE: Final = {"left": "right", "right": "left"}
SHORTEST_M: Final = 0.1  # a lane section below this is stepped over where a text is read as far as it goes
STEP_M: Final = 2.0  # largest distance of two samples
JUNCTION_STEP_M: Final = 1.0  # the same inside junctions, where bends are tight
DECIMALS: Final = 9  # baked values are rounded to this, below single precision


def bake(name: str, xodr: str, *, left_out: list[Finding] | None = None) -> Road:
    """A road from OpenDRIVE text. Raises MissingPart without `carla`, InputError for a text it cannot read.

    With a list for what is `left_out`, a text is read as far as `carla.Map` reads it: what cannot be read is
    left out and told there, and driving on the left is accepted. Without one, any of it is refused.
    """
    try:
        import carla
    except ImportError as error:
        mend = "install it with `pip install carla==0.9.16` (Python 3.11 or 3.12), or use a map that is already baked"
        raise MissingPart(f"reading OpenDRIVE needs the `carla` package: {mend}") from error
    try:
        root = ElementTree.fromstring(xodr)
        reader = carla.Map(name, xodr)
    except (ElementTree.ParseError, RuntimeError) as error:
        raise refusal(f"map {name}", "OpenDRIVE", f"cannot be read: {error}") from error
    roads = root.findall("road")
    drives_left = any(road.get("rule") == LEFT_HAND for road in roads)
    if not roads or (drives_left and left_out is None):
        problem = "drives on the left, which is not supported" if roads else "has no lanes: there is no <road> in it"
        raise refusal(f"map {name}", "OpenDRIVE", problem)
    findings = unfit(roads)
    if findings and left_out is None:
        raise InputError(findings)
    sampled = [_readable(partial(_lanes_of, reader, road, left_out), left_out) for road in roads]
    if left_out is not None:
        left_out.extend(findings)
        prune(roads)
        if not any(sampled):
            raise refusal(f"map {name}", "OpenDRIVE", "has no lane that can be read")
    lanes = _linked([lane for lanes in sampled for lane in lanes])
    objects = [made for road in roads for thing in road.iterfind("objects/object")
               for made in _readable(partial(objects_of, reader, road, thing), left_out)]  # fmt: skip
    signals = [made for road in roads for signal in road.iterfind("signals/signal")
               for made in _readable(partial(signals_of, reader, road, signal), left_out)]  # fmt: skip
    bridges = [made for road in roads for made in bridges_of(road)]
    return Road(name=name, digest=xodr_digest(xodr), lanes=lanes, objects=tuple(objects), signals=tuple(signals),
                bridges=tuple(bridges))  # fmt: skip


def _readable(read: Callable[[], list[T]], left_out: list[Finding] | None) -> list[T]:
    """What `read` gives; nothing where it refuses and a list of what is left out takes note of it."""
    try:
        return read()
    except InputError as error:
        if left_out is None:
            raise
        left_out += error.findings
    except ValueError as error:
        if left_out is None:
            raise
        left_out.append(Finding(where="OpenDRIVE", field="road", problem=f"a part is left out: {error}"))
    return []


def _lanes_of(
    reader: Any, road: ElementTree.Element, left_out: list[Finding] | None = None
) -> list[tuple[Lane, list[LaneSpot]]]:
    """Every lane of a road that is something, section by section, and where it leads; not yet linked."""
    sections = road.findall("lanes/laneSection")
    starts_m = [number(section, "s") for section in sections] + [number(road, "length")]
    step_m = STEP_M if road.get("junction", "-1") == "-1" else JUNCTION_STEP_M
    sampled = []
    for index, section in enumerate(sections):
        ends_m = (starts_m[index], starts_m[index + 1])
        if left_out is not None and ends_m[1] - ends_m[0] < SHORTEST_M:
            continue  # `next` of the lanes before steps over it
        count = max(2, math.ceil((ends_m[1] - ends_m[0]) / step_m) + 1)
        stations_m = np.linspace(ends_m[0] + END_M, ends_m[1] - END_M, count)
        for lane in (*section.iterfind("left/lane"), *section.iterfind("right/lane")):
            if lane.get("type") != "none":
                spot = (str(road.get("id")), index, int(lane.get("id", "0")))
                marks = marks_of(section, lane, road_kind(road), ends_m)
                if road.get("rule") == LEFT_HAND:
                    marks = tuple(replace(mark, side=OTHER_SIDE[mark.side]) for mark in marks)
                whole_lane = _readable(partial(_sampled, reader, spot, lane, stations_m), left_out)
                if not whole_lane:
                    continue
                ((bare, exits),) = whole_lane
                junction_id = road.get("junction", "-1")
                whole = replace(bare, marks=marks, road_kind=road_kind(road),
                                junction_id="" if junction_id == "-1" else junction_id,
                                stations_m=ends_m if bare.forward else ends_m[::-1])  # fmt: skip
                sampled.append((whole, exits))
    return sampled


def _sampled(
    reader: Any, spot: LaneSpot, element: ElementTree.Element, stations_m: Array
) -> list[tuple[Lane, list[LaneSpot]]]:
    """One lane's course and surface, and where it leads; what the text says about it is not yet there."""
    waypoints = [reader.get_waypoint_xodr(road_number(spot[0]), spot[2], s_m) for s_m in stations_m.tolist()]
    if None in waypoints:
        raise refusal(f"road {spot[0]}", f"lane {spot[2]}", "carla.Map does not find it along the whole section")
    poses = np.array([station(waypoint) for waypoint in waypoints])
    heights_m = np.array([height_m(waypoint) for waypoint in waypoints])
    if not (np.isfinite(poses).all() and np.isfinite(heights_m).all()):
        raise refusal(f"road {spot[0]}", f"lane {spot[2]}", "carla.Map gives places on it that are no numbers")
    step_m = float(stations_m[1] - stations_m[0])
    for row, inward in ((0, 1), (-1, -2)):  # drawn out to the lane's ends, as the poses are
        heights_m[row] += (heights_m[row] - heights_m[inward]) * END_M / step_m
    heights_m += raised_m(element, stations_m - stations_m[0])
    ahead = poses[1, :2] - poses[0, :2]
    forward = bool(ahead[0] * math.cos(poses[0, 2]) + ahead[1] * math.sin(poses[0, 2]) > 0.0)
    if not forward:
        waypoints, poses, heights_m = waypoints[::-1], poses[::-1], heights_m[::-1]
    found = {(str(w.road_id), int(w.section_id), int(w.lane_id)) for w in waypoints[-1].next(10.0 * END_M)}
    width_m = round(waypoints[len(waypoints) // 2].lane_width, 6)
    widths_m = np.array([round(waypoint.lane_width, 6) for waypoint in waypoints])
    lane = Lane(road_id=spot[0], section=spot[1], lane_id=spot[2], kind=str(element.get("type")), forward=forward,
                width_m=width_m, points=_cleaned(poses, step_m), heights_m=_single(heights_m),
                widths_m=_single(widths_m) if (widths_m != width_m).any() else frozen(widths_m), left=NO_LANE,
                right=NO_LANE, successors=(), stations_m=(0.0, 0.0), junction_id="", road_kind="",
                marks=())  # fmt: skip
    return [(lane, sorted(found - {spot}))]


def _single(values: Array) -> Array:
    """Values to single precision, which is all that was read."""
    return frozen(values.astype(np.float32).astype(np.float64) + 0.0)


def _cleaned(poses: Array, station_step_m: float) -> Array:
    """Rows s, x, y, yaw, curvature from poses in driving order; the ends are drawn out to the lane's ends."""
    poses = poses.copy()
    poses[:, 2] = np.unwrap(poses[:, 2])
    for row, inward in ((0, 1), (-1, -2)):
        poses[row] += (poses[row] - poses[inward]) * END_M / station_step_m
    chord_m = np.sqrt((np.diff(poses[:, :2], axis=0) ** 2).sum(axis=1))
    turned_rad = np.diff(poses[:, 2])
    s_m = np.concatenate(([0.0], np.cumsum(chord_m * (1.0 + turned_rad**2 / 24.0))))  # arc from chord
    curvature = np.gradient(poses[:, 2], s_m)
    return frozen(np.round(np.column_stack((s_m, poses, curvature)), DECIMALS) + 0.0)


def _linked(sampled: list[tuple[Lane, list[LaneSpot]]]) -> tuple[Lane, ...]:
    """Lanes with the indices of their neighbours and successors."""
    at = {(lane.road_id, lane.section, lane.lane_id): index for index, (lane, _) in enumerate(sampled)}

    def beside(lane: Lane, step: int) -> int:
        return at.get((lane.road_id, lane.section, lane.lane_id + step), NO_LANE)

    linked = []
    for lane, exits in sampled:
        left = 1 if lane.forward else -1  # lane ids rise to the left of the reference line; 0 is no lane
        successors = tuple(at[spot] for spot in exits if spot in at)
        linked.append(replace(lane, left=beside(lane, left), right=beside(lane, -left), successors=successors))
    return tuple(linked)
