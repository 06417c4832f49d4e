"""Actors coming, going and being put somewhere: what CARLA's spawn, destroy and teleport calls do.

Arguments are the wire's (CARLA's axes, degrees). A spawn that would overlap another body or the map's
fixtures is refused, as CARLA refuses it.
"""

from typing import Final

from sim.blueprints.blueprint import Blueprint, Family
from sim.blueprints.descriptions import checked
from sim.blueprints.library import blueprint as find_blueprint
from sim.episode.actors import Actor, pose_of, relative_to, seated, transform_of
from sim.episode.physics_sheet import sheet_of
from sim.episode.scene import Pose
from sim.episode.simulation import Episode
from sim.episode.structs import (
    ORIGIN,
    ActorDescription,
    ActorStruct,
    AttributeValue,
    BoundingBox,
    Refused,
    Transform,
    Vector3D,
)

COLLISION_TEXT: Final = "Spawn failed because of collision at spawn position"
DESCRIPTION_TEXT: Final = "Spawn failed because of invalid actor description"
NO_BOX: Final = BoundingBox(Vector3D(0.0, 0.0, 0.0), Vector3D(0.0, 0.0, 0.0))
MOST_ACTORS: Final = 5_000  # own: of one episode; a client that spawns without end is refused, not the server's memory
_SPAWNED: Final = frozenset(
    {Family.VEHICLE, Family.WALKER, Family.CONTROLLER, Family.SENSOR, Family.PROP, Family.TRIGGER}
)


def box_of(blueprint: Blueprint) -> BoundingBox:
    """An actor's box about its own origin, which is on the ground for vehicles and props, in the middle for walkers."""
    body = blueprint.body
    if body is None:
        return NO_BOX
    low_m = body.clearance_m if blueprint.family is Family.PROP else 0.0  # a vehicle's box has its wheels in it
    half = Vector3D(0.5 * body.length_m, 0.5 * body.width_m, 0.5 * (body.height_m - low_m))
    middle_m = 0.0 if blueprint.family is Family.WALKER else low_m + half.z
    return BoundingBox(Vector3D(0.0, 0.0, middle_m), half)


def spawn(
    episode: Episode, description: ActorDescription, transform: Transform, parent_id: int = 0, *, anyway: bool = False
) -> ActorStruct:
    """A new actor; `anyway`: whatever stands in its way. Raises Refused."""
    blueprint, attributes = checked(description)
    if blueprint.family not in _SPAWNED:
        raise Refused(DESCRIPTION_TEXT)
    if len(episode.registry.order) >= MOST_ACTORS:
        raise Refused(f"Spawn failed: there are {MOST_ACTORS} actors already; destroy some first")
    parent = episode.registry.find(parent_id) if parent_id else None
    pose = pose_of(transform)
    relative = None
    if parent is not None:
        bearer = episode.pose_of(parent)
        relative = relative_to(pose, Pose(0.0, 0.0, 0.0, 0.0))
        pose = seated(relative, bearer)
    body = blueprint.body
    takes_room = blueprint.family is not Family.TRIGGER and parent is None
    if body is not None and takes_room and not anyway and episode.motion.blocked(body, pose):
        raise Refused(COLLISION_TEXT)
    entity = episode.entities
    model = None
    if blueprint.family is Family.SENSOR:
        model = episode.make_sensor(blueprint, attributes, entity, episode.seed)
    episode.entities += 1
    stream = episode.outlet.open() if model is not None else 0
    token = episode.outlet.token(stream) if stream else b""
    kept = tuple(AttributeValue(one.id, one.kind, attributes.get(one.id, one.value)) for one in description.attributes)
    actor = Actor(
        episode.registry.next_id(), entity, blueprint, ActorDescription(blueprint.uid, blueprint.id, kept), attributes,
        pose, box_of(blueprint), parent, stream, token,
    )  # fmt: skip
    actor.relative, actor.model, actor.spawned_frame = relative, model, episode.frame
    if body is not None and takes_room:
        sheet = sheet_of(body) if blueprint.family is Family.VEHICLE else None
        actor.row = episode.motion.add(body, pose, sheet, entity)
        if blueprint.family is Family.PROP:
            episode.motion.simulate(actor.row, False)
    if blueprint.family is Family.TRIGGER:
        actor.zone = _zone(episode, attributes, pose)
    episode.registry.add(actor)
    return actor.struct


def _zone(episode: Episode, attributes: dict[str, str], pose: Pose) -> int:
    half_x_m, half_y_m, half_z_m = (float(attributes.get(f"extent_{axis}", "1.0")) / 100.0 for axis in "xyz")
    return int(episode.motion.add_zone(pose, (half_x_m, half_y_m, half_z_m), float(attributes.get("friction", "3.5"))))


def destroy(episode: Episode, actor_id: int) -> bool:
    """Take an actor out, with what is attached to it. False if there is none, or it belongs to the map."""
    actor = episode.registry.living.get(actor_id)
    if actor is None or actor.family not in _SPAWNED:
        return False
    for child in tuple(actor.children):
        destroy(episode, child.id)
    if actor.row >= 0:
        episode.motion.remove(actor.row)
    if actor.zone >= 0:
        episode.motion.remove_zone(actor.zone)
    if actor.stream:
        episode.outlet.close(actor.stream)
    episode.registry.remove(actor)
    return True


def put(episode: Episode, actor: Actor, transform: Transform) -> None:
    """Teleport an actor; attached ones keep the new place in their bearer."""
    pose = pose_of(transform)
    if actor.row >= 0:
        episode.motion.place(actor.row, pose)
    elif actor.parent is not None:
        actor.relative = relative_to(pose, episode.pose_of(actor.parent))
    else:
        actor.pose = pose


def put_location(episode: Episode, actor: Actor, location: Vector3D) -> None:
    """Teleport an actor without turning it."""
    put(episode, actor, Transform(location, transform_of(episode.pose_of(actor)).rotation))


def furnish(episode: Episode) -> None:
    """The actors that belong to the map: spectator, traffic lights and signs."""
    _resident(episode, "spectator", ORIGIN, NO_BOX, -1)
    for number, lamp in enumerate(episode.town.lamps):
        _resident(episode, "traffic.traffic_light", lamp.transform, lamp.trigger, number)
    for number, sign in enumerate(episode.town.signs):
        _resident(episode, sign.blueprint_id, sign.transform, sign.trigger, number)


def _resident(episode: Episode, blueprint_id: str, transform: Transform, box: BoundingBox, sign: int) -> None:
    blueprint = find_blueprint(blueprint_id)
    description = ActorDescription(blueprint.uid, blueprint.id, ())
    actor = Actor(
        episode.registry.next_id(), episode.entities, blueprint, description, {}, pose_of(transform), box, None, 0, b""
    )
    actor.sign = sign
    episode.entities += 1
    episode.registry.add(actor)
