"""Fault files: every one in the library holds, bad ones are refused with all findings at once."""

import re
from copy import deepcopy

import pytest
import yaml

from faults import KINDS, FaultPlan, FaultSpec, fault_from, library, planned_from, spec_from
from faults.effects import AnyEffect
from faults.specification import EFFECTS
from faults.taxonomy import ROWS, TAXONOMY
from faults.triggers import (
    FOREVER_NS,
    BrakingFor,
    ChanceTrigger,
    ConditionTrigger,
    GapBelow,
    InstantTrigger,
    TimeToCollisionBelow,
)
from sim.sensors import NeedsPixels
from stack.vocabulary import Diagnosis, InputError, Mode, ns_from_s
from tests.faults.stand_ins import PAYLOADS, ClearSensor, PerfectLine, open_window

GOOD = {
    "title": "The camera repeats its last picture",
    "why": {"risk": "braking for a road that is gone", "source": "openpilot issue 20323"},
    "taxonomy": "camera.imager.frozen_frame",
    "trigger": {"at_s": 2.0},
    "duration_s": 5.0,
    "effect": {"kind": "freeze", "topic": "camera"},
    "expects": {"diagnoses": ["camera_frozen"], "modes": ["radar_only"], "recovers": True},
}

SEVERITIES = {
    "drop": {"topic": "radar", "loss_ratio": 0.1},
    "burst_loss": {"topic": "radar", "loss_ratio": 0.5, "mean_burst_ms": 100.0},
    "delay": {"topic": "camera", "delay_ms": 300},
    "jitter": {"topic": "camera", "jitter_ms": 40.0},
    "freeze": {"topic": "ego_motion"},
    "reorder": {"topic": "camera", "reorder_ratio": 0.5},
    "duplicate": {"topic": "actuator_status", "repeat_ratio": 0.5},
    "blackout": {"topic": "driver_warning"},
    "corrupt": {"topic": "brake_request", "alteration": {"kind": "flip_bits", "bits": 2}},
    "bias": {"topic": "radar", "azimuth_bias_rad": 0.05},
    "ghost": {"topic": "camera", "x_m": 30.0, "closing_speed_mps": 5.0},
    "blockage": {"topic": "radar", "loss_db": 20.0},
    "interference": {"topic": "radar", "noise_rise_db": 30.0},
    "stamp_offset": {"topic": "camera", "offset_ms": 80.0},
    "dirt": {"topic": "camera", "covered_ratio": 0.5},
    "water_drops": {"topic": "camera", "covered_ratio": 0.3},
    "fogged_lens": {"topic": "camera", "contrast_lost_ratio": 0.5},
    "scratches": {"topic": "camera", "count": 20},
    "glare": {"topic": "camera", "illuminance_lx": 1_000.0},
    "flare": {"topic": "camera", "illuminance_lx": 1_000.0},
    "defocus": {"topic": "camera", "focus_m": 0.5},
    "vibration": {"topic": "camera", "amplitude_deg": 0.5, "frequency_hz": 20.0},
    "pixel_defects": {"topic": "camera", "dead_rows": 3},
    "blank_frames": {"topic": "camera", "level_ratio": 0.0},
    "exposure_step": {"topic": "camera", "stops": 3.0},
    "gain_hunting": {"topic": "camera", "amplitude_db": 6.0, "period_s": 1.0},
    "banding": {"topic": "camera", "frequency_hz": 100.0, "depth_ratio": 0.5},
    "white_balance": {"topic": "camera", "red_factor": 1.5},
    "colour_swap": {"topic": "camera", "order": "bgr"},
    "bit_depth": {"topic": "camera", "bits": 2},
    "jpeg": {"topic": "camera", "quality": 5},
    "mirrored": {"topic": "camera"},
    "bit_errors": {"topic": "camera", "bit_error_ratio": 1e-5},
    "mis_mount": {"topic": "camera", "yaw_deg": 2.0},
    "sector_block": {"topic": "lidar", "from_deg": -40.0, "to_deg": 5.0},
    "point_loss": {"topic": "lidar", "loss_ratio": 0.5},
    "cloud_ghost": {"topic": "lidar", "x_m": 20.0},
    "crosstalk": {"topic": "lidar", "points_per_scan": 100},
    "missed": {"topic": "radar", "missed_ratio": 0.4},
    "jump": {"topic": "gnss", "north_m": 10.0},
    "outage": {"topic": "gnss"},
    "spoof": {"topic": "gnss", "east_mps": 1.0},
    "bias_jump": {"topic": "inertial", "rate_z_radps": 0.02},
    "latency_spikes": {"stage": "tracking", "period_ms": 100.0, "extra_ms": 80.0},
    "overload": {"load_ratio": 3.0},
    "hang": {"stage": "camera_objects"},
    "crash": {},
    "late_brakes": {"delay_ms": 500.0},
    "weak_brakes": {"effect_ratio": 0.5},
    "stuck_brakes": {},
}


