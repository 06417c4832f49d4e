"""How far the twin's braking can be believed: measured on the twin, compared with cited figures.

Every row drives a `TwinWorld`: one vehicle on a straight road, one demand, truth read at 10 ms. Bounds
(law) say what a type-approved vehicle must do; measured figures of real vehicles say how near the
twin is, both ways. Outside the range of `RANGES` the comparison says nothing, and a run is flagged.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np

from sim import truth
from sim.layout import ActorPlan, Behaviour, BrakeDemand, Layout, Route, VehicleModel
from sim.truth import ActorKind, Conditions
from sim.twin.arrays import GRAVITY_MPS2
from sim.twin.vehicles import load_vehicle
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_MS, SimNs

FOOT_M = 0.3048
MILE_M = 1609.344
KMH = 1.0 / 3.6
FULL_DEMAND_MPS2 = 10.0

# The cited dry stops were made on good adhesion (R13, R13-H), FMVSS 121 S6.1.7 on a peak coefficient of 0.9.
DRY_RATIO = 1.0
WET_RATIO = 0.7

Source = tuple[str, str]  # what says so, and how sure that is

# fmt: off
R13_TYPE_0 = ("UN R13, Annex 4, type 0, engine disconnected: s <= 0.15 v + v2/130, MFDD >= 5.0", "recalled")
R13_CONNECTED = ("UN R13, Annex 4, type 0, engine connected: s <= 0.15 v + v2/103.5, MFDD >= 4.0", "recalled")
R13_RESPONSE = ("UN R13, Annex 6: 75 % within 0.6 s, the actuation's 0.2 s included", "recalled")
R13H_TYPE_0 = ("UN R13-H, Annex 3, type 0: s <= 0.1 v + 0.0060 v2, MFDD >= 6.43", "recalled")
R13H_RESPONSE = ("UN R13-H, Annex 3: prescribed braking within 0.6 s of an emergency actuation", "recalled")
FMVSS_121_HEAVIEST = ("FMVSS 121, S5.3.1, heaviest tractors: 310 ft", "secondary")
FMVSS_121 = ("FMVSS 121, S5.3.1: 250 ft", "secondary")
MAKERS = ("Berg, Construction Equipment, 15 Sep 2011: 215 ft with disc, 225 ft with drum brakes", "secondary")
ROAD_TESTS = ("published road tests of production cars: 120-140 ft from 60 mph", "secondary")
WET_TYRES = ("peak friction of heavy-truck tyres on wet road: 0.50-0.65", "recalled")
# fmt: on
_BEFORE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CredibilityRow:
    """One comparison. `tolerance` is a share of the reference; a bound has `side` "at most" or "at least"."""

    name: str
    measured: float
    reference: float
    unit: str
    side: str  # "near" | "at most" | "at least"
    tolerance_ratio: float
    source: str
    certainty: str  # of the reference: "secondary" (read in a secondary source) or "recalled" (not looked up)
    validity: str

    @property
    def passed(self) -> bool:
        """Whether the twin agrees with the reference."""
        slack = abs(self.reference) * self.tolerance_ratio
        if isnan(self.measured):
            return False
        if self.side == "at most":
            return self.measured <= self.reference + slack
        if self.side == "at least":
            return self.measured >= self.reference - slack
        return abs(self.measured - self.reference) <= slack


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityRange:
    """Where the braking of a vehicle has been compared: speed, friction of the road, load."""

    vehicle: str
    speed_mps: tuple[float, float]
    friction_ratio: tuple[float, float]
    load_ratio: tuple[float, float]


RANGES = (
    ValidityRange(vehicle="truck_n3_rigid", speed_mps=(0.0, 27.0), friction_ratio=(0.25, 1.1), load_ratio=(0.0, 1.0)),
    ValidityRange(vehicle="van_n1", speed_mps=(0.0, 28.0), friction_ratio=(0.25, 1.1), load_ratio=(0.0, 1.0)),
    ValidityRange(vehicle="car_m1", speed_mps=(0.0, 36.0), friction_ratio=(0.25, 1.1), load_ratio=(0.0, 1.0)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A full stop on the twin, from the instant of the demand."""

    distance_m: float
    distance_from_onset_m: float  # from the first braking on
    mean_fully_developed_mps2: float  # R13 Annex 4, 1.1.2: between 0.8 and 0.1 of the initial speed
    plateau_mps2: float
    time_to_share_s: Callable[[float], float]  # seconds until brakes reach this share of the plateau


