"""A Traffic Manager that sleeps through a tick is woken on its own port; one that is awake is left alone."""

import contextlib
import socket

import msgpack
import pytest

from tests.sim.carla_server.processes import pause, serving
from tests.sim.carla_server.wire import Line, asynchronous, synchronous


@pytest.fixture(scope="module")
def server():
    with serving() as one:
        yield one


@pytest.fixture
def line(server):
    with Line(server) as one:
        synchronous(one)
        yield one
        asynchronous(one)


@contextlib.contextmanager
def manager(line):
    """A Traffic Manager's port, which notes what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as port:
        number = port.getsockname()[1]
        assert line.value("add_traffic_manager_running", ("127.0.0.1", number))
        yield port
        line.call("destroy_traffic_manager", number)


def heard(port, wait_s=3.0):
    """Method and arguments of every call on a manager's port, answered as the genuine one answers."""
    calls, unpacker = [], msgpack.Unpacker()
    port.settimeout(wait_s)
    try:
        connection, _ = port.accept()
    except TimeoutError:
        return calls
    with connection:
        connection.settimeout(wait_s)
        while data := connection.recv(4096):
            unpacker.feed(data)
            for _, number, method, arguments in unpacker:
                calls.append((method, arguments))
                connection.sendall(msgpack.packb([1, number, None, None]))
    return calls


def tick(line, steps=True):
    line.value("tick_cue")
    if steps:
        line.value("get_vehicle_light_states")


def test_a_manager_that_does_not_step_after_a_tick_is_woken_once(line):
    with manager(line) as port:
        for _ in range(5):
            tick(line)
        tick(line, steps=False)
        assert heard(port) == [("set_synchronous_mode", [False]), ("set_synchronous_mode", [True])]
        assert heard(port, 1.8) == []
        line.value("get_vehicle_light_states")
        for _ in range(5):
            tick(line)
        tick(line, steps=False)
        assert len(heard(port)) == 2


def test_a_manager_that_stepped_is_left_alone_however_long_its_client_takes(line):
    with manager(line) as port:
        for _ in range(5):
            tick(line)
        assert heard(port, 1.8) == []


def test_a_client_whose_manager_never_stepped_is_left_alone(line):
    with manager(line) as port:
        for _ in range(5):
            tick(line, steps=False)
        assert heard(port, 1.8) == []


def test_a_manager_that_answers_nothing_or_is_gone_disturbs_nobody(server, line):
    with manager(line) as port:
        for _ in range(5):
            tick(line)
        tick(line, steps=False)
        port.close()
        pause(1.5)
        tick(line)
    with Line(server) as other:
        assert other.value("version") == "0.9.16"
