"""Bodies on the ground: falling, kerbs, teleports, walkers, forces, and that nothing depends on history."""

from math import atan, hypot, isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.maps import load_map
from sim.episode import bodies as b
from sim.episode.ground import Ground
from sim.episode.motion import Motion
from sim.episode.scene import Pose
from sim.episode.structs import VehicleAckermannControl, VehicleControl
from sim.scenery.assembly import still_of
from sim.scenery.shapes import box
from sim.scenery.still import Piece
from tests.sim.episode.motion_cases import (
    CAR,
    CRATE,
    MAN,
    TICK_S,
    G,
    car,
    ground,
    kerb,
    pole,
    run,
    sheet_for,
)

FLAT = ground()
HALF_M = 0.5 * MAN.height_m


def man(moving, x=0.0, y=0.0, entity=100, z=HALF_M):
    return moving.add(MAN, Pose(x, y, z, 0.0), None, entity)


def test_a_car_spawned_above_the_road_drops_and_settles_at_once():
    moving = Motion(FLAT)
    row = car(moving, z=0.5)
    heights = []
    for _ in range(30):
        moving.step(TICK_S, 5)
        heights.append(moving.state[row, b.Z])
    assert heights[3] == pytest.approx(0.5 - 0.5 * G * 0.2**2, abs=0.02)
    assert heights[7:] == [0.0] * 23  # it falls for 0.32 s and does not bounce
    assert (moving.state[row, b.VX : b.WZ + 1] == 0.0).all()


def test_a_car_on_a_slope_takes_up_its_pitch_and_roll():
    moving = Motion(ground(grade_x=0.1, grade_y=-0.05))
    row = car(moving)
    run(moving, 2.0, row, brake=1.0, hand_brake=True)
    assert moving.state[row, b.PITCH] == pytest.approx(-atan(0.1), abs=1e-3)  # uphill: nose up
    assert moving.state[row, b.ROLL] == pytest.approx(-atan(0.05), abs=1e-3)  # left side lower


def test_velocity_along_a_slope_has_its_rise():
    moving = Motion(ground(grade_x=0.1))
    row = car(moving, speed=10.0)
    run(moving, 1.0, row, throttle=0.4)
    assert moving.state[row, b.VZ] == pytest.approx(0.1 * moving.state[row, b.VX], rel=1e-6)
    assert moving.state[row, b.Z] == pytest.approx(0.1 * moving.state[row, b.X], abs=1e-6)


def test_a_car_climbs_a_kerb_and_comes_down_from_it():
    moving = Motion(ground(kerb(10.0, 0.15)))
    row = car(moving, x=4.0, speed=6.0)
    run(moving, 2.0, row, throttle=0.3)
    assert moving.state[row, b.Z] == pytest.approx(0.15, abs=1e-3)
    moving.place(row, Pose(14.0, 0.0, 0.15, np.pi))
    moving.set_velocity(row, (-6.0, 0.0, 0.0))
    run(moving, 2.0)
    assert moving.state[row, b.X] < 8.0 and moving.state[row, b.Z] == pytest.approx(0.0, abs=1e-3)


def test_a_car_driven_over_an_edge_falls():
    high = Piece(mesh=box((-50.0, -5.0, 4.0), (20.0, 5.0, 5.0), "asphalt"), reach_m=1e9)
    moving = Motion(ground(high))
    row = car(moving, x=10.0, z=5.0, speed=15.0)
    run(moving, 1.2)
    assert 0.0 < moving.state[row, b.Z] < 5.0 and moving.state[row, b.VZ] < -1.0
    run(moving, 2.0)
    assert moving.state[row, b.Z] == 0.0


def test_nothing_below_means_falling_on_and_staying_finite():
    moving = Motion(FLAT)
    row = car(moving, x=5000.0)
    run(moving, 60.0)
    assert moving.state[row, b.Z] < -1000.0
    assert np.isfinite(moving.state).all()
    assert moving.state[row, b.VZ] >= -150.0


