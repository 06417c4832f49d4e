"""Calls about actors of every kind: blueprints, spawning, places, velocities, forces, boxes, names."""

from collections.abc import Callable
from typing import Any, Final

from sim import left_handed
from sim.blueprints.blueprint import Family
from sim.blueprints.descriptions import definitions
from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.actors import Actor, transform_of
from sim.episode.casting import destroy, put, put_location, spawn
from sim.episode.structs import (
    ORIGIN,
    ActorDescription,
    ActorStruct,
    BoundingBox,
    Refused,
    Transform,
    Vector3D,
)

RAD_PER_DEG: Final = 0.017453292519943295


def body_of(server: Any, actor_id: int) -> tuple[Any, Actor]:
    """The motion and the actor, if it is one that moves. Raises Refused."""
    actor = server.episode.registry.find(actor_id)
    if actor.row < 0:
        raise Refused(f"actor {actor_id} ({actor.blueprint.id}) has no body that moves")
    return server.episode.motion, actor


def _definitions(server: Any, caller: Any) -> Any:
    del server, caller
    return definitions()


def _spectator(server: Any, caller: Any) -> ActorStruct:
    del caller
    found: ActorStruct = next(a.struct for a in server.episode.registry.order if a.family is Family.SPECTATOR)
    return found


def _by_id(server: Any, caller: Any, ids: tuple[int, ...]) -> tuple[ActorStruct, ...]:
    del caller
    living = server.episode.registry.living
    return tuple(living[one].struct for one in ids if one in living)


def _spawn(server: Any, caller: Any, description: ActorDescription, transform: Transform) -> ActorStruct:
    made = spawn(server.episode, description, transform)
    caller.spawned(made.id)
    return made


def _spawn_on(
    server: Any, caller: Any, description: ActorDescription, transform: Transform, parent: int, kind: int, socket: str
) -> ActorStruct:
    del kind  # spring arms hold still here: every attachment is rigid
    if socket:
        server.say_once("sockets", "there are no sockets on bodies here: attached to the origin instead")
    made = spawn(server.episode, description, transform, parent)
    caller.spawned(made.id)
    return made


def destroy_actor(server: Any, caller: Any, actor_id: int) -> bool:
    """Take an actor out. Raises Refused if there is none."""
    if not destroy(server.episode, actor_id):
        raise Refused("unable to destroy actor: not found")
    caller.destroyed(actor_id)
    return True


def set_location(server: Any, caller: Any, actor_id: int, location: Vector3D) -> None:
    """Teleport without turning."""
    del caller
    put_location(server.episode, server.episode.registry.find(actor_id), location)


def set_transform(server: Any, caller: Any, actor_id: int, transform: Transform) -> None:
    """Teleport."""
    del caller
    put(server.episode, server.episode.registry.find(actor_id), transform)


def _on_body(act: Callable[..., None]) -> Callable[..., None]:
    """The answer to a call that does `act(motion, row, ...)` to an actor that moves."""

    def answer(server: Any, caller: Any, actor_id: int, *arguments: Any) -> None:
        del caller
        motion, actor = body_of(server, actor_id)
        act(motion, actor.row, *arguments)

    return answer


# World axes; m/s, N s and N at the centre of gravity, N m s and N m. Forces and torques last for the next tick.
set_target_velocity = _on_body(lambda motion, row, velocity: motion.set_velocity(row, left_handed.mirrored(*velocity)))
_constant_velocity = _on_body(
    lambda motion, row, velocity: motion.set_constant_velocity(row, left_handed.mirrored(*velocity))
)
_no_constant_velocity = _on_body(lambda motion, row: motion.set_constant_velocity(row, None))
add_impulse = _on_body(lambda motion, row, impulse: motion.push(row, left_handed.mirrored(*impulse)))
add_force = _on_body(lambda motion, row, force: motion.pull(row, left_handed.mirrored(*force)))
_impulse_at = _on_body(
    lambda motion, row, impulse, place: motion.push(row, left_handed.mirrored(*impulse), left_handed.mirrored(*place))
)
_force_at = _on_body(
    lambda motion, row, force, place: motion.pull(row, left_handed.mirrored(*force), left_handed.mirrored(*place))
)
add_angular_impulse = _on_body(lambda motion, row, impulse: motion.twist(row, left_handed.mirrored_spin(*impulse)))
add_torque = _on_body(lambda motion, row, torque: motion.torque(row, left_handed.mirrored_spin(*torque)))
set_simulate_physics = _on_body(lambda motion, row, on: motion.simulate(row, on))
_set_collisions = _on_body(lambda motion, row, on: motion.touchable(row, on))
set_gravity_enabled = _on_body(lambda motion, row, on: motion.gravity(row, on))


