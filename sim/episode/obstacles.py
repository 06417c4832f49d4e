"""What stands in the way of walkers, cut out of the ground they walk on. World frame, metres."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.episode.ground import BOX_COS, BOX_HIGH, BOX_LENGTH, BOX_LOW, BOX_SIN, BOX_WIDTH, BOX_X, BOX_Y
from sim.episode.patchwork import Patch, Patchwork, Point, Ring, shared, without

TALL_M: Final = 1.9  # own: what hangs higher is walked under
STEP_M: Final = 0.2  # own: what is lower is stepped over


def clear_of(patches: list[Patch], boxes: NDArray[np.float64], body_m: float) -> list[Patch]:
    """The patches without what boxes (`sim.episode.ground.Fixtures`) cover, and a body's radius around them."""
    known = Patchwork()
    rows = boxes.tolist()
    for number, row in enumerate(rows):
        known.add(_outline(row, body_m), number)
    clear = []
    for patch in patches:
        pieces = [patch.ring]
        for box in known.near(patch.ring):
            pieces = [left for piece in pieces for left in _cut(piece, box.ring, rows[box.kind])]
        clear += [Patch(piece, patch.kind) for piece in pieces]
    return clear


def _outline(row: list[float], body_m: float) -> Ring:
    half_m, wide_m = row[BOX_LENGTH] + body_m, row[BOX_WIDTH] + body_m
    x, y, c, s = row[BOX_X], row[BOX_Y], row[BOX_COS], row[BOX_SIN]
    corners = ((half_m, wide_m), (-half_m, wide_m), (-half_m, -wide_m), (half_m, -wide_m))
    return tuple((x + c * u - s * v, y + s * u + c * v, row[BOX_LOW]) for u, v in corners)


def _cut(ring: Ring, outline: Ring, row: list[float]) -> list[Ring]:
    """The pieces of a ring beside a box, if who walks there would meet it."""
    common = shared(ring, outline)
    if not common:
        return [ring]
    ground_m = sum(p[2] for p in common) / len(common)
    if row[BOX_LOW] - TALL_M > ground_m or row[BOX_HIGH] - STEP_M < ground_m:
        return [ring]
    level: tuple[Point, ...] = tuple((x, y, ground_m) for x, y, _ in outline)
    return without(ring, level)
