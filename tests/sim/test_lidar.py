import hashlib
import subprocess
import sys
from dataclasses import replace
from math import pi
from pathlib import Path

import numpy as np
import pytest

from sim.mount import Mount
from sim.scenery.materials import MATERIAL
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Piece, tiled
from sim.sensors.lidar import AIRBORNE, Lidar, LidarParameters
from sim.truth import ActorKind
from stack.vocabulary import MachineryError, SimNs
from tests.sim.rays.scenes import CLEAR, frame, scenery

ROOT = Path(__file__).parents[2]
ON_TOP = Mount(x_m=-2.25, y_m=0.0, z_m=2.0, yaw_rad=0.0)  # over the middle of a car's outline
CRATE = box((-2.0, -1.0, 0.0), (2.0, 1.0, 1.8), "paint")
SMALL = """
title: a test's lidar
source: own
elevations_deg: [-12.0, -6.0, -3.0, -1.0, 0.0, 1.0]
azimuth_steps: 1440
rate_hz: 10.0
clockwise: true
wavelength_nm: 905.0
min_range_m: 0.5
max_range_m: 150.0
range_at_10_percent_m: 50.0
range_at_80_percent_m: 120.0
detection_spread_ratio: 0.3
range_sigma_m: 0.0
range_step_m: 0.0001
divergence_mrad: 2.0
aperture_mm: 10.0
pulse_ns: 5.0
overlap_m: 4.0
dropout_ratio: 0.0
"""


def wall(x_m, half_width_m=60.0, height_m=20.0, material="wall"):
    """A wall across the x axis that faces back along it."""
    corners = [
        (x_m, half_width_m, -1.0),
        (x_m, half_width_m, height_m),
        (x_m, -half_width_m, height_m),
        (x_m, -half_width_m, -1.0),
    ]
    return sheet(corners, material, both_sides=True)


def world(*meshes, others=0):
    """A scene of these still things, the ego, and others that look like crates."""
    still = tiled(tuple(Piece(mesh=mesh, reach_m=1e9) for mesh in meshes))
    return scenery([(ActorKind.CAR, CRATE)] * (1 + others), still)


def lidar(scene, pattern=SMALL, seed=1, exact=False, mount=ON_TOP, name="lidar"):
    parameters = LidarParameters(pattern=pattern, exact=exact)
    return Lidar(seed, scene.roster, parameters, mount, name, scenery=scene)


def look(scene, places=({},), at=0, conditions=CLEAR, **how):
    """The points (n, 4) and the labelled scan of one revolution."""
    sensor = lidar(scene, **how)
    scan = sensor.sense(frame(scene, list(places), at=at, conditions=conditions), SimNs(at))
    return scan.points, sensor.latest


def ranges(points):
    return np.linalg.norm(points[:, :3].astype(np.float64), axis=1)


def ring_of(labelled, ring):
    return labelled.scan.points[labelled.scan.rings == ring].astype(np.float64)


# --- what a scan is ---------------------------------------------------------------------------------------------


def test_a_revolution_is_told_in_order_of_firing_about_its_middle():
    _, labelled = look(world(wall(30.0), wall(-30.0)), exact=True)
    offsets = labelled.scan.offsets_ns
    assert (np.diff(offsets) >= 0).all()
    assert -50_000_000 <= offsets.min() < offsets.max() <= 50_000_000
    ahead = np.abs(np.arctan2(labelled.scan.points[:, 1], labelled.scan.points[:, 0])) < 0.01
    assert ahead.any() and np.abs(offsets[ahead]).max() < 200_000
    assert (np.diff(labelled.shots) > 0).all()


def test_a_clockwise_lidar_looks_left_before_it_looks_right():
    turned = SMALL.replace("clockwise: true", "clockwise: false")
    scene = world(wall(30.0))
    for pattern, sign in ((SMALL, 1.0), (turned, -1.0)):
        points, labelled = look(scene, pattern=pattern, exact=True)
        early = labelled.scan.offsets_ns < 0
        assert (np.sign(points[early, 1]) == sign).all()


