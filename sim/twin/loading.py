"""From a layout to the twin's arrays: checks first, all findings at once, then rows and columns.

Units and frames as in `sim.layout`; nothing here moves.
"""

from hashlib import blake2b
from math import hypot, isfinite

import numpy as np
from numpy.typing import NDArray

from sim import truth
from sim.layout import ActorPlan, AtTime, Behaviour, GapBelow, Layout, ReactiveDriver, Route, SetSpeed, VehicleModel
from sim.randomness import entity_id
from sim.truth import Roster
from sim.twin import arrays as a
from sim.twin.path_follower import SPEEDS_MPS, steering_gains
from sim.twin.roads import baked, nearest_point, route_at
from sim.twin.steering import ROLLING_DRAG_MPS2
from stack.vocabulary import Finding, InputError

_BEHAVIOURS = {
    Behaviour.STATIC: a.STATIC,
    Behaviour.SCRIPTED: a.SCRIPTED,
    Behaviour.REACTIVE: a.REACTIVE,
    Behaviour.EGO: a.EGO_DRIVEN,
}
_AT_REST_MPS = 1e-9


def roster_of(layout: Layout) -> Roster:
    """Who takes part, in the layout's order."""
    actors = layout.actors

    def column(values: list[float]) -> NDArray[np.float64]:
        return _read_only(np.array(values, dtype=np.float64))

    entities = np.array([entity_id(plan.name) for plan in actors], dtype=np.uint32)
    entities.setflags(write=False)
    return Roster(
        names=tuple(plan.name for plan in actors),
        kinds=tuple(plan.kind for plan in actors),
        entities=entities,
        size_m=_read_only(np.array([plan.size_m for plan in actors], dtype=np.float64).reshape(-1, 3)),
        clearance_m=column([plan.clearance_m for plan in actors]),
        mass_kg=column([plan.vehicle.mass_kg if plan.vehicle is not None else plan.mass_kg for plan in actors]),
    )


def arrays_of(layout: Layout) -> a.Arrays:
    """The arrays of a checked layout at the start of a run."""
    check(layout)
    actors, count = layout.actors, len(layout.actors)
    routes, numbers = _routes(layout)
    road = np.concatenate([baked(route.points) for route in routes])
    roads = np.zeros((len(routes), 3), dtype=np.int64)
    roads[:, 1] = [len(route.points) for route in routes]
    roads[1:, 0] = np.cumsum(roads[:-1, 1])
    script, script_key = _script(layout)
    vehicles = list(dict.fromkeys(plan.vehicle for plan in actors if plan.vehicle is not None))
    w = a.Arrays(
        body=np.zeros((count, a.BODY_COLUMNS)),
        kind=np.full((count, a.KIND_COLUMNS), -1, dtype=np.int64),
        road=road,
        roads=roads,
        script=script,
        gain_speeds=np.array(SPEEDS_MPS),
        gains=np.stack([steering_gains(vehicle) for vehicle in vehicles]),
        state=np.zeros((count, truth.COLUMNS)),
        held=np.zeros((count, a.HELD_COLUMNS)),
        mode=np.zeros((count, a.MODE_COLUMNS), dtype=np.int64),
        seen=np.zeros((len(routes), count, a.SEEN_COLUMNS)),
        seen_near=np.full((len(routes), count), -1, dtype=np.int64),
        script_key=script_key,
        pedals=np.zeros(a.PEDAL_COLUMNS),
        queue=np.zeros((a.QUEUE_ROWS, 2)),
        queue_key=np.zeros((a.QUEUE_ROWS, 2), dtype=np.int64),
        clock=np.zeros(a.CLOCK_COLUMNS, dtype=np.int64),
        nodes=np.zeros((a.NODE_ROWS, a.NODE_COLUMNS)),
        nodes_at=np.zeros(a.NODE_ROWS, dtype=np.int64),
        before=np.zeros((count, a.NODE_COLUMNS)),
        events=np.zeros((count + len(script) + a.QUEUE_ROWS + 8, a.EVENT_COLUMNS)),
        events_key=np.zeros((count + len(script) + a.QUEUE_ROWS + 8, a.EVENT_KEYS), dtype=np.int64),
    )
    for row, plan in enumerate(actors):
        _fill_hull(w, row, plan)
        _fill_kind(w, row, plan, numbers)
        if plan.vehicle is not None:
            _fill_vehicle(w, row, plan.vehicle, layout.conditions.friction_ratio)
            w.kind[row, a.STEERING] = vehicles.index(plan.vehicle)
        _fill_driver(w, row, plan)
        _fill_start(w, row, plan)
    w.kind[:, a.IN_TURN] = sorted(range(count), key=lambda row: (entity_id(actors[row].name), actors[row].name))
    w.pedals[a.HOLD_SPEED] = actors[0].speed_mps
    return w


