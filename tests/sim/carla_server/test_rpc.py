"""RPC connections: envelopes, order, failures, bounds, who leaves what behind."""

import contextlib
import socket
import struct
import time

import msgpack
import pytest

from tests.sim.carla_server.processes import TOY, pause, serving, until
from tests.sim.carla_server.wire import Line, asynchronous, packed, synchronous


@pytest.fixture(scope="module")
def server():
    with serving(command=TOY) as one:
        yield one


@pytest.fixture
def line(server):
    with Line(server) as one:
        yield one


# -- envelopes ----------------------------------------------------------------------------------


def test_a_value_comes_in_its_envelope(line):
    assert line.call("version") == (None, [[1, "0.9.16"]])


def test_a_call_without_a_value_says_that_nothing_went_wrong(line):
    assert line.call("move", 0) == (None, [[False]])


def test_a_raw_call_has_no_envelope_and_a_struct_is_an_array(line):
    assert line.call("pair", [3, 4]) == (None, [3, 4.0])


def test_refusals_reach_the_client_in_the_envelope_of_the_call(line):
    assert line.call("refuse", "no room") == (None, [[True, ["no room"]]])
    assert line.call("refuse_value", "no room") == (None, [[0, ["no room"]]])
    assert line.call("refuse_raw", "no room") == ("no room", None)


def test_arguments_of_the_wrong_shape_are_refused_and_do_nothing(line):
    before = line.value("moved")
    assert line.refusal("move", "two") == "move: an integer was wanted, not str 'two'"
    assert line.refusal("move") == "move: 1 arguments were wanted, not 0"
    assert line.refusal("move", 2.0).startswith("move: an integer was wanted")
    assert line.value("moved") == before


def test_more_arguments_than_known_are_ignored(line):
    before = line.value("moved")
    line.done("move", 2, "of a later version")
    assert line.value("moved") == before + 2


def test_a_fault_in_a_handler_is_an_error_and_is_logged_with_its_trace(server, line):
    assert "ZeroDivisionError: a handler with a fault in it" in line.refusal("break")
    assert "in _break" in server.said()
    assert line.value("version") == "0.9.16"


def test_an_answer_that_cannot_be_packed_is_an_error(line):
    assert "a object cannot be sent" in line.refusal("unpackable")


def test_unknown_setters_are_accepted_and_other_unknown_calls_are_errors(server, line):
    assert line.call("set_some_new_thing", 1, 2, 3) == (None, [[False]])
    assert line.call("get_some_new_thing") == ("this server has no call 'get_some_new_thing'", None)
    for _ in range(3):
        line.call("get_some_new_thing")
    assert server.said().count("get_some_new_thing") == 1


def test_text_that_is_not_utf_8_comes_back_as_it_was(line):
    line.write(b"\x94\x00\x07\xa4echo\x92\x91\xc2\xa3\xff\xfe\x00")
    assert b"\xa3\xff\xfe\x00" in line.socket.recv(100)


def test_notices_are_obeyed_and_not_answered(line):
    before = line.value("moved")
    line.write(msgpack.packb([2, "move", [[True], 5]]))
    assert line.value("moved") == before + 5


# -- garbage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [[0, 9, 5, []], [0, 9, "version", 5], [0, 9, "version", []], [0, 9, "version", [[1]]], [0, 9, "version", [True]],
     [0, 9, None, None], [0, 9, "version", {}], [0, 9, "version", [[False, False]]]],
)  # fmt: skip
def test_something_with_a_number_that_is_no_request_is_answered(line, message):
    line.write(msgpack.packb(message))
    kind, number, error, result = line.message()
    assert (kind, number, result) == (1, 9, None)
    assert error
    assert line.value("version") == "0.9.16"


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\n\r\n", b"\xc1", msgpack.packb([1, 2, None, 3]), msgpack.packb([0, -1, "version", [[False]]]),
     msgpack.packb([0, True, "version", [[False]]]), msgpack.packb({"a": 1}), msgpack.packb([]), b"\x91" * 5_000,
     msgpack.packb([0, 1 << 40, "version", [[False]]]), b"\xdb\xff\xff\xff\xff" + b"x" * 10, b"\xdd\xff\xff\xff\xff"],
)  # fmt: skip
def test_garbage_ends_that_connection_only(server, line, data):
    with Line(server) as other:
        assert other.value("version") == "0.9.16"
        other.write(packed(5, "version") + data)
        assert other.message() == [1, 5, None, [[1, "0.9.16"]]]
        other.socket.settimeout(0.5)
        if data.startswith(b"\xdb"):  # a long text was promised: the server waits for it
            with pytest.raises(TimeoutError):
                other.message()
        else:
            assert other.message() is None
    assert line.value("version") == "0.9.16"


