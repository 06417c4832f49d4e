"""How our OpenDRIVE maps are drawn: reference lines, gradients, cross-sections, and the finished text.

Thin layer over scenariogeneration, which is imported inside functions because it is slow to load and
needed only to draw. Metres and radians in OpenDRIVE's axes (x east, y north, right-handed).
The text is byte-stable: numbers are rounded to twelve digits, and the header carries a fixed date.
"""

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from scenariogeneration import xodr

# OpenDRIVE 1.7 wants the objects' repeats and outlines as written here; the ASAM checker has its schema.
REVISION = ("1", "7")
DRAWN_ON = "2026-01-01T00:00:00"  # a fixed date: the same map is the same bytes
GEO_REFERENCE = "+proj=tmerc +lat_0=0 +lon_0=0 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"

DIGITS = 12
_LONG_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")

MARKING_WIDTH_M = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """A piece of reference line without curvature."""

    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """A circular arc; the radius is positive to the left, negative to the right."""

    radius_m: float
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A clothoid between two curvatures (1/m, positive to the left)."""

    from_curvature_radpm: float
    to_curvature_radpm: float
    length_m: float


Piece = Straight | Bend | Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A stretch of constant gradient (rise over way, up positive)."""

    length_m: float
    rise_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VerticalCurve:
    """A parabola between two gradients: a crest or a sag."""

    length_m: float
    from_ratio: float
    to_ratio: float


