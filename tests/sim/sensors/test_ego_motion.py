from dataclasses import replace
from math import isclose

import numpy as np

from sim.sensors import MotionParameters, MotionSensor
from sim.truth import ACCELERATION, SPEED, YAW_RATE
from stack.vocabulary import SimNs


def _frame(build, speed_mps, yaw_rate_radps=0.0, acceleration_mps2=0.0):
    frame = build([], speed_mps=speed_mps)
    state = np.array(frame.state)
    state[0, SPEED], state[0, YAW_RATE], state[0, ACCELERATION] = speed_mps, yaw_rate_radps, acceleration_mps2
    return replace(frame, state=state)


def _sensor(frame, seed=1, parameters=None, pedals=lambda: (0.0, 0.0, 0.0)):
    return MotionSensor(seed, frame.roster, parameters, pedals=pedals)


def test_the_same_seed_gives_the_same_readings_and_another_seed_does_not(build, slots):
    frame = _frame(build, 20.0)
    runs = [[sensor.sense(frame, slot) for slot in slots(20)] for sensor in (_sensor(frame, s) for s in (1, 1, 2))]
    assert runs[0] == runs[1] != runs[2]


def test_a_slot_sensed_twice_reads_the_same(build, slots):
    frame = _frame(build, 20.0)
    sensor = _sensor(frame)
    for slot in slots(5):
        assert sensor.sense(frame, slot) == sensor.sense(frame, slot)


def test_speed_and_yaw_rate_come_in_steps_of_the_bus(build, slots):
    frame = _frame(build, 21.3, 0.03, -1.7)
    p = MotionParameters()
    sensor = _sensor(frame)
    for slot in slots(20):
        motion = sensor.sense(frame, slot)
        for value, step in (
            (motion.speed_mps, p.speed_step_mps),
            (motion.yaw_rate_radps, p.yaw_rate_step_radps),
            (motion.acceleration_mps2, p.acceleration_step_mps2),
        ):
            assert isclose(value / step, round(value / step), abs_tol=1e-6)


def test_speed_errs_by_a_scale_that_stays_and_noise_that_does_not(build, slots):
    frame = _frame(build, 20.0)
    means = []
    for seed in range(60):
        sensor = _sensor(frame, seed)
        readings = [sensor.sense(frame, slot).speed_mps for slot in slots(50)]
        assert np.std(readings) < 0.04
        means.append(np.mean(readings) - 20.0)
    assert 0.06 < np.std(means) < 0.14  # 0.5 % of 20 m/s is 0.1 m/s


def test_a_crawling_wheel_gives_no_pulses(build):
    frame = _frame(build, 0.1)
    assert _sensor(frame).sense(frame, SimNs(0)).speed_mps == 0.0


def test_speed_is_never_negative(build, slots):
    frame = _frame(build, 0.16)
    noisy = MotionParameters(speed_sigma_mps=0.5)
    sensor = _sensor(frame, parameters=noisy)
    assert min(sensor.sense(frame, slot).speed_mps for slot in slots(50)) == 0.0


def test_the_gyros_bias_walks_with_the_time_that_passed(build):
    frame = _frame(build, 0.0)
    still = MotionParameters(yaw_rate_sigma_radps=0.0, yaw_bias_start_radps=0.0, yaw_bias_walk_radps=0.01)
    ends = []
    for seed in range(200):
        sensor = _sensor(frame, seed, still)
        sensor.sense(frame, SimNs(0))
        ends.append(sensor.sense(frame, SimNs(4_000_000_000)).yaw_rate_radps)
    assert 0.016 < np.std(ends) < 0.024  # 0.01 times the root of 4 s


def test_the_accelerometer_feels_the_braking(build, slots):
    frame = _frame(build, 20.0, 0.0, -4.0)
    readings = [_sensor(frame, seed).sense(frame, slot).acceleration_mps2 for seed in range(20) for slot in slots(5)]
    assert abs(np.mean(readings) + 4.0) < 0.06


def test_pedals_and_steering_are_the_drivers_at_that_instant(build, slots):
    frame = _frame(build, 20.0)
    now = {"pedals": (0.4, 0.0, 0.1)}
    sensor = _sensor(frame, pedals=lambda: now["pedals"])
    first = sensor.sense(frame, SimNs(0))
    now["pedals"] = (0.0, 0.7, -0.2)
    second = sensor.sense(frame, SimNs(20_000_000))
    assert (first.accelerator_ratio, first.brake_pedal_ratio, first.steering_rate_radps) == (0.4, 0.0, 0.1)
    assert (second.accelerator_ratio, second.brake_pedal_ratio, second.steering_rate_radps) == (0.0, 0.7, -0.2)
