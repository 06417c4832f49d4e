"""Both lidars: layout, geometry against closed form, drop-off, and where the head stands."""

import numpy as np
import pytest

from sim.carla_sensors.semantic_lidar import POINT
from sim.episode.structs import Refused
from sim.scenery.materials import Semantic
from tests.sim.carla_sensors import stages

PLAIN = np.dtype([("place", "<f4", 3), ("intensity", "<f4")])
ALL = {"dropoff_general_rate": "0.0", "dropoff_intensity_limit": "0.0", "range": "100"}
# Half a metre by half a metre about the sensor: every ray of a level scan meets it.
FLAT = {"upper_fov": "0", "lower_fov": "0", "channels": "1", "rotation_frequency": "20", **ALL}


def points(scene, mounted=None, **attributes):
    """The points of an ordinary lidar with nothing dropped."""
    model = stages.sensor("sensor.lidar.ray_cast", {**ALL, **{key: str(value) for key, value in attributes.items()}})
    return stages.scan(model.sense(scene, mounted or stages.mounted())[0], PLAIN)


def labelled(scene, mounted=None, **attributes):
    settings = {"range": "100", **{key: str(value) for key, value in attributes.items()}}
    model = stages.sensor("sensor.lidar.ray_cast_semantic", settings)
    return stages.scan(model.sense(scene, mounted or stages.mounted())[0], POINT)


def test_a_wall_twenty_metres_ahead_gives_points_at_x_twenty():
    _, counts, found = points(stages.scene(stages.town(stages.wall(20.0))), **FLAT, horizontal_fov=120)
    assert len(counts) == 1 and counts[0] > 1000
    assert found["place"][:, 0] == pytest.approx(np.full(len(found), 20.0), abs=2e-5)
    assert found["place"][:, 2] == pytest.approx(np.zeros(len(found)), abs=1e-5)
    assert np.linalg.norm(found["place"], axis=1).max() <= 100.0


def test_intensity_falls_with_distance_as_the_attenuation_says():
    _, _, found = points(stages.scene(stages.town(stages.floor())), atmosphere_attenuation_rate=0.01)
    distance = np.linalg.norm(found["place"].astype(np.float64), axis=1)
    assert found["intensity"] == pytest.approx(np.exp(-0.01 * distance), rel=1e-5)


def test_the_uppermost_channel_comes_first_and_right_is_positive():
    scene = stages.scene(stages.town(stages.wall(20.0)), (stages.CAR, (10.0, -3.0, 0.0, 0.0, 0.0, 0.0)))
    _, counts, found = points(scene, channels=3, upper_fov=10, lower_fov=-10, horizontal_fov=90, rotation_frequency=20)
    tops = np.split(found["place"][:, 2], np.cumsum(counts)[:-1])
    assert tops[0].min() > 0.0 and tops[2].max() < 0.0
    _, _, seen = labelled(scene, horizontal_fov=90, rotation_frequency=20)
    assert (seen["place"][seen["actor"] == 100][:, 1] > 0.0).all()


def test_a_scan_has_as_many_points_as_the_attributes_say():
    scene = stages.scene(stages.town(stages.floor(), stages.wall(20.0)), delta_s=0.05)
    model = {"channels": 16, "points_per_second": 64_000, "upper_fov": -5, "lower_fov": -25, "rotation_frequency": 20}
    _, counts, _ = points(scene, **model)
    assert counts.tolist() == [64_000 * 0.05 / 16] * 16


def test_a_slower_sensor_sweeps_the_time_since_its_last_measurement():
    scene = stages.scene(stages.town(stages.floor()), delta_s=0.05)
    slow = {"channels": 1, "upper_fov": -10, "lower_fov": -10, "points_per_second": 10_000, "sensor_tick": 0.1}
    _, counts, found = points(scene, **slow, rotation_frequency=10)
    assert counts.tolist() == [1000]
    bearings = np.sort(np.arctan2(found["place"][:, 1], found["place"][:, 0]))
    assert np.diff(bearings).max() < 2.0 * 2.0 * np.pi / 1000.0  # a whole turn, evenly


def test_consecutive_steps_join_without_a_gap_and_the_header_tells_where_the_head_is():
    place = stages.town(stages.floor())
    attributes = {"channels": 1, "upper_fov": -10, "lower_fov": -10, "points_per_second": 20_000}
    steps = [points(stages.scene(place, at_s=2.0 + 0.01 * k, delta_s=0.01), **attributes) for k in range(1, 11)]
    bearings = np.concatenate(
        [np.arctan2(found["place"][:, 1].astype(np.float64), found["place"][:, 0]) for _, _, found in steps]
    )
    turned = np.diff(np.unwrap(bearings))
    assert turned == pytest.approx(np.full(len(turned), 2.0 * np.pi * 10.0 / 20_000), rel=1e-2)
    angles = [angle for angle, _, _ in steps]
    expected = [(10.0 * (2.0 + 0.01 * k)) % 1.0 * 2.0 * np.pi for k in range(1, 10)]
    assert angles[:9] == pytest.approx(expected, abs=1e-5)


def test_the_scan_does_not_depend_on_earlier_scans():
    place = stages.town(stages.floor(), stages.wall(15.0))
    model = stages.sensor("sensor.lidar.ray_cast")
    for k in range(1, 4):
        model.sense(stages.scene(place, at_s=0.05 * k), stages.mounted())
    late = stages.scene(place, at_s=0.2)
    assert model.sense(late, stages.mounted()) == stages.sensor("sensor.lidar.ray_cast").sense(late, stages.mounted())


