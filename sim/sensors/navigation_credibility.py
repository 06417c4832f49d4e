"""How far the satellite receiver and the inertial unit can be believed: rows as in `sim.sensors.credibility`.

A row's validity is the distance from the map's origin it speaks for: the sensors know no other. The
sky is open unless the row says otherwise. Figures marked recalled are to be confirmed in their document.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import degrees, hypot, sqrt
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from sim.scenery.still import Fixture
from sim.sensors.credibility import CredibilityRow, one_target
from sim.sensors.geodesy import plane_from_geographic
from sim.sensors.gnss import Gnss
from sim.sensors.inertial import GRAVITY_MPS2, Inertial, InertialParameters
from sim.sensors.mounts import GNSS_MOUNT
from sim.sensors.plain_scenery import plain_scenery
from sim.truth import SPEED, ActorKind, TruthFrame, X
from stack.vocabulary import FixKind, SimNs

_NEO_M8 = "u-blox NEO-M8 datasheet UBX-13003366 (recalled: confirm)"
_SPS_PS = "GPS SPS Performance Standard, 5th edition, April 2020, table 3.8-3 (recalled: confirm)"
_BMI088 = "Bosch BMI088 datasheet BST-BMI088-DS001 (recalled: confirm)"
_EVERYWHERE_M = 20_000.0
_SEEDS = 60
_MINUTES = 40  # per seed, far apart against the errors' time constants
_MINUTE_NS = 60_000_000_000


def _frame(speed_mps: float = 0.0, at_m: float = 0.0) -> TruthFrame:
    frame = one_target(ActorKind.CAR, (4.5, 1.8, 1.5), 50.0)
    state = frame.state.copy()
    state[0, SPEED] = speed_mps
    state[0, X] += at_m
    state.flags.writeable = False
    return replace(frame, state=state)


@cache
def _fixes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(errors east, north, up; own sigmas horizontal, vertical) of a standing receiver, over skies and hours."""
    frame = _frame()
    errors, sigmas = [], []
    for seed in range(_SEEDS):
        receiver = Gnss(seed, frame.roster)
        for minute in range(_MINUTES):
            fix = receiver.sense(frame, SimNs(5 * minute * _MINUTE_NS))
            x_m, y_m = plane_from_geographic(fix.latitude_rad, fix.longitude_rad)
            errors.append((x_m - GNSS_MOUNT.x_m, y_m - GNSS_MOUNT.y_m, fix.height_m - GNSS_MOUNT.z_m))
            sigmas.append((fix.horizontal_sigma_m, fix.vertical_sigma_m))
    return np.array(errors), np.array(sigmas)


def _horizontal_error_m(share: float) -> float:
    errors, _sigmas = _fixes()
    return float(np.quantile(np.hypot(errors[:, 0], errors[:, 1]), share))


def _vertical_error_m(share: float) -> float:
    return float(np.quantile(np.abs(_fixes()[0][:, 2]), share))


def _sigma_consistency() -> float:
    """Root mean square of errors in units of the receiver's own sigma, per horizontal axis."""
    errors, sigmas = _fixes()
    return sqrt(float(np.mean(errors[:, :2] ** 2 / sigmas[:, :1] ** 2)))


def _moving(part: Callable[[float, float], float]) -> float:
    """The median of a measure of (speed error, course error) at 30 m/s."""
    frame = _frame(30.0)
    receiver = Gnss(1, frame.roster)
    fixes = [receiver.sense(frame, SimNs(slot * 100_000_000)) for slot in range(2_000)]
    return median(part(fix.speed_mps, fix.course_rad) for fix in fixes)


def _velocity_error_mps(speed_mps: float, course_rad: float) -> float:
    return hypot(speed_mps * np.cos(course_rad) - 30.0, speed_mps * np.sin(course_rad))


def _reacquisition_s() -> float:
    """Time from the end of an outage under a wide bridge to the next fix, at 20 Hz."""
    bridge = Fixture(kind="bridge", name="bridge", x_m=1_000.0, y_m=0.0, z_m=6.0, yaw_rad=0.0, length_m=300.0,
                     width_m=300.0, height_m=2.0)  # fmt: skip
    outside, under = _frame(), _frame(at_m=1_000.0)
    receiver = Gnss(1, outside.roster, scenery=plain_scenery(outside.roster, (bridge,)))
    step_ns, left_at = 50_000_000, 100
    for index in range(400):
        frame = under if 20 <= index < left_at else outside
        fix = receiver.sense(replace(frame, at=SimNs(index * step_ns)), SimNs(index * step_ns))
        if index >= left_at and fix.kind is not FixKind.NONE:
            return (index - left_at) * step_ns * 1e-9
    return float("inf")


