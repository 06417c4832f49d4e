"""The genuine client on the bare transport: it connects, ticks, listens, dies and comes back."""

import contextlib

import pytest

from tests.sim.carla_server.processes import TOY, answered, client_process, in_client, pause, serving, until
from tests.sim.carla_server.wire import Line, asynchronous, synchronous

with contextlib.suppress(ImportError):
    import carla  # only inside the client's process is it connected to anything


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("carla")
    with serving(command=TOY) as one:
        yield one


@pytest.fixture
def line(server):
    with Line(server) as one:
        asynchronous(one)
        yield one


def in_step(client, fixed_delta_s=0.05):
    """A world in synchronous mode."""
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, fixed_delta_s
    world.apply_settings(settings)
    return world


def camera_queue(world):
    """A camera and what it has seen; its listener is connected when this returns."""
    seen = []
    camera = world.spawn_actor(world.get_blueprint_library().find("sensor.camera.rgb"), carla.Transform())
    camera.listen(seen.append)
    until(lambda: world.tick() and seen)
    return camera, seen


def looks(client):
    world = client.get_world()
    snapshot = world.wait_for_tick()
    return [client.get_server_version(), world.get_map().name, snapshot.delta_seconds, len(world.get_actors())]


def ticks(client, count):
    world = in_step(client)
    frames = [world.tick() for _ in range(count)]
    snapshot = world.get_snapshot()
    return [frames, snapshot.frame, snapshot.delta_seconds]


def watches(client, count):
    world = in_step(client)
    camera, seen = camera_queue(world)
    until(lambda: seen[-1].frame == world.get_snapshot().frame)
    del seen[:]
    frames = []
    for _ in range(count):
        frames.append(world.tick())
        until(lambda: len(seen) == len(frames))
    answer = [
        frames,
        [image.frame for image in seen],
        seen[-1].width,
        seen[-1].height,
        bytes(seen[-1].raw_data[:3]).hex(),
    ]
    camera.destroy()
    return answer


def lingers(client):
    world = in_step(client)
    camera, seen = camera_queue(world)
    while True:
        world.tick()


def loses_its_camera(client, wait_s):
    world = in_step(client)
    camera, seen = camera_queue(world)
    carla.Client("127.0.0.1", client_port(client)).get_world().get_actor(camera.id).destroy()
    pause(wait_s)
    camera.stop()
    return client.get_server_version()


def client_port(client):
    """The port in the words this process was started with."""
    import sys

    del client
    return int(sys.argv[3])


def test_the_client_connects_and_sees_the_world_go_on(server, line):
    version, name, delta_s, actors = in_client(server, looks)
    assert (version, name) == ("0.9.16", "Carla/Maps/street")
    assert actors >= 1
    assert 0.03 < delta_s < 0.26


def test_the_client_ticks_and_frames_follow_one_another(server, line):
    frames, last, delta_s = in_client(server, ticks, 300)
    assert frames == list(range(frames[0], frames[0] + 300))
    assert last == frames[-1]
    assert delta_s == pytest.approx(0.05)


def test_the_client_gets_every_picture_of_every_tick_whole(server, line):
    ticked, seen, width, height, first = in_client(server, watches, 60)
    assert seen == ticked
    assert (width, height, first) == (640, 360, "000102")  # the client makes alpha 255 itself


def test_three_clients_at_once(server, line):
    clients = [client_process(server, looks) for _ in range(3)]
    assert [answered(client)[0] for client in clients] == ["0.9.16"] * 3


def test_a_client_that_is_killed_leaves_nothing_and_others_go_on(server, line):
    synchronous(line)
    present, files = line.value("callers"), server.files()
    for _ in range(3):
        dying = client_process(server, lingers)
        frame = line.value("tick_cue")
        assert until(lambda frame=frame: line.value("tick_cue") > frame + 100, 20.0)
        dying.kill()
        dying.communicate()
        assert until(lambda: line.value("callers") == present)
        assert until(lambda: server.files() <= files)
    frame = line.value("tick_cue")
    assert line.value("tick_cue") == frame + 1


def test_a_client_whose_stream_is_gone_comes_back_once_a_second_and_not_all_the_time(server, line):
    """The 0.9.16 client connects again at once where a stream is refused at once: thousands of times a second."""
    before = line.value("counts")[2]
    assert in_client(server, loses_its_camera, 3.5) == "0.9.16"
    assert 2 <= line.value("counts")[2] - before <= 6
