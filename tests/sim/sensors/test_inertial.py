from dataclasses import replace
from math import atan, cos, pi, sin

import numpy as np
import pytest

from sim.mount import Mount
from sim.sensors.inertial import GRAVITY_MPS2, Inertial, InertialParameters
from sim.sensors.mounts import MOTION_MOUNT
from sim.sensors.plain_scenery import plain_scenery
from sim.truth import ACCELERATION, LATERAL_SPEED, PATH_S, SPEED, YAW_RATE, ActorKind
from stack.vocabulary import InputError, SimNs

EXACT = InertialParameters(
    force_noise_mps2_rthz=0.0, force_bias_sigma_mps2=0.0, force_instability_mps2=0.0, force_scale_sigma_ratio=0.0,
    turn_noise_radps_rthz=0.0, turn_bias_sigma_radps=0.0, turn_instability_radps=0.0, turn_scale_sigma_ratio=0.0,
    cross_axis_sigma_ratio=0.0, force_step_mps2=1e-12, turn_step_radps=1e-12,
)  # fmt: skip
HUNDREDTH_NS = 10_000_000
ARM_M = 5.0 + MOTION_MOUNT.x_m  # ahead of the centre of the ten metres


def _moving(frame, **columns):
    state = frame.state.copy()
    names = {"speed": SPEED, "acceleration": ACCELERATION, "yaw_rate": YAW_RATE, "aside": LATERAL_SPEED, "s": PATH_S}
    for name, value in {"speed": 0.0, **columns}.items():
        state[0, names[name]] = value
    state.flags.writeable = False
    return replace(frame, state=state)


def _one(frame, **more):
    return Inertial(1, frame.roster, EXACT, **more).sense(frame, SimNs(0))


def _force(sample):
    return (sample.force_x_mps2, sample.force_y_mps2, sample.force_z_mps2)


def _rate(sample):
    return (sample.rate_x_radps, sample.rate_y_radps, sample.rate_z_radps)


def _run(frame, count=60, seed=1, parameters=None, step_ns=HUNDREDTH_NS, **more):
    unit = Inertial(seed, frame.roster, parameters, **more)
    return [unit.sense(frame, SimNs(index * step_ns)) for index in range(count)]


def test_at_rest_the_force_is_gravity_upwards_and_nothing_turns(build):
    sample = _one(_moving(build([])))
    assert _force(sample) == pytest.approx((0.0, 0.0, GRAVITY_MPS2))
    assert _rate(sample) == (0.0, 0.0, 0.0)


def test_braking_pushes_backwards_and_a_bend_sideways_with_the_lever_arm(build):
    sample = _one(_moving(build([]), speed=20.0, acceleration=-4.0, yaw_rate=0.1))
    assert sample.force_x_mps2 == pytest.approx(-4.0 - 0.01 * ARM_M)
    assert sample.force_y_mps2 == pytest.approx(20.0 * 0.1)
    assert sample.rate_z_radps == pytest.approx(0.1)


def test_a_growing_turn_rate_pushes_the_unit_ahead_of_the_centre_sideways(build):
    frame = _moving(build([]))
    unit = Inertial(1, frame.roster, EXACT)
    unit.sense(_moving(frame, yaw_rate=0.10), SimNs(0))
    sample = unit.sense(_moving(frame, yaw_rate=0.12, aside=0.01), SimNs(HUNDREDTH_NS))
    assert sample.force_y_mps2 == pytest.approx(2.0 * ARM_M + 1.0)


def test_uphill_gravity_leans_backwards(build):
    frame = _moving(build([]), s=50.0)
    scenery = plain_scenery(frame.roster)
    rows = len(frame.roster.names)
    scenery.ground = replace(
        scenery.ground,
        first=2 * np.arange(rows + 1, dtype=np.int32),
        stations_m=np.tile([0.0, 1000.0], rows),
        heights_m=np.tile([0.0, 60.0], rows),
    )
    slope = atan(0.06)
    sample = _one(frame, scenery=scenery)
    assert sample.force_x_mps2 == pytest.approx(GRAVITY_MPS2 * sin(slope))
    assert sample.force_z_mps2 == pytest.approx(GRAVITY_MPS2 * cos(slope))


