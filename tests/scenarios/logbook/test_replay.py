import json
from dataclasses import replace
from math import nextafter

import pytest

from scenarios.logbook import contents
from scenarios.logbook.comparing import Aspect, compared
from scenarios.logbook.reading import read_tolerant
from scenarios.logbook.replay import replayed
from scenarios.logbook.tape import Tape
from scenarios.logbook.telling import replay_document, told_replay
from sim.digest import encode
from stack.vocabulary import BrakeRequest, InputError, Message, Protection, SimNs, topics

BRAKE_AT = "stack.decision.brake_at_mps2"


@pytest.mark.parametrize(
    "faults",
    [
        (),
        ("camera_freezes",),  # in the deliveries
        ("perception_hangs",),  # in the costs, with kills by the watchdog
        ("stack_crashes_while_braking",),  # at the host, on a condition of the truth
        ("radar_drops_one_in_ten", "compute_is_overloaded"),
    ],
    ids="+".join,
)
def test_the_same_code_gives_the_same_outputs_to_the_last_bit(record, faults):
    written = record(*faults)
    result = replayed(written.path)
    told = written.played.record
    assert result.differences == ()
    assert result.inside == ()
    assert result.exit_code == 0
    by_topic = {count.topic: count.recorded for count in result.counts}
    assert by_topic[topics.BRAKE_REQUEST] == len(told.requests)
    assert by_topic[topics.DECISION] == len(told.decisions) > 0
    assert by_topic[topics.DIAGNOSIS] == len(told.diagnoses)
    assert by_topic[topics.HOST_EVENTS] == len(told.host_events)
    assert result.fed == len(told.sensed)
    assert told_replay(result)[0].startswith("SAME    truck_meets_stationary_car")


def test_replay_computes_rather_than_copies(record):
    """The replayed outputs are other objects, made by a stack, with the ledgers of its own jobs."""
    written = record("camera_freezes")
    result = replayed(written.path)
    requests = [message for message in result.replayed if message.topic == topics.BRAKE_REQUEST]
    assert all(len(message.ledger) > 3 for message in requests)
    assert [encode(one) for one in requests] == [encode(ledger.message) for ledger in written.played.record.requests]


@pytest.mark.parametrize(
    ("request_changes", "ending"),
    [
        ({"overrides": {"limit_s": 7.0}}, "timed_out"),
        ({"protection": Protection.UNPROTECTED}, "contact"),
        ({"stack": "delayed"}, ""),
        ({"profile": "edge_soc_hot"}, ""),
    ],
    ids=["timed out", "unprotected", "another stack", "another device"],
)
def test_runs_that_end_or_compute_otherwise_replay_as_well(record, request_changes, ending):
    written = record("perception_hangs", **request_changes)
    assert not ending or written.played.record.ending.value == ending
    assert replayed(written.path).differences == ()


def test_a_measured_run_replays_with_the_costs_it_was_charged(record):
    written = record(host="measured", measured_factor=2.0)
    assert written.played.costs_ns
    assert replayed(written.path).same
    with pytest.raises(InputError, match="ran on measured time: its costs belong to the jobs of its own settings"):
        replayed(written.path, sets=(f"{BRAKE_AT}=4",))


# -- a changed threshold ------------------------------------------------------------------------


def test_a_threshold_changed_by_nothing_changes_nothing_and_by_one_bit_is_seen(plain_run):
    full = next(one for one in plain_run.played.record.decisions if one.payload.stage.value == "full")
    in_force = full.payload.evidence.threshold.value
    assert replayed(plain_run.path, sets=(f"{BRAKE_AT}={in_force!r}",)).same
    by_a_bit = replayed(plain_run.path, sets=(f"{BRAKE_AT}={nextafter(in_force, 9.0)!r}",))
    assert {one.aspect for one in by_a_bit.differences} == {Aspect.WHY}
    assert any(repr(in_force) in line for line in told_replay(by_a_bit))


