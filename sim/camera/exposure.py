"""Automatic exposure and gain: a first-order approach to a level, a few frames late, within limits.

The control sees what the imager counted, clipped where that clips, and knows what it commanded itself:
a fault that changes the exposure behind its back is answered like a change of light. Its state steps
once per slot.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from collections import deque
from math import exp, log, log2
from typing import Any

from numba import njit

from sim.camera.parameters import BLUE, GREEN, RED, ExposureParameters, ImagerParameters, electrons_per_s
from stack.vocabulary import NS_PER_S, MachineryError, SimNs

_LEAST_LEVEL = 1e-4  # of full scale: less is noise
_DB_PER_STOP = 20.0 * 0.3010299956639812  # a factor 2 of the signal


class ExposureControl:
    """Exposure time and gain of one camera, frame by frame."""

    def __init__(self, parameters: ExposureParameters, imager: ImagerParameters) -> None:
        self._p = parameters
        self._signal = electrons_per_s(imager)[1]  # white balance brings the other channels up to green
        self._full = imager.full_well_e
        self._clip = imager.capture_ratio
        self._least = log2(parameters.shortest_s)
        self._most = log2(parameters.longest_s) + parameters.most_gain_db / _DB_PER_STOP
        self._slot: SimNs | None = None
        self._stops = self._least  # log2 of exposure time (s) times gain, as commanded
        self._wanted: deque[tuple[SimNs, float]] = deque()  # what each past frame asks for, oldest first

    def exposing(self, slot: SimNs, light: Any) -> tuple[float, float]:
        """Exposure (s) and gain (dB) of the frame at `slot`; `light` (rows, columns, 3) cd/m² only matters at first.

        The first frame is exposed as if the camera had looked at this light for long.
        """
        if self._slot is None:
            level = self.level(light, 1.0, 0.0, clipped=False)
            self._stops = self._limited(log2(self._p.target_ratio / level))
        elif slot < self._slot:
            raise MachineryError(f"a camera was asked for slot {slot} ns after {self._slot} ns: time ran backwards")
        elif slot > self._slot:
            self._step((slot - self._slot) / NS_PER_S, slot)
        self._slot = slot
        return self.split(self._stops)

    def metered(self, slot: SimNs, light: Any, exposure_s: float, gain_db: float) -> None:
        """Take the frame's metering: its light and how it really was exposed."""
        level = self.level(light, exposure_s, gain_db, clipped=True)
        wish = self._limited(self._stops + log2(self._p.target_ratio / level))
        if self._wanted and self._wanted[-1][0] == slot:
            self._wanted.pop()
        self._wanted.append((slot, wish))

    def _step(self, dt_s: float, slot: SimNs) -> None:
        """Move towards what the frame `lag_frames` before this one asked for."""
        while len(self._wanted) > self._p.lag_frames:
            self._wanted.popleft()
        if len(self._wanted) < self._p.lag_frames:
            return
        share = 1.0 - exp(-dt_s / self._p.settling_s) if self._p.settling_s > 0.0 else 1.0
        self._stops += share * (self._wanted[0][1] - self._stops)

    def split(self, stops: float) -> tuple[float, float]:
        """Exposure time as far as it goes, then gain."""
        longest = log2(self._p.longest_s)
        exposure_s = 2.0 ** min(stops, longest)
        gain_db = max(stops - longest, 0.0) * _DB_PER_STOP
        return min(max(exposure_s, self._p.shortest_s), self._p.longest_s), min(gain_db, self._p.most_gain_db)

    def _limited(self, stops: float) -> float:
        return min(max(stops, self._least), self._most)

    def level(self, light: Any, exposure_s: float, gain_db: float, *, clipped: bool) -> float:
        """The metered signal over the long capture's full scale."""
        factor = self._signal * exposure_s * 10.0 ** (gain_db / 20.0) / self._full
        clip = self._clip if clipped else float("inf")
        least = _LEAST_LEVEL if clipped else 0.0
        return float(_level(light, factor, clip, self._p.upper_weight_ratio, self._p.logarithmic, least))


@njit(cache=True, error_model="numpy")
def _level(light, factor, clip, upper_weight, logarithmic, least):  # type: ignore[no-untyped-def]
    """Weighted mean, or mean of logarithms, of the clipped signal of all cells."""
    rows, columns = light.shape[0], light.shape[1]
    total, weights = 0.0, 0.0
    floor = max(least, 1e-12)
    for i in range(rows):
        weight = upper_weight if 3 * i < rows else 1.0
        for j in range(columns):
            luminance = RED * light[i, j, 0] + GREEN * light[i, j, 1] + BLUE * light[i, j, 2]
            value = max(min(luminance * factor, clip), floor)
            total += weight * (log(value) if logarithmic else value)
            weights += weight
    return exp(total / weights) if logarithmic else total / weights
