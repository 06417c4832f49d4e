"""Small worlds for ray tests: triangle soups, streets, and the truth frames that pose their actors."""

import numpy as np

from sim.randomness import entity_id
from sim.scenery.bodies import body_for
from sim.scenery.ground import GroundTable
from sim.scenery.mesh import PARTS, Body, Mesh, frozen, placed
from sim.scenery.scene import Scenery
from sim.scenery.shapes import box, cylinder, ellipsoid, sheet
from sim.scenery.still import Piece, tiled
from sim.scenery.viewpoint import Viewpoint, rotation
from sim.truth import COLUMNS, SPEED, YAW, YAW_RATE, ActorKind, Conditions, Roster, TruthFrame, X, Y
from stack.vocabulary import SimNs

CLEAR = Conditions(friction_ratio=0.8, visibility_m=20_000.0, illuminance_lx=20_000.0)
SIZES = {
    ActorKind.CAR: (4.5, 1.8, 1.5),
    ActorKind.VAN: (5.5, 2.0, 2.5),
    ActorKind.TRUCK: (10.0, 2.5, 3.8),
    ActorKind.ADULT: (0.5, 0.6, 1.75),
    ActorKind.CYCLIST: (1.8, 0.6, 1.8),
}


def mesh_of(corners, material=0):
    """Loose triangles (t, 3, 3) as a mesh."""
    corners = np.asarray(corners, dtype=np.float32)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20)
    count = len(corners)
    return frozen(
        Mesh(
            vertices=corners.reshape(-1, 3),
            normals=np.repeat(normals, 3, axis=0),
            parts=np.zeros(3 * count, np.int32),
            triangles=np.arange(3 * count, dtype=np.int32).reshape(-1, 3),
            materials=np.full(count, material, np.int32),
            joints=np.zeros((PARTS, 3), np.float32),
        )
    )


