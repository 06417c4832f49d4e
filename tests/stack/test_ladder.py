"""The ladder over all modes and all triggers: what must never happen first, then the table, then how it is climbed."""

import itertools

import pytest

from stack.decision.diagnoses import CAMERA_BAD, COMMANDS_BAD, MOTION_BAD, RADAR_BAD, Standing
from stack.decision.ladder import TRANSITIONS, Trigger, condition, moved
from stack.decision.symptoms import Symptom
from stack.decision.thresholds import thresholds_for
from stack.vocabulary import (
    NS_PER_S,
    BrakingStage,
    Diagnosis,
    HostEventKind,
    Mode,
    Protection,
    SimNs,
    WarningKind,
    topics,
)
from tests.stack.decision_stand_ins import BRAKE_MAX_MPS2, Drive, briefing, car_ahead, event

T = thresholds_for(briefing())
EVENTS = (Trigger.DRIVER_TOOK_OVER, Trigger.STANDSTILL)
CONDITIONS = tuple(trigger for trigger in Trigger if trigger not in EVENTS)
GRAVITY = {
    Mode.NOMINAL: 0,
    Mode.CAMERA_ONLY: 1,
    Mode.RADAR_ONLY: 1,
    Mode.WARN_ONLY: 2,
    Mode.OFF: 3,
    Mode.MINIMAL_RISK: 4,
}


def standing(*diagnoses: Diagnosis) -> tuple[Standing, ...]:
    return tuple(Standing(d, SimNs(0), SimNs(0), Symptom(d, "reading", 2.0, 1.0, "s")) for d in diagnoses)


# -- never ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", CONDITIONS)
def test_no_condition_ends_the_minimal_risk_reaction(trigger):
    assert TRANSITIONS[Mode.MINIMAL_RISK, trigger].after is Mode.MINIMAL_RISK


@pytest.mark.parametrize(("event_", "held"), list(itertools.product(EVENTS, CONDITIONS)))
def test_only_standstill_and_the_driver_end_the_minimal_risk_reaction_and_they_lead_to_off(event_, held):
    assert moved(Mode.MINIMAL_RISK, event_, held).after is Mode.OFF


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.MINIMAL_RISK])
@pytest.mark.parametrize("event_", EVENTS)
def test_standstill_and_the_driver_move_no_other_mode(mode, event_):
    assert TRANSITIONS[mode, event_].after is mode


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.MINIMAL_RISK])
def test_only_unsupported_braking_leads_to_the_minimal_risk_reaction(mode):
    leads = [trigger for trigger in Trigger if TRANSITIONS[mode, trigger].after is Mode.MINIMAL_RISK]
    assert leads == [Trigger.BRAKING_UNSUPPORTED]


@pytest.mark.parametrize(("mode", "trigger"), list(itertools.product(Mode, Trigger)))
def test_the_table_is_complete_and_every_way_up_names_what_earned_it(mode, trigger):
    move = TRANSITIONS[mode, trigger]
    assert move.why
    if GRAVITY[move.after] < GRAVITY[mode] or (mode is not Mode.NOMINAL and move.after is Mode.NOMINAL):
        assert "earned by" in move.why


def test_the_table_holds_every_pair_and_nothing_else():
    assert set(TRANSITIONS) == set(itertools.product(Mode, Trigger))


# -- the table ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "mode"),
    [
        (Trigger.RESTARTED, Mode.OFF),
        (Trigger.MOTION_LOST, Mode.OFF),
        (Trigger.PERCEPTION_LOST, Mode.OFF),
        (Trigger.COMMANDS_DOUBTFUL, Mode.WARN_ONLY),
        (Trigger.TIMING_DOUBTFUL, Mode.WARN_ONLY),
        (Trigger.SENSORS_DISAGREE, Mode.WARN_ONLY),
        (Trigger.RADAR_LOST, Mode.CAMERA_ONLY),
        (Trigger.CAMERA_LOST, Mode.RADAR_ONLY),
        (Trigger.ALL_WELL, Mode.NOMINAL),
        (Trigger.BRAKING_UNSUPPORTED, Mode.MINIMAL_RISK),
    ],
)
def test_each_condition_leads_to_its_mode_from_every_mode_but_minimal_risk(trigger, mode):
    for before in Mode:
        if before is not Mode.MINIMAL_RISK:
            assert TRANSITIONS[before, trigger].after is mode


