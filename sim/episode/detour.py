"""The file of a navigation mesh, as the Detour library inside clients reads it: one tile, 32-bit references.

Detour's axes: x east, y up, z south (a left-handed world's y); corners that run counter-clockwise seen from
above in our axes run as Detour wants them. Little-endian, packed.
"""

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.episode.patchwork import Point, area_m2
from sim.episode.seams import MOST_CORNERS, NOBODY, Cloth

MOST_POLYGONS: Final = 0x7FFE  # a neighbour is its index plus one in 15 bits
MOST_VERTICES: Final = 0xFFFF
SET_MAGIC: Final = int.from_bytes(b"MSET", "big")
TILE_MAGIC: Final = int.from_bytes(b"DNAV", "big")
SET_VERSION: Final = 1
TILE_VERSION: Final = 7
FLAGS_OF: Final = {1: 0x02, 2: 0x04, 3: 0x08, 4: 0x10}  # what clients filter by, for each area
WALKABLE_M: Final = (1.8, 0.3, 0.4)  # height, radius and climb the mesh is good for
LINK_BYTES: Final = 12
ROOM_M: Final = 1.0  # the tile is larger than what is in it by this
FINEST_PER_M: Final = 20.0  # steps of the tree's whole numbers; fewer on maps that would not fit


def encoded(cloth: Cloth) -> bytes:
    """The file. `cloth` has at least one polygon, and no more than fit (`fits`)."""
    numbers: dict[Point, int] = {}
    polygons: list[bytes] = []
    detail: list[bytes] = []
    fans: list[bytes] = []
    links = 0
    for ring, kind, beside in zip(cloth.rings, cloth.kinds, cloth.beside, strict=True):
        corners = [numbers.setdefault((p[0], p[2], -p[1]), len(numbers)) for p in ring]
        spare = [0] * (MOST_CORNERS - len(ring))
        others = [0 if other == NOBODY else other + 1 for other in beside]
        polygons.append(struct.pack("<I6H6HHBB", 0, *corners, *spare, *others, *spare, FLAGS_OF[kind], len(ring), kind))
        triangles = _triangles(ring)
        detail.append(struct.pack("<IIBBxx", 0, len(fans), 0, len(triangles)))
        fans += triangles
        links += len(ring)
    vertices = np.array(list(numbers), dtype="<f4")
    low, high = vertices.min(axis=0) - ROOM_M, vertices.max(axis=0) + ROOM_M
    per_m = min(FINEST_PER_M, 65_000.0 / float((high - low).max()))
    tree = _tree(_boxes(cloth, low, per_m))
    count = len(polygons)
    header = struct.pack(
        "<5iI9i3f3f3ff", TILE_MAGIC, TILE_VERSION, 0, 0, 0, 0, count, len(vertices), links, count, 0, len(fans),
        len(tree), 0, count, *WALKABLE_M, *low.tolist(), *high.tolist(), per_m,
    )  # fmt: skip
    tile = b"".join((header, vertices.tobytes(), *polygons, bytes(LINK_BYTES * links), *detail,
                     b"".join(fans), b"".join(tree)))  # fmt: skip
    bits = max(1, (count - 1).bit_length())
    wide = high - low
    front = struct.pack("<3i3f2f2i", SET_MAGIC, SET_VERSION, 1, *low.tolist(), float(wide[0]), float(wide[2]), 1,
                        1 << bits)  # fmt: skip
    return front + struct.pack("<Ii", 1 << bits, len(tile)) + tile


def fits(cloth: Cloth) -> bool:
    """Whether it is not too much for one tile."""
    corners = {point for ring in cloth.rings for point in ring}
    return len(cloth.rings) <= MOST_POLYGONS and len(corners) <= MOST_VERTICES


def _triangles(ring: tuple[Point, ...]) -> list[bytes]:
    """A polygon's triangles, as flat as need be but none without area where it can be helped."""
    left = list(range(len(ring)))
    made = []
    while len(left) > 3:
        areas = [area_m2((ring[left[i - 1]], ring[left[i]], ring[left[(i + 1) % len(left)]])) for i in range(len(left))]
        rests = [area_m2(tuple(ring[at] for at in left[:i] + left[i + 1 :])) for i in range(len(left))]
        best = max(range(len(left)), key=lambda i: min(areas[i], rests[i]))
        made.append((left[best - 1], left[best], left[(best + 1) % len(left)]))
        del left[best]
    made.append((left[0], left[1], left[2]))
    return [struct.pack("4B", *corners, _outline_flags(corners, len(ring))) for corners in made]


def _outline_flags(corners: tuple[int, int, int], count: int) -> int:
    """Two bits per edge of a triangle: 1 where it is an edge of its polygon. Clients break without them."""
    return sum(
        1 << (2 * edge) for edge in range(3) if (corners[(edge + 1) % 3] - corners[edge]) % count in (1, count - 1)
    )


Box = tuple[tuple[int, int, int], tuple[int, int, int], int]


def _boxes(cloth: Cloth, low: NDArray[np.float32], per_m: float) -> list[Box]:
    """Each polygon's box in the tree's whole numbers."""
    boxes = []
    for at, ring in enumerate(cloth.rings):
        corners = (np.array([(x, z, -y) for x, y, z in ring]) - low) * per_m
        least, most = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
        a, b = least.tolist(), most.tolist()
        boxes.append(((a[0], a[1], a[2]), (b[0], b[1], b[2]), at))
    return boxes


def _tree(boxes: list[Box]) -> list[bytes]:
    """The tree of boxes, depth first: a leaf names its polygon, a node how many to skip (negative)."""
    low = tuple(min(box[0][k] for box in boxes) for k in range(3))
    high = tuple(max(box[1][k] for box in boxes) for k in range(3))
    if len(boxes) == 1:
        return [struct.pack("<6Hi", *low, *high, boxes[0][2])]
    axis = 0 if high[0] - low[0] >= high[2] - low[2] else 2
    ordered = sorted(boxes, key=lambda box: (box[0][axis] + box[1][axis], box[2]))
    half = len(ordered) // 2
    below = _tree(ordered[:half]) + _tree(ordered[half:])
    return [struct.pack("<6Hi", *low, *high, -(len(below) + 1)), *below]
