"""The reference pipeline: a table that is whole, closed and in order."""

from collections import Counter

import pytest

from stack.pipeline import TABLE, reference_pipeline
from stack.vocabulary import InputError, Resource, topics
from tests.stack.readings import briefing

ROWS = reference_pipeline(briefing())


def test_every_line_of_the_table_is_one_stage_in_the_order_data_flow() -> None:
    assert [row.name for row in ROWS] == list(TABLE)


def test_rows_carry_the_tables_numbers() -> None:
    for row in ROWS:
        line = TABLE[row.name]
        assert (row.budget_ns, row.watchdog_ns) == (line.budget_ms * 1_000_000, line.watchdog_ms * 1_000_000)
        assert (row.priority, row.queue.policy, row.queue.depth) == (line.priority, line.policy, line.depth)
        assert row.watchdog_ns > row.budget_ns > 0
        assert row.queue.depth >= 1


def test_everything_a_stage_waits_for_is_published_by_one_stage_or_comes_from_outside() -> None:
    makers = Counter(topic for row in ROWS for topic in row.publishes)
    assert all(count == 1 for count in makers.values())
    for row in ROWS:
        for topic in (*row.triggers, *row.reads):
            assert (topic in makers) != (topic in topics.INPUTS), topic


def test_all_that_the_stack_promises_to_the_outside_is_published_and_all_that_comes_in_is_used() -> None:
    published = {topic for row in ROWS for topic in row.publishes}
    used = {topic for row in ROWS for topic in (*row.triggers, *row.reads)}
    assert set(topics.OUTPUTS) <= published
    assert set(topics.INPUTS) <= used


def test_what_is_nearer_to_the_brakes_runs_first() -> None:
    ranks = {row.name: row.priority for row in ROWS}
    assert len(set(ranks.values())) == len(ranks)
    assert (
        ranks["actuation"]
        < ranks["decision"]
        < min(rank for name, rank in ranks.items() if name not in ("actuation", "decision"))
    )
    assert [row.name for row in ROWS if row.resource is Resource.ACCELERATOR] == ["camera_objects"]


def test_states_are_fresh_values() -> None:
    for row in ROWS:
        assert row.initial() == row.initial()


def test_settings_of_no_stage_and_unknown_settings_of_a_stage_are_refused() -> None:
    with pytest.raises(InputError, match="trakcing.gate"):
        reference_pipeline(briefing(trakcing__gate=9.0))
    with pytest.raises(InputError, match=r"did you mean tracking\.gate\?"):
        reference_pipeline(briefing(tracking__gat=9.0))
    assert reference_pipeline(briefing(tracking__gate=9.0))
