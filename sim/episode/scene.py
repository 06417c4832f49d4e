"""What sensors of an episode look at, made once per tick; and what a sensor model is.

World frame and body frames after ISO 8855; metres, radians, seconds. A thing is an actor with a body.
The rows of all arrays are those of `things`. `things` and `lights` stay the same objects until an actor
with a body is spawned or destroyed, so a sensor may keep what it built for them.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.blueprints.blueprint import Blueprint
from sim.episode.structs import ActorStruct, WeatherParameters


class Pose(NamedTuple):
    """Where a body's origin is and how it is turned (`sim.left_handed.rotation`)."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float = 0.0
    roll_rad: float = 0.0


class Thing(NamedTuple):
    """An actor that can be seen. `colour` is 0 to 255 or None where the blueprint has none."""

    actor_id: int
    entity: int  # its number in the order of spawning: for chance
    blueprint: Blueprint
    colour: tuple[int, int, int] | None
    struct: ActorStruct | None = None  # as clients know it: for sensors that name what they met


class TouchSeen(NamedTuple):
    """A contact of this tick between two actors (or an actor and the map: `second` is None)."""

    first: ActorStruct
    second: ActorStruct | None
    label: int  # semantic label of the second
    impulse_ns: tuple[float, float, float]  # on the first, world frame, N s


@dataclass(slots=True, kw_only=True, eq=False)
class Scene:
    """One tick of an episode as sensors see it. Arrays are read-only, a row per thing."""

    town: Any  # `sim.episode.town.Town`: `.still`, `.road`, `.lamps`, ...
    frame: int
    elapsed_ns: int
    delta_s: float
    weather: WeatherParameters
    things: tuple[Thing, ...]
    poses: NDArray[np.float64]  # (n, 6): x, y, z, yaw, pitch, roll of the body's origin
    motions: NDArray[np.float64]  # (n, 6): velocity of the origin and angular velocity, world axes
    accelerations: NDArray[np.float64]  # (n, 3) of the origin, world axes, m/s²
    ways_m: NDArray[np.float64]  # (n,) how far each has gone, for steps and pedals
    lights: NDArray[np.int32]  # (n,) CARLA's vehicle light flags
    signals: NDArray[np.int8]  # (m,) state of each of `town.lamps`: 0 red, 1 yellow, 2 green, 3 off
    touches: tuple[TouchSeen, ...] = ()
    row_of: dict[int, int] | None = None  # actor id to row
    gravity_mps2: float = 9.81  # that inertial units feel


class Mounted(NamedTuple):
    """Where a sensor is this tick."""

    pose: Pose
    velocity_mps: tuple[float, float, float]  # of the sensor's own place, world axes
    spin_radps: tuple[float, float, float]  # world axes
    parent: ActorStruct | None  # what it is attached to
    actor: ActorStruct  # the sensor itself


class SensorModel(Protocol):
    """One spawned sensor. Guarantee: the same scenes give the same bytes, whoever else looks."""

    type_index: int  # the number of its kind in the stream's header

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """The messages of this tick, each without the 48-byte header."""
        ...


class SensorMaker(Protocol):
    """Makes the model of a sensor blueprint. Raises `Refused` for attributes that make no sensor."""

    def __call__(self, blueprint: Blueprint, attributes: dict[str, str], entity: int, seed: int) -> SensorModel:
        """A fresh model."""
        ...
