"""Clients that die, hang, lie and ask for the absurd: the server stays up, others notice nothing, nothing is left."""

import contextlib
import os
import signal
import socket
import struct

import msgpack
import pytest

from tests.sim.carla_server.processes import answered, client_process, in_client, pause, serving, until
from tests.sim.carla_server.scenes import DELTA_S, place, said_by, spawned, ticking, ticks
from tests.sim.carla_server.wire import Line


@pytest.fixture(scope="module")
def cleaning():
    """A server that destroys what a client leaves behind."""
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    with serving(args=("--on-leave", "destroy")) as running:
        yield running


def actors(server):
    """Ids of the actors that clients made, by hand, from the snapshot's actors."""
    with Line(server) as line:
        ids = list(range(1, 60_000))
        found = line.value("get_actors_by_id", ids)
    own = ("vehicle.", "walker.", "sensor.", "controller.", "static.prop")
    return [row[0] for row in found if row[2][1].startswith(own)]


# -- sudden death ---------------------------------------------------------------------------------


def lively(client, spot):
    """A client in the midst of everything: cars, sensors, walkers, batches, ticks; until it is killed."""
    import sys

    import carla

    world = client.get_world()
    library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
    made = [world.try_spawn_actor(library.find("vehicle.tesla.model3"), points[spot + 2 * k]) for k in range(3)]
    made = [one for one in made if one is not None]
    images = []
    for kind in ("camera.rgb", "lidar.ray_cast", "other.imu", "other.collision"):
        sensor = world.spawn_actor(library.find(f"sensor.{kind}"), carla.Transform(carla.Location(z=2.0)), made[0])
        sensor.listen(images.append)
        made.append(sensor)
    sys.stdout.write("lively\n")
    sys.stdout.flush()
    while True:
        command = carla.command
        control = carla.VehicleControl(throttle=0.5)
        client.apply_batch_sync([command.ApplyVehicleControl(one.id, control) for one in made[:2]], False)
        world.wait_for_tick()
        del images[:]


def witness(client, count):
    """A client that just lives on; it must see every frame, and its car must stay."""
    world = client.get_world()
    points = world.get_map().get_spawn_points()
    car = world.spawn_actor(world.get_blueprint_library().find("vehicle.audi.tt"), points[60])
    frames = []
    for _ in range(count):
        frames.append(world.wait_for_tick().frame)
    alive = car.is_alive
    car.destroy()
    return [alive, max(b - a for a, b in zip(frames, frames[1:], strict=False))]


def test_clients_that_are_killed_in_the_midst_of_things_leave_no_actors_and_no_sockets(cleaning):
    in_client(cleaning, witness, 5)
    files, memory_kb = cleaning.files(), 0
    beside = client_process(cleaning, witness, 120)
    for turn in range(3):
        victim = client_process(cleaning, lively, 4 + 10 * turn)
        assert "lively" in victim.stdout.readline()
        pause(0.3 + 0.1 * turn)
        victim.send_signal(signal.SIGKILL)
        victim.wait(5.0)
        for pipe in (victim.stdout, victim.stderr):
            pipe.close()
        memory_kb = memory_kb or cleaning.memory_kb()
    alive, gap = answered(beside)
    assert alive
    assert gap <= 30  # frames may pass while Python waits for its turn, but it never stops
    assert until(lambda: actors(cleaning) == [])
    assert until(lambda: cleaning.files() <= files)
    assert cleaning.memory_kb() - memory_kb < 60_000


def held_up(client, count):
    """In synchronous mode a client that was stopped for a while holds nobody up for ever."""
    with ticking(client) as world:
        frames = [world.tick() for _ in range(count)]
        return frames[-1] - frames[0]


@pytest.mark.prove  # it takes as long as a listener may take nothing: ten seconds
def test_a_client_that_is_stopped_while_it_listens_does_not_hold_up_the_ticks_of_others_for_ever(cleaning):
    sleeper = client_process(cleaning, lively, 4)
    try:
        assert "lively" in sleeper.stdout.readline()
        sleeper.send_signal(signal.SIGSTOP)
        pause(0.2)
        assert in_client(cleaning, held_up, 200, timeout_s=60.0) == 199
    finally:
        sleeper.kill()
        sleeper.wait(5.0)
        for pipe in (sleeper.stdout, sleeper.stderr):
            pipe.close()
    assert until(lambda: actors(cleaning) == [])


def gone(client):
    """What the calls that a Traffic Manager makes of its own accord say of an actor that has just gone."""
    with ticking(client) as world:
        car = spawned(world, spot=4)
        before = car.bounding_box.extent.x
        said = said_by(lambda: car.get_physics_control())
        return [car.id, before, said]


