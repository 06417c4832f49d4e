"""Which blueprint plays which actor on a server, and whether it already contains the brake lag of our vehicle file.

The choice is `sim.blueprints.classes`'s: our own blueprints first, with exactly the scenario's outline
and load, else the nearest of CARLA's. A lag that a blueprint's dynamics contain is left to the server and
never applied twice. What lines or spans the road belongs to the map: it is shown only where a blueprint
has exactly its shape, and guard rails, which every map draws itself, never; contact and our sensors
know them all the same.
"""

from dataclasses import dataclass

from sim.blueprints.classes import USUAL_FILES, Mapping, NoBlueprint, mapped
from sim.carla_client.wire import ServerFacts
from sim.layout import ActorPlan, VehicleModel
from sim.truth import ActorKind
from sim.twin.hulls import USUAL_HULLS
from sim.twin.vehicles import vehicle_file, vehicle_names

DRAWN_BY_MAPS = frozenset({ActorKind.GUARD_RAIL})
ONLY_EXACT = frozenset({ActorKind.GANTRY, ActorKind.BUILDING, ActorKind.STEEL_PLATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A blueprint for an actor and the attributes it is spawned with."""

    blueprint: str
    exact: bool = True
    lagged: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


def role_of(plan: ActorPlan, facts: ServerFacts) -> Role | None:
    """What plays an actor; None where nothing has to. Raises MissingPart where something has to and there is none."""
    if plan.kind in DRAWN_BY_MAPS:
        return None
    load_ratio = None if plan.vehicle is None else load_of(plan.vehicle)
    file = plan.vehicle.name if plan.vehicle is not None and plan.vehicle.name in vehicle_names() else None
    try:
        found = mapped(
            plan.kind, plan.size_m, file, facts.ids, clearance_m=plan.clearance_m, load_ratio=load_ratio
        )  # fmt: skip
    except NoBlueprint:
        if plan.kind in ONLY_EXACT:
            return None
        raise
    return None if plan.kind in ONLY_EXACT and not found.exact else _role(found)


def _role(found: Mapping) -> Role:
    return Role(
        blueprint=found.blueprint_id,
        exact=found.exact,
        lagged=found.contains_brake_lag,
        attributes=tuple(sorted(found.attributes.items())),
    )


def load_of(vehicle: VehicleModel) -> float:
    """How laden a vehicle is: 0 at its file's unladen mass, 1 at its laden mass."""
    if vehicle.name not in vehicle_names():
        return 1.0
    file = vehicle_file(vehicle.name)
    unladen_kg, laden_kg = (file.at_load(ratio).mass_kg for ratio in (0.0, 1.0))
    return min(max((vehicle.mass_kg - unladen_kg) / (laden_kg - unladen_kg), 0.0), 1.0)


def roles_on(facts: ServerFacts) -> tuple[tuple[str, str], ...]:
    """For every vehicle file and kind: its name, and the blueprint this server has for it or why none."""
    rows = []
    for kind, hull in USUAL_HULLS.items():
        if kind in DRAWN_BY_MAPS:
            continue
        names: list[str | None] = [name for name in vehicle_names() if USUAL_FILES.get(kind) == name]
        for name in names or [None]:
            try:
                found = mapped(kind, hull.size_m, name, facts.ids, clearance_m=hull.clearance_m)
                says = found.blueprint_id + ("" if found.exact else " (nearest)")
            except NoBlueprint:
                says = ""
            rows.append((name or kind.name.lower(), says))
    return tuple(rows)


def misfit_m(plan: ActorPlan, size_m: tuple[float, float, float]) -> float:
    """How far a blueprint's outline differs from the actor's: the larger of the differences in length and width."""
    return max(abs(plan.size_m[axis] - size_m[axis]) for axis in (0, 1))
