"""How vehicles drive: braking, cornering, slopes, gears, friction, and what a physics sheet changes."""

from dataclasses import replace
from math import atan, degrees, hypot, radians, tan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.episode import bodies as b
from sim.episode.motion import Motion
from sim.episode.scene import Pose
from sim.episode.structs import (
    AckermannControllerSettings,
    Vector2D,
    VehicleAckermannControl,
    VehicleControl,
)
from sim.left_handed import wrapped
from sim.twin.vehicles import load_vehicle
from tests.sim.episode.motion_cases import (
    BIKE,
    CAR,
    DRIVELINE,
    TICK_S,
    G,
    car,
    ground,
    motion,
    run,
    sheet_for,
    with_friction,
)

FLAT = ground()
PEDAL_S = 1.0 / 12.0  # a pedal's build-up over a sixth of a second delays full force by half of that


def on(flat=FLAT):
    return Motion(flat)


def speed(moving, row):
    return hypot(*moving.state[row, b.VX : b.VY + 1])


def stopping_m(moving, row, **control):
    x, y = moving.state[row, :2]
    moving.set_control(row, VehicleControl(**(control or {"brake": 1.0})))
    for _ in range(4000):
        moving.step(TICK_S, 5)
        if speed(moving, row) == 0.0:
            return float(np.hypot(moving.state[row, 0] - x, moving.state[row, 1] - y))
    raise AssertionError("it did not stop")


@pytest.mark.parametrize("mu", [0.9, 0.5, 0.2])
@pytest.mark.parametrize("start", [10.0, 30.0])
def test_a_full_braking_takes_v_squared_over_two_mu_g(mu, start):
    moving = on()
    row = car(moving)
    moving.set_sheet(row, with_friction(sheet_for(CAR), 3.5 * mu)._replace(drag_coefficient=0.0))
    moving.set_velocity(row, (start, 0.0, 0.0))
    built_up_s = mu * CAR.mass_kg * G / (4 * 3500.0 / 0.35) * 2.0 * PEDAL_S  # until the tyres are the limit
    expected = start * start / (2.0 * (mu + 0.012) * G) + start * 0.5 * built_up_s
    assert stopping_m(moving, row) == pytest.approx(expected, rel=0.03)


def test_weak_brakes_bound_the_braking_before_the_tyres_do():
    weak = tuple(wheel._replace(max_brake_torque=700.0) for wheel in sheet_for(CAR).wheels)
    moving = on()
    row = car(moving, wheels=weak, drag_coefficient=0.0)
    moving.set_velocity(row, (20.0, 0.0, 0.0))
    rate = 4 * 700.0 / 0.35 / CAR.mass_kg + 0.012 * G
    assert stopping_m(moving, row) == pytest.approx(200.0 / rate + 20.0 * PEDAL_S, rel=0.03)


def test_a_vehicle_made_from_a_vehicle_file_brakes_at_once_with_that_files_greatest_deceleration():
    model = load_vehicle("car_m1", 1.0)
    force = model.brake_max_mps2 * model.mass_kg * DRIVELINE.wheel_radius_m
    line = replace(DRIVELINE, brake_torque_nm=force / 4.0, drag_coefficient=0.0)
    moving = on()
    row = car(moving, body=replace(CAR, mass_kg=model.mass_kg, model=model, driveline=line))
    moving.set_velocity(row, (25.0, 0.0, 0.0))
    assert stopping_m(moving, row) == pytest.approx(25.0**2 / 2.0 / (model.brake_max_mps2 + 0.012 * G), rel=0.01)


def test_a_friction_zone_holds_only_where_it_lies():
    moving = on()
    moving.add_zone(Pose(50.0, 0.0, 0.0, 0.0), (50.0, 5.0, 1.0), 0.35)
    row, far = car(moving, speed=10.0, x=1.0), car(moving, speed=10.0, y=30.0, entity=1)
    moving.set_control(row, VehicleControl(brake=1.0))
    moving.set_control(far, VehicleControl(brake=1.0))
    for _ in range(200):
        moving.step(TICK_S, 5)
    slippery, dry = moving.state[row, b.X] - 1.0, moving.state[far, b.X]
    assert slippery == pytest.approx(100.0 / (2 * 0.112 * G), rel=0.06)
    assert dry < 7.0
    assert moving.telemetry(row).wheels[0].tire_friction == pytest.approx(0.35)