def test_a_crest_turns_the_nose_down_by_the_change_of_slope(build):
    frame = build([])
    scenery = plain_scenery(frame.roster)
    rows = len(frame.roster.names)
    scenery.ground = replace(
        scenery.ground,
        first=3 * np.arange(rows + 1, dtype=np.int32),
        stations_m=np.tile([0.0, 10.0, 1000.0], rows),
        heights_m=np.tile([0.0, 0.5, 0.5], rows),
    )
    unit = Inertial(1, frame.roster, EXACT, scenery=scenery)
    turned, forces = 0.0, []
    for index in range(300):
        slot = SimNs(index * HUNDREDTH_NS)
        sample = unit.sense(replace(_moving(frame, speed=10.0, s=0.1 * index), at=slot), slot)
        turned += 0.01 * sample.rate_y_radps
        forces.append(sample.force_z_mps2)
    assert turned == pytest.approx(atan(0.05), rel=0.05)
    assert min(forces) < GRAVITY_MPS2 - 0.5


def test_a_turned_mount_turns_the_axes(build):
    frame = _moving(build([]), acceleration=2.0, yaw_rate=0.0)
    left = Mount(x_m=-1.4, y_m=0.0, z_m=0.9, yaw_rad=0.5 * pi)
    assert _force(_one(frame, mount=left)) == pytest.approx((0.0, -2.0, GRAVITY_MPS2), abs=1e-9)
    nose_down = Mount(x_m=-1.4, y_m=0.0, z_m=0.9, yaw_rad=0.0, pitch_rad=0.5 * pi)
    assert _force(_one(frame, mount=nose_down)) == pytest.approx((-GRAVITY_MPS2, 0.0, 2.0), abs=1e-9)


def test_the_same_seed_gives_the_same_samples_and_another_seed_or_name_does_not(build):
    frame = _moving(build([]), speed=10.0)
    assert _run(frame) == _run(frame)
    assert _run(frame) != _run(frame, seed=2)
    assert _run(frame) != _run(frame, name="inertial/second")


def test_a_slot_sensed_twice_gives_the_same_sample(build):
    frame = _moving(build([]), speed=10.0)
    unit = Inertial(1, frame.roster)
    for index in range(5):
        slot = SimNs(index * HUNDREDTH_NS)
        assert unit.sense(frame, slot) == unit.sense(frame, slot)


def test_other_actors_change_nothing(build, actor):
    assert _run(build([actor("car", ActorKind.CAR, 30.0)])) == _run(build([]))


def test_noise_of_a_sample_grows_with_the_root_of_the_rate(build):
    frame = _moving(build([]))
    quiet = replace(EXACT, turn_noise_radps_rthz=0.001)
    slow = np.std([sample.rate_z_radps for sample in _run(frame, 3000, 1, quiet, 100_000_000)[1:]])
    fast = np.std([sample.rate_z_radps for sample in _run(frame, 3000, 1, quiet, 10_000_000)[1:]])
    assert slow == pytest.approx(0.001 * 10.0**0.5, rel=0.08)
    assert fast == pytest.approx(0.001 * 100.0**0.5, rel=0.08)


def test_a_bias_holds_through_a_run_and_is_another_one_in_another_unit(build):
    frame = _moving(build([]))
    biased = replace(EXACT, turn_bias_sigma_radps=0.01)
    offsets = [{sample.rate_z_radps for sample in _run(frame, 5, seed, biased)} for seed in range(300)]
    assert all(len(values) == 1 for values in offsets)
    assert np.std([next(iter(values)) for values in offsets]) == pytest.approx(0.01, rel=0.15)


def test_scale_and_cross_axis_errors_grow_with_what_is_measured(build):
    turning, still = _moving(build([]), yaw_rate=1.0), _moving(build([]))
    skewed = replace(EXACT, turn_scale_sigma_ratio=0.01, cross_axis_sigma_ratio=0.02)
    errors = np.array([_rate(_run(turning, 1, seed, skewed)[0]) for seed in range(300)]) - np.array([0.0, 0.0, 1.0])
    assert errors.std(axis=0) == pytest.approx([0.02, 0.02, 0.01], rel=0.2)
    assert _rate(_run(still, 1, 1, skewed)[0]) == (0.0, 0.0, 0.0)


def test_what_exceeds_the_range_is_cut_and_steps_are_kept(build):
    limits = replace(EXACT, turn_range_radps=0.5, turn_step_radps=0.03)
    high = _run(_moving(build([]), yaw_rate=2.0), 1, 1, limits)[0]
    inside = _run(_moving(build([]), yaw_rate=0.1), 1, 1, limits)[0]
    assert high.rate_z_radps == pytest.approx(0.5)
    assert inside.rate_z_radps == pytest.approx(0.09)


def test_an_impossible_unit_is_refused_with_all_findings(build):
    wrong = InertialParameters(rate_hz=0.0, turn_noise_radps_rthz=-1.0, wander_tau_s=float("nan"))
    with pytest.raises(InputError) as refused:
        Inertial(1, build([]).roster, wrong)
    assert {finding.field for finding in refused.value.findings} == {"rate_hz", "turn_noise_radps_rthz", "wander_tau_s"}
