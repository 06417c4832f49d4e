"""Imaging faults: each does what it says, in its own unit, at its own step, and counts every frame it alters once."""

from dataclasses import replace
from math import degrees, radians

import numpy as np
import pytest

from faults import imager, lens
from faults.chance import chance_of
from faults.pictures import Frame
from sim.attachments import ClearImaging, Exposing
from sim.camera.picture import Picture
from sim.mount import Mount
from sim.sensors import NeedsPixels
from stack.vocabulary import SimNs, ns_from_s
from tests.faults.stand_ins import PAYLOADS, ClearSensor, open_window

HEIGHT, WIDTH = 120, 200
MOUNT = Mount(x_m=0.0, y_m=0.0, z_m=2.0, yaw_rad=0.0)


def picture(level=1000.0, depth_m=50.0):
    rng = np.linspace(0.5, 1.5, WIDTH, dtype=np.float32)
    radiance = np.broadcast_to((level * rng)[None, :, None], (HEIGHT, WIDTH, 3)).astype(np.float32)
    return Picture(
        radiance=np.ascontiguousarray(radiance),
        depth_m=np.full((HEIGHT, WIDTH), depth_m, dtype=np.float32),
        instance=np.full((HEIGHT, WIDTH), -1, dtype=np.int32),
        semantic=np.zeros((HEIGHT, WIDTH), dtype=np.uint8),
        focal_px=200.0,
    )


def edge(depth_m):
    """Left half dark, right half bright."""
    radiance = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
    radiance[:, WIDTH // 2 :] = 1000.0
    return replace(picture(depth_m=depth_m), radiance=radiance)


def frame(since_s=0.5, name="f"):
    return Frame(slot=ns_from_s(2.0 + since_s), since_s=since_s, chance=chance_of(7, name, "camera_image"))


def image():
    values = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint32) * 2654435761 >> 24
    return (values & 255).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)


def edge_width_px(shown):
    """From 10 to 90 % of a vertical edge, in the middle row."""
    row = shown.radiance[HEIGHT // 2, :, 0]
    low, high = row.min(), row.max()
    return int(((row > low + 0.1 * (high - low)) & (row < low + 0.9 * (high - low))).sum())


class PixelStandIn:
    """A pixel camera that only runs its steps."""

    def __init__(self):
        self.imaging = ClearImaging()

    def with_imaging(self, wrap):
        self.imaging = wrap(self.imaging)
        return self

    def sense(self, _frame, slot):
        mount = self.imaging.mounted(MOUNT, slot)
        shown = self.imaging.seen(picture(), slot)
        used = self.imaging.exposing(Exposing(exposure_s=0.005, gain_db=6.0), slot)
        pixels = self.imaging.digitised(image(), slot)
        return mount, shown, used, self.imaging.coded(pixels.tobytes(), slot)


EVERY = (
    lens.Dirt(name="f", covered_ratio=0.3),
    lens.WaterDrops(name="f", covered_ratio=0.2),
    lens.FoggedLens(name="f", contrast_lost_ratio=0.5),
    lens.Scratches(name="f", count=10),
    lens.Glare(name="f", illuminance_lx=1000.0),
    lens.Flare(name="f", illuminance_lx=10_000.0),
    lens.Defocus(name="f", focus_m=0.2),
    lens.Covered(name="f", blocked_ratio=0.5),
    lens.Vibration(name="f", amplitude_deg=0.5, frequency_hz=23.0),
    imager.PixelDefects(name="f", dead_pixels=5),
    imager.BlankFrames(name="f", level_ratio=0.0),
    imager.ExposureStep(name="f", stops=1.0),
    imager.GainHunting(name="f", amplitude_db=6.0, period_s=1.3),
    imager.Banding(name="f", frequency_hz=100.0, depth_ratio=0.5),
    imager.WhiteBalance(name="f", red_factor=1.5),
    imager.ColourSwap(name="f", order="bgr"),
    imager.BitDepth(name="f", bits=3),
    imager.JpegLoss(name="f", quality=10),
    imager.Mirrored(name="f"),
    imager.BitErrors(name="f", bit_error_ratio=1e-4),
    imager.MisMount(name="f", yaw_deg=1.0),
)


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: type(fault).__name__)
def test_a_fault_alters_frames_in_its_window_only_and_counts_each_once(fault):
    window = open_window("f", 1.0, 2.0)
    camera = fault.wrap_sensor("camera_image", PixelStandIn(), window, 7)
    clean, inside, after = (camera.sense(None, SimNs(ns_from_s(at))) for at in (0.5, 1.5, 2.5))
    assert window.altered == 1
    assert window.first_effect_at == ns_from_s(1.5)

    def same(one, other):
        return (
            one[0] == other[0]
            and np.array_equal(one[1].radiance, other[1].radiance)
            and one[2] == other[2]
            and one[3] == other[3]
        )

    assert same(clean, after)
    assert not same(clean, inside)


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: type(fault).__name__)
def test_the_same_slot_and_seed_give_the_same_bytes_and_inputs_are_never_written(fault):
    shown, pixels = picture(), image()
    shown.radiance.setflags(write=False)
    pixels.setflags(write=False)
    for made in ((fault.seen(shown, frame()), fault.seen(shown, frame())),):
        assert np.array_equal(made[0].radiance, made[1].radiance)
    assert np.array_equal(fault.digitised(pixels, frame()), fault.digitised(pixels, frame()))
    assert fault.coded(pixels.tobytes(), frame()) == fault.coded(pixels.tobytes(), frame())
    assert fault.seen(shown, frame()).radiance.dtype == np.float32
    assert fault.digitised(pixels, frame()).dtype == np.uint8


