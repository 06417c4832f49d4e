"""Which places the sun does not reach: two square maps along the sun's rays, one near and one far.

A map holds, by place across the rays, how far towards the sun the last surface stands. Maps lie on a
grid fixed to the world (so that shadows do not crawl with the camera) and cover the ground before the
camera. What stands still is drawn once for a cell of that grid and kept; actors are drawn over it in
every frame and their traces wiped in the next. The result depends on this frame alone.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.camera.facets import Packed
from sim.scenery.materials import MATERIALS, Semantic
from sim.scenery.scene import Moment

SIDE = 1024
NEAR_TEXEL_M, FAR_TEXEL_M = 0.0625, 0.25
NEAR_CELL_M, FAR_CELL_M = 8.0, 32.0
OPEN = np.float32(-1e9)
# Level surfaces that nothing lies below in the sun: they throw no shadow worth drawing.
_FLAT = {Semantic.ROAD, Semantic.ROAD_LINE, Semantic.TERRAIN, Semantic.SIDEWALK, Semantic.GROUND}
_THROWS = np.array([material.semantic not in _FLAT for material in MATERIALS], dtype=np.uint8)
_THROWS.setflags(write=False)


class SunFrame(NamedTuple):
    """Axes along the sun's rays: `axes` rows are across, across, towards the sun (world); a point of reference."""

    axes: Any  # (3, 3) float64
    origin: Any  # (3,) float64


class ShadowMaps(NamedTuple):
    """What shading reads."""

    near: Any  # (SIDE, SIDE) float32
    far: Any  # (SIDE, SIDE) float32
    places: Any  # (6,) float64: each map's low corner across the rays (two numbers each), texel of near and of far


def sun_frame(direction: NDArray[np.float32], origin: NDArray[np.float64]) -> SunFrame:
    """Axes for this direction to the sun."""
    towards = direction.astype(np.float64)
    towards /= np.sqrt((towards * towards).sum())
    aside = np.array([-towards[1], towards[0], 0.0]) if abs(towards[2]) < 0.999 else np.array([1.0, 0.0, 0.0])
    aside /= np.sqrt((aside * aside).sum())
    other = np.array([
        towards[1] * aside[2] - towards[2] * aside[1], towards[2] * aside[0] - towards[0] * aside[2],
        towards[0] * aside[1] - towards[1] * aside[0],
    ])  # fmt: skip
    return SunFrame(axes=np.stack([aside, other, towards]), origin=origin)


@njit(cache=True, error_model="numpy", nogil=True)
def _towards_sun(vertices, begin, end, frame, points):  # type: ignore[no-untyped-def]
    """Corners in the sun's axes."""
    x, o = frame.axes, frame.origin
    for v in range(begin, end):
        wx, wy, wz = vertices[v, 0] - o[0], vertices[v, 1] - o[1], vertices[v, 2] - o[2]
        points[v - begin, 0] = x[0, 0] * wx + x[0, 1] * wy + x[0, 2] * wz
        points[v - begin, 1] = x[1, 0] * wx + x[1, 1] * wy + x[1, 2] * wz
        points[v - begin, 2] = x[2, 0] * wx + x[2, 1] * wy + x[2, 2] * wz


