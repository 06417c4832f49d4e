"""What bodies stand on and run into: the surfaces of a map below a point, and its fixtures as boxes.

World frame, metres. Surfaces are the map's triangles that face upwards and can be stood on (markings,
leaves, rails, signs and poles cannot). Fixtures are boxes with a direction; those with arms or awnings
count as wide as they are near their foot, and a bridge's deck counts as its two parapets.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from math import cos, floor, sin
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rays.tree import STACK, Tree, build
from sim.scenery.materials import MATERIALS, Semantic
from sim.scenery.still import Fixture, Still

NO_GROUND = -1e30  # the height of nothing
STEEPEST: Final = 0.3  # own: the upward share of the normal of what can be stood on
CELL_M = 16.0  # own: fixtures are looked up by squares of this size
FOOT_M: Final = 1.2  # own: so much of a pole's or building's lower end decides how wide it is
PARAPET_M: Final = 0.3  # own: thickness of a bridge's parapets

_STANDABLE: Final = frozenset(
    {
        Semantic.UNLABELED, Semantic.ROAD, Semantic.SIDEWALK, Semantic.BUILDING, Semantic.WALL, Semantic.TERRAIN,
        Semantic.STATIC, Semantic.OTHER, Semantic.WATER, Semantic.GROUND, Semantic.BRIDGE, Semantic.RAIL_TRACK,
    }
)  # fmt: skip
_LABELS: Final = {
    "guard_rail": Semantic.GUARD_RAIL, "gantry": Semantic.POLE, "sign": Semantic.TRAFFIC_SIGN,
    "signal": Semantic.TRAFFIC_LIGHT, "pole": Semantic.POLE, "tree": Semantic.VEGETATION,
    "building": Semantic.BUILDING, "wall": Semantic.WALL, "bridge": Semantic.BRIDGE,
}  # fmt: skip
_WITH_FOOT: Final = frozenset({"pole", "signal", "sign", "building"})

# Columns of a fixture.
BOX_X, BOX_Y, BOX_COS, BOX_SIN, BOX_LENGTH, BOX_WIDTH, BOX_LOW, BOX_HIGH, BOX_RADIUS, BOX_LABEL = range(10)
BOX_COLUMNS: Final = 10  # length and width are halves


class Surfaces(NamedTuple):
    """The tree of what can be stood on, and the walk's scratch."""

    boxes: Any
    links: Any
    corners: Any
    stack: Any  # (STACK,) int64


class Fixtures(NamedTuple):
    """Boxes, and which of them touch each square: `rows[first[k]:first[k + 1]]` of square k."""

    boxes: Any  # (m, BOX_COLUMNS) float64
    first: Any  # (across * along + 1,) int64
    rows: Any  # int64
    grid: Any  # (4,) int64: lowest column and row of squares, how many columns and rows


class Ground:
    """Surfaces and fixtures of one map; read-only but for the scratch, so one at a time."""

    def __init__(self, still: Still) -> None:
        self.surfaces = _surfaces(still)
        self.fixtures = _fixtures(tuple(box for each in still.fixtures for box in _boxes(each, still)))

    def height_m(self, x_m: float, y_m: float, below_m: float) -> float | None:
        """Height of the highest surface at a place that is not above `below_m`; None if there is none."""
        found = float(height_below(self.surfaces, float(x_m), float(y_m), float(below_m)))
        return None if found == NO_GROUND else found

    def normal(self, x_m: float, y_m: float, below_m: float) -> tuple[float, float, float]:
        """The upward unit normal of that surface; straight up where there is none."""
        _, nx, ny, nz = surface_below(self.surfaces, float(x_m), float(y_m), float(below_m))
        return float(nx), float(ny), float(nz)