def test_a_named_camera_is_the_only_one_touched():
    fault = lens.Dirt(name="f", camera="left", covered_ratio=0.3)
    front, left = PixelStandIn(), PixelStandIn()
    fault.wrap_sensor("camera_image", front, open_window("f", 1.0, 2.0), 7)
    fault.wrap_sensor("camera_image/left", left, open_window("f", 1.0, 2.0), 7)
    assert isinstance(front.imaging, ClearImaging)
    assert not isinstance(left.imaging, ClearImaging)


def test_faults_nest_and_both_count():
    first, second = open_window("a", 1.0, 3.0), open_window("b", 1.0, 3.0)
    camera = lens.Covered(name="a", blocked_ratio=1.0).wrap_sensor("camera_image", PixelStandIn(), first, 7)
    camera = lens.Glare(name="b", illuminance_lx=100.0).wrap_sensor("camera_image", camera, second, 7)
    shown = camera.sense(None, SimNs(ns_from_s(1.5)))[1]
    assert (first.altered, second.altered) == (1, 1)
    assert shown.radiance.min() > 0.0  # the veil lies over the dark of the cover


@pytest.mark.parametrize("covered", [0.1, 0.3, 0.6])
def test_dirt_covers_the_share_it_states(covered):
    fault = lens.Dirt(name="f", covered_ratio=covered, transmission_ratio=0.0, scatter_ratio=0.0)
    shown = fault.seen(picture(), frame())
    dark = (shown.radiance[..., 0] < 0.5 * picture().radiance[..., 0]).mean()
    assert dark == pytest.approx(covered, abs=0.04)


def test_a_drop_shows_the_scene_the_other_way_round():
    fault = lens.WaterDrops(name="f", covered_ratio=0.05, size_ratio=0.2)
    before, after = picture(), fault.seen(picture(), frame())
    changed = np.abs(after.radiance - 0.9 * before.radiance)[..., 0] > 1.0
    rows, columns = np.nonzero(np.abs(after.radiance - before.radiance)[..., 0] > 1.0)
    middle = rows == int(np.median(rows))
    line = after.radiance[int(np.median(rows)), np.sort(columns[middle]), 0]
    assert changed.any()
    assert line[2] > line[-3]  # the scene brightens to the right, the drop to the left


@pytest.mark.parametrize("lost", [0.25, 0.5, 0.9])
def test_condensation_takes_the_contrast_it_states(lost):
    fault = lens.FoggedLens(name="f", contrast_lost_ratio=lost, blur_ratio=0.0)
    before, after = picture().radiance, fault.seen(picture(), frame()).radiance
    assert np.ptp(after) / np.ptp(before) == pytest.approx(1.0 - lost, abs=0.01)
    assert after.mean() == pytest.approx(before.mean(), rel=0.01)


def test_scratches_are_thin_and_as_many_as_stated():
    one = lens.Scratches(name="f", count=1).seen(picture(), frame()).radiance
    many = lens.Scratches(name="f", count=20).seen(picture(), frame()).radiance
    share = [float((np.abs(shown - picture().radiance)[..., 0] > 5.0).mean()) for shown in (one, many)]
    assert 0.0 < share[0] < 0.03
    assert share[1] > 5.0 * share[0]


def test_glare_follows_stiles_and_holladay():
    fault = lens.Glare(name="f", illuminance_lx=1000.0, bearing_deg=0.0, elevation_deg=0.0)
    veil = (fault.seen(picture(level=0.0), frame()).radiance)[..., 0]
    row, column = HEIGHT // 2, WIDTH // 2 + 60
    angle_deg = degrees(np.arctan(np.hypot(60.5, 0.5) / 200.0))
    assert veil[row, column] == pytest.approx(10.0 * 1000.0 / angle_deg**2, rel=0.01)


