"""Every Host, whatever its time comes from, keeps the port's promises."""

import pytest

from hil.measured import MeasuredCosts
from hil.stored import StoredCosts
from sim.costs import ModelledCosts
from stack.vocabulary import MachineryError, topics
from tests.sim.pipelines import MS, profile, rig, stage


def chain():
    return [stage("a", (topics.RADAR,), ("mid",)), stage("b", ("mid",), (topics.DECISION,))]


ADAPTERS = {
    "modelled": lambda: ModelledCosts(profile(), seed=3),
    "measured": lambda: MeasuredCosts(factor=100.0),
    "stored": lambda: StoredCosts([700_000] * 1000),
}


@pytest.fixture(params=sorted(ADAPTERS))
def host_rig(request):
    return rig(chain(), ADAPTERS[request.param]())


def test_outputs_appear_at_finished_in_order_with_growing_sequence(host_rig):
    for at_ms in range(0, 500, 50):
        host_rig.send(at_ms)
    host_rig.run(1000)
    assert [message.payload for message in host_rig.out] == list(range(10))
    assert [message.sequence for message in host_rig.out] == list(range(10))
    for message in host_rig.out:
        assert message.published_at == message.ledger[-1].finished_at
        assert message.ledger[0].finished_at <= message.ledger[1].released_at


def test_one_job_per_stage_at_a_time(host_rig):
    for at_ms in range(40):
        host_rig.send(at_ms / 10)
    host_rig.run(1000)
    for name in ("a", "b"):
        jobs = sorted(host_rig.jobs_ms(name), key=lambda job: job[1])
        assert all(before[2] <= after[1] for before, after in zip(jobs, jobs[1:], strict=False))


def test_nothing_runs_while_the_stack_is_down_and_states_are_fresh_after(host_rig):
    host_rig.send(0)
    host_rig.send(50)
    host_rig.clock.at(100 * MS, 6, 0, lambda: host_rig.host.crash(100 * MS))
    host_rig.send(150)
    host_rig.send(300)
    host_rig.run(500)
    assert [message.payload for message in host_rig.out] == [0, 1, 0]


def test_books_are_conserved(host_rig):
    for at_ms in range(0, 30):
        host_rig.send(at_ms / 3)
    host_rig.run(3)
    for account in host_rig.host.accounts():
        assert account.released == account.finished + account.dropped + account.killed + account.pending


def test_closing_twice_is_allowed_and_silences(host_rig):
    host_rig.host.close()
    host_rig.host.close()
    host_rig.send(10)
    host_rig.run(100)
    assert host_rig.out == []


def test_a_measured_run_is_repeated_exactly_by_its_stored_costs():
    measured = MeasuredCosts(factor=100.0)
    first = rig(chain(), measured)
    second = rig(chain(), StoredCosts(measured.costs_ns))
    for r in (first, second):
        for at_ms in range(0, 500, 50):
            r.send(at_ms)
        r.run(1000)
    assert first.log.jobs == second.log.jobs
    assert first.out == second.out


def test_a_record_of_another_run_is_refused():
    r = rig(chain(), StoredCosts([1000]))
    r.send(0)
    with pytest.raises(MachineryError, match="another run"):
        r.run(100)


def test_modelled_costs_know_only_the_slot():
    costs = ModelledCosts(profile(), seed=3)
    alone = rig(chain(), costs)
    alone.send(100, true_at_ms=90)
    alone.run(300)
    crowded = rig(chain(), ModelledCosts(profile(), seed=3))
    crowded.send(0, true_at_ms=0)
    crowded.send(100, true_at_ms=90)
    crowded.run(300)
    assert alone.log.jobs[0] == next(job for job in crowded.log.jobs if job[1] == 100 * MS)
