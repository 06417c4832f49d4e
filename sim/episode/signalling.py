"""What OpenDRIVE says about signs and lights beside where they stand: ids, lanes they speak to, controllers.

Stations are metres along a road's reference line, lanes are OpenDRIVE's numbers. A `<signal>` stands on one
road and may be referred to from others (`<signalReference>`); a `<controller>` switches lights together, and
a junction's controllers have their turns in the order of their `sequence`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree

from sim.road import Road, RoadSignal
from sim.road_features import number, prune

Element = ElementTree.Element
TYPE_SPEED_KMH: Final = {"km/h": 1.0, "mph": 1.609344, "m/s": 3.6, "": 3.6}  # OpenDRIVE: without a unit it is m/s


class Spot(NamedTuple):
    """A station of a road at which a signal speaks to some of its lanes."""

    road_id: str
    s_m: float
    lanes: frozenset[int] | None  # None: those that the orientation tells
    orientation: str  # "+", "-" or "none"


class SignalText(NamedTuple):
    """One <signal>: its id, where the baked road has it, and where it speaks to whom."""

    id: str
    signal: RoadSignal
    spots: tuple[Spot, ...]


class ControllerText(NamedTuple):
    """One <controller>; `junction_id` is "" for one that no junction names."""

    id: str
    sequence: int
    junction_id: str
    signal_ids: tuple[str, ...]


class SpeedText(NamedTuple):
    """A highest speed from a station of a road on; `lane_id` 0: on all lanes."""

    road_id: str
    s_m: float
    lane_id: int
    kmh: float


def root_of(xodr: str) -> Element:
    """The text as it was baked: without what `sim.road.bake` leaves out."""
    root = ElementTree.fromstring(xodr)
    prune(root.findall("road"))
    return root


def signals_in(root: Element, road: Road) -> tuple[SignalText, ...]:
    """Every signal that the baked road has, in the order of the text."""
    referred: dict[str, list[Spot]] = {}
    for each in root.iterfind("road"):
        for reference in each.iterfind("signals/signalReference"):
            referred.setdefault(str(reference.get("id")), []).append(_spot(each, reference))
    baked = iter(road.signals)
    made, waiting = [], next(baked, None)
    for each in root.iterfind("road"):
        for signal in each.iterfind("signals/signal"):
            if waiting is None or not _is_same(each, signal, waiting):
                continue  # left out in baking
            others = tuple(referred.get(str(signal.get("id")), ()))
            own = _spot(each, signal)
            spots = others if others and own.lanes is None else (own, *others)
            made.append(SignalText(id=str(signal.get("id", "")), signal=waiting, spots=spots))
            waiting = next(baked, None)
    return tuple(made)


def _is_same(road: Element, signal: Element, baked: RoadSignal) -> bool:
    here = (str(road.get("id")), str(signal.get("type", "-1")), str(signal.get("name", "")))
    return here == (baked.road_id, baked.kind, baked.name) and abs(number(signal, "t") - baked.offset_m) < 1e-5


def _spot(road: Element, element: Element) -> Spot:
    rows = element.findall("validity")
    lanes: frozenset[int] | None = None
    if rows:
        spans = [sorted((_whole(row, "fromLane"), _whole(row, "toLane"))) for row in rows]
        lanes = frozenset(lane for low, high in spans for lane in range(low, high + 1) if lane != 0)
    s_m = min(max(_number(element, "s"), 0.0), _number(road, "length"))
    return Spot(str(road.get("id")), s_m, lanes, str(element.get("orientation", "none")))


def controllers_in(root: Element) -> tuple[ControllerText, ...]:
    """All controllers in the order of their turns, junction by junction as the text has them."""
    junction_of: dict[str, tuple[str, int]] = {}
    for junction in root.iterfind("junction"):
        for row in junction.iterfind("controller"):
            junction_of.setdefault(str(row.get("id")), (str(junction.get("id")), _whole(row, "sequence")))
    made = []
    for order, controller in enumerate(root.iterfind("controller")):
        junction_id, sequence = junction_of.get(str(controller.get("id")), ("", _whole(controller, "sequence")))
        ids = tuple(str(row.get("signalId")) for row in controller.iterfind("control"))
        made.append((sequence, order, ControllerText(str(controller.get("id")), sequence, junction_id, ids)))
    return tuple(row for _, _, row in sorted(made, key=lambda entry: entry[:2]))


def speeds_in(root: Element) -> Iterator[SpeedText]:
    """Highest speeds that roads and lanes carry themselves."""
    for road in root.iterfind("road"):
        road_id = str(road.get("id"))
        for row in road.iterfind("type"):
            speed = row.find("speed")
            if speed is not None and (kmh := _kmh(speed)) > 0.0:
                yield SpeedText(road_id, _number(row, "s"), 0, kmh)
        for section in road.iterfind("lanes/laneSection"):
            for lane in section.iter("lane"):
                for row in lane.iterfind("speed"):
                    if (kmh := _kmh(row)) > 0.0:
                        s_m = _number(section, "s") + _number(row, "sOffset")
                        yield SpeedText(road_id, s_m, _whole(lane, "id"), kmh)


def junctions_in(root: Element) -> dict[tuple[str, bool], str]:
    """The junctions at the roads' ends: by road, and whether it is its end rather than its start."""
    found = {}
    for road in root.iterfind("road"):
        for tag, at_end in (("predecessor", False), ("successor", True)):
            link = road.find(f"link/{tag}")
            if link is not None and link.get("elementType") == "junction":
                found[str(road.get("id")), at_end] = str(link.get("elementId"))
    return found


def _kmh(speed: Element) -> float:
    return _number(speed, "max") * TYPE_SPEED_KMH.get(str(speed.get("unit", "")), 1.0)


def _number(element: Element, key: str) -> float:
    """An attribute as a number, 0 where it is none."""
    try:
        return number(element, key)
    except ValueError:
        return 0.0


def _whole(element: Element, key: str) -> int:
    return int(_number(element, key))
