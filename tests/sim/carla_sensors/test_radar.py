"""The radar: layout, geometry, and the sign of its speeds."""

import numpy as np
import pytest

from sim.episode.structs import Refused
from tests.sim.carla_sensors import stages

WALL = stages.town(stages.wall(20.0))


def returns(scene, mounted=None, **attributes):
    settings = {key: str(value) for key, value in attributes.items()}
    body = stages.sensor("sensor.other.radar", settings).sense(scene, mounted or stages.mounted())[0]
    return np.frombuffer(body, "<f4").reshape(-1, 4).astype(np.float64)


def test_a_wall_is_met_at_its_distance_in_every_direction_of_the_cone():
    found = returns(stages.scene(WALL), points_per_second=20_000, horizontal_fov=40, vertical_fov=20)
    speed, azimuth, altitude, depth = found.T
    assert len(found) == 1000
    assert depth * np.cos(azimuth) * np.cos(altitude) == pytest.approx(np.full(1000, 20.0), rel=1e-5)
    assert speed == pytest.approx(np.zeros(1000), abs=1e-6)
    across, up = azimuth / np.radians(20.0), altitude / np.radians(10.0)
    assert (across**2 + up**2).max() <= 1.0 + 1e-6
    assert np.mean(across**2 + up**2 < 0.5) == pytest.approx(0.5, abs=0.06)  # evenly over the ellipse


def test_what_approaches_has_a_negative_speed():
    driving = stages.mounted(velocity=(10.0, 0.0, 0.0))
    speed, azimuth, altitude, _ = returns(stages.scene(WALL), driving).T
    assert speed == pytest.approx(-10.0 * np.cos(azimuth) * np.cos(altitude), rel=1e-5)
    ahead = (15.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    faster = {"motion": (14.0, 0.0, 0.0, 0.0, 0.0, 0.0)}
    scene = stages.scene(stages.town(), (stages.TRUCK, ahead, faster))
    found = returns(scene, driving, horizontal_fov=5, vertical_fov=5)
    assert len(found) > 20 and found[:, 0] == pytest.approx(np.full(len(found), 4.0), rel=1e-2)


def test_a_turning_body_moves_at_the_place_that_was_met():
    scene = stages.scene(stages.town(), (stages.TRUCK, (15.0, 0.0, 0.0, 0.5 * np.pi, 0.0, 0.0),
                                         {"motion": (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)}))  # fmt: skip
    speed, azimuth, _, depth = returns(scene, horizontal_fov=25, vertical_fov=2, points_per_second=10_000).T
    right = depth * np.sin(azimuth)  # the body turns to the left: its right side comes nearer to us from x to -y
    assert np.corrcoef(speed, right)[0, 1] > 0.95


def test_azimuth_is_positive_to_the_right_and_altitude_upwards():
    scene = stages.scene(stages.town(), (stages.CAR, (15.0, -3.0, 0.0, 0.0, 0.0, 0.0)))
    found = returns(scene, stages.mounted((0.0, 0.0, 3.0, 0.0, 0.0, 0.0)), points_per_second=20_000)
    assert len(found) > 5 and (found[:, 1] > 0.0).all() and (found[:, 2] < 0.0).all()


def test_the_parent_is_looked_through():
    scene = stages.scene(WALL, (stages.CAR, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)))
    behind = stages.mounted((-6.0, 0.0, 0.8, 0.0, 0.0, 0.0), parent=100)
    narrow = {"horizontal_fov": 2, "vertical_fov": 2}
    assert returns(scene, behind, **narrow)[:, 3].min() > 25.0
    assert returns(scene, behind._replace(parent=None), **narrow)[:, 3].max() < 10.0


def test_a_radar_repeats_itself_and_unlike_seeds_differ():
    scene = stages.scene(WALL)
    again = [returns(scene, noise_seed=seed).tobytes() for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]
    later = returns(stages.scene(WALL, at_s=1.05))
    assert later.tobytes() != again[0]


def test_nothing_in_range_gives_an_empty_message():
    assert len(returns(stages.scene(stages.town()))) == 0


@pytest.mark.parametrize(
    ("name", "value"), [("horizontal_fov", "0"), ("vertical_fov", "200"), ("range", "nan"), ("points_per_second", "0")]
)
def test_absurd_radars_are_refused(name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor("sensor.other.radar", {name: value})