def test_general_drop_off_loses_its_share_and_chance_is_the_sensors_own():
    place = stages.town(stages.floor(), stages.wall(15.0))
    scene = stages.scene(place)
    attributes = {"dropoff_intensity_limit": "0", "points_per_second": "400000", "range": "90", "upper_fov": "-5"}
    whole = stages.sensor("sensor.lidar.ray_cast", {**attributes, "dropoff_general_rate": "0"})
    count = len(stages.scan(whole.sense(scene, stages.mounted())[0], PLAIN)[2])
    half = {**attributes, "dropoff_general_rate": "0.45"}
    bodies = [
        stages.sensor("sensor.lidar.ray_cast", {**half, "noise_seed": noise}, entity).sense(scene, stages.mounted())[0]
        for entity, noise in ((3, "0"), (3, "0"), (4, "0"), (3, "1"))
    ]
    kept = len(stages.scan(bodies[0], PLAIN)[2])
    assert kept == pytest.approx(0.55 * count, abs=5.0 * np.sqrt(count * 0.45 * 0.55))
    assert bodies[0] == bodies[1] and len(set(bodies)) == 3


def test_weak_returns_are_dropped_more_often():
    scene = stages.scene(stages.town(stages.floor()))
    attributes = {
        "dropoff_general_rate": "0", "dropoff_intensity_limit": "1.0", "dropoff_zero_intensity": "1.0",
        "atmosphere_attenuation_rate": "0.05", "range": "100", "points_per_second": "1000000", "upper_fov": "-1",
    }  # fmt: skip
    model = stages.sensor("sensor.lidar.ray_cast", attributes)
    _, _, kept = stages.scan(model.sense(scene, stages.mounted())[0], PLAIN)
    _, _, every = points(scene, points_per_second=1_000_000, upper_fov=-1, atmosphere_attenuation_rate=0.05)
    for low, high in ((0.2, 0.4), (0.6, 0.8)):
        share = np.mean((every["intensity"] > low) & (every["intensity"] < high))
        left = np.sum((kept["intensity"] > low) & (kept["intensity"] < high)) / (share * len(every))
        assert left == pytest.approx(0.5 * (low + high), abs=0.06)  # 1 - zero x (1 - intensity / limit)


def test_noise_moves_points_along_their_rays():
    scene = stages.scene(stages.town(stages.wall(20.0)))
    attributes = {**FLAT, "horizontal_fov": "90", "points_per_second": "60000", "noise_stddev": "0.2"}
    _, _, found = points(scene, **attributes)
    _, _, exact = points(scene, **{**attributes, "noise_stddev": "0"})
    away = np.linalg.norm(found["place"], axis=1) - np.linalg.norm(exact["place"], axis=1)
    assert away.std() == pytest.approx(0.2, rel=0.1) and abs(away.mean()) < 0.02
    assert np.arctan2(found["place"][:, 1], found["place"][:, 0]) == pytest.approx(
        np.arctan2(exact["place"][:, 1], exact["place"][:, 0]), abs=1e-5
    )


def test_labelled_points_carry_actor_class_and_angle_of_incidence():
    scene = stages.scene(
        stages.town(stages.floor()), (stages.CAR, (8.0, 0.0, 0.0, 0.0, 0.0, 0.0), {"id": 4711}),
        (stages.WALKER, (0.0, 6.0, 0.0, 0.0, 0.0, 0.0)),
    )  # fmt: skip
    _, _, found = labelled(scene, points_per_second=400_000, rotation_frequency=20, lower_fov=-25)
    on_car, on_walker = found["label"] == Semantic.CAR, found["label"] == Semantic.PEDESTRIAN
    assert on_car.sum() > 100 and (found["actor"][on_car] == 4711).all()
    assert on_walker.sum() > 10 and (found["actor"][on_walker] == 101).all()
    ground = found["label"] == Semantic.ROAD
    assert (found["actor"][ground] == 0).all() and ground.sum() > 1000
    distance = np.linalg.norm(found["place"][ground].astype(np.float64), axis=1)
    assert found["cosine"][ground] == pytest.approx(1.5 / distance, rel=1e-3)
    assert found["place"][ground][:, 2] == pytest.approx(np.full(ground.sum(), -1.5), abs=1e-4)


def test_a_turned_sensor_sees_the_world_in_its_own_axes():
    scene = stages.scene(stages.town(stages.wall(20.0)))
    looking_left = stages.mounted((0.0, 0.0, 1.5, 0.5 * np.pi, 0.0, 0.0))
    _, _, found = points(scene, looking_left, **FLAT)
    assert found["place"][:, 1] == pytest.approx(np.full(len(found), 20.0), abs=1e-4)  # the wall is on its right


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channels", "0"), ("channels", "1e9"), ("range", "0"), ("range", "-5"), ("points_per_second", "0"),
        ("points_per_second", "1e12"), ("rotation_frequency", "-1"), ("horizontal_fov", "0"), ("upper_fov", "91"),
        ("upper_fov", "-60"), ("dropoff_general_rate", "1.5"), ("noise_stddev", "nan"), ("noise_seed", "x"),
    ],
)  # fmt: skip
def test_absurd_lidars_are_refused(name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor("sensor.lidar.ray_cast", {name: value})


def test_a_step_of_no_time_gives_an_empty_scan():
    scene = stages.scene(stages.town(stages.floor()), delta_s=0.0)
    _, counts, found = points(scene)
    assert counts.tolist() == [0] * 32 and len(found) == 0
