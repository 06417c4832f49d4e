"""Which blueprint makes which sensor: a `SensorMaker` for an episode."""

from collections.abc import Callable
from typing import Final

from sim.blueprints.blueprint import Blueprint
from sim.carla_sensors.collision import CollisionSensor
from sim.carla_sensors.depth_camera import DepthCamera
from sim.carla_sensors.event_camera import EventCamera
from sim.carla_sensors.flow_camera import FlowCamera
from sim.carla_sensors.gnss import Gnss
from sim.carla_sensors.imu import Imu
from sim.carla_sensors.instance_camera import InstanceCamera
from sim.carla_sensors.lidar import Lidar
from sim.carla_sensors.normals_camera import NormalsCamera
from sim.carla_sensors.obstacle import ObstacleSensor
from sim.carla_sensors.radar import Radar
from sim.carla_sensors.rgb_camera import RgbCamera
from sim.carla_sensors.semantic_camera import SemanticCamera
from sim.carla_sensors.semantic_lidar import SemanticLidar
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.silent import SilentSensor
from sim.episode.scene import SensorModel
from sim.episode.structs import Refused

_Making = Callable[[Settings, int, int], SensorModel]

MAKERS: Final[dict[str, _Making]] = {
    "sensor.camera.rgb": lambda settings, entity, seed: RgbCamera(settings, seed),
    "sensor.camera.depth": lambda settings, entity, seed: DepthCamera(settings),
    "sensor.camera.semantic_segmentation": lambda settings, entity, seed: SemanticCamera(settings),
    "sensor.camera.instance_segmentation": lambda settings, entity, seed: InstanceCamera(settings),
    "sensor.camera.normals": lambda settings, entity, seed: NormalsCamera(settings),
    "sensor.camera.optical_flow": lambda settings, entity, seed: FlowCamera(settings),
    "sensor.camera.dvs": lambda settings, entity, seed: EventCamera(settings, entity, seed),
    "sensor.lidar.ray_cast": lambda settings, entity, seed: Lidar(settings, entity, seed),
    "sensor.lidar.ray_cast_semantic": lambda settings, entity, seed: SemanticLidar(settings),
    "sensor.other.radar": lambda settings, entity, seed: Radar(settings, entity, seed),
    "sensor.other.imu": lambda settings, entity, seed: Imu(settings, entity, seed),
    "sensor.other.gnss": lambda settings, entity, seed: Gnss(settings, entity, seed),
    "sensor.other.collision": lambda settings, entity, seed: CollisionSensor(),
    "sensor.other.obstacle": lambda settings, entity, seed: ObstacleSensor(settings),
    "sensor.other.lane_invasion": lambda settings, entity, seed: SilentSensor(6),
    "sensor.other.rss": lambda settings, entity, seed: SilentSensor(12),
}


def make_sensor(blueprint: Blueprint, attributes: dict[str, str], entity: int, seed: int) -> SensorModel:
    """The model of a spawned sensor. Raises Refused for attributes or blueprints that make none.

    `entity` is the sensor's number in the order of spawning, `seed` the episode's: chance is theirs.
    """
    if blueprint.id not in MAKERS:
        raise Refused(f"this server has no model of {blueprint.id}")
    settings = Settings(blueprint=blueprint, attributes=attributes)
    settings.number("sensor_tick", 0.0, 0.0, 1e6)
    return MAKERS[blueprint.id](settings, entity, seed)
