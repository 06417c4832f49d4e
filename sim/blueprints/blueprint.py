"""One blueprint: CARLA's id and attributes, and the body and physics that an actor made from it has.

Sizes in metres, masses in kg. Attribute kinds are CARLA's numbers: 1 bool, 2 int, 3 float, 4 string,
5 RGB colour ("r,g,b").
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sim.layout import VehicleModel
from sim.truth import ActorKind

# CARLA's `tire_friction` of a car tyre whose peak friction on dry road is 1: the default of `static.trigger.friction`
# (its documentation). Peak friction is `tire_friction / NOMINAL_TYRE_FRICTION` (own: CARLA gives no law).
NOMINAL_TYRE_FRICTION: Final = 3.5


class Refused(Exception):
    """A call that cannot be done; its text reaches the client as RuntimeError."""


class AttributeKind(IntEnum):
    """The type of an attribute's value."""

    BOOL = 1
    INT = 2
    FLOAT = 3
    STRING = 4
    COLOUR = 5


class Family(IntEnum):
    """What a blueprint makes; clients know it by the id's beginning."""

    VEHICLE = 0
    WALKER = 1
    CONTROLLER = 2  # controller.ai.walker
    SENSOR = 3
    PROP = 4  # static.prop.*
    TRIGGER = 5  # static.trigger.friction
    TRAFFIC_LIGHT = 6  # of the map; never spawned
    TRAFFIC_SIGN = 7  # of the map; never spawned
    SPECTATOR = 8  # of the episode; never spawned


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute's definition. A modifiable one's default is its first recommended value.

    `limits` bound a number (inclusive); clients do not see them.
    """

    name: str
    kind: AttributeKind
    value: str
    recommended: tuple[str, ...] = ()
    modifiable: bool = True
    restricted: bool = False  # only recommended values are allowed
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """A forward gear."""

    ratio: float
    down_ratio: float
    up_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Driveline:
    """Engine, gears, brakes and steering of a vehicle class, as CARLA's physics control shows them.

    `torque_curve` is (rpm, N m) rising in rpm; `steering_curve` (km/h, share of the full angle).
    """

    torque_curve: tuple[tuple[float, float], ...]
    max_rpm: float
    final_ratio: float
    gears: tuple[Gear, ...]
    gear_switch_time_s: float
    steering_curve: tuple[tuple[float, float], ...]
    steer_max_deg: float
    brake_torque_nm: float  # of one wheel, brake pedal fully down
    handbrake_torque_nm: float  # of one rear wheel
    drag_coefficient: float
    tyre_friction: float
    wheel_radius_m: float
    driven: str  # "front", "rear" or "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The thing itself: what it is drawn as, how large and heavy. Length along x, its origin on the ground.

    The origin is below the middle of the outline; `height_m` is its top and `clearance_m` its lower
    edge above the ground. `axles_m` are the places of front and rear axle along x from the origin,
    `track_m` their width; 0 where it has no wheels. `centre_m` is the centre of mass: x from the
    origin, height. `model` is the twin's model of a vehicle that has a vehicle file, at its load.
    """

    kind: ActorKind
    length_m: float
    width_m: float
    height_m: float
    mass_kg: float
    axles_m: tuple[float, float] = (0.0, 0.0)
    track_m: float = 0.0
    wheels: int = 0
    driveline: Driveline | None = None
    clearance_m: float = 0.0
    centre_m: tuple[float, float] = (0.0, 0.0)
    model: VehicleModel | None = None

    @property
    def box_m(self) -> tuple[float, float, float]:
        """Length, width and height of the box above the clearance, as rosters and meshes want it."""
        return self.length_m, self.width_m, self.height_m - self.clearance_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A row of the library."""

    uid: int
    id: str
    family: Family
    attributes: tuple[Attribute, ...]
    tags: str = ""  # words separated by commas; the id's own words where empty
    body: Body | None = None  # None: nothing that could be touched or seen
    semantic: int = 0  # CARLA's label of what is seen of it

    def default(self, name: str) -> str:
        """An attribute's value unless somebody changes it; "" where there is no such attribute."""
        return next((one.value for one in self.attributes if one.name == name), "")
