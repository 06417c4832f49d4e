"""Every sensor as the genuine client hears it: which frames come, and that they show what is there."""

import math

import numpy as np
import pytest

from tests.sim.carla_server.processes import in_client, until
from tests.sim.carla_server.scenes import said_by, spawned, ticking, ticks

SMALL = {"image_size_x": 160, "image_size_y": 96}
EVERY_TICK = (
    "camera.rgb", "camera.depth", "camera.semantic_segmentation", "camera.instance_segmentation", "camera.normals",
    "camera.optical_flow", "camera.dvs", "lidar.ray_cast", "lidar.ray_cast_semantic", "other.radar", "other.imu",
    "other.gnss",
)  # fmt: skip
NOSE = 2.6  # m ahead of a car's origin, before its bumper
CAR = 14  # CARLA's label
KEPT = []  # the client stops a sensor whose object is forgotten


def mounted(world, kind, bearer=None, at=(NOSE, 0.0, 1.2), **attributes):
    """A sensor on a car, or free where there is none."""
    import carla

    blueprint = world.get_blueprint_library().find(f"sensor.{kind}")
    for name, value in attributes.items():
        blueprint.set_attribute(name, str(value))
    return world.spawn_actor(blueprint, carla.Transform(carla.Location(*at)), attach_to=bearer)


def heard(sensor, what=lambda data: data.frame):
    """A list that grows with what the sensor tells."""
    found = []
    KEPT.append(sensor)
    sensor.listen(lambda data: found.append(what(data)))
    return found


def car_ahead(world, gap_m=8.0, kind="vehicle.tesla.model3", spot=4):
    """Our car and one that stands ahead, with so many metres between their bumpers."""
    import carla

    own = spawned(world, spot=spot)
    where = own.get_transform()
    blueprint = world.get_blueprint_library().find(kind)
    far = world.spawn_actor(blueprint, carla.Transform(carla.Location(0.0, 0.0, 300.0)))
    way_m = own.bounding_box.extent.x + gap_m + far.bounding_box.extent.x
    far.set_transform(carla.Transform(where.location + where.get_forward_vector() * way_m, where.rotation))
    ticks(world, 10)
    return own, far


def forward(actor, speed_mps):
    """A velocity in the actor's own axes."""
    import carla

    return carla.Vector3D(speed_mps, 0.0, 0.0)


def grid(image):
    """(height, width, 4) of an image: blue, green, red, alpha."""
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4).astype(int)


def metres(image):
    """(height, width) of a depth image."""
    parts = grid(image)
    return (parts[:, :, 2] + parts[:, :, 1] * 256 + parts[:, :, 0] * 65536) / (256**3 - 1) * 1000.0


# -- frames ---------------------------------------------------------------------------------------


def all_kinds(client):
    with ticking(client) as world:
        own, _ = car_ahead(world)
        found = {}
        for kind in EVERY_TICK:
            size = SMALL if kind.startswith("camera") else {}
            found[kind] = heard(mounted(world, kind, own, **size))
        frames = []
        for _ in range(12):
            frames.append(world.tick())
        until(lambda: all(len(one) >= len(frames) for one in found.values()), 20.0)
        return {"frames": frames, "found": found}


def test_every_sensor_tells_each_tick_once_and_in_order_from_the_first_after_listen(server):
    answer = in_client(server, all_kinds)
    assert len(answer["frames"]) == 12
    for kind, frames in answer["found"].items():
        assert frames == answer["frames"], kind


