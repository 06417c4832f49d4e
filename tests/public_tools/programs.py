"""Where public client programs run: their environment, free ports and the server they talk to."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-scenic"
MEND = "make .venv-scenic/ready"
# Scenic asks for a Traffic Manager this many ports above the server's (scenic.simulators.carla.simulator).
TRAFFIC_MANAGER_OFFSET = 6000


def client_python():
    """The Python that has Scenic and what CARLA's examples import, or the one FAULTLINE_CLIENT_PYTHON names."""
    return Path(os.environ.get("FAULTLINE_CLIENT_PYTHON", ENVIRONMENT / "bin" / "python"))


def missing(python, packages):
    """Which of these packages this Python cannot find; all of them if it does not start."""
    code = "import sys, importlib.util as u; print(*(p for p in sys.argv[1:] if u.find_spec(p) is None))"
    try:
        done = subprocess.run([python, "-c", code, *packages], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return list(packages)
    return done.stdout.split()


def is_free(port):
    """Nothing listens on this port of the loopback address."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port for a server whose stream port and whose clients' Traffic Manager port are free too."""
    first = os.getpid() * 4 % 10000
    for offset in range(0, 10000, 4):
        port = 20000 + (first + offset) % 10000
        if all(is_free(each) for each in (port, port + 1, port + TRAFFIC_MANAGER_OFFSET)):
            return port
    raise AssertionError("no free ports between 20000 and 30000")


class Served:
    """`faultline serve` as a process of its own on a given port, up when this returns."""

    def __init__(self, port, *words):
        self.port = port
        self._folder = tempfile.TemporaryDirectory()
        self._output = Path(self._folder.name) / "said.txt"
        with self._output.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scenarios.command", "serve", "--port", str(port), *map(str, words)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT,
            )  # fmt: skip
        until = time.monotonic() + 90.0
        while f"127.0.0.1:{port}" not in self.said():
            if not self._lives_after(0.02) or time.monotonic() > until:
                raise AssertionError(f"the server did not come up:\n{self.stop()}")

    def said(self):
        """Everything it wrote so far."""
        return self._output.read_text(errors="replace")

    def _lives_after(self, seconds):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.lives()

    def lives(self):
        """It has not ended by itself."""
        return self._process.poll() is None

    def stop(self):
        """End it, in an orderly way if it can be had; returns everything it wrote."""
        if self.lives():
            self._process.send_signal(signal.SIGTERM)
            if self._lives_after(10.0):
                self._process.kill()
                self._process.wait()
        said = self.said()
        self._folder.cleanup()
        return said
