"""Virtual time held to wall time."""

import time

from hil.pacing import WallPace
from stack.vocabulary import NS_PER_MS


def test_the_clock_never_runs_backwards_and_counts_nanoseconds():
    pace = WallPace()
    seen = [pace.now_ns() for _ in range(1_000)]
    assert seen == sorted(seen)
    began, wall = pace.now_ns(), time.perf_counter()
    pace.wait_until(20 * NS_PER_MS)
    assert abs((pace.now_ns() - began) * 1e-9 - (time.perf_counter() - wall)) < 0.005


def test_waiting_ends_at_the_instant_and_not_before_counted_from_the_beginning():
    pace = WallPace()
    began = pace.now_ns()
    for at_ms in (10, 25, 30):
        pace.wait_until(at_ms * NS_PER_MS)
        assert pace.now_ns() - began >= (at_ms - 1) * NS_PER_MS
    assert pace.now_ns() - began < 2_000 * NS_PER_MS


def test_an_instant_that_is_past_is_not_waited_for():
    pace = WallPace()
    pace.wait_until(5 * NS_PER_MS)
    began = pace.now_ns()
    pace.wait_until(0)
    assert pace.now_ns() - began < 5 * NS_PER_MS
