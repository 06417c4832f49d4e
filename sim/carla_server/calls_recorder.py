"""Calls about the recorder and the replayer; all texts are for people."""

from typing import Any, Final

from sim.carla_server.calls import Call, Depth, Returns
from sim.episode.structs import Refused, Transform


def _start(server: Any, caller: Any, name: str, additional: bool) -> str:
    del caller
    return str(server.playback.record(server.episode, name, additional))


def _stop(server: Any, caller: Any) -> None:
    del caller
    server.playback.stop_recording()


def _info(server: Any, caller: Any, name: str, everything: bool) -> str:
    del caller
    return str(server.playback.recordings.file_info(name, everything))


def _collisions(server: Any, caller: Any, name: str, first: int, second: int) -> str:
    del caller
    return str(server.playback.recordings.collisions(name, chr(first & 0x7F), chr(second & 0x7F)))


def _blocked(server: Any, caller: Any, name: str, least_s: float, least_cm: float) -> str:
    del caller
    return str(server.playback.recordings.actors_blocked(name, least_s, 0.01 * least_cm))


def _replay(
    server: Any,
    caller: Any,
    name: str,
    start_s: float,
    duration_s: float,
    follow: int,
    sensors: bool,
    offset: Transform,
) -> str:
    del caller
    return str(server.playback.replay(server.stage_for, name, start_s, duration_s, follow, sensors, offset))


def _stop_replay(server: Any, caller: Any, keep_actors: bool) -> None:
    del caller
    server.playback.stop_replay(keep_actors)


def _factor(server: Any, caller: Any, factor: float) -> None:
    del caller
    if not 0.0 <= factor <= 1_000.0:
        raise Refused(f"a time factor must be from 0 to 1000, not {factor:g}")
    server.playback.settings.time_factor = factor


def _ignore_hero(server: Any, caller: Any, ignore: bool) -> None:
    del caller
    server.playback.settings.ignore_hero = ignore


def _ignore_spectator(server: Any, caller: Any, ignore: bool) -> None:
    del caller
    server.playback.settings.ignore_spectator = ignore


_OWN: Final = "our own file format, not CARLA's"
CALLS: Final = (
    Call("start_recorder", (str, bool), Returns.VALUE, _start, Depth.PARTLY, _OWN),
    Call("stop_recorder", (), Returns.VOID, _stop),
    Call("show_recorder_file_info", (str, bool), Returns.VALUE, _info),
    Call("show_recorder_collisions", (str, int, int), Returns.VALUE, _collisions),
    Call("show_recorder_actors_blocked", (str, float, float), Returns.VALUE, _blocked),
    Call("replay_file", (str, float, float, int, bool, Transform), Returns.VALUE, _replay, Depth.PARTLY, _OWN),
    Call("stop_replayer", (bool,), Returns.VOID, _stop_replay),
    Call("set_replayer_time_factor", (float,), Returns.VOID, _factor),
    Call("set_replayer_ignore_hero", (bool,), Returns.VOID, _ignore_hero),
    Call("set_replayer_ignore_spectator", (bool,), Returns.VOID, _ignore_spectator),
)
