"""The protocol by hand: requests and streams on plain sockets, every byte in view."""

import socket
import struct

import msgpack

from sim.carla_server.tokens import stream_at

WAIT_S = 8.0


class Line:
    """One RPC connection."""

    def __init__(self, server, wait_s=WAIT_S):
        self.socket = socket.create_connection(("127.0.0.1", server.port), wait_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unpacker = msgpack.Unpacker(raw=False, max_buffer_size=1 << 30)
        self._last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def write(self, data):
        self.socket.sendall(data)

    def ask(self, method, *arguments, waits=True):
        """Send a request; returns its number."""
        self._last += 1
        self.write(packed(self._last, method, *arguments, waits=waits))
        return self._last

    def message(self):
        """The next message, or None where the server ended the connection."""
        while True:
            for message in self._unpacker:
                return message
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._unpacker.feed(data)

    def call(self, method, *arguments):
        """(error, result) of a request."""
        number = self.ask(method, *arguments)
        kind, answered, error, result = self.message()
        assert (kind, answered) == (1, number)
        return error, result

    def value(self, method, *arguments):
        """The value of a request that must succeed."""
        error, result = self.call(method, *arguments)
        assert error is None and result[0][0] == 1, (error, result)
        return result[0][1]

    def done(self, method, *arguments):
        """A request without a value that must succeed."""
        assert self.call(method, *arguments) == (None, [[False]])

    def refusal(self, method, *arguments):
        """The text of a request that must be refused in CARLA's envelope."""
        error, result = self.call(method, *arguments)
        assert error is None and result[0][0] in (0, True), (error, result)
        return result[0][1][0]


def packed(number, method, *arguments, waits=True):
    """The bytes of a request."""
    return msgpack.packb([0, number, method, [[not waits], *arguments]])


class Listener:
    """One stream connection."""

    def __init__(self, server, stream, wait_s=WAIT_S):
        self.socket = socket.socket()
        self.socket.settimeout(wait_s)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # so that it can be slow
        self.socket.connect(("127.0.0.1", server.port + 1))
        self.socket.sendall(struct.pack("<I", stream))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _take(self, count):
        parts = bytearray()
        while len(parts) < count:
            try:
                data = self.socket.recv(count - len(parts))
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            parts += data
        return bytes(parts)

    def message(self):
        """(header, body) of the next message; None where the server ended the connection."""
        length = self._take(4)
        if length is None:
            return None
        payload = self._take(struct.unpack("<I", length)[0])
        return None if payload is None else (payload[:48], payload[48:])

    def frame(self):
        """The frame number of the next message."""
        return struct.unpack_from("<Q", self.message()[0], 8)[0]


def stream_of(token):
    """The number in a token as the calls return it."""
    return stream_at(token).stream


def synchronous(line, fixed_delta_s=0.05):
    """Put the server in synchronous mode."""
    fixed = [False] if fixed_delta_s is None else [True, fixed_delta_s]
    line.value("set_episode_settings", [True, False, fixed, True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True])


def asynchronous(line, fixed_delta_s=None):
    """Put the server in asynchronous mode."""
    fixed = [False] if fixed_delta_s is None else [True, fixed_delta_s]
    line.value("set_episode_settings", [False, False, fixed, True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True])
