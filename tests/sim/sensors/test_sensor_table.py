from dataclasses import fields

import sim.sensors
from sim.sensors import SENSORS, Gnss, Inertial, Lidar, MotionSensor, ObjectCamera, PixelCamera, Radar, radar_echoes
from sim.sensors.appearances import APPEARANCES
from sim.sensors.mounts import RADAR_MOUNT
from sim.sensors.packing import packed
from sim.sensors.radar import RadarParameters
from sim.sensors.reflectors import REFLECTORS, Shape
from sim.truth import ActorKind
from stack.vocabulary import topics


def test_the_door_names_exactly_what_it_shows():
    assert sorted(sim.sensors.__all__) == sim.sensors.__all__
    assert all(hasattr(sim.sensors, name) for name in sim.sensors.__all__)


def test_every_row_stands_under_its_topic_and_fits_in_its_period():
    for topic, row in SENSORS.items():
        assert row.topic == topic
        assert 0 <= row.phase_ns < row.period_ns
        assert 0 <= row.exposure_ns <= row.period_ns


def test_every_sensor_is_plugged_in():
    assert {topic: row.make for topic, row in SENSORS.items()} == {
        topics.RADAR: Radar,
        topics.CAMERA: ObjectCamera,
        topics.EGO_MOTION: MotionSensor,
        topics.CAMERA_IMAGE: PixelCamera,
        topics.LIDAR: Lidar,
        topics.GNSS: Gnss,
        topics.INERTIAL: Inertial,
    }


def test_radar_and_camera_never_sample_together():
    radar, camera = SENSORS[topics.RADAR], SENSORS[topics.CAMERA]
    assert not {radar.slot(i) for i in range(200)} & {camera.slot(i) for i in range(200)}


def test_a_slot_is_the_middle_of_its_exposure():
    row = SENSORS[topics.CAMERA]
    assert row.slot(3) == 20_000_000 + 3 * 50_000_000 + 5_000_000
    assert row.published_at(row.slot(3)) == 20_000_000 + 3 * 50_000_000 + 20_000_000


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
