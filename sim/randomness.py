"""Counter-based chance: a value is a function of (seed, stream name, entity, slot, block).

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC11) with
key = BLAKE2b-64(seed, stream name) and counter = (entity u32, slot u64, block u32). Nothing is ever
drawn "next": adding a consumer or a fault changes no other draw. The one implementation is scalar
numba, serves Python and kernels alike and is held to the authors' known answers.
"""

from hashlib import blake2b
from math import cos, log, pi, sqrt
from typing import Any

import numpy as np
from numba import njit

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_TO_UNIT = 2.0**-53

Word = int | np.integer[Any]


def stream_key(seed: int, name: str) -> np.uint64:
    """The 64-bit key of a named stream under a run's seed."""
    digest = blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def entity_id(name: str) -> int:
    """The 32-bit identity of an actor for chance: a hash of its scenario name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little")


@njit(cache=True, error_model="numpy", inline="never")
def philox4x32(
    key: np.uint64, entity: Word, slot: Word, block: Word
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four 32-bit words (as uint64) of Philox4x32-10 for one counter; scalar, unsigned 64-bit arithmetic."""
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    k0 = np.uint64(key) & low
    k1 = np.uint64(key) >> shift
    c0 = np.uint64(entity) & low
    c1 = np.uint64(slot) & low
    c2 = np.uint64(slot) >> shift
    c3 = np.uint64(block) & low
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & low, (p0 >> shift) ^ c3 ^ k1, p0 & low
        k0 = (k0 + _W0) & low
        k1 = (k1 + _W1) & low
    return c0, c1, c2, c3


@njit(cache=True, error_model="numpy")
def uniform(key: np.uint64, entity: Word, slot: Word, block: Word) -> float:
    """A float in [0, 1) with 53 bits."""
    a, b, _c, _d = philox4x32(key, entity, slot, block)
    return float((a >> np.uint64(5)) * np.uint64(67108864) + (b >> np.uint64(6))) * _TO_UNIT


@njit(cache=True, error_model="numpy")
def normal(key: np.uint64, entity: Word, slot: Word, block: Word) -> float:
    """A standard normal value (Box-Muller on one counter's 128 bits)."""
    a, b, c, d = philox4x32(key, entity, slot, block)
    u = float((a >> np.uint64(5)) * np.uint64(67108864) + (b >> np.uint64(6))) * _TO_UNIT
    v = float((c >> np.uint64(5)) * np.uint64(67108864) + (d >> np.uint64(6))) * _TO_UNIT
    return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * pi * v)
