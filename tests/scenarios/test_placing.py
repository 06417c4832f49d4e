"""Actors stand and start where the scenario file says, on the maps as they are."""

from dataclasses import replace
from math import hypot, pi, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.boxes import Box
from scenarios.maps import load_map
from scenarios.placing import place
from scenarios.prepared import EndAt, EndSettled, PreparedScenario, prepare_scenario
from scenarios.scenario_files import read_scenario
from scenarios.suite_files import read_suite
from sim.layout import ActorPlan, AtTime, Behaviour, SetSpeed
from sim.road import world_point
from sim.truth import ActorKind, Conditions, Contact
from sim.twin.vehicles import load_vehicle
from sim.twin.world import TwinWorld
from stack.vocabulary import InputError, Pose, local_from_world, ns_from_s, s_from_ns

TRUCK = load_vehicle("truck_n3_rigid")


def by_name(placed: PreparedScenario, name: str) -> ActorPlan:
    return next(plan for plan in placed.layout.actors if plan.name == name)


def front_of(ego: ActorPlan) -> Pose:
    """The ego frame at the start: the centre of the front edge."""
    return Pose(*world_point(ego.route, ego.s_m + 0.5 * ego.size_m[0], ego.offset_m))


def ahead_and_left(placed: PreparedScenario, name: str) -> tuple[float, float]:
    """Where an actor's centre is in the ego frame at the start."""
    plan = by_name(placed, name)
    x_m, y_m, _ = world_point(plan.route, plan.s_m, plan.offset_m)
    return local_from_world(front_of(placed.layout.actors[0]), x_m, y_m)


@settings(max_examples=25, deadline=None)
@given(st.floats(min_value=10.0, max_value=90.0), st.floats(min_value=6.0, max_value=12.0))
def test_a_target_placed_by_time_to_collision_is_reached_after_that_time(speed_kmh: float, ttc_s: float) -> None:
    overrides: dict[str, object] = {"approach_speed_kmh": speed_kmh, "actors.target.placement.ttc_s": ttc_s}
    placed = prepare_scenario("truck_meets_stationary_car", overrides)
    target = by_name(placed, "target")
    ahead_m, left_m = ahead_and_left(placed, "target")
    assert ahead_m - 0.5 * target.size_m[0] == pytest.approx(ttc_s * speed_kmh / 3.6, abs=0.02)
    assert left_m == pytest.approx(0.0, abs=0.01)


def test_a_moving_target_is_placed_by_the_speed_difference() -> None:
    placed = prepare_scenario("truck_meets_slower_car", {"approach_speed_kmh": 80})
    target = by_name(placed, "target")
    assert target.behaviour is Behaviour.SCRIPTED
    assert ahead_and_left(placed, "target")[0] - 0.5 * target.size_m[0] == pytest.approx(8.0 * 60.0 / 3.6, abs=0.02)
    assert placed.preconditions.target_speed_low_mps == pytest.approx(18.0 / 3.6)
    assert placed.preconditions.target_speed_high_mps == pytest.approx(22.0 / 3.6)


def walked_m(plan: ActorPlan, at_s: float) -> float:
    """How far a scripted actor that starts at rest has come, from its speed changes alone."""
    now_s, speed_mps, way_m = 0.0, plan.speed_mps, 0.0
    changes = [(s_from_ns(m.trigger.at), m.action) for m in plan.manoeuvres if isinstance(m.trigger, AtTime)]
    step_s = 1e-4
    while now_s < at_s:
        wanted = [action for start_s, action in changes if start_s <= now_s + 1e-12]
        if wanted and isinstance(wanted[-1], SetSpeed):
            change = wanted[-1].rate_mps2 * step_s
            speed_mps += min(max(wanted[-1].speed_mps - speed_mps, -change), change)
        way_m += speed_mps * step_s
        now_s += step_s
    return way_m


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("speed_kmh", [20.0, 60.0])
def test_an_unbraked_truck_meets_the_child_at_the_centre_of_its_front(side: str, speed_kmh: float) -> None:
    overrides: dict[str, object] = {
        "approach_speed_kmh": speed_kmh,
        "actors.child.placement.from_side": side,
    }
    placed = prepare_scenario("child_crosses_ahead_of_truck", overrides)
    child, ego = by_name(placed, "child"), placed.layout.actors[0]
    way_m = walked_m(child, 8.0)
    x_m, y_m, yaw_rad = world_point(child.route, child.s_m + way_m)
    ahead_m, left_m = local_from_world(front_of(ego), x_m, y_m)
    assert ahead_m == pytest.approx(8.0 * speed_kmh / 3.6, abs=0.02)
    assert left_m == pytest.approx(0.0, abs=0.01)
    turned = yaw_rad - front_of(ego).yaw_rad
    assert np.sin(turned) == pytest.approx(1.0 if side == "right" else -1.0, abs=1e-3)


