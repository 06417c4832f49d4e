from dataclasses import replace
from math import exp, log, pi

import numpy as np
import pytest

from sim.scenery.materials import MATERIALS
from sim.scenery.shapes import box
from sim.sensors.lidar import AIRBORNE
from sim.sensors.lidar_pattern import lidar_pattern
from sim.sensors.lidar_weather import DROP_REFLECTIVITY, THRESHOLD, air, fog_extinction_1pm, rain_extinction_1pm
from stack.vocabulary import SimNs
from tests.sim.rays.scenes import CLEAR, frame
from tests.sim.test_lidar import SMALL, lidar, world

DB_PER_NEPER = 10.0 / log(10.0)
HDL = lidar_pattern("velodyne_hdl_64e")


def test_fog_takes_thirteen_decibels_over_its_visibility_and_haze_less_in_the_infrared():
    assert fog_extinction_1pm(100.0, 905.0) * 100.0 * DB_PER_NEPER == pytest.approx(13.0, abs=0.02)
    assert fog_extinction_1pm(100.0, 905.0) == fog_extinction_1pm(100.0, 550.0)
    assert fog_extinction_1pm(10_000.0, 905.0) < 0.6 * fog_extinction_1pm(10_000.0, 550.0)


def test_extinction_grows_as_visibility_falls_and_rain_grows():
    thickening = [fog_extinction_1pm(each, 905.0) for each in (50_000.0, 8_000.0, 2_000.0, 700.0, 300.0, 40.0)]
    assert thickening == sorted(thickening)
    assert rain_extinction_1pm(0.0) == 0.0
    assert rain_extinction_1pm(25.0) * 1000.0 * DB_PER_NEPER == pytest.approx(9.3, abs=0.05)


def test_visibility_that_rain_explains_is_not_counted_twice():
    """A rain's own visibility holds no fog: only what the rain does not take hangs in the air as droplets."""
    rain = rain_extinction_1pm(50.0)
    own_visibility_m = -log(0.05) / rain
    assert air(replace(CLEAR, rain_mmph=50.0), HDL).extinction_1pm == rain
    assert air(replace(CLEAR, rain_mmph=50.0), HDL).fog_level == 0.0
    thick = air(replace(CLEAR, rain_mmph=50.0, visibility_m=0.5 * own_visibility_m), HDL)
    assert thick.extinction_1pm > rain and thick.fog_level > 0.0


def test_a_white_plates_signal_is_one_at_the_range_quoted_for_ten_percent():
    clear = air(replace(CLEAR, visibility_m=1e9), HDL)
    for range_m, signal in ((50.0, 1.0), (25.0, 4.0), (120.0, THRESHOLD / 0.8)):
        assert np.interp(range_m * clear.gains_1pm, np.arange(len(clear.gains)), clear.gains) == pytest.approx(
            signal, rel=2e-3
        )


def test_the_expected_number_of_detectable_drops_is_marshall_and_palmers():
    """By adding up, drop size by drop size, those in the beam that are bright enough."""
    rain = 30.0
    drops = air(replace(CLEAR, rain_mmph=rain), HDL)
    extinction, slope = rain_extinction_1pm(rain), 4.1 * rain**-0.21
    expected, step_m, sizes_mm = 0.0, 0.02, np.arange(0.005, 12.0, 0.01)
    for range_m in np.arange(HDL.min_range_m + 0.5 * step_m, 40.0, step_m).tolist():
        width_mm = HDL.aperture_mm + HDL.divergence_mrad * range_m
        power = 2.0 if range_m <= 50.0 else HDL.falloff
        gain = (
            (1.0 - exp(-((range_m / HDL.overlap_m) ** 4))) * (50.0 / range_m) ** power * exp(-2 * extinction * range_m)
        )
        bright = DROP_REFLECTIVITY * (sizes_mm / width_mm) ** 2 * gain > THRESHOLD
        per_m3 = (8000.0 * np.exp(-slope * sizes_mm) * 0.01)[bright].sum()
        expected += per_m3 * 0.25 * pi * (width_mm / 1000.0) ** 2 * step_m
    assert drops.drop_counts[-1] == pytest.approx(expected, rel=0.03)


def skyward(conditions, scans):
    """Ranges of all returns of a lidar under an empty sky, and the number of shots."""
    scene = world(box((900.0, 0.0, 0.0), (901.0, 1.0, 1.0), "wall"))
    sensor, found = lidar(scene, pattern=SMALL), []
    for slot in range(scans):
        points = sensor.sense(frame(scene, [{}], at=slot, conditions=conditions), SimNs(slot)).points
        assert (sensor.latest.rows == AIRBORNE).all()
        found.append(np.linalg.norm(points[:, :3].astype(np.float64), axis=1))
    return np.concatenate(found), scans * 1440 * 6


def test_drops_under_an_empty_sky_come_as_often_and_as_far_as_the_law_says():
    conditions = replace(CLEAR, rain_mmph=60.0)
    law = air(conditions, lidar_pattern(SMALL))
    ranges_m, shots = skyward(conditions, 12)
    wanted = 1.0 - exp(-law.drop_counts[-1])
    assert len(ranges_m) / shots == pytest.approx(wanted, rel=0.08)
    lawful = (1.0 - np.exp(-law.drop_counts)) / wanted
    seen = np.searchsorted(np.sort(ranges_m), law.ranges_m) / len(ranges_m)
    assert np.abs(seen - lawful).max() < 0.05


def test_fog_under_an_empty_sky_comes_as_often_and_as_far_as_the_law_says():
    conditions = replace(CLEAR, visibility_m=90.0)
    law = air(conditions, lidar_pattern(SMALL))
    ranges_m, shots = skyward(conditions, 4)
    assert len(ranges_m) / shots == pytest.approx(1.0 - exp(-((law.fog_level / THRESHOLD) ** 6)), rel=0.08)
    seen = np.searchsorted(np.sort(ranges_m), law.ranges_m) / len(ranges_m)
    assert np.abs(seen - law.fog_shares).max() < 0.08


def test_every_material_has_a_reflectivity_a_lidar_can_use():
    assert all(0.0 < material.reflectivity_905nm < 100.0 for material in MATERIALS)
