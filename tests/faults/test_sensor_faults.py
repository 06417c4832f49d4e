"""Sensor faults alter what a sensor makes of the truth, at slots in their window only."""

from math import hypot, tan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults import NeedsPixels
from faults.bias import CameraBias, MotionBias, RadarBias
from faults.blockage import RadarImpairment, combined
from faults.ghost import NEAREST_M, Apparition, CameraGhost, RadarGhost
from faults.imager import Banding
from faults.lens import Covered
from sim.sensors import CLEAR_CAMERA, CLEAR_RADAR, CameraResponse, RadarResponse
from stack.vocabulary import ObjectClass, SimNs, bearing_rad, ns_from_s
from tests.faults.stand_ins import ClearSensor, camera_view, car_seen, echo, frame, motion, open_window, radar_scan

SLOTS = tuple(SimNs(k * 50_000_000) for k in range(100))
RADAR = lambda slot: radar_scan(echo(60.0, -0.1), echo(50.0, 0.0), echo(70.0, 0.2))  # noqa: E731
CAMERA = lambda slot: camera_view(car_seen(40.0, -3.0), car_seen(60.0, 3.0))  # noqa: E731
MOTION = lambda slot: motion(20.0)  # noqa: E731

RADAR_BIAS = RadarBias(name="bias", range_bias_m=2.0, azimuth_bias_rad=0.05, range_rate_bias_mps=-1.0)
CAMERA_BIAS = CameraBias(name="bias", azimuth_bias_rad=0.1, distance_scale_ratio=1.0)
MOTION_BIAS = MotionBias(name="bias", speed_scale_ratio=0.5, speed_bias_mps=-1.0, yaw_rate_bias_radps=0.02)
AHEAD = Apparition(x_m=38.0, y_m=-1.0, closing_speed_mps=4.0)
RADAR_GHOST = RadarGhost(name="ghost", at=AHEAD, width_m=1.6, echoes=3, rcs_dbsm=10.0, snr_db=20.0)
CAMERA_GHOST = CameraGhost(
    name="ghost", at=AHEAD, object_class=ObjectClass.VEHICLE, width_m=1.8, confidence_ratio=0.9, sigma_m=0.5
)
DARK = Covered(name="dark", blocked_ratio=1.0)
JAMMED = RadarImpairment(name="jammed", loss_db=0.0, noise_rise_db=30.0)

CASES = [
    (RADAR_BIAS, RADAR),
    (CAMERA_BIAS, CAMERA),
    (MOTION_BIAS, MOTION),
    (RADAR_GHOST, RADAR),
    (CAMERA_GHOST, CAMERA),
    (DARK, CAMERA),
    (JAMMED, RADAR),
]


def topic_of(fault):
    return fault.points[0].removeprefix("sensor:")


def sensed(sensor, slots=SLOTS):
    return [sensor.sense(frame(), slot) for slot in slots]


@pytest.mark.parametrize(("fault", "payload_at"), CASES)
def test_a_sensor_fault_acts_at_slots_of_its_window_and_nowhere_else(fault, payload_at):
    window, inner = open_window(fault.name), ClearSensor(payload_at)
    got = sensed(fault.wrap_sensor(topic_of(fault), inner, window, 7))
    for slot, payload in zip(SLOTS, got, strict=True):
        assert (payload != payload_at(slot)) == (ns_from_s(1.0) <= slot < ns_from_s(3.0))
    assert window.altered == 40
    assert window.first_effect_at == ns_from_s(1.0)
    assert inner.slots == list(SLOTS)  # the inner sensor senses once at every slot, whatever the fault does


@pytest.mark.parametrize(("fault", "payload_at"), CASES)
def test_a_sensor_fault_hands_back_other_sensors_and_points(fault, payload_at):
    sensor = ClearSensor(payload_at)
    other = "camera" if topic_of(fault) != "camera" else "radar"
    assert fault.wrap_sensor(other, sensor, open_window(), 7) is sensor
    assert fault.wrap_brake_line(sensor, open_window(), 7) is sensor
    assert fault.wrap_costs(sensor, open_window(), 7) is sensor
    assert fault.wrap_channel(topic_of(fault), sensor, open_window(), 7) is sensor
    assert fault.points[0] == f"sensor:{topic_of(fault)}"


