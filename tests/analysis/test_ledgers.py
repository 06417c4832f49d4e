"""Latency statistics and the age of information."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.ledgers import age_of_information, latencies, statistics
from stack.vocabulary import SimNs
from tests.analysis.records import build

few = settings(max_examples=50, deadline=None)


def test_quantiles_are_values_that_occurred():
    found = latencies(range(1, 101))
    assert (found.count, found.p50_ns, found.p99_ns, found.max_ns) == (100, 50, 99, 100)
    assert latencies([7]).p50_ns == latencies([7]).p99_ns == 7


def test_no_span_has_no_quantile():
    assert latencies([]).count == 0
    assert latencies([]).max_ns == -1


@few
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_quantiles_are_in_order_and_know_no_order(spans):
    found = latencies(spans)
    assert found == latencies(reversed(spans))
    assert min(spans) <= found.p50_ns <= found.p99_ns <= found.max_ns == max(spans)
    assert {found.p50_ns, found.p99_ns} <= set(spans)
    assert sum(span <= found.p50_ns for span in spans) * 2 >= len(spans)


def test_a_stages_total_is_waiting_plus_running():
    (stage,) = statistics(build()).stages
    assert stage.stage == "tracking"
    assert stage.waiting.max_ns == 500_000
    assert stage.running.max_ns == 4_900_000
    assert stage.total.max_ns == 5_400_000
    assert stage.total.p50_ns == 4_900_000


def test_jobs_that_never_finished_have_no_latency():
    record = build()
    (stage,) = statistics(record).stages
    assert stage.total.count == len(record.jobs) - 1


def test_books_of_the_host_are_kept_as_they_are():
    found = statistics(build())
    (stage,) = found.stages
    assert (stage.dropped, stage.killed, stage.pending, stage.deadline_misses) == (2, 1, 1, 5)
    assert stage.miss_ratio == pytest.approx(0.05)
    assert (found.deadline_misses, found.dropped) == (5, 2)


def test_a_stage_that_was_never_released_missed_nothing():
    record = build()
    idle = replace(record.accounts[0], released=0, deadline_misses=0)
    assert statistics(replace(record, accounts=(idle,))).stages[0].miss_ratio == 0.0


def test_end_to_end_is_exposure_to_each_effect():
    paths = dict(statistics(build()).paths)
    assert paths["exposure to brakes"].p50_ns == 39_000_000
    assert paths["exposure to brake onset"].max_ns == 239_000_000
    assert paths["exposure to felt braking"].max_ns == 440_000_000
    assert paths["exposure to driver warned"].max_ns == 140_000_000


def test_transports_are_told_by_topic():
    transports = dict(statistics(build()).transports)
    assert transports["radar"].p99_ns == 15_000_000
    assert transports["camera"].p99_ns == 40_000_000


def test_age_is_a_saw_tooth():
    # used at 10 with data of 0, then at 20 with data of 10, until 30: age runs from 10 to 20, twice
    found = age_of_information([(SimNs(10), SimNs(0)), (SimNs(20), SimNs(10))], SimNs(30))
    assert found.mean_ns == pytest.approx(15.0)
    assert found.peak_ns == 20.0
    assert found.p99_ns == pytest.approx(19.9)


def test_older_data_arriving_later_does_not_make_the_age_grow():
    found = age_of_information([(SimNs(10), SimNs(5)), (SimNs(20), SimNs(0))], SimNs(30))
    assert found.peak_ns == 25.0


def test_without_time_there_is_no_age():
    assert age_of_information([], SimNs(30)) is None
    assert age_of_information([(SimNs(30), SimNs(0))], SimNs(30)) is None


updates = st.lists(st.tuples(st.integers(100, 1000), st.integers(0, 100)), min_size=1, max_size=20)


@few
@given(updates, st.integers(1001, 2000))
def test_the_age_is_that_of_a_dense_sampling(pairs, until):
    found = age_of_information([(SimNs(at), SimNs(true)) for at, true in pairs], SimNs(until))
    begin = min(at for at, _true in pairs)
    ages = [at + 0.5 - max(true for used, true in pairs if used <= at) for at in range(begin, until)]
    assert found.mean_ns == pytest.approx(sum(ages) / len(ages), abs=0.6)
    assert found.peak_ns == pytest.approx(max(ages) + 0.5)
    assert found.p99_ns == pytest.approx(sorted(ages)[int(0.99 * len(ages))], abs=2.0)
    assert found.mean_ns <= found.p99_ns + 1e-9 or len(ages) < 3
    assert found.p99_ns <= found.peak_ns


def test_the_command_age_grows_when_commands_stop():
    record = build()
    half = replace(record, requests=record.requests[: len(record.requests) // 2])
    assert statistics(half).command_age.peak_ns > 4e9 > statistics(record).command_age.peak_ns


def test_without_commands_there_is_no_command_age():
    assert statistics(replace(build(), requests=())).command_age is None
