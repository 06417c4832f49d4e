"""Scenario files: units, parameters, names and instants that agree, all findings at once."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.criteria import Certainty, CriterionKind
from scenarios.documents import dump_json_schema
from scenarios.prepared import prepare_scenario
from scenarios.scenario_files import (
    LIBRARY,
    examine_scenario,
    find_scenario,
    read_scenario,
    sampled_parameters,
    scenario_names,
)
from scenarios.specification import ScenarioFile
from stack.vocabulary import InputError

LEAD = """\
title: A lead
why: {risk: a crash, source: a rule}
kind: must_brake
map: motorway
ego: {lane: {road: 1, lane: -3, s_m: 100}, speed_kmh: $approach_speed_kmh}
actors:
  - name: lead
    kind: car
    placement: {at: ahead_of_ego, ttc_s: 8}
functional_part: {target: lead}
limit_s: 20
parameters:
  approach_speed_kmh: {value: 72, uniform: [36, 90]}
criteria:
  - {impact_speed_at_most_kmh: 36, clause: c, source: s, certainty: Vx}
"""

MANY_FAULTS = """\
title: Many faults in one file
why: {risk: none, source: none}
kind: must_brake
map: motorwy
ego:
  vehicle: truck_n3_rigd
  lane: {road: 1, lane: -3, s_m: 60}
  speed_kmh: fast
  sped_limit: 3
actors:
  - name: target
    kind: unicorn
    placement: {at: ahead_of_ego, ttc_s: 8.0}
  - name: other
    kind: car
    placement: {at: ahead_of_ego, gap_m: -3, ttcs: 2}
  - name: third
    kind: car
    placement: {at: ahead_of_egoo, gap_m: 10}
    kind: van
functional_part: {starts_s: -2.0, target: nobody}
limit_s: $limt_s
conditions: {friction: wett}
parameters:
  limit_s: {value: 012, range: [10, 100]}
criteria:
  - no_contct: true
    clause: a
    source:
    certainty: Vx
"""

MISPLACED = """\
title: Well-formed lines beside wrong ones
why: {risk: none, source: none}
kind: must_brake
map: motorway
ego:
  lane: {road: 1, lane: -3, s_m: 5000}
  speed_kmh: 80
colour: red
actors:
  - {name: near, kind: car, placement: {at: ahead_of_ego, gap_m: 10}}
  - {name: inside, kind: van, placement: {at: ahead_of_ego, gap_m: 11}}
  - {name: late, kind: car, placement: {at: ahead_of_ego, gap_m: 50}, behaviour: scripted, speed_kmh: 10,
     manoeuvres: [{at_s: -1, set_speed_kmh: 0, rate_mps2: 2}]}
