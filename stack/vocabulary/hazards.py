"""What risk asserts: one hazard per danger seen on the tracks."""

from dataclasses import dataclass
from enum import Enum

from stack.vocabulary.instants import SimNs
from stack.vocabulary.tracks import Track


class HazardKind(Enum):
    """The safety applications that stand on the same tracks."""

    FORWARD_COLLISION_VEHICLE = "forward_collision_vehicle"
    FORWARD_COLLISION_VRU = "forward_collision_vru"
    FOLLOWING_DISTANCE = "following_distance"
    LANE_DEPARTURE = "lane_departure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A danger with the numbers that make it one.

    `required_deceleration_mps2` is what the ego needs, after its own brake lag, to avoid contact.
    `path_probability` is the probability that the object is in the ego's path when reached.
    """

    kind: HazardKind
    track: Track
    gap_m: float
    closing_mps: float
    time_to_collision_s: float
    required_deceleration_mps2: float
    path_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardList:
    """All hazards at one instant, most urgent first."""

    as_of: SimNs
    hazards: tuple[Hazard, ...]
    speed_mps: float
