"""Verges: the ground from a road's edge down to the land, with a ditch in the country, level in town.

A verge begins on the edge's own vertices, so nothing shows between, and ends below the land's
surface. Where another lane adjoins an edge, or a bridge carries it, there is none. World frame, metres.
"""

import numpy as np
from numpy.typing import NDArray

from sim.scenery.courses import Course
from sim.scenery.junctions import Floor
from sim.scenery.mesh import Mesh
from sim.scenery.ribbons import mesh_of, smooth_normals, strip_triangles
from sim.scenery.terrain import Land, heights_of

Array = NDArray[np.float64]
Profile = tuple[tuple[float, float], ...]

# Distance from the edge and height relative to it: a bank 1.5 m wide, then a ditch with sides of about 1:2
# and 1:1.5 (RAS-Ew 2005 as usual shapes; own simplification), then a low bank that ends in the land.
OPEN_PROFILE = ((0.0, -0.02), (1.5, -0.08), (3.2, -0.75), (3.8, -0.75), (5.2, -0.30), (8.0, -0.55))
TOWN_PROFILE = ((0.0, -0.02), (2.0, -0.05), (8.0, -0.08), (16.0, -0.09))
BURIED_M = 0.45  # own: the outer end lies this far below the land
STEEPEST_RATIO = 1.5  # own: way over fall of the last slope
LAST_M = 3.0  # own: its least way
AIR_M = 0.12  # own: a verge stays this far below another road's surface
BESIDE_M = 1.0  # own: and out to this beyond its edge
OUTSIDE_M = 0.25  # own: a surface this far outside an edge adjoins it
SAME_LEVEL_M = 1.5
INSIDE_RATIO = 0.85  # own: share of a bend's radius that a verge may reach inwards


def verge_meshes(courses: tuple[Course, ...], floors: tuple[Floor, ...], land: Land) -> list[Mesh]:
    """Both verges of every section, wherever its edge is the road's."""
    lanes = _Lanes(courses)
    meshes = []
    for course in courses:
        for side in (1.0, -1.0):
            meshes += _verge(course, side, lanes, floors, land)
    return meshes


def profile_of(course: Course) -> Profile:
    """The verge's cross-section."""
    return TOWN_PROFILE if any(lane.kind == "sidewalk" for lane in course.lanes) else OPEN_PROFILE


def verge_height_m(profile: Profile, off_m: float, edge_m: float, land_m: float) -> float:
    """How high a verge lies at a distance from its edge, where the land is given; the land's height beyond its foot."""
    offsets, falls = zip(*profile, strict=True)
    end_m = edge_m + falls[-1]
    if off_m <= offsets[-1]:
        return max(land_m, edge_m + float(np.interp(off_m, offsets, falls)))
    way_m = max(LAST_M, STEEPEST_RATIO * (end_m - land_m))
    return float(max(land_m, end_m - (off_m - offsets[-1]) / way_m * (end_m - land_m + BURIED_M)))


class _Lanes:
    """Every section's outline as segments, to ask whether a place is on a road."""

    def __init__(self, courses: tuple[Course, ...]) -> None:
        starts, steps, halves, heights = [], [], [], []
        for course in courses:
            middle = 0.5 * (course.left_edge + course.right_edge)
            starts.append(middle[:-1])
            steps.append(np.diff(middle, axis=0))
            across = np.sqrt(((course.left_edge - course.right_edge)[:, :2] ** 2).sum(axis=1))
            halves.append(0.25 * (across[1:] + across[:-1]))
            heights.append(np.minimum(middle[1:, 2], middle[:-1, 2]))
        self.starts, self.steps = np.concatenate(starts)[:, :2], np.concatenate(steps)[:, :2]
        self.halves, self.heights = np.concatenate(halves), np.concatenate(heights)

    def near(self, low: Array, high: Array) -> NDArray[np.intp]:
        """Segments that may touch a box."""
        ends = self.starts + self.steps
        reach = self.halves[:, None] + 2.0
        hit = (np.maximum(self.starts, ends) + reach > low) & (np.minimum(self.starts, ends) - reach < high)
        return np.flatnonzero(hit.all(axis=1))

    def gaps(self, places: Array, segments: NDArray[np.intp]) -> Array:
        """How far each place (p, 2) lies beside each of some segments' surfaces, (p, s); 0 on it."""
        away = places[:, None, :] - self.starts[None, segments, :]
        step = self.steps[segments]
        along = (away * step).sum(axis=2) / np.maximum((step**2).sum(axis=1), 1e-9)
        gap = away - np.clip(along, 0.0, 1.0)[:, :, None] * step
        return np.asarray(np.maximum(np.sqrt((gap**2).sum(axis=2)) - self.halves[segments], 0.0))


