"""The 24 bytes by which a client finds a stream: number, port, protocol, address.

The address is left out, so clients use the host they called. Little-endian, packed.
"""

import struct
from typing import Final, NamedTuple

_TOKEN: Final = struct.Struct("<IHBB16s")
_TCP: Final = 1
_NO_ADDRESS: Final = 0

SIZE_BYTES: Final = _TOKEN.size


class StreamAt(NamedTuple):
    """A stream's number and the port that serves it."""

    stream: int
    port: int


def token(stream: int, port: int) -> bytes:
    """The token of a stream served over TCP on this port."""
    return _TOKEN.pack(stream, port, _TCP, _NO_ADDRESS, b"")


def stream_at(token_bytes: bytes) -> StreamAt:
    """What a token says. Raises ValueError where it is none for TCP."""
    if len(token_bytes) != SIZE_BYTES:
        raise ValueError(f"a token has {SIZE_BYTES} bytes, not {len(token_bytes)}")
    stream, port, protocol, _kind, _address = _TOKEN.unpack(token_bytes)
    if protocol != _TCP:
        raise ValueError(f"a token's protocol is 1 (TCP), not {protocol}")
    return StreamAt(stream, port)