@cache
def _still_samples(seconds: int, rate_hz: float) -> NDArray[np.float64]:
    """(n, 2) forward force and turn rate about the vertical of a standing unit, `rate_hz` samples a second."""
    frame = _frame()
    unit = Inertial(3, frame.roster, replace(InertialParameters(), turn_step_radps=1e-9, force_step_mps2=1e-9))
    step_ns = round(1e9 / rate_hz)
    samples = [unit.sense(frame, SimNs(index * step_ns)) for index in range(round(seconds * rate_hz))]
    return np.array([(sample.force_x_mps2, sample.rate_z_radps) for sample in samples])


def allan_deviation(samples: NDArray[np.float64], group: int) -> float:
    """Allan deviation of means over `group` samples, overlapping: IEEE Std 952."""
    sums = np.concatenate([[0.0], np.cumsum(samples)])
    means = (sums[group:] - sums[:-group]) / group
    steps = means[group:] - means[:-group]
    return sqrt(0.5 * float(np.mean(steps * steps)))


def _allan_floor(column: int) -> float:
    """The least Allan deviation over 50 to 1,000 s, by the 0.664 B of a flat floor, from 1 Hz samples."""
    samples = _still_samples(40_000, 1.0)[:, column]
    return min(allan_deviation(samples, group) for group in (50, 100, 200, 400, 700, 1_000)) / 0.664


def _heading_drift_deg(seconds: int) -> float:
    """Root mean square of the heading integrated from a calibrated start, over seeds."""
    frame = _frame()
    drifts = []
    for seed in range(40):
        unit = Inertial(seed, frame.roster, replace(InertialParameters(), turn_bias_sigma_radps=0.0))
        samples = [unit.sense(frame, SimNs(index * 100_000_000)) for index in range(10 * seconds)]
        drifts.append(sum(sample.rate_z_radps for sample in samples) * 0.1)
    return degrees(sqrt(fmean(drift * drift for drift in drifts)))


# fmt: off
ROWS: tuple[CredibilityRow, ...] = (
    CredibilityRow(quantity="GNSS horizontal position, half of the fixes", unit="m", low=1.75, high=3.25,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_NEO_M8}: 2.5 m CEP",
                   measure=lambda: _horizontal_error_m(0.5)),
    CredibilityRow(quantity="GNSS horizontal position, 95 % of the fixes", unit="m", low=3.0, high=8.0,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_SPS_PS}: at most 8 m",
                   measure=lambda: _horizontal_error_m(0.95)),
    CredibilityRow(quantity="GNSS height, 95 % of the fixes", unit="m", low=5.0, high=13.0,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_SPS_PS}: at most 13 m",
                   measure=lambda: _vertical_error_m(0.95)),
    CredibilityRow(quantity="GNSS error in units of its own sigma", unit="1", low=0.8, high=1.25,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M,
                   source="by definition of a standard deviation, 20 % either way", measure=_sigma_consistency),
    CredibilityRow(quantity="GNSS velocity at 30 m/s, half of the fixes", unit="m/s", low=0.035, high=0.065,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_NEO_M8}: 0.05 m/s",
                   measure=lambda: _moving(_velocity_error_mps)),
    CredibilityRow(quantity="GNSS course at 30 m/s, half of the fixes", unit="deg", low=0.02, high=0.3,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_NEO_M8}: 0.3 degrees",
                   measure=lambda: _moving(lambda _speed, course: abs(degrees(course)))),
    CredibilityRow(quantity="GNSS time to a fix after an outage", unit="s", low=0.5, high=2.0,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M, source=f"{_NEO_M8}: re-acquisition 1 s",
                   measure=_reacquisition_s),
    CredibilityRow(quantity="gyro Allan deviation at 1 s", unit="deg/s", low=0.0095, high=0.0185,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M,
                   source=f"{_BMI088}: 0.014 deg/s per root hertz; one-sided or two-sided: a third either way",
                   measure=lambda: degrees(allan_deviation(_still_samples(300, 100.0)[:, 1], 100))),
    CredibilityRow(quantity="accelerometer Allan deviation at 1 s", unit="micro-g", low=120.0, high=235.0,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M,
                   source=f"{_BMI088}: 175 micro-g per root hertz; one-sided or two-sided: a third either way",
                   measure=lambda: 1e6 / GRAVITY_MPS2 * allan_deviation(_still_samples(300, 100.0)[:, 0], 100)),
    CredibilityRow(quantity="gyro bias instability", unit="deg/h", low=1.0, high=4.0,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M,
                   source=f"{_BMI088}: below 2 deg/h; the floor still holds white noise, hence up to twice",
                   measure=lambda: 3600.0 * degrees(_allan_floor(1))),
    CredibilityRow(quantity="heading drift in 60 s from a calibrated start", unit="deg", low=0.07, high=0.17,
                   valid_from_m=0.0, valid_to_m=_EVERYWHERE_M,
                   source=f"{_BMI088}: 0.014 deg/s per root hertz times the root of 60 s is 0.11 degrees",
                   measure=lambda: _heading_drift_deg(60)),
)
# fmt: on
