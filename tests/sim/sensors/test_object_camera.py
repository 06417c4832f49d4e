from dataclasses import fields, replace
from math import isclose

import pytest

from sim.sensors import CameraParameters, CameraResponse, ObjectCamera, camera_response
from sim.truth import SPEED, ActorKind
from stack.vocabulary import CameraObject, MachineryError, ObjectClass, SimNs, bearing_rad

QUIET = CameraParameters(ghost_every_s=1e12, burst_every_s=1e12, plate_blip_ratio=0.0, miss_ratio=0.0)


def _views(frame, slots, seed=1, parameters=QUIET, **more):
    camera = ObjectCamera(seed, frame.roster, parameters, **more)
    return [camera.sense(frame, slot) for slot in slots]


def _street(actor):
    return [
        actor("lead", ActorKind.CAR, 62.25),
        actor("van", ActorKind.VAN, 40.0, -4.0),
        actor("adult", ActorKind.ADULT, 50.0, 3.0, speed_mps=1.0, yaw_rad=1.57),
        actor("cyclist", ActorKind.CYCLIST, 45.0, 7.0, speed_mps=4.0),
    ]


def _share(views):
    return sum(bool(view.objects) for view in views) / len(views)


def test_the_same_seed_gives_the_same_views_and_another_seed_does_not(build, actor, slots):
    frame = build(_street(actor))
    assert _views(frame, slots(20)) == _views(frame, slots(20))
    assert _views(frame, slots(20)) != _views(frame, slots(20), seed=2)
    assert _views(frame, slots(20)) != _views(frame, slots(20), name="camera_two")


def test_a_slot_sensed_twice_gives_the_same_view(build, actor, slots):
    frame = build(_street(actor))
    camera = ObjectCamera(1, frame.roster)
    for slot in slots(5):
        assert camera.sense(frame, slot) == camera.sense(frame, slot)


def test_permuting_the_actors_changes_nothing(build, actor, slots):
    street = _street(actor)
    loud = CameraParameters(ghost_every_s=1.0, ghost_lasts_s=0.5, burst_every_s=1.0)
    expected = _views(build(street), slots(60), parameters=loud)
    assert _views(build(street[::-1]), slots(60), parameters=loud) == expected
    assert _views(build(street[1:] + street[:1]), slots(60), parameters=loud) == expected


def test_hidden_or_unrelated_actors_change_no_other_object(build, actor, slots):
    street = _street(actor)
    hidden = actor("hidden", ActorKind.CHILD, 44.0, -4.4)  # behind the van
    behind = actor("behind", ActorKind.CAR, -60.0)
    expected = _views(build(street), slots(60))
    assert _views(build([hidden, *street, behind]), slots(60)) == expected


def test_the_state_of_errors_depends_on_the_slots_stepped_not_on_what_was_seen(build, actor, slots):
    seen = build([actor("lead", ActorKind.CAR, 60.0)])
    away = build([actor("lead", ActorKind.CAR, -60.0)])
    always, late = ObjectCamera(1, seen.roster), ObjectCamera(1, seen.roster)
    for slot in slots(10):
        always.sense(seen, slot)
        assert late.sense(away, slot).objects == ()
    last = SimNs(10 * 50_000_000)
    assert always.sense(seen, last) == late.sense(seen, last)


def test_errors_of_a_fault_leave_no_trace_after_it(build, actor, slots):
    frame = build(_street(actor))
    clear, faulty = ObjectCamera(1, frame.roster), ObjectCamera(1, frame.roster)
    differed = False
    for index, slot in enumerate(slots(60)):
        response = camera_response("water_drops", 0.8 if 20 <= index < 40 else 0.0)
        expected, found = clear.sense(frame, slot), faulty.sense_with(frame, slot, response)
        if 20 <= index < 40:
            differed = differed or expected != found
        else:
            assert expected == found
    assert differed


def test_objects_rise_in_bearing_and_carry_no_identity(build, actor, slots):
    for view in _views(build(_street(actor)), slots(60), parameters=CameraParameters(ghost_every_s=1.0)):
        bearings = [bearing_rad(o.x_m, o.y_m) for o in view.objects]
        assert bearings == sorted(bearings)
        for each in view.objects:
            kinds = {type(getattr(each, field.name)) for field in fields(CameraObject)}
            assert kinds == {float, ObjectClass}


