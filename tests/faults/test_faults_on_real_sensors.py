"""Imaging faults on the sensors of `sim.sensors`: they answer in the window and are themselves again after it."""

import pytest
import yaml

from faults import FaultPlan, library, planned_from, spec_from
from sim.sensors import MotionSensor, ObjectCamera, Radar
from sim.sensors.plain_scenery import plain_scenery
from sim.truth import ActorKind
from stack.vocabulary import SimNs, ns_from_s
from tests.faults.stand_ins import frame

SLOTS = tuple(SimNs(k * 50_000_000) for k in range(200))


def motion_sensor(seed, roster):
    return MotionSensor(seed, roster, pedals=lambda: (0.1, 0.0, 0.0))


def radar(seed, roster):
    return Radar(seed, roster, scenery=plain_scenery(roster))


MAKERS = {"camera": ObjectCamera, "radar": radar, "ego_motion": motion_sensor}


def truth(at_s):
    """A truck at 20 m/s that follows a car 45 m ahead for ten seconds."""
    return frame(at_s, others=[("lead", ActorKind.CAR, 47.0, 0.2, 0.0, 20.0)])


def sensed(topic, fault, seed=3):
    plan = FaultPlan()
    if fault:
        spec = spec_from(yaml.safe_load(library.text(fault)), lambda path: fault)
        plan = FaultPlan((planned_from(spec, fault),))
    windows = plan.windows(seed)
    sensor = plan.wrap_sensor(topic, MAKERS[topic](seed, truth(0.0).roster), windows, seed)
    return [sensor.sense(truth(slot / 1e9), slot) for slot in SLOTS], windows


@pytest.mark.parametrize(
    ("topic", "fault"),
    [
        ("camera", "camera_goes_dark"),
        ("camera", "camera_sees_a_ghost"),
        ("radar", "radar_is_jammed"),
        ("radar", "radar_is_biased"),
        ("radar", "radar_sees_a_ghost"),
        ("ego_motion", "ego_speed_reads_low"),
    ],
)
def test_before_and_after_its_window_a_faulty_sensor_is_byte_identical_to_a_clear_one(topic, fault):
    clear, _ = sensed(topic, None)
    faulty, (window,) = sensed(topic, fault)
    for slot, plain, got in zip(SLOTS, clear, faulty, strict=True):
        if not ns_from_s(2.0) <= slot < ns_from_s(8.0):
            assert repr(got) == repr(plain)
    assert window.altered > 100
    assert any(got != plain for plain, got in zip(clear, faulty, strict=True))


def test_a_dark_camera_reports_no_objects_and_no_health():
    faulty, _ = sensed("camera", "camera_goes_dark")
    dark = [view for slot, view in zip(SLOTS, faulty, strict=True) if ns_from_s(2.0) <= slot < ns_from_s(8.0)]
    assert all(view.objects == () and view.health_ratio < 0.1 for view in dark)
    assert any(view.objects for view in faulty)


def test_a_jammed_radar_raises_its_noise_floor_and_loses_echoes():
    clear, _ = sensed("radar", None)
    faulty, _ = sensed("radar", "radar_is_jammed")
    inside = [k for k, slot in enumerate(SLOTS) if ns_from_s(2.0) <= slot < ns_from_s(8.0)]
    assert all(faulty[k].noise_floor_db > 20.0 for k in inside)
    assert sum(len(faulty[k].detections) for k in inside) < 0.5 * sum(len(clear[k].detections) for k in inside)
