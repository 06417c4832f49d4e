"""CARLA's own example scripts run against our server, where FAULTLINE_CARLA_PYTHONAPI names a folder that has them."""

import os
from pathlib import Path

import pytest

from tests.public_tools import examples
from tests.public_tools.programs import client_python

NAMED = os.environ.get("FAULTLINE_CARLA_PYTHONAPI", "")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("script", examples.SCRIPTS, ids=lambda script: f"{script.file} {script.settings}".strip())
@pytest.mark.skipif(not NAMED, reason="FAULTLINE_CARLA_PYTHONAPI names no PythonAPI folder of CARLA")
def test_a_script_of_carla_runs(script):
    outcome = examples.tried(script, Path(NAMED).resolve(), client_python())
    if outcome.status == "skipped":
        pytest.skip(outcome.reason)
    assert outcome.status == "ran", examples.line(outcome)


def _folder_with(tmp_path, name, text):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / name).write_text(text)
    return tmp_path


def test_a_folder_without_examples_cannot_be_run(tmp_path, capsys):
    assert examples.main([str(tmp_path)]) == 2
    assert "has no folder examples" in capsys.readouterr().err


def test_a_script_that_is_not_there_is_skipped_with_the_reason(tmp_path, capsys):
    (tmp_path / "examples").mkdir()
    assert examples.main([str(tmp_path), "--only", "tutorial.py"]) == 2
    assert "the script is not there" in capsys.readouterr().out


def test_a_script_that_fails_is_told_with_its_last_lines(tmp_path, capsys):
    import sys

    folder = _folder_with(tmp_path, "vehicle_physics.py", "raise RuntimeError('no wheels')\n")
    assert examples.main([str(folder), "--only", "vehicle_physics.py", "--python", sys.executable]) == 1
    said = capsys.readouterr().out
    assert "exit code 1" in said and "no wheels" in said
