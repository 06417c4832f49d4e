"""What all sensors of one tick share: the company, its moment, and the outlines drawn for each view.

A stage belongs to one scene and is found by it; a company is kept from scene to scene while the things
and the town stay the same objects. The last two of each are remembered. Not for two threads at once.
"""

from typing import Any, Final

from sim.camera.lens import Lens
from sim.carla_sensors.company import Company
from sim.carla_sensors.outlines import Outlines, Sketcher
from sim.carla_sensors.placing import viewpoint_of
from sim.episode.scene import Mounted, Scene
from sim.rays.caster import Caster
from sim.scenery.scene import Ensemble, Moment

KEPT: Final = 2  # scenes, companies and sketchers: one episode's, and the next one's or a neighbour's

_stages: "list[Stage]" = []
_companies: list[Company] = []
_sketchers: list[Sketcher] = []


class Stage:
    """One scene, with what was made for it so far."""

    def __init__(self, scene: Scene, company: Company) -> None:
        self.scene, self.company = scene, company
        self._moment: Moment | None = None
        self._placed: tuple[Any, Any] | None = None
        self._views: dict[tuple[Any, ...], Outlines] = {}

    @property
    def ensemble(self) -> Ensemble:
        """What stands still, and everybody's bodies."""
        return self.company.ensemble

    @property
    def caster(self) -> Caster:
        """Casts rays at the company."""
        return self.company.caster

    @property
    def moment(self) -> Moment:
        """Everybody where they are now."""
        if self._moment is None:
            self._moment = self.company.moment(self.scene)
        return self._moment

    @property
    def placed(self) -> tuple[Any, Any]:
        """Only poses (n, 3, 4) and motions (n, 6) of everybody: enough for rays."""
        if self._moment is not None:
            return self._moment.poses, self._moment.motions
        if self._placed is None:
            self._placed = self.company.poses(self.scene), self.company.motions(self.scene)
        return self._placed

    def row(self, actor_id: int) -> int:
        """The row of an actor, -1 where it has no body."""
        return (self.scene.row_of or {}).get(actor_id, -1)

    def outlines(self, lens: Lens, mounted: Mounted) -> Outlines:
        """What each pixel of a camera here meets; drawn once for all cameras with this lens and pose."""
        key = (lens, mounted.pose)
        if key not in self._views:
            self._views[key] = _sketcher(self.company).draw(lens, self.moment, viewpoint_of(mounted))
        return self._views[key]

    def normals(self, lens: Lens, mounted: Mounted) -> Any:
        """Which way what each pixel of a camera here meets faces, (h, w, 3)."""
        return _sketcher(self.company).normals(lens, self.moment, viewpoint_of(mounted))


def stage_of(scene: Scene) -> Stage:
    """The stage of a scene."""
    for stage in _stages:
        if stage.scene is scene:
            return stage
    stage = Stage(scene, _company(scene))
    _stages.insert(0, stage)
    del _stages[KEPT:]
    return stage


def _company(scene: Scene) -> Company:
    for company in _companies:
        if company.things is scene.things and company.town is scene.town:
            return company
    company = Company(scene.town, scene.things)
    _companies.insert(0, company)
    del _companies[KEPT:]
    return company


def _sketcher(company: Company) -> Sketcher:
    for sketcher in _sketchers:
        if sketcher.still is company.ensemble.still:
            sketcher.make_room(company.ensemble.bodies)
            return sketcher
    sketcher = Sketcher(company.ensemble)
    _sketchers.insert(0, sketcher)
    del _sketchers[KEPT:]
    return sketcher


def forget() -> None:
    """Let go of everything remembered: the next scene makes it anew."""
    _stages.clear()
    _companies.clear()
    _sketchers.clear()
