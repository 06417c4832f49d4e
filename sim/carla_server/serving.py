"""The serving process: two ports, one event loop, one thread; ticks by the clock in asynchronous mode.

Everything happens in one thread, so a call is done when it is answered and no two touch the world at
once. In asynchronous mode the server ticks by itself: 20 times a second, or once per fixed delta.
"""

import asyncio
import contextlib
import select
import selectors
from collections.abc import Callable
from typing import Final

from sim.carla_server.answering import Log, Served
from sim.carla_server.keeping import bound_pair
from sim.carla_server.rpc import Exchange
from sim.ports import Pace
from stack.vocabulary import NS_PER_S

PERIOD_S: Final = 0.05  # of ticks in asynchronous mode with variable delta: 20 Hz
SHORTEST_PERIOD_S: Final = 0.001  # own: a smaller fixed delta is ticked a thousand times a second
LONGEST_DELTA_S: Final = 0.25  # own: after the server was held up the world does not leap
GRACE_S: Final = 1.0  # own: for answers to leave when the server stops

Ready = Callable[[int, int], None]


class Serving:
    """A server on two ports until it is told to stop."""

    def __init__(self, server: Served, *, pace: Pace, log: Log) -> None:
        self._server, self._pace, self._log = server, pace, log
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._stopped: asyncio.Event | None = None
        self._ticked_ns = 0
        self._due_s = 0.0
        self._trouble = 0

    def stop(self) -> None:
        """Stop serving; may be called from a signal handler or another thread, and twice."""
        self._stopping = True
        if self._loop is not None and self._stopped is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopped.set)

    def run(self, *, host: str, port: int, ready: Ready) -> None:
        """Serve from this thread until `stop`. `ready` is told both ports. Raises InputError where they are taken."""
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(self.serve(host=host, port=port, ready=ready))

    async def serve(self, *, host: str, port: int, ready: Ready) -> None:
        """Serve from a loop that runs already, until `stop`."""
        loop = self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        first, second = bound_pair(host, port)
        exchange = Exchange(self._server, self._log, loop)
        streams = self._server.streams
        try:
            listening = await loop.create_server(exchange.connection, sock=first, backlog=128)
            streams.start(loop, second, lambda: self._server.synchronous)
            self._ticked_ns, self._due_s = self._pace.now_ns(), loop.time()
            self._await_tick(loop)
            ready(first.getsockname()[1], second.getsockname()[1])
            if not self._stopping:
                await self._stopped.wait()
            listening.close()
        finally:
            self._loop = None
            exchange.stop()
            streams.stop()
            await _ended(exchange)
            first.close()
            second.close()

    # -- asynchronous mode ----------------------------------------------------------------------

    def _await_tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """The next tick is due one period after the last; what was missed is not made up."""
        fixed_s = None if self._server.synchronous else self._server.fixed_delta_s
        self._due_s = max(self._due_s + max(fixed_s or PERIOD_S, SHORTEST_PERIOD_S), loop.time())
        loop.call_at(self._due_s, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is None:
            return
        now_ns = self._pace.now_ns()
        real_s, self._ticked_ns = (now_ns - self._ticked_ns) / NS_PER_S, now_ns
        try:
            if not self._server.synchronous:
                fixed_s = self._server.fixed_delta_s
                self._server.tick(min(real_s, LONGEST_DELTA_S) if fixed_s is None else fixed_s)
        except Exception as problem:
            self._trouble += 1
            if self._trouble.bit_count() == 1:  # the 1st, 2nd, 4th, 8th, ...
                self._log(f"tick {self._trouble} that failed: {type(problem).__name__}: {problem}")
        self._await_tick(loop)


async def serve(server: Served, *, port: int, host: str, pace: Pace, log: Log, ready: Ready) -> None:
    """Serve until this is cancelled."""
    await Serving(server, pace=pace, log=log).serve(host=host, port=port, ready=ready)


async def _ended(exchange: Exchange) -> None:
    """Answers that were written leave; then what is still open is cut off."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + GRACE_S
    while exchange.connections and loop.time() < until_s:
        await asyncio.sleep(0.01)
    for connection in tuple(exchange.connections):
        connection.abort()
    await asyncio.sleep(0)


class _FineSelector(selectors.DefaultSelector):
    """Waits of less than a millisecond: epoll alone counts whole ones, and answers are held back for 0.3."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As epoll, to the microsecond."""
        if timeout is not None and 0.0 < timeout < 0.002:
            select.select((self.fileno(),), (), (), timeout)
            timeout = 0.0
        return super().select(timeout)


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop(_FineSelector())
