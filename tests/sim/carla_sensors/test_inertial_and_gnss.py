"""IMU and GNSS: at rest, moving, turned; and against what the genuine client computes."""

import math

import carla
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.maps import FOLDER
from sim.carla_sensors.geolocation import DEFAULT, geolocation, origin_of
from sim.episode.structs import Refused
from tests.sim.carla_sensors import stages

PLACE = stages.town(stages.floor())
ANGLE = st.floats(-3.0, 3.0)


def imu(scene, mounted=None, **attributes):
    settings = {key: str(value) for key, value in attributes.items()}
    body = stages.sensor("sensor.other.imu", settings).sense(scene, mounted or stages.mounted())
    return stages.unpacked(body[0])


def gnss(scene, mounted, **attributes):
    settings = {key: str(value) for key, value in attributes.items()}
    return stages.unpacked(stages.sensor("sensor.other.gnss", settings).sense(scene, mounted)[0])


def test_a_level_imu_at_rest_reads_gravity_upwards_and_north_east_south_west():
    scene = stages.scene(PLACE)
    force, spin, _ = imu(scene)
    assert force == pytest.approx([0.0, 0.0, 9.81]) and spin == pytest.approx([0.0, 0.0, 0.0])
    # Our yaw grows to the left; CARLA's north is its -y, which is our +y.
    for yaw, compass in ((math.pi / 2, 0.0), (0.0, math.pi / 2), (-math.pi / 2, math.pi), (math.pi, 1.5 * math.pi)):
        assert imu(scene, stages.mounted((0, 0, 0, yaw, 0, 0)))[2] == pytest.approx(compass, abs=1e-12)


@given(yaw=ANGLE, pitch=st.floats(-1.5, 1.5), roll=ANGLE)
def test_gravity_keeps_its_size_however_the_sensor_is_turned(yaw, pitch, roll):
    force, _, compass = imu(stages.scene(PLACE), stages.mounted((0.0, 0.0, 0.0, yaw, pitch, roll)))
    assert np.linalg.norm(force) == pytest.approx(9.81)
    assert 0.0 <= compass < 2.0 * math.pi


def test_a_nose_down_sensor_reads_gravity_towards_its_tail_and_a_right_bank_towards_its_left():
    nose_down, _, _ = imu(stages.scene(PLACE), stages.mounted((0.0, 0.0, 0.0, 0.0, 0.3, 0.0)))
    assert nose_down == pytest.approx([-9.81 * math.sin(0.3), 0.0, 9.81 * math.cos(0.3)])
    right_down, _, _ = imu(stages.scene(PLACE), stages.mounted((0.0, 0.0, 0.0, 0.0, 0.0, 0.3)))
    assert right_down == pytest.approx([0.0, -9.81 * math.sin(0.3), 9.81 * math.cos(0.3)])  # y is to the right


def test_acceleration_and_turning_appear_in_left_handed_axes():
    left_turn = {"acceleration": (2.0, 3.0, 0.0), "motion": (10.0, 0.0, 0.0, 0.0, 0.0, 0.4)}
    scene = stages.scene(PLACE, (stages.CAR, (5.0, 0.0, 0.0, 0.0, 0.0, 0.0), left_turn))
    at_origin = stages.mounted((5.0, 0.0, 0.0, 0.0, 0.0, 0.0), parent=100, spin=(0.0, 0.0, 0.4))
    force, spin, _ = imu(scene, at_origin)
    assert force == pytest.approx([2.0, -3.0, 9.81])
    assert spin == pytest.approx([0.0, 0.0, -0.4])  # to the left is negative: CARLA's yaw grows to the right
    ahead = stages.mounted((7.0, 0.0, 0.0, 0.0, 0.0, 0.0), parent=100, spin=(0.0, 0.0, 0.4))
    assert imu(scene, ahead)[0] == pytest.approx([2.0 - 2.0 * 0.4**2, -3.0, 9.81])  # what a turn takes ahead of it


