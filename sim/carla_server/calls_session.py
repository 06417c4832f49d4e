"""Calls about the session: version, episode, settings, ticks, maps, files, weather, gravity."""

from typing import Any, Final

from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.structs import (
    EpisodeSettings,
    MapInfo,
    OpendriveGenerationParameters,
    Refused,
    WeatherParameters,
    packable,
)

VERSION: Final = "0.9.16"
GENERATED: Final = "OpenDriveMap"
LARGEST_DELTA_S: Final = 10.0  # own: of one tick; no client means more
ALL_LAYERS: Final = 0xFFFF


def _version(server: Any, caller: Any) -> str:
    del server, caller
    return VERSION


def _episode_info(server: Any, caller: Any) -> Any:
    del caller
    episode = server.episode
    return (episode.number, (episode.outlet.token(episode.stream),))


def _settings(server: Any, caller: Any) -> Any:
    del caller
    return packable(server.episode.settings)


def _set_settings(server: Any, caller: Any, settings: EpisodeSettings) -> int:
    del caller
    fixed_s = settings.fixed_delta_seconds
    if fixed_s is not None and not 0.0 <= fixed_s <= LARGEST_DELTA_S:
        raise Refused(f"fixed_delta_seconds must be from 0 to {LARGEST_DELTA_S:g} s, not {fixed_s:g}")
    if settings.max_substep_delta_time < 0.0 or not 0 <= settings.max_substeps <= 1_000:
        raise Refused("max_substep_delta_time must not be negative, and max_substeps from 0 to 1000")
    server.set_settings(settings._replace(fixed_delta_seconds=fixed_s or None))
    return int(server.episode.frame)


def _tick_cue(server: Any, caller: Any) -> Any:
    return server.cue(caller)


def _map_info(server: Any, caller: Any) -> MapInfo:
    del caller
    town = server.episode.town
    return MapInfo(town.full_name, town.spawn_points)


def _map_data(server: Any, caller: Any) -> str:
    del caller
    return str(server.episode.town.xodr)


def _available_maps(server: Any, caller: Any) -> tuple[str, ...]:
    del caller
    return tuple(server.shelf.names())


def _load(server: Any, caller: Any, name: str, reset_settings: bool, layers: int) -> None:
    del caller
    if layers not in (0, ALL_LAYERS):
        server.say_once("layers", "map layers change nothing here: a town is always loaded whole")
    if name.rsplit("/", 1)[-1] == GENERATED and server.pending is not None:
        town = server.shelf.generated(*server.pending)
    else:
        town = server.shelf.town(name) if name else server.episode.town
    server.begin(town, reset_settings)


def _copy_opendrive(server: Any, caller: Any, xodr: str, parameters: OpendriveGenerationParameters) -> None:
    del caller
    server.shelf.generated(xodr, parameters)  # refused now, while the client can still be told why
    server.pending = (xodr, parameters)


def _layer(server: Any, caller: Any, layers: int) -> None:
    del caller, layers
    server.say_once("layers", "map layers change nothing here: a town is always loaded whole")


def _navigation(server: Any) -> tuple[str, bytes]:
    """The file of the map's walkways: its name and content."""
    found: tuple[str, bytes] = server.episode.town.navigation()
    return found


def _required_files(server: Any, caller: Any, folder: str) -> tuple[str, ...]:
    del caller
    if folder == "Nav":
        return (_navigation(server)[0],)
    return ()


def _request_file(server: Any, caller: Any, name: str) -> bytes:
    del caller
    known, data = _navigation(server)
    if name != known:
        raise Refused(f"file '{name}' not found; this map has '{known}'")
    return data


def _navigation_mesh(server: Any, caller: Any) -> bytes:
    del caller
    return _navigation(server)[1]


def _sensor_token(server: Any, caller: Any, stream: int) -> Any:
    del caller
    server.streams.expect(stream)
    return (server.streams.token(stream),)


def _weather(server: Any, caller: Any) -> WeatherParameters:
    del caller
    weather: WeatherParameters = server.episode.weather
    return weather


def _set_weather(server: Any, caller: Any, weather: WeatherParameters) -> None:
    del caller
    server.episode.weather = weather


def _gravity(server: Any, caller: Any) -> float:
    del caller
    return float(server.episode.gravity_mps2)


def _set_gravity(server: Any, caller: Any, gravity_mps2: float) -> None:
    del caller
    if not 0.0 <= gravity_mps2 <= 100.0:
        raise Refused(f"gravity must be from 0 to 100 m/s², not {gravity_mps2:g}")
    server.episode.gravity_mps2 = gravity_mps2


CALLS: Final = (
    Call("version", (), Returns.VALUE, _version),
    Call("get_episode_info", (), Returns.VALUE, _episode_info),
    Call("get_episode_settings", (), Returns.VALUE, _settings),
    Call("set_episode_settings", (EpisodeSettings,), Returns.VALUE, _set_settings, Depth.PARTLY,
         "culling, streaming and active distances are kept and returned; everything is always near"),
    Call("tick_cue", (), Returns.VALUE, _tick_cue),
    Call("get_map_info", (), Returns.VALUE, _map_info),
    Call("get_map_data", (), Returns.VALUE, _map_data),
    Call("get_available_maps", (), Returns.VALUE, _available_maps),
    Call("load_new_episode", (str, bool, int), Returns.VOID, _load),
    Call("copy_opendrive_to_file", (str, OpendriveGenerationParameters), Returns.VOID, _copy_opendrive, Depth.PARTLY,
         "the text is meshed as every map is; walls and added width are not built"),
    Call("load_map_layer", (int,), Returns.VOID, _layer, Depth.ACCEPTED, "a town is always loaded whole"),
    Call("unload_map_layer", (int,), Returns.VOID, _layer, Depth.ACCEPTED, "a town is always loaded whole"),
    Call("get_required_files", (str,), Returns.VALUE, _required_files),
    Call("request_file", (str,), Returns.VALUE, _request_file),
    Call("get_navigation_mesh", (), Returns.VALUE, _navigation_mesh),
    Call("get_sensor_token", (int,), Returns.VALUE, _sensor_token),
    Call("get_weather_parameters", (), Returns.VALUE, _weather),
    Call("set_weather_parameters", (WeatherParameters,), Returns.VOID, _set_weather, Depth.PARTLY,
         "wind, scattering and dust are kept and returned but not drawn"),
    Call("get_imui_gravity", (), Returns.VALUE, _gravity),
    Call("set_imui_gravity", (float,), Returns.VOID, _set_gravity, Depth.FULL, "what inertial units feel"),
)  # fmt: skip