def test_a_request_larger_than_the_bound_ends_its_connection(server, line):
    with Line(server) as other:
        try:
            other.write(b"\x94\x00\x01\xa4size\x92\x91\xc2\xdb\x0f\xff\xff\xff")
            for _ in range(80):
                other.write(bytes(1 << 20))
        except OSError:
            pass  # it was ended while we wrote
        else:
            assert other.message() is None
    assert line.value("version") == "0.9.16"


def test_long_texts_are_read_and_their_room_is_given_back():
    text = "<OpenDRIVE>" * 3_000_000
    with serving(command=TOY) as server, contextlib.ExitStack() as open_lines:
        for _ in range(8):
            line = open_lines.enter_context(Line(server))
            assert line.value("size", text) == len(text)
            assert line.value("version") == "0.9.16"
        assert until(lambda: server.memory_kb() < 250_000)  # eight rooms would be more than half a gigabyte


def test_very_many_small_parts_end_their_connection(server, line):
    with Line(server) as other:
        head = b"\x94\x00\x01\xa4echo\x92\x91\xc2\xdd" + struct.pack(">I", 4_000_000)
        try:
            other.write(head)
            for _ in range(39):
                other.write(b"\x94\x01\x02\x03\x04" * 100_000)
        except OSError:
            pass
        else:
            assert other.message() is None
    assert line.value("version") == "0.9.16"


# -- order --------------------------------------------------------------------------------------


def test_requests_of_one_connection_are_answered_in_order(line):
    numbers = [line.ask("echo", k, waits=k % 3 == 0) for k in range(500)]
    assert [line.message() for _ in numbers] == [[1, n, None, [[1, k]]] for k, n in enumerate(numbers)]


def test_a_request_in_single_bytes_is_a_request_also_after_a_long_one(line):
    request = packed(77, "echo", [1, 2, 3])
    for first in (request[:1], packed(76, "size", "x" * (3 << 20)) + request[:1]):
        line.write(first)
        for byte in request[1:]:
            pause(0.002)  # one by one, not gathered
            line.write(bytes([byte]))
    assert line.message() == [1, 77, None, [[1, [1, 2, 3]]]]
    assert line.message() == [1, 76, None, [[1, 3 << 20]]]
    assert line.message() == [1, 77, None, [[1, [1, 2, 3]]]]


def test_while_an_answer_is_awaited_its_connection_waits_and_others_go_on(server, line):
    with Line(server) as other:
        before = other.value("moved")
        first, second = line.ask("hold", 11), line.ask("echo", 12)
        assert other.value("moved") == before
        line.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            line.message()
        other.done("let_go")
        line.socket.settimeout(8.0)
        assert line.message() == [1, first, None, [[1, 11]]]
        assert line.message() == [1, second, None, [[1, 12]]]
        assert other.value("moved") == before + 1


def test_what_had_to_wait_is_not_done_for_a_client_that_left(server, line):
    before = line.value("moved")
    present = line.value("callers")
    with Line(server) as other:
        other.ask("hold", 1)
        other.ask("move", 1)
        assert until(lambda: line.value("callers") == present + 1)
    assert until(lambda: line.value("callers") == present)
    line.done("let_go")
    assert line.value("moved") == before


def test_a_client_that_does_not_read_its_answers_is_not_read_either(server, line):
    before_kb = server.memory_kb()
    with Line(server) as other:
        other.socket.setblocking(False)
        requests = packed(1, "echo", "x" * 10_000) * 100
        sent, still = 0, 0
        end = time.monotonic() + 8.0
        while still < 20 and time.monotonic() < end:
            try:
                sent += other.socket.send(requests[sent % len(requests) :])
                still = 0
            except BlockingIOError:
                still += 1
                pause(0.02)
        assert still == 20 and sent < 60 << 20
        assert server.memory_kb() < before_kb + 50_000
        assert line.value("version") == "0.9.16"


def test_what_was_asked_before_a_client_closed_is_done(server, line):
    before = line.value("moved")
    with Line(server) as other:
        other.write(b"".join(packed(k, "move", 1, waits=False) for k in range(1_000)))
        other.socket.shutdown(socket.SHUT_WR)
        for k in range(1_000):
            assert other.message()[1] == k
        assert other.message() is None
    assert line.value("moved") == before + 1_000