@pytest.mark.parametrize("diagnosis", list(Diagnosis))
def test_each_diagnosis_alone_makes_one_condition(diagnosis):
    expected = {
        Diagnosis.SENSORS_DISAGREE: Trigger.SENSORS_DISAGREE,
        Diagnosis.DEADLINES_MISSED: Trigger.TIMING_DOUBTFUL,
        Diagnosis.STACK_RESTARTED: Trigger.RESTARTED,
    }.get(diagnosis)
    if diagnosis in CAMERA_BAD:
        expected = Trigger.CAMERA_LOST
    elif diagnosis in RADAR_BAD:
        expected = Trigger.RADAR_LOST
    elif diagnosis in MOTION_BAD:
        expected = Trigger.MOTION_LOST
    elif diagnosis in COMMANDS_BAD:
        expected = Trigger.COMMANDS_DOUBTFUL
    assert condition(standing(diagnosis), braking=False) is expected


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(Diagnosis, 2)))
def test_two_diagnoses_call_for_a_mode_no_better_than_either_whatever_their_order(first, second):
    both = condition(standing(first, second), braking=False)
    assert both is condition(standing(second, first), braking=False)
    mode = TRANSITIONS[Mode.NOMINAL, both].after
    for one in (first, second):
        alone = TRANSITIONS[Mode.NOMINAL, condition(standing(one), braking=False)].after
        assert GRAVITY[mode] >= GRAVITY[alone]


@pytest.mark.parametrize(
    ("camera", "radar"), list(itertools.product(sorted(CAMERA_BAD, key=str), sorted(RADAR_BAD, key=str)))
)
def test_any_camera_and_any_radar_diagnosis_together_leave_nothing(camera, radar):
    assert condition(standing(camera, radar), braking=False) is Trigger.PERCEPTION_LOST
    assert condition(standing(camera, radar), braking=True) is Trigger.BRAKING_UNSUPPORTED


@pytest.mark.parametrize("diagnosis", sorted(MOTION_BAD | {Diagnosis.STACK_RESTARTED}, key=str))
def test_what_turns_the_system_off_holds_the_brakes_if_they_are_applied(diagnosis):
    assert condition(standing(diagnosis), braking=True) is Trigger.BRAKING_UNSUPPORTED


@pytest.mark.parametrize("diagnosis", sorted(COMMANDS_BAD | CAMERA_BAD | RADAR_BAD, key=str))
def test_a_lesser_diagnosis_while_braking_is_the_same_as_without(diagnosis):
    assert condition(standing(diagnosis), True) is condition(standing(diagnosis), False)


def test_no_diagnosis_is_all_well_braking_or_not():
    assert condition((), True) is condition((), False) is Trigger.ALL_WELL


# -- the ladder in a drive ------------------------------------------------------------------------


def braking_drive(**settings: float) -> Drive:
    drive = Drive(22.0, **settings)
    drive.sees = car_ahead(95.0)
    while drive.last_manoeuvre.demand_mps2 < 4.0 if drive.demands else True:
        drive.tick()
    return drive


def test_both_sensors_lost_while_braking_holds_the_stated_deceleration_to_standstill():
    drive = braking_drive()
    drive.camera.silent = drive.radar.silent = True
    drive.run(8.0)
    after = [m for at, o in drive.outputs if o.topic == topics.MODE_CHANGE for m in [o.payload.after]]
    assert after == [Mode.RADAR_ONLY, Mode.MINIMAL_RISK, Mode.OFF] or after == [
        Mode.CAMERA_ONLY,
        Mode.MINIMAL_RISK,
        Mode.OFF,
    ]
    held_at = drive.first_at_s(topics.MODE_CHANGE, lambda m: m.after is Mode.MINIMAL_RISK)
    stood_at = next(at for at, speed in drive.speeds if speed <= T.standstill_mps) / NS_PER_S
    held = {demand for at, demand in drive.demands if held_at <= at / NS_PER_S < stood_at}
    assert held == {T.hold_demand_mps2}
    assert drive.last_manoeuvre.warning is WarningKind.SYSTEM_OFF