def test_radar_bias_shifts_every_reflection_by_the_stated_amounts():
    before = RADAR(SLOTS[0])
    after = RADAR_BIAS.shifted(before)
    for old, new in zip(before.detections, after.detections, strict=True):
        assert new.range_m == pytest.approx(old.range_m + 2.0)
        assert new.azimuth_rad == pytest.approx(old.azimuth_rad + 0.05)
        assert new.range_rate_mps == pytest.approx(old.range_rate_mps - 1.0)
        assert (new.rcs_dbsm, new.snr_db) == (old.rcs_dbsm, old.snr_db)


def test_a_radar_biased_short_never_measures_a_negative_range():
    fault = RadarBias(name="bias", range_bias_m=-100.0, azimuth_bias_rad=0.0, range_rate_bias_mps=0.0)
    assert all(one.range_m == 0.0 for one in fault.shifted(RADAR(SLOTS[0])).detections)


@given(azimuth=st.floats(-3.0, 3.0), bias=st.floats(-3.0, 3.0))
@settings(max_examples=50, deadline=None)
def test_a_biased_scan_stays_in_order_of_bearing(azimuth, bias):
    fault = RadarBias(name="bias", range_bias_m=0.0, azimuth_bias_rad=bias, range_rate_bias_mps=0.0)
    scan = fault.shifted(radar_scan(*(echo(50.0, one) for one in sorted((azimuth, -0.5, 0.1)))))
    assert list(scan.detections) == sorted(scan.detections, key=lambda one: one.azimuth_rad)


@given(x=st.floats(1.0, 200.0), y=st.floats(-50.0, 50.0), turn=st.floats(-0.3, 0.3), factor=st.floats(0.5, 2.0))
@settings(max_examples=50, deadline=None)
def test_a_turned_camera_turns_places_and_scales_distances(x, y, turn, factor):
    fault = CameraBias(name="bias", azimuth_bias_rad=turn, distance_scale_ratio=factor)
    seen = fault.shifted(camera_view(car_seen(x, y))).objects[0]
    assert hypot(seen.x_m, seen.y_m) == pytest.approx(factor * hypot(x, y))
    assert bearing_rad(seen.x_m, seen.y_m) == pytest.approx(bearing_rad(x, y) + turn, abs=1e-9)


def test_a_turned_camera_turns_the_lane_as_well():
    assert CAMERA_BIAS.shifted(CAMERA(SLOTS[0])).lane.heading_rad == pytest.approx(0.1)


def test_motion_bias_reads_slow_but_never_negative():
    biased = MOTION_BIAS.shifted(motion(20.0))
    assert biased.speed_mps == pytest.approx(9.0)
    assert biased.yaw_rate_radps == pytest.approx(0.03)
    assert MOTION_BIAS.shifted(motion(1.0)).speed_mps == 0.0


def test_a_bias_of_nothing_alters_nothing():
    fault = MotionBias(name="bias", speed_scale_ratio=1.0, speed_bias_mps=0.0, yaw_rate_bias_radps=0.0)
    window = open_window()
    assert sensed(fault.wrap_sensor("ego_motion", ClearSensor(MOTION), window, 7)) == [MOTION(slot) for slot in SLOTS]
    assert window.altered == 0


def test_a_radar_ghost_comes_closer_at_its_speed_with_a_fitting_doppler():
    sensor = RADAR_GHOST.wrap_sensor("radar", ClearSensor(RADAR), open_window(), 7)
    for elapsed_s in (0.0, 0.5, 1.5):
        scan = sensor.sense(frame(), ns_from_s(1.0 + elapsed_s))
        ghosts = [one for one in scan.detections if one.snr_db == 20.0]
        assert len(ghosts) == 3
        for ghost in ghosts:
            x_m = 38.0 - 4.0 * elapsed_s
            y_m = x_m * tan(ghost.azimuth_rad)
            assert hypot(x_m, y_m) == pytest.approx(ghost.range_m)
            assert ghost.range_rate_mps == pytest.approx(-4.0 * x_m / ghost.range_m)
        assert list(scan.detections) == sorted(scan.detections, key=lambda one: one.azimuth_rad)


def test_a_camera_ghost_is_listed_by_bearing_beside_the_real_objects():
    sensor = CAMERA_GHOST.wrap_sensor("camera", ClearSensor(CAMERA), open_window(), 7)
    view = sensor.sense(frame(), ns_from_s(2.0))
    assert [(one.x_m, one.y_m) for one in view.objects] == [(40.0, -3.0), (34.0, -1.0), (60.0, 3.0)]