def test_a_car_ahead_is_listed_at_its_rear_edge(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 42.25, 0.5)])
    objects = [o for seed in range(20) for v in _views(frame, slots(20), seed=seed) for o in v.objects]
    assert len(objects) > 380
    assert abs(sum(o.x_m for o in objects) / len(objects) - 40.0) < 0.8
    assert abs(sum(o.y_m for o in objects) / len(objects) - 0.5) < 0.1
    assert abs(sum(o.width_m for o in objects) / len(objects) - 1.8) < 0.15
    assert sum(o.object_class is ObjectClass.VEHICLE for o in objects) > 0.85 * len(objects)


def test_range_errors_are_correlated_in_time(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 62.25)])
    steps, spreads = [], []
    for seed in range(30):
        xs = [v.objects[0].x_m for v in _views(frame, slots(20), seed=seed) if len(v.objects) == 1]
        steps += [b - a for a, b in zip(xs, xs[1:], strict=False)]
        spreads.append(xs[0] - 60.0)
    step = (sum(s * s for s in steps) / len(steps)) ** 0.5
    spread = (sum(s * s for s in spreads) / len(spreads)) ** 0.5
    assert step < 0.5 * spread


def test_stated_sigmas_cover_the_errors(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 62.25)])
    scaled = [
        (o.x_m - 60.0) / o.x_sigma_m
        for seed in range(60)
        for v in _views(frame, slots(3), seed=seed)
        for o in v.objects
    ]
    assert 0.6 < (sum(s * s for s in scaled) / len(scaled)) ** 0.5 < 1.3


def test_crossing_speed_is_reported_across_the_line_of_sight_over_ground(build, actor, slots):
    frame = build([actor("adult", ActorKind.ADULT, 25.0, 0.0, yaw_rad=1.5708, speed_mps=1.4)], speed_mps=15.0)
    objects = [o for seed in range(30) for v in _views(frame, slots(5), seed=seed) for o in v.objects]
    assert abs(sum(o.lateral_mps for o in objects) / len(objects) - 1.4) < 0.15


def test_a_pedestrian_behind_a_van_is_not_listed(build, actor, slots):
    adult, van = actor("adult", ActorKind.ADULT, 35.0, 0.0), actor("van", ActorKind.VAN, 25.0, 0.0)
    alone = _views(build([adult]), slots(60))
    hidden = _views(build([adult, van]), slots(60))
    assert _share(alone) > 0.9
    assert not any(o.object_class is ObjectClass.PEDESTRIAN and o.x_m > 28.0 for v in hidden for o in v.objects)


def test_a_pedestrian_half_out_from_behind_a_van_is_listed_less_than_in_the_open(build, actor, slots):
    def listed(y_m):
        pair = [actor("adult", ActorKind.ADULT, 30.0, y_m), actor("van", ActorKind.VAN, 25.0, 3.0)]
        views = _views(build(pair), slots(200))
        return sum(any(o.x_m > 27.0 and o.width_m < 1.0 for o in v.objects) for v in views)

    assert listed(2.3) < listed(2.15) <= listed(0.0)
    assert listed(3.4) == 0
    assert listed(0.0) > 180


@pytest.mark.parametrize("kind", [ActorKind.GANTRY, ActorKind.GUARD_RAIL, ActorKind.BUILDING, ActorKind.STEEL_PLATE])
def test_what_is_no_road_user_is_not_an_object(build, actor, slots, kind):
    frame = build([actor("it", kind, 50.0, clearance_m=5.2 if kind is ActorKind.GANTRY else 0.0)])
    assert _share(_views(frame, slots(200))) == 0.0


def test_a_plate_blips_rarely_and_never_as_a_road_user(build, actor, slots):
    frame = build([actor("plate", ActorKind.STEEL_PLATE, 40.0)])
    blips = [o for v in _views(frame, slots(1000), parameters=replace(QUIET, plate_blip_ratio=0.05)) for o in v.objects]
    assert 20 < len(blips) < 90
    assert all(o.object_class is ObjectClass.UNKNOWN and o.confidence < 0.45 for o in blips)


def test_fog_darkness_and_distance_each_hide_a_pedestrian(build, actor, slots):
    def share(distance_m, **conditions):
        frame = build([actor("adult", ActorKind.ADULT, distance_m)], **conditions)
        return sum(_share(_views(frame, slots(10), seed=seed)) for seed in range(20)) / 20

    clear = share(50.0)
    assert clear > 0.95
    assert share(50.0, visibility_m=50.0) < 0.6
    assert share(70.0, illuminance_lx=0.05) < 0.75 < share(30.0, illuminance_lx=0.05)
    assert share(180.0) < 0.4 * clear


