"""Pedestrians find their way: on sidewalks, over crosswalks, on any map."""

import struct
from math import pi

import numpy as np
import pytest

from scenarios.maps import load_map, map_names
from sim.episode.navmesh import cloth_of, name_of, navigation_mesh
from sim.episode.patchwork import area_m2, height_m, holds
from sim.episode.seams import NOBODY
from sim.episode.walkways import BODY_M, CROSSING, GREEN, PAVEMENT, ROADWAY
from sim.road import SIDEWALK
from tests.sim.episode.streets import BARE, PAVED, SHOULDERED, crosswalk, mapped, street

MAPS = map_names()
CORNER = 15.0


def groups(cloth, kinds):
    """Which polygons of these kinds hang together: a number per polygon, NOBODY for others."""
    group = [NOBODY] * len(cloth.rings)
    for first in range(len(group)):
        if group[first] == NOBODY and cloth.kinds[first] in kinds:
            waiting = [first]
            group[first] = first
            while waiting:
                for other in cloth.beside[waiting.pop()]:
                    if other != NOBODY and group[other] == NOBODY and cloth.kinds[other] in kinds:
                        group[other] = first
                        waiting.append(other)
    return group


def sizes(cloth, kinds):
    """Areas of what hangs together, largest first."""
    group = groups(cloth, kinds)
    found = {}
    for at, ring in enumerate(cloth.rings):
        if group[at] != NOBODY:
            found[group[at]] = found.get(group[at], 0.0) + area_m2(ring)
    return sorted(found.values(), reverse=True)


def kinds_at(cloth, x_m, y_m, z_m, slack_m=0.0):
    """What there is at a place."""
    return {
        kind
        for ring, kind in zip(cloth.rings, cloth.kinds, strict=True)
        if holds(ring, x_m, y_m, -slack_m) and abs(height_m(ring, x_m, y_m) - z_m) < 1.0
    }


@pytest.fixture(scope="module", params=MAPS)
def cloth(request):
    return cloth_of(load_map(request.param))


def test_polygons_are_convex_counter_clockwise_and_have_at_most_six_corners(cloth):
    for ring in cloth.rings:
        assert 3 <= len(ring) <= 6
        assert area_m2(ring) > 0.0
        for k, corner in enumerate(ring):
            turn = area_m2((ring[k - 2], ring[k - 1], corner))
            long_m = max(np.hypot(*np.subtract(ring[k - 2][:2], corner[:2])), 0.1)
            assert 2.0 * turn / long_m > -0.07


def test_neighbours_know_each_other_and_share_their_edge(cloth):
    for at, (ring, beside) in enumerate(zip(cloth.rings, cloth.beside, strict=True)):
        for k, other in enumerate(beside):
            if other == NOBODY:
                continue
            a, b = ring[k][:2], ring[(k + 1) % len(ring)][:2]
            theirs = [
                (cloth.rings[other][(j + 1) % len(cloth.rings[other])][:2], cloth.rings[other][j][:2])
                for j, back in enumerate(cloth.beside[other])
                if back == at
            ]
            assert (a, b) in theirs


def test_nothing_covers_anything_else(cloth):
    rng = np.random.default_rng(0)
    for at in rng.choice(len(cloth.rings), 60).tolist():
        ring = cloth.rings[at]
        weights = rng.dirichlet(np.ones(len(ring)))
        x, y, z = (weights @ np.array(ring)).tolist()
        over = [other for other, known in enumerate(cloth.rings)
                if holds(known, x, y, 0.08) and abs(height_m(known, x, y) - z) < 1.0]  # fmt: skip
        assert len(over) <= 1


