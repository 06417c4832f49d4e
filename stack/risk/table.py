"""The table of hazards: a new one is a file with `assess` and a row here."""

from collections.abc import Callable

from stack.risk import following_distance, forward_collision, lane_departure
from stack.risk.scene import Scene
from stack.vocabulary import Hazard

HAZARDS: tuple[tuple[str, Callable[[Scene], list[Hazard]]], ...] = (
    ("forward collision",  forward_collision.assess),
    ("following distance", following_distance.assess),
    ("lane departure",     lane_departure.assess),
)  # fmt: skip