def test_exact_ranges_are_those_of_the_plane():
    points, labelled = look(world(wall(40.0)), exact=True)
    assert len(points) > 500
    assert np.allclose(points[:, 0], 40.0, atol=1e-4)
    assert (labelled.rows == -1).all() and (labelled.materials == MATERIAL["wall"]).all()


def test_every_return_is_labelled_with_the_body_it_came_from():
    points, labelled = look(world(wall(60.0), others=2), [{}, {"x": 12.0, "y": 2.0}, {"x": -20.0}], exact=True)
    for row, x_m, y_m in ((1, 12.0, 2.0), (2, -20.0, 0.0)):
        on_it = labelled.rows == row
        assert on_it.sum() > 20
        assert np.abs(points[on_it, 0] - x_m).max() <= 2.001 and np.abs(points[on_it, 1] - y_m).max() <= 1.001
        assert (labelled.materials[on_it] == MATERIAL["paint"]).all()


def test_the_egos_own_body_is_never_seen():
    low = Mount(x_m=-2.25, y_m=0.0, z_m=1.0, yaw_rad=0.0)  # inside the crate
    _, labelled = look(world(wall(30.0)), mount=low, exact=True)
    assert len(labelled.rows) and 0 not in labelled.rows


def test_a_mount_turns_and_lifts_the_scan():
    tilted = Mount(x_m=-1.25, y_m=0.5, z_m=3.0, yaw_rad=0.5, pitch_rad=0.1, roll_rad=-0.05)
    points, _ = look(world(wall(40.0)), mount=tilted, exact=True)
    from sim.scenery.viewpoint import rotation

    in_world = points[:, :3].astype(np.float64) @ rotation(0.5, 0.1, -0.05).T + [1.0, 0.5, 3.0]
    assert np.allclose(in_world[:, 0], 40.0, atol=1e-3)


def test_arrays_of_a_scan_cannot_be_written():
    points, labelled = look(world(wall(30.0)))
    for array in (points, labelled.scan.rings, labelled.scan.offsets_ns, labelled.rows, labelled.materials):
        assert not array.flags.writeable


def test_truth_of_another_cast_is_refused():
    sensor = lidar(world(wall(30.0)))
    other = world(others=1)
    with pytest.raises(MachineryError, match="2 actors in the truth, 1 known"):
        sensor.sense(frame(other, [{}, {"x": 9.0}]), SimNs(0))


# --- motion within a revolution ---------------------------------------------------------------------------------


def test_a_pole_abeam_is_displaced_by_the_way_driven_since_it_was_seen():
    """At 20 m/s a clockwise lidar sees the left side 25 ms before and the right side 25 ms after the middle."""
    poles = [box((-0.2, y - 0.2, 0.0), (0.2, y + 0.2, 5.0), "pole") for y in (12.0, -12.0)]
    standing, _ = look(world(*poles), [{"speed": 0.0}], exact=True)
    moving, _ = look(world(*poles), [{"speed": 20.0}], exact=True)
    # the side is met when azimuth and place agree: x = v t, t = (90 degrees - x / 11.8 m) / spin rate
    displaced = 20.0 * 0.025 / (1.0 + 20.0 * 0.1 / (2.0 * pi) / 11.8)
    for side in (1.0, -1.0):
        rest, drive = (
            points[np.abs(points[:, 1] - side * 11.8) < 0.01, 0].astype(float).mean() for points in (standing, moving)
        )
        assert rest == pytest.approx(0.0, abs=0.03)
        assert drive == pytest.approx(side * displaced, abs=0.03)


def test_a_wall_ahead_is_met_at_its_true_distance_and_bends_to_the_sides():
    """Ahead is seen at the slot; to the left earlier, when it was farther; to the right later, when it was nearer."""
    points, labelled = look(world(wall(30.0, half_width_m=200.0)), [{"speed": 30.0}], exact=True)
    x_m, offsets_s = points[:, 0].astype(np.float64), labelled.scan.offsets_ns * 1e-9
    assert np.allclose(x_m, 30.0 - 30.0 * offsets_s, atol=2e-3)
    assert offsets_s.min() < -0.02 and offsets_s.max() > 0.02


