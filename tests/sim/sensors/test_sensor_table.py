from dataclasses import fields

import pytest

import sim.sensors
from sim.sensors import GNSS, LIDAR, SENSORS, MotionSensor, ObjectCamera, Radar, radar_echoes
from sim.sensors.appearances import APPEARANCES
from sim.sensors.mounts import RADAR_MOUNT
from sim.sensors.packing import packed
from sim.sensors.radar import RadarParameters
from sim.sensors.reflectors import REFLECTORS, Shape
from sim.truth import ActorKind
from stack.vocabulary import MissingPart, topics


def test_the_door_names_exactly_what_it_shows():
    assert sorted(sim.sensors.__all__) == sim.sensors.__all__
    assert all(hasattr(sim.sensors, name) for name in sim.sensors.__all__)


def test_every_row_stands_under_its_topic_and_fits_in_its_period():
    for topic, row in SENSORS.items():
        assert row.topic == topic
        assert 0 <= row.phase_ns < row.period_ns
        assert 0 <= row.exposure_ns <= row.period_ns


def test_radar_camera_and_motion_are_plugged_in():
    made = {topic: SENSORS[topic].make for topic in (topics.RADAR, topics.CAMERA, topics.EGO_MOTION)}
    assert made == {topics.RADAR: Radar, topics.CAMERA: ObjectCamera, topics.EGO_MOTION: MotionSensor}


def test_radar_and_camera_never_sample_together():
    radar, camera = SENSORS[topics.RADAR], SENSORS[topics.CAMERA]
    assert not {radar.slot(i) for i in range(200)} & {camera.slot(i) for i in range(200)}


def test_a_slot_is_the_middle_of_its_exposure():
    row = SENSORS[topics.CAMERA]
    assert row.slot(3) == 20_000_000 + 3 * 50_000_000 + 5_000_000
    assert row.published_at(row.slot(3)) == 20_000_000 + 3 * 50_000_000 + 20_000_000


@pytest.mark.parametrize("topic", [GNSS, LIDAR])
def test_an_empty_socket_says_what_is_missing(topic):
    with pytest.raises(MissingPart, match=topic):
        SENSORS[topic].make(1, None)


def test_every_kind_reflects_and_looks_like_something():
    assert set(REFLECTORS) == set(APPEARANCES) == set(ActorKind)


def test_packed_parameters_keep_every_number_by_name():
    parameters = RadarParameters()
    row = packed(parameters, RADAR_MOUNT)[0]
    for group in (parameters, RADAR_MOUNT):
        for field in fields(group):
            assert row[field.name] == float(getattr(group, field.name))


def test_the_kernels_shapes_are_the_tables():
    kernel = {shape.name: getattr(radar_echoes, shape.name) for shape in Shape}
    assert kernel == {shape.name: shape.value for shape in Shape}
