import numpy as np
import pytest

from sim.camera.coding import coded, colours, decoded, mosaic
from stack.vocabulary import CameraImage, ImageCoding


def ramp(height=48, width=64):
    v, u = np.mgrid[0:height, 0:width]
    return np.stack((2 * u + 40, 3 * v + 30, u + v + 60), axis=-1).astype(np.uint8)


def image(coding, data, height=48, width=64):
    return CameraImage(width_px=width, height_px=height, coding=coding, data=data, exposure_s=0.001, gain_db=0.0)


def test_rgb_bytes_are_rows_from_the_top():
    picture = ramp()
    assert coded(picture, ImageCoding.RGB8, 90) == picture.tobytes()
    assert (decoded(image(ImageCoding.RGB8, picture.tobytes())) == picture).all()


def test_the_mosaic_has_red_upper_left_and_blue_lower_right():
    picture = ramp()
    pattern = mosaic(picture)
    assert pattern[0, 0] == picture[0, 0, 0] and pattern[0, 1] == picture[0, 1, 1]
    assert pattern[1, 0] == picture[1, 0, 1] and pattern[1, 1] == picture[1, 1, 2]
    assert len(coded(picture, ImageCoding.BAYER_RGGB8, 90)) == 48 * 64


def test_colours_come_back_from_the_mosaic():
    picture = ramp()
    back = decoded(image(ImageCoding.BAYER_RGGB8, coded(picture, ImageCoding.BAYER_RGGB8, 90)))
    assert np.abs(back[2:-2, 2:-2].astype(int) - picture[2:-2, 2:-2]).max() <= 3
    red = np.zeros((16, 16, 3), dtype=np.uint8)
    red[..., 0] = 200
    assert (colours(mosaic(red))[4:-4, 4:-4] == [200, 0, 0]).all()


def test_jpeg_repeats_byte_for_byte_and_quality_costs_size():
    generator = np.random.default_rng(5)
    picture = np.clip(ramp() + generator.integers(-20, 20, (48, 64, 3)), 0, 255).astype(np.uint8)
    fine, coarse = (coded(picture, ImageCoding.JPEG, quality) for quality in (95, 30))
    assert fine == coded(picture, ImageCoding.JPEG, 95)
    assert len(coarse) < 0.7 * len(fine)
    smooth = decoded(image(ImageCoding.JPEG, coded(ramp(), ImageCoding.JPEG, 95)))
    assert np.abs(smooth.astype(int) - ramp()).mean() < 2.0  # red is red: channels are in order


@pytest.mark.parametrize("coding", list(ImageCoding))
def test_bytes_that_cannot_be_an_image_are_none(coding):
    data = coded(ramp(), coding, 90)
    assert decoded(image(coding, data)) is not None
    assert decoded(image(coding, b"")) is None
    assert decoded(image(coding, data, height=40)) is None
    assert decoded(image(ImageCoding.JPEG, b"\xff\xd8nonsense")) is None