@pytest.mark.parametrize("name", MAPS)
def test_every_map_can_be_walked_on_from_end_to_end(name):
    road, cloth = load_map(name), cloth_of(load_map(name))
    largest = sizes(cloth, {PAVEMENT, CROSSING})[0]
    longest = max(float(lane.points[-1, 0]) for lane in road.lanes)
    assert largest > 1.1 * longest  # m²: nowhere less than two people wide
    together = sizes(cloth, {PAVEMENT, CROSSING, ROADWAY, GREEN})
    islands = 2 if road.bridges else 1
    assert sum(together[:islands]) > 0.999 * sum(together)


def test_all_sidewalks_of_the_town_hang_together_over_its_crosswalks():
    cloth = cloth_of(load_map("urban"))
    assert len(sizes(cloth, {PAVEMENT, CROSSING})) == 1
    assert len(sizes(cloth, {PAVEMENT})) > 8  # which they would not without


def test_every_crosswalk_joins_the_sidewalks_of_both_sides():
    road = load_map("urban")
    cloth = cloth_of(road)
    crosswalks = [thing for thing in road.objects if thing.kind == "crosswalk"]
    assert crosswalks
    for thing in crosswalks:
        own = [at for at, ring in enumerate(cloth.rings) if cloth.kinds[at] == CROSSING
               and np.hypot(*(np.mean(ring, axis=0)[:2] - (thing.x_m, thing.y_m))) < 4.0]  # fmt: skip
        touched = {other for at in own for other in cloth.beside[at] if other != NOBODY
                   and cloth.kinds[other] == PAVEMENT}  # fmt: skip
        aside = [np.sin(thing.yaw_rad) * (p[0] - thing.x_m) - np.cos(thing.yaw_rad) * (p[1] - thing.y_m)
                 for other in touched for p in [np.mean(cloth.rings[other], axis=0)]]  # fmt: skip
        assert min(aside) < -3.0
        assert max(aside) > 3.0


def test_the_middle_of_every_sidewalk_is_pavement_at_its_height():
    road = load_map("urban")
    cloth = cloth_of(road)
    for lane in road.lanes:
        if lane.kind == SIDEWALK:
            for row in range(2, len(lane.points) - 2, 12):
                x, y = lane.points[row, 1:3].tolist()
                assert PAVEMENT in kinds_at(cloth, x, y, float(lane.heights_m[row]), slack_m=0.01)


def test_nobody_is_led_along_the_very_edge_of_a_sidewalk():
    lane = street("1", (0.0, 0.0), 0.0, 100.0)
    cloth = cloth_of(mapped(lane))
    for y_m, expected in ((4.0, {PAVEMENT}), (3.0 + 0.5 * BODY_M, {ROADWAY}), (5.0 - 0.5 * BODY_M, set())):
        assert kinds_at(cloth, 51.0, y_m, 0.12) == expected


# Maps that are made in other ways.


def test_a_road_without_anything_to_walk_on_gets_a_strip_on_either_side():
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 100.0, BARE)))
    for y_m in (4.0, -4.0):
        assert kinds_at(cloth, 50.0, y_m, 0.0) == {PAVEMENT}
    assert len(sizes(cloth, {PAVEMENT})) == 2
    assert len(sizes(cloth, {PAVEMENT, ROADWAY})) == 1


def test_a_narrow_shoulder_is_walked_on_with_what_lies_beside_it():
    narrow = ((2, "shoulder", 0.5), (1, "driving", 3.0), (-1, "driving", 3.0), (-2, "shoulder", 0.5))
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 100.0, narrow)))
    for y_m, expected in (
        (3.05, {ROADWAY}),
        (3.15, {PAVEMENT}),
        (4.25, {PAVEMENT}),
        (4.35, set()),
        (-4.25, {PAVEMENT}),
    ):
        assert kinds_at(cloth, 51.0, y_m, 0.0) == expected


def test_shoulders_are_walked_on_where_there_is_no_sidewalk_at_all():
    shouldered = street("1", (0.0, 0.0), 0.0, 100.0, SHOULDERED)
    assert kinds_at(cloth_of(mapped(shouldered)), 50.0, 3.75, 0.0) == {PAVEMENT}
    paved = street("2", (0.0, 50.0), 0.0, 100.0)
    assert kinds_at(cloth_of(mapped(shouldered, paved)), 50.0, 3.75, 0.0) == {GREEN}


