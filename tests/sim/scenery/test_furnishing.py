"""What stands beside the roads of every map: nowhere in the way, within bounds, and always the same."""

import subprocess
import sys
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from scenarios.maps import load_map, map_names
from sim.scenery.clearance import is_driven
from sim.scenery.country import MOTORWAY_FREE_M, RURAL_FREE_M
from sim.scenery.furnishing import Furniture, furnished, furniture, kept
from sim.scenery.sites import Draws
from sim.scenery.still import Fixture, tiled
from sim.scenery.town import FREE_M

HEADROOM_M = 4.7  # what motorways keep clear; nothing hangs lower over a carriageway
WALKING_M = 2.2
BUDGET = {"urban": 45_000, "motorway": 60_000}  # of triangles, for furniture alone


@lru_cache(maxsize=8)
def _furnished(name: str) -> Furniture:
    return furnished(load_map(name))


def _lane_points(name: str, driven: bool) -> np.ndarray:
    """x, y, height and half width at every sample of the map's lanes."""
    rows = [
        np.column_stack((lane.points[:, 1], lane.points[:, 2], lane.heights_m, 0.5 * lane.widths_m))
        for lane in load_map(name).lanes
        if is_driven(lane.kind) == driven and lane.kind != "median"
    ]
    return np.concatenate(rows) if rows else np.zeros((0, 4))


@pytest.mark.parametrize("name", map_names())
def test_nothing_drawn_by_lot_stands_on_or_within_one_and_a_half_metres_of_a_driven_lane(name):
    points = _lane_points(name, driven=True)
    for thing in _furnished(name).things:
        if not thing.mapped:
            assert (thing.footprint.distances_m(points[:, :2]) - points[:, 3]).min() >= 1.5


@pytest.mark.parametrize("name", map_names())
def test_nothing_drawn_by_lot_stands_on_a_sidewalk_or_shoulder(name):
    points = _lane_points(name, driven=False)
    for thing in _furnished(name).things:
        if not thing.mapped and len(points):
            assert (thing.footprint.distances_m(points[:, :2]) - points[:, 3]).min() >= 0.2


@pytest.mark.parametrize("name", map_names())
def test_nothing_hangs_into_the_headroom_of_a_lane_or_of_those_who_walk(name):
    for driven, headroom_m in ((True, HEADROOM_M), (False, WALKING_M)):
        points = _lane_points(name, driven)
        cells: dict[tuple[int, int], list[int]] = {}
        for row, (x, y) in enumerate(np.floor(points[:, :2] / 8.0).astype(int).tolist()):
            cells.setdefault((x, y), []).append(row)
        for thing in _furnished(name).things:
            if thing.mapped:
                continue
            corners = np.unique(thing.piece.mesh.vertices.astype(np.float64), axis=0)
            low = np.floor(corners[:, :2].min(axis=0) / 8.0).astype(int)
            high = np.floor(corners[:, :2].max(axis=0) / 8.0).astype(int)
            rows = [row for i in range(low[0] - 1, high[0] + 2) for j in range(low[1] - 1, high[1] + 2)
                    for row in cells.get((i, j), ())]  # fmt: skip
            if not rows:
                continue
            near = points[rows]
            away = np.hypot(corners[:, None, 0] - near[None, :, 0], corners[:, None, 1] - near[None, :, 1])
            over = away < near[None, :, 3]
            above_m = np.where(over, corners[:, None, 2] - near[None, :, 2], np.inf)
            below_ground = above_m < -0.05
            assert (above_m[~below_ground] >= headroom_m).all()


@pytest.mark.parametrize("name", map_names())
def test_things_do_not_stand_in_each_other(name):
    things = [thing for thing in _furnished(name).things if not thing.mapped]
    for index, thing in enumerate(things):
        spot = thing.footprint
        for other in things[index + 1 :]:
            if abs(spot.x_m - other.footprint.x_m) < 50.0 and abs(spot.y_m - other.footprint.y_m) < 50.0:
                assert not spot.overlaps(other.footprint)


