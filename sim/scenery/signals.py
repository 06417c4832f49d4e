"""Traffic signals on their posts: metres, standing at the origin and looking along +x.

One of the three lenses is lit: its material carries the lamp that makes it glow, the others are dark.
Sizes: lenses of 200 mm, housing as usual for them; lower edge 2.1 m (RiLSA 2015; recalled, confirm).
"""

from functools import lru_cache
from math import pi

from sim.scenery.glyphs import face, round_corners
from sim.scenery.mesh import Mesh, merged
from sim.scenery.shapes import Point, box, cylinder, from_faces

COLOURS = ("red", "amber", "green")  # from top to bottom
LENS_RADIUS_M = 0.1
LENS_APART_M = 0.3
LOWER_EDGE_M = 2.1
POST_RADIUS_M = 0.057
ROOT_M = 0.8
HALF_WIDTH_M = 0.15
FRONT_M = 0.28
REAR_M = 0.08


def _visor(z_m: float) -> Mesh:
    """A half-round hood above a lens: its outside and its inside."""
    angles = (0.0, 0.25 * pi, 0.75 * pi, pi)
    ring = [corner for angle in angles for corner in round_corners((0.0, z_m), LENS_RADIUS_M + 0.02, 1, angle)]
    faces: list[tuple[Point, ...]] = []
    for (ya, za), (yb, zb) in zip(ring[:-1], ring[1:], strict=True):
        outside = ((FRONT_M, ya, za), (FRONT_M + 0.2, ya, za), (FRONT_M + 0.2, yb, zb), (FRONT_M, yb, zb))
        faces += [tuple(reversed(outside)), outside]
    return from_faces(faces, "signal_housing")


@lru_cache(maxsize=16)
def signal(lit: str, lower_m: float = LOWER_EDGE_M) -> Mesh:
    """A signal for traffic with one lens lit: "red", "amber" or "green"; the housing begins at `lower_m`."""
    top_m = lower_m + len(COLOURS) * LENS_APART_M
    parts = [
        cylinder((0.0, 0.0, -ROOT_M), (0.0, 0.0, top_m + 0.15), POST_RADIUS_M, "pole", sides=6),
        box((REAR_M, -HALF_WIDTH_M, lower_m), (FRONT_M, HALF_WIDTH_M, top_m), "signal_housing"),
    ]
    for index, colour in enumerate(COLOURS):
        z_m = top_m - (index + 0.5) * LENS_APART_M
        material = f"signal_{colour}" if colour == lit else f"signal_{colour}_off"
        parts += [face(round_corners((0.0, z_m), LENS_RADIUS_M, 10), 1, material, FRONT_M), _visor(z_m)]
    return merged(*parts)
