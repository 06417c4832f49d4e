"""Instants and durations: virtual time is an integer count of nanoseconds.

`SimNs` is time since the run began. `WallNs` is this machine's monotonic time and is made only in
`hil`. A strict type checker refuses to mix them. Physics and settings use float seconds; the two
functions here are the only conversion between them.
"""

from typing import NewType

SimNs = NewType("SimNs", int)
WallNs = NewType("WallNs", int)

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

START = SimNs(0)


def ns_from_s(seconds: float) -> SimNs:
    """Nanoseconds nearest to a span or instant given in seconds."""
    return SimNs(round(seconds * NS_PER_S))


def s_from_ns(nanoseconds: int) -> float:
    """Seconds of a span or instant given in nanoseconds."""
    return nanoseconds / NS_PER_S
