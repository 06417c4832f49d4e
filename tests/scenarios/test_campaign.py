"""A campaign: whatever goes wrong inside a run is a verdict of that run, and what is finished stays."""

from dataclasses import replace

import pytest

from analysis.verdict import VerdictKind, exit_code
from scenarios import assembly, campaign
from scenarios.assembly import RunRequest
from scenarios.campaign import Campaign, Task, compute, conduct, run_campaign
from scenarios.engine import Answer, InlineEngine
from stack.vocabulary import MachineryError, MissingPart, Protection

KNOWN = "truck_meets_stationary_car"
TASK = Task(request=RunRequest(scenario=KNOWN, seed=1), suite="law", row_id="plain", held_out=True)


def skipped(name):
    """A task that costs nothing."""
    return Task(request=RunRequest(scenario=name), not_run=VerdictKind.SKIPPED, not_run_reason="x", skip_expected=True)


TASKS = tuple(skipped(name) for name in ("a", "b", "c"))


def no_warming(monkeypatch):
    monkeypatch.setattr(campaign, "is_warm", lambda: True)


def test_a_run_that_works_has_a_record_a_row_and_where_it_comes_from():
    result = compute(TASK)
    assert result.record is not None
    assert result.verdict.kind is VerdictKind.PASS
    assert (result.row["suite"], result.row["row"], result.row["held_out"]) == ("law", "plain", True)
    assert result.row["record_hash"] == result.record.record_hash
    assert result.row["stack_crashes"] == []
    assert result.title.startswith("A loaded truck")
    assert "(source: UN R131" in result.why


def test_rows_hold_their_own_criteria_instead_of_the_scenarios():
    own = compute(TASK)
    strict = tuple(
        replace(result.criterion, limit=99.0) if result.criterion.kind.value.startswith("demand") else result.criterion
        for result in own.verdict.results
    )
    assert compute(replace(TASK, criteria=strict)).verdict.kind is VerdictKind.FAIL


def test_a_failure_of_our_own_machinery_is_the_verdict_crashed(monkeypatch):
    def broken(*_):
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(assembly, "open_world", broken)
    result = compute(TASK)
    assert result.verdict.kind is VerdictKind.CRASHED
    assert "a wheel came off" in result.verdict.reason
    assert (result.record, result.row["record_hash"]) == (None, "")
    assert result.row["key_hash"], "the run was prepared, so it has a key"
    assert exit_code([result.outcome]) == 2


@pytest.mark.parametrize("problem", [MissingPart("no such wheel"), MachineryError("ours")])
def test_what_cannot_be_prepared_is_crashed_too(monkeypatch, problem):
    def refuse(request):
        raise problem

    monkeypatch.setattr(campaign, "prepare", refuse)
    result = compute(TASK)
    assert result.verdict.kind is VerdictKind.CRASHED
    assert str(problem) in result.verdict.reason


def test_faults_are_timed_against_the_unprotected_run_of_the_same_pair():
    result = compute(replace(TASK, request=RunRequest(scenario=KNOWN, seed=1, faults=("camera_freezes",))))
    (times,) = result.times
    assert isinstance(times.ftti_ns, int) or times.outcome == "not hazardous here"
    already = RunRequest(scenario=KNOWN, seed=1, faults=("camera_freezes",), protection=Protection.UNPROTECTED)
    (bare,) = compute(replace(TASK, request=already)).times
    assert bare.outcome == "not measured"


def test_every_task_is_told_once_and_kept_in_the_order_of_the_tasks():
    class Backwards(InlineEngine):
        def as_completed(self):
            yield from reversed(list(super().as_completed()))

    told = []
    done = run_campaign(TASKS, Backwards(), told.append)
    assert [result.task.request.scenario for result in told] == ["c", "b", "a"]
    assert [result.task.request.scenario for result in done.ordered] == ["a", "b", "c"]
    assert not done.missing
    assert not done.interrupted


def test_a_dead_worker_is_a_crashed_run_and_the_others_go_on():
    class Deadly(InlineEngine):
        def as_completed(self):
            for answer in super().as_completed():
                died = Answer(index=1, result=None, error="KilledWorker: run-1")
                yield died if answer.index == 1 else answer

    done = run_campaign(TASKS, Deadly(), lambda result: None)
    kinds = [result.verdict.kind for result in done.ordered]
    assert kinds == [VerdictKind.SKIPPED, VerdictKind.CRASHED, VerdictKind.SKIPPED]
    assert "the worker died: KilledWorker" in done.ordered[1].verdict.reason


def test_an_interrupt_keeps_what_is_finished_and_knows_what_is_missing():
    class Stopped(InlineEngine):
        closed = False

        def as_completed(self):
            yield next(super().as_completed())
            raise KeyboardInterrupt

        def close(self):
            self.closed = True
            super().close()

    engine = Stopped()
    done = run_campaign(TASKS, engine, lambda result: None)
    assert done.interrupted
    assert engine.closed
    assert [result.task for result in done.ordered] == [TASKS[0]]
    assert done.missing == TASKS[1:]
    assert exit_code([result.outcome for result in done.ordered], interrupted=True) == 2


def test_an_interrupt_while_the_workers_start_is_an_interrupted_campaign(monkeypatch):
    def interrupted(jobs, tasks):
        raise KeyboardInterrupt

    no_warming(monkeypatch)
    monkeypatch.setattr(campaign, "engine_for", interrupted)
    done = conduct(TASKS, 2, lambda result: None)
    assert done == Campaign(tasks=TASKS, interrupted=True)
    assert done.missing == TASKS


def test_one_job_computes_here(monkeypatch):
    no_warming(monkeypatch)
    done = conduct(TASKS, 1, lambda result: None)
    assert len(done.ordered) == len(TASKS)


def test_a_label_names_suite_and_row_where_there_is_one():
    assert TASK.label == "law:plain truck_meets_stationary_car#1"
    assert TASKS[0].label == "a#0"
