"""RPC connections on the first port: msgpack objects one after another, answered strictly in order.

There is no length in front: the bytes are fed to an unpacker with bounds, and what is no request ends
that connection only. While a Traffic Manager is registered, answers to ticks and batches are held back a
little (`LEAST_S`), because the 0.9.16 client loses wake-ups when they come at once.
"""

import asyncio
from functools import partial
from typing import Any, Final

import msgpack

from sim.carla_server.answering import Answering, Garbled, Later, Log, Request, Served, request
from sim.carla_server.keeping import tuned

LARGEST_BYTES: Final = 64 << 20  # own: one request; OpenDRIVE texts of tens of megabytes fit
LARGEST_STRUCTURE_BYTES: Final = 16 << 20  # own: of a request's parts without one long text; each becomes an object
LARGEST_ARRAY: Final = 4 << 20  # own: elements; room for them is made before they are seen
MOST_CALLERS: Final = 256  # own: leaves files free where a process may open 1,024
LEAST_S: Final = {"tick_cue": 0.001, "apply_batch": 0.0003}  # 0.9.16's managers hang less; `waking` does the rest
_MOST_IN_A_TURN: Final = 64  # requests of one connection before others get their turn
_MOST_UNREAD_BYTES: Final = 1 << 20  # then a connection is not read until its requests are answered
_READ_BYTES: Final = 256 << 10
_NOTHING: Final = object()


class Exchange:
    """All RPC connections of a server."""

    def __init__(self, server: Served, log: Log, loop: asyncio.AbstractEventLoop) -> None:
        self.server, self.log, self.loop = server, log, loop
        self.answering = Answering(server, log)
        self.buffer = bytearray(_READ_BYTES)  # one for all: what was read is fed on at once
        self.connections: dict[Connection, None] = {}

    def connection(self) -> "Connection":
        """A protocol for a new connection."""
        return Connection(self)

    def stop(self) -> None:
        """End every connection, once what was answered has been written."""
        for connection in tuple(self.connections):
            connection.close()


