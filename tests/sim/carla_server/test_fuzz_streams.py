"""Arbitrary bytes on the streaming port: they disturb no listener and leave nothing behind."""

import socket
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sim.carla_server.processes import TOY, pause, serving, until
from tests.sim.carla_server.wire import Line, Listener, stream_of, synchronous

EXAMPLES = 150


@pytest.fixture(scope="module")
def server():
    with serving(command=TOY, args=("--patience-s", "1")) as one:
        yield one


@pytest.fixture(scope="module")
def witness(server):
    with Line(server) as one:
        synchronous(one)
        yield one


def connected(server, data):
    """A connection to the streaming port on which these bytes were written."""
    connection = socket.create_connection(("127.0.0.1", server.port + 1), 8.0)
    connection.sendall(data)
    return connection


def heard(server, stream):
    """Whether a new listener is sent anything."""
    with Listener(server, stream) as listener:
        return listener.message() is not None


@given(data=st.binary(max_size=12))
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes_on_the_streaming_port_disturb_no_listener(server, witness, data):
    episode = stream_of(witness.value("get_episode_info")[1][0])
    with Listener(server, episode) as listener:
        listener.message()
        connection = connected(server, data)
        frame = witness.value("tick_cue")
        assert listener.frame() == frame
        connection.close()


def test_listeners_that_die_in_any_state_leave_no_memory_and_no_sockets(server, witness):
    chance = np.random.Generator(np.random.Philox(1))
    streams = [witness.value("open") for _ in range(3)]
    files = server.files()

    def some(count):
        for _ in range(count):
            number = int(chance.choice([*streams, 0, 1 << 31, chance.integers(1 << 32)]))
            connection = connected(server, struct.pack("<I", number)[: chance.integers(5)])
            if chance.random() < 0.5:
                witness.done("send", int(chance.choice(streams)), int(chance.choice([1, 1_000, 4_000_000])))
            if chance.random() < 0.5:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    some(100)
    before_kb = server.memory_kb()
    some(400)
    assert witness.value("tick_cue") > 0
    assert until(lambda: server.files() <= files)
    assert server.memory_kb() < before_kb + 20_000
    assert [witness.value("listeners", stream) for stream in streams] == [0, 0, 0]


def test_a_crowd_on_the_streaming_port_is_bounded_and_others_listen_when_it_is_gone():
    with serving(command=TOY) as server, Line(server) as line:
        episode = stream_of(line.value("get_episode_info")[1][0])
        before = server.files()
        crowd = [connected(server, b"\x00") for _ in range(600)]
        assert until(lambda: server.files() - before >= 500)
        pause(0.2)
        assert line.value("version") == "0.9.16"
        assert server.files() - before <= 513
        for connection in crowd:
            connection.close()
        assert until(lambda: heard(server, episode))
