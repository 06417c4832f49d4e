"""From a scenario to a layout: who stands where on the map.

World frame, metres, radians, SI. The ego drives a route along its lane; what is placed ahead, behind
or beside it shares that route, or the parallel one of the next lane, so that gaps are exact along
bends. Whoever crosses walks a straight line at a right angle to the ego's path. What does not fit the
map is a problem at the key that asked for it; everything is looked at before anything is refused.
"""

from dataclasses import replace
from math import pi

from scenarios.boxes import Box
from scenarios.documents import Loc, Problem, nearest
from scenarios.scenario_files import EGO_NAME, run_up_m, walking_time_s
from scenarios.specification import (
    MPS_PER_KMH,
    Actor,
    AheadOfEgo,
    BehindEgo,
    BesideCrossing,
    Crossing,
    EndsAt,
    ManoeuvreRow,
    RoadObjects,
    Rows,
    ScenarioFile,
)
from sim.layout import (
    ActorPlan,
    AtTime,
    Behaviour,
    GapBelow,
    Layout,
    Manoeuvre,
    ReactiveDriver,
    Route,
    SetOffset,
    SetSpeed,
    TimeToCollisionBelow,
    Trigger,
)
from sim.road import (
    LaneKey,
    Road,
    left_of,
    objects_along,
    offset_route,
    right_of,
    route_from,
    route_point,
    straight_route,
    world_point,
)
from sim.truth import ActorKind
from sim.twin.hulls import Hull, actor_hull, hull_of
from sim.twin.vehicles import vehicle_file, vehicle_names
from stack.vocabulary import InputError, ns_from_s, wrapped_rad

ROOM_BEHIND_M = 150.0  # of the lane behind the ego, as far as there is one
ROOM_AHEAD_M = 20.0  # of the lane beyond the farthest thing placed or driven to
VIEW_AHEAD_M = 150.0  # road objects stand this far ahead of wherever the ego may get to
WALK_BEFORE_M = 2.0  # of a crossing actor's line before its start
WALK_BEYOND_M = 40.0  # and beyond the ego's path
HALT_OVER_M = 0.5  # a walker stops within this

# What moves a reactive actor of a kind, and how loaded (as `sim.twin.hulls` has it).
REACTIVE_VEHICLES = {
    ActorKind.CAR: ("car_m1", 0.0),
    ActorKind.VAN: ("van_n1", 0.5),
    ActorKind.TRUCK: ("truck_n3_rigid", 1.0),
    ActorKind.BUS: ("bus_m3", 0.5),
}
CATEGORY_KINDS = {
    "M1": ActorKind.CAR, "M2": ActorKind.BUS, "M3": ActorKind.BUS,
    "N1": ActorKind.VAN, "N2": ActorKind.TRUCK, "N3": ActorKind.TRUCK,
}  # fmt: skip


def place(
    spec: ScenarioFile, road: Road, *, seed: int, rows: tuple[int, ...] | None = None
) -> tuple[Layout | None, list[Problem]]:
    """The layout of a scenario on its road, or None, and every problem of its places.

    `rows` gives each actor's index in the file where `spec` holds only some of them.
    """
    if spec.ego.vehicle not in vehicle_names():
        text = f"no vehicle '{spec.ego.vehicle}'{nearest(spec.ego.vehicle, vehicle_names())}"
        return None, [Problem(("ego", "vehicle"), text)]
    placing = _Placing(spec, road, tuple(range(len(spec.actors))) if rows is None else rows)
    layout = placing.layout(seed)
    return (None if placing.problems else layout), placing.problems


