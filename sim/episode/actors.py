"""The actors of an episode and their records, which are the snapshot's bytes.

A record has the wire's layout (little-endian, packed, 119 bytes; CARLA's axes, degrees), so a snapshot
is one copy of the array. Records keep the order of the actors' ids. Ids are never used twice, not even
in another episode, because clients keep what they know of an id.
"""

from typing import Any, Final

import numpy as np

from sim import left_handed
from sim.blueprints.blueprint import Blueprint, Family
from sim.episode.scene import Mounted, Pose, SensorModel
from sim.episode.structs import ActorDescription, ActorStruct, BoundingBox, Refused, Rotation, Transform, Vector3D

_HEAD: Final = [
    ("id", "<u4"), ("state", "u1"), ("location", "<f4", 3), ("rotation", "<f4", 3), ("velocity", "<f4", 3),
    ("spin", "<f4", 3), ("acceleration", "<f4", 3),
]  # fmt: skip
RECORD: Final = np.dtype([*_HEAD, ("rest", "V54")])
VEHICLE: Final = np.dtype(
    [
        *_HEAD, ("throttle", "<f4"), ("steer", "<f4"), ("brake", "<f4"), ("hand_brake", "u1"), ("reverse", "u1"),
        ("manual_gear_shift", "u1"), ("gear", "<i4"), ("limit_kmh", "<f4"), ("light_state", "u1"), ("has_light", "u1"),
        ("light_id", "<u4"), ("failure", "u1"), ("rest", "V24"),
    ]
)  # fmt: skip
WALKER: Final = np.dtype([*_HEAD, ("direction", "<f4", 3), ("speed", "<f4"), ("jump", "u1"), ("rest", "V37")])
LIGHT: Final = np.dtype(
    [
        *_HEAD, ("sign_id", "S32"), ("green_s", "<f4"), ("yellow_s", "<f4"), ("red_s", "<f4"), ("elapsed_s", "<f4"),
        ("pole", "<u4"), ("frozen", "u1"), ("light", "u1"),
    ]
)  # fmt: skip
SIGN: Final = np.dtype([*_HEAD, ("sign_id", "S32"), ("rest", "V22")])
ACTIVE: Final = 1
MOST_REMEMBERED: Final = 1_024  # own: actors that are gone, the last ones
GREEN: Final = 2


class Actor:
    """One actor. Its place is in the motion (`row` of 0 or more), at its parent, or its own (`pose`)."""

    __slots__ = (
        "attributes", "blueprint", "box", "children", "description", "doors", "due_ns", "entity", "gravity", "id",
        "lights", "model", "parent", "pose", "relative", "row", "sign", "spawned_frame", "stream", "struct", "zone",
    )  # fmt: skip

    def __init__(
        self, actor_id: int, entity: int, blueprint: Blueprint, description: ActorDescription,
        attributes: dict[str, str], pose: Pose, box: BoundingBox, parent: "Actor | None", stream: int, token: bytes,
    ) -> None:  # fmt: skip
        self.id, self.entity, self.blueprint, self.description = actor_id, entity, blueprint, description
        self.attributes, self.pose, self.box, self.parent = attributes, pose, box, parent
        self.relative: tuple[Any, Any] | None = None  # turn (3, 3) and place (3,) in the parent
        self.row, self.sign, self.zone, self.stream = -1, -1, -1, stream
        self.model: SensorModel | None = None
        self.due_ns = 0
        self.spawned_frame = 0
        self.lights, self.doors = 0, 0
        self.children: list[Actor] = []
        tags = bytes([blueprint.semantic]) if blueprint.semantic else b""
        self.struct = ActorStruct(actor_id, parent.id if parent else 0, description, box, tags, token)

    @property
    def family(self) -> Family:
        """What it is."""
        return self.blueprint.family


def pose_of(transform: Transform) -> Pose:
    """A CARLA transform as a pose."""
    place, turn = transform.location, transform.rotation
    return Pose(*left_handed.mirrored(*place), *left_handed.angles_from_carla(*turn))


