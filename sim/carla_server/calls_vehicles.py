"""Calls about vehicles: pedals, Ackermann control, physics, telemetry, lamps, doors, wheels."""

from typing import Any, Final

from sim.blueprints.blueprint import Family
from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.actors import Actor
from sim.episode.physics_sheet import checked_sheet
from sim.episode.structs import (
    AckermannControllerSettings,
    Refused,
    VehicleAckermannControl,
    VehicleControl,
    VehiclePhysicsControl,
    VehicleTelemetryData,
)

ALL_DOORS: Final = 6
DOORS: Final = 6
WHEEL_PITCH: Final = "wheels have no pitch of their own here"
CARSIM: Final = "CarSim is not part of this server"
CHRONO: Final = "Chrono is not part of this server; its own vehicle model stays"


def vehicle_of(server: Any, actor_id: int) -> tuple[Any, Actor]:
    """The motion and the vehicle. Raises Refused for anything else."""
    actor = server.episode.registry.find(actor_id)
    if actor.family is not Family.VEHICLE:
        raise Refused(f"actor {actor_id} ({actor.blueprint.id}) is not a vehicle")
    if actor.row < 0:
        raise Refused(f"vehicle {actor_id} is attached to another actor and does not drive")
    return server.episode.motion, actor


def apply_control(server: Any, caller: Any, actor_id: int, control: VehicleControl) -> None:
    """Pedals that stay until the next ones."""
    del caller
    motion, actor = vehicle_of(server, actor_id)
    motion.set_control(actor.row, control)


def apply_ackermann(server: Any, caller: Any, actor_id: int, control: VehicleAckermannControl) -> None:
    """A speed and a steering angle to reach."""
    del caller
    motion, actor = vehicle_of(server, actor_id)
    motion.set_ackermann(actor.row, control)


def _ackermann_settings(server: Any, caller: Any, actor_id: int) -> AckermannControllerSettings:
    del caller
    motion, actor = vehicle_of(server, actor_id)
    settings: AckermannControllerSettings = motion.ackermann_settings(actor.row)
    return settings


def _set_ackermann_settings(server: Any, caller: Any, actor_id: int, settings: AckermannControllerSettings) -> None:
    del caller
    motion, actor = vehicle_of(server, actor_id)
    motion.set_ackermann_settings(actor.row, settings)


def _physics(server: Any, caller: Any, actor_id: int) -> VehiclePhysicsControl:
    del caller
    motion, actor = vehicle_of(server, actor_id)
    sheet: VehiclePhysicsControl = motion.sheet(actor.row)
    return sheet


def apply_physics(server: Any, caller: Any, actor_id: int, sheet: VehiclePhysicsControl) -> None:
    """Another engine, mass, tyre or brake, from the next tick on."""
    del caller
    motion, actor = vehicle_of(server, actor_id)
    motion.set_sheet(actor.row, checked_sheet(sheet))


def _telemetry(server: Any, caller: Any, actor_id: int) -> VehicleTelemetryData:
    del caller
    motion, actor = vehicle_of(server, actor_id)
    data: VehicleTelemetryData = motion.telemetry(actor.row)
    return data


def _show_telemetry(server: Any, caller: Any, actor_id: int, shown: bool) -> None:
    del caller, shown
    vehicle_of(server, actor_id)
    server.say_once("telemetry", "there is no window to show telemetry in; get_telemetry_data answers")


def _lights(server: Any, caller: Any, actor_id: int) -> tuple[int]:
    del caller
    return (vehicle_of(server, actor_id)[1].lights,)


def set_lights(server: Any, caller: Any, actor_id: int, flags: int) -> None:
    """CARLA's flags; brake and reverse lamps also light by themselves."""
    del caller
    vehicle_of(server, actor_id)[1].lights = flags & 0xFFFFFFFF


def _set_lights(server: Any, caller: Any, actor_id: int, state: tuple[int, ...]) -> None:
    if len(state) != 1:
        raise Refused("a light state is one number of flags")
    set_lights(server, caller, actor_id, state[0])


def _all_lights(server: Any, caller: Any) -> tuple[tuple[int, int], ...]:
    server.waking.stepped(caller)  # a Traffic Manager's step begins with this call
    return tuple((a.id, a.lights) for a in server.episode.registry.order if a.family is Family.VEHICLE)


def _door_bits(door: int) -> int:
    if not 0 <= door <= ALL_DOORS:
        raise Refused(f"there is no door {door}: 0 front left to 5 boot, 6 all")
    return (1 << DOORS) - 1 if door == ALL_DOORS else 1 << door


def _open_door(server: Any, caller: Any, actor_id: int, door: int) -> None:
    del caller
    vehicle_of(server, actor_id)[1].doors |= _door_bits(door)


