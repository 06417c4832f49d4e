"""Scenario files found by name, read whole, with their parameters filled in.

`$name` stands for a parameter wherever a number stands. Overrides (`--set`, suite rows) name a
parameter (`approach_speed_kmh`) or any key by its dotted place (`ego.load_ratio`). What needs the
map is checked by `scenarios.placing`, which reports at the same positions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenarios.documents import OVERRIDE, Loc, Problem, Source, fitted, nearest, read_source
from scenarios.specification import Actor, AheadOfEgo, BesideCrossing, Crossing, Parameter, ScenarioFile
from sim.randomness import entity_id, stream_key, uniform
from stack.vocabulary import Finding, InputError

LIBRARY = Path(__file__).parent / "library"
UNITS = frozenset({"kmh", "mps", "mps2", "m", "s", "ratio", "lx"})
EGO_NAME = "ego"

# Stand-ins for what is wrong elsewhere in a file, so that its map and places are still checked.
_HEAD: dict[str, Any] = {
    "title": "-",
    "why": {"risk": "-", "source": "-"},
    "kind": "must_brake",
    "limit_s": 10.0,
    "criteria": [{"no_contact": True, "clause": "-", "source": "-", "certainty": "own"}],
}
_SPEED_KMH = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario file read without a finding. `source` knows the positions of its keys."""

    name: str
    spec: ScenarioFile
    source: Source
    parameters: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A scenario file as far as it could be read.

    `spec` is what may be run, None if anything is wrong. `places` is what can still be checked
    against a map: the well-formed part of ego, map and actors, None if there is none;
    `actor_rows` gives, for each actor in it, its index in the file.
    """

    name: str
    source: Source
    spec: ScenarioFile | None
    places: ScenarioFile | None
    actor_rows: tuple[int, ...]
    problems: tuple[Problem, ...]
    parameters: dict[str, float]


def scenario_names() -> tuple[str, ...]:
    """The ids of the library, in order."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))


def find_scenario(name_or_path: str) -> Path:
    """The file of a library scenario or the path itself; an unknown name is answered with the nearest."""
    if name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    path = LIBRARY / f"{name_or_path}.yaml"
    if name_or_path in scenario_names():
        return path
    problem = f"no scenario of this name{nearest(name_or_path, scenario_names())}"
    raise InputError((Finding(where="scenario", field=name_or_path, problem=problem),))


def read_scenario(name_or_path: str, overrides: Mapping[str, object] | None = None) -> Scenario:
    """A scenario with overrides applied; raises `InputError` with every finding that needs no map."""
    reading = examine_scenario(find_scenario(name_or_path), overrides or {})
    findings = reading.source.all_findings(reading.problems)
    if reading.spec is None or findings:
        raise InputError(findings)
    return Scenario(name=reading.name, spec=reading.spec, source=reading.source, parameters=reading.parameters)


def examine_scenario(path: Path, overrides: Mapping[str, object]) -> Reading:
    """Read as much of a scenario file as is sound and collect everything that is not."""
    source = read_source(path)
    named = {text for _, text in _references(source)}
    for key, value in overrides.items():
        _override(source, key, value)
    parameters = _fill_parameters(source, named)
    spec, problems = fitted(source, ScenarioFile)
    problems = [_at_overridden_value(problem, source) for problem in problems]
    rows: tuple[int, ...] = ()
    places = spec
    if spec is not None:
        rows = tuple(range(len(spec.actors)))
        problems += [*_disagreements(spec, rows, ()), *_time_problems(spec)]
    else:
        wrong = {problem.loc for problem in problems} | source.refused
        places, rows = _sound_places(source, wrong)
        if places is not None:
            problems += _disagreements(places, rows, _names_elsewhere(source, rows))
            if not any(loc[:1] in (("limit_s",), ("ends",), ("functional_part",)) for loc in wrong):
                problems += _time_problems(places)
    sound = spec if not problems and not source.findings else None
    return Reading(
        name=path.stem,
        source=source,
        spec=sound,
        places=places,
        actor_rows=rows,
        problems=tuple(problems),
        parameters=parameters,
    )


def sampled_parameters(scenario: Scenario, seed: int) -> dict[str, object]:
    """Overrides that draw every parameter with a distribution; chance as in `sim.randomness`."""
    key = stream_key(seed, "scenario.parameters")
    drawn: dict[str, object] = {}
    for name, parameter in scenario.spec.parameters.items():
        share = float(uniform(key, entity_id(name), 0, 0))
        if parameter.uniform is not None:
            low, high = parameter.uniform
            drawn[name] = low + share * (high - low)
        elif parameter.choices is not None:
            drawn[name] = parameter.choices[int(share * len(parameter.choices))]
    return drawn


def run_up_m(placement: Crossing) -> float:
    """Over how much of its way a crossing actor speeds up: never more than half of it."""
    way_m = placement.distance_m - (placement.stops_at_offset_m or 0.0)
    return min(placement.speed_up_over_m, 0.5 * way_m)


