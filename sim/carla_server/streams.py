"""Streams on the second port: one TCP connection per listener, a message to all of them at a time.

A listener sends four bytes, the number of the stream (little-endian), and nothing more ever. It is sent
messages: length (uint32, little-endian), header of 48 bytes, body. In synchronous mode nothing is lost:
what a slow listener has not taken yet waits, and so does the next tick (`when_taken`). In asynchronous
mode a listener that is still being written to misses the message. One that takes nothing for
`patience_s` is dropped. Sockets are written directly: most messages fit the kernel's buffer and leave in
one call, without a copy.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from sim.carla_server.keeping import accepted, tuned
from sim.carla_server.tokens import token

HEADER_BYTES: Final = 48
REFUSAL_S: Final = 1.0  # own: a listener of no stream comes back at once, so it is let go no sooner
EXPECTED_S: Final = 0.5  # own: who asked for a token connects within a few milliseconds
LINGER_S: Final = 0.5  # own: a client that drops a stream has closed its connection long before
MOST_LISTENERS: Final = 512  # own: leaves files free where a process may open 1,024
_LENGTH: Final = struct.Struct("<I")
_NUMBER: Final = struct.Struct("<I")
_MOST_PARTS: Final = 64  # of one system call

Body = bytes | bytearray | memoryview
Message = tuple[bytes, Body]


class Streams:
    """All streams of a server and who listens to them. They are counted where they went without.

    `skipped`: messages a slow listener missed; `dropped`: listeners that took nothing or named no stream;
    `refused`: those that named a stream there is none of.
    """

    def __init__(self, patience_s: float = 10.0) -> None:
        self.patience_s = patience_s
        self.port = 0  # set when served
        self.skipped = self.dropped = self.refused = 0
        self._last = 0
        self._listeners: dict[int, list[_Listener]] = {}
        self._greetings: dict[int, Callable[[], Message | None]] = {}
        self._all: dict[_Listener, None] = {}
        self._slow: dict[_Listener, None] = {}  # with bytes waiting
        self._waiting: deque[Callable[[], None]] = deque()
        self._expected: dict[int, deque[asyncio.TimerHandle]] = {}  # streams whose next listener is on its way
        self._keeps_all: Callable[[], bool] = bool
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: socket.socket | None = None

    # -- for the episode ------------------------------------------------------------------------

    def open(self) -> int:
        """A new stream's number, never used twice."""
        self._last += 1
        self._listeners[self._last] = []
        return self._last

    def close(self, stream: int) -> None:
        """End a stream: nothing more is sent, and its listeners' connections end a moment later.

        Clients end them by themselves when an episode or a sensor goes. Ended from both sides at once, the 0.9.16
        client now and then closes its socket twice and aborts.
        """
        self._greetings.pop(stream, None)
        for listener in self._listeners.pop(stream, ()):
            if self._loop is None:
                listener.close()
            else:
                self._loop.call_later(LINGER_S, listener.close)
        while self._expected.get(stream):
            self._came(stream)

    def token(self, stream: int) -> bytes:
        """The 24 bytes by which clients find it."""
        return token(stream, self.port)

    def expect(self, stream: int) -> None:
        """A client was given this stream's token and is about to listen: ticks wait for it, a moment at most.

        Otherwise a tick right after `listen` would be over before the listener is there, and its message lost.
        """
        if self._loop is not None and stream in self._listeners:
            timer = self._loop.call_later(EXPECTED_S, self._came, stream)
            self._expected.setdefault(stream, deque()).append(timer)

    def _came(self, stream: int) -> None:
        timers = self._expected.get(stream)
        if timers:
            timers.popleft().cancel()
            if not timers:
                del self._expected[stream]
                self._turn()

    def is_open(self, stream: int) -> bool:
        """Whether there is such a stream."""
        return stream in self._listeners

    def listeners(self, stream: int) -> int:
        """How many listen now."""
        return len(self._listeners.get(stream, ()))

    def on_subscribe(self, stream: int, greeting: Callable[[], Message | None]) -> None:
        """What each new listener is sent at once: header and body, or nothing."""
        self._greetings[stream] = greeting

    def send(self, stream: int, header: bytes, body: Body = b"") -> None:
        """One message to all who listen. A body that is not `bytes` may be changed after the return."""
        listeners = self._listeners.get(stream)
        if not listeners:
            return
        parts: list[Body] = [_LENGTH.pack(len(header) + memoryview(body).nbytes) + header, body]
        for listener in tuple(listeners):
            if listener.pending and not self._keeps_all():
                self.skipped += 1
            else:
                listener.send(parts)

    # -- back-pressure --------------------------------------------------------------------------

    @property
    def taken(self) -> bool:
        """Whether everything sent was handed to the kernel, and nobody waits for that."""
        return not self._slow and not self._waiting and not self._expected

    def when_taken(self, act: Callable[[], None]) -> None:
        """Call this as soon as everything sent was handed over; in order of asking."""
        self._waiting.append(act)
        self._turn()

    def _turn(self) -> None:
        if self._waiting and not self._slow and not self._expected and self._loop is not None:
            self._loop.call_soon(self._let_go)

    def _let_go(self) -> None:
        while self._waiting and not self._slow and not self._expected:
            self._waiting.popleft()()

    # -- for whoever serves ---------------------------------------------------------------------

    def start(self, loop: asyncio.AbstractEventLoop, bound: socket.socket, keeps_all: Callable[[], bool]) -> None:
        """Accept listeners on a bound socket. `keeps_all`: whether messages must not be skipped now."""
        self._loop, self._socket, self._keeps_all = loop, bound, keeps_all
        self.port = bound.getsockname()[1]
        bound.setblocking(False)
        bound.listen(128)
        loop.add_reader(bound, self._accept)
        self._sweep()

    def stop(self) -> None:
        """Close every connection and accept no more."""
        if self._loop is None or self._socket is None:
            return
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for listener in tuple(self._all):
            listener.close()
        self._waiting.clear()
        self._loop = self._socket = None

    def _accept(self) -> None:
        assert self._loop is not None and self._socket is not None
        for connection in accepted(self._loop, self._socket, self._accept):
            if len(self._all) >= MOST_LISTENERS:
                connection.close()
            else:
                self._all[_Listener(self, self._loop, tuned(connection))] = None

    def _sweep(self) -> None:
        """Drop who takes nothing, or never said which stream."""
        if self._loop is None:
            return
        oldest_s = self._loop.time() - self.patience_s
        for listener in tuple(self._all):
            if listener.since_s < oldest_s and (listener.pending or not listener.stream):
                self.dropped += 1
                listener.close()
        self._loop.call_later(self.patience_s / 8.0, self._sweep)

    def _subscribe(self, listener: "_Listener", stream: int) -> bool:
        listeners = self._listeners.get(stream)
        if listeners is None:
            return False
        listener.stream = stream
        listeners.append(listener)
        greeting = self._greetings.get(stream)
        message = greeting() if greeting is not None else None
        if message is not None:
            header, body = message
            listener.send([_LENGTH.pack(len(header) + memoryview(body).nbytes) + header, body])
        self._came(stream)
        return True

    def _slower(self, listener: "_Listener", slow: bool) -> None:
        if slow:
            self._slow[listener] = None
        elif self._slow.pop(listener, self) is not self:
            self._turn()

    def _gone(self, listener: "_Listener") -> None:
        self._all.pop(listener, None)
        others = self._listeners.get(listener.stream)
        if others is not None and listener in others:
            others.remove(listener)
        self._slower(listener, False)


