import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sim.attachments import ClearImaging, Exposing
from sim.camera.coding import decoded, mosaic
from sim.camera.lens import Lens
from sim.camera.parameters import ExposureParameters, ImagerParameters, PixelCameraParameters
from sim.mount import Mount
from sim.sensors.pixel_camera import PixelCamera
from stack.vocabulary import ImageCoding, InputError, MachineryError
from tests.sim.camera.pictures import SMALL, Painter, even, frame, roster, scenery

PERIOD_NS = 50_000_000
SMALL_CAMERA = PixelCameraParameters(lens=SMALL)
MOUNT = Mount(x_m=-0.2, y_m=0.1, z_m=2.2, yaw_rad=0.1)


def camera(*pictures, seed=1, parameters=SMALL_CAMERA, name="camera_image", mount=MOUNT):
    people = roster()
    source = Painter(*(pictures or (even(SMALL, 500.0),)))
    made = PixelCamera(seed, people, parameters, mount, name, scenery=scenery(people), source=source)
    return made, source, people


def test_an_image_has_the_stated_size_coding_and_exposure():
    made, _source, people = camera()
    image = made.sense(frame(people), 0)
    assert (image.width_px, image.height_px, image.coding) == (96, 64, ImageCoding.RGB8)
    assert len(image.data) == 96 * 64 * 3
    shot = made.latest
    assert (image.exposure_s, image.gain_db) == (shot.exposing.exposure_s, shot.exposing.gain_db)
    assert (decoded(image) == shot.image).all()


def test_a_grey_wall_comes_out_at_the_target_of_the_control():
    made, _source, people = camera()
    found = decoded(made.sense(frame(people), 0)).astype(float)
    level = ExposureParameters().target_ratio
    bright = ImagerParameters().tone_scale * level
    linear = bright * (1.0 + bright / (1.8 * 64.0) ** 2) / (1.0 + bright)
    expected = 255.0 * (1.055 * linear ** (1.0 / 2.4) - 0.055)
    assert found[24:40, 40:56].mean() == pytest.approx(expected, abs=3.0)


def test_the_same_frame_and_slot_give_the_same_bytes():
    made, _source, people = camera()
    made.sense(frame(people), 0)
    first = made.sense(frame(people, PERIOD_NS), PERIOD_NS)
    assert made.sense(frame(people, PERIOD_NS), PERIOD_NS) == first
    again, _source, _people = camera()
    again.sense(frame(people), 0)
    assert again.sense(frame(people, PERIOD_NS), PERIOD_NS) == first


def test_two_cameras_two_seeds_and_two_slots_differ_in_noise_alone():
    people = roster()
    images = [
        decoded(camera(seed=seed, name=name)[0].sense(frame(people, slot), slot)).astype(int)
        for seed, name, slot in (
            (1, "camera_image", 0),
            (1, "camera_image/left", 0),
            (2, "camera_image", 0),
            (1, "camera_image", 1),
        )
    ]
    for other in images[1:]:
        assert (images[0] != other).mean() > 0.3
        assert abs(images[0].mean() - other.mean()) < 0.3


def test_without_noise_they_are_equal():
    clean = replace(SMALL_CAMERA, imager=ImagerParameters(noisy=False, uniformity_ratio=0.0))
    people = roster()
    one, other = (camera(seed=seed, parameters=clean)[0].sense(frame(people), 0) for seed in (1, 2))
    assert one == other


def test_the_picture_is_asked_for_from_where_the_camera_sits():
    made, source, people = camera()
    made.sense(frame(people, 7, speed_mps=20.0), 7)
    at, viewpoint, readout_s, seed = source.asked[0]
    assert (at, readout_s, seed) == (7, 0.010, 1)
    assert viewpoint.position_m == pytest.approx([-0.2, 0.1, 2.2])
    assert viewpoint.velocity_mps == pytest.approx([20.0, 0.0, 0.0])
    assert viewpoint.world_from_sensor[:, 0] == pytest.approx([np.cos(0.1), np.sin(0.1), 0.0])


class Witness(ClearImaging):
    """The identity, that writes down what it was asked."""

    def __init__(self, inner):
        self.inner = inner
        self.calls = []

    def mounted(self, mount, slot):
        self.calls.append(("mounted", slot, mount))
        return self.inner.mounted(mount, slot)

    def seen(self, picture, slot):
        self.calls.append(("seen", slot, picture.radiance.shape))
        return self.inner.seen(picture, slot)

    def exposing(self, exposing, slot):
        self.calls.append(("exposing", slot, exposing))
        return self.inner.exposing(exposing, slot)

    def digitised(self, image, slot):
        self.calls.append(("digitised", slot, image.shape))
        return self.inner.digitised(image, slot)

    def coded(self, data, slot):
        self.calls.append(("coded", slot, len(data)))
        return self.inner.coded(data, slot)


