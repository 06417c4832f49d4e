"""The ground as triangles: it follows the map, meets at every edge, faces up, and nothing shows through a road."""

import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest

from scenarios.maps import FOLDER, load_map, map_names
from sim.scenery import surfaces
from sim.scenery.courses import adjacent, courses_of
from sim.scenery.junctions import floors_of
from sim.scenery.markings import LIFT_M
from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import merged

MAPS = map_names()
GROUND = (MATERIAL["grass"], MATERIAL["field"])


def _meshes(name):
    """Meshes by how far they are seen."""
    by_reach = {}
    for piece in surfaces.road_pieces(load_map(name)):
        by_reach.setdefault(piece.reach_m, []).append(piece.mesh)
    return {reach: merged(*meshes) for reach, meshes in by_reach.items()}


def _highest_below(mesh, places, cell_m=40.0):
    """For each place (p, 2) the height of the highest upward face of a mesh there; -inf where there is none."""
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    twice = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    upward = twice > 1e-6
    a, b, c, twice = a[upward], b[upward], c[upward], twice[upward]
    low = np.minimum(np.minimum(a, b), c)[:, :2]
    high = np.maximum(np.maximum(a, b), c)[:, :2]
    found = np.full(len(places), -np.inf)
    cells = np.floor(places / cell_m)
    for cell in np.unique(cells, axis=0):
        mine = np.flatnonzero((cells == cell).all(axis=1))
        near = np.flatnonzero((high >= cell * cell_m).all(axis=1) & (low <= (cell + 1.0) * cell_m).all(axis=1))
        x, y = places[mine, 0, None], places[mine, 1, None]
        u = ((x - a[near, 0]) * (c[near, 1] - a[near, 1]) - (y - a[near, 1]) * (c[near, 0] - a[near, 0])) / twice[near]
        v = ((b[near, 0] - a[near, 0]) * (y - a[near, 1]) - (b[near, 1] - a[near, 1]) * (x - a[near, 0])) / twice[near]
        inside = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1.0 + 1e-6)
        heights = a[near, 2] + u * (b[near, 2] - a[near, 2]) + v * (c[near, 2] - a[near, 2])
        found[mine] = np.where(inside, heights, -np.inf).max(axis=1, initial=-np.inf)
    return found


def _lane_places(road, driven_only=False):
    """Places all over the lanes (p, 3): at the middle and near both edges."""
    places = []
    for lane in road.lanes:
        if lane.kind == "median" or (driven_only and lane.kind != "driving"):
            continue
        x, y, yaw = lane.points[:, 1], lane.points[:, 2], lane.points[:, 3]
        for share in (-0.45, 0.0, 0.45):
            off = share * lane.widths_m
            places.append(np.column_stack((x - off * np.sin(yaw), y + off * np.cos(yaw), lane.heights_m))[1:-1:2])
    return np.concatenate(places)


@pytest.mark.parametrize("name", MAPS)
def test_the_drawn_surface_lies_where_the_map_says(name):
    road = load_map(name)
    mesh = _meshes(name)[surfaces.ROAD_REACH_M]
    places = _lane_places(road, driven_only=True)
    if name == "hills":
        below = [b for b in road.lanes if b.road_id == "4"]
        places = places[~np.isin(places[:, 0], np.concatenate([b.points[:, 1] for b in below]))]
        crossing = np.hypot(places[:, 0] - 1017.0, places[:, 1] - 452.0) < 60.0
        places = places[~crossing]
    drawn = _highest_below(mesh, places[:, :2])
    assert np.abs(drawn - places[:, 2]).max() < 0.03


@pytest.mark.parametrize("name", MAPS)
def test_neighbouring_lanes_share_their_edge_without_a_gap(name):
    checked = 0
    for course in courses_of(load_map(name)):
        for k in range(len(course.lanes) - 1):
            if adjacent(course.lanes[k], course.lanes[k + 1]):
                gap = course.rights[k][:, :2] - course.lefts[k + 1][:, :2]
                assert np.abs(gap).max() < 1e-9
                checked += 1
        for k, lane in enumerate(course.lanes):  # sharing moved no edge away from the lane's own
            width_m = np.sqrt(((course.lefts[k] - course.rights[k])[:, :2] ** 2).sum(axis=1))
            assert width_m == pytest.approx(np.full_like(width_m, lane.width_m), abs=0.01)
    assert checked


@pytest.mark.parametrize("name", MAPS)
def test_a_road_goes_on_where_the_one_before_ends(name):
    road = load_map(name)
    ends = {}
    for course in courses_of(road):
        for k, lane in enumerate(course.lanes):
            rows = np.stack((course.lefts[k], course.rights[k]))
            first, last = rows[:, 0], rows[:, -1]
            ends[id(lane)] = (first, last) if lane.forward else (last[::-1], first[::-1])
    checked = 0
    for lane in road.lanes:
        for index in lane.successors:
            assert np.abs(ends[id(lane)][1] - ends[id(road.lanes[index])][0]).max() < 0.01
            checked += 1
    assert checked or len({lane.road_id for lane in road.lanes}) == 1


