"""The still world of a map and the scenery of a run, put together."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.maps import load_map, map_names
from sim.layout import ActorPlan, Behaviour, Layout
from sim.randomness import entity_id
from sim.road import first_lane, route_from, straight_route
from sim.scenery.assembly import scenery_of, still_of
from sim.scenery.still import Still
from sim.truth import COLUMNS, PATH_S, ActorKind, Conditions, Roster, TruthFrame, X, Y
from stack.vocabulary import InputError

BUDGET = {"urban": 60_000, "motorway": 80_000, "rural": 80_000, "hills": 80_000}
DRY = Conditions(friction_ratio=0.8, visibility_m=20_000.0, illuminance_lx=20_000.0)
CAR_M = (4.5, 1.8, 1.5)


def _plan(name: str, kind: ActorKind, route, s_m: float, **more) -> ActorPlan:
    return ActorPlan(
        name=name, kind=kind, size_m=more.pop("size_m", CAR_M), mass_kg=1500.0, route=route, s_m=s_m, **more
    )


def _roster(plans: tuple[ActorPlan, ...]) -> Roster:
    return Roster(
        names=tuple(plan.name for plan in plans),
        kinds=tuple(plan.kind for plan in plans),
        entities=np.array([entity_id(plan.name) for plan in plans], dtype=np.uint32),
        size_m=np.array([plan.size_m for plan in plans]),
        clearance_m=np.array([plan.clearance_m for plan in plans]),
        mass_kg=np.array([plan.mass_kg for plan in plans]),
    )


def _layout(map_name: str, *plans: ActorPlan) -> Layout:
    return Layout(map_name=map_name, conditions=DRY, actors=plans)


def _ego(map_name: str, lane=("1", -1), s_m: float = 100.0) -> ActorPlan:
    return _plan("ego", ActorKind.CAR, route_from(load_map(map_name), lane, 0.0, 300.0), s_m, behaviour=Behaviour.EGO)


@pytest.mark.parametrize("name", map_names())
def test_a_whole_map_keeps_to_its_triangles_and_every_tile_to_its_box(name):
    still = still_of(load_map(name))
    assert len(still.triangles) < BUDGET.get(name, 80_000)
    assert int(still.first[-1]) == len(still.triangles)
    for k in range(len(still.reach_m)):
        corners = still.vertices[still.triangles[still.first[k] : still.first[k + 1]]].reshape(-1, 3)
        assert (corners >= still.boxes[k, :3] - 1e-3).all()
        assert (corners <= still.boxes[k, 3:] + 1e-3).all()


@pytest.mark.parametrize("name", map_names())
def test_what_stands_by_the_road_stands_on_the_ground_there(name):
    """Every tree's trunk meets a triangle of the ground between its root and knee height."""
    still = still_of(load_map(name))
    trees = [fixture for fixture in still.fixtures if fixture.kind == "tree"][::17]
    assert trees
    for tree in trees:
        heights = _heights_under(still, tree.x_m, tree.y_m)
        near = [height for height in heights if abs(height - tree.z_m) < 0.5]
        assert near, (tree.name, tree.z_m, sorted(heights))


def test_one_text_under_two_names_is_two_maps_each_with_its_own_trees_on_its_own_ground():
    """Lots are drawn from a map's name: what was made for one name must not serve the other."""
    urban = load_map("urban")
    twice = replace(urban, name="harbour")
    first, second = (
        [(each.x_m, each.y_m, each.z_m) for each in still_of(road).fixtures if each.kind == "tree"]
        for road in (urban, twice)
    )
    assert first != second
    still = still_of(twice)
    for x_m, y_m, z_m in second[::17]:
        assert min(abs(height - z_m) for height in _heights_under(still, x_m, y_m)) < 0.5


