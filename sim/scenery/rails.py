"""Guard rails: a W-beam on posts, following the chain of segments the map gives. Metres, world frame.

All segments of a map are made at once as arrays. The beam is 0.31 m high and 8 cm deep with its upper
edge at the object's height (single-sided steel rail, 0.75 m above the road, posts every 4 m: EDSP of
RPS 2009 and TL-SP 99; recalled, confirm).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import PARTS, Mesh, frozen

POST_APART_M = 4.0
POST_ROOT_M = 0.5
BEAM_HIGH_M = 0.31
FRONT_M = 0.15  # of the beam from the middle of the rail's box
# The beam's section: distance in front of the middle, and depth below the upper edge.
PROFILE = ((0.06, 0.0), (FRONT_M, 0.075), (0.075, 0.155), (FRONT_M, 0.235), (0.06, BEAM_HIGH_M))
POST_SECTION = ((0.06, -0.05), (0.06, 0.05), (-0.08, 0.0))  # in front, along

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailSegments:
    """Segments of rails. Arrays: `starts`, `ends` (n, 3) on the ground; `fronts` (n,) +1 or -1: the beam is
    on the left or right of the way from start to end; `heights_m` (n,); `from_m` (n,) how far along its
    rail a segment starts, so that posts keep their distance from segment to segment.
    """

    starts: Array
    ends: Array
    fronts: Array
    heights_m: Array
    from_m: Array


def beams(segments: RailSegments) -> Mesh:
    """The beams of all segments, closed around but open at the joints."""
    ahead = segments.ends - segments.starts
    level = np.hypot(ahead[:, 0], ahead[:, 1])
    aside = np.column_stack((-ahead[:, 1], ahead[:, 0], np.zeros(len(level)))) / level[:, None]
    aside *= segments.fronts[:, None]
    ring = [*PROFILE]
    quads = []
    for (ya, da), (yb, db) in zip(ring, [*ring[1:], ring[0]], strict=True):
        corners = []
        for base, y, d in ((segments.starts, ya, da), (segments.ends, ya, da), (segments.ends, yb, db),
                           (segments.starts, yb, db)):  # fmt: skip
            point = base + y * aside
            point[:, 2] += segments.heights_m - d
            corners.append(point)
        quads.append(np.stack(corners, axis=1))  # (n, 4, 3)
    faces = np.stack(quads, axis=1).reshape(-1, 4, 3)
    turned = np.repeat(segments.fronts < 0.0, len(ring))
    faces[turned] = faces[turned][:, ::-1]
    return _quads(faces, MATERIAL["guard_rail"])


def posts(segments: RailSegments) -> Mesh:
    """The posts of all segments: three-sided, from below the ground to just under the beam's upper edge."""
    ahead = segments.ends - segments.starts
    level = np.hypot(ahead[:, 0], ahead[:, 1])
    first = np.ceil(segments.from_m / POST_APART_M - 1e-9) * POST_APART_M - segments.from_m
    along = [
        np.arange(start, length, POST_APART_M) for start, length in zip(first.tolist(), level.tolist(), strict=True)
    ]
    row = np.repeat(np.arange(len(along)), [len(here) for here in along])
    share = np.concatenate(along) / level[row]
    feet = segments.starts[row] + share[:, None] * ahead[row]
    forward = ahead[row] / level[row][:, None]
    forward[:, 2] = 0.0
    aside = np.column_stack((-forward[:, 1], forward[:, 0], forward[:, 2])) * segments.fronts[row][:, None]
    faces = []
    for index in range(3):
        (ya, xa), (yb, xb) = POST_SECTION[index], POST_SECTION[(index + 1) % 3]
        a, b = feet + ya * aside + xa * forward, feet + yb * aside + xb * forward
        top = np.zeros_like(feet)
        top[:, 2] = segments.heights_m[row] - 0.02
        root = np.array([0.0, 0.0, -POST_ROOT_M])
        faces.append(np.stack([a + root, b + root, b + top, a + top], axis=1))
    quads = np.stack(faces, axis=1).reshape(-1, 4, 3)
    turned = np.repeat(segments.fronts[row] > 0.0, 3)
    quads[turned] = quads[turned][:, ::-1]
    return _quads(quads, MATERIAL["guard_rail"])


def _quads(faces: Array, material: int) -> Mesh:
    """Flat quadrilaterals (n, 4, 3), each with vertices of its own."""
    count = len(faces)
    normals = np.cross(faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    starts = 4 * np.arange(count)[:, None]
    return frozen(
        Mesh(
            vertices=faces.reshape(-1, 3).astype(np.float32),
            normals=np.repeat(normals, 4, axis=0).astype(np.float32),
            parts=np.zeros(4 * count, dtype=np.int32),
            triangles=np.concatenate((starts + [0, 1, 2], starts + [0, 2, 3]), axis=1).reshape(-1, 3).astype(np.int32),
            materials=np.full(2 * count, material, dtype=np.int32),
            joints=np.zeros((PARTS, 3), dtype=np.float32),
        )
    )
