"""Collision and obstacle sensors, and the sensors that say nothing."""

import pytest

from sim.carla_sensors.making import MAKERS
from sim.episode.scene import TouchSeen
from sim.episode.structs import Refused
from sim.scenery.materials import Semantic
from tests.sim.carla_sensors import stages

PLACE = stages.town(stages.floor())


def test_every_contact_of_the_parent_is_a_message_with_the_impulse_on_it():
    own, other = stages.actor(100, "vehicle.a"), stages.actor(101, "vehicle.b")
    touches = (
        TouchSeen(own, other, 14, (-100.0, 20.0, 3.0)),
        TouchSeen(other, own, 14, (100.0, -20.0, -3.0)),
        TouchSeen(own, None, int(Semantic.GUARD_RAIL), (0.0, 50.0, 0.0)),
    )
    scene = stages.scene(PLACE, touches=touches)
    model = stages.sensor("sensor.other.collision")
    told = [stages.unpacked(body) for body in model.sense(scene, stages.mounted(parent=100))]
    assert [message[0][0] for message in told] == [100, 100]
    assert told[0][1][0] == 101 and told[0][2] == [-100.0, -20.0, 3.0]  # CARLA's y is to the right
    assert told[1][1][0] == 0 and told[1][1][2][1] == "static.guardrail"
    assert told[1][1][4] == bytes([Semantic.GUARD_RAIL])
    assert len(model.sense(scene, stages.mounted(parent=101))) == 1
    assert model.sense(scene, stages.mounted(parent=55)) == ()
    assert model.sense(scene, stages.mounted()) == ()


def obstacles(scene, mounted, **attributes):
    settings = {key: str(value) for key, value in attributes.items()}
    told = stages.sensor("sensor.other.obstacle", settings).sense(scene, mounted)
    return [stages.unpacked(body) for body in told]


def test_an_obstacle_is_named_with_its_distance_and_the_parent_is_not_one():
    scene = stages.scene(
        PLACE,
        (stages.CAR, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        (stages.TRUCK, (15.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        (stages.CONE, (9.0, 0.3, 0.0, 0.0, 0.0, 0.0)),
    )
    behind = stages.mounted((-3.0, 0.0, 1.2, 0.0, 0.0, 0.0), parent=100)
    assert obstacles(scene, behind, distance=12) == []
    ((own, other, distance),) = obstacles(scene, behind, distance=20)
    assert own[0] == 100 and other[0] == 101 and other[2][1] == "vehicle.carlamotors.firetruck"
    assert distance == pytest.approx(15.0 - 4.2 + 3.0, abs=0.3)
    ((_, cone, near),) = obstacles(scene, behind, distance=20, hit_radius=0.9)
    assert cone[2][1] == "static.prop.cone" and near == pytest.approx(12.0, abs=0.3)


def test_things_of_the_map_are_named_by_class_unless_only_actors_count():
    scene = stages.scene(stages.town(stages.wall(10.0)))
    ((_, other, distance),) = obstacles(scene, stages.mounted(parent=1), distance=20)
    assert other[0] == 0 and other[2][1] == "static.building" and distance == pytest.approx(10.0)
    assert obstacles(scene, stages.mounted(parent=1), distance=20, only_dynamics="true") == []
    assert obstacles(scene, stages.mounted(parent=1), distance=9.9) == []


@pytest.mark.parametrize(
    ("name", "value"), [("distance", "0"), ("hit_radius", "-1"), ("only_dynamics", "perhaps"), ("distance", "nan")]
)
def test_absurd_detectors_are_refused(name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor("sensor.other.obstacle", {name: value})


@pytest.mark.parametrize(("blueprint", "index"), [("lane_invasion", 6), ("rss", 12)])
def test_what_the_client_computes_itself_is_never_sent(blueprint, index):
    model = stages.sensor(f"sensor.other.{blueprint}")
    assert model.type_index == index
    assert model.sense(stages.scene(PLACE), stages.mounted()) == ()


def test_every_sensor_has_the_number_of_its_kind_in_the_stream():
    known = {
        "sensor.other.collision": 0, "sensor.camera.depth": 1, "sensor.camera.normals": 2, "sensor.camera.dvs": 3,
        "sensor.other.gnss": 4, "sensor.other.imu": 5, "sensor.other.lane_invasion": 6, "sensor.other.obstacle": 7,
        "sensor.camera.optical_flow": 8, "sensor.other.radar": 9, "sensor.lidar.ray_cast_semantic": 10,
        "sensor.lidar.ray_cast": 11, "sensor.other.rss": 12, "sensor.camera.rgb": 13,
        "sensor.camera.semantic_segmentation": 14, "sensor.camera.instance_segmentation": 15,
    }  # fmt: skip
    assert {name: stages.sensor(name).type_index for name in MAKERS} == known


def test_a_sensor_without_a_model_is_refused():
    with pytest.raises(Refused, match="sensor.other.v2x"):
        stages.sensor("sensor.other.v2x")
