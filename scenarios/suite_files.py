"""Suite files: which scenarios, how varied, held to which limits. Regulation and protocol matrices as data.

A suite may hold `tables` of impact-speed limits by speed, and `criteria_sets` of criteria that many
rows share. A row with a table is held to the limit of its speed, or of the next higher listed one
(UN R152 footnotes 3-8; taken for UN R131 too). A row with neither is held to its scenario's own
criteria. `law_from` takes tables and sets over from another suite, so that a held-out twin cannot
be held to other numbers. Rows about a fault may be held to their fallback (`analysis.fallback`).
Every override of every row is checked against its scenario.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from analysis.criteria import Certainty, Criterion, CriterionKind
from scenarios.documents import (
    OVERRIDE,
    Loc,
    Name,
    NonNegative,
    Positive,
    Problem,
    Section,
    Source,
    Text,
    fitted,
    nearest,
    read_source,
)
from scenarios.rig_files import DEFAULT_RIG
from scenarios.scenario_files import read_scenario, scenario_names
from scenarios.specification import MPS_PER_KMH, CriterionRow, DemandKind, Why
from stack.vocabulary import Finding, InputError

SUITES = Path(__file__).parent / "suites"
DEFAULT_PROFILE = "edge_soc"
SPEED_DIGITS_KMH = 1e-9
NOT_SCENARIO = frozenset({"latency", "stack", "sensor", "fault"})  # overrides that assembly resolves


class LimitTable(Section):
    """Impact speeds allowed by speed, km/h: pairs of listed speed and limit, rising."""

    impact_speed_at_most_kmh: Annotated[tuple[tuple[Positive, NonNegative], ...], Field(min_length=1)]
    clause: Text
    source: Text
    certainty: Literal["V", "Vx", "D", "S", "K", "own"]

    @model_validator(mode="after")
    def _rising(self) -> "LimitTable":
        speeds = [speed for speed, _ in self.impact_speed_at_most_kmh]
        if sorted(set(speeds)) != speeds:
            raise ValueError("the speeds must rise from row to row")
        return self

    def listed_kmh(self, speed_kmh: float) -> tuple[float, float] | None:
        """The listed speed that counts for a speed, itself or the next higher, and its limit; None beyond the table."""
        for listed, limit in self.impact_speed_at_most_kmh:
            if speed_kmh <= listed + SPEED_DIGITS_KMH:
                return listed, limit
        return None

    def criterion(self, speed_kmh: float) -> Criterion:
        """The limit at a speed as the judge takes it."""
        found = self.listed_kmh(speed_kmh)
        if found is None:
            raise ValueError(f"{speed_kmh:g} km/h is beyond the table")
        return Criterion(
            kind=CriterionKind.IMPACT_SPEED_AT_MOST,
            limit=found[1] * MPS_PER_KMH,
            clause=f"{self.clause}, row {found[0]:g}",
            source=self.source,
            certainty=Certainty(self.certainty),
        )


class Expectation(Section):
    """A row that is known not to give a judgement, and why."""

    verdict: Literal["not_applicable", "skipped"]
    reason: Text


class Row(Section):
    """One row of a suite. `set` holds overrides as `--set` takes them; `faults` act together."""

    id: Name
    scenario: Name
    set: dict[str, str | int | float | bool] = {}
    kind: DemandKind | None = None  # the scenario's own if not given
    clause: str = ""
    table: str = ""
    at_kmh: Positive | None = None
    hold_to: tuple[str, ...] = ()
    criteria: tuple[CriterionRow, ...] = ()
    faults: tuple[str, ...] = ()
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = ()
    profile: str = ""
    held_to: Literal["limits", "fallback"] | None = None  # the suite's own if not given
    expect: Expectation | None = None

    @model_validator(mode="after")
    def _table_with_speed(self) -> "Row":
        if bool(self.table) != (self.at_kmh is not None):
            raise ValueError("table and at_kmh go together")
        return self


class SuiteFile(Section):
    """A suite file from top to bottom."""

    title: Text
    why: Why
    profile: str = DEFAULT_PROFILE
    rig: str = DEFAULT_RIG
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)] = (1,)
    law_from: str = ""
    held_to: Literal["limits", "fallback"] = "limits"
    tables: dict[Name, LimitTable] = {}
    criteria_sets: dict[Name, tuple[CriterionRow, ...]] = {}
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The verdict a row states for itself, and why: it is printed and counted, not run."""

    verdict: str  # "not_applicable" | "skipped"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRow:
    """A row ready to run. `criteria` is never empty; `overrides` go to the scenario as they are.

    `held_to_fallback`: the fault's handling decides, and the criteria are only reported.
    """

    row_id: str
    scenario: str
    overrides: dict[str, object]
    kind: str  # "must_brake" | "must_not_brake"
    clause: str
    criteria: tuple[Criterion, ...]
    faults: tuple[str, ...]
    seeds: tuple[int, ...]
    profile: str
    rig: str
    held_to_fallback: bool
    expected: Expected | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite read without a finding. `law_from` names the suite whose limits it shares, if any."""

    name: str
    title: str
    law_from: str
    rows: tuple[SuiteRow, ...]


def suite_names() -> tuple[str, ...]:
    """The ids of the suites, in order."""
    return tuple(sorted(path.stem for path in SUITES.glob("*.yaml")))


def library_fault_names() -> tuple[str, ...]:
    """The ids of the fault library's files, in order."""
    folder = files("faults") / "library"
    return tuple(sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml")))


def find_suite(name_or_path: str) -> Path:
    """The file of a suite or the path itself; an unknown name is answered with the nearest."""
    if name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    if name_or_path in suite_names():
        return SUITES / f"{name_or_path}.yaml"
    problem = f"no suite of this name{nearest(name_or_path, suite_names())}"
    raise InputError((Finding(where="suite", field=name_or_path, problem=problem),))


def read_suite(name_or_path: str, fault_names: Collection[str] | None = None) -> Suite:
    """A suite with every row resolved; raises `InputError` with every finding.

    `fault_names` are the faults a row may name; by default those of the fault library.
    """
    path = find_suite(name_or_path)
    source = read_source(path)
    suite, problems = fitted(source, SuiteFile)
    rows: list[SuiteRow] = []
    if suite is not None:
        known_faults = library_fault_names() if fault_names is None else fault_names
        law, law_problems = _law(suite)
        problems += [*law_problems, *_row_problems(suite, law, known_faults)]
        for index, row in enumerate(suite.rows):
            rows += _resolved(suite, law, row, index, source, problems)
    findings = source.all_findings(problems)
    if suite is None or findings:
        raise InputError(findings)
    return Suite(name=path.stem, title=suite.title, law_from=suite.law_from, rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class _Law:
    """The tables and criteria sets a suite's rows may name: its own and those it takes over."""

    tables: dict[str, LimitTable]
    sets: dict[str, tuple[CriterionRow, ...]]


def _law(suite: SuiteFile) -> tuple[_Law, list[Problem]]:
    law = _Law({**suite.tables}, {**suite.criteria_sets})
    if not suite.law_from:
        return law, []
    try:
        path = find_suite(suite.law_from)
    except InputError as error:
        return law, [Problem(("law_from",), f"{suite.law_from}: {error.findings[0].problem}")]
    other, problems = fitted(read_source(path), SuiteFile)
    if other is None:
        return law, [Problem(("law_from",), f"{suite.law_from} is itself faulty ({len(problems)} problems)")]
    twice = sorted({*other.tables, *other.criteria_sets} & {*suite.tables, *suite.criteria_sets})
    taken = [Problem(("law_from",), f"'{name}' is defined in both suites") for name in twice]
    return _Law({**other.tables, **suite.tables}, {**other.criteria_sets, **suite.criteria_sets}), taken


def _row_problems(suite: SuiteFile, law: _Law, fault_names: Collection[str]) -> Iterator[Problem]:
    """Ids used twice, names that stand for nothing, speeds beyond a table."""
    seen: set[str] = set()
    for index, row in enumerate(suite.rows):
        loc: Loc = ("rows", index)
        if row.id in seen:
            yield Problem((*loc, "id"), f"the id '{row.id}' is taken")
        seen.add(row.id)
        if row.table and row.table not in law.tables:
            yield Problem((*loc, "table"), f"no table '{row.table}'{nearest(row.table, law.tables)}")
        elif row.table and row.at_kmh is not None and law.tables[row.table].listed_kmh(row.at_kmh) is None:
            yield Problem((*loc, "at_kmh"), f"{row.at_kmh:g} km/h is beyond the table")
        for number, name in enumerate(row.hold_to):
            if name not in law.sets:
                yield Problem((*loc, "hold_to", number), f"no criteria set '{name}'{nearest(name, law.sets)}")
        for number, name in enumerate(row.faults):
            if name not in fault_names:
                yield Problem((*loc, "faults", number), f"no fault '{name}'{nearest(name, fault_names)}")


def _resolved(
    suite: SuiteFile, law: _Law, row: Row, index: int, source: Source, problems: list[Problem]
) -> list[SuiteRow]:
    """The row ready to run, or nothing and what its scenario refuses."""
    loc: Loc = ("rows", index)
    if row.scenario not in scenario_names():
        text = f"no scenario '{row.scenario}'{nearest(row.scenario, scenario_names())}"
        problems.append(Problem((*loc, "scenario"), text))
        return []
    overrides: dict[str, object] = dict(row.set)
    about_scenario = {key: value for key, value in overrides.items() if key.partition(".")[0] not in NOT_SCENARIO}
    try:
        scenario = read_scenario(row.scenario, about_scenario)
    except InputError as error:
        source.findings += [_at_row(finding, source, loc, overrides) for finding in error.findings]
        return []
    if any(problem.loc[:2] == loc for problem in problems):
        return []
    criteria = [] if row.at_kmh is None else [law.tables[row.table].criterion(row.at_kmh)]
    shared = [given.criterion() for name in row.hold_to for given in law.sets[name]]
    criteria += [*shared, *(given.criterion() for given in row.criteria)]
    own = tuple(given.criterion() for given in scenario.spec.criteria)
    return [
        SuiteRow(
            row_id=row.id,
            scenario=row.scenario,
            overrides=overrides,
            kind=row.kind or scenario.spec.kind,
            clause=row.clause or (criteria or own)[0].clause,
            criteria=tuple(criteria) or own,
            faults=row.faults,
            seeds=row.seeds or suite.seeds,
            profile=row.profile or suite.profile,
            rig=suite.rig,
            held_to_fallback=(row.held_to or suite.held_to) == "fallback",
            expected=None if row.expect is None else Expected(verdict=row.expect.verdict, reason=row.expect.reason),
        )
    ]


def _at_row(finding: Finding, source: Source, loc: Loc, overrides: dict[str, Any]) -> Finding:
    """A scenario's finding about an override, at the suite's key that gave it; others as they are."""
    for key in overrides:
        if finding.where == OVERRIDE and (finding.field == key or finding.field.endswith(f".{key}.value")):
            return Finding(where=source.where((*loc, "set", key)), field=finding.field, problem=finding.problem)
    if finding.where == OVERRIDE:
        return Finding(where=source.where((*loc, "set")), field=finding.field, problem=finding.problem)
    return finding
