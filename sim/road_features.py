"""What OpenDRIVE says beside the lanes' course: markings, things along the road, signs and signals, bridges.

`reader` is a `carla.Map`, which knows where a station of a road lies; everything else is read from the
text itself. CARLA is left-handed, in degrees and single precision; that ends in `station` and
`height_m`, and nowhere else is a value of CARLA's seen.
"""

import itertools
import math
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np

from sim.road_baked import road_object
from sim.road_map import Array, Bridge, RoadMark, RoadObject, RoadSignal, refusal
from stack.vocabulary import Finding, wrapped_rad

Element = ElementTree.Element

END_M: Final = 0.005  # carla.Map answers only inside a lane section; samples keep this far from its ends
RAIL_SEGMENT_M: Final = 9.0  # along the reference line; stays below 10 m outside any bend of R > 10 t
# Dash and gap of a lane line: FGSV, Richtlinien für die Markierung von Straßen (RMS-1, 1993), by kind of road.
DASHES_M: Final = {"motorway": (6.0, 12.0), "town": (3.0, 6.0)}
RURAL_DASHES_M: Final = (4.0, 8.0)
NARROW_M: Final = 0.12  # RMS-1: narrow line of roads that are no motorway


def number(element: Element, key: str, otherwise: float = 0.0) -> float:
    """An attribute as a number."""
    return float(element.get(key, otherwise))


def station(waypoint: Any) -> tuple[float, float, float]:
    """The one place where CARLA's axes become ours: x, y, yaw of a waypoint, right-handed, in radians."""
    place, turned = waypoint.transform.location, waypoint.transform.rotation
    return place.x, -place.y, -math.radians(turned.yaw)


def height_m(waypoint: Any) -> float:
    """Elevation of a waypoint; up is up in CARLA too."""
    return float(waypoint.transform.location.z)


# Where each element with a place keeps its numbers, and the station among them.
_PLACED: Final = {
    "objects/object": ("s", "t", "zOffset", "length", "width", "height", "hdg", "pitch"),
    "objects/object/repeat": ("s", "length", "distance", "tStart", "tEnd"),
    "objects/bridge": ("s", "length"),
    "signals/signal": ("s", "t", "zOffset", "hOffset", "value", "width", "height"),
}


def unfit(roads: list[Element]) -> tuple[Finding, ...]:
    """Everything beside the lanes' course that cannot be read: words for numbers, places off the road."""
    return tuple(
        finding for road in roads for path, keys in _PLACED.items() for element in road.iterfind(path)
        for finding in _unfit(road, element, keys)
    )  # fmt: skip


def _unfit(road: Element, element: Element, keys: tuple[str, ...]) -> list[Finding]:
    length_m = _read(road, "length") or 0.0
    where = f"road {road.get('id')}, {element.tag} {element.get('name') or element.get('id') or ''}".strip()
    values = {key: _read(element, key) for key in keys}
    findings = [
        Finding(where=where, field=key, problem=f"'{element.get(key)}' is not a number; write one")
        for key, value in values.items() if value is None
    ]  # fmt: skip
    s_m = values["s"]
    if s_m is not None and not 0.0 <= s_m <= length_m:
        problem = f"station {s_m:g} m is not on the road, which is {length_m:g} m long"
        findings.append(Finding(where=where, field="s", problem=problem))
    return findings


def prune(roads: list[Element]) -> None:
    """Takes everything that `unfit` names out of the roads; of a sign whose value is no number only the value."""
    for road in roads:
        for path, keys in _PLACED.items():
            holder_path, _, tag = path.rpartition("/")
            for holder in road.findall(holder_path):
                for element in holder.findall(tag):
                    if tag == "signal" and _read(element, "value") is None:
                        del element.attrib["value"]
                    if _unfit(road, element, keys):
                        holder.remove(element)


def _read(element: Element, key: str) -> float | None:
    """An attribute as a finite number (0 where it is left out), or None."""
    try:
        value = number(element, key)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def road_number(road_id: str) -> int:
    """The number under which `carla.Map` knows a road: how the id begins, 0 for a word."""
    digits = "".join(itertools.takewhile(str.isdigit, road_id))
    return int(digits) if digits else 0


def road_kind(road: Element) -> str:
    """The first <type> of a road: "motorway", "rural", "town", or "" where it says nothing."""
    found = road.find("type")
    return "" if found is None else str(found.get("type", ""))


# Markings.


