"""From the acceleration and road-wheel angle that are wanted to the pedals and steering of one CARLA vehicle.

A brake map is what a blueprint does: its net acceleration at several speeds for every position of one
pedal axis, from -1 (brake fully down) over 0 (nothing) to 1 (throttle fully down). Drag of the server's
vehicle is in it, so asking the map for an acceleration gives that acceleration.
"""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.wire import DriveFacts, Pedals

STOPPED_MPS = 0.05  # below: the brakes hold the vehicle, or nothing asks it to move
HOLDING_RATIO = 0.5  # own choice: brake pedal of a vehicle that stands because its brakes are applied


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrakeMap:
    """`speeds_mps` (n,) and `axis` (m,) rise; `acceleration_mps2` (n, m) rises along the axis."""

    blueprint: str
    speeds_mps: NDArray[np.float64]
    axis: NDArray[np.float64]
    acceleration_mps2: NDArray[np.float64]

    @property
    def digest(self) -> str:
        """8 hex digits of what it says."""
        return blake2b(self.acceleration_mps2.tobytes() + self.axis.tobytes(), digest_size=4).hexdigest()

    def acceleration(self, speed_mps: float, axis: float) -> float:
        """What the vehicle does at this speed with the pedal axis here, m/s²."""
        return float(np.interp(axis, self.axis, self._row(speed_mps)))

    def axis_for(self, speed_mps: float, acceleration_mps2: float) -> float:
        """Where the pedal axis must be; the end of it where the vehicle cannot do what is wanted."""
        return float(np.interp(acceleration_mps2, self._row(speed_mps), self.axis))

    def strongest_mps2(self, speed_mps: float) -> float:
        """The deceleration of a full brake application at this speed, positive."""
        return -float(self._row(speed_mps)[0])

    def linearity(self) -> float:
        """Largest deviation of the brake half from a straight line, as a share of its range."""
        brakes = self.axis <= 0.0
        worst = 0.0
        for row in self.acceleration_mps2[:, brakes]:
            line = np.interp(self.axis[brakes], [self.axis[0], 0.0], [row[0], row[-1]])
            worst = max(worst, float(np.abs(row - line).max()) / max(float(row[-1] - row[0]), 1e-9))
        return worst

    def _row(self, speed_mps: float) -> NDArray[np.float64]:
        """The accelerations along the axis at a speed, between the measured speeds by a straight line."""
        speeds = self.speeds_mps
        if speed_mps <= speeds[0]:
            return np.asarray(self.acceleration_mps2[0])
        if speed_mps >= speeds[-1]:
            return np.asarray(self.acceleration_mps2[-1])
        index = bisect_right(speeds, speed_mps) - 1
        share = (speed_mps - speeds[index]) / (speeds[index + 1] - speeds[index])
        low, high = self.acceleration_mps2[index], self.acceleration_mps2[index + 1]
        return np.asarray(low + share * (high - low))


def brake_map(
    blueprint: str, speeds_mps: NDArray[np.float64], axis: NDArray[np.float64], measured_mps2: NDArray[np.float64]
) -> BrakeMap:
    """A map from measurements: where the measured response falls back it is held, so that it can be inverted."""
    rising = np.maximum.accumulate(measured_mps2, axis=1)
    rising += np.arange(len(axis)) * 1e-9  # a pedal's dead travel: strictly rising, so that the answer is unique
    for array in (speeds_mps, axis, rising):
        array.setflags(write=False)
    return BrakeMap(blueprint=blueprint, speeds_mps=speeds_mps, axis=axis, acceleration_mps2=rising)


def steer_ratio(angle_rad: float, speed_mps: float, facts: DriveFacts) -> float:
    """CARLA's steering value for a road-wheel angle (left positive), its speed curve undone."""
    share = 1.0
    if facts.steering_curve:
        speeds = [point[0] for point in facts.steering_curve]
        share = float(np.interp(speed_mps, speeds, [point[1] for point in facts.steering_curve]))
    reach_rad = max(facts.steer_max_rad * share, 1e-6)
    return min(max(angle_rad / reach_rad, -1.0), 1.0)


def gear_for(speed_mps: float, facts: DriveFacts) -> int:
    """The gear an automatic gearbox would come to rest in: the lowest that it would not leave upwards.

    A gearbox changes one gear at a time and takes a second for each: a vehicle that is put on the road at a speed
    would be in the wrong one for long.
    """
    for number, (top_mps, up_ratio) in enumerate(facts.gears, start=1):
        if speed_mps <= up_ratio * top_mps:
            return number
    return len(facts.gears)


def pedals_of(axis: float, steer: float) -> Pedals:
    """The two pedals of one axis, each as the single-precision number that goes over the wire."""
    throttle = float(np.float32(max(axis, 0.0)))
    brake = float(np.float32(max(-axis, 0.0)))
    return Pedals(throttle_ratio=throttle, brake_ratio=brake, steer_ratio=float(np.float32(steer)))
