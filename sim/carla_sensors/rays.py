"""Rays from a sensor through a scene, in CARLA's sensor axes (x forward, y right, z up), and chance for each.

Only front faces are met, so a sensor inside a body looks out of it.
"""
# ruff: noqa: ANN001, ANN202 - numba kernels carry no annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.carla_sensors.stage import Stage
from sim.episode.scene import Mounted
from sim.left_handed import MIRROR, rotation
from sim.randomness import normal, uniform
from sim.rays.caster import Hits
from sim.scenery.materials import material_table

Floats = NDArray[np.float64]


def cast(
    stage: Stage,
    mounted: Mounted,
    directions: Floats,
    range_m: float,
    hidden_row: int = -1,
    offsets: Floats | None = None,
) -> tuple[Hits, Floats]:
    """What rays (m, 3) in sensor axes meet, and their directions in the world; `offsets` (m, 3) shift their origins."""
    turn = rotation(*mounted.pose[3:])
    ways = np.ascontiguousarray((directions * MIRROR) @ turn.T)
    origins = np.tile(np.array(mounted.pose[:3]), (len(directions), 1))
    if offsets is not None:
        origins += (offsets * MIRROR) @ turn.T
    return stage.caster.cast(stage.placed[0], origins, ways, range_m, hidden_row), ways


def labels(stage: Stage, hits: Hits) -> tuple[Any, Any]:
    """The actor's id (0: none) and the semantic class of each hit."""
    semantic = np.append(material_table().semantic, np.uint8(0))[hits.material]
    bodies = np.array([body.semantic for body in stage.ensemble.bodies], dtype=np.uint8)
    on_body = hits.row >= 0
    if on_body.any():
        own = on_body & (semantic == 0)
        semantic[own] = bodies[hits.row[own]]
    ids = np.where(on_body, np.append(stage.company.ids, np.uint32(0))[np.maximum(hits.row, -1)], np.uint32(0))
    return ids.astype(np.uint32), semantic


def shares(key: np.uint64, entity: int, slot: int, count: int, block: int) -> Floats:
    """(count,) values from 0 to below 1; `block` tells the uses of one slot apart."""
    values = np.empty(count)
    _fill_shares(key, np.uint64(entity), np.uint64(slot), np.uint64(block) << np.uint64(28), values)
    return values


def spreads(key: np.uint64, entity: int, slot: int, count: int, block: int) -> Floats:
    """(count,) standard normal values."""
    values = np.empty(count)
    _fill_spreads(key, np.uint64(entity), np.uint64(slot), np.uint64(block) << np.uint64(28), values)
    return values


@njit(cache=True, error_model="numpy")
def _fill_shares(key, entity, slot, first, values):  # type: ignore[no-untyped-def]
    for k in range(values.shape[0]):
        values[k] = uniform(key, entity, slot, first + np.uint64(k))


@njit(cache=True, error_model="numpy")
def _fill_spreads(key, entity, slot, first, values):  # type: ignore[no-untyped-def]
    for k in range(values.shape[0]):
        values[k] = normal(key, entity, slot, first + np.uint64(k))
