"""Bodies that meet: momentum, restitution, walls, walkers, props, and what is reported of it."""

from math import hypot

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.episode import bodies as b
from sim.episode.motion import Motion
from sim.episode.scene import Pose
from sim.scenery.materials import Semantic
from sim.scenery.still import Fixture
from tests.sim.episode.motion_cases import CAR, CRATE, MAN, TICK_S, car, ground, pole, run, sheet_for, with_friction

FLAT = ground()
HALF_M = 0.5 * MAN.height_m


def loose(moving, x, y=0.0, yaw=0.0, velocity=(0.0, 0.0, 0.0), entity=0, mass=CAR.mass_kg):
    """A car on tyres that hold nothing."""
    sheet = with_friction(sheet_for(CAR, mass=mass), 0.0)
    row = moving.add(CAR, Pose(x, y, 0.0, yaw), sheet, entity)
    moving.set_velocity(row, velocity)
    return row


def momentum(moving, rows):
    """Linear momentum of the centres of gravity, and angular momentum about the world's origin."""
    body, total, spin = moving._arrays.body, np.zeros(2), 0.0
    for row in rows:
        vx, vy, r, yaw, cg = body[row, [b.VX, b.VY, b.WZ, b.YAW, b.CG_AHEAD]]
        ux, uy = vx - r * cg * np.sin(yaw), vy + r * cg * np.cos(yaw)
        x, y = body[row, b.X] + cg * np.cos(yaw), body[row, b.Y] + cg * np.sin(yaw)
        mass = body[row, b.MASS]
        total += mass * np.array([ux, uy])
        spin += mass * (x * uy - y * ux) + body[row, b.YAW_INERTIA] * r
    return total, spin


def until_touch(moving, seconds=3.0, tick_s=0.01):
    for _ in range(round(seconds / tick_s)):
        touches = moving.step(tick_s, 1)
        if touches:
            return touches
    raise AssertionError("they did not meet")