def check(layout: Layout) -> None:
    """Refuse what cannot be played."""
    problems: list[tuple[str, str, str]] = []
    names = [plan.name for plan in layout.actors]
    if not names:
        raise InputError((Finding(where=layout.map_name, field="actors", problem="there must be an ego"),))
    if not 0.0 < layout.conditions.friction_ratio <= 2.0:
        problems.append(("conditions", "friction_ratio", "must be above 0 and at most 2"))
    for row, plan in enumerate(layout.actors):
        for field, problem in _plan_problems(plan, row, names):
            problems.append((f"actors[{row}] {plan.name}", field, problem))
    if problems:
        where = layout.map_name
        raise InputError(
            tuple(Finding(where=where, field=f"{actor}.{field}", problem=text) for actor, field, text in problems)
        )


def _plan_problems(plan: ActorPlan, row: int, names: list[str]) -> list[tuple[str, str]]:
    """What is wrong with one actor: (field, problem)."""
    found: list[tuple[str, str]] = []
    numbers = (*plan.size_m, plan.mass_kg, plan.s_m, plan.offset_m, plan.yaw_offset_rad, plan.clearance_m)
    if not all(isfinite(value) for value in (*numbers, plan.speed_mps)):
        found.append(("*", "every number must be finite"))
    if min(*plan.size_m, plan.mass_kg) <= 0.0:
        found.append(("size_m, mass_kg", "must be above 0"))
    if plan.speed_mps < 0.0 or plan.clearance_m < 0.0:
        found.append(("speed_mps, clearance_m", "must not be negative"))
    if names.count(plan.name) > 1:
        found.append(("name", "is not unique"))
    if (plan.behaviour is Behaviour.EGO) != (row == 0):
        found.append(("behaviour", "the first actor, and no other, is the ego"))
    driven = plan.behaviour in {Behaviour.EGO, Behaviour.REACTIVE}
    if driven and plan.vehicle is None:
        found.append(("vehicle", "an ego or reactive actor needs a vehicle"))
    if plan.behaviour is not Behaviour.STATIC and plan.yaw_offset_rad != 0.0:
        found.append(("yaw_offset_rad", "only a static actor can be turned"))
    if plan.behaviour is Behaviour.STATIC and plan.speed_mps != 0.0:
        found.append(("speed_mps", "a static actor does not move"))
    for route in (plan.route, plan.left_lane, plan.right_lane):
        if route is not None:
            found.extend(_route_problems(route))
    if plan.manoeuvres and plan.behaviour is not Behaviour.SCRIPTED:
        found.append(("manoeuvres", "only a scripted actor has manoeuvres"))
    for index, manoeuvre in enumerate(plan.manoeuvres):
        trigger, action = manoeuvre.trigger, manoeuvre.action
        rate = action.rate_mps2 if isinstance(action, SetSpeed) else action.lateral_mps
        if not (isfinite(rate) and rate > 0.0):
            found.append((f"manoeuvres[{index}].action", "its rate must be above 0"))
        if isinstance(action, SetSpeed) and action.speed_mps < 0.0:
            found.append((f"manoeuvres[{index}].action.speed_mps", "must not be negative"))
        if isinstance(trigger, AtTime):
            if trigger.at < 0:
                found.append((f"manoeuvres[{index}].trigger.at", "must not be negative"))
        elif trigger.other not in names or trigger.other == plan.name:
            found.append((f"manoeuvres[{index}].trigger.other", f"no other actor is called {trigger.other!r}"))
    return found


def _route_problems(route: Route) -> list[tuple[str, str]]:
    points = route.points
    if points.ndim != 2 or points.shape[1] != 5 or len(points) < 2:
        return [("route", "needs at least two points of s, x, y, yaw, curvature")]
    if not bool(np.all(np.isfinite(points))):
        return [("route", "every number must be finite")]
    if not bool(np.all(np.diff(points[:, 0]) > 0.0)):
        return [("route", "s must rise from point to point")]
    return []


