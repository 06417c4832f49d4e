"""The pixel camera on drawn pictures: the renderer, the imager and the boxes together."""

from dataclasses import replace

import numpy as np
import pytest

from sim.camera.boxes import boxes_of, projected_box
from sim.camera.coding import decoded
from sim.camera.parameters import ImagerParameters, PixelCameraParameters
from sim.mount import Mount
from sim.sensors.pixel_camera import PixelCamera
from tests.sim.camera.pictures import DAY, SMALL, frame, roster, scenery

PARAMETERS = PixelCameraParameters(lens=SMALL, readout_s=0.0)
MOUNT = Mount(x_m=0.0, y_m=0.0, z_m=2.2, yaw_rad=0.0)


def shot(parameters=PARAMETERS, conditions=DAY, mount=MOUNT, **where):
    people = roster()
    camera = PixelCamera(1, people, parameters, mount, scenery=scenery(people))
    image = camera.sense(replace(frame(people, **where), conditions=conditions), 0)
    return image, camera.latest, people


@pytest.mark.parametrize(("car_x_m", "car_y_m"), [(12.0, 0.0), (20.0, 3.0), (35.0, -6.0), (8.0, -2.0)])
def test_the_car_s_projected_box_contains_what_is_seen_of_it(car_x_m, car_y_m):
    _image, taken, people = shot(car_x_m=car_x_m, car_y_m=car_y_m)
    (seen,) = boxes_of(taken.picture)
    assert seen.row == 1 and seen.visible_px > 5
    u0, v0, u1, v1 = projected_box(SMALL, taken.eye, taken.moment.poses[1], people.size_m[1], 0.0)
    assert u0 <= seen.u0 + 0.6 and v0 <= seen.v0 + 0.6 and u1 >= seen.u1 - 0.6 and v1 >= seen.v1 - 0.6
    assert abs(seen.u0 - u0) < 1.6 and abs(seen.v1 - v1) < 1.6


def test_the_ego_itself_is_not_seen():
    _image, taken, _people = shot()
    assert {each.row for each in boxes_of(taken.picture)} == {1}


def test_by_night_exposure_is_long_and_gain_is_up():
    day, _taken, _people = shot()
    night, _taken, _people = shot(conditions=replace(DAY, illuminance_lx=0.5, sun_elevation_rad=-0.4))
    assert day.exposure_s < 0.001 and day.gain_db == 0.0
    assert night.exposure_s == pytest.approx(0.016) and night.gain_db > 6.0


def test_a_short_dark_exposure_of_a_fast_drive_is_blurred_and_a_sharp_one_is_not():
    dusk = replace(DAY, illuminance_lx=20.0, sun_elevation_rad=-0.05)
    clean = replace(PARAMETERS, imager=ImagerParameters(noisy=False))
    sharp = replace(clean, blurs=False)
    pairs = [
        [
            decoded(shot(parameters, conditions, speed_mps=25.0, car_x_m=7.0, car_y_m=2.5)[0])
            for parameters in (clean, sharp)
        ]
        for conditions in (dusk, DAY)
    ]
    assert (pairs[0][0] != pairs[0][1]).any()
    assert (pairs[1][0] == pairs[1][1]).all()


def test_two_cameras_at_one_instant_share_the_moment():
    people = roster()
    shared = scenery(people)
    front = PixelCamera(1, people, PARAMETERS, MOUNT, "camera_image", scenery=shared)
    left = PixelCamera(1, people, PARAMETERS, replace(MOUNT, yaw_rad=0.3), "camera_image/left", scenery=shared)
    truth = frame(people)
    front.sense(truth, 0)
    left.sense(truth, 0)
    assert front.latest.moment is left.latest.moment
    assert front.latest.slot == left.latest.slot == 0
    (a,), (b,) = boxes_of(front.latest.picture), boxes_of(left.latest.picture)
    assert b.u0 > a.u0 + 10.0  # turned to the left, the car is further right
    assert np.isfinite(front.latest.picture.radiance).all()
