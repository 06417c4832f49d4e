"""An inertial unit: `InertialSample` from truth, specific force and turn rate in the unit's own axes.

The body follows the slope of the road below it with a short lag; that slope leans gravity into the
forward axis. Each axis has a bias that is drawn once (what calibration left), one that wanders, white
noise, a scale error, a share of its neighbours, a range and a step. Roll and the body's own pitching
under brakes are not in the truth, so they are not here.

Defaults describe a unit of the class of Bosch's BMI088 (public datasheet BST-BMI088-DS001, recalled,
to be confirmed in it: 175 micro-g and 0.014 degrees/s per root hertz, gyro bias instability below 2
degrees/h, offsets within 20 milli-g and 1 degree/s, 16 bits).
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from dataclasses import dataclass, fields
from math import cos, exp, hypot, radians, sin, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.randomness import stream_key
from sim.scenery.scene import Scenery
from sim.scenery.viewpoint import rotation
from sim.sensors.correlated import SlotClock, four_normals, step_noise, unit_noise
from sim.sensors.mounts import MOTION_MOUNT, Mount
from sim.sensors.packing import packed
from sim.truth import ACCELERATION, LATERAL_SPEED, SPEED, YAW_RATE, Roster, TruthFrame
from stack.vocabulary import Finding, InertialSample, InputError, SimNs
from stack.vocabulary.construction import maker

GRAVITY_MPS2 = 9.80665  # standard gravity, ISO 80000-3
_sample = maker(InertialSample)
# A process wandering with deviation sigma has its Allan deviation's peak at 0.618 sigma; a datasheet's
# bias instability B is a floor at 0.664 B: IEEE Std 952, annex C (recalled).
_SIGMA_PER_FLOOR = 0.664 / 0.618


@dataclass(frozen=True, slots=True, kw_only=True)
class InertialParameters:
    """Errors of one unit; sigmas are one standard deviation. Offsets are what a calibration in the vehicle leaves."""

    rate_hz: float = 100.0  # of the first sample; later ones know their step: noise is density times the rate's root
    force_noise_mps2_rthz: float = 175e-6 * GRAVITY_MPS2
    force_bias_sigma_mps2: float = 5e-3 * GRAVITY_MPS2  # a quarter of the datasheet's limit
    force_instability_mps2: float = 40e-6 * GRAVITY_MPS2  # not in the datasheet: usual of the class (own)
    force_scale_sigma_ratio: float = 0.003
    force_range_mps2: float = 6.0 * GRAVITY_MPS2
    force_step_mps2: float = 6.0 * GRAVITY_MPS2 / 32768.0
    turn_noise_radps_rthz: float = radians(0.014)
    turn_bias_sigma_radps: float = radians(0.25)
    turn_instability_radps: float = radians(2.0 / 3600.0)
    turn_scale_sigma_ratio: float = 0.003
    turn_range_radps: float = radians(250.0)
    turn_step_radps: float = radians(250.0 / 32768.0)
    cross_axis_sigma_ratio: float = 0.003
    wander_tau_s: float = 200.0  # of both wandering biases (own)
    pitch_lag_s: float = 0.25  # how fast the body follows a change of slope: a wheelbase at 60 km/h (own)


class _Unit(NamedTuple):
    """What the unit keeps between slots."""

    wander: Any  # (1, 8): six biases
    taus_s: Any  # (8,)
    entities: Any  # (1,)
    motion: Any  # (6,): pitch, turn rate and lateral speed of the last slot, the latter two's derivatives, the rate
    turn: Any  # (3, 3): body from unit
    arm: Any  # (3,): from the centre of the outline, body axes
    out: Any  # (6,)
    parameters: Any
    key: Any


@njit(cache=True, error_model="numpy")
def _follow(motion, slope, turning, aside, dt_s, lag_s):  # type: ignore[no-untyped-def]
    """Step pitch and derivatives to a slot; the rate of pitch, nose up positive."""
    if dt_s < 0.0:
        motion[0], motion[1], motion[2], motion[3], motion[4] = slope, turning, aside, 0.0, 0.0
    elif dt_s > 0.0:
        motion[3], motion[4] = (turning - motion[1]) / dt_s, (aside - motion[2]) / dt_s
        motion[0] = slope + (motion[0] - slope) * exp(-dt_s / lag_s)
        motion[1], motion[2], motion[5] = turning, aside, 1.0 / dt_s
    return (slope - motion[0]) / lag_s


@njit(cache=True, error_model="numpy")
def _measure(state, slope, u, slot, dt_s):  # type: ignore[no-untyped-def]
    """Fill `u.out`: force x, y, z and turn rate x, y, z as reported."""
    p = u.parameters[0]
    if dt_s != 0.0:
        step_noise(u.wander, u.taus_s, dt_s, u.key, u.entities, slot)
    speed, aside, r = state[0, SPEED], state[0, LATERAL_SPEED], state[0, YAW_RATE]
    climb = _follow(u.motion, slope, r, aside, dt_s, p.pitch_lag_s)
    pitch, spin_up, aside_up = u.motion[0], u.motion[3], u.motion[4]
    q = -climb  # ISO 8855: positive turn about y lowers the nose
    ax, ay, az = u.arm[0], u.arm[1], u.arm[2]
    along = q * ay + r * az  # turn rate times lever arm; there is no roll rate
    square = q * q + r * r
    fx = state[0, ACCELERATION] - aside * r + GRAVITY_MPS2 * sin(pitch) - spin_up * ay - square * ax
    fy = aside_up + speed * r + spin_up * ax + q * along - square * ay
    fz = GRAVITY_MPS2 * cos(pitch) + speed * climb + r * along - square * az
    offset, root = _SIGMA_PER_FLOOR, sqrt(u.motion[5])
    for axis in range(3):
        force = u.turn[0, axis] * fx + u.turn[1, axis] * fy + u.turn[2, axis] * fz
        rate = u.turn[1, axis] * q + u.turn[2, axis] * r
        # Drawn once per unit: block 8 + axis for force, 12 + axis for turn: bias, scale, shares of the neighbours.
        b0, b1, b2, b3 = four_normals(u.key, 0, 0, 8 + axis)
        g0, g1, g2, g3 = four_normals(u.key, 0, 0, 12 + axis)
        next_axis, last_axis = (axis + 1) % 3, (axis + 2) % 3
        force_next = u.turn[0, next_axis] * fx + u.turn[1, next_axis] * fy + u.turn[2, next_axis] * fz
        force_last = u.turn[0, last_axis] * fx + u.turn[1, last_axis] * fy + u.turn[2, last_axis] * fz
        rate_next = u.turn[1, next_axis] * q + u.turn[2, next_axis] * r
        rate_last = u.turn[1, last_axis] * q + u.turn[2, last_axis] * r
        n0, n1, _n2, _n3 = four_normals(u.key, 0, slot, 4 + axis)
        force += p.force_scale_sigma_ratio * b1 * force + p.cross_axis_sigma_ratio * (b2 * force_next + b3 * force_last)
        force += p.force_bias_sigma_mps2 * b0 + offset * p.force_instability_mps2 * u.wander[0, axis]
        force += p.force_noise_mps2_rthz * root * n0
        rate += p.turn_scale_sigma_ratio * g1 * rate + p.cross_axis_sigma_ratio * (g2 * rate_next + g3 * rate_last)
        rate += p.turn_bias_sigma_radps * g0 + offset * p.turn_instability_radps * u.wander[0, 3 + axis]
        rate += p.turn_noise_radps_rthz * root * n1
        force = round(force / p.force_step_mps2) * p.force_step_mps2
        rate = round(rate / p.turn_step_radps) * p.turn_step_radps
        u.out[axis] = min(max(force, -p.force_range_mps2), p.force_range_mps2)
        u.out[3 + axis] = min(max(rate, -p.turn_range_radps), p.turn_range_radps)


class Inertial:
    """An inertial unit on the ego. `name` is its stream of chance. Without `scenery` the road is level."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: InertialParameters | None = None,
        mount: Mount = MOTION_MOUNT,
        name: str = "inertial",
        scenery: Scenery | None = None,
    ) -> None:
        p = parameters or InertialParameters()
        _refuse_impossible(p)
        self._scenery = scenery
        self._unit = _Unit(
            wander=unit_noise(1, 8),
            taus_s=np.full(8, p.wander_tau_s),
            entities=np.zeros(1, dtype=np.uint32),
            motion=np.array([0.0, 0.0, 0.0, 0.0, 0.0, p.rate_hz]),
            turn=rotation(mount.yaw_rad, mount.pitch_rad, mount.roll_rad),
            arm=np.array([0.5 * float(roster.size_m[0, 0]) + mount.x_m, mount.y_m, mount.z_m]),
            out=np.zeros(6),
            parameters=packed(p),
            key=stream_key(seed, name),
        )
        self._clock = SlotClock()

    def sense(self, frame: TruthFrame, slot: SimNs) -> InertialSample:
        """One sample."""
        slope_rad = 0.0
        if self._scenery is not None:
            pose = self._scenery.poses(frame)[0][0]
            slope_rad = float(np.arctan2(pose[2, 0], hypot(pose[0, 0], pose[1, 0])))
        _measure(frame.state, slope_rad, self._unit, slot, self._clock.step_s(slot))
        fx, fy, fz, wx, wy, wz = self._unit.out.tolist()
        return _sample(
            force_x_mps2=fx, force_y_mps2=fy, force_z_mps2=fz, rate_x_radps=wx, rate_y_radps=wy, rate_z_radps=wz
        )


def _refuse_impossible(p: InertialParameters) -> None:
    """Refuse a unit that cannot be, all findings at once."""
    least_zero = [field.name for field in fields(p) if "sigma" in field.name or "noise" in field.name]
    above_zero = [field.name for field in fields(p) if field.name not in least_zero and "instability" not in field.name]
    wrong = [(name, "0 or more") for name in least_zero if not getattr(p, name) >= 0.0]
    wrong += [(name, "above 0") for name in above_zero if not getattr(p, name) > 0.0]
    if wrong:
        raise InputError(
            tuple(
                Finding(
                    where="sensor inertial", field=name, problem=f"{getattr(p, name)} cannot be: give a value {least}"
                )
                for name, least in wrong
            )
        )