def test_an_oncoming_body_moves_while_it_is_scanned():
    scene = world(others=1)
    place = {"x": 12.0, "y": 6.0, "yaw": pi, "speed": 25.0}
    points, labelled = look(scene, [{"speed": 0.0}, place], exact=True)
    front = np.abs(points[:, 0] - 10.0) < 1.5
    at_s = labelled.scan.offsets_ns[front] * 1e-9
    face = points[front][:, 0] + 25.0 * at_s
    on_face = np.abs(face - 10.0) < 1e-3  # the crate's front, carried to its instant
    assert on_face.sum() > 20
    assert (at_s[on_face] < 0.0).all()  # left of the middle


def test_turning_shears_the_scan_only_by_the_turn():
    """Points put back by the turn of each instant lie on the standing wall."""
    spin = 0.6
    middle = Mount(x_m=-2.25, y_m=0.0, z_m=2.0, yaw_rad=0.0)
    points, labelled = look(world(wall(25.0)), [{"yaw_rate": spin}], mount=middle, exact=True)
    turn = spin * labelled.scan.offsets_ns * 1e-9
    x_m = np.cos(turn) * points[:, 0] - np.sin(turn) * points[:, 1]
    assert np.allclose(x_m, 25.0, atol=2e-3)
    assert np.abs(points[:, 0] - 25.0).max() > 0.1


# --- what comes back ----------------------------------------------------------------------------------------------


def share_returned(scene, conditions=CLEAR, scans=4):
    sensor, total, found = lidar(scene), 0, 0
    every = lidar(scene, exact=True)
    for slot in range(scans):
        truth = frame(scene, [{}], at=slot, conditions=conditions)
        sensor.sense(truth, SimNs(slot * 100_000_000))
        every.sense(truth, SimNs(slot * 100_000_000))
        found += int((sensor.latest.rows != AIRBORNE).sum())
        total += len(every.latest.rows)
    return found / total


def test_returns_grow_fewer_with_distance_and_sooner_from_dark_things():
    shares = {
        material: [share_returned(world(wall(x_m, 0.1 * x_m, material=material))) for x_m in (20.0, 60.0, 90.0, 140.0)]
        for material in ("sign_black", "wall", "marking", "sign_white")
    }
    for falling in shares.values():
        assert falling[0] == 1.0
        assert all(near >= far for near, far in zip(falling, falling[1:], strict=False))
    assert shares["sign_black"][1] < 0.3 < shares["wall"][1]
    assert shares["wall"][2] < shares["marking"][2] <= shares["sign_white"][2] == 1.0
    assert shares["sign_white"][3] == 1.0


def test_apparent_reflectivity_is_the_surfaces_own_head_on_and_less_when_slanted():
    _, labelled = look(world(wall(20.0)))
    middle = np.abs(ring_of(labelled, 4)[:, 1]) < 1.0
    assert ring_of(labelled, 4)[middle, 3].mean() == pytest.approx(0.4, abs=0.02)
    floor = sheet([(-99, -99, 0), (99, -99, 0), (99, 99, 0), (-99, 99, 0)], "marking")
    _, below = look(world(floor))
    steep, grazing = ring_of(below, 0)[:, 3].mean(), ring_of(below, 2)[:, 3].mean()
    assert 0.75 > steep > grazing


def test_a_retroreflector_is_brighter_than_any_white_wall():
    _, white = look(world(wall(30.0, material="marking")))
    _, sign = look(world(wall(30.0, material="sign_white")))
    assert white.scan.points[:, 3].max() < 1.0
    assert np.median(sign.scan.points[:, 3]) > 5.0


