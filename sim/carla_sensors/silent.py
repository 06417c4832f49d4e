"""Sensors that the client computes itself: lane invasion (6) and RSS (12). The server has nothing to send."""

from sim.episode.scene import Mounted, Scene


class SilentSensor:
    """A sensor without messages."""

    def __init__(self, type_index: int) -> None:
        self.type_index = type_index

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """Nothing."""
        del scene, mounted
        return ()