def marks_of(section: Element, lane: Element, kind: str, ends_m: tuple[float, float]) -> tuple[RoadMark, ...]:
    """The markings on both borders of a lane; the reference line's are those of the centre lane."""
    lane_id = int(lane.get("id", "0"))
    inner_id = lane_id - (1 if lane_id > 0 else -1)
    inner = next((each for each in section.iter("lane") if int(each.get("id", "0")) == inner_id), None)
    outer = _border(lane, "right", kind, ends_m)  # traffic keeps right: the outer border is on the driver's right
    return outer + (() if inner is None else _border(inner, "left", kind, ends_m))


def _border(lane: Element, side: str, kind: str, ends_m: tuple[float, float]) -> tuple[RoadMark, ...]:
    rows = lane.findall("roadMark")
    starts_m = [ends_m[0] + number(row, "sOffset") for row in rows] + [ends_m[1]]
    marks = []
    for row, from_m, to_m in zip(rows, starts_m[:-1], starts_m[1:], strict=True):
        word = str(row.get("type", "none"))
        if word == "none" or to_m <= from_m:
            continue
        dash_m, gap_m = _dashes_m(row, kind) if word == "broken" else (0.0, 0.0)
        colour = "yellow" if row.get("color") in ("yellow", "orange") else "white"
        width_m = number(row, "width", NARROW_M) or NARROW_M
        marks.append(RoadMark(side=side, kind=word, colour=colour, width_m=width_m, dash_m=dash_m, gap_m=gap_m,
                              from_m=round(from_m, 6), to_m=round(to_m, 6)))  # fmt: skip
    return tuple(marks)


def _dashes_m(row: Element, kind: str) -> tuple[float, float]:
    """The marking's own pattern, else the usual one of such a road."""
    line = row.find("type/line")
    if line is not None and number(line, "length") > 0.0 and number(line, "space") > 0.0:
        return number(line, "length"), number(line, "space")
    return DASHES_M.get(kind, RURAL_DASHES_M)


# Places beside the reference line.


def _reference(reader: Any, road: Element, s_m: float) -> tuple[float, float, float, float]:
    """Pose and elevation of the reference line at a station, from the lane beside it."""
    s_m = min(max(s_m, END_M), number(road, "length") - END_M)
    road_id = road_number(str(road.get("id")))
    side = -1 if reader.get_waypoint_xodr(road_id, -1, s_m) is not None else 1
    waypoint = reader.get_waypoint_xodr(road_id, side, s_m)
    if waypoint is None:
        raise refusal(f"road {road_id}", f"station {s_m:g} m", "has no lane beside the reference line")
    x_m, y_m, yaw_rad = station(waypoint)
    against = (side > 0) != (road.get("rule") == "LHT")  # whether that lane is driven against the reference line
    yaw_rad = yaw_rad + math.pi if against else yaw_rad
    t_m = side * 0.5 * waypoint.lane_width
    for offset in road.iterfind("lanes/laneOffset"):
        ds_m = s_m - number(offset, "s")
        if ds_m >= 0.0:
            a, b, c, d = (number(offset, key) for key in "abcd")
            t_m = side * 0.5 * waypoint.lane_width + a + ds_m * (b + ds_m * (c + ds_m * d))
    return x_m + t_m * math.sin(yaw_rad), y_m - t_m * math.cos(yaw_rad), yaw_rad, height_m(waypoint)


def _beside_reference(reader: Any, road: Element, s_m: float, t_m: float) -> tuple[float, float, float, float]:
    x_m, y_m, yaw_rad, z_m = _reference(reader, road, s_m)
    return x_m - t_m * math.sin(yaw_rad), y_m + t_m * math.cos(yaw_rad), yaw_rad, z_m


# Things along the road.


def objects_of(reader: Any, road: Element, thing: Element) -> list[RoadObject]:
    """The boxes an <object> stands for: itself, its copies, or a chain of short segments along the road."""
    repeats = thing.findall("repeat")
    if not repeats:
        return [_box(reader, road, thing, str(thing.get("name")), number(thing, "s"), number(thing, "t"))]
    made: list[RoadObject] = []
    for repeat in repeats:
        from_m, length_m, gap_m = (number(repeat, key) for key in ("s", "length", "distance"))
        count = math.ceil(length_m / RAIL_SEGMENT_M) if gap_m == 0.0 else math.floor(length_m / gap_m)
        s_m = np.linspace(from_m, from_m + (length_m if gap_m == 0.0 else count * gap_m), count + 1).tolist()
        t_m = np.linspace(number(repeat, "tStart"), number(repeat, "tEnd"), count + 1).tolist()
        name = f"{thing.get('name')}_"
        if gap_m > 0.0:
            made += [_box(reader, road, thing, f"{name}{len(made) + i:03d}", *at)
                     for i, at in enumerate(zip(s_m, t_m, strict=True))]  # fmt: skip
        else:
            corners = [_beside_reference(reader, road, *at) for at in zip(s_m, t_m, strict=True)]
            made += [_segment(thing, f"{name}{len(made) + i:03d}", corners[i], corners[i + 1]) for i in range(count)]
    return made


