"""Faults of lidar, GNSS, inertial unit, radar detections and stamps: each does what it says, in its own unit."""

from dataclasses import replace
from math import cos

import numpy as np
import pytest

from faults import clouds, navigation
from faults.chance import chance_of
from faults.stamps import StampOffset
from stack.vocabulary import FixKind, GnssFix, InertialSample, LidarScan, Message, SimNs, ns_from_s
from tests.faults.stand_ins import PAYLOADS, ClearSensor, PerfectLine, open_window

RINGS = 16
BEARINGS = np.radians(np.arange(0.0, 360.0, 1.0))
FIX = GnssFix(
    kind=FixKind.SINGLE, latitude_rad=0.85, longitude_rad=0.15, height_m=300.0, horizontal_sigma_m=1.5,
    vertical_sigma_m=3.0, speed_mps=20.0, course_rad=0.1, satellites=14,
)  # fmt: skip
SAMPLE = InertialSample(
    force_x_mps2=0.1, force_y_mps2=0.0, force_z_mps2=9.81, rate_x_radps=0.0, rate_y_radps=0.0, rate_z_radps=0.02
)


def scan():
    bearing = np.tile(BEARINGS, RINGS)
    points = np.column_stack(
        (20.0 * np.cos(bearing), 20.0 * np.sin(bearing), np.zeros_like(bearing), bearing * 0 + 0.5)
    )
    return LidarScan(
        points=points.astype(np.float32),
        rings=np.repeat(np.arange(RINGS), len(BEARINGS)).astype(np.uint8),
        offsets_ns=np.zeros(len(points), dtype=np.int32),
    )


def disturbed(fault, slot_s=1.5):
    window = open_window("f", 1.0, 2.0)
    lidar = fault.wrap_sensor("lidar", ClearSensor(lambda slot: scan()), window, 7)
    return lidar.sense(None, SimNs(ns_from_s(slot_s))), window


def test_a_blocked_sector_is_empty_and_the_rest_is_whole():
    made, window = disturbed(clouds.SectorBlock(name="f", from_deg=-40.5, to_deg=5.5))
    bearing = np.degrees(np.arctan2(made.points[:, 1], made.points[:, 0]))
    assert not ((bearing > -40.0) & (bearing < 5.0)).any()
    assert len(made.points) == RINGS * (360 - 46)
    assert window.altered == 1


def test_a_sector_may_lie_across_the_back():
    made, _ = disturbed(clouds.SectorBlock(name="f", from_deg=170.5, to_deg=-169.5))
    assert len(made.points) == RINGS * (360 - 20)


@pytest.mark.parametrize("loss", [0.1, 0.7, 1.0])
def test_points_are_lost_at_the_stated_rate_and_others_in_each_scan(loss):
    first, _ = disturbed(clouds.PointLoss(name="f", loss_ratio=loss), 1.2)
    second, _ = disturbed(clouds.PointLoss(name="f", loss_ratio=loss), 1.3)
    assert len(first.points) == pytest.approx((1.0 - loss) * RINGS * 360, abs=0.03 * RINGS * 360)
    assert loss == 1.0 or not np.array_equal(first.points, second.points)


def test_a_ghost_stands_where_it_is_stated_with_its_size():
    made, _ = disturbed(clouds.CloudGhost(name="f", x_m=10.0, y_m=-3.0, width_m=2.0, points_per_scan=500))
    ghost = made.points[RINGS * 360 :]
    assert len(ghost) == 500
    assert ghost[:, 0] == pytest.approx(10.0, abs=0.05)
    assert ghost[:, 1].mean() == pytest.approx(-3.0, abs=0.1)
    assert 1.9 < np.ptp(ghost[:, 1]) <= 2.0


def test_crosstalk_adds_as_many_points_as_stated_within_its_range():
    made, _ = disturbed(clouds.Crosstalk(name="f", points_per_scan=300, range_m=50.0))
    strangers = made.points[RINGS * 360 :]
    assert len(strangers) == 300
    assert np.linalg.norm(strangers[:, :3], axis=1).max() <= 50.0
    assert np.array_equal(made.points[: RINGS * 360], scan().points)


@pytest.mark.parametrize(
    "fault",
    [
        clouds.SectorBlock(name="f", from_deg=0.0, to_deg=90.0),
        clouds.PointLoss(name="f", loss_ratio=0.5),
        clouds.CloudGhost(name="f", x_m=10.0, y_m=0.0),
        clouds.Crosstalk(name="f", points_per_scan=10),
    ],
)
def test_a_lidar_is_left_alone_outside_the_window_and_by_name(fault):
    made, window = disturbed(fault, 2.5)
    assert np.array_equal(made.points, scan().points)
    assert window.altered == 0
    named, sensor = replace(fault, lidar="roof"), ClearSensor(lambda slot: scan())
    assert named.wrap_sensor("lidar", sensor, window, 7) is sensor
    assert named.wrap_sensor("lidar/roof", sensor, window, 7) is not sensor


