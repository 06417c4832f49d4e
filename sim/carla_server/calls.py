"""The table of calls: what a client may ask, which shape it has, who answers, and how much of it is real.

Each subject of calls has its own file with a tuple `CALLS`; `sim.carla_server.table` joins them. The
README's table of what is implemented is printed from here.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple


class Returns(Enum):
    """How an answer is wrapped."""

    VALUE = "value"  # [[1, value]], or [[0, [message]]]
    VOID = "void"  # [[false]], or [[true, [message]]]
    RAW = "raw"  # the value itself


class Depth(Enum):
    """How much of a call is implemented."""

    FULL = "works"
    PARTLY = "works in part"
    ACCEPTED = "accepted, changes nothing"
    REFUSED = "refused with a reason"


class Call(NamedTuple):
    """A row: `answer(server, caller, *arguments)`; arguments were read as `takes`. `note` says what is missing."""

    name: str
    takes: tuple[Any, ...]
    returns: Returns
    answer: Callable[..., Any]
    depth: Depth = Depth.FULL
    note: str = ""
