from dataclasses import replace
from math import pi

import numpy as np
import pytest

from sim.camera.imager import Imager, signal_of, srgb, tone_table
from sim.camera.lens import Lens
from sim.camera.parameters import (
    ImagerParameters,
    PixelCameraParameters,
    camera_findings,
    checked_camera,
    electrons_per_s,
    read_noise_e,
)
from stack.vocabulary import ImageCoding, InputError
from tests.sim.camera.pictures import SMALL, even

PLAIN = ImagerParameters(
    vignetting_ratio=0.0, veil_ratio=0.0, bloom_ratio=0.0, uniformity_ratio=0.0, noisy=False, dark_current_eps=0.0
)
NOISY = replace(PLAIN, noisy=True)
FULL_S = PLAIN.full_well_e / electrons_per_s(PLAIN)[1]  # seconds in which 1 cd/m² of green fills the well


def codes(parameters, radiance, exposure_s, gain_db=0.0, slot=0, seed=1, name="camera", lens=SMALL):
    imager = Imager(seed, name, lens, parameters)
    picture = even(lens, radiance)
    return imager.raw(picture, imager.metered(picture), slot, exposure_s, gain_db)


def developed(parameters, picture, exposure_s, gain_db=0.0, slot=0, seed=1, name="camera", lens=SMALL):
    imager = Imager(seed, name, lens, parameters)
    return imager.develop(picture, imager.metered(picture), slot, exposure_s, gain_db)


def test_electrons_are_those_of_the_camera_equation():
    # by hand: E = pi L T / (4 N²) lx; 1.115e16 photons per lux, second and m²; 9 µm² of them; a share counted
    p = PLAIN
    lx = pi * 100.0 * p.transmission_ratio / (4.0 * p.f_number**2)
    assert lx == pytest.approx(21.8, abs=0.1)
    photons = lx * 1.1152e16 * 9e-12
    assert 100.0 * electrons_per_s(p)[1] == pytest.approx(photons * p.efficiency_green, rel=1e-3)


def test_a_code_is_electrons_times_gain_over_the_full_well():
    exposure_s = 0.25 * FULL_S / 100.0  # a quarter of the well of green at 100 cd/m²
    found = codes(PLAIN, 100.0, exposure_s)
    red, green, blue = (
        each / PLAIN.efficiency_green for each in (PLAIN.efficiency_red, PLAIN.efficiency_green, PLAIN.efficiency_blue)
    )  # noqa: E501
    assert np.ptp(found, axis=(0, 1)).tolist() == [0, 0, 0]
    assert found[0, 0].tolist() == [round(0.25 * 4095 * each) for each in (red, green, blue)]
    doubled = codes(PLAIN, 100.0, exposure_s, gain_db=20.0 * np.log10(2.0))
    assert doubled[0, 0, 1] == pytest.approx(2 * found[0, 0, 1], abs=1)


def test_exposure_and_light_weigh_the_same():
    assert (codes(PLAIN, 50.0, 0.002) == codes(PLAIN, 100.0, 0.001)).all()


def test_where_the_long_capture_is_full_the_short_one_stands_in():
    found = codes(PLAIN, 100.0, 16.0 * FULL_S / 100.0)[0, 0, 1]
    assert found == 4096 + round(16.0 / PLAIN.capture_ratio * 4095)
    assert signal_of(PLAIN)[found] == pytest.approx(16.0, rel=1e-3)
    linear = replace(PLAIN, capture_ratio=1.0)
    assert codes(linear, 100.0, 16.0 * FULL_S / 100.0)[0, 0, 1] == 4095


def test_beyond_both_captures_everything_is_white_and_nothing_breaks():
    picture = even(SMALL, 100.0)
    picture.radiance[10:20, 10:20] = 1.6e9  # the sun
    picture.radiance[0, 0] = np.inf
    picture.radiance[1, 1] = np.nan
    for parameters in (PLAIN, NOISY):
        image = developed(parameters, picture, 0.001)
        assert (image[10:20, 10:20] == 255).all()
    still = even(SMALL, 0.0)
    assert (developed(PLAIN, still, 0.001) == 0).all()
    assert (developed(PLAIN, picture, 0.0) <= 255).all()


