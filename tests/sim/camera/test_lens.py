from dataclasses import replace
from math import degrees

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.camera.lens import Lens, checked_lens, field_of_view_rad, lens_findings, project, rays, reach_ratio
from stack.vocabulary import InputError

BARREL = Lens(k1=-0.3, k2=0.08, p1=0.001, p2=-0.0005, k3=-0.005)
CUSHION = Lens(
    width_px=200, height_px=120, focal_x_px=150.0, focal_y_px=155.0, centre_x_px=97.0, centre_y_px=63.0, k1=0.2
)


def opencv_pixels(lens, points):
    """The same points through OpenCV, whose axes are right, down, forward."""
    turned = np.stack((-points[:, 1], -points[:, 2], points[:, 0]), axis=-1)
    matrix = np.array([[lens.focal_x_px, 0, lens.centre_x_px], [0, lens.focal_y_px, lens.centre_y_px], [0, 0, 1.0]])
    bends = np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])
    pixels, _ = cv2.projectPoints(turned, np.zeros(3), np.zeros(3), matrix, bends)
    return pixels[:, 0]


def points_before(lens, count=300):
    generator = np.random.default_rng(3)
    tan_x, tan_y = 0.5 * lens.width_px / lens.focal_x_px, 0.5 * lens.height_px / lens.focal_y_px
    depth = generator.uniform(1.0, 80.0, count)
    sides = generator.uniform(-1.0, 1.0, (count, 2)) * [tan_x, tan_y]
    return np.column_stack((depth, sides * depth[:, None]))


@pytest.mark.parametrize("lens", [Lens(), BARREL, CUSHION])
def test_projection_agrees_with_opencv(lens):
    points = points_before(lens)
    pixels, valid = project(lens, points)
    assert valid.all()
    assert np.abs(pixels - opencv_pixels(lens, points)).max() < 1e-9


@pytest.mark.parametrize("lens", [Lens(), BARREL, CUSHION])
def test_a_pixel_s_ray_meets_that_pixel_again(lens):
    sight = rays(lens).astype(np.float64)
    assert sight.shape == (lens.height_px, lens.width_px, 2)
    points = np.concatenate((np.ones((*sight.shape[:2], 1)), sight), axis=-1).reshape(-1, 3)
    pixels, valid = project(lens, 7.0 * points)
    u, v = np.meshgrid(np.arange(lens.width_px) + 0.5, np.arange(lens.height_px) + 0.5)
    assert valid.all()
    assert np.abs(pixels - np.stack((u, v), axis=-1).reshape(-1, 2)).max() < 1e-3


def test_rays_are_read_only_and_made_once():
    assert rays(BARREL) is rays(replace(BARREL))
    assert not rays(BARREL).flags.writeable


def test_left_is_left_and_up_is_up():
    sight = rays(Lens())
    assert sight[0, 0, 0] > 0.0 and sight[0, 0, 1] > 0.0  # the upper left corner
    assert sight[-1, -1, 0] < 0.0 and sight[-1, -1, 1] < 0.0


def test_what_is_behind_or_beyond_the_fold_cannot_be_imaged():
    fold = reach_ratio(Lens(k1=-0.3))
    assert fold == pytest.approx((1.0 / 0.9) ** 0.5, abs=1e-3)  # 1 + 3 k1 r² = 0
    pixels, valid = project(Lens(k1=-0.3), np.array([[-5.0, 0.0, 0.0], [1.0, 3.0, 0.0], [1.0, 0.2, 0.0]]))
    assert valid.tolist() == [False, False, True]
    assert np.isnan(pixels[:2]).all()


@settings(max_examples=40, deadline=None)
@given(k1=st.floats(-0.25, 0.3), k2=st.floats(-0.05, 0.1), p1=st.floats(-0.003, 0.003), p2=st.floats(-0.003, 0.003))
def test_every_lens_that_is_accepted_can_be_inverted(k1, k2, p1, p2):
    lens = Lens(width_px=64, height_px=48, focal_x_px=60.0, focal_y_px=60.0, centre_x_px=32.0, centre_y_px=24.0,
                k1=k1, k2=k2, p1=p1, p2=p2)  # fmt: skip
    if lens_findings(lens):
        return
    sight = rays(lens).astype(np.float64)
    points = np.concatenate((np.ones((48, 64, 1)), sight), axis=-1).reshape(-1, 3)
    u, v = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    pixels, _valid = project(lens, points)
    found = np.nan_to_num(pixels, nan=-1e9) - np.stack((u, v), axis=-1).reshape(-1, 2)
    assert np.abs(found).max() < 1e-3


def test_everything_wrong_is_said_at_once():
    with pytest.raises(InputError) as caught:
        checked_lens(Lens(width_px=8, height_px=9000, focal_x_px=-1.0, focal_y_px=float("nan"), centre_y_px=1e6))
    assert {finding.field for finding in caught.value.findings} >= {
        "width_px", "height_px", "focal_x_px", "focal_y_px", "centre_y_px"
    }  # fmt: skip
    assert "16 to 4096" in str(caught.value)


@pytest.mark.parametrize("lens", [Lens(k1=-2.0), Lens(k1=-0.3, k2=-3.0), Lens(p1=0.9), Lens(k1=float("inf"))])
def test_distortion_that_folds_over_or_is_no_number_is_refused(lens):
    with pytest.raises(InputError):
        checked_lens(lens)
    with pytest.raises(InputError):
        rays(lens)


def test_a_view_of_170_degrees_is_refused_and_of_100_is_not():
    assert degrees(field_of_view_rad(Lens())) == pytest.approx(63.0, abs=0.5)
    checked_lens(Lens(focal_x_px=300.0, focal_y_px=300.0))
    with pytest.raises(InputError, match="degrees"):
        checked_lens(Lens(focal_x_px=20.0, focal_y_px=20.0))
