"""A block of samples on its way through shading: one row of float32 for each quantity, N samples a row.

Rows are offsets into one flat array, so that the arithmetic over a block is plain loops with a fixed
length, which the compiler turns into operations on many samples at once. Every sample gets the same
bits whatever block it falls into: no row carries anything from one block to the next.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

N = 64  # samples in a block
ROWS = 73
# Read from the facet: its plane and the pixel's ray, normal, reflectance (later radiance), gloss, retroreflection.
L, U, A, B, C = 0 * N, 1 * N, 2 * N, 3 * N, 4 * N
NX, NY, NZ = 5 * N, 6 * N, 7 * N
RED, GREEN, BLUE = 8 * N, 9 * N, 10 * N
GLOSS, RETRO = 11 * N, 15 * N
# Light added on top of reflection; the surface's grain (`sim.camera.facets`); what kind of surface it is.
SHINE_R, SHINE_G, SHINE_B = 12 * N, 13 * N, 14 * N
FINE, FINE_WEIGHT, COARSE, COARSE_WEIGHT, TILT = 16 * N, 17 * N, 18 * N, 19 * N, 20 * N
IS_SKY, IS_PAVED, IS_GROUND, IS_SMOOTH = 21 * N, 22 * N, 23 * N, 24 * N
# Made from them: direction, way, place in the world, cosines of eye and sun, a pixel's size on the surface.
DX, DY, DZ, WAY = 25 * N, 26 * N, 27 * N, 28 * N
PX, PY, PZ = 29 * N, 30 * N, 31 * N
FACING, TOWARDS, FOOT = 32 * N, 33 * N, 34 * N
SQUARE, LIT = 35 * N, 36 * N
# Places in the shadow maps and in the two lattices, and what was read there.
S_AT, S_A, S_B, S_HIGH, S_FAR = 37 * N, 38 * N, 39 * N, 40 * N, 41 * N
M0, M1, M2, M3 = 56 * N, 57 * N, 58 * N, 59 * N
F_AT, F_U, F_V, C_AT, C_U, C_V = 42 * N, 43 * N, 44 * N, 45 * N, 46 * N, 47 * N
T0, T1, T2, T3, T4, T5, T6, T7 = 48 * N, 49 * N, 50 * N, 51 * N, 52 * N, 53 * N, 54 * N, 55 * N
TEX_U, TEX_V, COARSE_GRAIN = 70 * N, 71 * N, 72 * N
# Open sky; light of lamps as a vector, its warm share and the height it reaches; what a wet road mirrors.
SEEN, VX, VY, VZ, WARM, CUT = 60 * N, 61 * N, 62 * N, 63 * N, 64 * N, 65 * N
ENV_R, ENV_G, ENV_B, ENV = 66 * N, 67 * N, 68 * N, 69 * N

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
