"""Two worlds are compared row by row: what agrees, what does not, what is not to be trusted, and the exit code."""

import json
from dataclasses import replace

import pytest

from scenarios import worlds
from scenarios.agreeing import (
    MEASURES,
    Agreement,
    Compared,
    RowAgreement,
    agreement_document,
    agreements,
    told_end,
    told_row,
    worlds_of,
)
from stack.vocabulary import InputError
from tests.sim.carla_client.fake_wire import FakeWire

CARLA = "carla://known-by-heart:1"
TRUSTED = {
    "contacts": {"both": [], "missed_by_carla": [], "only_in_carla": [], "carla_with_others": 0},
    "pacing": {"ticks": 100, "skipped_frames": 0, "wrong_deltas": 0},
    "protocol_deviation_m": {"target": 1e-6},
    "braking_followed": {"ticks": 100, "mean_mps2": 0.01, "rms_mps2": 0.02, "worst_mps2": 0.5},
    "streams": {},
}


@pytest.fixture
def by_heart(monkeypatch):
    """A CARLA server that tests know by heart behind every address; `faults` name what it does wrong."""
    faults = []
    monkeypatch.setattr(worlds, "connect", lambda address: FakeWire(faults=tuple(faults)))
    worlds.server_facts.cache_clear()
    yield faults
    worlds.server_facts.cache_clear()


def measure(name):
    return next(one for one in MEASURES if one.name == name)


def compared(name, reference, other):
    return Compared(row="r", world=CARLA, measure=measure(name), reference=reference, other=other)


def row(**changes):
    base = RowAgreement(
        row="r131:stationary_40#1", world=CARLA, verdicts=("pass", "pass"), reasons=("", ""),
        compared=(compared("min_gap", 3.0, 3.2),), distrust=(), hashes=("a", "a"), account=TRUSTED,
    )  # fmt: skip
    return replace(base, **changes)


def exit_code(*rows):
    return Agreement(suites=("r131",), worlds=("twin", CARLA), rows=rows).exit_code


def test_a_difference_within_the_tolerance_agrees_and_one_outside_does_not():
    limit = measure("min_gap").tolerance
    assert compared("min_gap", 3.0, 3.0 + limit).within
    assert not compared("min_gap", 3.0, 3.01 + limit).within
    assert not compared("min_gap", 3.0 + limit, 2.99).within


def test_a_metric_that_only_one_run_has_does_not_agree_unless_it_is_asked_of_both():
    assert not compared("brake_onset", 7.0, None).within
    assert compared("brake_onset", None, None).within
    assert compared("stop_distance", 20.0, None).within


def test_rows_that_agree_end_with_0_and_others_with_1():
    assert exit_code(row(), row()) == 0
    assert exit_code(row(), row(compared=(compared("min_gap", 3.0, 9.0),))) == 1
    assert exit_code(row(), row(verdicts=("pass", "fail"))) == 1
    assert exit_code(row(), row(distrust=("not repeatable",))) == 1


def test_what_could_not_be_run_ends_with_2():
    assert exit_code(row(), row(verdicts=("pass", "crashed"), compared=())) == 2
    assert exit_code(row(), row(verdicts=("pass", "invalid"))) == 2
    assert exit_code() == 2


def test_a_row_that_applies_to_neither_does_not_decide():
    skipped = row(verdicts=("not_applicable", "not_applicable"), compared=(), hashes=(), account={})
    assert exit_code(row(), skipped) == 0
    assert exit_code(skipped) == 2


def test_suites_are_played_on_both_and_agree(by_heart):
    rows = [found for _, found in agreements(("r131",), ("twin", CARLA), rows=("stationary_40", "pedestrian_30"))]
    assert [found.agrees for found in rows] == [True, True], [told_row(found) for found in rows]
    assert all(len(found.hashes) == 2 for found in rows)
    assert {one.measure.name for one in rows[0].compared} == {one.name for one in MEASURES}
    document = json.loads(
        json.dumps(agreement_document(Agreement(suites=("r131",), worlds=("twin",), rows=tuple(rows))))
    )
    assert document["exit_code"] == 0
    assert document["rows"][0]["account"]["pacing"]["skipped_frames"] == 0


def test_a_server_whose_actors_are_off_protocol_is_not_trusted(by_heart):
    by_heart.append("places askew")
    [(_, found)] = agreements(("r131",), ("twin", CARLA), rows=("stationary_40",), repeats=False)
    assert not found.agrees
    assert "target by 0.250 m" in " ".join(found.distrust)
    assert found.hashes[1:] == ()


def test_worlds_are_named_reference_first():
    assert worlds_of("twin, carla://h:1") == ("twin", "carla://h:1")
    for text in ("twin", "twin,twin", "twin,mars", "", "twin,carla://"):
        with pytest.raises(InputError):
            worlds_of(text)


def test_a_row_is_told_in_a_line_and_what_keeps_it_from_agreeing_below():
    [line] = told_row(row())
    assert line.startswith("AGREES  r131:stationary_40#1  pass  min_gap +0.20")
    lines = told_row(row(compared=(compared("min_gap", 3.0, 9.0),), distrust=("CARLA missed contact with target",)))
    assert lines[0].startswith("DIFFERS")
    assert lines[1:] == ["      min_gap 3.00 / 9.00 m, 2.5 allowed", "      CARLA missed contact with target"]


def test_the_end_tells_the_widest_difference_of_every_metric():
    far = row(row="r131:stationary_80#1", compared=(compared("min_gap", 3.0, 1.5),))
    lines = told_end(Agreement(suites=("r131",), worlds=("twin", CARLA), rows=(row(), far)))
    assert lines[1].split()[:4] == ["min_gap", "-1.500", "2.5", "m"]
    assert lines[-1] == f"2 rows on twin and {CARLA}: 2 agree, 2 repeated exactly, 0 not to be trusted"
