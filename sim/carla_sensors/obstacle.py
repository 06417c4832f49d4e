"""CARLA's obstacle detector: the nearest thing in a capsule-like tube ahead of it.

The tube is a bundle of parallel rays over a disc of `hit_radius`, `distance` long; its parent is looked
through. With `only_dynamics` the map is looked through too: what stands before an actor then hides nothing.
"""

from math import cos, pi, sin
from typing import Final

import numpy as np

from sim.carla_sensors.others import scenery_struct, thing_struct
from sim.carla_sensors.rays import cast, labels
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import stage_of
from sim.carla_sensors.wire import packed
from sim.episode.scene import Mounted, Scene

_RINGS: Final = ((0.0, 1), (0.25, 6), (0.5, 12), (0.75, 18), (1.0, 24))  # share of the radius, rays: 61 in all


class ObstacleSensor:
    """One obstacle detector."""

    type_index = 7

    def __init__(self, settings: Settings) -> None:
        self._range_m = settings.number("distance", 5.0, 1e-3, 10_000.0)
        radius_m = settings.number("hit_radius", 0.5, 0.0, 1000.0)
        self._only_actors = settings.flag("only_dynamics", False)
        settings.flag("debug_linetrace", False)
        self._offsets = np.array(
            [
                (0.0, radius_m * share * cos(2.0 * pi * k / rays), radius_m * share * sin(2.0 * pi * k / rays))
                for share, rays in _RINGS
                for k in range(rays)
            ]
        )
        self._ahead = np.tile((1.0, 0.0, 0.0), (len(self._offsets), 1))

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """A message if anything is in the tube: own actor, the other, how far along it."""
        stage = stage_of(scene)
        hidden = stage.row(mounted.parent.id) if mounted.parent is not None else -1
        hits, _ = cast(stage, mounted, self._ahead, self._range_m, hidden, self._offsets)
        met = hits.triangle >= 0
        if self._only_actors:
            met &= (hits.row >= 0) & (hits.row < len(scene.things))
        if not met.any():
            return ()
        ray = int(np.flatnonzero(met)[np.argmin(hits.t_m[met])])
        row = int(hits.row[ray])
        label = int(labels(stage, hits)[1][ray])
        other = thing_struct(scene.things[row]) if 0 <= row < len(scene.things) else scenery_struct(label)
        own = mounted.parent if mounted.parent is not None else mounted.actor
        return (packed(own, other, float(hits.t_m[ray])),)
