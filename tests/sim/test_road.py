"""Roads as the twin sees them: axes, curvature, continuity, routes and refusals."""

import builtins
import copy
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.maps import FOLDER, load_map, map_names
from sim import road as roads
from stack.vocabulary import InputError, MissingPart

MOTORWAY = ("1", -3)


def _bake(name: str) -> roads.Road:
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    return roads.bake(name, (FOLDER / f"{name}.xodr").read_text(encoding="utf-8"))


def _same(first: roads.Road, second: roads.Road) -> bool:
    plain = [
        (lane.road_id, lane.section, lane.lane_id, lane.kind, lane.forward, lane.width_m, lane.left, lane.right,
         lane.successors) for lane in first.lanes
    ] == [
        (lane.road_id, lane.section, lane.lane_id, lane.kind, lane.forward, lane.width_m, lane.left, lane.right,
         lane.successors) for lane in second.lanes
    ]  # fmt: skip
    points = all(np.allclose(a.points, b.points, atol=1e-3) for a, b in zip(first.lanes, second.lanes, strict=True))
    return plain and points and (first.name, first.digest) == (second.name, second.digest)


def _headings_rad(points: np.ndarray) -> np.ndarray:
    return np.unwrap(np.arctan2(np.diff(points[:, 2]), np.diff(points[:, 1])))


