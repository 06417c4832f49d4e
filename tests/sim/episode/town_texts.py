"""OpenDRIVE texts as users bring them: generated crossings, odd lanes, lights referred to from afar."""

import re
from functools import cache
from xml.etree import ElementTree

from scenarios.maps import FOLDER

FLAT_ROAD = """<?xml version="1.0"?>
<OpenDRIVE><header revMajor="1" revMinor="4"/>
 <road name="" length="{length}" id="{id}" junction="-1" {rule}>{type}
  <planView><geometry s="0" x="0" y="0" hdg="0" length="{length}">{shape}</geometry></planView>
  <lanes>{offset}<laneSection s="0">
   <left>{left}</left><center><lane id="0" type="none"/></center><right>{right}</right>
  </laneSection></lanes>{more}
 </road>
</OpenDRIVE>"""
LANE = '<lane id="{id}" type="{kind}"><width sOffset="0" a="3.5" b="0" c="0" d="0"/>{more}</lane>'


def one_road(
    shape: str = "<line/>", *, rule: str = "", kind: str = "", offset: str = "", more: str = "", speed: str = "",
    left: tuple[str, ...] = ("driving",), right: tuple[str, ...] = ("driving",), road_id: str = "7",
    length: float = 120.0,
) -> str:  # fmt: skip
    """A single road without a geo-reference; lanes are listed from the reference line outwards."""
    lefts = "".join(LANE.format(id=k + 1, kind=one, more=speed) for k, one in reversed(list(enumerate(left))))
    rights = "".join(LANE.format(id=-k - 1, kind=one, more=speed) for k, one in enumerate(right))
    return FLAT_ROAD.format(id=road_id, length=length, rule=rule, type=kind, shape=shape, offset=offset, left=lefts,
                            right=rights, more=more)  # fmt: skip


@cache
def crossing(lights: bool = True) -> str:
    """Four roads of two lanes each way at a junction, as scenariogeneration makes it; lights without controllers."""
    from scenariogeneration import xodr

    roads = [xodr.create_road([xodr.Line(100)], number, left_lanes=2, right_lanes=2) for number in range(1, 5)]
    creator = xodr.CommonJunctionCreator(id=1000, name="crossing")
    for number, road in enumerate(roads):
        creator.add_incoming_road_circular_geometry(road, 20.0, number * 1.5707963267948966, "successor")
        if lights:
            road.add_signal(
                xodr.Signal(95.0, -8.0, "OpenDRIVE", "1000001", name=f"light_{number}", dynamic=xodr.Dynamic.yes,
                            zOffset=5.0, orientation=xodr.Orientation.positive)
            )  # fmt: skip
    for first in range(1, 5):
        for second in range(1, 5):
            for lane in (1, 2) if first != second else ():
                creator.add_connection(first, second, -lane, lane)
    drive = xodr.OpenDrive("crossing")
    for road in roads:
        drive.add_road(road)
    drive.add_junction_creator(creator)
    drive.adjust_roads_and_lanes()
    return ElementTree.tostring(drive.get_element(), encoding="unicode")


@cache
def urban_text() -> str:
    """Our own grid of streets."""
    return (FOLDER / "urban.xodr").read_text(encoding="utf-8")


@cache
def referred_lights() -> str:
    """The grid with its lights on the ways through the junctions, and referred to from there, as drawing tools do."""
    root = ElementTree.fromstring(urban_text())
    ways: dict[tuple[str, str], list[ElementTree.Element]] = {}
    for road in root.iterfind("road"):
        before = road.find("link/predecessor")
        if road.get("junction") != "-1" and before is not None:
            ways.setdefault((str(before.get("elementId")), str(before.get("contactPoint"))), []).append(road)
    for road in root.iterfind("road"):
        holder = road.find("signals")
        inside = road.get("junction") != "-1"
        for signal in [] if holder is None or inside else holder.findall("signal[@type='1000001']"):
            holder.remove(signal)
            contact = "end" if signal.get("orientation") == "+" else "start"
            through = ways[str(road.get("id")), contact]
            validity = signal.find("validity")
            validity.set("fromLane", "0")
            validity.set("toLane", "0")
            signal.set("s", "0.5")
            signal.set("t", "-4.5")
            signal.set("orientation", "+")
            _signals(through[0]).append(signal)
            for way in through:
                reference = ElementTree.SubElement(_signals(way), "signalReference", id=str(signal.get("id")), s="0.5",
                                                   t="-4.5", orientation="+")  # fmt: skip
                ElementTree.SubElement(reference, "validity", fromLane="-1", toLane="-1")
    return ElementTree.tostring(root, encoding="unicode")


def _signals(road: ElementTree.Element) -> ElementTree.Element:
    holder = road.find("signals")
    return ElementTree.SubElement(road, "signals") if holder is None else holder


def without_controllers(xodr: str) -> str:
    """The same map with nobody to switch its lights together."""
    return re.sub(r"<controller\b[^>]*/>|<controller\b.*?</controller>", "", xodr, flags=re.S)
