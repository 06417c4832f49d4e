"""Every criterion both ways, each with its instant of violation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.checks import DECIDING, NEVER_VIOLATED, UNITS, CriterionResult, check, contact_speed_mps, facts
from analysis.criteria import Certainty, CriterionKind
from analysis.encounters import ego_contact
from sim.truth import ActorKind
from stack.vocabulary import WarningKind, ns_from_s
from tests.analysis.records import KMH, build, criterion

KIND = CriterionKind


def held(record, kind: CriterionKind, limit: float = 0.0, target: str = "lead") -> CriterionResult:
    return check(criterion(kind, limit), facts(record, target))


def test_no_contact_is_an_impact_of_zero():
    result = held(build(), KIND.IMPACT_SPEED_AT_MOST, 0.0)
    assert result.passed
    assert result.measured == 0.0
    assert result.violated_at == NEVER_VIOLATED
    assert result.wording == "impact 0.0 km/h, allowed 0.0"


def test_an_impact_above_the_limit_is_violated_at_contact():
    record = build(brake_s=-1.0)
    result = held(record, KIND.IMPACT_SPEED_AT_MOST, 28.0 * KMH)
    assert not result.passed
    assert result.violated_at == ego_contact(record).at
    assert result.measured == pytest.approx(80.0 * KMH)
    assert result.wording == "impact 80.0 km/h, allowed 28.0"
    assert "touched lead at 7.0" in result.explanation


def test_an_impact_at_the_limit_holds():
    record = build(brake_s=-1.0)
    assert held(record, KIND.IMPACT_SPEED_AT_MOST, 80.0 * KMH).passed
    assert not held(record, KIND.IMPACT_SPEED_AT_MOST, 79.9 * KMH).passed


@settings(max_examples=15, deadline=None)
@given(st.floats(5.0, 6.4), st.floats(0.01, 0.5))
def test_braking_later_never_makes_the_impact_softer(brake_s, later_s):
    soon = held(build(brake_s=brake_s), KIND.IMPACT_SPEED_AT_MOST).measured
    late = held(build(brake_s=brake_s + later_s), KIND.IMPACT_SPEED_AT_MOST).measured
    assert late >= soon - 1e-6


def test_with_a_pedestrian_the_impact_counts_along_the_egos_travel():
    record = build(target_kind=ActorKind.CHILD, target_y_m=-7.0, target_lateral_mps=1.0, brake_s=-1.0)
    contact = ego_contact(record)
    assert contact.relative_speed_mps > 80.0 * KMH
    assert contact_speed_mps(record, contact) == pytest.approx(80.0 * KMH)


def test_contact_is_allowed_nowhere_where_none_is():
    record = build(brake_s=-1.0)
    result = held(record, KIND.NO_CONTACT)
    assert not result.passed
    assert result.violated_at == ego_contact(record).at
    assert result.wording == "contact at 80.0 km/h, none allowed"
    assert held(build(), KIND.NO_CONTACT).wording == "no contact, none allowed"
    assert held(build(), KIND.NO_CONTACT).passed


def test_demand_is_held_to_its_peak():
    assert held(build(demand_mps2=4.0, brake_s=3.5), KIND.DEMAND_AT_LEAST, 4.0).passed
    result = held(build(demand_mps2=3.9, brake_s=3.5), KIND.DEMAND_AT_LEAST, 4.0)
    assert not result.passed
    assert result.measured == 3.9
    assert result.wording == "demand 3.9 m/s², needs 4.0"


def test_missing_demand_is_violated_at_contact_or_at_the_end():
    crash, quiet = build(brake_s=-1.0), build(brake_s=-1.0, target_y_m=5.0, limit_s=5.0)
    assert held(crash, KIND.DEMAND_AT_LEAST, 4.0).violated_at == ego_contact(crash).at
    assert held(quiet, KIND.DEMAND_AT_LEAST, 4.0).violated_at == quiet.ended_at
    assert held(quiet, KIND.DEMAND_AT_LEAST, 4.0).measured is None


def test_a_warning_early_enough_holds_and_says_both_instants():
    result = held(build(warn_s=3.7, brake_s=4.5), KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8)
    assert result.passed
    assert result.measured == pytest.approx(0.8)
    for instant in ("published 3.600 s", "shown 3.700 s", "published 4.492 s", "applied 4.500 s"):
        assert instant in result.explanation


def test_a_warning_too_short_is_violated_when_braking_begins():
    result = held(build(warn_s=3.71, brake_s=4.5), KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8)
    assert not result.passed
    assert result.violated_at == ns_from_s(4.5)
    assert result.wording == "warning 0.79 s before braking, needs 0.80"


def test_braking_without_any_warning_violates():
    result = held(build(warn_s=-1.0), KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8)
    assert not result.passed
    assert result.measured is None
    assert result.violated_at == ns_from_s(4.5)


def test_without_emergency_braking_and_contact_there_is_nothing_to_warn_of():
    record = build(brake_s=-1.0, warn_s=-1.0, target_y_m=5.0)
    assert held(record, KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8).passed


def test_contact_stands_in_for_braking_that_never_came():
    silent, warned = build(brake_s=-1.0, warn_s=-1.0), build(brake_s=-1.0, warn_s=4.0)
    result = held(silent, KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8)
    assert not result.passed
    assert result.violated_at == ego_contact(silent).at
    assert held(warned, KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8).passed


def test_a_warning_with_the_braking_is_not_after_it():
    assert held(build(warn_s=4.5), KIND.WARNING_NOT_AFTER_BRAKING).passed
    late = held(build(warn_s=4.52), KIND.WARNING_NOT_AFTER_BRAKING)
    assert not late.passed
    assert late.violated_at == ns_from_s(4.5)
    assert late.wording == "warning 0.02 s after braking, must not be after"


def test_partial_braking_does_not_stop_the_clock_of_the_warning():
    record = build(demand_mps2=3.0, brake_s=4.0, warn_s=4.1, target_y_m=5.0)
    assert held(record, KIND.WARNING_NOT_AFTER_BRAKING).passed


def test_any_collision_warning_violates_where_none_is_allowed():
    result = held(build(warn_s=3.5), KIND.NO_COLLISION_WARNING)
    assert not result.passed
    assert result.violated_at == ns_from_s(3.5)
    assert result.measured == 1.0
    assert held(build(warn_s=-1.0), KIND.NO_COLLISION_WARNING).wording == "no collision warning, none allowed"
    other = build(warn_s=-1.0, told=((3.0, WarningKind.SYSTEM_DEGRADED),))
    assert held(other, KIND.NO_COLLISION_WARNING).passed


def test_any_braking_violates_where_none_is_allowed():
    result = held(build(demand_mps2=0.5, brake_s=3.0), KIND.NO_BRAKING)
    assert not result.passed
    assert result.violated_at == ns_from_s(3.0)
    assert result.wording == "braking 0.5 m/s², none allowed"
    assert held(build(brake_s=-1.0), KIND.NO_BRAKING).passed
    assert held(build(demand_mps2=0.1), KIND.NO_BRAKING).passed


def test_the_gap_is_violated_at_the_first_instant_below():
    record = build(target_y_m=3.5, brake_s=-1.0)
    result = held(record, KIND.MINIMUM_GAP_AT_LEAST, 2.0)
    assert not result.passed
    assert result.measured == pytest.approx(1.35)
    first = next(at for at in record.truth_at if at == result.violated_at)
    assert 0 < first < record.ended_at
    assert held(record, KIND.MINIMUM_GAP_AT_LEAST, 1.3).passed


def test_contact_violates_every_gap_and_measures_zero():
    record = build(brake_s=-1.0)
    result = held(record, KIND.MINIMUM_GAP_AT_LEAST, 0.01)
    assert not result.passed
    assert result.measured == 0.0
    assert result.violated_at == ego_contact(record).at


def test_without_a_target_the_gap_to_the_nearest_actor_counts():
    record = build(target_y_m=9.0, brake_s=-1.0, bystanders=((60.0, 3.0),))
    result = held(record, KIND.MINIMUM_GAP_AT_LEAST, 2.0, target="")
    assert "parked_0" in result.explanation
    assert result.measured == pytest.approx(3.0 - 0.5 * (2.5 + 1.8))


@pytest.mark.parametrize("certainty", list(Certainty))
def test_only_certain_sources_decide(certainty):
    result = check(criterion(KIND.NO_CONTACT, certainty=certainty), facts(build(), "lead"))
    assert result.decides is (certainty.value in {"V", "Vx", "D", "own"})
    assert (certainty in DECIDING) is result.decides


@pytest.mark.parametrize("kind", [kind for kind in KIND if kind is not KIND.FALLBACK_IN_TIME])  # needs a pair
@pytest.mark.parametrize("drive", [{}, {"brake_s": -1.0}, {"warn_s": -1.0}, {"brake_s": -1.0, "warn_s": -1.0}])
def test_every_criterion_gives_a_unit_a_sentence_and_an_instant_inside_the_run(kind, drive):
    record = build(**drive)
    result = held(record, kind, 0.5)
    assert result.unit == UNITS[kind]
    assert result.explanation.endswith(".")
    assert result.wording
    if result.passed:
        assert result.violated_at == "never"
    else:
        assert 0 <= result.violated_at <= record.ended_at
