"""CARLA's wire, both ends genuine: ticks of an empty world, and pictures that are drawn already.

The client and the server are two processes that share the machine, so wall time is measured, and held
against how fast one byte goes back and forth between two processes of this machine in the same minute.
"""

import contextlib
import queue
import socket
import subprocess
import sys
import time

import pytest

from tests.benchmarks.measuring import report
from tests.sim.carla_server.processes import TOY, in_client, serving, until
from tests.sim.carla_server.test_handshake import in_step

with contextlib.suppress(ImportError):
    import carla

pytestmark = pytest.mark.benchmark_speed
TICKS, FRAMES, ECHOES, ROUNDS = 4_000, 800, 4_000, 5
ECHO = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    line, _ = server.accept()
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := line.recv(4096):
        line.sendall(data)
"""


def ticks_per_s(client, count, rounds):
    world = in_step(client)
    until(lambda: world.get_snapshot().frame)
    best = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(count):
            world.tick()
        best = max(best, count / (time.perf_counter() - began))
    return best


def frames_per_s(client, count, rounds):
    world = in_step(client)
    camera = world.spawn_actor(world.get_blueprint_library().find("sensor.camera.rgb"), carla.Transform())
    seen = queue.SimpleQueue()
    camera.listen(lambda image: seen.put(image.frame))
    until(lambda: world.tick() and not seen.empty())
    while seen.get(timeout=5.0) < world.get_snapshot().frame:
        pass
    best = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(count):
            assert world.tick() == seen.get(timeout=5.0)
        best = max(best, count / (time.perf_counter() - began))
    camera.destroy()
    return best


def echoes_per_s():
    """Round trips of one byte between two bare processes."""
    far = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
    try:
        with socket.create_connection(("127.0.0.1", int(far.stdout.readline()))) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            best = 0.0
            for _ in range(ROUNDS):
                began = time.perf_counter()
                for _ in range(ECHOES):
                    line.sendall(b"x")
                    line.recv(16)
                best = max(best, ECHOES / (time.perf_counter() - began))
    finally:
        far.wait(5.0)
        far.stdout.close()
    return best


def test_ticks_and_pictures_over_the_wire_against_a_bare_echo(capsys):
    pytest.importorskip("carla")
    with serving(command=TOY) as server:
        ticks = in_client(server, ticks_per_s, TICKS, ROUNDS)
        frames = in_client(server, frames_per_s, FRAMES, ROUNDS)
    echoes = echoes_per_s()
    report(
        capsys, "carla_wire", ticks_per_s=ticks, frames_per_s=frames, echoes_per_s=echoes,
        ticks_per_echo=ticks / echoes, frames_per_echo=frames / echoes,
    )  # fmt: skip
    assert ticks / echoes > 0.1  # 8,000 a second where 80,000 echoes are
    assert frames / echoes > 0.006  # 400 a second where 65,000 echoes are