class _Placing:
    """One scenario on one road; problems gather while it is laid out."""

    def __init__(self, spec: ScenarioFile, road: Road, rows: tuple[int, ...]) -> None:
        self.spec = spec
        self.road = road
        self.vehicle_file = vehicle_file(spec.ego.vehicle)
        self.vehicle = self.vehicle_file.at_load(spec.ego.load_ratio)
        self.rows = rows
        self.problems: list[Problem] = []
        self.lane: LaneKey = (str(spec.ego.lane.road), spec.ego.lane.lane)
        self.behind_m = min(spec.ego.lane.s_m, ROOM_BEHIND_M)
        self.front_m = self.behind_m + 0.5 * self.vehicle.length_m  # the ego's front edge on its route
        self.meetings: dict[str, float] = {}  # where, on the ego's route, each crossing actor crosses

    def layout(self, seed: int) -> Layout | None:
        """Everyone placed; None if the ego itself has no road."""
        if self.spec.ego.speed_mps > self.vehicle.speed_limit_mps + 1e-9:
            limit_kmh = self.vehicle.speed_limit_mps / MPS_PER_KMH
            self._refuse(("ego", "speed_kmh"), f"{self.vehicle.name} is limited to {limit_kmh:g} km/h")
        route = self._ego_route()
        if route is None:
            return None
        self.route = route
        actors = [(None, self._ego())]
        ordered = sorted(zip(self.rows, self.spec.actors, strict=True), key=lambda item: _needs_others(item[1]))
        placed: dict[int, list[ActorPlan]] = {}
        for row, actor in ordered:
            placed[row] = self._guarded(row, actor)
        plans = [(row, plan) for row in self.rows for plan in placed[row]]
        self._refuse_overlaps([*actors, *plans])
        return Layout(
            map_name=self.spec.map,
            conditions=self.spec.conditions.conditions(),
            actors=(actors[0][1], *(plan for _, plan in plans)),
            seed=seed,
        )

    def _refuse(self, loc: Loc, text: str) -> None:
        self.problems.append(Problem(loc, text))

    def _ego_route(self) -> Route | None:
        """The ego's lane from behind it to as far as it may drive or as something is placed."""
        start = self.spec.ego.lane
        driven_m = self.spec.ego.speed_mps * self._driven_s()
        placed_m = max((self._reach_m(actor) for actor in self.spec.actors), default=0.0)
        ahead_m = max(driven_m, placed_m) + 0.5 * self.vehicle.length_m + ROOM_AHEAD_M
        try:
            return route_from(self.road, self.lane, start.s_m - self.behind_m, self.behind_m + ahead_m)
        except InputError as error:
            for finding in error.findings:
                key = "lane" if finding.field == "lane" else "s_m"
                self._refuse(("ego", "lane", key), finding.problem)
            return None

    def _driven_s(self) -> float:
        """How long the run may last."""
        ends = self.spec.ends
        return ends.at_s if isinstance(ends, EndsAt) else self.spec.limit_s

    def _reach_m(self, actor: Actor) -> float:
        """How far ahead of the ego's front an actor is placed, its own length and a little included."""
        placement = actor.placement
        if isinstance(placement, AheadOfEgo):
            fastest_mps = max(actor.speed_mps, (actor.desired_speed_kmh or 0.0) * MPS_PER_KMH)
            driven_m = 0.0 if actor.moves is Behaviour.STATIC else fastest_mps * self._driven_s()
            return self._gap_m(placement, actor.speed_mps) + _hull(actor).size_m[0] + driven_m
        if isinstance(placement, Crossing):
            return self.spec.ego.speed_mps * placement.meets_ego_after_s + _hull(actor).size_m[1]
        if isinstance(placement, Rows):
            return placement.first_gap_m + placement.count * max(placement.spacing_m, _hull(actor).size_m[0])
        return self.spec.ego.speed_mps * self._driven_s() + VIEW_AHEAD_M if isinstance(placement, RoadObjects) else 0.0

    def _ego(self) -> ActorPlan:
        hull = hull_of(self.vehicle_file, self.spec.ego.load_ratio)
        category = self.vehicle_file.category
        return ActorPlan(
            name=EGO_NAME,
            kind=next(kind for start, kind in CATEGORY_KINDS.items() if category.startswith(start)),
            size_m=hull.size_m,
            clearance_m=hull.clearance_m,
            mass_kg=hull.mass_kg,
            route=self.route,
            s_m=self.behind_m,
            offset_m=self.spec.ego.offset_m,
            speed_mps=self.spec.ego.speed_mps,
            behaviour=Behaviour.EGO,
            vehicle=self.vehicle,
        )

    def _guarded(self, row: int, actor: Actor) -> list[ActorPlan]:
        """The plans of one row of the file; what the road refuses becomes a problem of its placement."""
        try:
            return self._plans(row, actor)
        except InputError as error:
            for finding in error.findings:
                self._refuse(("actors", row, "placement"), finding.problem)
            return []

    def _plans(self, row: int, actor: Actor) -> list[ActorPlan]:
        placement = actor.placement
        if isinstance(placement, Crossing):
            return [self._crossing(actor, placement)]
        if isinstance(placement, RoadObjects):
            return self._road_objects(row, actor, placement)
        if isinstance(placement, Rows):
            return self._parked(actor, placement)
        if isinstance(placement, BesideCrossing):
            return [self._beside_crossing(actor, placement)]
        return [self._in_lane(row, actor, placement)]

    def _in_lane(self, row: int, actor: Actor, placement: AheadOfEgo | BehindEgo) -> ActorPlan:
        """Someone ahead of or behind the ego, by the free distance between the outlines."""
        hull = _hull(actor)
        if isinstance(placement, AheadOfEgo):
            s_m = self.front_m + self._gap_m(placement, actor.speed_mps) + 0.5 * hull.size_m[0]
        else:
            s_m = self.front_m - self.vehicle.length_m - placement.gap_m - 0.5 * hull.size_m[0]
        if s_m - 0.5 * hull.size_m[0] < 0.0:
            self._refuse(("actors", row, "placement", "gap_m"), "unreachable: the lane begins closer behind the ego")
        route = self._lane_route(placement.lane)
        if route is not self.route:
            s_m = route_point(route, *world_point(self.route, max(s_m, 0.0))[:2])[0]
        against = isinstance(placement, AheadOfEgo) and placement.faces == "against"
        plan = self._plan(actor, actor.name, route, s_m, placement.offset_m)
        plan = replace(plan, yaw_offset_rad=pi if against else 0.0)
        return self._reacting(actor, plan, placement.lane) if actor.moves is Behaviour.REACTIVE else plan

    def _lane_route(self, lane: str) -> Route:
        """The ego's route, or the parallel one of the next lane in the same direction."""
        if lane == "same":
            return self.route
        neighbour = left_of(self.road, self.lane) if lane == "left" else right_of(self.road, self.lane)
        widths_m = [next(each.width_m for each in self.road.lanes if (each.road_id, each.lane_id) == key)
                    for key in (self.lane, neighbour)]  # fmt: skip
        apart_m = 0.5 * sum(widths_m)
        return offset_route(self.route, apart_m if lane == "left" else -apart_m)

    def _gap_m(self, placement: AheadOfEgo, actor_mps: float) -> float:
        ego_mps = self.spec.ego.speed_mps
        if placement.gap_m is not None:
            return placement.gap_m
        if placement.headway_s is not None:
            return placement.headway_s * ego_mps
        return max(0.0, (placement.ttc_s or 0.0) * (ego_mps - actor_mps))

    def _crossing(self, actor: Actor, placement: Crossing) -> ActorPlan:
        """Someone who walks at a right angle to the ego's path, timed to the unbraked ego's front edge."""
        meeting_m = self.front_m + self.spec.ego.speed_mps * placement.meets_ego_after_s
        self.meetings[actor.name] = meeting_m
        side = 1.0 if placement.from_side == "left" else -1.0
        start_offset_m = self.spec.ego.offset_m + side * (placement.distance_m + WALK_BEFORE_M)
        x_m, y_m, yaw_rad = world_point(self.route, meeting_m, start_offset_m)
        length_m = WALK_BEFORE_M + placement.distance_m + WALK_BEYOND_M
        line = straight_route(x_m, y_m, wrapped_rad(yaw_rad - side * 0.5 * pi), length_m)
        plan = self._plan(actor, actor.name, line, WALK_BEFORE_M, 0.0)
        return replace(plan, behaviour=Behaviour.SCRIPTED, manoeuvres=(*_steps(placement), *plan.manoeuvres))

    def _beside_crossing(self, actor: Actor, placement: BesideCrossing) -> ActorPlan:
        hull = _hull(actor)
        s_m = self.meetings[placement.of] - placement.gap_m - 0.5 * hull.size_m[0]
        return self._plan(actor, actor.name, self.route, s_m, placement.offset_m)

    def _parked(self, actor: Actor, placement: Rows) -> list[ActorPlan]:
        sides = ("left", "right") if placement.sides == "both" else (placement.sides,)
        first_m = self.front_m + placement.first_gap_m + 0.5 * _hull(actor).size_m[0]
        return [
            self._plan(actor, f"{actor.name}_{side}_{index}", self.route, first_m + index * placement.spacing_m,
                       placement.offset_m if side == "left" else -placement.offset_m)
            for side in sides
            for index in range(placement.count)
        ]  # fmt: skip

    def _road_objects(self, row: int, actor: Actor, placement: RoadObjects) -> list[ActorPlan]:
        """The map's own objects of this kind near the ego's route, each with its own size."""
        found = objects_along(self.road, self.route, actor.kind, placement.within_m)
        if not found:
            text = f"the map {self.road.name} has no {actor.kind} within {placement.within_m:g} m of the ego's route"
            self._refuse(("actors", row, "kind"), text)
        plans: list[ActorPlan] = []
        end_m = float(self.route.points[-1, 0])
        for index, thing in enumerate(found):
            s_m, offset_m = route_point(self.route, thing.x_m, thing.y_m)
            if not 0.0 < s_m < end_m:
                continue  # beyond the route's ends it is abeam of nothing
            yaw_rad = world_point(self.route, s_m)[2]
            plan = self._plan(actor, f"{actor.name}_{index}", self.route, s_m, offset_m)
            size_m = (thing.length_m, thing.width_m, thing.height_m)
            plans.append(replace(plan, size_m=size_m, yaw_offset_rad=wrapped_rad(thing.yaw_rad - yaw_rad)))
        return plans

    def _plan(self, actor: Actor, name: str, route: Route, s_m: float, offset_m: float) -> ActorPlan:
        hull = _hull(actor)
        return ActorPlan(
            name=name,
            kind=actor.actor_kind,
            size_m=hull.size_m,
            mass_kg=hull.mass_kg,
            route=route,
            s_m=s_m,
            offset_m=offset_m,
            clearance_m=hull.clearance_m,
            speed_mps=actor.speed_mps,
            behaviour=actor.moves,
            manoeuvres=tuple(_manoeuvre(row) for row in actor.manoeuvres),
        )

    def _reacting(self, actor: Actor, plan: ActorPlan, lane: str) -> ActorPlan:
        """A reactive actor: the vehicle that moves it, how it follows, and where it may change lanes to."""
        driver = ReactiveDriver(
            desired_speed_mps=(actor.desired_speed_kmh or actor.speed_kmh) * MPS_PER_KMH,
            time_gap_s=actor.time_gap_s,
            changes_lanes=actor.changes_lanes,
        )
        name, load_ratio = REACTIVE_VEHICLES[actor.actor_kind]
        plan = replace(plan, reactive=driver, vehicle=vehicle_file(name).at_load(load_ratio))
        if not actor.changes_lanes:
            return plan
        left = self._lane_route("left") if lane == "same" and self._has_lane("left") else None
        right = self._lane_route("right") if lane == "same" and self._has_lane("right") else None
        left = self.route if lane == "right" else left
        right = self.route if lane == "left" else right
        return replace(plan, left_lane=left, right_lane=right)

    def _has_lane(self, lane: str) -> bool:
        try:
            self._lane_route(lane)
        except InputError:
            return False
        return True

    def _refuse_overlaps(self, plans: list[tuple[int | None, ActorPlan]]) -> None:
        """Every pair of actors that stand in the same place, reported once per row of the file."""
        boxes = [_box(plan) for _, plan in plans]
        told: set[tuple[int | None, int | None]] = set()
        for later in range(1, len(plans)):
            row, plan = plans[later]
            for earlier in range(later):
                other_row, other = plans[earlier]
                if row is None or (row == other_row and plan.kind is ActorKind.GUARD_RAIL):
                    continue  # a rail's segments touch
                if (other_row, row) not in told and boxes[later].overlaps(boxes[earlier]):
                    told.add((other_row, row))
                    self._refuse(("actors", row, "placement"), f"{plan.name} overlaps {other.name} at the start")


