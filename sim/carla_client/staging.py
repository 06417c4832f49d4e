"""Where everyone stands in CARLA's world: from a truth row to an actor's origin in three dimensions, and back.

Truth knows the centre of an outline on a map seen from above; a CARLA actor has an origin, a height and
a pitch. World frame, metres, radians, after ISO 8855.
"""

from dataclasses import dataclass
from math import atan, cos, sin

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.wire import (
    P_PITCH,
    P_SPIN,
    P_VX,
    P_VY,
    P_VZ,
    P_X,
    P_Y,
    P_YAW,
    P_Z,
    PLACEMENT_COLUMNS,
    S_VX,
    S_VY,
    S_WZ,
    S_X,
    S_Y,
    S_YAW,
    Spawned,
)
from sim.layout import ActorPlan, Route
from sim.road import route_point
from sim.truth import LATERAL_SPEED, PATH_S, SPEED, YAW, YAW_RATE, X, Y
from sim.twin.ghost import SEEN_COLUMNS

PITCH_OVER_M = 1.0  # a slope is taken over this much of the route


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """How high an actor's road is: along its own route, or one level where that has no heights."""

    stations_m: NDArray[np.float64]
    heights_m: NDArray[np.float64]

    def height_m(self, s_m: float) -> float:
        """Elevation at a station."""
        return float(np.interp(s_m, self.stations_m, self.heights_m))

    def pitch_rad(self, s_m: float) -> float:
        """Slope at a station: positive nose down."""
        rise_m = self.height_m(s_m + PITCH_OVER_M) - self.height_m(s_m - PITCH_OVER_M)
        return -atan(rise_m / (2.0 * PITCH_OVER_M))


def ground_of(plan: ActorPlan, ego_route: Route, x_m: float, y_m: float) -> Ground:
    """The ground under an actor that starts at (x, y); without heights of its own, the ego's road abeam of it."""
    if plan.route.heights_m is not None:
        return Ground(stations_m=plan.route.points[:, 0], heights_m=plan.route.heights_m)
    level_m = 0.0
    if ego_route.heights_m is not None:
        s_m, _ = route_point(ego_route, x_m, y_m)
        level_m = float(np.interp(s_m, ego_route.points[:, 0], ego_route.heights_m))
    return Ground(stations_m=np.array([0.0]), heights_m=np.array([level_m]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an actor's origin is relative to its outline: box centre ahead and to the left, and above its foot."""

    ahead_m: float
    left_m: float
    lift_m: float  # of the origin above the ground


NOTHING = Origin(ahead_m=0.0, left_m=0.0, lift_m=0.0)


def origin_of(spawned: Spawned) -> Origin:
    """From the box that the server gave. CARLA's vehicles and props have their origin on the ground, walkers amidst."""
    x_m, y_m, z_m = spawned.centre_m
    walks = spawned.blueprint.startswith("walker.")
    return Origin(ahead_m=x_m, left_m=y_m, lift_m=0.5 * spawned.size_m[2] - z_m if walks else 0.0)


def placement(row: NDArray[np.float64], origin: Origin, ground: Ground) -> NDArray[np.float64]:
    """Pose and velocity of an actor's origin, (PLACEMENT_COLUMNS,), for a truth row."""
    c, s = cos(row[YAW]), sin(row[YAW])
    placed = np.zeros(PLACEMENT_COLUMNS)
    offset_x, offset_y = c * origin.ahead_m - s * origin.left_m, s * origin.ahead_m + c * origin.left_m
    placed[P_X], placed[P_Y] = row[X] - offset_x, row[Y] - offset_y
    placed[P_Z] = ground.height_m(float(row[PATH_S])) + origin.lift_m
    placed[P_YAW], placed[P_PITCH] = row[YAW], ground.pitch_rad(float(row[PATH_S]))
    placed[P_VX] = row[SPEED] * c - row[LATERAL_SPEED] * s + row[YAW_RATE] * offset_y
    placed[P_VY] = row[SPEED] * s + row[LATERAL_SPEED] * c - row[YAW_RATE] * offset_x
    placed[P_VZ] = -row[SPEED] * sin(placed[P_PITCH])
    placed[P_SPIN] = row[YAW_RATE]
    return placed


def sighted(seen: NDArray[np.float64], origin: Origin) -> NDArray[np.float64]:
    """x, y, yaw of the outline's centre and its velocity in body axes, (SEEN_COLUMNS,), from a sighting."""
    yaw_rad, spin_radps = float(seen[S_YAW]), float(seen[S_WZ])
    c, s = cos(yaw_rad), sin(yaw_rad)
    offset_x, offset_y = c * origin.ahead_m - s * origin.left_m, s * origin.ahead_m + c * origin.left_m
    vx = float(seen[S_VX]) - spin_radps * offset_y
    vy = float(seen[S_VY]) + spin_radps * offset_x
    found = np.empty(SEEN_COLUMNS)
    found[:] = (
        seen[S_X] + offset_x, seen[S_Y] + offset_y, yaw_rad, c * vx + s * vy, c * vy - s * vx, spin_radps,
    )  # fmt: skip
    return found