def test_the_box_of_an_actor_that_has_just_gone_is_still_known_because_a_refusal_ends_a_traffic_manager(cleaning):
    actor_id, half_m, said = in_client(cleaning, gone)
    assert said == ""
    with Line(cleaning) as line:
        assert line.value("get_actor_bounding_box", actor_id)[1][0] == pytest.approx(half_m)
        assert "not found" in line.refusal("get_actor_bounding_box", 10**6)
        assert "not found" in line.refusal("get_physics_control", actor_id)


# -- half-open, garbage -----------------------------------------------------------------------------


def test_half_open_sockets_and_garbage_on_both_ports_disturb_nobody(cleaning):
    in_client(cleaning, witness, 5)
    files = cleaning.files()
    beside = client_process(cleaning, witness, 120)
    with contextlib.ExitStack() as open_ones:
        for number in range(40):
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", cleaning.port + number % 2), 5.0))
            one.settimeout(1.0)
            with contextlib.suppress(OSError):
                one.sendall(
                    (b"\x94\x00\x01", os.urandom(300), b"\xdd\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n")[number % 4]
                )
                if number % 3 == 0:
                    one.shutdown(socket.SHUT_WR)
                if number % 5 == 0:  # a reset, not an orderly end
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    one.close()
        pause(0.5)
        alive, gap = answered(beside)
    assert alive
    assert gap <= 30
    assert until(lambda: cleaning.files() <= files)


# -- the absurd -------------------------------------------------------------------------------------


def absurd(client):
    import carla

    with ticking(client) as world:
        library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
        calm = spawned(world, "vehicle.audi.tt", 60)
        before = place(calm)
        car = spawned(world, spot=4)
        huge, command = carla.Vector3D(1e30, -1e30, 1e30), carla.command
        said = {}
        camera = library.find("sensor.camera.rgb")
        for name, value in (("image_size_x", "0"), ("image_size_x", "-1"), ("image_size_y", "100000000"), ("fov", "0"),
                            ("fov", "1e9"), ("sensor_tick", "-3")):  # fmt: skip
            camera = library.find("sensor.camera.rgb")
            camera.set_attribute(name, value)
            said[f"{name} {value}"] = said_by(lambda camera=camera: world.spawn_actor(camera, carla.Transform()))
        far = carla.Transform(carla.Location(1e30, 1e30, -1e30), carla.Rotation(1e20, 1e20, 1e20))
        said["far"] = said_by(lambda: world.spawn_actor(library.find("vehicle.tesla.model3"), far))
        for act in (
            lambda: car.add_impulse(huge), lambda: car.add_force(huge), lambda: car.add_torque(huge),
            lambda: car.add_angular_impulse(huge), lambda: car.set_target_velocity(huge),
            lambda: car.set_target_angular_velocity(huge), lambda: car.enable_constant_velocity(huge),
            lambda: car.apply_control(carla.VehicleControl(throttle=1e30, steer=-1e30, brake=-5.0, gear=10**6)),
            lambda: car.apply_ackermann_control(carla.VehicleAckermannControl(steer=1e20, speed=1e20, jerk=-1e20)),
            lambda: car.set_transform(far), lambda: car.set_location(far.location),
            lambda: car.set_target_velocity(carla.Vector3D(float("nan"), 0.0, 0.0)),
            lambda: car.set_transform(carla.Transform(carla.Location(float("inf"), 0.0, 0.0))),
            lambda: world.set_weather(carla.WeatherParameters(cloudiness=1e30, sun_altitude_angle=-1e30)),
        ):  # fmt: skip
            with contextlib.suppress(RuntimeError):
                act()
            ticks(world, 2)
        sheet = car.get_physics_control()
        sheet.mass = -1.0
        with contextlib.suppress(RuntimeError):
            car.apply_physics_control(sheet)
        ticks(world, 2)
        batch = [command.DestroyActor(2**31 + k) for k in range(20_000)]
        errors = client.apply_batch_sync(batch, True)
        said["batch"] = sum(bool(one.error) for one in errors)
        many = [command.ApplyVehicleControl(calm.id, carla.VehicleControl()) for _ in range(20_000)]
        said["many"] = sum(bool(one.error) for one in client.apply_batch_sync(many, True))
        world.set_weather(carla.WeatherParameters.Default)
        car.destroy()
        frame = world.tick()
        again = spawned(world, spot=8)
        after, drives = place(calm), []
        again.apply_control(carla.VehicleControl(throttle=1.0))
        ticks(world, 30)
        drives = again.get_velocity().length()
        return {"said": said, "before": before, "after": after, "frame": frame, "drives": drives,
                "points": len(points)}  # fmt: skip


def test_absurd_arguments_are_refused_or_bounded_and_move_nobody_else(cleaning):
    answer = in_client(cleaning, absurd, timeout_s=60.0)
    said = answer["said"]
    for name in ("image_size_x 0", "image_size_x -1", "image_size_y 100000000", "fov 0", "fov 1e9", "sensor_tick -3"):
        assert name.split()[0] in said[name], name
    assert said["batch"] == 20_000
    assert said["many"] == 0
    assert answer["before"] == pytest.approx(answer["after"], abs=1e-3)
    assert answer["drives"] > 4.0
    assert "traceback" not in cleaning.said().lower(), cleaning.said()[-2000:]


