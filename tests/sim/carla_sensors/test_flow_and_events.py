"""Optical flow and the event camera: what changed between two frames."""

import struct

import numpy as np
import pytest

from sim.carla_sensors.event_camera import EVENT
from sim.scenery.materials import Semantic
from tests.sim.carla_sensors import stages

WIDTH, HEIGHT, FOCAL = 160, 96, 80.0
PLACE = stages.town(stages.floor(), stages.wall(20.0))


def flow(model, scene, mounted):
    """(h, w, 2) pixels to the right and upwards since the model's last frame."""
    body = model.sense(scene, mounted)[0]
    width, height, _ = struct.unpack_from("<IIf", body)
    found = np.frombuffer(body, "<f4", offset=12).reshape(height, width, 2).astype(np.float64)
    return found * 0.5 * np.array([width, height])


def camera():
    return stages.sensor("sensor.camera.optical_flow", stages.SMALL)


def test_the_first_frame_and_a_still_world_have_no_flow():
    model, scene = camera(), stages.scene(PLACE)
    assert flow(model, scene, stages.mounted()) == pytest.approx(np.zeros((HEIGHT, WIDTH, 2)), abs=1e-9)
    assert flow(model, stages.scene(PLACE), stages.mounted()) == pytest.approx(np.zeros((HEIGHT, WIDTH, 2)), abs=1e-4)


def test_a_camera_that_moves_to_the_right_sees_the_wall_move_to_the_left_by_its_parallax():
    model = camera()
    flow(model, stages.scene(PLACE), stages.mounted((0.0, 0.0, 1.5, 0.0, 0.0, 0.0)))
    found = flow(model, stages.scene(PLACE), stages.mounted((0.0, -0.5, 1.5, 0.0, 0.0, 0.0)))
    assert found[:40, :, 0] == pytest.approx(np.full((40, WIDTH), -FOCAL * 0.5 / 20.0), abs=1e-3)
    assert found[:40, :, 1] == pytest.approx(np.zeros((40, WIDTH)), abs=1e-3)


def test_a_camera_that_rises_sees_the_wall_sink_and_upwards_is_positive():
    model = camera()
    flow(model, stages.scene(PLACE), stages.mounted((0.0, 0.0, 1.5, 0.0, 0.0, 0.0)))
    found = flow(model, stages.scene(PLACE), stages.mounted((0.0, 0.0, 2.0, 0.0, 0.0, 0.0)))
    assert found[:40, :, 1] == pytest.approx(np.full((40, WIDTH), -FOCAL * 0.5 / 20.0), abs=1e-3)


def test_a_turning_camera_moves_the_sky_too():
    model, sky = camera(), stages.town()
    flow(model, stages.scene(sky), stages.mounted((0.0, 0.0, 1.5, 0.0, 0.0, 0.0)))
    found = flow(model, stages.scene(sky), stages.mounted((0.0, 0.0, 1.5, 0.01, 0.0, 0.0)))
    assert found[48, 80, 0] == pytest.approx(FOCAL * np.tan(0.01), rel=0.02)


def test_a_body_that_moves_has_its_own_flow():
    model, sky = camera(), stages.town()

    def step(y_m, yaw_rad=0.0):
        return stages.scene(sky, (stages.TRUCK, (14.2, y_m, 0.0, yaw_rad, 0.0, 0.0)))

    flow(model, step(0.0), stages.mounted())
    found = flow(model, step(-0.4), stages.mounted())
    semantic = stages.sensor("sensor.camera.semantic_segmentation", stages.SMALL)
    on_truck = stages.image(semantic.sense(step(-0.4), stages.mounted())[0])[:, :, 2] == Semantic.TRUCK
    assert on_truck.sum() > 300
    nearest = found[on_truck][:, 0].max()
    assert nearest == pytest.approx(FOCAL * 0.4 / 10.0, rel=0.05)  # its rear is 10 m away
    assert (found[on_truck][:, 0] > 1.0).all()
    assert not found[~on_truck].any()


def test_flow_stays_within_two():
    model = camera()
    model.sense(stages.scene(PLACE), stages.mounted((19.9, 0.0, 1.5, 0.0, 0.0, 0.0)))
    body = model.sense(stages.scene(PLACE), stages.mounted((19.9, -50.0, 1.5, 0.0, 0.0, 0.0)))[0]
    found = np.frombuffer(body, "<f4", offset=12)
    assert np.abs(found).max() <= 2.0 and np.isfinite(found).all()


def events(model, scene, mounted=None):
    body = model.sense(scene, mounted or stages.mounted())[0]
    assert struct.unpack_from("<IIf", body)[:2] == (WIDTH, HEIGHT)
    assert (len(body) - 12) % 13 == 0
    return np.frombuffer(body, EVENT, offset=12)


def dvs(**attributes):
    return stages.sensor("sensor.camera.dvs", {**stages.SMALL, **{k: str(v) for k, v in attributes.items()}})


def passing(at_s, y_m):
    return stages.scene(PLACE, (stages.CAR, (10.0, y_m, 0.0, 0.5, 0.0, 0.0), {"colour": (255, 255, 255)}), at_s=at_s)


def test_nothing_changes_nothing_fires():
    model = dvs()
    assert len(events(model, passing(1.0, 0.0))) == 0
    assert len(events(model, passing(1.05, 0.0))) == 0


def test_a_passing_car_fires_where_it_is_in_order_of_time_between_the_frames():
    model = dvs()
    events(model, passing(1.0, 1.0))
    found = events(model, passing(1.05, 0.2))
    assert len(found) > 100
    assert (np.diff(found["at"]) >= 0).all()
    assert found["at"].min() > 1_000_000_000 and found["at"].max() <= 1_050_000_000
    assert set(np.unique(found["on"])) == {0, 1}
    semantic = stages.sensor("sensor.camera.semantic_segmentation", stages.SMALL)
    tags = [stages.image(semantic.sense(passing(1.0, y), stages.mounted())[0])[:, :, 2] for y in (1.0, 0.2)]
    touched = (tags[0] == Semantic.CAR) | (tags[1] == Semantic.CAR)
    fired = np.zeros((HEIGHT, WIDTH), dtype=bool)
    fired[found["y"], found["x"]] = True
    assert fired[touched].sum() > 0.7 * fired.sum()  # shadows and mirrors on the road are the rest


def test_a_higher_threshold_fires_less_and_a_rest_lets_each_pixel_fire_once():
    counts = []
    for attributes in ({"positive_threshold": 0.1, "negative_threshold": 0.1}, {}, {"refractory_period_ns": 10**9}):
        model = dvs(**attributes)
        events(model, passing(1.0, 1.0))
        found = events(model, passing(1.05, 0.2))
        counts.append(len(found))
    assert counts[0] > counts[1] > counts[2]
    assert len(np.unique(found["y"].astype(int) * WIDTH + found["x"])) == len(found)


def test_events_repeat_and_thresholds_that_spread_are_the_sensors_chance():
    def run(entity, sigma):
        model = stages.sensor("sensor.camera.dvs", {**stages.SMALL, "sigma_positive_threshold": sigma}, entity)
        model.sense(passing(1.0, 1.0), stages.mounted())
        return model.sense(passing(1.05, 0.2), stages.mounted())[0]

    assert run(3, "0.1") == run(3, "0.1") != run(4, "0.1")
    assert run(3, "0") == run(4, "0")
