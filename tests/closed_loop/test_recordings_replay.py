"""Recorded runs fed back to the stack decide the same: every row of the regulation, and runs from raw sensors."""

import pytest

from scenarios.assembly import RunRequest, prepare
from scenarios.logbook.replay import replayed
from scenarios.logbook.writing import Logbook
from scenarios.orders import suite_tasks

ROWS = [task for task in suite_tasks(("r131", "must_not_brake")) if task.not_run is None]


def recorded(request, path):
    with Logbook(path) as logbook:
        played = prepare(request).play(observe=logbook.observe)
        return logbook.finish(played), played.record


@pytest.mark.prove
@pytest.mark.parametrize("task", ROWS, ids=lambda task: f"{task.suite}:{task.row_id}")
def test_every_row_of_the_regulation_replays_without_a_difference(task, tmp_path):
    path, record = recorded(task.request, tmp_path / "run.mcap")
    result = replayed(path)
    assert result.exit_code == 0, result
    assert record.record_hash == prepare(task.request).play().record.record_hash


def test_a_run_with_camera_lidar_and_a_dirty_lens_replays_and_keeps_its_hash(tmp_path):
    small = {
        "sensor.camera_image.lens.width_px": 64, "sensor.camera_image.lens.height_px": 36,
        "sensor.camera_image.lens.focal_x_px": 60.0, "sensor.camera_image.lens.focal_y_px": 60.0,
        "sensor.camera_image.lens.centre_x_px": 32.0, "sensor.camera_image.lens.centre_y_px": 18.0,
        "sensor.lidar.pattern": "velodyne_vlp_16",
    }  # fmt: skip
    request = RunRequest(
        scenario="child_crosses_ahead_of_truck", rig="pixels", faults=("camera_lens_is_dirty",), seed=1, overrides=small
    )
    path, record = recorded(request, tmp_path / "run.mcap")
    assert replayed(path).exit_code == 0
    assert record.record_hash == prepare(request).play().record.record_hash