def test_a_removed_zone_is_gone():
    moving = on()
    zone = moving.add_zone(Pose(0.0, 0.0, 0.0, 0.0), (500.0, 500.0, 1.0), 0.1)
    moving.remove_zone(zone)
    assert stopping_m(moving, car(moving, speed=10.0)) < 7.0


@pytest.mark.parametrize(("start", "steer"), [(4.0, -0.3), (4.0, 0.06), (10.0, -0.06), (18.0, 0.02)])
def test_a_steady_circle_has_the_single_track_radius(start, steer):
    moving = on()
    curve = sheet_for(CAR)._replace(steering_curve=())
    row = moving.add(CAR, Pose(0.0, 0.0, 0.0, 0.0), curve, 0)
    moving.set_velocity(row, (start, 0.0, 0.0))
    rates = []
    for tick in range(300):
        along = moving.telemetry(row).speed
        moving.set_control(row, VehicleControl(steer=steer, throttle=min(max(0.5 * (start - along) + 0.12, 0.0), 1.0)))
        moving.step(TICK_S, 5)
        if tick >= 240:
            rates.append(moving.state[row, b.WZ] / speed(moving, row))
    front, rear = 1.3, 1.5
    inner = tan(radians(60.0 * abs(steer)))
    delta = atan(inner / (1.0 + inner * 0.8 / 2.8))
    mass, base = CAR.mass_kg, front + rear
    stiff = 10.0 * mass * G / base  # per arm of the other axle
    understeer = mass / base * (rear / (stiff * rear) - front / (stiff * front))
    expected = delta / (base + understeer * start * start)
    assert np.mean(rates) == pytest.approx(-np.sign(steer) * expected, rel=0.04)
    assert np.std(rates) < 0.02 * expected


def test_steering_to_the_right_is_negative_yaw_and_a_positive_wheel_angle():
    moving = on()
    row = car(moving, speed=8.0)
    run(moving, 1.0, row, steer=1.0, throttle=0.2)
    assert moving.state[row, b.YAW] < -0.3
    assert moving.state[row, b.Y] < -0.5
    assert moving.state[row, b.WZ] < 0.0
    assert moving.wheel_angle_deg(row, 1) > moving.wheel_angle_deg(row, 0) > 20.0
    assert moving.wheel_angle_deg(row, 2) == 0.0
    assert moving.control(row).steer == 1.0


def test_lateral_acceleration_stays_within_the_tyres_grip():
    moving = on()
    row = moving.add(CAR, Pose(0, 0, 0, 0), with_friction(sheet_for(CAR), 3.5 * 0.5), 0)
    moving.set_velocity(row, (25.0, 0.0, 0.0))
    moving.set_control(row, VehicleControl(steer=0.5))
    for _ in range(100):
        moving.step(TICK_S, 5)
        assert hypot(*moving.state[row, b.AX : b.AY + 1]) < 0.5 * G * 1.1 + 0.4


def test_the_hand_brake_locks_the_rear_and_stops_the_car():
    moving = on()
    row = car(moving, speed=12.0)
    run(moving, 1.0, row, hand_brake=True, steer=0.4)
    assert moving.telemetry(row).wheels[2].long_slip == -1.0
    run(moving, 8.0)
    assert speed(moving, row) == 0.0


