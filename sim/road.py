"""Roads: OpenDRIVE read through `carla.Map`, baked into arrays, and routes along its lanes.

Axes after ISO 8855 (`stack.vocabulary.frames`): metres, radians, x east, y north, yaw counter-clockwise.
CARLA is left-handed, in degrees and single precision; that ends in `_station`, and nowhere else is a
value of CARLA's seen. A lane's rows run in its direction of travel; its s is its own arc length from
where it begins to be driven, not the station of OpenDRIVE's reference line (each row's columns are
those of `sim.layout.Route`). Only `bake` needs the `carla` wheel; baked roads load anywhere.
"""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from sim.layout import Route
from stack.vocabulary import Finding, InputError, MissingPart, wrapped_rad

Array = NDArray[np.float64]
LaneKey = tuple[str, int]  # road id and lane id, as OpenDRIVE names them
LaneSpot = tuple[str, int, int]  # road id, section, lane id: exactly one lane

NO_LANE: Final = -1  # index of a neighbour that does not exist
DRIVING: Final = "driving"
STEP_M: Final = 2.0  # largest distance of two samples
JUNCTION_STEP_M: Final = 1.0  # the same inside junctions, where bends are tight
ROUTE_STEP_M: Final = 1.0
SLACK_M: Final = 0.01  # a route may overrun its road's end by this: lengths are sums of single-precision samples
END_M: Final = 0.005  # carla.Map answers only inside a lane section; samples keep this far from its ends
RAIL_SEGMENT_M: Final = 9.0  # along the reference line; stays below 10 m outside any bend of R > 10 t
TURN_RAD: Final = 0.25 * math.pi  # a way through a junction that bends by more is a turn
DECIMALS: Final = 9  # baked values are rounded to this, below single precision
FORMAT: Final = 1
MEND_BAKED: Final = "make it again with `python -m scenarios.maps.make`"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """One lane of one lane section. `points` is (n, 5), read-only: s, x, y, yaw, curvature, as driven.

    `left`, `right` and `successors` are indices into `Road.lanes`; left and right run in the same
    direction, NO_LANE where there is none. `forward` means driven along the road's reference line.
    """

    road_id: str
    section: int
    lane_id: int
    kind: str
    forward: bool
    width_m: float
    points: Array
    left: int
    right: int
    successors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadObject:
    """A thing that belongs to the road: a box by its centre, or a crosswalk's area (height 0)."""

    kind: str  # "guard_rail", "crosswalk", or OpenDRIVE's own word
    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    length_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """A map ready to use. `digest` is the SHA-256 of the OpenDRIVE text it was baked from."""

    name: str
    digest: str
    lanes: tuple[Lane, ...]
    objects: tuple[RoadObject, ...]


def xodr_digest(xodr: str) -> str:
    """SHA-256 of an OpenDRIVE text."""
    return hashlib.sha256(xodr.encode()).hexdigest()


def _refusal(where: str, field: str, problem: str) -> InputError:
    return InputError((Finding(where=where, field=field, problem=problem),))


# Baking: OpenDRIVE to arrays.


def bake(name: str, xodr: str) -> Road:
    """A road from OpenDRIVE text. Raises MissingPart without `carla`, InputError for a text it cannot read."""
    try:
        import carla
    except ImportError as error:
        mend = "install it with `pip install carla==0.9.16` (Python 3.11 or 3.12), or use a map that is already baked"
        raise MissingPart(f"reading OpenDRIVE needs the `carla` package: {mend}") from error
    try:
        root = ElementTree.fromstring(xodr)
        reader = carla.Map(name, xodr)
    except (ElementTree.ParseError, RuntimeError) as error:
        raise _refusal(f"map {name}", "OpenDRIVE", f"cannot be read: {error}") from error
    roads = root.findall("road")
    if not roads or any(road.get("rule") == "LHT" for road in roads):
        problem = "drives on the left, which is not supported" if roads else "has no lanes: there is no <road> in it"
        raise _refusal(f"map {name}", "OpenDRIVE", problem)
    lanes = _linked([lane for road in roads for lane in _lanes_of(reader, road)])
    objects = [made for road in roads for thing in road.iterfind("objects/object")
               for made in _objects_of(reader, road, thing)]  # fmt: skip
    return Road(name=name, digest=xodr_digest(xodr), lanes=lanes, objects=tuple(objects))


