"""The judge's own geometry: boxes, gaps and velocities."""

from math import cos, hypot, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.metrics.geometry import gap_ahead_m, outline_corners_m, outline_gap_m, velocity_along_mps

few = settings(max_examples=50, deadline=None)
coordinate = st.floats(-60.0, 60.0)
angle = st.floats(-pi, pi)
side = st.floats(0.2, 12.0)
pose = st.tuples(coordinate, coordinate, angle)
size = st.tuples(side, side)


def one(x_m: float, y_m: float, yaw_rad: float = 0.0) -> np.ndarray:
    return np.array([[x_m, y_m, yaw_rad]])


def gap(first, first_size, second, second_size) -> float:
    return float(outline_gap_m(np.array([first]), first_size, np.array([second]), second_size)[0])


def test_corners_stand_half_a_length_and_half_a_width_from_the_centre():
    corners = outline_corners_m(one(10.0, 5.0), 4.0, 2.0)[0]
    assert corners.tolist() == [[12.0, 6.0], [8.0, 6.0], [8.0, 4.0], [12.0, 4.0]]


def test_a_box_turned_by_a_quarter_swaps_its_sides():
    corners = outline_corners_m(one(0.0, 0.0, pi / 2), 4.0, 2.0)[0]
    assert np.abs(corners).max(axis=0) == pytest.approx([1.0, 2.0])


def test_boxes_in_line_are_apart_by_their_distance_less_half_lengths():
    assert gap((0, 0, 0), (10.0, 2.5), (50.0, 0, 0), (4.0, 1.8)) == pytest.approx(43.0)


def test_boxes_on_the_diagonal_are_apart_from_corner_to_corner():
    assert gap((0, 0, 0), (2.0, 2.0), (5.0, 6.0, 0), (2.0, 2.0)) == pytest.approx(5.0)


def test_a_turned_box_touches_with_its_corner():
    assert gap((0, 0, 0), (2.0, 2.0), (4.0, 0.0, pi / 4), (2.0, 2.0)) == pytest.approx(3.0 - 2.0**0.5)


def test_overlapping_boxes_have_no_gap():
    assert gap((0, 0, 0), (10.0, 2.5), (3.0, 1.0, 0.4), (4.0, 1.8)) == 0.0


def test_crossing_boxes_without_a_corner_inside_have_no_gap():
    assert gap((0, 0, 0), (10.0, 1.0), (0.0, 0.0, pi / 2), (10.0, 1.0)) == 0.0


def test_a_box_inside_another_has_no_gap():
    assert gap((0, 0, 0), (10.0, 10.0), (1.0, 1.0, 0.3), (1.0, 1.0)) == 0.0


@few
@given(pose, size, pose, size)
def test_the_gap_is_the_same_from_both_sides(first, first_size, second, second_size):
    there = gap(first, first_size, second, second_size)
    back = gap(second, second_size, first, first_size)
    assert there == pytest.approx(back, abs=1e-9)
    assert there >= 0.0


@few
@given(pose, size, pose, size)
def test_the_gap_lies_between_circles_inside_and_outside_the_boxes(first, first_size, second, second_size):
    centres = hypot(second[0] - first[0], second[1] - first[1])
    outer = 0.5 * (hypot(*first_size) + hypot(*second_size))
    inner = 0.5 * (min(first_size) + min(second_size))
    found = gap(first, first_size, second, second_size)
    assert centres - outer - 1e-9 <= found <= max(centres - inner, 0.0) + 1e-9


@few
@given(pose, size, pose, size, pose)
def test_moving_and_turning_the_whole_plane_changes_no_gap(first, first_size, second, second_size, motion):
    def moved(p):
        c, s = cos(motion[2]), sin(motion[2])
        return (motion[0] + c * p[0] - s * p[1], motion[1] + s * p[0] + c * p[1], p[2] + motion[2])

    before = gap(first, first_size, second, second_size)
    assert gap(moved(first), first_size, moved(second), second_size) == pytest.approx(before, abs=1e-7)


@few
@given(pose, size, size, st.floats(0.0, 2.0))
def test_a_larger_box_is_never_further_away(second, first_size, second_size, more):
    small = gap((0, 0, 0), first_size, second, second_size)
    large = gap((0, 0, 0), (first_size[0] + more, first_size[1]), second, second_size)
    assert large <= small + 1e-9


@few
@given(pose, size, pose, size, st.integers(0, 39), st.integers(0, 39))
def test_no_two_points_of_the_outlines_are_nearer_than_the_gap(first, first_size, second, second_size, i, j):
    def on_edge(box, dims, index):
        corners = outline_corners_m(np.array([box]), *dims)[0]
        edge, share = divmod(index, 10)
        return corners[edge] + share / 10.0 * (corners[(edge + 1) % 4] - corners[edge])

    apart = np.linalg.norm(on_edge(first, first_size, i) - on_edge(second, second_size, j))
    assert gap(first, first_size, second, second_size) <= apart + 1e-9


def test_the_gap_ahead_is_measured_from_the_front_edge():
    gap_m, ahead, in_path = gap_ahead_m(one(0, 0), (10.0, 2.5), one(25.0, 0), (4.0, 1.8))
    assert (gap_m[0], ahead[0], in_path[0]) == (18.0, True, True)


def test_beside_the_lane_a_thing_is_ahead_but_not_in_the_path():
    gap_m, ahead, in_path = gap_ahead_m(one(0, 0), (10.0, 2.5), one(25.0, 3.0), (4.0, 1.8))
    assert (gap_m[0], ahead[0], in_path[0]) == (18.0, True, False)


def test_outlines_that_only_graze_sideways_are_not_in_the_path():
    _gap_m, _ahead, in_path = gap_ahead_m(one(0, 0), (10.0, 2.0), one(25.0, 2.0), (4.0, 2.0))
    assert not in_path[0]


def test_behind_the_front_edge_nothing_is_ahead():
    _gap_m, ahead, in_path = gap_ahead_m(one(0, 0), (10.0, 2.5), one(-25.0, 0.0), (4.0, 1.8))
    assert not ahead[0]
    assert not in_path[0]


@few
@given(angle)
def test_turning_road_and_all_changes_no_gap_ahead(yaw):
    other = np.array([[30.0 * cos(yaw), 30.0 * sin(yaw), yaw]])
    gap_m, ahead, in_path = gap_ahead_m(one(0, 0, yaw), (10.0, 2.5), other, (4.0, 1.8))
    assert gap_m[0] == pytest.approx(23.0)
    assert ahead[0]
    assert in_path[0]


def test_a_body_driving_the_same_way_keeps_its_speed_along_the_axis():
    along = velocity_along_mps(np.array([0.3]), np.array([0.3]), np.array([7.0]), np.array([0.0]))
    assert along[0] == pytest.approx(7.0)


def test_an_oncoming_body_counts_negative_and_a_crossing_one_not_at_all():
    yaws = np.array([pi, pi / 2])
    along = velocity_along_mps(np.zeros(2), yaws, np.array([7.0, 1.4]), np.zeros(2))
    assert along == pytest.approx([-7.0, 0.0], abs=1e-12)


def test_lateral_motion_of_a_turned_body_points_backwards_along_the_axis():
    along = velocity_along_mps(np.zeros(1), np.array([pi / 2]), np.zeros(1), np.array([2.0]))
    assert along[0] == pytest.approx(-2.0)
