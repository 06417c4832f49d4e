"""Sockets: a free pair of ports, connections that are taken in, and how the dead are noticed."""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final

from stack.vocabulary import Finding, InputError

QUIET_S: Final = 15  # own: after so long without a word the far end is asked whether it is there
ASKED_EVERY_S: Final = 5  # own
ASKED_TIMES: Final = 3  # own
UNHEARD_MS: Final = 30_000  # own: bytes that nobody acknowledged for so long end a connection
NO_FILES_S: Final = 0.5  # own: rest after the process ran out of files
_MOST_AT_ONCE: Final = 64
_NO_FILES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_LAST_PORT: Final = 65_535
_TRIES: Final = 200


def tuned(connection: socket.socket) -> socket.socket:
    """Answers leave at once; a far end that died without a word is noticed."""
    connection.setblocking(False)
    with suppress(OSError):  # it may have ended already
        _tune(connection)
    return connection


def _tune(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", QUIET_S), ("TCP_KEEPINTVL", ASKED_EVERY_S), ("TCP_KEEPCNT", ASKED_TIMES),
        ("TCP_USER_TIMEOUT", UNHEARD_MS),
    ):  # fmt: skip
        if hasattr(socket, name):  # not every system has them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def accepted(loop: asyncio.AbstractEventLoop, bound: socket.socket, again: Callable[[], None]) -> list[socket.socket]:
    """Connections that wait to be taken. Out of files: none for a while, then `again` reads the socket."""
    taken: list[socket.socket] = []
    while len(taken) < _MOST_AT_ONCE:
        try:
            taken.append(bound.accept()[0])
        except (BlockingIOError, InterruptedError):
            break
        except OSError as problem:
            if problem.errno in _NO_FILES:
                loop.remove_reader(bound)
                loop.call_later(NO_FILES_S, _read_again, loop, bound, again)
                break
            # a connection that ended before it was taken: the next one
    return taken


def _read_again(loop: asyncio.AbstractEventLoop, bound: socket.socket, again: Callable[[], None]) -> None:
    if bound.fileno() >= 0:
        loop.add_reader(bound, again)


def bound_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets on a port and the one after it; port 0: any two that are free. Raises InputError."""
    if not 0 <= port < _LAST_PORT:
        raise _refusal(f"{port}: a port is from 1 to {_LAST_PORT - 1}, or 0 for any that is free")
    for _ in range(_TRIES if port == 0 else 1):
        with ExitStack() as undo:
            try:
                first = undo.enter_context(_bound(host, port))
                second = undo.enter_context(_bound(host, first.getsockname()[1] + 1))
            except (OSError, OverflowError) as problem:
                said = f"{host}: ports {port} and {port + 1}: {problem}"
                continue
            undo.pop_all()
            return first, second
    raise _refusal(said if port else f"{host}: no two free ports side by side were found ({said})")


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    return bound


def _refusal(problem: str) -> InputError:
    return InputError((Finding(where="command line", field="--port", problem=problem),))