def test_imu_noise_and_bias_are_the_attributes():
    scenes = [stages.scene(PLACE, at_s=0.05 * k) for k in range(1, 400)]
    model = stages.sensor("sensor.other.imu", {"noise_accel_stddev_y": "0.5", "noise_gyro_bias_z": "0.25"})
    read = [stages.unpacked(model.sense(scene, stages.mounted())[0]) for scene in scenes]
    force, spin = np.array([one[0] for one in read]), np.array([one[1] for one in read])
    assert force[:, 1].std() == pytest.approx(0.5, rel=0.15) and abs(force[:, 1].mean()) < 0.1
    assert force[:, 0].std() == 0.0 and spin == pytest.approx(np.tile([0.0, 0.0, 0.25], (len(spin), 1)))


@pytest.fixture(scope="module")
def genuine():
    """The client's own maps with these geoReferences."""
    text = (FOLDER / "urban.xodr").read_text()
    begin, end = text.index("<geoReference>"), text.index("</geoReference>") + len("</geoReference>")

    def made(reference):
        xodr = text[:begin] + reference + text[end:]
        return xodr, carla.Map("town", xodr)

    references = (
        "<geoReference><![CDATA[+proj=tmerc +lat_0=49.0 +lon_0=8.5 +k=1 +ellps=WGS84]]></geoReference>",
        "<geoReference>+proj=utm +zone=32</geoReference>",
        "<geoReference>+proj=merc +lon_0=-120.75 +lat_0=-33.5e0 +x_0=100</geoReference>",
        "",
        text[begin:end],
    )
    return [made(one) for one in references]


@pytest.mark.parametrize("which", range(5))
@given(x=st.floats(-20_000.0, 20_000.0), y=st.floats(-20_000.0, 20_000.0))
def test_places_agree_with_the_genuine_client(genuine, which, x, y):
    xodr, reader = genuine[which]
    expected = reader.transform_to_geolocation(carla.Location(x=x, y=y, z=0.0))
    single_x, single_y = float(np.float32(x)), float(np.float32(y))
    latitude, longitude = geolocation(origin_of(xodr), single_x, single_y)
    assert latitude == pytest.approx(expected.latitude, abs=1e-9)
    assert longitude == pytest.approx(expected.longitude, abs=1e-9)


def test_a_map_without_a_place_is_where_the_client_puts_it():
    assert origin_of("<OpenDRIVE/>") == DEFAULT
    assert geolocation(DEFAULT, 0.0, 0.0) == pytest.approx(DEFAULT)


def test_a_receiver_reports_its_place_with_bias():
    place = stages.mounted((100.0, -200.0, 3.0, 0.0, 0.0, 0.0))
    exact = gnss(stages.scene(PLACE), place)
    assert exact == pytest.approx([*geolocation(origin_of(PLACE.xodr), 100.0, 200.0), 3.0])
    biased = gnss(stages.scene(PLACE), place, noise_lat_bias=0.001, noise_alt_bias=-2.0)
    assert np.subtract(biased, exact) == pytest.approx([0.001, 0.0, -2.0])


def test_gnss_noise_is_normal_and_its_own():
    model = stages.sensor("sensor.other.gnss", {"noise_alt_stddev": "2.0"})
    other = stages.sensor("sensor.other.gnss", {"noise_alt_stddev": "2.0", "noise_seed": "5"})
    scenes = [stages.scene(PLACE, at_s=0.05 * k) for k in range(1, 400)]
    heights = [stages.unpacked(model.sense(scene, stages.mounted())[0])[2] for scene in scenes]
    assert np.std(heights) == pytest.approx(2.0, rel=0.15) and np.mean(heights) == pytest.approx(1.5, abs=0.4)
    assert stages.unpacked(other.sense(scenes[0], stages.mounted())[0])[2] != heights[0]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("imu", "noise_accel_stddev_x", "-1"), ("imu", "noise_gyro_bias_y", "inf"), ("imu", "noise_seed", "1.5"),
        ("gnss", "noise_lat_stddev", "-0.1"), ("gnss", "noise_alt_bias", "nan"), ("gnss", "noise_seed", "1e30"),
    ],
)  # fmt: skip
def test_absurd_noise_is_refused(kind, name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor(f"sensor.other.{kind}", {name: value})
