"""Where vehicles may begin, and how fast they may then drive."""

import math
import time

import numpy as np
import pytest

from scenarios.maps import FOLDER, map_names
from sim.episode.structs import OpendriveGenerationParameters
from sim.episode.town_shelf import Shelf
from sim.road import DRIVING
from tests.sim.episode import town_texts as texts


@pytest.fixture(scope="module")
def shelf():
    return Shelf((FOLDER,))


def _generated(xodr):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    return Shelf(()).generated(xodr, OpendriveGenerationParameters())


def _places(town):
    return np.array([(p.location.x, -p.location.y, p.location.z) for p in town.spawn_points])


@pytest.mark.parametrize("name", map_names())
def test_spawn_points_stand_in_a_driving_lane_outside_junctions_and_look_along_it(shelf, name):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    town = shelf.town(name)
    reader = carla.Map(name, town.xodr)
    for point in town.spawn_points:
        waypoint = reader.get_waypoint(carla.Location(*point.location))
        assert waypoint.lane_type == carla.LaneType.Driving
        assert not waypoint.is_junction
        assert waypoint.transform.location.distance(carla.Location(*point.location)) == pytest.approx(0.5, abs=0.1)
        turned = math.radians(waypoint.transform.rotation.yaw - point.rotation.yaw)
        assert math.cos(turned) > 0.999
        assert math.remainder(waypoint.transform.rotation.pitch - point.rotation.pitch, 360.0) == pytest.approx(
            0, abs=1.0
        )


@pytest.mark.parametrize("name", map_names())
def test_spawn_points_leave_room_between_each_other_and_before_junctions(shelf, name):
    town = shelf.town(name)
    places = _places(town)
    assert len(places) > 250
    for row, place in enumerate(places):
        others = np.delete(places, row, axis=0)
        near = others[np.hypot(*(others[:, :2] - place[:2]).T) < 8.0]
        near = near[np.abs(near[:, 2] - place[2]) < 3.0]  # not those on or below the bridge
        yaw = -math.radians(town.spawn_points[row].rotation.yaw)
        aside = -math.sin(yaw) * (near[:, 0] - place[0]) + math.cos(yaw) * (near[:, 1] - place[1])
        assert (np.abs(aside) > 2.9).all()  # whoever is near is in another lane
    inside = np.concatenate([lane.points[:, 1:3] for lane in town.road.lanes if lane.junction_id] or [np.zeros((0, 2))])
    for place in places if len(inside) else ():
        assert np.hypot(*(inside - place[:2]).T).min() > 9.0


def test_the_order_is_the_same_each_time_and_starts_with_one_lane_after_the_other(shelf):
    points = shelf.town("urban").spawn_points
    assert points == Shelf((FOLDER,)).town("urban").spawn_points
    gaps = np.hypot(*np.diff(_places(shelf.town("urban"))[:14, :2], axis=0).T)
    assert gaps == pytest.approx(np.full(13, 10.0), abs=1e-3)


def test_a_town_from_its_baked_file_is_made_in_less_than_three_seconds(shelf):
    from sim.episode import town as towns
    from sim.scenery import assembly, surfaces

    shelf.town("urban")  # kernels are compiled once on a machine
    towns._towns.clear()
    assembly._stills.clear()
    assembly._maps.clear()
    surfaces._ground.cache_clear()
    begun_s = time.process_time()
    shelf.town("urban")
    assert time.process_time() - begun_s < 3.0


def test_a_ring_without_beginning_has_spawn_points():
    ring = texts.one_road('<arc curvature="0.05"/>', length=125.66370614359172).replace(
        "<planView>", '<link><predecessor elementType="road" elementId="7" contactPoint="end"/>'
        '<successor elementType="road" elementId="7" contactPoint="start"/></link><planView>'
    )  # fmt: skip
    assert 15 <= len(_generated(ring).spawn_points) <= 26


# Speed limits.


def _limit(town, road_id, lane_id, s_m, last=0.0):
    lane = next(lane for lane in town.road.lanes if (lane.road_id, lane.lane_id) == (road_id, lane_id))
    x, y, z = (np.interp(s_m, lane.points[:, 0], column) for column in (*lane.points[:, 1:3].T, lane.heights_m))
    return float(town.speed_limits_kmh(np.array([[x, y, z]]), np.array([last]))[0])


def test_limits_hold_from_their_sign_on_and_before_it_the_usual_one_of_the_road(shelf):
    motorway, rural = shelf.town("motorway"), shelf.town("rural")
    assert [_limit(motorway, "1", -3, s_m) for s_m in (10.0, 1000.0, 2100.0, 2800.0)] == [120.0, 120.0, 100.0, 120.0]
    assert [_limit(motorway, "1", 3, s_m) for s_m in (500.0, 1000.0)] == [120.0, 100.0]
    assert [_limit(rural, "1", -1, s_m) for s_m in (5.0, 60.0, 1400.0)] == [90.0, 80.0, 80.0]


def test_inside_junctions_and_off_the_lanes_the_last_limit_stays(shelf):
    urban = shelf.town("urban")
    places = np.array([(0.0, 0.0, 0.0), (60.0, 60.0, 0.0), (1e9, -1e9, 0.0), (-100.0, -1.6, 0.0), (-100.0, -1.6, 9.0)])
    assert urban.speed_limits_kmh(places, np.full(5, 70.0)).tolist() == [70.0, 70.0, 70.0, 30.0, 70.0]
    assert urban.speed_limits_kmh(places[:1], np.zeros(1)).tolist() == [30.0]


def test_limits_that_roads_and_lanes_carry_themselves_are_read_in_their_units():
    rows = (("0", "25", "mph"), ("60", "50", "km/h"))
    kinds = [f'<type s="{s}" type="town"><speed max="{most}" unit="{unit}"/></type>' for s, most, unit in rows]
    town = _generated(texts.one_road(kind="".join(kinds)))
    assert _limit(town, "7", -1, 30.0) == pytest.approx(40.23, abs=0.01)
    assert _limit(town, "7", -1, 90.0) == 50.0
    lane = _generated(texts.one_road(speed='<speed sOffset="0" max="10" unit="m/s"/>'))
    assert _limit(lane, "7", -1, 30.0) == 36.0


def test_driving_lanes_of_another_level_do_not_tell(shelf):
    hills = shelf.town("hills")
    bridge = next(bridge for bridge in hills.road.bridges)
    lane = next(lane for lane in hills.road.lanes if lane.road_id == bridge.road_id and lane.kind == DRIVING)
    x, y, z = lane.points[0, 1], lane.points[0, 2], lane.heights_m[0]
    assert hills.speed_limits_kmh(np.array([[x, y, z + 8.0]]), np.array([12.0])).tolist() == [12.0]
