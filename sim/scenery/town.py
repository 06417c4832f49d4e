"""What stands along streets: buildings on lots, lamps, street trees, hedges between gardens, towers behind.

Scenarios place parked vehicles up to 4 m beside a lane's path and let walkers start 6 to 8 m beside it;
so the first 4.5 m beside a driven lane stay free, within 7 m only thin things stand, and nothing but the
map's own signs stands near a crosswalk.
"""

from math import cos, pi, sin

from sim.scenery.buildings import OUTSKIRTS, SKYLINE, TOWN, Design, building
from sim.scenery.clearance import Footprint
from sim.scenery.edges import Edge
from sim.scenery.mesh import scaled
from sim.scenery.poles import street_lamp
from sim.scenery.sites import Pose, Site, footprint_of
from sim.scenery.trees import BELT_TREES, BROAD_LEAVED, belt_tree, broad_leaved, conifer, hedge

FREE_M = 4.5  # beside a driven lane
BUILDING_FREE_M = 7.4
WALK_FREE_M = 0.25  # beside a sidewalk
LAMP_APART_M = 34.0
TREE_APART_M = 13.0
LOT_ENDS_M = 6.0
BUILDING_REACH_M = 600.0
TREE_REACH_M = 350.0
LAMP_REACH_M = 250.0
SHORT_EDGE_M = 30.0


def furnish_street(site: Site, edge: Edge) -> None:
    """Lamps, buildings and trees along one edge."""
    if edge.in_junction or edge.length_m < SHORT_EDGE_M:
        return
    _lamps(site, edge)
    _lots(site, edge)
    _street_trees(site, edge)


def _offset_m(edge: Edge, free_m: float) -> float:
    """From the edge to where a driven lane is this far away."""
    return max(WALK_FREE_M, free_m - edge.driven_m)


def _lamps(site: Site, edge: Edge) -> None:
    """Every 34 m; the two sides of a street are staggered by half of that."""
    offset_m = _offset_m(edge, FREE_M) + 0.2
    s_m = 0.25 * LAMP_APART_M + (0.5 * LAMP_APART_M if edge.outward > 0.0 or site.number("lamp side") % 2 else 0.0)
    while s_m < edge.length_m - 4.0:
        place = edge.place(s_m, offset_m)
        spot = Footprint(x_m=place.x_m, y_m=place.y_m, yaw_rad=place.along_rad, length_m=0.2, width_m=0.2)
        if site.clearance.fits(spot, FREE_M, WALK_FREE_M, 0.5):
            z_m = site.level(place.x_m, place.y_m, place.z_m)
            pose = Pose(x_m=place.x_m, y_m=place.y_m, z_m=z_m, yaw_rad=place.outward_rad + pi)
            site.add(street_lamp(), pose, spot, LAMP_REACH_M, "pole", f"street_lamp_{site.number('street_lamp'):03d}")
        s_m += LAMP_APART_M


def _lots(site: Site, edge: Edge) -> None:
    """Buildings one after the other, set back from the edge; now and then a gap or a hedge between two."""
    s_m = LOT_ENDS_M
    while s_m < edge.length_m - LOT_ENDS_M:
        entity = site.number("lot")
        design = site.draws.pick("design", entity, 0, TOWN)
        if s_m + design.length_m > edge.length_m - 0.5 * LOT_ENDS_M:
            return
        setback_m = _offset_m(edge, BUILDING_FREE_M) + site.draws.between("setback", entity, 0, 0.1, 1.8)
        place = edge.place(s_m + 0.5 * design.length_m, setback_m)
        if not _build(site, design, place.x_m, place.y_m, place.z_m, place.outward_rad - 0.5 * pi):
            s_m += 5.0
            continue
        s_m += design.length_m
        gap_m = site.draws.pick("gap", entity, 0, (1.5, 3.0, 4.5, 9.0))
        if gap_m >= 4.0:
            _garden(site, edge, s_m + 0.5 * gap_m, setback_m + 3.0, entity)
        s_m += gap_m


def _build(site: Site, design: Design, x_m: float, y_m: float, near_m: float, yaw_rad: float) -> bool:
    """Put a building with the middle of its front at a place, if there is room."""
    mesh = building(design)
    centre_m = 0.5 * design.depth_m
    x_c, y_c = x_m - centre_m * sin(yaw_rad), y_m + centre_m * cos(yaw_rad)
    spot = footprint_of(mesh, Pose(x_m=x_m, y_m=y_m, z_m=0.0, yaw_rad=yaw_rad))
    if not site.clearance.fits(spot, BUILDING_FREE_M - 1.6, 2.0, 0.6):
        return False
    pose = Pose(x_m=x_m, y_m=y_m, z_m=site.level(x_c, y_c, near_m), yaw_rad=yaw_rad)
    site.add(mesh, pose, spot, BUILDING_REACH_M, "building", f"{design.name}_{site.number('building'):03d}")
    return True


