"""Convex patches of ground laid beside one another: what is already covered is cut away from the next one.

Plan geometry in the world frame, metres. A ring is a convex outline, counter-clockwise seen from above,
with a height at every corner. Two patches cover each other only where they are of one layer: what passes
below a bridge is not cut by what passes over it.
"""

from collections.abc import Iterable, Iterator
from math import floor, hypot
from typing import Final, NamedTuple

Point = tuple[float, float, float]
Ring = tuple[Point, ...]

THIN_M: Final = 0.06  # own: narrower slivers are left out; seams close gaps of this width
LAYER_M: Final = 1.5  # own: surfaces closer in height than this are one layer, below any bridge's clearance
CELL_M: Final = 16.0
ON_LINE_M: Final = 1e-6


class Patch(NamedTuple):
    """A convex piece of ground. `kind` is whatever the caller tells patches apart by."""

    ring: Ring
    kind: int


def area_m2(ring: Ring) -> float:
    """The area in plan; negative where the ring runs clockwise."""
    x0, y0, _ = ring[0]
    return 0.5 * sum(
        (b[0] - x0) * (c[1] - y0) - (c[0] - x0) * (b[1] - y0) for b, c in zip(ring[1:], ring[2:], strict=False)
    )


def is_thin(ring: Ring) -> bool:
    """Whether there is nothing left of it, or only a sliver."""
    if len(ring) < 3:
        return True
    x, y = [p[0] for p in ring], [p[1] for p in ring]
    return 2.0 * area_m2(ring) < THIN_M * hypot(max(x) - min(x), max(y) - min(y))


def hull(points: Iterable[Point]) -> Ring:
    """The convex outline about some points."""
    lower: list[Point] = []
    upper: list[Point] = []
    ordered = sorted(set(points))
    for chain, way in ((lower, ordered), (upper, ordered[::-1])):
        for point in way:
            while len(chain) > 1 and _side(chain[-2], chain[-1], point) <= ON_LINE_M**2:
                chain.pop()
            chain.append(point)
    return (*lower[:-1], *upper[:-1])


def _side(a: Point, b: Point, p: Point) -> float:
    """Positive where p is to the left of the line from a to b: twice the area of the three."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def parted(ring: Ring, a: Point, b: Point) -> tuple[Ring, Ring]:
    """What of a ring is to the left of the line through a and b, and what to the right."""
    long_m = hypot(b[0] - a[0], b[1] - a[1])
    sides = [_side(a, b, p) / long_m for p in ring]
    left: list[Point] = []
    right: list[Point] = []
    for i, (p, d) in enumerate(zip(ring, sides, strict=True)):
        q, e = ring[i - 1], sides[i - 1]
        if (d > ON_LINE_M and e < -ON_LINE_M) or (d < -ON_LINE_M and e > ON_LINE_M):
            share = e / (e - d)
            cut = (q[0] + share * (p[0] - q[0]), q[1] + share * (p[1] - q[1]), q[2] + share * (p[2] - q[2]))
            left.append(cut)
            right.append(cut)
        if d >= -ON_LINE_M:
            left.append(p)
        if d <= ON_LINE_M:
            right.append(p)
    return tuple(left), tuple(right)


def shared(ring: Ring, other: Ring) -> Ring:
    """What two rings have in common, on the first one's surface; empty where they at most touch."""
    for i in range(len(other)):
        ring = parted(ring, other[i - 1], other[i])[0]
        if is_thin(ring):
            return ()
    return ring


def without(ring: Ring, other: Ring) -> list[Ring]:
    """The convex pieces of a ring that another one of its layer leaves free."""
    common = shared(ring, other)
    if not common or abs(_rise_m(common, other)) > LAYER_M:
        return [ring]
    pieces = []
    for i in range(len(other)):
        ring, outside = parted(ring, other[i - 1], other[i])
        if not is_thin(outside):
            pieces.append(outside)
        if is_thin(ring):
            break
    return pieces


def _rise_m(common: Ring, other: Ring) -> float:
    """How far a ring lies above another one, in its middle."""
    x, y, z = (sum(p[k] for p in common) / len(common) for k in range(3))
    return z - height_m(other, x, y)


