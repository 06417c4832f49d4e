"""The pedestrians' navigation mesh of a map: the file that clients load to let walkers find their way.

Clients keep it by its name, so the name tells the content.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sim.episode.detour import encoded, fits
from sim.episode.ground import BOX_COLUMNS
from sim.episode.obstacles import clear_of
from sim.episode.seams import Cloth, sewn
from sim.episode.walkways import BODY_M, CROSSING, PAVEMENT, walkways_of
from sim.road import Road

Boxes = NDArray[np.float64]  # rows of `sim.episode.ground.Fixtures.boxes`
NO_BOXES: Boxes = np.zeros((0, BOX_COLUMNS))


@dataclass(frozen=True, slots=True)
class _Key:
    """A map for the cache: alike by digest, with the same things on it."""

    digest: str
    things: bytes
    road: Road = field(compare=False, repr=False)
    boxes: Boxes = field(compare=False, repr=False)


def navigation_mesh(road: Road, boxes: Boxes = NO_BOXES) -> bytes:
    """The file, the same for the same map; empty for a map too large for it or without any lane to walk by.

    `boxes` are the things that walkers go around.
    """
    return _made(_Key(road.digest, sha256(np.ascontiguousarray(boxes).tobytes()).digest(), road, boxes))


def name_of(road: Road, data: bytes) -> str:
    """What clients call the file: the map's name and what is in it."""
    short = road.name.rstrip("/").rsplit("/", 1)[-1]
    return f"Carla/Maps/Nav/{short}_{sha256(data).hexdigest()[:8]}.bin"


def cloth_of(road: Road, boxes: Boxes = NO_BOXES) -> Cloth:
    """The mesh as polygons with neighbours; without roads and green where all would be too much for one tile."""
    patches = clear_of(walkways_of(road), boxes, BODY_M)
    cloth = sewn(patches)
    return cloth if fits(cloth) else sewn([patch for patch in patches if patch.kind in (PAVEMENT, CROSSING)])


@lru_cache(maxsize=8)
def _made(key: _Key) -> bytes:
    cloth = cloth_of(key.road, key.boxes)
    return encoded(cloth) if cloth.rings and fits(cloth) else b""