def test_a_gap_between_two_sidewalks_ahead_of_each_other_is_closed():
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 40.0), street("2", (42.0, 0.0), 0.0, 40.0)))
    assert len(sizes(cloth, {PAVEMENT})) == 2


def arms(profile=PAVED):
    """Four arms that meet at a junction without any lanes in it but straight driven ones."""
    outer = [street(str(k), (CORNER * np.cos(k * pi / 2), CORNER * np.sin(k * pi / 2)), k * pi / 2, 60.0, profile)
             for k in range(4)]  # fmt: skip
    inner = [street("10", (-CORNER, 0.0), 0.0, 2 * CORNER, BARE, junction_id="9"),
             street("11", (0.0, -CORNER), pi / 2, 2 * CORNER, BARE, junction_id="9")]  # fmt: skip
    return [*outer, *inner]


def test_sidewalks_that_end_at_a_junction_are_joined_around_its_corners_and_not_across_its_roads():
    cloth = cloth_of(mapped(*arms()))
    assert len(sizes(cloth, {PAVEMENT})) == 4
    group = groups(cloth, {PAVEMENT})
    at = {}
    for k, (x, y) in enumerate([(40.0, 4.0), (4.0, 40.0), (-4.0, 40.0), (-40.0, 4.0), (40.0, -4.0)]):
        (at[k],) = {group[n] for n, ring in enumerate(cloth.rings) if holds(ring, x, y, 0.0) and group[n] != NOBODY}
    assert at[0] == at[1]
    assert at[2] == at[3]
    assert len({at[0], at[2], at[4]}) == 3


def test_a_crosswalk_that_ends_short_of_the_sidewalks_is_drawn_out_to_them():
    for thing in (
        crosswalk(20.0, 0.0, 3.0, 5.0),
        crosswalk(20.0, 0.0, 5.0, 3.0, pi / 2),
        crosswalk(20.0, 0.0, 5.0, 2.0),
    ):
        cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 60.0), objects=(thing,)))
        assert len(sizes(cloth, {PAVEMENT, CROSSING})) == 1
        assert kinds_at(cloth, 20.0, 3.1, 0.0, slack_m=0.01) == {CROSSING}


def test_a_crosswalk_far_from_any_sidewalk_is_left_as_it_is():
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 60.0, BARE), objects=(crosswalk(20.0, 0.0, 3.0, 5.0),)))
    assert sum(area_m2(r) for r, k in zip(cloth.rings, cloth.kinds, strict=True) if k == CROSSING) == pytest.approx(
        15.0
    )


def test_a_crosswalk_without_a_size_is_passed_over():
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 60.0), objects=(crosswalk(20.0, 0.0, 0.0, 0.0),)))
    assert CROSSING not in cloth.kinds


def test_a_bridge_does_not_cut_what_passes_below_nor_join_it():
    below, above = street("1", (0.0, 0.0), 0.0, 100.0), street("2", (50.0, -50.0), pi / 2, 100.0, z_m=6.0)
    cloth = cloth_of(mapped(below, above))
    assert kinds_at(cloth, 53.9, 4.1, 0.12) == {PAVEMENT}
    assert kinds_at(cloth, 53.9, 4.1, 6.12) == {PAVEMENT}
    assert len(sizes(cloth, {PAVEMENT, ROADWAY})) == 2


def test_a_sidewalk_that_crosses_driven_lanes_in_a_junction_is_a_crossing():
    across = street("3", (-20.0, 0.0), 0.0, 40.0, ((-1, "sidewalk", 2.0),), junction_id="7")
    cloth = cloth_of(mapped(street("1", (0.0, -30.0), pi / 2, 60.0, BARE), across))
    assert kinds_at(cloth, 0.1, -1.0, 0.0) == {CROSSING}
    assert kinds_at(cloth, -15.0, -1.0, 0.0) == {PAVEMENT}


