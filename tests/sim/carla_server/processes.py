"""Servers and genuine clients as processes of their own: a client that waits holds the GIL, so they never share one.

    with serving() as server:                        # `faultline serve` on a free pair of ports
        answer = in_client(server, ticks, 100)       # calls ticks(client, 100) in a client's process

`ticks` is a function of a test module; what it returns comes back through JSON.
"""

import contextlib
import dataclasses
import faulthandler
import importlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FAULTLINE = ("-m", "scenarios.command", "serve")
TOY = ("-m", "tests.sim.carla_server.toy")
READY = re.compile(r"127\.0\.0\.1:(\d+)")
ANSWER = "answer: "


def pause(seconds):
    """Wait, where another process must get on."""
    threading.Event().wait(seconds)


def until(true, wait_s=5.0):
    """Whether something becomes true in time."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        if true():
            return True
        pause(0.01)
    return False


@dataclasses.dataclass(frozen=True)
class Server:
    """A server that runs. `said` is everything it wrote."""

    port: int
    process: subprocess.Popen
    _output: Path

    def said(self):
        return self._output.read_text(errors="replace")

    def memory_kb(self):
        """Resident memory, kB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

    def files(self):
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@contextlib.contextmanager
def serving(maps=None, args=(), command=FAULTLINE, ready_s=90.0):
    """A server's process on a free pair of ports of 127.0.0.1, up when it says its address; always stopped."""
    words = [sys.executable, *command, "--port", "0", *(("--maps", str(maps)) if maps else ()), *map(str, args)]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output.txt"
        with output.open("wb") as out:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT)
        try:
            yield Server(_port(process, output, ready_s), process, output)
            assert process.poll() is None, f"the server ended by itself:\n{output.read_text(errors='replace')}"
        finally:
            stop(process)


def _port(process, output, ready_s):
    until = time.monotonic() + ready_s
    while time.monotonic() < until:
        found = READY.search(output.read_text(errors="replace"))
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        pause(0.01)
    raise AssertionError(f"the server did not come up:\n{output.read_text(errors='replace')}")


def stop(process, wait_s=10.0):
    """End a process in an orderly way, or else at once. Returns its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(wait_s)
        process.kill()
    return process.wait(wait_s)


def client_process(server, function, *given, timeout_s=45.0):
    """A genuine client's process that calls function(client, *given)."""
    words = (function.__module__, function.__qualname__, str(server.port), json.dumps(given), str(timeout_s))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sim.carla_server.processes", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def answered(client, timeout_s=45.0):
    """What the function in a client's process returned; fails with its output if it did not."""
    try:
        out, err = client.communicate(timeout=timeout_s + 5.0)
    except subprocess.TimeoutExpired:
        client.kill()
        out, err = client.communicate()
    lines = [line for line in out.splitlines() if line.startswith(ANSWER)]
    assert lines, f"the client gave no answer (exit status {client.returncode}):\n{out}\n{err}"
    return json.loads(lines[-1].removeprefix(ANSWER))


def in_client(server, function, *given, timeout_s=45.0):
    """Call function(client, *given) in a genuine client's process."""
    return answered(client_process(server, function, *given, timeout_s=timeout_s), timeout_s)


def _main(module, name, port, given, timeout_s):
    import carla

    faulthandler.dump_traceback_later(float(timeout_s), exit=True)
    client = carla.Client("127.0.0.1", int(port))
    client.set_timeout(20.0)
    answer = getattr(importlib.import_module(module), name)(client, *json.loads(given))
    sys.stdout.write(f"{ANSWER}{json.dumps(answer)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