def test_a_child_that_waits_at_the_kerb_stops_there_and_not_before_it_has_walked() -> None:
    placed = prepare_scenario("child_stops_at_the_kerb")
    child = by_name(placed, "child")
    assert walked_m(child, 14.0) == pytest.approx(6.0 - 2.75, abs=0.01)
    assert placed.end == EndAt(at=14_000_000_000)


def test_cars_beside_the_path_leave_four_and_a_half_metres_between_them() -> None:
    placed = prepare_scenario("truck_passes_between_stationary_cars")
    left, right = by_name(placed, "car_left"), by_name(placed, "car_right")
    apart_m = left.offset_m - 0.5 * left.size_m[1] - (right.offset_m + 0.5 * right.size_m[1])
    assert apart_m == pytest.approx(4.5, abs=0.001)
    assert left.s_m == right.s_m


def test_the_van_hides_the_child_and_leaves_room_for_its_path() -> None:
    placed = prepare_scenario("child_steps_out_from_behind_a_van")
    van, child = by_name(placed, "van"), by_name(placed, "child")
    meeting_m = 8.0 * 30.0 / 3.6
    ahead_m, left_m = ahead_and_left(placed, "van")
    assert ahead_m + 0.5 * van.size_m[0] == pytest.approx(meeting_m - 1.0, abs=0.02)
    assert -0.5 * TRUCK.width_m - (left_m + 0.5 * van.size_m[1]) == pytest.approx(1.0, abs=0.02)
    assert child.behaviour is Behaviour.SCRIPTED


def test_rows_are_parked_on_both_sides_with_unique_names() -> None:
    placed = prepare_scenario("truck_passes_parked_rows")
    parked = placed.layout.actors[1:]
    assert len(parked) == 20
    assert len({plan.name for plan in parked}) == 20
    assert {round(plan.offset_m, 2) for plan in parked} == {3.2, -3.2}
    free_m = 3.2 - 0.5 * parked[0].size_m[1] - 0.5 * TRUCK.width_m
    assert free_m > 0.8


def test_the_guard_rail_stands_where_the_map_has_it_and_beside_the_truck() -> None:
    placed = prepare_scenario("truck_follows_guard_rail_in_curve")
    boxes = {(thing.x_m, thing.y_m): thing for thing in load_map("motorway").objects}
    for plan in placed.layout.actors[1:]:
        assert plan.kind is ActorKind.GUARD_RAIL
        x_m, y_m, yaw_rad = world_point(plan.route, plan.s_m, plan.offset_m)
        thing = min(boxes.values(), key=lambda box: hypot(box.x_m - x_m, box.y_m - y_m))
        assert hypot(thing.x_m - x_m, thing.y_m - y_m) < 0.1
        assert abs((yaw_rad + plan.yaw_offset_rad - thing.yaw_rad + pi) % (2.0 * pi) - pi) < 1e-3
        assert abs(plan.offset_m) > 0.5 * TRUCK.width_m + 1.0
    assert max(abs(float(k)) for k in placed.layout.actors[0].route.points[:, 4]) == pytest.approx(1 / 250, rel=0.02)


def test_traffic_follows_its_own_lane_with_its_own_vehicle() -> None:
    placed = prepare_scenario("reactive_traffic_on_motorway")
    for name, left_m in (("lead", 0.0), ("faster_ahead", 3.75), ("faster_behind", 3.75), ("follower", 0.0)):
        plan = by_name(placed, name)
        assert plan.behaviour is Behaviour.REACTIVE
        assert plan.vehicle is not None
        assert plan.reactive is not None
        assert ahead_and_left(placed, name)[1] == pytest.approx(left_m, abs=0.02)
    assert ahead_and_left(placed, "follower")[0] < -TRUCK.length_m - 50.0
    assert ahead_and_left(placed, "faster_behind")[0] < -TRUCK.length_m - 25.0