def test_a_teleported_car_keeps_its_velocity_unless_it_is_not_simulated():
    moving = Motion(FLAT)
    row, off = car(moving, speed=7.0), car(moving, y=50.0, entity=1)
    moving.place(row, Pose(100.0, -20.0, 0.0, 1.0))
    assert moving.state[row, :4].tolist() == [100.0, -20.0, 0.0, 1.0]
    assert moving.state[row, b.VX] == 7.0
    moving.simulate(off, False)
    moving.set_velocity(off, (3.0, 0.0, 0.0))
    run(moving, 1.0)
    assert moving.state[off, b.X] == 0.0
    moving.place(off, Pose(-30.0, 50.0, 2.0, 0.0))
    run(moving, 1.0)
    assert moving.state[off, :3].tolist() == [-30.0, 50.0, 2.0]
    assert (moving.state[off, b.VX : b.AZ + 1] == 0.0).all()


def test_a_constant_velocity_is_held_along_the_body_until_it_is_let_go():
    moving = Motion(FLAT)
    row = car(moving, yaw=0.5)
    moving.set_constant_velocity(row, (8.0, 0.0, 0.0))
    run(moving, 2.0, row, brake=1.0)
    assert moving.state[row, b.VX] == pytest.approx(8.0 * np.cos(0.5))
    assert hypot(*moving.state[row, :2]) == pytest.approx(16.0, rel=0.02)
    run(moving, 1.0, row, steer=-0.3)
    assert moving.state[row, b.YAW] > 0.6
    moving.set_constant_velocity(row, None)
    run(moving, 4.0, row, brake=1.0)
    assert hypot(*moving.state[row, b.VX : b.VY + 1]) == 0.0


def test_pushes_pulls_and_twists_follow_from_mass_and_inertia():
    moving = Motion(FLAT)
    rows = [moving.add(CRATE, Pose(0.0, 20.0 * k, 0.0, 0.0), None, k) for k in range(4)]
    mass = CRATE.mass_kg
    moving.push(rows[0], (400.0, 0.0, 0.0))
    assert moving.state[rows[0], b.VX] == pytest.approx(10.0)
    moving.push(rows[1], (0.0, 0.0, 40.0 * 4.0))
    assert moving.state[rows[1], b.VZ] == pytest.approx(4.0)
    moving.pull(rows[2], (mass * (0.5 * G + 4.0), 0.0, 0.0))
    moving.twist(rows[3], (0.0, 0.0, 10.0))
    assert moving.state[rows[3], b.WZ] == pytest.approx(10.0 / (mass / 6.0))
    moving.step(0.1, 10)
    assert moving.state[rows[2], b.VX] == pytest.approx(0.4, rel=0.02)
    assert moving.state[rows[1], b.Z] == pytest.approx(0.4 - 0.05 * G * 0.1, abs=0.01)
    moving.step(0.05, 5)
    assert moving.state[rows[2], b.VX] < 0.4  # a force lasts one tick


def test_a_push_beside_the_centre_turns_the_body():
    moving = Motion(FLAT)
    row = car(moving)
    moving.push(row, (0.0, 2000.0, 0.0), (2.0, 0.0, 0.5))
    assert moving.state[row, b.WZ] > 0.0
    other = car(moving, y=30.0, entity=1)
    moving.pull(other, (0.0, 30_000.0, 0.0), (2.0, 30.0, 0.5))
    moving.torque(other, (0.0, 0.0, 10_000.0))
    moving.step(TICK_S, 5)
    assert moving.state[other, b.WZ] > 0.0


def test_a_vehicle_landed_on_its_roof_has_failed_and_slides():
    moving = Motion(FLAT)
    row = car(moving)
    moving.place(row, Pose(0.0, 0.0, 1.0, 0.0, 0.0, np.pi))
    moving.set_velocity(row, (10.0, 0.0, 0.0))
    run(moving, 1.0, row, throttle=1.0)
    assert moving.failure(row) == 1 and moving.modes[row, b.FAILURE] == 1
    run(moving, 4.0)
    assert hypot(*moving.state[row, b.VX : b.VY + 1]) == 0.0
    moving.place(row, Pose(0.0, 0.0, 0.2, 0.0))
    run(moving, 2.0, row, throttle=1.0)
    assert moving.failure(row) == 0 and moving.state[row, b.VX] > 2.0