def set_target_spin(server: Any, caller: Any, actor_id: int, spin: Vector3D) -> None:
    """World axes, deg/s."""
    del caller
    motion, actor = body_of(server, actor_id)
    x, y, z = left_handed.mirrored_spin(*spin)
    motion.set_spin(actor.row, (x * RAD_PER_DEG, y * RAD_PER_DEG, z * RAD_PER_DEG))


def _dead(server: Any, caller: Any, actor_id: int) -> None:
    del caller
    motion, actor = body_of(server, actor_id)
    motion.simulate(actor.row, False)
    motion.touchable(actor.row, False)


def set_autopilot(server: Any, caller: Any, actor_id: int, enabled: bool) -> None:
    """Noted only: the client's own Traffic Manager drives."""
    del caller, enabled
    server.episode.registry.find(actor_id)  # the client's own Traffic Manager drives


def _box(server: Any, caller: Any, actor_id: int) -> BoundingBox:
    del caller
    box: BoundingBox = server.episode.registry.box(actor_id)
    return box


def _component_world(server: Any, caller: Any, actor_id: int, component: str) -> Transform:
    del caller
    return transform_of(server.episode.pose_of(_component(server, actor_id, component)))


def _component_relative(server: Any, caller: Any, actor_id: int, component: str) -> Transform:
    del caller
    _component(server, actor_id, component)
    return ORIGIN


def _component(server: Any, actor_id: int, component: str) -> Actor:
    actor: Actor = server.episode.registry.find(actor_id)
    if component and component not in component_names(actor):
        raise Refused(f"actor {actor_id} has no component '{component}'; it has {', '.join(component_names(actor))}")
    return actor


def component_names(actor: Actor) -> tuple[str, ...]:
    """An actor here is one piece."""
    return ("body",) if actor.blueprint.body is not None else ("root",)


def _names(server: Any, caller: Any, actor_id: int) -> tuple[str, ...]:
    del caller
    return component_names(server.episode.registry.find(actor_id))


def _no_names(server: Any, caller: Any, actor_id: int) -> tuple[str, ...]:
    del caller
    server.episode.registry.find(actor_id)
    return ()


def _ros(server: Any, caller: Any, stream: int) -> None:
    del caller, stream
    server.say_once("ros", "there is no ROS bridge inside this server: use one that is a client")


def _ros_on(server: Any, caller: Any, stream: int) -> bool:
    del server, caller, stream
    return False


def _refuse(text: str) -> Any:
    def refuse(server: Any, caller: Any, *arguments: Any) -> Any:
        del server, caller, arguments
        raise Refused(text)

    return refuse


_BONES: Final = "bodies here have no bones"
_GBUFFERS: Final = "there are no G-buffers: this server does not draw with Unreal"
_V2X: Final = "there is no V2X radio model"

