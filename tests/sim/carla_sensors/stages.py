"""Small episodes for sensors: a wall, a floor, whoever stands between, and a sensor that looks at them.

Places and angles are the scenery's (ISO 8855): x ahead, y left. Messages are decoded as a client would.
"""

import struct
from types import SimpleNamespace

import msgpack
import numpy as np

from sim.blueprints.blueprint import Blueprint, Body, Family
from sim.carla_sensors.making import make_sensor
from sim.episode.scene import Mounted, Pose, Scene, Thing
from sim.episode.structs import ActorDescription, ActorStruct, BoundingBox, Vector3D, WeatherParameters
from sim.scenery.materials import Semantic
from sim.scenery.shapes import sheet
from sim.scenery.still import Piece, tiled
from sim.truth import ActorKind

NO_BOX = BoundingBox(Vector3D(0.0, 0.0, 0.0), Vector3D(0.0, 0.0, 0.0))
XODR = "<OpenDRIVE><header><geoReference>+proj=tmerc +lat_0=48.1 +lon_0=11.6</geoReference></header></OpenDRIVE>"
SMALL = {"image_size_x": "160", "image_size_y": "96", "fov": "90"}


def _vehicle(uid, blueprint_id, kind, size_m, semantic, family=Family.VEHICLE):
    length, width, height = size_m
    body = Body(kind=kind, length_m=length, width_m=width, height_m=height, mass_kg=1500.0)
    return Blueprint(uid=uid, id=blueprint_id, family=family, attributes=(), body=body, semantic=int(semantic))


CAR = _vehicle(1, "vehicle.tesla.model3", ActorKind.CAR, (4.8, 1.85, 1.5), Semantic.CAR)
TRUCK = _vehicle(2, "vehicle.carlamotors.firetruck", ActorKind.TRUCK, (8.4, 2.9, 3.8), Semantic.TRUCK)
WALKER = _vehicle(
    3, "walker.pedestrian.0007", ActorKind.ADULT, (0.4, 0.5, 1.8), Semantic.PEDESTRIAN, family=Family.WALKER
)
CONE = _vehicle(4, "static.prop.cone", ActorKind.CONE, (0.4, 0.4, 0.7), Semantic.STATIC, family=Family.PROP)


def floor(half_m=300.0, material="asphalt"):
    """A level square about the origin."""
    corners = ((-half_m, -half_m, 0.0), (half_m, -half_m, 0.0), (half_m, half_m, 0.0), (-half_m, half_m, 0.0))
    return sheet(corners, material)


def wall(x_m=20.0, half_m=200.0, material="facade_brick"):
    """An upright square across the way whose face looks towards -x."""
    s = half_m
    return sheet(((x_m, s, -s), (x_m, -s, -s), (x_m, -s, s), (x_m, s, s)), material)


def town(*meshes, lamps=(), xodr=XODR):
    """What stands still."""
    still = tiled(tuple(Piece(mesh=mesh, reach_m=1e9) for mesh in meshes))
    return SimpleNamespace(still=still, lamps=lamps, xodr=xodr)


def scene(place, *actors, things=None, at_s=1.0, delta_s=0.05, weather=None, **changed):
    """A tick. `actors` are (blueprint, pose of six) or (blueprint, pose, changes of its columns)."""
    rows = [(*actor, {}) if len(actor) == 2 else actor for actor in actors]
    if things is None:
        things = tuple(
            Thing(changes.get("id", 100 + k), k, blueprint, changes.get("colour"))
            for k, (blueprint, _, changes) in enumerate(rows)
        )
    fields = {
        "poses": np.array([pose for _, pose, _ in rows], dtype=np.float64).reshape(-1, 6),
        "motions": np.array([changes.get("motion", (0.0,) * 6) for _, _, changes in rows]).reshape(-1, 6),
        "accelerations": np.array([changes.get("acceleration", (0.0,) * 3) for _, _, changes in rows]).reshape(-1, 3),
        "ways_m": np.array([changes.get("way", 0.0) for _, _, changes in rows]),
        "lights": np.array([changes.get("lights", 0) for _, _, changes in rows], dtype=np.int32),
        "signals": np.zeros(len(place.lamps), dtype=np.int8),
        "row_of": {thing.actor_id: k for k, thing in enumerate(things)},
    }
    return Scene(
        town=place, frame=1, elapsed_ns=round(at_s * 1e9), delta_s=delta_s, weather=weather or WeatherParameters(),
        things=things, **{**fields, **changed},
    )  # fmt: skip


def actor(actor_id=7, blueprint_id="sensor.other.any"):
    """An actor as clients know it."""
    return ActorStruct(actor_id, 0, ActorDescription(1, blueprint_id, ()), NO_BOX, b"", b"")


def mounted(pose=(0.0, 0.0, 1.5, 0.0, 0.0, 0.0), parent=None, velocity=(0.0, 0.0, 0.0), spin=(0.0, 0.0, 0.0)):
    """Where a sensor is; `parent` an actor's id."""
    bearer = None if parent is None else actor(parent, "vehicle.any")
    return Mounted(Pose(*pose), velocity, spin, bearer, actor())


def sensor(blueprint_id, attributes=None, entity=3, seed=1):
    """A model made from a blueprint without attributes of its own."""
    blueprint = Blueprint(uid=9, id=blueprint_id, family=Family.SENSOR, attributes=())
    return make_sensor(blueprint, attributes or {}, entity, seed)


def image(body):
    """(h, w, 4) BGRA of a picture's message."""
    width, height, _ = struct.unpack_from("<IIf", body)
    assert len(body) == 12 + 4 * width * height
    return np.frombuffer(body, np.uint8, offset=12).reshape(height, width, 4)


def depths(body):
    """(h, w) metres of a depth picture, by the documented formula."""
    blue, green, red = (image(body)[:, :, k].astype(np.float64) for k in range(3))
    return 1000.0 * (red + green * 256.0 + blue * 65536.0) / (256.0**3 - 1.0)


def scan(body, point):
    """A lidar message: its angle, the points of each channel, and the points as records of this type."""
    angle, channels = struct.unpack_from("<fI", body)
    counts = np.frombuffer(body, "<u4", count=channels, offset=8)
    points = np.frombuffer(body, point, offset=8 + 4 * channels)
    assert counts.sum() == len(points)
    return angle, counts, points


def unpacked(body):
    """A msgpack message."""
    return msgpack.unpackb(body)