def _garden(site: Site, edge: Edge, s_m: float, offset_m: float, entity: int) -> None:
    """A hedge between two lots, and a tree behind it."""
    mesh = hedge(7.0, 1.5, 0.8)
    place = edge.place(s_m, offset_m + 3.5)
    pose = Pose(x_m=place.x_m, y_m=place.y_m, z_m=site.level(place.x_m, place.y_m, place.z_m),
                yaw_rad=place.outward_rad)  # fmt: skip
    spot = footprint_of(mesh, pose)
    if site.clearance.fits(spot, BUILDING_FREE_M, 2.0, 0.2):
        site.add(mesh, pose, spot, TREE_REACH_M, "", "")
    behind = edge.place(s_m, offset_m + site.draws.between("garden", entity, 0, 10.0, 16.0))
    plant(site, behind.x_m, behind.y_m, behind.z_m, "garden tree", free_m=BUILDING_FREE_M)


def plant(
    site: Site, x_m: float, y_m: float, near_m: float, stream: str, *, free_m: float, apart_m: float = 1.6
) -> None:
    """A tree at a place, if there is room: a full one near streets, a plain one elsewhere."""
    entity = site.number(stream)
    kind = site.draws.between(stream, entity, 0, 0.0, 1.0)
    if stream in ("street tree", "garden tree"):
        mesh = broad_leaved(site.draws.pick(stream, entity, 1, range(BROAD_LEAVED)))
    elif kind < 0.3:
        mesh = conifer(site.draws.pick(stream, entity, 1, range(4)))
    else:
        mesh = belt_tree(site.draws.pick(stream, entity, 1, range(BELT_TREES)))
    spot = Footprint(x_m=x_m, y_m=y_m, yaw_rad=0.0, length_m=0.4, width_m=0.4)
    if not site.clearance.fits(spot, free_m, WALK_FREE_M, apart_m):
        return
    size = site.draws.between(stream, entity, 2, 0.8, 1.15)
    yaw_rad = site.draws.between(stream, entity, 3, -pi, pi)
    pose = Pose(x_m=x_m, y_m=y_m, z_m=site.level(x_m, y_m, near_m), yaw_rad=yaw_rad)
    name = f"tree_{site.number('tree'):04d}"
    site.add(scaled(mesh, size, size, size), pose, spot, TREE_REACH_M, "tree", name)


def _street_trees(site: Site, edge: Edge) -> None:
    """A row behind the sidewalk, with gaps; crowns stay clear of the carriageway."""
    offset_m = _offset_m(edge, FREE_M) + 0.9
    s_m = 0.5 * TREE_APART_M
    while s_m < edge.length_m - 0.5 * TREE_APART_M:
        entity = site.number("street tree gap")
        if site.draws.between("street tree gap", entity, 0, 0.0, 1.0) < 0.62:
            place = edge.place(s_m + site.draws.between("street tree gap", entity, 1, -1.5, 1.5), offset_m)
            plant(site, place.x_m, place.y_m, place.z_m, "street tree", free_m=FREE_M, apart_m=1.8)
        s_m += TREE_APART_M


def furnish_outskirts(site: Site) -> None:
    """What closes the view behind the streets: towers, halls and trees, far from every lane."""
    low_x, low_y, high_x, high_y = site.clearance.bounds_m()
    width, height = high_x - low_x + 260.0, high_y - low_y + 260.0

    def anywhere(stream: str, entity: int) -> tuple[float, float]:
        x_m = low_x - 130.0 + site.draws.between(stream, entity, 10, 0.0, width)
        return x_m, low_y - 130.0 + site.draws.between(stream, entity, 11, 0.0, height)

    for entity in range(36):
        design = site.draws.pick("tower", entity, 0, (*SKYLINE, *OUTSKIRTS))
        x_m, y_m = anywhere("tower", entity)
        yaw_rad = 0.5 * pi * site.draws.pick("tower", entity, 1, range(4))
        if _far(site, x_m, y_m, 34.0):
            _build(site, design, x_m, y_m, 0.0, yaw_rad)
    for entity in range(130):
        x_m, y_m = anywhere("outskirts", entity)
        if _far(site, x_m, y_m, 16.0):
            plant(site, x_m, y_m, 0.0, "outskirts tree", free_m=16.0, apart_m=3.0)


def _far(site: Site, x_m: float, y_m: float, far_m: float) -> bool:
    spot = Footprint(x_m=x_m, y_m=y_m, yaw_rad=0.0, length_m=1.0, width_m=1.0)
    return site.clearance.gaps_m(spot)[1] >= far_m
