"""Wires a CARLA server together: maps, episode, sensors, sockets, clock and log; runs it until it is stopped."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from hil.pacing import WallPace
from scenarios.maps import ENDLESS, FOLDER
from sim.carla_sensors.making import make_sensor
from sim.carla_server.callers import OnLeave
from sim.carla_server.playback import Playback
from sim.carla_server.server import Server
from sim.carla_server.serving import Serving
from sim.carla_server.streams import Streams
from sim.episode.structs import Refused
from sim.episode.town_shelf import Shelf
from stack.vocabulary import Finding, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What `faultline serve` was asked for."""

    port: int
    host: str
    map_name: str
    maps: Path | None
    towns: dict[str, Path]
    record: Path | None
    recordings: Path
    on_leave: str
    seed: int
    quiet: bool
    today: Callable[[], str]


def serve_until_stopped(options: ServeOptions, say: Callable[[str], None]) -> None:
    """Serve from this thread; returns after SIGINT or SIGTERM."""
    log = _log(options.quiet)
    pace = WallPace()
    folders = (FOLDER, ENDLESS, *((options.maps,) if options.maps else ()))
    shelf = Shelf(folders, options.towns)
    folder = options.record.absolute().parent if options.record else options.recordings
    try:
        shelf.town(options.map_name)
    except Refused as refused:
        problem = f"{refused}; maps: {', '.join(name.rsplit('/', 1)[-1] for name in shelf.names())}"
        raise InputError((Finding(where="--map", field=options.map_name, problem=problem),)) from refused
    server = Server(
        shelf=shelf, town=options.map_name, make_sensor=make_sensor, streams=Streams(),
        playback=Playback(folder, options.today), wall_ns=pace.now_ns, log=log,
        on_leave=OnLeave(options.on_leave), seed=options.seed,
    )  # fmt: skip
    if options.record:
        say(server.playback.record(server.episode, options.record.name, True))
    serving = Serving(server, pace=pace, log=log)

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        serving.stop()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        serving.run(
            host=options.host,
            port=options.port,
            ready=lambda rpc, streams: say(
                f"serving CARLA 0.9.16 on {options.host}:{rpc}, streams on {streams}, map {options.map_name} "
                f"of {len(shelf.names())}; Ctrl-C ends"
            ),
        )
    finally:
        server.playback.stop_recording()
        for number, handler in previous.items():
            signal.signal(number, handler)
    say(f"served {server.episode.frame} frames; stopped")


def _log(quiet: bool) -> Any:
    """Lines on standard error: what happened, with its fields."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(40 if quiet else 20),
    )
    logger = structlog.get_logger()

    def log(event: str, **fields: Any) -> None:
        (logger.error if "traceback" in fields else logger.info)(event, **fields)

    return log
