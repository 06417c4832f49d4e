"""The land about the roads: its height everywhere, and a mesh of it that is fine at the roads and coarse far off.

Near a road the land lies below it, as deep as its verges reach down; away from the roads hills rise.
Under a bridge it lies below the deck. Hills come from a lattice of counter-based chance under the
map's name, so a map always has the same ones. World frame, metres.
"""
# ruff: noqa: ANN001, ANN201, ANN202

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.randomness import stream_key, uniform
from sim.scenery.courses import Course
from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import Mesh
from sim.scenery.ribbons import mesh_of, smooth_normals

Array = NDArray[np.float64]

SAMPLE_M = 4.0  # own: the roads as discs this far apart
CLEAR_M = 13.5  # own: the land stays below roads nearer than this; more than a fine leaf's side and its centre
OPEN_DROP_M = 1.2  # own: land beside an open road lies this much lower
TOWN_RISE_M = 0.04  # own: in town it is level with the street, below the sidewalk's top
TOWN_DROP_M = 0.35  # own: but nowhere near enough to show through the street
DECK_DROP_M = 1.9  # own: below a bridge's soffit
FINE_M = 10.0  # own: side of the smallest leaves of the mesh
GROW = 2.16  # leaves this many times their side away need no splitting; keeps neighbours within one level
FAR_M = 2000.0  # own: land ends this far from the roads
# Layers of hills (own): spacing and height, and between which distances from a road they rise to it, m.
OCTAVES = (
    (1300.0, 90.0, 300.0, 1600.0),
    (420.0, 16.0, 30.0, 350.0),
    (170.0, 6.0, 30.0, 350.0),
    (60.0, 1.2, 30.0, 350.0),
)
PARCEL_M = (190.0, 110.0)  # own: fields, along and across
FIELD_RATIO = 0.55  # own: of the parcels that are ploughed
FIELDS_FROM_M = 40.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Land:
    """The roads as discs, which is all the land needs to know of them. One row each: x, y, radius, low, base.

    `low` is how high land may reach beside and below it; `base` what it settles to (NaN on a bridge,
    which lifts no land).
    """

    discs: Array  # (d, 5)
    key: np.uint64


def land_of(name: str, courses: tuple[Course, ...]) -> Land:
    """The land of a map."""
    rows = []
    for course in courses:
        left, right = course.left_edge, course.right_edge
        town = any(lane.kind == "sidewalk" for lane in course.lanes)
        heights = np.minimum(course.lefts[:, :, 2].min(axis=0), course.rights[:, :, 2].min(axis=0))
        for i in range(len(left) - 1):
            middle, end = 0.5 * (left[i, :2] + right[i, :2]), 0.5 * (left[i + 1, :2] + right[i + 1, :2])
            across_m = float(np.sqrt(((left[i, :2] - right[i, :2]) ** 2).sum()))
            pieces = max(1, int(np.ceil(np.sqrt(((end - middle) ** 2).sum()) / SAMPLE_M)))
            on_bridge = bool(course.bridge[i] and course.bridge[i + 1])
            for share in (np.arange(pieces) + 0.5) / pieces:
                height_m = heights[i] + share * (heights[i + 1] - heights[i])
                low_m = height_m - (DECK_DROP_M if on_bridge else TOWN_DROP_M if town else OPEN_DROP_M)
                base_m = np.nan if on_bridge else height_m + (TOWN_RISE_M if town else -OPEN_DROP_M)
                at = middle + share * (end - middle)
                rows.append((at[0], at[1], 0.5 * across_m, low_m, base_m))
    discs = np.array(rows, dtype=np.float64).reshape(-1, 5)
    discs.setflags(write=False)
    return Land(discs=discs, key=stream_key(0, f"hills:{name}"))


def heights_of(land: Land, places: Any) -> tuple[Array, Array]:
    """Height of the land at places (p, 2), and how far each is from the nearest road's edge."""
    places = np.ascontiguousarray(places, dtype=np.float64)
    heights, gaps = np.empty(len(places)), np.empty(len(places))
    _heights(places, land.discs, land.key, np.array(OCTAVES), heights, gaps)
    return heights, gaps


@njit(cache=True, error_model="numpy")
def _heights(places, discs, key, octaves, heights, gaps):  # type: ignore[no-untyped-def]
    """Land heights: roads' bases weighted by nearness, hills away from them, roads' ceilings near them."""
    for p in range(places.shape[0]):
        x, y = places[p, 0], places[p, 1]
        weights, base = 0.0, 0.0
        ceiling, nearest = np.inf, np.inf
        for d in range(discs.shape[0]):
            dx, dy = x - discs[d, 0], y - discs[d, 1]
            gap = max(0.0, np.sqrt(dx * dx + dy * dy) - discs[d, 2])
            nearest = min(nearest, gap)
            if gap < CLEAR_M:
                ceiling = min(ceiling, discs[d, 3])
            if not np.isnan(discs[d, 4]):
                near = 1.0 / (gap + 2.0)
                weight = near * near * near
                weights += weight
                base += weight * discs[d, 4]
        hill = 0.0
        for layer in range(octaves.shape[0]):
            rise = (nearest - octaves[layer, 2]) / (octaves[layer, 3] - octaves[layer, 2])
            rise = min(rise, 1.0)
            if rise > 0.0:
                rise = rise * rise * (3.0 - 2.0 * rise)
                u, v = x / octaves[layer, 0], y / octaves[layer, 0]
                i, j = np.floor(u), np.floor(v)
                fu, fv = u - i, v - j
                fu = fu * fu * fu * (fu * (6.0 * fu - 15.0) + 10.0)
                fv = fv * fv * fv * (fv * (6.0 * fv - 15.0) + 10.0)
                column, row = np.uint64(i + 1048576.0), np.uint64(j + 1048576.0)
                one = np.uint64(1)
                block = np.uint64(layer)
                a, b = uniform(key, column, row, block), uniform(key, column + one, row, block)
                c, e = uniform(key, column, row + one, block), uniform(key, column + one, row + one, block)
                low, high = a + fu * (b - a), c + fu * (e - c)
                hill += rise * octaves[layer, 1] * (low + fv * (high - low) - 0.35)
        z = 0.0 if weights == 0.0 else base / weights
        heights[p] = min(z + hill, ceiling)
        gaps[p] = nearest