def soup(seed, count, spread_m=20.0, size_m=3.0):
    """Random triangles about the origin, (t, 3, 3)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-spread_m, spread_m, (count, 1, 3)) + rng.normal(0.0, size_m, (count, 3, 3))


def street(seed=3, trees=40, houses=12):
    """A closed-surfaced street: ground, kerbs, houses, trees and poles, as a `Still`."""
    rng = np.random.default_rng(seed)
    pieces = []
    for x in range(-150, 150, 25):
        for y in range(-75, 75, 25):
            corners = [(x, y, 0.0), (x + 25, y, 0.0), (x + 25, y + 25, 0.0), (x, y + 25, 0.0)]
            pieces.append(sheet(corners, "asphalt" if abs(y) < 30 else "grass"))
    for side in (-9.0, 9.0):
        pieces.append(box((-150.0, side - 0.2, 0.0), (150.0, side + 0.2, 0.15), "kerb"))
    for index in range(houses):
        x, y = -120.0 + 240.0 * index / houses, 22.0 if index % 2 else -22.0
        pieces.append(placed(box((-7.0, -5.0, -0.5), (7.0, 5.0, 9.0), "facade_brick"), x, y, yaw_rad=0.1 * index))
    for _ in range(trees):
        x, side, height = rng.uniform(-120.0, 120.0), rng.choice([-12.0, 12.0]), rng.uniform(3.0, 6.0)
        pieces.append(placed(cylinder((0.0, 0.0, -0.2), (0.0, 0.0, height), 0.15, "bark"), x, side))
        pieces.append(placed(ellipsoid((0.0, 0.0, height), (1.5, 1.5, 1.8), "foliage", around=12, rings=8), x, side))
    return tiled(tuple(Piece(mesh=piece, reach_m=1e9) for piece in pieces))


def scenery(actors, still=None):
    """A scenery and its roster; an actor is (kind, mesh or None for the kind's own body)."""
    names = tuple(f"actor_{row}" for row in range(len(actors)))
    kinds = tuple(kind for kind, _ in actors)
    sizes = [SIZES[kind] for kind in kinds]
    roster = Roster(
        names=names,
        kinds=kinds,
        entities=np.array([entity_id(name) for name in names], dtype=np.uint32),
        size_m=np.array(sizes),
        clearance_m=np.zeros(len(actors)),
        mass_kg=np.full(len(actors), 1000.0),
    )
    bodies = tuple(
        body_for(kind, row, SIZES[kind]) if mesh is None else Body(mesh=mesh, colour=(0.5, 0.5, 0.5), semantic=14)
        for row, (kind, mesh) in enumerate(actors)
    )
    count = len(actors)
    ground = GroundTable(
        first=np.arange(count + 1, dtype=np.int32), stations_m=np.zeros(count), heights_m=np.zeros(count)
    )
    return Scenery(roster=roster, still=still if still is not None else tiled(()), bodies=bodies, ground=ground)


def frame(scene, places, at=0, conditions=CLEAR):
    """A truth frame; a place is a dict of x, y, yaw, speed, yaw_rate, s."""
    state = np.zeros((len(places), COLUMNS))
    columns = {"x": X, "y": Y, "yaw": YAW, "speed": SPEED, "yaw_rate": YAW_RATE, "s": 9}
    for row, place in enumerate(places):
        for name, value in place.items():
            state[row, columns[name]] = value
    state.flags.writeable = False
    return TruthFrame(at=SimNs(at), roster=scene.roster, conditions=conditions, state=state)


def eye(position=(0.0, 0.0, 0.0), angles=(0.0, 0.0, 0.0), velocity=(0.0, 0.0, 0.0), spin=(0.0, 0.0, 0.0), hidden=-1):
    """A viewpoint from its numbers."""
    return Viewpoint(
        position_m=np.array(position, dtype=np.float64),
        world_from_sensor=rotation(*angles),
        velocity_mps=np.array(velocity, dtype=np.float64),
        angular_velocity_radps=np.array(spin, dtype=np.float64),
        hidden_row=hidden,
    )


def all_places(scene):
    """The ego and a handful of actors along a street."""
    spots = [
        (0.0, -2.0, 0.0),
        (12.0, 2.0, 3.1),
        (-14.0, -2.1, 0.05),
        (30.0, -2.0, 0.0),
        (8.0, -7.0, 1.2),
        (45.0, 4.0, 2.9),
    ]
    return [{"x": x, "y": y, "yaw": yaw} for x, y, yaw in spots[: len(scene.roster.names)]]


def brute(corners, origin, directions):
    """Nearest front faces by plain arithmetic: distances (inf: none) and rows (-1), for corners (t, 3, 3)."""
    a, b, c = (np.asarray(corners, dtype=np.float64)[:, k] - origin for k in range(3))
    normals = np.cross(b - a, c - a)
    against = directions @ normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(against < 0.0, (normals * a).sum(axis=1) / against, np.inf)
    inside = np.ones_like(t, dtype=bool)
    for first, second in ((a, b), (b, c), (c, a)):
        inside &= directions @ np.cross(second, first).T >= 0.0
    t = np.where(inside & (t >= 0.0), t, np.inf)
    rows = t.argmin(axis=1)
    best = t[np.arange(len(t)), rows]
    return best, np.where(np.isfinite(best), rows, -1)


def margin(corners, origin, directions):
    """The angle by which each ray passes the nearest edge's plane: tiny where the answer is a matter of rounding."""
    a, b, c = (np.asarray(corners, dtype=np.float64)[:, k] - origin for k in range(3))
    least = np.full(len(directions), np.inf)
    for first, second in ((a, b), (b, c), (c, a)):
        planes = np.cross(second, first)
        planes /= np.maximum(np.linalg.norm(planes, axis=1, keepdims=True), 1e-30)
        least = np.minimum(least, np.abs(directions @ planes.T).min(axis=1))
    return least