@pytest.mark.parametrize("name", map_names())
def test_the_left_lane_really_lies_to_the_left_and_runs_the_same_way(name):
    road = load_map(name)
    pairs = [(lane, road.lanes[lane.left]) for lane in road.lanes if lane.left != roads.NO_LANE]
    assert pairs
    for lane, left in pairs:
        _, x_m, y_m, yaw_rad, _ = lane.points[len(lane.points) // 2]
        away = left.points[:, 1:3] - (x_m, y_m)
        abeam = away[np.argmin((away**2).sum(axis=1))]
        to_the_left_m = -math.sin(yaw_rad) * abeam[0] + math.cos(yaw_rad) * abeam[1]
        assert to_the_left_m == pytest.approx(0.5 * (lane.width_m + left.width_m), abs=0.2)
        assert lane.forward == left.forward


@pytest.mark.parametrize("name", map_names())
def test_traffic_keeps_to_the_right(name):
    road = load_map(name)
    oncoming = [lane for lane in road.lanes if lane.kind == roads.DRIVING and not lane.forward]
    assert oncoming
    for lane in oncoming:
        own = next(other for other in road.lanes if (other.road_id, other.lane_id) == (lane.road_id, -lane.lane_id))
        _, x_m, y_m, yaw_rad, _ = own.points[0]
        dx_m, dy_m = lane.points[-1, 1:3] - (x_m, y_m)
        assert -math.sin(yaw_rad) * dx_m + math.cos(yaw_rad) * dy_m > 0.0


@pytest.mark.parametrize("name", map_names())
def test_yaw_points_along_the_path_in_a_right_handed_frame(name):
    for lane in load_map(name).lanes:
        middle = 0.5 * (lane.points[1:, 3] + lane.points[:-1, 3])
        difference = (_headings_rad(lane.points) - middle + math.pi) % math.tau - math.pi
        assert np.abs(difference).max() < 1e-3


@pytest.mark.parametrize("name", map_names())
def test_lanes_are_continuous_evenly_sampled_and_read_only(name):
    for lane in load_map(name).lanes:
        steps_m = np.diff(lane.points[:, 0])
        gaps_m = np.hypot(*np.diff(lane.points[:, 1:3], axis=0).T)
        assert steps_m.min() > 0.0
        assert lane.points[0, 0] == 0.0
        assert gaps_m.max() < 1.1 * np.median(gaps_m)
        assert np.abs(np.diff(lane.points[:, 3])).max() < 0.2
        with pytest.raises(ValueError, match="read-only"):
            lane.points[0, 0] = 1.0


@pytest.mark.parametrize("name", map_names())
def test_a_lane_ends_where_its_successors_begin(name):
    road = load_map(name)
    for lane in road.lanes:
        for index in lane.successors:
            after = road.lanes[index]
            assert np.hypot(*(after.points[0, 1:3] - lane.points[-1, 1:3])) < 0.002
            turned = (after.points[0, 3] - lane.points[-1, 3] + math.pi) % math.tau - math.pi
            assert abs(turned) < 2e-6


def test_straights_are_straight_and_the_tight_bends_are_250_m_wide_both_ways():
    points = roads.first_lane(load_map("motorway"), MOTORWAY).points
    s_m, curvature = points[:, 0], points[:, 4]
    assert np.abs(curvature[s_m < 945.0]).max() < 1e-4
    assert np.abs(curvature[(s_m > 1365.0) & (s_m < 1600.0)]).max() < 1e-4
    left, right = curvature[(s_m > 1055.0) & (s_m < 1250.0)], curvature[(s_m > 1715.0) & (s_m < 1895.0)]
    assert left * 250.0 == pytest.approx(np.ones_like(left), rel=0.02)
    assert right * -250.0 == pytest.approx(np.ones_like(right), rel=0.02)
    assert np.abs(curvature).max() < 1.02 / 250.0


def test_curvature_agrees_with_a_circle_through_the_positions():
    points = roads.first_lane(load_map("rural"), ("1", -1)).points
    inside = points[(points[:, 0] > 520.0) & (points[:, 0] < 620.0)]  # the arc with R = 180 m at the reference line
    a, b, c = inside[0, 1:3], inside[len(inside) // 2, 1:3], inside[-1, 1:3]
    sides = [np.hypot(*(p - q)) for p, q in ((a, b), (b, c), (c, a))]
    area = 0.5 * ((b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0])
    assert inside[:, 4].mean() == pytest.approx(4.0 * area / math.prod(sides), rel=0.002)
    assert inside[:, 4].mean() == pytest.approx(1.0 / (180.0 + 1.75), rel=0.002)


def test_arc_length_is_longer_on_the_outside_of_a_bend():
    road = load_map("motorway")
    forth, back = roads.first_lane(road, ("1", -3)), roads.first_lane(road, ("1", 3))
    turned_rad = forth.points[-1, 3] - forth.points[0, 3]
    between_m = 2.0 * (2.0 + 1.5 * 3.75)
    assert back.points[-1, 0] - forth.points[-1, 0] == pytest.approx(-between_m * turned_rad, abs=0.01)


@pytest.mark.parametrize("name", map_names())
def test_a_baked_map_equals_one_baked_afresh(name):
    baked, fresh = load_map(name), _bake(name)
    assert _same(baked, fresh)
    assert [thing.name for thing in baked.objects] == [thing.name for thing in fresh.objects]
    for kept, made in zip(baked.objects, fresh.objects, strict=True):
        assert (kept.x_m, kept.y_m, kept.yaw_rad) == pytest.approx((made.x_m, made.y_m, made.yaw_rad), abs=1e-3)


def test_saving_twice_gives_the_same_bytes_and_loading_gives_the_road_back(tmp_path):
    road = load_map("rural")
    for name in ("a.npz", "b.npz"):
        roads.save_baked(road, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = roads.load_baked(tmp_path / "a.npz")
    assert _same(road, again)
    assert again.objects == road.objects


def test_a_damaged_baked_file_is_refused_with_the_mend(tmp_path: Path):
    broken = tmp_path / "rural.npz"
    broken.write_bytes((FOLDER / "rural.npz").read_bytes()[:5000])
    with pytest.raises(InputError, match=r"rural\.npz.*scenarios\.maps\.make"):
        roads.load_baked(broken)
    with pytest.raises(InputError, match="cannot be read"):
        roads.load_baked(tmp_path / "absent.npz")


def test_without_carla_baking_says_what_to_install_and_baked_maps_still_load(monkeypatch):
    genuine = builtins.__import__

    def without_carla(name, *arguments, **options):
        if name == "carla":
            raise ImportError(name)
        return genuine(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_carla)
    with pytest.raises(MissingPart, match=r"pip install carla==0\.9\.16"):
        roads.bake("any", "<OpenDRIVE/>")
    assert roads.load_baked(FOLDER / "rural.npz").lanes


def test_text_that_is_not_opendrive_is_refused():
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    with pytest.raises(InputError, match="cannot be read"):
        roads.bake("any", "<OpenDRIVE")
    with pytest.raises(InputError, match="no lanes"):
        roads.bake("any", "<OpenDRIVE/>")
    with pytest.raises(InputError, match="drives on the left"):
        roads.bake("any", (FOLDER / "rural.xodr").read_text(encoding="utf-8").replace('rule="RHT"', 'rule="LHT"'))


def test_guard_rail_boxes_follow_the_bend_without_gaps():
    road = load_map("motorway")
    route = roads.route_from(road, MOTORWAY, 1000.0, 300.0)
    rails = [rail for rail in roads.objects_along(road, route, "guard_rail", 8.0) if "guard_rail_right" in rail.name]
    assert len(rails) > 30
    for rail in rails:
        assert rail.length_m <= 10.0
        assert (rail.width_m, rail.height_m) == (0.30, 0.75)
    for first, second in zip(rails[:-1], rails[1:], strict=True):
        end = first.x_m + 0.5 * first.length_m * math.cos(first.yaw_rad)
        start = second.x_m - 0.5 * second.length_m * math.cos(second.yaw_rad)
        assert end == pytest.approx(start, abs=1e-3)
    inner = [rail for rail in rails if 20.0 < roads.route_point(route, rail.x_m, rail.y_m)[0] < 280.0]
    for rail in inner:  # shoulder 3.0 m, half a lane 1.875 m, 0.5 m beyond the edge
        assert roads.route_point(route, rail.x_m, rail.y_m)[1] == pytest.approx(-5.375, abs=0.1)


def test_crosswalks_lie_across_the_road_at_their_stations():
    road = load_map("urban")
    route = roads.route_from(road, ("2", -1), 0.0, 170.0)
    places = {thing.name: roads.route_point(route, thing.x_m, thing.y_m)
              for thing in roads.objects_along(road, route, "crosswalk", 3.0)}  # fmt: skip
    assert set(places) == {"crosswalk_2_start", "crosswalk_2_middle", "crosswalk_2_end"}
    assert places["crosswalk_2_middle"] == pytest.approx((85.0, 1.625), abs=0.01)
    crossing = next(thing for thing in road.objects if thing.name == "crosswalk_2_middle")
    assert (crossing.length_m, crossing.width_m) == (4.0, 6.5)
    assert crossing.yaw_rad == pytest.approx(0.0)


def test_a_route_begins_where_asked_and_is_even_to_about_a_metre():
    road = load_map("motorway")
    route = roads.route_from(road, MOTORWAY, 900.0, 1234.5)
    steps_m = np.diff(route.points[:, 0])
    assert route.points[0, 0] == 0.0
    assert route.points[-1, 0] == pytest.approx(1234.5)
    assert steps_m == pytest.approx(np.full_like(steps_m, steps_m[0]))
    assert steps_m[0] == pytest.approx(1.0, abs=0.01)
    assert route.points[0, 1:4] == pytest.approx((900.0, -7.625, 0.0), abs=1e-3)
    assert route.lane_width_m == 3.75
    assert not route.points.flags.writeable
    gaps_m = np.hypot(*np.diff(route.points[:, 1:3], axis=0).T)
    assert gaps_m == pytest.approx(steps_m, abs=1e-3)


@pytest.mark.parametrize(
    ("turns", "end", "yaw_rad"),
    [
        ((), (215.0, -1.625), 0.0),
        (("straight",), (215.0, -1.625), 0.0),
        (("left",), (1.625, 400.0 - 185.0), 0.5 * math.pi),
        (("right",), (-1.625, -185.0), -0.5 * math.pi),
    ],
)
def test_a_route_crosses_a_junction_the_way_it_is_told(turns, end, yaw_rad):
    through_m = {"straight": 30.0, "left": 0.5 * math.pi * 16.625, "right": 0.5 * math.pi * 13.375}
    turn = turns[0] if turns else "straight"
    beyond_m = {"straight": 200.0, "left": 200.0, "right": 170.0}[turn]
    route = roads.route_from(load_map("urban"), ("1", -1), 0.0, 170.0 + through_m[turn] + beyond_m - 0.01, turns)
    gaps_m = np.hypot(*np.diff(route.points[:, 1:3], axis=0).T)
    assert gaps_m.max() < 1.1 * np.median(gaps_m)
    assert np.abs(np.diff(route.points[:, 3])).max() < 0.1
    assert route.points[-1, 1:3] == pytest.approx(end, abs=0.05)
    assert route.points[-1, 3] == pytest.approx(yaw_rad, abs=1e-4)


def test_oncoming_lanes_are_driven_against_the_reference_line():
    route = roads.route_from(load_map("rural"), ("1", 1), 0.0, 1559.0)
    assert abs(route.points[0, 1]) > 900.0
    assert route.points[-1, 1:3] == pytest.approx((0.72, 1.75), abs=0.05)
    assert math.cos(route.points[-1, 3]) == pytest.approx(-1.0, abs=1e-6)


def test_an_unknown_lane_is_refused_with_the_lanes_there_are_and_all_other_findings():
    with pytest.raises(InputError) as refused:
        roads.route_from(load_map("motorway"), ("1", -9), -1.0, math.nan)
    assert [finding.field for finding in refused.value.findings] == ["lane", "s_m", "length_m"]
    assert "driving lanes: road 1: lanes 3, 2, -2, -3" in str(refused.value)


@pytest.mark.parametrize(("s_m", "length_m", "field"), [(4000.0, 10.0, "s_m"), (3000.0, 100.0, "length_m")])
def test_a_start_or_an_end_beyond_the_road_is_unreachable(s_m, length_m, field):
    with pytest.raises(InputError, match=r"unreachable: the road ends 3037\.5 m after") as refused:
        roads.route_from(load_map("motorway"), MOTORWAY, s_m, length_m)
    assert refused.value.findings[0].field == field


def test_a_turn_that_is_not_there_or_never_reached_is_refused():
    urban = load_map("urban")
    with pytest.raises(InputError, match="no way up after road 1; there is: left, right, straight"):
        roads.route_from(urban, ("1", -1), 0.0, 300.0, ("up",))
    with pytest.raises(InputError, match="left: not reached"):
        roads.route_from(urban, ("1", -1), 0.0, 100.0, ("left",))


def test_a_route_runs_on_over_lane_sections_in_both_directions():
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    root = ElementTree.fromstring((FOLDER / "rural.xodr").read_text(encoding="utf-8"))
    lanes = root.find("road/lanes")
    first = lanes.find("laneSection")
    second = copy.deepcopy(first)
    second.set("s", "800")
    lanes.append(second)
    for section, link in ((first, "successor"), (second, "predecessor")):
        for lane in (*section.iterfind("left/lane"), *section.iterfind("right/lane")):
            ElementTree.SubElement(lane.find("link"), link, id=lane.get("id"))
    split = roads.bake("rural", ElementTree.tostring(root, encoding="unicode"))
    assert len(split.lanes) == 2 * len(load_map("rural").lanes)
    for lane in (("1", -1), ("1", 1)):
        whole = roads.route_from(load_map("rural"), lane, 5.0, 1500.0)
        assert roads.route_from(split, lane, 5.0, 1500.0).points == pytest.approx(whole.points, abs=2e-3)


def test_neighbours_for_lane_changes_are_driving_lanes_of_the_same_direction():
    road = load_map("motorway")
    assert roads.left_of(road, ("1", -3)) == ("1", -2)
    assert roads.right_of(road, ("1", -2)) == ("1", -3)
    assert roads.left_of(road, ("1", 3)) == ("1", 2)
    with pytest.raises(InputError, match="no driving lane to its left"):
        roads.left_of(road, ("1", -2))
    with pytest.raises(InputError, match="no driving lane to its right"):
        roads.right_of(road, ("1", -3))


def test_a_parallel_route_runs_along_the_neighbouring_lane():
    road = load_map("motorway")
    parallel = roads.offset_route(roads.route_from(road, ("1", -3), 900.0, 1200.0), 3.75)
    lane = roads.route_from(road, ("1", -2), 0.0, 3000.0)
    for row in parallel.points[::100]:
        s_m, offset_m = roads.route_point(lane, row[1], row[2])
        assert abs(offset_m) < 0.01
        assert np.interp(s_m, lane.points[:, 0], lane.points[:, 4]) == pytest.approx(row[4], abs=2e-5)
    gaps_m = np.hypot(*np.diff(parallel.points[:, 1:3], axis=0).T)
    assert np.diff(parallel.points[:, 0]) == pytest.approx(gaps_m, abs=1e-3)
    with pytest.raises(InputError, match="beyond the centre"):
        roads.offset_route(roads.route_from(road, MOTORWAY, 1100.0, 50.0), 251.0)


def test_a_straight_route_is_straight_and_needs_a_length():
    route = roads.straight_route(10.0, -5.0, 0.5 * math.pi, 12.0)
    assert route.points[-1, 1:3] == pytest.approx((10.0, 7.0))
    assert np.all(route.points[:, 4] == 0.0)
    with pytest.raises(InputError, match="must be above 0"):
        roads.straight_route(0.0, 0.0, 0.0, 0.0)


@settings(max_examples=50, deadline=None)
@given(s_m=st.floats(0.0, 1500.0), offset_m=st.floats(-5.0, 5.0))
def test_a_place_by_station_and_offset_is_found_again(s_m, offset_m):
    route = roads.route_from(load_map("rural"), ("1", -1), 30.0, 1500.0)
    x_m, y_m, _ = roads.world_point(route, s_m, offset_m)
    found_s_m, found_offset_m = roads.route_point(route, x_m, y_m)
    assert found_s_m == pytest.approx(s_m, abs=0.05)
    assert found_offset_m == pytest.approx(offset_m, abs=0.01)


def test_a_place_off_the_ends_of_a_route_is_refused():
    route = roads.straight_route(0.0, 0.0, 0.0, 10.0)
    with pytest.raises(InputError, match=r"runs from 0 to 10\.0 m"):
        roads.world_point(route, 10.5)


@settings(max_examples=25, deadline=None)
@given(s_m=st.floats(0.0, 2000.0), length_m=st.floats(1.0, 1000.0))
def test_a_part_of_a_route_is_the_route_of_the_part(s_m, length_m):
    road = load_map("motorway")
    whole, part = roads.route_from(road, MOTORWAY, 0.0, 3037.0), roads.route_from(road, MOTORWAY, s_m, length_m)
    x_m, y_m, yaw_rad = roads.world_point(whole, s_m + length_m)
    assert part.points[-1, 1:4] == pytest.approx((x_m, y_m, yaw_rad), abs=2e-3)