def _heights_under(still: Still, x_m: float, y_m: float) -> list[float]:
    """Heights of all upward triangles of the map above or below a place."""
    heights = []
    tall = (
        (still.boxes[:, 0] <= x_m)
        & (x_m <= still.boxes[:, 3])
        & (still.boxes[:, 1] <= y_m)
        & (y_m <= still.boxes[:, 4])
    )
    for k in np.flatnonzero(tall).tolist():
        corners = still.vertices[still.triangles[still.first[k] : still.first[k + 1]]].astype(np.float64)
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        whole = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            v = ((x_m - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (y_m - a[:, 1])) / whole
            w = ((b[:, 0] - a[:, 0]) * (y_m - a[:, 1]) - (x_m - a[:, 0]) * (b[:, 1] - a[:, 1])) / whole
            inside = (whole > 1e-9) & (v >= 0.0) & (w >= 0.0) & (v + w <= 1.0)
            z = a[:, 2] + v * (b[:, 2] - a[:, 2]) + w * (c[:, 2] - a[:, 2])
        heights += z[inside].tolist()
    return heights


def test_a_map_is_made_once_and_its_arrays_cannot_be_changed():
    still = still_of(load_map("rural"))
    assert still_of(load_map("rural")) is still
    with pytest.raises(ValueError, match="read-only"):
        still.vertices[0, 0] = 1.0


def test_rails_played_by_actors_are_not_there_twice():
    road = load_map("rural")
    rails = [each for each in road.objects if each.kind == "guard_rail"]
    ego = _ego("rural", s_m=200.0)
    long = route_from(road, ("1", -1), 0.0, 900.0)
    played = []
    for index, rail in enumerate(rails[3:9]):
        gap = np.hypot(long.points[:, 1] - rail.x_m, long.points[:, 2] - rail.y_m)
        row = int(np.argmin(gap))
        yaw_rad = float(long.points[row, 3])
        offset_m = -np.sin(yaw_rad) * (rail.x_m - long.points[row, 1]) + np.cos(yaw_rad) * (
            rail.y_m - long.points[row, 2]
        )
        played.append(
            _plan(f"rail_{index}", ActorKind.GUARD_RAIL, long, float(long.points[row, 0]), offset_m=float(offset_m),
                  yaw_offset_rad=rail.yaw_rad - yaw_rad, size_m=(rail.length_m, rail.width_m, rail.height_m))
        )  # fmt: skip
    layout = _layout("rural", ego, *played)
    scenery = scenery_of(road, layout, _roster(layout.actors))
    left = {fixture.name for fixture in scenery.still.fixtures if fixture.kind == "guard_rail"}
    assert {each.name for each in rails} - left == {each.name for each in rails[3:9]}
    assert len(scenery.still.triangles) < len(still_of(road).triangles)


def test_moving_actors_take_nothing_away():
    road = load_map("rural")
    moving = _plan("car", ActorKind.CAR, route_from(road, ("1", -1), 0.0, 300.0), 150.0, behaviour=Behaviour.SCRIPTED)
    layout = _layout("rural", _ego("rural"), moving)
    assert scenery_of(road, layout, _roster(layout.actors)).still is still_of(road)


def test_bodies_stand_on_the_road_on_a_hill_whether_their_path_knows_its_height_or_not():
    road = load_map("hills")
    ego = _ego("hills", s_m=250.0)
    lane = first_lane(road, ("1", -1))
    at_m = float(np.interp(250.0, lane.points[:, 0], lane.heights_m))
    assert at_m > 13.0
    row = ego.route.points[260]
    walker = _plan(
        "walker", ActorKind.ADULT, straight_route(row[1], row[2], row[3] + 1.57, 8.0), 0.0, size_m=(0.5, 0.5, 1.8)
    )
    for route in (ego.route, replace(ego.route, heights_m=None)):
        layout = _layout("hills", replace(ego, route=route), walker)
        scenery = scenery_of(road, layout, _roster(layout.actors))
        state = np.zeros((2, COLUMNS))
        state[0, [X, Y, PATH_S]] = *ego.route.points[250, 1:3], 250.0
        state[1, [X, Y]] = row[1:3]
        moment = scenery.moment(TruthFrame(at=0, roster=scenery.roster, conditions=DRY, state=state))
        for index in (0, 1):
            feet = moment.vertices[moment.vertex_first[index] : moment.vertex_first[index + 1], 2].min()
            assert feet == pytest.approx(at_m, abs=0.8)


def test_a_kind_without_a_mesh_and_an_impossible_size_are_refused_together():
    ego = _ego("rural")
    other = _plan("flat", ActorKind.VAN, ego.route, 120.0, size_m=(4.0, 0.0, 2.0))
    layout = _layout("rural", ego, other, replace(other, name="ghost", size_m=CAR_M))
    roster = replace(_roster(layout.actors), kinds=(ActorKind.CAR, ActorKind.VAN, 99))
    with pytest.raises(InputError) as refused:
        scenery_of(load_map("rural"), layout, roster)
    said = [str(finding) for finding in refused.value.findings]
    assert len(said) == 2
    assert "actor flat" in said[0]
    assert "no mesh for the kind 99" in said[1]
