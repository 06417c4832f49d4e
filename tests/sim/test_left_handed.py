"""CARLA's axes and ours: there and back again, and against the genuine client's own transforms."""

from math import cos, isclose, pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import left_handed

places = st.floats(-1e5, 1e5)
anything = st.tuples(places, places, places)
turns = st.tuples(st.floats(-pi, pi - 1e-6), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1))


@given(anything)
def test_a_place_comes_back(place):
    assert left_handed.mirrored(*left_handed.mirrored(*place)) == place
    assert (np.array(place) * left_handed.MIRROR).tolist() == list(left_handed.mirrored(*place))


@given(anything)
def test_a_spin_comes_back_and_is_mirrored_the_other_way_round(spin):
    assert left_handed.mirrored_spin(*left_handed.mirrored_spin(*spin)) == spin
    assert (np.array(spin) * left_handed.AXIAL_MIRROR).tolist() == list(left_handed.mirrored_spin(*spin))


@given(turns)
def test_angles_come_back(turn):
    back = left_handed.angles_from_carla(*left_handed.angles_to_carla(*turn))
    assert np.allclose(back, turn, atol=1e-9)


@given(turns)
def test_a_matrix_gives_its_angles_back(turn):
    matrix = left_handed.rotation(*turn)
    assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert isclose(np.linalg.det(matrix), 1.0, abs_tol=1e-12)
    assert np.allclose(left_handed.rotation(*left_handed.angles_of(matrix)), matrix, atol=1e-9)


@pytest.mark.parametrize("pitch_rad", [0.5 * pi, -0.5 * pi])
def test_straight_up_or_down_there_is_no_roll_but_the_same_matrix(pitch_rad):
    matrix = left_handed.rotation(0.7, pitch_rad, 0.0)
    assert np.allclose(left_handed.rotation(*left_handed.angles_of(matrix)), matrix, atol=1e-9)


@given(st.floats(-50.0, 50.0))
def test_a_wrapped_angle_is_the_same_direction(angle_rad):
    wrapped = left_handed.wrapped(angle_rad)
    assert -pi <= wrapped <= pi
    assert isclose(cos(wrapped), cos(angle_rad), abs_tol=1e-9)
    assert isclose(sin(wrapped), sin(angle_rad), abs_tol=1e-9)


@given(turns, anything)
def test_a_point_carried_by_carlas_own_transform_is_the_point_carried_by_ours(turn, place):
    carla = pytest.importorskip("carla", reason="needs the genuine carla client")
    pitch, yaw, roll = left_handed.angles_to_carla(*turn)
    local = tuple(each * 1e-4 for each in place)  # within 10 m: the client counts in single precision
    theirs = carla.Transform(carla.Location(3.0, -4.0, 5.0), carla.Rotation(pitch=pitch, yaw=yaw, roll=roll))
    point = theirs.transform(carla.Location(*left_handed.mirrored(*local)))
    ours = left_handed.rotation(*turn) @ np.array(local) + np.array(left_handed.mirrored(3.0, -4.0, 5.0))
    assert np.allclose(left_handed.mirrored(point.x, point.y, point.z), ours, atol=2e-5)
    forward = theirs.get_forward_vector()
    axis = left_handed.rotation(*turn)[:, 0]
    assert np.allclose(left_handed.mirrored(forward.x, forward.y, forward.z), axis, atol=2e-6)