def by_hand(server):
    """Calls that the genuine client would not make, straight on the wire; the server's failures among the answers."""
    failures = []
    with Line(server) as line:
        known = line.value("get_actor_definitions")
        car = next(row for row in known if row[1] == "vehicle.tesla.model3")
        fields = [[one[0], one[1], one[2]] for one in car[3]]
        for raw in (
            (-1, car[1], fields), (2**40, "vehicle.nothing", []), (car[0], car[1], [["x", 9, "\0"]] * 500),
            (car[0], "", [[]]), (0, "spectator", []), (0, "traffic.traffic_light", []),
        ):  # fmt: skip
            failures.append(line.call("spawn_actor", raw, ((0.0, 0.0, 80.0), (0.0, 0.0, 0.0))))
        for name, arguments in (
            ("destroy_actor", (-5,)), ("destroy_actor", (2**63,)), ("destroy_actor", (1,)),
            ("get_actors_by_id", ([-1, 2**60],)), ("get_sensor_token", (2**31,)),
            ("set_actor_transform", (-1, ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))), ("get_physics_control", (0,)),
            ("apply_batch", ([[[0, []]], [[99, [1]]], [[-1, [1]]], [], [[2]], 7], False)),
            ("load_new_episode", ("../../etc/passwd", False, 0)), ("copy_opendrive_to_file", ("x" * 100_000, [])),
            ("set_episode_settings", ([True, False, [True, -1.0]],)),
            ("set_episode_settings", ([True, False, [True, 1e9]],)),
            ("request_file", ("../../../etc/passwd",)), ("cast_ray", ((1e300, 0.0, 0.0), (-1e300, 0.0, 0.0))),
            ("project_point", ((0.0, 0.0, 1e30), (0.0, 0.0, 0.0), 1e30)), ("start_recorder", ("x" * 5000, False)),
            ("replay_file", ("no", 1e300, -1e300, -1, False, ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))),
            ("get_group_traffic_lights", (-1,)), ("set_traffic_light_state", (3, 77)), ("open_vehicle_door", (1, 900)),
            ("set_weather_parameters", ([],)), ("get_level_bounding_boxes", (255,)), ("set_imui_gravity", (-9.81,)),
            ("add_traffic_manager_running", (("x" * 10_000, 70_000),)), ("destroy_traffic_manager", (-1,)),
        ):  # fmt: skip
            failures.append(line.call(name, *arguments))
        line.call("stop_recorder")
        line.call("destroy_traffic_manager", 70_000)
    return [one for one in failures if "the server failed" in str(one)]


def test_calls_no_client_makes_are_refused_in_order_and_do_nothing(cleaning):
    assert by_hand(cleaning) == []
    assert actors(cleaning) == []
    assert in_client(cleaning, held_up, 20) == 19


def crowded(client):
    """As many cars as are allowed, and one more; then all gone again."""
    import carla

    with ticking(client) as world:
        car = world.get_blueprint_library().find("sensor.other.gnss")
        command = carla.command
        at = [carla.Transform(carla.Location(float(k), 0.0, 50.0)) for k in range(5_100)]
        made = client.apply_batch_sync([command.SpawnActor(car, one) for one in at], True)
        refused = [one.error for one in made if one.error]
        ticks(world, 3)
        left = len(world.get_actors())
        client.apply_batch_sync([command.DestroyActor(one.actor_id) for one in made if not one.error], True)
        world.tick()
        return [len(refused), refused[:1], left, len(world.get_actors().filter("sensor.*"))]


def test_more_actors_than_allowed_are_refused_and_the_others_live(cleaning):
    count, said, most, left = in_client(cleaning, crowded, timeout_s=60.0)
    assert count > 50
    assert "actors already" in said[0]
    assert most == 5_000
    assert left == 0


def come_and_go(client):
    with ticking(client, DELTA_S) as world:
        spawned(world, spot=4)
        return world.tick()


def test_clients_that_come_and_go_leave_memory_and_sockets_as_they_were(cleaning):
    for _ in range(2):
        in_client(cleaning, come_and_go)
    pause(0.2)
    files, memory_kb = cleaning.files(), cleaning.memory_kb()
    for _ in range(5):
        in_client(cleaning, come_and_go)
    assert until(lambda: cleaning.files() <= files)
    assert cleaning.memory_kb() - memory_kb < 4_000


def test_a_request_that_unpacks_to_something_huge_is_refused(cleaning):
    with Line(cleaning) as line:
        line.write(msgpack.packb([0, 1, "apply_batch", [[False], [[0]] * 200_000, False]]))
        answer = line.message()
    assert "a batch may have" in str(answer)
    assert in_client(cleaning, held_up, 10) == 9