def _kind(thing: Element) -> str:
    return "guard_rail" if thing.get("subtype") == "guardRail" else str(thing.get("type"))


def _box(reader: Any, road: Element, thing: Element, name: str, s_m: float, t_m: float) -> RoadObject:
    x_m, y_m, yaw_rad, z_m = _beside_reference(reader, road, s_m, t_m)
    sizes = [number(thing, key) for key in ("length", "width", "height")]
    yaw_rad = wrapped_rad(yaw_rad + number(thing, "hdg"))
    standing = (z_m + number(thing, "zOffset"), number(thing, "pitch"))
    return road_object(_kind(thing), name, (x_m, y_m, yaw_rad, *sizes, *standing))


Corner = tuple[float, float, float, float]


def _segment(thing: Element, name: str, start: Corner, end: Corner) -> RoadObject:
    dx_m, dy_m, rise_m = end[0] - start[0], end[1] - start[1], end[3] - start[3]
    length_m = math.hypot(dx_m, dy_m)
    numbers = (
        start[0] + 0.5 * dx_m, start[1] + 0.5 * dy_m, math.atan2(dy_m, dx_m), length_m,
        number(thing, "width"), number(thing, "height"),
        start[3] + 0.5 * rise_m + number(thing, "zOffset"), -math.atan2(rise_m, length_m),
    )  # fmt: skip
    return road_object(_kind(thing), name, numbers)


# Signs, signals and bridges.


def signals_of(reader: Any, road: Element, signal: Element) -> list[RoadSignal]:
    """The one sign or light a <signal> stands for: where it stands and which way it looks."""
    t_m = number(signal, "t")
    x_m, y_m, yaw_rad, ground_m = _beside_reference(reader, road, number(signal, "s"), t_m)
    turned_rad = 0.0 if signal.get("orientation") == "-" else math.pi  # "+" speaks to those driving along
    facing_rad = wrapped_rad(yaw_rad + turned_rad + number(signal, "hOffset"))
    value = signal.get("value")
    made = RoadSignal(
        kind=str(signal.get("type", "-1")), subtype=str(signal.get("subtype", "-1")),
        country=str(signal.get("country", "")), name=str(signal.get("name", "")),
        text=str(signal.get("text", "")), value=None if value is None else float(value),
        unit=str(signal.get("unit", "")), dynamic=signal.get("dynamic") == "yes",
        road_id=str(road.get("id")), offset_m=round(t_m, 6), x_m=round(x_m, 6), y_m=round(y_m, 6),
        z_m=round(ground_m + number(signal, "zOffset"), 6), ground_m=round(ground_m, 6),
        yaw_rad=round(facing_rad, 6), width_m=number(signal, "width"), height_m=number(signal, "height"),
    )  # fmt: skip
    return [made]


def bridges_of(road: Element) -> list[Bridge]:
    """The stretches of a road that are bridges."""
    return [
        Bridge(name=str(bridge.get("name", f"bridge_{bridge.get('id')}")), road_id=str(road.get("id")),
               kind=str(bridge.get("type", "concrete")), from_m=number(bridge, "s"),
               to_m=round(number(bridge, "s") + number(bridge, "length"), 6))
        for bridge in road.iterfind("objects/bridge")
    ]  # fmt: skip


# Kerbs.

KERB_M: Final = 0.12  # how high a sidewalk stands where the map gives no <height>; RASt 06: kerb 0.12 m above the road


def raised_m(lane: Element, along_m: Array) -> Array:
    """How far a lane stands above its road's elevation, at distances from its section's start."""
    rows = lane.findall("height")
    if not rows:
        return np.full(len(along_m), KERB_M if lane.get("type") == "sidewalk" else 0.0)
    starts_m = np.array([number(row, "sOffset") for row in rows])
    heights = np.array([0.5 * (number(row, "inner") + number(row, "outer")) for row in rows])
    return np.asarray(heights[np.clip(np.searchsorted(starts_m, along_m, side="right") - 1, 0, len(rows) - 1)])
