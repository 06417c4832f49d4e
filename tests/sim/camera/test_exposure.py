from dataclasses import replace
from math import exp, log2

import numpy as np
import pytest

from sim.camera.exposure import ExposureControl
from sim.camera.parameters import ExposureParameters, ImagerParameters, electrons_per_s
from stack.vocabulary import MachineryError

PERIOD_NS = 50_000_000
EVEN = ExposureParameters(upper_weight_ratio=1.0)
IMAGER = ImagerParameters()


def light(level_cdm2):
    return np.full((8, 12, 3), level_cdm2, dtype=np.float32)


def settled_s(level_cdm2, parameters=EVEN):
    """Exposure time times gain that puts an even wall at the target."""
    return parameters.target_ratio * IMAGER.full_well_e / (electrons_per_s(IMAGER)[1] * level_cdm2)


def total_s(exposing):
    return exposing[0] * 10.0 ** (exposing[1] / 20.0)


def run(control, levels, alter=lambda exposure_s, gain_db: (exposure_s, gain_db)):
    """Exposure times gain of each frame."""
    out = []
    for index, level in enumerate(levels):
        exposing = control.exposing(index * PERIOD_NS, light(level))
        out.append(total_s(exposing))
        control.metered(index * PERIOD_NS, light(level), *alter(*exposing))
    return out


def test_the_first_frame_is_exposed_as_after_long_looking():
    control = ExposureControl(EVEN, IMAGER)
    exposure_s, gain_db = control.exposing(0, light(1_000.0))
    assert exposure_s == pytest.approx(settled_s(1_000.0), rel=1e-6)
    assert gain_db == 0.0


def test_in_steady_light_nothing_moves():
    totals = run(ExposureControl(EVEN, IMAGER), [1_000.0] * 10)
    assert totals == pytest.approx([totals[0]] * 10, rel=1e-9)


def test_a_change_of_light_is_answered_after_the_lag_and_at_the_stated_rate():
    levels = [1_000.0] * 3 + [500.0] * 30
    stops = np.log2(run(ExposureControl(EVEN, IMAGER), levels))
    before, after = log2(settled_s(1_000.0)), log2(settled_s(500.0))
    assert stops[:5] == pytest.approx([before] * 5, abs=1e-6)  # the first dark frame is 3; it acts on frame 5
    keep = exp(-0.05 / EVEN.settling_s)
    expected = [after - (after - before) * keep ** (index + 1) for index in range(6)]
    assert stops[5:11] == pytest.approx(expected, abs=1e-3)
    assert stops[-1] == pytest.approx(after, abs=0.01)


def test_time_is_used_up_before_gain_and_both_have_limits():
    night = ExposureControl(EVEN, IMAGER).exposing(0, light(1.0))
    assert night[0] == EVEN.longest_s
    assert 0.0 < night[1] < EVEN.most_gain_db
    black = ExposureControl(EVEN, IMAGER).exposing(0, light(0.0))
    assert black == pytest.approx((EVEN.longest_s, EVEN.most_gain_db))
    sun = ExposureControl(EVEN, IMAGER).exposing(0, light(1e9))
    assert sun == pytest.approx((EVEN.shortest_s, 0.0))


def test_asked_twice_for_a_slot_it_steps_once():
    once, twice = ExposureControl(EVEN, IMAGER), ExposureControl(EVEN, IMAGER)
    for index, level in enumerate([1_000.0, 200.0, 200.0, 200.0, 800.0, 800.0, 800.0]):
        slot = index * PERIOD_NS
        first = once.exposing(slot, light(level))
        once.metered(slot, light(level), *first)
        for _ in range(2):
            again = twice.exposing(slot, light(level))
            twice.metered(slot, light(level), *again)
            assert again == first


def test_the_rate_is_one_of_time_not_of_frames():
    slow = ExposureControl(replace(EVEN, lag_frames=1), IMAGER)
    levels = [1_000.0, 100.0, 100.0, 100.0, 100.0]
    for index, level in enumerate(levels):
        slot = index * 4 * PERIOD_NS
        slow.metered(slot, light(level), *slow.exposing(slot, light(level)))
    one = ExposureControl(replace(EVEN, lag_frames=1), IMAGER)
    totals = run(one, [1_000.0] + [100.0] * 17)
    # 17 frames of 50 ms less one of lag against 4 of 200 ms less one: 16 and 12 quarters of a time constant
    keep_fast, keep_slow = exp(-16 * 0.05 / EVEN.settling_s), exp(-3 * 0.2 / EVEN.settling_s)
    span = log2(10.0)
    final_slow = log2(total_s(slow.split(slow._stops)))
    assert log2(settled_s(100.0)) - log2(totals[-1]) == pytest.approx(span * keep_fast, abs=0.01)
    assert log2(settled_s(100.0)) - final_slow == pytest.approx(span * keep_slow, abs=0.01)


def test_an_exposure_changed_behind_its_back_is_worked_against():
    totals = run(
        ExposureControl(EVEN, IMAGER), [1_000.0] * 60, alter=lambda exposure_s, gain_db: (4.0 * exposure_s, gain_db)
    )
    assert totals[-1] == pytest.approx(totals[0] / 4.0, rel=0.05)


def test_the_sky_weighs_less_than_the_road():
    split = light(100.0)
    split[:3] = 10_000.0
    exposures = [
        ExposureControl(replace(EVEN, upper_weight_ratio=weight), IMAGER).exposing(0, split)[0] for weight in (1.0, 0.4)
    ]
    assert exposures[1] > 1.5 * exposures[0]


def test_mean_metering_is_led_by_lamps_and_logarithmic_is_not():
    lamps = light(0.5)
    lamps[4, 6] = 20_000.0
    mean = ExposureControl(replace(EVEN, logarithmic=False), IMAGER).exposing(0, lamps)
    logs = ExposureControl(EVEN, IMAGER).exposing(0, lamps)
    assert total_s(mean) < 0.05 * total_s(logs)


def test_time_may_not_run_backwards():
    control = ExposureControl(EVEN, IMAGER)
    control.exposing(PERIOD_NS, light(1.0))
    with pytest.raises(MachineryError):
        control.exposing(0, light(1.0))
