from math import radians
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcap.records import Schema
from mcap_protobuf.decoder import DecoderFactory

from scenarios.logbook import drawing, pictures
from scenarios.logbook.scenes import road_scene
from scenarios.maps import load_map
from sim.camera.lens import Lens
from sim.camera.picture import Picture
from sim.mount import Mount
from sim.scenery.viewpoint import rotation
from stack.vocabulary import LaneView, ObjectClass, SimNs, Track, TrackList

ANGLES = st.floats(-3.1, 3.1)


def decoded(message):
    """A message as its official schema reads it."""
    schema = type(message).get_schema()
    described = Schema(id=1, data=schema.data, encoding="protobuf", name=schema.name)
    return DecoderFactory().decoder_for("protobuf", described)(message.encode())


@given(ANGLES, ANGLES, ANGLES)
def test_a_quaternion_turns_as_its_matrix_does(yaw, pitch, roll):
    matrix = rotation(yaw, pitch, roll)
    x, y, z, w = quaternion_numbers(matrix)
    again = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    assert np.allclose(again, matrix, atol=1e-9)
    assert w >= 0.0


def quaternion_numbers(matrix):
    row = decoded(drawing.quaternion(matrix))
    return row.x, row.y, row.z, row.w


def test_the_optical_frame_looks_along_the_view_with_x_to_the_right():
    x, y, z, w = quaternion_numbers(drawing._OPTICAL)
    assert (x, y, z, w) == pytest.approx((-0.5, 0.5, -0.5, 0.5)) or (x, y, z, w) == pytest.approx((0.5, -0.5, 0.5, 0.5))


CAMERA = pictures.Camera(topic="camera_image", mount=Mount(x_m=0.0, y_m=0.0, z_m=1.0, yaw_rad=0.0), lens=Lens())


def tracks_at(*places, kind=ObjectClass.VEHICLE):
    made = tuple(
        Track(
            track_id=number, object_class=kind, x_m=x_m, y_m=y_m, vx_mps=0.0, vy_mps=0.0, x_sigma_m=0.1, y_sigma_m=0.1,
            vx_sigma_mps=0.1, vy_sigma_mps=0.1, width_m=2.0, first_seen_at=SimNs(0), camera_at=SimNs(0),
            radar_at=SimNs(0), camera_hits=1, radar_hits=1, quality_ratio=1.0,
        )
        for number, (x_m, y_m) in enumerate(places)
    )  # fmt: skip
    lane = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.8, quality_ratio=1.0)
    return TrackList(as_of=SimNs(0), tracks=made, speed_mps=10.0, yaw_rate_radps=0.0, lane=lane)


def test_a_track_is_drawn_where_a_pinhole_puts_its_nearest_face():
    focal, ahead_m = 600.0, 20.0
    wanted = (320 - focal / ahead_m, 180 - 0.5 * focal / ahead_m, 320 + focal / ahead_m, 180 + focal / ahead_m)
    assert pictures.track_boxes(CAMERA, tracks_at((20.0, 0.0)))[0] == pytest.approx(wanted)


def test_a_person_is_drawn_taller_and_no_longer_than_people_are():
    (person,) = pictures.track_boxes(CAMERA, tracks_at((20.0, 0.0), kind=ObjectClass.PEDESTRIAN)).values()
    assert 180.0 - person[1] == pytest.approx(600.0 * 0.75 / 20.0)


def test_what_is_behind_or_beside_the_view_has_no_box():
    assert set(pictures.track_boxes(CAMERA, tracks_at((-30.0, 0.0), (20.0, 60.0), (40.0, 1.0)))) == {2}


def test_a_box_that_leaves_the_picture_ends_at_its_edge():
    (box,) = pictures.track_boxes(CAMERA, tracks_at((2.0, 0.0))).values()
    assert box[3] == 360.0
    assert 0.0 <= box[0] < box[2] <= 640.0


def test_a_camera_that_looks_left_sees_what_is_on_the_left():
    left = pictures.Camera(
        topic="camera_image/left", mount=Mount(x_m=0.0, y_m=0.0, z_m=1.0, yaw_rad=radians(90.0)), lens=Lens()
    )
    assert set(pictures.track_boxes(left, tracks_at((-2.0, 20.0), (25.0, 0.0)))) == {0}


def shot_of(ids):
    height, width = ids.shape
    picture = Picture(
        radiance=np.zeros((height, width, 3), np.float32),
        depth_m=np.ones((height, width), np.float32),
        instance=ids,
        semantic=np.zeros((height, width), np.uint8),
    )
    return SimpleNamespace(latest=SimpleNamespace(slot=SimNs(5), picture=picture))


def test_visible_boxes_enclose_the_pixels_of_each_actor_but_the_ego():
    ids = np.full((40, 60), -1, np.int32)
    ids[10:20, 30:45] = 3
    ids[15, 50] = 3
    ids[30:32, 5:7] = 4
    ids[0, 0] = 0  # the ego's own bonnet
    assert pictures.visible_boxes(shot_of(ids), SimNs(5)) == {3: (30.0, 10.0, 51.0, 20.0), 4: (5.0, 30.0, 7.0, 32.0)}


def test_the_ids_of_another_shot_are_not_used():
    sensor = shot_of(np.zeros((4, 4), np.int32))
    assert pictures.visible_boxes(sensor, SimNs(6)) == {}
    assert pictures.visible_boxes(SimpleNamespace(latest=None), SimNs(5)) == {}
    assert pictures.visible_boxes(object(), SimNs(5)) == {}


def test_the_road_has_two_borders_half_a_lane_from_its_middle():
    road = load_map("motorway")
    scene = decoded(road_scene(road))
    assert len(scene.entities) == len(road.lanes) + len(road.objects)
    for lane, entity in zip(road.lanes, scene.entities, strict=False):
        x, y = lane.points[0, 1:3]
        for line in entity.lines:
            start = line.points[0]
            assert np.hypot(start.x - x, start.y - y) == pytest.approx(0.5 * lane.width_m)
        assert len(entity.lines) == 2
