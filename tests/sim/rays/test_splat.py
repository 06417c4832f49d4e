from math import pi, radians

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.rays.caster import Caster
from sim.rays.splat import NOBODY, Splat, grid
from sim.scenery.materials import MATERIAL
from sim.scenery.scene import Moment
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Piece, tiled
from sim.scenery.viewpoint import Viewpoint, rotation
from sim.truth import ActorKind
from tests.sim.rays.scenes import all_places, brute, eye, frame, margin, mesh_of, scenery, soup, street

UNEVEN = tuple(
    radians(each) for each in (-60.0, -41.0, -24.0, -17.0, -9.0, -8.8, -3.0, -0.4, 0.1, 2.0, 7.0, 30.0, 61.0)
)
PERIOD_S = 0.1


def directions_of(rays, spin=0.0):
    """(columns, lasers, 3) unit directions in the sensor's axes at the revolution's middle, and times (columns,)."""
    times = (np.arange(rays.columns) + 0.5 - 0.5 * rays.columns) * rays.period_s / rays.columns
    azimuth = rays.turn * 2.0 * pi * times / rays.period_s + spin * times
    elevation = np.arctan(rays.tangents)
    flat = np.cos(elevation)
    out = np.empty((rays.columns, len(elevation), 3))
    out[..., 0], out[..., 1] = np.cos(azimuth)[:, None] * flat, np.sin(azimuth)[:, None] * flat
    out[..., 2] = np.sin(elevation)
    return out, times


def still_of(corners):
    return tiled((Piece(mesh=mesh_of(corners), reach_m=1e9),), tile_m=16.0)


def nobody():
    scene = scenery([(ActorKind.CAR, mesh_of(np.zeros((0, 3, 3))))])
    return scene.moment(frame(scene, [{"x": 0.0}]))