def land_mesh(land: Land, town: bool) -> Mesh:
    """The land as triangles: a quadtree, finest at the roads, with no cracks where levels meet."""
    leaves = _leaves(land)  # (n, 3): corner in fine steps, side in fine steps
    size = leaves[:, 2:3]
    corners = leaves[:, None, :2] + size[:, :, None] * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    taken = np.unique(_codes(corners.reshape(-1, 2)))
    half = size // 2
    middles = leaves[:, None, :2] + half[:, :, None] * np.array([[1, 0], [2, 1], [1, 2], [0, 1]])
    found = np.isin(_codes(middles.reshape(-1, 2)), taken).reshape(-1, 4) & (size > 1)
    centres = leaves[:, :2] + half
    plain, split = ~found.any(axis=1), found.any(axis=1)
    corner, middle, centre = _codes(corners), _codes(middles), _codes(centres)
    faces = [corner[plain][:, [0, 1, 2]], corner[plain][:, [0, 2, 3]]]
    for side in range(4):
        a, b = corner[:, side], corner[:, (side + 1) % 4]
        whole, cut = split & ~found[:, side], split & found[:, side]
        faces.append(np.column_stack((centre, a, b))[whole])
        faces.append(np.column_stack((centre, a, middle[:, side]))[cut])
        faces.append(np.column_stack((centre, middle[:, side], b))[cut])
    codes, triangles = np.unique(np.concatenate(faces), return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    places = np.column_stack((codes >> 32, codes & 0xFFFFFFFF)).astype(np.float64) * FINE_M - _OFFSET_M
    heights, gaps = heights_of(land, places)
    vertices = np.column_stack((places, heights))
    materials = _materials(land, places[triangles].mean(axis=1), gaps[triangles].min(axis=1), town)
    return mesh_of(vertices, smooth_normals(vertices, triangles), triangles, materials)


_OFFSET_M = 1_000_000.0 * FINE_M  # keeps lattice numbers positive


def _codes(lattice: Any) -> Any:
    """One number for each lattice point (..., 2)."""
    return (lattice[..., 0].astype(np.int64) << 32) | lattice[..., 1].astype(np.int64)


def _leaves(land: Land) -> Any:
    """The quadtree's leaves about the roads, (n, 3) lattice corner and side, in fine steps."""
    low, high = land.discs[:, :2].min(axis=0) - FAR_M, land.discs[:, :2].max(axis=0) + FAR_M
    level = int(np.ceil(np.log2(float((high - low).max()) / FINE_M)))
    side = 1 << level
    corner = np.floor((low + _OFFSET_M) / FINE_M).astype(np.int64)
    boxes = np.array([[corner[0], corner[1], side]], dtype=np.int64)
    leaves = []
    while len(boxes):
        size_m = boxes[:, 2] * FINE_M
        centres = (boxes[:, :2] + 0.5 * boxes[:, 2:3]) * FINE_M - _OFFSET_M
        gaps = _gaps_to(land, centres)
        near = gaps < FAR_M + 0.71 * size_m
        boxes, gaps, size_m = boxes[near], gaps[near], size_m[near]
        divide = (gaps < GROW * size_m) & (boxes[:, 2] > 1)
        leaves.append(boxes[~divide])
        parents, half = boxes[divide], boxes[divide][:, 2:3] // 2
        boxes = np.concatenate([np.concatenate((parents[:, :2] + half * np.array([[u, v]]), half), axis=1)
                                for u in (0, 1) for v in (0, 1)])  # fmt: skip
    return np.concatenate(leaves)


def _gaps_to(land: Land, places: Array) -> Array:
    gaps = np.empty(len(places))
    _nearest(np.ascontiguousarray(places), land.discs, gaps)
    return gaps


@njit(cache=True, error_model="numpy")
def _nearest(places, discs, gaps):  # type: ignore[no-untyped-def]
    """How far places are from the nearest road's edge."""
    for p in range(places.shape[0]):
        nearest = np.inf
        for d in range(discs.shape[0]):
            dx, dy = places[p, 0] - discs[d, 0], places[p, 1] - discs[d, 1]
            nearest = min(nearest, max(0.0, np.sqrt(dx * dx + dy * dy) - discs[d, 2]))
        gaps[p] = nearest


def _materials(land: Land, centres: Array, gaps: Array, town: bool) -> Any:
    """Grass, and some parcels ploughed, away from the roads."""
    turned = np.column_stack((0.94 * centres[:, 0] + 0.34 * centres[:, 1], 0.94 * centres[:, 1] - 0.34 * centres[:, 0]))
    cells = np.floor(turned / np.array(PARCEL_M)).astype(np.int64) + (1 << 20)
    parcels, rows = np.unique(cells, axis=0, return_inverse=True)
    chance = np.array([uniform(land.key, np.uint64(u), np.uint64(v), np.uint64(99)) for u, v in parcels.tolist()])
    ploughed = (chance[rows.ravel()] < FIELD_RATIO) & (gaps > (4.0 * FIELDS_FROM_M if town else FIELDS_FROM_M))
    return np.where(ploughed, MATERIAL["field"], MATERIAL["grass"])