def transform_of(pose: Pose) -> Transform:
    """A pose as a CARLA transform."""
    return Transform(Vector3D(*left_handed.mirrored(*pose[:3])), Rotation(*left_handed.angles_to_carla(*pose[3:])))


def attached(actor: Actor, parent: Pose) -> Pose:
    """Where an attached actor is."""
    if actor.relative is None:
        raise ValueError("an attached actor has a relative place")
    return seated(actor.relative, parent)


def seated(relative: tuple[Any, Any], parent: Pose) -> Pose:
    """Turn and place in a parent as a world pose."""
    turn, place = relative
    world = left_handed.rotation(*parent[3:])
    x, y, z = (world @ place + np.array(parent[:3])).tolist()
    return Pose(x, y, z, *left_handed.angles_of(world @ turn))


def relative_to(pose: Pose, parent: Pose) -> tuple[Any, Any]:
    """A world pose as turn and place in a parent."""
    world = left_handed.rotation(*parent[3:])
    return world.T @ left_handed.rotation(*pose[3:]), world.T @ (np.array(pose[:3]) - np.array(parent[:3]))


class Registry:
    """All living actors, by id, and their records."""

    def __init__(self) -> None:
        self._next = 0
        self.living: dict[int, Actor] = {}
        self.records = np.zeros(0, RECORD)
        self.order: list[Actor] = []  # of the records
        self.changes = 0  # how often somebody came or went
        self._gone: dict[int, BoundingBox] = {}  # the boxes of those who went last

    def next_id(self) -> int:
        """An id nobody ever had."""
        self._next += 1
        return self._next

    def find(self, actor_id: int) -> Actor:
        """The living actor of this id. Raises Refused."""
        actor = self.living.get(actor_id)
        if actor is None:
            raise Refused(f"actor {actor_id} not found: it was destroyed or never spawned")
        return actor

    def box(self, actor_id: int) -> BoundingBox:
        """An actor's box, also of one that went lately. Raises Refused.

        A Traffic Manager asks for every vehicle it sees in a snapshot, and a refusal ends its process.
        """
        gone = self._gone.get(actor_id)
        return gone if gone is not None else self.find(actor_id).box

    def add(self, actor: Actor) -> None:
        """A new actor; it shows in the next snapshot."""
        record = np.zeros(1, RECORD)
        record["id"], record["state"] = actor.id, ACTIVE
        self.records = np.concatenate([self.records, record])
        self.living[actor.id] = actor
        self.order.append(actor)
        if actor.parent is not None:
            actor.parent.children.append(actor)
        self.changes += 1

    def remove(self, actor: Actor) -> None:
        """Gone for good."""
        place = self.order.index(actor)
        self.records = np.delete(self.records, place)
        del self.order[place]
        del self.living[actor.id]
        self._remember(actor)
        if actor.parent is not None:
            actor.parent.children.remove(actor)
        self.changes += 1

    def _remember(self, actor: Actor) -> None:
        self._gone[actor.id] = actor.box
        if len(self._gone) > MOST_REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def clear(self) -> None:
        """Everybody gone; ids go on."""
        for actor in self.order:
            self._remember(actor)
        self.living.clear()
        self.order.clear()
        self.records = np.zeros(0, RECORD)
        self.changes += 1


def mounted_at(actor: Actor, pose: Pose, origin: Pose, motion: Any) -> Mounted:
    """A sensor's place with the motion of the body it rides on; `motion` is velocity and spin of `origin`."""
    x, y, z = pose.x_m - origin.x_m, pose.y_m - origin.y_m, pose.z_m - origin.z_m
    vx, vy, vz, wx, wy, wz = (float(one) for one in motion)
    velocity = (vx + wy * z - wz * y, vy + wz * x - wx * z, vz + wx * y - wy * x)
    parent = actor.parent.struct if actor.parent is not None else None
    return Mounted(pose=pose, velocity_mps=velocity, spin_radps=(wx, wy, wz), parent=parent, actor=actor.struct)