def box(x_m, y_m, half_m, low_m, high_m):
    return np.array([[x_m, y_m, 1.0, 0.0, half_m, half_m, low_m, high_m, 2.0 * half_m, 0.0]])


def test_walkers_are_led_around_what_stands_in_their_way():
    road = mapped(street("1", (0.0, 0.0), 0.0, 60.0))
    cloth = cloth_of(road, box(31.0, 4.6, 0.1, 0.0, 5.0))
    assert kinds_at(cloth, 31.0, 4.6, 0.12) == set()
    assert kinds_at(cloth, 31.0, 4.6 - 0.35, 0.12) == set()
    assert kinds_at(cloth, 31.0, 4.6 - 0.45, 0.12) == {PAVEMENT}
    assert kinds_at(cloth, 31.0 + 0.45, 4.6, 0.12) == {PAVEMENT}
    assert len(sizes(cloth, {PAVEMENT})) == 2
    assert navigation_mesh(road) != navigation_mesh(road, box(31.0, 4.6, 0.1, 0.0, 5.0))


@pytest.mark.parametrize(("low_m", "high_m"), [(2.5, 6.0), (-4.0, -1.0), (0.0, 0.2)])
def test_what_hangs_high_lies_below_or_can_be_stepped_over_is_in_nobodys_way(low_m, high_m):
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 60.0)), box(31.0, 4.0, 0.1, low_m, high_m))
    assert kinds_at(cloth, 31.0, 4.0, 0.12) == {PAVEMENT}


def test_a_rail_across_the_whole_sidewalk_ends_it():
    cloth = cloth_of(mapped(street("1", (0.0, 0.0), 0.0, 60.0)), box(31.0, 4.0, 1.5, 0.0, 1.0))
    assert len(sizes(cloth, {PAVEMENT})) == 3


def test_a_map_without_lanes_has_no_mesh():
    assert navigation_mesh(mapped()) == b""


def test_a_map_too_large_for_one_tile_keeps_its_sidewalks(monkeypatch):
    road = mapped(street("1", (0.0, 0.0), 0.0, 900.0))
    whole = cloth_of(road)
    monkeypatch.setattr("sim.episode.detour.MOST_POLYGONS", len(whole.rings) - 1)
    small = cloth_of(road)
    assert set(small.kinds) == {PAVEMENT}
    assert len(sizes(small, {PAVEMENT})) == 2


# The file.


def unpacked(data):
    """The file's parts, read as the format says."""
    front = struct.unpack_from("<3i3f2f2i", data, 0)
    reference, size = struct.unpack_from("<Ii", data, 40)
    head = struct.unpack_from("<5iI9i3f3f3ff", data, 48)
    polygons, vertices, links, details, _, triangles, nodes = head[6:13]
    at = 48 + 100
    parts = {}
    for name, dtype, count in (
        ("vertices", np.dtype(("<f4", 3)), vertices),
        ("polygons", np.dtype([("first", "<u4"), ("corners", "<u2", 6), ("beside", "<u2", 6), ("flags", "<u2"),
                               ("count", "u1"), ("area", "u1")]), polygons),
        ("links", np.dtype("V12"), links),
        ("details", np.dtype([("v", "<u4"), ("t", "<u4"), ("vs", "u1"), ("ts", "u1"), ("pad", "<u2")]), details),
        ("triangles", np.dtype(("u1", 4)), triangles),
        ("nodes", np.dtype([("low", "<u2", 3), ("high", "<u2", 3), ("at", "<i4")]), nodes),
    ):  # fmt: skip
        parts[name] = np.frombuffer(data, dtype, count, at)
        at += parts[name].nbytes
    return front, reference, size, head, parts, at