def rare_kinds(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        kinds = ("other.collision", "other.obstacle", "other.lane_invasion")
        found = [heard(mounted(world, kind, own, (0.0, 0.0, 1.0))) for kind in kinds]
        rss = world.get_blueprint_library().find("sensor.other.rss").id
        ticks(world, 10)
        return [found, rss]


def test_sensors_of_events_are_silent_where_nothing_happens(server):
    assert in_client(server, rare_kinds) == [[[], [], []], "sensor.other.rss"]


def in_time(client, periods, count):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        found = {}
        for period_s in periods:
            kinds = ("other.imu", "other.gnss", "camera.depth")
            for kind in kinds:
                size = {"image_size_x": 16, "image_size_y": 16} if kind.startswith("camera") else {}
                sensor = mounted(world, kind, own, sensor_tick=period_s, **size)
                found[f"{kind} {period_s}"] = heard(sensor, lambda data: data.timestamp)
        begun = world.get_snapshot().timestamp.elapsed_seconds
        ticks(world, count)
        until(lambda: False, 0.5)
        return {name: [time_s - begun for time_s in times] for name, times in found.items()}


def test_sensor_tick_gives_one_measurement_per_period_and_none_more(server):
    """In T seconds ceil(T / t): the first at once, the others a period after the one before."""
    periods, count, step_s = (0.0, 0.05, 0.1, 0.12, 0.5), 40, 0.05
    answer = in_client(server, in_time, periods, count)
    assert len(answer) == 3 * len(periods)
    for name, times in answer.items():
        period_s = max(float(name.split()[1]), step_s)
        assert len(times) == math.ceil(count * step_s / period_s - 1e-9), name
        assert times[0] == pytest.approx(step_s, abs=1e-5), name
        due = [step_s * math.ceil((step_s + k * period_s) / step_s - 1e-6) for k in range(len(times))]
        assert times == pytest.approx(due, abs=1e-5), name


def stopped_and_again(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        sensor = mounted(world, "other.imu", own)
        first, frames = heard(sensor), [world.tick() for _ in range(5)]
        until(lambda: len(first) >= 5)
        listening = [sensor.is_listening()]
        sensor.stop()
        listening.append(sensor.is_listening())
        ticks(world, 5)
        second = heard(sensor)
        later = [world.tick() for _ in range(5)]
        until(lambda: len(second) >= 5)
        return {"first": [first, frames], "second": [second, later], "listening": listening}


def test_a_sensor_that_was_stopped_can_be_listened_to_again(server):
    answer = in_client(server, stopped_and_again)
    assert answer["first"][0] == answer["first"][1]
    assert answer["second"][0] == answer["second"][1]
    assert answer["listening"] == [True, False]


def for_two(client):
    import carla

    with ticking(client) as world:
        own = spawned(world, spot=4)
        sensor = mounted(world, "camera.depth", own, **SMALL)
        ticks(world, 1)
        host = carla.Client("127.0.0.1", client_port())
        host.set_timeout(10.0)
        other = host.get_world()
        until(lambda: other.get_actor(sensor.id) is not None)
        theirs = other.get_actor(sensor.id)
        one = heard(sensor, lambda image: [image.frame, int(metres(image).sum())])
        two = heard(theirs, lambda image: [image.frame, int(metres(image).sum())])
        frames = [world.tick() for _ in range(6)]
        until(lambda: len(one) >= 6 and len(two) >= 6)
        theirs.stop()
        more = [world.tick() for _ in range(4)]
        until(lambda: len(one) >= 10)
        return {"frames": frames + more, "one": one, "two": two}


def client_port():
    """The server's port: the third word after the module in a client's process."""
    import sys

    return int(sys.argv[3])


def test_two_clients_hear_the_same_sensor_and_one_may_stop(server):
    answer = in_client(server, for_two)
    assert [frame for frame, _ in answer["one"]] == answer["frames"]
    assert answer["two"] == answer["one"][:6]


def unseen(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        found = [heard(mounted(world, kind, own)) for kind in ("other.imu", "lidar.ray_cast")]
        cameras = [heard(mounted(world, f"camera.{kind}", own, **SMALL)) for kind in ("rgb", "depth", "dvs")]
        settings = world.get_settings()
        settings.no_rendering_mode = True
        world.apply_settings(settings)
        ticks(world, 5)
        until(lambda: all(len(one) >= 6 for one in found))
        without = [len(one) for one in cameras + found]
        settings.no_rendering_mode = False
        world.apply_settings(settings)
        ticks(world, 3)
        until(lambda: all(len(one) >= 4 for one in cameras))
        return [without, [len(one) for one in cameras]]


def test_without_rendering_cameras_rest_and_others_go_on(server):
    without, again = in_client(server, unseen)  # the client's apply_settings ticks once by itself
    assert without == [0, 0, 0, 6, 6]
    assert again == [4, 4, 4]


def ended(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        kept, gone = mounted(world, "other.imu", own), mounted(world, "other.gnss", own)
        first, second = heard(kept), heard(gone)
        ticks(world, 4)
        until(lambda: len(first) >= 4 and len(second) >= 4)
        gone.destroy()
        ticks(world, 4)
        until(lambda: len(first) >= 8)
        after_one = [len(first), len(second)]
        own.destroy()
        ticks(world, 4)
        until(lambda: False, 0.3)
        return [after_one, [len(first), len(second)], len(world.get_actors().filter("sensor.*"))]


def test_a_destroyed_sensor_tells_no_more_and_goes_with_its_car(server):
    assert in_client(server, ended) == [[8, 4], [8, 4], 0]


def by_itself(client):
    world = client.get_world()
    own = world.spawn_actor(
        world.get_blueprint_library().find("vehicle.tesla.model3"), world.get_map().get_spawn_points()[4]
    )
    found = [heard(mounted(world, kind, own)) for kind in ("other.imu", "other.gnss")]
    for _ in range(20):
        world.wait_for_tick()
    for sensor in KEPT:
        sensor.stop()
    own.destroy()
    return found


def test_in_asynchronous_mode_each_tick_of_the_server_is_told_once(server):
    for frames in in_client(server, by_itself):
        assert len(frames) >= 15
        assert frames == list(range(frames[0], frames[0] + len(frames)))


# -- inertial, satellites, radar, obstacles, lines --------------------------------------------------


def inertial(client):
    import carla

    with ticking(client) as world:
        own = spawned(world, spot=4)
        rows = heard(mounted(world, "other.imu", own, (0.0, 0.0, 0.0)), imu_row)
        ticks(world, 20)
        until(lambda: len(rows) >= 20)
        still, yaw = rows[-1], own.get_transform().rotation.yaw
        own.apply_control(carla.VehicleControl(throttle=1.0))
        ticks(world, 30)
        until(lambda: len(rows) >= 50)
        faster = rows[-10:]
        own.apply_control(carla.VehicleControl(throttle=0.3, steer=0.4))
        ticks(world, 16)
        until(lambda: len(rows) >= 66)
        right, turned, spin = rows[-4:], own.get_transform().rotation.yaw, own.get_angular_velocity().z
        own.apply_control(carla.VehicleControl(brake=1.0))
        ticks(world, 8)
        until(lambda: len(rows) >= 74)
        return {
            "still": still, "yaw": yaw, "faster": faster, "right": right, "braking": rows[-4:],
            "turned": (turned - yaw + 180.0) % 360.0 - 180.0, "spin": spin,
        }  # fmt: skip


def imu_row(data):
    force, spin = data.accelerometer, data.gyroscope
    return [force.x, force.y, force.z, spin.x, spin.y, spin.z, data.compass]


def test_the_imu_feels_weight_speeding_up_braking_and_turning_with_the_right_signs(server):
    answer = in_client(server, inertial)
    still = answer["still"]
    assert still[:3] == pytest.approx([0.0, 0.0, 9.81], abs=0.1)
    assert still[3:6] == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)
    assert still[6] == pytest.approx(math.radians(answer["yaw"] + 90.0) % math.tau, abs=1e-3)
    assert np.mean([row[0] for row in answer["faster"]]) > 1.0
    assert np.mean([row[0] for row in answer["braking"]]) < -3.0
    assert answer["turned"] > 5.0
    assert all(row[5] > 0.1 for row in answer["right"])
    assert answer["right"][-1][5] == pytest.approx(math.radians(answer["spin"]), rel=0.05)
    assert all(row[1] > 0.5 for row in answer["right"])
    assert answer["right"][-1][6] > answer["still"][6]  # the compass grows clockwise


def located(client):
    import carla

    with ticking(client) as world:
        own = spawned(world, spot=4)
        town = world.get_map()
        rows = heard(
            mounted(world, "other.gnss", own, (1.0, 0.5, 2.0)), lambda d: [d.latitude, d.longitude, d.altitude]
        )
        own.apply_control(carla.VehicleControl(throttle=0.8))
        off = []
        for number in range(1, 41):
            world.tick()
            until(lambda number=number: len(rows) >= number)
            where = town.transform_to_geolocation(own.get_transform().transform(carla.Location(1.0, 0.5, 2.0)))
            off.append(
                [a - b for a, b in zip(rows[-1], (where.latitude, where.longitude, where.altitude), strict=True)]
            )
        return {"off": np.abs(off).max(axis=0).tolist(), "moved": np.ptp(np.array(rows), axis=0).tolist()}


def test_gnss_is_where_the_map_says_the_antenna_is(server):
    answer = in_client(server, located)
    assert max(answer["off"][:2]) < 1e-7  # degrees: a centimetre
    assert answer["off"][2] < 0.01
    assert max(answer["moved"][:2]) > 5e-5


def approaching(client):
    with ticking(client) as world:
        own, _ = car_ahead(world, gap_m=30.0)
        radar = mounted(
            world, "other.radar", own, (NOSE, 0.0, 0.8), horizontal_fov=6, vertical_fov=2, range=60,
            points_per_second=4000,
        )  # fmt: skip
        scans = heard(radar, lambda scan: [[one.velocity, one.azimuth, one.altitude, one.depth] for one in scan])
        ticks(world, 2)
        until(lambda: len(scans) >= 2)
        still = scans[-1]
        own.enable_constant_velocity(forward(own, 8.0))
        ticks(world, 20)
        until(lambda: len(scans) >= 22)
        coming = scans[-1]
        own.enable_constant_velocity(forward(own, -8.0))
        ticks(world, 20)
        until(lambda: len(scans) >= 42)
        return {"still": still, "coming": coming, "leaving": scans[-1]}


def test_radar_speeds_are_negative_where_the_target_comes_nearer(server):
    answer = in_client(server, approaching)
    for name, speed, nearest, farthest in (("still", 0, 29, 30.5), ("coming", -8, 21, 23), ("leaving", 8, 28, 31)):
        scan = np.array(answer[name])
        on_car = scan[(scan[:, 3] > nearest) & (scan[:, 3] < farthest)]
        assert len(on_car) > 20, name
        assert np.median(on_car[:, 0]) == pytest.approx(speed, abs=0.2), name
        assert np.abs(scan[:, 1]).max() <= math.radians(3.0) + 1e-6, name
        assert np.abs(scan[:, 2]).max() <= math.radians(1.0) + 1e-6, name


def obstructed(client):
    with ticking(client) as world:
        own, far = car_ahead(world, gap_m=8.0)
        sensor = mounted(world, "other.obstacle", own, (0.0, 0.0, 0.8), distance=20, hit_radius=0.4, only_dynamics=True)
        rows = heard(sensor, lambda event: [event.frame, event.other_actor.id, event.distance, event.actor.id])
        frames = [world.tick() for _ in range(3)]
        until(lambda: len(rows) >= 3)
        way_m = own.bounding_box.extent.x + 8.0
        far.destroy()
        ticks(world, 3)
        until(lambda: False, 0.3)
        return {"rows": rows, "frames": frames, "far": far.id, "own": own.id, "way_m": way_m}


def test_the_obstacle_sensor_names_what_stands_ahead_and_how_far(server):
    answer = in_client(server, obstructed)
    assert [row[0] for row in answer["rows"]] == answer["frames"]
    assert all(row[1] == answer["far"] and row[3] == answer["own"] for row in answer["rows"])
    assert answer["rows"][0][2] == pytest.approx(answer["way_m"], abs=0.3)


def across(client):
    import carla

    with ticking(client) as world:
        own = spawned(world, spot=4)
        rows = heard(
            mounted(world, "other.lane_invasion", own),
            lambda event: [event.frame, [str(one.type) for one in event.crossed_lane_markings]],
        )
        ticks(world, 3)
        own.set_simulate_physics(False)
        begin = own.get_transform()
        frames = []
        for step in range(1, 15):
            side = begin.get_right_vector() * (-0.25 * step)  # towards the middle of the street
            own.set_transform(carla.Transform(begin.location + side, begin.rotation))
            frames.append(world.tick())
        until(lambda: False, 0.5)
        return {"rows": rows, "frames": frames}


def test_crossing_a_line_is_told_by_the_clients_lane_invasion_sensor(server):
    answer = in_client(server, across)
    assert answer["rows"]
    assert all(row[0] in answer["frames"] for row in answer["rows"])
    assert any("NONE" not in kind for row in answer["rows"] for kind in row[1])


def refused(client):
    with ticking(client) as world:
        own = spawned(world, spot=4)
        wrong = (
            ("camera.rgb", {"image_size_x": 0}), ("camera.rgb", {"fov": 0}), ("camera.depth", {"image_size_y": -4}),
            ("lidar.ray_cast", {"channels": 0}), ("lidar.ray_cast", {"range": -1}), ("other.imu", {"sensor_tick": -1}),
        )  # fmt: skip
        said = [said_by(lambda kind=kind, given=given: mounted(world, kind, own, **given)) for kind, given in wrong]
        ticks(world, 2)
        return [said, len(world.get_actors().filter("sensor.*"))]


def test_a_sensor_that_cannot_be_is_refused_with_the_attribute_named(server):
    said, left = in_client(server, refused)
    for text, name in zip(
        said, ("image_size_x", "fov", "image_size_y", "channels", "range", "sensor_tick"), strict=True
    ):
        assert name in text
    assert left == 0