@njit(cache=True, error_model="numpy", nogil=True)
def _throw(points, triangles, materials, throws, offset, begin, end, low_a, low_b, texel, depth, touched):  # type: ignore[no-untyped-def]
    """Draw triangles, whose corners are `points` from `offset` on, into a map.

    `touched` (rows low, high, columns low, high) grows to what was written.
    """
    side, flat = depth.shape[0], depth.ravel()
    last, fine = np.float64(side), 1.0 / texel
    for t in range(begin, end):
        if throws[materials[t]] == 0:
            continue
        i, j, k = triangles[t, 0] - offset, triangles[t, 1] - offset, triangles[t, 2] - offset
        x0, y0, z0 = (points[i, 0] - low_a) * fine, (points[i, 1] - low_b) * fine, points[i, 2]
        x1, y1, z1 = (points[j, 0] - low_a) * fine, (points[j, 1] - low_b) * fine, points[j, 2]
        x2, y2, z2 = (points[k, 0] - low_a) * fine, (points[k, 1] - low_b) * fine, points[k, 2]
        begin_row = max(np.ceil(min(y0, min(y1, y2))), 0.0)
        end_row = min(np.ceil(max(y0, max(y1, y2))), last)
        if begin_row >= end_row:  # outside the map, or between two rows of it
            continue
        if max(np.ceil(min(x0, min(x1, x2))), 0.0) >= min(np.ceil(max(x0, max(x1, x2))), last):
            continue
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area < 1e-9:  # turned away from the sun: what faces it lies above
            continue
        if y1 < y0:
            x0, y0, z0, x1, y1, z1 = x1, y1, z1, x0, y0, z0
        if y2 < y1:
            x1, y1, z1, x2, y2, z2 = x2, y2, z2, x1, y1, z1
            if y1 < y0:
                x0, y0, z0, x1, y1, z1 = x1, y1, z1, x0, y0, z0
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)  # with the corners in order it may change its sign
        across = ((z1 - z0) * (y2 - y0) - (z2 - z0) * (y1 - y0)) / area
        down = ((x1 - x0) * (z2 - z0) - (x2 - x0) * (z1 - z0)) / area
        whole = (x2 - x0) / (y2 - y0)
        upper = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
        lower = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
        top = np.float32(max(z0, max(z1, z2)))
        for r in range(int(begin_row), int(end_row)):
            y = np.float64(r)
            one = x0 + (y - y0) * whole
            two = x0 + (y - y0) * upper if y < y1 else x1 + (y - y1) * lower
            if one > two:
                one, two = two, one
            left, stop = max(np.ceil(one), 0.0), min(np.ceil(two), last)
            if left >= stop:
                continue
            first, after = int(left), int(stop)
            touched[0], touched[1] = min(touched[0], r), max(touched[1], r + 1)
            touched[2], touched[3] = min(touched[2], first), max(touched[3], after)
            start = z0 + down * (y - y0) + across * (left - x0)
            low, slope = np.float32(start), np.float32(across)
            at = np.uint64(r * side + first)  # unsigned: an index that may be negative keeps the loop scalar
            for c in range(np.uint64(after - first)):
                high = min(low + slope * np.float32(c), top)
                before = flat[at + c]
                flat[at + c] = high if high > before else before


@njit(cache=True, error_model="numpy", nogil=True)
def _throw_still(still, throws, frame, low_a, low_b, texel, depth, points):  # type: ignore[no-untyped-def]
    """Draw every still triangle whose tile may stand in the map's way to the sun."""
    side = depth.shape[0]
    for r in range(side):
        for c in range(side):
            depth[r, c] = OPEN
    touched = np.zeros(4, dtype=np.int64)
    x, o = frame.axes, frame.origin
    for tile in range(still.reach_m.shape[0]):
        box = still.boxes[tile]
        out = False
        for side_axis in range(2):
            lo, hi = 0.0, 0.0
            for axis in range(3):
                n = x[side_axis, axis]
                a, b = n * (box[axis] - o[axis]), n * (box[3 + axis] - o[axis])
                lo += min(a, b)
                hi += max(a, b)
            base = low_a if side_axis == 0 else low_b
            if hi < base or lo > base + side * texel:
                out = True
        if not out:
            _towards_sun(still.vertices, still.vertex_first[tile], still.vertex_first[tile + 1], frame, points)
            _throw(points, still.triangles, still.materials, throws, np.int64(0), still.first[tile],
                   still.first[tile + 1], low_a, low_b, texel, depth, touched)  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _throw_actors(moment, throws, frame, places, near, far, near_traces, far_traces, points):  # type: ignore[no-untyped-def]
    """Draw every actor into the maps it may darken; its traces (rows, columns) go into `near_traces`, `far_traces`.

    What lies well inside the near map is not drawn into the far one: nobody asks there.
    """
    side, x, o = near.shape[0], frame.axes, frame.origin
    near_wide, far_wide = side * places[4], side * places[5]
    for row in range(moment.poses.shape[0]):
        for trace in (near_traces[row], far_traces[row]):
            trace[0], trace[1], trace[2], trace[3] = side, 0, side, 0
        s = moment.spheres[row]
        r = s[3] + 1.0
        wx, wy, wz = s[0] - o[0], s[1] - o[1], s[2] - o[2]
        a, b = x[0, 0] * wx + x[0, 1] * wy + x[0, 2] * wz, x[1, 0] * wx + x[1, 1] * wy + x[1, 2] * wz
        a_near, b_near, a_far, b_far = a - places[0], b - places[1], a - places[2], b - places[3]
        in_near = min(a_near, b_near) > -r and max(a_near, b_near) < near_wide + r
        in_far = min(a_far, b_far) > -r and max(a_far, b_far) < far_wide + r
        if min(a_near, b_near) > r and max(a_near, b_near) < near_wide - r:
            in_far = False
        if not (in_near or in_far):
            continue
        begin, first, end = (
            np.int64(moment.vertex_first[row]),
            np.int64(moment.first[row]),
            np.int64(moment.first[row + 1]),
        )
        _towards_sun(moment.vertices, begin, np.int64(moment.vertex_first[row + 1]), frame, points)
        if in_near:
            _throw(points, moment.triangles, moment.materials, throws, begin, first, end, places[0], places[1],
                   places[4], near, near_traces[row])  # fmt: skip
        if in_far:
            _throw(points, moment.triangles, moment.materials, throws, begin, first, end, places[2], places[3],
                   places[5], far, far_traces[row])  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _wipe(traces, clean, depth):  # type: ignore[no-untyped-def]
    """Put the still map back where actors were drawn."""
    for row in range(traces.shape[0]):
        for r in range(traces[row, 0], traces[row, 1]):
            into, whole = depth[r, traces[row, 2] : traces[row, 3]], clean[r, traces[row, 2] : traces[row, 3]]
            for c in range(into.shape[0]):
                into[c] = whole[c]


