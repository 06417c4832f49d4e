"""The scenery of a map and of a run, put together: road, ground and furniture, and every actor's body.

The still world of a map is made once and kept by the map's name, from which lots are drawn, and its digest. Actors
that stand for a thing of the map (a scenario's guard rails and gantries) or stand where furniture would be take its
place.
"""

from collections import OrderedDict
from dataclasses import replace

import numpy as np

from sim.layout import ActorPlan, Behaviour, Layout
from sim.road import Road, height_at, world_point
from sim.scenery.bodies import body_for
from sim.scenery.furnishing import Furniture, furnished, kept
from sim.scenery.ground import ground_of
from sim.scenery.mesh import Body
from sim.scenery.scene import Scenery
from sim.scenery.still import Fixture, Still, tiled
from sim.scenery.surfaces import ground_heights, road_fixtures, road_pieces
from sim.truth import EGO, Roster
from stack.vocabulary import Finding, InputError

MAPS_KEPT = 4  # still worlds of this many maps, and of this many runs' variants of them, are remembered

_maps: "OrderedDict[tuple[str, str], Furniture]" = OrderedDict()
_stills: "OrderedDict[tuple[str, str, tuple[Fixture, ...]], Still]" = OrderedDict()


def still_of(road: Road, *, without: tuple[Fixture, ...] = ()) -> Still:
    """Everything that stands still on a map. `without`: boxes of standing actors, as `furnishing.kept` has it."""
    key = (road.name, road.digest, without)
    if key not in _stills:
        pieces, fixtures = kept(_furniture_of(road), without)
        _stills[key] = tiled((*road_pieces(road), *pieces), (*road_fixtures(road), *fixtures))
        while len(_stills) > MAPS_KEPT:
            _stills.popitem(last=False)
    return _stills[key]


def _furniture_of(road: Road) -> Furniture:
    """The furniture of a map, standing on its ground."""

    def level_m(x_m: float, y_m: float, near_m: float) -> float:
        del near_m  # the ground knows its height without it
        return float(ground_heights(road, np.array([[x_m, y_m]]))[0])

    key = (road.name, road.digest)
    if key not in _maps:
        _maps[key] = furnished(road, level_m)
        while len(_maps) > MAPS_KEPT:
            _maps.popitem(last=False)
    return _maps[key]


def scenery_of(road: Road, layout: Layout, roster: Roster) -> Scenery:
    """The geometry of a run on a map: the still world less what its actors stand for, bodies, and the ground."""
    standing = tuple(_box(plan) for plan in layout.actors if plan.behaviour is Behaviour.STATIC)
    return Scenery(
        roster=roster,
        still=still_of(road, without=standing),
        bodies=_bodies(roster),
        ground=ground_of(layout, _levels_m(road, layout)),
    )


def _bodies(roster: Roster) -> tuple[Body, ...]:
    """A body for every row. Raises InputError with every actor that can have none."""
    bodies, findings = [], []
    for row, kind in enumerate(roster.kinds):
        length_m, width_m, height_m = roster.size_m[row].tolist()
        clearance_m = float(roster.clearance_m[row])
        try:
            bodies.append(body_for(kind, int(roster.entities[row]), (length_m, width_m, height_m), clearance_m))
        except KeyError:
            problem = f"there is no mesh for the kind {kind!r}; make one in sim.scenery.bodies"
            findings.append(Finding(where=f"actor {roster.names[row]}", field="kind", problem=problem))
        except InputError as error:
            findings += [replace(finding, where=f"actor {roster.names[row]}") for finding in error.findings]
    if findings:
        raise InputError(tuple(findings))
    return tuple(bodies)


def _place(plan: ActorPlan) -> tuple[float, float, float]:
    """Where an actor starts: x, y and heading of its route there."""
    end_m = float(plan.route.points[-1, 0])
    return world_point(plan.route, min(max(plan.s_m, 0.0), end_m), plan.offset_m)


def _box(plan: ActorPlan) -> Fixture:
    x_m, y_m, yaw_rad = _place(plan)
    length_m, width_m, height_m = plan.size_m
    return Fixture(
        kind=plan.kind.name.lower(), name=plan.name, x_m=x_m, y_m=y_m, z_m=plan.clearance_m,
        yaw_rad=yaw_rad + plan.yaw_offset_rad, length_m=length_m, width_m=width_m, height_m=height_m,
    )  # fmt: skip


def _levels_m(road: Road, layout: Layout) -> tuple[float, ...]:
    """The ground's height under each actor whose route has no elevation of its own, on the ego's level."""
    ego = layout.actors[EGO]
    heights_m = ego.route.heights_m
    near_m = 0.0 if heights_m is None else float(np.interp(ego.s_m, ego.route.points[:, 0], heights_m))
    levels = []
    for plan in layout.actors:
        x_m, y_m, _ = _place(plan)
        levels.append(0.0 if plan.route.heights_m is not None else height_at(road, x_m, y_m, near_m))
    return tuple(levels)