def test_a_walker_walks_as_told_turns_that_way_and_its_way_is_counted():
    moving = Motion(FLAT)
    row = man(moving)
    moving.set_walker(row, (0.0, 1.0, 0.0), 1.5)
    run(moving, 4.0)
    assert moving.state[row, b.Y] == pytest.approx(6.0, abs=0.15)
    assert moving.state[row, b.VY] == pytest.approx(1.5)
    assert moving.state[row, b.YAW] == pytest.approx(np.pi / 2)
    assert moving.state[row, b.Z] == pytest.approx(HALF_M)
    assert moving.state[row, b.WAY_M] == pytest.approx(moving.state[row, b.Y], abs=1e-9)
    assert moving.walker_control(row) == ((0.0, 1.0, 0.0), 1.5, False)
    moving.set_walker(row, (0.0, 1.0, 0.0), 0.0)
    run(moving, 1.0)
    assert (moving.state[row, b.VX : b.WZ + 1] == 0.0).all()


def test_a_walker_steps_onto_a_kerb_and_not_onto_a_wall():
    moving = Motion(ground(kerb(5.0, 0.15, 3.0), Piece(mesh=box((5.0, 10.0, -0.5), (9.0, 20.0, 0.9), "paving"),
                                                       reach_m=1e9)))  # fmt: skip
    row, other = man(moving, x=3.0), man(moving, x=3.0, y=15.0, entity=101)
    for each in (row, other):
        moving.set_walker(each, (1.0, 0.0, 0.0), 1.4)
    run(moving, 4.0)
    assert moving.state[row, b.X] > 7.0 and moving.state[row, b.Z] == pytest.approx(HALF_M + 0.15, abs=1e-3)
    assert moving.state[other, b.X] < 5.01 and moving.state[other, b.Z] == pytest.approx(HALF_M)


def test_a_walker_jumps_once():
    moving = Motion(FLAT)
    row = man(moving)
    moving.set_walker(row, (1.0, 0.0, 0.0), 1.0, jump=True)
    heights = []
    for _ in range(60):
        moving.step(TICK_S, 5)
        heights.append(moving.state[row, b.Z] - HALF_M)
    assert max(heights) == pytest.approx(4.2**2 / (2 * G), abs=0.05)
    assert heights[20:] == pytest.approx([0.0] * 40)


def test_navigation_puts_a_walker_where_it_wants_it():
    moving = Motion(FLAT)
    row = man(moving)
    moving.simulate(row, False)
    for k in range(20):
        moving.walker_state(row, Pose(0.07 * k, 0.0, HALF_M, 0.0), 1.4)
        moving.step(TICK_S, 5)
    assert moving.state[row, b.X] == pytest.approx(1.33)
    assert moving.state[row, b.VX] == pytest.approx(1.4)
    assert moving.state[row, b.WAY_M] == pytest.approx(1.33)
    assert moving.walker_control(row)[1] == 1.4


def test_accelerations_are_those_of_the_velocities():
    moving = Motion(FLAT)
    row = car(moving)
    run(moving, 1.0, row, throttle=0.7, steer=-0.1)
    before = moving.state[row, b.VX : b.VZ + 1].copy()
    moving.step(TICK_S, 5)
    after = moving.state[row, b.VX : b.VZ + 1]
    assert moving.state[row, b.AX : b.AZ + 1] == pytest.approx((after - before) / TICK_S)


def test_ground_has_heights_and_normals_and_ends_somewhere():
    slope = ground(kerb(10.0, 0.5), grade_x=0.1)
    assert slope.height_m(-5.0, 3.0, 10.0) == pytest.approx(-0.5, abs=1e-4)
    assert slope.height_m(-5.0, 3.0, -0.6) is None
    assert slope.height_m(9999.0, 0.0, 10.0) is None
    assert slope.normal(-5.0, 3.0, 10.0) == pytest.approx(np.array([-0.1, 0.0, 1.0]) / hypot(0.1, 1.0), abs=1e-4)


