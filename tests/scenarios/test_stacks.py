"""Stacks from elsewhere: found by name, refused before a run if they are none, judged if they fall over in one."""

import sys

import pytest

from analysis.verdict import VerdictKind
from scenarios.assembly import RunRequest, briefing_for, prepare
from scenarios.campaign import Task, compute
from scenarios.stacks import BLACK_BOX_STAGE, PAYLOADS, black_box_stage, find_stack, pipeline_of, stack_names
from sim.ports import Charge
from stack.vocabulary import (
    HostEventKind,
    InputError,
    MachineryError,
    MissingPart,
    Protection,
    StageInput,
    topics,
)
from tests.scenarios.plugged import MODULE, plug_in
from tests.sim.pipelines import MS, rig, stage

SCENARIO = "truck_meets_stationary_car"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    plug_in(tmp_path / "site", monkeypatch)
    yield sys.modules
    sys.modules.pop(MODULE, None)


def briefing():
    return briefing_for(prepare(RunRequest(scenario=SCENARIO)).placed, Protection.ON, {})


def refusal(make):
    with pytest.raises(InputError) as refused:
        make()
    return str(refused.value)


def test_our_own_stacks_are_entry_points_like_any_other():
    assert {"reference", "never_brake", "always_brake", "delayed", "blind_to_vru"} <= set(stack_names())


def test_an_unknown_stack_is_answered_with_the_nearest_name():
    said = refusal(lambda: find_stack("never_brakes"))
    assert "--stack: never_brakes: no stack of this name; did you mean 'never_brake'?" in said


def test_a_stack_from_elsewhere_is_found_with_its_own_version_and_digest(elsewhere):
    own, foreign = find_stack("reference").identity, find_stack("quiet").identity
    assert foreign["entry_point"] == f"{MODULE}:quiet"
    assert foreign["version"] == "2.0"
    assert foreign["digest"] != own["digest"]


def test_two_stacks_of_one_name_are_refused(tmp_path, monkeypatch):
    plug_in(tmp_path / "site", monkeypatch, names=("reference",))
    assert "several stacks have this name" in refusal(lambda: find_stack("reference"))


def test_a_stack_that_does_not_load_is_a_missing_part(elsewhere):
    with pytest.raises(MissingPart, match="is_not_there.*does not load"):
        find_stack("is_not_there")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nonsense", "its factory gave a int; it must give a tuple of Stage, or an object with step"),
        ("strange_tuple", "its factory gave a tuple with something else than stages"),
        ("cannot_be_made", "its factory raised RuntimeError: no licence"),
    ],
)
def test_a_factory_that_returns_nonsense_is_refused_before_the_run(elsewhere, name, told):
    entry, given = find_stack(name), briefing()
    assert told in refusal(lambda: pipeline_of(entry, given))
    assert told in refusal(lambda: prepare(RunRequest(scenario=SCENARIO, stack=name)))


def test_what_is_no_factory_at_all_is_refused(elsewhere):
    assert "must be a factory taking a Briefing" in refusal(lambda: find_stack("not_a_factory"))


def test_a_setting_the_stack_does_not_know_is_a_finding_about_the_override():
    request = RunRequest(scenario=SCENARIO, overrides={"stack.decision.brake_at_mps": 4.0, "stack.desicion.x": 1.0})
    said = refusal(lambda: prepare(request))
    assert said.startswith("--set: stack.")
    request = RunRequest(scenario=SCENARIO, overrides={"stack.decision.brake_at_mps": 4.0})
    assert "did you mean decision." in refusal(lambda: prepare(request))


def test_a_black_box_is_one_stage_on_every_input_and_may_publish_every_output(elsewhere):
    (row,) = pipeline_of(find_stack("quiet"), briefing())
    assert (row.name, row.triggers, row.publishes) == (BLACK_BOX_STAGE, topics.INPUTS, topics.OUTPUTS)
    assert row.batch
    assert row.disposable
    assert set(PAYLOADS) == set(topics.OUTPUTS)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gives_nothing", "NoneType"),
        ("gives_strangers", "must return Outputs, got a str"),
        ("gives_unknown_topics", "not tracks"),
        ("gives_wrong_payloads", "carries a BrakeRequest, got a int"),
    ],
)
def test_a_black_box_that_publishes_what_nobody_can_carry_has_crashed(elsewhere, name, told):
    row = black_box_stage(find_stack(name), briefing())
    with pytest.raises((TypeError, ValueError), match=told):
        row.step(row.initial(), StageInput(now=0, messages=(), latest={}))


