"""How far the sensor models can be believed: each row measures a model and holds it to a cited figure.

A cited accuracy "+/- a" is read as two standard deviations (95 %). A row's band is what counts as
agreement, with the tolerance worked in; its validity is the range of distances it speaks for. Source
notes say where a figure was quoted from memory of a public document and is to be confirmed in it.
The accuracy rows measure a point-like target: glint of an extended body and misalignment are off.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import degrees, sqrt
from statistics import fmean, median, pstdev

import numpy as np

from sim.randomness import entity_id
from sim.sensors.object_camera import ObjectCamera
from sim.sensors.plain_scenery import plain_scenery
from sim.sensors.radar import Radar, RadarParameters
from sim.truth import COLUMNS, SPEED, ActorKind, Conditions, Roster, TruthFrame
from stack.vocabulary import START, CameraObject, RadarDetection, SimNs

_PERIOD_NS = 250_000_000  # longer than the correlated fluctuation lasts, so that samples are nearly free
_SAMPLES = 400
_SEEDS = 8
_CLEAR_DAY = Conditions(friction_ratio=0.8, visibility_m=20_000.0, illuminance_lx=20_000.0)
_EGO_SIZE_M = (10.0, 2.5, 3.5)
_CAR = (ActorKind.CAR, (4.5, 1.8, 1.5))
_ADULT = (ActorKind.ADULT, (0.5, 0.6, 1.75))
_POINT_RADAR = replace(RadarParameters(), glint_along_m=0.0, glint_ratio=0.0, alignment_sigma_rad=0.0)

_ARS408 = "Continental ARS 408-21 datasheet (quoted from memory: confirm)"
_STEIN = "Stein, Mano, Shashua, IEEE Intelligent Vehicles 2003: about 5 % at these distances (from memory: confirm)"
_JRC = "Fortuny-Guasch, Chareau, JRC EUR 25762 EN (2013): people about -10 to 0 dBsm at 77 GHz (from memory: confirm)"
_DRI = "Silberling et al., DRI-TM-14-70-1 (2014): small cars about +5 to +20 dBsm at 77 GHz (from memory: confirm)"
_KITTI = "Geiger, Lenz, Urtasun, CVPR 2012: objects under 25 px high are graded hard (from memory: confirm)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredibilityRow:
    """One figure: what it is, its accepted band, where it holds, who says so, and how to measure it."""

    quantity: str
    unit: str
    low: float
    high: float
    valid_from_m: float
    valid_to_m: float
    source: str
    measure: Callable[[], float]


def one_target(kind: ActorKind, size_m: tuple[float, float, float], distance_m: float) -> TruthFrame:
    """An ego at rest and one standing thing straight ahead, its nearest edge at `distance_m`, on a clear day."""
    names = ("ego", "target")
    roster = Roster(
        names=names,
        kinds=(ActorKind.TRUCK, kind),
        entities=np.array([entity_id(name) for name in names], dtype=np.uint32),
        size_m=np.array([_EGO_SIZE_M, size_m]),
        clearance_m=np.zeros(2),
        mass_kg=np.array([26_000.0, 1_000.0]),
    )
    state = np.zeros((2, COLUMNS))
    state[0, 0] = -0.5 * _EGO_SIZE_M[0]
    state[1, 0] = distance_m + 0.5 * size_m[0]
    state[:, SPEED] = 0.0
    state.flags.writeable = False
    return TruthFrame(at=START, roster=roster, conditions=_CLEAR_DAY, state=state)


def _slots() -> tuple[SimNs, ...]:
    return tuple(SimNs(index * _PERIOD_NS) for index in range(_SAMPLES))


def _echoes(
    target: tuple[ActorKind, tuple[float, float, float]], distance_m: float, parameters: RadarParameters
) -> list[RadarDetection | None]:
    """Per slot the strongest detection within 3 m of the target, or none."""
    frame = one_target(*target, distance_m)
    radar = Radar(1, frame.roster, parameters, scenery=plain_scenery(frame.roster))
    found: list[RadarDetection | None] = []
    for slot in _slots():
        near = [
            each
            for each in radar.sense(frame, slot).detections
            if abs(each.range_m - distance_m) < 3.0 and abs(each.azimuth_rad) < 0.05
        ]
        found.append(max(near, key=lambda each: each.snr_db) if near else None)
    return found


def _spread(distances_m: tuple[float, ...], part: Callable[[RadarDetection], float]) -> float:
    """Twice the standard deviation of a quantity of the echoes of a point-like car, mean over distances."""
    spreads = []
    for distance_m in distances_m:
        values = [part(each) for each in _echoes(_CAR, distance_m, _POINT_RADAR) if each is not None]
        spreads.append(2.0 * pstdev(values))
    return fmean(spreads)


def _half_range_m(ratio_at: Callable[[float], float], step_m: float, most_m: float) -> float:
    """The first distance, in steps, at which fewer than half of the samples show the target."""
    distance_m = step_m
    while distance_m < most_m and ratio_at(distance_m) >= 0.5:
        distance_m += step_m
    return distance_m


def _radar_half_range_m(target: tuple[ActorKind, tuple[float, float, float]]) -> float:
    def ratio_at(distance_m: float) -> float:
        echoes = _echoes(target, distance_m, RadarParameters())
        return sum(each is not None for each in echoes) / len(echoes)

    return _half_range_m(ratio_at, 10.0, 250.0)


def _median_rcs_dbsm(target: tuple[ActorKind, tuple[float, float, float]], distance_m: float) -> float:
    return median(each.rcs_dbsm for each in _echoes(target, distance_m, RadarParameters()) if each is not None)


def _views(
    target: tuple[ActorKind, tuple[float, float, float]], distance_m: float, seed: int
) -> list[tuple[CameraObject, ...]]:
    """What the camera lists within 40 % of the target's distance, per slot."""
    frame = one_target(*target, distance_m)
    camera = ObjectCamera(seed, frame.roster)
    listed = (camera.sense(frame, slot).objects for slot in _slots()[:: max(1, _SAMPLES // 100)])
    return [tuple(each for each in objects if abs(each.x_m / distance_m - 1.0) < 0.4) for objects in listed]


def _camera_range_error_percent() -> float:
    """Root mean square of the relative range error of a car at 50, 70 and 90 m, over seeds."""
    errors = [
        each.x_m / distance_m - 1.0
        for distance_m in (50.0, 70.0, 90.0)
        for seed in range(_SEEDS)
        for objects in _views(_CAR, distance_m, seed)
        for each in objects
    ]
    return 100.0 * sqrt(fmean(error * error for error in errors))


def _camera_lateral_error_m() -> float:
    """Standard deviation of the lateral position of a car at 50 m, over seeds."""
    return pstdev(each.y_m for seed in range(_SEEDS) for objects in _views(_CAR, 50.0, seed) for each in objects)


def _camera_half_range_m() -> float:
    def ratio_at(distance_m: float) -> float:
        seen = [bool(objects) for seed in range(_SEEDS) for objects in _views(_ADULT, distance_m, seed)]
        return sum(seen) / len(seen)

    return _half_range_m(ratio_at, 10.0, 200.0)


# fmt: off
ROWS: tuple[CredibilityRow, ...] = (
    CredibilityRow(quantity="radar range accuracy, far", unit="m", low=0.2, high=0.6,
                   valid_from_m=75.0, valid_to_m=200.0, source=f"{_ARS408}: +/- 0.40 m",
                   measure=lambda: _spread((80.0, 120.0, 160.0), lambda each: each.range_m)),
    CredibilityRow(quantity="radar range accuracy, near", unit="m", low=0.05, high=0.15,
                   valid_from_m=5.0, valid_to_m=70.0, source=f"{_ARS408}: +/- 0.10 m",
                   measure=lambda: _spread((20.0, 40.0, 60.0), lambda each: each.range_m)),
    CredibilityRow(quantity="radar azimuth accuracy", unit="deg", low=0.05, high=0.2,
                   valid_from_m=5.0, valid_to_m=100.0, source=f"{_ARS408}: +/- 0.1 deg",
                   measure=lambda: _spread((40.0, 60.0, 90.0), lambda each: degrees(each.azimuth_rad))),
    CredibilityRow(quantity="radar range rate accuracy", unit="m/s", low=0.014, high=0.056,
                   valid_from_m=5.0, valid_to_m=150.0, source=f"{_ARS408}: +/- 0.1 km/h",
                   measure=lambda: _spread((40.0, 80.0, 120.0), lambda each: each.range_rate_mps)),
    CredibilityRow(quantity="radar range to a car, half of the scans", unit="m", low=150.0, high=250.0,
                   valid_from_m=5.0, valid_to_m=250.0, source=f"{_ARS408}: up to 250 m",
                   measure=lambda: _radar_half_range_m(_CAR)),
    CredibilityRow(quantity="radar range to an adult, half of the scans", unit="m", low=60.0, high=130.0,
                   valid_from_m=5.0, valid_to_m=130.0,
                   source=f"radar equation between the car's range and {_JRC}: 10 to 18 dB below a car",
                   measure=lambda: _radar_half_range_m(_ADULT)),
    CredibilityRow(quantity="cross-section of an adult", unit="dBsm", low=-10.0, high=0.0,
                   valid_from_m=5.0, valid_to_m=80.0, source=_JRC, measure=lambda: _median_rcs_dbsm(_ADULT, 40.0)),
    CredibilityRow(quantity="cross-section of a car from behind", unit="dBsm", low=5.0, high=20.0,
                   valid_from_m=5.0, valid_to_m=200.0, source=_DRI, measure=lambda: _median_rcs_dbsm(_CAR, 60.0)),
    CredibilityRow(quantity="camera range error of a car", unit="%", low=3.0, high=7.0,
                   valid_from_m=45.0, valid_to_m=90.0, source=_STEIN, measure=_camera_range_error_percent),
    CredibilityRow(quantity="camera lateral error of a car at 50 m", unit="m", low=0.06, high=0.4,
                   valid_from_m=10.0, valid_to_m=60.0,
                   source="1 to 10 px of a 1200 px focal length, the spread of box edges in detectors' lists",
                   measure=_camera_lateral_error_m),
    CredibilityRow(quantity="camera range to an adult, half of the frames", unit="m", low=60.0, high=140.0,
                   valid_from_m=5.0, valid_to_m=140.0,
                   source=f"{_KITTI}; at 1200 px an adult has 25 px at 84 m, 15 px at 140 m",
                   measure=_camera_half_range_m),
)
# fmt: on
