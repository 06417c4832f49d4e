"""What stands along country roads and motorways: reflector posts, trees, hedges, woods, farms.

Along rural roads the first 9 m beside a driven lane hold nothing but reflector posts and the map's own
things; along motorways belts of trees begin at 15 m.
"""

from math import cos, pi, sin

from sim.scenery.buildings import BARN, FARM_HOUSE, SILO, building
from sim.scenery.edges import Edge
from sim.scenery.poles import reflector_post
from sim.scenery.sites import Pose, Site, footprint_of
from sim.scenery.town import BUILDING_REACH_M, TREE_REACH_M, plant
from sim.scenery.trees import bush, hedge

# Reflector posts: every 50 m on straights, closer in bends, at least 0.5 m beside the paved surface
# (Hinweise für die Anordnung und Ausführung von senkrechten Leiteinrichtungen, FGSV; recalled, confirm).
POST_APART_M = 50.0
POST_APART_IN_BENDS_M = 25.0
BEND_RADPM = 1.0 / 400.0
POST_FIRST_M = 15.0
POST_BESIDE_M = 0.5
POST_FREE_M = 1.55  # beside a driven lane
POST_REACH_M = 150.0
RURAL_FREE_M = 9.0
MOTORWAY_FREE_M = 15.0
BELT_APART_M = 12.5


def furnish_rural(site: Site, edge: Edge) -> None:
    """One edge of a country road."""
    if edge.in_junction:
        return
    _posts(site, edge)
    for index in range(int(edge.length_m / 450.0)):
        entity = site.number("farm")
        if site.draws.between("farm", entity, 0, 0.0, 1.0) < 0.6:
            _farm(site, edge, 450.0 * index + site.draws.between("farm", entity, 1, 120.0, 330.0), entity)
    for index in range(int(edge.length_m / 120.0)):
        entity = site.number("hedge")
        if site.draws.between("hedge", entity, 0, 0.0, 1.0) < 0.5:
            _field_hedge(site, edge, 120.0 * index + site.draws.between("hedge", entity, 1, 10.0, 110.0), entity)
    for index in range(int(edge.length_m / 180.0)):
        entity = site.number("wood")
        if site.draws.between("wood", entity, 0, 0.0, 1.0) < 0.5:
            _wood(site, edge, 180.0 * index + site.draws.between("wood", entity, 1, 0.0, 180.0), entity)
    for index in range(int(edge.length_m / 24.0)):
        entity = site.number("roadside")
        if site.draws.between("roadside", entity, 0, 0.0, 1.0) < 0.5:
            s_m = 24.0 * index + site.draws.between("roadside", entity, 1, 0.0, 24.0)
            away = site.draws.between("roadside", entity, 2, 0.0, 1.0)
            place = edge.place(s_m, RURAL_FREE_M + 1.0 + 45.0 * away * away)
            plant(site, place.x_m, place.y_m, place.z_m, "roadside tree", free_m=RURAL_FREE_M, apart_m=2.5)


def furnish_motorway(site: Site, edge: Edge) -> None:
    """One edge of a motorway: posts, and belts of trees with gaps between them."""
    if edge.in_junction:
        return
    _posts(site, edge)
    for index in range(int(edge.length_m / BELT_APART_M)):
        belt = site.number("belt") // 16
        if site.draws.between("belt", belt, 0, 0.0, 1.0) > 0.62:
            continue
        entity = site.number("belt place")
        s_m = BELT_APART_M * index + site.draws.between("belt place", entity, 0, 0.0, BELT_APART_M)
        offset_m = MOTORWAY_FREE_M - edge.driven_m + site.draws.between("belt place", entity, 1, 0.5, 16.0)
        place = edge.place(s_m, offset_m)
        plant(site, place.x_m, place.y_m, place.z_m, "belt tree", free_m=MOTORWAY_FREE_M, apart_m=2.0)
        if site.draws.between("belt place", entity, 2, 0.0, 1.0) < 0.3:
            low = edge.place(s_m + 4.0, MOTORWAY_FREE_M - edge.driven_m + 0.5)
            _bush(site, low.x_m, low.y_m, low.z_m)