@given(
    speed=st.floats(2.0, 40.0), offset=st.floats(-1.5, 1.5), angle=st.floats(-3.1, 3.1),
    masses=st.tuples(st.floats(500.0, 20_000.0), st.floats(500.0, 20_000.0)),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_momentum_is_kept_and_energy_not_gained_when_two_vehicles_meet(speed, offset, angle, masses):
    moving = Motion(FLAT)
    first = loose(moving, 0.0, 0.0, 0.0, (speed, 0.0, 0.0), 0, masses[0])
    second = loose(moving, 8.0, offset, angle, (0.0, 0.0, 0.0), 1, masses[1])
    rows = [first, second]
    energy = 0.5 * masses[0] * speed * speed
    touches = []
    for _ in range(400):
        before, spun = momentum(moving, rows)
        touches = moving.step(0.01, 1)
        if touches:
            break
    assert touches
    after, spinning = momentum(moving, rows)
    lost = (masses[0] + masses[1]) * 0.0125 * 9.81 * 0.01 + 1e-6 * masses[0] * speed
    drag = 0.01 * 2.0 * speed * speed
    assert np.abs(after - before).max() < lost + drag
    body = moving._arrays.body
    now = sum(
        0.5 * body[row, b.MASS] * hypot(*body[row, b.VX : b.VY + 1]) ** 2 for row in rows
    )  # of the origins: what turns may differ a little
    turning = sum(0.5 * body[row, b.YAW_INERTIA] * body[row, b.WZ] ** 2 for row in rows)
    assert now + turning < energy * 1.2
    assert touches[0].first == first and touches[0].second == second and touches[0].label == 0
    assert hypot(*touches[0].impulse_ns[:2]) <= masses[0] * speed * 1.11


def test_a_head_on_impact_shares_velocities_by_mass():
    moving = Motion(FLAT)
    heavy = loose(moving, 0.0, velocity=(10.0, 0.0, 0.0), mass=3000.0)
    light = loose(moving, 8.0, entity=1, mass=1000.0)
    touches = until_touch(moving)
    common = 10.0 * 3000.0 / 4000.0
    assert moving.state[heavy, b.VX] == pytest.approx(common - 0.1 * 10.0 * 0.25, abs=0.15)
    assert moving.state[light, b.VX] == pytest.approx(common + 0.1 * 10.0 * 0.75, abs=0.15)
    assert touches[0].impulse_ns[0] == pytest.approx(-1000.0 * moving.state[light, b.VX], rel=0.02)
    assert touches[0].point_m[0] == pytest.approx(5.8, abs=0.3)


def test_an_offset_impact_turns_both_the_same_way():
    moving = Motion(FLAT)
    first = loose(moving, 0.0, velocity=(15.0, 0.0, 0.0))
    second = loose(moving, 8.0, 1.2, entity=1)
    until_touch(moving)
    assert moving.state[first, b.WZ] > 0.05
    assert moving.state[second, b.WZ] > 0.05


@pytest.mark.parametrize(
    ("kind", "label"),
    [("pole", Semantic.POLE), ("building", Semantic.BUILDING), ("tree", Semantic.VEGETATION),
     ("guard_rail", Semantic.GUARD_RAIL), ("wall", Semantic.WALL), ("sign", Semantic.TRAFFIC_SIGN)],
)  # fmt: skip
def test_a_fixture_stops_a_car_and_has_its_label(kind, label):
    moving = Motion(ground(fixtures=(pole(20.0, kind=kind),)))
    row = car(moving, speed=20.0)
    touches = run(moving, 2.0)
    assert moving.state[row, b.X] < 20.0 - 0.15 - 2.3 + 0.1
    assert touches[0].second == -1 and touches[0].label == label
    total = sum(touch.impulse_ns[0] for touch in touches)
    assert total == pytest.approx(-CAR.mass_kg * 20.0 * 1.05, rel=0.1)
    assert touches[0].point_m[0] == pytest.approx(20.0, abs=0.4)


@pytest.mark.parametrize("speed", [30.0, 90.0, 149.0])
def test_nothing_passes_through_a_thin_pole_however_fast(speed):
    moving = Motion(ground(fixtures=(pole(60.0, half_m=0.05),)))
    row = car(moving, speed=speed)
    run(moving, 1.0)
    assert moving.state[row, b.X] < 60.0


def test_a_gantry_overhead_and_a_steel_plate_underneath_are_no_obstacles():
    over = Fixture(kind="gantry", name="g", x_m=20.0, y_m=0.0, z_m=5.0, yaw_rad=0.0, length_m=1.0, width_m=20.0,
                   height_m=1.0)  # fmt: skip
    plate = Fixture(kind="plate", name="p", x_m=30.0, y_m=0.0, z_m=0.0, yaw_rad=0.0, length_m=2.0, width_m=2.0,
                    height_m=0.03)  # fmt: skip
    moving = Motion(ground(fixtures=(over, plate)))
    row = car(moving, speed=20.0)
    assert run(moving, 2.5) == []
    assert moving.state[row, b.X] > 35.0


def test_a_bridge_is_its_parapets():
    deck = Fixture(kind="bridge", name="b", x_m=20.0, y_m=0.0, z_m=-0.9, yaw_rad=0.0, length_m=30.0, width_m=10.0,
                   height_m=1.9)  # fmt: skip
    moving = Motion(ground(fixtures=(deck,)))
    row = car(moving, speed=10.0)
    assert run(moving, 2.0) == []
    moving.place(row, Pose(15.0, 0.0, 0.0, 0.5))
    moving.set_velocity(row, (10.0 * np.cos(0.5), 10.0 * np.sin(0.5), 0.0))
    touches = run(moving, 1.5)
    assert touches and touches[0].label == Semantic.BRIDGE
    assert moving.state[row, b.Y] < 5.0


def test_a_walker_who_is_hit_is_thrown_and_the_car_hardly_slows():
    moving = Motion(FLAT)
    row = car(moving, speed=10.0)
    walker = moving.add(MAN, Pose(8.0, 0.0, HALF_M, 0.0), None, 1)
    touches = until_touch(moving)
    assert {touches[0].first, touches[0].second} == {row, walker}
    assert touches[0].impulse_ns[0] == pytest.approx(-75.0 * 10.0, rel=0.2)
    assert moving.state[walker, b.VX] > 8.0
    assert moving.state[row, b.VX] > 9.0
    run(moving, 4.0, row, brake=1.0)
    assert hypot(*moving.state[walker, b.VX : b.VY + 1]) == pytest.approx(0.0)


def test_a_walker_is_blocked_by_a_parked_car_and_does_not_push_it():
    moving = Motion(FLAT)
    row = car(moving)
    walker = moving.add(MAN, Pose(0.0, 4.0, HALF_M, 0.0), None, 1)
    moving.set_walker(walker, (0.0, -1.0, 0.0), 2.0)
    touches = run(moving, 4.0)
    assert touches
    assert moving.state[walker, b.Y] > 0.95 + 0.15
    assert abs(moving.state[row, b.Y]) < 1e-6


def test_a_crate_is_pushed_along_and_friction_stops_it():
    moving = Motion(FLAT)
    row = car(moving, speed=8.0)
    crate = moving.add(CRATE, Pose(6.0, 0.0, 0.0, 0.0), None, 1)
    run(moving, 1.0, row, throttle=0.3)
    assert moving.state[crate, b.X] > 8.0
    run(moving, 5.0, row, brake=1.0)
    assert (moving.state[crate, b.VX : b.WZ + 1] == 0.0).all()


def test_bodies_that_are_not_touchable_pass_through_and_frozen_ones_are_walls():
    moving = Motion(FLAT)
    row, ghost = car(moving, speed=10.0), car(moving, x=10.0, entity=1)
    moving.touchable(ghost, False)
    assert run(moving, 1.0) == []
    wall = car(moving, x=40.0, entity=2)
    moving.simulate(wall, False)
    run(moving, 5.0, row, throttle=0.3)
    assert moving.state[wall, b.X] == 40.0
    assert moving.state[row, b.X] < 36.0


def test_overlapping_cars_are_moved_apart_without_being_thrown():
    moving = Motion(FLAT)
    rows = [car(moving), car(moving, x=1.0, y=1.6, entity=1)]
    fastest = 0.0
    for _ in range(40):
        moving.step(TICK_S, 5)
        fastest = max(fastest, np.abs(moving.state[rows, b.VX : b.VY + 1]).max())
    assert abs(moving.state[rows[0], b.Y] - moving.state[rows[1], b.Y]) > 1.88
    assert fastest < 0.5


def test_a_queue_hit_from_behind_moves_on_together():
    moving = Motion(FLAT)
    rows = [loose(moving, 4.7 * k, entity=k) for k in range(4)]
    hitting = loose(moving, -12.0, velocity=(12.0, 0.0, 0.0), entity=9)
    run(moving, 2.5)
    after = moving.state[[*rows, hitting], b.VX]
    assert after.sum() == pytest.approx(12.0, abs=1.5)
    assert moving.state[rows[3], b.VX] > 1.0
    assert (np.diff(moving.state[[hitting, *rows], b.X]) > 4.55).all()


def test_spawning_is_blocked_by_bodies_and_fixtures_but_not_by_the_ground():
    moving = Motion(ground(fixtures=(pole(20.0),)))
    assert not moving.blocked(CAR, Pose(0.0, 0.0, 0.0, 0.0))
    assert not moving.blocked(CAR, Pose(0.0, 0.0, -0.2, 0.0))
    row = car(moving)
    assert moving.blocked(CAR, Pose(4.0, 0.0, 0.3, 0.0))
    assert moving.blocked(CAR, Pose(0.0, 2.6, 0.0, np.pi / 2))
    assert not moving.blocked(CAR, Pose(0.0, 2.6, 0.0, 0.0))
    assert not moving.blocked(CAR, Pose(0.0, 0.0, 3.0, 0.0))
    assert moving.blocked(CAR, Pose(21.0, 0.5, 0.2, 0.0))
    assert not moving.blocked(MAN, Pose(1.0, 1.5, HALF_M, 0.0))
    assert moving.blocked(MAN, Pose(1.0, 0.9, HALF_M, 0.0))
    moving.remove(row)
    assert not moving.blocked(CAR, Pose(4.0, 0.0, 0.3, 0.0))


def test_a_long_tick_reports_each_meeting_once():
    moving = Motion(ground(fixtures=(pole(10.0, kind="building", half_m=2.0),)))
    car(moving, speed=10.0)
    touches = moving.step(2.0, 10)
    assert len(touches) == 1 and touches[0].impulse_ns[0] < -10_000.0