def outside_validity(vehicle: str, speed_mps: float, friction_ratio: float, load_ratio: float) -> tuple[str, ...]:
    """What of a run lies outside the range in which braking was compared; empty if nothing does."""
    for row in RANGES:
        if row.vehicle == vehicle:
            found = []
            for name, value, (low, high) in (
                ("speed_mps", speed_mps, row.speed_mps),
                ("friction_ratio", friction_ratio, row.friction_ratio),
                ("load_ratio", load_ratio, row.load_ratio),
            ):
                if not low <= value <= high:
                    found.append(f"{name} {value:g} is outside {low:g} to {high:g}")
            return tuple(found)
    return (f"no comparison was made for vehicle {vehicle}",)


def stop(vehicle: VehicleModel, speed_mps: float, friction_ratio: float, demand_mps2: float) -> Stop:
    """Brake once from a speed to standstill and read the truth."""
    world = TwinWorld(_straight(vehicle, speed_mps, friction_ratio))
    begin = SimNs(round(_BEFORE_S * 1e9))
    world.apply(BrakeDemand(demand_mps2=demand_mps2, request_sequence=1), begin)
    times, places, speeds, brakes = [], [], [], []
    at = begin
    while True:
        world.advance_to(at)
        row = world.observe(at).state[truth.EGO]
        times.append((at - begin) * 1e-9)
        places.append(float(row[truth.X]))
        speeds.append(float(row[truth.SPEED]))
        brakes.append(float(row[truth.BRAKE]))
        if speeds[-1] <= 0.0:
            break
        at = SimNs(at + 10 * NS_PER_MS)
    falling_mps, way_m = np.array(speeds[::-1]), np.array(places[::-1])
    high, low = 0.8 * speeds[0], 0.1 * speeds[0]
    developed_m = float(np.interp(low, falling_mps, way_m) - np.interp(high, falling_mps, way_m))
    plateau = max(brakes)

    def time_to_share_s(share: float) -> float:
        peak = brakes.index(plateau)
        return float(np.interp(share * plateau, brakes[: peak + 1], times[: peak + 1])) if peak > 0 else nan

    return Stop(
        distance_m=places[-1] - places[0],
        distance_from_onset_m=places[-1] - float(np.interp(vehicle.brake_dead_time_ns * 1e-9, times, places)),
        mean_fully_developed_mps2=(high * high - low * low) / (2.0 * developed_m),
        plateau_mps2=plateau,
        time_to_share_s=time_to_share_s,
    )


def credibility_table() -> tuple[CredibilityRow, ...]:
    """All comparisons, measured now."""
    return (*_truck_rows(), *_light_rows())


def _truck_rows() -> tuple[CredibilityRow, ...]:
    laden, unladen = load_vehicle("truck_n3_rigid", 1.0), load_vehicle("truck_n3_rigid", 0.0)
    slow = stop(laden, 60.0 * KMH, DRY_RATIO, FULL_DEMAND_MPS2)
    empty = stop(unladen, 60.0 * KMH, DRY_RATIO, FULL_DEMAND_MPS2)
    fast = stop(laden, 90.0 * KMH, DRY_RATIO, FULL_DEMAND_MPS2)
    mile = stop(laden, MILE_M / 60.0, DRY_RATIO, FULL_DEMAND_MPS2)
    partial = stop(laden, 80.0 * KMH, DRY_RATIO, 4.0)
    wet = stop(laden, 60.0 * KMH, WET_RATIO, FULL_DEMAND_MPS2)
    bound_60_m, bound_90_m = 0.15 * 60 + 60**2 / 130, 0.15 * 90 + 90**2 / 103.5
    at_60, at_90 = "dry road, 60 km/h", "dry road, 90-97 km/h, 26 t"
    name = "truck stop, 60 mph, laden"
    return (
        _at_most("truck stop, 60 km/h, laden", slow.distance_m, bound_60_m, "m", R13_TYPE_0, at_60),
        _at_least("truck MFDD, 60 km/h, laden", slow.mean_fully_developed_mps2, 5.0, "m/s2", R13_TYPE_0, at_60),
        _at_most("truck stop, 60 km/h, unladen", empty.distance_m, bound_60_m, "m", R13_TYPE_0, at_60),
        _at_least("truck MFDD, 60 km/h, unladen", empty.mean_fully_developed_mps2, 5.0, "m/s2", R13_TYPE_0, at_60),
        _at_most("truck stop, 90 km/h, laden", fast.distance_m, bound_90_m, "m", R13_CONNECTED, at_90),
        _at_least("truck MFDD, 90 km/h, laden", fast.mean_fully_developed_mps2, 4.0, "m/s2", R13_CONNECTED, at_90),
        _at_most("truck, 75 % of full braking", slow.time_to_share_s(0.75), 0.6, "s", R13_RESPONSE, at_60),
        _at_most("truck, 75 % of 4 m/s2", partial.time_to_share_s(0.75), 0.6, "s", R13_RESPONSE, "dry road, 80 km/h"),
        _at_most(name, mile.distance_m, 310 * FOOT_M, "m", FMVSS_121_HEAVIEST, at_90),
        _at_most(name, mile.distance_m, 250 * FOOT_M, "m", FMVSS_121, at_90),
        _near("truck stop, 60 mph, against vehicles", mile.distance_m, 220 * FOOT_M, "m", 0.08, MAKERS, at_90),
        _near("truck friction on wet road", wet.plateau_mps2 / GRAVITY_MPS2, 0.575, "", 0.13, WET_TYRES, "wet road"),
    )


