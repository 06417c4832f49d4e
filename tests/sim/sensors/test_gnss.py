import json
import subprocess
import sys
from dataclasses import asdict, fields, replace
from math import hypot, pi

import numpy as np
import pytest

from sim.scenery.still import Fixture
from sim.sensors.geodesy import geographic_from_plane, plane_from_geographic
from sim.sensors.gnss import Gnss, GnssParameters
from sim.sensors.mounts import GNSS_MOUNT
from sim.sensors.plain_scenery import plain_scenery
from sim.truth import SPEED, YAW, YAW_RATE, ActorKind, X, Y
from stack.vocabulary import FixKind, GnssFix, InputError, SimNs

EXACT = GnssParameters(
    ionosphere_sigma_m=0.0, orbit_sigma_m=0.0, multipath_sigma_m=0.0, multipath_hidden_m=0.0, troposphere_sigma_m=0.0,
    noise_sigma_m=1e-9, velocity_sigma_mps=0.0,
)  # fmt: skip
TENTH_NS = 100_000_000


def _at(frame, x_m=0.0, y_m=0.0, yaw_rad=0.0, speed_mps=0.0, yaw_rate=0.0):
    state = frame.state.copy()
    state[0, [X, Y, YAW, SPEED, YAW_RATE]] = x_m, y_m, yaw_rad, speed_mps, yaw_rate
    state.flags.writeable = False
    return replace(frame, state=state)


def _place(fix):
    return plane_from_geographic(fix.latitude_rad, fix.longitude_rad)


def _house(name, x_m, y_m, length_m=60.0, width_m=20.0, height_m=30.0, z_m=0.0, kind="building"):
    return Fixture(kind=kind, name=name, x_m=x_m, y_m=y_m, z_m=z_m, yaw_rad=0.0, length_m=length_m,
                   width_m=width_m, height_m=height_m)  # fmt: skip


def _canyon():
    return (_house("left", 0.0, 22.0, 400.0), _house("right", 0.0, -22.0, 400.0))


def _run(frame, count=50, seed=1, parameters=None, scenery=None, **more):
    receiver = Gnss(seed, frame.roster, parameters, scenery=scenery, **more)
    return [receiver.sense(frame, SimNs(index * TENTH_NS)) for index in range(count)]


def test_without_errors_the_fix_is_the_antenna_with_its_lever_arm(build):
    frame = _at(build([]), 120.0, -35.0, 0.5 * pi, 15.0)
    (fix,) = _run(frame, 1, parameters=EXACT)
    ahead_m = 5.0 + GNSS_MOUNT.x_m
    assert _place(fix) == pytest.approx((120.0, -35.0 + ahead_m), abs=1e-6)
    assert fix.height_m == pytest.approx(GNSS_MOUNT.z_m, abs=1e-6)
    assert (fix.speed_mps, fix.course_rad) == pytest.approx((15.0, 0.5 * pi))
    assert fix.kind is FixKind.SINGLE


def test_a_turning_ego_moves_its_antenna_sideways(build):
    (fix,) = _run(_at(build([]), speed_mps=10.0, yaw_rate=0.2), 1, parameters=EXACT)
    assert fix.speed_mps == pytest.approx(hypot(10.0, 0.2 * (5.0 + GNSS_MOUNT.x_m)))


def test_the_same_seed_gives_the_same_fixes_and_another_seed_or_name_does_not(build):
    frame = _at(build([]), speed_mps=10.0)
    assert _run(frame) == _run(frame)
    assert _run(frame) != _run(frame, seed=2)
    assert _run(frame) != _run(frame, name="gnss/second")


def test_a_slot_sensed_twice_gives_the_same_fix(build):
    frame = build([])
    receiver = Gnss(1, frame.roster)
    for index in range(5):
        assert receiver.sense(frame, SimNs(index * TENTH_NS)) == receiver.sense(frame, SimNs(index * TENTH_NS))


def test_other_actors_change_nothing(build, actor):
    with_car = build([actor("car", ActorKind.CAR, 30.0)])
    assert _run(build([])) == _run(with_car)


