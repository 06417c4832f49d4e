"""How things of each kind reflect 77 GHz, and what they take from an echo that passes them.

Mean radar cross-sections, dBsm. Sources: people Fortuny-Guasch and Chareau, "Radar cross section
measurements of pedestrian dummies and humans in the 24/77 GHz frequency bands", JRC EUR 25762 EN
(2013), spread about -10 to 0; cars Silberling et al., "Radar measurements of representative small
light passenger vehicles", DRI-TM-14-70-1 (2014), spread about +5 to +20; the car target's band is
that of ISO 19206-3. Trucks, gantry, rail, building and plate are set beside these by size. The spreads are
quoted from memory of these documents and are to be confirmed in them; screening losses are judged.
A bus is set beside the truck (closed below: it screens like a van), a motorcycle with rider between bicycle
and car; a cone is thin plastic and debris here is carton, rubber or timber, poor reflectors both (judged, own).
"""

from dataclasses import dataclass
from enum import IntEnum

from sim.scenery.materials import Semantic
from sim.truth import ActorKind


class Shape(IntEnum):
    """How a kind's reflecting points are found."""

    FACES = 0  # centre of each visible face, and the nearest point
    POINT = 1  # one point at the body
    POSTS = 2  # a point every few metres along a rail
    NEAREST = 3  # the nearest point of the outline


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflector:
    """One kind. `screening_db` is the two-way loss of an echo passing behind or under it.

    `height_ratio` is where between its lower and upper edge it reflects; `doppler_spread_mps` the
    spread of moving parts (legs, wheels); `scatterers` 4 fluctuates like Swerling 3, 2 like Swerling 1.
    """

    shape: Shape
    front_dbsm: float
    rear_dbsm: float
    side_dbsm: float
    height_ratio: float
    doppler_spread_mps: float
    screening_db: float
    scatterers: int


REFLECTORS: dict[ActorKind, Reflector] = {
    ActorKind.CAR: Reflector(
        shape=Shape.FACES, front_dbsm=9.0, rear_dbsm=10.0, side_dbsm=13.0, height_ratio=0.4,
        doppler_spread_mps=0.02, screening_db=22.0, scatterers=4),
    ActorKind.VAN: Reflector(
        shape=Shape.FACES, front_dbsm=11.0, rear_dbsm=13.0, side_dbsm=17.0, height_ratio=0.4,
        doppler_spread_mps=0.02, screening_db=24.0, scatterers=4),
    ActorKind.TRUCK: Reflector(
        shape=Shape.FACES, front_dbsm=15.0, rear_dbsm=18.0, side_dbsm=22.0, height_ratio=0.3,
        doppler_spread_mps=0.02, screening_db=16.0, scatterers=4),
    ActorKind.CYCLIST: Reflector(
        shape=Shape.POINT, front_dbsm=-5.0, rear_dbsm=-5.0, side_dbsm=0.0, height_ratio=0.5,
        doppler_spread_mps=0.3, screening_db=4.0, scatterers=2),
    ActorKind.ADULT: Reflector(
        shape=Shape.POINT, front_dbsm=-4.0, rear_dbsm=-4.0, side_dbsm=-5.0, height_ratio=0.5,
        doppler_spread_mps=0.25, screening_db=4.0, scatterers=2),
    ActorKind.CHILD: Reflector(
        shape=Shape.POINT, front_dbsm=-8.0, rear_dbsm=-8.0, side_dbsm=-9.0, height_ratio=0.5,
        doppler_spread_mps=0.2, screening_db=3.0, scatterers=2),
    ActorKind.SOFT_TARGET: Reflector(
        shape=Shape.FACES, front_dbsm=8.0, rear_dbsm=9.0, side_dbsm=11.0, height_ratio=0.4,
        doppler_spread_mps=0.02, screening_db=20.0, scatterers=4),
    ActorKind.STEEL_PLATE: Reflector(
        shape=Shape.NEAREST, front_dbsm=5.0, rear_dbsm=5.0, side_dbsm=5.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=0.0, scatterers=4),
    ActorKind.GANTRY: Reflector(
        shape=Shape.NEAREST, front_dbsm=25.0, rear_dbsm=25.0, side_dbsm=25.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=6.0, scatterers=4),
    ActorKind.GUARD_RAIL: Reflector(
        shape=Shape.POSTS, front_dbsm=4.0, rear_dbsm=4.0, side_dbsm=-3.0, height_ratio=0.7,
        doppler_spread_mps=0.0, screening_db=6.0, scatterers=2),
    ActorKind.BUILDING: Reflector(
        shape=Shape.NEAREST, front_dbsm=20.0, rear_dbsm=20.0, side_dbsm=20.0, height_ratio=0.1,
        doppler_spread_mps=0.0, screening_db=200.0, scatterers=4),
    ActorKind.BUS: Reflector(
        shape=Shape.FACES, front_dbsm=15.0, rear_dbsm=17.0, side_dbsm=23.0, height_ratio=0.35,
        doppler_spread_mps=0.02, screening_db=24.0, scatterers=4),
    ActorKind.MOTORCYCLE: Reflector(
        shape=Shape.POINT, front_dbsm=2.0, rear_dbsm=2.0, side_dbsm=6.0, height_ratio=0.4,
        doppler_spread_mps=0.1, screening_db=6.0, scatterers=2),
    ActorKind.CONE: Reflector(
        shape=Shape.POINT, front_dbsm=-20.0, rear_dbsm=-20.0, side_dbsm=-20.0, height_ratio=0.4,
        doppler_spread_mps=0.0, screening_db=0.0, scatterers=2),
    ActorKind.DEBRIS: Reflector(
        shape=Shape.NEAREST, front_dbsm=-14.0, rear_dbsm=-14.0, side_dbsm=-14.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=0.0, scatterers=2),
}  # fmt: skip

