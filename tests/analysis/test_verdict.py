"""Every kind of verdict, the order in which they are found, and the exit code over many."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.criteria import Certainty, CriterionKind
from analysis.verdict import Outcome, Verdict, VerdictKind, exit_code, judge, unjudged
from sim.recording import Ending
from stack.vocabulary import InputError, ns_from_s
from tests.analysis.records import NEVER_CAME, approach, build, criterion, fault, must_brake, must_not_brake

KIND = VerdictKind


def verdict(record, criteria=None, preconditions=None) -> Verdict:
    return judge(record, criteria or must_brake(), preconditions or approach(), "lead")


def test_a_run_that_holds_everything_passes_with_its_first_number():
    found = verdict(build())
    assert found.kind is KIND.PASS
    assert found.number == "impact 0.0 km/h, allowed 28.0"
    assert found.clause == "6.4 Table 1 D/80"
    assert [result.passed for result in found.results] == [True, True, True]


def test_a_run_that_violates_a_criterion_fails_with_that_number_and_clause():
    found = verdict(build(warn_s=4.2))
    assert found.kind is KIND.FAIL
    assert found.clause == "5.2.1.1"
    assert found.number == "warning 0.30 s before braking, needs 0.80"
    assert found.reason == found.deciding.explanation


def test_the_earliest_violation_decides():
    found = verdict(build(brake_s=6.3, warn_s=6.0))
    assert [result.passed for result in found.results] == [False, False, True]
    assert found.deciding is found.results[1]


def test_never_braking_fails_must_brake_and_passes_must_not_brake():
    assert verdict(build(brake_s=-1.0, warn_s=-1.0)).kind is KIND.FAIL
    assert verdict(build(brake_s=-1.0, warn_s=-1.0, target_y_m=5.0), must_not_brake()).kind is KIND.PASS


def test_always_braking_passes_must_brake_and_fails_must_not_brake():
    always = {"warn_s": 2.0, "brake_s": 2.8}
    assert verdict(build(**always)).kind is KIND.PASS
    assert verdict(build(**always, target_y_m=5.0), must_not_brake()).kind is KIND.FAIL


def test_an_uncertain_criterion_is_shown_and_does_not_decide():
    doubtful = criterion(CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST, 1.4, Certainty.MEMORY)
    found = verdict(build(), (*must_brake(), doubtful))
    assert found.kind is KIND.PASS
    assert not found.results[-1].passed
    assert not found.results[-1].decides


def test_with_no_certain_criterion_nothing_is_decided():
    assert verdict(build(), (criterion(CriterionKind.NO_CONTACT, certainty=Certainty.SECONDARY),)).kind is KIND.INVALID
    assert judge(build(), (), approach(), "lead").kind is KIND.INVALID


def test_a_crash_of_our_machinery_outranks_everything():
    record = build(ending=Ending.CRASHED, brake_s=-1.0, faults=(fault(skipped="needs pixels"),))
    assert verdict(record).kind is KIND.CRASHED


def test_the_time_limit_is_a_verdict():
    found = verdict(build(ending=Ending.TIMED_OUT, target_y_m=5.0, brake_s=-1.0, limit_s=5.0))
    assert found.kind is KIND.TIMED_OUT
    assert "5.0 s" in found.reason


def test_a_fault_that_cannot_act_here_skips_the_run():
    found = verdict(build(faults=(fault(skipped="needs pixels"),)))
    assert found.kind is KIND.SKIPPED
    assert found.reason == "camera_freezes: needs pixels"
    assert found.number == found.reason
    assert found.clause == ""


def test_a_fault_that_began_and_altered_nothing_is_invalid():
    found = verdict(build(faults=(fault(altered=0),)))
    assert found.kind is KIND.INVALID
    assert "altered nothing" in found.reason


def test_a_fault_masked_by_another_is_judged():
    assert verdict(build(faults=(fault(altered=0, masked_by=("radar_blackout",)),))).kind is KIND.PASS


@pytest.mark.parametrize("trigger", ["condition", "chance"])
def test_a_trigger_that_never_came_is_not_applicable(trigger):
    found = verdict(build(faults=(fault(trigger=trigger, **NEVER_CAME),)))
    assert found.kind is KIND.NOT_APPLICABLE
    assert trigger in found.reason


def test_an_instant_the_run_never_reached_is_invalid():
    assert verdict(build(faults=(fault(at_s=60.0, until_s=61.0),))).kind is KIND.INVALID


def test_something_to_mend_outranks_something_that_did_not_apply():
    faults = (fault(trigger="chance", **NEVER_CAME), fault(name="radar_blackout", altered=0))
    assert verdict(build(faults=faults)).kind is KIND.INVALID


def test_a_broken_approach_is_invalid_even_if_everything_held():
    found = verdict(build(offset_m=0.5))
    assert found.kind is KIND.INVALID
    assert "lane offset" in found.reason
    assert len(found.results) == 3


def test_a_broken_approach_is_invalid_even_if_something_failed_later():
    assert verdict(build(offset_m=0.5, brake_s=-1.0)).kind is KIND.INVALID


def test_phantom_braking_cannot_hide_behind_the_approach_it_spoils():
    found = verdict(build(brake_s=1.0, target_y_m=5.0), must_not_brake())
    assert found.kind is KIND.FAIL
    assert found.deciding.violated_at == ns_from_s(1.0)


def test_an_unknown_target_is_refused():
    with pytest.raises(InputError):
        judge(build(), must_brake(), approach(), "nobody")


def test_a_run_without_a_record_has_a_verdict_and_a_reason():
    found = unjudged(KIND.NOT_APPLICABLE, "above the design speed")
    assert (found.number, found.clause, found.results) == ("above the design speed", "", ())


def codes(*kinds: VerdictKind, **more) -> int:
    return exit_code([Outcome(kind=kind) for kind in kinds], **more)


def test_all_passed_is_zero():
    assert codes(KIND.PASS, KIND.PASS) == 0
    assert codes(KIND.PASS, KIND.NOT_APPLICABLE) == 0


def test_a_failure_or_a_time_out_is_one():
    assert codes(KIND.PASS, KIND.FAIL) == 1
    assert codes(KIND.PASS, KIND.TIMED_OUT) == 1


def test_what_could_not_be_decided_is_two_even_beside_a_failure():
    for kind in (KIND.CRASHED, KIND.INVALID, KIND.SKIPPED):
        assert codes(KIND.PASS, KIND.FAIL, kind) == 2


def test_an_expected_skip_changes_nothing():
    expected = Outcome(kind=KIND.SKIPPED, skip_expected=True)
    assert exit_code([expected, Outcome(kind=KIND.PASS)]) == 0
    assert exit_code([expected, Outcome(kind=KIND.FAIL)]) == 1


def test_nothing_judged_is_two():
    assert exit_code([]) == 2
    assert codes(KIND.NOT_APPLICABLE) == 2
    assert exit_code([Outcome(kind=KIND.SKIPPED, skip_expected=True)]) == 2


def test_an_interrupted_campaign_is_two():
    assert codes(KIND.PASS, interrupted=True) == 2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(list(KIND)), max_size=6), st.sampled_from(list(KIND)), st.randoms())
def test_the_exit_code_knows_no_order_and_another_run_never_lowers_a_judged_one(kinds, more, chance):
    shuffled = list(kinds)
    chance.shuffle(shuffled)
    assert codes(*kinds) == codes(*shuffled)
    if any(kind in (KIND.PASS, KIND.FAIL, KIND.TIMED_OUT) for kind in kinds):
        assert codes(*kinds, more) >= codes(*kinds)
