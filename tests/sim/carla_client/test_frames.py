"""Every message of a sensor is matched, late or lost, and the books always balance."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.carla_client.frames import FrameBook


def play(book, frames, come):
    """Tick through frames; `come` gives the (sensor, frame) messages that come during each."""
    for frame in frames:
        book.ticked(frame)
        for sensor, number in come.get(frame, ()):
            book.came(sensor, number)
        book.left(frame)


def test_a_message_that_comes_in_its_own_tick_is_matched():
    book = FrameBook({"rgb": 2})
    play(book, range(10, 17), {10: [("rgb", 10)], 12: [("rgb", 12)], 14: [("rgb", 14)], 16: [("rgb", 16)]})
    assert book.account()["rgb"] == {
        "due": 4, "matched": 4, "late": 0, "lost": 0, "unexpected": 0, "waiting": 0,
    }  # fmt: skip


def test_a_message_that_comes_in_a_later_tick_is_late():
    book = FrameBook({"rgb": 1})
    play(book, range(10, 14), {10: [("rgb", 10)], 11: [], 12: [("rgb", 11), ("rgb", 12)], 13: [("rgb", 13)]})
    assert (book.account()["rgb"]["late"], book.account()["rgb"]["matched"]) == (1, 3)


def test_a_message_that_never_comes_is_lost_in_the_end():
    book = FrameBook({"rgb": 1}, patience_ticks=5)
    play(book, range(10, 30), {frame: [("rgb", frame)] for frame in range(10, 30) if frame != 15})
    assert book.account()["rgb"]["lost"] == 1


def test_a_message_nobody_expected_is_counted_and_changes_nothing_else():
    book = FrameBook({"rgb": 5})
    play(book, range(10, 14), {10: [("rgb", 10)], 12: [("rgb", 12)]})
    assert book.account()["rgb"]["unexpected"] == 1
    assert book.account()["rgb"]["due"] == 1


def test_only_the_sensors_that_owe_a_frame_are_awaited():
    book = FrameBook({"rgb": 1, "lidar": 2})
    play(book, [10], {10: [("rgb", 10), ("lidar", 10)]})
    book.ticked(11)
    assert book.awaited(11) == {"rgb"}
    book.came("rgb", 11)
    assert book.awaited(11) == frozenset()


def test_what_is_still_owed_when_all_is_over_is_lost():
    book = FrameBook({"rgb": 1})
    play(book, range(10, 13), {10: [("rgb", 10)]})
    book.closed()
    assert book.account()["rgb"]["lost"] == 2
    assert book.account()["rgb"]["waiting"] == 0


@settings(max_examples=200, deadline=None)
@given(
    period=st.integers(1, 4),
    patience=st.integers(1, 6),
    delays=st.lists(st.none() | st.integers(0, 8), min_size=1, max_size=40),
)
def test_due_is_always_matched_late_lost_and_waiting(period, patience, delays):
    book = FrameBook({"s": period}, patience_ticks=patience)
    come = {100: [("s", 100)]}
    for index, delay in enumerate(delays, start=1):
        frame = 100 + period * index
        if delay is not None:
            come.setdefault(frame + delay, []).append(("s", frame))
    play(book, range(100, 100 + period * len(delays) + 10), come)
    account = book.account()["s"]
    assert account["due"] == account["matched"] + account["late"] + account["lost"] + account["waiting"]
    assert account["matched"] == 1 + sum(delay == 0 for delay in delays)