def _light_rows() -> tuple[CredibilityRow, ...]:
    car = stop(load_vehicle("car_m1", 1.0), 100.0 * KMH, DRY_RATIO, FULL_DEMAND_MPS2)
    mile = stop(load_vehicle("car_m1", 0.2), MILE_M / 60.0, DRY_RATIO, FULL_DEMAND_MPS2)
    van = stop(load_vehicle("van_n1", 1.0), 80.0 * KMH, DRY_RATIO, FULL_DEMAND_MPS2)
    at_80, at_100 = "dry road, 80 km/h, laden", "dry road, 97-100 km/h"
    bound_car_m, bound_van_m = 0.1 * 100 + 0.0060 * 100**2, 0.15 * 80 + 80**2 / 130
    way_m = mile.distance_from_onset_m
    return (
        _at_most("car stop, 100 km/h, laden", car.distance_m, bound_car_m, "m", R13H_TYPE_0, at_100),
        _at_least("car MFDD, 100 km/h, laden", car.mean_fully_developed_mps2, 6.43, "m/s2", R13H_TYPE_0, at_100),
        _at_most("car, 75 % of full braking", car.time_to_share_s(0.75), 0.6, "s", R13H_RESPONSE, at_100),
        _near("car stop, 60 mph, against vehicles", way_m, 130 * FOOT_M, "m", 0.077, ROAD_TESTS, at_100),
        _at_most("van stop, 80 km/h, laden", van.distance_m, bound_van_m, "m", R13_TYPE_0, at_80),
        _at_least("van MFDD, 80 km/h, laden", van.mean_fully_developed_mps2, 5.0, "m/s2", R13_TYPE_0, at_80),
    )


def _straight(vehicle: VehicleModel, speed_mps: float, friction_ratio: float) -> Layout:
    """One vehicle alone on 2 km of straight road, free to go at the speed of the test."""
    s_m = np.arange(0.0, 2001.0, 5.0)
    flat = np.zeros_like(s_m)
    ego = ActorPlan(
        name="ego",
        kind=ActorKind.TRUCK,
        size_m=(vehicle.length_m, vehicle.width_m, vehicle.height_m),
        mass_kg=vehicle.mass_kg,
        route=Route(points=np.stack([s_m, s_m, flat, flat, flat], axis=1), lane_width_m=3.5),
        s_m=50.0,
        speed_mps=speed_mps,
        behaviour=Behaviour.EGO,
        vehicle=replace(vehicle, speed_limit_mps=max(vehicle.speed_limit_mps, speed_mps)),
    )
    conditions = Conditions(friction_ratio=friction_ratio, visibility_m=1e4, illuminance_lx=1e4)
    return Layout(map_name="test track", conditions=conditions, actors=(ego,))


def _at_most(name: str, measured: float, reference: float, unit: str, source: Source, at: str) -> CredibilityRow:
    return _row("at most", 0.0, name, measured, reference, unit, source, at)


def _at_least(name: str, measured: float, reference: float, unit: str, source: Source, at: str) -> CredibilityRow:
    return _row("at least", 0.0, name, measured, reference, unit, source, at)


def _near(
    name: str, measured: float, reference: float, unit: str, tolerance: float, source: Source, at: str
) -> CredibilityRow:
    return _row("near", tolerance, name, measured, reference, unit, source, at)


def _row(
    side: str, tolerance: float, name: str, measured: float, reference: float, unit: str, source: Source, at: str
) -> CredibilityRow:
    return CredibilityRow(
        name=name,
        measured=measured,
        reference=reference,
        unit=unit,
        side=side,
        tolerance_ratio=tolerance,
        source=source[0],
        certainty=source[1],
        validity=at,
    )
