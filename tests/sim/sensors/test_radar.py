from dataclasses import fields, replace
from math import atan2, cos, hypot

import pytest

from sim.sensors import RADAR_MOUNT, Mount, Radar, RadarParameters, RadarResponse
from sim.sensors.plain_scenery import plain_scenery
from sim.sensors.radar_echoes import detection_ratio
from sim.truth import ActorKind
from stack.vocabulary import MachineryError, RadarDetection, SimNs

QUIET = RadarParameters(clutter_per_scan=0.0, bounce_ratio=0.0, mirror_ratio=0.0)


def _radar(frame, parameters=QUIET, seed=1, **more):
    scenery = more.pop("scenery", None) or plain_scenery(frame.roster)
    return Radar(seed, frame.roster, parameters, scenery=scenery, **more)


def _scans(frame, slots, seed=1, parameters=QUIET, **more):
    radar = _radar(frame, parameters, seed, **more)
    return [radar.sense(frame, slot) for slot in slots]


def _street(actor):
    return [
        actor("lead", ActorKind.CAR, 62.25),
        actor("van", ActorKind.VAN, 40.0, -4.0),
        actor("adult", ActorKind.ADULT, 50.0, 3.0, speed_mps=1.0, yaw_rad=1.57),
        actor("rail", ActorKind.GUARD_RAIL, 150.0, -7.0),
        actor("gantry", ActorKind.GANTRY, 120.0, clearance_m=5.2),
    ]


def _near(scan, range_m, azimuth_rad=0.0, span_m=2.0):
    return [d for d in scan.detections if abs(d.range_m - range_m) < span_m and abs(d.azimuth_rad - azimuth_rad) < 0.03]


def test_the_same_seed_gives_the_same_scans_and_another_seed_does_not(build, actor, slots):
    frame = build(_street(actor))
    assert _scans(frame, slots(20)) == _scans(frame, slots(20))
    assert _scans(frame, slots(20)) != _scans(frame, slots(20), seed=2)
    assert _scans(frame, slots(20)) != _scans(frame, slots(20), name="radar_two")


def test_a_slot_sensed_twice_gives_the_same_scan(build, actor, slots):
    frame = build(_street(actor))
    radar = _radar(frame)
    for slot in slots(5):
        assert radar.sense(frame, slot) == radar.sense(frame, slot)


def test_permuting_the_actors_changes_nothing(build, actor, slots):
    street = _street(actor)
    loud = RadarParameters(clutter_per_scan=2.0, bounce_ratio=0.3, mirror_ratio=0.3)
    expected = _scans(build(street), slots(40), parameters=loud)
    assert _scans(build(street[::-1]), slots(40), parameters=loud) == expected
    assert _scans(build(street[2:] + street[:2]), slots(40), parameters=loud) == expected


def test_a_far_away_or_hidden_actor_changes_no_other_echo(build, actor, slots):
    street = _street(actor)[:3]
    behind = actor("behind", ActorKind.CAR, -60.0)
    expected = _scans(build(street), slots(40))
    assert _scans(build([behind, *street]), slots(40)) == expected
    wall = actor("wall", ActorKind.BUILDING, 35.0, 25.0)
    hidden = actor("hidden", ActorKind.ADULT, 60.0, 43.0)
    with_wall = _scans(build([*street, wall]), slots(40))
    assert _scans(build([*street, wall, hidden]), slots(40)) == with_wall


def test_the_state_of_errors_depends_on_the_slots_stepped_not_on_what_was_seen(build, actor, slots):
    seen = build([actor("lead", ActorKind.CAR, 60.0)])
    away = build([actor("lead", ActorKind.CAR, -60.0)])
    always, late = _radar(seen), _radar(seen)
    for slot in slots(10):
        always.sense(seen, slot)
        assert late.sense(away, slot).detections == ()
    last = SimNs(10 * 50_000_000)
    assert always.sense(seen, last) == late.sense(seen, last)


def test_detections_rise_in_azimuth_and_carry_only_what_a_radar_measures(build, actor, slots):
    for scan in _scans(build(_street(actor)), slots(40), parameters=RadarParameters(clutter_per_scan=2.0)):
        azimuths = [d.azimuth_rad for d in scan.detections]
        assert azimuths == sorted(azimuths)
        for detection in scan.detections:
            assert all(isinstance(getattr(detection, field.name), float) for field in fields(RadarDetection))


def test_a_car_ahead_is_measured_at_its_rear_edge_with_its_closing_speed(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 62.25, speed_mps=12.0)], speed_mps=20.0)
    found = [d for scan in _scans(frame, slots(60)) for d in _near(scan, 60.0)]
    assert len(found) >= 55
    assert abs(sum(d.range_m for d in found) / len(found) - 60.0) < 0.1
    assert abs(sum(d.range_rate_mps for d in found) / len(found) + 8.0) < 0.05


