"""Small layouts for the twin's tests: straight and bent routes, an ego, others."""

import numpy as np

from sim.layout import ActorPlan, Behaviour, Layout, Manoeuvre, ReactiveDriver, Route
from sim.truth import ActorKind, Conditions, TruthFrame
from sim.twin.vehicles import load_vehicle
from sim.twin.world import TwinWorld
from stack.vocabulary import SimNs

STEP_NS = 10_000_000
DRY, WET, SNOW = 1.0, 0.6, 0.3


def s_to_ns(seconds: float) -> SimNs:
    return SimNs(round(seconds * 1e9))


def conditions(friction_ratio: float = DRY) -> Conditions:
    return Conditions(friction_ratio=friction_ratio, visibility_m=1e4, illuminance_lx=1e4)


def route_of(s_m: np.ndarray, curvature: np.ndarray, y_m: float = 0.0, yaw_rad: float = 0.0) -> Route:
    """A route from its curvature, which is linear between points (integrated finely)."""
    fine = np.linspace(s_m[0], s_m[-1], 20 * (len(s_m) - 1) + 1)
    bend = np.interp(fine, s_m, curvature)
    ds = fine[1] - fine[0]
    yaw = yaw_rad + np.concatenate([[0.0], np.cumsum(0.5 * (bend[1:] + bend[:-1]) * ds)])
    middle = 0.5 * (yaw[1:] + yaw[:-1])
    x = np.concatenate([[0.0], np.cumsum(np.cos(middle) * ds)])
    y = y_m + np.concatenate([[0.0], np.cumsum(np.sin(middle) * ds)])
    return Route(points=np.stack([s_m, x[::20], y[::20], yaw[::20], curvature], axis=1), lane_width_m=3.5)


def straight(length_m: float = 3000.0, y_m: float = 0.0, yaw_rad: float = 0.0) -> Route:
    s_m = np.arange(0.0, length_m + 1.0, 2.0)
    return route_of(s_m, np.zeros_like(s_m), y_m, yaw_rad)


def bend(radius_m: float, spiral_m: float = 80.0, arc_m: float = 300.0) -> Route:
    """200 m straight, a spiral, an arc, a spiral, straight."""
    s_m = np.arange(0.0, 1400.0, 1.0)
    knots = np.cumsum([200.0, spiral_m, arc_m, spiral_m])
    return route_of(s_m, np.interp(s_m, knots, [0.0, 1.0 / radius_m, 1.0 / radius_m, 0.0]))


def ego(
    speed_mps: float = 22.0,
    *,
    route: Route | None = None,
    s_m: float = 50.0,
    offset_m: float = 0.0,
    vehicle: str = "truck_n3_rigid",
    load_ratio: float = 1.0,
) -> ActorPlan:
    model = load_vehicle(vehicle, load_ratio)
    return ActorPlan(
        name="ego",
        kind=ActorKind.TRUCK,
        size_m=(model.length_m, model.width_m, model.height_m),
        clearance_m=0.3,
        mass_kg=model.mass_kg,
        route=route or straight(),
        s_m=s_m,
        offset_m=offset_m,
        speed_mps=speed_mps,
        behaviour=Behaviour.EGO,
        vehicle=model,
    )


def thing(
    name: str,
    s_m: float,
    *,
    size_m: tuple[float, float, float] = (4.0, 1.7, 1.3),
    offset_m: float = 0.0,
    clearance_m: float = 0.0,
    mass_kg: float = 1400.0,
    yaw_rad: float = 0.0,
    route: Route | None = None,
) -> ActorPlan:
    return ActorPlan(
        name=name,
        kind=ActorKind.SOFT_TARGET,
        size_m=size_m,
        clearance_m=clearance_m,
        mass_kg=mass_kg,
        route=route or straight(),
        s_m=s_m,
        offset_m=offset_m,
        yaw_offset_rad=yaw_rad,
    )


def scripted(
    name: str,
    s_m: float,
    speed_mps: float,
    *manoeuvres: Manoeuvre,
    route: Route | None = None,
    offset_m: float = 0.0,
    size_m: tuple[float, float, float] = (4.0, 1.7, 1.3),
) -> ActorPlan:
    return ActorPlan(
        name=name,
        kind=ActorKind.SOFT_TARGET,
        size_m=size_m,
        mass_kg=1400.0,
        route=route or straight(),
        s_m=s_m,
        offset_m=offset_m,
        speed_mps=speed_mps,
        behaviour=Behaviour.SCRIPTED,
        manoeuvres=manoeuvres,
    )


def reactive(
    name: str,
    s_m: float,
    speed_mps: float,
    driver: ReactiveDriver,
    *,
    route: Route,
    left: Route | None = None,
    right: Route | None = None,
) -> ActorPlan:
    model = load_vehicle("car_m1", 0.3)
    return ActorPlan(
        name=name,
        kind=ActorKind.CAR,
        size_m=(model.length_m, model.width_m, model.height_m),
        clearance_m=0.15,
        mass_kg=model.mass_kg,
        route=route,
        s_m=s_m,
        speed_mps=speed_mps,
        behaviour=Behaviour.REACTIVE,
        vehicle=model,
        reactive=driver,
        left_lane=left,
        right_lane=right,
    )


def layout(*actors: ActorPlan, friction_ratio: float = DRY) -> Layout:
    return Layout(map_name="test", conditions=conditions(friction_ratio), actors=actors)


def world(*actors: ActorPlan, friction_ratio: float = DRY) -> TwinWorld:
    return TwinWorld(layout(*actors, friction_ratio=friction_ratio))


def at(played: TwinWorld, seconds: float) -> TruthFrame:
    """Advance to an instant and look."""
    now = s_to_ns(seconds)
    played.advance_to(now)
    return played.observe(now)


def history(played: TwinWorld, seconds: float, from_s: float = 0.0) -> np.ndarray:
    """States at every grid instant up to and including `seconds`: (instants, actors, columns)."""
    first, last = round(from_s * 100), round(seconds * 100)
    return np.stack([at(played, 0.01 * step).state for step in range(first, last + 1)])
