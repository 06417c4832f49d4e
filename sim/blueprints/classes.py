"""Which blueprint stands for an actor of a scenario on a server that has these blueprints.

Faultline's own blueprints come first: their outline is exactly the scenario's. A server without them
gets the nearest of CARLA's of the same class; what an actor is there (its outline, its dynamics) then
differs, and `Mapping.exact` says so. The outline is what this library expects; a server's own bounding
box has the last word. Metres.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from sim.blueprints.attributes import OUTLINE, text_of
from sim.blueprints.blueprint import Blueprint, Family
from sim.blueprints.library import blueprint, library
from sim.blueprints.own import CATEGORIES, PROP_PREFIX, VEHICLE_PREFIX, WALKER_PREFIX, own_id, stretched
from sim.truth import ActorKind
from sim.twin.hulls import hull_of
from sim.twin.vehicles import vehicle_file
from stack.vocabulary import MissingPart

Box = tuple[float, float, float]

# Whose vehicle file moves an actor of a kind when the scenario names none: as the twin's usual hulls have it.
USUAL_FILES: Final = {
    ActorKind.CAR: "car_m1", ActorKind.VAN: "van_n1", ActorKind.TRUCK: "truck_n3_rigid", ActorKind.BUS: "bus_m3",
}  # fmt: skip
USUAL_LOADS: Final = {ActorKind.CAR: 0.0, ActorKind.VAN: 0.5, ActorKind.TRUCK: 1.0, ActorKind.BUS: 0.5}
# CARLA's props that may stand for a kind; nothing of CARLA's stands for a gantry, a building or a guard rail's length.
_PROPS: Final = {
    ActorKind.STEEL_PLATE: ("ironplank",),
    ActorKind.CONE: ("constructioncone", "trafficcone01", "trafficcone02"),
    ActorKind.DEBRIS: ("dirtdebris01", "dirtdebris02", "dirtdebris03", "creasedbox01", "box01", "box02", "box03"),
    ActorKind.GUARD_RAIL: ("streetbarrier",),
}
_SPECIAL: Final = frozenset({"emergency", "taxi"})  # beacons and livery: no ordinary road user


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A blueprint for an actor, the attributes to set on it, and what to expect of it.

    `box_m` is length, width and height above `clearance_m`, the lower edge. `contains_brake_lag` says
    whether its dynamics have the vehicle file's brake dead time and lag; if not, whoever drives adds them.
    """

    blueprint_id: str
    family: Family
    box_m: Box
    clearance_m: float
    exact: bool
    contains_brake_lag: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


class NoBlueprint(MissingPart):
    """The server has no blueprint that could stand for an actor; `wanted` are those that could."""

    def __init__(self, kind: ActorKind, wanted: tuple[str, ...]) -> None:
        shown = ", ".join(wanted[:6]) + (f" and {len(wanted) - 6} more" if len(wanted) > 6 else "")
        super().__init__(
            f"the server has no blueprint for a {kind.name.lower().replace('_', ' ')}: it needs one of {shown}"
            + ("; run the scenario on `faultline serve`" if wanted[0].count("faultline") else "")
        )
        self.kind, self.wanted = kind, wanted


def mapped(
    kind: ActorKind, size_m: Box, vehicle: str | None, available: Collection[str], *, clearance_m: float | None = None,
    load_ratio: float | None = None,
) -> Mapping:  # fmt: skip
    """What to spawn for an actor of this kind and box. Raises NoBlueprint.

    `vehicle` is the name of its vehicle file, if it has one; `clearance_m` and `load_ratio` are the
    file's, or the kind's usual ones, if not given. `available` are the ids that the server has.
    """
    name = vehicle if vehicle is not None else USUAL_FILES.get(kind)
    own = _own_id(kind, name)
    if own is not None and own in available:
        return _own(blueprint(own), kind, size_m, clearance_m, load_ratio)
    candidates = carla_candidates(kind)
    there = [one for one in candidates if one.id in available]
    if not there:
        wanted = ((own,) if own is not None else ()) + tuple(one.id for one in candidates)
        raise NoBlueprint(kind, wanted)
    return _nearest(there, size_m)


def _own_id(kind: ActorKind, vehicle: str | None) -> str | None:
    """Faultline's own blueprint for it; a vehicle file of another kind does not change what the actor is."""
    if vehicle is not None and kind in USUAL_FILES:
        name = vehicle if "\n" not in vehicle else USUAL_FILES[kind]
        return VEHICLE_PREFIX + name
    return own_id(kind)


def _own(one: Blueprint, kind: ActorKind, size_m: Box, clearance_m: float | None, load_ratio: float | None) -> Mapping:
    body = one.body
    if body is None:
        raise ValueError(f"{one.id} has no body")
    lower_m = body.clearance_m if clearance_m is None else clearance_m
    values = zip(OUTLINE, (*size_m, lower_m), strict=True)
    attributes = {name: text_of(float(value)) for name, value in values}
    if one.default("load_ratio"):
        load = USUAL_LOADS.get(kind, 1.0) if load_ratio is None else load_ratio
        attributes["load_ratio"] = text_of(float(load))
    made = stretched(body, size_m, lower_m)
    return Mapping(
        blueprint_id=one.id, family=one.family, box_m=made.box_m, clearance_m=lower_m, exact=True,
        attributes=attributes,
    )  # fmt: skip


@cache
def carla_candidates(kind: ActorKind) -> tuple[Blueprint, ...]:
    """CARLA's blueprints that may stand for a kind, in order of their ids."""
    wanted = ActorKind.CAR if kind is ActorKind.SOFT_TARGET else kind
    if wanted in _PROPS:
        return tuple(blueprint(f"static.prop.{name}") for name in _PROPS[wanted])
    return tuple(
        one
        for one in library()
        if one.body is not None
        and one.body.kind is wanted
        and one.family in (Family.VEHICLE, Family.WALKER)
        and one.default("special_type") not in _SPECIAL
        and not one.id.startswith((VEHICLE_PREFIX, WALKER_PREFIX, PROP_PREFIX))
    )


def _nearest(candidates: list[Blueprint], size_m: Box) -> Mapping:
    """The one whose outline differs least, by the sum of the differences; of equals, the first by id."""

    def differs_m(one: Blueprint) -> float:
        return sum(abs(a - b) for a, b in zip(_box(one), size_m, strict=True))

    best = min(candidates, key=lambda one: (differs_m(one), one.id))
    clearance_m = best.body.clearance_m if best.body is not None else 0.0
    return Mapping(
        blueprint_id=best.id, family=best.family, box_m=_box(best), clearance_m=clearance_m, exact=False
    )  # fmt: skip


def _box(one: Blueprint) -> Box:
    return one.body.box_m if one.body is not None else (0.0, 0.0, 0.0)


def kind_of_file(vehicle: str) -> ActorKind:
    """What a vehicle file's vehicle is."""
    return CATEGORIES[vehicle_file(vehicle).category][0]


def box_of_file(vehicle: str) -> tuple[Box, float]:
    """Length, width and height of a vehicle file's box, and its lower edge."""
    hull = hull_of(vehicle_file(vehicle))
    return hull.size_m, hull.clearance_m