def _routes(layout: Layout) -> tuple[list[Route], dict[bytes, int]]:
    """The different routes of a layout in order of first use, and each one's number by content."""
    routes: list[Route] = []
    numbers: dict[bytes, int] = {}
    for plan in layout.actors:
        for route in (plan.route, plan.left_lane, plan.right_lane):
            if route is not None and _route_key(route) not in numbers:
                numbers[_route_key(route)] = len(routes)
                routes.append(route)
    return routes, numbers


def _route_key(route: Route) -> bytes:
    return blake2b(np.ascontiguousarray(route.points).tobytes(), digest_size=16).digest()


def _script(layout: Layout) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    names = [plan.name for plan in layout.actors]
    values: list[tuple[float, float, float]] = []
    keys: list[tuple[int, int, int, int, int, int]] = []
    for row, plan in enumerate(layout.actors):
        for manoeuvre in plan.manoeuvres:
            trigger, action = manoeuvre.trigger, manoeuvre.action
            kind, other, at, limit = a.AT_TIME, 0, 0, 0.0
            if isinstance(trigger, AtTime):
                at = int(trigger.at)
            elif isinstance(trigger, GapBelow):
                kind, other, limit = a.GAP_BELOW, names.index(trigger.other), trigger.gap_m
            else:
                kind, other, limit = a.TTC_BELOW, names.index(trigger.other), trigger.ttc_s
            if isinstance(action, SetSpeed):
                values.append((limit, action.speed_mps, action.rate_mps2))
                keys.append((row, kind, other, at, a.SET_SPEED, 0))
            else:
                values.append((limit, action.offset_m, action.lateral_mps))
                keys.append((row, kind, other, at, a.SET_OFFSET, 0))
    return np.array(values, dtype=np.float64).reshape(-1, 3), np.array(keys, dtype=np.int64).reshape(-1, 6)


def _fill_hull(w: a.Arrays, row: int, plan: ActorPlan) -> None:
    length_m, width_m, height_m = plan.size_m
    body = w.body[row]
    body[a.LENGTH], body[a.WIDTH] = length_m, width_m
    body[a.BOTTOM], body[a.TOP] = plan.clearance_m, plan.clearance_m + height_m
    body[a.MASS], body[a.RADIUS] = plan.mass_kg, 0.5 * hypot(length_m, width_m)


def _fill_kind(w: a.Arrays, row: int, plan: ActorPlan, numbers: dict[bytes, int]) -> None:
    kind = w.kind[row]
    kind[a.BEHAVIOUR] = _BEHAVIOURS[plan.behaviour]
    kind[a.OWN_ROUTE] = numbers[_route_key(plan.route)]
    kind[a.STAGGER] = entity_id(plan.name) % 997
    kind[a.CHANGES_LANES] = int(plan.reactive is not None and plan.reactive.changes_lanes)
    kind[a.DEAD_TIME] = plan.vehicle.brake_dead_time_ns if plan.vehicle is not None else 0
    if plan.left_lane is not None:
        kind[a.LEFT_ROUTE] = numbers[_route_key(plan.left_lane)]
    if plan.right_lane is not None:
        kind[a.RIGHT_ROUTE] = numbers[_route_key(plan.right_lane)]
    if plan.behaviour is Behaviour.REACTIVE:
        for number in (kind[a.OWN_ROUTE], kind[a.LEFT_ROUTE], kind[a.RIGHT_ROUTE]):
            if number >= 0:
                w.roads[number, 2] = 1


def _fill_vehicle(w: a.Arrays, row: int, vehicle: VehicleModel, friction_ratio: float) -> None:
    body = w.body[row]
    rear_arm_m = vehicle.wheelbase_m - vehicle.front_axle_to_cg_m
    cg_from_rear_m = vehicle.rear_overhang_m + rear_arm_m
    body[a.MASS] = vehicle.mass_kg
    body[a.WHEELBASE], body[a.FRONT_ARM] = vehicle.wheelbase_m, vehicle.front_axle_to_cg_m
    body[a.CG_AHEAD] = cg_from_rear_m - 0.5 * vehicle.length_m
    body[a.YAW_INERTIA] = vehicle.yaw_inertia_kgm2
    body[a.CORNERING_FRONT], body[a.CORNERING_REAR] = vehicle.cornering_front_npr, vehicle.cornering_rear_npr
    body[a.FRICTION] = friction_ratio * vehicle.tyre_friction_ratio
    body[a.STEER_MAX], body[a.STEER_RATE] = vehicle.steer_max_rad, vehicle.steer_rate_max_radps
    body[a.STEER_LAG] = vehicle.steer_lag_s
    slack = rear_arm_m / vehicle.cornering_front_npr - vehicle.front_axle_to_cg_m / vehicle.cornering_rear_npr
    body[a.UNDERSTEER] = vehicle.mass_kg / vehicle.wheelbase_m * slack
    body[a.DRIVE_MAX], body[a.DRIVE_LAG] = vehicle.drive_max_mps2, vehicle.drive_lag_s
    body[a.BRAKE_MAX], body[a.BRAKE_LAG] = vehicle.brake_max_mps2, vehicle.brake_lag_s
    body[a.SPEED_LIMIT] = vehicle.speed_limit_mps


