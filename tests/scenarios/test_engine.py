"""Every engine answers every task once, survives a task that fails or kills its worker, and closes twice."""

import os

import pytest

from scenarios.engine import DaskEngine, InlineEngine


def double(value):
    return 2 * value


def fail(value):
    raise ValueError(f"no {value}")


def die(value):
    os._exit(1)


@pytest.fixture(params=["inline", "dask"])
def engine(request):
    made = InlineEngine() if request.param == "inline" else DaskEngine(2)
    yield made
    made.close()
    made.close()


def test_every_task_is_answered_once(engine):
    for index in range(6):
        engine.submit(index, double, index)
    answers = {answer.index: answer.result for answer in engine.as_completed()}
    assert answers == {index: 2 * index for index in range(6)}


def test_a_failing_task_is_an_answer_and_the_others_go_on(engine):
    engine.submit(0, double, 1)
    engine.submit(1, fail, "luck")
    engine.submit(2, double, 3)
    answers = {answer.index: answer for answer in engine.as_completed()}
    assert answers[0].result == 2
    assert answers[2].result == 6
    assert answers[1].error == "ValueError: no luck"


def test_cancelled_tasks_are_not_answered(engine):
    engine.submit(0, double, 1)
    engine.cancel()
    assert [answer.index for answer in engine.as_completed() if not answer.error] == []


def test_a_task_that_kills_its_worker_is_given_up_and_the_others_go_on():
    engine = DaskEngine(2)
    try:
        engine.submit(0, die, None)
        for index in range(1, 5):
            engine.submit(index, double, index)
        answers = {answer.index: answer for answer in engine.as_completed()}
    finally:
        engine.close()
    assert "KilledWorker" in answers[0].error
    assert [answers[index].result for index in range(1, 5)] == [2, 4, 6, 8]