def test_flare_adds_light_opposite_its_source_and_in_proportion():
    faint = lens.Flare(name="f", illuminance_lx=1000.0).seen(picture(level=0.0), frame()).radiance
    strong = lens.Flare(name="f", illuminance_lx=3000.0).seen(picture(level=0.0), frame()).radiance
    assert strong.sum() == pytest.approx(3.0 * faint.sum(), rel=1e-4)
    columns = np.nonzero(faint.sum(axis=(0, 2)))[0]
    assert columns.mean() > 0.5 * WIDTH  # the source stands to the left


def test_defocus_blurs_what_is_far_from_its_focus():
    fault = lens.Defocus(name="f", focus_m=0.3, focal_mm=6.0, f_number=1.6)
    wanted = float(fault.blur_px(np.array([100.0], dtype=np.float32), 200.0)[0])
    assert wanted == pytest.approx(6e-3 / 1.6 * (1.0 / 0.3 - 0.01) * 200.0, rel=1e-4)
    near = lens.Defocus(name="f", focus_m=2.0)
    assert edge_width_px(near.seen(edge(2.0), frame())) < edge_width_px(fault.seen(edge(100.0), frame()))
    assert near.seen(edge(2.0), frame()).radiance is not None


def test_a_cover_hides_the_share_it_states():
    shown = lens.Covered(name="f", blocked_ratio=0.4).seen(picture(), frame())
    assert (shown.radiance[..., 0] < 1.0).mean() == pytest.approx(0.4, abs=0.02)
    assert not lens.Covered(name="f", blocked_ratio=1.0).seen(picture(), frame()).radiance.any()


def test_vibration_turns_the_camera_by_its_amplitude_and_smears_along_the_motion():
    fault = lens.Vibration(name="f", amplitude_deg=0.5, frequency_hz=23.0)
    pitches = [fault.mounted(MOUNT, frame(since)).pitch_rad for since in np.linspace(0.0, 1.0, 500)]
    assert max(pitches) == pytest.approx(radians(0.5), rel=0.01)
    assert edge_width_px(fault.seen(edge(50.0), frame(0.0))) == edge_width_px(edge(50.0))  # a vertical edge stays
    flat = replace(edge(50.0), radiance=np.ascontiguousarray(edge(50.0).radiance.transpose(1, 0, 2)))
    assert len(np.unique(fault.seen(flat, frame(0.0)).radiance)) > 2  # a level one is smeared


def test_defects_are_as_many_as_stated_and_stay_where_they_are():
    fault = imager.PixelDefects(name="f", dead_pixels=50, hot_pixels=40, dead_rows=3, dead_columns=2)
    grey = np.full((HEIGHT, WIDTH, 3), 128, dtype=np.uint8)
    first, later = fault.digitised(grey, frame(0.1)), fault.digitised(grey, frame(3.0))
    assert np.array_equal(first, later)
    assert 1 <= (first == 0).all(axis=(1, 2)).sum() <= 3
    assert 1 <= (first == 0).all(axis=(0, 2)).sum() <= 2
    assert 30 <= (first == 255).all(axis=2).sum() <= 40


@pytest.mark.parametrize(("level", "value"), [(0.0, 0), (1.0, 255), (0.5, 128)])
def test_blank_frames_are_flat(level, value):
    assert np.unique(imager.BlankFrames(name="f", level_ratio=level).digitised(image(), frame())).tolist() == [value]


@pytest.mark.parametrize("stops", [-2.0, 1.0, 3.0])
def test_an_exposure_step_is_a_power_of_two(stops):
    used = imager.ExposureStep(name="f", stops=stops).exposing(Exposing(exposure_s=0.004, gain_db=3.0), frame())
    assert used.exposure_s == pytest.approx(0.004 * 2.0**stops)
    assert used.gain_db == 3.0


def test_gain_hunts_by_its_amplitude_with_its_period():
    fault, still = imager.GainHunting(name="f", amplitude_db=6.0, period_s=1.0), Exposing(exposure_s=0.004, gain_db=3.0)
    gains = [fault.exposing(still, frame(since)).gain_db for since in (0.0, 0.25, 0.5, 0.75, 1.25)]
    assert gains == pytest.approx([3.0, 9.0, 3.0, -3.0, 9.0])


