"""The radar on the run's geometry: what is in sight, what is in the way, and what only seems to be there."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from math import atan2, cos, hypot, log10, sin

import numpy as np
import pytest

from sim.scenery.materials import Semantic
from sim.scenery.shapes import box
from sim.scenery.still import Fixture
from sim.sensors import RADAR_MOUNT, Radar, RadarParameters
from sim.sensors.geometry import nearest_point
from sim.sensors.packing import packed
from sim.sensors.plain_scenery import box_body, plain_scenery
from sim.sensors.radar_echoes import lobe_db
from sim.sensors.reflectors import FIXTURES, REFLECTORS, passing_db
from sim.truth import PATH_S, ActorKind
from stack.vocabulary import MachineryError, SimNs

QUIET = RadarParameters(clutter_per_scan=0.0, bounce_ratio=0.0, mirror_ratio=0.0)
SHARP = replace(
    QUIET, far_range_cell_m=1e-6, near_range_cell_m=1e-6, far_azimuth_cell_rad=1e-6, near_azimuth_cell_rad=1e-6,
    rate_cell_mps=1e-6, range_floor_m=0.0, azimuth_floor_rad=0.0, rate_floor_mps=0.0, alignment_sigma_rad=0.0,
    glint_along_m=0.0, glint_ratio=0.0,
)  # fmt: skip


def _scans(frame, slots, fixtures=(), meshes=(), parameters=QUIET, scenery=None, **more):
    radar = Radar(1, frame.roster, parameters, scenery=scenery or plain_scenery(frame.roster, fixtures, meshes), **more)
    return [radar.sense(frame, slot) for slot in slots]


def _near(scan, range_m, azimuth_rad=0.0, span_m=2.0):
    return [d for d in scan.detections if abs(d.range_m - range_m) < span_m and abs(d.azimuth_rad - azimuth_rad) < 0.03]


def _mean_snr_db(scans, range_m, **more):
    found = [max(d.snr_db for d in near) for scan in scans if (near := _near(scan, range_m, **more))]
    return sum(found) / len(found)


def _thing(kind, x_m, y_m=0.0, z_m=0.0, size_m=(0.2, 0.2, 6.0), yaw_rad=0.0, name=None):
    return Fixture(kind=kind, name=name or f"{kind}_0", x_m=x_m, y_m=y_m, z_m=z_m, yaw_rad=yaw_rad,
                   length_m=size_m[0], width_m=size_m[1], height_m=size_m[2])  # fmt: skip


@pytest.mark.parametrize(("x_m", "y_m", "yaw_rad"), [(30.0, 0.0, 0.0), (25.0, 6.0, 0.7), (40.0, -5.0, 2.5)])
def test_the_nearest_echo_is_as_far_away_as_the_nearest_surface(build, actor, slots, x_m, y_m, yaw_rad):
    frame = build([actor("car", ActorKind.CAR, x_m, y_m, yaw_rad=yaw_rad)])
    height_m = 0.4 * 1.5 - RADAR_MOUNT.z_m
    exact = hypot(*nearest_point(x_m, y_m, cos(yaw_rad), sin(yaw_rad), 2.25, 0.9), height_m)
    ranges = [d.range_m for scan in _scans(frame, slots(40), parameters=SHARP) for d in scan.detections]
    assert ranges
    assert exact - 1e-3 <= min(ranges) <= exact + 0.03


def test_the_side_of_a_turned_car_echoes_from_its_visible_middle(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 30.0, 0.0, yaw_rad=1.5707963)])
    strongest = [max(s.detections, key=lambda d: d.snr_db) for s in _scans(frame, slots(20), parameters=SHARP)]
    assert all(d.range_m == pytest.approx(30.0 - 0.9, abs=0.03) for d in strongest)
    assert all(abs(d.azimuth_rad) < 0.01 for d in strongest)


def test_each_side_of_a_vehicle_has_its_own_cross_section(build, actor, slots):
    def rcs_dbsm(yaw_rad, centre_m):
        frame = build([actor("van", ActorKind.VAN, centre_m, yaw_rad=yaw_rad)])
        found = [max(d.rcs_dbsm for d in s.detections) for s in _scans(frame, slots(200)) if s.detections]
        return sum(found) / len(found)

    rear, front, side = rcs_dbsm(0.0, 42.75), rcs_dbsm(3.1415926, 42.75), rcs_dbsm(1.5707963, 41.0)
    expected = REFLECTORS[ActorKind.VAN]
    assert rear - front == pytest.approx(expected.rear_dbsm - expected.front_dbsm, abs=1.0)
    assert side - rear == pytest.approx(expected.side_dbsm - expected.rear_dbsm, abs=1.0)


def test_a_house_of_the_map_hides_a_car_wholly_and_another_car_does_not(build, actor, slots):
    car = actor("car", ActorKind.CAR, 60.0)
    house = _thing("building", 30.0, 0.0, size_m=(10.0, 20.0, 8.0))
    behind_house = _scans(build([car]), slots(100), (house,))
    behind_van = _scans(build([car, actor("van", ActorKind.VAN, 30.0)]), slots(100))
    assert not any(_near(scan, 57.75) for scan in behind_house)
    assert sum(bool(_near(scan, 57.75)) for scan in behind_van) > 30


def test_a_house_behind_the_screening_car_still_hides(build, actor, slots):
    pair = build([actor("car", ActorKind.CAR, 60.0), actor("van", ActorKind.VAN, 20.0)])
    house = _thing("building", 40.0, 0.0, size_m=(10.0, 20.0, 8.0))
    assert not any(_near(scan, 57.75) for scan in _scans(pair, slots(100), (house,)))


def test_a_rise_of_the_ground_hides_what_is_behind_it(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 60.0), actor("adult", ActorKind.ADULT, 50.0, 2.0)])
    ridge = box((20.0, -30.0, -1.0), (24.0, 30.0, 3.0), "grass")
    assert sum(bool(scan.detections) for scan in _scans(frame, slots(50), meshes=(ridge,))) == 0
    flat = box((20.0, -30.0, -1.0), (24.0, 30.0, 0.2), "grass")
    assert sum(bool(scan.detections) for scan in _scans(frame, slots(50), meshes=(flat,))) > 45


def test_over_a_low_car_the_upper_half_of_a_truck_is_seen(build, actor, slots):
    truck = actor("truck", ActorKind.TRUCK, 50.0)
    free = _mean_snr_db(_scans(build([truck]), slots(80)), 45.0)
    over = _mean_snr_db(_scans(build([truck, actor("car", ActorKind.CAR, 30.0)]), slots(80)), 45.0)
    behind = _mean_snr_db(_scans(build([truck, actor("van", ActorKind.VAN, 30.0)]), slots(80)), 45.0)
    assert free - 9.0 < over < free - 3.0
    assert behind < over - 8.0


def test_below_a_high_body_a_car_is_seen_as_if_nothing_stood_there(build, actor, slots):
    car = actor("car", ActorKind.CAR, 60.0)
    frame = build([car, actor("high", ActorKind.VAN, 30.0, clearance_m=1.2)])
    free = _mean_snr_db(_scans(build([car]), slots(80)), 57.75)
    assert _mean_snr_db(_scans(frame, slots(80)), 57.75) == pytest.approx(free, abs=2.0)


def test_of_a_partly_hidden_car_the_open_part_echoes(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 52.25)])
    wall = _thing("building", 25.0, 5.0, size_m=(1.0, 10.0, 5.0))  # hides all to the left of y = 0
    bearings = [d.azimuth_rad for s in _scans(frame, slots(60), (wall,), parameters=SHARP) for d in _near(s, 50.0)]
    assert bearings
    assert all(azimuth < 0.001 for azimuth in bearings)


@pytest.mark.parametrize("as_actor", [True, False])
def test_a_ghost_stands_mirrored_in_the_rail_and_moves_mirrored(build, actor, slots, as_actor):
    car = actor("car", ActorKind.CAR, 35.0, 1.0, speed_mps=15.0, lateral_mps=1.0)
    size_m = (400.0, 0.3, 0.75)
    rail = actor("rail", ActorKind.GUARD_RAIL, 150.0, -5.0)
    frame = build([car, rail] if as_actor else [car])
    fixtures = () if as_actor else (_thing("guard_rail", 150.0, -5.0, size_m=size_m),)
    sure = replace(SHARP, mirror_ratio=1.0, mirror_loss_db=0.0)
    ghosts = [
        d for s in _scans(frame, slots(60), fixtures, parameters=sure) for d in s.detections if d.range_rate_mps > -12.0
        and d.azimuth_rad < -0.1
    ]  # fmt: skip
    assert ghosts
    target = (35.0 - 2.25, 1.0 - 0.9)
    mirrored = (target[0], 2.0 * (-5.0 + 0.15) - target[1])
    line = hypot(*mirrored)
    for d in ghosts:
        assert d.range_m == pytest.approx(line, abs=0.02)
        assert d.azimuth_rad == pytest.approx(atan2(mirrored[1], mirrored[0]), abs=1e-3)
        assert d.range_rate_mps == pytest.approx((-5.0 * mirrored[0] - 1.0 * mirrored[1]) / line, abs=0.05)


def test_a_wall_before_the_rail_takes_its_ghosts(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 35.0, 1.0, speed_mps=15.0)])
    sure = replace(SHARP, mirror_ratio=1.0, mirror_loss_db=0.0)
    rail = _thing("guard_rail", 150.0, -5.0, size_m=(400.0, 0.3, 0.75))
    wall = _thing("wall", 150.0, -4.0, size_m=(400.0, 0.2, 2.0))
    open_way = _scans(frame, slots(40), (rail,), parameters=sure)
    walled = _scans(frame, slots(40), (rail, wall), parameters=sure)

    def ghosts(scans):
        return [d for s in scans for d in s.detections if d.range_rate_mps > -12.0 and d.azimuth_rad < -0.1]

    assert ghosts(open_way)
    assert not ghosts(walled)


def test_a_short_rail_mirrors_only_where_the_path_meets_it(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 35.0, 1.0, speed_mps=15.0)])
    sure = replace(SHARP, mirror_ratio=1.0, mirror_loss_db=0.0)

    def ghosts(x_m):
        rail = _thing("guard_rail", x_m, -5.0, size_m=(4.0, 0.3, 0.75))
        scans = _scans(frame, slots(40), (rail,), parameters=sure)
        return [d for s in scans for d in s.detections if d.range_rate_mps > -12.0 and d.azimuth_rad < -0.1]

    assert ghosts(16.0)
    assert not ghosts(30.0)


def test_a_bridge_is_loud_from_afar_fades_overhead_and_hides_no_car_below_it(build, actor, slots):
    deck = _thing("bridge", 80.0, 0.0, 5.5, size_m=(10.0, 40.0, 1.5))
    frame = build([actor("car", ActorKind.CAR, 110.0)])
    scans = _scans(frame, slots(60), (deck,))
    assert _mean_snr_db(scans, 75.2) > 20.0
    alone = _mean_snr_db(_scans(frame, slots(60)), 107.75)
    assert _mean_snr_db(scans, 107.75) == pytest.approx(alone, abs=1.0)
    close = replace(deck, x_m=18.0)
    overhead = [d for s in _scans(build([]), slots(60), (close,)) for d in s.detections]
    assert not overhead or max(d.snr_db for d in overhead) < _mean_snr_db(scans, 75.2)


def test_things_of_the_map_echo_where_they_stand_as_strongly_as_their_kind(build, slots):
    pole, sign = _thing("pole", 40.0, 5.0), _thing("sign", 60.0, -5.0, 2.0, (0.1, 0.8, 0.8))
    frame = build([], speed_mps=10.0)
    scans = _scans(frame, slots(60), (pole, sign))
    assert sum(bool(_near(s, hypot(40.0, 5.0), atan2(5.0, 40.0))) for s in scans) > 40
    assert sum(bool(_near(s, hypot(60.0, 5.0), atan2(-5.0, 60.0))) for s in scans) > 40
    for scan in scans:
        for d in scan.detections:
            assert d.range_rate_mps == pytest.approx(-10.0 * cos(d.azimuth_rad), abs=0.3)


def test_a_standing_echo_of_the_map_holds_its_strength_while_nothing_moves(build, slots):
    frame = build([], speed_mps=0.0)
    (one, *others) = (s.detections for s in _scans(frame, slots(30), (_thing("sign", 40.0, 0.0, 0.5),)))
    assert all(abs(d.snr_db - one[0].snr_db) < 5.0 for each in others for d in each)


def test_of_the_maps_rails_only_the_nearest_posts_echo(build, slots):
    chain = tuple(
        _thing("guard_rail", 4.5 + 9.0 * k, -5.0, size_m=(9.0, 0.3, 0.75), name=f"rail_{k:03}") for k in range(30)
    )
    scans = _scans(build([]), slots(30), chain)
    most = int(RadarParameters().posts_of_map)
    assert max(len(s.detections) for s in scans) <= most
    assert sum(len(s.detections) for s in scans) > 0.5 * most * len(scans)
    assert all(d.range_m < 40.0 for s in scans for d in s.detections)


def test_the_order_of_actors_changes_nothing_among_the_maps_things(build, actor, slots):
    street = [actor("lead", ActorKind.CAR, 62.25), actor("van", ActorKind.VAN, 40.0, -4.0),
              actor("adult", ActorKind.ADULT, 50.0, 3.0)]  # fmt: skip
    fixtures = (_thing("pole", 30.0, 4.0), _thing("guard_rail", 60.0, -6.0, size_m=(100.0, 0.3, 0.75)),
                _thing("building", 60.0, 20.0, size_m=(30.0, 10.0, 9.0)))  # fmt: skip
    loud = RadarParameters(clutter_per_scan=2.0, bounce_ratio=0.3, mirror_ratio=0.3)
    expected = _scans(build(street), slots(40), fixtures, parameters=loud)
    assert _scans(build(street[::-1]), slots(40), fixtures, parameters=loud) == expected


def test_a_far_actor_and_a_far_thing_of_the_map_change_no_other_echo(build, actor, slots):
    street = [actor("lead", ActorKind.CAR, 62.25), actor("van", ActorKind.VAN, 40.0, -4.0)]
    pole, far_pole = _thing("pole", 30.0, 4.0), _thing("pole", 900.0, 4.0, name="pole_1")
    expected = _scans(build(street), slots(40), (pole,))
    far = actor("far", ActorKind.CAR, 600.0)
    assert _scans(build([far, *street]), slots(40), (far_pole, pole)) == expected


def test_where_the_list_of_things_around_was_made_changes_nothing(build, slots):
    poles = tuple(_thing("pole", 40.0 * k, 4.0, name=f"pole_{k}") for k in range(40))
    frame = build([])
    here = replace(frame, state=frame.state.copy())
    here.state[0, 0] += 90.0
    scenery = plain_scenery(frame.roster, poles)
    moved, fresh = (Radar(1, frame.roster, QUIET, scenery=scenery) for _ in range(2))
    moved.sense(frame, SimNs(0))
    fresh.sense(here, SimNs(0))
    later = SimNs(50_000_000)
    assert moved.sense(here, later) == fresh.sense(here, later)


def test_on_a_slope_the_beam_follows_the_road(build, actor, slots):
    frame = build([actor("car", ActorKind.CAR, 102.25)], speed_mps=20.0)
    state = frame.state.copy()
    state[:, PATH_S] = state[:, 0]
    frame = replace(frame, state=state)
    level, hill, valley = (plain_scenery(frame.roster) for _ in range(3))
    rows = len(frame.roster.names)
    for scenery, heights in ((hill, [-10.0, 0.0, 10.0]), (valley, [0.0, 0.0, 20.0])):
        scenery.ground = replace(
            scenery.ground,
            first=3 * np.arange(rows + 1, dtype=np.int32),
            stations_m=np.tile([-100.0, 0.0, 100.0], rows),
            heights_m=np.tile(heights, rows),
        )
    strengths = [_mean_snr_db(_scans(frame, slots(60), scenery=s), 100.0, span_m=4.0) for s in (level, hill, valley)]
    assert strengths[1] == pytest.approx(strengths[0], abs=1.0)
    assert strengths[2] < strengths[0] - 10.0


def test_the_roads_reflection_raises_and_lowers_an_echo_but_not_on_average():
    p = packed(RadarParameters(), RADAR_MOUNT)[0]
    lobe_m = 0.5 * p["wavelength_m"] * 100.0 / 0.6  # heights at which the two ways differ by whole waves
    points = np.array([10.0 ** (0.05 * lobe_db(100.0, 0.6, h, 0.0, p)) for h in np.arange(1000) * 0.01 * lobe_m])
    assert abs(10.0 * log10(points.mean())) < 1e-6
    assert points.max() / points.min() > 3.0
    spread = [lobe_db(d, 0.6, 0.6, 0.6, p) for d in np.linspace(20.0, 60.0, 400)]
    assert max(map(abs, spread)) < 2.0


def test_ground_and_masonry_let_nothing_through_and_leaves_little():
    assert passing_db(Semantic.TERRAIN) == passing_db(Semantic.BUILDING) == 200.0
    assert 10.0 < passing_db(Semantic.VEGETATION) < 60.0
    assert passing_db(Semantic.POLE) < passing_db(Semantic.GUARD_RAIL) < passing_db(Semantic.VEGETATION)


def test_every_kind_of_thing_a_map_may_hold_reflects():
    assert set(FIXTURES) == {
        "guard_rail", "gantry", "sign", "signal", "pole", "tree", "building", "wall", "bridge"
    }  # fmt: skip


def test_another_process_makes_the_same_bytes(build, actor, slots):
    script = (
        "import json;from dataclasses import asdict;from tests.sim.sensors.conftest import build,actor;"
        "from sim.sensors import Radar;from sim.sensors.plain_scenery import plain_scenery;"
        "from sim.truth import ActorKind;from stack.vocabulary import SimNs;"
        "f=build([actor('lead',ActorKind.CAR,62.0,0.5),actor('adult',ActorKind.ADULT,40.0,2.0)]);"
        "r=Radar(7,f.roster,scenery=plain_scenery(f.roster));"
        "print(json.dumps([asdict(r.sense(f,SimNs(i*50000000))) for i in range(20)]))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    frame = build([actor("lead", ActorKind.CAR, 62.0, 0.5), actor("adult", ActorKind.ADULT, 40.0, 2.0)])
    radar = Radar(7, frame.roster, scenery=plain_scenery(frame.roster))
    here = [asdict(radar.sense(frame, slot)) for slot in slots(20)]
    assert json.loads(told) == json.loads(json.dumps(here))


def test_a_scenery_of_other_bodies_is_refused(build, actor):
    frame = build([actor("car", ActorKind.CAR, 50.0)])
    with pytest.raises(MachineryError, match="bodies"):
        Radar(1, build([]).roster, scenery=plain_scenery(frame.roster))


def test_plain_boxes_have_the_rosters_sizes():
    mesh = box_body((4.0, 2.0, 1.5), 0.3).mesh
    assert mesh.vertices.min(axis=0) == pytest.approx([-2.0, -1.0, 0.3])
    assert mesh.vertices.max(axis=0) == pytest.approx([2.0, 1.0, 1.8])