@pytest.mark.parametrize("coding", list(ImageCoding))
def test_each_step_is_called_once_a_frame_in_order_and_the_identity_changes_nothing(coding):
    parameters = replace(SMALL_CAMERA, coding=coding)
    plain, _source, people = camera(parameters=parameters)
    made, _source, _people = camera(parameters=parameters)
    kept = []
    watched = made.with_imaging(lambda inner: kept.append(Witness(inner)) or kept[0])
    for slot in (0, PERIOD_NS):
        assert watched.sense(frame(people, slot), slot) == plain.sense(frame(people, slot), slot)
    steps = ("mounted", "seen", "exposing", "digitised", "coded")
    assert [call[:2] for call in kept[0].calls] == [(step, slot) for slot in (0, PERIOD_NS) for step in steps]
    assert kept[0].calls[0][2] == MOUNT and kept[0].calls[3][2] == (64, 96, 3)


class Meddler(ClearImaging):
    """Changes every step."""

    def mounted(self, mount, slot):
        return replace(mount, yaw_rad=mount.yaw_rad + 0.5)

    def seen(self, picture, slot):
        return replace(picture, radiance=picture.radiance * np.float32(0.5))

    def exposing(self, exposing, slot):
        return Exposing(exposure_s=2.0 * exposing.exposure_s, gain_db=6.0)

    def digitised(self, image, slot):
        return image[:, :, ::-1].copy()

    def coded(self, data, slot):
        return data[:100]


def test_what_a_fault_changes_goes_on_to_the_next_step():
    made, source, people = camera()
    faulty = made.with_imaging(lambda inner: Meddler())
    image = faulty.sense(frame(people), 0)
    plain = camera()[0].sense(frame(people), 0)
    assert source.asked[0][1].world_from_sensor[1, 0] == pytest.approx(np.sin(0.6))
    assert image.gain_db == 6.0
    assert image.exposure_s == pytest.approx(4.0 * plain.exposure_s)  # half the light, then twice the command
    assert len(image.data) == 100
    shot = faulty.latest
    assert shot.mount.yaw_rad == pytest.approx(0.6)
    assert shot.picture.radiance[0, 0, 0] == 500.0  # the truth beside it is what was there


def test_exposure_follows_the_light_late():
    dark, bright = even(SMALL, 50.0), even(SMALL, 5_000.0)
    made, _source, people = camera(*[dark] * 3, *[bright] * 40)
    exposures, means = [], []
    for index in range(43):
        image = made.sense(frame(people, index * PERIOD_NS), index * PERIOD_NS)
        exposures.append(image.exposure_s)
        means.append(np.frombuffer(image.data, dtype=np.uint8).mean())
    assert exposures[:5] == pytest.approx([exposures[0]] * 5, rel=1e-2)
    assert exposures[5] < 0.7 * exposures[0]
    assert means[3] > means[0] + 60.0
    assert means[-1] == pytest.approx(means[0], abs=3.0)


def test_codings_carry_the_same_picture():
    people = roster()
    rgb = camera()[0]
    rgb.sense(frame(people), 0)
    bayer = camera(parameters=replace(SMALL_CAMERA, coding=ImageCoding.BAYER_RGGB8))[0]
    data = bayer.sense(frame(people), 0).data
    assert data == mosaic(rgb.latest.image).tobytes()
    jpeg = camera(parameters=replace(SMALL_CAMERA, coding=ImageCoding.JPEG))[0]
    image = jpeg.sense(frame(people), 0)
    assert image.data[:2] == b"\xff\xd8" and len(image.data) < len(data)
    assert abs(decoded(image).astype(float).mean() - rgb.latest.image.mean()) < 2.0


def test_a_mosaic_camera_interpolates_colours_and_is_less_noisy_a_site():
    people = roster()
    picture = even(SMALL, (800.0, 500.0, 200.0))
    plain = camera(picture)[0]
    behind = camera(picture, parameters=replace(SMALL_CAMERA, mosaic=True))[0]
    plain.sense(frame(people), 0)
    behind.sense(frame(people), 0)
    inner = np.s_[20:44, 30:66]
    one, other = plain.latest.image[inner].astype(float), behind.latest.image[inner].astype(float)
    assert one.mean(axis=(0, 1)) == pytest.approx(other.mean(axis=(0, 1)), abs=2.0)
    assert other[..., 0].std() < one[..., 0].std()


def test_impossible_cameras_are_refused_when_they_are_made():
    with pytest.raises(InputError) as caught:
        camera(parameters=PixelCameraParameters(lens=Lens(width_px=100_000, focal_x_px=0.0), jpeg_quality=500))
    assert {finding.field for finding in caught.value.findings} == {"width_px", "focal_x_px", "jpeg_quality"}


def test_another_world_than_the_roster_s_is_machinery():
    made, _source, people = camera()
    given = frame(people)
    with pytest.raises(MachineryError):
        made.sense(replace(given, state=given.state[:1]), 0)


def test_frames_are_the_same_in_another_process():
    code = (
        "import hashlib\n"
        "from tests.sim.test_pixel_camera import camera\n"
        "from tests.sim.camera.pictures import frame\n"
        "made, _source, people = camera()\n"
        "print(hashlib.sha256(made.sense(frame(people), 0).data).hexdigest())"
    )
    import hashlib

    made, _source, people = camera()
    here = hashlib.sha256(made.sense(frame(people), 0).data).hexdigest()
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == here