@pytest.mark.parametrize("name", ["urban", "hills"])
def test_cars_rest_on_every_map_where_they_are_spawned(name):
    still = still_of(load_map(name))
    moving = Motion(Ground(still))
    chance = np.random.default_rng(5)
    rows = []
    while len(rows) < 30:
        x, y = chance.uniform(-100.0, 300.0, 2)
        z = moving.ground.height_m(x, y, 60.0)
        pose = Pose(x, y, (z or 0.0) + 0.4, chance.uniform(-3.0, 3.0))
        if z is None or moving.blocked(CAR, pose):
            continue
        rows.append(moving.add(CAR, pose, sheet_for(CAR), len(rows)))
        moving.set_control(rows[-1], VehicleControl(hand_brake=True, brake=1.0))
    run(moving, 4.0)
    before = moving.state[rows].copy()
    run(moving, 2.0)
    assert (abs(moving.state[rows][:, :6] - before[:, :6]) < 1e-6).all()
    for x, y, z in moving.state[rows, :3]:
        assert abs(z - moving.ground.height_m(x, y, z + 0.5)) < 0.6


def traffic(entities, shift_rows=0, strangers=0):
    """Cars and a walker that meet each other and a pole, and what becomes of them."""
    moving = Motion(ground(fixtures=(pole(45.0, 3.0),)))
    dummies = [car(moving, x=900.0, y=900.0 + 20.0 * k, entity=10_000 + k) for k in range(shift_rows)]
    rows = {}
    for entity in entities:
        rows[entity] = car(moving, x=-9.0 * entity, y=0.8 * (entity % 3), yaw=0.1 * entity, speed=9.0, entity=entity)
    walker = man(moving, x=20.0, y=1.0, entity=50)
    for dummy in dummies:
        moving.remove(dummy)
    for k in range(strangers):
        far = car(moving, x=-900.0, y=15.0 * k, speed=20.0, entity=5_000 + k)
        moving.set_control(far, VehicleControl(throttle=1.0, steer=0.3))
    moving.set_walker(walker, (0.0, 1.0, 0.0), 1.0)
    for entity, row in rows.items():
        moving.set_control(row, VehicleControl(throttle=0.5 + 0.1 * entity, steer=0.05 * (entity - 2)))
    impulses = []
    for _ in range(80):
        for touch in moving.step(TICK_S, 5):
            named = {row: entity for entity, row in rows.items()} | {walker: 50}
            if touch.first in named:
                impulses.append((named[touch.first], named.get(touch.second, -1), touch.impulse_ns, touch.point_m))
    order = [rows[entity] for entity in sorted(rows)] + [walker]
    return moving.state[order].tobytes(), impulses


def test_the_same_episode_twice_is_the_same_to_the_byte_whatever_the_rows_the_order_and_the_strangers():
    usual = traffic((0, 1, 2, 3, 4))
    assert len(usual[1]) > 3
    assert traffic((0, 1, 2, 3, 4)) == usual
    assert traffic((4, 2, 0, 3, 1), shift_rows=23) == usual
    assert traffic((0, 1, 2, 3, 4), strangers=40) == usual


def test_rows_are_in_the_order_of_entities_and_used_again():
    moving = Motion(FLAT)
    rows = [car(moving, x=10.0 * k, entity=9 - k) for k in range(5)]
    assert moving.rows.tolist() == rows[::-1]
    moving.remove(rows[2])
    assert rows[2] not in moving.rows.tolist()
    assert car(moving, x=100.0, entity=77) == rows[2]
    more = [car(moving, x=200.0 + 10.0 * k, entity=200 + k) for k in range(60)]
    assert len({*rows, *more}) == 65 and len(moving.state) >= 65
    run(moving, 0.5)