def test_errors_wander_slowly_in_seconds_and_are_others_after_an_hour(build):
    frame = build([])
    receiver = Gnss(4, frame.roster)
    places = np.array([_place(receiver.sense(frame, SimNs(index * TENTH_NS))) for index in range(100)])
    later = np.array(_place(receiver.sense(frame, SimNs(3_600_000_000_000))))
    assert np.abs(np.diff(places, axis=0)).max() < 1.5
    assert np.ptp(places, axis=0).max() < 4.0
    assert np.linalg.norm(later - places[-1]) > 0.5


def test_errors_depend_on_the_slots_stepped_not_on_what_was_heard(build):
    frame = build([])
    under = _at(frame, 1000.0)
    roof = plain_scenery(frame.roster, (_house("hall", 1000.0, 0.0, 400.0, 400.0, 2.0, 6.0, "bridge"),))
    always, sometimes = Gnss(1, frame.roster, scenery=roof), Gnss(1, frame.roster, scenery=roof)
    for index in range(40):
        slot = SimNs(index * TENTH_NS)
        away = replace(under if index < 20 else frame, at=slot)
        always.sense(replace(frame, at=slot), slot)
        sometimes.sense(away, slot)
    last = SimNs(40 * TENTH_NS)
    assert always.sense(replace(frame, at=last), last) == sometimes.sense(replace(frame, at=last), last)


def test_between_houses_fewer_satellites_are_heard_and_the_position_is_worse(build):
    frame = build([])
    street, errors, sigmas = plain_scenery(frame.roster, _canyon()), {}, {}
    counts = {}
    for label, scenery in (("open", None), ("street", street)):
        found = [Gnss(seed, frame.roster, scenery=scenery).sense(frame, SimNs(0)) for seed in range(60)]
        fixed = [fix for fix in found if fix.kind is not FixKind.NONE]
        counts[label] = np.mean([fix.satellites for fix in found])
        errors[label] = np.mean([hypot(_place(fix)[0] - GNSS_MOUNT.x_m, _place(fix)[1]) for fix in fixed])
        sigmas[label] = np.mean([fix.horizontal_sigma_m for fix in fixed])
    assert counts["street"] < 0.75 * counts["open"]
    assert errors["street"] > 2.0 * errors["open"]
    assert sigmas["street"] > 1.5 * sigmas["open"]


def test_a_house_hides_the_satellites_behind_it_and_no_others(build):
    frame = build([])
    house = plain_scenery(frame.roster, (_house("house", 0.0, 40.0, 200.0, 20.0, 60.0),))
    receiver = Gnss(1, frame.roster, scenery=house)
    receiver.sense(frame, SimNs(0))
    for east, north, up, heard in receiver.sky_view():
        meets = north > 0.0 and 30.0 / north * up + GNSS_MOUNT.z_m < 60.0 and abs(30.0 / north * east) < 99.0
        if north > 0.05 and abs(30.0 / north * up + GNSS_MOUNT.z_m - 60.0) > 0.1:
            assert heard == (not meets)
        elif north <= 0.0:
            assert heard


def test_under_a_bridge_the_last_fix_stands_with_growing_sigma_and_comes_back_after_re_acquisition(build):
    frame = build([])
    bridge = plain_scenery(frame.roster, (_house("bridge", 200.0, 0.0, 150.0, 60.0, 1.5, 6.0, "bridge"),))
    receiver = Gnss(1, frame.roster, scenery=bridge)
    fixes = []
    for index in range(200):
        slot = SimNs(index * TENTH_NS)
        x_m = 20.0 * index * 0.1
        fixes.append((x_m, receiver.sense(replace(_at(frame, x_m, speed_mps=20.0), at=slot), slot)))
    lost = [(x_m, fix) for x_m, fix in fixes if fix.kind is FixKind.NONE]
    assert lost
    assert all(110.0 < x_m < 310.0 for x_m, _fix in lost)
    assert len({(fix.latitude_rad, fix.longitude_rad) for _x_m, fix in lost}) == 1
    sigmas = [fix.horizontal_sigma_m for _x_m, fix in lost]
    assert sigmas == sorted(sigmas)
    out_m = 275.0 - (5.0 + GNSS_MOUNT.x_m)
    back_m = min(x_m for x_m, fix in fixes if x_m > lost[-1][0] and fix.kind is not FixKind.NONE)
    assert 0.0 <= back_m - out_m <= 20.0 * 1.3


