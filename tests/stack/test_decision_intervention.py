"""What the braking system does on the road: what it must never do, and what it must."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.decision.thresholds import EMERGENCY_DEMAND_MPS2
from stack.vocabulary import NS_PER_S, BrakingStage, HazardKind, ObjectClass, SimNs, WarningKind
from tests.stack.decision_approaches import KMH, T, approach, braked_at_s, left_m, warned_at_s
from tests.stack.decision_stand_ins import BRAKE_MAX_MPS2, TICK_NS, VEHICLE, VRU, Drive, car_ahead, hazard, track

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


@pytest.mark.parametrize(("path", "brakes"), [(0.91, False), (0.93, True), (0.97, True)])
def test_a_person_is_braked_for_only_when_nearly_sure_to_be_in_the_path(path, brakes):
    drive = approach(40.0, 60.0, kind=VRU, object_class=ObjectClass.PEDESTRIAN, path=path).run(6.0)
    assert (braked_at_s(drive, 0.01) < inf) is brakes


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
    drive = Drive(20.0)
    drive.sees = lambda d: (hazard(12.0, 0.0, track(vx_mps=20.0), HazardKind.FOLLOWING_DISTANCE, required=0.0),)
    drive.run(2.0)
    assert drive.last_manoeuvre.warning is WarningKind.FOLLOWING_DISTANCE
    assert all(demand == 0.0 for _, demand in drive.demands)
    assert drive.decisions[0].evidence.rule == "warn: following distance too short"
    drive.sees = lambda d: ()
    drive.run(1.0)
    assert drive.last_manoeuvre.warning is WarningKind.NONE


def test_an_echo_that_no_camera_ever_saw_is_not_followed_too_closely():
    echo = track(vx_mps=20.0, camera_at=SimNs(-1), camera_hits=0)
    drive = Drive(20.0)
    drive.sees = lambda d: (hazard(12.0, 0.0, echo, HazardKind.FOLLOWING_DISTANCE, required=0.0),)
    assert drive.run(2.0).last_manoeuvre.warning is WarningKind.NONE