def test_the_crosswalk_is_where_the_adult_crosses() -> None:
    placed = prepare_scenario("adult_crosses_at_crosswalk")
    meeting = by_name(placed, "adult")
    x_m, y_m, _ = world_point(meeting.route, meeting.s_m + 4.0)
    crosswalks = [thing for thing in load_map("urban").objects if thing.kind == "crosswalk"]
    nearest = min(crosswalks, key=lambda thing: hypot(thing.x_m - x_m, thing.y_m - y_m))
    assert abs(nearest.x_m - x_m) < 0.5 * nearest.length_m


def test_a_braking_lead_may_have_every_speed_of_its_script() -> None:
    placed = prepare_scenario("lead_brakes_hard")
    assert placed.preconditions.target_speed_low_mps < 0.0
    assert placed.preconditions.target_speed_high_mps == pytest.approx(82.0 / 3.6)
    assert placed.end == EndSettled(for_ns=1_000_000_000)


def test_conditions_and_load_reach_the_layout() -> None:
    overrides: dict[str, object] = {
        "conditions.friction": "wet",
        "conditions.visibility_m": 300,
        "conditions.illuminance_lx": 50,
        "ego.load_ratio": 0.0,
    }
    layout = prepare_scenario("truck_meets_stationary_car", overrides, seed=9).layout
    given = Conditions(friction_ratio=0.6, visibility_m=300.0, illuminance_lx=50.0)
    sun = {"sun_elevation_rad": radians(40.0), "sun_azimuth_rad": radians(126.0)}
    assert layout.conditions == replace(given, **sun)
    assert layout.actors[0].mass_kg == load_vehicle("truck_n3_rigid", 0.0).mass_kg
    assert layout.actors[0].clearance_m > 0.025  # so that a plate is driven over
    assert layout.seed == 9


@pytest.mark.parametrize(
    ("overrides", "field", "problem"),
    [
        ({"ego.lane.lane": -9}, "ego.lane.lane", "road 1 has no lane -9; driving lanes"),
        ({"ego.lane.road": 7}, "ego.lane.lane", "road 7 has no lane -3; driving lanes"),
        ({"ego.lane.s_m": 2900}, "ego.lane.s_m", "unreachable: the road ends"),
        ({"actors.target.placement.ttc_s": 900}, "ego.lane.s_m", "unreachable: the road ends"),
        ({"actors.target.placement.lane": "right"}, "actors.0.placement", "lane -3 of road 1 has no driving lane to"),
        ({"ego.vehicle": "truck_n3"}, "ego.vehicle", "no vehicle 'truck_n3'; did you mean 'truck_n3_rigid'?"),
        ({"approach_speed_kmh": 100}, "ego.speed_kmh", "truck_n3_rigid is limited to 90 km/h"),
        (
            {"actors.target.kind": "gantry", "actors.target.placement.at": "road_objects"},
            "actors.0.placement.ttc_s",
            "",
        ),
    ],
)
def test_what_does_not_fit_the_map_or_the_vehicle_is_told_at_its_key(
    overrides: dict[str, object], field: str, problem: str
) -> None:
    with pytest.raises(InputError) as refusal:
        prepare_scenario("truck_meets_stationary_car", overrides)
    found = {finding.field: finding for finding in refusal.value.findings}
    assert field in found
    assert found[field].problem.startswith(problem)
    assert found[field].where == "--set" or ".yaml:" in found[field].where


def test_someone_too_far_behind_the_beginning_of_the_lane_is_unreachable() -> None:
    with pytest.raises(InputError, match=r"actors\.3\.placement\.gap_m: unreachable"):
        prepare_scenario("reactive_traffic_on_motorway", {"actors.follower.placement.gap_m": 160})


def test_a_guard_rail_that_the_map_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"the map urban has no guard_rail within 8 m"):
        prepare_scenario(
            "truck_follows_guard_rail_in_curve",
            {"map": "urban", "ego.lane.lane": -1, "ego.lane.s_m": 10, "approach_speed_kmh": 40},
        )


