"""Values as msgpack, as CARLA's smaller sensor messages are written: a struct is an array of its fields."""

from typing import Any

import msgpack


def packed(*values: Any) -> bytes:
    """The message that holds these values."""
    return bytes(msgpack.packb(values))