def _close_door(server: Any, caller: Any, actor_id: int, door: int) -> None:
    del caller
    vehicle_of(server, actor_id)[1].doors &= ~_door_bits(door)


def _steer_wheel(server: Any, caller: Any, actor_id: int, wheel: int, angle_deg: float) -> None:
    del caller, angle_deg
    motion, actor = vehicle_of(server, actor_id)
    motion.wheel_angle_deg(actor.row, wheel)
    server.say_once("wheels", "wheels cannot be turned by hand here: they follow the steering")


def _wheel_angle(server: Any, caller: Any, actor_id: int, wheel: int) -> float:
    del caller
    motion, actor = vehicle_of(server, actor_id)
    if not 0 <= wheel < max(actor.blueprint.body.wheels if actor.blueprint.body else 0, 1):
        raise Refused(f"vehicle {actor_id} has no wheel {wheel}")
    return float(motion.wheel_angle_deg(actor.row, wheel))


def _pitch(server: Any, caller: Any, actor_id: int, wheel: int, angle_deg: float) -> None:
    del caller, wheel, angle_deg
    vehicle_of(server, actor_id)
    server.say_once("pitch", WHEEL_PITCH)


def _wheel_pitch(server: Any, caller: Any, actor_id: int, wheel: int) -> float:
    del caller, wheel
    vehicle_of(server, actor_id)
    return 0.0


def _ignore_vehicles(server: Any, caller: Any, actor_id: int, ids: tuple[int, ...]) -> None:
    del caller
    for one in (actor_id, *ids):
        server.episode.registry.find(one)


def _ignored(text: str) -> Any:
    def ignore(server: Any, caller: Any, actor_id: int, *arguments: Any) -> None:
        del caller, arguments
        vehicle_of(server, actor_id)
        server.say_once(text, text)

    return ignore


CALLS: Final = (
    Call("apply_control_to_vehicle", (int, VehicleControl), Returns.VOID, apply_control),
    Call("apply_ackermann_control_to_vehicle", (int, VehicleAckermannControl), Returns.VOID, apply_ackermann),
    Call("get_ackermann_controller_settings", (int,), Returns.VALUE, _ackermann_settings),
    Call("apply_ackermann_controller_settings", (int, AckermannControllerSettings), Returns.VOID,
         _set_ackermann_settings),
    Call("get_physics_control", (int,), Returns.VALUE, _physics),
    Call("apply_physics_control", (int, VehiclePhysicsControl), Returns.VOID, apply_physics),
    Call("get_telemetry_data", (int,), Returns.VALUE, _telemetry),
    Call("show_vehicle_debug_telemetry", (int, bool), Returns.VOID, _show_telemetry, Depth.ACCEPTED,
         "there is no window"),
    Call("get_vehicle_light_state", (int,), Returns.VALUE, _lights),
    Call("set_vehicle_light_state", (int, tuple[int, ...]), Returns.VOID, _set_lights),
    Call("get_vehicle_light_states", (), Returns.VALUE, _all_lights),
    Call("open_vehicle_door", (int, int), Returns.VOID, _open_door, Depth.PARTLY, "kept, not drawn"),
    Call("close_vehicle_door", (int, int), Returns.VOID, _close_door, Depth.PARTLY, "kept, not drawn"),
    Call("set_wheel_steer_direction", (int, int, float), Returns.VOID, _steer_wheel, Depth.ACCEPTED,
         "wheels follow the steering"),
    Call("get_wheel_steer_angle", (int, int), Returns.VALUE, _wheel_angle),
    Call("set_wheel_pitch_angle", (int, int, float), Returns.VOID, _pitch, Depth.ACCEPTED, WHEEL_PITCH),
    Call("get_wheel_pitch_angle", (int, int), Returns.VALUE, _wheel_pitch, Depth.ACCEPTED, "always 0"),
    Call("enable_carsim", (int, str), Returns.VOID, _ignored(CARSIM), Depth.ACCEPTED, CARSIM),
    Call("use_carsim_road", (int, bool), Returns.VOID, _ignored(CARSIM), Depth.ACCEPTED, CARSIM),
    Call("enable_chrono_physics", (int, int, float, str, str, str, str), Returns.VOID, _ignored(CHRONO),
         Depth.ACCEPTED, CHRONO),
    Call("set_ignored_vehicles", (int, tuple[int, ...]), Returns.VOID, _ignore_vehicles, Depth.PARTLY,
         "known vehicles are accepted; nothing is left out of sensors"),
    Call("restore_physx_physics", (int,), Returns.VOID, _ignored(CHRONO), Depth.ACCEPTED, CHRONO),
)  # fmt: skip
