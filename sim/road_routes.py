"""Routes: paths along a road's lanes, beside them and across them, and how high the ground is there.

Axes as in `sim.road_map`. A route's rows are s, x, y, yaw and curvature; its heights are those of the
lanes it follows.
"""

import math
from typing import Final

import numpy as np

from sim.layout import Route
from sim.road_map import DRIVING, NO_LANE, Array, Lane, LaneKey, Road, RoadObject, frozen, lane_keys, refusal
from stack.vocabulary import Finding, InputError

ROUTE_STEP_M: Final = 1.0
SLACK_M: Final = 0.01  # a route may overrun its road's end by this: lengths are sums of single-precision samples
TURN_RAD: Final = 0.25 * math.pi  # a way through a junction that bends by more is a turn
SAME_LAYER_M: Final = 1.5  # own: surfaces closer in height than this are one layer, below any bridge's clearance
NEAR_EDGE_M: Final = 1.0  # own: a place this far off a lane's edge may still be meant to be on it


def first_lane(road: Road, lane: LaneKey) -> Lane:
    """Where a lane begins to be driven on its road. Raises InputError with the driving lanes there are."""
    found = [candidate for candidate in road.lanes if (candidate.road_id, candidate.lane_id) == lane]
    if not found:
        known = "; ".join(
            f"road {road_id}: lanes {', '.join(str(key[1]) for key in lane_keys(road) if key[0] == road_id)}"
            for road_id in dict.fromkeys(key[0] for key in lane_keys(road))
        )
        raise refusal(f"map {road.name}", "lane", f"road {lane[0]} has no lane {lane[1]}; driving lanes: {known}")
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
    way = _way(road, start, s_m + length_m, turns)
    points = _joined(way)
    if points[-1, 0] < s_m + length_m - SLACK_M:
        problem = (f"unreachable: the road ends {points[-1, 0]:.1f} m after lane {lane[1]} of road {lane[0]} begins, "
                   f"{s_m + length_m:.1f} m are needed")  # fmt: skip
        raise refusal(f"map {road.name}", "s_m" if s_m >= points[-1, 0] else "length_m", problem)
    stations_m = np.linspace(s_m, s_m + length_m, max(2, round(length_m / ROUTE_STEP_M) + 1))
    rows = _at(points, stations_m)
    rows[:, 0] = stations_m - s_m
    heights_m = np.concatenate([way[0].heights_m, *(lane.heights_m[1:] for lane in way[1:])])
    heights_m = frozen(np.interp(stations_m, points[:, 0], heights_m))
    return Route(points=frozen(rows), lane_width_m=start.width_m, heights_m=heights_m)


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
                raise refusal(f"map {road.name}", "turns", problem)
            choices = [by_turn[turn]]
        way.append(choices[0])
        reached_m += float(choices[0].points[-1, 0])
    if left_over:
        problem = f"{', '.join(left_over)}: not reached within {needed_m:.1f} m of the lane's beginning"
        raise refusal(f"map {road.name}", "turns", problem)
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


def straight_route(
    x_m: float, y_m: float, yaw_rad: float, length_m: float, width_m: float = 1.0, *, level_m: float | None = None
) -> Route:
    """A straight path from a pose, for what moves freely (someone crossing the road); level where `level_m` is given.

    `grounded` gives it the heights of the road it crosses.
    """
    if not length_m > 0.0:
        raise refusal("straight route", "length_m", f"is {length_m}, must be above 0")
    s_m = np.linspace(0.0, length_m, max(2, round(length_m / ROUTE_STEP_M) + 1))
    rows = np.column_stack((
        s_m, x_m + s_m * math.cos(yaw_rad), y_m + s_m * math.sin(yaw_rad),
        np.full_like(s_m, yaw_rad), np.zeros_like(s_m),
    ))  # fmt: skip
    heights_m = None if level_m is None else frozen(np.full(len(s_m), level_m))
    return Route(points=frozen(rows), lane_width_m=width_m, heights_m=heights_m)


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
        raise refusal(f"map {road.name}", "lane", problem)
    return road.lanes[index].road_id, road.lanes[index].lane_id


def offset_route(route: Route, offset_m: float) -> Route:
    """The parallel path `offset_m` to the left (where a lane change goes); row i stays abeam of row i."""
    s_m, x_m, y_m, yaw_rad, curvature = route.points.T
    stretch = 1.0 - curvature * offset_m
    if float(stretch.min()) <= 0.0:
        raise refusal("route", "offset_m", f"{offset_m} m lies beyond the centre of a bend of the route")
    along_m = np.diff(s_m) * 0.5 * (stretch[1:] + stretch[:-1])
    rows = np.column_stack((
        np.concatenate(([0.0], np.cumsum(along_m))),
        x_m - offset_m * np.sin(yaw_rad), y_m + offset_m * np.cos(yaw_rad), yaw_rad, curvature / stretch,
    ))  # fmt: skip
    return Route(points=frozen(rows), lane_width_m=route.lane_width_m, heights_m=route.heights_m)


def world_point(route: Route, s_m: float, offset_m: float = 0.0) -> tuple[float, float, float]:
    """x, y and yaw of the place at a station of the route and `offset_m` to its left."""
    end_m = float(route.points[-1, 0])
    if not -1e-6 <= s_m <= end_m + 1e-6:
        raise refusal("route", "s_m", f"{s_m} m is not on the route, which runs from 0 to {end_m:.1f} m")
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


def height_at(road: Road, x_m: float, y_m: float, near_z_m: float = 0.0) -> float:
    """Elevation of the lane surface nearest to a place; where roads cross at levels, of the one nearest `near_z_m`."""
    found = [_surface_near(lane, x_m, y_m) for lane in road.lanes]
    if not found:
        return near_z_m
    gaps_m, heights_m = np.array(found).T
    close = gaps_m <= gaps_m.min() + NEAR_EDGE_M
    gaps_m, heights_m = gaps_m[close], heights_m[close]
    layer_m = heights_m[np.argmin(np.abs(heights_m - near_z_m))]
    same = np.abs(heights_m - layer_m) <= SAME_LAYER_M
    return float(heights_m[same][np.argmin(gaps_m[same])])


def _surface_near(lane: Lane, x_m: float, y_m: float) -> tuple[float, float]:
    """How far a place lies beside a lane's surface (0: on it), and the surface's height where it is nearest."""
    start, step = lane.points[:-1, 1:3], np.diff(lane.points[:, 1:3], axis=0)
    away = np.array([x_m, y_m]) - start
    u = np.clip((away * step).sum(axis=1) / (step**2).sum(axis=1), 0.0, 1.0)
    off_m = np.sqrt(((away - u[:, None] * step) ** 2).sum(axis=1))
    row = int(np.argmin(off_m))
    share = float(u[row])
    half_m, height_m = (
        float(values[row] + share * (values[row + 1] - values[row])) for values in (0.5 * lane.widths_m, lane.heights_m)
    )
    return max(0.0, float(off_m[row]) - half_m), height_m


def grounded(road: Road, route: Route, near_z_m: float = 0.0) -> Route:
    """The same path lying on the road: the heights of the surfaces it passes over, kerbs included."""
    heights_m, level_m = [], near_z_m
    for x_m, y_m in route.points[:, 1:3].tolist():
        level_m = height_at(road, x_m, y_m, level_m)
        heights_m.append(level_m)
    return Route(points=route.points, lane_width_m=route.lane_width_m, heights_m=frozen(np.array(heights_m)))
