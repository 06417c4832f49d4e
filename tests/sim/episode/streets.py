"""Straight streets made by hand, for maps that no file has."""

from math import cos, pi, sin

import numpy as np

from sim.road import NO_LANE, Lane, Road, RoadObject

PAVED = ((2, "sidewalk", 2.0), (1, "driving", 3.0), (-1, "driving", 3.0), (-2, "sidewalk", 2.0))
BARE = ((1, "driving", 3.0), (-1, "driving", 3.0))
SHOULDERED = ((2, "shoulder", 1.5), (1, "driving", 3.0), (-1, "driving", 3.0), (-2, "shoulder", 1.5))


def street(road_id, start, yaw_rad, length_m, profile=PAVED, z_m=0.0, junction_id=""):
    """Lanes of a straight road, level, from a start in a direction."""
    offsets, lanes = {}, []
    for side in (1, -1):
        reached_m = 0.0
        for lane_id, _, width_m in sorted(profile, key=lambda row: abs(row[0])):
            if lane_id * side > 0:
                offsets[lane_id] = side * (reached_m + 0.5 * width_m)
                reached_m += width_m
    count = max(2, int(length_m / 2.0) + 1)
    along = np.linspace(0.0, length_m, count)
    for lane_id, kind, width_m in profile:
        x = start[0] + along * cos(yaw_rad) - offsets[lane_id] * sin(yaw_rad)
        y = start[1] + along * sin(yaw_rad) + offsets[lane_id] * cos(yaw_rad)
        forward = lane_id < 0
        way = slice(None) if forward else slice(None, None, -1)
        points = np.column_stack((along, x[way], y[way], np.full(count, yaw_rad + (0.0 if forward else pi)),
                                  np.zeros(count)))  # fmt: skip
        raised_m = 0.12 if kind == "sidewalk" else 0.0
        lanes.append(
            Lane(
                road_id=road_id,
                section=0,
                lane_id=lane_id,
                kind=kind,
                forward=forward,
                width_m=width_m,
                points=points,
                heights_m=np.full(count, z_m + raised_m),
                widths_m=np.full(count, width_m),
                left=NO_LANE,
                right=NO_LANE,
                successors=(),
                stations_m=(0.0, length_m),
                junction_id=junction_id,
                road_kind="",
                marks=(),
            )  # fmt: skip
        )
    return lanes


def crosswalk(x_m, y_m, length_m, width_m, yaw_rad=0.0):
    """A crosswalk as a map names it."""
    return RoadObject(kind="crosswalk", name="crosswalk", x_m=x_m, y_m=y_m, yaw_rad=yaw_rad, length_m=length_m,
                      width_m=width_m, height_m=0.0)  # fmt: skip


def mapped(*streets, objects=(), name="hand"):
    """A map of such streets."""
    lanes = tuple(lane for lanes in streets for lane in lanes)
    return Road(name=name, digest=f"{name} {len(lanes)} {objects!r}", lanes=lanes, objects=tuple(objects))
