"""What stands beside a map's roads, and where: drawn by lot from the map's name, the same every time.

World frame, metres, radians. First what the map itself names, then what its surroundings call for:
buildings, lamps and trees along streets; trees, hedges and farms along country roads; belts of trees
along motorways. Nothing drawn by lot stands on anything paved or nearer than 1.5 m to a driven lane.
"""

from dataclasses import dataclass
from math import hypot

import numpy as np

from sim.road_map import Road, RoadObject
from sim.scenery.clearance import Clearance, Footprint
from sim.scenery.country import furnish_motorway, furnish_rural
from sim.scenery.edges import MOTORWAY, TOWN, edges_of
from sim.scenery.mapped import RAIL, furnish_mapped, rail_pieces, rails_of
from sim.scenery.sites import Level, Site, Thing
from sim.scenery.still import Fixture, Piece
from sim.scenery.town import furnish_outskirts, furnish_street

SAME_M = 0.5  # a map's thing this near to an actor that stands for it is the same thing
TOUCHING_M = 0.1
UNDER_M = 1.0  # an actor whose lower edge is above this may hang over things
CROSSWALK_ALONG_M = 7.0  # kept free of things around a crosswalk, along the road and to its sides
CROSSWALK_BESIDE_M = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Furniture:
    """Everything beside the roads of a map: things, and the segments of its rails (with side and distance along)."""

    things: tuple[Thing, ...]
    rails: tuple[tuple[RoadObject, float, float], ...]


def furnished(road: Road, level: Level | None = None) -> Furniture:
    """All furniture of a map; `level` says how high the ground is at a place (else as high as the nearest lane)."""
    clearance = Clearance(road)
    site = Site(road, clearance, level or clearance.level_m)
    furnish_mapped(site)
    for thing in road.objects:
        if thing.kind == "crosswalk":
            box = Footprint(x_m=thing.x_m, y_m=thing.y_m, yaw_rad=thing.yaw_rad, length_m=thing.length_m,
                            width_m=thing.width_m)  # fmt: skip
            clearance.take(box.grown(CROSSWALK_ALONG_M, CROSSWALK_BESIDE_M))
    edges = edges_of(road)
    for edge in edges:
        if edge.surroundings == TOWN:
            furnish_street(site, edge)
        elif edge.surroundings == MOTORWAY:
            furnish_motorway(site, edge)
        else:
            furnish_rural(site, edge)
    if any(edge.surroundings == TOWN for edge in edges):
        furnish_outskirts(site)
    return Furniture(things=tuple(site.things), rails=rails_of(road.objects, clearance))


def furniture(
    road: Road, level: Level | None = None, *, without: tuple[Fixture, ...] = ()
) -> tuple[tuple[Piece, ...], tuple[Fixture, ...]]:
    """Pieces and fixtures of a map's furniture, less what actors stand for or in (see `kept`)."""
    return kept(furnished(road, level), without)


def kept(whole: Furniture, without: tuple[Fixture, ...]) -> tuple[tuple[Piece, ...], tuple[Fixture, ...]]:
    """What is left beside the boxes of standing actors.

    A rail goes where a rail's box lies in its place, and everything within half a metre of a box of its
    own kind; what the map does not name also goes where it would touch any box that stands on the ground.
    """
    rail_spots = tuple(_middle_of(rail) for rail, _, _ in whole.rails)
    near_rails = _near(rail_spots, tuple(box for box in without if box.kind == RAIL))
    gone = {row for row, box in near_rails if rail_spots[row].overlaps(_ground_of(box, SAME_M))}
    pieces, fixtures = rail_pieces([row for index, row in enumerate(whole.rails) if index not in gone])
    near_things = _near(tuple(thing.footprint for thing in whole.things), without)
    taken = {row for row, box in near_things if _meets(whole.things[row], box)}
    things = [thing for index, thing in enumerate(whole.things) if index not in taken]
    named = tuple(fixture for thing in things for fixture in thing.fixtures)
    return (*pieces, *(thing.piece for thing in things)), (*fixtures, *named)


def _ground_of(box: Fixture, border_m: float = 0.0) -> Footprint:
    """The rectangle below a box, with a border around it."""
    return Footprint(x_m=box.x_m, y_m=box.y_m, yaw_rad=box.yaw_rad, length_m=box.length_m + 2.0 * border_m,
                     width_m=box.width_m + 2.0 * border_m)  # fmt: skip


def _middle_of(rail: RoadObject) -> Footprint:
    """Where a rail's segment has its middle; its ends touch its neighbours, which are not the same thing."""
    return Footprint(x_m=rail.x_m, y_m=rail.y_m, yaw_rad=0.0, length_m=0.01, width_m=0.01)


def _near(spots: tuple[Footprint, ...], boxes: tuple[Fixture, ...]) -> list[tuple[int, Fixture]]:
    """Pairs of a spot's row and a box that may touch: their circles do, with half a metre to spare."""
    if not spots or not boxes:
        return []
    places = np.array([(spot.x_m, spot.y_m, spot.radius_m) for spot in spots])
    pairs = []
    for box in boxes:
        reach_m = places[:, 2] + 0.5 * hypot(box.length_m, box.width_m) + 2.0 * SAME_M
        rows = np.flatnonzero((places[:, 0] - box.x_m) ** 2 + (places[:, 1] - box.y_m) ** 2 <= reach_m**2)
        pairs += [(row, box) for row in rows.tolist()]
    return pairs


def _meets(thing: Thing, box: Fixture) -> bool:
    """Whether a box takes a thing's place."""
    same = any(fixture.kind == box.kind for fixture in thing.fixtures)
    if not same and (thing.mapped or box.z_m > UNDER_M):
        return False
    return thing.footprint.overlaps(_ground_of(box, SAME_M if same else TOUCHING_M))
