"""Ports and sockets: a pair that is free, a refusal that says what to do, connections that notice the dead."""

import errno
import socket
from contextlib import closing

import pytest

from sim.carla_server.keeping import accepted, bound_pair, tuned
from stack.vocabulary import InputError

HERE = "127.0.0.1"


class Loop:
    """Only what running out of files needs."""

    def __init__(self):
        self.paused, self.later = [], []

    def remove_reader(self, bound):
        self.paused.append(bound)

    def add_reader(self, bound, again):
        self.paused.remove(bound)
        again()

    def call_later(self, wait_s, act, *given):
        self.later.append((wait_s, act, given))


def port_of(bound):
    return bound.getsockname()[1]


def test_port_0_gives_two_free_ports_side_by_side():
    pairs = [bound_pair(HERE, 0) for _ in range(20)]
    for first, second in pairs:
        with closing(first), closing(second):
            assert port_of(second) == port_of(first) + 1


def test_a_given_port_is_taken_with_the_one_after_it_and_may_be_taken_again_when_it_is_let_go():
    first, second = bound_pair(HERE, 0)
    port = port_of(first)
    first.close()
    second.close()
    again = bound_pair(HERE, port)
    assert [port_of(one) for one in again] == [port, port + 1]
    for one in again:
        one.close()


@pytest.mark.parametrize("taken", [0, 1])
def test_ports_that_are_taken_are_refused_in_a_line_that_names_them(taken):
    pair = bound_pair(HERE, 0)
    pair[1 - taken].close()
    port = port_of(pair[taken]) - taken
    with (
        closing(pair[taken]),
        pytest.raises(InputError, match=f"--port: {HERE}: ports {port} and {port + 1}: .*in use"),
    ):
        bound_pair(HERE, port)


@pytest.mark.parametrize("port", [-1, 65_535, 70_000])
def test_ports_that_do_not_exist_are_refused(port):
    with pytest.raises(InputError, match="a port is from 1 to 65534"):
        bound_pair(HERE, port)


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(InputError, match="192.0.2.1"):
        bound_pair("192.0.2.1", 2_000)


def test_connections_answer_at_once_and_notice_a_far_end_that_died():
    with (
        closing(socket.create_server((HERE, 0))) as bound,
        closing(socket.create_connection((HERE, port_of(bound)))),
        closing(tuned(bound.accept()[0])) as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connection.gettimeout() == 0.0


def test_out_of_files_it_rests_and_takes_the_connections_afterwards():
    loop, heard = Loop(), []
    with closing(socket.create_server((HERE, 0))) as bound, closing(socket.create_connection((HERE, port_of(bound)))):
        bound.setblocking(False)

        class Starved:
            """A socket in a process that may open no more files."""

            def accept(self):
                raise OSError(errno.EMFILE, "too many open files")

            def fileno(self):
                return bound.fileno()

        assert accepted(loop, Starved(), lambda: heard.append(True)) == []
        assert len(loop.paused) == 1
        ((wait_s, act, given),) = loop.later
        act(*given)
        assert wait_s > 0.0 and heard and not loop.paused
        taken = accepted(loop, bound, lambda: None)
        assert len(taken) == 1
        taken[0].close()
