"""A block of samples on its way through shading: one row of float32 for each quantity, N samples a row.

Rows are offsets into one flat array, so that the arithmetic over a block is plain loops with a fixed
length, which the compiler turns into operations on many samples at once. Every sample gets the same
bits whatever block it falls into: no row carries anything from one block to the next.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

N = 64  # samples in a block
CHUNK = 8  # samples written at once where a facet covers several; a row has that much room beyond its end
S = N + CHUNK  # from one row to the next
ROWS = 73
# The pixel's ray; then, read from the facet as it lies there: its plane, normal, reflectance (later radiance), gloss,
# retroreflection, the surface's grain and what kind of surface it is (`sim.camera.facets`).
L, U, A, B, C = 0 * S, 1 * S, 2 * S, 3 * S, 4 * S
NX, NY, NZ = 5 * S, 6 * S, 7 * S
RED, GREEN, BLUE = 8 * S, 9 * S, 10 * S
GLOSS, RETRO = 11 * S, 12 * S
FINE, FINE_WEIGHT, COARSE, COARSE_WEIGHT, TILT = 13 * S, 14 * S, 15 * S, 16 * S, 17 * S
IS_SKY, IS_PAVED, IS_GROUND, IS_SMOOTH = 18 * S, 19 * S, 20 * S, 21 * S
# Light added on top of reflection.
SHINE_R, SHINE_G, SHINE_B = 22 * S, 23 * S, 24 * S
# Made from them: direction, way, place in the world, cosines of eye and sun, a pixel's size on the surface.
DX, DY, DZ, WAY = 25 * S, 26 * S, 27 * S, 28 * S
PX, PY, PZ = 29 * S, 30 * S, 31 * S
FACING, TOWARDS, FOOT = 32 * S, 33 * S, 34 * S
SQUARE, LIT = 35 * S, 36 * S
# Places in the shadow maps and in the two lattices, and what was read there.
S_AT, S_A, S_B, S_HIGH, S_FAR = 37 * S, 38 * S, 39 * S, 40 * S, 41 * S
M0, M1, M2, M3 = 56 * S, 57 * S, 58 * S, 59 * S
F_AT, F_U, F_V, C_AT, C_U, C_V = 42 * S, 43 * S, 44 * S, 45 * S, 46 * S, 47 * S
T0, T1, T2, T3, T4, T5, T6, T7 = 48 * S, 49 * S, 50 * S, 51 * S, 52 * S, 53 * S, 54 * S, 55 * S
TEX_U, TEX_V, COARSE_GRAIN = 70 * S, 71 * S, 72 * S
# Open sky; light of lamps as a vector, its warm share and the height it reaches; what a wet road mirrors.
SEEN, VX, VY, VZ, WARM, CUT = 60 * S, 61 * S, 62 * S, 63 * S, 64 * S, 65 * S
ENV_R, ENV_G, ENV_B, ENV = 66 * S, 67 * S, 68 * S, 69 * S

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


@njit(cache=True, error_model="numpy", nogil=True)
def clamp(x):  # type: ignore[no-untyped-def]
    """Between 0 and 1."""
    return min(max(x, _ZERO), _ONE)


@njit(cache=True, error_model="numpy", nogil=True)
def fading(x):  # type: ignore[no-untyped-def]
    """exp(-x) for x >= 0 in plain arithmetic: better than 1e-4 up to x = 4, never negative beyond."""
    y = x * np.float32(0.0625)
    p = _ONE + y * (_ONE + y * (_HALF + y * (np.float32(1.0 / 6.0) + y * np.float32(1.0 / 24.0))))
    q = _ONE / p
    q *= q
    q *= q
    q *= q
    return q * q