def test_range_rate_is_the_closing_speed_along_the_line_of_sight(build, actor, slots):
    frame = build([actor("post", ActorKind.ADULT, 30.0, 20.0)], speed_mps=10.0)
    bearing = atan2(20.0, 30.0)
    found = [d for s in _scans(frame, slots(100)) for d in s.detections if abs(d.azimuth_rad - bearing) < 0.1]
    mean = sum(d.range_rate_mps for d in found) / len(found)
    assert abs(mean + 10.0 * cos(bearing)) < 0.15


def test_a_turning_ego_reads_the_mounts_own_velocity(build, actor, slots):
    frame = build([actor("post", ActorKind.BUILDING, 40.0, 0.0)], speed_mps=0.0)
    turning = replace(frame, state=frame.state.copy())
    turning.state[0, 5] = 0.2
    mount = replace(RADAR_MOUNT, y_m=1.0)
    (scan,) = _scans(turning, slots(1), mount=mount)
    assert scan.detections[0].range_rate_mps == pytest.approx(0.2 * 1.0, abs=0.1)


def test_the_field_of_view_is_narrow_far_and_wide_near(build, actor, slots):
    def seen(x_m, y_m):
        frame = build([actor("car", ActorKind.TRUCK, x_m, y_m)])
        bearing, distance = atan2(y_m, x_m), hypot(x_m, y_m)
        return sum(bool(_near(scan, distance, bearing, 12.0)) for scan in _scans(frame, slots(20)))

    assert seen(150.0, 0.0) > 15
    assert seen(150.0, 45.0) == 0
    assert seen(40.0, 20.0) > 15
    assert seen(20.0, 40.0) == 0
    assert seen(280.0, 0.0) == 0


def test_a_pedestrian_behind_a_van_gives_at_most_a_weak_echo(build, actor, slots):
    adult = actor("adult", ActorKind.ADULT, 50.0)
    van = actor("van", ActorKind.VAN, 30.0)
    free = [bool(_near(s, 49.7, span_m=0.8)) for s in _scans(build([adult]), slots(100))]
    hidden = [bool(_near(s, 49.7, span_m=0.8)) for s in _scans(build([adult, van]), slots(100))]
    assert sum(free) > 80
    assert sum(hidden) < 15


def test_under_a_vehicle_a_strong_reflector_still_echoes(build, actor, slots):
    pair = [actor("van", ActorKind.VAN, 30.0), actor("truck", ActorKind.TRUCK, 50.0)]
    found = [d for s in _scans(build(pair), slots(100)) for d in _near(s, 45.0, span_m=1.0)]
    alone = [d for s in _scans(build(pair[1:]), slots(100)) for d in _near(s, 45.0, span_m=1.0)]
    assert len(found) > 80
    assert sum(d.snr_db for d in found) / len(found) < sum(d.snr_db for d in alone) / len(alone) - 10.0


def test_a_partly_hidden_car_echoes_less(build, actor, slots):
    car = actor("car", ActorKind.CAR, 52.25, 0.0)
    screen = actor("screen", ActorKind.BUILDING, 25.0, 5.0)  # hides what is left of y = 0 at the car
    free = [d.snr_db for s in _scans(build([car]), slots(100)) for d in _near(s, 50.0)]
    part = [d.snr_db for s in _scans(build([car, screen]), slots(100)) for d in _near(s, 50.0)]
    assert len(part) > 50
    assert sum(part) / len(part) < sum(free) / len(free) - 1.0


@pytest.mark.parametrize(
    ("kind", "distance_m", "clearance_m"),
    [(ActorKind.GANTRY, 100.0, 5.2), (ActorKind.STEEL_PLATE, 80.0, 0.0)],
)
def test_gantries_and_plates_echo_like_obstacles(build, actor, slots, kind, distance_m, clearance_m):
    frame = build([actor("it", kind, distance_m, clearance_m=clearance_m)])
    seen = sum(bool(_near(scan, distance_m, span_m=3.0)) for scan in _scans(frame, slots(100)))
    assert seen > 70


def test_a_gantry_fades_when_the_beam_passes_below_it(build, actor, slots):
    def mean_snr_db(distance_m):
        frame = build([actor("gantry", ActorKind.GANTRY, distance_m, clearance_m=5.2)])
        return [d.snr_db for s in _scans(frame, slots(60)) for d in _near(s, distance_m, span_m=3.0)]

    near, far = mean_snr_db(15.0), mean_snr_db(60.0)
    assert not near or sum(near) / len(near) < sum(far) / len(far)


