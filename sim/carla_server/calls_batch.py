"""`apply_batch`: many commands in one call, each with its own result; a failing one stops nothing.

A command is `[[index, fields]]`. `SpawnActor` carries commands for the new actor; they name actor 0,
and their results are not reported, as the protocol has it.
"""

from typing import Any, Final, NamedTuple

from sim.carla_server import calls_actors, calls_lights, calls_vehicles, calls_walkers
from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.casting import spawn
from sim.episode.structs import (
    ActorDescription,
    Refused,
    Transform,
    Unreadable,
    Vector3D,
    VehicleAckermannControl,
    VehicleControl,
    VehiclePhysicsControl,
    WalkerControl,
    read,
)

SPAWN: Final = 0
DESTROY: Final = 1
AUTOPILOT: Final = 16
CONSOLE: Final = 20
MOST_COMMANDS: Final = 100_000  # own: of one batch


class Command(NamedTuple):
    """What follows the actor's id, and the answer that does it."""

    takes: tuple[Any, ...]
    answer: Any


def _shown(server: Any, caller: Any, actor_id: int, shown: bool) -> None:
    del server, caller, actor_id, shown


COMMANDS: Final = {
    2: Command((VehicleControl,), calls_vehicles.apply_control),
    3: Command((VehicleAckermannControl,), calls_vehicles.apply_ackermann),
    4: Command((WalkerControl,), calls_walkers.apply_control),
    5: Command((VehiclePhysicsControl,), calls_vehicles.apply_physics),
    6: Command((Transform,), calls_actors.set_transform),
    7: Command((Transform, float), calls_walkers.apply_state),
    8: Command((Vector3D,), calls_actors.set_target_velocity),
    9: Command((Vector3D,), calls_actors.set_target_spin),
    10: Command((Vector3D,), calls_actors.add_impulse),
    11: Command((Vector3D,), calls_actors.add_force),
    12: Command((Vector3D,), calls_actors.add_angular_impulse),
    13: Command((Vector3D,), calls_actors.add_torque),
    14: Command((bool,), calls_actors.set_simulate_physics),
    15: Command((bool,), calls_actors.set_gravity_enabled),
    16: Command((bool,), calls_actors.set_autopilot),
    17: Command((bool,), _shown),
    18: Command((int,), calls_vehicles.set_lights),
    19: Command((Vector3D,), calls_actors.set_location),
    21: Command((int,), calls_lights.set_state),
}


def _batch(server: Any, caller: Any, commands: tuple[Any, ...], do_tick: bool) -> Any:
    if len(commands) > MOST_COMMANDS:
        raise Refused(f"a batch may have {MOST_COMMANDS} commands, not {len(commands)}")
    results = tuple([_result(server, caller, command) for command in commands])
    return server.batched(results, do_tick)


def _result(server: Any, caller: Any, command: Any) -> tuple[tuple[int, Any]]:
    try:
        return ((1, _do(server, caller, command, 0)),)
    except (Refused, Unreadable) as error:
        return ((0, (str(error),)),)
    except Exception as error:  # one command's failure is its own
        text = f"the server failed: {type(error).__name__}: {error}"
        server.say_once(text, f"a command of a batch failed: {text}")
        return ((0, (text,)),)


def _do(server: Any, caller: Any, command: Any, future_id: int) -> int:
    """Do one command; `future_id` stands in for actor 0. Returns the actor's id."""
    (variant,) = read(tuple[Any, ...], command)[:1] or (None,)
    index, fields = read(tuple[int, Any], variant)
    if index == SPAWN:
        return _spawn(server, caller, fields)
    if index == CONSOLE:
        raise Refused("there is no console behind this server")
    parts = read(tuple[Any, ...], fields)
    if not parts:
        raise Unreadable("a command without an actor")
    actor_id = read(int, parts[0]) or future_id
    if index == DESTROY:
        calls_actors.destroy_actor(server, caller, actor_id)
        return actor_id
    row = COMMANDS.get(index)
    if row is None:
        raise Unreadable(f"there is no command {index}")
    if len(parts) <= len(row.takes):
        raise Unreadable(f"command {index} wants {len(row.takes)} arguments after the actor, not {len(parts) - 1}")
    arguments = [read(kind, raw) for kind, raw in zip(row.takes, parts[1:], strict=False)]
    row.answer(server, caller, actor_id, *arguments)
    return actor_id


def _spawn(server: Any, caller: Any, fields: Any) -> int:
    parts = read(tuple[Any, ...], fields)
    if len(parts) < 3:
        raise Unreadable("SpawnActor wants a description, a transform and a parent")
    description, transform = read(ActorDescription, parts[0]), read(Transform, parts[1])
    parent = read(int | None, parts[2])
    after = read(tuple[Any, ...], parts[5]) if len(parts) > 5 else ()
    made = spawn(server.episode, description, transform, parent or 0)
    caller.spawned(made.id)
    for command in after:
        try:
            _do(server, caller, command, made.id)
        except (Refused, Unreadable) as error:
            server.say(f"a command after spawning actor {made.id} was refused: {error}")
    return made.id


CALLS: Final = (
    Call("apply_batch", (tuple[Any, ...], bool), Returns.RAW, _batch, Depth.PARTLY, "console commands are refused"),
)
