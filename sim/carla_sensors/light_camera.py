"""What light reaches the lens of an RGB or event camera, drawn by the twin's renderer."""

from typing import Final

from sim.camera.lens import Lens
from sim.camera.picture import Picture
from sim.camera.renderer import Renderer
from sim.carla_sensors.placing import viewpoint_of
from sim.carla_sensors.stage import stage_of
from sim.carla_sensors.weather import conditions_of
from sim.episode.scene import Mounted, Scene
from sim.scenery.scene import Ensemble
from stack.vocabulary import SimNs

MOST_SMOOTHED_PX: Final = 4_194_304  # own: edges of larger pictures are not smoothed, which would take a gigabyte


class LightCamera:
    """One camera's renderer, kept while the town is the same."""

    def __init__(self, lens: Lens, seed: int) -> None:
        self._lens, self._seed = lens, seed
        self._smooth = lens.width_px * lens.height_px <= MOST_SMOOTHED_PX
        self._renderer: Renderer | None = None
        self._ensemble: Ensemble | None = None

    def draw(self, scene: Scene, mounted: Mounted) -> Picture:
        """The light of this scene, its weather included."""
        stage = stage_of(scene)
        renderer = self._cast(stage.ensemble)
        return renderer.draw(
            stage.moment, conditions_of(scene.weather), SimNs(scene.elapsed_ns), viewpoint_of(mounted),
            seed=self._seed, all_signals=True,
        )  # fmt: skip

    def _cast(self, ensemble: Ensemble) -> Renderer:
        if self._renderer is None or self._ensemble is None or self._ensemble.still is not ensemble.still:
            self._renderer = Renderer(ensemble, self._lens, antialias=self._smooth)
        elif self._ensemble is not ensemble:
            self._renderer.recast(ensemble)
        self._ensemble = ensemble
        return self._renderer