@given(
    start=st.floats(0.0, 40.0), aside=st.floats(-8.0, 8.0), spin=st.floats(-3.0, 3.0), steer=st.floats(-1.0, 1.0),
    brake=st.floats(0.0, 1.0), hand=st.booleans(), friction=st.floats(0.0, 4.0), backwards=st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_energy_never_grows_on_level_ground_without_throttle(
    start, aside, spin, steer, brake, hand, friction, backwards
):
    moving = on()
    row = moving.add(CAR, Pose(0, 0, 0, 0), with_friction(sheet_for(CAR), friction), 0)
    shape = moving._arrays.body[row]
    moving.set_velocity(row, (-start if backwards else start, aside, 0.0))
    moving.set_spin(row, (0.0, 0.0, spin))
    moving.set_control(row, VehicleControl(steer=steer, brake=brake, hand_brake=hand))

    def energy():
        vx, vy, r, yaw = moving.state[row, [b.VX, b.VY, b.WZ, b.YAW]]
        cg = shape[b.CG_AHEAD]
        ux, uy = vx - r * cg * np.sin(yaw), vy + r * cg * np.cos(yaw)
        return 0.5 * shape[b.MASS] * (ux * ux + uy * uy) + 0.5 * shape[b.YAW_INERTIA] * r * r

    last = energy()
    for _ in range(60):
        moving.step(TICK_S, 5)
        now = energy()
        assert now <= last * (1.0 + 1e-6) + 1e-9
        last = now


def test_a_car_rolls_back_on_a_slope_in_neutral_and_its_brake_holds_it():
    hill = ground(grade_x=0.1)
    free, held = on(hill), on(hill)
    row, other = car(free), car(held)
    run(free, 3.0, row, manual_gear_shift=True, gear=0)
    assert free.state[row, b.X] == pytest.approx(-0.5 * (0.1 - 0.012) * G * 9.0, rel=0.1)
    run(held, 3.0, other, brake=0.5)
    place = held.state[other, : b.ROLL + 1].copy()
    run(held, 30.0)
    assert (held.state[other, : b.ROLL + 1] == place).all()
    assert (held.state[other, b.VX : b.AZ + 1] == 0.0).all()
    assert place[b.PITCH] == pytest.approx(-atan(0.1), abs=1e-3)


def test_a_car_parked_across_a_slope_neither_creeps_nor_jitters():
    moving = on(ground(grade_y=0.1))
    row = car(moving)
    run(moving, 3.0, row, hand_brake=True)
    place = moving.state[row, : b.ROLL + 1].copy()
    run(moving, 30.0)
    assert (moving.state[row, : b.ROLL + 1] == place).all()
    assert place[b.ROLL] == pytest.approx(atan(0.1), abs=1e-3)


def test_a_slope_steeper_than_the_grip_cannot_be_parked_on():
    moving = on(ground(grade_x=0.2))
    row = moving.add(CAR, Pose(0, 0, 0, 0), with_friction(sheet_for(CAR), 0.1 * 3.5), 0)
    run(moving, 5.0, row, brake=1.0)
    assert moving.state[row, b.X] < -5.0


def test_gravity_off_leaves_a_car_on_a_slope_and_another_in_the_air():
    moving = on(ground(grade_x=0.1))
    row, high = car(moving), car(moving, y=20.0, z=5.0, entity=1)
    for each in (row, high):
        moving.gravity(each, False)
        moving.set_control(each, VehicleControl(manual_gear_shift=True, gear=0))
    run(moving, 3.0)
    assert abs(moving.state[row, b.X]) < 1e-6
    assert moving.state[high, b.Z] == pytest.approx(5.0)


def test_top_speed_and_acceleration_are_those_of_a_car():
    moving = on()
    row = car(moving, x=-2900.0)
    moving.set_control(row, VehicleControl(throttle=1.0))
    gears, reached = [], 0.0
    for tick in range(1200):
        moving.step(TICK_S, 5)
        gears.append(moving.gear(row))
        if speed(moving, row) < 27.8:
            reached = (tick + 1) * TICK_S
    assert 4.0 < reached < 14.0
    assert 45.0 < speed(moving, row) < 85.0
    assert gears[0] == 1 and gears[-1] == 5
    assert all(after - before in (0, 1) for before, after in zip(gears, gears[1:], strict=False))


def test_the_box_shifts_down_again_and_starts_in_first_gear():
    moving = on()
    row = car(moving)
    run(moving, 15.0, row, throttle=1.0)
    assert moving.gear(row) >= 4
    run(moving, 12.0, row, brake=0.6)
    run(moving, 4.0, row, throttle=0.3)
    assert moving.gear(row) <= 2
    assert moving.control(row).gear == moving.gear(row)


def test_reverse_drives_backwards_and_steers_the_tail():
    moving = on()
    row = car(moving)
    run(moving, 3.0, row, throttle=0.4, reverse=True, steer=0.3)
    assert moving.gear(row) == -1
    assert moving.state[row, b.X] < -1.0
    assert moving.state[row, b.YAW] > 0.1  # wheels to the right, backwards: the nose goes left


def test_manual_gears_are_taken_as_they_are_given():
    moving = on()
    row = car(moving)
    run(moving, 3.0, row, throttle=1.0, manual_gear_shift=True, gear=0)
    assert speed(moving, row) == 0.0
    run(moving, 1.0, row, throttle=1.0, manual_gear_shift=True, gear=3)
    assert moving.gear(row) == 3 and moving.state[row, b.VX] > 0.5
    run(moving, 0.05, row, manual_gear_shift=True, gear=99)
    assert moving.gear(row) == 5
    run(moving, 3.0, row, throttle=1.0, brake=1.0)
    run(moving, 2.0, row, throttle=1.0, manual_gear_shift=True, gear=-1)
    assert moving.state[row, b.VX] < -0.5 and moving.control(row).reverse


def test_lifting_the_throttle_slows_by_the_engine_more_in_gear_than_in_neutral():
    def after(**control):
        moving = on()
        row = car(moving)
        run(moving, 8.0, row, throttle=1.0)
        start = speed(moving, row)
        run(moving, 3.0, row, **control)
        return start - speed(moving, row)

    neutral, geared = after(manual_gear_shift=True, gear=0), after()
    assert 0.2 < neutral < geared < 6.0


@pytest.mark.parametrize(
    ("changes", "faster"),
    [
        ({"mass": 3200.0}, False),
        ({"torque_curve": ((0.0, 600.0), (6500.0, 600.0))}, True),
        ({"final_ratio": 1.8}, False),
        ({"gear_switch_time": 2.0}, False),
        ({"drag_coefficient": 3.0}, False),
        ({"max_rpm": 2000.0}, False),
        ({"clutch_strength": 0.3}, False),
    ],
)
def test_a_changed_sheet_changes_how_the_car_gets_away(changes, faster):
    if "torque_curve" in changes:
        changes = {"torque_curve": tuple(Vector2D(*point) for point in changes["torque_curve"])}
    usual, other = on(), on()
    row, second = car(usual), car(other)
    other.set_sheet(second, sheet_for(CAR, **changes))
    for moving, each in ((usual, row), (other, second)):
        run(moving, 8.0, each, throttle=1.0)
    ratio = other.state[second, b.X] / usual.state[row, b.X]
    assert ratio > 1.02 if faster else ratio < 0.98
    assert other.sheet(second).mass == changes.get("mass", CAR.mass_kg)


def test_the_steering_curve_takes_angle_away_at_speed():
    moving = on()
    row = car(moving, speed=33.4)
    run(moving, 1.0, row, steer=0.1, throttle=0.5)
    share = 0.8 - 0.2 * (3.6 * speed(moving, row) - 60.0) / 60.0
    assert moving.wheel_angle_deg(row, 1) == pytest.approx(6.0 * share, abs=0.1)
    moving.set_sheet(row, sheet_for(CAR, steering_curve=()))
    run(moving, 0.5)
    assert moving.wheel_angle_deg(row, 1) == pytest.approx(6.0, abs=0.1)


def test_a_moved_centre_of_mass_makes_the_car_turn_otherwise():
    def yaw_rate(ahead):
        moving = on()
        row = car(moving, steering_curve=())
        base = sheet_for(CAR, steering_curve=())
        moving.set_sheet(row, base._replace(center_of_mass=base.center_of_mass._replace(x=0.1 + ahead)))
        moving.set_velocity(row, (14.0, 0.0, 0.0))
        run(moving, 2.0, row, steer=0.15, throttle=0.3)
        return abs(moving.state[row, b.WZ])

    # Stiffness follows the load here, so a nose-heavy car differs by its saturation and inertia only.
    assert yaw_rate(0.9) != pytest.approx(yaw_rate(0.0), rel=0.01)


def test_telemetry_adds_up():
    moving = on()
    row = car(moving)
    run(moving, 1.0, row, throttle=0.8)
    data = moving.telemetry(row)
    assert data.speed == pytest.approx(moving.state[row, b.VX])
    assert sum(wheel.tire_load for wheel in data.wheels) == pytest.approx(CAR.mass_kg * G)
    force = sum(wheel.long_force for wheel in data.wheels) - data.drag - 0.012 * CAR.mass_kg * G
    assert moving.state[row, b.AX] == pytest.approx(force / CAR.mass_kg, rel=0.1, abs=0.1)
    assert data.gear == moving.gear(row) and data.engine_rpm > 1000.0
    assert len(data.wheels) == 4 and data.throttle == pytest.approx(0.8)


def test_the_sheet_tells_where_the_wheels_are_in_carlas_axes():
    moving = on()
    row = moving.add(CAR, Pose(10.0, 20.0, 0.0, 0.0), sheet_for(CAR), 0)
    places = [wheel.position for wheel in moving.sheet(row).wheels]
    assert places[0].x == pytest.approx(1140.0) and places[0].y == pytest.approx(-2080.0)  # front left
    assert places[3].x == pytest.approx(860.0) and places[3].y == pytest.approx(-1920.0)  # rear right
    assert places[0].z == pytest.approx(35.0)


def test_a_motorcycle_drives_the_same_way_and_stays_upright():
    moving = on()
    row = car(moving, body=BIKE)
    run(moving, 4.0, row, throttle=0.5, steer=-0.1)
    assert moving.state[row, b.YAW] != 0.0 and speed(moving, row) > 5.0
    run(moving, 6.0, row, brake=1.0)
    assert speed(moving, row) == 0.0
    assert moving.state[row, b.ROLL] == 0.0 and moving.failure(row) == 0


@pytest.mark.parametrize("target", [3.0, 12.0, 25.0, -3.0])
def test_ackermann_control_reaches_its_speed_and_holds_it(target):
    moving = on()
    row = car(moving)
    moving.set_ackermann(row, VehicleAckermannControl(speed=target))
    run(moving, 40.0 if target > 20 else 20.0)
    seen = []
    for _ in range(40):
        moving.step(TICK_S, 5)
        seen.append(moving.state[row, b.VX])
    assert np.mean(seen) == pytest.approx(target, abs=0.25)
    assert np.ptp(seen) < 0.2
    moving.set_ackermann(row, VehicleAckermannControl(speed=0.0))
    run(moving, 15.0)
    assert speed(moving, row) == 0.0


def test_ackermann_keeps_to_the_acceleration_jerk_and_steering_asked_for():
    moving = on()
    row = car(moving, steering_curve=())
    moving.set_ackermann(
        row, VehicleAckermannControl(steer=-0.2, steer_speed=0.1, speed=20.0, acceleration=1.0, jerk=2.0)
    )
    run(moving, 1.0)
    assert moving.wheel_angle_deg(row, 0) == pytest.approx(-degrees(0.1), abs=0.7)
    run(moving, 3.0)
    left, right = moving.wheel_angle_deg(row, 0), moving.wheel_angle_deg(row, 1)
    assert left < -degrees(0.2) < right < 0.0
    assert moving.state[row, b.YAW] > 0.0
    assert speed(moving, row) == pytest.approx(3.6, abs=0.5)


def test_ackermann_gains_have_an_effect_and_pedals_end_it():
    slow, fast = on(), on()
    row, other = car(slow), car(fast)
    slow.set_ackermann_settings(row, AckermannControllerSettings(speed_kp=0.02))
    assert slow.ackermann_settings(row).speed_kp == pytest.approx(0.02)
    for moving, each in ((slow, row), (fast, other)):
        moving.set_ackermann(each, VehicleAckermannControl(speed=10.0))
        run(moving, 3.0)
    assert speed(slow, row) < 0.7 * speed(fast, other)
    fast.set_control(other, VehicleControl())
    before = speed(fast, other)
    run(fast, 2.0)
    assert speed(fast, other) < before


def test_short_and_long_substeps_agree():
    ends = []
    for tick_s, substeps in ((0.01, 1), (0.05, 5), (0.1, 1), (0.05, 20)):
        moving = on()
        row = car(moving, speed=15.0)
        moving.set_control(row, VehicleControl(throttle=0.4, steer=0.05))
        for _ in range(round(4.0 / tick_s)):
            moving.step(tick_s, substeps)
        ends.append(moving.state[row, :4].copy())
    for end in ends[1:]:
        assert hypot(*(end - ends[0])[:2]) < 0.8
        assert abs(wrapped(end[3] - ends[0][3])) < 0.02


def test_reset_control_lets_go_of_everything():
    moving = on()
    row = car(moving)
    run(moving, 1.0, row, throttle=1.0, steer=0.4, hand_brake=True, reverse=True)
    moving.reset_control(row)
    assert moving.control(row)._replace(gear=0) == VehicleControl()


def test_the_driven_axle_decides_how_well_a_car_gets_away_on_ice():
    gone = {}
    for driven in ("front", "all"):
        moving = on()
        body = replace(CAR, driveline=replace(DRIVELINE, driven=driven))
        row = moving.add(body, Pose(0, 0, 0, 0), with_friction(sheet_for(body), 0.35), 0)
        run(moving, 5.0, row, throttle=1.0)
        gone[driven] = moving.state[row, b.X]
    assert gone["all"] > 1.5 * gone["front"] > 1.0


def test_motion_of_nothing_is_nothing():
    assert motion().step(0.05, 5) == ()
