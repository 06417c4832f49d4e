"""Usual sizes and masses of every kind of actor, for scenarios that state none.

A hull is a box: `size_m` is length, width and height *of the box*, `clearance_m` its lower edge above
the road; its top is at clearance plus height. The ego's and traffic's hulls come from vehicle files.
"""

from dataclasses import dataclass, replace

from sim.truth import ARTICULATED_FROM_M, ActorKind
from sim.twin.vehicles import VehicleFile, vehicle_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Hull:
    """Box and mass of an actor, and where they come from."""

    size_m: tuple[float, float, float]
    clearance_m: float
    mass_kg: float
    source: str


def hull_of(vehicle: VehicleFile, load_ratio: float = 1.0) -> Hull:
    """The hull of a vehicle file at a load."""
    outline = vehicle.outline
    return Hull(
        size_m=(outline.length_m, outline.width_m, outline.hull_height_m),
        clearance_m=outline.ground_clearance_m,
        mass_kg=vehicle.at_load(load_ratio).mass_kg,
        source=f"vehicle file {vehicle.name}",
    )


def _rows() -> dict[ActorKind, Hull]:
    def row(size_m: tuple[float, float, float], clearance_m: float, mass_kg: float, source: str) -> Hull:
        return Hull(size_m=size_m, clearance_m=clearance_m, mass_kg=mass_kg, source=source)

    kind = ActorKind
    # Thing            length, width, height of the box, lower edge, mass, source
    return {
        kind.CAR: hull_of(vehicle_file("car_m1"), 0.0),
        kind.VAN: hull_of(vehicle_file("van_n1"), 0.5),
        kind.TRUCK: hull_of(vehicle_file("truck_n3_rigid"), 1.0),
        kind.CYCLIST: row((1.88, 0.50, 1.86), 0.0, 90.0, "ISO 19206-4 bicyclist target; rider 75 kg, bicycle 15 kg"),
        kind.ADULT: row((0.60, 0.50, 1.80), 0.0, 75.0, "ISO 19206-2 adult target, 50th-percentile male"),
        kind.CHILD: row((0.40, 0.35, 1.15), 0.0, 23.0, "ISO 19206-2 child target, 6-7 years"),
        kind.SOFT_TARGET: row((4.023, 1.712, 1.28), 0.15, 1400.0, "ISO 19206-3 car target; counts as the car it is"),
        kind.STEEL_PLATE: row((2.4, 1.2, 0.025), 0.0, 565.0, "steel road plate 1 in thick, 7850 kg/m3"),
        kind.GANTRY: row((1.0, 20.0, 1.5), 5.0, 10000.0, "clear height 4.5-5.7 m over motorways (EN 12899, national)"),
        kind.GUARD_RAIL: row((10.0, 0.35, 0.75), 0.0, 250.0, "W-beam barrier 0.75 m high (EN 1317 systems)"),
        kind.BUILDING: row((15.0, 12.0, 9.0), 0.0, 1.0e6, "three storeys"),
        kind.BUS: hull_of(vehicle_file("bus_m3"), 0.5),
        kind.MOTORCYCLE: row((2.15, 0.80, 1.50), 0.0, 290.0, "own: middle-class motorcycle 215 kg with rider 75 kg"),
        kind.CONE: row((0.45, 0.45, 0.75), 0.0, 5.0, "EN 13422 road cone 750 mm (foot and mass recalled: confirm)"),
        kind.DEBRIS: row((0.90, 0.70, 0.35), 0.0, 15.0, "own: a carton, a burst tyre, some beams"),
    }


USUAL_HULLS: dict[ActorKind, Hull] = _rows()


# Tractor with semi-trailer, five axles: 16.5 m long, 2.55 m wide, 4.0 m high, 40 t (Directive 96/53/EC, Annex I, 1.1,
# 1.2, 1.3 and 2.2.2); the lower edge is the rigid truck's.
ARTICULATED = Hull(size_m=(16.5, 2.55, 3.7), clearance_m=0.3, mass_kg=40_000.0, source="96/53/EC, Annex I")


def actor_hull(kind: ActorKind, size_m: tuple[float, float, float] | None = None) -> Hull:
    """The usual box and mass of an actor of this kind, or of one of this size; a long truck has a trailer."""
    if size_m is None:
        return USUAL_HULLS[kind]
    long = kind is ActorKind.TRUCK and size_m[0] > ARTICULATED_FROM_M
    return replace(ARTICULATED if long else USUAL_HULLS[kind], size_m=size_m)