def differing(sweep, wanted_m, rows, sure, within_m=1e-6):
    """The rays whose range or surface is not the wanted one, but for those that rounding at an edge decides."""
    found_m = np.where(sweep.row == NOBODY, np.inf, sweep.range_m)
    seen, there = found_m < np.inf, wanted_m < np.inf
    both = seen & there
    away_m = np.abs(np.where(both, found_m, 0.0) - np.where(both, wanted_m, 0.0))
    return sure & ((seen != there) | both & ((away_m >= within_m) | (sweep.row != rows)))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 300),
    size_m=st.sampled_from([0.3, 3.0, 25.0]),
    angles=st.tuples(st.floats(-3.0, 3.0), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    clockwise=st.booleans(),
)
def test_every_ray_meets_what_trying_every_triangle_meets(seed, count, size_m, angles, clockwise):
    corners = soup(seed, count, spread_m=12.0, size_m=size_m).astype(np.float32)
    rays = grid(UNEVEN, 180, PERIOD_S, 60.0, clockwise)
    view = eye((0.3, -0.2, 0.5), angles)
    still = still_of(corners)
    sweep = Splat(still, rays).sweep(nobody(), view)
    directions, _ = directions_of(rays)
    world = directions.reshape(-1, 3) @ view.world_from_sensor.T
    wanted, rows = brute(corners, view.position_m, world)
    wanted = np.where(wanted > 60.0, np.inf, wanted).reshape(sweep.row.shape)
    sure = (margin(corners, view.position_m, world) > 1e-9).reshape(sweep.row.shape) & (np.abs(wanted - 60.0) > 1e-6)
    assert not differing(sweep, wanted, np.full_like(rows, -1).reshape(sweep.row.shape), sure).any()


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    spread_m=st.sampled_from([3.0, 12.0]),
    size_m=st.sampled_from([0.3, 3.0, 20.0]),
    velocity=st.tuples(st.floats(-40.0, 40.0), st.floats(-40.0, 40.0), st.floats(-3.0, 3.0)),
    body_velocity=st.tuples(st.floats(-40.0, 40.0), st.floats(-40.0, 40.0), st.floats(-3.0, 3.0)),
    turns=st.tuples(st.floats(-0.8, 0.8), st.floats(-0.8, 0.8)),
    tilt=st.floats(-0.3, 0.3),
)
@example(2085, 12.0, 3.0, (0.0, -35.0, 0.0), (0.0, 6.0, 0.0), (0.0, 0.0), 0.0)  # a triangle that passes overhead
@example(2085, 12.0, 3.0, (0.0, -10.0, 0.0), (0.0, 31.0, 0.0), (0.0, 0.0), 0.0)
def test_every_column_sees_the_world_at_its_own_instant(seed, spread_m, size_m, velocity, body_velocity, turns, tilt):
    """Against moving every corner to every column's instant and trying every triangle there."""
    still_corners = soup(seed, 60, spread_m, size_m).astype(np.float32)
    body_corners = soup(seed + 1, 40, spread_m * 2.0 / 3.0, size_m).astype(np.float32)
    rays = grid(UNEVEN, 72, PERIOD_S, 60.0)
    view = eye((0.3, -0.2, 0.5), (0.4, tilt, -tilt), velocity, (0.0, 0.0, turns[0]))
    scene = scenery([(ActorKind.CAR, mesh_of(body_corners))])
    moment = scene.moment(frame(scene, [{"x": 0.0}]))
    motion = np.array([[*body_velocity, 0.0, 0.0, turns[1]]])
    moment = Moment(*(motion if name == "motions" else getattr(moment, name) for name in Moment._fields))
    still = still_of(still_corners)
    sweep = Splat(still, rays).sweep(moment, view)
    axes = view.world_from_sensor.T
    own = float((axes @ view.angular_velocity_radps)[2])
    directions, times = directions_of(rays, own)
    left_over = view.angular_velocity_radps - own * view.world_from_sensor[:, 2]
    wanted, rows, sure = np.empty(sweep.row.shape), np.empty_like(sweep.row), np.empty(sweep.row.shape, bool)
    cosine_off = np.zeros(sweep.row.shape)
    for column in range(rays.columns):
        moved = []
        for corners, speed, spin in (
            (still_corners, np.zeros(3), np.zeros(3)),
            (body_corners, motion[0, :3], motion[0, 3:]),
        ):
            places = corners.astype(np.float64)
            drift = speed + np.cross(spin, places)  # the body's origin is the world's
            drift = drift - view.velocity_mps - np.cross(left_over, places - view.position_m)
            moved.append(places + times[column] * drift)
        both = np.concatenate(moved)
        world = directions[column] @ view.world_from_sensor.T
        ranges, first = brute(both, view.position_m, world)
        wanted[column] = np.where(ranges > 60.0, np.inf, ranges)
        rows[column] = np.where(first < len(still_corners), -1, 0)
        sure[column] = (margin(both, view.position_m, world) > 1e-8) & (np.abs(ranges - 60.0) > 1e-6)
        normals = np.cross(both[first, 1] - both[first, 0], both[first, 2] - both[first, 0])
        cosines = np.abs((normals * world).sum(axis=1)) / np.linalg.norm(normals, axis=1)
        cosine_off[column] = np.abs(sweep.cosine[column] - cosines)
    assert not differing(sweep, wanted, rows, sure, within_m=1e-5).any()
    # a face's distance is of first order like all motion: what is left out stays below t² |W| (|V| + |W| range)
    met, turning = sure & (wanted < np.inf), abs(turns[0]) + abs(turns[1])
    speed = np.linalg.norm(velocity) + np.linalg.norm(body_velocity) + turning * np.linalg.norm(view.position_m)
    left_out_m = (0.5 * PERIOD_S) ** 2 * turning * (speed + turning * wanted[met])
    assert (cosine_off[met] * wanted[met] <= left_out_m + 1e-5).all()


@pytest.fixture(scope="module")
def crowd():
    kinds = (ActorKind.TRUCK, ActorKind.CAR, ActorKind.VAN, ActorKind.CAR, ActorKind.CYCLIST, ActorKind.CAR)
    return scenery([(kind, None) for kind in kinds], street())


def hdl():
    elevations = np.concatenate([np.linspace(-24.33, -8.83, 32), np.linspace(-8.33, 2.0, 32)])
    return grid(tuple(radians(each) for each in elevations.tolist()), 1800, PERIOD_S, 120.0)


