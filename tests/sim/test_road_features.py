"""What a baked road knows beside its lanes' course: elevation, widths, markings, signs and bridges."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest

from scenarios.maps import FOLDER, load_map, map_names
from sim import road as roads
from stack.vocabulary import InputError


def _text(name: str) -> str:
    return (FOLDER / f"{name}.xodr").read_text(encoding="utf-8")


def _elevation_m(road: ElementTree.Element, s_m: float) -> float:
    rows = [[float(row.get(key)) for key in ("s", "a", "b", "c", "d")] for row in road.iterfind(".//elevation")]
    start_m, a, b, c, d = next(row for row in reversed(rows) if row[0] <= s_m)
    ds_m = s_m - start_m
    return a + b * ds_m + c * ds_m**2 + d * ds_m**3


@pytest.mark.parametrize("name", map_names())
def test_lanes_lie_at_the_height_that_the_map_writes(name):
    by_id = {road.get("id"): road for road in ElementTree.fromstring(_text(name)).iterfind("road")}
    for lane in load_map(name).lanes:
        kerb_m = 0.12 if lane.kind == roads.SIDEWALK else 0.0
        stations_m = np.linspace(*lane.stations_m, len(lane.points))
        written = [_elevation_m(by_id[lane.road_id], min(max(s, 0.0), max(lane.stations_m))) for s in stations_m]
        assert lane.heights_m == pytest.approx(np.array(written) + kerb_m, abs=5e-4)
        assert not lane.heights_m.flags.writeable


def test_the_hills_climb_and_fall_as_drawn():
    ridge = roads.first_lane(load_map("hills"), ("1", -1))
    slopes = np.diff(ridge.heights_m) / np.diff(ridge.points[:, 0])
    assert slopes.max() == pytest.approx(0.055, abs=1e-3)
    assert slopes.min() == pytest.approx(-0.04, abs=1e-3)
    valley = roads.first_lane(load_map("hills"), ("2", -1))
    assert (np.diff(valley.heights_m) / np.diff(valley.points[:, 0])).min() > -0.0625  # inside of the bend is shorter


@pytest.mark.parametrize("name", map_names())
def test_heights_run_on_from_lane_to_lane(name):
    road = load_map(name)
    for lane in road.lanes:
        for index in lane.successors:
            assert road.lanes[index].heights_m[0] == pytest.approx(lane.heights_m[-1], abs=0.002)


def test_a_route_carries_the_heights_of_its_lanes():
    road = load_map("hills")
    route = roads.route_from(road, ("1", -1), 20.0, 1200.0)
    assert route.heights_m.shape == (len(route.points),)
    for row in range(0, len(route.points), 50):
        x_m, y_m = route.points[row, 1:3]
        assert roads.height_at(road, x_m, y_m, route.heights_m[row]) == pytest.approx(route.heights_m[row], abs=2e-3)
    beside = roads.offset_route(route, 1.0)
    assert np.array_equal(beside.heights_m, route.heights_m)
    assert roads.straight_route(0.0, 0.0, 0.0, 5.0).heights_m is None
    assert set(roads.straight_route(0.0, 0.0, 0.0, 5.0, level_m=3.5).heights_m.tolist()) == {3.5}


def test_where_roads_cross_the_layer_asked_for_is_found():
    road = load_map("hills")
    x_m, y_m, _ = roads.world_point(roads.route_from(road, ("2", -1), 0.0, 800.0), 451.0)
    upper, lower = roads.height_at(road, x_m, y_m, 6.0), roads.height_at(road, x_m, y_m, -1.0)
    assert upper - lower == pytest.approx(6.0, abs=0.05)


def test_someone_crossing_a_street_steps_down_the_kerb_and_up_again():
    route = roads.grounded(load_map("urban"), roads.straight_route(-100.0, -5.0, 0.5 * math.pi, 10.0))
    assert route.heights_m[0] == pytest.approx(0.12, abs=1e-6)
    assert route.heights_m[5] == pytest.approx(0.0, abs=1e-6)
    assert route.heights_m[-1] == pytest.approx(0.12, abs=1e-6)


def test_markings_are_known_on_both_borders_and_alike_on_both_roads_halves():
    lanes = {lane.lane_id: lane for lane in load_map("rural").lanes}
    for lane_id in (-1, 1):
        sides = {mark.side: mark for mark in lanes[lane_id].marks}
        assert (sides["left"].kind, sides["left"].dash_m, sides["left"].gap_m) == ("broken", 4.0, 8.0)
        assert (sides["right"].kind, sides["right"].dash_m, sides["right"].width_m) == ("solid", 0.0, 0.12)
        assert (sides["left"].from_m, sides["left"].to_m) == (0.0, 1560.0)
    motorway = {lane.lane_id: lane for lane in load_map("motorway").lanes}
    assert {(mark.side, mark.kind, mark.dash_m) for mark in motorway[-3].marks} == {
        ("right", "solid", 0.0), ("left", "broken", 6.0)}  # fmt: skip


def test_a_markings_own_pattern_width_and_colour_are_kept():
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    root = ElementTree.fromstring(_text("rural"))
    mark = root.find("road/lanes/laneSection/center/lane/roadMark")
    mark.set("color", "yellow")
    mark.set("width", "0.2")
    line = ElementTree.SubElement(ElementTree.SubElement(mark, "type", name="broken", width="0.2"), "line")
    for key, value in (("length", "2"), ("space", "3"), ("tOffset", "0"), ("sOffset", "0")):
        line.set(key, value)
    baked = roads.bake("rural", ElementTree.tostring(root, encoding="unicode"))
    centre = next(mark for lane in baked.lanes if lane.lane_id == -1 for mark in lane.marks if mark.side == "left")
    assert (centre.dash_m, centre.gap_m, centre.colour, centre.width_m) == (2.0, 3.0, "yellow", 0.2)


def test_signs_stand_beside_the_road_and_look_at_those_they_speak_to():
    road = load_map("hills")
    signs = {signal.name: signal for signal in road.signals}
    limit = signs["limit_70_east"]
    assert (limit.kind, limit.value, limit.unit, limit.country) == ("274", 70.0, "km/h", "DE")
    assert (limit.x_m, limit.y_m, limit.z_m, limit.ground_m) == pytest.approx((30.0, -5.5, 14.0, 12.0), abs=1e-3)
    assert abs(limit.yaw_rad) == pytest.approx(math.pi, abs=1e-4)
    west = signs["limit_70_west"]
    route = roads.route_from(road, ("2", 1), 0.0, 60.0)
    s_m, offset_m = roads.route_point(route, west.x_m, west.y_m)
    assert (s_m, offset_m) == pytest.approx((30.0, -3.75), abs=0.05)
    heading = roads.world_point(route, s_m)[2]
    assert math.cos(west.yaw_rad - heading) == pytest.approx(-1.0, abs=1e-4)


def test_every_way_into_an_urban_junction_has_a_light_and_a_stop_line():
    road = load_map("urban")
    into = [lane for lane in road.lanes if lane.kind == roads.DRIVING and not lane.junction_id and lane.successors]
    lights = [signal for signal in road.signals if signal.kind == "1000001"]
    assert len(lights) == len(into) == 16
    assert all(light.dynamic and light.country == "OpenDRIVE" for light in lights)
    for lane in into:
        route = roads.route_from(road, (lane.road_id, lane.lane_id), 0.0, 169.0)
        theirs = [signal for signal in road.signals if signal.road_id == lane.road_id]
        facing = [signal for signal in theirs if math.cos(signal.yaw_rad - route.points[0, 3]) < -0.99]
        places = [roads.route_point(route, signal.x_m, signal.y_m) for signal in facing]
        assert sorted(offset for _, offset in places) == pytest.approx([-2.225, 0.0], abs=0.01)
        assert all(s_m == pytest.approx(161.5, abs=0.01) for s_m, _ in places)


def test_things_and_bridges_have_their_elevation():
    road = load_map("hills")
    (bridge,) = road.bridges
    assert (bridge.road_id, bridge.from_m, bridge.to_m) == ("2", 430.0, 470.0)
    rails = [thing for thing in road.objects if thing.kind == "guard_rail"]
    assert rails
    for rail in rails:
        assert rail.z_m == pytest.approx(roads.height_at(road, rail.x_m, rail.y_m, rail.z_m), abs=0.05)
    assert {math.copysign(1.0, rail.pitch_rad) for rail in rails} == {1.0, -1.0}  # down to the sag, up from it
    (gantry,) = [thing for thing in load_map("motorway").objects if thing.kind == "gantry"]
    assert (gantry.z_m, gantry.height_m) == (0.0, 8.0)


def test_a_lane_that_widens_keeps_its_widths(tmp_path):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    root = ElementTree.fromstring(_text("rural"))
    width = root.find("road/lanes/laneSection/right/lane[@id='-1']/width")
    width.set("b", "0.001")
    baked = roads.bake("rural", ElementTree.tostring(root, encoding="unicode"))
    roads.save_baked(baked, tmp_path / "rural.npz")
    for road in (baked, roads.load_baked(tmp_path / "rural.npz")):
        lane = roads.first_lane(road, ("1", -1))
        assert lane.widths_m[[0, -1]] == pytest.approx((3.5, 5.06), abs=0.01)
        assert (roads.first_lane(road, ("1", 1)).widths_m == 3.5).all()


def test_loading_gives_back_everything_that_was_baked(tmp_path):
    road = load_map("hills")
    roads.save_baked(road, tmp_path / "hills.npz")
    again = roads.load_baked(tmp_path / "hills.npz")
    assert (again.signals, again.bridges, again.objects) == (road.signals, road.bridges, road.objects)
    for mine, theirs in zip(road.lanes, again.lanes, strict=True):
        assert (mine.marks, mine.stations_m, mine.junction_id, mine.road_kind) == (
            theirs.marks, theirs.stations_m, theirs.junction_id, theirs.road_kind)  # fmt: skip
        assert np.array_equal(mine.heights_m, theirs.heights_m)
        assert np.array_equal(mine.widths_m, theirs.widths_m)


def test_signs_off_the_road_and_words_for_numbers_are_refused_all_at_once():
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    root = ElementTree.fromstring(_text("hills"))
    signals = root.findall("road/signals/signal")
    signals[0].set("s", "7000")
    signals[1].set("zOffset", "high")
    root.find("road/objects/bridge").set("length", "nan")
    with pytest.raises(InputError) as refused:
        roads.bake("hills", ElementTree.tostring(root, encoding="unicode"))
    assert [finding.field for finding in refused.value.findings] == ["s", "zOffset", "length"]
    assert "station 7000 m is not on the road, which is 700 m long" in str(refused.value)
    assert "'high' is not a number" in str(refused.value)
