"""Traffic lights and signs of a map: whom they hold, where, and what the genuine client makes of them."""

import math

import numpy as np
import pytest

from scenarios.maps import FOLDER
from sim import left_handed
from sim.blueprints.library import blueprint as find_blueprint
from sim.episode.signals import GREEN, OFF, RED, YELLOW
from sim.episode.structs import OpendriveGenerationParameters
from sim.episode.town_shelf import Shelf
from sim.scenery.materials import MATERIAL
from tests.sim.episode import town_texts as texts

CAR = np.array([[2.2, 0.9]])


@pytest.fixture(scope="module")
def shelf():
    return Shelf((FOLDER,))


@pytest.fixture(scope="module")
def urban(shelf):
    return shelf.town("urban")


def _generated(xodr):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    return Shelf(()).generated(xodr, OpendriveGenerationParameters())


def _corners(lamp):
    """Corners of a trigger volume on the ground, in CARLA's world, by the client's own arithmetic."""
    yaw = math.radians(lamp.transform.rotation.yaw)
    corners = []
    for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x = lamp.trigger.location.x + u * lamp.trigger.extent.x
        y = lamp.trigger.location.y + v * lamp.trigger.extent.y
        place = lamp.transform.location
        corners.append(
            (place.x + math.cos(yaw) * x - math.sin(yaw) * y, place.y + math.sin(yaw) * x + math.cos(yaw) * y)
        )
    return corners


def test_every_way_into_a_junction_has_a_light_with_a_turn_of_its_own(urban):
    assert len(urban.lamps) == 16
    for group in {lamp.group for lamp in urban.lamps}:
        together = [lamp for lamp in urban.lamps if lamp.group == group]
        assert sorted(lamp.turn for lamp in together) == [0, 1, 2, 3]
        assert sorted(lamp.pole_index for lamp in together) == [0, 1, 2, 3]
        assert len({zone.road_id for lamp in together for zone in lamp.zones}) == 4


def test_a_trigger_volume_covers_exactly_its_lane_before_the_stop_line(urban):
    lamp = next(lamp for lamp in urban.lamps if lamp.name == "traffic_light_1_end")
    x, y = np.array(_corners(lamp)).T
    assert (x.min(), x.max()) == pytest.approx((-29.5, -21.5), abs=0.01)  # the stop line is at -23.5
    assert (y.min(), y.max()) == pytest.approx((0.05, 3.2), abs=0.01)
    assert min(lamp.trigger.extent) > 1.0


def test_the_actors_x_axis_lies_across_the_road_for_clients_that_sample_along_it(urban):
    for lamp in urban.lamps:
        yaw, _, _ = left_handed.angles_from_carla(*lamp.transform.rotation)
        assert math.cos(yaw - lamp.zones[0].yaw_rad) == pytest.approx(0.0, abs=1e-6)
        assert lamp.trigger.extent.x == pytest.approx(1.575, abs=1e-6)
        assert lamp.trigger.rotation == (0.0, 0.0, 0.0)


def test_lights_show_their_state_and_the_scenery_leaves_their_place_free(urban):
    lenses = [MATERIAL[f"signal_{colour}"] for colour in ("red", "amber", "green")]
    for state, lit in ((RED, 0), (YELLOW, 1), (GREEN, 2), (OFF, None)):
        shown = set(urban.lamps[0].meshes[state].materials.tolist()).intersection(lenses)
        assert shown == ({lenses[lit]} if lit is not None else set())
    housing = MATERIAL["signal_housing"]
    assert housing not in urban.still.materials
    assert not [each for each in urban.still.fixtures if each.kind == "signal"]


def test_lights_look_at_those_they_hold(urban):
    for lamp in urban.lamps:
        assert math.cos(lamp.pose.yaw_rad - lamp.zones[0].yaw_rad) == pytest.approx(-1.0, abs=1e-6)


def test_lights_referred_to_from_the_ways_through_a_junction_hold_the_lanes_before_it():
    far = _generated(texts.referred_lights())
    near = _generated(texts.urban_text())
    held = [{(lamp.sign_id, zone.road_id, zone.junction_id) for lamp in town.lamps for zone in lamp.zones}
            for town in (far, near)]  # fmt: skip
    assert held[0] == held[1]
    assert {(lamp.sign_id, lamp.group, lamp.turn) for lamp in far.lamps} == {
        (lamp.sign_id, lamp.group, lamp.turn) for lamp in near.lamps}  # fmt: skip


def test_without_controllers_each_road_into_a_junction_has_its_turn():
    town = _generated(texts.without_controllers(texts.urban_text()))
    for group in {lamp.group for lamp in town.lamps}:
        assert sorted(lamp.turn for lamp in town.lamps if lamp.group == group) == [0, 1, 2, 3]


def test_signs_that_bind_drivers_are_actors_with_a_blueprint(shelf):
    hills, motorway = shelf.town("hills"), shelf.town("motorway")
    assert [sign.blueprint_id for sign in hills.signs].count("traffic.stop") == 1
    assert sorted(sign.limit_kmh for sign in motorway.signs) == [100.0, 100.0, 120.0, 120.0, 120.0, 120.0]
    for sign in (*hills.signs, *motorway.signs):
        assert find_blueprint(sign.blueprint_id).id == sign.blueprint_id
        assert min(sign.trigger.extent) > 0.0


def test_the_genuine_client_finds_each_light_on_the_lanes_it_holds(urban):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    reader = carla.Map("urban", urban.xodr)
    landmarks = {mark.id: mark for mark in reader.get_all_landmarks_of_type("1000001")}
    assert landmarks.keys() == {lamp.sign_id for lamp in urban.lamps}
    for lamp in urban.lamps:
        mark = landmarks[lamp.sign_id]
        (stop,) = lamp.stops
        lane = urban.road.lanes[stop.lane]
        assert (str(mark.road_id), mark.get_lane_validities()) == (lane.road_id, [(lane.lane_id, lane.lane_id)])
        assert [other.id for other in reader.get_landmark_group(mark)] == [lamp.sign_id]
        back = reader.get_waypoint_xodr(int(lane.road_id), lane.lane_id, 85.0)
        ahead = back.get_landmarks_of_type(100.0, "1000001")
        assert [found.id for found in ahead] == [lamp.sign_id]


def test_the_middle_of_every_trigger_volume_is_on_the_lane_for_the_genuine_client(urban):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    reader = carla.Map("urban", urban.xodr)
    for lamp in urban.lamps:
        transform = carla.Transform(carla.Location(*lamp.transform.location), carla.Rotation(*lamp.transform.rotation))
        middle = transform.transform(carla.Location(*lamp.trigger.location))
        waypoint = reader.get_waypoint(middle)
        lane = urban.road.lanes[lamp.stops[0].lane]
        assert (str(waypoint.road_id), waypoint.lane_id) == (lane.road_id, lane.lane_id)
        assert not waypoint.is_junction


def test_the_genuine_client_reads_speed_limits_on_the_lanes_they_bind(shelf):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    reader = carla.Map("motorway", shelf.town("motorway").xodr)
    waypoint = reader.get_waypoint_xodr(1, -3, 10.0)
    (mark,) = waypoint.get_landmarks_of_type(100.0, "274")
    assert (mark.value, mark.unit, mark.get_lane_validities()) == (120.0, "km/h", [(-3, -2)])