class Hangs:
    """A CostSource whose first job never ends."""

    def __init__(self):
        self.jobs = 0

    def charge(self, stage, given, slot, run):
        self.jobs += 1
        return Charge(result=run(), work_ns=-1 if self.jobs == 1 else MS)


def test_a_kill_discards_the_black_box_and_makes_a_new_one(elsewhere):
    row = black_box_stage(find_stack("quiet"), briefing())
    ring = rig([row], Hangs())
    made = elsewhere[MODULE].MADE
    first = ring.host._desks[0].state
    assert made[-1] is first
    ring.send(1)
    ring.run(row.watchdog_ns / MS + 10)
    assert [event.kind for event in ring.log.events] == [HostEventKind.STAGE_KILLED]
    assert ring.host._desks[0].state is made[-1]
    assert made[-1] is not first


def failing(at_ms):
    def step(state, given):
        if given.now >= at_ms * MS:
            raise ZeroDivisionError("one over none")
        return state, ()

    return step


def test_an_exception_in_a_stage_crashes_the_stack_when_its_job_would_have_finished():
    ring = rig([stage("a", (topics.RADAR,), step=failing(5))], {"a": 4.0})
    ring.send(1)
    ring.send(10)
    ring.run(13)
    assert not ring.log.events
    ring.run(13.9)
    ring.run(50)
    assert [(event.kind, event.stage, event.at / MS) for event in ring.log.events] == [
        (HostEventKind.STACK_CRASHED, "a", 14.0)
    ]
    assert [(at / MS, one.stage, one.reason) for at, one in ring.host.failures] == [
        (14.0, "a", "ZeroDivisionError: one over none")
    ]
    ring.run(200)  # boots again 100 ms later
    assert ring.log.events[-1].kind is HostEventKind.STACK_RESTARTED
    assert ring.log.events[-1].at == 114 * MS
    (books,) = ring.host.accounts()
    assert books.released == books.finished + books.dropped + books.killed + books.pending


def test_without_protection_a_crashed_stack_stays_down():
    ring = rig([stage("a", (topics.RADAR,), step=failing(0))], {"a": 1.0}, protection=Protection.UNPROTECTED)
    for at in (1, 50, 400):
        ring.send(at)
    ring.run(1000)
    assert [event.kind for event in ring.log.events] == [HostEventKind.STACK_CRASHED]


def test_two_jobs_that_end_at_the_instant_of_a_crash_publish_nothing():
    failed = stage("a", (topics.RADAR,), step=failing(0), priority=0)
    other = stage("b", (topics.RADAR,), publishes=(topics.DECISION,), priority=1)
    from tests.sim.pipelines import profile

    ring = rig([failed, other], {"a": 2.0, "b": 2.0}, device=profile(cores=2))
    ring.send(1)
    ring.run(50)
    assert not ring.out
    assert sum(account.killed for account in ring.host.accounts()) == 2


def test_what_our_own_machinery_raises_is_no_crash_of_the_stack():
    def step(state, given):
        raise MachineryError("ours")

    ring = rig([stage("a", (topics.RADAR,), step=step)], {"a": 1.0})
    ring.send(1)
    with pytest.raises(MachineryError, match="ours"):
        ring.run(10)


def test_a_stack_that_falls_over_is_judged_by_the_criteria_and_told(elsewhere):
    result = compute(Task(request=RunRequest(scenario=SCENARIO, stack="raises", seed=1)))
    assert result.verdict.kind is VerdictKind.FAIL
    assert result.record is not None
    assert "stage stack raised ValueError: no more at 3." in result.row["stack_crashes"][0]
    kinds = [event.kind for event in result.record.host_events]
    assert kinds[:2] == [HostEventKind.STACK_CRASHED, HostEventKind.STACK_RESTARTED]
    again = compute(Task(request=RunRequest(scenario=SCENARIO, stack="raises", seed=1)))
    assert again.row["record_hash"] == result.row["record_hash"]
