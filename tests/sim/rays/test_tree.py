from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rays.tree import build, nearest_hit
from sim.scenery.shapes import ellipsoid
from tests.sim.rays.scenes import brute, margin, soup


def rays(seed, count):
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(count, 3))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def tree_of(corners):
    corners = np.asarray(corners, dtype=np.float32)
    return build(corners.reshape(-1, 3), np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)), corners


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 400),
    size_m=st.sampled_from([0.05, 1.0, 10.0]),
    flat=st.booleans(),
)
def test_the_tree_finds_what_trying_every_triangle_finds(seed, count, size_m, flat):
    corners = soup(seed, count, size_m=size_m)
    if flat:
        corners[..., 2] = np.round(corners[..., 2] / 20.0)  # many triangles without depth, as a road's
    tree, corners = tree_of(corners)
    origin, directions = np.array([1.0, -2.0, 1.5]), rays(seed + 1, 50)
    wanted_m, wanted = brute(corners, origin, directions)
    sure = margin(corners, origin, directions) > 1e-9
    for direction, distance, row, plain in zip(directions, wanted_m, wanted, sure, strict=True):
        t, found = nearest_hit(tree, *origin, *direction, 1e6)
        if not plain:
            continue
        assert (found < 0) == (row < 0)
        if row >= 0:
            assert abs(t - distance) < 1e-6 * max(1.0, distance)
            assert (
                found == row or abs(brute(corners[found : found + 1], origin, direction[None])[0][0] - distance) < 1e-9
            )


def test_a_ray_passes_through_the_back_of_a_face():
    tree, _ = tree_of([[(5.0, -1.0, -1.0), (5.0, 1.0, -1.0), (5.0, 0.0, 1.0)]])
    toward = nearest_hit(tree, 10.0, 0.0, 0.0, -1.0, 0.0, 0.0, 100.0)
    behind = nearest_hit(tree, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 100.0)
    assert toward == (5.0, 0)
    assert behind == (100.0, -1)


def test_nothing_beyond_the_greatest_distance_or_behind_the_origin_is_met():
    tree, _ = tree_of([[(5.0, -1.0, -1.0), (5.0, 1.0, -1.0), (5.0, 0.0, 1.0)]])
    assert nearest_hit(tree, 10.0, 0.0, 0.0, -1.0, 0.0, 0.0, 4.9) == (4.9, -1)
    assert nearest_hit(tree, 10.0, 0.0, 0.0, 1.0, 0.0, 0.0, 100.0) == (100.0, -1)


def test_no_ray_slips_through_a_closed_surface_at_its_edges_and_corners():
    ball = ellipsoid((3.0, 1.0, -2.0), (1.0, 1.3, 0.7), "paint", around=12, rings=8)
    tree = build(ball.vertices, ball.triangles)
    points = ball.vertices.astype(np.float64)
    corners = points[ball.triangles]
    inner = np.concatenate([points, corners.mean(axis=1), 0.5 * (corners[:, 0] + corners[:, 1])])
    inner = inner + 1e-9 * (np.array([3.0, 1.0, -2.0]) - inner)  # a hair inside, else the limb itself is asked for
    for origin in product((-9.0, 13.0), (-7.0, 0.0), (0.0, 6.0)):
        for target in inner:
            direction = target - origin
            _, found = nearest_hit(tree, *origin, *direction, 10.0)
            assert found >= 0


def test_a_tree_of_nothing_is_met_by_nothing():
    tree = build(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    assert nearest_hit(tree, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 50.0) == (50.0, -1)


def test_many_triangles_in_one_place_still_make_a_tree():
    one = np.array([[(5.0, -1.0, -1.0), (5.0, 0.0, 1.0), (5.0, 1.0, -1.0)]])
    tree, _ = tree_of(np.repeat(one, 3000, axis=0))
    t, found = nearest_hit(tree, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 100.0)
    assert t == 5.0 and 0 <= found < 3000


def test_rays_along_the_axes_and_inside_flat_boxes_meet_what_they_should():
    floor = [[(-50.0, -50.0, 0.0), (50.0, -50.0, 0.0), (50.0, 50.0, 0.0)]] * 9
    tree, _ = tree_of(np.array(floor) + np.arange(9)[:, None, None] * [0.0, 0.0, -1.0])
    assert nearest_hit(tree, 10.0, 0.0, 2.0, 0.0, 0.0, -1.0, 100.0)[0] == 2.0
    assert nearest_hit(tree, 10.0, 0.0, 0.0, 0.0, 0.0, -1.0, 100.0)[0] == 0.0
    assert nearest_hit(tree, 10.0, 0.0, 0.5, 1.0, 0.0, 0.0, 100.0)[1] == -1