def test_a_changed_threshold_is_found_in_exactly_the_decisions_it_touches(plain_run):
    result = replayed(plain_run.path, sets=(f"{BRAKE_AT}=5.2",))
    assert result.exit_code == 1
    recorded_full = next(one for one in plain_run.played.record.decisions if one.payload.stage.value == "full")
    replayed_full = next(
        one for one in result.replayed if one.topic == topics.DECISION and one.payload.stage.value == "full"
    )
    assert replayed_full.published_at > recorded_full.published_at
    assert recorded_full.payload.evidence.threshold.value < 5.2
    assert replayed_full.payload.evidence.threshold.value == 5.2
    assert _required(replayed_full) >= 5.2 > _required(recorded_full)
    requests = [one for one in result.differences if one.topic == topics.BRAKE_REQUEST]
    assert requests
    assert all(one.aspect is Aspect.WHAT for one in requests)
    # Requests differ while one side brakes and the other not yet fully, and at no other time.
    ramp_ns = 100_000_000
    assert all(recorded_full.published_at <= one.at <= replayed_full.published_at + ramp_ns for one in requests)
    first_cause = min(one.at for one in result.differences)
    assert all(one.at >= first_cause for one in result.inside)


def _required(decision):
    return next(one.value for one in decision.payload.evidence.saw if one.name == "required deceleration")


def test_the_differences_are_those_of_two_lists_compared_by_hand(plain_run):
    result = replayed(plain_run.path, sets=(f"{BRAKE_AT}=5.2",))
    for count in result.counts:
        before = {encode(one) for one in result.recorded if one.topic == count.topic}
        after = {encode(one) for one in result.replayed if one.topic == count.topic}
        ours = [one for one in result.differences if one.topic == count.topic]
        assert {encode(one.recorded) for one in ours if one.recorded is not None} == before - after
        assert {encode(one.replayed) for one in ours if one.replayed is not None} == after - before


def test_a_threshold_that_decides_nothing_here_shows_no_difference(plain_run):
    assert replayed(plain_run.path, sets=("stack.decision.hold_demand_mps2=3.5",)).same


def test_the_lines_name_the_threshold_that_decided(plain_run):
    result = replayed(plain_run.path, sets=(f"{BRAKE_AT}=5.2",))
    lines = told_replay(result)
    assert lines[0].startswith("DIFFERS truck_meets_stationary_car#1")
    text = "\n".join(lines)
    assert "required deceleration that starts full braking 4.41 m/s²" in text
    assert "required deceleration that starts full braking 5.20 m/s²" in text
    assert "messages  brake_request" in text
    assert "the first difference between stages: manoeuvre" in text
    reasons = told_replay(replayed(plain_run.path, sets=(f"{BRAKE_AT}=4.40",)))
    assert any(
        "required deceleration that starts full braking 4.41 m/s² recorded, 4.4 replayed" in row for row in reasons
    )


def test_the_document_holds_every_difference_and_is_json(plain_run):
    result = replayed(plain_run.path, sets=(f"{BRAKE_AT}=5.2",))
    document = json.loads(json.dumps(replay_document(result), allow_nan=False))
    assert len(document["differences"]) == len(result.differences)
    assert document["compared"]["brake_request"]["otherwise"] > 0
    assert document["sets"] == [f"{BRAKE_AT}=5.2"]
    assert document["first_inside"]["topic"] == "manoeuvre"


# -- cut, changed, refused ----------------------------------------------------------------------


def test_a_cut_recording_replays_up_to_where_it_is_complete(record, tmp_path):
    written = record("stack_crashes_while_braking")
    raw = written.path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        cut = tmp_path / "cut.mcap"
        cut.write_bytes(raw[: int(share * len(raw))])
        result = replayed(cut)
        assert result.same
        assert 0 < result.until < written.played.record.ended_at
        assert result.fed > 0
        assert any("complete up to byte" in line for line in told_replay(result))


@pytest.mark.parametrize("key", ["seed", "ego.speed_kmh", "latency.brake_request_ms", "fault.x.trigger.at_s"])
def test_only_the_stack_can_be_changed_in_what_was_recorded(plain_run, key):
    with pytest.raises(InputError, match=r"only settings of the stack \(stack.NAME\)"):
        replayed(plain_run.path, sets=(f"{key}=1",))


def test_unknown_thresholds_are_refused_with_the_nearest_name(plain_run):
    with pytest.raises(InputError, match=r"did you mean .*brake_at_mps2"):
        replayed(plain_run.path, sets=("stack.decision.brake_at_mps=4",))


