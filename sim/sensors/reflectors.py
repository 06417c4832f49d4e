"""How things of each kind reflect 77 GHz, and what they take from an echo that passes them.

Mean radar cross-sections, dBsm. Sources: people Fortuny-Guasch and Chareau, "Radar cross section
measurements of pedestrian dummies and humans in the 24/77 GHz frequency bands", JRC EUR 25762 EN
(2013), spread about -10 to 0; cars Silberling et al., "Radar measurements of representative small
light passenger vehicles", DRI-TM-14-70-1 (2014), spread about +5 to +20; the car target's band is
that of ISO 19206-3. Trucks, gantry, rail, building and plate are set beside these by size. The spreads are
quoted from memory of these documents and are to be confirmed in them; screening losses are judged.
"""

from dataclasses import dataclass
from enum import IntEnum

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
}  # fmt: skip
