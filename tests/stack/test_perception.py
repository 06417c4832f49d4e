"""Perception: clusters, over-ground speed, rejected echoes, and the camera's class gates."""

from dataclasses import replace
from math import cos, radians, sin

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from stack.perception import camera_objects, radar_processing
from stack.vocabulary import CameraObject, CameraTarget, ObjectClass, RadarDetection, RadarTarget
from stack.vocabulary.topics import CAMERA_CHECKED, RADAR_CHECKED
from tests.stack.readings import LEVER_M, briefing, detection, given, message, moving, scan, seen, view


def radar_targets(
    *detections: RadarDetection, speed_mps: float = 20.0, yaw_rate_radps: float = 0.0
) -> tuple[RadarTarget, ...]:
    """Targets of one scan."""
    sent = message(RADAR_CHECKED, scan(*detections))
    _, outputs = radar_processing.step(
        radar_processing.initial(briefing()), given(20.0, sent, latest=moving(speed_mps, yaw_rate_radps))
    )
    return tuple(outputs[0].payload.targets)


def camera_targets(*objects: CameraObject, **set_to: float) -> tuple[CameraTarget, ...]:
    """Targets of one frame."""
    sent = message(CAMERA_CHECKED, view(*objects))
    _, outputs = camera_objects.step(camera_objects.initial(briefing(**set_to)), given(60.0, sent))
    return tuple(outputs[0].payload.targets)


def echoes() -> st.SearchStrategy[list[RadarDetection]]:
    """Any scan of up to twelve echoes."""
    one = st.builds(
        detection,
        range_m=st.floats(1.0, 200.0),
        azimuth_rad=st.floats(-0.7, 0.7),
        rate_mps=st.floats(-40.0, 20.0),
        snr_db=st.floats(11.0, 50.0),
    )
    return st.lists(one, max_size=12)


@settings(max_examples=40, deadline=None)
@forall(echoes(), st.randoms(use_true_random=False))
def test_the_order_of_detections_changes_nothing(found: list[RadarDetection], shuffle: object) -> None:
    mixed = list(found)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert radar_targets(*found) == radar_targets(*mixed)


@settings(max_examples=40, deadline=None)
@forall(echoes())
def test_every_echo_that_is_no_side_lobe_belongs_to_exactly_one_target(found: list[RadarDetection]) -> None:
    even = [replace(each, snr_db=20.0) for each in found]
    targets = radar_targets(*even)
    assert sum(target.echo_count for target in targets) == len(even)
    ranges = [(target.x_m**2 + target.y_m**2) ** 0.5 for target in targets]
    for each in even:
        assert min(ranges) <= each.range_m + 1e-9 + 0.75, "nothing lies nearer than the nearest target's edge"


@pytest.mark.parametrize("yaw_rate_radps", [0.0, 0.1, -0.2])
@pytest.mark.parametrize("azimuth_deg", [-40.0, -10.0, 0.0, 5.0, 45.0])
def test_a_standing_thing_has_no_speed_over_ground_wherever_it_stands(
    azimuth_deg: float, yaw_rate_radps: float
) -> None:
    azimuth = radians(azimuth_deg)
    rate = -(20.0 * cos(azimuth) + yaw_rate_radps * LEVER_M * sin(azimuth))
    (target,) = radar_targets(detection(azimuth_rad=azimuth, rate_mps=rate), yaw_rate_radps=yaw_rate_radps)
    assert target.ground_mps == pytest.approx(0.0, abs=1e-9)
    assert target.radial_mps == pytest.approx(rate)


def test_a_lead_keeps_its_own_speed() -> None:
    (target,) = radar_targets(detection(rate_mps=-8.0))
    assert target.ground_mps == pytest.approx(12.0)


def test_rear_face_and_flank_are_one_target_at_the_rear_edge() -> None:
    rear, flank = detection(40.0, 0.08), detection(42.4, 0.06, snr_db=15.0)
    (target,) = radar_targets(rear, flank)
    assert target.echo_count == 2
    assert target.x_m == pytest.approx(40.0 * cos(0.08))
    assert target.y_m == pytest.approx(40.0 * sin(0.08)), "the flank does not pull the middle of the rear edge"


