"""Boxes around what a picture shows, for labels: from instance ids, and from the actors' sizes.

Pixel coordinates as in `sim.camera.lens`; a box spans [u0, u1) x [v0, v1). The box of ids holds what is
seen; the projected box what would be seen with nothing in front, so it contains the other wherever a
body stays inside its stated size and the shutter does not roll.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.camera.lens import Lens, project
from sim.camera.picture import Picture
from sim.scenery.viewpoint import Viewpoint

_NEAR_M = 0.1  # what is nearer than this to the lens is cut off
_SPLITS = 8  # pieces of an edge: under distortion it is a curve
# Corner k of a box: bit 0 front, bit 1 left, bit 2 top. Edges join corners that differ in one bit.
_EDGES = tuple((k, k | bit) for bit in (1, 2, 4) for k in range(8) if not k & bit)


class Box(NamedTuple):
    """The box of one row of the roster, px; `visible_px` counts the pixels that show it."""

    row: int
    u0: float
    v0: float
    u1: float
    v1: float
    visible_px: int


def boxes_of(picture: Picture, least_px: int = 1) -> tuple[Box, ...]:
    """The tight box of every row of which at least `least_px` pixels are seen, in order of rows."""
    rows = int(picture.instance.max(initial=-1)) + 1
    spans = np.empty((rows, 5), dtype=np.int64)
    _spans(picture.instance, spans)
    return tuple(
        Box(row, float(u0), float(v0), float(u1), float(v1), count)
        for row, (u0, v0, u1, v1, count) in enumerate(spans.tolist())
        if count >= least_px
    )


def projected_box(
    lens: Lens, eye: Viewpoint, pose: Any, size_m: Any, clearance_m: float
) -> tuple[float, float, float, float] | None:
    """(u0, v0, u1, v1) of an actor's box of `size_m` (length, width, height), cut to the picture; None if outside.

    `pose` (3, 4) is world from body, its origin on the ground under the outline's centre.
    """
    length_m, width_m, height_m = (float(value) for value in size_m)
    k = np.arange(8)
    body = np.stack(
        (
            np.where(k & 1, 0.5, -0.5) * length_m,
            np.where(k & 2, 0.5, -0.5) * width_m,
            clearance_m + np.where(k & 4, height_m, 0.0),
        ),
        axis=-1,
    )
    world = (body[:, None, :] * pose[None, :, :3]).sum(axis=-1) + pose[:, 3]
    arm = world - eye.position_m
    corners = (arm[:, :, None] * eye.world_from_sensor[None, :, :]).sum(axis=1)
    places = [piece for a, b in _EDGES for piece in _pieces(corners[a], corners[b])]
    if not places:
        return None
    pixels, valid = project(lens, np.array(places))
    if not valid.any():
        return None
    u, v = pixels[valid, 0], pixels[valid, 1]
    u0, u1 = max(float(u.min()), 0.0), min(float(u.max()), float(lens.width_px))
    v0, v1 = max(float(v.min()), 0.0), min(float(v.max()), float(lens.height_px))
    return (u0, v0, u1, v1) if u0 < u1 and v0 < v1 else None


def _pieces(a: Any, b: Any) -> list[Any]:
    """Points along the part of an edge that lies in front of the lens."""
    if a[0] < _NEAR_M and b[0] < _NEAR_M:
        return []
    if a[0] < _NEAR_M or b[0] < _NEAR_M:
        cut = a + (b - a) * ((_NEAR_M - a[0]) / (b[0] - a[0]))
        a, b = (cut, b) if a[0] < _NEAR_M else (a, cut)
    return [a + (b - a) * (index / _SPLITS) for index in range(_SPLITS + 1)]


@njit(cache=True, error_model="numpy")
def _spans(instance, spans):  # type: ignore[no-untyped-def]
    """Fill `spans` (rows, 5): u0, v0, u1, v1 (exclusive) and the number of pixels of every row."""
    height, width = instance.shape
    for row in range(spans.shape[0]):
        spans[row, 0], spans[row, 1], spans[row, 2], spans[row, 3], spans[row, 4] = width, height, 0, 0, 0
    for v in range(height):
        for u in range(width):
            row = instance[v, u]
            if row >= 0:
                spans[row, 0], spans[row, 1] = min(spans[row, 0], u), min(spans[row, 1], v)
                spans[row, 2], spans[row, 3] = max(spans[row, 2], u + 1), max(spans[row, 3], v + 1)
                spans[row, 4] += 1
