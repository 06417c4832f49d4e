"""Errors that live through time: first-order processes and two-state bursts, stepped once per slot.

Both step for every entity at every slot, seen or not, by draws that are functions of (stream,
entity, slot); their state therefore depends on nothing but the slots stepped. Slots need not be
evenly spaced: a process of time constant tau keeps exp(-dt/tau) of its value.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import cos, exp, log, pi, sin, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.randomness import philox4x32, uniform
from stack.vocabulary import NS_PER_S, MachineryError, SimNs

_TO_UNIT = 2.0**-32


@njit(cache=True, error_model="numpy")
def four_normals(key, entity, slot, block):  # type: ignore[no-untyped-def]
    """Four independent standard normal values from one counter (Box-Muller on 32-bit uniforms)."""
    a, b, c, d = philox4x32(key, entity, slot, block)
    r1 = sqrt(-2.0 * log((float(a) + 1.0) * _TO_UNIT))
    r2 = sqrt(-2.0 * log((float(c) + 1.0) * _TO_UNIT))
    t1 = 2.0 * pi * float(b) * _TO_UNIT
    t2 = 2.0 * pi * float(d) * _TO_UNIT
    return r1 * cos(t1), r1 * sin(t1), r2 * cos(t2), r2 * sin(t2)


@njit(cache=True, error_model="numpy")
def step_noise(values, taus_s, dt_s, key, entities, slot):  # type: ignore[no-untyped-def]
    """Step unit-variance AR(1) processes `values` (n, 4k) of time constants `taus_s` (4k,); dt below 0 starts them.

    Process j of an entity draws from block j // 4 of its counter.
    """
    columns = values.shape[1]
    for block in range(columns // 4):
        keep0, keep1, keep2, keep3 = 0.0, 0.0, 0.0, 0.0
        if dt_s >= 0.0:
            keep0 = exp(-dt_s / taus_s[4 * block])
            keep1 = exp(-dt_s / taus_s[4 * block + 1])
            keep2 = exp(-dt_s / taus_s[4 * block + 2])
            keep3 = exp(-dt_s / taus_s[4 * block + 3])
        new0 = sqrt(1.0 - keep0 * keep0)
        new1 = sqrt(1.0 - keep1 * keep1)
        new2 = sqrt(1.0 - keep2 * keep2)
        new3 = sqrt(1.0 - keep3 * keep3)
        for row in range(values.shape[0]):
            n0, n1, n2, n3 = four_normals(key, entities[row], slot, block)
            at = 4 * block
            values[row, at] = keep0 * values[row, at] + new0 * n0
            values[row, at + 1] = keep1 * values[row, at + 1] + new1 * n1
            values[row, at + 2] = keep2 * values[row, at + 2] + new2 * n2
            values[row, at + 3] = keep3 * values[row, at + 3] + new3 * n3


@njit(cache=True, error_model="numpy")
def step_burst(active, clear_s, burst_s, dt_s, key, entity, slot, block):  # type: ignore[no-untyped-def]
    """Next state of a burst that begins every `clear_s` and lasts `burst_s` on average; dt below 0 starts it."""
    chance = uniform(key, entity, slot, block)
    if dt_s < 0.0:
        return chance < burst_s / (burst_s + clear_s)
    if active:
        return chance >= 1.0 - exp(-dt_s / burst_s)
    return chance < 1.0 - exp(-dt_s / clear_s)


class SlotClock:
    """Which slot a sensor sensed last; says how far the next one steps its correlated errors."""

    def __init__(self) -> None:
        self._last: SimNs | None = None

    def step_s(self, slot: SimNs) -> float:
        """Seconds since the last slot; below 0 at the first; 0 if this slot was sensed already."""
        last = self._last
        if last is None:
            self._last = slot
            return -1.0
        if slot < last:
            raise MachineryError(f"a sensor was asked for slot {slot} ns after slot {last} ns: time ran backwards")
        self._last = slot
        return (slot - last) / NS_PER_S


def unit_noise(rows: int, processes: int) -> NDArray[np.float64]:
    """Room for `processes` (a multiple of 4) AR(1) processes per row; the first step fills it."""
    return np.zeros((rows, processes), dtype=np.float64)