def _number(element: ElementTree.Element, key: str, otherwise: float = 0.0) -> float:
    return float(element.get(key, otherwise))


def _station(waypoint: Any) -> tuple[float, float, float]:
    """The one place where CARLA's axes become ours: x, y, yaw of a waypoint, right-handed, in radians."""
    place, turned = waypoint.transform.location, waypoint.transform.rotation
    return place.x, -place.y, -math.radians(turned.yaw)


def _lanes_of(reader: Any, road: ElementTree.Element) -> list[tuple[Lane, list[LaneSpot]]]:
    """Every lane of a road that is something, section by section, and where it leads; not yet linked."""
    sections = road.findall("lanes/laneSection")
    starts_m = [_number(section, "s") for section in sections] + [_number(road, "length")]
    step_m = STEP_M if road.get("junction", "-1") == "-1" else JUNCTION_STEP_M
    sampled = []
    for index, section in enumerate(sections):
        count = max(2, math.ceil((starts_m[index + 1] - starts_m[index]) / step_m) + 1)
        stations_m = np.linspace(starts_m[index] + END_M, starts_m[index + 1] - END_M, count)
        for lane in (*section.iterfind("left/lane"), *section.iterfind("right/lane")):
            if lane.get("type") != "none":
                spot = (str(road.get("id")), index, int(lane.get("id", "0")))
                sampled.append(_sampled(reader, spot, str(lane.get("type")), stations_m))
    return sampled


