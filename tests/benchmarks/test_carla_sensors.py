"""CARLA's sensors in the urban map among a hundred vehicles: milliseconds each, and what a change of actors costs."""

import numpy as np
import pytest

from scenarios.maps import FOLDER, load_map
from sim.carla_sensors.company import Company
from sim.episode.town import town_of
from tests.benchmarks.measuring import best_seconds, report
from tests.sim.carla_sensors import stages

pytestmark = pytest.mark.benchmark_speed
PICTURE = {"image_size_x": "640", "image_size_y": "360"}
SENSORS = {
    "rgb_640x360_ms": ("sensor.camera.rgb", PICTURE),
    "depth_640x360_ms": ("sensor.camera.depth", PICTURE),
    "semantic_640x360_ms": ("sensor.camera.semantic_segmentation", PICTURE),
    "flow_640x360_ms": ("sensor.camera.optical_flow", PICTURE),
    "events_640x360_ms": ("sensor.camera.dvs", PICTURE),
    "lidar_2800_rays_ms": ("sensor.lidar.ray_cast", {}),
    "lidar_25000_rays_ms": (
        "sensor.lidar.ray_cast", {"channels": "64", "range": "100", "points_per_second": "500000"},
    ),
    "radar_75_rays_ms": ("sensor.other.radar", {}),
    "imu_ms": ("sensor.other.imu", {}),
}  # fmt: skip
REBUILD_S = 0.030  # a company of a hundred whose meshes are known


@pytest.fixture(scope="module")
def crowd():
    """A hundred vehicles and walkers on the urban map's spawn points."""
    place = town_of(load_map("urban"), (FOLDER / "urban.xodr").read_text())
    points = [place.spawn_points[k % len(place.spawn_points)] for k in range(100)]
    kinds = (stages.CAR, stages.TRUCK, stages.WALKER, stages.CONE)
    actors = [
        (kinds[k % 4], (at.location.x, -at.location.y + 0.01 * k, 0.0, -np.radians(at.rotation.yaw), 0.0, 0.0))
        for k, at in enumerate(points)
    ]
    return place, actors


def test_sensors_keep_up(crowd, capsys):
    place, actors = crowd
    things = stages.scene(place, *actors).things
    x, y, z, yaw, *_ = actors[0][1]
    mounted = stages.mounted((x, y, z + 1.8, yaw, 0.0, 0.0))
    figures = {}
    for name, (blueprint, attributes) in SENSORS.items():
        model, ticks = stages.sensor(blueprint, attributes), iter(range(1, 1000))

        def sense(model=model, ticks=ticks):
            model.sense(stages.scene(place, *actors, things=things, at_s=0.05 * next(ticks)), mounted)

        sense()
        sense()
        figures[name] = 1e3 * best_seconds(sense)
    report(capsys, "CARLA sensors, 100 actors on urban", **figures)
    assert all(value > 0.0 for value in figures.values())


def test_a_change_of_actors_is_cheap(crowd, capsys):
    place, actors = crowd
    scene = stages.scene(place, *actors)
    scene_s = best_seconds(lambda: Company(place, scene.things).moment(scene))
    rays_s = best_seconds(lambda: Company(place, scene.things).caster)
    report(capsys, "CARLA sensors, a company of 100", pictures_ms=1e3 * scene_s, rays_ms=1e3 * rays_s)
    assert scene_s < REBUILD_S
