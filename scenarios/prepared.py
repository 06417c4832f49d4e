"""A scenario ready to run: its layout, when it counts and ends, and what it is held to.

`prepare_scenario` reads, checks and places in one go, so that everything wrong with a file, its
overrides and its places on the map is reported at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.criteria import Criterion, Preconditions
from scenarios.documents import Problem, nearest
from scenarios.maps import load_map, map_names
from scenarios.placing import place
from scenarios.scenario_files import Reading, examine_scenario, find_scenario
from scenarios.specification import DEFAULT_VEHICLE, MPS_PER_KMH, Crossing, EndsAt, ScenarioFile
from sim.layout import Layout
from sim.road import Road
from sim.twin.vehicles import vehicle_names
from stack.vocabulary import InputError, SimNs, ns_from_s

APPROACH_S = 2.0  # straight approach before the functional part, UN R152 6.4-6.7


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAt:
    """The run is over at an instant."""

    at: SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSettled:
    """The run is over once the ego has closed on nothing ahead in its path for this long."""

    for_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedScenario:
    """What assembly needs of a scenario.

    `target` names the actor the functional part is about; empty if there is none. `limit` is the
    virtual instant at which the run counts as timed out. `resolved` is the file with every
    override and default in it, for the key and the record.
    """

    name: str
    title: str
    kind: str  # "must_brake" | "must_not_brake"
    layout: Layout
    driver: str
    functional_part_at: SimNs
    target: str
    end: EndAt | EndSettled
    limit: SimNs
    preconditions: Preconditions
    criteria: tuple[Criterion, ...]
    parameters: dict[str, float]
    resolved: dict[str, object]


def prepare_scenario(
    name_or_path: str, overrides: Mapping[str, object] | None = None, *, seed: int = 0
) -> PreparedScenario:
    """Read, check and place a scenario; raises `InputError` with every finding of file and map at once."""
    reading = examine_scenario(find_scenario(name_or_path), overrides or {})
    layout, problems = _laid_out(reading, seed)
    findings = reading.source.all_findings([*reading.problems, *problems])
    spec = reading.spec
    if spec is None or layout is None or findings:
        raise InputError(findings)
    ends = spec.ends
    return PreparedScenario(
        name=reading.name,
        title=spec.title,
        kind=spec.kind,
        layout=layout,
        driver=spec.driver,
        functional_part_at=ns_from_s(spec.functional_part.starts_s),
        target=spec.functional_part.target,
        end=EndAt(at=ns_from_s(ends.at_s)) if isinstance(ends, EndsAt) else EndSettled(for_ns=ns_from_s(ends.for_s)),
        limit=ns_from_s(spec.limit_s),
        preconditions=preconditions_of(spec),
        criteria=tuple(row.criterion() for row in spec.criteria),
        parameters=reading.parameters,
        resolved=spec.model_dump(mode="json"),
    )


def preconditions_of(spec: ScenarioFile) -> Preconditions:
    """What must hold for the run to count, in SI units."""
    tolerances, part = spec.preconditions, spec.functional_part
    tolerance_mps = tolerances.speed_tolerance_kmh * MPS_PER_KMH
    low_mps, high_mps = _target_band_mps(spec)
    return Preconditions(
        from_s=part.starts_s - APPROACH_S,
        speed_low_mps=spec.ego.speed_mps - tolerance_mps,
        speed_high_mps=spec.ego.speed_mps + tolerance_mps,
        offset_max_m=abs(spec.ego.offset_m) + tolerances.offset_max_m,
        target=part.target,
        target_speed_low_mps=low_mps,
        target_speed_high_mps=high_mps,
        ttc_at_least_s=part.ttc_at_least_s if part.target else 0.0,
    )


def _target_band_mps(spec: ScenarioFile) -> tuple[float, float]:
    """The speeds the target may have, its script and the tolerance included."""
    for actor in spec.actors:
        if actor.name != spec.functional_part.target:
            continue
        speeds_mps = [actor.speed_mps]
        speeds_mps += [row.set_speed_kmh * MPS_PER_KMH for row in actor.manoeuvres if row.set_speed_kmh is not None]
        if isinstance(actor.placement, Crossing):
            speeds_mps.append(actor.placement.speed_mps)
        tolerance_mps = spec.preconditions.target_speed_tolerance_kmh * MPS_PER_KMH
        return min(speeds_mps) - tolerance_mps, max(speeds_mps) + tolerance_mps
    return 0.0, 0.0


def _laid_out(reading: Reading, seed: int) -> tuple[Layout | None, list[Problem]]:
    """The layout as far as map, vehicle and places are sound, and what is wrong with them."""
    problems: list[Problem] = []
    road = _road(reading.source.data.get("map"), problems)
    places = reading.places
    ego = reading.source.data.get("ego")
    vehicle = ego.get("vehicle", DEFAULT_VEHICLE) if isinstance(ego, dict) else DEFAULT_VEHICLE
    known_vehicle = vehicle in vehicle_names()
    if isinstance(vehicle, str) and vehicle and not known_vehicle:
        problems.append(Problem(("ego", "vehicle"), f"no vehicle '{vehicle}'{nearest(vehicle, vehicle_names())}"))
    if places is None or road is None or not known_vehicle:
        return None, problems
    layout, misplaced = place(places, road, seed=seed, rows=reading.actor_rows)
    return layout, problems + misplaced


def _road(name: object, problems: list[Problem]) -> Road | None:
    """The map, or a problem at its key; nothing if the key itself is wrong already."""
    if not isinstance(name, str) or not name:
        return None
    if name not in map_names():
        problems.append(Problem(("map",), f"no map '{name}'{nearest(name, map_names())}"))
        return None
    try:
        return load_map(name)
    except InputError as error:
        problems += [Problem(("map",), f"{finding.where}: {finding.problem}") for finding in error.findings]
        return None
