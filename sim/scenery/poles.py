"""Street lamps and reflector posts: metres, standing at the origin, z up."""

from functools import lru_cache

from sim.scenery.glyphs import face, rectangle, round_corners
from sim.scenery.mesh import Mesh, merged, placed
from sim.scenery.shapes import box, cylinder, from_faces

LAMP_ROOT_M = 0.5
LAMP_HEIGHT_M = 8.0  # luminaires of 8 m over streets of two lanes (DIN EN 13201 leaves it open; own)
ARM_M = 2.6
POST_HEIGHT_M = 1.0  # reflector posts: 1.0 m above the road, 12 cm wide (HLB; recalled, confirm)
POST_HALF_M = 0.06
POST_DEPTH_M = 0.04


@lru_cache(maxsize=2)
def street_lamp() -> Mesh:
    """A lamp whose arm reaches along +x; the luminaire's lower side glows."""
    rise_m = 0.25
    head_x_m, head_z_m = ARM_M, LAMP_HEIGHT_M + rise_m
    return merged(
        cylinder((0.0, 0.0, -LAMP_ROOT_M), (0.0, 0.0, LAMP_HEIGHT_M), 0.085, "pole", sides=6, end_radius_m=0.05,
                 capped=False),
        cylinder((0.0, 0.0, LAMP_HEIGHT_M - 0.05), (head_x_m - 0.3, 0.0, head_z_m - 0.02), 0.045, "pole", sides=4),
        box((head_x_m - 0.4, -0.14, head_z_m - 0.02), (head_x_m + 0.4, 0.14, head_z_m + 0.1), "pole"),
        from_faces([[(head_x_m - 0.32, 0.11, head_z_m - 0.032), (head_x_m + 0.36, 0.11, head_z_m - 0.032),
                     (head_x_m + 0.36, -0.11, head_z_m - 0.032), (head_x_m - 0.32, -0.11, head_z_m - 0.032)]],
                   "street_lamp"),
    )  # fmt: skip


@lru_cache(maxsize=2)
def reflector_post() -> Mesh:
    """A German reflector post on the right of a road, for who comes along it towards the side +x looks to.

    Its face (+x) carries the upright reflector of the road's right side, its back (-x) the two dots
    that drivers of the other direction see on their left.
    """
    half, deep = POST_HALF_M, POST_DEPTH_M
    body = from_faces(
        [
            [(deep, -half, -0.3), (deep, half, -0.3), (deep, half, 0.94), (deep, -half, POST_HEIGHT_M)],
            [(-deep, half, -0.3), (-deep, -half, -0.3), (-deep, -half, POST_HEIGHT_M), (-deep, half, 0.94)],
            [(deep, half, -0.3), (-deep, half, -0.3), (-deep, half, 0.94), (deep, half, 0.94)],
            [(-deep, -half, -0.3), (deep, -half, -0.3), (deep, -half, POST_HEIGHT_M), (-deep, -half, POST_HEIGHT_M)],
            [(deep, -half, POST_HEIGHT_M), (deep, half, 0.94), (-deep, half, 0.94), (-deep, -half, POST_HEIGHT_M)],
        ],
        "post_white",
    )
    # The black band slants; on each face it is a parallelogram in front of the white.
    band = [(-half, 0.68), (half, 0.62), (half, 0.86), (-half, 0.92)]
    front = merged(
        face(band, 1, "post_black", deep),
        face(rectangle((-0.022, 0.67), (0.022, 0.85)), 2, "reflector", deep),
    )
    mirrored = [(-y, z) for y, z in reversed(band)]
    rear = merged(
        face(mirrored, 1, "post_black", deep),
        face(round_corners((0.0, 0.71), 0.028, 6), 2, "reflector", deep),
        face(round_corners((0.0, 0.83), 0.028, 6), 2, "reflector", deep),
    )
    return merged(body, front, placed(rear, yaw_rad=3.141592653589793))