class _Map:
    """One square map: the still part kept per cell, and where actors were drawn over it."""

    def __init__(self, texel_m: float, cell_m: float, ahead_m: float) -> None:
        self.texel_m, self._cell_m, self._ahead_m = texel_m, cell_m, ahead_m
        self.depth = np.full((SIDE, SIDE), OPEN, dtype=np.float32)
        self.traces = np.zeros((0, 4), dtype=np.int64)
        self._clean = np.full((SIDE, SIDE), OPEN, dtype=np.float32)
        self._key: tuple[float, ...] | None = None

    def clear(self, still: Packed, frame: SunFrame, position: Any, forward: Any, rows: int, points: Any) -> list[float]:
        """The still map about the cell before this camera, without last frame's actors; returns its low corner."""
        level = np.array([forward[0], forward[1], 0.0])
        level /= max(float(np.sqrt((level * level).sum())), 1e-6)
        centre = frame.axes[:2] @ (position + self._ahead_m * level - frame.origin)
        half = 0.5 * SIDE * self.texel_m
        low = [(float(np.floor(place / self._cell_m)) + 0.5) * self._cell_m - half for place in centre]
        key = (*low, *frame.axes.ravel().tolist())
        if key != self._key:
            _throw_still(still, _THROWS, frame, low[0], low[1], self.texel_m, self._clean, points)
            self.depth[:] = self._clean
            self._key = key
        else:
            _wipe(self.traces, self._clean, self.depth)
        self.traces = np.zeros((rows, 4), dtype=np.int64)
        return low


class SunShadows:
    """The two maps of one camera; `actor_vertices` is the most any actor has."""

    def __init__(self, still: Packed, actor_vertices: int) -> None:
        self._still = still
        self._near = _Map(NEAR_TEXEL_M, NEAR_CELL_M, 22.0)
        self._far = _Map(FAR_TEXEL_M, FAR_CELL_M, 95.0)
        tile_vertices = int(np.diff(still.vertex_first).max()) if len(still.boxes) else 0
        self._points = np.empty((max(tile_vertices, actor_vertices, 1), 3))

    def make_room(self, actor_vertices: int) -> None:
        """From now on this is the most any actor has."""
        if actor_vertices > len(self._points):
            self._points = np.empty((actor_vertices, 3))

    def draw(self, moment: Moment, frame: SunFrame, position: Any, forward: Any, *, drawn: bool) -> ShadowMaps:
        """Maps for a camera here, looking there; not `drawn` where there is no sun to need them."""
        near, far = self._near, self._far
        places = np.array([0.0, 0.0, 0.0, 0.0, NEAR_TEXEL_M, FAR_TEXEL_M])
        if drawn:
            rows = len(moment.poses)
            places[0:2] = near.clear(self._still, frame, position, forward, rows, self._points)
            places[2:4] = far.clear(self._still, frame, position, forward, rows, self._points)
            _throw_actors(moment, _THROWS, frame, places, near.depth, far.depth, near.traces, far.traces, self._points)
        return ShadowMaps(near=near.depth, far=far.depth, places=places)