def walking_time_s(placement: Crossing) -> float:
    """How long a crossing actor needs from standing to the centre of the ego's path."""
    return (placement.distance_m + run_up_m(placement)) / placement.speed_mps


def _override(source: Source, key: str, value: object) -> None:
    """Apply one override: a parameter by its name, anything else by its dotted place."""
    parameters = source.data.get("parameters", {})
    known = list(parameters) if isinstance(parameters, dict) else []
    if key in known:
        source.override(f"parameters.{key}.value", value)
    elif "." in key or key in ScenarioFile.model_fields:
        source.override(key, value)
    else:
        names = [*known, *(".".join(map(str, loc)) for loc, _ in _leaves(source.data, ()))]
        problem = f"no parameter or key of this scenario{nearest(key, names)}"
        source.findings.append(Finding(where=OVERRIDE, field=key, problem=problem))


def _references(source: Source) -> list[tuple[Loc, str]]:
    """Every place that names a parameter, and the name."""
    outside = {key: value for key, value in source.data.items() if key != "parameters"}
    return [(loc, text[1:]) for loc, text in _leaves(outside, ()) if isinstance(text, str) and text.startswith("$")]


def _fill_parameters(source: Source, named: set[str]) -> dict[str, float]:
    """Put parameter values in place of `$name` everywhere; return the values used.

    `named` are the parameters the file itself uses: an override may take the place of `$name`.
    """
    section = source.data.get("parameters", {})
    raw = section if isinstance(section, dict) else {}
    values: dict[str, float | None] = {}
    for name, row in raw.items():
        try:
            values[name] = Parameter.model_validate(row).value
        except ValidationError:
            values[name] = None  # its own finding follows from the schema
        if name.rpartition("_")[2] not in UNITS:
            source.add(("parameters", name), f"the name must end in its unit: _{', _'.join(sorted(UNITS))}")
    references = _references(source)
    for loc, name in references:
        _put(source, loc, name, values)
    used = {name for _, name in references}
    for name in sorted(set(values) - used):
        value_loc: Loc = ("parameters", name, "value")
        if name not in named or value_loc in source.overridden:
            loc = value_loc if value_loc in source.overridden else value_loc[:2]
            source.add(loc, f"is used nowhere: write ${name} where it belongs")
    return {name: value for name, value in values.items() if value is not None and name in used}


def _put(source: Source, loc: Loc, name: str, values: dict[str, float | None]) -> None:
    """Replace one reference by its value, if the parameter exists and has the key's unit."""
    value = values.get(name)
    if name not in values:
        source.add(loc, f"no parameter '{name}'{nearest(name, values)}")
    elif (unit := _unit_of(loc)) and unit != name.rpartition("_")[2]:
        source.add(loc, f"this key is in {unit}, the parameter '{name}' is not")
    if name not in values or value is None:
        source.refused.add(loc)
        return
    here: Any = source.data
    for part in loc[:-1]:
        here = here[part]
    here[loc[-1]] = value


def _unit_of(loc: Loc) -> str:
    """The unit a key's name ends in; empty if it has none."""
    words = [part for part in loc if isinstance(part, str)]
    unit = words[-1].rpartition("_")[2] if words else ""
    return unit if unit in UNITS else ""


