"""One loaded map: its text, its roads, what stands on it, its lights and signs, and where vehicles may begin.

Made once per OpenDRIVE text (by its digest) and never changed: what an episode changes (states of lights,
lamps, objects switched off) is kept by the episode. Transforms carry CARLA's axes, everything else ISO 8855.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.episode.crosswalks import Crosswalk, crosswalks_of
from sim.episode.ground import Ground
from sim.episode.lane_places import LanePlaces
from sim.episode.level import objects_of
from sim.episode.navmesh import name_of, navigation_mesh
from sim.episode.signalling import junctions_in, root_of, speeds_in
from sim.episode.signals import LampPlan, SignPlan, lamps_of, places_taken, posts_of, signs_of
from sim.episode.spawning import spawn_points
from sim.episode.speed_limits import SpeedLimits
from sim.episode.street_lamps import street_lamps_of
from sim.episode.structs import EnvironmentObject, LightState, Transform
from sim.road import Lane, Road
from sim.scenery.assembly import still_of
from sim.scenery.mesh import Mesh
from sim.scenery.ribbons import ribbon
from sim.scenery.still import Piece, Still, tiled
from stack.vocabulary import FaultlineError

PREFIX: Final = "Carla/Maps/"
KEPT: Final = 8  # towns remembered
ROAD_REACH_M: Final = 1500.0

_towns: "OrderedDict[tuple[str, str], Town]" = OrderedDict()


@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """A map ready to be played. `still` holds no lights for drivers: those are `lamps`, drawn as their state is."""

    name: str
    xodr: str
    road: Road
    still: Still
    lamps: tuple[LampPlan, ...]
    signs: tuple[SignPlan, ...]
    spawn_points: tuple[Transform, ...]
    crosswalks: tuple[Crosswalk, ...]
    notes: tuple[str, ...]  # what of the text could not be used

    @property
    def full_name(self) -> str:
        """As CARLA reports it."""
        return PREFIX + self.name

    @cached_property
    def places(self) -> LanePlaces:
        """The lanes, sorted for questions."""
        return LanePlaces(self.road)

    @cached_property
    def ground(self) -> Ground:
        """What bodies stand on and run into: posts of lights included."""
        return Ground(replace(self.still, fixtures=(*self.still.fixtures, *posts_of(self.lamps))))

    @cached_property
    def objects(self) -> tuple[EnvironmentObject, ...]:
        """Everything that has a name."""
        return objects_of(self.name, self.still.fixtures, self.lamps, self.road)

    @cached_property
    def street_lamps(self) -> tuple[LightState, ...]:
        """The street lamps as they are by day."""
        return street_lamps_of(self.still.fixtures)

    @cached_property
    def _limits(self) -> SpeedLimits:
        return SpeedLimits(self.places, self.signs, tuple(speeds_in(root_of(self.xodr))))

    def speed_limits_kmh(self, places: NDArray[np.float64], last_kmh: NDArray[Any]) -> NDArray[np.float32]:
        """(n,) how fast vehicles at these places (n, 3) may drive, `last_kmh` where no lane tells."""
        return self._limits.at(places, last_kmh)

    @cached_property
    def _navigation(self) -> tuple[str, bytes]:
        data = navigation_mesh(self.road)
        return name_of(self.road, data), data

    def navigation(self) -> tuple[str, bytes]:
        """Name and content of the pedestrians' navigation file."""
        return self._navigation


def town_of(road: Road, xodr: str, notes: tuple[str, ...] = ()) -> Town:
    """The town of a baked road and the text it was baked from; made once for a name and a text."""
    key = (road.name, road.digest)
    if key not in _towns:
        _towns[key] = _made(road, xodr, notes)
        while len(_towns) > KEPT:
            _towns.popitem(last=False)
    _towns.move_to_end(key)
    return _towns[key]


def known_town(name: str, digest: str) -> Town | None:
    """A town that was made before."""
    return _towns.get((name, digest))


def _made(road: Road, xodr: str, notes: tuple[str, ...]) -> Town:
    root = root_of(xodr)
    places = LanePlaces(road, junctions_in(root))
    still, findings = _still(road)
    return Town(
        name=road.name, xodr=xodr, road=road, still=still, lamps=lamps_of(road, root, places),
        signs=signs_of(road, root, places), spawn_points=spawn_points(road), crosswalks=crosswalks_of(road),
        notes=(*notes, *findings),
    )  # fmt: skip


def _still(road: Road) -> tuple[Still, tuple[str, ...]]:
    """What stands still; of a map whose surroundings cannot be made only its lanes' surfaces."""
    try:
        return still_of(road, without=places_taken(road)), ()
    except (FaultlineError, ArithmeticError, LookupError, ValueError) as error:
        pieces = [Piece(mesh=_surface(lane), reach_m=ROAD_REACH_M) for lane in road.lanes]
        return tiled(tuple(pieces)), (f"only its lanes' surfaces are there: {type(error).__name__}: {error}",)


def _surface(lane: Lane) -> Mesh:
    """A lane as a ribbon."""
    across = 0.5 * lane.widths_m[:, None] * np.column_stack((-np.sin(lane.points[:, 3]), np.cos(lane.points[:, 3])))
    left, right = (np.column_stack((lane.points[:, 1:3] + side * across, lane.heights_m)) for side in (1.0, -1.0))
    return ribbon(left, right, "asphalt")