def test_bands_have_the_depth_and_spacing_of_the_light():
    fault = imager.Banding(name="f", frequency_hz=100.0, depth_ratio=0.5, row_time_us=100.0, exposure_ms=2.0)
    rows = fault.seen(picture(), frame()).radiance[:, 0, 0] / picture().radiance[:, 0, 0]
    left = 0.5 * float(np.sinc(0.2))
    assert rows.max() == pytest.approx(1.0 + left, rel=0.01)
    assert rows.min() == pytest.approx(1.0 - left, rel=0.01)
    peaks = np.flatnonzero((rows[1:-1] > rows[:-2]) & (rows[1:-1] >= rows[2:]))
    assert np.diff(peaks).tolist() == [100] * (len(peaks) - 1)  # 10 ms at 100 us a row


def test_white_balance_scales_red_and_blue_only():
    grey = np.full((4, 4, 3), 100, dtype=np.uint8)
    shown = imager.WhiteBalance(name="f", red_factor=1.5, blue_factor=0.5).digitised(grey, frame())
    assert shown[0, 0].tolist() == [150, 100, 50]


def test_colours_swap_as_written():
    shown = imager.ColourSwap(name="f", order="brg").digitised(image(), frame())
    assert np.array_equal(shown, image()[..., [2, 0, 1]])


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_only_the_upper_bits_remain(bits):
    shown = imager.BitDepth(name="f", bits=bits).digitised(image(), frame())
    assert len(np.unique(shown)) == 2**bits
    assert np.abs(shown.astype(int) - image()).max() < 2 ** (8 - bits)


def test_less_quality_is_less_alike():
    smooth = np.clip(picture(level=100.0).radiance, 0, 255).astype(np.uint8)
    smooth[40:80, 60:120] = (200, 30, 60)
    errors = [
        float(np.abs(imager.JpegLoss(name="f", quality=quality).digitised(smooth, frame()).astype(int) - smooth).mean())
        for quality in (90, 30, 3)
    ]
    assert errors[0] < errors[1] < errors[2]


def test_a_mirror_image_is_one():
    assert np.array_equal(imager.Mirrored(name="f").digitised(image(), frame())[:, ::-1], image())


def test_bits_flip_at_the_stated_rate_and_elsewhere_in_each_frame():
    data = bytes(100_000)
    fault = imager.BitErrors(name="f", bit_error_ratio=1e-4)
    flips = [np.unpackbits(np.frombuffer(fault.coded(data, frame(since)), dtype=np.uint8)) for since in (0.1, 0.2)]
    assert [int(one.sum()) for one in flips] == pytest.approx([80, 80], abs=2)
    assert not np.array_equal(flips[0], flips[1])


def test_rare_bit_errors_come_by_chance():
    fault = imager.BitErrors(name="f", bit_error_ratio=1e-7)
    hit = sum(fault.coded(bytes(125_000), frame(0.01 * k)) != bytes(125_000) for k in range(400))
    assert 20 <= hit <= 65  # one frame in ten


def test_a_mount_slips_evenly_and_then_stays():
    fault = imager.MisMount(name="f", pitch_deg=2.0, within_s=4.0)
    angles = [degrees(fault.mounted(MOUNT, frame(since)).pitch_rad) for since in (0.0, 1.0, 2.0, 4.0, 9.0)]
    assert angles == pytest.approx([0.0, 0.5, 1.0, 2.0, 2.0])


def test_a_turned_camera_turns_its_list_the_other_way():
    window = open_window("f", 0.0, 9.0)
    sensor = imager.MisMount(name="f", yaw_deg=3.0).wrap_sensor("camera", ClearSensor(PAYLOADS["camera"]), window, 7)
    before = PAYLOADS["camera"](SimNs(ns_from_s(1.0))).objects[0]
    after = sensor.sense(None, SimNs(ns_from_s(1.0))).objects[0]
    turned = np.arctan2(after.y_m, after.x_m) - np.arctan2(before.y_m, before.x_m)
    assert degrees(turned) == pytest.approx(-3.0)


@pytest.mark.parametrize("fault", [lens.Scratches(name="f", count=3), imager.JpegLoss(name="f", quality=5)])
def test_a_fault_without_a_response_needs_pixels(fault):
    with pytest.raises(NeedsPixels, match="no response"):
        fault.wrap_sensor("camera", ClearSensor(PAYLOADS["camera"]), open_window("f"), 7)


@pytest.mark.parametrize(
    "fault",
    [fault for fault in EVERY if fault.response() is not None],
    ids=lambda fault: type(fault).__name__,
)
def test_the_object_list_answers_with_the_stated_response(fault):
    inner = ClearSensor(PAYLOADS["camera"])
    fault.wrap_sensor("camera", inner, open_window("f", 0.0, 9.0), 7).sense(None, SimNs(ns_from_s(1.0)))
    assert inner.responses == [fault.response()]
    assert inner.responses[0].health_factor < 1.0
