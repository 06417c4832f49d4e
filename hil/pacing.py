"""Virtual time held to wall time: the real `Pace`, on this machine's monotonic clock."""

import threading
import time

from stack.vocabulary import NS_PER_S, SimNs, WallNs


class WallPace:
    """A Pace whose virtual time 0 is the instant it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic_ns()
        self._bell = threading.Event()

    def now_ns(self) -> WallNs:
        """The monotonic clock; its zero means nothing."""
        return WallNs(time.monotonic_ns())

    def wait_until(self, at: SimNs) -> None:
        """Return when the wall clock has reached this instant of virtual time; at once if it is past."""
        left_ns = self._began + at - time.monotonic_ns()
        while left_ns > 0:
            self._bell.wait(left_ns / NS_PER_S)
            left_ns = self._began + at - time.monotonic_ns()