def test_a_full_scan_of_a_street_equals_the_tree_ray_by_ray(crowd):
    rays = hdl()
    truth = frame(crowd, all_places(crowd))
    view = eye((4.0, -2.0, 3.7), (0.2, 0.03, -0.02), hidden=0)
    moment = crowd.moment(truth)
    sweep = Splat(crowd.still, rays).sweep(moment, view)
    world = directions_of(rays)[0].reshape(-1, 3) @ view.world_from_sensor.T
    hits = Caster(crowd).cast_moment(moment, np.tile(view.position_m, (len(world), 1)), world, 120.0, hidden_row=0)
    found = np.where(sweep.row == NOBODY, 120.0, sweep.range_m).reshape(-1)
    assert (hits.row >= 0).sum() > 1000
    assert np.abs(found - hits.t_m).max() < 1e-6
    assert (sweep.row.reshape(-1) == hits.row).all()
    same = sweep.triangle.reshape(-1) == hits.triangle
    assert same.mean() > 0.9999  # two faces at one distance: marks on a face may lie in it
    assert (sweep.material.reshape(-1)[same] == hits.material[same]).all()
    cosines = np.abs((hits.normal * world).sum(axis=1))
    met = same & (hits.row != NOBODY)
    assert np.abs(sweep.cosine.reshape(-1)[met] - cosines[met]).max() < 1e-5


def test_a_full_scan_of_a_street_equals_embree(crowd):
    """An independent library, in float32 and blind to a face's side: outlines may fall either way, and only there."""
    embree = pytest.importorskip("embreex.rtcore_scene", reason="needs embreex")
    from embreex.mesh_construction import TriangleMesh

    rays = hdl()
    truth = frame(crowd, all_places(crowd))
    view = eye((4.0, -2.0, 3.7), (0.2, 0.03, -0.02), hidden=0)
    moment = crowd.moment(truth)
    sweep = Splat(crowd.still, rays).sweep(moment, view)
    seen = moment.triangles[moment.instances != 0]
    corners = np.concatenate([crowd.still.vertices[crowd.still.triangles], moment.vertices[seen]]).astype(np.float64)
    scene = embree.EmbreeScene()
    TriangleMesh(scene, (corners - view.position_m).astype(np.float32))
    world = (directions_of(rays)[0].reshape(-1, 3) @ view.world_from_sensor.T).astype(np.float32)
    answer = scene.run(np.zeros_like(world), world, output=1)
    theirs = np.where(answer["primID"] >= 0, answer["tfar"], 120.0).astype(np.float64)
    theirs = np.minimum(theirs, 120.0)
    ours = np.where(sweep.row == NOBODY, 120.0, sweep.range_m).reshape(-1)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    met = answer["primID"] >= 0
    front = np.ones(len(world), bool)
    front[met] = (normals[answer["primID"][met]] * world[met]).sum(axis=1) < 0.0
    differs = (np.abs(ours - theirs) > 0.01) & front
    assert (~front).sum() < 0.0005 * len(world)  # open bodies seen from inside: embree stops there, a laser does not
    # where they differ the ray passes an edge within float32's error of its direction (6e-8 rad and of the corners)
    suspects = np.flatnonzero(differs)
    assert len(suspects) < 12
    for ray in suspects.tolist():
        near = np.linalg.norm(corners.mean(axis=1) - view.position_m - ours[ray] * world[ray], axis=1) < 30.0
        near |= np.linalg.norm(corners.mean(axis=1) - view.position_m - theirs[ray] * world[ray], axis=1) < 30.0
        assert margin(corners[near], view.position_m, world[ray : ray + 1].astype(np.float64))[0] < 1e-6


@pytest.mark.parametrize("spin", [0.0, 0.5, -0.5])
def test_first_order_motion_is_within_two_centimetres_of_true_motion(spin):
    """Against bodies and sensor carried along exact arcs to each column's instant."""
    crate = box((-2.0, -1.0, 0.0), (2.0, 1.0, 1.5), "paint")
    still = street(trees=0)
    scene = scenery([(ActorKind.CAR, crate)] * 3, still)
    places = [
        {"x": 0.0, "speed": 25.0, "yaw_rate": spin},
        {"x": 18.0, "y": 3.5, "yaw": pi, "speed": 20.0, "yaw_rate": -spin},
        {"x": 2.0, "y": -5.0, "yaw": 0.3, "speed": 12.0},
    ]
    truth = frame(scene, places)
    moment = scene.moment(truth)
    velocity, mount = moment.motions[0, :3], np.array([1.0, 0.0, 3.0])
    view = Viewpoint(
        position_m=mount,
        world_from_sensor=rotation(0.0, 0.0, 0.0),
        velocity_mps=velocity + np.cross([0.0, 0.0, spin], mount),
        angular_velocity_radps=np.array([0.0, 0.0, spin]),
        hidden_row=0,
    )
    rays = grid(tuple(radians(each) for each in np.linspace(-20.0, 1.0, 24).tolist()), 360, PERIOD_S, 60.0)
    sweep = Splat(still, rays).sweep(moment, view)
    directions, times = directions_of(rays)
    caster, errors, wrong = Caster(scene), [], 0
    for column in range(0, 360, 3):
        at = float(times[column])
        then = frame(scene, [carried(place, at) for place in places], at=int(at * 1e9) + 10**9)
        poses = scene.poses(then)[0]
        turned = rotation(spin * at, 0.0, 0.0)
        origin = poses[0, :, :3] @ mount + poses[0, :, 3]
        hits = caster.cast(poses, np.tile(origin, (24, 1)), directions[column] @ turned.T, 60.0, hidden_row=0)
        same = (hits.row == sweep.row[column]) & (hits.row != NOBODY)
        wrong += int((hits.row != sweep.row[column]).sum())
        facing = np.abs((hits.normal * (directions[column] @ turned.T)).sum(axis=1))
        # on a slanted face the range errs by more than the place does; an outline's ray may meet the face behind
        errors.append((np.abs(hits.t_m - sweep.range_m[column]) * facing)[same])
    errors = np.concatenate(errors)
    assert len(errors) > 2000
    assert errors.max() < 0.02
    assert wrong <= 3


