import numpy as np
import pytest

from sim.camera.blur import blur, flow, motion_table, pixels_per_slope
from sim.camera.glare import cells
from sim.camera.imager import Imager
from sim.camera.lens import Lens, project, rays
from sim.camera.parameters import ImagerParameters
from sim.camera.picture import NOBODY
from tests.sim.camera.pictures import SMALL, even, eye, moving

BENT = Lens(width_px=96, height_px=64, focal_x_px=90.0, focal_y_px=92.0, centre_x_px=47.0, centre_y_px=33.0,
            k1=-0.25, k2=0.06, p1=0.002, p2=-0.001)  # fmt: skip
SLANT = np.array([[0.96, -0.28, 0.0], [0.28, 0.96, 0.0], [0.0, 0.0, 1.0]])


def flows(lens, picture, moment, viewpoint):
    out = np.empty((*picture.depth_m.shape, 2), dtype=np.float32)
    flow(picture.depth_m, picture.instance, rays(lens), pixels_per_slope(lens), motion_table(moment, viewpoint), out)
    return out


@pytest.mark.parametrize("lens", [SMALL, BENT])
def test_flow_is_where_points_move_to(lens):
    """Every point is carried a millisecond on in the world and projected again through the moved lens."""
    picture = even(lens, 1.0, depth_m=12.0)
    picture.instance[:, 30:60] = 1
    turn = SLANT
    start = np.array([3.0, -2.0, 2.2])
    velocity, turning = np.array([20.0, 3.0, -0.5]), np.array([0.1, -0.2, 0.3])
    body_v, body_w, origin = np.array([-8.0, 2.0, 0.3]), np.array([0.0, 0.1, 0.6]), np.array([14.0, 1.0, 0.0])
    moment = moving(np.zeros(6), [*body_v, *body_w], origins=[[0.0, 0.0, 0.0], origin])
    found = flows(lens, picture, moment, eye(velocity, turning, start, turn))

    dt = 1e-5
    sight = rays(lens).astype(np.float64)
    local = np.concatenate((np.ones((*sight.shape[:2], 1)), sight), axis=-1) * picture.depth_m[..., None].astype(float)
    world = local @ turn.T + start
    moved = world + np.where((picture.instance == 1)[..., None], (body_v + np.cross(body_w, world - origin)) * dt, 0.0)
    wx, wy, wz = turning * dt
    spin = np.eye(3) + np.array([[0.0, -wz, wy], [wz, 0.0, -wx], [-wy, wx, 0.0]])
    later = (moved - (start + velocity * dt)) @ (spin @ turn)
    before, _ = project(lens, local.reshape(-1, 3))
    after, valid = project(lens, later.reshape(-1, 3))
    expected = ((after - before) / dt).reshape(found.shape)
    assert valid.all()
    inside = np.s_[2:-2, 2:-2]
    assert np.abs(found - expected)[inside].max() < 0.012 * np.abs(expected).max()


def test_the_sky_moves_with_turning_alone():
    picture = even(SMALL, 1.0, depth_m=np.inf)
    assert np.abs(flows(SMALL, picture, moving(np.zeros(6)), eye((30.0, 5.0, 1.0)))).max() == 0.0
    turned = flows(SMALL, picture, moving(np.zeros(6)), eye((30.0, 5.0, 1.0), (0.0, 0.0, 0.1)))
    assert turned[32, 48, 0] == pytest.approx(90.0 * 0.1, rel=1e-3)  # to the left turned, things go right
    assert abs(turned[32, 48, 1]) < 0.01


def line(depth_m=20.0):
    """A bright line one pixel wide, upright in the middle, before a dark wall."""
    picture = even(SMALL, 0.0, depth_m=depth_m)
    picture.radiance[:, 48] = 90.0
    return picture


