"""The few things this World asks of a CARLA server, as plain values: what tests replace, what a process can carry.

Axes after ISO 8855, metres, radians, seconds, as everywhere outside `sim.left_handed`. Whoever
implements `Wire` may be slow, may be another process and may fail: it raises `MissingPart` for what the
server lacks and `MachineryError` for what broke, with the mend in the text.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.background import Background

# Columns of a sighting, (n, SIGHTING_COLUMNS): the actor's own origin, world axes.
S_X, S_Y, S_Z, S_YAW, S_PITCH, S_ROLL = 0, 1, 2, 3, 4, 5
S_VX, S_VY, S_VZ = 6, 7, 8
S_WX, S_WY, S_WZ = 9, 10, 11
SIGHTING_COLUMNS = 12

# Columns of a placement, (n, PLACEMENT_COLUMNS): pose and velocity that an actor is to have, world axes.
P_X, P_Y, P_Z, P_YAW, P_PITCH, P_VX, P_VY, P_VZ, P_SPIN = 0, 1, 2, 3, 4, 5, 6, 7, 8
PLACEMENT_COLUMNS = 9

NOBODY = 0  # instead of an ego's number: a tick that drives nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintFacts:
    """One row of a server's library: its id, and its attributes' present values."""

    id: str
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str:
        """An attribute's value; "" where there is none."""
        return next((value for key, value in self.attributes if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a server says of itself."""

    server_version: str
    client_version: str
    map_name: str
    maps: tuple[str, ...]
    blueprints: tuple[BlueprintFacts, ...]

    @property
    def library_digest(self) -> str:
        """Digest of the blueprint ids, 8 hex digits: tells one kind of server from another."""
        listed = "\n".join(sorted(one.id for one in self.blueprints))
        return blake2b(listed.encode(), digest_size=4).hexdigest()

    @property
    def ids(self) -> frozenset[str]:
        """The blueprint ids."""
        return frozenset(one.id for one in self.blueprints)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnOrder:
    """An actor to be made at a pose; `physics` says whether the server moves it."""

    name: str
    blueprint: str
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float = 0.0
    physics: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned:
    """An actor that was made: its number, and its box relative to its origin (centre, full size)."""

    actor_id: int
    blueprint: str
    centre_m: tuple[float, float, float]
    size_m: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveFacts:
    """What a vehicle's physics say: mass, the wheels' greatest angle, the share of it by speed, the gears.

    A gear is the speed at the engine's greatest rpm, and the share of that at which it is left upwards.
    """

    mass_kg: float
    steer_max_rad: float
    steering_curve: tuple[tuple[float, float], ...]  # (m/s, share)
    gears: tuple[tuple[float, float], ...] = ()


class Pedals(NamedTuple):
    """What the ego's driver does to a CARLA vehicle: shares from 0 to 1, steering from -1 (right) to 1 (left).

    A gear above 0 is taken by hand; 0 leaves it to the automatic gearbox.
    """

    throttle_ratio: float = 0.0
    brake_ratio: float = 0.0
    steer_ratio: float = 0.0
    gear: int = 0


class Touch(NamedTuple):
    """A collision event of CARLA's own sensor on the ego: in which frame, with whom, how hard (N s)."""

    frame: int
    actor_id: int
    impulse_ns: float


class StreamOrder(NamedTuple):
    """A sensor of CARLA's own on the ego, and how often it is due.

    Its pose is relative to the ego frame (front edge, on the ground); on a wire, to the ego's origin.
    """

    name: str
    blueprint: str
    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float
    roll_rad: float
    period_ticks: int
    attributes: tuple[tuple[str, str], ...] = ()


class StreamFrame(NamedTuple):
    """One message of such a sensor as CARLA sent it. `size` is width and height or what there is instead."""

    sensor: str
    frame: int
    size: tuple[int, ...]
    data: bytes


class Tick(NamedTuple):
    """What came of one tick: its frame, server time, and the watched actors in order (NaN: gone)."""

    frame: int
    elapsed_s: float
    delta_s: float
    seen: NDArray[np.float64]  # (watched, SIGHTING_COLUMNS)
    touches: tuple[Touch, ...]
    streams: tuple[StreamFrame, ...]


class Wire(Protocol):
    """One client on one server.

    Guarantees: `tick` returns when the snapshot of exactly the frame it caused has come; what was
    spawned or changed through a wire is undone by its `close`, which may be called twice; nothing
    hangs for longer than the wire's time-out.
    """

    def facts(self) -> ServerFacts:
        """Versions, maps and blueprints."""
        ...

    def open_map(self, name: str, xodr: str) -> str:
        """Make this map the world, by name if the server's text is the same, else from the text; says how.

        What was spawned is gone; a clock that was held stays held.
        """
        ...

    def hold(self, tick_s: float) -> None:
        """Take the clock: synchronous mode with this fixed step."""
        ...

    def set_weather(self, values: tuple[tuple[str, float], ...]) -> None:
        """Set weather parameters by CARLA's names."""
        ...

    def spawn(self, orders: tuple[SpawnOrder, ...]) -> tuple[Spawned, ...]:
        """Make actors; MachineryError names those the server refused."""
        ...

    def traffic(self, background: Background, clear_of: tuple[tuple[float, float], ...]) -> tuple[Spawned, ...]:
        """Make CARLA-driven vehicles, then walkers, away from some places."""
        ...

    def drives(self, actor_id: int) -> DriveFacts:
        """A vehicle's physics."""
        ...

    def watch(self, ego_id: int, actor_ids: tuple[int, ...]) -> None:
        """From now on ticks report these actors, the ego's collisions among them."""
        ...

    def listen(self, ego_id: int, orders: tuple[StreamOrder, ...]) -> None:
        """From now on ticks carry these sensors' messages."""
        ...

    def launch(self, actor_id: int, placement: NDArray[np.float64]) -> None:
        """Put a vehicle somewhere, moving: before the first tick, or for a probe of its brakes."""
        ...

    def tick(self, ego_id: int, pedals: Pedals, actor_ids: tuple[int, ...], placements: NDArray[np.float64]) -> Tick:
        """Set the ego's pedals and the others' places, and let the server go one step on."""
        ...

    def clear(self) -> None:
        """Destroy everything this wire has spawned."""
        ...

    def close(self) -> None:
        """Undo everything and let go."""
        ...