def _sampled(reader: Any, spot: LaneSpot, kind: str, stations_m: Array) -> tuple[Lane, list[LaneSpot]]:
    waypoints = [reader.get_waypoint_xodr(int(spot[0]), spot[2], s_m) for s_m in stations_m.tolist()]
    if None in waypoints:
        raise _refusal(f"road {spot[0]}", f"lane {spot[2]}", "carla.Map does not find it along the whole section")
    poses = np.array([_station(waypoint) for waypoint in waypoints])
    ahead = poses[1, :2] - poses[0, :2]
    forward = bool(ahead[0] * math.cos(poses[0, 2]) + ahead[1] * math.sin(poses[0, 2]) > 0.0)
    if not forward:
        waypoints, poses = waypoints[::-1], poses[::-1]
    found = {(str(w.road_id), int(w.section_id), int(w.lane_id)) for w in waypoints[-1].next(10.0 * END_M)}
    width_m = round(waypoints[len(waypoints) // 2].lane_width, 6)
    points = _cleaned(poses, float(stations_m[1] - stations_m[0]))
    lane = Lane(road_id=spot[0], section=spot[1], lane_id=spot[2], kind=kind, forward=forward, width_m=width_m,
                points=points, left=NO_LANE, right=NO_LANE, successors=())  # fmt: skip
    return lane, sorted(found - {spot})


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
    return _frozen(np.round(np.column_stack((s_m, poses, curvature)), DECIMALS) + 0.0)


def _frozen(array: Array) -> Array:
    array = np.ascontiguousarray(array, dtype=np.float64)
    array.flags.writeable = False
    return array


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


def _reference(reader: Any, road: ElementTree.Element, s_m: float) -> tuple[float, float, float]:
    """Pose of the reference line at a station, from the lane beside it."""
    s_m = min(max(s_m, END_M), _number(road, "length") - END_M)
    road_id = int(str(road.get("id")))
    side = -1 if reader.get_waypoint_xodr(road_id, -1, s_m) is not None else 1
    waypoint = reader.get_waypoint_xodr(road_id, side, s_m)
    x_m, y_m, yaw_rad = _station(waypoint)
    yaw_rad = yaw_rad if side < 0 else yaw_rad + math.pi
    t_m = side * 0.5 * waypoint.lane_width
    for offset in road.iterfind("lanes/laneOffset"):
        ds_m = s_m - _number(offset, "s")
        if ds_m >= 0.0:
            a, b, c, d = (_number(offset, key) for key in "abcd")
            t_m = side * 0.5 * waypoint.lane_width + a + ds_m * (b + ds_m * (c + ds_m * d))
    return x_m + t_m * math.sin(yaw_rad), y_m - t_m * math.cos(yaw_rad), yaw_rad


def _objects_of(reader: Any, road: ElementTree.Element, thing: ElementTree.Element) -> list[RoadObject]:
    """The boxes an <object> stands for: itself, its copies, or a chain of short segments along the road."""
    repeats = thing.findall("repeat")
    if not repeats:
        return [_box(reader, road, thing, str(thing.get("name")), _number(thing, "s"), _number(thing, "t"))]
    made: list[RoadObject] = []
    for repeat in repeats:
        from_m, length_m, gap_m = (_number(repeat, key) for key in ("s", "length", "distance"))
        count = math.ceil(length_m / RAIL_SEGMENT_M) if gap_m == 0.0 else math.floor(length_m / gap_m)
        s_m = np.linspace(from_m, from_m + (length_m if gap_m == 0.0 else count * gap_m), count + 1).tolist()
        t_m = np.linspace(_number(repeat, "tStart"), _number(repeat, "tEnd"), count + 1).tolist()
        name = f"{thing.get('name')}_"
        if gap_m > 0.0:
            made += [_box(reader, road, thing, f"{name}{len(made) + i:03d}", *at)
                     for i, at in enumerate(zip(s_m, t_m, strict=True))]  # fmt: skip
        else:
            corners = [_beside_reference(reader, road, *at)[:2] for at in zip(s_m, t_m, strict=True)]
            made += [_segment(thing, f"{name}{len(made) + i:03d}", corners[i], corners[i + 1]) for i in range(count)]
    return made


def _beside_reference(reader: Any, road: ElementTree.Element, s_m: float, t_m: float) -> tuple[float, float, float]:
    x_m, y_m, yaw_rad = _reference(reader, road, s_m)
    return x_m - t_m * math.sin(yaw_rad), y_m + t_m * math.cos(yaw_rad), yaw_rad


def _kind(thing: ElementTree.Element) -> str:
    return "guard_rail" if thing.get("subtype") == "guardRail" else str(thing.get("type"))


def _box(
    reader: Any, road: ElementTree.Element, thing: ElementTree.Element, name: str, s_m: float, t_m: float
) -> RoadObject:
    x_m, y_m, yaw_rad = _beside_reference(reader, road, s_m, t_m)
    sizes = [_number(thing, key) for key in ("length", "width", "height")]
    yaw_rad = wrapped_rad(yaw_rad + _number(thing, "hdg"))
    return _road_object(_kind(thing), name, (x_m, y_m, yaw_rad, *sizes))


def _segment(thing: ElementTree.Element, name: str, start: tuple[float, float], end: tuple[float, float]) -> RoadObject:
    dx_m, dy_m = end[0] - start[0], end[1] - start[1]
    numbers = (
        start[0] + 0.5 * dx_m, start[1] + 0.5 * dy_m, math.atan2(dy_m, dx_m), math.hypot(dx_m, dy_m),
        _number(thing, "width"), _number(thing, "height"),
    )  # fmt: skip
    return _road_object(_kind(thing), name, numbers)


def _road_object(kind: str, name: str, numbers: Sequence[float]) -> RoadObject:
    x_m, y_m, yaw_rad, length_m, width_m, height_m = (round(value, 6) + 0.0 for value in numbers)
    return RoadObject(kind=kind, name=name, x_m=x_m, y_m=y_m, yaw_rad=yaw_rad,
                      length_m=length_m, width_m=width_m, height_m=height_m)  # fmt: skip


# The baked file: a zip of plain arrays with fixed times and no compression, so that equal roads are equal bytes.


def save_baked(road: Road, path: Path) -> None:
    """Writes a road to a file that `load_baked` (and `numpy.load`) reads."""
    about = {
        "format": FORMAT,
        "name": road.name,
        "digest": road.digest,
        "lanes": [[lane.road_id, lane.section, lane.lane_id, lane.kind, lane.forward, lane.width_m, lane.left,
                   lane.right, list(lane.successors)] for lane in road.lanes],
        "objects": [[thing.kind, thing.name] for thing in road.objects],
    }  # fmt: skip
    boxes = [(b.x_m, b.y_m, b.yaw_rad, b.length_m, b.width_m, b.height_m) for b in road.objects]
    arrays = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "counts": np.array([len(lane.points) for lane in road.lanes], dtype="<i8"),
        "points": np.concatenate([lane.points for lane in road.lanes]).astype("<f8"),
        "boxes": np.array(boxes, dtype="<f8").reshape(-1, 6),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, content.getvalue())


def load_baked(path: Path) -> Road:
    """Reads a baked road; needs no `carla`. Raises InputError when the file is not one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            counts, points, boxes = arrays["counts"], arrays["points"], arrays["boxes"]
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']}, this version reads {FORMAT}")
        pieces = np.split(points, np.cumsum(counts)[:-1])
        lanes = tuple(
            Lane(road_id=row[0], section=row[1], lane_id=row[2], kind=row[3], forward=row[4], width_m=row[5],
                 points=_frozen(piece), left=row[6], right=row[7], successors=tuple(row[8]))
            for row, piece in zip(about["lanes"], pieces, strict=True)
        )  # fmt: skip
        objects = tuple(
            _road_object(kind, name, box) for (kind, name), box in zip(about["objects"], boxes.tolist(), strict=True)
        )
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise _refusal(str(path), "baked map", f"cannot be read ({error}); {MEND_BAKED}") from error
    return Road(name=about["name"], digest=about["digest"], lanes=lanes, objects=objects)


# Routes.


def lane_keys(road: Road, kind: str = DRIVING) -> tuple[LaneKey, ...]:
    """Road and lane ids of all lanes of a kind, in the order of the map."""
    return tuple(dict.fromkeys((lane.road_id, lane.lane_id) for lane in road.lanes if lane.kind == kind))


def first_lane(road: Road, lane: LaneKey) -> Lane:
    """Where a lane begins to be driven on its road. Raises InputError with the driving lanes there are."""
    found = [candidate for candidate in road.lanes if (candidate.road_id, candidate.lane_id) == lane]
    if not found:
        known = "; ".join(
            f"road {road_id}: lanes {', '.join(str(key[1]) for key in lane_keys(road) if key[0] == road_id)}"
            for road_id in dict.fromkeys(key[0] for key in lane_keys(road))
        )
        raise _refusal(f"map {road.name}", "lane", f"road {lane[0]} has no lane {lane[1]}; driving lanes: {known}")
    return found[0] if found[0].forward else found[-1]


def route_from(road: Road, lane: LaneKey, s_m: float, length_m: float, turns: tuple[str, ...] = ()) -> Route:
    """The path from `s_m` along a lane (as driven), following what comes after it, `length_m` long.

    Wherever ways part, the next of `turns` ("straight", "left", "right") says which to take; straight
    on once they are used up. Raises InputError, with every finding, for a lane that does not exist, a
    start before the lane's or a road that ends too soon, and a turn that is not there or never reached.
    """
    findings = []
    for field, value, wanted in (("s_m", s_m, s_m >= 0.0), ("length_m", length_m, length_m > 0.0)):
        if not (math.isfinite(value) and wanted):
            sign = "0 or more" if field == "s_m" else "above 0"
            findings.append(Finding(where=f"map {road.name}", field=field, problem=f"is {value}, must be {sign}"))
    try:
        start = first_lane(road, lane)
    except InputError as error:
        raise InputError((*error.findings, *findings)) from None
    if findings:
        raise InputError(tuple(findings))
    points = _joined(_way(road, start, s_m + length_m, turns))
    if points[-1, 0] < s_m + length_m - SLACK_M:
        problem = (f"unreachable: the road ends {points[-1, 0]:.1f} m after lane {lane[1]} of road {lane[0]} begins, "
                   f"{s_m + length_m:.1f} m are needed")  # fmt: skip
        raise _refusal(f"map {road.name}", "s_m" if s_m >= points[-1, 0] else "length_m", problem)
    stations_m = np.linspace(s_m, s_m + length_m, max(2, round(length_m / ROUTE_STEP_M) + 1))
    rows = _at(points, stations_m)
    rows[:, 0] = stations_m - s_m
    return Route(points=_frozen(rows), lane_width_m=start.width_m)


def turn_of(lane: Lane) -> str:
    """What driving a lane from end to end does to the heading: "straight", "left" or "right"."""
    turned_rad = float(lane.points[-1, 3] - lane.points[0, 3])
    return "straight" if abs(turned_rad) < TURN_RAD else ("left" if turned_rad > 0.0 else "right")


def _way(road: Road, start: Lane, needed_m: float, turns: tuple[str, ...]) -> list[Lane]:
    """Lanes one after the other until they are long enough, or the road ends."""
    way, reached_m, left_over = [start], float(start.points[-1, 0]), list(turns)
    while reached_m < needed_m - SLACK_M:
        choices = [road.lanes[index] for index in way[-1].successors if road.lanes[index].kind == start.kind]
        if not choices:
            break
        if len(choices) > 1:
            turn = left_over.pop(0) if left_over else "straight"
            by_turn = {turn_of(choice): choice for choice in choices}
            if turn not in by_turn:
                problem = f"no way {turn} after road {way[-1].road_id}; there is: {', '.join(sorted(by_turn))}"
                raise _refusal(f"map {road.name}", "turns", problem)
            choices = [by_turn[turn]]
        way.append(choices[0])
        reached_m += float(choices[0].points[-1, 0])
    if left_over:
        problem = f"{', '.join(left_over)}: not reached within {needed_m:.1f} m of the lane's beginning"
        raise _refusal(f"map {road.name}", "turns", problem)
    return way


def _joined(way: list[Lane]) -> Array:
    """The rows of lanes end to end: s runs on, yaw does not jump."""
    rows = [way[0].points]
    for lane in way[1:]:
        piece = lane.points[1:].copy()
        piece[:, 0] += rows[-1][-1, 0]
        turns = round(float(rows[-1][-1, 3] - lane.points[0, 3]) / math.tau)
        piece[:, 3] += turns * math.tau
        rows.append(piece)
    return np.concatenate(rows)


def _at(points: Array, s_m: Array) -> Array:
    """Rows at any stations: position on the cubic through both neighbours' headings, the rest linear."""
    row = np.clip(np.searchsorted(points[:, 0], s_m, side="right") - 1, 0, len(points) - 2)
    before, after = points[row], points[row + 1]
    step_m = after[:, 0] - before[:, 0]
    u = (s_m - before[:, 0]) / step_m
    rows = before + u[:, None] * (after - before)
    for column, heading in ((1, np.cos), (2, np.sin)):
        out_m, in_m = step_m * heading(before[:, 3]), step_m * heading(after[:, 3])
        rise_m = after[:, column] - before[:, column]
        bend_m = u * (1.0 - u) * ((1.0 - u) * (out_m - rise_m) + u * (rise_m - in_m))
        rows[:, column] = before[:, column] + u * rise_m + bend_m
    return rows


def straight_route(x_m: float, y_m: float, yaw_rad: float, length_m: float, width_m: float = 1.0) -> Route:
    """A straight path from a pose, for what moves freely (someone crossing the road)."""
    if not length_m > 0.0:
        raise _refusal("straight route", "length_m", f"is {length_m}, must be above 0")
    s_m = np.linspace(0.0, length_m, max(2, round(length_m / ROUTE_STEP_M) + 1))
    rows = np.column_stack((
        s_m, x_m + s_m * math.cos(yaw_rad), y_m + s_m * math.sin(yaw_rad),
        np.full_like(s_m, yaw_rad), np.zeros_like(s_m),
    ))  # fmt: skip
    return Route(points=_frozen(rows), lane_width_m=width_m)


def left_of(road: Road, lane: LaneKey) -> LaneKey:
    """The driving lane to the left, in the same direction. Raises InputError where there is none."""
    return _neighbour(road, lane, "left")


def right_of(road: Road, lane: LaneKey) -> LaneKey:
    """The driving lane to the right, in the same direction. Raises InputError where there is none."""
    return _neighbour(road, lane, "right")


def _neighbour(road: Road, lane: LaneKey, side: str) -> LaneKey:
    here = first_lane(road, lane)
    index = here.left if side == "left" else here.right
    if index == NO_LANE or road.lanes[index].kind != DRIVING:
        problem = f"lane {lane[1]} of road {lane[0]} has no driving lane to its {side}"
        raise _refusal(f"map {road.name}", "lane", problem)
    return road.lanes[index].road_id, road.lanes[index].lane_id


def offset_route(route: Route, offset_m: float) -> Route:
    """The parallel path `offset_m` to the left (where a lane change goes); row i stays abeam of row i."""
    s_m, x_m, y_m, yaw_rad, curvature = route.points.T
    stretch = 1.0 - curvature * offset_m
    if float(stretch.min()) <= 0.0:
        raise _refusal("route", "offset_m", f"{offset_m} m lies beyond the centre of a bend of the route")
    along_m = np.diff(s_m) * 0.5 * (stretch[1:] + stretch[:-1])
    rows = np.column_stack((
        np.concatenate(([0.0], np.cumsum(along_m))),
        x_m - offset_m * np.sin(yaw_rad), y_m + offset_m * np.cos(yaw_rad), yaw_rad, curvature / stretch,
    ))  # fmt: skip
    return Route(points=_frozen(rows), lane_width_m=route.lane_width_m)


def world_point(route: Route, s_m: float, offset_m: float = 0.0) -> tuple[float, float, float]:
    """x, y and yaw of the place at a station of the route and `offset_m` to its left."""
    end_m = float(route.points[-1, 0])
    if not -1e-6 <= s_m <= end_m + 1e-6:
        raise _refusal("route", "s_m", f"{s_m} m is not on the route, which runs from 0 to {end_m:.1f} m")
    x_m, y_m, yaw_rad = _at(route.points, np.array([s_m]))[0, 1:4].tolist()
    return x_m - offset_m * math.sin(yaw_rad), y_m + offset_m * math.cos(yaw_rad), yaw_rad


def route_point(route: Route, x_m: float, y_m: float) -> tuple[float, float]:
    """Station on the route nearest to a place, and how far to the left of it the place lies."""
    start, step = route.points[:-1, 1:3], np.diff(route.points[:, 1:3], axis=0)
    away = np.array([x_m, y_m]) - start
    u = np.clip((away * step).sum(axis=1) / (step**2).sum(axis=1), 0.0, 1.0)
    gap = away - u[:, None] * step
    row = int(np.argmin((gap**2).sum(axis=1)))
    s_m = route.points[row, 0] + u[row] * (route.points[row + 1, 0] - route.points[row, 0])
    left = step[row, 0] * gap[row, 1] - step[row, 1] * gap[row, 0]
    return float(s_m), math.copysign(float(np.sqrt((gap[row] ** 2).sum())), left)


def objects_along(road: Road, route: Route, kind: str, within_m: float) -> tuple[RoadObject, ...]:
    """Objects of a kind whose centre lies within a distance of a route, in the order of the map."""
    path = route.points[:, 1:3]
    return tuple(
        thing for thing in road.objects
        if thing.kind == kind and float(((path - (thing.x_m, thing.y_m)) ** 2).sum(axis=1).min()) <= within_m**2
    )  # fmt: skip
