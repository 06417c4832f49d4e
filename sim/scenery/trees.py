"""Trees, bushes and hedges, each in its own frame: metres, origin on the ground, z up.

A tree is a trunk and a few blobs or cones of foliage, at most 120 triangles. Variants differ in shape;
whoever plants one scales and turns it. Trunks and hedges reach a little below the ground, so that
nothing hovers on a slope. Sizes are those of street and field trees (own choice).
"""

from functools import lru_cache
from math import cos, sin

import numpy as np

from sim.randomness import stream_key, uniform
from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import cone, cylinder, faceted_blob, loft

BROAD_LEAVED = 6  # variants
CONIFERS = 4
BELT_TREES = 4
ROOT_M = 0.6  # a trunk begins this far below the ground
HEDGE_ROOT_M = 0.4
GOLDEN_RAD = 2.399963  # successive blobs of a crown are turned by the golden angle

_KEY = stream_key(0, "tree shapes")


def _drawn(variant: int, slot: int, low: float, high: float) -> float:
    return low + (high - low) * float(uniform(_KEY, variant, slot, 0))


def _bulges(variant: int, slot: int) -> list[float]:
    return [_drawn(variant, 1000 + 20 * slot + corner, 0.82, 1.2) for corner in range(12)]


@lru_cache(maxsize=BROAD_LEAVED)
def broad_leaved(variant: int) -> Mesh:
    """A broad-leaved tree about 9 m high with a crown about 5 m across that begins 3 m above the ground."""
    height_m = _drawn(variant, 0, 8.0, 10.5)
    trunk = cylinder((0.0, 0.0, -ROOT_M), (0.0, 0.0, 0.5 * height_m), 0.19, "bark", sides=6, end_radius_m=0.11,
                     capped=False)  # fmt: skip
    radius_m = _drawn(variant, 1, 1.9, 2.5)
    start_rad = _drawn(variant, 2, 0.0, 6.28)
    blobs = [faceted_blob((0.0, 0.0, 0.78 * height_m), (0.8 * radius_m, 0.8 * radius_m, 0.24 * height_m), "foliage",
                          bulges=_bulges(variant, 0))]  # fmt: skip
    for index in range(3):
        turn = start_rad + index * 0.873 * GOLDEN_RAD
        away = 0.48 * radius_m
        size = radius_m * _drawn(variant, 10 + index, 0.6, 0.78)
        up_m = height_m * _drawn(variant, 20 + index, 0.52, 0.62)
        blobs.append(faceted_blob((away * cos(turn), away * sin(turn), up_m), (size, size, 0.9 * size), "foliage",
                                  bulges=_bulges(variant, 1 + index)))  # fmt: skip
    return merged(trunk, *blobs)


@lru_cache(maxsize=CONIFERS)
def conifer(variant: int) -> Mesh:
    """A spruce about 12 m high: three cones over one another on a short trunk."""
    height_m = _drawn(variant, 100, 10.0, 14.0)
    radius_m = _drawn(variant, 101, 1.7, 2.3)
    trunk = cylinder((0.0, 0.0, -ROOT_M), (0.0, 0.0, 0.2 * height_m), 0.17, "bark", sides=6, end_radius_m=0.14,
                     capped=False)  # fmt: skip
    tiers = [
        cone((0.0, 0.0, base * height_m), share * radius_m, tall * height_m, "conifer", sides=8)
        for base, share, tall in ((0.12, 1.0, 0.42), (0.36, 0.78, 0.38), (0.60, 0.52, 0.40))
    ]
    return merged(trunk, *tiers)


@lru_cache(maxsize=BELT_TREES)
def belt_tree(variant: int) -> Mesh:
    """A tree of a belt or wood that is only seen from afar: a thin trunk and two blobs, 48 triangles."""
    height_m = _drawn(variant, 200, 8.0, 11.0)
    radius_m = _drawn(variant, 201, 2.2, 2.9)
    trunk = cylinder((0.0, 0.0, -ROOT_M), (0.0, 0.0, 0.45 * height_m), 0.18, "bark", sides=4, end_radius_m=0.12,
                     capped=False)  # fmt: skip
    aside = 0.35 * radius_m
    low = faceted_blob((aside, 0.2 * aside, 0.48 * height_m), (radius_m, radius_m, 0.26 * height_m), "foliage",
                       bulges=_bulges(variant, 50))  # fmt: skip
    high = faceted_blob((-0.7 * aside, 0.0, 0.72 * height_m), (0.8 * radius_m, 0.85 * radius_m, 0.28 * height_m),
                        "foliage", bulges=_bulges(variant, 51))  # fmt: skip
    return merged(trunk, low, high)


@lru_cache(maxsize=8)
def bush(variant: int) -> Mesh:
    """A shrub about 1.4 m high."""
    size_m = _drawn(variant, 300, 0.7, 1.0)
    return faceted_blob((0.0, 0.0, 0.55 * size_m), (size_m, 0.85 * size_m, 0.85 * size_m), "hedge",
                        bulges=_bulges(variant, 60))  # fmt: skip


@lru_cache(maxsize=32)
def hedge(length_m: float, height_m: float, width_m: float) -> Mesh:
    """A clipped hedge along x, centred on the origin, with a rounded top and an uneven skin."""
    half = 0.5 * width_m
    outline = ((-half, -HEDGE_ROOT_M), (half, -HEDGE_ROOT_M), (0.92 * half, 0.8 * height_m), (0.0, height_m),
               (-0.92 * half, 0.8 * height_m))  # fmt: skip
    count = max(2, round(length_m / 6.0) + 1)
    sections = []
    for index, x_m in enumerate(np.linspace(-0.5 * length_m, 0.5 * length_m, count).tolist()):
        swell = _drawn(index, 400, 0.9, 1.0)
        sections.append([(x_m, y_m * swell, z_m * swell if z_m > 0.0 else z_m) for y_m, z_m in outline])
    return loft(sections, "hedge")