def blurred(picture, moment, viewpoint, exposure_s, lens=SMALL):
    out = np.zeros_like(picture.radiance)
    mask = np.zeros((cells(lens.height_px), cells(lens.width_px)), dtype=np.uint8)
    count = blur(picture.radiance, picture.depth_m, picture.instance, rays(lens), pixels_per_slope(lens),
                 motion_table(moment, viewpoint), exposure_s, out, mask)  # fmt: skip
    assert count == mask.sum()
    whole = np.repeat(np.repeat(mask, 8, axis=0), 8, axis=1)[: lens.height_px, : lens.width_px, None]
    return np.where(whole == 1, out, picture.radiance), mask


@pytest.mark.parametrize(("speed_mps", "exposure_s"), [(10.0, 0.2), (20.0, 0.2), (40.0, 0.1), (-30.0, 0.15)])
def test_a_streak_is_as_long_as_speed_times_exposure(speed_mps, exposure_s):
    image, _ = blurred(line(), moving(np.zeros(6)), eye((0.0, speed_mps, 0.0)), exposure_s)
    length_px = 90.0 * abs(speed_mps) * exposure_s / 20.0
    row = image[20, :, 0].astype(np.float64)
    assert (row > 0.5).sum() == pytest.approx(length_px, abs=1.6)
    assert row.sum() == pytest.approx(90.0, rel=0.12)  # light is spread, not made
    centre = (row * (np.arange(96) + 0.5)).sum() / row.sum()
    assert centre == pytest.approx(48.5, abs=0.7)  # about the middle of the exposure


def test_below_a_pixel_nothing_is_touched():
    picture = line()
    image, mask = blurred(picture, moving(np.zeros(6)), eye((0.0, 20.0, 0.0)), 0.69 * 20.0 / (90.0 * 20.0) / 1.0)
    assert not mask.any()
    assert (image == picture.radiance).all()


def test_only_the_body_that_moves_is_blurred():
    picture = even(SMALL, 100.0, depth_m=20.0)
    picture.radiance[:, ::2] = 50.0
    picture.instance[16:32, 40:64] = 0
    image, _ = blurred(picture, moving([0.0, 20.0, 0.0, 0.0, 0.0, 0.0]), eye(), 0.1)
    still = picture.instance == NOBODY
    assert (image[still] == picture.radiance[still]).all()
    assert image[20:28, 48:56, 0].std() < 0.4 * picture.radiance[20:28, 48:56, 0].std()


def test_driving_ahead_blurs_the_near_road_and_not_the_far():
    lens = Lens()
    sight = rays(lens)
    picture = even(lens, 1_000.0, depth_m=np.inf)
    down = sight[..., 1] < 0.0
    picture.depth_m[down] = 2.2 / -sight[..., 1][down]
    _, mask = blurred(picture, moving(np.zeros(6)), eye((22.0, 0.0, 0.0)), 0.01, lens)
    assert not mask[:24].any()  # sky and far road
    assert mask[-4:].all()


def test_a_camera_with_motion_and_no_exposure_shows_the_picture_as_it_is():
    picture = line()
    imager = Imager(1, "camera", SMALL, ImagerParameters())
    light = imager.metered(picture)
    standing = (moving(np.zeros(6)), eye())
    assert (
        imager.develop(picture, light, 0, 0.001, 0.0, standing) == imager.develop(picture, light, 0, 0.001, 0.0)
    ).all()
    moved = imager.develop(picture, light, 0, 0.01, 0.0, (moving(np.zeros(6)), eye((0.0, 400.0, 0.0))))
    assert (moved != imager.develop(picture, light, 0, 0.01, 0.0)).any()


def test_wild_motion_and_no_distance_do_no_harm():
    picture = line(depth_m=1e-4)
    image, mask = blurred(picture, moving(np.zeros(6)), eye((0.0, 1e6, 1e6)), 1.0)
    assert mask.all() and np.isfinite(image).all()
    picture.depth_m[:] = 0.0
    image, _ = blurred(picture, moving(np.zeros(6)), eye((0.0, 10.0, 0.0)), 0.1)
    assert np.isfinite(image).all()
