"""Suites hold the law as data; its numbers are typed here a second time."""

from itertools import pairwise
from pathlib import Path

import pytest

from analysis.criteria import Certainty, CriterionKind
from scenarios.assembly import sort_overrides
from scenarios.prepared import prepare_scenario
from scenarios.suite_files import Suite, SuiteRow, find_suite, library_fault_names, read_suite, suite_names
from stack.vocabulary import InputError

# UN R131 02 series, Table 1 column D (relative speed: impact speed, km/h) and Table 2 columns B, C, D.
VEHICLE_D = {10: 0, 20: 0, 30: 0, 35: 0, 40: 0, 50: 0, 60: 0, 70: 0, 80: 28, 90: 42, 100: 54}
PEDESTRIAN_BCD = {20: 0, 26: 13, 30: 18, 40: 29, 50: 39, 60: 49}
# Between listed speeds the next higher row counts.
HELD_OUT = {
    **{
        f"stationary_{v}": limit for v, limit in zip((22, 33, 47, 58, 63, 77, 88), (0, 0, 0, 0, 0, 28, 42), strict=True)
    },
    **{f"moving_{v}": 0 for v in (12, 27, 38, 43, 52, 68)},
    **{f"pedestrian_{v}": limit for v, limit in zip((22, 27, 37, 43, 57), (13, 18, 29, 39, 49), strict=True)},
}
FIVE_FAULTS = ("camera_freezes", "radar_goes_silent", "perception_hangs", "stack_crashes", "commands_are_corrupted")


def rows(suite: Suite) -> dict[str, SuiteRow]:
    return {row.row_id: row for row in suite.rows}


def impact_limit_kmh(row: SuiteRow) -> float:
    (criterion,) = [c for c in row.criteria if c.kind is CriterionKind.IMPACT_SPEED_AT_MOST]
    return criterion.limit * 3.6


def other_limits(row: SuiteRow) -> dict[CriterionKind, float]:
    return {c.kind: c.limit for c in row.criteria if c.kind is not CriterionKind.IMPACT_SPEED_AT_MOST}


def test_stationary_rows_hold_the_limits_of_the_table() -> None:
    found = {name: row for name, row in rows(read_suite("r131")).items() if name.startswith("stationary_")}
    assert set(found) == {f"stationary_{v}" for v in VEHICLE_D}
    for speed, limit in VEHICLE_D.items():
        row = found[f"stationary_{speed}"]
        assert row.overrides == {"approach_speed_kmh": speed}
        assert impact_limit_kmh(row) == pytest.approx(limit)
        assert other_limits(row) == {
            CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST: 0.8,
            CriterionKind.DEMAND_AT_LEAST: 4.0,
        }


def test_moving_rows_are_named_and_limited_by_relative_speed() -> None:
    found = {name: row for name, row in rows(read_suite("r131")).items() if name.startswith("moving_")}
    assert set(found) == {f"moving_{v}" for v in VEHICLE_D if v <= 80}
    for name, row in found.items():
        relative = int(name.removeprefix("moving_"))
        assert row.overrides == {"approach_speed_kmh": relative + 20}
        assert impact_limit_kmh(row) == pytest.approx(VEHICLE_D[relative])


def test_pedestrian_rows_hold_the_limits_of_their_table() -> None:
    found = {name: row for name, row in rows(read_suite("r131")).items() if name.startswith("pedestrian_")}
    assert set(found) == {f"pedestrian_{v}" for v in PEDESTRIAN_BCD}
    for speed, limit in PEDESTRIAN_BCD.items():
        row = found[f"pedestrian_{speed}"]
        assert impact_limit_kmh(row) == pytest.approx(limit)
        assert other_limits(row) == {CriterionKind.WARNING_NOT_AFTER_BRAKING: 0.0, CriterionKind.DEMAND_AT_LEAST: 4.0}