def sensed(fault, topic, payloads, instants):
    window, given = open_window("f", 1.0, 3.0), iter(payloads)
    inner = ClearSensor(lambda slot: next(given))
    sensor, made = fault.wrap_sensor(topic, inner, window, 7), []
    for at in instants:
        made.append(sensor.sense(None, SimNs(ns_from_s(at))))
    return made, window


def metres_between(one, other):
    north_m = (other.latitude_rad - one.latitude_rad) * 6_367_000.0
    east_m = (other.longitude_rad - one.longitude_rad) * 6_390_000.0 * cos(one.latitude_rad)
    return east_m, north_m


def test_a_position_jumps_by_the_stated_metres_and_keeps_its_sigma():
    made, window = sensed(navigation.GnssJump(name="f", east_m=8.0, north_m=15.0), "gnss", [FIX, FIX], [0.5, 1.5])
    assert made[0] == FIX
    assert metres_between(FIX, made[1]) == pytest.approx((8.0, 15.0), rel=0.01)
    assert made[1].horizontal_sigma_m == FIX.horizontal_sigma_m
    assert window.altered == 1


def test_without_satellites_the_last_position_stands():
    later = replace(FIX, latitude_rad=0.9)
    made, _ = sensed(navigation.GnssOutage(name="f"), "gnss", [FIX, later, later], [0.5, 1.5, 3.5])
    assert (made[1].latitude_rad, made[1].kind, made[1].satellites) == (FIX.latitude_rad, FixKind.NONE, 0)
    assert made[2] == later


def test_a_spoofer_carries_the_position_away_steadily():
    made, _ = sensed(navigation.GnssSpoof(name="f", east_mps=2.0, north_mps=-1.0), "gnss", [FIX] * 3, [1.0, 2.0, 2.5])
    assert made[0] == FIX
    assert metres_between(FIX, made[1]) == pytest.approx((2.0, -1.0), rel=0.01)
    assert metres_between(FIX, made[2]) == pytest.approx((3.0, -1.5), rel=0.01)


def test_a_bias_jumps_by_what_is_stated():
    fault = navigation.InertialBias(name="f", force_x_mps2=0.5, rate_z_radps=0.02)
    made, _ = sensed(fault, "inertial", [SAMPLE, SAMPLE], [0.5, 1.5])
    assert made[1].force_x_mps2 == pytest.approx(0.6)
    assert made[1].rate_z_radps == pytest.approx(0.04)
    assert made[1].force_z_mps2 == SAMPLE.force_z_mps2


def test_detections_are_missed_at_the_stated_rate():
    radar = replace(PAYLOADS["radar"](SimNs(0)), detections=PAYLOADS["radar"](SimNs(0)).detections[:1] * 50)
    fault = navigation.RadarMisses(name="f", missed_ratio=0.4)
    made, window = sensed(fault, "radar", [radar] * 40, [1.0 + 0.04 * k for k in range(40)])
    assert sum(len(one.detections) for one in made) == pytest.approx(0.6 * 2000, abs=80)
    assert window.altered == 40


def test_stamps_are_off_by_the_stated_time_and_contents_are_not():
    line, window = PerfectLine(), open_window("f", 1.0, 2.0)
    channel = StampOffset(name="f", topic="camera", offset_ns=80_000_000).wrap_channel("camera", line, window, 7)
    at = SimNs(ns_from_s(1.5))
    message = Message(
        topic="camera", sequence=1, true_at=at, published_at=at, delivered_at=at, payload=PAYLOADS["camera"](at)
    )
    arrived = channel.carry(message)[0].message
    assert arrived.true_at - at == 80_000_000
    assert arrived.payload == message.payload
    assert window.altered == 1


def test_chance_of_points_belongs_to_seed_and_slot():
    fault, chance = clouds.PointLoss(name="f", loss_ratio=0.5), chance_of(7, "f", "lidar")
    first = fault.disturbed(scan(), SimNs(5), chance)
    assert np.array_equal(first.points, fault.disturbed(scan(), SimNs(5), chance).points)
    assert not np.array_equal(first.points, fault.disturbed(scan(), SimNs(5), chance_of(8, "f", "lidar")).points)