def test_a_flood_of_one_client_leaves_turns_to_others(server, line):
    with Line(server) as flood:
        flood.write(b"".join(packed(k, "move", 0) for k in range(20_000)))
        began = time.monotonic()
        assert line.value("version") == "0.9.16"
        assert time.monotonic() - began < 1.0
        for _ in range(20_000):
            flood.message()


# -- who comes and goes -------------------------------------------------------------------------


def test_a_traffic_manager_is_found_by_others_until_its_client_leaves(server, line):
    with Line(server) as other:
        assert line.value("is_traffic_manager_running", 8_000) is False
        assert other.value("add_traffic_manager_running", ["10.0.0.1", 8_000]) is True
        assert line.value("is_traffic_manager_running", 8_000) is True
        assert line.value("get_traffic_manager_running", 8_000) == ["10.0.0.1", 8_000]
        assert line.value("add_traffic_manager_running", ["10.0.0.2", 8_000]) is False
    assert until(lambda: line.value("is_traffic_manager_running", 8_000) is False)
    assert line.value("get_traffic_manager_running", 8_000) == ["", 0]


def test_ticks_and_batches_are_paced_while_a_traffic_manager_is_registered_and_not_otherwise(server, line):
    synchronous(line)

    def fastest_s(method, *arguments):
        times = []
        for _ in range(100):
            began = time.perf_counter()
            line.call(method, *arguments)
            times.append(time.perf_counter() - began)
        return min(times)

    try:
        free = fastest_s("tick_cue"), fastest_s("apply_batch", [], False)
        with Line(server) as other:
            other.value("add_traffic_manager_running", ["127.0.0.1", 8_001])
            assert 0.001 <= fastest_s("tick_cue") < 0.002
            assert 0.0003 <= fastest_s("apply_batch", [], False) < 0.001
            assert fastest_s("version") < 0.0003
            other.value("destroy_traffic_manager", 8_001)
        assert max(free) < 0.0003
        assert fastest_s("tick_cue") < 0.0003
    finally:
        asynchronous(line)


@pytest.mark.parametrize("policy", ["keep", "destroy"])
def test_the_actors_of_a_client_that_leaves_stay_unless_asked_otherwise(policy):
    with serving(command=TOY, args=("--on-leave", policy)) as server, Line(server) as line:
        with Line(server) as other:
            for actor_id in (5, 6, 7):
                other.done("own", actor_id)
            line.done("own", 8)
        assert until(lambda: line.value("callers") == 1)
        assert line.value("destroyed") == ([5, 6, 7] if policy == "destroy" else [])


def test_clients_that_die_without_a_word_leave_no_sockets(server, line):
    present, files = line.value("callers"), server.files()
    for k in range(200):
        dying = Line(server)
        if k % 2:
            dying.write(packed(1, "version")[: 1 + k % 7])
        dying.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        dying.socket.close()
    assert until(lambda: line.value("callers") == present)
    assert until(lambda: server.files() <= files)


def test_more_clients_than_allowed_are_refused_and_the_others_stay(server, line):
    crowd = [Line(server) for _ in range(300)]
    try:
        for one in crowd:
            one.ask("version")
        served = sum(one.message() is not None for one in crowd)
        assert 200 < served < 256
        assert line.value("version") == "0.9.16"
    finally:
        for one in crowd:
            one.socket.close()
    assert until(lambda: line.value("callers") == 1)


# -- the clock ----------------------------------------------------------------------------------


def test_in_asynchronous_mode_the_server_ticks_by_itself_and_in_synchronous_mode_it_does_not(server, line):
    asynchronous(line)
    first = line.value("tick_cue")
    pause(1.0)
    ticked = line.value("tick_cue") - first
    assert 10 <= ticked <= 21
    asynchronous(line, 0.01)
    first = line.value("tick_cue")
    pause(1.0)
    assert 40 <= line.value("tick_cue") - first <= 101
    synchronous(line)
    first = line.value("tick_cue")
    pause(0.3)
    assert line.value("tick_cue") == first + 1
    asynchronous(line)


def test_a_server_that_is_told_to_stop_ends_its_connections_and_itself():
    with serving(command=TOY) as server:
        with Line(server) as line:
            assert line.value("version") == "0.9.16"
            began = time.monotonic()
            server.process.terminate()
            assert line.message() is None
            assert server.process.wait(5.0) == 0
            assert time.monotonic() - began < 3.0
        with pytest.raises(ConnectionRefusedError):
            Line(server)
        server.process.poll = lambda: None  # it ended as it should
