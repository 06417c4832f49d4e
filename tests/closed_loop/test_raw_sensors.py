"""Runs with raw sensors: drawn frames are part of the record's hash, change nothing else, and repeat byte for byte."""

import subprocess
import sys
from functools import lru_cache

import pytest

from scenarios.assembly import RunRequest, prepare
from sim.observing import Deaf
from stack.vocabulary import CameraImage, GnssFix, InertialSample, InputError, LidarScan, topics

CHILD = "child_crosses_ahead_of_truck"
SMALL = {
    "sensor.camera_image.lens.width_px": 64,
    "sensor.camera_image.lens.height_px": 36,
    "sensor.camera_image.lens.focal_x_px": 60.0,
    "sensor.camera_image.lens.focal_y_px": 60.0,
    "sensor.camera_image.lens.centre_x_px": 32.0,
    "sensor.camera_image.lens.centre_y_px": 18.0,
    "sensor.lidar.pattern": "velodyne_vlp_16",
}
RAW_FAULT = """
title: The window before the lens is scratched
why: {risk: "Edges are smeared.", source: "IEC 60529 (housing and window)"}
taxonomy: camera.optics.scratches
trigger: {at_s: 2.0}
duration_s: 1.0
effect: {kind: scratches, topic: camera, count: 20}
expects: {diagnoses: [], modes: [nominal], recovers: true}
"""


def request(rig="pixels", seed=1, faults=(), **changes):
    overrides = {**(SMALL if rig == "pixels" else {}), **changes}
    return RunRequest(scenario=CHILD, rig=rig, seed=seed, faults=tuple(faults), overrides=overrides)


class Keeper(Deaf):
    def __init__(self):
        self.sensed = {}

    def note_sensed(self, message):
        self.sensed.setdefault(message.topic, []).append(message)


@lru_cache(maxsize=8)
def played(rig="pixels", seed=1, faults=(), changes=()):
    keeper = Keeper()
    run = prepare(request(rig, seed, faults, **dict(changes))).play(observe=lambda playing: keeper)
    return run.record, keeper.sensed


def test_every_raw_sensor_of_the_rig_speaks_at_its_rate():
    record, sensed = played()
    seconds = record.ended_at / 1e9
    for topic, kind, rate in (
        (topics.CAMERA_IMAGE, CameraImage, 20.0),
        (topics.LIDAR, LidarScan, 10.0),
        (topics.GNSS, GnssFix, 10.0),
        (topics.INERTIAL, InertialSample, 100.0),
    ):
        assert {type(message.payload) for message in sensed[topic]} == {kind}
        assert len(sensed[topic]) == pytest.approx(rate * seconds, abs=2)


def test_raw_sensors_leave_truth_and_decisions_as_they_were():
    bare, drawn = played("objects")[0], played()[0]
    assert drawn.truth.tobytes() == bare.truth.tobytes()
    assert [m.payload for m in drawn.decisions] == [m.payload for m in bare.decisions]
    assert drawn.jobs == bare.jobs
    assert drawn.record_hash != bare.record_hash  # the frames are in it


def test_nobody_looking_gives_the_same_record():
    assert prepare(request()).play().record.record_hash == played()[0].record_hash


def test_only_the_raw_noise_differs_and_the_hash_tells():
    clean = (("sensor.camera_image.imager.noisy", False),)
    quiet = played(changes=clean)[0]
    assert quiet.truth.tobytes() == played()[0].truth.tobytes()
    assert quiet.record_hash != played()[0].record_hash


def test_another_process_with_another_hash_seed_draws_the_same_bytes():
    text = (
        "from tests.closed_loop.test_raw_sensors import request\n"
        "from scenarios.assembly import prepare\n"
        "print(prepare(request()).play().record.record_hash)"
    )
    said = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "77"}
    )
    assert said.stdout.split()[-1] == played()[0].record_hash


def test_a_fault_that_needs_pixels_acts_on_them_and_on_nothing_else(tmp_path):
    path = tmp_path / "camera_window_scratches.yaml"
    path.write_text(RAW_FAULT)
    record, sensed = played(faults=(str(path),))
    clean, clean_sensed = played()
    assert record.faults[0].altered == 20
    assert not record.faults[0].skipped
    assert record.truth.tobytes() == clean.truth.tobytes()
    for other, mine in zip(clean_sensed[topics.CAMERA_IMAGE], sensed[topics.CAMERA_IMAGE], strict=True):
        spoilt = 2_000_000_000 <= mine.true_at < 3_000_000_000
        assert spoilt or mine.true_at >= 3_000_000_000 or mine.payload == other.payload
        assert not spoilt or mine.payload != other.payload


def test_a_fault_of_a_sensor_the_run_lacks_is_refused_with_the_mend():
    with pytest.raises(InputError, match="this run has no lidar: take a --rig that has, say pixels"):
        prepare(request("objects", faults=("lidar_loses_points",)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sensor.camera_image.lens.focal_x_px": -5.0}, "focal"),
        ({"sensor.camera_image.lens.width_px": 1_000_000}, "width"),
        ({"sensor.camera_image.lens.width_pixels": 3}, "did you mean"),
        ({"sensor.camera_image.coding": "bmp"}, "must be one of rgb8, bayer_rggb8, jpeg"),
        ({"sensor.lidar.pattern": "velodyne_hdl_65e"}, "velodyne_hdl_64e"),
        ({"sensor.radars.x": 3}, "did you mean 'radar'"),
    ],
)
def test_what_no_sensor_can_be_made_of_is_refused_before_the_clock_starts(changes, said):
    with pytest.raises(InputError, match=said):
        prepare(request(**changes))