@pytest.fixture(scope="module", params=MAPS)
def unpacked_map(request):
    road = load_map(request.param)
    data = navigation_mesh(road)
    return data, cloth_of(road), unpacked(data)


def test_the_file_is_one_whole_tile(unpacked_map):
    data, cloth, (front, reference, size, head, parts, end) = unpacked_map
    assert data[:4] == b"TESM"
    assert data[48:52] == b"VAND"
    assert (front[1], front[2], head[1]) == (1, 1, 7)
    assert end == len(data) == 48 + size
    assert len(parts["polygons"]) == len(cloth.rings) <= front[9] == reference
    low, high = np.array(head[18:21]), np.array(head[21:24])
    assert (parts["vertices"] > low).all()
    assert (parts["vertices"] < high).all()
    assert front[3:6] == head[18:21]
    assert front[6] >= high[0] - low[0] - 1e-3
    assert front[7] >= high[2] - low[2] - 1e-3
    assert len(parts["links"]) >= sum(len(ring) for ring in cloth.rings)


def test_its_polygons_are_the_clothes(unpacked_map):
    _, cloth, (*_, parts, _) = unpacked_map
    for row, ring, kind, beside in zip(parts["polygons"], cloth.rings, cloth.kinds, cloth.beside, strict=True):
        count = int(row["count"])
        corners = parts["vertices"][row["corners"][:count]]
        assert corners == pytest.approx(np.array([(x, z, -y) for x, y, z in ring]), abs=1e-3)
        assert [int(one) - 1 for one in row["beside"][:count]] == list(beside)
        assert not row["beside"][count:].any()
        assert (int(row["area"]), int(row["flags"])) == (kind, 1 << kind)


def test_its_triangles_cover_each_polygon_and_mark_its_outline(unpacked_map):
    _, cloth, (*_, parts, _) = unpacked_map
    for ring, detail in zip(cloth.rings, parts["details"], strict=True):
        triangles = parts["triangles"][detail["t"] : detail["t"] + detail["ts"]]
        assert len(triangles) == len(ring) - 2
        areas = [area_m2(tuple(ring[k] for k in corners[:3])) for corners in triangles.tolist()]
        assert sum(areas) == pytest.approx(area_m2(ring), rel=1e-6)
        edges = ((corners, edge) for corners in triangles.tolist() for edge in range(3))
        marked = {frozenset((one[edge], one[(edge + 1) % 3])) for one, edge in edges if one[3] >> (2 * edge) & 3 == 1}
        assert marked == {frozenset((k, (k + 1) % len(ring))) for k in range(len(ring))}


def test_its_tree_finds_every_polygon_where_it_is(unpacked_map):
    _, _, (_, _, _, head, parts, _) = unpacked_map
    nodes, low, per_m = parts["nodes"], np.array(head[18:21]), head[24]

    def found(place):
        want = ((place - low) * per_m).astype(int)
        at, hits = 0, []
        while at < len(nodes):
            node = nodes[at]
            inside = (node["low"] <= want + 1).all() and (node["high"] >= want - 1).all()
            if node["at"] >= 0 and inside:
                hits.append(int(node["at"]))
            at += 1 if inside or node["at"] >= 0 else -int(node["at"])
        return hits

    for at in range(0, len(parts["polygons"]), 37):
        row = parts["polygons"][at]
        middle = parts["vertices"][row["corners"][: row["count"]]].mean(axis=0)
        assert at in found(middle)
    assert sorted(nodes["at"][nodes["at"] >= 0].tolist()) == list(range(len(parts["polygons"])))


def test_the_name_tells_the_map_and_the_content():
    road = load_map("urban")
    data = navigation_mesh(road)
    assert name_of(road, data).startswith("Carla/Maps/Nav/urban_")
    assert name_of(road, data) != name_of(road, data + b"x")
    assert navigation_mesh(road) is data