def _leaves(data: object, loc: Loc) -> Iterator[tuple[Loc, object]]:
    """Every value that is no mapping or list, with its place."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*loc, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaves(value, (*loc, index))
    else:
        yield loc, data


def _at_overridden_value(problem: Problem, source: Source) -> Problem:
    """A parameter pushed out of its range by an override is the override's fault, not the file's."""
    value = (*problem.loc, "value")
    inside = len(problem.loc) == 2 and problem.loc[0] == "parameters"  # noqa: PLR2004 - (section, name)
    return Problem(value, problem.text) if inside and value in source.overridden else problem


def _disagreements(spec: ScenarioFile, rows: tuple[int, ...], others: tuple[str, ...]) -> Iterator[Problem]:
    """What contradicts itself inside a well-formed file.

    `rows` gives the actors' indices in the file; `others` are names of actors that `spec` leaves out.
    """
    yield from _name_problems(spec, rows, others)
    for row, actor in zip(rows, spec.actors, strict=True):
        loc: Loc = ("actors", row, "placement")
        placement = actor.placement
        if isinstance(placement, AheadOfEgo) and placement.ttc_s is not None and actor.speed_kmh >= spec.ego.speed_kmh:
            yield Problem((*loc, "ttc_s"), f"there is none: the ego is no faster than {actor.name}")
        elif isinstance(placement, Crossing):
            yield from _crossing_problems(placement, loc)
        if actor.name == spec.functional_part.target:
            yield from _approach_problems(spec, actor, loc)


def _crossing_problems(placement: Crossing, loc: Loc) -> Iterator[Problem]:
    """A walk that cannot be walked."""
    stop_m = placement.stops_at_offset_m
    if stop_m is not None and stop_m >= placement.distance_m:
        yield Problem((*loc, "stops_at_offset_m"), "must be nearer to the path than distance_m")
        return
    late_s = walking_time_s(placement) - placement.meets_ego_after_s
    if late_s > 0.0:
        text = f"cannot be met: from {placement.distance_m:g} m it would have to start {late_s:.2f} s before the run"
        yield Problem((*loc, "meets_ego_after_s"), text)


def _approach_problems(spec: ScenarioFile, target: Actor, loc: Loc) -> Iterator[Problem]:
    """A target that would be too close when the functional part starts."""
    part = spec.functional_part
    key = "ttc_s" if isinstance(target.placement, AheadOfEgo) else "meets_ego_after_s"
    given_s = getattr(target.placement, key, None)
    if given_s is not None and given_s - part.starts_s < part.ttc_at_least_s:
        text = f"leaves {given_s - part.starts_s:g} s when the functional part starts, {part.ttc_at_least_s:g} s needed"
        yield Problem((*loc, key), text)


def _name_problems(spec: ScenarioFile, rows: tuple[int, ...], others: tuple[str, ...]) -> Iterator[Problem]:
    """Names used twice, or used and not there."""
    names = [EGO_NAME, *others]
    for row, actor in zip(rows, spec.actors, strict=True):
        if actor.name in names:
            yield Problem(("actors", row, "name"), f"the name '{actor.name}' is taken")
        names.append(actor.name)
    crossing = [*others, *(actor.name for actor in spec.actors if isinstance(actor.placement, Crossing))]
    target = spec.functional_part.target
    if target and target not in names[1:]:
        yield Problem(("functional_part", "target"), f"no actor '{target}'{nearest(target, names[1:])}")
    for row, actor in zip(rows, spec.actors, strict=True):
        if isinstance(actor.placement, BesideCrossing) and actor.placement.of not in crossing:
            of = actor.placement.of
            yield Problem(("actors", row, "placement", "of"), f"no crossing actor '{of}'{nearest(of, crossing)}")
        for index, manoeuvre in enumerate(actor.manoeuvres):
            if manoeuvre.at_s is None and manoeuvre.to not in names:
                loc: Loc = ("actors", row, "manoeuvres", index, "to")
                yield Problem(loc, f"no actor '{manoeuvre.to}'{nearest(manoeuvre.to, names)}")


def _time_problems(spec: ScenarioFile) -> Iterator[Problem]:
    """Instants in the wrong order."""
    starts_s = spec.functional_part.starts_s
    if spec.limit_s <= starts_s:
        yield Problem(("limit_s",), f"must be after the functional part starts ({starts_s:g} s)")
    if spec.ends_at_s != float("inf"):
        if spec.ends_at_s <= starts_s:
            yield Problem(("ends", "at_s"), f"must be after the functional part starts ({starts_s:g} s)")
        if spec.ends_at_s > spec.limit_s:
            yield Problem(("ends", "at_s"), f"must not be after limit_s ({spec.limit_s:g} s)")


def _sound_places(source: Source, wrong: set[Loc]) -> tuple[ScenarioFile | None, tuple[int, ...]]:
    """The part of a faulty file whose places can be checked against its map, and which actors are in it."""
    ego, actors = source.data.get("ego"), source.data.get("actors", [])
    if not isinstance(ego, dict) or not isinstance(actors, list):
        return None, ()
    speed_wrong = ("ego", "speed_kmh") in wrong
    rows = [
        row
        for row, actor in enumerate(actors)
        if not any(loc[:2] == ("actors", row) for loc in wrong) and not (speed_wrong and _needs_speed(actor))
    ]
    sound_ego = {key: value for key, value in ego.items() if ("ego", key) not in wrong}
    sound_ego.setdefault("speed_kmh", _SPEED_KMH)
    faulty = {loc[0] for loc in wrong if loc}
    sound = {key: value for key, value in source.data.items() if key not in faulty}
    data = {**_HEAD, **sound, "ego": sound_ego, "actors": [actors[row] for row in rows]}
    try:
        return ScenarioFile.model_validate(data), tuple(rows)
    except ValidationError:
        return None, ()


def _names_elsewhere(source: Source, rows: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the actors that are in the file but not in these rows."""
    actors = source.data.get("actors", [])
    left_out = [actor for row, actor in enumerate(actors) if row not in rows and isinstance(actor, dict)]
    return tuple(str(actor["name"]) for actor in left_out if "name" in actor)


def _needs_speed(actor: Any) -> bool:  # noqa: ANN401 - a raw row of the file
    """Whether an actor's place depends on the ego's speed."""
    placement = actor.get("placement", {}) if isinstance(actor, dict) else {}
    return not isinstance(placement, dict) or bool({"ttc_s", "headway_s", "meets_ego_after_s", "of"} & set(placement))