def test_a_plate_is_weak_when_near(build, actor, slots):
    def shown(distance_m):
        frame = build([actor("plate", ActorKind.STEEL_PLATE, distance_m)])
        found = [d.rcs_dbsm for s in _scans(frame, slots(60)) for d in _near(s, distance_m - 1.85, span_m=2.0)]
        return sum(found) / len(found)

    assert shown(15.0) < shown(60.0) - 10.0


def test_a_guard_rail_gives_standing_echoes_along_its_line(build, actor, slots):
    frame = build([actor("rail", ActorKind.GUARD_RAIL, 150.0, -5.0)], speed_mps=20.0)
    found = [d for scan in _scans(frame, slots(20)) for d in scan.detections]
    assert len(found) > 60
    for d in found:
        assert d.range_rate_mps == pytest.approx(-20.0 * cos(d.azimuth_rad), abs=0.5)
    lateral = sorted(-d.range_m * d.azimuth_rad for d in found if d.range_m < 60.0)
    assert 4.0 < lateral[len(lateral) // 2] < 6.0


def test_reflectors_in_one_cell_merge_and_apart_they_do_not(build, actor, slots):
    def echoes(apart_m):
        pair = [actor("a", ActorKind.ADULT, 60.0, 0.5 * apart_m), actor("b", ActorKind.ADULT, 60.0, -0.5 * apart_m)]
        still = replace(QUIET, rate_cell_mps=2.0)
        return sum(len(s.detections) for s in _scans(build(pair), slots(60), parameters=still))

    assert echoes(0.7) < 0.7 * echoes(6.0)


def test_false_alarms_come_at_the_stated_rate(build, slots):
    frame = build([])
    loud = replace(QUIET, clutter_per_scan=0.5)
    count = sum(len(scan.detections) for scan in _scans(frame, slots(2000), parameters=loud))
    assert 850 < count < 1150


def test_ghosts_appear_at_twice_the_range_and_behind_rails(build, actor, slots):
    truck = actor("lead", ActorKind.TRUCK, 35.0, speed_mps=15.0)
    twice = _scans(build([truck]), slots(100), parameters=replace(QUIET, bounce_ratio=0.5))
    assert sum(bool(_near(scan, 60.0)) for scan in twice) > 20
    assert not any(_near(scan, 60.0) for scan in _scans(build([truck]), slots(100)))
    rail = actor("rail", ActorKind.GUARD_RAIL, 150.0, -5.0)
    mirrored = _scans(build([truck, rail]), slots(100), parameters=replace(QUIET, mirror_ratio=0.5))
    moving = [d for s in mirrored for d in s.detections if d.range_rate_mps > -10.0 and d.azimuth_rad < -0.15]
    assert len(moving) > 10


def test_a_response_weakens_the_radar_and_shows_in_its_noise_floor(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 100.0)])
    clear, blocked, jammed = (_radar(frame) for _ in range(3))
    seen = [0, 0, 0]
    for slot in slots(60):
        views = (
            clear.sense(frame, slot),
            blocked.sense_with(frame, slot, RadarResponse(loss_db=40.0)),
            jammed.sense_with(frame, slot, RadarResponse(interference_db=30.0)),
        )
        seen = [total + bool(_near(view, 97.75)) for total, view in zip(seen, views, strict=True)]
        assert abs(views[0].noise_floor_db) < 2.0
        assert abs(views[1].noise_floor_db) < 2.0
        assert 28.0 < views[2].noise_floor_db < 32.0
    assert seen[0] > 50
    assert seen[1] == seen[2] == 0


def test_a_misalignment_bends_every_bearing(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 60.0)])
    straight, bent = _radar(frame), _radar(frame)
    for slot in slots(5):
        a, b = straight.sense(frame, slot), bent.sense_with(frame, slot, RadarResponse(azimuth_bias_rad=0.02))
        for one, other in zip(a.detections, b.detections, strict=True):
            assert other.azimuth_rad - one.azimuth_rad == pytest.approx(0.02)
            assert other.range_m == one.range_m


def test_a_turned_mount_turns_the_bearings(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 60.0)])
    (scan,) = _scans(frame, slots(1), mount=Mount(x_m=0.0, y_m=0.0, z_m=0.6, yaw_rad=0.1))
    assert scan.detections[0].azimuth_rad == pytest.approx(-0.1, abs=0.01)


def test_detection_rises_with_strength_from_rare_to_sure():
    ratios = [detection_ratio(0.5 * step, 1e-6) for step in range(50)]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.03
    assert ratios[-1] > 0.999
    assert detection_ratio(13.2, 1e-6) == pytest.approx(0.9, abs=0.03)  # Albersheim: 13.1 dB for 0.9 at 1e-6


def test_another_number_of_actors_is_refused(build, actor, slots):
    radar = _radar(build([]))
    with pytest.raises(MachineryError, match="actors"):
        radar.sense(build([actor("car", ActorKind.CAR, 50.0)]), SimNs(0))
