"""The outer edges of roads, along which things stand: one line per road and side, in its direction of travel.

World frame, metres, radians. `offset` from an edge is positive away from the road.
"""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from sim.road_map import SIDEWALK, Lane, Road
from sim.scenery.clearance import is_driven

Array = NDArray[np.float64]

TOWN, RURAL, MOTORWAY = "town", "rural", "motorway"
# OpenDRIVE's words for kinds of road (ASAM OpenDRIVE 1.7, e_roadType), by what surrounds them.
SURROUNDINGS = {
    "motorway": MOTORWAY, "townExpressway": MOTORWAY, "town": TOWN, "lowSpeed": TOWN, "pedestrian": TOWN,
    "townArterial": TOWN, "townPrivate": TOWN, "townCollector": TOWN, "townLocal": TOWN, "townPlayStreet": TOWN,
    "rural": RURAL, "bicycle": RURAL,
}  # fmt: skip
WIDE_SHOULDER_M = 2.0  # own: a shoulder from here on is a motorway's, where the map does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place beside an edge: where, the edge's direction there, which way leads away, and the edge's height."""

    x_m: float
    y_m: float
    z_m: float
    along_rad: float
    outward_rad: float
    curvature_radpm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edge:
    """One outer edge. `driven_m` is how far inside it the nearest driven lane ends."""

    road_id: str
    surroundings: str
    in_junction: bool
    outward: float  # +1: away from the road is to the left, -1: to the right
    driven_m: float
    s_m: Array
    x_m: Array
    y_m: Array
    z_m: Array
    yaw_rad: Array
    curvature_radpm: Array

    @property
    def length_m(self) -> float:
        """From end to end."""
        return float(self.s_m[-1])

    def place(self, s_m: float, offset_m: float) -> Place:
        """The place at a station and an offset away from the road."""
        x, y, z, yaw, bend = (
            float(np.interp(s_m, self.s_m, column))
            for column in (self.x_m, self.y_m, self.z_m, self.yaw_rad, self.curvature_radpm)
        )
        outward = yaw + 0.5 * pi * self.outward
        return Place(x_m=x + offset_m * cos(outward), y_m=y + offset_m * sin(outward), z_m=z, along_rad=yaw,
                     outward_rad=outward, curvature_radpm=bend)  # fmt: skip


def edges_of(road: Road) -> tuple[Edge, ...]:
    """All outer edges of a map, in the order of its roads."""
    groups: dict[tuple[str, bool], dict[int, list[Lane]]] = {}
    for lane in road.lanes:
        groups.setdefault((lane.road_id, lane.lane_id < 0), {}).setdefault(lane.section, []).append(lane)
    return tuple(_edge(road, sections) for sections in groups.values())


def _edge(road: Road, sections: dict[int, list[Lane]]) -> Edge:
    outer = [max(lanes, key=lambda lane: abs(lane.lane_id)) for _, lanes in sorted(sections.items())]
    first = outer[0]
    if not first.forward:
        outer.reverse()
    outward = -1.0 if (first.lane_id < 0) == first.forward else 1.0
    lines = []
    for lane in outer:
        away = outward * 0.5 * lane.widths_m
        yaw = lane.points[:, 3]
        lines.append(np.column_stack((lane.points[:, 1] - away * np.sin(yaw), lane.points[:, 2] + away * np.cos(yaw),
                                      lane.heights_m, yaw, lane.points[:, 4])))  # fmt: skip
    rows = np.concatenate(lines)
    rows[:, 3] = np.unwrap(rows[:, 3])
    steps = np.hypot(np.diff(rows[:, 0]), np.diff(rows[:, 1]))
    kept = np.concatenate(([True], steps > 0.05))
    rows = rows[kept]
    s_m = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(rows[:, 0]), np.diff(rows[:, 1])))))
    return Edge(
        road_id=first.road_id, surroundings=_surroundings(road, first.road_id), in_junction=first.junction_id != "",
        outward=outward, driven_m=_driven_m(outer[len(outer) // 2], sections), s_m=s_m, x_m=rows[:, 0], y_m=rows[:, 1],
        z_m=rows[:, 2], yaw_rad=rows[:, 3], curvature_radpm=rows[:, 4],
    )  # fmt: skip


def _driven_m(outermost: Lane, sections: dict[int, list[Lane]]) -> float:
    """Width of what lies between the outermost driven lane and the edge."""
    width_m = 0.0
    for lane in sorted(sections[outermost.section], key=lambda lane: -abs(lane.lane_id)):
        if is_driven(lane.kind):
            break
        width_m += float(lane.widths_m.max())
    return width_m


def _surroundings(road: Road, road_id: str) -> str:
    """What stands along a road, from its kind or, where the map does not say, from its lanes."""
    lanes = [lane for lane in road.lanes if lane.road_id == road_id]
    if lanes[0].road_kind in SURROUNDINGS:
        return SURROUNDINGS[lanes[0].road_kind]
    if any(lane.kind == SIDEWALK for lane in lanes):
        return TOWN
    wide = any(lane.kind == "shoulder" and lane.width_m >= WIDE_SHOULDER_M for lane in lanes)
    return MOTORWAY if wide else RURAL
