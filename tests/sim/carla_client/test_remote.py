"""The helper process: nobody there, a server that never answers, a helper that dies; every call has an end."""

import json
import os
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from sim.carla_client.address import Address
from sim.carla_client.remote import RemoteWire
from sim.carla_client.wire import NOBODY, Pedals, SpawnOrder
from stack.vocabulary import MachineryError, MissingPart
from tests.sim.carla_server.processes import serving, until

pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
NO_PLACES = np.zeros((0, 9))


def at(port, timeout_s=10.0):
    return Address(host="127.0.0.1", port=port, timeout_s=timeout_s)


def children():
    """Helper processes of this one."""
    found = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True)
    return [line for line in found.stdout.splitlines() if "carla_client.helper" in line]


def test_a_port_where_nobody_listens_is_told_at_once_with_the_mend():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MissingPart, match="faultline serve"):
        RemoteWire(at(port))
    assert not children()


def test_somebody_who_never_answers_is_given_up_in_time():
    silent = socket.create_server(("127.0.0.1", 0), backlog=8)  # the system takes connections, nobody else does
    with silent, pytest.raises(MissingPart, match="time-out"):
        RemoteWire(at(silent.getsockname()[1], timeout_s=1.0))
    assert not children()


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


def actors(server):
    """Ids of all actors on the server that a client has made, and whether it is synchronous."""
    script = (
        "import carla, json\n"
        f"client = carla.Client('127.0.0.1', {server.port})\nclient.set_timeout(10.0)\nworld = client.get_world()\n"
        "made = [a.id for a in world.get_actors() if a.type_id.split('.')[0] in ('vehicle', 'walker', 'sensor')]\n"
        "print(json.dumps([made, world.get_settings().synchronous_mode]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_wire_that_is_closed_leaves_nothing_behind(server):
    wire = RemoteWire(at(server.port))
    wire.hold(0.01)
    made = wire.facts().ids
    assert "vehicle.faultline.truck_n3_rigid" in made
    wire.tick(NOBODY, Pedals(), (), NO_PLACES)
    assert actors(server)[1] is True
    wire.close()
    wire.close()
    assert actors(server) == [[], False]
    assert not children()


def test_a_helper_that_dies_is_an_error_with_a_mend_and_another_one_cleans_up(server):
    wire = RemoteWire(at(server.port))
    wire.hold(0.01)
    order = SpawnOrder(name="hero", blueprint="vehicle.faultline.car_m1", x_m=0.0, y_m=0.0, z_m=40.0, yaw_rad=0.0)
    [one] = wire.spawn((order,))
    wire.watch(one.actor_id, (one.actor_id,))
    wire.tick(one.actor_id, Pedals(), (), NO_PLACES)
    assert len(actors(server)[0]) == 2, "the vehicle and its collision sensor"
    wire._process.send_signal(signal.SIGKILL)
    with pytest.raises(MachineryError, match="died"):
        wire.tick(one.actor_id, Pedals(), (), NO_PLACES)
    wire.close()
    assert until(lambda: actors(server) == [[], False], wait_s=10.0)


def test_a_server_that_stops_ticking_ends_the_run_in_time(server):
    wire = RemoteWire(at(server.port, timeout_s=3.0))
    wire.hold(0.01)
    wire.tick(NOBODY, Pedals(), (), NO_PLACES)
    server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(MachineryError, match="tick"):
            wire.tick(NOBODY, Pedals(), (), NO_PLACES)
    finally:
        server.process.send_signal(signal.SIGCONT)
    wire.close()
    assert until(lambda: actors(server) == [[], False], wait_s=10.0)
    assert not children()


def test_a_parent_that_is_killed_leaves_nothing_behind_either(server):
    script = (
        "from sim.carla_client.address import Address\nfrom sim.carla_client.remote import RemoteWire\n"
        "from sim.carla_client.wire import SpawnOrder\n"
        f"wire = RemoteWire(Address(host='127.0.0.1', port={server.port}))\nwire.hold(0.01)\n"
        "wire.spawn((SpawnOrder(name='hero', blueprint='vehicle.faultline.car_m1', x_m=0.0, y_m=0.0, z_m=40.0,"
        " yaw_rad=0.0),))\n"
        "import numpy\nfrom sim.carla_client.wire import Pedals\nwire.tick(0, Pedals(), (), numpy.zeros((0, 9)))\n"
        "print('ready', flush=True)\nimport threading\nthreading.Event().wait(30)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline().strip() == "ready"
    assert len(actors(server)[0]) == 1
    parent.kill()
    parent.communicate()
    assert until(lambda: actors(server) == [[], False], wait_s=10.0)