def test_streets_keep_room_for_parked_cars_and_for_those_who_step_out():
    points = _lane_points("urban", driven=True)
    for thing in _furnished("urban").things:
        if thing.mapped:
            continue
        gap_m = (thing.footprint.distances_m(points[:, :2]) - points[:, 3]).min()
        assert gap_m >= FREE_M
        if max(thing.footprint.length_m, thing.footprint.width_m) > 1.0:  # what could hide somebody
            assert gap_m >= 5.7


def test_nothing_stands_beside_a_crosswalk():
    for crosswalk in (each for each in load_map("urban").objects if each.kind == "crosswalk"):
        place = np.array([[crosswalk.x_m, crosswalk.y_m]])
        for thing in _furnished("urban").things:
            if not thing.mapped:
                assert thing.footprint.distances_m(place)[0] > 8.5


def test_country_roads_and_motorways_keep_trees_away():
    for name, free_m in (("rural", RURAL_FREE_M), ("motorway", MOTORWAY_FREE_M)):
        points = _lane_points(name, driven=True)
        for thing in _furnished(name).things:
            if any(fixture.kind in ("tree", "building") for fixture in thing.fixtures):
                gap_m = (thing.footprint.distances_m(points[:, :2]) - points[:, 3]).min()
                assert gap_m >= free_m - 0.2


@pytest.mark.parametrize("name", map_names())
def test_every_sign_light_and_rail_of_the_map_is_there_under_its_name(name):
    road = load_map(name)
    _, fixtures = kept(_furnished(name), ())
    names = {fixture.name for fixture in fixtures}
    assert {each.name for each in road.signals if each.kind != "294"} <= names
    assert {each.name for each in road.objects if each.kind in ("guard_rail", "gantry")} <= names
    assert len(names) == len(fixtures)


def test_each_kind_of_road_has_its_own_furniture():
    kinds = {
        name: {fixture.kind for fixture in kept(_furnished(name), ())[1]} for name in ("motorway", "rural", "urban")
    }
    assert kinds["motorway"] >= {"guard_rail", "tree", "gantry", "sign"}
    assert kinds["rural"] >= {"guard_rail", "tree", "sign", "building"}
    assert kinds["urban"] >= {"building", "tree", "pole", "signal"}


@pytest.mark.parametrize("name", map_names())
def test_a_fixture_is_the_box_about_what_stands_above_the_ground(name):
    for thing in _furnished(name).things:
        if len(thing.fixtures) != 1:
            continue  # nothing a radar knows, or a gantry: a beam and its legs
        (box,) = thing.fixtures
        corners = thing.piece.mesh.vertices.astype(np.float64)
        if box.kind == "tree":
            near = np.hypot(corners[:, 0] - box.x_m, corners[:, 1] - box.y_m) < 0.25
            assert near.any()
            assert box.length_m < 0.5
            continue
        c, s = np.cos(box.yaw_rad), np.sin(box.yaw_rad)
        dx, dy = corners[:, 0] - box.x_m, corners[:, 1] - box.y_m
        assert np.abs(c * dx + s * dy).max() == pytest.approx(0.5 * box.length_m, abs=2e-3)
        assert np.abs(c * dy - s * dx).max() == pytest.approx(0.5 * box.width_m, abs=2e-3)
        assert corners[:, 2].max() == pytest.approx(box.z_m + box.height_m, abs=2e-3)


@pytest.mark.parametrize("name", [name for name in map_names() if name != "urban"])
def test_rails_stay_within_the_boxes_of_the_map(name):
    rails = _furnished(name).rails
    pieces, fixtures = kept(Furniture(things=(), rails=rails[:40]), ())
    corners = np.concatenate([piece.mesh.vertices for piece in pieces]).astype(np.float64)
    inside = np.zeros(len(corners), dtype=bool)
    for box in fixtures:
        c, s = np.cos(box.yaw_rad), np.sin(box.yaw_rad)
        dx, dy = corners[:, 0] - box.x_m, corners[:, 1] - box.y_m
        inside |= (
            (np.abs(c * dx + s * dy) <= 0.5 * box.length_m + 0.06)
            & (np.abs(c * dy - s * dx) <= 0.5 * box.width_m + 0.01)
            & (corners[:, 2] <= box.z_m + box.height_m + 0.02)
        )
    assert inside.all()


@pytest.mark.parametrize("name", map_names())
def test_furniture_keeps_to_its_triangles(name):
    pieces, fixtures = kept(_furnished(name), ())
    assert 5_000 < len(tiled(pieces, fixtures).triangles) <= BUDGET.get(name, 30_000)


