"""What reaches the lens: radiance, metric depth and ids of every pixel, before the imager."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOBODY = -1  # the instance of sky, road and everything that stands still
SKY_DEPTH_M = np.float32(np.inf)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One drawn picture, rows from the top, columns from the left.

    `radiance` (h, w, 3) float32 is linear RGB in cd/m² (equal channels are white); `depth_m` (h, w)
    float32 the distance along the optical axis, inf for sky; `instance` (h, w) int32 the row of the
    roster, NOBODY elsewhere; `semantic` (h, w) uint8 a `sim.scenery.materials.Semantic`. `focal_px` is
    the lens's focal length, for whoever needs angles.
    """

    radiance: NDArray[np.float32]
    depth_m: NDArray[np.float32]
    instance: NDArray[np.int32]
    semantic: NDArray[np.uint8]
    focal_px: float = 600.0