CALLS: Final = (
    Call("get_actor_definitions", (), Returns.VALUE, _definitions),
    Call("get_spectator", (), Returns.VALUE, _spectator),
    Call("get_actors_by_id", (tuple[int, ...],), Returns.VALUE, _by_id),
    Call("spawn_actor", (ActorDescription, Transform), Returns.VALUE, _spawn),
    Call("spawn_actor_with_parent", (ActorDescription, Transform, int, int, str), Returns.VALUE, _spawn_on,
         Depth.PARTLY, "spring arms are rigid; there are no sockets"),
    Call("destroy_actor", (int,), Returns.VALUE, destroy_actor),
    Call("set_actor_location", (int, Vector3D), Returns.VOID, set_location),
    Call("set_actor_transform", (int, Transform), Returns.VOID, set_transform),
    Call("set_actor_target_velocity", (int, Vector3D), Returns.VOID, set_target_velocity),
    Call("set_actor_target_angular_velocity", (int, Vector3D), Returns.VOID, set_target_spin),
    Call("enable_actor_constant_velocity", (int, Vector3D), Returns.VOID, _constant_velocity),
    Call("disable_actor_constant_velocity", (int,), Returns.VOID, _no_constant_velocity),
    Call("add_actor_impulse", (int, Vector3D), Returns.VOID, add_impulse),
    Call("add_actor_force", (int, Vector3D), Returns.VOID, add_force),
    Call("add_actor_angular_impulse", (int, Vector3D), Returns.VOID, add_angular_impulse),
    Call("add_actor_torque", (int, Vector3D), Returns.VOID, add_torque),
    Call("add_actor_impulse_at_location", (int, Vector3D, Vector3D), Returns.VOID, _impulse_at),
    Call("add_actor_force_at_location", (int, Vector3D, Vector3D), Returns.VOID, _force_at),
    Call("set_actor_simulate_physics", (int, bool), Returns.VOID, set_simulate_physics),
    Call("set_actor_collisions", (int, bool), Returns.VOID, _set_collisions),
    Call("set_actor_enable_gravity", (int, bool), Returns.VOID, set_gravity_enabled),
    Call("set_actor_dead", (int,), Returns.VOID, _dead),
    Call("set_actor_autopilot", (int, bool), Returns.VOID, set_autopilot, Depth.ACCEPTED,
         "the client's own Traffic Manager drives"),
    Call("get_actor_bounding_box", (int,), Returns.VALUE, _box),
    Call("get_actor_component_world_transform", (int, str), Returns.VALUE, _component_world, Depth.PARTLY,
         "an actor is one piece"),
    Call("get_actor_component_relative_transform", (int, str), Returns.VALUE, _component_relative, Depth.PARTLY,
         "an actor is one piece"),
    Call("get_actor_component_names", (int,), Returns.VALUE, _names, Depth.PARTLY, "an actor is one piece"),
    *(
        Call(f"get_{name}", (int,), Returns.VALUE, _no_names, Depth.PARTLY, "empty: bodies have no bones or sockets")
        for name in (
            "actor_bone_names", "actor_socket_names", "actor_bone_world_transforms", "actor_bone_relative_transforms",
            "actor_socket_world_transforms", "actor_socket_relative_transforms", "vehicle_bone_world_transforms",
        )
    ),
    Call("enable_sensor_for_ros", (int,), Returns.VOID, _ros, Depth.ACCEPTED, "there is no ROS bridge inside"),
    Call("disable_sensor_for_ros", (int,), Returns.VOID, _ros, Depth.ACCEPTED, "there is no ROS bridge inside"),
    Call("is_sensor_enabled_for_ros", (int,), Returns.VALUE, _ros_on, Depth.ACCEPTED, "always false"),
    Call("send", (int, str), Returns.VOID, _refuse(_V2X), Depth.REFUSED, _V2X),
    Call("enable_gbuffers", (int, bool), Returns.VOID, _refuse(_GBUFFERS), Depth.REFUSED, _GBUFFERS),
    Call("are_gbuffers_enabled", (int,), Returns.VALUE, lambda server, caller, actor: False, Depth.ACCEPTED,
         "always false"),
    Call("get_gbuffer_token", (int, int), Returns.VALUE, _refuse(_GBUFFERS), Depth.REFUSED, _GBUFFERS),
)  # fmt: skip