def _hull(actor: Actor) -> Hull:
    """The usual box of the actor's kind, or the one its file gives."""
    return actor_hull(actor.actor_kind, actor.size_m)


def _needs_others(actor: Actor) -> bool:
    """Whether an actor's place depends on another's."""
    return isinstance(actor.placement, BesideCrossing)


def _box(plan: ActorPlan) -> Box:
    end_m = float(plan.route.points[-1, 0])
    x_m, y_m, yaw_rad = world_point(plan.route, min(max(plan.s_m, 0.0), end_m), plan.offset_m)
    return Box(
        x_m=x_m, y_m=y_m, yaw_rad=yaw_rad + plan.yaw_offset_rad, size_m=plan.size_m, clearance_m=plan.clearance_m
    )


def _steps(placement: Crossing) -> tuple[Manoeuvre, ...]:
    """Start walking in time to meet the ego; stop at the kerb if that is asked for."""
    speed_mps = placement.speed_mps
    over_m = run_up_m(placement)
    start_s = placement.meets_ego_after_s - walking_time_s(placement)
    rate_mps2 = 0.5 * speed_mps**2 / over_m
    walk = Manoeuvre(trigger=AtTime(at=ns_from_s(start_s)), action=SetSpeed(speed_mps=speed_mps, rate_mps2=rate_mps2))
    if placement.stops_at_offset_m is None:
        return (walk,)
    walked_m = placement.distance_m - placement.stops_at_offset_m
    halt_m = min(HALT_OVER_M, walked_m - over_m)
    halt_s = start_s + (2.0 * over_m + walked_m - over_m - halt_m) / speed_mps
    halt = SetSpeed(speed_mps=0.0, rate_mps2=0.5 * speed_mps**2 / halt_m)
    return (walk, Manoeuvre(trigger=AtTime(at=ns_from_s(halt_s)), action=halt))


def _manoeuvre(row: ManoeuvreRow) -> Manoeuvre:
    trigger: Trigger
    if row.at_s is not None:
        trigger = AtTime(at=ns_from_s(row.at_s))
    elif row.gap_below_m is not None:
        trigger = GapBelow(other=row.to, gap_m=row.gap_below_m)
    else:
        trigger = TimeToCollisionBelow(other=row.to, ttc_s=row.ttc_below_s or 0.0)
    action: SetSpeed | SetOffset
    if row.set_speed_kmh is not None:
        action = SetSpeed(speed_mps=row.set_speed_kmh * MPS_PER_KMH, rate_mps2=row.rate_mps2 or 0.0)
    else:
        action = SetOffset(offset_m=row.set_offset_m or 0.0, lateral_mps=row.lateral_mps or 0.0)
    return Manoeuvre(trigger=trigger, action=action)
