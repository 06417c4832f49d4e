"""The deciding message's journey."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.waterfalls import deciding_request, waterfall
from stack.vocabulary import SimNs, StageStamp, ns_from_s
from tests.analysis.records import build


def test_the_rows_lead_from_exposure_to_felt_braking_without_a_hole():
    record = build()
    rows = waterfall(record)
    entry = deciding_request(record)
    assert rows[0].from_ns == entry.message.true_at
    assert rows[-1].to_ns == entry.felt_at
    for before, after in zip(rows, rows[1:], strict=False):
        assert before.to_ns == after.from_ns


def test_the_rows_are_named_after_the_parts_of_the_journey():
    labels = [row.label for row in waterfall(build())]
    assert labels[:2] == ["radar: exposure to publication", "radar: transport"]
    assert labels[2:4] == ["ingest: queue", "ingest: run"]
    assert labels[-4:] == [
        "command: transport",
        "actuator: acceptance",
        "brakes: dead time",
        "brakes: build-up to half",
    ]


def test_durations_are_those_of_the_ledger():
    rows = {row.label: row.to_ns - row.from_ns for row in waterfall(build())}
    assert rows["radar: transport"] == 10_000_000
    assert rows["tracking: run"] == 4_000_000
    assert rows["brakes: dead time"] == 200_000_000


def test_without_braking_there_is_no_deciding_message():
    record = build(brake_s=-1.0)
    assert deciding_request(record) is None
    assert waterfall(record) == ()


def test_the_request_that_opened_the_episode_decides_even_if_it_asked_for_less():
    record = build()
    opener = deciding_request(record)
    weaker = tuple(
        replace(entry, demand_mps2=2.0) if entry.message.sequence == opener.message.sequence else entry
        for entry in record.requests
    )
    assert deciding_request(replace(record, requests=weaker)).message.sequence == opener.message.sequence


def test_partial_braking_alone_has_a_deciding_message_too():
    assert deciding_request(build(demand_mps2=2.0)).applied_at == ns_from_s(4.5)


def test_a_wait_between_two_stages_is_shown():
    record = build()
    opener = deciding_request(record)
    stamps = opener.message.ledger
    late = StageStamp(
        stage="risk",
        released_at=SimNs(stamps[2].finished_at + 1_000_000),
        started_at=SimNs(stamps[2].finished_at + 1_000_000),
        finished_at=SimNs(stamps[2].finished_at + 2_000_000),
    )
    message = replace(opener.message, ledger=(*stamps[:3], late))
    changed = tuple(replace(e, message=message) if e is opener else e for e in record.requests)
    rows = {row.label: row for row in waterfall(replace(record, requests=changed))}
    assert rows["wait for risk"].to_ns - rows["wait for risk"].from_ns == 1_000_000
    assert rows["wait for risk"].kind == "queue"


def test_brakes_that_never_acted_end_the_waterfall_at_the_actuator():
    record = build()
    opener = deciding_request(record)
    dead = replace(opener, onset_at=SimNs(-1), felt_at=SimNs(-1))
    changed = tuple(dead if e is opener else e for e in record.requests)
    assert waterfall(replace(record, requests=changed))[-1].label == "actuator: acceptance"


def test_without_the_sensor_message_the_stages_still_stand():
    rows = waterfall(replace(build(), sensed=()))
    assert rows[0].label == "ingest: queue"


@settings(max_examples=15, deadline=None)
@given(st.floats(2.5, 6.0))
def test_spans_are_never_negative_whenever_braking_begins(brake_s):
    assert all(row.to_ns >= row.from_ns for row in waterfall(build(brake_s=brake_s)))
