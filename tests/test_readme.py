"""The README's own-stack example is true: it is short, it installs by entry point, and it runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def example():
    return re.search(r"```python\n# my_stack.py\n(.*?)```", README, re.S).group(1)


def installed(folder):
    """The example as a distribution with an entry point, as pip would leave it."""
    (folder / "my_stack.py").write_text(example())
    info = folder / "my_stack-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-stack\nVersion: 0.1\n")
    line = re.search(r'radar_brake = "(.*?)"', README).group(1)
    (info / "entry_points.txt").write_text(f"[faultline.stacks]\nradar_brake = {line}\n")
    (info / "RECORD").write_text("my_stack.py,,\n")
    return {**os.environ, "PYTHONPATH": str(folder)}


def faultline(environment, *words):
    command = [sys.executable, "-m", "scenarios.command", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100)


def test_the_example_has_fewer_than_forty_lines():
    assert example().count("\n") < 40


def test_the_example_stack_brakes_for_a_car_and_for_a_steel_plate(tmp_path):
    environment = installed(tmp_path)
    done = faultline(
        environment,
        "run",
        "truck_meets_stationary_car",
        "truck_drives_over_steel_plate",
        "--stack",
        "radar_brake",
        "--json",
    )
    runs = {run["scenario"]: run for run in json.loads(done.stdout)["runs"]}
    car, plate = runs["truck_meets_stationary_car"], runs["truck_drives_over_steel_plate"]
    assert done.returncode == 1, done.stderr
    assert car["metrics"]["impact_speed_mps"] is None or car["metrics"]["impact_speed_mps"] < 22.0
    assert plate["verdict"] == "fail"
    assert "braking" in plate["number"]


def test_every_command_the_readme_names_exists():
    help_text = faultline(dict(os.environ), "--help").stdout
    for verb in set(re.findall(r"^faultline (\w+)", README, re.M)):
        assert verb in help_text
