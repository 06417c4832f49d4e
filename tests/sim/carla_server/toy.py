"""A world with nothing in it but a counter and a picture, to test sockets alone. Run as a program it serves.

`moved` counts what requests changed; nothing else may change it.
"""

import argparse
import signal
import struct
import sys
import time
from typing import Any, NamedTuple

from hil.pacing import WallPace
from sim.carla_server.answering import Later, when_taken
from sim.carla_server.callers import Callers, OnLeave
from sim.carla_server.calls import Call, Returns
from sim.carla_server.serving import Serving
from sim.carla_server.streams import Streams
from sim.episode.structs import ActorDescription, EpisodeSettings, Refused, Transform, packable

WIDTH, HEIGHT = 640, 360
HEADER = struct.Struct("<QQd6f")
STATE = struct.Struct("<QdfiiiI")
IMAGE = struct.Struct("<IIf")
RECORD_BYTES = 119
WRAP = 1 << 32  # of what was moved
STREET = (
    '<OpenDRIVE><header revMajor="1" revMinor="4" name="street"/><road name="a" length="100" id="1" junction="-1">'
    '<link/><planView><geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry></planView><lanes>'
    '<laneSection s="0"><center><lane id="0" type="none" level="false"/></center><right>'
    '<lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>'
    "</right></laneSection></lanes></road></OpenDRIVE>"
)


class Pair(NamedTuple):
    """A struct, to see it packed."""

    left: int
    right: float


