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


class _Instants(simpy.Environment):
    """SimPy's environment, with acts on absolute instants and worked off up to one.

    An act is a plain function in SimPy's own queue: nobody waits for it, so it needs no event object.
    """

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self._eid = count(1)
        self.scheduled = 0
        self.stopped = False

    def put(self, act: Act, instant: int, priority: int) -> None:
        """Like `schedule`, for an act and an instant instead of an event and a delay."""
        self.scheduled = number = next(self._eid)
        heappush(self._queue, (instant, priority, number, act))  # type: ignore[misc]

    def work_off(self, end: int) -> None:
        """Do everything before or at `end` in order, unless stopped; SimPy's own events among it."""
        queue: list[tuple[Any, int, int, Any]] = self._queue  # type: ignore[assignment]
        while queue and queue[0][0] <= end and not self.stopped:
            item = queue[0][3]
            if isinstance(item, simpy.Event):
                self.step()
                continue
            self._now = heappop(queue)[0]
            item()


class Clock:
    """The one clock of a run."""

    def __init__(self) -> None:
        self._env = _Instants()

    @property
    def now(self) -> SimNs:
        """The present instant."""
        return self._env._now  # type: ignore[return-value]

    @property
    def scheduled(self) -> int:
        """How many acts have been scheduled so far."""
        return self._env.scheduled

    def at(self, instant: SimNs, order: Order, row: int, act: Act) -> None:
        """Call `act` at `instant`; never before now."""
        env = self._env
        if instant < env._now:
            raise ValueError(f"instant {instant} ns lies before now, {env._now} ns")
        env.put(act, instant, order * _ROWS + row)

    def run_until(self, end: SimNs) -> None:
        """Work through every instant before or at `end`, unless stopped."""
        self._env.work_off(end)

    def stop(self) -> None:
        """Let nothing further happen after the present act."""
        self._env.stopped = True