class _Listener:
    """One connection: silent until it names its stream, then written to."""

    __slots__ = ("_hub", "_loop", "_named", "_socket", "pending", "since_s", "stream")

    def __init__(self, hub: Streams, loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
        self._hub, self._loop, self._socket = hub, loop, connection
        self._named = b""
        self.stream = 0  # 0: not named yet
        self.pending: deque[memoryview] = deque()
        self.since_s = loop.time()  # of the last progress
        loop.add_reader(connection, self._read)

    def send(self, parts: list[Body]) -> None:
        """Write now what the kernel takes; keep the rest."""
        if self.pending:
            self.pending.extend(_lasting(part) for part in parts)
            return
        try:
            sent = self._socket.sendmsg(parts)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self.close()
            return
        if sent < sum(memoryview(part).nbytes for part in parts):
            self.pending.extend(_rest(deque(_lasting(part) for part in parts), sent))
            self.since_s = self._loop.time()
            self._hub._slower(self, True)
            self._loop.add_writer(self._socket, self._write)

    def close(self) -> None:
        """End the connection. Closing twice does nothing."""
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self.pending.clear()
        self._hub._gone(self)

    def _write(self) -> None:
        try:
            sent = self._socket.sendmsg(list(islice(self.pending, _MOST_PARTS)))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.close()
            return
        self.since_s = self._loop.time()
        _rest(self.pending, sent)
        if not self.pending:
            self._loop.remove_writer(self._socket)
            self._hub._slower(self, False)

    def _read(self) -> None:
        try:
            heard = self._socket.recv(64)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            heard = b""
        self._named += heard
        if not heard or len(self._named) > _NUMBER.size:
            self.close()
        elif len(self._named) == _NUMBER.size and not self._hub._subscribe(self, _NUMBER.unpack(self._named)[0]):
            self._hub.refused += 1
            self._loop.call_later(REFUSAL_S, self.close)


def _lasting(part: Body) -> memoryview:
    """A part that stays as it is whatever its owner does."""
    view = memoryview(part)
    view = view if isinstance(view.obj, bytes) else memoryview(bytes(view))
    return view.cast("B")


def _rest(parts: deque[memoryview], sent: int) -> deque[memoryview]:
    """What is left of the parts after so many bytes."""
    while parts and sent >= len(parts[0]):
        sent -= len(parts.popleft())
    if sent:
        parts[0] = parts[0][sent:]
    return parts