@pytest.mark.parametrize("name", MAPS)
def test_normals_are_unit_and_point_the_way_the_faces_look(name):
    for piece in surfaces.road_pieces(load_map(name)):
        mesh = piece.mesh
        assert np.abs(np.linalg.norm(mesh.normals, axis=1) - 1.0).max() < 1e-4
        a, b, c = (mesh.vertices[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
        faces = np.cross(b - a, c - a)
        faces /= np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-12)
        seen = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-5
        agree = (faces * mesh.normals[mesh.triangles].mean(axis=1)).sum(axis=1)[seen]
        assert (agree > 0.0).mean() > 0.995  # a fold of a verge may shade from its neighbours


@pytest.mark.parametrize("name", MAPS)
def test_roads_land_and_paint_face_up(name):
    meshes = _meshes(name)
    for reach in (surfaces.MARKING_REACH_M, surfaces.LAND_REACH_M):
        assert meshes[reach].normals[:, 2].min() > 0.2
    flat = np.isin(meshes[surfaces.ROAD_REACH_M].materials, [MATERIAL[m] for m in ("asphalt", "paving", "shoulder")])
    rows = np.unique(meshes[surfaces.ROAD_REACH_M].triangles[flat])
    assert meshes[surfaces.ROAD_REACH_M].normals[rows, 2].min() > 0.99


@pytest.mark.parametrize("name", MAPS)
def test_no_ground_shows_through_a_road(name):
    road = load_map(name)
    meshes = _meshes(name)
    places = _lane_places(road)
    for reach in (surfaces.VERGE_REACH_M, surfaces.LAND_REACH_M):
        ground = _highest_below(meshes[reach], places[:, :2])
        level = places[:, 2] - ground
        carried = level > 3.0  # the road below a bridge is somebody else's road
        assert level[~carried].min(initial=np.inf) > 0.01
    land = _highest_below(meshes[surfaces.LAND_REACH_M], places[:, :2])
    assert (places[:, 2] - land).min() > 0.15


def test_the_bridge_clears_the_road_below_by_its_clearance():
    road = load_map("hills")
    low = np.concatenate([np.column_stack((lane.points[:, 1:3], lane.heights_m))
                          for lane in road.lanes if lane.road_id == "4"])  # fmt: skip
    whole = _meshes("hills")[surfaces.ROAD_REACH_M]
    deck = whole.materials == MATERIAL["bridge"]
    upside_down = replace(whole, triangles=whole.triangles[deck][:, ::-1], materials=whole.materials[deck])
    free_m = _highest_below(upside_down, low[:, :2]) - low[:, 2]
    assert np.isfinite(free_m).sum() >= 12  # four lanes pass under a deck of more than nine metres
    assert free_m[np.isfinite(free_m)].min() > 4.7  # kept free over motorways; such roads need 4.5
    fixtures = surfaces.road_fixtures(road)
    assert {fixture.kind for fixture in fixtures} == {"bridge"}
    assert sum(fixture.length_m for fixture in fixtures) == pytest.approx(40.0, abs=0.1)
    assert min(fixture.z_m for fixture in fixtures) == pytest.approx(4.54, abs=0.1)


def test_lane_lines_lie_on_the_borders_just_above_the_asphalt():
    mesh = _meshes("rural")[surfaces.MARKING_REACH_M]
    lanes = {lane.lane_id: lane for lane in load_map("rural").lanes}
    centre = lanes[-1].points
    for vertex in mesh.vertices[::7].astype(np.float64):
        row = int(np.argmin(((centre[:, 1:3] - vertex[:2]) ** 2).sum(axis=1)))
        away = vertex[:2] - centre[row, 1:3]
        yaw = centre[row, 3]
        aside = away[1] * np.cos(yaw) - away[0] * np.sin(yaw)
        bend_m = 0.5 * centre[row, 4] * (away @ (np.cos(yaw), np.sin(yaw))) ** 2
        offset = aside - bend_m
        nearest = min((1.75, -1.75, 5.25), key=lambda border: abs(offset - border))
        assert abs(offset - nearest) == pytest.approx(0.06, abs=0.025)
        assert vertex[2] == pytest.approx(LIFT_M, abs=1e-4)


def test_broken_lines_have_their_dashes_and_gaps():
    mesh = _meshes("motorway")[surfaces.MARKING_REACH_M]
    x, y = mesh.vertices[:, 0], mesh.vertices[:, 1]
    line = (np.abs(y + 5.75) < 0.07) & (x < 900.0)
    painted = np.zeros(900, dtype=bool)
    corners = mesh.triangles[line[mesh.triangles].all(axis=1)]
    for triangle in corners:
        painted[int(round(x[triangle].min())) : int(round(x[triangle].max()))] = True
    assert painted.mean() == pytest.approx(6.0 / 18.0, abs=0.01)
    assert painted[:18].tolist() == [True] * 6 + [False] * 12


def test_crosswalks_are_bars_of_half_a_metre_with_gaps_as_wide():
    mesh = _meshes("urban")[surfaces.MARKING_REACH_M]
    corners = mesh.vertices[mesh.triangles]
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    bars = (low[:, 0] > 97.5) & (high[:, 0] < 102.5) & (high[:, 0] - low[:, 0] > 3.9) & (high[:, 1] < 20.0)
    ends = np.unique(np.round(np.column_stack((low[bars, 1], high[bars, 1])), 3), axis=0)
    assert (ends[:, 1] - ends[:, 0]) == pytest.approx(np.full(len(ends), 0.5), abs=1e-3)
    assert np.diff(ends[:, 0]) == pytest.approx(np.full(len(ends) - 1, 1.0), abs=1e-3)
    assert len(ends) == 7


def test_kerbs_stand_between_street_and_sidewalk_and_face_the_street():
    mesh = _meshes("urban")[surfaces.KERB_REACH_M]
    heights = mesh.vertices[:, 2]
    assert (heights.min(), heights.max()) == pytest.approx((0.0, 0.12), abs=1e-6)
    south = (np.abs(mesh.vertices[:, 1] + 3.25) < 1e-3) & (np.abs(mesh.vertices[:, 0] - 100.0) < 80.0)
    assert south.any()
    assert mesh.normals[south, 1] == pytest.approx(np.ones(int(south.sum())), abs=1e-4)


def test_a_junction_has_no_hole_in_its_floor():
    for name in ("urban", "hills"):
        mesh = _meshes(name)[surfaces.ROAD_REACH_M]
        for floor in floors_of(courses_of(load_map(name))):
            x, y = np.meshgrid(np.linspace(-24.0, 24.0, 60), np.linspace(-24.0, 24.0, 60))
            places = np.column_stack((x.ravel(), y.ravel())) + floor.middle[:2]
            inside = places[floor.holds(places, 0.3)]
            assert len(inside) > 500
            drawn = _highest_below(mesh, inside)
            assert (np.abs(drawn - floor.middle[2]) < 0.16).all()  # floor, lanes or a raised sidewalk


def test_land_has_no_cracks_and_reaches_far():
    mesh = _meshes("hills")[surfaces.LAND_REACH_M]
    edges = np.concatenate([mesh.triangles[:, [i, (i + 1) % 3]] for i in range(3)]).astype(np.int64)
    codes = edges.min(axis=1) * len(mesh.vertices) + edges.max(axis=1)
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    assert counts.max() == 2
    rim = edges[first[counts == 1]]
    road = np.concatenate([lane.points[:, 1:3] for lane in load_map("hills").lanes])[::20]
    middles = 0.5 * (mesh.vertices[rim[:, 0], :2] + mesh.vertices[rim[:, 1], :2])
    gaps = np.sqrt(((middles[:, None, :] - road[None, :, :]) ** 2).sum(axis=2)).min(axis=1)
    assert gaps.min() > 1500.0  # an open edge elsewhere would be a crack
    assert np.ptp(mesh.vertices[:, 2]) > 30.0


@pytest.mark.parametrize("name", MAPS)
def test_triangle_counts_stay_modest(name):
    counts = [len(piece.mesh.triangles) for piece in surfaces.road_pieces(load_map(name))]
    assert 5_000 < sum(counts) < 40_000


def test_the_same_map_gives_the_same_bytes_and_is_made_once(tmp_path):
    def digest(pieces):
        whole = hashlib.sha256()
        for piece in pieces:
            for array in (piece.mesh.vertices, piece.mesh.normals, piece.mesh.triangles, piece.mesh.materials):
                whole.update(array.tobytes())
        return whole.hexdigest()

    road = load_map("hills")
    pieces = surfaces.road_pieces(road)
    for suffix in ("xodr", "npz"):
        shutil.copy(FOLDER / f"hills.{suffix}", tmp_path / f"hills.{suffix}")
    again = load_map("hills", tmp_path)
    assert again is not road
    assert surfaces.road_pieces(again) is pieces
    before = digest(pieces)
    surfaces._ground.cache_clear()
    assert digest(surfaces.road_pieces(again)) == before


def test_things_beside_the_road_stand_on_the_drawn_ground():
    road = load_map("hills")
    meshes = _meshes("hills")
    spots = [(180.0 + 3.0 * i, sign * (6.0 + 2.3 * (i % 30))) for i in range(60) for sign in (1.0, -1.0)]
    places = roads_places(road, spots)
    given = surfaces.ground_heights(road, places)
    drawn = np.maximum(*(_highest_below(meshes[reach], places)
                         for reach in (surfaces.VERGE_REACH_M, surfaces.LAND_REACH_M)))  # fmt: skip
    assert np.abs(given - drawn).max() < 0.35
    assert np.median(np.abs(given - drawn)) < 0.12


def roads_places(road, offsets):
    """Places beside road 1 of the hills, by station and offset from lane -1."""
    from sim.road import route_from, world_point

    route = route_from(road, ("1", -1), 0.0, 600.0)
    return np.array([world_point(route, s_m, offset_m)[:2] for s_m, offset_m in offsets])
