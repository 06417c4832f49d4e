"""Calls about walkers: direction and speed; bones are kept out, for bodies here have none."""

from typing import Any, Final

from sim import left_handed
from sim.blueprints.blueprint import Family
from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.actors import Actor, pose_of
from sim.episode.structs import Refused, Transform, WalkerControl

NO_BONES: Final = "bodies here have no bones: walkers swing their limbs by themselves"


def walker_of(server: Any, actor_id: int) -> tuple[Any, Actor]:
    """The motion and the walker. Raises Refused for anything else."""
    actor = server.episode.registry.find(actor_id)
    if actor.family is not Family.WALKER or actor.row < 0:
        raise Refused(f"actor {actor_id} ({actor.blueprint.id}) is not a walker")
    return server.episode.motion, actor


def apply_control(server: Any, caller: Any, actor_id: int, control: WalkerControl) -> None:
    """Walk this way at this speed until told otherwise."""
    del caller
    motion, actor = walker_of(server, actor_id)
    motion.set_walker(actor.row, left_handed.mirrored(*control.direction), control.speed, control.jump)


def apply_state(server: Any, caller: Any, actor_id: int, transform: Transform, speed_mps: float) -> None:
    """The client's navigation moved a walker: a transform at its feet, and how fast it walks."""
    del caller
    motion, actor = walker_of(server, actor_id)
    pose = pose_of(transform)
    motion.walker_state(actor.row, pose._replace(z_m=pose.z_m + actor.box.extent.z), speed_mps)


def _bones(server: Any, caller: Any, actor_id: int) -> tuple[tuple[()]]:
    del caller
    walker_of(server, actor_id)
    return ((),)


def _set_bones(server: Any, caller: Any, actor_id: int, pose: Any) -> None:
    del caller, pose
    walker_of(server, actor_id)
    server.say_once("bones", NO_BONES)


def _blend(server: Any, caller: Any, actor_id: int, share: float) -> None:
    del caller, share
    walker_of(server, actor_id)
    server.say_once("bones", NO_BONES)


def _animation(server: Any, caller: Any, actor_id: int) -> None:
    del caller
    walker_of(server, actor_id)


CALLS: Final = (
    Call("apply_control_to_walker", (int, WalkerControl), Returns.VOID, apply_control),
    Call("get_bones_transform", (int,), Returns.VALUE, _bones, Depth.PARTLY, "empty: bodies here have no bones"),
    Call("set_bones_transform", (int, Any), Returns.VOID, _set_bones, Depth.ACCEPTED, NO_BONES),
    Call("blend_pose", (int, float), Returns.VOID, _blend, Depth.ACCEPTED, NO_BONES),
    Call("get_pose_from_animation", (int,), Returns.VOID, _animation, Depth.ACCEPTED, NO_BONES),
)
