import numpy as np
import pytest

from sim.camera.boxes import boxes_of, projected_box
from sim.camera.lens import Lens, rays
from tests.sim.camera.pictures import SMALL, even, eye

SIZE_M = (4.5, 1.8, 1.5)


def pose(x_m, y_m, yaw_rad=0.0):
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, -s, 0.0, x_m], [s, c, 0.0, y_m], [0.0, 0.0, 1.0, 0.0]])


def ids_of_box(lens, viewpoint, placed, clearance_m=0.0):
    """Which pixels' rays hit the box: slabs, by hand."""
    sight = rays(lens).astype(np.float64)
    local = np.concatenate((np.ones((*sight.shape[:2], 1)), sight), axis=-1)
    turned = (local @ viewpoint.world_from_sensor.T) @ placed[:, :3]
    start = (viewpoint.position_m - placed[:, 3]) @ placed[:, :3]
    low = np.array([-SIZE_M[0] / 2, -SIZE_M[1] / 2, clearance_m])
    high = np.array([SIZE_M[0] / 2, SIZE_M[1] / 2, clearance_m + SIZE_M[2]])
    with np.errstate(divide="ignore"):
        a, b = (low - start) / turned, (high - start) / turned
    near, far = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
    return (near < far) & (far > 0.0)


def test_boxes_of_ids_are_tight_and_count_what_is_seen():
    picture = even(SMALL, 1.0)
    picture.instance[10:20, 30:50] = 3
    picture.instance[12, 60] = 3
    picture.instance[40, 5] = 1
    assert [tuple(each) for each in boxes_of(picture)] == [(1, 5, 40, 6, 41, 1), (3, 30, 10, 61, 20, 201)]
    assert [each.row for each in boxes_of(picture, least_px=2)] == [3]
    assert boxes_of(even(SMALL, 1.0)) == ()


@pytest.mark.parametrize("lens", [SMALL, Lens(width_px=96, height_px=64, focal_x_px=70.0, focal_y_px=70.0,
                                              centre_x_px=48.0, centre_y_px=32.0, k1=-0.2, k2=0.04)])  # fmt: skip
@pytest.mark.parametrize(
    ("x_m", "y_m", "yaw_rad"), [(12.0, 0.0, 0.0), (9.0, 3.0, 0.7), (15.0, -4.0, 1.6), (3.0, 1.2, 0.2)]
)
def test_a_projected_box_contains_the_ids_box_and_is_tight(lens, x_m, y_m, yaw_rad):
    viewpoint = eye(position_m=(0.0, 0.0, 1.2))
    placed = pose(x_m, y_m, yaw_rad)
    picture = even(lens, 1.0)
    picture.instance[ids_of_box(lens, viewpoint, placed)] = 0
    (seen,) = boxes_of(picture)
    u0, v0, u1, v1 = projected_box(lens, viewpoint, placed, SIZE_M, 0.0)
    assert u0 <= seen.u0 + 0.6 and v0 <= seen.v0 + 0.6 and u1 >= seen.u1 - 0.6 and v1 >= seen.v1 - 0.6
    if seen.u0 > 0.0 and seen.v1 < lens.height_px:  # else what lies beyond the picture's edge makes it larger
        off = np.abs(np.array([u0, v0, u1, v1]) - [seen.u0, seen.v0, seen.u1, seen.v1])
        assert off.max() < 1.6


def test_what_is_behind_or_beside_has_no_box():
    viewpoint = eye(position_m=(0.0, 0.0, 1.2))
    assert projected_box(SMALL, viewpoint, pose(-12.0, 0.0), SIZE_M, 0.0) is None
    assert projected_box(SMALL, viewpoint, pose(5.0, 30.0), SIZE_M, 0.0) is None


def test_a_body_that_reaches_behind_the_lens_is_cut_at_it():
    viewpoint = eye(position_m=(0.0, 0.0, 1.2))
    u0, _v0, _u1, v1 = projected_box(SMALL, viewpoint, pose(1.0, 2.0), SIZE_M, 0.0)
    assert u0 == 0.0 and v1 == SMALL.height_px
