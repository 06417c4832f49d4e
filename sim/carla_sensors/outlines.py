"""Pictures without light: which surface each pixel meets, how far away, and which way it faces.

Every pixel is the one ray through its middle: nothing is smoothed, so classes and actors never mix. The
triangles in view and the buffer of facets are the camera's own (`sim.camera`). World axes, metres.
"""
# ruff: noqa: ANN001, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from math import pi
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.camera.facets import (
    FLAGS,
    INSTANCE,
    NORMAL,
    PLANE,
    SEMANTIC,
    SMOOTH,
    TURN_1,
    TURN_2,
    WEIGHT_1,
    WEIGHT_2,
    Eye,
    gather,
    packed,
    room,
)
from sim.camera.lamps import KINDS
from sim.camera.lens import Lens
from sim.camera.visibility import rasterise
from sim.scenery.materials import Semantic, Texture, material_table
from sim.scenery.mesh import Body
from sim.scenery.scene import Ensemble, Moment
from sim.scenery.viewpoint import Viewpoint

_SKY = int(Semantic.SKY)


class PlainLens(Lens):
    """A pinhole of any size and view: for pictures that no real lens would give."""

    __slots__ = ()

    @property
    def fewest_px(self) -> int:
        """The shortest side a picture may have."""
        return 1

    @property
    def most_view_rad(self) -> float:
        """The angle between opposite corners that must not be reached."""
        return pi


class Outlines(NamedTuple):
    """What each pixel meets, rows from the top; read-only."""

    depth_m: NDArray[np.float32]  # (h, w) along the optical axis; inf for the sky
    row: NDArray[np.int32]  # (h, w) the company's row, -1 elsewhere
    semantic: NDArray[np.uint8]  # (h, w)


class Sketcher:
    """Draws outlines of one still world with whoever is before it. A view's facets last until the next."""

    def __init__(self, ensemble: Ensemble) -> None:
        self.still = ensemble.still
        self._packed = packed(ensemble.still)
        self._table = material_table()
        self._grains = np.zeros((len(Texture), 5), dtype=np.float32)
        self._lamps = np.zeros((KINDS, 5), dtype=np.float32)
        self._bodies: tuple[Body, ...] | None = None
        self._facets = room(self._packed, 0, 1)
        self.make_room(ensemble.bodies)

    def make_room(self, bodies: tuple[Body, ...]) -> None:
        """From now on these are the bodies."""
        if bodies is self._bodies:
            return
        self._bodies = bodies
        vertices = max((len(body.mesh.vertices) for body in bodies), default=1)
        triangles = sum(len(body.mesh.triangles) for body in bodies)
        if len(self._packed.triangles) + triangles >= len(self._facets.floats) or vertices > len(self._facets.scratch):
            self._facets = room(self._packed, triangles, vertices)

    def draw(self, lens: Lens, moment: Moment, eye: Viewpoint) -> Outlines:
        """What this eye meets through this lens; read-only."""
        window, ids = self._look(lens, moment, eye)
        shape = (lens.height_px, lens.width_px)
        found = Outlines(
            depth_m=np.empty(shape, np.float32), row=np.empty(shape, np.int32), semantic=np.empty(shape, np.uint8)
        )
        _read(self._facets.floats, self._facets.ints, ids, window, *found)
        for array in found:
            array.setflags(write=False)
        return found

    def normals(self, lens: Lens, moment: Moment, eye: Viewpoint) -> NDArray[np.float32]:
        """(h, w, 3) which way what each pixel meets faces: unit vectors in world axes, 0 for the sky."""
        window, ids = self._look(lens, moment, eye)
        normal = np.zeros((lens.height_px, lens.width_px, 3), np.float32)
        _read_normals(self._facets.floats, self._facets.ints, ids, window, normal)
        return normal

    def _look(self, lens: Lens, moment: Moment, eye: Viewpoint) -> tuple[Any, Any]:
        """The window of the samples, and the facet each of them sees."""
        window, nearness, ids = _grid(lens)
        turn = np.ascontiguousarray(eye.world_from_sensor.T, dtype=np.float64)
        still = np.zeros(3)
        seen_from = Eye(
            position=np.asarray(eye.position_m, dtype=np.float64), turn=turn, velocity=still, spin=still,
            window=window, rows=np.array([0.0, 1.0, 0.0]),
        )  # fmt: skip
        facets = self._facets
        gather(self._packed, moment, self._table, self._grains, self._lamps, seen_from, eye.hidden_row, facets)
        rasterise(facets.pieces, facets.owners, int(facets.counts[1]), 0, lens.height_px, nearness, ids)
        return window, ids


@lru_cache(maxsize=4)
def _grid(lens: Lens) -> tuple[Any, Any, Any]:
    """The window of the pixels' middles, and buffers for its samples."""
    left, up = (lens.centre_x_px - 0.5) / lens.focal_x_px, (lens.centre_y_px - 0.5) / lens.focal_y_px
    right = left - (lens.width_px - 1) / lens.focal_x_px
    down = up - (lens.height_px - 1) / lens.focal_y_px
    window = np.array([left, up, lens.focal_x_px, lens.focal_y_px, left, right, up, down])
    shape = (lens.height_px, lens.width_px)
    return window, np.zeros(shape, np.float32), np.full(shape, -1, np.int32)


@njit(cache=True, error_model="numpy")
def _read(floats, ints, ids, window, depth_m, row, semantic):  # type: ignore[no-untyped-def]
    """From facet numbers to what an `Outlines` holds."""
    for v in range(ids.shape[0]):
        up = window[1] - v / window[3]
        for u in range(ids.shape[1]):
            k = ids[v, u]
            if k < 0:
                depth_m[v, u], row[v, u], semantic[v, u] = np.inf, -1, _SKY
                continue
            left = window[0] - u / window[2]
            near = np.float64(floats[k, PLANE]) + floats[k, PLANE + 1] * left + floats[k, PLANE + 2] * up
            depth_m[v, u], row[v, u], semantic[v, u] = 1.0 / near, ints[k, INSTANCE], ints[k, SEMANTIC]


@njit(cache=True, error_model="numpy")
def _read_normals(floats, ints, ids, window, normal):  # type: ignore[no-untyped-def]
    for v in range(ids.shape[0]):
        up = window[1] - v / window[3]
        for u in range(ids.shape[1]):
            k = ids[v, u]
            if k < 0:
                continue
            left = window[0] - u / window[2]
            g = floats[k]
            x, y, z = np.float64(g[NORMAL]), np.float64(g[NORMAL + 1]), np.float64(g[NORMAL + 2])
            if ints[k, FLAGS] & SMOOTH:
                depth = 1.0 / (np.float64(g[PLANE]) + g[PLANE + 1] * left + g[PLANE + 2] * up)
                second = depth * (g[WEIGHT_1] + g[WEIGHT_1 + 1] * left + g[WEIGHT_1 + 2] * up)
                third = depth * (g[WEIGHT_2] + g[WEIGHT_2 + 1] * left + g[WEIGHT_2 + 2] * up)
                x += second * g[TURN_1] + third * g[TURN_2]
                y += second * g[TURN_1 + 1] + third * g[TURN_2 + 1]
                z += second * g[TURN_1 + 2] + third * g[TURN_2 + 2]
            scale = 1.0 / max(np.sqrt(x * x + y * y + z * z), 1e-9)
            normal[v, u, 0], normal[v, u, 1], normal[v, u, 2] = x * scale, y * scale, z * scale