@pytest.mark.parametrize(("level", "gain_db"), [(0.02, 0.0), (0.2, 0.0), (0.8, 0.0), (0.3, 12.0), (0.05, 24.0)])
def test_noise_has_the_variance_of_counting_and_reading(level, gain_db):
    gain = 10.0 ** (gain_db / 20.0)
    electrons = level * NOISY.full_well_e / gain
    exposure_s = electrons / (100.0 * electrons_per_s(NOISY)[1])
    found = codes(NOISY, 100.0, exposure_s, gain_db)[:, :, 1].astype(np.float64)
    per_e = gain * 4095 / NOISY.full_well_e
    sites = 4.5
    expected = per_e**2 * (electrons + read_noise_e(NOISY, gain_db) ** 2) / sites + 1.0 / 12.0
    assert found.mean() == pytest.approx(level * 4095, abs=4.0 * (expected / found.size) ** 0.5)
    assert found.var() == pytest.approx(expected, rel=0.08)  # 6,144 pixels: 4 sigmas are 7 %


def test_red_and_blue_are_noisier_than_green_after_white_balance():
    image = developed(NOISY, even(SMALL, 100.0), 0.1 * FULL_S / 100.0).astype(np.float64)
    means, spreads = image.mean(axis=(0, 1)), image.std(axis=(0, 1))
    assert np.abs(means - means[1]).max() < 0.6  # grey stays grey
    assert spreads[0] > 1.3 * spreads[1] and spreads[2] > 1.3 * spreads[1]


def test_the_darkest_picture_shows_dark_current_and_reading_alone():
    warm = replace(NOISY, dark_current_eps=1_000.0)
    found = codes(warm, 0.0, 0.016, gain_db=30.0).astype(np.float64)
    cold = codes(NOISY, 0.0, 0.016, gain_db=30.0).astype(np.float64)
    # half of a normal value is cut off at zero: what is left has 0.5 / (2 pi)**0.5 ... of its spread
    ratio = ((16.0 + read_noise_e(warm, 30.0) ** 2) / read_noise_e(NOISY, 30.0) ** 2) ** 0.5
    assert found[:, :, 1].mean() / cold[:, :, 1].mean() == pytest.approx(ratio, rel=0.1)


def test_the_pattern_of_the_sites_stays_with_the_camera_and_noise_does_not():
    patterned = replace(NOISY, uniformity_ratio=0.05, read_noise_e=0.0)
    exposure_s = 0.9 * FULL_S / 100.0
    shots = np.array([codes(patterned, 100.0, exposure_s, slot=slot)[:, :, 1] for slot in range(24)], dtype=np.float64)
    still = shots.mean(axis=0)
    assert still.std() / still.mean() == pytest.approx(0.05 / 4.5**0.5, rel=0.1)
    other = codes(patterned, 100.0, exposure_s, seed=2)[:, :, 1]
    assert abs(np.corrcoef(still.ravel(), other.ravel())[0, 1]) < 0.05
    assert abs(np.corrcoef((shots[0] - still).ravel(), (shots[1] - still).ravel())[0, 1]) < 0.1


def test_the_same_slot_gives_the_same_bytes_and_everything_else_other_noise():
    one = codes(NOISY, 100.0, 0.0005, slot=50)
    assert (one == codes(NOISY, 100.0, 0.0005, slot=50)).all()
    for other in (
        codes(NOISY, 100.0, 0.0005, slot=100),
        codes(NOISY, 100.0, 0.0005, slot=50, seed=2),
        codes(NOISY, 100.0, 0.0005, slot=50, name="left"),
    ):
        assert (one != other).mean() > 0.5


