"""Calls about the map's things: objects, boxes, rays, lamps, textures and debug drawings."""

from typing import Any, Final

from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.structs import BoundingBox, EnvironmentObject, LabelledPoint, LightState, Refused, Vector3D

TEXTURES: Final = "surfaces here have no textures that could be replaced"
DRAWINGS: Final = "debug shapes are not drawn: there is no window"
LONGEST_RAY_M: Final = 1e5


def _objects(server: Any, caller: Any, label: int) -> tuple[EnvironmentObject, ...]:
    del caller
    return tuple(server.episode.level.objects(label))


def _enable_objects(server: Any, caller: Any, ids: tuple[int, ...], enabled: bool) -> None:
    del caller
    server.episode.level.enable(ids, enabled)


def _boxes(server: Any, caller: Any, label: int) -> tuple[BoundingBox, ...]:
    del caller
    return tuple(server.episode.level.boxes(label))


def _names(server: Any, caller: Any) -> tuple[str, ...]:
    del caller
    return tuple(server.episode.level.names())


def _no_texture(server: Any, caller: Any, names: tuple[str, ...], parameter: int, texture: Any) -> None:
    del caller, names, parameter, texture
    server.say_once("textures", TEXTURES)


def _traverse(server: Any, caller: Any, traverse: bool) -> None:
    del server, caller, traverse


def _project(
    server: Any, caller: Any, location: Vector3D, direction: Vector3D, distance_m: float
) -> tuple[bool, LabelledPoint]:
    del caller
    if not 0.0 <= distance_m <= LONGEST_RAY_M:
        raise Refused(f"a ray may be from 0 to {LONGEST_RAY_M:g} m long, not {distance_m:g}")
    found: tuple[bool, LabelledPoint] = server.episode.rays().project(location, direction, distance_m)
    return found


def _cast(server: Any, caller: Any, start: Vector3D, end: Vector3D) -> tuple[LabelledPoint, ...]:
    del caller
    return tuple(server.episode.rays().cast(start, end))


def _lamps(server: Any, caller: Any, endpoint: str) -> tuple[LightState, ...]:
    del caller, endpoint
    return tuple(server.episode.lamps.states())


def _set_lamps(server: Any, caller: Any, endpoint: str, states: tuple[LightState, ...], discard: bool) -> None:
    del caller, endpoint, discard
    server.episode.lamps.update(states)
    server.episode.lamps_changed = True


def _day_night(server: Any, caller: Any, endpoint: str, active: bool) -> None:
    del caller, endpoint
    server.episode.lamps.day_night = active


def _draw(server: Any, caller: Any, shape: Any) -> None:
    del caller, shape
    server.say_once("debug", DRAWINGS)


def _clear(server: Any, caller: Any) -> None:
    del server, caller


def _console(server: Any, caller: Any, text: str) -> bool:
    del server, caller, text
    return False


CALLS: Final = (
    Call("get_environment_objects", (int,), Returns.VALUE, _objects),
    Call("enable_environment_objects", (tuple[int, ...], bool), Returns.VOID, _enable_objects, Depth.PARTLY,
         "kept and returned; the objects stay in the picture"),
    Call("get_all_level_BBs", (int,), Returns.VALUE, _boxes),
    Call("get_names_of_all_objects", (), Returns.VALUE, _names),
    Call("apply_color_texture_to_objects", (tuple[str, ...], int, Any), Returns.VOID, _no_texture, Depth.ACCEPTED,
         TEXTURES),
    Call("apply_float_color_texture_to_objects", (tuple[str, ...], int, Any), Returns.VOID, _no_texture,
         Depth.ACCEPTED, TEXTURES),
    Call("set_annotations_traverse_translucency", (bool,), Returns.VOID, _traverse, Depth.ACCEPTED,
         "there is no translucency"),
    Call("project_point", (Vector3D, Vector3D, float), Returns.VALUE, _project),
    Call("cast_ray", (Vector3D, Vector3D), Returns.VALUE, _cast),
    Call("query_lights_state", (str,), Returns.VALUE, _lamps),
    Call("update_lights_state", (str, tuple[LightState, ...], bool), Returns.VOID, _set_lamps, Depth.PARTLY,
         "kept and returned; pictures light every lamp at night"),
    Call("update_day_night_cycle", (str, bool), Returns.VOID, _day_night, Depth.PARTLY, "kept"),
    Call("draw_debug_shape", (Any,), Returns.VOID, _draw, Depth.ACCEPTED, DRAWINGS),
    Call("clear_debug_shape", (), Returns.VOID, _clear, Depth.ACCEPTED, DRAWINGS),
    Call("clear_debug_string", (), Returns.VOID, _clear, Depth.ACCEPTED, DRAWINGS),
    Call("console_command", (str,), Returns.VALUE, _console, Depth.ACCEPTED, "always false: there is no console"),
)  # fmt: skip