def test_on_a_bridge_and_beside_a_low_wall_the_whole_sky_is_heard(build):
    frame = build([])
    deck = plain_scenery(frame.roster, (_house("deck", 0.0, 0.0, 100.0, 20.0, 1.0, -1.0, "bridge"),
                                        _house("wall", 0.0, 8.0, 100.0, 0.3, 3.0, 0.0, "wall")))  # fmt: skip
    assert _run(frame, 1, scenery=deck)[0].satellites == int(GnssParameters().satellites)


def test_with_corrections_ambiguities_are_fixed_after_a_while_and_lost_in_a_street(build):
    frame = build([])
    corrected = GnssParameters(corrections=1.0)
    scenery = plain_scenery(frame.roster, (_house("bridge", 500.0, 0.0, 60.0, 60.0, 1.5, 6.0, "bridge"),))
    receiver = Gnss(1, frame.roster, corrected, scenery=scenery)
    kinds = []
    for index in range(160):
        slot = SimNs(index * TENTH_NS)
        away = _at(frame, 500.0 if 10 <= index < 20 else 0.0)
        fix = receiver.sense(replace(away, at=slot), slot)
        kinds.append(fix.kind)
        if fix.kind is FixKind.FIXED:
            assert hypot(_place(fix)[0] - away.state[0, X] - 5.0 - GNSS_MOUNT.x_m, _place(fix)[1]) < 0.06
    assert kinds[0] is FixKind.FIXED
    assert kinds[15] is FixKind.NONE
    assert kinds[40] is FixKind.FLOAT
    assert kinds[-1] is FixKind.FIXED


def test_standing_still_the_course_stays(build):
    frame = build([])
    receiver = Gnss(1, frame.roster)
    driving = receiver.sense(_at(frame, yaw_rad=1.0, speed_mps=10.0), SimNs(0))
    standing = receiver.sense(_at(frame, yaw_rad=1.0), SimNs(TENTH_NS))
    assert standing.course_rad == driving.course_rad


def test_a_fix_says_only_what_a_receiver_knows(build):
    (fix,) = _run(build([]), 1)
    assert {field.name for field in fields(GnssFix)} == {
        "kind", "latitude_rad", "longitude_rad", "height_m", "horizontal_sigma_m", "vertical_sigma_m", "speed_mps",
        "course_rad", "satellites",
    }  # fmt: skip
    assert all(isinstance(value, float | int | FixKind) for value in asdict(fix).values())


def test_a_slope_lifts_the_antenna(build):
    frame = build([])
    scenery = plain_scenery(frame.roster)
    hill = replace(scenery.ground, heights_m=np.full(len(scenery.ground.heights_m), 12.5))
    scenery.ground = hill
    (fix,) = _run(frame, 1, parameters=EXACT, scenery=scenery)
    assert fix.height_m == pytest.approx(12.5 + GNSS_MOUNT.z_m, abs=1e-6)


def test_another_process_makes_the_same_bytes(build):
    script = (
        "import json;from dataclasses import asdict;from tests.sim.sensors.conftest import build;"
        "from sim.sensors.gnss import Gnss;from stack.vocabulary import SimNs;f=build([]);g=Gnss(7,f.roster);"
        "print(json.dumps([asdict(g.sense(f,SimNs(i*100000000)))|{'kind':''} for i in range(20)]))"
    )
    first = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    frame = build([])
    receiver = Gnss(7, frame.roster)
    here = [asdict(receiver.sense(frame, SimNs(index * TENTH_NS))) | {"kind": ""} for index in range(20)]
    assert json.loads(first) == here


def test_an_impossible_receiver_is_refused_with_all_findings(build):
    with pytest.raises(InputError) as refused:
        Gnss(1, build([]).roster, GnssParameters(satellites=3.0, mask_rad=2.0, orbit_tau_s=0.0))
    assert {finding.field for finding in refused.value.findings} == {"satellites", "mask_rad", "orbit_tau_s"}


def test_where_nothing_was_ever_heard_the_receiver_knows_only_that_it_is_on_earth(build):
    frame = build([])
    hall = plain_scenery(frame.roster, (_house("hall", 0.0, 0.0, 900.0, 900.0, 2.0, 6.0, "bridge"),))
    (fix,) = _run(frame, 1, scenery=hall)
    assert fix.kind is FixKind.NONE
    assert fix.horizontal_sigma_m > 1e5
    assert geographic_from_plane(0.0, 0.0) == (fix.latitude_rad, fix.longitude_rad)