class Toy:
    """Counts ticks, sends a snapshot per tick, and a picture to whoever listens."""

    def __init__(self, patience_s=10.0, on_leave=OnLeave.KEEP):
        self.streams, self.callers = Streams(patience_s), Callers(on_leave)
        self.settings = EpisodeSettings()
        self.frame, self.elapsed_s, self.moved = 0, 0.0, 0
        self.destroyed: list[int] = []
        self.held: list[Later] = []
        self.calls = {call.name: call for call in CALLS}
        self.episode = self.streams.open()
        self.streams.on_subscribe(self.episode, self._snapshot)
        self.cameras: dict[int, int] = {}  # actor to stream
        self.last_actor = 1  # the spectator
        self.picture = IMAGE.pack(WIDTH, HEIGHT, 90.0) + bytes(range(256)) * (WIDTH * HEIGHT * 4 // 256)

    @property
    def synchronous(self):
        return self.settings.synchronous_mode

    @property
    def fixed_delta_s(self):
        return self.settings.fixed_delta_seconds

    def left(self, caller):
        self.destroyed += self.callers.left(caller)

    def tick(self, delta_s):
        self.frame += 1
        self.elapsed_s += delta_s
        self.delta_s = delta_s
        self.streams.send(self.episode, *self._snapshot())
        for stream in self.cameras.values():
            self.streams.send(stream, self._header(13), self.picture)
        return self.frame

    def _snapshot(self):
        ids = b"".join(struct.pack("<IB", one, 1) + bytes(RECORD_BYTES - 5) for one in (1, *self.cameras))
        return self._header(17), STATE.pack(1, time.monotonic(), getattr(self, "delta_s", 0.0), 0, 0, 0, 0) + ids

    def _header(self, kind):
        return HEADER.pack(kind, self.frame, self.elapsed_s, *(0.0,) * 6)


def _cue(toy, caller):
    return when_taken(toy.streams, lambda: toy.tick(toy.fixed_delta_s or 0.05)) if toy.synchronous else toy.frame + 1


def _set_settings(toy, caller, settings):
    toy.settings = settings
    toy.streams.send(toy.episode, *toy._snapshot())
    return toy.frame


def _sensor_token(toy, caller, stream):
    toy.streams.expect(stream)
    return (toy.streams.token(stream),)


def _actor(toy, actor_id, kind, token):
    return (actor_id, 0, (1, kind, ()), ((0.0,) * 3, (0.0,) * 3, (0.0,) * 3, 0), b"", token)


def _spawn(toy, caller, description, transform):
    toy.last_actor = actor_id = toy.last_actor + 1
    toy.cameras[actor_id] = toy.streams.open()
    caller.spawned(actor_id)
    return _actor(toy, actor_id, description.id, toy.streams.token(toy.cameras[actor_id]))


def _destroy(toy, caller, actor_id):
    toy.streams.close(toy.cameras.pop(actor_id))
    caller.destroyed(actor_id)
    return True


def _by_id(toy, caller, ids):
    known = {1: _actor(toy, 1, "spectator", b"")}
    known |= {k: _actor(toy, k, "sensor.camera.rgb", toy.streams.token(s)) for k, s in toy.cameras.items()}
    return [known[one] for one in ids if one in known]


def _scribble(toy, caller, stream, size):
    body = bytearray(b"\x01") * size
    toy.streams.send(stream, toy._header(13), body)
    body[:] = b"\x02" * size


def _enlarge(toy, caller, size):
    toy.picture = bytes(size)


def _move(toy, caller, by):
    toy.moved = (toy.moved + by) % WRAP


def _refuse(toy, caller, text):
    raise Refused(text)


def _break(toy, caller):
    raise ZeroDivisionError("a handler with a fault in it")


def _hold(toy, caller, value):
    later = Later(lambda: _counted(toy, value))
    toy.held.append(later)
    return later


def _counted(toy, value):
    toy.moved += 1
    return value


def _let_go(toy, caller):
    held, toy.held = toy.held, []
    for later in held:
        later.go()


CALLS = (
    Call("version", (), Returns.VALUE, lambda toy, caller: "0.9.16"),
    Call("get_episode_info", (), Returns.VALUE, lambda toy, caller: (1, (toy.streams.token(toy.episode),))),
    Call("get_sensor_token", (int,), Returns.VALUE, _sensor_token),
    Call("get_episode_settings", (), Returns.VALUE, lambda toy, caller: packable(toy.settings)),
    Call("set_episode_settings", (EpisodeSettings,), Returns.VALUE, _set_settings),
    Call("tick_cue", (), Returns.VALUE, _cue),
    Call("get_map_info", (), Returns.VALUE, lambda toy, caller: ("Carla/Maps/street", ())),
    Call("get_map_data", (), Returns.VALUE, lambda toy, caller: STREET),
    Call("get_required_files", (str,), Returns.VALUE, lambda toy, caller, folder: ()),
    Call("query_lights_state", (str,), Returns.VALUE, lambda toy, caller, endpoint: ()),
    Call("get_actors_by_id", (tuple[int, ...],), Returns.VALUE, _by_id),
    Call("get_actor_definitions", (), Returns.VALUE,
         lambda toy, caller: ((1, "sensor.camera.rgb", "sensor,camera,rgb", ()),)),
    Call("spawn_actor", (ActorDescription, Transform), Returns.VALUE, _spawn),
    Call("destroy_actor", (int,), Returns.VALUE, _destroy),
    Call("apply_batch", (tuple[Any, ...], bool), Returns.RAW, lambda toy, caller, commands, tick: commands),
    Call("is_traffic_manager_running", (int,), Returns.VALUE, lambda toy, c, port: toy.callers.manager(port)[1] != 0),
    Call("get_traffic_manager_running", (int,), Returns.VALUE, lambda toy, caller, port: toy.callers.manager(port)),
    Call("add_traffic_manager_running", (tuple[str, int],), Returns.VALUE,
         lambda toy, caller, address: caller.registered(address[1], address[0])),
    Call("destroy_traffic_manager", (int,), Returns.VALUE, lambda toy, caller, port: toy.callers.unregister(port)),
    # what CARLA has not
    Call("echo", (Any,), Returns.VALUE, lambda toy, caller, value: value),
    Call("pair", (Pair,), Returns.RAW, lambda toy, caller, pair: pair),
    Call("size", (str,), Returns.VALUE, lambda toy, caller, text: len(text)),
    Call("move", (int,), Returns.VOID, _move),
    Call("moved", (), Returns.VALUE, lambda toy, caller: toy.moved),
    Call("refuse", (str,), Returns.VOID, _refuse),
    Call("refuse_value", (str,), Returns.VALUE, _refuse),
    Call("refuse_raw", (str,), Returns.RAW, _refuse),
    Call("break", (), Returns.VALUE, _break),
    Call("unpackable", (), Returns.VALUE, lambda toy, caller: object()),
    Call("hold", (int,), Returns.VALUE, _hold),
    Call("let_go", (), Returns.VOID, _let_go),
    Call("own", (int,), Returns.VOID, lambda toy, caller, actor_id: caller.spawned(actor_id)),
    Call("destroyed", (), Returns.VALUE, lambda toy, caller: toy.destroyed),
    Call("callers", (), Returns.VALUE, lambda toy, caller: len(toy.callers.present)),
    Call("open", (), Returns.VALUE, lambda toy, caller: toy.streams.open()),
    Call("close", (int,), Returns.VOID, lambda toy, caller, stream: toy.streams.close(stream)),
    Call("listeners", (int,), Returns.VALUE, lambda toy, caller, stream: toy.streams.listeners(stream)),
    Call("counts", (), Returns.VALUE,
         lambda toy, caller: (toy.streams.skipped, toy.streams.dropped, toy.streams.refused)),
    Call("scribble", (int, int), Returns.VOID, _scribble),
    Call("enlarge", (int,), Returns.VOID, _enlarge),
    Call("send", (int, int), Returns.VOID,
         lambda toy, caller, stream, size: toy.streams.send(stream, toy._header(13), bytes(size))),
)  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--patience-s", type=float, default=10.0)
    parser.add_argument("--on-leave", choices=[one.value for one in OnLeave], default=OnLeave.KEEP.value)
    asked = parser.parse_args()
    toy = Toy(asked.patience_s, OnLeave(asked.on_leave))
    serving = Serving(toy, pace=WallPace(), log=_log)
    signal.signal(signal.SIGTERM, lambda *_: serving.stop())
    serving.run(host="127.0.0.1", port=asked.port, ready=lambda port, streaming: _log(f"up at 127.0.0.1:{port}"))


def _log(event, **fields):
    sys.stdout.write(f"{event} {fields or ''}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
