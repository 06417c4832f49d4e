import gzip
import json
import os
from collections import defaultdict

import pytest

from scenarios.logbook.chrome import LANES, TraceSheet, trace_bytes
from scenarios.logbook.trace import SUFFIX, trace_document, write_trace
from stack.vocabulary import HostEventKind, InputError

NEEDS = {
    "M": {"name", "pid", "tid", "args"},
    "X": {"name", "pid", "tid", "ts", "dur"},
    "C": {"name", "pid", "ts", "args"},
    "i": {"name", "pid", "tid", "ts", "s"},
    "s": {"name", "cat", "id", "pid", "tid", "ts"},
    "t": {"name", "cat", "id", "pid", "tid", "ts"},
    "f": {"name", "cat", "id", "pid", "tid", "ts", "bp"},
}


def traced(run):
    return trace_document(run.played.record)["traceEvents"]


def slices(events):
    """Slices by thread, in order of time."""
    found = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            found[event["pid"], event["tid"]].append(event)
    return found


def names(events, kind):
    return {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["name"] == kind}


def check_format(events):
    for event in events:
        assert event["ph"] in NEEDS, event
        assert NEEDS[event["ph"]] <= set(event), event
        assert event.get("ts", 0) >= 0
        assert event.get("dur", 0) >= 0
    timed = [event["ts"] for event in events if event["ph"] != "M"]
    assert timed == sorted(timed)
    first_timed = next(index for index, event in enumerate(events) if event["ph"] != "M")
    assert all(event["ph"] != "M" for event in events[first_timed:])
    named = names(events, "thread_name")
    for thread, row in slices(events).items():
        assert thread in named
        for one, after in zip(row, row[1:], strict=False):
            assert one["ts"] + one["dur"] <= after["ts"] + 1e-6, "slices of one thread must not overlap"


@pytest.mark.parametrize("faults", [(), ("perception_hangs",), ("stack_crashes_while_braking",)], ids="+".join)
def test_the_trace_keeps_the_rules_of_its_format(record, faults):
    check_format(traced(record(*faults)))


@pytest.mark.parametrize("faults", [(), ("perception_hangs",)], ids="+".join)
def test_arrows_have_a_beginning_an_end_and_sit_on_slices(record, faults):
    events = traced(record(*faults))
    flows = defaultdict(list)
    for event in events:
        if event["ph"] in ("s", "t", "f"):
            flows[event["id"]].append(event)
    assert flows
    threads = slices(events)
    for steps in flows.values():
        assert [step["ph"] for step in steps] == ["s", *["t"] * (len(steps) - 2), "f"]
        assert len({(step["name"], step["cat"]) for step in steps}) == 1
        for step in steps:
            row = threads[step["pid"], step["tid"]]
            assert any(one["ts"] <= step["ts"] <= one["ts"] + one["dur"] for one in row), step


def test_the_way_to_the_brakes_passes_every_stage_of_the_ledger(plain_run):
    events = traced(plain_run)
    tracks = names(events, "thread_name")
    record = plain_run.played.record
    opener = next(ledger for ledger in record.requests if ledger.onset_at >= 0)
    flow = [event for event in events if event["ph"] in ("s", "t", "f") and event["name"] == "to the brakes"]
    way = [tracks[event["pid"], event["tid"]] for event in flow]
    stages = [stamp.stage for stamp in opener.message.ledger]
    assert way == ["radar", *stages, "brakes: command", "brakes: dead time", "brakes: build-up until felt"]
    assert flow[0]["ts"] * 1000 == opener.message.true_at
    assert flow[-1]["ts"] * 1000 == opener.onset_at


def test_every_job_is_a_slice_with_its_own_instants(record):
    written = record("perception_hangs")
    told = written.played.record
    events = traced(written)
    tracks, processes = names(events, "thread_name"), names(events, "process_name")
    drawn = {
        (tracks[event["pid"], event["tid"]], round(event["ts"] * 1000)): event
        for event in events
        if event["ph"] == "X" and processes[event["pid"], 0] == "stages"
    }
    assert len(drawn) == len(told.jobs)
    for job in told.jobs:
        event = drawn[job.stage, job.started_at]
        if job.finished_at >= 0:
            assert round(event["dur"] * 1000) == job.finished_at - job.started_at
    killed = [event for event in drawn.values() if "ended before it finished" in event["name"]]
    kills = [event for event in told.host_events if event.kind is HostEventKind.STAGE_KILLED]
    assert {round((event["ts"] + event["dur"]) * 1000) for event in killed} >= {int(event.at) for event in kills}
    assert kills


def test_faults_modes_and_misses_are_marked(record):
    written = record("perception_hangs")
    told, events = written.played.record, traced(written)
    fault = next(event for event in events if event["ph"] == "X" and event["name"] == "perception_hangs")
    assert round(fault["ts"] * 1000) == told.faults[0].opened_at
    modes = [event["name"] for event in events if event["ph"] == "X" and event["name"] in _modes(told)]
    assert modes == ["nominal", *(one.payload.after.value for one in told.modes)]
    marks = [event for event in events if event["ph"] == "i"]
    for kind in {event.kind for event in told.host_events}:
        drawn = sum(1 for event in marks if event["name"] == kind.value)
        assert drawn == sum(1 for event in told.host_events if event.kind is kind)


def _modes(record):
    return {"nominal", *(one.payload.after.value for one in record.modes)}


def test_counters_follow_the_truth(plain_run):
    record = plain_run.played.record
    speeds = [event["args"]["value"] for event in traced(plain_run) if event["name"] == "speed, m/s"]
    assert speeds == record.truth[:, 0, 3].tolist()


def test_equal_runs_give_equal_bytes(plain_run, tmp_path):
    again = plain_run.prepared.play().record
    first = write_trace(plain_run.played.record, tmp_path / f"one{SUFFIX}")
    second = write_trace(again, tmp_path / "deeper" / f"two{SUFFIX}")
    assert first.read_bytes() == second.read_bytes()
    document = json.loads(gzip.decompress(first.read_bytes()))
    assert document["otherData"]["record_hash"] == again.record_hash
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["deeper", f"one{SUFFIX}"]


def test_a_place_that_cannot_hold_the_trace_is_refused_and_nothing_stays(plain_run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="trace: cannot be written"):
        write_trace(plain_run.played.record, tmp_path / "file" / "x.json.gz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="trace: cannot be written"):
        write_trace(plain_run.played.record, tmp_path / "folder")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_slices_of_one_track_that_overlap_get_lanes_of_their_own():
    sheet = TraceSheet()
    for begins in range(0, 50, 10):
        sheet.slice("bus", "wire", f"message {begins}", begins, begins + 25)
    events = sheet.document({})["traceEvents"]
    check_format(events)
    assert len(slices(events)) == 3
    assert sorted(names(events, "thread_name").values()) == ["wire", "wire (2)", "wire (3)"]


def test_more_at_once_than_there_are_lanes_still_nest():
    sheet = TraceSheet()
    for begins in range(LANES + 9):
        sheet.slice("bus", "wire", "message", begins * 10, 100_000)
    check_format(sheet.document({})["traceEvents"])


def test_an_arrow_with_one_end_is_none():
    sheet = TraceSheet()
    sheet.flow("lost", [sheet.slice("bus", "wire", "message", 0, 5)])
    assert [event["ph"] for event in sheet.document({})["traceEvents"] if event["ph"] != "M"] == ["X"]
    assert gzip.decompress(trace_bytes(sheet.document({}))).startswith(b'{"displayTimeUnit":"ms"')
