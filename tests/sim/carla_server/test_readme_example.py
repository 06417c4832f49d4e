"""The README's ten lines of CARLA are true: they run as they stand against the server."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.sim.carla_server.processes import serving

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture
def own():
    """A server of its own: the example leaves its car behind."""
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    with serving() as running:
        yield running


def test_the_readmes_example_drives_and_takes_pictures(own, tmp_path):
    text = re.search(r"```python\n# drive.py\n(.*?)```", README.read_text(encoding="utf-8"), re.S)[1]
    program = text.replace('"127.0.0.1", 2000', f'"127.0.0.1", {own.port}')
    program = re.sub(r"\b8000\b", str(own.port + 7 if own.port < 60_000 else own.port - 7), program)
    tail = "\nprint('way', round(car.get_location().distance(start.location)), flush=True)\n"
    tail += "__import__('os')._exit(0)  # a client with a Traffic Manager may abort on its way out\n"
    (tmp_path / "drive.py").write_text(program + tail)
    done = subprocess.run(
        [sys.executable, "drive.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    way_m = int(re.search(r"way (\d+)", done.stdout)[1])
    pictures = sorted((tmp_path / "out" / "drive").glob("*.png"))
    assert way_m > 10
    assert len(pictures) >= 90  # the last ones may still be on their way when the client ends
    assert cv2.imread(str(pictures[-1])).std() > 20.0
