"""The low beam of one headlamp: luminous intensity by direction.

Right-hand traffic: a level cut-off 1 % below the horizon towards oncoming traffic (UN R48, 6.2.6.1.1),
rising at 15° on the near side, a bright spot below it and a wide spread before the vehicle. Intensities
follow UN R149 class C low beams in kind (some 20,000 cd at the brightest, a few hundred above the
cut-off); the smooth shape is our own.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


@njit(cache=True, error_model="numpy", nogil=True)
def low_beam_cd(forward, left, up):  # type: ignore[no-untyped-def]
    """Intensity towards a point in the lamp's axes, cd; plain float32 arithmetic, no arrays."""
    shrink = _ONE / max(forward, np.float32(0.05))
    h, v = left * shrink, up * shrink
    cut = min(max(-h, _ZERO) * np.float32(0.27), np.float32(0.024)) - np.float32(0.010)
    below = cut - v
    sharp = min(max(below * np.float32(110.0) + _HALF, _ZERO), _ONE)
    under = max(below, _ZERO)
    a = _ONE + (h + np.float32(0.03)) * (h + np.float32(0.03)) * np.float32(36.0)
    c = _ONE + h * h * np.float32(3.2)
    d = _ONE + under * np.float32(20.0)
    e = _ONE + under * np.float32(5.0)
    over = max(-below, _ZERO) * np.float32(9.0)
    bright = np.float32(17000.0) / (a * a * d * d) + np.float32(5200.0) / (c * c * e * e)
    stray = np.float32(260.0) / (c * (_ONE + over * over))
    ahead = _ONE if forward > np.float32(0.05) else _ZERO
    return ahead * (stray + sharp * bright)
