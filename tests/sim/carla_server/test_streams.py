"""Streams: tokens, several listeners, back-pressure, what is skipped, who is dropped."""

import socket
import struct
import time

import pytest

from sim.carla_server.streams import Streams
from sim.carla_server.tokens import SIZE_BYTES, stream_at, token
from tests.sim.carla_server.processes import TOY, serving, until
from tests.sim.carla_server.wire import Line, Listener, asynchronous, stream_of, synchronous

LARGE = 8 << 20  # more than the buffers at both ends hold


@pytest.fixture(scope="module")
def server():
    with serving(command=TOY) as one:
        yield one


@pytest.fixture
def line(server):
    with Line(server) as one:
        asynchronous(one)
        yield one


@pytest.fixture
def stream(line):
    number = line.value("open")
    yield number
    line.done("close", number)


def listening(line, stream, count=1):
    """Whether so many listen soon."""
    return until(lambda: line.value("listeners", stream) == count)


# -- tokens -------------------------------------------------------------------------------------


def test_a_token_is_24_bytes_with_number_port_tcp_and_no_address():
    made = token(0x01020304, 2001)
    assert made == bytes([4, 3, 2, 1, 0xD1, 0x07, 1, 0]) + bytes(16)
    assert len(made) == SIZE_BYTES == 24
    assert stream_at(made) == (0x01020304, 2001)


@pytest.mark.parametrize("data", [b"", bytes(24), bytes(23), token(1, 2) + b"x"])
def test_what_is_no_token_is_refused(data):
    with pytest.raises(ValueError, match="token"):
        stream_at(data)


def test_tokens_name_the_port_that_serves_streams(server, line):
    info = line.value("get_episode_info")
    assert stream_at(info[1][0]).port == server.port + 1


def test_stream_numbers_are_never_used_twice():
    streams = Streams()
    first = streams.open()
    streams.close(first)
    second = streams.open()
    assert second > first > 0
    assert not streams.is_open(first) and streams.is_open(second)
    assert streams.listeners(first) == streams.listeners(second) == 0


# -- messages -----------------------------------------------------------------------------------


def test_a_message_is_length_header_and_body(server, line, stream):
    with Listener(server, stream) as listener:
        assert listening(line, stream)
        line.done("send", stream, 1_000)
        header, body = listener.message()
        assert struct.unpack_from("<Q", header)[0] == 13
        assert body == bytes(1_000)


def test_a_new_listener_of_the_episode_is_sent_the_latest_snapshot_at_once(server, line):
    synchronous(line)
    frame = line.value("tick_cue")
    episode = stream_of(line.value("get_episode_info")[1][0])
    with Listener(server, episode) as listener:
        assert listener.frame() == frame


def test_every_listener_of_a_stream_is_sent_every_message(server, line, stream):
    synchronous(line)
    with Listener(server, stream) as first, Listener(server, stream) as second:
        assert listening(line, stream, 2)
        for size in (10, LARGE, 30):
            line.done("send", stream, size)
        for listener in (first, second):
            assert [len(listener.message()[1]) for _ in range(3)] == [10, LARGE, 30]


def test_a_body_that_is_changed_after_it_was_sent_arrives_as_it_was(server, line, stream):
    with Listener(server, stream) as listener:
        assert listening(line, stream)
        line.done("scribble", stream, LARGE)
        assert listener.message()[1] == b"\x01" * LARGE


def test_a_closed_stream_ends_its_listeners_and_only_those(server, line, stream):
    other = line.value("open")
    with Listener(server, stream) as stays, Listener(server, other) as goes:
        assert listening(line, stream) and listening(line, other)
        line.done("close", other)
        assert goes.message() is None
        line.done("send", stream, 5)
        assert stays.message() is not None


def test_a_listener_of_no_stream_is_let_go_but_not_at_once_because_clients_come_back_at_once(server, line):
    began = time.monotonic()
    with Listener(server, 1_000_000) as lost:
        assert lost.message() is None
    assert 0.9 < time.monotonic() - began < 4.0


@pytest.mark.parametrize("more", [b"\x00", b"x" * 1_000])
def test_a_listener_that_says_more_than_its_stream_is_ended(server, line, stream, more):
    with Listener(server, stream) as listener:
        assert listening(line, stream)
        listener.socket.sendall(more)
        assert listener.message() is None
    assert listening(line, stream, 0)


def test_a_listener_that_leaves_is_forgotten(server, line, stream):
    files = server.files()
    for k in range(100):
        with Listener(server, stream) as listener:
            if k % 3:
                listener.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert listening(line, stream, 0)
    assert until(lambda: server.files() <= files)