def _surfaces(still: Still) -> Surfaces:
    corners = still.vertices[still.triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    standable = np.array([material.semantic in _STANDABLE for material in MATERIALS])
    kept = (normals[:, 2] > STEEPEST * lengths) & (lengths > 0.0)
    kept &= standable[still.materials] if len(still.materials) else True
    tree: Tree = build(still.vertices, still.triangles[kept])
    return Surfaces(boxes=tree.boxes, links=tree.links, corners=tree.corners, stack=np.empty(STACK, np.int64))


def _boxes(fixture: Fixture, still: Still) -> tuple[NDArray[np.float64], ...]:
    """The solid boxes of one fixture."""
    c, s = cos(fixture.yaw_rad), sin(fixture.yaw_rad)
    low, high = np.array([-fixture.length_m, -fixture.width_m]) / 2.0, np.array([fixture.length_m, fixture.width_m]) / 2
    areas = [(low, high)]
    if fixture.kind == "bridge":
        inner = high[1] - PARAPET_M
        areas = [(low, np.array([high[0], -inner])), (np.array([low[0], inner]), high)]
    elif fixture.kind in _WITH_FOOT:
        foot = _foot(fixture, still, c, s)
        areas = [foot] if foot is not None else areas
    label = _LABELS.get(fixture.kind, Semantic.STATIC)
    made = []
    for a, b in areas:
        (u, v), (half_u, half_v) = (a + b) / 2.0, (b - a) / 2.0
        x_m, y_m = fixture.x_m + c * u - s * v, fixture.y_m + s * u + c * v
        low_m, high_m = fixture.z_m, fixture.z_m + fixture.height_m
        radius_m = float(np.hypot(half_u, half_v))
        made.append(np.array([x_m, y_m, c, s, half_u, half_v, low_m, high_m, radius_m, label], dtype=np.float64))
    return tuple(made)


def _foot(fixture: Fixture, still: Still, c: float, s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Low and high corner, in the fixture's axes, of what its triangles cover near its lower end."""
    box = np.array([fixture.x_m, fixture.y_m])
    reach_m = 0.5 * float(np.hypot(fixture.length_m, fixture.width_m)) + 0.01
    tiles = np.flatnonzero(
        (still.boxes[:, :2] <= box + reach_m).all(axis=1) & (still.boxes[:, 3:5] >= box - reach_m).all(axis=1)
    )
    if not len(tiles):
        return None
    rows = np.concatenate([np.arange(still.first[k], still.first[k + 1]) for k in tiles])
    corners = still.vertices[still.triangles[rows]].astype(np.float64)
    away = corners[:, :, :2] - box
    along, across = c * away[:, :, 0] + s * away[:, :, 1], c * away[:, :, 1] - s * away[:, :, 0]
    inside = (abs(along) <= 0.5 * fixture.length_m + 0.01) & (abs(across) <= 0.5 * fixture.width_m + 0.01)
    low_m = fixture.z_m
    solid = inside.all(axis=1) & (corners[:, :, 2].max(axis=1) > low_m + 0.05)
    near = solid[:, None] & (corners[:, :, 2] <= low_m + FOOT_M)
    if near.sum() < 3:
        return None
    low = np.array([along[near].min(), across[near].min()])
    return low, np.maximum(np.array([along[near].max(), across[near].max()]), low + 0.05)


def _fixtures(boxes: tuple[NDArray[np.float64], ...]) -> Fixtures:
    table = np.array(boxes, dtype=np.float64).reshape(-1, BOX_COLUMNS)
    if not len(table):
        return Fixtures(table, np.zeros(2, np.int64), np.zeros(0, np.int64), np.array([0, 0, 1, 1], np.int64))
    reach = table[:, BOX_RADIUS]
    low_x, low_y = (np.floor((table[:, k] - reach) / CELL_M).astype(np.int64) for k in (BOX_X, BOX_Y))
    high_x, high_y = (np.floor((table[:, k] + reach) / CELL_M).astype(np.int64) for k in (BOX_X, BOX_Y))
    begin_x, begin_y = int(low_x.min()), int(low_y.min())
    columns, rows = int(high_x.max()) - begin_x + 1, int(high_y.max()) - begin_y + 1
    squares: dict[int, list[int]] = {}
    for k in range(len(table)):
        for cx in range(int(low_x[k]), int(high_x[k]) + 1):
            for cy in range(int(low_y[k]), int(high_y[k]) + 1):
                squares.setdefault((cy - begin_y) * columns + cx - begin_x, []).append(k)
    counts = np.zeros(columns * rows + 1, dtype=np.int64)
    for square, members in squares.items():
        counts[square + 1] = len(members)
    ordered = [k for square in sorted(squares) for k in squares[square]]
    grid = np.array([begin_x, begin_y, columns, rows], dtype=np.int64)
    return Fixtures(table, np.cumsum(counts), np.array(ordered, dtype=np.int64), grid)


@njit(cache=True, error_model="numpy")
def below(surfaces, x, y, z):  # type: ignore[no-untyped-def]
    """Height and leaf-order row of the highest surface at (x, y) that is not above z; (NO_GROUND, -1) if none."""
    boxes, links, corners, stack = surfaces.boxes, surfaces.links, surfaces.corners, surfaces.stack
    best, found = NO_GROUND, -1
    stack[0] = 0
    waiting = 1
    while waiting > 0:
        waiting -= 1
        node = stack[waiting]
        if boxes[node, 5] <= best:
            continue
        begin, count = links[node, 0], links[node, 1]
        if count > 0:
            for t in range(begin, begin + count):
                ax, ay = corners[t, 0] - x, corners[t, 1] - y
                bx, by = corners[t, 3] - x, corners[t, 4] - y
                cx, cy = corners[t, 6] - x, corners[t, 7] - y
                u = bx * cy - cx * by
                v = cx * ay - ax * cy
                w = ax * by - bx * ay
                if u < 0.0 or v < 0.0 or w < 0.0:
                    continue
                area = u + v + w
                if not area > 0.0:
                    continue
                height = (u * corners[t, 2] + v * corners[t, 5] + w * corners[t, 8]) / area
                if best < height <= z:
                    best, found = height, t
            continue
        if begin == 0:
            continue  # a tree of nothing
        for k in range(begin, begin + 2):
            inside = boxes[k, 0] <= x <= boxes[k, 3] and boxes[k, 1] <= y <= boxes[k, 4]
            if inside and boxes[k, 2] <= z and boxes[k, 5] > best:
                stack[waiting] = k
                waiting += 1
    return best, found


@njit(cache=True, error_model="numpy")
def height_below(surfaces, x, y, z):  # type: ignore[no-untyped-def]
    """Height of the highest surface at (x, y) that is not above z; NO_GROUND if there is none."""
    return below(surfaces, x, y, z)[0]


@njit(cache=True, error_model="numpy")
def surface_below(surfaces, x, y, z):  # type: ignore[no-untyped-def]
    """The same with the surface's upward unit normal."""
    height, found = below(surfaces, x, y, z)
    if found < 0:
        return height, 0.0, 0.0, 1.0
    c = surfaces.corners[found]
    ex, ey, ez = np.float64(c[3]) - c[0], np.float64(c[4]) - c[1], np.float64(c[5]) - c[2]
    fx, fy, fz = np.float64(c[6]) - c[0], np.float64(c[7]) - c[1], np.float64(c[8]) - c[2]
    nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
    scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
    return height, nx * scale, ny * scale, nz * scale


@njit(cache=True, error_model="numpy")
def square_of(fixtures, x, y):  # type: ignore[no-untyped-def]
    """Column and row of squares of a place, kept within the grid's border."""
    grid = fixtures.grid
    cx, cy = int(floor(x / CELL_M)) - grid[0], int(floor(y / CELL_M)) - grid[1]
    return min(max(cx, 0), grid[2] - 1), min(max(cy, 0), grid[3] - 1)
