"""Contact: swept, symmetric, above and below, and what it does."""

from dataclasses import replace
from math import cos, hypot, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.layout import BrakeDemand
from sim.truth import SPEED, Contact, X
from sim.twin.contact import first_touch, pass_clear, separation
from stack.vocabulary import SimNs
from tests.sim.twin import plans

poses = st.tuples(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0), st.floats(-pi, pi))
sizes = st.tuples(st.floats(0.1, 12.0), st.floats(0.05, 3.0))


def contacts(played):
    return [event for event in played.take_events() if isinstance(event, Contact)]


def test_a_thin_target_is_met_at_300_kmh_where_it_stands():
    speed_mps = 300.0 / 3.6  # 0.83 m a step, through a sheet of 2 cm
    target = plans.thing("sheet", 200.0, size_m=(0.02, 1.0, 1.0), mass_kg=5.0)
    plan = plans.ego(speed_mps)
    played = plans.world(replace(plan, vehicle=replace(plan.vehicle, speed_limit_mps=100.0)), target)
    plans.at(played, 3.0)
    (contact,) = contacts(played)
    way_m = 200.0 - 0.01 - 5.0 - 50.0
    assert contact.at == pytest.approx(way_m / speed_mps * 1e9, abs=2e4)
    assert contact.x_m == pytest.approx(199.99, abs=1e-3)
    assert contact.relative_speed_mps == pytest.approx(speed_mps, rel=1e-6)


def test_a_scripted_crosser_is_met_between_grid_instants():
    crossing = plans.route_of(plans.np.arange(0.0, 101.0, 1.0), plans.np.zeros(101), -50.0, pi / 2)
    shifted = crossing.points.copy()
    shifted[:, 1] += 150.0
    walker = plans.scripted(
        "walker", 25.25, 5.0, route=plans.Route(points=shifted, lane_width_m=2.0), size_m=(0.3, 0.3, 1.8)
    )
    played = plans.world(plans.ego(20.0), walker)
    plans.at(played, 8.0)
    (contact,) = contacts(played)
    assert contact.second == "walker"
    assert hypot(20.0, 5.0) == pytest.approx(contact.relative_speed_mps, rel=1e-3)


def test_delta_v_is_that_of_a_plastic_impact():
    played = plans.world(plans.ego(15.0), plans.thing("car", 100.0, mass_kg=1400.0))
    plans.at(played, 4.0)
    (contact,) = contacts(played)
    assert contact.delta_v_mps == pytest.approx(1400.0 / 27400.0 * contact.relative_speed_mps)


def test_contact_is_reported_once_and_only_if_there_is_one():
    near_miss = plans.thing("parked", 120.0, offset_m=0.5 * (2.55 + 1.7) + 0.05)
    played = plans.world(plans.ego(15.0), near_miss, plans.thing("car", 150.0))
    plans.at(played, 10.0)
    assert [contact.second for contact in contacts(played)] == ["car"]


def test_impact_speed_is_interpolated_while_braking():
    played = plans.world(plans.ego(20.0), plans.thing("car", 90.0))
    played.apply(BrakeDemand(demand_mps2=6.0, request_sequence=1), SimNs(0))
    plans.at(played, 5.0)
    (contact,) = contacts(played)
    again = plans.world(plans.ego(20.0))
    again.apply(BrakeDemand(demand_mps2=6.0, request_sequence=1), SimNs(0))
    again.advance_to(contact.at)
    ego = again.observe(contact.at).state[0]
    assert ego[X] + 5.0 == pytest.approx(88.0, abs=1e-3)
    assert ego[SPEED] == pytest.approx(contact.relative_speed_mps, abs=1e-4)


@pytest.mark.parametrize(
    ("size_m", "clearance_m"),
    [((2.4, 1.2, 0.025), 0.0), ((1.0, 20.0, 1.5), 5.0), ((1.0, 1.0, 0.28), 0.0)],
    ids=["steel plate", "gantry", "lower than the hull"],
)
def test_the_ego_passes_over_and_under_what_leaves_room(size_m, clearance_m):
    played = plans.world(plans.ego(20.0), plans.thing("it", 100.0, size_m=size_m, clearance_m=clearance_m))
    plans.at(played, 6.0)
    assert contacts(played) == []


def test_a_low_gantry_and_a_high_kerb_are_hit():
    assert not pass_clear(0.3, 3.75, 3.5, 5.0)
    assert not pass_clear(0.3, 3.75, 0.0, 0.35)
    assert pass_clear(0.0, 3.75, 0.0, 0.025)


@settings(max_examples=200, deadline=None)
@given(a=poses, b=poses, size_a=sizes, size_b=sizes)
def test_separation_is_symmetric_and_its_points_are_that_far_apart(a, b, size_a, size_b):
    gap, ax, ay, bx, by = separation(*a, *size_a, *b, *size_b)
    back, cx, cy, dx, dy = separation(*b, *size_b, *a, *size_a)
    assert gap == pytest.approx(back, abs=1e-9)
    assert gap >= 0.0
    if gap > 0.0:
        assert hypot(ax - bx, ay - by) == pytest.approx(gap, abs=1e-9)
        assert hypot(cx - dx, cy - dy) == pytest.approx(gap, abs=1e-9)


def inside(x, y, pose, size, margin):
    dx, dy = x - pose[0], y - pose[1]
    c, s = cos(pose[2]), sin(pose[2])
    return abs(c * dx + s * dy) <= 0.5 * size[0] + margin and abs(c * dy - s * dx) <= 0.5 * size[1] + margin


@settings(max_examples=100, deadline=None)
@given(a=poses, b=poses, size_a=sizes, size_b=sizes)
def test_nearest_points_lie_on_their_own_boxes(a, b, size_a, size_b):
    gap, ax, ay, bx, by = separation(*a, *size_a, *b, *size_b)
    if gap > 0.0:
        assert inside(ax, ay, a, size_a, 1e-9)
        assert inside(bx, by, b, size_b, 1e-9)


@settings(max_examples=100, deadline=None)
@given(a0=poses, a1=poses, b0=poses, b1=poses, size_a=sizes, size_b=sizes)
def test_first_touch_is_symmetric_and_misses_nothing_that_samples_see(a0, a1, b0, b1, size_a, size_b):
    u, _, _ = first_touch(a0, a1, *size_a, b0, b1, *size_b)
    v, _, _ = first_touch(b0, b1, *size_b, a0, a1, *size_a)
    assert u == pytest.approx(v, abs=1e-6) or min(u, v) > 1.0
    for sample in range(101):
        t = sample / 100.0
        a = tuple(p + t * (q - p) for p, q in zip(a0, a1, strict=True))
        b = tuple(p + t * (q - p) for p, q in zip(b0, b1, strict=True))
        if separation(*a, *size_a, *b, *size_b)[0] == 0.0:
            assert u <= t + 1e-9
            break