def test_no_range_is_below_the_first_surface_without_noise_and_weather():
    scene = world(wall(25.0), box((5.0, -8.0, 0.0), (7.0, -4.0, 3.0), "facade_brick"), others=1)
    places = [{"speed": 15.0}, {"x": 10.0, "y": 3.0, "speed": 5.0}]
    points, measured = look(scene, places)
    _, truth = look(scene, places, exact=True)
    nearest = dict(zip(truth.shots.tolist(), ranges(truth.scan.points).tolist(), strict=True))
    for shot, range_m in zip(measured.shots.tolist(), ranges(points).tolist(), strict=True):
        assert range_m >= nearest[shot] - 2e-4  # half the range step, and float32


def test_what_is_too_near_gives_no_return_and_still_hides():
    far = SMALL.replace("min_range_m: 0.5", "min_range_m: 15.0")
    scene = world(box((8.0, -3.0, 0.0), (9.0, 3.0, 6.0), "wall"), wall(30.0))
    points, labelled = look(scene, pattern=far, exact=True)
    behind = np.abs(np.arctan2(points[:, 1], points[:, 0])) < 0.3
    assert len(points) and not behind.any()
    assert (labelled.materials == MATERIAL["wall"]).all()


def test_range_noise_has_the_patterns_size():
    noisy = SMALL.replace("range_sigma_m: 0.0", "range_sigma_m: 0.02")
    scene = world(wall(15.0, 8.0))
    points, _ = look(scene, pattern=noisy)
    exact, _ = look(scene, exact=True)
    errors = ranges(points) - ranges(exact)
    assert np.std(errors) == pytest.approx(0.02, rel=0.15)
    assert abs(np.mean(errors)) < 0.003


def test_dropped_shots_have_the_patterns_share():
    scene = world(wall(15.0), wall(-15.0))
    some, _ = look(scene, pattern=SMALL.replace("dropout_ratio: 0.0", "dropout_ratio: 0.2"))
    every, _ = look(scene, exact=True)
    assert len(some) / len(every) == pytest.approx(0.8, abs=0.02)


# --- weather ------------------------------------------------------------------------------------------------------


def weather(**changed):
    return replace(CLEAR, **changed)


def test_thicker_fog_shows_less_of_the_world_and_more_of_itself():
    scene = world(*(wall(x_m, half_m) for x_m, half_m in ((8.0, 1.0), (20.0, 8.0), (40.0, 25.0), (80.0, 80.0))))
    real, false = [], []
    for visibility_m in (20_000.0, 1_000.0, 300.0, 100.0, 40.0):
        _, labelled = look(scene, conditions=weather(visibility_m=visibility_m))
        real.append(int((labelled.rows != AIRBORNE).sum()))
        false.append(int((labelled.rows == AIRBORNE).sum()))
    assert all(clear >= thick for clear, thick in zip(real, real[1:], strict=False)) and real[0] > 1.2 * real[-1]
    assert all(clear <= thick for clear, thick in zip(false, false[1:], strict=False))
    assert false[0] == 0 < false[-1]


def test_returns_from_fog_hang_near_the_sensor_in_front_of_surfaces():
    points, labelled = look(world(wall(60.0), wall(3.0, 2.0)), conditions=weather(visibility_m=40.0))
    hanging = labelled.rows == AIRBORNE
    assert hanging.sum() > 500
    assert (labelled.materials[hanging] == -1).all()
    assert 1.0 < np.median(ranges(points)[hanging]) < 8.0
    ahead = np.abs(np.arctan2(points[:, 1], points[:, 0])) < 0.4
    assert ranges(points)[hanging & ahead].max(initial=0.0) < 3.5  # nothing behind the wall three metres ahead


def test_harder_rain_shows_more_drops_and_dims_the_far():
    scene = world(wall(70.0, 30.0))
    drops, far = [], []
    for rain_mmph in (0.0, 2.0, 10.0, 40.0, 90.0):
        sensor, seen, brightness = lidar(scene), 0, []
        for slot in range(4):
            truth = frame(scene, [{}], at=slot, conditions=weather(rain_mmph=rain_mmph))
            points = sensor.sense(truth, SimNs(slot)).points
            falling = sensor.latest.rows == AIRBORNE
            seen += int(falling.sum())
            brightness.append(points[~falling, 3])
        drops.append(seen)
        far.append(float(np.median(np.concatenate(brightness))))
    assert drops[0] == 0 and all(light <= heavy for light, heavy in zip(drops, drops[1:], strict=False))
    assert drops[-1] > 20
    assert all(light > heavy for light, heavy in zip(far, far[1:], strict=False))


