"""Scenery without a map, for measuring a sensor model: given bodies on level ground and nothing else.

The bodies stand as boxes of the roster's sizes; a map's things may be given as boxes too.
"""

import numpy as np

from sim.scenery.ground import GroundTable
from sim.scenery.materials import MATERIAL, MATERIALS
from sim.scenery.mesh import Body, Mesh, placed
from sim.scenery.scene import Scenery
from sim.scenery.shapes import box
from sim.scenery.still import Fixture, Piece, tiled
from sim.truth import Roster

# What a fixture's box is made of.
SURFACES: dict[str, str] = {
    "guard_rail": "guard_rail", "gantry": "gantry", "sign": "sign_back", "signal": "signal_housing", "pole": "pole",
    "tree": "foliage", "building": "facade_concrete", "wall": "wall", "bridge": "bridge",
}  # fmt: skip


def box_body(size_m: tuple[float, float, float], clearance_m: float = 0.0, material: str = "paint") -> Body:
    """A box standing `clearance_m` above the ground, centred over its origin."""
    length, width, height = size_m
    mesh = box((-0.5 * length, -0.5 * width, clearance_m), (0.5 * length, 0.5 * width, clearance_m + height), material)
    return Body(mesh=mesh, colour=(0.5, 0.5, 0.5), semantic=int(MATERIALS[MATERIAL[material]].semantic))


def fixture_box(fixture: Fixture) -> Mesh:
    """A fixture as a solid box in the world frame."""
    body = box_body((fixture.length_m, fixture.width_m, fixture.height_m), 0.0, SURFACES[fixture.kind])
    return placed(body.mesh, fixture.x_m, fixture.y_m, fixture.z_m, fixture.yaw_rad)


def plain_scenery(roster: Roster, fixtures: tuple[Fixture, ...] = (), meshes: tuple[Mesh, ...] = ()) -> Scenery:
    """Boxes for all actors and fixtures on level ground, and further still meshes in the world frame."""
    rows = len(roster.names)
    bodies = tuple(box_body(tuple(roster.size_m[row].tolist()), float(roster.clearance_m[row])) for row in range(rows))
    still = (*(fixture_box(fixture) for fixture in fixtures), *meshes)
    ground = GroundTable(first=np.arange(rows + 1, dtype=np.int32), stations_m=np.zeros(rows), heights_m=np.zeros(rows))
    pieces = tuple(Piece(mesh=mesh, reach_m=1_000.0) for mesh in still)
    return Scenery(roster=roster, still=tiled(pieces, fixtures), bodies=bodies, ground=ground)