def with_change(path, value):
    """The good file with one value changed (or, with `...`, one key left out)."""
    data = deepcopy(GOOD)
    *parents, last = path.split(".")
    node = data
    for parent in parents:
        node = node[parent]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return data


def read(data):
    return spec_from(data, lambda path: "fault.yaml:1:1")


def problems(data):
    with pytest.raises(InputError) as caught:
        read(data)
    return {finding.field: finding.problem for finding in caught.value.findings}


def from_library(name):
    return spec_from(yaml.safe_load(library.text(name)), lambda path: f"{name}.yaml")


@pytest.mark.parametrize("name", library.names())
def test_every_library_file_becomes_a_planned_fault(name):
    planned = planned_from(from_library(name), name)
    assert planned.name == name
    assert planned.taxonomy_id in TAXONOMY
    assert planned.fault.points
    if isinstance(planned.trigger, InstantTrigger):
        assert planned.trigger.at <= ns_from_s(3.0)  # before the critical phase of any scenario
    else:
        assert isinstance(planned.trigger.condition, BrakingFor)


@pytest.mark.parametrize("name", library.names())
def test_every_library_fault_wraps_only_points_it_names(name):
    fault, line = fault_from(from_library(name), name), PerfectLine()
    for topic in PAYLOADS:
        wrapped = fault.wrap_channel(topic, line, open_window(name), 7)
        assert (wrapped is not line) == (f"channel:{topic}" in fault.points)
        sensor = ClearSensor(PAYLOADS[topic])
        try:
            touched = fault.wrap_sensor(topic, sensor, open_window(name), 7) is not sensor
        except NeedsPixels:
            touched = True  # it would, if anybody had said what a list makes of it
        assert touched == (f"sensor:{topic}" in fault.points)
    assert (fault.wrap_costs(line, open_window(name), 7) is not line) == fault.points[0].startswith("costs:")
    assert (fault.wrap_brake_line(line, open_window(name), 7) is not line) == (fault.points == ("brake_line",))


def test_all_of_the_library_fits_into_one_plan():
    plan = FaultPlan(tuple(planned_from(from_library(name), name) for name in library.names()))
    stages = ("ingest", "radar_processing", "camera_objects", "tracking", "risk", "decision", "actuation")
    assert plan.findings(stages, ("ego", "lead")) == ()
    assert [finding.where for finding in plan.findings(("stack",), ())] == ["perception_hangs", "tracking_runs_late"]


def test_the_library_plays_at_every_attachment_point():
    points = {point for name in library.names() for point in fault_from(from_library(name), name).points}
    for wanted in (
        "sensor:camera",
        "sensor:radar",
        "sensor:ego_motion",
        "channel:camera",
        "channel:radar",
        "host",
        "sensor:camera_image",
        "sensor:lidar",
        "sensor:gnss",
        "sensor:inertial",
        "channel:camera_image",
    ):
        assert wanted in points
    assert {"channel:brake_request", "brake_line", "costs:camera_objects", "costs:all"} <= points


@pytest.mark.parametrize("name", library.names())
def test_an_onset_can_be_overridden_by_a_plain_merge(name):
    data = yaml.safe_load(library.text(name))
    data["trigger"] = {"at_s": 3.25}
    assert planned_from(read(data), name).trigger == InstantTrigger(at=ns_from_s(3.25))


def test_an_unknown_fault_is_answered_with_the_nearest_name():
    with pytest.raises(InputError, match="did you mean camera_freezes"):
        library.text("camera_freeze")
    with pytest.raises(InputError, match="there are brakes_"):
        library.path("zzz")


def test_a_good_file_says_what_it_means():
    spec = read(GOOD)
    planned = planned_from(spec, "camera_freezes")
    assert planned.trigger == InstantTrigger(at=ns_from_s(2.0))
    assert planned.duration_ns == ns_from_s(5.0)
    assert planned.expects.diagnoses == (Diagnosis.CAMERA_FROZEN,)
    assert planned.expects.modes == (Mode.RADAR_ONLY,)