def test_the_gantry_spans_the_road_and_shows_boards_to_both_directions():
    box = next(fixture for fixture in kept(_furnished("motorway"), ())[1] if fixture.kind == "gantry")
    given = next(each for each in load_map("motorway").objects if each.kind == "gantry")
    assert box.width_m == pytest.approx(given.width_m, abs=0.3)
    assert box.z_m - given.z_m >= HEADROOM_M


def _digest(name: str) -> str:
    still = tiled(*furniture(load_map(name)))
    body = sha256(repr(still.fixtures).encode())
    for array in (still.vertices, still.normals, still.triangles, still.materials, still.first, still.boxes):
        body.update(array.tobytes())
    return body.hexdigest()


def test_furniture_is_the_same_bytes_in_every_process():
    code = "from tests.sim.scenery.test_furnishing import _digest; print(_digest('rural'))"
    root = Path(__file__).parents[3]
    settings = {"PYTHONPATH": str(root), "PYTHONHASHSEED": "4711"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root,
                         env=settings, timeout=60)  # fmt: skip
    assert ran.stdout.strip() == _digest("rural")


def test_chance_depends_on_the_maps_name_the_stream_and_the_number_alone():
    draws = Draws("rural")
    before = draws.between("tree", 7, 1, 0.0, 1.0)
    draws.between("hedge", 3, 0, 0.0, 1.0)
    assert Draws("rural").between("tree", 7, 1, 0.0, 1.0) == before
    assert Draws("urban").between("tree", 7, 1, 0.0, 1.0) != before
    assert draws.between("tree", 8, 1, 0.0, 1.0) != before
    assert {draws.pick("tree", entity, 0, "abc") for entity in range(40)} == {"a", "b", "c"}


# What actors stand for or in.


def _box_of(each, kind: str) -> Fixture:
    return Fixture(kind=kind, name="actor", x_m=each.x_m, y_m=each.y_m, z_m=0.0, yaw_rad=each.yaw_rad,
                   length_m=each.length_m, width_m=each.width_m, height_m=each.height_m)  # fmt: skip


def test_rails_that_actors_stand_for_are_left_out_and_their_neighbours_stay():
    road = load_map("motorway")
    rails = [each for each in road.objects if each.kind == "guard_rail"]
    actors = tuple(_box_of(each, "guard_rail") for each in rails[40:60])
    whole = _furnished("motorway")
    left = {fixture.name for fixture in kept(whole, actors)[1]}
    gone = {fixture.name for fixture in kept(whole, ())[1]} - left
    assert gone == {each.name for each in rails[40:60]}


def test_a_gantry_actor_takes_the_place_of_the_maps_gantry_only():
    road = load_map("motorway")
    gantry = next(each for each in road.objects if each.kind == "gantry")
    whole = _furnished("motorway")
    everything = kept(whole, ())[1]
    gone = set(everything) - set(kept(whole, (_box_of(gantry, "gantry"),))[1])
    assert {fixture.kind for fixture in gone} == {"gantry", "pole"}
    parked_below = Fixture(kind="car", name="car", x_m=gantry.x_m, y_m=gantry.y_m, z_m=0.0, yaw_rad=0.0,
                           length_m=4.5, width_m=1.8, height_m=1.5)  # fmt: skip
    assert kept(whole, (parked_below,))[1] == everything


def test_a_car_parked_where_a_tree_would_stand_has_the_place_to_itself():
    whole = _furnished("rural")
    tree = next(fixture for fixture in kept(whole, ())[1] if fixture.kind == "tree")
    car = Fixture(kind="car", name="car", x_m=tree.x_m + 0.5, y_m=tree.y_m, z_m=0.0, yaw_rad=0.4, length_m=4.5,
                  width_m=1.8, height_m=1.5)  # fmt: skip
    assert tree not in kept(whole, (car,))[1]
    overhead = Fixture(kind="gantry", name="gantry", x_m=tree.x_m, y_m=tree.y_m, z_m=5.5, yaw_rad=0.4, length_m=1.0,
                       width_m=10.0, height_m=1.5)  # fmt: skip
    assert tree in kept(whole, (overhead,))[1]
