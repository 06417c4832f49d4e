"""CARLA's collision sensor: a message for every contact of its parent in a tick, with the impulse on it (N s)."""

from sim.carla_sensors.others import scenery_struct
from sim.carla_sensors.wire import packed
from sim.episode.scene import Mounted, Scene
from sim.left_handed import mirrored


class CollisionSensor:
    """One collision sensor."""

    type_index = 0

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """A message per contact: own actor, the other, the impulse in CARLA's world axes."""
        if mounted.parent is None:
            return ()
        told = []
        for touch in scene.touches:
            if touch.first.id == mounted.parent.id:
                other = touch.second if touch.second is not None else scenery_struct(touch.label)
                told.append(packed(mounted.parent, other, mirrored(*touch.impulse_ns)))
        return tuple(told)
