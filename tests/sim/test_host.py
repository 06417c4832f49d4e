"""The modelled host: when jobs start and finish, what is lost, what a watchdog and a crash do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.vocabulary import HostEventKind, Protection, Queue, QueuePolicy, Resource, topics
from tests.sim.pipelines import MS, FixedCosts, profile, rig, stage


def test_a_job_takes_its_cost_and_its_output_appears_at_finished():
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,))], {"a": 3.0})
    r.send(10)
    r.run(100)
    assert r.jobs_ms() == [("a", 10.0, 13.0)]
    assert [message.published_at for message in r.out] == [13 * MS]
    assert r.out[0].ledger[0].finished_at == 13 * MS


def test_a_chain_carries_the_slot_and_the_whole_waterfall():
    r = rig([stage("a", (topics.RADAR,), ("mid",)), stage("b", ("mid",), (topics.DECISION,))], {"a": 2.0, "b": 1.0})
    r.send(10, true_at_ms=4)
    r.run(100)
    message = r.out[0]
    assert message.true_at == 4 * MS
    assert [stamp.stage for stamp in message.ledger] == ["a", "b"]
    assert [stamp.finished_at for stamp in message.ledger] == [12 * MS, 13 * MS]


def test_a_more_urgent_stage_takes_the_core_and_only_the_end_of_the_other_moves():
    pipeline = [stage("slow", (topics.CAMERA,), priority=5), stage("urgent", (topics.RADAR,), priority=1)]
    r = rig(pipeline, {"slow": 10.0, "urgent": 4.0})
    r.send(0, topics.CAMERA)
    r.send(3, topics.RADAR)
    r.run(100)
    assert sorted(r.jobs_ms()) == [("slow", 0.0, 14.0), ("urgent", 3.0, 7.0)]


def test_two_cores_run_two_jobs_at_once():
    pipeline = [stage("a", (topics.RADAR,)), stage("b", (topics.RADAR,)), stage("c", (topics.RADAR,))]
    r = rig(pipeline, {"a": 5.0, "b": 7.0, "c": 1.0}, profile(cores=2))
    r.send(0)
    r.run(100)
    assert sorted(r.jobs_ms()) == [("a", 0.0, 5.0), ("b", 0.0, 7.0), ("c", 5.0, 6.0)]


def test_an_accelerator_job_is_not_pre_empted():
    pipeline = [
        stage("net", (topics.CAMERA,), resource=Resource.ACCELERATOR, priority=9),
        stage("other_net", (topics.RADAR,), resource=Resource.ACCELERATOR, priority=0),
    ]
    r = rig(pipeline, {"net": 10.0, "other_net": 2.0}, profile(accelerator=True))
    r.send(0, topics.CAMERA)
    r.send(1, topics.RADAR)
    r.run(100)
    assert sorted(r.jobs_ms()) == [("net", 0.0, 10.0), ("other_net", 10.0, 12.0)]


def test_the_quota_stops_all_cores_until_the_next_multiple_of_its_period():
    r = rig([stage("a", (topics.RADAR,))], {"a": 12.0}, profile(quota=(5.0, 20.0)))
    r.send(18)
    r.run(200)
    # 2 ms in [18, 20), 5 ms in [20, 25), 5 ms in [40, 45)
    assert r.jobs_ms() == [("a", 18.0, 45.0)]


def test_a_hot_device_takes_longer_in_proportion():
    r = rig([stage("a", (topics.RADAR,))], {"a": 10.0}, profile(thermal=((0.5, 1000.0),)))
    r.send(0)
    r.run(100)
    assert r.jobs_ms() == [("a", 0.0, 20.0)]


def test_latest_only_keeps_the_newest_and_counts_the_rest():
    queue = Queue(policy=QueuePolicy.LATEST_ONLY, depth=1)
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,), queue=queue)], {"a": 10.0})
    for k in range(5):
        r.send(k, true_at_ms=k)
    r.run(100)
    account = r.host.accounts()[0]
    assert (account.released, account.finished, account.dropped) == (5, 2, 3)
    assert [message.true_at / MS for message in r.out] == [0, 4]


def test_a_blocking_queue_holds_its_feeder_back_and_loses_nothing():
    pipeline = [
        stage("feeder", (topics.RADAR,), ("mid",)),
        stage("slow", ("mid",), queue=Queue(policy=QueuePolicy.BLOCK, depth=1), priority=0),
    ]
    r = rig(pipeline, {"feeder": 1.0, "slow": 10.0}, profile(cores=2))
    for k in range(5):
        r.send(k)
    r.run(200)
    feeder, slow = r.host.accounts()
    assert (slow.released, slow.finished, slow.dropped) == (5, 5, 0)
    assert feeder.finished == 5
    starts = [start for _, start, _ in r.jobs_ms("feeder")]
    assert starts[:2] == [0.0, 1.0]
    assert starts[3] >= 11.0


def test_a_blocking_queue_cannot_be_fed_by_a_sensor():
    with pytest.raises(ValueError, match="cannot block"):
        rig([stage("a", (topics.RADAR,), queue=Queue(policy=QueuePolicy.BLOCK, depth=1))], {"a": 1.0})


def test_the_watchdog_ends_a_hung_job_which_publishes_nothing_and_keeps_the_old_state():
    costs = FixedCosts({"a": 1.0})
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,), watchdog_ns=50 * MS)], costs)
    r.send(0)
    r.clock.at(9 * MS, 0, 0, lambda: costs.hangs.add("a"))
    r.send(10)
    r.clock.at(20 * MS, 0, 0, costs.hangs.clear)
    r.send(70)
    r.run(200)
    assert [message.payload for message in r.out] == [0, 1]
    assert [(event.kind, event.at / MS) for event in r.log.events] == [(HostEventKind.STAGE_KILLED, 60.0)]
    assert r.host.accounts()[0].killed == 1


def test_without_protection_a_hung_job_stays():
    costs = FixedCosts({"a": 1.0}, hangs=("a",))
    r = rig([stage("a", (topics.RADAR,), watchdog_ns=50 * MS)], costs, protection=Protection.UNPROTECTED)
    r.send(0)
    r.send(100)
    r.run(1000)
    account = r.host.accounts()[0]
    assert (account.finished, account.killed, account.pending) == (0, 0, 2)
    assert r.log.events == []


def test_a_crash_forgets_every_state_and_the_stack_is_back_after_the_restart_time():
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,))], {"a": 5.0}, profile(restart_ms=100.0))
    for at_ms in (0, 10, 20, 50, 130):
        r.send(at_ms)
    r.clock.at(22 * MS, 6, 0, lambda: r.host.crash(22 * MS))
    r.run(300)
    assert [message.payload for message in r.out] == [0, 1, 0]
    assert [(event.kind, event.at / MS) for event in r.log.events] == [(HostEventKind.STACK_RESTARTED, 122.0)]


def test_without_protection_a_crashed_stack_stays_down():
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,))], {"a": 5.0}, protection=Protection.UNPROTECTED)
    r.clock.at(1 * MS, 6, 0, lambda: r.host.crash(1 * MS))
    r.send(500)
    r.run(1000)
    assert r.out == []


def test_a_late_job_is_a_deadline_miss_and_the_stack_hears_of_it():
    pipeline = [stage("a", (topics.RADAR,), budget_ns=4 * MS), stage("m", (topics.HOST_EVENTS,), (topics.DECISION,))]
    r = rig(pipeline, {"a": 5.0, "m": 1.0})
    r.send(0)
    r.run(100)
    assert [event.kind for event in r.log.events] == [HostEventKind.DEADLINE_MISSED]
    assert len(r.out) == 1
    assert r.host.accounts()[0].deadline_misses == 1


def test_a_timer_releases_an_idle_stage():
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,), every_ns=50 * MS)], {"a": 1.0})
    r.run(220)
    assert [message.true_at / MS for message in r.out] == [50, 100, 150, 200]


def test_what_a_timer_decides_rests_on_the_latest_data_and_says_so():
    pipeline = [stage("a", (topics.RADAR,), ("mid",)), stage("b", ("mid",), (topics.DECISION,), every_ns=50 * MS)]
    r = rig(pipeline, {"a": 2.0, "b": 1.0})
    r.send(10, true_at_ms=4)
    r.run(80)
    by_data, by_timer = r.out
    assert by_timer.true_at == by_data.true_at == 4 * MS
    assert [stamp.stage for stamp in by_timer.ledger] == ["a", "b"]
    assert by_timer.ledger[-1].released_at == 50 * MS


def test_a_batch_stage_takes_all_that_waits():
    taken = []

    def step(state, given):
        taken.append(len(given.messages))
        return state, ()

    r = rig([stage("a", (topics.RADAR,), step=step, batch=True)], {"a": 10.0})
    for at_ms in (0, 1, 2, 3):
        r.send(at_ms)
    r.run(100)
    assert taken == [1, 3]


def test_nothing_is_published_after_close():
    r = rig([stage("a", (topics.RADAR,), (topics.DECISION,))], {"a": 5.0})
    r.send(0)
    r.clock.at(2 * MS, 6, 0, r.host.close)
    r.run(100)
    r.host.close()
    assert r.out == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 80), st.sampled_from([topics.RADAR, topics.CAMERA])), max_size=25),
    st.integers(1, 3),
    st.sampled_from(list(QueuePolicy)),
    st.integers(1, 3),
    st.integers(0, 90),
)
def test_messages_are_conserved_whatever_arrives_and_crashes(arrivals, depth, policy, cores, crash_ms):
    inner = Queue(policy=policy, depth=depth)
    outer = Queue(policy=QueuePolicy.DROP_OLDEST, depth=depth)
    pipeline = [
        stage("a", (topics.RADAR, topics.CAMERA), ("mid",), queue=outer, watchdog_ns=6 * MS),
        stage("b", ("mid",), (topics.DECISION,), queue=inner, priority=2),
    ]
    r = rig(pipeline, {"a": 4.0, "b": 7.0}, profile(cores=cores, quota=(9.0, 10.0), restart_ms=20.0))
    for at_ms, topic in arrivals:
        r.send(at_ms, topic)
    r.clock.at(crash_ms * MS, 6, 0, lambda: r.host.crash(crash_ms * MS))
    for until_ms in (33, 61, 400):
        r.run(until_ms)
        for account in r.host.accounts():
            assert account.released == account.finished + account.dropped + account.killed + account.pending
            assert account.pending <= depth + 1


def test_ledger_instants_are_in_order_for_every_job():
    pipeline = [stage("a", (topics.RADAR,), ("mid",), priority=3), stage("b", ("mid",), priority=1)]
    r = rig(pipeline, {"a": 4.0, "b": 2.0}, profile(quota=(7.0, 10.0)))
    for at_ms in range(0, 60, 3):
        r.send(at_ms)
    r.run(300)
    assert len(r.log.jobs) > 10
    for _, released_at, started_at, finished_at in r.log.jobs:
        assert released_at <= started_at < finished_at