def test_a_ghost_is_gone_once_it_would_touch_the_ego():
    close = RadarGhost(
        name="ghost",
        at=Apparition(x_m=5.0, y_m=0.0, closing_speed_mps=10.0),
        width_m=0.0,
        echoes=1,
        rcs_dbsm=10.0,
        snr_db=20.0,
    )
    window = open_window()
    sensed(close.wrap_sensor("radar", ClearSensor(RADAR), window, 7))
    assert window.altered == (5.0 - NEAREST_M) / 10.0 / 0.05 + 1


def test_a_dark_camera_is_asked_to_answer_with_the_table():
    inner = ClearSensor(CAMERA)
    sensed(DARK.wrap_sensor("camera", inner, open_window(), 7))
    assert len(inner.responses) == 40
    assert all(one.health_factor == 0.0 and one.added_miss_ratio == 1.0 for one in inner.responses)


def test_a_jammed_radar_is_asked_to_answer_with_its_noise():
    inner = ClearSensor(RADAR)
    sensed(JAMMED.wrap_sensor("radar", inner, open_window(), 7))
    assert inner.responses == [RadarResponse(loss_db=0.0, interference_db=30.0)] * 40


def test_an_image_fault_without_an_entry_needs_pixels():
    fault = Banding(name="banding", frequency_hz=100.0, depth_ratio=0.5)
    with pytest.raises(NeedsPixels, match="needs pixels"):
        fault.wrap_sensor("camera", ClearSensor(CAMERA), open_window(), 7)


def test_a_sensor_that_gives_no_list_needs_pixels():
    class RawSensor:
        def sense(self, frame, slot):
            return b""

    with pytest.raises(NeedsPixels, match="needs pixels"):
        DARK.wrap_sensor("camera", RawSensor(), open_window(), 7)


def test_two_impairments_of_one_sensor_answer_together():
    inner = ClearSensor(RADAR)
    weak = RadarImpairment(name="weak", loss_db=10.0, noise_rise_db=5.0)
    sensor = weak.wrap_sensor("radar", inner, open_window("weak", 1.0, 2.0), 7)
    sensed(JAMMED.wrap_sensor("radar", sensor, open_window("jammed", 1.5, 3.0), 7))
    levels = [(one.loss_db, one.interference_db) for one in inner.responses]
    assert levels == [(10.0, 5.0)] * 10 + [(10.0, 35.0)] * 10 + [(0.0, 30.0)] * 20


def test_an_impairment_reaches_the_sensor_through_other_faults():
    inner, window = ClearSensor(CAMERA), open_window("ghost")
    sensor = DARK.wrap_sensor("camera", CAMERA_GHOST.wrap_sensor("camera", inner, window, 7), open_window("dark"), 7)
    view = sensor.sense(frame(), ns_from_s(2.0))
    assert view.health_ratio == 0.0
    assert len(view.objects) == 3
    assert window.altered == 1


@given(
    first=st.builds(RadarResponse, loss_db=st.floats(0, 40), interference_db=st.floats(0, 40)),
    second=st.builds(RadarResponse, loss_db=st.floats(0, 40), interference_db=st.floats(0, 40)),
)
@settings(max_examples=30, deadline=None)
def test_radar_responses_combine_in_any_order_and_clear_changes_nothing(first, second):
    assert combined(first, second) == combined(second, first)
    assert combined(first, CLEAR_RADAR) == first


@given(miss=st.floats(0, 1), health=st.floats(0, 1), ghosts=st.floats(0, 5))
@settings(max_examples=30, deadline=None)
def test_camera_responses_only_ever_get_worse_together(miss, health, ghosts):
    one = CameraResponse(added_miss_ratio=miss, health_factor=health, ghost_rate_hz=ghosts)
    both = combined(one, CameraResponse(added_miss_ratio=0.3, health_factor=0.5, ghost_rate_hz=1.0))
    assert both.added_miss_ratio >= max(miss, 0.3) - 1e-12
    assert both.health_factor <= min(health, 0.5)
    assert both.ghost_rate_hz == ghosts + 1.0
    same = combined(one, CLEAR_CAMERA)
    assert same.health_factor == one.health_factor
    assert same.added_miss_ratio == pytest.approx(one.added_miss_ratio)


def test_responses_of_different_sensors_do_not_mix():
    with pytest.raises(TypeError):
        combined(CLEAR_CAMERA, CLEAR_RADAR)
