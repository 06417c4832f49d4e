"""Calls about traffic lights: states and times, one light or all, frozen or not."""

from typing import Any, Final

from sim.blueprints.blueprint import Family
from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.actors import Actor
from sim.episode.structs import BoundingBox, Refused

STATES: Final = 5  # red, yellow, green, off, unknown
LONGEST_S: Final = 1e6


def lamp_of(server: Any, actor_id: int) -> int:
    """The number of a traffic light in its town. Raises Refused for anything else."""
    actor: Actor = server.episode.registry.find(actor_id)
    if actor.family is not Family.TRAFFIC_LIGHT:
        raise Refused(f"actor {actor_id} ({actor.blueprint.id}) is not a traffic light")
    return actor.sign


def set_state(server: Any, caller: Any, actor_id: int, state: int) -> None:
    """Another state; it holds as long as the cycle gives that state, for good if frozen."""
    del caller
    if not 0 <= state < STATES:
        raise Refused(f"a traffic light has no state {state}: 0 red, 1 yellow, 2 green, 3 off")
    server.episode.cycle.set_state(lamp_of(server, actor_id), state)


def _set_time(phase: int) -> Any:
    def set_time(server: Any, caller: Any, actor_id: int, time_s: float) -> None:
        del caller
        if not 0.0 <= time_s <= LONGEST_S:
            raise Refused(f"a time must be from 0 to {LONGEST_S:g} s, not {time_s:g}")
        server.episode.cycle.set_time(lamp_of(server, actor_id), phase, time_s)

    return set_time


def _freeze_all(server: Any, caller: Any, frozen: bool) -> None:
    del caller
    server.episode.cycle.freeze(frozen)


def _freeze(server: Any, caller: Any, actor_id: int, frozen: bool) -> None:
    del caller
    lamp_of(server, actor_id)
    server.episode.cycle.freeze(frozen)


def _reset_group(server: Any, caller: Any, actor_id: int) -> None:
    del caller
    server.episode.cycle.reset_group(lamp_of(server, actor_id))


def _reset_all(server: Any, caller: Any) -> None:
    del caller
    server.episode.cycle.reset()


def _group(server: Any, caller: Any, actor_id: int) -> tuple[int, ...]:
    del caller
    lamps = set(server.episode.cycle.group(lamp_of(server, actor_id)))
    order = server.episode.registry.order
    return tuple(a.id for a in order if a.family is Family.TRAFFIC_LIGHT and a.sign in lamps)


def _boxes(server: Any, caller: Any, actor_id: int) -> tuple[BoundingBox, ...]:
    del caller
    lamp = server.episode.town.lamps[lamp_of(server, actor_id)]
    return tuple(box._replace(actor_id=actor_id) for box in lamp.light_boxes)


CALLS: Final = (
    Call("set_traffic_light_state", (int, int), Returns.VOID, set_state),
    Call("set_traffic_light_green_time", (int, float), Returns.VOID, _set_time(0)),
    Call("set_traffic_light_yellow_time", (int, float), Returns.VOID, _set_time(1)),
    Call("set_traffic_light_red_time", (int, float), Returns.VOID, _set_time(2)),
    Call("freeze_all_traffic_lights", (bool,), Returns.VOID, _freeze_all),
    Call("freeze_traffic_light", (int, bool), Returns.VOID, _freeze, Depth.PARTLY, "freezes all lights"),
    Call("reset_traffic_light_group", (int,), Returns.VOID, _reset_group),
    Call("reset_all_traffic_lights", (), Returns.VOID, _reset_all),
    Call("get_group_traffic_lights", (int,), Returns.VALUE, _group),
    Call("get_light_boxes", (int,), Returns.VALUE, _boxes),
)
