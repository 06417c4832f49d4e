"""Virtual time on SimPy: integer nanoseconds, and a fixed order for what falls on one instant.

At one instant the order is: world, applied commands, sensing, delivery, stage finish, stage start,
watchdogs; then table row; then order of scheduling. Nothing here ever waits for the wall clock.
"""

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count
from typing import Any

import simpy

from stack.vocabulary import SimNs

_ROWS = 1000  # more rows than any table has


class Order(IntEnum):
    """What comes first when several things fall on one instant."""

    WORLD = 0
    COMMAND = 1
    SENSING = 2
    DELIVERY = 3
    STAGE_FINISH = 4
    STAGE_START = 5
    WATCHDOG = 6


Act = Callable[[], Any]


class Clock:
    """The one clock of a run, on SimPy's environment and queue.

    An act is a plain function in that queue: nobody waits for it, so it needs no event object.
    `now` is the present instant, `scheduled` how many acts have been scheduled so far; only the
    clock sets them.
    """

    def __init__(self) -> None:
        self._env = simpy.Environment(initial_time=0)
        self._queue: list[tuple[Any, int, int, Any]] = self._env._queue  # type: ignore[assignment]
        self._env._eid = self._numbers = count(1)
        self._stopped = False
        self.now = SimNs(0)
        self.scheduled = 0

    def at(self, instant: SimNs, order: Order, row: int, act: Act) -> None:
        """Call `act` at `instant`; never before now."""
        if instant < self.now:
            raise ValueError(f"instant {instant} ns lies before now, {self.now} ns")
        self.scheduled = number = next(self._numbers)
        heappush(self._queue, (instant, order * _ROWS + row, number, act))

    def last_at(self, order: Order, row: int, act: Act) -> None:
        """Call `act` in its place of the present instant: at once, if nothing else comes before it.

        Only as the last thing the present act does, because what it did after this would come too late.
        """
        queue, rank = self._queue, order * _ROWS + row
        self.scheduled = number = next(self._numbers)
        if self._stopped or (queue and queue[0][0] <= self.now and queue[0][1] <= rank):
            heappush(queue, (self.now, rank, number, act))
        else:
            act()

    def run_until(self, end: SimNs) -> None:
        """Work through every instant before or at `end`, unless stopped; SimPy's own events among them."""
        env, queue, event = self._env, self._queue, simpy.Event
        while queue and not self._stopped:
            instant, _, _, act = queue[0]
            if instant > end:
                break
            self.now = instant
            if isinstance(act, event):
                env.step()
            else:
                heappop(queue)
                env._now = instant
                act()

    def stop(self) -> None:
        """Let nothing further happen after the present act."""
        self._stopped = True
