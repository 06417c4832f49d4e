"""`faultline serve` as a person starts it: what it says, what it refuses with the mend, how it ends."""

import signal
import socket
import subprocess
import sys

import pytest

from sim.episode.recording_text import Recordings
from tests.sim.carla_server.processes import until


def refused(*words):
    command = [sys.executable, "-m", "scenarios.command", "serve", "--port", "0", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("--map", "nowhere"), "maps: hills, motorway, quarter, rural, urban"),
        (("--maps", "no/such/folder"), "there is no such folder"),
        (("--town", "harbour"), "write NAME=FILE.xodr"),
        (("--town", "harbour=no/such/file.xodr"), "there is no file"),
        (("--on-leave", "forget"), "write keep or destroy"),
        (("--record", "no/such/folder/drive.log"), "there is no folder"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_mend(words, mend):
    status, said = refused(*words)
    assert status == 2
    assert mend in said
    assert "Traceback" not in said


def test_ports_that_are_taken_are_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = refused("--port", str(port)) if port < 65_000 else (2, str(port))
    assert status == 2
    assert str(port) in said


def test_a_recorded_session_is_readable_after_the_server_was_interrupted(tmp_path):
    words = ["--map", "urban", "--record", str(tmp_path / "drive.log")]
    command = [sys.executable, "-m", "scenarios.command", "serve", "--port", "0", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        while "serving CARLA" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert until(lambda: (tmp_path / "drive.log").stat().st_size > 4_000)
        process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=30.0)[1]
    assert process.returncode == 0, said
    assert "frames; stopped" in said
    text = Recordings(tmp_path).file_info("drive.log", False)
    assert "Carla/Maps/urban" in text
    assert "Frame 1" in text
