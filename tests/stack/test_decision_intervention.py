"""What the braking state machine must never do, and what it must."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.decision.intervention import IDLE, Intervention, Scene, intervened
from stack.decision.override import NO_ACTS, DriverActs
from stack.decision.support import NO_OBJECTION, Objection, Withheld, Witnesses
from stack.decision.threats import BrakingNeed, Threat, braking_need, threats
from stack.decision.thresholds import EMERGENCY_DEMAND_MPS2, Thresholds, thresholds_for
from stack.vocabulary import (
    NS_PER_S,
    BrakingStage,
    HazardList,
    InputError,
    Mode,
    ObjectClass,
    Protection,
    SimNs,
    StageInput,
    WarningKind,
    topics,
)
from tests.stack.decision_stand_ins import (
    BRAKE_MAX_MPS2,
    TICK_NS,
    VEHICLE,
    VRU,
    Drive,
    briefing,
    car_ahead,
    hazard,
    message,
    track,
)

T = thresholds_for(briefing())
KMH = 1.0 / 3.6


def warned_at_s(drive: Drive) -> float:
    return drive.first_at_s(topics.MANOEUVRE, lambda m: m.warning is WarningKind.FORWARD_COLLISION)


def braked_at_s(drive: Drive, at_least_mps2: float = EMERGENCY_DEMAND_MPS2) -> float:
    return drive.first_at_s(topics.MANOEUVRE, lambda m: m.demand_mps2 >= at_least_mps2)


def approach(speed_kmh: float, gap_m: float, lead_kmh: float = 0.0, **changes) -> Drive:
    drive = Drive(speed_kmh * KMH)
    drive.sees = car_ahead(gap_m, lead_kmh * KMH, **changes)
    return drive


def left_m(drive: Drive, gap_m: float, lead_kmh: float = 0.0) -> float:
    return gap_m - drive.travelled_m + lead_kmh * KMH * drive.now / NS_PER_S


# -- never ----------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    speed_kmh=st.floats(10.0, 90.0),
    ttc_s=st.floats(0.5, 8.0),
    lead_ratio=st.floats(0.0, 0.9),
    path=st.floats(0.0, 1.0),
    vulnerable=st.booleans(),
    mode=st.sampled_from(["nominal", "camera", "radar", "commands"]),
)
def test_no_demand_is_ever_outside_its_limits(speed_kmh, ttc_s, lead_ratio, path, vulnerable, mode):
    lead_kmh = speed_kmh * lead_ratio
    drive = approach(
        speed_kmh, (speed_kmh - lead_kmh) * KMH * ttc_s, lead_kmh, kind=VRU if vulnerable else VEHICLE, path=path
    )
    drive.camera.frozen = mode == "camera"
    drive.radar.frozen = mode == "radar"
    drive.brakes.refusing = mode == "commands"
    drive.run(5.0)
    assert all(0.0 <= demand <= BRAKE_MAX_MPS2 for _, demand in drive.demands)


@settings(max_examples=40, deadline=None)
@given(speed_kmh=st.floats(12.0, 90.0), ttc_s=st.floats(5.0, 8.0), lead_ratio=st.floats(0.0, 0.8))
def test_no_emergency_braking_for_foreseeable_vehicles_before_the_warnings_lead(speed_kmh, ttc_s, lead_ratio):
    lead_kmh = speed_kmh * lead_ratio
    drive = approach(speed_kmh, (speed_kmh - lead_kmh) * KMH * ttc_s, lead_kmh).run(8.0)
    if braked_at_s(drive) < inf:
        assert braked_at_s(drive) - warned_at_s(drive) >= 0.8


@settings(max_examples=40, deadline=None)
@given(speed_kmh=st.floats(10.0, 90.0), ttc_s=st.floats(0.3, 6.0), vulnerable=st.booleans())
def test_no_braking_of_any_strength_without_a_warning_by_then(speed_kmh, ttc_s, vulnerable):
    drive = approach(speed_kmh, speed_kmh * KMH * ttc_s, kind=VRU if vulnerable else VEHICLE).run(6.0)
    assert warned_at_s(drive) <= braked_at_s(drive, 0.01)


def test_a_car_that_is_not_in_the_path_is_neither_warned_of_nor_braked_for():
    drive = approach(50.0, 60.0, path=0.2).run(6.0)
    assert warned_at_s(drive) == inf
    assert all(demand == 0.0 for _, demand in drive.demands)


def test_a_standing_echo_without_a_camera_object_is_not_braked_for():
    drive = approach(80.0, 120.0, camera_hits=0, camera_at=SimNs(-1), object_class=ObjectClass.UNKNOWN).run(6.0)
    assert all(demand == 0.0 for _, demand in drive.demands)


def test_a_picture_without_an_echo_is_not_braked_for():
    drive = approach(80.0, 120.0, radar_hits=0, radar_at=SimNs(-1)).run(6.0)
    assert all(demand == 0.0 for _, demand in drive.demands)


def test_below_its_active_speed_no_intervention_begins():
    drive = approach(8.0, 8.0).run(5.0)
    assert warned_at_s(drive) == inf
    assert braked_at_s(drive, 0.01) == inf


def test_an_empty_road_never_brings_a_decision():
    drive = Drive(25.0).run(20.0)
    assert drive.decisions == []
    assert drive.reports == []
    assert len(drive.demands) == drive.ticks


# -- vehicles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed_kmh", [10, 20, 30, 35, 40, 50, 60, 70, 80, 90])
def test_the_truck_stops_short_of_a_standing_car(speed_kmh):
    gap_m = speed_kmh * KMH * 6.0
    drive = approach(speed_kmh, gap_m).run(6.0 + speed_kmh * KMH / 4.0)
    assert 0.0 < left_m(drive, gap_m) < 22.0
    assert drive.speed_mps == pytest.approx(0.0, abs=0.05)
    assert 0.8 <= braked_at_s(drive) - warned_at_s(drive) <= 1.6


@pytest.mark.parametrize(("speed_kmh", "lead_kmh"), [(30, 20), (50, 20), (70, 20), (80, 12), (80, 32), (90, 20)])
def test_the_truck_does_not_touch_a_slower_car_and_then_lets_go(speed_kmh, lead_kmh):
    gap_m = (speed_kmh - lead_kmh) * KMH * 6.0
    drive = approach(speed_kmh, gap_m, lead_kmh)
    nearest = inf
    for _ in range(500):
        drive.tick()
        nearest = min(nearest, left_m(drive, gap_m, lead_kmh))
    assert nearest > 0.0
    assert braked_at_s(drive) < inf
    assert drive.last_manoeuvre.demand_mps2 == 0.0
    assert drive.speed_mps < lead_kmh * KMH + 0.5


def test_emergency_braking_demands_all_the_truck_has():
    drive = approach(50.0, 80.0).run(6.0)
    assert max(demand for _, demand in drive.demands) == BRAKE_MAX_MPS2


def test_partial_braking_is_short_low_and_not_before_the_warning_has_stood():
    drive = approach(50.0, 80.0).run(6.0)
    partial = [at / NS_PER_S for at, demand in drive.demands if 0.0 < demand < EMERGENCY_DEMAND_MPS2]
    assert max(demand for at, demand in drive.demands if at / NS_PER_S < braked_at_s(drive)) <= 2.0
    assert partial[-1] - partial[0] <= T.partial_longest_s
    assert partial[0] - warned_at_s(drive) >= 0.8


def test_braking_runs_to_standstill_holds_and_is_handed_back():
    drive = approach(30.0, 50.0).run(14.0)
    stood_at = next(at for at, speed in drive.speeds if speed <= T.standstill_mps) / NS_PER_S
    let_go_at = next(at for at, d in drive.demands if d == 0.0 and at / NS_PER_S > stood_at) / NS_PER_S
    assert let_go_at - stood_at == pytest.approx(T.standstill_hold_s, abs=0.1)
    assert "handed back" in drive.decisions[-1].evidence.rule


def test_a_car_that_leaves_the_path_ends_the_braking():
    drive = approach(60.0, 60.0)
    while drive.last_manoeuvre.demand_mps2 < 4.0 if drive.demands else True:
        drive.tick()
    drive.sees = lambda drive: ()
    drive.run(T.gone_after_s + 0.1)
    assert drive.last_manoeuvre.demand_mps2 == 0.0


def test_a_glimpse_without_the_car_does_not_end_the_braking():
    drive = approach(60.0, 60.0)
    while drive.last_manoeuvre.demand_mps2 < 4.0 if drive.demands else True:
        drive.tick()
    sees, drive.sees = drive.sees, lambda drive: ()
    drive.run(T.gone_after_s - 0.2)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2
    drive.sees = sees
    drive.run(0.5)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_hazards_that_stop_coming_do_not_release_the_brakes():
    drive = approach(80.0, 90.0)
    while drive.last_manoeuvre.demand_mps2 < 4.0 if drive.demands else True:
        drive.tick()
    drive.risk_hung = True
    drive.run(2.0)
    assert drive.speed_mps > 1.0
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_a_danger_that_could_not_be_foreseen_is_braked_for_with_the_warning():
    drive = Drive(60.0 * KMH)
    drive.run(2.0)
    drive.sees = car_ahead(drive.travelled_m + 20.0)
    drive.run(0.4)
    assert braked_at_s(drive) - warned_at_s(drive) < 0.8
    assert warned_at_s(drive) <= braked_at_s(drive)


def test_a_lead_that_brakes_hard_after_the_warning_is_braked_for_without_waiting():
    known = Scene(
        SimNs(0), Mode.NOMINAL, (), HazardList(as_of=SimNs(0), hazards=(), speed_mps=20.0), 0.0, 20.0, NO_ACTS
    )
    warned = Intervention(
        stage=BrakingStage.WARNING,
        warned_at=SimNs(0),
        warned_closing_mps=2.0,
        warned_known_since=SimNs(-10 * NS_PER_S),
        caused_at=SimNs(0),
    )
    at = SimNs(NS_PER_S // 2)
    for closing, stage in ((2.5, BrakingStage.WARNING), (4.0, BrakingStage.FULL)):
        threat = _threat(closing, needed=6.2, due_in_s=-0.1)
        step = intervened(warned, known._replace(now=at, threats=(threat,)), T)
        assert step.after.stage is stage


def test_a_warning_is_shown_for_its_time_and_then_ends_with_its_cause():
    drive = approach(50.0, 60.0)
    while warned_at_s(drive) == inf:
        drive.tick()
    drive.sees = lambda drive: ()
    drive.run(0.8)
    assert drive.last_manoeuvre.warning is WarningKind.FORWARD_COLLISION
    drive.run(0.5)
    assert drive.last_manoeuvre.warning is WarningKind.NONE


def test_no_warning_above_four_seconds_to_collision():
    drive = approach(90.0, 90.0 * KMH * 7.0).run(8.0)
    warning = next(d for d in drive.decisions if d.stage is BrakingStage.WARNING)
    ttc_s = next(r.value for r in warning.evidence.saw if r.name == "time to collision")
    assert ttc_s <= T.warn_below_ttc_s


# -- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed_kmh", [20, 26, 30, 40, 50, 60])
def test_a_person_seen_in_time_is_not_touched_and_warned_of_no_later_than_braking(speed_kmh):
    gap_m = speed_kmh * KMH * 3.5
    seen = {"object_class": ObjectClass.PEDESTRIAN, "radar_hits": 2}
    drive = approach(speed_kmh, gap_m, kind=VRU, **seen).run(8.0)
    assert left_m(drive, gap_m) > 0.0
    assert warned_at_s(drive) + T.hmi_allowance_s <= braked_at_s(drive) + TICK_NS / NS_PER_S


def test_a_person_who_appears_late_is_braked_for_at_once():
    drive = Drive(40.0 * KMH).run(2.0)
    drive.sees = car_ahead(drive.travelled_m + 11.0, kind=VRU, object_class=ObjectClass.PEDESTRIAN)
    drive.run(T.confirm_vru_s + 0.1)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_a_person_stopping_at_the_kerb_is_not_braked_for():
    drive = approach(40.0, 60.0, kind=VRU, object_class=ObjectClass.PEDESTRIAN, path=0.4).run(6.0)
    assert braked_at_s(drive, 0.01) == inf


# -- the driver -----------------------------------------------------------------------------------


def braking_drive(speed_kmh: float = 80.0, gap_m: float = 90.0) -> Drive:
    drive = approach(speed_kmh, gap_m)
    while drive.last_manoeuvre.demand_mps2 < 4.0 if drive.demands else True:
        drive.tick()
    return drive


@pytest.mark.parametrize(("accelerator", "steering"), [(1.0, 0.0), (0.9, 0.0), (0.2, 0.35), (0.2, -0.6)])
def test_a_new_act_of_the_driver_interrupts_braking_and_warning(accelerator, steering):
    drive = braking_drive()
    drive.accelerator, drive.steering = accelerator, steering
    drive.run(0.1)
    assert drive.last_manoeuvre.demand_mps2 == 0.0
    assert drive.last_manoeuvre.warning is WarningKind.NONE
    assert drive.decisions[-1].stage is BrakingStage.OVERRIDDEN
    assert drive.decisions[-1].evidence.threshold.value == T.override_accelerator_ratio


@pytest.mark.parametrize(("accelerator", "steering"), [(0.89, 0.0), (0.2, 0.34), (0.0, 0.0)])
def test_an_act_below_the_limits_interrupts_nothing(accelerator, steering):
    drive = braking_drive()
    drive.accelerator, drive.steering = accelerator, steering
    drive.run(0.3)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_a_pedal_that_was_down_before_the_warning_is_no_new_act():
    drive = Drive(80.0 * KMH)
    drive.accelerator = 1.0
    drive.sees = car_ahead(130.0)
    drive.run(4.5)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2
    drive.accelerator = 0.0
    drive.run(0.1)
    drive.accelerator = 1.0
    drive.run(0.1)
    assert drive.last_manoeuvre.demand_mps2 == 0.0


def test_a_braking_driver_is_not_taken_for_one_who_interrupts():
    drive = braking_drive()
    drive.pedal = 1.0
    drive.run(0.3)
    assert drive.last_manoeuvre.demand_mps2 == BRAKE_MAX_MPS2


def test_after_the_act_the_system_watches_again():
    drive = braking_drive()
    drive.accelerator = 1.0
    drive.run(0.2)
    drive.accelerator = 0.0
    drive.sees = lambda drive: ()
    drive.run(T.override_rearm_s + 0.1)
    assert drive.state.intervention.stage is BrakingStage.NONE


# -- following distance ---------------------------------------------------------------------------


def test_following_too_close_is_told_and_never_braked_for():
    from stack.vocabulary import HazardKind

    drive = Drive(20.0)
    drive.sees = lambda d: (hazard(12.0, 0.0, track(vx_mps=20.0), HazardKind.FOLLOWING_DISTANCE, required=0.0),)
    drive.run(2.0)
    assert drive.last_manoeuvre.warning is WarningKind.FOLLOWING_DISTANCE
    assert all(demand == 0.0 for _, demand in drive.demands)
    assert drive.decisions[0].evidence.rule == "warn: following distance too short"
    drive.sees = lambda d: ()
    drive.run(1.0)
    assert drive.last_manoeuvre.warning is WarningKind.NONE


# -- evidence -------------------------------------------------------------------------------------


def test_every_braking_decision_says_what_it_saw_what_decided_and_what_would_have_turned_it():
    drive = approach(50.0, 90.0).run(12.0)
    stages = [decision.stage for decision in drive.decisions]
    assert [s for s in stages if s is not BrakingStage.PARTIAL] == [
        BrakingStage.WARNING,
        BrakingStage.FULL,
        BrakingStage.NONE,
    ]
    full = next(d for d in drive.decisions if d.stage is BrakingStage.FULL)
    assert full.demand_mps2 == BRAKE_MAX_MPS2
    assert full.evidence.threshold.value == pytest.approx(T.brake_at_mps2)
    needed = next(r.value for r in full.evidence.saw if r.name == "required deceleration")
    assert needed >= full.evidence.threshold.value
    assert f"{needed:.2f}" in full.evidence.counterfactual
    for decision in drive.decisions:
        assert decision.evidence.saw
        assert any(c.isdigit() for c in decision.evidence.counterfactual)


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        ({"camera_hits": 0, "camera_at": SimNs(-1)}, Withheld.CAMERA),
        ({"camera_hits": 2}, Withheld.CAMERA),
        ({"radar_hits": 2}, Withheld.RADAR),
        ({"radar_at": SimNs(-1)}, Withheld.RADAR),
        ({"path": 0.45}, Withheld.PATH),
        ({"path": 0.65}, Withheld.PATH),
    ],
)
def test_withheld_braking_is_published_with_the_reading_that_held_it_back(changes, withheld):
    drive = approach(50.0, 60.0, **changes).run(4.0)
    rules = [decision.evidence.rule for decision in drive.decisions]
    held = [d for d in drive.decisions if d.evidence.rule == f"withhold: {withheld.value}"]
    assert held, rules
    assert held[0].demand_mps2 == 0.0
    assert held[0].evidence.saw[-1].name in held[0].evidence.counterfactual


def test_a_withholding_reason_that_stays_is_told_once():
    drive = approach(50.0, 60.0, camera_hits=0, camera_at=SimNs(-1)).run(4.0)
    assert sum(d.evidence.rule.startswith("withhold") for d in drive.decisions) == 1


def test_a_withholding_reason_that_flickers_is_told_at_most_at_its_spacing():
    drive = Drive(50.0 * KMH)
    weak, strong = car_ahead(60.0, camera_hits=0), car_ahead(60.0, radar_hits=0)
    drive.sees = lambda d: weak(d) if d.ticks % 2 else strong(d)
    drive.run(4.0)
    told = [
        at for at, o in drive.outputs if o.topic == topics.DECISION and o.payload.evidence.rule.startswith("withhold")
    ]
    assert len(told) > 2
    assert all(b - a >= T.withheld_spacing_s * NS_PER_S for a, b in zip(told, told[1:], strict=False))


# -- the numbers behind ---------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(gap=st.floats(5.0, 150.0), closing=st.floats(1.0, 25.0), age_s=st.floats(0.0, 0.2))
def test_age_and_less_gap_never_lower_the_need_nor_put_braking_off(gap, closing, age_s):
    fresh = braking_need(hazard(gap, closing, track()), 0.0, T)
    old = braking_need(hazard(gap, closing, track()), age_s, T)
    near = braking_need(hazard(gap * 0.9, closing, track()), 0.0, T)
    assert old.needed_mps2 >= fresh.needed_mps2
    assert old.due_in_s <= fresh.due_in_s + 1e-9
    assert near.needed_mps2 >= fresh.needed_mps2


@settings(max_examples=50, deadline=None)
@given(gap=st.floats(20.0, 150.0), closing=st.floats(3.0, 25.0))
def test_braking_is_due_exactly_when_the_need_reaches_the_limit(gap, closing):
    need = braking_need(hazard(gap, closing, track()), 0.0, T)
    if 0.0 < need.due_in_s < inf:
        at_due = braking_need(hazard(gap, closing, track()), need.due_in_s, T)
        assert at_due.needed_mps2 == pytest.approx(need.limit_mps2, rel=1e-6)


def test_a_gentle_closing_at_a_small_gap_is_no_emergency():
    assert braking_need(hazard(1.1, 0.3, track()), 0.0, T).due_in_s > 0.0


def test_a_braking_lead_brings_the_due_time_forward():
    steady = braking_need(hazard(25.0, 2.0, track()), 0.0, T)
    braking = braking_need(hazard(25.0, 2.0, track(), required=3.5), 0.0, T)
    assert braking.due_in_s < steady.due_in_s
    assert braking.ttc_s < steady.ttc_s


def test_threats_come_soonest_first_whatever_the_order_of_the_hazards():
    near, far = hazard(30.0, 15.0, track(track_id=1)), hazard(50.0, 15.0, track(track_id=2))
    for order in ((near, far), (far, near)):
        given_ = HazardList(as_of=SimNs(0), hazards=order, speed_mps=15.0)
        assert [t.hazard.track.track_id for t in threats(given_, (), Witnesses.BOTH, SimNs(0), T)] == [1, 2]


def test_thresholds_follow_the_vehicle_and_the_settings():
    assert T.brake_at_mps2 == pytest.approx(0.7 * BRAKE_MAX_MPS2)
    assert T.full_demand_mps2 == BRAKE_MAX_MPS2
    assert thresholds_for(briefing(brake_at_mps2=5.0)).brake_at_mps2 == 5.0


def test_an_unknown_threshold_is_refused_with_its_neighbour():
    with pytest.raises(InputError, match="brake_at_mps2"):
        thresholds_for(briefing(brake_at_mps=5.0))


def test_the_stages_below_full_stay_below_emergency_braking():
    assert T.partial_demand_mps2 <= 2.0 < EMERGENCY_DEMAND_MPS2 <= T.full_demand_mps2
    assert T.hold_demand_mps2 <= 4.0


# -- the stage as a function ----------------------------------------------------------------------


def test_the_same_state_and_input_give_the_same_answer_and_leave_the_state_as_it_was():
    drive = approach(60.0, 70.0)
    for _ in range(120):
        state, before = drive.state, repr(drive.state)
        hazards = HazardList(as_of=SimNs(drive.now), hazards=tuple(drive.sees(drive)), speed_mps=drive.speed_mps)
        given_ = StageInput(
            now=SimNs(drive.now),
            messages=(message(topics.HAZARDS, 0, drive.now, hazards),),
            latest=dict(drive.latest),
        )
        assert drive.stage.step(state, given_) == drive.stage.step(state, given_)
        assert repr(state) == before
        drive.tick()


def test_a_heartbeat_without_messages_still_sends_a_manoeuvre():
    drive = Drive().run(1.0)
    _, outputs = drive.stage.step(drive.state, StageInput(now=SimNs(drive.now), messages=(), latest=drive.latest))
    assert [output.topic for output in outputs] == [topics.MANOEUVRE]


def test_without_protection_braking_is_the_same():
    plain, bare = Drive(50.0 * KMH), Drive(50.0 * KMH, Protection.UNPROTECTED)
    plain.sees = bare.sees = car_ahead(80.0)
    assert plain.run(6.0).demands == bare.run(6.0).demands


# -- the pure machine, every mode -----------------------------------------------------------------


def _threat(closing: float, needed: float, due_in_s: float, against: Objection = NO_OBJECTION) -> Threat:
    seen = hazard(30.0, closing, track())
    need = BrakingNeed(needed, T.brake_at_mps2, due_in_s, closing, 2.0)
    return Threat(seen, False, need, SimNs(-5 * NS_PER_S), NO_OBJECTION, against)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("stage", list(BrakingStage))
def test_new_full_braking_begins_only_in_modes_that_may_brake(mode, stage):
    before = Intervention(stage=stage, warned_at=SimNs(0), warned_known_since=SimNs(0), caused_at=SimNs(0))
    now = SimNs(5 * NS_PER_S)
    threat = _threat(15.0, 6.0, -0.1)
    hazards = HazardList(as_of=now, hazards=(threat.hazard,), speed_mps=15.0)
    after = intervened(before, Scene(now, mode, (threat,), hazards, 0.0, 15.0, NO_ACTS), T).after
    if mode is Mode.MINIMAL_RISK:
        assert after.stage is BrakingStage.HOLD
    elif after.stage is BrakingStage.FULL and stage is not BrakingStage.FULL:
        assert mode in (Mode.NOMINAL, Mode.CAMERA_ONLY, Mode.RADAR_ONLY)
    elif stage is BrakingStage.HOLD:
        assert after == IDLE


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.MINIMAL_RISK])
def test_braking_begun_is_finished_in_every_mode(mode):
    before = Intervention(stage=BrakingStage.FULL, warned_at=SimNs(0), track_id=1)
    now = SimNs(5 * NS_PER_S)
    threat = _threat(15.0, 6.0, -0.1)
    hazards = HazardList(as_of=now, hazards=(threat.hazard,), speed_mps=15.0)
    scene = Scene(now, mode, (threat,), hazards, 0.0, 15.0, NO_ACTS)
    assert intervened(before, scene, T).after.stage is BrakingStage.FULL


def test_only_the_driver_leaves_overridden_early():
    acting = DriverActs(True, False, False, False)
    before = Intervention(stage=BrakingStage.OVERRIDDEN, act_at=SimNs(0))
    hazards = HazardList(as_of=SimNs(0), hazards=(), speed_mps=15.0)
    scene = Scene(SimNs(10 * NS_PER_S), Mode.NOMINAL, (_threat(15.0, 6.0, -0.1),), hazards, 0.0, 15.0, acting)
    assert intervened(before, scene, T).after.stage is BrakingStage.OVERRIDDEN
    assert intervened(before, scene._replace(acts=NO_ACTS), T).after.stage is BrakingStage.NONE


def test_thresholds_are_a_frozen_value():
    with pytest.raises(AttributeError):
        Thresholds().brake_at_mps2 = 1.0  # type: ignore[misc]


def test_partial_braking_does_not_let_go_for_jitter_of_the_due_time():
    now = SimNs(5 * NS_PER_S)
    hazards = HazardList(as_of=now, hazards=(), speed_mps=15.0)
    scene = Scene(now, Mode.NOMINAL, (), hazards, 0.0, 15.0, NO_ACTS)
    before = Intervention(stage=BrakingStage.WARNING, warned_at=SimNs(0), caused_at=now)
    stages = []
    for due_in_s in (0.25, 0.19, 0.22, 0.39, 0.41):
        before = intervened(before, scene._replace(threats=(_threat(15.0, 4.2, due_in_s),)), T).after
        stages.append(before.stage)
    partial, warning = BrakingStage.PARTIAL, BrakingStage.WARNING
    assert stages == [warning, partial, partial, partial, warning]


def test_an_echo_that_no_camera_ever_saw_is_not_followed_too_closely():
    from stack.vocabulary import HazardKind

    echo = track(vx_mps=20.0, camera_at=SimNs(-1), camera_hits=0)
    drive = Drive(20.0)
    drive.sees = lambda d: (hazard(12.0, 0.0, echo, HazardKind.FOLLOWING_DISTANCE, required=0.0),)
    assert drive.run(2.0).last_manoeuvre.warning is WarningKind.NONE


@pytest.mark.parametrize(("path", "brakes"), [(0.91, False), (0.93, True), (0.97, True)])
def test_a_person_is_braked_for_only_when_nearly_sure_to_be_in_the_path(path, brakes):
    drive = approach(40.0, 60.0, kind=VRU, object_class=ObjectClass.PEDESTRIAN, path=path).run(6.0)
    assert (braked_at_s(drive, 0.01) < inf) is brakes