def test_a_fault_can_be_rebuilt_from_the_record_of_its_file():
    for name in library.names():
        spec = from_library(name)
        again = read(yaml.safe_load(spec.model_dump_json(exclude_none=True)))
        assert planned_from(again, name) == planned_from(spec, name)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written_and_becomes_a_frozen_fault(kind):
    fault = fault_from(read(with_change("effect", {"kind": kind, **SEVERITIES[kind]})), "a_fault")
    assert fault.name == "a_fault"
    assert fault == fault_from(read(with_change("effect", {"kind": kind, **SEVERITIES[kind]})), "a_fault")
    with pytest.raises((AttributeError, TypeError)):
        fault.name = "another"
    assert hash(fault) == hash(fault_from(read(with_change("effect", {"kind": kind, **SEVERITIES[kind]})), "a_fault"))


def test_every_kind_and_every_schema_is_listed_once():
    assert set(SEVERITIES) == set(KINDS)
    assert len(EFFECTS) == len(set(EFFECTS)) == 54
    assert AnyEffect is not None
    assert all(effect.__doc__ for effect in EFFECTS)


@pytest.mark.parametrize(
    ("trigger", "frozen"),
    [
        ({"ttc_below_s": 3.0}, ConditionTrigger(condition=TimeToCollisionBelow(ttc_s=3.0))),
        (
            {"ttc_below_s": 3.0, "to": "lead"},
            ConditionTrigger(condition=TimeToCollisionBelow(ttc_s=3.0, target="lead")),
        ),
        ({"gap_below_m": 20.0, "to": "lead"}, ConditionTrigger(condition=GapBelow(gap_m=20.0, target="lead"))),
        ({"braking_began": True, "after_s": 0.2}, ConditionTrigger(condition=BrakingFor(after_ns=ns_from_s(0.2)))),
        ({"braking_began": True}, ConditionTrigger(condition=BrakingFor(after_ns=0))),
        (
            {"probability_ratio": 0.5, "from_s": 1.0, "to_s": 2.0},
            ChanceTrigger(probability_ratio=0.5, from_at=ns_from_s(1.0), to_at=ns_from_s(2.0)),
        ),
    ],
)
def test_triggers_are_read(trigger, frozen):
    assert planned_from(read(with_change("trigger", trigger)), "f").trigger == frozen


@pytest.mark.parametrize(
    ("trigger", "says"),
    [
        ({}, "exactly one of"),
        ({"at_s": 1.0, "ttc_below_s": 3.0}, "exactly one of"),
        ({"at_s": 1.0, "to": "lead"}, "to has no meaning"),
        ({"ttc_below_s": 2.0, "after_s": 1.0}, "after_s has no meaning"),
        ({"probability_ratio": 0.5}, "from_s is missing"),
        ({"probability_ratio": 0.5, "from_s": 2.0, "to_s": 1.0}, "must not be after"),
    ],
)
def test_triggers_without_a_clear_meaning_are_refused(trigger, says):
    assert says in problems(with_change("trigger", trigger))["trigger"]


def test_forever_is_a_duration():
    assert planned_from(read(with_change("duration_s", "forever")), "f").duration_ns == FOREVER_NS