BIG = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([1e308, -1e308, 1e12, 0.0]))
DEEDS = st.sampled_from(
    ["push", "push_at", "pull", "twist", "torque", "velocity", "spin", "place", "constant", "control", "ackermann",
     "walker", "state", "sheet", "zone", "step"]
)  # fmt: skip


@given(st.lists(st.tuples(DEEDS, BIG, BIG, BIG), min_size=3, max_size=14), st.floats(0.0, 2.0), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_absurd_demands_leave_everything_finite_and_no_faster_than_allowed(deeds, delta_s, substeps):
    moving = Motion(ground(kerb(), fixtures=(pole(6.0),)))
    rows = [car(moving), man(moving, x=4.0), moving.add(CRATE, Pose(-6.0, 0.0, 0.0, 0.0), None, 7)]
    for index, (deed, x, y, z) in enumerate(deeds):
        row = rows[index % 3]
        act = {
            "push": lambda: moving.push(row, (x, y, z)),  # noqa: B023
            "push_at": lambda: moving.push(row, (x, y, z), (z, x, y)),  # noqa: B023
            "pull": lambda: moving.pull(row, (x, y, z), (y, z, x)),  # noqa: B023
            "twist": lambda: moving.twist(row, (x, y, z)),  # noqa: B023
            "torque": lambda: moving.torque(row, (x, y, z)),  # noqa: B023
            "velocity": lambda: moving.set_velocity(row, (x, y, z)),  # noqa: B023
            "spin": lambda: moving.set_spin(row, (x, y, z)),  # noqa: B023
            "place": lambda: moving.place(row, Pose(x, y, z, x, y, z)),  # noqa: B023
            "constant": lambda: moving.set_constant_velocity(row, (x, y, z)),  # noqa: B023
            "control": lambda: moving.set_control(rows[0], VehicleControl(x, y, z)),  # noqa: B023
            "ackermann": lambda: moving.set_ackermann(rows[0], VehicleAckermannControl(x, y, z, x, y)),  # noqa: B023
            "walker": lambda: moving.set_walker(rows[1], (x, y, z), x, True),  # noqa: B023
            "state": lambda: moving.walker_state(rows[1], Pose(x, y, z, x), y),  # noqa: B023
            "sheet": lambda: moving.set_sheet(rows[0], sheet_for(CAR, mass=x, drag_coefficient=y, final_ratio=z)),  # noqa: B023
            "zone": lambda: moving.add_zone(Pose(0.0, 0.0, 0.0, x), (x, y, z), x),  # noqa: B023
            "step": lambda: moving.step(0.05, 5),
        }[deed]
        act()
        touches = moving.step(delta_s, substeps)
        assert all(isfinite(part) for touch in touches for part in (*touch.impulse_ns, *touch.point_m))
        assert np.isfinite(moving._arrays.body).all()
        speeds = np.linalg.norm(moving.state[:, b.VX : b.VZ + 1], axis=1)
        assert (speeds <= 150.0 + 1e-9).all()
    assert all(isfinite(part) for part in moving.telemetry(rows[0])[:5])


def test_a_huge_impulse_is_bounded():
    moving = Motion(FLAT)
    row = car(moving)
    moving.push(row, (1e12, 0.0, 0.0))
    assert moving.state[row, b.VX] == pytest.approx(150.0)


def test_throttle_of_a_billion_is_full_throttle():
    ends = []
    for throttle in (1.0, 1e9):
        moving = Motion(FLAT)
        row = car(moving)
        run(moving, 2.0, row, throttle=throttle, steer=0.0)
        ends.append(moving.state[row].tobytes())
    assert ends[0] == ends[1]


def test_a_push_is_felt_as_an_acceleration_and_a_velocity_that_is_set_is_not():
    moving = Motion(FLAT)
    pushed, started = car(moving), car(moving, y=30.0, speed=12.0, entity=1)
    moving.push(pushed, (CAR.mass_kg * 2.0, 0.0, 0.0))
    moving.step(TICK_S, 5)
    assert moving.state[pushed, b.AX] == pytest.approx(2.0 / TICK_S, rel=0.1)
    assert abs(moving.state[started, b.AX]) < 2.0