ElevationRow = tuple[float, float, float, float, float]  # s, a, b, c, d of an OpenDRIVE <elevation>
LEVEL: tuple[ElevationRow, ...] = ((0.0, 0.0, 0.0, 0.0, 0.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a road that is a bridge."""

    name: str
    from_m: float
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One lane of a cross-section: its kind (an OpenDRIVE lane type), width, outer marking, and links."""

    kind: str
    width_m: float
    marking: str = "none"
    predecessor: int | None = None  # lane id on the road before, None where a junction links or the road ends
    successor: int | None = None


def eased_bend(radius_m: float, arc_m: float, clothoid_m: float) -> tuple[Piece, ...]:
    """A bend entered and left through clothoids."""
    curvature = 1.0 / radius_m
    return (
        Transition(from_curvature_radpm=0.0, to_curvature_radpm=curvature, length_m=clothoid_m),
        Bend(radius_m=radius_m, length_m=arc_m),
        Transition(from_curvature_radpm=curvature, to_curvature_radpm=0.0, length_m=clothoid_m),
    )


def total_length_m(pieces: tuple[Piece, ...]) -> float:
    """Length of a reference line."""
    return sum(piece.length_m for piece in pieces)


def elevation(start_m: float, pieces: tuple[Grade | VerticalCurve, ...]) -> tuple[ElevationRow, ...]:
    """The elevation profile from a starting height, gradients and vertical curves one after the other."""
    rows = []
    s_m = 0.0
    for piece in pieces:
        if isinstance(piece, Grade):
            slope, bend = piece.rise_ratio, 0.0
        else:
            slope, bend = piece.from_ratio, 0.5 * (piece.to_ratio - piece.from_ratio) / piece.length_m
        rows.append((s_m, start_m, slope, bend, 0.0))
        start_m += piece.length_m * (slope + piece.length_m * bend)
        s_m += piece.length_m
    return tuple(rows)


def height_m(rows: tuple[ElevationRow, ...], s_m: float) -> float:
    """Elevation at a station."""
    start_m, a, b, c, d = next((row for row in reversed(rows) if row[0] <= s_m), rows[0])
    ds_m = s_m - start_m
    return a + ds_m * (b + ds_m * (c + ds_m * d))


def end_pose(x_m: float, y_m: float, yaw_rad: float, pieces: tuple[Piece, ...]) -> tuple[float, float, float]:
    """Where pieces laid end to end from a pose lead to."""
    x_m, y_m, yaw_rad = reference_line(x_m, y_m, yaw_rad, pieces).get_end_point()
    return x_m, y_m, yaw_rad


def reference_line(x_m: float, y_m: float, yaw_rad: float, pieces: tuple[Piece, ...]) -> "xodr.PlanView":
    """The pieces laid end to end from a pose."""
    from scenariogeneration import xodr

    line = xodr.PlanView()
    pose = (x_m, y_m, yaw_rad)
    for piece in pieces:
        if isinstance(piece, Straight):
            geometry: Any = xodr.Line(piece.length_m)
        elif isinstance(piece, Bend):
            geometry = xodr.Arc(1.0 / piece.radius_m, length=piece.length_m)
        else:
            geometry = xodr.Spiral(piece.from_curvature_radpm, piece.to_curvature_radpm, length=piece.length_m)
        line.add_fixed_geometry(geometry, *pose)
        x_m, y_m, yaw_rad = line.get_end_point()
        pose = (x_m, y_m, yaw_rad)
    return line


def _marking(kind: str) -> "xodr.RoadMark":
    from scenariogeneration import xodr

    return xodr.RoadMark(getattr(xodr.RoadMarkType, kind), width=0.0 if kind == "none" else MARKING_WIDTH_M)


def _lane(strip: Strip) -> "xodr.Lane":
    from scenariogeneration import xodr

    lane = xodr.Lane(getattr(xodr.LaneType, strip.kind), a=strip.width_m)
    lane.add_roadmark(_marking(strip.marking))
    if strip.predecessor is not None:
        lane.add_link("predecessor", strip.predecessor)
    if strip.successor is not None:
        lane.add_link("successor", strip.successor)
    return lane


def cross_section(left: tuple[Strip, ...], right: tuple[Strip, ...], centre_marking: str) -> "xodr.Lanes":
    """One lane section over the whole road; strips are listed from the reference line outwards."""
    from scenariogeneration import xodr

    centre = xodr.Lane(xodr.LaneType.none)
    centre.add_roadmark(_marking(centre_marking))
    section = xodr.LaneSection(0.0, centre)
    for strip in left:
        section.add_left_lane(_lane(strip))
    for strip in right:
        section.add_right_lane(_lane(strip))
    lanes = xodr.Lanes()
    lanes.add_lanesection(section)
    return lanes


def road(
    number: int,
    name: str,
    line: "xodr.PlanView",
    lanes: "xodr.Lanes",
    junction: int = -1,
    heights: tuple[ElevationRow, ...] = LEVEL,
) -> "xodr.Road":
    """A road; a level one has its elevation written out too, because OpenDRIVE 1.5 refuses an empty profile."""
    from scenariogeneration import xodr

    made = xodr.Road(number, line, lanes, road_type=junction, name=name)
    for row in heights:
        made.add_elevation(*row)
    made.add_superelevation(0.0, 0.0, 0.0, 0.0, 0.0)
    return made


def _rounded(text: str) -> str:
    """A number without the digits that differ between mathematics libraries."""
    return format(round(float(text), DIGITS) + 0.0, f".{DIGITS}g")  # + 0.0 turns -0.0 into 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """What switches lights of a junction together: their names. A junction's controllers have their turns in order."""

    name: str
    junction: int
    lights: tuple[str, ...]


def _add_controllers(root: ElementTree.Element, controllers: tuple[Controller, ...]) -> None:
    """Controllers stand before the junctions, which name theirs last; the drawing library does not know them."""
    ids = {each.get("name"): str(each.get("id")) for each in root.iterfind("road/signals/signal")}
    turns: dict[int, int] = {}
    for number, controller in enumerate(controllers, start=1):
        turn = turns[controller.junction] = turns.get(controller.junction, -1) + 1
        element = ElementTree.Element("controller", id=str(number), name=controller.name, sequence=str(turn))
        for light in controller.lights:
            ElementTree.SubElement(element, "control", signalId=ids[light])
        first = [child.tag for child in root].index("junction")
        root.insert(first, element)
        junction = next(each for each in root.iterfind("junction") if each.get("id") == str(controller.junction))
        ElementTree.SubElement(junction, "controller", id=str(number), sequence=str(turn))


def _add_validity(root: ElementTree.Element) -> None:
    """Signals name the driving lanes they speak to. Without it `carla.Map` takes those of the other direction."""
    for road in root.iterfind("road"):
        driving = [int(str(lane.get("id"))) for lane in road.iter("lane") if lane.get("type") == "driving"]
        for signal in road.iterfind("signals/signal"):
            lanes = [lane for lane in driving if (lane < 0) == (signal.get("orientation") == "+")]
            ElementTree.SubElement(signal, "validity", fromLane=str(min(lanes)), toLane=str(max(lanes)))


def _add_plain_outlines(root: ElementTree.Element) -> None:
    """Crosswalks have their outline a second time, closed and outside <outlines>: `carla.Map` reads only that one."""
    for thing in root.iterfind("road/objects/object[@type='crosswalk']"):
        outline = thing.find("outlines/outline")
        if outline is None:
            continue
        plain = copy.deepcopy(outline)
        again = ElementTree.SubElement(plain, "cornerLocal", dict(plain[0].attrib))
        again.set("id", str(len(plain) - 1))
        thing.insert([child.tag for child in thing].index("outlines"), plain)


def _add_bridges(root: ElementTree.Element, bridges: dict[int, tuple[Span, ...]]) -> None:
    """Bridges stand last among a road's objects; the drawing library does not know them."""
    identity = 0
    for number, spans in bridges.items():
        element = next(each for each in root.iterfind("road") if each.get("id") == str(number))
        objects = element.find("objects")
        if objects is None:  # the standard wants <objects> before <signals>
            objects = ElementTree.Element("objects")
            after = [index for index, child in enumerate(element) if child.tag == "lanes"][-1]
            element.insert(after + 1, objects)
        for span in spans:
            identity += 1
            ElementTree.SubElement(objects, "bridge", id=str(identity), name=span.name, s=str(span.from_m),
                                   length=str(span.length_m), type="concrete")  # fmt: skip


def xodr_text(
    name: str,
    roads: tuple["xodr.Road", ...],
    junctions: tuple["xodr.Junction", ...] = (),
    bridges: dict[int, tuple[Span, ...]] | None = None,
    controllers: tuple[Controller, ...] = (),
) -> str:
    """The finished map as OpenDRIVE text; `bridges` are by road number."""
    from scenariogeneration import xodr

    drive = xodr.OpenDrive(name, *REVISION, geo_reference=GEO_REFERENCE)
    for each in roads:
        drive.add_road(each)
    for junction in junctions:
        drive.add_junction(junction)
    root = drive.get_element()
    header = root.find("header")
    header.set("date", DRAWN_ON)
    for edge in ("north", "south", "east", "west"):
        del header.attrib[edge]  # the library writes 0 for all four, which says nothing
    for path in ("road/objects/object", "road/signals/signal"):
        for number, thing in enumerate(root.iterfind(path), start=1):
            thing.set("id", str(number))  # the library numbers them per process, not per map
            if thing.get("country") == "OPENDRIVE":
                thing.set("country", "OpenDRIVE")  # the library writes capitals, the standard's schema does not
    _add_bridges(root, bridges or {})
    _add_controllers(root, controllers)
    _add_validity(root)
    _add_plain_outlines(root)
    for element in root.iter():
        for key, text in element.attrib.items():
            if element is not header and _LONG_NUMBER.fullmatch(text):
                element.set(key, _rounded(text))
    ElementTree.indent(root, space=" ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