# What stands still in a map, by the kind of its fixture. Values are set beside the actors' by size and
# material (own); a mast's width and a trunk's roughness spread theirs by 5 dB either way. Signs face the
# traffic: their front and rear are plates, their edge is not.
FIXTURES: dict[str, Reflector] = {
    "guard_rail": Reflector(
        shape=Shape.POSTS, front_dbsm=4.0, rear_dbsm=4.0, side_dbsm=-3.0, height_ratio=0.7,
        doppler_spread_mps=0.0, screening_db=6.0, scatterers=2),
    "gantry": Reflector(
        shape=Shape.NEAREST, front_dbsm=25.0, rear_dbsm=25.0, side_dbsm=25.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=6.0, scatterers=4),
    "sign": Reflector(
        shape=Shape.POINT, front_dbsm=8.0, rear_dbsm=8.0, side_dbsm=-3.0, height_ratio=0.7,
        doppler_spread_mps=0.0, screening_db=10.0, scatterers=2),
    "signal": Reflector(
        shape=Shape.POINT, front_dbsm=2.0, rear_dbsm=2.0, side_dbsm=2.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=6.0, scatterers=2),
    "pole": Reflector(
        shape=Shape.POINT, front_dbsm=0.0, rear_dbsm=0.0, side_dbsm=0.0, height_ratio=0.1,
        doppler_spread_mps=0.0, screening_db=3.0, scatterers=2),
    "tree": Reflector(
        shape=Shape.POINT, front_dbsm=-3.0, rear_dbsm=-3.0, side_dbsm=-3.0, height_ratio=0.2,
        doppler_spread_mps=0.1, screening_db=25.0, scatterers=2),
    "building": Reflector(
        shape=Shape.NEAREST, front_dbsm=20.0, rear_dbsm=20.0, side_dbsm=20.0, height_ratio=0.1,
        doppler_spread_mps=0.0, screening_db=200.0, scatterers=4),
    "wall": Reflector(
        shape=Shape.NEAREST, front_dbsm=12.0, rear_dbsm=12.0, side_dbsm=12.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=200.0, scatterers=4),
    "bridge": Reflector(
        shape=Shape.NEAREST, front_dbsm=25.0, rear_dbsm=25.0, side_dbsm=25.0, height_ratio=0.5,
        doppler_spread_mps=0.0, screening_db=200.0, scatterers=4),
}  # fmt: skip

# Two-way loss of an echo whose straight way meets a surface of the map, dB (own): metal beams and masts
# are narrower than the beam; a crown of leaves takes several decibels a metre (ITU-R P.833, recalled).
_PASSING_DB: dict[Semantic, float] = {
    Semantic.GUARD_RAIL: 6.0,
    Semantic.POLE: 3.0,
    Semantic.TRAFFIC_LIGHT: 6.0,
    Semantic.TRAFFIC_SIGN: 10.0,
    Semantic.STATIC: 10.0,
    Semantic.FENCE: 3.0,
    Semantic.VEGETATION: 25.0,
    Semantic.PEDESTRIAN: 4.0,
}
_SOLID_DB = 200.0


def passing_db(semantic: Semantic) -> float:
    """What an echo loses that passes a surface of the map of this class; ground and masonry let nothing through."""
    return _PASSING_DB.get(semantic, _SOLID_DB)