functional_part: {target: nearr}
limit_s: 20
criteria: [{no_contact: true, clause: c, source: s, certainty: own}]
"""


def written(folder: Path, text: str, name: str = "case.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def findings(path: str, overrides: dict[str, object] | None = None) -> list[tuple[str, str, str]]:
    """Position, field and problem of everything that reading and placing refuse."""
    with pytest.raises(InputError) as refusal:
        prepare_scenario(path, overrides, seed=1)
    found = refusal.value.findings
    return [(finding.where.removeprefix(f"{path}:"), finding.field, finding.problem) for finding in found]


def fields(path: str, overrides: dict[str, object] | None = None) -> list[str]:
    return [field for _, field, _ in findings(path, overrides)]


def test_everything_wrong_with_a_file_and_the_command_line_is_told_at_once(tmp_path: Path) -> None:
    overrides: dict[str, object] = {"ego.load_rato": 1, "approach_sped_kmh": 3}
    found = findings(written(tmp_path, MANY_FAULTS), overrides)
    kinds = (
        "car, van, truck, cyclist, adult, child, soft_target, steel_plate, gantry, guard_rail, building,"
        " bus, motorcycle, cone, debris"
    )
    places = "ahead_of_ego, behind_ego, crossing, beside_crossing, rows, road_objects"
    assert found == [
        ("--set", "approach_sped_kmh", "no parameter or key of this scenario; did you mean 'ego.speed_kmh'?"),
        ("--set", "ego.load_rato", "unknown key; did you mean 'load_ratio'?"),
        ("4:1", "map", "no map 'motorwy'; did you mean 'motorway'?"),
        ("6:3", "ego.vehicle", "no vehicle 'truck_n3_rigd'; did you mean 'truck_n3_rigid'?"),
        ("8:3", "ego.speed_kmh", "must be a valid number (got 'fast')"),
        ("9:3", "ego.sped_limit", "unknown key; did you mean 'speed_kmh'?"),
        ("12:5", "actors.0.kind", f"must be one of {kinds} (got 'unicorn')"),
        ("16:35", "actors.1.placement.gap_m", "must be greater than or equal to 0 (got -3)"),
        ("16:46", "actors.1.placement.ttcs", "unknown key; did you mean 'ttc_s'?"),
        ("19:5", "actors.2.placement", f"must be one of {places} (got 'ahead_of_egoo'); did you mean 'ahead_of_ego'?"),
        ("20:5", "actors.2.kind", "duplicate key, first given in line 18"),
        ("21:19", "functional_part.starts_s", "must be greater than or equal to 2 (got -2.0)"),
        ("22:1", "limit_s", "no parameter 'limt_s'; did you mean 'limit_s'?"),
        ("23:14", "conditions.friction", "must be a number or one of dry, wet, snow; did you mean 'wet'? (got 'wett')"),
        ("25:3", "parameters.limit_s", "is used nowhere: write $limit_s where it belongs"),
        ("25:20", "parameters.limit_s.value", "'012' would be read in another base: write a plain number"),
        ("27:5", "criteria.0.no_contct", "unknown key; did you mean 'no_contact'?"),
        ("29:12", "criteria.0.source", "has no value"),
    ]


def test_what_needs_the_map_is_told_together_with_what_does_not(tmp_path: Path) -> None:
    found = findings(written(tmp_path, MISPLACED))
    assert [(where, field) for where, field, _ in found] == [
        ("6:29", "ego.lane.s_m"),
        ("8:1", "colour"),
        ("13:20", "actors.2.manoeuvres.0.at_s"),
        ("14:19", "functional_part.target"),
    ]
    assert "unreachable" in found[0][2]
    assert found[3][2] == "no actor 'nearr'; did you mean 'near'?"


def test_overlapping_actors_are_told_beside_other_faults(tmp_path: Path) -> None:
    found = findings(written(tmp_path, MISPLACED.replace("s_m: 5000", "s_m: 100")))
    assert ("11:31", "actors.1.placement", "inside overlaps near at the start") in found
    assert len(found) == 4


def test_kilometres_per_hour_become_metres_per_second_once(tmp_path: Path) -> None:
    placed = prepare_scenario(written(tmp_path, LEAD), seed=1)
    assert placed.layout.actors[0].speed_mps == pytest.approx(20.0)
    assert placed.preconditions.speed_low_mps == pytest.approx(70.0 / 3.6)
    assert placed.preconditions.speed_high_mps == pytest.approx(74.0 / 3.6)
    (criterion,) = placed.criteria
    assert criterion.kind is CriterionKind.IMPACT_SPEED_AT_MOST
    assert criterion.limit == pytest.approx(10.0)
    assert criterion.certainty is Certainty.EXTRACTED


def test_a_parameter_is_set_by_its_name_or_replaced_at_the_key_it_feeds(tmp_path: Path) -> None:
    path = written(tmp_path, LEAD)
    assert read_scenario(path, {"approach_speed_kmh": "5.4e1"}).spec.ego.speed_kmh == 54.0
    assert read_scenario(path, {"ego.speed_kmh": 60}).spec.ego.speed_kmh == 60.0
    assert read_scenario(path, {"actors.lead.placement.ttc_s": 9}).spec.actors[0].placement.ttc_s == 9.0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("overrides", "finding"),
    [
        (
            {"approach_speed_kmh": 200},
            ("--set", "parameters.approach_speed_kmh.value", "value 200 is outside [36, 90] (got"),
        ),
        ({"ego.speed_kmh": -3}, ("--set", "ego.speed_kmh", "must be greater than 0")),
        ({"ego.speed_kmh": True}, ("--set", "ego.speed_kmh", "must be a number")),
        ({"ego.speed_kmh": "$aproach_speed_kmh"}, ("--set", "ego.speed_kmh", "no parameter 'aproach_speed_kmh'; did")),
        ({"limit_s": "$approach_speed_kmh"}, ("--set", "limit_s", "this key is in s, the parameter")),
        ({"limit_s": 1}, ("--set", "limit_s", "must be after the functional part starts (2 s)")),
        ({"map": "rurall"}, ("--set", "map", "no map 'rurall'; did you mean 'rural'?")),
        ({"actors.leed.kind": "van"}, ("--set", "actors.leed.kind", "'leed' is no item of actors; did you mean")),
        ({"driver": "robott"}, ("--set", "driver", "must be one of robot, attentive, distracted (got 'robott'); did")),
        (
            {"ego.speed_kmh": 60, "approach_speed_kmh": 50},
            ("--set", "parameters.approach_speed_kmh.value", "is used nowhere"),
        ),
    ],
)
def test_a_wrong_override_is_a_finding_of_the_command_line(
    tmp_path: Path, overrides: dict[str, object], finding: tuple[str, str, str]
) -> None:
    (found,) = findings(written(tmp_path, LEAD), overrides)
    assert found[:2] == finding[:2]
    assert found[2].startswith(finding[2].removesuffix(" (got"))


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("ttc_s: 8", "ttc_s: 5", "actors.0.placement.ttc_s", "leaves 3 s when the functional part starts, 4 s needed"),
        ("ttc_s: 8}", "ttc_s: 8, gap_m: 3}", "actors.0.placement", "needs exactly one of gap_m, ttc_s, headway_s"),
        ("ttc_s: 8}", "lane: same}", "actors.0.placement", "needs exactly one of gap_m, ttc_s, headway_s; none given"),
        ("at: ahead_of_ego, ", "", "actors.0.placement", "needs the key 'at'"),
        ("    kind: car\n", "    kind: car\n    speed_kmh: 5\n", "actors.0", "a static actor neither has"),
        (
            "    kind: car\n",
            "    kind: car\n    behaviour: scripted\n    speed_kmh: 75\n",
            "actors.0.placement.ttc_s",
            "there is none: the ego is no faster than lead",
        ),
        ("name: lead", "name: ego", "actors.0.name", "the name 'ego' is taken"),
        (
            "limit_s: 20",
            "limit_s: 20\nends: {when: at_time, at_s: 21}",
            "ends.at_s",
            "must not be after limit_s (20 s)",
        ),
        ("limit_s: 20", "limit_s: 20\nends: {when: at_time, at_s: 2}", "ends.at_s", "must be after the functional"),
        ("approach_speed_kmh: {", "approach_speed: {", "parameters.approach_speed", "the name must end in its unit"),
        ("value: 72", "value: 20", "parameters.approach_speed_kmh", "value 20 is outside [36, 90]"),
        ("uniform: [36, 90]", "choices: [36, 90]", "parameters.approach_speed_kmh", "value 72 is none of 36, 90"),
        (", uniform: [36, 90]", "", "parameters.approach_speed_kmh", "needs exactly one of range, uniform, choices"),
        (
            "impact_speed_at_most_kmh: 36",
            "impact_speed_at_most_kmh: 36, no_contact: true",
            "criteria.0",
            "needs exactly one of",
        ),
        ("certainty: Vx", "certainty: sure", "criteria.0.certainty", "must be one of V, Vx, D, S, K, own (got 'sure')"),
    ],
)
def test_what_contradicts_itself_in_a_file_is_refused_at_its_key(
    tmp_path: Path, old: str, new: str, field: str, problem: str
) -> None:
    assert old in LEAD
    path = written(tmp_path, LEAD.replace(old, new, 1))
    assert any(found == field and text.startswith(problem) for _, found, text in findings(path)), findings(path)


@pytest.mark.parametrize(
    ("manoeuvre", "problem"),
    [
        ("{at_s: 1, ttc_below_s: 2, set_speed_kmh: 0, rate_mps2: 4}", "needs exactly one of at_s, gap_below_m"),
        ("{at_s: 1, set_speed_kmh: 0}", "needs exactly one of rate_mps2, lateral_mps; none given"),
        ("{at_s: 1, set_speed_kmh: 0, lateral_mps: 1}", "this action needs rate_mps2"),
        ("{at_s: 1}", "needs exactly one of set_speed_kmh, set_offset_m; none given"),
        ("{gap_below_m: 3, to: lea, set_offset_m: 1, lateral_mps: 1}", "no actor 'lea'; did you mean 'lead'?"),
    ],
)
def test_a_manoeuvre_has_one_trigger_and_one_complete_action(tmp_path: Path, manoeuvre: str, problem: str) -> None:
    text = LEAD.replace("    kind: car\n", f"    kind: car\n    behaviour: scripted\n    manoeuvres: [{manoeuvre}]\n")
    assert any(found.startswith(problem) for _, _, found in findings(written(tmp_path, text)))


def test_an_unknown_scenario_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'truck_meets_stationary_car'"):
        find_scenario("truck_meets_stationery_car")


def test_sampled_parameters_stay_in_their_distribution_and_depend_on_the_seed_only(tmp_path: Path) -> None:
    scenario = read_scenario(written(tmp_path, LEAD))
    drawn = [sampled_parameters(scenario, seed)["approach_speed_kmh"] for seed in range(20)]
    assert drawn == [sampled_parameters(scenario, seed)["approach_speed_kmh"] for seed in range(20)]
    assert len(set(drawn)) == 20
    assert all(isinstance(value, float) and 36.0 <= value < 90.0 for value in drawn)


@settings(max_examples=30, deadline=None)
@given(st.floats(min_value=10.0, max_value=100.0), st.floats(min_value=0.0, max_value=1.0))
def test_any_allowed_parameter_reaches_the_key_that_names_it(speed_kmh: float, load_ratio: float) -> None:
    overrides: dict[str, object] = {"approach_speed_kmh": speed_kmh, "ego.load_ratio": load_ratio}
    scenario = read_scenario("truck_meets_stationary_car", overrides)
    assert scenario.spec.ego.speed_kmh == speed_kmh
    assert scenario.spec.ego.load_ratio == load_ratio
    assert scenario.parameters == {"approach_speed_kmh": speed_kmh}


@pytest.mark.parametrize("name", scenario_names())
def test_every_library_scenario_can_be_prepared_and_says_why_it_exists(name: str) -> None:
    placed = prepare_scenario(name, seed=1)
    spec = read_scenario(name).spec
    assert placed.name == name
    assert len(spec.why.risk.split()) > 4
    assert len(spec.why.source.split()) > 2
    assert placed.functional_part_at >= 2_000_000_000
    if placed.kind == "must_not_brake":
        assert CriterionKind.NO_BRAKING in {criterion.kind for criterion in placed.criteria}


@pytest.mark.parametrize("name", scenario_names())
def test_no_prefix_of_a_scenario_file_is_half_accepted(tmp_path: Path, name: str) -> None:
    lines = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    criteria = lines.index("criteria:")
    for end in range(0, criteria + 1, 3):
        reading = examine_scenario(Path(written(tmp_path, "\n".join(lines[:end]) + "\n")), {})
        assert reading.spec is None
        assert reading.source.all_findings(reading.problems)


def test_the_schema_can_be_exported_for_editors() -> None:
    assert '"meets_ego_after_s"' in dump_json_schema(ScenarioFile)
