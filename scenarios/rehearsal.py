"""A short episode with one of everything: compiles what a CARLA server runs, before clients wait."""

from typing import Final

from scenarios.maps import FOLDER
from sim.blueprints.library import library
from sim.carla_sensors.making import make_sensor
from sim.episode.actors import Registry
from sim.episode.casting import furnish, spawn
from sim.episode.simulation import Episode
from sim.episode.structs import (
    ORIGIN,
    ActorDescription,
    AttributeValue,
    EpisodeSettings,
    Refused,
    Transform,
    Vector3D,
    VehicleAckermannControl,
    VehicleControl,
)
from sim.episode.town_shelf import Shelf

TICKS: Final = 3
ROOF: Final = Transform(Vector3D(0.0, 0.0, 2.5), ORIGIN.rotation)
SMALL: Final = {"image_size_x": "64", "image_size_y": "48"}


class _Everybody:
    """An outlet to which somebody always listens, and that throws everything away."""

    def open(self) -> int:
        return 1

    def close(self, stream: int) -> None:
        pass

    def token(self, stream: int) -> bytes:
        return bytes(24)

    def listeners(self, stream: int) -> int:
        return 1

    def send(self, stream: int, header: bytes, body: bytes) -> None:
        pass


def _description(blueprint_id: str, values: dict[str, str]) -> ActorDescription:
    blueprint = next(one for one in library() if one.id == blueprint_id)
    kinds = {one.name: int(one.kind) for one in blueprint.attributes}
    chosen = tuple(AttributeValue(name, kinds[name], value) for name, value in values.items() if name in kinds)
    return ActorDescription(blueprint.uid, blueprint_id, chosen)


def rehearse(map_name: str = "urban") -> int:
    """Play it; returns how many sensors looked."""
    town = Shelf((FOLDER,)).town(map_name)
    episode = Episode(town, 1, Registry(), _Everybody(), make_sensor, 0, 0)
    episode.settings = EpisodeSettings(synchronous_mode=True, fixed_delta_seconds=0.05)
    furnish(episode)
    points = town.spawn_points
    car = spawn(episode, _description("vehicle.tesla.model3", {}), points[0])
    other = spawn(episode, _description("vehicle.carlamotors.firetruck", {}), points[1])
    walker = spawn(episode, _description("walker.pedestrian.0001", {}), points[2])
    spawn(episode, _description("static.prop.trafficcone01", {}), points[3])
    spawn(episode, _description("vehicle.audi.tt", {}), points[0], anyway=True)  # so that something touches
    looked = 0
    for blueprint in library():
        if blueprint.id.startswith("sensor."):
            try:
                spawn(episode, _description(blueprint.id, SMALL), ROOF, car.id)
                looked += 1
            except Refused:
                continue
    rows = {one: episode.registry.find(one.id).row for one in (car, other, walker)}
    episode.motion.set_control(rows[car], VehicleControl(throttle=1.0, steer=0.1))
    episode.motion.set_ackermann(rows[other], VehicleAckermannControl(speed=5.0))
    episode.motion.set_walker(rows[walker], (1.0, 0.0, 0.0), 1.5, False)
    episode.motion.push(rows[car], (1000.0, 0.0, 0.0))
    for _ in range(TICKS):
        episode.tick(0.05, 0.0)
    episode.rays().cast(Vector3D(0.0, 0.0, 50.0), Vector3D(0.0, 0.0, -5.0))
    return looked
