"""What a world is asked to play: road, conditions and actors, as plain values.

`scenarios.assembly` makes a layout from a scenario file; a World plays it. Nothing here knows YAML.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sim.truth import ActorKind, Conditions
from stack.vocabulary import SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleModel:
    """A vehicle file: what single-track dynamics and brakes need. Masses as loaded for this run.

    Brakes: a change of demand acts after `brake_dead_time_ns`; then the deceleration approaches it
    with time constant `brake_lag_s` (first order). `brake_max_mps2` is the design maximum at this
    mass. `speed_limit_mps` is the design (or limited) maximum speed.
    """

    name: str
    length_m: float
    width_m: float
    height_m: float
    wheelbase_m: float
    front_axle_to_cg_m: float
    rear_overhang_m: float
    mass_kg: float
    yaw_inertia_kgm2: float
    cornering_front_npr: float
    cornering_rear_npr: float
    tyre_friction_ratio: float
    steer_max_rad: float
    steer_rate_max_radps: float
    steer_lag_s: float
    drive_max_mps2: float
    drive_lag_s: float
    brake_max_mps2: float
    brake_dead_time_ns: int
    brake_lag_s: float
    speed_limit_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path to follow. `points` is (n, 5), read-only: s (m, rising from 0), x, y, yaw, curvature (1/m).

    `heights_m` (n,) is the road's elevation there; None where the path follows no road of its own.
    """

    points: NDArray[np.float64]
    lane_width_m: float
    heights_m: NDArray[np.float64] | None = None


class Behaviour(Enum):
    """How an actor moves."""

    STATIC = "static"
    SCRIPTED = "scripted"  # exactly along its route at the speeds its manoeuvres set
    REACTIVE = "reactive"  # follows its lane with single-track dynamics and IDM
    EGO = "ego"  # single-track dynamics; speed and steering by the driver, brakes by the actuator


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTime:
    """Acts at an exact instant; splits the actor's step."""

    at: SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class GapBelow:
    """Acts at the first grid instant with the free distance between two actors' outlines below."""

    other: str
    gap_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToCollisionBelow:
    """Acts at the first grid instant with gap over closing speed to the other actor below."""

    other: str
    ttc_s: float


Trigger = AtTime | GapBelow | TimeToCollisionBelow


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpeed:
    """Go to a speed along the route at a constant rate of change."""

    speed_mps: float
    rate_mps2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOffset:
    """Go to a lateral offset from the route (left positive) at a constant lateral speed."""

    offset_m: float
    lateral_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Manoeuvre:
    """A trigger and what it starts."""

    trigger: Trigger
    action: SetSpeed | SetOffset


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactiveDriver:
    """Intelligent Driver Model (Treiber, Hennecke, Helbing 2000): parameters of one follower."""

    desired_speed_mps: float
    time_gap_s: float = 1.5
    standstill_gap_m: float = 2.0
    acceleration_mps2: float = 1.0
    comfortable_deceleration_mps2: float = 2.0
    changes_lanes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorPlan:
    """One actor: what it is, where it starts on its route, how it moves.

    `size_m` is length, width, height; `clearance_m` the height of its lower edge. `route` gives
    the direction: a static actor uses only the pose at `s_m`, `offset_m`, turned by `yaw_offset_rad`.
    `s_m` refers to the centre of the outline. `vehicle` is needed by EGO and REACTIVE actors.
    """

    name: str
    kind: ActorKind
    size_m: tuple[float, float, float]
    mass_kg: float
    route: Route
    s_m: float
    offset_m: float = 0.0
    yaw_offset_rad: float = 0.0
    clearance_m: float = 0.0
    speed_mps: float = 0.0
    behaviour: Behaviour = Behaviour.STATIC
    manoeuvres: tuple[Manoeuvre, ...] = ()
    vehicle: VehicleModel | None = None
    reactive: ReactiveDriver | None = None
    left_lane: Route | None = None  # where a lane change to the left or right may go
    right_lane: Route | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything a world plays. `actors[0]` is the ego."""

    map_name: str
    conditions: Conditions
    actors: tuple[ActorPlan, ...]
    seed: int = 0
    settings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeDemand:
    """What the brake actuator asks of the ego's brakes from an instant on, and which request said so."""

    demand_mps2: float
    request_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverControl:
    """What the driver does from an instant on: hold a speed, or be off the pedal; brake by foot.

    `hold_speed_mps` below 0 means the accelerator is released. `pedal_mps2` is the deceleration
    the driver's foot asks for (it passes the same brakes; the larger demand counts).
    """

    hold_speed_mps: float
    pedal_mps2: float


Control = BrakeDemand | DriverControl