def test_a_wet_road_is_dimmer_most_of_all_at_grazing_angles():
    floor = sheet([(-99, -99, 0), (99, -99, 0), (99, 99, 0), (-99, 99, 0)], "marking")
    kept = {}
    for ring in (0, 1):
        dry, wet = (
            ring_of(look(world(floor), conditions=weather(wetness_ratio=wetness))[1], ring)[:, 3].mean()
            for wetness in (0.0, 1.0)
        )
        kept[ring] = wet / dry
    assert kept[1] < kept[0] < 0.65


# --- chance and repetition ------------------------------------------------------------------------------------------

STORMY = {"visibility_m": 150.0, "rain_mmph": 20.0, "wetness_ratio": 1.0}


def digest(scan):
    return hashlib.sha256(scan.points.tobytes() + scan.rings.tobytes() + scan.offsets_ns.tobytes()).hexdigest()


def stormy_digest():
    scene = world(wall(25.0), wall(-40.0), others=2)
    sensor = lidar(scene, pattern="velodyne_vlp_16", seed=5)
    places = [{"speed": 20.0, "yaw_rate": 0.1}, {"x": 12.0, "y": 3.0, "speed": 9.0}, {"x": -9.0, "yaw": 0.4}]
    return digest(sensor.sense(frame(scene, places, conditions=weather(**STORMY)), SimNs(300_000_000)))


def test_the_same_truth_and_slot_give_the_same_bytes_in_every_process():
    here = stormy_digest()
    script = "from tests.sim.test_lidar import stormy_digest; print(stormy_digest())"
    command = [sys.executable, "-c", script]
    there = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"})
    assert there.stdout.strip() == here


def test_a_scan_does_not_depend_on_the_scans_before_it():
    scene = world(wall(25.0), others=1)
    places = [{}, {"x": 12.0, "y": 3.0}]
    fresh, used = lidar(scene, seed=3), lidar(scene, seed=3)
    for slot in (0, 100_000_000, 200_000_000):
        used.sense(frame(scene, places, at=slot, conditions=weather(**STORMY)), SimNs(slot))
    last = frame(scene, places, at=300_000_000, conditions=weather(**STORMY))
    assert digest(fresh.sense(last, SimNs(300_000_000))) == digest(used.sense(last, SimNs(300_000_000)))


def test_seed_name_and_slot_each_change_the_noise():
    noisy = SMALL.replace("range_sigma_m: 0.0", "range_sigma_m: 0.02")
    scene = world(wall(25.0))
    truth = frame(scene, [{}])
    digests = {
        digest(lidar(scene, pattern=noisy, seed=seed, name=name).sense(truth, SimNs(slot)))
        for seed, name, slot in ((1, "lidar", 0), (2, "lidar", 0), (1, "lidar/rear", 0), (1, "lidar", 100_000_000))
    }
    assert len(digests) == 4


def test_another_body_changes_only_the_shots_that_meet_it():
    noisy = SMALL.replace("range_sigma_m: 0.0", "range_sigma_m: 0.02").replace(
        "dropout_ratio: 0.0", "dropout_ratio: 0.1"
    )
    scene = world(wall(25.0), others=1)
    taken = []
    for x_m in (15.0, 500.0):
        points, labelled = look(scene, [{}, {"x": x_m}], pattern=noisy, conditions=weather(**STORMY))
        hit = set(labelled.shots[labelled.rows == 1].tolist())
        taken.append((dict(zip(labelled.shots.tolist(), points.tolist(), strict=True)), hit))
    (with_it, hit), (without, _) = taken
    assert hit
    exact = look(scene, [{}, {"x": 15.0}], exact=True)[1]
    touched = set(exact.shots[exact.rows == 1].tolist())
    for shot in (with_it.keys() | without.keys()) - touched:
        assert with_it.get(shot) == without.get(shot)