def _posts(site: Site, edge: Edge) -> None:
    """Reflector posts along an edge; the reflectors look at who comes along it."""
    mesh = reflector_post()
    offset_m = max(POST_BESIDE_M, POST_FREE_M + 0.1 - edge.driven_m)
    s_m = POST_FIRST_M
    while s_m < edge.length_m:
        place = edge.place(s_m, offset_m)
        pose = Pose(x_m=place.x_m, y_m=place.y_m, z_m=site.level(place.x_m, place.y_m, place.z_m),
                    yaw_rad=place.along_rad + pi)  # fmt: skip
        spot = footprint_of(mesh, pose)
        moved = 0
        while moved < 3 and not site.clearance.fits(spot, POST_FREE_M, 0.3, 0.05):  # behind a rail if one stands there
            moved += 1
            x_m, y_m = (
                place.x_m + 0.3 * moved * cos(place.outward_rad),
                place.y_m + 0.3 * moved * sin(place.outward_rad),
            )
            pose = Pose(x_m=x_m, y_m=y_m, z_m=pose.z_m, yaw_rad=pose.yaw_rad)
            spot = footprint_of(mesh, pose)
        if site.clearance.fits(spot, POST_FREE_M, 0.3, 0.05):
            site.add(mesh, pose, spot, POST_REACH_M, "", "")
        s_m += POST_APART_IN_BENDS_M if abs(place.curvature_radpm) > BEND_RADPM else POST_APART_M


def _bush(site: Site, x_m: float, y_m: float, near_m: float) -> None:
    mesh = bush(site.draws.pick("bush", site.number("bush"), 0, range(4)))
    pose = Pose(x_m=x_m, y_m=y_m, z_m=site.level(x_m, y_m, near_m), yaw_rad=0.0)
    spot = footprint_of(mesh, pose)
    if site.clearance.fits(spot, RURAL_FREE_M, 1.0, 0.2):
        site.add(mesh, pose, spot, POST_REACH_M, "", "")


def _field_hedge(site: Site, edge: Edge, s_m: float, entity: int) -> None:
    """A hedge along the road or at a right angle to it, well off."""
    length_m = site.draws.pick("hedge", entity, 2, (18.0, 24.0, 36.0))
    across = site.draws.between("hedge", entity, 3, 0.0, 1.0) < 0.5
    offset_m = RURAL_FREE_M + site.draws.between("hedge", entity, 4, 3.0, 26.0) + (0.5 * length_m if across else 0.0)
    place = edge.place(s_m, offset_m)
    mesh = hedge(length_m, site.draws.pick("hedge", entity, 5, (1.6, 2.2)), 1.4)
    pose = Pose(x_m=place.x_m, y_m=place.y_m, z_m=site.level(place.x_m, place.y_m, place.z_m),
                yaw_rad=place.outward_rad if across else place.along_rad)  # fmt: skip
    spot = footprint_of(mesh, pose)
    if site.clearance.fits(spot, RURAL_FREE_M + 1.0, 2.0, 0.5):
        site.add(mesh, pose, spot, TREE_REACH_M, "", "")


def _wood(site: Site, edge: Edge, s_m: float, entity: int) -> None:
    """A group of trees away from the road."""
    centre = edge.place(s_m, site.draws.between("wood", entity, 2, 42.0, 100.0))
    for index in range(9):
        turn = site.draws.between("wood", entity, 20 + index, -pi, pi)
        away_m = site.draws.between("wood", entity, 40 + index, 0.0, 14.0)
        plant(site, centre.x_m + away_m * cos(turn), centre.y_m + away_m * sin(turn), centre.z_m, "wood tree",
              free_m=25.0, apart_m=2.2)  # fmt: skip


def _farm(site: Site, edge: Edge, s_m: float, entity: int) -> None:
    """A house, a barn and a silo about a yard, some way off the road."""
    offset_m = site.draws.between("farm", entity, 2, 48.0, 70.0)
    for design, along_m, further_m, turned in ((FARM_HOUSE, -14.0, 0.0, 0.0), (BARN, 10.0, 8.0, 0.5 * pi),
                                               (SILO, 4.0, 26.0, 0.0)):  # fmt: skip
        place = edge.place(s_m + along_m, offset_m + further_m)
        yaw_rad = place.outward_rad - 0.5 * pi + turned
        mesh = building(design)
        pose = Pose(x_m=place.x_m, y_m=place.y_m, z_m=site.level(place.x_m, place.y_m, place.z_m), yaw_rad=yaw_rad)
        spot = footprint_of(mesh, pose)
        if site.clearance.fits(spot, 20.0, 18.0, 1.0):
            name = f"{design.name}_{site.number('building'):03d}"
            site.add(mesh, pose, spot, BUILDING_REACH_M, "building", name)
    for index in range(4):
        place = edge.place(
            s_m - 22.0 + 14.0 * index, offset_m + site.draws.between("farm", entity, 30 + index, -8.0, 20.0)
        )
        plant(site, place.x_m, place.y_m, place.z_m, "garden tree", free_m=RURAL_FREE_M, apart_m=2.0)