def test_a_message_found_again_does_not_end_the_minimal_risk_reaction():
    drive = braking_drive()
    drive.camera.silent = drive.radar.silent = True
    drive.run(0.5)
    assert drive.mode is Mode.MINIMAL_RISK
    drive.camera.silent = drive.radar.silent = False
    drive.sees = lambda d: ()
    drive.run(2.0)
    assert drive.speed_mps > 1.0
    assert drive.mode is Mode.MINIMAL_RISK
    assert drive.last_manoeuvre.demand_mps2 == T.hold_demand_mps2


def test_every_message_lost_at_once_keeps_the_minimal_risk_reaction():
    drive = braking_drive()
    drive.camera.silent = drive.radar.silent = drive.motion.silent = True
    drive.brakes.mute = True
    drive.run(20.0)
    assert drive.mode is Mode.MINIMAL_RISK
    assert drive.last_manoeuvre.demand_mps2 == T.hold_demand_mps2


@pytest.mark.parametrize("act", ["accelerator", "steering", "pedal"])
def test_the_driver_ends_the_minimal_risk_reaction(act):
    drive = braking_drive()
    drive.camera.silent = drive.radar.silent = True
    drive.run(0.5)
    setattr(drive, act, 1.0)
    drive.run(0.1)
    assert drive.mode is Mode.OFF
    assert drive.last_manoeuvre.demand_mps2 == 0.0
    assert "driver" in drive.modes[-1].reason


def test_after_a_restart_the_system_is_off_until_initialised_and_then_returns():
    drive = Drive(20.0)
    drive.tick(event(HostEventKind.STACK_RESTARTED))
    assert drive.mode is Mode.OFF
    assert drive.last_manoeuvre.warning is WarningKind.SYSTEM_OFF if drive.demands else True
    drive.run(2.0)
    assert [(m.before, m.after) for m in drive.modes] == [(Mode.NOMINAL, Mode.OFF), (Mode.OFF, Mode.NOMINAL)]
    assert "earned by" in drive.modes[-1].reason
    assert drive.diagnosed == {Diagnosis.STACK_RESTARTED}


def test_a_restart_while_the_actuator_brakes_takes_the_braking_over():
    drive = Drive(20.0)
    drive.brakes.demand_mps2, drive.brakes.deadman, drive.brakes.mute = 5.0, True, True
    drive.tick(event(HostEventKind.STACK_RESTARTED))
    drive.tick()
    assert drive.demands == [], "the fresh stack must not ask for less before it has heard the actuator"
    drive.brakes.mute = False
    drive.run(0.1)
    assert drive.mode is Mode.MINIMAL_RISK
    assert {demand for _, demand in drive.demands} == {T.hold_demand_mps2}


def test_after_a_restart_requests_do_not_wait_for_the_actuator_for_ever():
    drive = Drive(20.0)
    drive.brakes.mute = True
    drive.tick(event(HostEventKind.STACK_RESTARTED))
    drive.run(T.restart_quiet_s + 0.1)
    assert drive.demands
    assert drive.demands[0][0] / NS_PER_S >= T.restart_quiet_s


def test_a_braking_taken_over_ends_at_standstill_and_is_not_taken_over_again():
    drive = Drive(8.0)
    drive.brakes.demand_mps2, drive.brakes.deadman = 5.0, True
    drive.tick(event(HostEventKind.STACK_RESTARTED))
    drive.run(8.0)
    assert [m.after for m in drive.modes].count(Mode.MINIMAL_RISK) == 1
    assert drive.mode is Mode.NOMINAL


def test_warn_only_warns_and_begins_no_braking():
    drive = Drive(22.0)
    drive.brakes.refusing = True
    drive.run(2.0)
    assert drive.mode is Mode.WARN_ONLY
    drive.sees = car_ahead(drive.travelled_m + 70.0)
    drive.run(2.0)
    assert drive.last_manoeuvre.warning is WarningKind.FORWARD_COLLISION
    assert all(demand == 0.0 for _, demand in drive.demands)
    assert any(d.evidence.rule.startswith("withhold: the mode") for d in drive.decisions)