class Connection(asyncio.BufferedProtocol):
    """One client. Its requests are answered one after another; others do not wait for it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange, self._loop = exchange, exchange.loop
        self._transport: Any = None
        self._busy = False  # the next request must not be begun yet
        self._turning = False  # because others have their turn
        self._ended = False  # the client says no more
        self._stuffed = False  # the client does not read its answers
        self._deaf = False  # reading is paused
        self._arrived_s = 0.0
        self._fed = self._parsed = self._whole = self._structure = 0  # bytes
        self._renew()

    # -- what asyncio calls ---------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Take the connection in, or close it where there are too many."""
        exchange = self._exchange
        if len(exchange.connections) >= MOST_CALLERS:
            exchange.answering.told("full", f"more than {MOST_CALLERS} clients: a connection was refused")
            transport.abort()
            return
        self._transport = transport
        tuned(transport.get_extra_info("socket"))
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        exchange.connections[self] = None
        self._caller = exchange.server.callers.arrived(f"{host}:{port}")

    def connection_lost(self, problem: Exception | None) -> None:
        """Forget the client, and what it alone kept alive."""
        if self._transport is None:
            return
        self._transport = None
        del self._exchange.connections[self]
        try:
            self._exchange.server.left(self._caller)
        except Exception as failure:
            self._exchange.answering.told("left", f"clearing up after a client failed: {failure!r}")

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where the next bytes go."""
        return self._exchange.buffer

    def buffer_updated(self, count: int) -> None:
        """Bytes arrived."""
        if self._transport is None:
            return
        self._arrived_s = self._loop.time()
        try:
            self._unpacker.feed(memoryview(self._exchange.buffer)[:count])
        except msgpack.BufferFull:
            self._refuse(f"a request of more than {LARGEST_BYTES} bytes")
            return
        self._fed += count
        self._go_on(count)

    def eof_received(self) -> bool:
        """The client says no more: what it asked is still done, but nothing that had to wait."""
        self._ended = True
        return self._turning

    def pause_writing(self) -> None:
        """The client does not read: answer no more until it does."""
        self._stuffed = True

    def resume_writing(self) -> None:
        """The client reads again."""
        self._stuffed = False
        self._go_on()

    # -- in order -------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection after what was written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def _go_on(self, fresh_bytes: int = 0) -> None:
        """Answer what has arrived whole, until one must wait or others should have their turn."""
        answers, trouble = [], ""
        for _ in range(_MOST_IN_A_TURN):
            if self._busy or self._stuffed or not self._open:
                break
            try:
                message = next(self._unpacker, _NOTHING)
                if message is _NOTHING:
                    trouble = self._measured(fresh_bytes)
                    break
                self._structure, self._whole = 0, self._unpacker.tell()
                answers.append(self._take(message))
            except Garbled as problem:
                trouble = str(problem)
                break
            except Exception as problem:  # whatever the bytes were
                trouble = f"not msgpack: {type(problem).__name__}"
                break
        else:
            self._busy = self._turning = True
            self._loop.call_soon(self._resume, b"")
        self._write(b"".join(answers))
        if trouble:
            self._refuse(trouble)
        elif self._ended and not self._turning:
            self.close()
        self._listen()

    def _take(self, message: Any) -> bytes:
        """The answer to one request; nothing where it comes later. Raises Garbled where there is nobody to answer."""
        answering = self._exchange.answering
        try:
            asked = request(message)
        except Garbled as problem:
            if problem.number is None:
                raise
            return answering.garbled(problem)
        answer = answering.answer(self._caller, asked)
        if isinstance(answer, bytes):
            return self._paced(asked, answer)
        if answer.ready:
            return self._paced(asked, answering.finish(asked, answer))
        self._busy = True
        answer.when_ready(partial(self._finish, asked, answer))
        return b""

    def _finish(self, asked: Request, later: Later) -> None:
        """What had to wait may be done; not for a client that has left."""
        if self._open:
            self._busy = False
            answer = self._paced(asked, self._exchange.answering.finish(asked, later))
            if not self._busy:
                self._resume(answer)

    def _paced(self, asked: Request, answer: bytes) -> bytes:
        """The answer, or nothing where it must not leave yet."""
        least_s = LEAST_S.get(asked.method)
        if least_s is None or not asked.waits or not self._exchange.server.callers.managers:
            return answer
        due_s = self._arrived_s + least_s
        if self._loop.time() >= due_s:
            return answer
        self._busy = True
        self._loop.call_at(due_s, self._resume, answer)
        return b""

    def _resume(self, answer: bytes) -> None:
        self._busy = self._turning = False
        self._write(answer)
        self._go_on()

    # -- bounds ---------------------------------------------------------------------------------

    @property
    def _open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _write(self, answer: bytes) -> None:
        if answer and self._transport is not None:
            self._transport.write(answer)

    def _listen(self) -> None:
        """Read on, unless too much is waiting already."""
        deaf = (self._busy or self._stuffed) and self._fed - self._unpacker.tell() > _MOST_UNREAD_BYTES
        if deaf != self._deaf and self._open:
            self._deaf = deaf
            (self._transport.pause_reading if deaf else self._transport.resume_reading)()

    def _measured(self, fresh_bytes: int) -> str:
        """What is wrong with the size of a request that is not whole yet: a long text may be, many small parts not."""
        parsed = self._unpacker.tell()
        self._structure += min(parsed - self._parsed, fresh_bytes)
        self._parsed = parsed
        if self._structure > LARGEST_STRUCTURE_BYTES:
            return f"a request with more than {LARGEST_STRUCTURE_BYTES} bytes of small parts"
        if self._whole == self._fed > _MOST_UNREAD_BYTES:
            self._renew()  # it keeps the room of the largest request
        return ""

    def _renew(self) -> None:
        self._unpacker = msgpack.Unpacker(
            raw=False, use_list=False, strict_map_key=False, unicode_errors="surrogateescape",
            max_buffer_size=LARGEST_BYTES, max_array_len=LARGEST_ARRAY, object_hook=_none, ext_hook=_none,
        )  # fmt: skip
        self._fed = self._parsed = self._whole = self._structure = 0  # bytes

    def _refuse(self, text: str) -> None:
        """End a connection that does not speak the protocol."""
        self._exchange.answering.told("refused", f"a connection was ended: {text}", address=self._caller.address)
        self.close()


def _none(*_parts: Any) -> None:
    """Maps and extensions are no part of the protocol: they are read as nothing."""