@pytest.mark.parametrize(
    ("path", "value", "field", "says"),
    [
        ("title", "", "title", "at least 1"),
        ("title", ..., "title", "required"),
        ("titel", "x", "titel", "did you mean title"),
        ("why.source", ..., "why.source", "required"),
        ("why.rsk", "x", "why.rsk", "did you mean risk"),
        ("taxonomy", "camera.imager.frozen", "taxonomy", "did you mean camera.imager.frozen_frame"),
        ("trigger.at_s", "two", "trigger.at_s", "valid number"),
        ("trigger.at_s", -1.0, "trigger.at_s", "greater than or equal to 0"),
        ("trigger.at_s", float("nan"), "trigger.at_s", "finite"),
        ("trigger.at_ms", 3, "trigger.at_ms", "did you mean at_s"),
        ("duration_s", 0.0, "duration_s", "greater than 0"),
        ("duration_s", "for ever", "duration_s", "'forever'"),
        ("duration_s", True, "duration_s", "valid number"),
        ("effect.kind", "freze", "effect", "did you mean freeze"),
        ("effect.kind", ..., "effect", "discriminator"),
        ("effect.topic", "sonar", "effect.topic", "'camera'"),
        ("effect.topc", "radar", "effect.topc", "did you mean topic"),
        ("expects.diagnoses", ["camera_frosen"], "expects.diagnoses.0", "camera_frozen"),
        ("expects.modes", [False], "expects.modes.0", "quotes"),
        ("expects.modes", [], "expects.modes", "at least 1"),
        ("expects.recovers", "yes", "expects.recovers", "boolean"),
        ("expects.recover", True, "expects.recover", "did you mean recovers"),
    ],
)
def test_a_bad_value_is_found_where_it_stands(path, value, field, says):
    found = problems(with_change(path, value))
    assert says in found[field]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("effect", "field", "says"),
    [
        ({"kind": "drop", "topic": "radar", "loss_ratio": 1.5}, "effect.loss_ratio", "less than or equal to 1"),
        ({"kind": "drop", "topic": "radar"}, "effect.loss_ratio", "required"),
        ({"kind": "drop", "topic": "radar", "los_ratio": 0.1, "loss_ratio": 0.1}, "effect.los_ratio", "loss_ratio"),
        (
            {"kind": "burst_loss", "topic": "radar", "loss_ratio": 0.99, "mean_burst_ms": 20.0},
            "effect",
            "mean_burst_ms",
        ),
        (
            {"kind": "burst_loss", "topic": "radar", "loss_ratio": 0.5, "mean_burst_ms": 1.0},
            "effect.mean_burst_ms",
            "10",
        ),
        ({"kind": "delay", "topic": "radar", "delay_ms": -1.0}, "effect.delay_ms", "greater than or equal to 0"),
        ({"kind": "bias", "topic": "driver_warning"}, "effect", "'ego_motion'"),
        ({"kind": "ghost", "topic": "ego_motion", "x_m": 1.0, "closing_speed_mps": 1.0}, "effect", "'camera'"),
        ({"kind": "overload", "load_ratio": 0.5}, "effect.load_ratio", "greater than or equal to 1"),
        ({"kind": "hang"}, "effect.stage", "required"),
        (
            {"kind": "corrupt", "topic": "camera", "alteration": {"kind": "flip_bits", "bits": 1}},
            "effect",
            "no meaning",
        ),
        (
            {"kind": "corrupt", "topic": "brake_request", "alteration": {"kind": "flip_bits", "bits": 17}},
            "effect.alteration.bits",
            "less than or equal to 16",
        ),
        ({"kind": "corrupt", "topic": "brake_request", "alteration": {"kind": "not_a_number"}}, "effect", "no meaning"),
        ({"kind": "weak_brakes", "effect_ratio": 2.0}, "effect.effect_ratio", "less than or equal to 1"),
    ],
)
def test_a_severity_without_meaning_is_refused(effect, field, says):
    found = problems(with_change("effect", effect))
    assert says in found[field]
    assert len(found) == 1


def test_all_findings_come_at_once_each_with_its_place():
    data = with_change("title", "")
    data["effect"] = {"kind": "drop", "topic": "radr", "loss_ratio": "much"}
    data["expects"]["recovers"] = 1
    places = {("title",): "f:1:8", ("effect", "topic"): "f:9:10"}
    with pytest.raises(InputError) as caught:
        spec_from(data, lambda path: places.get(path, "f:0:0"))
    assert [finding.where for finding in caught.value.findings] == ["f:1:8", "f:9:10", "f:0:0", "f:0:0"]
    assert str(caught.value).count("\n") == 3


@pytest.mark.parametrize("data", [None, [], "freeze", 7])
def test_a_file_that_is_no_mapping_is_refused(data):
    assert problems(data)["fault"]


def test_a_specification_is_frozen_and_has_a_json_schema():
    spec = read(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        spec.title = "another"
    assert FaultSpec.model_json_schema()["required"] == [
        "title",
        "why",
        "taxonomy",
        "trigger",
        "duration_s",
        "effect",
        "expects",
    ]


def test_taxonomy_ids_read_domain_part_fault_and_are_unique():
    assert len(TAXONOMY) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_]+", row.taxonomy_id)
        assert row.says
        assert row.source


def test_the_taxonomy_covers_every_domain():
    domains = {row.taxonomy_id.split(".")[0] for row in ROWS}
    assert domains == {
        "camera", "environment", "lidar", "radar", "odometry", "gnss", "inertial", "can", "network",
        "compute", "model", "actuator", "human", "rollout",
    }  # fmt: skip
