"""A fault changes only what it touches: all before its onset is the same run, all draws after its end too.

Byte-identical means: truth as bytes, sensor messages and finished jobs as values.
"""

from dataclasses import replace

import pytest

from analysis.verdict import VerdictKind
from faults.plan import FaultPlan
from scenarios.assembly import prepare
from stack.vocabulary import topics
from tests.closed_loop.runs import decisions, judged, play, request

CAR = "truck_meets_stationary_car"
BETWEEN = "truck_passes_between_stationary_cars"
KERB = "child_stops_at_the_kerb"

# One of each attachment point: sensor, channel in, channel out, costs, host, brake line.
KINDS = (
    "camera_goes_dark",
    "radar_is_jammed",
    "camera_freezes",
    "radar_drops_one_in_ten",
    "ego_motion_freezes",
    "commands_are_corrupted",
    "commands_corrupt_while_braking",
    "tracking_runs_late",
    "compute_is_overloaded",
    "perception_hangs",
    "stack_crashes",
    "brakes_are_weak",
)
# Those under which the ego drives past the child at the kerb as if nothing were: its motion is the same run.
UNDISTURBING = (
    "camera_goes_dark",
    "camera_freezes",
    "camera_sees_a_ghost",
    "radar_goes_silent",
    "radar_is_jammed",
    "radar_drops_one_in_ten",
    "compute_is_overloaded",
    "perception_hangs",
    "stack_crashes",
)


def finished_before(record, at):
    return [job for job in record.jobs if 0 <= job.finished_at < at]


def sensed_before(record, at):
    return [message for message in record.sensed if message.published_at < at and message.delivered_at < at]


@pytest.mark.parametrize("fault", KINDS)
def test_everything_before_the_onset_is_byte_identical(fault):
    plain, faulty = play(CAR), play(CAR, (fault,))
    onset = faulty.faults[0].opened_at
    before = plain.truth_at <= onset
    assert before.sum() > 100
    assert plain.truth[before].tobytes() == faulty.truth[faulty.truth_at <= onset].tobytes()
    assert sensed_before(plain, onset) == sensed_before(faulty, onset)
    assert finished_before(plain, onset) == finished_before(faulty, onset)
    assert [d for d in decisions(plain) if d[0] < onset] == [d for d in decisions(faulty) if d[0] < onset]
    assert plain.record_hash != faulty.record_hash


def payloads_from(record, topic, at):
    return {m.true_at: m.payload for m in record.sensed if m.topic == topic and m.true_at >= at}


@pytest.mark.parametrize("fault", UNDISTURBING)
def test_every_draw_of_a_sensor_after_the_end_is_the_one_of_the_faultless_run(fault):
    plain, faulty = play(KERB), play(KERB, (fault,))
    assert plain.truth.tobytes() == faulty.truth.tobytes()
    closed = faulty.faults[0].closed_at
    for topic in (topics.CAMERA, topics.RADAR, topics.EGO_MOTION):
        after = payloads_from(plain, topic, closed)
        assert len(after) > 50
        assert payloads_from(faulty, topic, closed) == after


@pytest.mark.parametrize("fault", ["camera_goes_dark", "camera_freezes", "radar_is_jammed"])
def test_in_the_window_the_disturbed_sensor_differs_and_the_others_do_not(fault):
    plain, faulty = play(KERB), play(KERB, (fault,))
    disturbed = fault.partition("_")[0]
    for topic in (topics.CAMERA, topics.RADAR, topics.EGO_MOTION):
        assert (payloads_from(plain, topic, 0) != payloads_from(faulty, topic, 0)) == (topic == disturbed)


def test_the_empty_plan_is_the_identity():
    prepared = prepare(request(CAR, ("camera_freezes",)))
    emptied = replace(prepared, plan=FaultPlan()).play().record
    assert emptied.record_hash == play(CAR).record_hash


def test_a_fault_whose_condition_never_comes_disturbs_nothing_and_says_so():
    record, verdict = judged(BETWEEN, ("commands_corrupt_while_braking",))
    assert verdict.kind is VerdictKind.NOT_APPLICABLE
    assert "never came" in verdict.reason
    assert record.truth.tobytes() == play(BETWEEN).truth.tobytes()
    assert decisions(record) == decisions(play(BETWEEN))


def test_a_fault_that_comes_and_alters_nothing_decides_nothing():
    between_frames = {"fault.camera_freezes.duration_s": 0.001, "fault.camera_freezes.trigger.at_s": 2.011}
    record, verdict = judged(CAR, ("camera_freezes",), **between_frames)
    assert record.faults[0].altered == 0
    assert verdict.kind is VerdictKind.INVALID
    assert "altered nothing" in verdict.reason


def test_a_fault_that_begins_after_the_run_decides_nothing():
    verdict = judged(CAR, ("camera_freezes",), **{"fault.camera_freezes.trigger.at_s": 20.0})[1]
    assert verdict.kind is VerdictKind.INVALID
    assert "ended before" in verdict.reason


SCRATCHES = """
title: The window before the lens is scratched
why: {risk: "Edges are smeared, headlights grow rays.", source: "IEC 60529 (housing and window)"}
taxonomy: camera.optics.scratches
trigger: {at_s: 2.0}
duration_s: 6.0
effect: {kind: scratches, topic: camera, count: 20}
expects: {diagnoses: [camera_blind], modes: [radar_only], recovers: true}
"""


def test_a_fault_that_needs_pixels_is_skipped_with_the_reason_and_disturbs_nothing(tmp_path):
    path = tmp_path / "camera_window_scratches.yaml"
    path.write_text(SCRATCHES)
    record, verdict = judged(CAR, (str(path),))
    assert verdict.kind is VerdictKind.SKIPPED
    assert "needs pixels" in verdict.reason
    assert record.truth.tobytes() == play(CAR).truth.tobytes()
