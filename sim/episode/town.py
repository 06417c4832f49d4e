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
from sim.episode.plain_still import still_of_lanes, still_without_surroundings
from sim.episode.signalling import junctions_in, root_of, speeds_in
from sim.episode.signals import LampPlan, SignPlan, lamps_of, places_taken, posts_of, signs_of
from sim.episode.spawning import spawn_points
from sim.episode.speed_limits import SpeedLimits
from sim.episode.street_lamps import street_lamps_of
from sim.episode.structs import EnvironmentObject, LightState, Transform
from sim.road import Road
from sim.scenery.assembly import still_of
from sim.scenery.still import Still
from stack.vocabulary import FaultlineError

PREFIX: Final = "Carla/Maps/"
KEPT: Final = 8  # towns remembered
SURROUNDED_KM: Final = 100.0  # of lanes; 90 km took 19 s on two busy cores, and it grows with the square
_FAILURES: Final = (FaultlineError, ArithmeticError, LookupError, ValueError)  # of geometry that was not foreseen

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
        data = navigation_mesh(self.road, self.ground.fixtures.boxes)
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
    """What stands still; without surroundings where these would take minutes, or cannot be made."""
    long_km = sum(float(lane.points[-1, 0]) for lane in road.lanes) * 1e-3
    if long_km > SURROUNDED_KM:
        note = f"{long_km:.0f} km of lanes are too many for surroundings ({SURROUNDED_KM:.0f} km at most): roads only"
        return still_without_surroundings(road), (note,)
    try:
        return still_of(road, without=places_taken(road)), ()
    except _FAILURES as error:
        note = f"it has no surroundings: {type(error).__name__}: {error}"
    try:
        return still_without_surroundings(road), (note,)
    except _FAILURES as error:
        return still_of_lanes(road), (note, f"only its lanes' surfaces are there: {type(error).__name__}: {error}")