def height_m(ring: Ring, x_m: float, y_m: float) -> float:
    """The height of a ring's plane at a place (Newell's normal, through the middle of the corners)."""
    nx = ny = nz = 0.0
    for i, p in enumerate(ring):
        q = ring[i - 1]
        nx += (q[1] - p[1]) * (q[2] + p[2])
        ny += (q[2] - p[2]) * (q[0] + p[0])
        nz += (q[0] - p[0]) * (q[1] + p[1])
    x, y, z = (sum(p[k] for p in ring) / len(ring) for k in range(3))
    return z if nz == 0.0 else z - (nx * (x_m - x) + ny * (y_m - y)) / nz


def holds(ring: Ring, x_m: float, y_m: float, inside_m: float = 0.0) -> bool:
    """Whether a place lies in a ring, and at least so far from its outline."""
    for i, b in enumerate(ring):
        a = ring[i - 1]
        long_m = hypot(b[0] - a[0], b[1] - a[1])
        if long_m > 0.0 and _side(a, b, (x_m, y_m, 0.0)) < inside_m * long_m:
            return False
    return True


class Patchwork:
    """Patches by where they are. What is laid first stays whole."""

    def __init__(self) -> None:
        self.patches: list[Patch] = []
        self._boxes: list[_Box] = []
        self._cells: dict[tuple[int, int], list[int]] = {}

    def lay(self, ring: Ring, kind: int) -> None:
        """Adds what nothing covers yet."""
        for piece in self.free(ring):
            self.add(piece, kind)

    def add(self, ring: Ring, kind: int) -> None:
        """Adds a patch whatever it covers."""
        if not is_thin(ring):
            for cell in _cells_of(ring):
                self._cells.setdefault(cell, []).append(len(self.patches))
            self.patches.append(Patch(ring, kind))
            self._boxes.append(_box(ring))

    def free(self, ring: Ring) -> list[Ring]:
        """The convex pieces of a ring that nothing covers."""
        if is_thin(ring):
            return []
        pieces = [(ring, _box(ring))]
        for at in sorted({at for cell in _cells_of(ring) for at in self._cells.get(cell, ())}):
            box, other = self._boxes[at], self.patches[at].ring
            if any(_meet(own, box) for _, own in pieces):
                pieces = [
                    part
                    for piece, own in pieces
                    for part in (
                        [(left, _box(left)) for left in without(piece, other)] if _meet(own, box) else [(piece, own)]
                    )
                ]
        return [piece for piece, _ in pieces]

    def near(self, ring: Ring) -> list[Patch]:
        """The patches that a ring may meet, in the order they were laid."""
        found = sorted({at for cell in _cells_of(ring) for at in self._cells.get(cell, ())})
        box = _box(ring)
        return [self.patches[at] for at in found if _meet(box, self._boxes[at])]

    def at(self, x_m: float, y_m: float, z_m: float, inside_m: float = 0.0) -> Patch | None:
        """The patch of this layer that covers a place."""
        for at in self._cells.get((floor(x_m / CELL_M), floor(y_m / CELL_M)), ()):
            patch = self.patches[at]
            if holds(patch.ring, x_m, y_m, inside_m) and abs(height_m(patch.ring, x_m, y_m) - z_m) < LAYER_M:
                return patch
        return None


_Box = tuple[float, float, float, float]  # least and greatest x, least and greatest y


def _box(ring: Ring) -> _Box:
    x, y = [p[0] for p in ring], [p[1] for p in ring]
    return min(x), max(x), min(y), max(y)


def _meet(one: _Box, other: _Box) -> bool:
    """Whether two boxes share more than a border."""
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _cells_of(ring: Ring) -> Iterator[tuple[int, int]]:
    low_x, high_x, low_y, high_y = _box(ring)
    for i in range(floor(low_x / CELL_M), floor(high_x / CELL_M) + 1):
        for j in range(floor(low_y / CELL_M), floor(high_y / CELL_M) + 1):
            yield i, j
