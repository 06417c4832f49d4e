"""Why the braking system does what it does: its evidence, its numbers, and its state machine by itself."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.decision.intervention import IDLE, Intervention, Scene, intervened
from stack.decision.override import NO_ACTS, DriverActs
from stack.decision.support import NO_OBJECTION, Objection, Withheld, Witnesses
from stack.decision.threats import BrakingNeed, Threat, braking_need, threats
from stack.decision.thresholds import EMERGENCY_DEMAND_MPS2, Thresholds, thresholds_for
from stack.vocabulary import NS_PER_S, BrakingStage, HazardList, InputError, Mode, Protection, SimNs, StageInput, topics
from tests.stack.decision_approaches import KMH, T, approach
from tests.stack.decision_stand_ins import BRAKE_MAX_MPS2, Drive, briefing, car_ahead, hazard, message, track

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