def rewritten(path, made, change):
    """A recording with its begin and its values changed."""
    recording = read_tolerant(path)
    begun, entries = change(recording.begun.model_dump(), list(recording.entries()))
    tape = Tape(made)
    tape.metadata(contents.BEGUN, begun | {"schema": 1})
    for entry in entries:
        tape.value(entry.channel, entry.at, entry.value)
    tape.metadata(contents.ENDED, recording.ended.model_dump())
    return tape.finish()


def test_what_was_resolved_otherwise_is_named(plain_run, tmp_path):
    def change(begun, entries):
        key = begun["key"] | {"code_version": "0123456789abcdef", "seed": 99}
        return begun | {"key": key, "code_version": "0123456789abcdef", "fingerprint": {"hash": "other"}}, entries

    result = replayed(rewritten(plain_run.path, tmp_path / "other.mcap", change))
    assert result.same
    assert result.reasons == (
        "the code differs: recorded by 0123456789abcdef",
        "the platform differs, where only equal verdicts are promised",
        "resolved otherwise today: seed",
    )


def test_a_delivery_that_was_altered_is_noticed_by_the_stack(plain_run, tmp_path):
    """One sensor message made to say something else: the replay is of the deliveries, not of the seed."""

    def change(begun, entries):
        for index, entry in enumerate(entries):
            if (
                entry.channel == contents.DELIVERED
                and entry.value.topic == topics.EGO_MOTION
                and entry.at > 4_500_000_000
            ):
                slower = replace(entry.value.payload, speed_mps=entry.value.payload.speed_mps - 8.0)
                entries[index] = entry._replace(value=replace(entry.value, payload=slower))
        return begun, entries

    result = replayed(rewritten(plain_run.path, tmp_path / "slower.mcap", change))
    assert not result.same
    assert min(one.at for one in (*result.differences, *result.inside)) > 4_500_000_000


def test_a_recording_whose_order_is_broken_is_refused(plain_run, tmp_path):
    def change(begun, entries):
        deliveries = [index for index, entry in enumerate(entries) if entry.channel == contents.DELIVERED]
        first, last = deliveries[10], deliveries[-10]
        entries[first], entries[last] = entries[last], entries[first]
        return begun, entries

    path = rewritten(plain_run.path, tmp_path / "broken.mcap", change)
    with pytest.raises(InputError, match="record the run again"):
        replayed(path)


def test_a_scenario_that_is_gone_is_refused_by_name(plain_run, tmp_path):
    def change(begun, entries):
        return begun | {"request": begun["request"] | {"scenario": "truck_meets_a_whale"}}, entries

    path = rewritten(plain_run.path, tmp_path / "gone.mcap", change)
    with pytest.raises(InputError, match="truck_meets_a_whale"):
        replayed(path)


# -- comparing ----------------------------------------------------------------------------------


def request(at, raw=0, counter=0, sequence=0, true_at=0):
    return Message(
        topic=topics.BRAKE_REQUEST, sequence=sequence, true_at=SimNs(true_at), published_at=SimNs(at),
        delivered_at=SimNs(at), payload=BrakeRequest(raw_demand=raw, counter=counter, checksum=counter),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "aspect"),
    [
        (request(5), request(5, raw=9), Aspect.WHAT),
        (request(5), request(6), Aspect.WHEN),
        (request(5), request(5, counter=3), Aspect.COUNT),
        (request(5), request(5, sequence=3), Aspect.COUNT),
        (request(5, true_at=1), request(5, true_at=2), Aspect.WHAT),  # of other data: two outputs, not one
    ],
)
def test_outputs_are_told_apart_by_what_differs_in_them(before, after, aspect):
    _, differences = compared([before], [after])
    assert {one.aspect for one in differences} == {aspect}


def test_an_output_more_does_not_make_the_rest_differ():
    before = [request(at, true_at=at) for at in range(0, 100, 10)]
    counts, differences = compared(before, sorted([*before, request(35, true_at=35)], key=lambda one: one.published_at))
    (only,) = differences
    assert (only.recorded, only.replayed.published_at) == (None, 35)
    assert counts[0].differ == counts[0].only_replayed == 1
