"""What a map is made of for clients: objects, boxes, lamps, crosswalks, and rays through all of it."""

import math

import numpy as np
import pytest

from scenarios.maps import FOLDER
from sim.episode.level import ANY, Level
from sim.episode.ray_queries import RayQueries
from sim.episode.street_lamps import StreetLamps
from sim.episode.structs import BoundingBox, Color, Rotation, Vector3D
from sim.episode.town_shelf import Shelf
from sim.scenery.materials import Semantic


@pytest.fixture(scope="module")
def urban():
    return Shelf((FOLDER,)).town("urban")


@pytest.fixture
def level(urban):
    return Level(urban.objects)


def test_everything_with_a_name_is_an_object_with_an_id_of_its_own(urban, level):
    objects = level.objects(ANY)
    assert len({one.id for one in objects}) == len({one.name for one in objects}) == len(objects)
    count = {label: len(level.objects(label)) for label in Semantic}
    assert count[Semantic.TRAFFIC_LIGHT] == 16
    assert min(count[label] for label in (Semantic.BUILDING, Semantic.POLE, Semantic.VEGETATION, Semantic.ROAD)) > 50
    assert sum(count.values()) == len(objects)
    assert all(0 < one.id < 2**64 for one in objects)


def test_ids_are_the_same_from_load_to_load_and_others_on_other_maps(urban):
    from sim.episode import town as towns

    before = urban.objects
    towns._towns.clear()
    again = Shelf((FOLDER,)).town("urban")
    assert again is not urban
    assert again.objects == before
    other = Shelf((FOLDER,)).town("motorway").objects
    assert not {one.id for one in other} & {one.id for one in before}


def test_an_objects_box_holds_what_is_drawn_there(urban, level):
    vertices = urban.still.vertices
    for one in level.objects(Semantic.BUILDING)[:20]:
        box = one.bounding_box
        yaw = -math.radians(box.rotation.yaw)
        away = vertices - (box.location.x, -box.location.y, box.location.z)
        along = np.cos(yaw) * away[:, 0] + np.sin(yaw) * away[:, 1]
        across = np.cos(yaw) * away[:, 1] - np.sin(yaw) * away[:, 0]
        inside = (np.abs(along) <= box.extent.x + 0.01) & (np.abs(across) <= box.extent.y + 0.01)
        tall = away[inside, 2].max()
        assert tall == pytest.approx(box.extent.z, abs=0.05)


def test_what_is_switched_off_is_kept_and_its_box_is_not_listed(level):
    chosen = level.objects(Semantic.BUILDING)[:3]
    ids = tuple(one.id for one in chosen)
    everything = len(level.boxes(Semantic.BUILDING))
    level.enable((*ids, 12345), False)
    assert level.disabled == set(ids)
    assert len(level.boxes(Semantic.BUILDING)) == everything - 3
    assert len(level.objects(Semantic.BUILDING)) == everything
    level.enable(ids[:2], True)
    assert level.disabled == {ids[2]}


# Street lamps.


def test_street_lamps_hang_over_the_street_where_they_are_drawn(urban):
    lamps = StreetLamps(urban.street_lamps).states()
    assert len(lamps) > 50
    assert [lamp.id for lamp in lamps] == list(range(1, len(lamps) + 1))
    rays = RayQueries(urban.still, (), np.zeros((0, 6)), (), ())
    for lamp in lamps[:10]:
        below = Vector3D(lamp.location.x, lamp.location.y, lamp.location.z - 0.3)
        found, point = rays.project(below, Vector3D(0.0, 0.0, 1.0), 1.0)  # looking up at the glowing side
        assert found
        assert point.label == Semantic.POLE
        assert point.location.z == pytest.approx(lamp.location.z, abs=0.02)


def test_a_lamp_in_a_clients_hand_keeps_its_state_and_place_whatever_the_sun_does(urban):
    lamps = StreetLamps(urban.street_lamps)
    mine = lamps.states()[3]
    lamps.update((mine._replace(active=True, intensity=77.0, color=Color(1, 2, 3), location=Vector3D(0.0, 0.0, 0.0)),
                  mine._replace(id=99999)))  # fmt: skip
    assert lamps.follow_sun(-10.0)
    assert all(lamp.active for lamp in lamps.states())
    assert lamps.follow_sun(20.0)
    active = [lamp for lamp in lamps.states() if lamp.active]
    assert [(lamp.id, lamp.intensity, lamp.color, lamp.location) for lamp in active] == [
        (mine.id, 77.0, (1, 2, 3), mine.location)]  # fmt: skip
    assert not lamps.follow_sun(20.0)


def test_lamps_do_not_follow_the_sun_when_told_so(urban):
    lamps = StreetLamps(urban.street_lamps)
    lamps.day_night = False
    assert not lamps.follow_sun(-10.0)
    assert not any(lamp.active for lamp in lamps.states())


# Crosswalks.