def test_noise_belongs_to_the_pixel_not_to_what_else_is_drawn():
    whole, half = even(SMALL, 100.0), even(SMALL, 100.0)
    half.radiance[:32] = 300.0
    first, second = developed(NOISY, whole, 0.0005), developed(NOISY, half, 0.0005)
    assert (first[32:] == second[32:]).all()
    assert (first[:32] != second[:32]).mean() > 0.9


def test_corners_are_darker_by_the_fourth_power_of_the_cosine():
    wide = Lens(width_px=96, height_px=64, focal_x_px=60.0, focal_y_px=60.0, centre_x_px=48.0, centre_y_px=32.0)
    found = codes(replace(PLAIN, vignetting_ratio=1.0), 100.0, 0.9 * FULL_S / 100.0, lens=wide)[:, :, 1]
    cos2 = 60.0**2 / (60.0**2 + 47.5**2 + 31.5**2)
    assert found[0, 0] / found[31, 47] == pytest.approx(cos2**2, rel=2e-3)


def test_stray_light_keeps_the_sum_and_lights_what_is_dark():
    picture = even(SMALL, 0.0)
    picture.radiance[30:34, 46:50] = 40_000.0
    scattering = replace(PLAIN, veil_ratio=0.01, bloom_ratio=0.02, bloom_px=6.0)
    exposure_s = FULL_S / 100.0
    signal = signal_of(PLAIN)[
        (lambda imager: imager.raw(picture, imager.metered(picture), 0, exposure_s, 0.0))(
            Imager(1, "camera", SMALL, scattering)
        )
    ][:, :, 1]
    whole = 400.0 * 16
    dark = signal.copy()
    dark[30:34, 46:50] = 0.0
    assert signal[0, 0] == pytest.approx(0.01 * whole / signal.size, rel=0.02)  # far away: the even veil
    assert dark.sum() == pytest.approx(0.03 * whole, rel=0.1)
    u, v = np.meshgrid(np.arange(96) + 0.5 - 48.0, np.arange(64) + 0.5 - 32.0)
    halo = np.maximum(dark - signal[0, 0], 0.0)
    assert np.sqrt((halo * (u**2 + v**2)).sum() / halo.sum() / 2.0) == pytest.approx(6.0, abs=1.5)


def test_the_tone_table_rises_from_black_to_white_and_keeps_grey_grey():
    table = tone_table(PLAIN).astype(int)
    longs, shorts = table[:, :4096], table[:, 4096:]
    assert (np.diff(longs, axis=1) >= 0).all() and (np.diff(shorts, axis=1) >= 0).all()
    assert (longs[:, 0] == 0).all() and (shorts[:, -1] == 255).all()
    assert (longs[:, -1] <= shorts[:, 4095 // 60]).all()
    assert srgb(0.5) == pytest.approx(0.7354, abs=1e-4)  # the standard's own mid-grey: 187.5 of 255


def test_impossible_parameters_are_refused_all_at_once():
    bad = PixelCameraParameters(
        lens=Lens(width_px=4),
        imager=ImagerParameters(f_number=0.0, full_well_e=float("nan"), bloom_ratio=-1.0),
        readout_s=-1.0,
        jpeg_quality=0,
        coding=ImageCoding.BAYER_RGGB8,
    )
    with pytest.raises(InputError) as caught:
        checked_camera(bad, "camera_image")
    fields = {finding.field for finding in caught.value.findings}
    assert fields >= {"width_px", "f_number", "full_well_e", "bloom_ratio", "readout_s", "jpeg_quality"}
    assert all(finding.where.startswith("camera_image") for finding in caught.value.findings)
    odd = PixelCameraParameters(lens=Lens(width_px=641), mosaic=True)
    assert [finding.field for finding in camera_findings(odd)] == ["width_px, height_px"]
    assert camera_findings(PixelCameraParameters()) == ()
