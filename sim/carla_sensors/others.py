"""Whom a collision or an obstacle sensor names: an actor as clients know it, or a thing of the map by its class."""

from sim.episode.scene import Thing
from sim.episode.structs import ActorDescription, ActorStruct, AttributeValue, BoundingBox, Vector3D
from sim.scenery.materials import Semantic

_NO_SIZE = BoundingBox(Vector3D(0.0, 0.0, 0.0), Vector3D(0.0, 0.0, 0.0))


def scenery_struct(label: int) -> ActorStruct:
    """Something of the map: no id, and `static.<class>` for a description."""
    name = Semantic(label).name.lower().replace("_", "") if label in Semantic._value2member_map_ else "unlabeled"
    return ActorStruct(0, 0, ActorDescription(0, f"static.{name}", ()), _NO_SIZE, bytes([label & 255]), b"")


def thing_struct(thing: Thing) -> ActorStruct:
    """An actor: as the episode knows it, or by its blueprint where the scene does not tell."""
    if thing.struct is not None:
        return thing.struct
    blueprint, body = thing.blueprint, thing.blueprint.body
    given = tuple(AttributeValue(one.name, int(one.kind), one.value) for one in blueprint.attributes)
    box = _NO_SIZE
    if body is not None:
        half = Vector3D(0.5 * body.length_m, 0.5 * body.width_m, 0.5 * body.height_m)
        box = BoundingBox(Vector3D(0.0, 0.0, half.z), half)
    tags = bytes([blueprint.semantic]) if blueprint.semantic else b""
    return ActorStruct(thing.actor_id, 0, ActorDescription(blueprint.uid, blueprint.id, given), box, tags, b"")