def test_two_cars_four_and_a_half_metres_apart_stay_two() -> None:
    assert len(radar_targets(detection(30.0, 0.105), detection(30.0, -0.105))) == 2


def test_same_place_other_speed_is_another_thing() -> None:
    assert len(radar_targets(detection(30.0, 0.0, -20.0), detection(30.2, 0.01, -15.0))) == 2


def test_weak_echoes_and_side_lobes_are_dropped_and_a_person_beside_a_truck_is_kept() -> None:
    truck = detection(30.0, 0.0, -20.0, snr_db=55.0)
    assert len(radar_targets(truck, detection(80.0, snr_db=9.9))) == 1
    assert len(radar_targets(truck, detection(30.1, 0.3, -20.1, snr_db=25.0))) == 1
    assert len(radar_targets(truck, detection(30.1, 0.3, -19.2, snr_db=25.0))) == 2, "a walking person's Doppler"
    assert len(radar_targets(truck, detection(29.0, 0.3, -20.0, snr_db=25.0))) == 2, "a person in front of it"


@settings(max_examples=30, deadline=None)
@forall(st.floats(11.0, 50.0), st.floats(0.1, 10.0))
def test_a_stronger_echo_is_never_less_certain(snr_db: float, more_db: float) -> None:
    (weak,), (strong,) = radar_targets(detection(snr_db=snr_db)), radar_targets(detection(snr_db=snr_db + more_db))
    assert strong.range_sigma_m <= weak.range_sigma_m
    assert strong.azimuth_sigma_rad <= weak.azimuth_sigma_rad


def test_an_empty_scan_is_published_as_no_targets_and_nothing_without_ego_motion() -> None:
    assert radar_targets() == ()
    state = radar_processing.initial(briefing())
    assert radar_processing.step(state, given(20.0, message(RADAR_CHECKED, scan(detection())))) == (state, ())


def test_camera_objects_pass_in_order_with_their_lane() -> None:
    sent = message(CAMERA_CHECKED, view(seen(40.0, -2.0), seen(60.0, 2.0)))
    _, outputs = camera_objects.step(camera_objects.initial(briefing()), given(60.0, sent))
    assert [target.x_m for target in outputs[0].payload.targets] == [40.0, 60.0]
    assert outputs[0].payload.lane is sent.payload.lane


def test_unsure_and_far_objects_are_dropped() -> None:
    person = ObjectClass.PEDESTRIAN
    assert camera_targets(replace(seen(), confidence=0.39)) == ()
    assert len(camera_targets(replace(seen(), confidence=0.4))) == 1
    assert camera_targets(seen(100.0, object_class=person, width_m=0.5)) == ()
    assert len(camera_targets(seen(100.0))) == 1


@pytest.mark.parametrize(
    ("object_class", "width_m"),
    [(ObjectClass.VEHICLE, 0.3), (ObjectClass.PEDESTRIAN, 2.0), (ObjectClass.CYCLIST, 3.0)],
)
def test_an_object_too_wide_or_narrow_for_its_class_keeps_its_place_and_loses_its_class(
    object_class: ObjectClass, width_m: float
) -> None:
    (target,) = camera_targets(seen(30.0, 1.0, object_class, width_m))
    assert target.object_class is ObjectClass.UNKNOWN
    assert (target.x_m, target.y_m) == (30.0, 1.0)


def test_an_overconfident_camera_is_held_to_a_floor_and_a_setting_moves_the_threshold() -> None:
    (target,) = camera_targets(replace(seen(), x_sigma_m=0.0, y_sigma_m=0.0))
    assert target.x_sigma_m == target.y_sigma_m == 0.15
    assert camera_targets(replace(seen(), confidence=0.6), camera_objects__confidence_min=0.7) == ()