def test_placing_twice_gives_the_same_layout() -> None:
    spec = read_scenario("truck_follows_guard_rail_in_curve").spec
    one, other = (place(spec, load_map("motorway"), seed=1)[0] for _ in range(2))
    assert one is not None
    assert other is not None
    for first, second in zip(one.actors, other.actors, strict=True):
        assert first.name == second.name
        assert first.s_m == second.s_m
        assert first.route.points.tobytes() == second.route.points.tobytes()


def box(x_m: float, y_m: float, yaw_rad: float, height_m: float = 1.5, clearance_m: float = 0.0) -> Box:
    return Box(x_m=x_m, y_m=y_m, yaw_rad=yaw_rad, size_m=(4.0, 2.0, height_m), clearance_m=clearance_m)


@settings(max_examples=50, deadline=None)
@given(
    st.floats(min_value=-8.0, max_value=8.0),
    st.floats(min_value=-8.0, max_value=8.0),
    st.floats(min_value=-pi, max_value=pi),
)
def test_overlap_is_mutual_and_agrees_with_a_grid_of_points(x_m: float, y_m: float, yaw_rad: float) -> None:
    one, other = box(0.0, 0.0, 0.0), box(x_m, y_m, yaw_rad)
    assert one.overlaps(other) == other.overlaps(one)
    ahead, aside = np.meshgrid(np.linspace(-2.0, 2.0, 41), np.linspace(-1.0, 1.0, 21))
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    px, py = x_m + c * ahead - s * aside, y_m + s * ahead + c * aside
    if bool(np.any((np.abs(px) < 1.999) & (np.abs(py) < 0.999))):
        assert one.overlaps(other)
    if hypot(x_m, y_m) > hypot(4.0, 2.0):
        assert not one.overlaps(other)


def test_a_gantry_above_and_a_plate_below_overlap_nothing() -> None:
    truck = box(0.0, 0.0, 0.0, height_m=3.5, clearance_m=0.3)
    assert not truck.overlaps(box(0.0, 0.0, 1.0, clearance_m=5.0))
    assert not truck.overlaps(box(0.0, 0.0, 1.0, height_m=0.025))
    assert truck.overlaps(box(0.0, 0.0, 1.0, height_m=0.5))


def unbraked_contacts(placed: PreparedScenario, until_s: float) -> list[tuple[str, float]]:
    """Whom the twin's ego touches, and when, if nobody brakes."""
    world = TwinWorld(placed.layout)
    world.advance_to(ns_from_s(until_s))
    return [(event.second, s_from_ns(event.at)) for event in world.take_events() if isinstance(event, Contact)]


@pytest.mark.parametrize(
    ("row_id", "suite"), [(row.row_id, suite) for suite in ("r131", "r131_held_out") for row in read_suite(suite).rows]
)
def test_in_the_twin_an_unbraked_truck_hits_the_target_on_time_and_passes_between_cars(row_id: str, suite: str) -> None:
    (row,) = (row for row in read_suite(suite).rows if row.row_id == row_id)
    if row.expected is not None:
        return
    placed = prepare_scenario(row.scenario, row.overrides, seed=row.seeds[0])
    contacts = unbraked_contacts(placed, 10.0)
    if row.kind == "must_not_brake":
        assert contacts == []
        return
    half_m = 0.5 * max(by_name(placed, placed.target).size_m[:2]) if "child" in placed.target else 0.0
    ((name, at_s),) = contacts[:1]
    assert name == placed.target
    early_s = half_m / placed.layout.actors[0].speed_mps
    assert 8.0 - early_s - 0.01 <= at_s <= 8.0 + 0.01


@pytest.mark.parametrize("row_id", [row.row_id for row in read_suite("must_not_brake").rows])
def test_in_the_twin_nothing_is_hit_where_nobody_must_brake(row_id: str) -> None:
    (row,) = (row for row in read_suite("must_not_brake").rows if row.row_id == row_id)
    placed = prepare_scenario(row.scenario, row.overrides, seed=1)
    assert isinstance(placed.end, EndAt)
    assert unbraked_contacts(placed, s_from_ns(placed.end.at)) == []