def _fill_driver(w: a.Arrays, row: int, plan: ActorPlan) -> None:
    driver = plan.reactive or ReactiveDriver(desired_speed_mps=max(plan.speed_mps, 1.0))
    body = w.body[row]
    body[a.WANTED_SPEED] = driver.desired_speed_mps
    body[a.TIME_GAP], body[a.STANDSTILL_GAP] = driver.time_gap_s, driver.standstill_gap_m
    body[a.COMFORT_ACCELERATION] = driver.acceleration_mps2
    body[a.COMFORT_BRAKING] = driver.comfortable_deceleration_mps2


def _fill_start(w: a.Arrays, row: int, plan: ActorPlan) -> None:
    """Pose, speed and steady motion at the start."""
    route = int(w.kind[row, a.OWN_ROUTE])
    first, count = int(w.roads[route, 0]), int(w.roads[route, 1])
    x_m, y_m, yaw_rad, curvature, near = route_at(w.road, first, count, plan.s_m, first)
    if not w.road[first, 0] <= plan.s_m <= w.road[first + count - 1, 0]:
        near = int(nearest_point(w.road, first, count, x_m, y_m))
    state, held, mode = w.state[row], w.held[row], w.mode[row]
    mode[a.ROUTE], mode[a.NEAR] = route, near
    state[truth.X] = x_m - plan.offset_m * np.sin(yaw_rad)
    state[truth.Y] = y_m + plan.offset_m * np.cos(yaw_rad)
    state[truth.YAW] = yaw_rad + plan.yaw_offset_rad
    state[truth.PATH_S], state[truth.PATH_OFFSET] = plan.s_m, plan.offset_m
    state[truth.PATH_CURVATURE] = curvature
    state[truth.SPEED] = plan.speed_mps
    held[a.SCRIPT_SPEED], held[a.SCRIPT_RATE] = plan.speed_mps, 1.0
    held[a.SCRIPT_OFFSET], held[a.SCRIPT_LATERAL] = plan.offset_m, 1.0
    if plan.behaviour is Behaviour.SCRIPTED:
        stretch = 1.0 - curvature * plan.offset_m
        state[truth.SPEED] = plan.speed_mps * stretch
        state[truth.YAW_RATE] = plan.speed_mps * curvature
    elif plan.behaviour is not Behaviour.STATIC and plan.speed_mps > _AT_REST_MPS:
        _fill_steady_turn(w, row, curvature / (1.0 - curvature * plan.offset_m))


def _fill_steady_turn(w: a.Arrays, row: int, curvature: float) -> None:
    """A driven vehicle starts in the steady state of the bend it is in (linear tyres), drive against drag."""
    state, body, held = w.state[row], w.body[row], w.held[row]
    v = float(state[truth.SPEED])
    front_m = float(body[a.FRONT_ARM])
    rear_m = float(body[a.WHEELBASE]) - front_m
    r = v * curvature
    slip_rear = body[a.MASS] * v * r * front_m / (body[a.WHEELBASE] * body[a.CORNERING_REAR])
    aside_mps = r * rear_m - v * slip_rear
    steer = curvature * (body[a.WHEELBASE] + body[a.UNDERSTEER] * v * v)
    state[truth.YAW_RATE] = r
    state[truth.LATERAL_SPEED] = aside_mps - body[a.CG_AHEAD] * r
    state[truth.YAW] -= state[truth.LATERAL_SPEED] / v
    state[truth.STEER] = held[a.STEER_TARGET] = steer
    state[truth.DRIVE] = held[a.DRIVE_TARGET] = ROLLING_DRAG_MPS2


def _read_only(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values.setflags(write=False)
    return values
