"""A registry with actors in it, and a stage that keeps account: for tests of the recorder and the replayer."""

import numpy as np

from sim.blueprints.library import blueprint
from sim.episode.actors import LIGHT, VEHICLE, Actor, Registry, relative_to
from sim.episode.scene import Pose
from sim.episode.structs import ActorDescription, AttributeValue, BoundingBox, Refused, Transform, Vector3D

BOX = BoundingBox(Vector3D(0.0, 0.0, 0.0), Vector3D(1.0, 1.0, 1.0))
NOWHERE = Pose(0.0, 0.0, 0.0, 0.0)
CAR, WALKER, CAMERA = "vehicle.tesla.model3", "walker.pedestrian.0001", "sensor.camera.rgb"


def joined(registry, kind, role="", parent=None, at=NOWHERE, sign_id=""):
    """A new actor of this blueprint in the registry."""
    found = blueprint(kind)
    attributes = {"role_name": role} if role else {}
    values = tuple(AttributeValue(name, 4, value) for name, value in attributes.items())
    description = ActorDescription(1, kind, values)
    actor_id = registry.next_id()
    actor = Actor(actor_id, actor_id, found, description, attributes, at, BOX, parent, 0, b"")
    actor.relative = relative_to(at, NOWHERE) if parent is not None else None
    registry.add(actor)
    if sign_id:
        registry.records.view(LIGHT)["sign_id"][-1] = sign_id.encode()
    return actor


def cars(count):
    """A registry with so many cars and nothing else."""
    registry = Registry()
    for _ in range(count):
        joined(registry, CAR)
    return registry


def put(registry, actor, location, rotation=(0.0, 0.0, 0.0), velocity=(0.0, 0.0, 0.0)):
    """An actor's record as the episode would write it."""
    row = registry.order.index(actor)
    for name, values in (("location", location), ("rotation", rotation), ("velocity", velocity)):
        registry.records[name][row] = values


def pedals(registry, actor, throttle, steer, gear):
    """A vehicle's control in its record."""
    row = registry.order.index(actor)
    table = registry.records.view(VEHICLE)
    table["throttle"][row], table["steer"][row], table["gear"][row] = throttle, steer, gear


def lit(registry, actor, state):
    """A traffic light's state in its record."""
    registry.records.view(LIGHT)["light"][registry.order.index(actor)] = state


class Stage:
    """A stage without an episode: who is there, where, and what was asked."""

    def __init__(self, living=None):
        self.living = dict(living or {})
        self.where: dict[int, Transform] = {}
        self.velocities, self.controls, self.held, self.lamps = {}, {}, {}, {}
        self.lights, self.lights_held, self.spectator = {}, False, None
        self.parents, self.spawned_at = {}, {}
        self.refuses: set[str] = set()
        self._next = 1000

    def kind_of(self, actor_id):
        return self.living.get(actor_id)

    def spawn(self, blueprint_id, attributes, transform, parent_id):
        if blueprint_id in self.refuses:
            raise Refused("not today")
        self._next += 1
        self.living[self._next] = blueprint_id
        self.parents[self._next], self.spawned_at[self._next] = parent_id, transform
        return self._next

    def _here(self, actor_id):
        if actor_id not in self.living:
            raise Refused(f"no actor {actor_id}")

    def hold(self, actor_id, held):
        self._here(actor_id)
        self.held[actor_id] = held

    def place(self, actor_id, transform, velocity):
        self._here(actor_id)
        assert all(np.isfinite((*transform.location, *transform.rotation, *velocity)))
        self.where[actor_id], self.velocities[actor_id] = transform, velocity

    def drive(self, actor_id, control):
        self._here(actor_id)
        self.controls[actor_id] = control

    def walk(self, actor_id, control):
        self._here(actor_id)
        self.controls[actor_id] = control

    def set_lamps(self, actor_id, flags):
        self._here(actor_id)
        self.lamps[actor_id] = flags

    def hold_lights(self, held):
        self.lights_held = held

    def set_light(self, sign_id, state):
        self.lights[sign_id] = state

    def destroy(self, actor_id):
        self._here(actor_id)
        del self.living[actor_id]

    def set_spectator(self, transform):
        self.spectator = transform
