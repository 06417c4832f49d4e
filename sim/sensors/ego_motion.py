"""What the vehicle bus says of the ego's own motion: wheel speed, gyro, accelerometer, driver's inputs.

Resolutions are those of SAE J1939-71: wheel-based vehicle speed 1/256 km/h per bit, yaw rate
1/8192 rad/s per bit, longitudinal acceleration 0.1 m/s2 per bit (from memory, to be confirmed).
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numba import njit

from sim.randomness import normal, stream_key
from sim.sensors.correlated import SlotClock, four_normals
from sim.sensors.mounts import MOTION_MOUNT, Mount
from sim.sensors.packing import packed
from sim.truth import ACCELERATION, SPEED, YAW_RATE, Roster, TruthFrame
from stack.vocabulary import EgoMotion, SimNs
from stack.vocabulary.construction import maker

_motion = maker(EgoMotion)
Pedals = Callable[[], tuple[float, float, float]]
"""Gives accelerator ratio, brake pedal ratio and steering rate (rad/s) at the present instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionParameters:
    """Errors of the motion sensors; sigmas are one standard deviation."""

    speed_step_mps: float = 1.0 / 256.0 / 3.6  # SAE J1939-71, wheel-based vehicle speed
    speed_scale_sigma_ratio: float = 0.005  # tyre radius, one draw per run
    speed_sigma_mps: float = 0.02
    standstill_mps: float = 0.15  # below this the pole wheel gives no pulses and the speed reads 0
    yaw_rate_step_radps: float = 1.0 / 8192.0  # SAE J1939-71, yaw rate
    yaw_rate_sigma_radps: float = 0.0015
    yaw_bias_start_radps: float = 0.001  # sigma of the bias at the start
    yaw_bias_walk_radps: float = 0.0001  # per square root of a second
    acceleration_step_mps2: float = 0.1  # SAE J1939-71, longitudinal acceleration
    acceleration_sigma_mps2: float = 0.08
    acceleration_bias_sigma_mps2: float = 0.05  # one draw per run


@njit(cache=True, error_model="numpy")
def _rounded(value, step):  # type: ignore[no-untyped-def]
    """The nearest multiple of a step."""
    return round(value / step) * step


@njit(cache=True, error_model="numpy")
def _measure(state, size_m, bias, p, key, slot, dt_s):  # type: ignore[no-untyped-def]
    """(speed, yaw rate, acceleration) as reported; `bias` (1,) is the gyro's and walks by `dt_s`."""
    p = p[0]
    if dt_s < 0.0:
        bias[0] = p.yaw_bias_start_radps * normal(key, 0, 0, 1)
    elif dt_s > 0.0:
        bias[0] += p.yaw_bias_walk_radps * sqrt(dt_s) * normal(key, 0, slot, 1)
    scale, offset, _spare2, _spare3 = four_normals(key, 0, 0, 2)
    n0, n1, n2, _spare = four_normals(key, 0, slot, 0)
    true_speed = state[0, SPEED]
    speed = 0.0
    if abs(true_speed) >= p.standstill_mps:
        noisy = true_speed * (1.0 + p.speed_scale_sigma_ratio * scale) + p.speed_sigma_mps * n0
        speed = max(0.0, _rounded(noisy, p.speed_step_mps))
    turning = state[0, YAW_RATE]
    yaw_rate = _rounded(turning + bias[0] + p.yaw_rate_sigma_radps * n1, p.yaw_rate_step_radps)
    lever = 0.5 * size_m[0, 0] + p.x_m
    felt = state[0, ACCELERATION] - turning * turning * lever
    felt += p.acceleration_bias_sigma_mps2 * offset + p.acceleration_sigma_mps2 * n2
    return speed, yaw_rate, _rounded(felt, p.acceleration_step_mps2)


class MotionSensor:
    """Wheel speed, gyro and accelerometer of the ego, and its pedals. `name` is its stream of chance."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: MotionParameters | None = None,
        mount: Mount = MOTION_MOUNT,
        name: str = "ego_motion",
        *,
        pedals: Pedals,
    ) -> None:
        self._parameters = packed(parameters or MotionParameters(), mount)
        self._key = stream_key(seed, name)
        self._bias_radps = np.zeros(1)
        self._size_m = np.ascontiguousarray(roster.size_m)
        self._pedals = pedals
        self._clock = SlotClock()

    def sense(self, frame: TruthFrame, slot: SimNs) -> EgoMotion:
        """One bus message's content."""
        speed, yaw_rate, acceleration = _measure(
            frame.state, self._size_m, self._bias_radps, self._parameters, self._key, slot, self._clock.step_s(slot)
        )
        accelerator, brake, steering = self._pedals()
        return _motion(
            speed_mps=speed,
            yaw_rate_radps=yaw_rate,
            acceleration_mps2=acceleration,
            accelerator_ratio=accelerator,
            brake_pedal_ratio=brake,
            steering_rate_radps=steering,
        )
