"""Patches sewn together: corners brought to one place, edges split so that neighbours share whole edges.

Every polygon of the result is convex with at most six corners, and says for each edge which polygon lies
across it. World frame, metres; corners counter-clockwise seen from above.
"""

from math import floor, hypot
from typing import Final, NamedTuple

from sim.episode.patchwork import THIN_M, Patch, Point, is_thin

MOST_CORNERS: Final = 6  # what a polygon of a navigation mesh can have
NOBODY: Final = -1
STEP_M: Final = 0.5  # own: corners above one another by less are one corner: a kerb, not a bridge
CELL_M: Final = 4.0

Corner = tuple[int, float]  # number of the place and height there


class Cloth(NamedTuple):
    """Polygons with what they are and who is beside each of their edges (edge k: corner k to the next)."""

    rings: list[tuple[Point, ...]]
    kinds: list[int]
    beside: list[tuple[int, ...]]


def sewn(patches: list[Patch]) -> Cloth:
    """Patches as polygons that know their neighbours."""
    places = _Places()
    outlines = [[(places.number(point), point[2]) for point in patch.ring] for patch in patches]
    rings, kinds = [], []
    for outline, patch in zip(outlines, patches, strict=True):
        outline = _without_repeats(outline)
        if is_thin(tuple((*places.xy[number], z) for number, z in outline)):
            continue
        whole = places.between(outline)
        for part in _split(whole, places):
            if len(part) > 2 and _area_m2(part, places) > 1e-4:
                rings.append(part)
                kinds.append(patch.kind)
    owner: dict[tuple[int, int], int] = {}
    for at, ring in enumerate(rings):
        for k, (number, _) in enumerate(ring):
            owner.setdefault((number, ring[(k + 1) % len(ring)][0]), at)
    beside = [
        tuple(
            owner.get((after, number), NOBODY) if owner[number, after] == at else NOBODY
            for (number, _), (after, _) in zip(ring, (*ring[1:], ring[0]), strict=True)
        )
        for at, ring in enumerate(rings)
    ]
    points = [tuple((*places.xy[number], z) for number, z in ring) for ring in rings]
    return Cloth(points, kinds, beside)


class _Places:
    """Corners by place: what is closer than a sliver is one."""

    def __init__(self) -> None:
        self.xy: list[tuple[float, float]] = []
        self._z: list[float] = []
        self._cells: dict[tuple[int, int], list[int]] = {}

    def number(self, point: Point) -> int:
        """The number of the nearest corner that is there already, or a new one."""
        x, y, z = point
        best, best_m = NOBODY, THIN_M
        for i in range(floor((x - THIN_M) / CELL_M), floor((x + THIN_M) / CELL_M) + 1):
            for j in range(floor((y - THIN_M) / CELL_M), floor((y + THIN_M) / CELL_M) + 1):
                for at in self._cells.get((i, j), ()):
                    away_m = hypot(self.xy[at][0] - x, self.xy[at][1] - y)
                    if away_m < best_m and abs(self._z[at] - z) < STEP_M:
                        best, best_m = at, away_m
        if best == NOBODY:
            best = len(self.xy)
            self.xy.append((x, y))
            self._z.append(z)
            self._cells.setdefault((floor(x / CELL_M), floor(y / CELL_M)), []).append(best)
        return best

    def between(self, outline: list[Corner]) -> list[Corner]:
        """An outline with every other corner that lies on one of its edges, on the nearest of them."""
        own = {number for number, _ in outline}
        nearest: dict[int, tuple[float, int, float]] = {}  # how far aside, of which edge, at which share of it
        for k, (a, za) in enumerate(outline):
            b, zb = outline[(k + 1) % len(outline)]
            for aside_m, share, number in self._along(a, za, b, zb):
                if number not in own:
                    nearest[number] = min(nearest.get(number, (aside_m, k, share)), (aside_m, k, share))
        self._drop_storeys(nearest, own)
        result: list[Corner] = []
        for k, (a, za) in enumerate(outline):
            _, zb = outline[(k + 1) % len(outline)]
            found = sorted((share, number) for number, (_, edge, share) in nearest.items() if edge == k)
            result.append((a, za))
            result.extend((number, za + share * (zb - za)) for share, number in found)
        return result

    def _drop_storeys(self, nearest: dict[int, tuple[float, int, float]], own: set[int]) -> None:
        """Of corners above one another an outline takes only one, its own before others."""
        taken = [self.xy[number] for number in sorted(own)]
        for number in sorted(nearest):
            x, y = self.xy[number]
            if any(hypot(x - tx, y - ty) < THIN_M for tx, ty in taken):
                del nearest[number]
            else:
                taken.append((x, y))

    def _along(self, a: int, za: float, b: int, zb: float) -> list[tuple[float, float, int]]:
        (ax, ay), (bx, by) = self.xy[a], self.xy[b]
        dx, dy = bx - ax, by - ay
        long_m = hypot(dx, dy)
        found = []
        for i in range(floor((min(ax, bx) - THIN_M) / CELL_M), floor((max(ax, bx) + THIN_M) / CELL_M) + 1):
            for j in range(floor((min(ay, by) - THIN_M) / CELL_M), floor((max(ay, by) + THIN_M) / CELL_M) + 1):
                for at in self._cells.get((i, j), ()):
                    x, y = self.xy[at][0] - ax, self.xy[at][1] - ay
                    share = (x * dx + y * dy) / long_m**2
                    aside_m = abs(x * dy - y * dx) / long_m
                    if 0.0 < share < 1.0 and aside_m < THIN_M and abs(za + share * (zb - za) - self._z[at]) < STEP_M:
                        found.append((aside_m, share, at))
        return found


def _without_repeats(outline: list[Corner]) -> list[Corner]:
    """Each place once."""
    return list({corner[0]: corner for corner in reversed(outline)}.values())[::-1]


def _area_m2(outline: list[Corner], places: _Places) -> float:
    at = [places.xy[number] for number, _ in outline]
    return 0.5 * sum(at[i - 1][0] * y - x * at[i - 1][1] for i, (x, y) in enumerate(at))


def _split(outline: list[Corner], places: _Places) -> list[list[Corner]]:
    """The outline in parts of at most six corners, cut where the smaller part is largest."""
    count = len(outline)
    if count <= MOST_CORNERS:
        return [outline]
    best, cut = -1.0, (0, 2)
    for i in range(count - 2):
        for j in range(i + 2, count - (1 if i == 0 else 0)):
            smaller = min(_area_m2(outline[i : j + 1], places), _area_m2(outline[j:] + outline[: i + 1], places))
            if smaller > best:
                best, cut = smaller, (i, j)
    i, j = cut
    return _split(outline[i : j + 1], places) + _split(outline[j:] + outline[: i + 1], places)