@pytest.mark.parametrize("path", ["refusing", "deaf"])
def test_a_doubtful_command_path_does_not_release_a_braking_begun(path):
    drive = braking_drive()
    setattr(drive.brakes, path, True)
    drive.run(1.5)
    assert drive.mode is Mode.WARN_ONLY
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


@pytest.mark.parametrize("sensor", ["camera", "radar"])
def test_one_sensor_lost_while_braking_keeps_full_braking(sensor):
    drive = braking_drive()
    getattr(drive, sensor).silent = True
    drive.run(1.0)
    assert drive.mode in (Mode.CAMERA_ONLY, Mode.RADAR_ONLY)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_in_off_nothing_is_demanded_and_the_driver_is_told():
    drive = Drive(22.0)
    drive.motion.silent = True
    drive.run(1.5)
    drive.sees = car_ahead(drive.travelled_m + 40.0)
    drive.run(1.5)
    assert drive.mode is Mode.OFF
    assert all(demand == 0.0 for _, demand in drive.demands)
    assert drive.last_manoeuvre.warning is WarningKind.SYSTEM_OFF


@pytest.mark.parametrize(
    ("sensor", "mode", "kept"),
    [("radar", Mode.CAMERA_ONLY, "camera"), ("camera", Mode.RADAR_ONLY, "radar")],
)
def test_with_one_sensor_the_truck_still_brakes_for_what_the_other_sees(sensor, mode, kept):
    drive = Drive(14.0)
    getattr(drive, sensor).silent = True
    drive.run(2.0)
    assert drive.mode is mode
    assert drive.last_manoeuvre.warning is WarningKind.SYSTEM_DEGRADED
    gone = {f"{sensor}_hits": 0, f"{sensor}_at": SimNs(1)}
    drive.sees = car_ahead(drive.travelled_m + 70.0, **gone)
    drive.run(8.0)
    assert max(demand for _, demand in drive.demands) == BRAKE_MAX_MPS2
    assert drive.travelled_m < 28.0 + 70.0


def test_the_radar_alone_brakes_late_for_a_standing_thing_no_camera_ever_saw():
    drive = Drive(14.0)
    drive.camera.silent = True
    drive.run(2.0)
    drive.sees = car_ahead(drive.travelled_m + 70.0, camera_hits=0, camera_at=SimNs(-1))
    drive.run(8.0)
    full = next(d for d in drive.decisions if d.stage is BrakingStage.FULL)
    ttc_s = next(r.value for r in full.evidence.saw if r.name == "time to collision")
    assert ttc_s <= T.stationary_ttc_s


@pytest.mark.parametrize("fault", ["camera", "radar", "motion", "both", "restart", "commands"])
def test_unprotected_the_diagnoses_run_and_the_ladder_never_moves(fault):
    drive = Drive(20.0, Protection.UNPROTECTED)
    drive.sees = car_ahead(100.0)
    drive.run(1.0)
    if fault == "restart":
        drive.tick(event(HostEventKind.STACK_RESTARTED))
    elif fault == "commands":
        drive.brakes.refusing = True
    else:
        for sensor in ("camera", "radar") if fault == "both" else (fault,):
            getattr(drive, sensor).silent = True
    drive.run(6.0)
    assert drive.diagnosed
    assert drive.modes == []
    assert drive.mode is Mode.NOMINAL
    assert T.hold_demand_mps2 not in {demand for _, demand in drive.demands}


def test_a_mode_change_is_a_decision_with_the_symptom_as_evidence():
    drive = Drive(20.0)
    drive.run(1.0)
    drive.camera.frozen = True
    drive.run(1.0)
    decision = next(d for d in drive.decisions if d.mode is Mode.RADAR_ONLY)
    assert decision.evidence.rule.startswith("ladder: nominal to radar_only")
    assert decision.evidence.threshold.value == T.frozen_count
    assert "camera_frozen" in decision.evidence.counterfactual