def carried(place, at):
    """A place after `at` seconds at constant speed and yaw rate."""
    yaw, rate, speed = place.get("yaw", 0.0), place.get("yaw_rate", 0.0), place["speed"]
    if abs(rate) < 1e-9:
        dx, dy = speed * at * np.cos(yaw), speed * at * np.sin(yaw)
    else:
        dx = speed / rate * (np.sin(yaw + rate * at) - np.sin(yaw))
        dy = speed / rate * (np.cos(yaw) - np.cos(yaw + rate * at))
    return place | {"x": place["x"] + dx, "y": place.get("y", 0.0) + dy, "yaw": yaw + rate * at}


def test_a_floor_about_the_sensor_is_seen_all_round():
    floor = sheet([(-70.0, -70.0, 0.0), (70.0, -70.0, 0.0), (70.0, 70.0, 0.0), (-70.0, 70.0, 0.0)], "asphalt")
    rays = grid(UNEVEN, 90, PERIOD_S, 60.0)
    sweep = Splat(tiled((Piece(mesh=floor, reach_m=1e9),)), rays).sweep(nobody(), eye((5.0, 3.0, 2.0)))
    down = rays.tangents < -2.0 / 50.0
    assert (sweep.row[:, down] == -1).all()
    assert (sweep.row[:, rays.tangents > 0.0] == NOBODY).all()
    assert np.allclose(sweep.range_m[:, down], 2.0 / np.sin(-np.arctan(rays.tangents[down])))
    assert (sweep.material[:, down] == MATERIAL["asphalt"]).all()


def test_nothing_beyond_the_range_is_seen():
    wall = sheet(
        [(50.0, 20.0, -9.0), (50.0, 20.0, 9.0), (50.0, -20.0, 9.0), (50.0, -20.0, -9.0)], "wall", both_sides=True
    )
    still = tiled((Piece(mesh=wall, reach_m=1e9),))
    near, far = (Splat(still, grid((0.0,), 64, PERIOD_S, range_m)) for range_m in (49.0, 52.0))
    assert (near.sweep(nobody(), eye()).row == NOBODY).all()
    assert (far.sweep(nobody(), eye()).row == -1).any()


def test_a_turning_sensor_sees_a_stripe_of_the_world_twice_or_never():
    """Turning with the spin it comes further than a full turn round; against it, less far."""
    pole = box((-5.1, -0.01, -2.0), (-5.0, 0.01, 2.0), "pole")
    rays = grid((0.0,), 3600, PERIOD_S, 60.0, clockwise=False)
    splat = Splat(tiled((Piece(mesh=pole, reach_m=1e9),)), rays)
    seen = {}
    for spin in (-0.4, 0.0, 0.4):
        sweep = splat.sweep(nobody(), eye(spin=(0.0, 0.0, spin), angles=(0.01, 0.0, 0.0)))
        columns = np.flatnonzero(sweep.row[:, 0] == -1)
        seen[spin] = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if len(columns) else []
    assert len(seen[0.0]) == 1
    assert not seen[-0.4]
    assert len(seen[0.4]) == 2
    assert seen[0.4][0][0] < 60 and seen[0.4][1][-1] > 3540