def _verge(course: Course, side: float, lanes: _Lanes, floors: tuple[Floor, ...], land: Land) -> list[Mesh]:
    edge = course.left_edge if side > 0.0 else course.right_edge
    outward = side * course.leftward
    grid = cross_sections(edge, outward, profile_of(course), land, _inner_limit_m(edge, outward))
    segments = lanes.near(grid[:, :, :2].min(axis=(0, 1)), grid[:, :, :2].max(axis=(0, 1)))
    _put_below(grid, lanes, segments)
    bare = course.bridge | _adjoined(edge, outward, lanes, segments)
    if course.junction_id:
        for floor in floors:
            bare |= floor.holds(edge[:, :2] + OUTSIDE_M * outward, 0.0)
    return _meshed(grid[::-1] if side > 0.0 else grid, bare)


def cross_sections(edge: Array, outward: Array, profile: Profile, land: Land, limit_m: Array) -> Array:
    """Points of a verge, (columns, rows, 3): from the edge outwards along its profile, down into the land."""
    columns = [edge + np.column_stack((np.minimum(off_m, limit_m)[:, None] * outward, np.full(len(edge), fall_m)))
               for off_m, fall_m in profile]  # fmt: skip
    last_m, way_m = profile[-1][0], np.full(len(edge), LAST_M)
    for _ in range(3):  # the slope's foot depends on the land there
        foot = edge[:, :2] + np.minimum(last_m + way_m, limit_m)[:, None] * outward
        heights, _gaps = heights_of(land, foot)
        way_m = np.maximum(LAST_M, STEEPEST_RATIO * (columns[-1][:, 2] - heights))
    columns.append(np.column_stack((foot, np.minimum(heights - BURIED_M, columns[-1][:, 2] - 0.1))))
    return np.stack(columns)


def _inner_limit_m(edge: Array, outward: Array) -> Array:
    """How far a verge may reach at each row: short of the centre of a bend on its inside."""
    turned = outward[:-1, 0] * outward[1:, 1] - outward[:-1, 1] * outward[1:, 0]
    along = np.diff(edge[:, :2], axis=0)
    inwards = outward[:-1, 1] * along[:, 0] - outward[:-1, 0] * along[:, 1] > 0.0  # left verge: inside of a left bend
    bend = np.where(inwards, turned, -turned) / np.maximum(np.sqrt((along**2).sum(axis=1)), 1e-6)
    sharp = np.maximum(np.concatenate((bend[:1], bend)), np.concatenate((bend, bend[-1:])))
    return np.where(sharp > 1e-4, INSIDE_RATIO / np.maximum(sharp, 1e-4), 1e3)


def _put_below(grid: Array, lanes: _Lanes, segments: NDArray[np.intp]) -> None:
    """Lower what lies on or beside another road's surface to just below it."""
    places = grid[1:].reshape(-1, 3)
    gaps = lanes.gaps(places[:, :2], segments)
    ceiling = np.where(gaps < BESIDE_M, lanes.heights[segments] - AIR_M, np.inf).min(axis=1, initial=np.inf)
    places[:, 2] = np.minimum(places[:, 2], ceiling)


def _adjoined(edge: Array, outward: Array, lanes: _Lanes, segments: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rows just outside which another surface of about the same height lies."""
    gaps = lanes.gaps(edge[:, :2] + OUTSIDE_M * outward, segments)
    level = np.abs(lanes.heights[segments] - edge[:, 2:3]) < SAME_LEVEL_M
    return np.asarray(((gaps <= 0.0) & level).any(axis=1))


def _meshed(grid: Array, bare: NDArray[np.bool_]) -> list[Mesh]:
    """The grid of columns, from left to right, without the stretches whose both rows are bare."""
    columns, rows = grid.shape[:2]
    vertices = grid.reshape(-1, 3)
    triangles = strip_triangles(columns, rows)
    first = triangles[:, 0] % rows
    kept = triangles[~(bare[first] & bare[np.minimum(first + 1, rows - 1)])]
    if not len(kept):
        return []
    used, kept = np.unique(kept, return_inverse=True)
    vertices, kept = vertices[used], kept.reshape(-1, 3)
    return [mesh_of(vertices, smooth_normals(vertices, kept), kept, "grass")]