def test_crosswalks_lie_across_their_street_and_the_genuine_client_reads_the_same_ones(urban):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    places = carla.Map("urban", urban.xodr).get_crosswalks()
    rings = [places[k : k + 5] for k in range(0, len(places), 5)]
    assert len(rings) == len(urban.crosswalks) == 20
    assert all(ring[0] == ring[-1] for ring in rings)
    theirs = sorted(
        (round(sum(p.x for p in ring[:4]) / 4, 2), round(-sum(p.y for p in ring[:4]) / 4, 2)) for ring in rings
    )
    ours = sorted(tuple(np.round(one.corners[:, :2].mean(axis=0), 2).tolist()) for one in urban.crosswalks)
    assert ours == pytest.approx(np.array(theirs), abs=0.02)


# Rays.


def _rays(town, poses=(), boxes=(), labels=()):
    return RayQueries(town.still, town.lamps, np.array(poses, dtype=float).reshape(-1, 6), boxes, labels)


CAR = BoundingBox(Vector3D(0.0, 0.0, 0.8), Vector3D(2.2, 0.9, 0.8))


def test_the_ground_is_below_a_place_above_the_road(urban):
    found, point = _rays(urban).project(Vector3D(100.0, 1.6, 5.0), Vector3D(0.0, 0.0, -1.0), 10.0)
    assert found
    assert point.label == Semantic.ROAD
    assert tuple(point.location) == pytest.approx((100.0, 1.6, 0.0), abs=1e-3)


def test_nothing_is_found_beyond_the_distance_or_without_a_direction(urban):
    start = Vector3D(100.0, 1.6, 5.0)
    assert _rays(urban).project(start, Vector3D(0.0, 0.0, -1.0), 4.9)[0] is False
    assert _rays(urban).project(start, Vector3D(0.0, 0.0, 1.0), 500.0)[0] is False
    assert _rays(urban).project(start, Vector3D(0.0, 0.0, 0.0), 500.0)[0] is False
    assert _rays(urban).cast(start, start) == ()


def test_a_direction_counts_by_its_way_not_its_length(urban):
    start = Vector3D(100.0, 1.6, 5.0)
    assert _rays(urban).project(start, Vector3D(0.0, 0.0, -7.0), 4.9)[0] is False
    assert _rays(urban).project(start, Vector3D(0.0, 0.0, -0.1), 5.1)[0] is True


def test_everything_a_ray_crosses_comes_in_order_with_its_label(urban):
    poses = [(50.0, -1.6, 0.0, 0.0, 0.0, 0.0), (70.0, -1.6, 0.0, 0.3, 0.0, 0.0)]
    points = _rays(urban, poses, (CAR, CAR), (int(Semantic.CAR), int(Semantic.TRUCK))).cast(
        Vector3D(20.0, 1.6, 1.0), Vector3D(110.0, 1.6, -0.2)
    )
    assert [point.label for point in points][:2] == [Semantic.CAR, Semantic.TRUCK]
    assert points[0].location.x == pytest.approx(47.8, abs=1e-6)
    assert points[-1].label == Semantic.ROAD
    assert points[-1].location.z == pytest.approx(0.0, abs=1e-3)
    xs = [point.location.x for point in points]
    assert xs == sorted(xs)


def test_boxes_stand_as_their_actors_do(urban):
    tilted = (50.0, -60.0, 20.0, math.radians(90.0), math.radians(-90.0), 0.0)  # nose up
    rays = _rays(urban, [tilted], (CAR,), (int(Semantic.CAR),))
    found, point = rays.project(Vector3D(50.0, 60.8, 40.0), Vector3D(0.0, 0.0, -1.0), 100.0)
    assert found  # what was up now points backwards, so that the box's middle lies 0.8 m behind
    assert (point.label, point.location.z) == (Semantic.CAR, pytest.approx(22.2, abs=1e-6))
    turned = BoundingBox(Vector3D(0.0, 0.0, 0.8), Vector3D(2.2, 0.9, 0.8), Rotation(0.0, 90.0, 0.0))
    rays = _rays(urban, [(50.0, -1.6, 0.0, 0.0, 0.0, 0.0)], (turned,), (int(Semantic.CAR),))
    assert rays.cast(Vector3D(40.0, 1.6, 1.0), Vector3D(60.0, 1.6, 1.0))[0].location.x == pytest.approx(49.1, abs=1e-6)


def test_the_heads_of_traffic_lights_are_met_though_they_are_not_in_the_still_scenery(urban):
    box = urban.lamps[0].light_boxes[0]
    above = Vector3D(box.location.x, box.location.y, box.location.z + 3.0)
    found, point = _rays(urban).project(above, Vector3D(0.0, 0.0, -1.0), 5.0)
    assert found
    assert (point.label, point.location.z) == (Semantic.TRAFFIC_LIGHT, pytest.approx(3.0, abs=1e-6))


def test_a_body_hits_the_post_of_a_traffic_light(urban):
    fixtures = urban.ground.fixtures.boxes
    for lamp in urban.lamps:
        near = np.hypot(fixtures[:, 0] - lamp.pose.x_m, fixtures[:, 1] - lamp.pose.y_m) < 0.01
        assert near.sum() == 1
