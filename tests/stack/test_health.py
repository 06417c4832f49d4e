"""The health monitor: silent in health, right about each illness, and not before it begins."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.decision.sensor_watch import JOURNEY_REASONS
from stack.decision.thresholds import thresholds_for
from stack.ingest.books import LATE, REPEATED, STALE
from stack.ingest.inspection import RULES
from stack.vocabulary import NS_PER_S, Diagnosis, HostEventKind, Mode, topics
from tests.stack.decision_stand_ins import TICK_NS, Drive, Feed, briefing, car_ahead, event, hazard, track

T = thresholds_for(briefing())
START_S = 3.0
D = Diagnosis


def appeared_s(drive: Drive, diagnosis: Diagnosis) -> float:
    return drive.first_at_s(topics.DIAGNOSIS, lambda r: r.diagnosis is diagnosis and r.present)


def gone_s(drive: Drive, diagnosis: Diagnosis) -> float:
    return drive.first_at_s(topics.DIAGNOSIS, lambda r: r.diagnosis is diagnosis and not r.present)


def feed(drive: Drive, sensor: str) -> Feed:
    return getattr(drive, sensor)


# -- health ---------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(speed=st.floats(0.0, 25.0), gap=st.floats(20.0, 150.0), lead=st.floats(0.0, 20.0))
def test_a_healthy_run_is_never_diagnosed(speed, gap, lead):
    drive = Drive(speed)
    drive.sees = car_ahead(gap, lead)
    drive.run(10.0)
    assert drive.reports == []
    assert drive.modes == []


def test_sensors_that_start_late_within_the_grace_are_not_diagnosed():
    drive = Drive()
    drive.camera.silent = drive.radar.silent = drive.motion.silent = True
    drive.run(T.start_grace_s)
    drive.camera.silent = drive.radar.silent = drive.motion.silent = False
    drive.run(5.0)
    assert drive.reports == []


@pytest.mark.parametrize("sensor", ["camera", "radar", "motion"])
def test_a_sensor_that_never_starts_is_silent_soon_after_the_grace(sensor):
    drive = Drive()
    feed(drive, sensor).silent = True
    drive.run(2.0)
    silent = {"camera": D.CAMERA_SILENT, "radar": D.RADAR_SILENT, "motion": D.EGO_MOTION_SILENT}[sensor]
    assert drive.diagnosed == {silent}
    assert T.start_grace_s < appeared_s(drive, silent) < T.start_grace_s + 0.4


@pytest.mark.parametrize("every", [10, 5])
@pytest.mark.parametrize("sensor", ["camera", "radar"])
def test_one_message_lost_in_ten_or_five_is_tolerated(sensor, every):
    drive = Drive()
    for tick in range(800):
        feed(drive, sensor).lost = (tick // 2) % every == 0
        drive.tick()
    assert drive.reports == []


# -- each illness ---------------------------------------------------------------------------------

ILL = [
    ("camera", {"silent": True}, D.CAMERA_SILENT, 0.25),
    ("camera", {"frozen": True}, D.CAMERA_FROZEN, 0.15),
    ("camera", {"health_ratio": 0.2}, D.CAMERA_BLIND, 0.1),
    ("camera", {"refusal": "object outside the camera's reach"}, D.CAMERA_IMPLAUSIBLE, 0.1),
    ("radar", {"silent": True}, D.RADAR_SILENT, 0.2),
    ("radar", {"frozen": True}, D.RADAR_FROZEN, 0.15),
    ("radar", {"health_ratio": 0.0}, D.RADAR_BLIND, 0.1),
    ("radar", {"refusal": "range outside the radar's reach"}, D.RADAR_IMPLAUSIBLE, 0.1),
    ("motion", {"silent": True}, D.EGO_MOTION_SILENT, 0.2),
    ("motion", {"frozen": True}, D.EGO_MOTION_IMPLAUSIBLE, 0.375),
    ("motion", {"refusal": "speed jumped by more than tyres allow"}, D.EGO_MOTION_IMPLAUSIBLE, 0.1),
]


@pytest.mark.parametrize(("sensor", "illness", "diagnosis", "within_s"), ILL)
def test_each_illness_of_a_sensor_is_told_apart_found_in_time_and_taken_back(sensor, illness, diagnosis, within_s):
    drive = Drive().run(START_S)
    well = {name: getattr(feed(drive, sensor), name) for name in illness}
    for name, value in illness.items():
        setattr(feed(drive, sensor), name, value)
    drive.run(2.0)
    assert drive.diagnosed == {diagnosis}
    assert START_S < appeared_s(drive, diagnosis) <= START_S + within_s + 0.15
    for name, value in well.items():
        setattr(feed(drive, sensor), name, value)
    drive.run(3.0)
    assert drive.diagnosed == {diagnosis}
    last_ill_s = START_S + 2.0 - TICK_NS / NS_PER_S
    assert last_ill_s + T.sensor_dwell_s <= gone_s(drive, diagnosis) <= last_ill_s + T.sensor_dwell_s + 0.2
    assert drive.mode is Mode.NOMINAL
    assert "earned by" in drive.reports[-1].reason


@pytest.mark.parametrize(("sensor", "diagnosis"), [("camera", D.CAMERA_DEGRADED), ("radar", D.RADAR_DEGRADED)])
def test_every_second_message_lost_is_a_degraded_sensor(sensor, diagnosis):
    drive = Drive().run(START_S)
    for tick in range(120):
        feed(drive, sensor).lost = tick % 4 < 2
        drive.tick()
    assert drive.diagnosed == {diagnosis}


@pytest.mark.parametrize(("sensor", "diagnosis"), [("camera", D.CAMERA_DEGRADED), ("radar", D.RADAR_DEGRADED)])
def test_every_second_message_behind_a_newer_one_is_a_degraded_sensor(sensor, diagnosis):
    drive = Drive().run(START_S)
    for tick in range(80):
        if tick % 4 == 0:
            feed(drive, sensor).lost_total += 1
            feed(drive, sensor).disordered_total += 1
        drive.tick()
    assert drive.diagnosed == {diagnosis}


@pytest.mark.parametrize(("stage", "sensor"), [("camera_objects", "camera"), ("radar_processing", "radar")])
def test_deadlines_missed_because_messages_came_in_bursts_are_not_the_computers(stage, sensor):
    drive = Drive().run(START_S)
    for _ in range(6):
        feed(drive, sensor).disordered_total += 1
        drive.tick()
        drive.tick(event(HostEventKind.DEADLINE_MISSED, stage))
    assert D.DEADLINES_MISSED not in drive.diagnosed


@pytest.mark.parametrize("sensor", ["camera", "radar"])
def test_a_stage_is_not_hung_when_its_sensor_returns_after_a_silence(sensor):
    drive = Drive().run(START_S)
    feed(drive, sensor).refusal = "too old for its use"
    drive.run(3.0)
    feed(drive, sensor).refusal = ""
    setattr(drive, f"{sensor}_stage_hung", True)
    drive.run(0.05)
    setattr(drive, f"{sensor}_stage_hung", False)
    drive.run(3.0)
    assert not {D.CAMERA_STAGE_HUNG, D.RADAR_STAGE_HUNG} & drive.diagnosed


@pytest.mark.parametrize(("sensor", "diagnosis"), [("camera", D.CAMERA_SILENT), ("radar", D.RADAR_SILENT)])
def test_messages_too_old_for_use_make_a_sensor_silent(sensor, diagnosis):
    drive = Drive().run(START_S)
    feed(drive, sensor).refusal = "too old for its use"
    drive.run(0.5)
    assert diagnosis in drive.diagnosed


def test_a_short_silence_is_no_diagnosis():
    drive = Drive().run(START_S)
    drive.camera.silent = True
    drive.run(0.2)
    drive.camera.silent = False
    drive.run(2.0)
    assert drive.reports == []


def test_an_illness_that_returns_within_the_dwell_stays_one_diagnosis():
    drive = Drive().run(START_S)
    for _ in range(3):
        drive.camera.frozen = True
        drive.run(0.5)
        drive.camera.frozen = False
        drive.run(0.5)
    assert [report.present for report in drive.reports] == [True]


def test_the_words_of_ingest_for_a_bad_journey_are_known_here():
    ingest = {LATE, REPEATED, STALE, "too old for its use"}
    assert ingest == JOURNEY_REASONS
    assert {topics.CAMERA_CHECK, topics.RADAR_CHECK, topics.MOTION_CHECK} == {rule.check for rule in RULES.values()}


# -- the sensors about each other -----------------------------------------------------------------


def test_a_radar_without_any_echo_beside_a_visible_car_is_blind():
    drive = Drive().run(START_S)
    drive.camera_sees_car = True
    drive.run(1.0)
    assert drive.reports == []
    drive.radar_empty = True
    drive.run(1.0)
    assert drive.diagnosed == {D.RADAR_BLIND}
    assert drive.mode is Mode.CAMERA_ONLY


def test_a_radar_without_any_echo_on_an_empty_road_is_well():
    drive = Drive().run(1.0)
    drive.radar_empty = True
    drive.run(5.0)
    assert drive.reports == []


@pytest.mark.parametrize("witness", ["camera", "radar"])
def test_one_near_vehicle_that_only_one_sensor_ever_sees_is_disagreement_after_long(witness):
    other = "radar" if witness == "camera" else "camera"
    seen = track(**{f"{other}_at": -1, f"{other}_hits": 0, "vx_mps": 15.0})
    drive = Drive(15.0).run(START_S)
    drive.sees = lambda d: (hazard(25.0, 0.5, seen),)
    drive.run(T.disagree_after_s - 0.2)
    assert drive.reports == []
    drive.run(0.5)
    assert drive.diagnosed == {D.SENSORS_DISAGREE}
    assert drive.mode is Mode.WARN_ONLY


def test_a_standing_echo_that_no_camera_sees_is_ordinary():
    seen = track(camera_at=-1, camera_hits=0, vx_mps=0.0)
    drive = Drive(1.0)
    drive.sees = lambda d: (hazard(25.0, 1.0, seen),)
    drive.run(8.0)
    assert drive.reports == []


# -- the computer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "diagnosis", "mode"),
    [
        ("camera_objects", D.CAMERA_STAGE_HUNG, Mode.RADAR_ONLY),
        ("radar_processing", D.RADAR_STAGE_HUNG, Mode.CAMERA_ONLY),
        ("tracking", D.DEADLINES_MISSED, Mode.WARN_ONLY),
        ("risk", D.DEADLINES_MISSED, Mode.WARN_ONLY),
        ("ingest", D.DEADLINES_MISSED, Mode.WARN_ONLY),
    ],
)
def test_a_stage_ended_by_the_watchdog_is_found_at_once_and_forgiven_after_the_dwell(stage, diagnosis, mode):
    drive = Drive().run(START_S)
    drive.tick(event(HostEventKind.STAGE_KILLED, stage))
    assert drive.diagnosed == {diagnosis}
    assert drive.mode is mode
    drive.run(T.killed_memory_s + T.timing_dwell_s + 0.3)
    assert drive.mode is Mode.NOMINAL


@pytest.mark.parametrize(
    ("hung", "diagnosis"),
    [
        ("camera_stage_hung", D.CAMERA_STAGE_HUNG),
        ("radar_stage_hung", D.RADAR_STAGE_HUNG),
        ("risk_hung", D.DEADLINES_MISSED),
    ],
)
def test_a_stage_without_output_is_found_without_any_watchdog(hung, diagnosis):
    drive = Drive().run(START_S)
    setattr(drive, hung, True)
    drive.run(1.0)
    assert drive.diagnosed == {diagnosis}
    assert appeared_s(drive, diagnosis) <= START_S + T.output_stale_after_s + 0.1
    setattr(drive, hung, False)
    drive.run(3.0)
    assert drive.mode is Mode.NOMINAL


def test_few_missed_deadlines_are_tolerated_and_many_are_not():
    drive = Drive().run(START_S)
    for _ in range(10):
        drive.tick(event(HostEventKind.DEADLINE_MISSED, "tracking"))
        drive.run(T.misses_window_s / (T.misses_count - 1.0))
    assert drive.reports == []
    for _ in range(int(T.misses_count)):
        drive.tick(event(HostEventKind.DEADLINE_MISSED, "tracking"))
    assert drive.diagnosed == {D.DEADLINES_MISSED}
    assert drive.mode is Mode.WARN_ONLY


def test_deadlines_missed_by_a_hung_stage_are_part_of_its_hang():
    drive = Drive().run(START_S)
    drive.tick(event(HostEventKind.STAGE_KILLED, "camera_objects"))
    for _ in range(10):
        drive.tick(event(HostEventKind.DEADLINE_MISSED, "camera_objects"))
    assert drive.diagnosed == {D.CAMERA_STAGE_HUNG}


def test_a_job_with_host_events_alone_is_a_job():
    drive = Drive().run(START_S)
    drive.risk_hung = True
    drive.tick(event(HostEventKind.STAGE_KILLED, "risk"))
    assert drive.mode is Mode.WARN_ONLY


# -- the way to the brakes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disturb", "diagnosis", "within_s"),
    [
        ({"refusing": True}, D.COMMANDS_REFUSED, 0.3),
        ({"deaf": True}, D.COMMANDS_LOST, 0.45),
        ({"mute": True}, D.COMMANDS_LOST, 0.65),
    ],
)
def test_commands_refused_and_lost_are_told_apart_and_taken_back(disturb, diagnosis, within_s):
    drive = Drive().run(START_S)
    for name, value in disturb.items():
        setattr(drive.brakes, name, value)
    drive.run(2.0)
    assert drive.diagnosed == {diagnosis}
    assert appeared_s(drive, diagnosis) <= START_S + within_s
    for name in disturb:
        setattr(drive.brakes, name, False)
    drive.run(3.0)
    assert drive.diagnosed == {diagnosis}
    assert drive.mode is Mode.NOMINAL


def test_a_single_refusal_is_tolerated():
    drive = Drive().run(START_S)
    for _ in range(10):
        drive.brakes.refused_total += 1
        drive.run(0.6)
    assert drive.reports == []


def test_refusals_between_two_status_messages_are_all_counted():
    drive = Drive().run(START_S)
    drive.brakes.refused_total += int(T.refusals_count)
    drive.run(0.1)
    assert drive.diagnosed == {D.COMMANDS_REFUSED}


@pytest.mark.parametrize("delivers", [0.0, 0.2, 0.4])
def test_a_weak_actuator_is_found_while_braking_and_braking_goes_on(delivers):
    drive = Drive(22.0)
    drive.sees = car_ahead(95.0)
    drive.brakes.delivers_ratio = delivers
    drive.run(4.5)
    assert drive.diagnosed == {D.ACTUATOR_WEAK}
    assert drive.mode is Mode.WARN_ONLY
    assert drive.last_manoeuvre.demand_mps2 > 4.0


@pytest.mark.parametrize("delivers", [0.75, 1.0])
def test_an_actuator_that_gives_three_quarters_is_not_called_weak(delivers):
    drive = Drive(22.0)
    drive.sees = car_ahead(110.0)
    drive.brakes.delivers_ratio = delivers
    drive.run(10.0)
    assert drive.reports == []


def test_a_weak_actuator_stays_so_until_a_braking_proves_it_strong():
    drive = Drive(22.0)
    drive.sees = car_ahead(95.0)
    drive.brakes.delivers_ratio = 0.3
    drive.run(4.5)
    drive.brakes.delivers_ratio = 1.0
    drive.run(2.5)
    assert gone_s(drive, D.ACTUATOR_WEAK) < drive.now / NS_PER_S
    lasting = Drive(22.0)
    lasting.sees = car_ahead(95.0)
    lasting.brakes.delivers_ratio = 0.3
    lasting.run(4.5)
    lasting.accelerator, lasting.sees = 1.0, lambda d: ()
    lasting.run(10.0)
    assert lasting.mode is Mode.WARN_ONLY


def test_lost_commands_while_braking_are_not_called_a_weak_actuator():
    drive = Drive(22.0)
    drive.sees = car_ahead(95.0)
    drive.brakes.deaf = False
    drive.run(1.0)
    drive.brakes.deaf = True
    drive.run(5.0)
    assert drive.diagnosed == {D.COMMANDS_LOST}


# -- reports --------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["camera", "radar", "motion"]), st.booleans()), min_size=1, max_size=12))
def test_reports_alternate_between_present_and_gone_for_each_diagnosis(turns):
    drive = Drive()
    for sensor, silent in turns:
        feed(drive, sensor).silent = silent
        drive.run(0.7)
    for diagnosis in Diagnosis:
        told = [report.present for report in drive.reports if report.diagnosis is diagnosis]
        assert told == [index % 2 == 0 for index in range(len(told))]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(ILL), st.floats(0.1, 3.0))
def test_nothing_is_diagnosed_before_its_onset(ill, onset_s):
    sensor, illness, _, _ = ill
    drive = Drive().run(onset_s)
    onset = drive.now
    for name, value in illness.items():
        setattr(feed(drive, sensor), name, value)
    drive.run(1.0)
    assert all(at >= onset for at, output in drive.outputs if output.topic == topics.DIAGNOSIS)


def test_every_report_gives_the_reading_and_its_limit():
    drive = Drive().run(START_S)
    drive.camera.silent = True
    drive.run(1.0)
    assert "limit 0.25 s" in drive.reports[0].reason
