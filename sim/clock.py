"""Virtual time on SimPy: integer nanoseconds, and a fixed order for what falls on one instant.

At one instant the order is: world, applied commands, sensing, delivery, stage finish, stage start,
watchdogs; then table row; then order of scheduling. Nothing here ever waits for the wall clock.
"""

from collections.abc import Callable
from enum import IntEnum
from heapq import heappush
from math import inf
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


class _Act(simpy.Event):
    """An already triggered SimPy event that calls one function when its instant comes."""

    def __init__(self, env: simpy.Environment, act: Callable[[], Any]) -> None:
        self.env = env
        self.callbacks = [self._fire]
        self._value = None
        self._ok = True
        self._act = act

    def _fire(self, _event: simpy.Event) -> None:
        self._act()


class _Instants(simpy.Environment):
    """SimPy's environment, with events put on absolute instants and worked off up to one."""

    def put(self, event: simpy.Event, instant: int, priority: int) -> None:
        """Like `schedule`, for an instant instead of a delay: no rounding, one call less."""
        heappush(self._queue, (instant, priority, next(self._eid), event))  # type: ignore[misc]

    def earliest(self) -> float:
        """The next event's instant; infinite if there is none."""
        return self._queue[0][0] if self._queue else inf


class Clock:
    """The one clock of a run."""

    def __init__(self) -> None:
        self._env = _Instants(initial_time=0)
        self._stopped = False
        self.scheduled = 0

    @property
    def now(self) -> SimNs:
        """The present instant."""
        return self._env._now  # type: ignore[return-value]

    def at(self, instant: SimNs, order: Order, row: int, act: Callable[[], Any]) -> None:
        """Call `act` at `instant`; never before now."""
        env = self._env
        if instant < env._now:
            raise ValueError(f"instant {instant} ns lies before now, {env._now} ns")
        self.scheduled += 1
        env.put(_Act(env, act), instant, order * _ROWS + row)

    def run_until(self, end: SimNs) -> None:
        """Work through every instant before or at `end`, unless stopped."""
        env = self._env
        step, earliest = env.step, env.earliest
        while not self._stopped and earliest() <= end:
            step()

    def stop(self) -> None:
        """Let nothing further happen after the present act."""
        self._stopped = True
