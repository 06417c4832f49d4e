"""What is really there. The stack never sees this; sensors and the judge do.

State lives in one array per instant, a row per actor and a column per quantity, so that it can be
copied, hashed and sliced at once. Row 0 is the ego. Frames and axes: `stack.vocabulary.frames`.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from stack.vocabulary import Pose, SimNs

# Columns of a truth state, shape (n_actors, COLUMNS), float64.
X, Y, YAW = 0, 1, 2  # centre of the outline in the world frame: m, m, rad
SPEED, LATERAL_SPEED, YAW_RATE = 3, 4, 5  # body frame: m/s, m/s, rad/s
ACCELERATION = 6  # longitudinal, m/s²
BRAKE = 7  # deceleration the brakes produce now, positive, m/s²
STEER = 8  # road-wheel angle, rad
PATH_S, PATH_OFFSET, PATH_CURVATURE = 9, 10, 11  # on the actor's route: m, m to the left, 1/m
DRIVE = 12  # acceleration the drive produces now, m/s²
COLUMNS = 13

EGO = 0


class ActorKind(IntEnum):
    """What an actor is."""

    CAR = 0
    VAN = 1
    TRUCK = 2
    CYCLIST = 3
    ADULT = 4
    CHILD = 5
    SOFT_TARGET = 6  # ISO 19206-3 car target
    STEEL_PLATE = 7
    GANTRY = 8
    GUARD_RAIL = 9
    BUILDING = 10
    BUS = 11
    MOTORCYCLE = 12
    CONE = 13
    DEBRIS = 14


ARTICULATED_FROM_M = 13.0  # a TRUCK longer than this is a tractor with its trailer (rigid ones end at 12 m: 96/53/EC)
VEHICLE_KINDS = frozenset(
    {ActorKind.CAR, ActorKind.VAN, ActorKind.TRUCK, ActorKind.SOFT_TARGET, ActorKind.BUS, ActorKind.MOTORCYCLE}
)
VRU_KINDS = frozenset({ActorKind.CYCLIST, ActorKind.ADULT, ActorKind.CHILD})
# Things a vehicle drives over or under, or that line the road: never a contact with the ego's hull
# unless the geometry says so (a gantry's `clearance_m` is its lower edge).
ROAD_USER_KINDS = VEHICLE_KINDS | VRU_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Weather, light and road of a run. `friction_ratio` is peak tyre-road friction.

    `visibility_m` is the meteorological optical range (contrast falls to 5 %; WMO-No. 8, 1.9);
    `illuminance_lx` the light of sun and sky on level ground, to which sky and sun are scaled. The
    sun's azimuth is counter-clockwise from the world's x axis; below the horizon it gives no light.
    """

    friction_ratio: float
    visibility_m: float
    illuminance_lx: float
    sun_elevation_rad: float = 0.7
    sun_azimuth_rad: float = 2.2
    cloud_ratio: float = 0.2  # share of the direct sun that clouds take
    rain_mmph: float = 0.0
    wetness_ratio: float = 0.0  # 0 dry road, 1 a closed film of water


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who takes part, in row order. Arrays are read-only.

    `size_m` is (n, 3): length, width, height. `clearance_m` (n,) is the height of the lower edge.
    `entities` (n,) uint32 are hashes of the scenario names, for chance.
    """

    names: tuple[str, ...]
    kinds: tuple[ActorKind, ...]
    entities: NDArray[np.uint32]
    size_m: NDArray[np.float64]
    clearance_m: NDArray[np.float64]
    mass_kg: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthFrame:
    """All actors at one instant; `state` is (n_actors, COLUMNS), read-only."""

    at: SimNs
    roster: Roster
    conditions: Conditions
    state: NDArray[np.float64]

    def pose(self, row: int) -> Pose:
        """Centre of an actor's outline in the world frame."""
        x_m, y_m, yaw_rad = self.state[row, :3].tolist()
        return Pose(x_m, y_m, yaw_rad)

    def ego_frame(self) -> Pose:
        """The ego frame: centre of the ego's front edge, world coordinates."""
        x_m, y_m, yaw_rad = self.state[EGO, :3].tolist()
        half_m = 0.5 * float(self.roster.size_m[EGO, 0])
        return Pose(x_m + half_m * float(np.cos(yaw_rad)), y_m + half_m * float(np.sin(yaw_rad)), yaw_rad)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """First touch of two hulls: where, how fast, and what it did (plastic impact)."""

    at: SimNs
    first: str
    second: str
    x_m: float
    y_m: float
    relative_speed_mps: float
    delta_v_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeOnset:
    """The ego's service brake force left zero, exactly then, because of this request."""

    at: SimNs
    request_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManoeuvreBegan:
    """A scripted manoeuvre's trigger came."""

    at: SimNs
    actor: str
    index: int


WorldEvent = Contact | BrakeOnset | ManoeuvreBegan