def test_rows_beyond_the_design_speed_are_declared_not_applicable_and_no_others() -> None:
    expected = {name for name, row in rows(read_suite("r131")).items() if row.expected}
    assert expected == {"stationary_100", "moving_80"}
    for name in expected:
        row = rows(read_suite("r131"))[name]
        assert row.expected is not None
        assert row.expected.verdict == "not_applicable"
        with pytest.raises(InputError, match="limited to 90 km/h"):
            prepare_scenario(row.scenario, row.overrides)


@pytest.mark.parametrize(("table", "low", "high"), [(VEHICLE_D, 9.6, 9.9), (PEDESTRIAN_BCD, 2.5, 2.9)])
def test_residual_speeds_of_a_column_come_from_one_onset_rule(table: dict[int, int], low: float, high: float) -> None:
    # Had a digit been misread, (v^2 - v_i^2) / 2v would not be constant along the column.
    for speed, residual in table.items():
        if residual > 0:
            onset_mps = (speed**2 - residual**2) / (2.0 * speed) / 3.6
            assert low < onset_mps < high, (speed, onset_mps)


def test_the_last_avoided_row_is_consistent_with_the_same_onset_rule() -> None:
    # A full stop needs v / 2 of speed reduction budget: 70 km/h is just inside it, 80 km/h outside.
    assert 70.0 / 2.0 / 3.6 < 9.8 < 80.0 / 2.0 / 3.6
    assert 20.0 / 2.0 / 3.6 < 2.8 < 26.0 / 2.0 / 3.6


def test_the_held_out_twin_is_held_to_the_next_higher_row_of_the_same_tables() -> None:
    twin = read_suite("r131_held_out")
    assert twin.law_from == "r131"
    found = rows(twin)
    assert {name: impact_limit_kmh(found[name]) for name in HELD_OUT} == pytest.approx(HELD_OUT)
    assert set(found) == {*HELD_OUT, "passes_between_50"}


def test_the_held_out_twin_shares_neither_seed_nor_speed_nor_load_with_r131() -> None:
    tuned, twin = read_suite("r131"), read_suite("r131_held_out")
    assert not {s for row in tuned.rows for s in row.seeds} & {s for row in twin.rows for s in row.seeds}
    assert {row.overrides["ego.load_ratio"] for row in twin.rows} == {0.25, 0.75}
    assert len({row.overrides["conditions.friction"] for row in twin.rows}) == 3
    speeds = {(row.scenario, row.overrides["approach_speed_kmh"]) for row in tuned.rows if row.kind == "must_brake"}
    assert not {(row.scenario, row.overrides["approach_speed_kmh"]) for row in twin.rows} & speeds


def test_must_not_brake_rows_all_forbid_braking() -> None:
    suite = read_suite("must_not_brake")
    assert {row.kind for row in suite.rows} == {"must_not_brake"}
    assert all(CriterionKind.NO_BRAKING in other_limits(row) for row in suite.rows)
    words = " ".join(row.row_id for row in suite.rows)
    assert all(word in words for word in ("steel_plate", "gantry", "parked_rows", "guard_rail", "kerb"))


def test_every_library_fault_has_a_row_and_the_five_main_ones_two() -> None:
    named = [fault for row in read_suite("faults").rows for fault in row.faults]
    raw = [fault for row in read_suite("sensor_faults").rows for fault in row.faults]
    assert sorted({*named, *raw}) == list(library_fault_names())
    assert not set(named) & set(raw)
    assert all(named.count(fault) >= 2 for fault in FIVE_FAULTS)


def test_faults_of_raw_sensors_are_played_with_those_sensors() -> None:
    assert {row.rig for row in read_suite("sensor_faults").rows} == {"pixels"}
    assert {row.rig for row in read_suite("faults").rows} == {"objects"}


def test_smoke_is_quick_and_contains_a_fault() -> None:
    suite = read_suite("smoke")
    assert 4 <= len(suite.rows) <= 6
    assert any(row.faults for row in suite.rows)


