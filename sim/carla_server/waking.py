"""Wakes a client's Traffic Manager that has lost a wake-up, so that `world.tick()` does not hang for ever.

In synchronous mode the 0.9.16 client ticks, and then waits for its Traffic Manager's thread to do a step. It
wakes that thread without holding the lock the thread goes to sleep with, so now and then the thread sleeps on
and both wait: once in some ten thousand ticks where cores are shared, however late a tick is answered. From
here it looks like this: a tick was answered, and the step's first call does not come, though it came after
each tick before. The manager's own port has a call that wakes its thread: synchronous mode off and at once on
again. The thread then does exactly the step that is due, so a drive that was woken is the same drive.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgpack

from sim.carla_server.callers import Caller

SILENT_S: Final = 1.0  # own: a step's first call comes within milliseconds; a second is long on any machine
LOOK_S: Final = 0.25  # own
ANSWER_S: Final = 2.0  # own: a manager that answers no sooner is gone
IN_A_ROW: Final = 3  # own: ticks followed by a step before the rule holds
_ANSWER_BYTES: Final = 4096


@dataclass(slots=True)
class _Watched:
    """One client with Traffic Managers: their ports, its ticks, and those its managers stepped after."""

    caller: Caller
    ports: list[int] = field(default_factory=list)
    ticks: int = 0
    stepped: int = 0  # the last tick a step followed
    row: int = 0  # ticks in a row that one followed
    ticked_s: float = 0.0
    woken: int = 0  # the last tick after which it was woken


class Waking:
    """Watches every client that has a Traffic Manager. `count`: how often one was woken."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: dict[int, _Watched] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking = False
        self.count = 0

    def registered(self, caller: Caller, port: int) -> None:
        """A Traffic Manager of this client answers on this port."""
        self._watched.setdefault(caller.number, _Watched(caller)).ports.append(port)
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def unregistered(self, port: int) -> None:
        """A Traffic Manager has ended."""
        for number, one in tuple(self._watched.items()):
            if port in one.ports:
                one.ports.remove(port)
            if not one.ports:
                del self._watched[number]

    def left(self, caller: Caller) -> None:
        """A client has left."""
        self._watched.pop(caller.number, None)

    def ticked(self, caller: Caller) -> None:
        """A tick of this client is done."""
        one = self._watched.get(caller.number)
        if one is not None:
            one.row = one.row + 1 if one.stepped == one.ticks else 0
            one.ticks += 1
            one.ticked_s = asyncio.get_running_loop().time()

    def stepped(self, caller: Caller) -> None:
        """The first call of a Traffic Manager's step came from this client."""
        one = self._watched.get(caller.number)
        if one is not None:
            one.stepped = one.ticks

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for one in self._watched.values():
            asleep = one.stepped < one.ticks and one.woken < one.ticks and one.row >= IN_A_ROW
            if asleep and loop.time() - one.ticked_s > SILENT_S:
                one.woken = one.ticks
                task = loop.create_task(self._wake(one.caller.address.rpartition(":")[0], tuple(one.ports)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self._looking = bool(self._watched)
        if self._looking:
            loop.call_later(LOOK_S, self._look)

    async def _wake(self, host: str, ports: tuple[int, ...]) -> None:
        """Only the client's own address is called, whatever it registered."""
        for port in ports:
            with contextlib.suppress(OSError, OverflowError, TimeoutError):  # it is gone, or its port is none
                async with asyncio.timeout(ANSWER_S):
                    await _toggle(host, port)
                self.count += 1
                self._say(f"the Traffic Manager on port {port} had lost a wake-up and was woken ({self.count})")


async def _toggle(host: str, port: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for number, mode in enumerate((False, True)):
            writer.write(msgpack.packb([0, number, "set_synchronous_mode", [mode]]))
            await writer.drain()
            if not await reader.read(_ANSWER_BYTES):
                raise ConnectionResetError
    finally:
        writer.close()
