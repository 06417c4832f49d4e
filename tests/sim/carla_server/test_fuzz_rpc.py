"""Arbitrary bytes on the RPC port: what can be read is done until the first that cannot; others notice nothing."""

import contextlib
import socket
import struct
import time

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sim.carla_server.processes import TOY, serving
from tests.sim.carla_server.toy import WRAP
from tests.sim.carla_server.wire import Line, packed

EXAMPLES = 150
ROUNDS = 400
PATIENCE_S = 8.0


@pytest.fixture(scope="module")
def server():
    with serving(command=TOY) as one:
        yield one


@pytest.fixture(scope="module")
def witness(server):
    with Line(server) as one:
        yield one


def moved_by(data):
    """What these bytes may move: requests that can be read, up to the first thing that is none."""
    total = 0
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, object_hook=lambda _: None, ext_hook=lambda *_: None)
    unpacker.feed(data)
    while True:
        try:
            message = next(unpacker)
        except Exception:  # the end, or what is no msgpack
            return total
        if not isinstance(message, list) or len(message) not in (3, 4):
            return total
        if len(message) == 4:
            if type(message[0]) not in (int, float, bool) or message[0] != 0 or type(message[1]) is not int:
                return total
            if not 0 <= message[1] < 1 << 32:
                return total
        elif message[0] != 2:
            return total
        method, given_ = message[-2:]
        waits = type(given_) is list and given_ and given_[0] in ([True], [False]) and type(given_[0][0]) is bool
        if type(method) is bytes and waits:
            total += given_[1] if method == b"move" and len(given_) > 1 and type(given_[1]) is int else 0
        elif len(message) == 3:  # nobody to tell
            return total


def told(server, data, pieces=1):
    """Write the bytes, say no more, and wait until the server has ended the connection."""
    with Line(server, PATIENCE_S) as line:
        try:
            step = max(1, -(-len(data) // pieces))
            for k in range(0, len(data), step):
                line.write(data[k : k + step])
            line.socket.shutdown(socket.SHUT_WR)
            while line.socket.recv(1 << 16):
                pass
        except OSError:
            pass  # ended while we still wrote


def check(server, witness, data, pieces=1):
    """The bytes move what can be read of them, and nothing else; the server goes on."""
    before = witness.value("moved")
    told(server, data, pieces)
    assert witness.value("moved") == (before + moved_by(data)) % WRAP, data.hex()


def mutated(seed):
    """Some requests with some of their bytes changed, cut out, put in or repeated."""
    chance = np.random.Generator(np.random.Philox(seed))
    requests = [
        packed(int(chance.integers(1 << 20)), "move", int(chance.integers(100))),
        packed(2, "echo", [1.5, {"a": None}, "text", [[], [True]]]),
        packed(3, "pair", [1, 2.0]),
        packed(4, "set_episode_settings", [False, False, [True, 0.05]]),
        packed(5, "move", 7, waits=False),
        packed(6, "get_actors_by_id", [1, 2, 3]),
        packed(7, "add_traffic_manager_running", ["1.2.3.4", 8_100 + int(chance.integers(3))]),
        packed(8, "apply_batch", [[[2, [1, [0.0] * 7]]]] * 20, False),
    ]
    data = bytearray(b"".join(requests[k] for k in chance.integers(len(requests), size=chance.integers(1, 6))))
    for _ in range(chance.integers(1, 5)):
        at = chance.integers(len(data) + 1)
        match chance.integers(4):
            case 0:
                data[at : at + 1] = bytes([chance.integers(256)])
            case 1:
                del data[at : at + chance.integers(1, 9)]
            case 2:
                data[at:at] = chance.bytes(chance.integers(1, 9))
            case _:
                data[at:at] = data[at : at + chance.integers(1, 40)]
    return bytes(data)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
METHODS = st.sampled_from(["move", "echo", "pair", "size", "get_actors_by_id", "set_episode_settings", "close"])


def test_the_reckoning_itself_sees_what_moves_and_what_does_not():
    good = packed(1, "move", 3)
    assert moved_by(good + good) == 6
    assert moved_by(good + b"\xc1" + good) == 3
    assert moved_by(good[:-1]) == moved_by(packed(1, "move", 3.0)) == moved_by(packed(1, "moves", 3)) == 0
    assert moved_by(msgpack.packb([2, "move", [[True], 4]])) == 4


@given(data=st.binary(max_size=300))
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes(server, witness, data):
    check(server, witness, data)


@given(message=ANYTHING)
@settings(max_examples=EXAMPLES, deadline=None)
def test_anything_packed_between_two_requests(server, witness, message):
    check(server, witness, packed(1, "move", 1) + msgpack.packb(message) + packed(2, "move", 10))


@given(method=METHODS, arguments=st.lists(ANYTHING, max_size=4), head=ANYTHING)
@settings(max_examples=EXAMPLES, deadline=None)
def test_requests_with_any_arguments(server, witness, method, arguments, head):
    request = msgpack.packb([0, 1, method, [[False], *arguments]])
    check(server, witness, request + msgpack.packb([0, 2, method, [head, *arguments]]) + packed(3, "move", 1))


def test_requests_with_bytes_changed_move_what_can_be_read_and_leave_no_memory_sockets_or_clients(server, witness):
    for seed in range(ROUNDS // 4):
        check(server, witness, mutated(seed), pieces=1 + seed % 3)
    before_kb, files = server.memory_kb(), server.files()
    for seed in range(ROUNDS // 4, ROUNDS):
        check(server, witness, mutated(seed), pieces=1 + seed % 3)
    assert server.memory_kb() < before_kb + 20_000
    assert server.files() <= files
    assert witness.value("callers") == 1


def test_a_client_beside_the_garbage_is_answered_all_the_time(server, witness):
    rude = [Line(server) for _ in range(20)]
    slowest_s = 0.0
    for k, line in enumerate(rude * 10):
        with contextlib.suppress(OSError):
            line.write(mutated(10_000 + k)[: 5 + k])
        began = time.perf_counter()
        assert witness.value("echo", k) == k
        slowest_s = max(slowest_s, time.perf_counter() - began)
    for line in rude:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.socket.close()
    assert slowest_s < 1.0
