"""Chance per pixel: one 64-bit word per pixel and frame, and normal values made of it.

The word of pixel p is output p of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
generators; OOPSLA 2014) seeded with the frame's key, so it depends on the pixel's number alone: in any
order, any number of bands, any process. The frame's key is a Philox word of (seed, stream, slot).
21 bits make one normal value: two table entries, quantiles of 1,024 and of 2,048 equal shares, are
summed; the variance is exactly 1, skewness 0, kurtosis 2.99, and nothing lies beyond 4.8 sigmas.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from math import fsum, sqrt
from statistics import NormalDist

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.randomness import philox4x32
from stack.vocabulary import SimNs

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_ONE, _S30, _S27, _S31 = np.uint64(1), np.uint64(30), np.uint64(27), np.uint64(31)
FINE, COARSE = 2048, 1024  # sizes of the two tables
FINE_AT = COARSE  # where the second begins in `quantiles()`


def frame_key(stream: np.uint64, slot: SimNs | int) -> np.uint64:
    """The key of one frame of a stream: 64 bits of Philox4x32-10."""
    high, low, _c, _d = philox4x32(stream, 0, slot, 0)
    return np.uint64((int(high) << 32) | int(low))


@njit(cache=True, error_model="numpy")
def pixel_word(key, pixel):  # type: ignore[no-untyped-def]
    """64 random bits of one pixel: output number `pixel` (from 0) of SplitMix64 seeded with `key`."""
    z = np.uint64(key) + (np.uint64(pixel) + _ONE) * _GAMMA
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@lru_cache(maxsize=1)
def quantiles() -> NDArray[np.float32]:
    """(COARSE + FINE,): both tables end to end, each of variance one half; read-only."""
    tables = []
    for size in (COARSE, FINE):
        values = [NormalDist().inv_cdf((index + 0.5) / size) for index in range(size)]
        spread = sqrt(2.0 * fsum(value * value for value in values) / size)
        tables += [value / spread for value in values]
    found = np.array(tables, dtype=np.float32)
    found.setflags(write=False)
    return found


@njit(cache=True, error_model="numpy")
def fill_normals(key, tables, out):  # type: ignore[no-untyped-def]
    """Fill `out` (pixels, 3) float32 with standard normal values, three from each pixel's word."""
    coarse, fine = np.uint64(COARSE - 1), np.uint64(FINE - 1)
    for pixel in range(out.shape[0]):
        word = pixel_word(key, pixel)
        for channel in range(3):
            bits = word >> np.uint64(21 * channel)
            out[pixel, channel] = (
                tables[np.int64(bits & coarse)] + tables[FINE_AT + np.int64((bits >> np.uint64(10)) & fine)]
            )
