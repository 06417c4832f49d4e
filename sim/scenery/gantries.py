"""Sign gantries over a carriageway: metres; the boards look along +x, the span runs along y.

The origin is on the road's surface where the reference of the span is; `left_m` and `right_m` are where
the legs stand (y of their centres, seen from the origin; left is the larger).
Clearance: boards end at least 5.0 m above the road (VwV-StVO and RWBA 2000 ask for 4.5 m and more; recalled, confirm).
"""

from functools import lru_cache
from math import pi

from sim.scenery.glyphs import arrow, back, bars, face, rectangle
from sim.scenery.mesh import Mesh, merged, placed
from sim.scenery.shapes import box, cylinder

LOWER_EDGE_M = 5.4  # of the boards
BOARD_HEIGHT_M = 2.6
BEAM_LOW_M, BEAM_HIGH_M = 6.3, 7.5
HALF_DEPTH_M = 0.45
LEG_HALF_M = 0.2
ROOT_M = 0.8
PANEL_M = 3.0  # from one strut of the truss to the next

Spans = tuple[tuple[float, float], ...]


def _truss(left_m: float, right_m: float) -> Mesh:
    """Four chords and the struts between them on the two faces."""
    chords = [
        box((x - 0.08, right_m, z - 0.08), (x + 0.08, left_m, z + 0.08), "gantry")
        for x in (-HALF_DEPTH_M, HALF_DEPTH_M)
        for z in (BEAM_LOW_M, BEAM_HIGH_M)
    ]
    count = max(2, round((left_m - right_m) / PANEL_M))
    struts = []
    for index in range(count):
        a_m = right_m + (left_m - right_m) * index / count
        b_m = right_m + (left_m - right_m) * (index + 1) / count
        low, high = (BEAM_LOW_M, BEAM_HIGH_M) if index % 2 == 0 else (BEAM_HIGH_M, BEAM_LOW_M)
        struts += [cylinder((x, a_m, low), (x, b_m, high), 0.05, "gantry", sides=3, capped=False)
                   for x in (-HALF_DEPTH_M, HALF_DEPTH_M)]  # fmt: skip
    return merged(*chords, *struts)


def _board(low_m: float, high_m: float, variant: int) -> Mesh:
    """A blue board with a white rim, an arrow per lane and lines of writing."""
    x_m = HALF_DEPTH_M + 0.2
    bottom, top = LOWER_EDGE_M, LOWER_EDGE_M + BOARD_HEIGHT_M
    whole = rectangle((low_m, bottom), (high_m, top))
    middle, width = 0.5 * (low_m + high_m), high_m - low_m
    lines = [[(low_m + 0.35, top - 0.5 - 0.5 * row), (low_m + share * width, top - 0.5 - 0.5 * row)]
             for row, share in enumerate(((0.8, 0.62), (0.55, 0.86))[variant % 2])]  # fmt: skip
    tip = (middle, bottom + 0.25) if variant % 2 == 0 else (middle + 0.45, bottom + 1.15)
    foot = (middle, bottom + 1.2) if variant % 2 == 0 else (middle - 0.3, bottom + 0.25)
    return merged(
        back(whole, x_m),
        face(whole, 1, "sign_white", x_m),
        face(rectangle((low_m + 0.06, bottom + 0.06), (high_m - 0.06, top - 0.06)), 2, "sign_blue", x_m),
        bars(lines, 0.24, x_m + 0.036, "sign_white"),
        arrow(foot, tip, 0.22, 3, "sign_white", x_m),
    )


@lru_cache(maxsize=32)
def legs(left_m: float, right_m: float) -> tuple[Mesh, Mesh]:
    """The two legs."""
    left, right = (
        box((-LEG_HALF_M, y - LEG_HALF_M, -ROOT_M), (LEG_HALF_M, y + LEG_HALF_M, BEAM_HIGH_M + 0.1), "gantry")
        for y in (left_m, right_m)
    )
    return left, right


@lru_cache(maxsize=32)
def beam(left_m: float, right_m: float, boards: Spans, rear_boards: Spans = ()) -> Mesh:
    """The beam between the legs with boards on its front, and on its rear for who comes the other way.

    A board reaches from y to y as seen by who reads it, rising to the right.
    """
    rear = [placed(_board(low_m, high_m, 1 + index), yaw_rad=pi) for index, (low_m, high_m) in enumerate(rear_boards)]
    front = [_board(low_m, high_m, index) for index, (low_m, high_m) in enumerate(boards)]
    return merged(_truss(left_m, right_m), *front, *rear)
