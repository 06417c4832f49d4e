from math import atan2, cos, inf, isclose, pi, sin, sqrt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.sensors import geometry
from sim.truth import ActorKind
from stack.vocabulary import local_from_world

ANGLE = st.floats(-pi, pi)
PLACE = st.floats(-60.0, 60.0)
HALF = st.floats(0.1, 8.0)
ANY_BOX = st.tuples(PLACE, PLACE, ANGLE, HALF, HALF)


def _inside(x, y, cx, cy, c, s, half_length, half_width, slack=1e-6):
    along, across = c * (x - cx) + s * (y - cy), c * (y - cy) - s * (x - cx)
    return abs(along) <= half_length + slack and abs(across) <= half_width + slack


def _scene(build, actors):
    frame = build(actors)
    scene = np.zeros((len(frame.roster.names), geometry.SCENE_COLUMNS))
    geometry.place_boxes(frame.state, frame.roster.size_m, frame.roster.clearance_m, 0.0, 0.0, 0.0, scene)
    return frame, scene


@settings(max_examples=50, deadline=None)
@given(ANY_BOX, ANGLE)
def test_no_point_of_a_box_is_nearer_than_its_nearest_point(box, direction):
    cx, cy, yaw, half_length, half_width = box
    c, s = cos(yaw), sin(yaw)
    px, py = geometry.nearest_point(cx, cy, c, s, half_length, half_width)
    assert _inside(px, py, cx, cy, c, s, half_length, half_width)
    for share in (0.0, 0.5, 1.0):
        a, b = share * half_length * cos(direction), share * half_width * sin(direction)
        qx, qy = cx + c * a - s * b, cy + s * a + c * b
        assert sqrt(px * px + py * py) <= sqrt(qx * qx + qy * qy) + 1e-9


@settings(max_examples=50, deadline=None)
@given(ANY_BOX)
def test_every_corner_ahead_lies_between_the_edges_seen(box):
    cx, cy, yaw, half_length, half_width = box
    c, s = cos(yaw), sin(yaw)
    right, left, ahead = geometry.bearing_extent(cx, cy, c, s, half_length, half_width)
    corners = [geometry.corner(cx, cy, c, s, half_length, half_width, index) for index in range(4)]
    in_front = [(x, y) for x, y in corners if x >= geometry.AHEAD_M]
    assert ahead or not in_front
    for x, y in in_front:
        assert right - 1e-9 <= atan2(y, x) <= left + 1e-9


@settings(max_examples=50, deadline=None)
@given(ANY_BOX, st.floats(-1.4, 1.4))
def test_a_ray_meets_a_box_exactly_where_its_outline_is(box, bearing):
    cx, cy, yaw, half_length, half_width = box
    c, s = cos(yaw), sin(yaw)
    ux, uy = cos(bearing), sin(bearing)
    enter, leave = geometry.ray_span(ux, uy, cx, cy, c, s, half_length, half_width)
    if enter == inf:
        for distance in np.linspace(0.0, 120.0, 60):
            assert not _inside(ux * distance, uy * distance, cx, cy, c, s, half_length, half_width, slack=-1e-6)
    else:
        assert 0.0 <= enter <= leave
        for distance in (enter, leave):
            assert _inside(ux * distance, uy * distance, cx, cy, c, s, half_length, half_width, slack=1e-6)


def test_the_sensor_frame_at_the_front_edge_is_the_ego_frame(build, actor):
    frame = build([actor("car", ActorKind.CAR, 40.0, 3.0, yaw_rad=0.3)])
    turned = np.array(frame.state)
    for row in turned:  # the same world seen from a map turned by 0.7 rad and moved
        x, y, yaw = row[:3]
        row[:3] = 100.0 + cos(0.7) * x - sin(0.7) * y, -50.0 + sin(0.7) * x + cos(0.7) * y, yaw + 0.7
    scene = np.zeros((2, geometry.SCENE_COLUMNS))
    geometry.place_boxes(turned, frame.roster.size_m, frame.roster.clearance_m, 0.0, 0.0, 0.0, scene)
    assert isclose(scene[1, geometry.CX], 40.0, abs_tol=1e-9)
    assert isclose(scene[1, geometry.CY], 3.0, abs_tol=1e-9)
    by_truth = local_from_world(frame.ego_frame(), 40.0, 3.0)
    assert np.allclose(by_truth, (40.0, 3.0))


def test_a_low_box_hides_only_what_is_below_the_line_of_sight(build, actor):
    _frame, scene = _scene(build, [actor("car", ActorKind.CAR, 20.0), actor("adult", ActorKind.ADULT, 30.0)])
    high = geometry.hidden_height_m(scene, 2, 0.0, 29.75, 0.0, 1.75, 2.2)
    level = geometry.hidden_height_m(scene, 2, 0.0, 29.75, 0.0, 1.75, 1.5)
    assert 0.8 < high < 1.4  # the line over the car's roof from 2.2 m falls to about 1.3 m
    assert isclose(level, 1.5)


def test_a_gantry_hides_nothing_on_the_road(build, actor):
    _frame, scene = _scene(
        build, [actor("gantry", ActorKind.GANTRY, 20.0, clearance_m=5.0), actor("car", ActorKind.CAR, 40.0)]
    )
    assert geometry.hidden_height_m(scene, 2, 0.0, 37.75, 0.0, 1.5, 2.2) == 0.0
    assert geometry.screening_db(scene, np.array([0.0, 6.0, 22.0]), 2, 37.75, 0.0, 0.6, 0.6) == 0.0


def test_an_echo_behind_a_vehicle_is_screened_by_that_vehicle_alone(build, actor):
    _frame, scene = _scene(build, [actor("van", ActorKind.VAN, 20.0), actor("adult", ActorKind.ADULT, 30.0)])
    losses_db = np.array([0.0, 24.0, 4.0])
    assert geometry.screening_db(scene, losses_db, 2, 29.7, 0.0, 0.9, 0.6) == 24.0
    assert geometry.screening_db(scene, losses_db, 2, 29.7, 5.0, 0.9, 0.6) == 0.0
    assert geometry.screening_db(scene, losses_db, 1, 17.2, 0.0, 0.9, 0.6) == 0.0