# -- slow listeners -----------------------------------------------------------------------------


def test_in_synchronous_mode_a_slow_listener_slows_the_ticks_and_loses_nothing(server, line, stream):
    synchronous(line)
    with Listener(server, stream) as slow, Line(server) as other:
        assert listening(line, stream)
        before = line.value("tick_cue")
        line.done("send", stream, LARGE)
        asked = line.ask("tick_cue")
        line.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.message()
        assert other.value("version") == "0.9.16"  # nobody else waits
        assert len(slow.message()[1]) == LARGE
        line.socket.settimeout(8.0)
        assert line.message() == [1, asked, None, [[1, before + 1]]]


def test_clients_that_tick_while_one_is_slow_get_a_tick_each_and_every_tick_waits():
    with serving(command=TOY) as server, Line(server) as line, Line(server) as other:
        synchronous(line)
        line.done("enlarge", LARGE)
        where = [[0.0] * 3] * 2
        camera = line.value("spawn_actor", [1, "sensor.camera.rgb", []], where)
        with Listener(server, stream_of(camera[5])) as slow:
            assert listening(line, stream_of(camera[5]))
            before = line.value("tick_cue")
            line.ask("tick_cue")
            assert other.value("version")
            other.ask("tick_cue")
            assert slow.frame() == before
            assert line.message()[3][0][1] == before + 1
            other.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                other.message()
            assert slow.frame() == before + 1
            other.socket.settimeout(8.0)
            assert other.message()[3][0][1] == before + 2
            assert slow.frame() == before + 2


def test_a_tick_waits_for_a_listener_that_is_on_its_way_and_its_message_is_not_lost(server, line, stream):
    synchronous(line)
    with Line(server) as other:
        line.value("get_sensor_token", stream)
        asked = line.ask("tick_cue")
        assert other.value("version") == "0.9.16"
        line.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            line.message()
        line.socket.settimeout(8.0)
        with Listener(server, stream):
            began = time.monotonic()
            assert line.message()[1] == asked
            assert time.monotonic() - began < 0.3
            assert line.value("listeners", stream) == 1


@pytest.mark.parametrize("closed", [False, True])
def test_a_listener_that_never_comes_holds_ticks_up_for_a_moment_only(server, line, closed):
    synchronous(line)
    number = line.value("open")
    with Line(server) as other:
        line.value("get_sensor_token", number)
        began = time.monotonic()
        line.ask("tick_cue")
        if closed:
            other.done("close", number)
        line.message()
        assert time.monotonic() - began < (0.3 if closed else 2.0)
        assert line.value("tick_cue")


def test_in_asynchronous_mode_a_slow_listener_misses_messages_and_the_ticks_go_on(server, line, stream):
    with Listener(server, stream) as slow:
        assert listening(line, stream)
        skipped = line.value("counts")[0]
        line.done("send", stream, LARGE)
        for _ in range(5):
            line.done("send", stream, 100)
        assert line.value("counts")[0] == skipped + 5
        frame = line.value("tick_cue")
        assert until(lambda: line.value("tick_cue") > frame + 3)
        assert len(slow.message()[1]) == LARGE
        line.done("send", stream, 7)
        assert len(slow.message()[1]) == 7


def test_who_takes_nothing_or_never_names_a_stream_is_dropped_and_ticks_go_on():
    with serving(command=TOY, args=("--patience-s", "0.5")) as server, Line(server) as line:
        synchronous(line)
        stream = line.value("open")
        silent = socket.create_connection(("127.0.0.1", server.port + 1), 8.0)
        with Listener(server, stream) as stuck, Listener(server, stream) as idle:
            assert listening(line, stream, 2)
            line.done("send", stream, LARGE)
            idle.message()
            began = time.monotonic()
            line.value("tick_cue")
            assert 0.1 < time.monotonic() - began < 4.0
            assert line.value("listeners", stream) == 1
            assert silent.recv(1) == b""
            silent.close()
            assert line.value("counts")[1] == 2
            line.done("send", stream, 3)
            assert len(idle.message()[1]) == 3
            with pytest.raises((TypeError, AssertionError)):
                assert len(stuck.message()[1]) == 3


def test_memory_stays_flat_while_large_frames_are_sent_to_listeners_that_come_and_go(server, line, stream):
    def some(count):
        for _ in range(count):
            with Listener(server, stream) as listener:
                assert listening(line, stream)
                line.done("send", stream, LARGE)
                listener.socket.recv(1_000)
            assert listening(line, stream, 0)

    some(10)
    before = server.memory_kb()
    some(40)
    assert server.memory_kb() < before + 20_000