def test_misses_come_in_bursts(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 30.0)])
    seen = [bool(v.objects) for v in _views(frame, slots(4000), parameters=replace(QUIET, burst_every_s=5.0))]
    missed = seen.count(False)
    begun = sum(a and not b for a, b in zip(seen, seen[1:], strict=False))
    assert missed > 60
    assert missed / begun > 2.0


def test_ghosts_stand_still_for_some_frames(build, slots):
    frame = build([])
    views = _views(frame, slots(4000), parameters=replace(QUIET, ghost_every_s=10.0, ghost_lasts_s=0.3))
    shown = [v.objects[0] if v.objects else None for v in views]
    pairs = [(a, b) for a, b in zip(shown, shown[1:], strict=False) if a and b]
    assert len(pairs) > 30
    assert all(abs(a.x_m - b.x_m) < 0.1 * a.x_m for a, b in pairs)
    assert all(o.confidence < 0.9 for o in shown if o)


def test_a_small_object_is_called_something_else_now_and_then(build, actor, slots):
    frame = build([actor("adult", ActorKind.ADULT, 70.0)])
    names = [o.object_class for seed in range(40) for v in _views(frame, slots(10), seed=seed) for o in v.objects]
    wrong = sum(name is not ObjectClass.PEDESTRIAN for name in names)
    assert 0 < wrong < 0.3 * len(names)


def test_a_wider_focal_length_sees_farther(build, actor, slots):
    frame = build([actor("adult", ActorKind.ADULT, 130.0)])
    short = _share(_views(frame, slots(100), parameters=replace(QUIET, focal_px=800.0)))
    long = _share(_views(frame, slots(100), parameters=replace(QUIET, focal_px=2400.0)))
    assert short < 0.3 < 0.9 < long


def test_the_lane_is_measured_with_noise_and_no_two_frames_are_equal(build, slots):
    frame = build([], path_offset_m=0.3, curvature_1pm=0.004)
    lanes = [v.lane for seed in range(30) for v in _views(frame, slots(10), seed=seed)]
    assert len({lane.offset_m for lane in lanes}) == len(lanes)
    assert isclose(sum(lane.offset_m for lane in lanes) / len(lanes), -0.3, abs_tol=0.05)
    assert isclose(sum(lane.curvature_1pm for lane in lanes) / len(lanes), 0.004, abs_tol=1e-4)
    assert all(0.9 < lane.quality_ratio <= 1.0 for lane in lanes)


def test_health_is_near_one_in_clear_light_and_falls_with_haze_and_dirt(build, slots):
    clear = _views(build([]), slots(1))[0]
    hazy = _views(build([], visibility_m=60.0), slots(1))[0]
    frame = build([])
    dirty = ObjectCamera(1, frame.roster).sense_with(frame, SimNs(0), camera_response("dirt", 0.7))
    assert 0.95 < clear.health_ratio <= 1.0
    assert hazy.health_ratio < 0.85
    assert dirty.health_ratio == pytest.approx(0.3 * clear.health_ratio)
    assert hazy.lane.quality_ratio < 0.4 < clear.lane.quality_ratio


def test_a_full_blockage_leaves_an_empty_list(build, actor, slots):
    frame = build([actor("lead", ActorKind.CAR, 30.0)])
    camera = ObjectCamera(1, frame.roster, QUIET)
    views = [camera.sense_with(frame, slot, camera_response("blockage", 1.0)) for slot in slots(50)]
    assert _share(views) == 0.0
    assert all(v.health_ratio == 0.0 and v.lane.quality_ratio == 0.0 for v in views)


def test_a_faults_ghosts_come_at_its_rate(build, slots):
    frame = build([])
    camera = ObjectCamera(1, frame.roster, QUIET)
    response = CameraResponse(ghost_rate_hz=2.0)
    count = sum(len(camera.sense_with(frame, slot, response).objects) for slot in slots(2000))
    assert 150 < count < 235  # 2000 frames of 50 ms at 2 per second, at most one a frame


def test_the_egos_own_speed_moves_no_object(build, actor, slots):
    slow, fast = build(_street(actor), speed_mps=5.0), build(_street(actor), speed_mps=25.0)
    assert slow.state[0, SPEED] != fast.state[0, SPEED]
    assert _views(slow, slots(10)) == _views(fast, slots(10))


def test_another_number_of_actors_is_refused(build, actor):
    camera = ObjectCamera(1, build([]).roster)
    with pytest.raises(MachineryError, match="actors"):
        camera.sense(build([actor("car", ActorKind.CAR, 50.0)]), SimNs(0))