@pytest.mark.parametrize("name", suite_names())
def test_every_row_of_every_suite_can_be_prepared_and_is_judged_by_a_deciding_source(name: str) -> None:
    deciding = {Certainty.VERIFIED, Certainty.EXTRACTED, Certainty.DERIVED, Certainty.OWN}
    for row in read_suite(name).rows:
        assert row.criteria
        assert row.seeds
        assert row.clause
        assert {c.certainty for c in row.criteria} <= deciding
        if row.expected is None:
            about_scenario = sort_overrides(row.overrides, row.faults).scenario
            placed = prepare_scenario(row.scenario, about_scenario, seed=row.seeds[0])
            assert placed.kind == row.kind


FAULTY = """\
title: A faulty suite
why: {risk: r, source: s}
seeds: [-1]
tables:
  t:
    impact_speed_at_most_kmh: [[20, 0], [10, 0]]
    clause: c
    source: s
    certainty: V
rows:
  - {id: One, scenario: truck_meets_stationary_car}
  - {id: two, scenario: truck_meets_stationary_car, tabel: t}
  - {id: two, scenario: truck_meets_stationary_car, at_kmh: 20}
"""

MISNAMED = """\
title: Names that stand for nothing
why: {risk: r, source: s}
law_from: r131
rows:
  - {id: a, scenario: truck_meets_stationary_kar}
  - id: b
    scenario: truck_meets_stationary_car
    set: {aproach_speed_kmh: 30, ego.load_ratio: 2}
  - {id: b, scenario: truck_meets_slower_car, table: vehicel, at_kmh: 20}
  - {id: c, scenario: truck_meets_slower_car, table: vehicle, at_kmh: 120}
  - {id: d, scenario: truck_meets_slower_car, hold_to: [vehicle_reactions], faults: [camera_frezes]}
"""


def findings(folder: Path, text: str) -> list[tuple[str, str, str]]:
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_suite(str(path))
    found = refusal.value.findings
    return [(finding.where.removeprefix(f"{path}:"), finding.field, finding.problem) for finding in found]


def test_everything_wrong_with_a_suite_is_told_at_once(tmp_path: Path) -> None:
    assert [(where, field) for where, field, _ in findings(tmp_path, FAULTY)] == [
        ("3:9", "seeds.0"),
        ("5:3", "tables.t"),
        ("11:6", "rows.0.id"),
        ("12:53", "rows.1.tabel"),
        ("13:5", "rows.2"),
    ]


def test_names_in_a_suite_that_stand_for_nothing_are_answered_with_the_nearest(tmp_path: Path) -> None:
    assert findings(tmp_path, MISNAMED) == [
        (
            "5:13",
            "rows.0.scenario",
            "no scenario 'truck_meets_stationary_kar'; did you mean 'truck_meets_stationary_car'?",
        ),
        (
            "8:11",
            "aproach_speed_kmh",
            "no parameter or key of this scenario; did you mean 'approach_speed_kmh'?",
        ),
        ("8:34", "ego.load_ratio", "must be less than or equal to 1 (got 2)"),
        ("9:6", "rows.2.id", "the id 'b' is taken"),
        ("9:47", "rows.2.table", "no table 'vehicel'; did you mean 'vehicle'?"),
        ("10:63", "rows.3.at_kmh", "120 km/h is beyond the table"),
        ("11:57", "rows.4.hold_to.0", "no criteria set 'vehicle_reactions'; did you mean 'vehicle_reaction'?"),
        ("11:86", "rows.4.faults.0", "no fault 'camera_frezes'; did you mean 'camera_freezes'?"),
    ]


def test_an_unknown_suite_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'must_not_brake'"):
        find_suite("must_not_break")


def test_rows_keep_the_order_of_the_file() -> None:
    speeds = [row.overrides["approach_speed_kmh"] for row in read_suite("r131").rows if "stationary" in row.row_id]
    assert all(float(str(a)) < float(str(b)) for a, b in pairwise(speeds))
