"""Vehicles as the genuine client drives, pushes, changes and attaches to them."""

import math

from tests.sim.carla_server.processes import in_client
from tests.sim.carla_server.scenes import place, said_by, spawned, speed, ticking, ticks


def driven(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        start = place(car)
        car.apply_control(carla.VehicleControl(throttle=1.0))
        ticks(world, 60)
        fast, control = speed(car), car.get_control()
        car.apply_control(carla.VehicleControl(brake=1.0))
        ticks(world, 80)
        still, ahead = speed(car), place(car)
        car.apply_control(carla.VehicleControl(throttle=0.6, reverse=True))
        ticks(world, 40)
        forward = car.get_transform().get_forward_vector()
        back = car.get_velocity()
        along = back.x * forward.x + back.y * forward.y
        return {
            "start": start,
            "fast": fast,
            "throttle": control.throttle,
            "still": still,
            "ahead": ahead,
            "back": along,
        }


def test_a_car_goes_stops_and_reverses_by_its_pedals(server):
    answer = in_client(server, driven)
    assert answer["fast"] > 8.0
    assert answer["throttle"] == 1.0
    assert answer["still"] < 0.05
    assert math.dist(answer["start"][:2], answer["ahead"][:2]) > 20.0
    assert abs(answer["start"][3] - answer["ahead"][3]) < 1.0
    assert answer["back"] < -1.0


def steered(client, steer):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        yaw = place(car)[3]
        car.apply_control(carla.VehicleControl(throttle=0.5, steer=steer))
        ticks(world, 25)
        return (place(car)[3] - yaw + 180.0) % 360.0 - 180.0


def test_positive_steer_turns_to_the_right_which_is_a_growing_yaw(server):
    assert in_client(server, steered, 0.3) > 5.0
    assert in_client(server, steered, -0.3) < -5.0


def refused(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        library = world.get_blueprint_library()
        again = said_by(lambda: world.spawn_actor(library.find("vehicle.audi.tt"), car.get_transform()))
        nothing = world.try_spawn_actor(library.find("vehicle.audi.tt"), car.get_transform()) is None
        results = client.apply_batch_sync([carla.command.DestroyActor(999_999)], True)
        return [again, nothing, results[0].error]


def test_what_cannot_be_is_refused_in_the_words_that_tools_look_for(server):
    again, nothing, unknown = in_client(server, refused)
    assert again == "Spawn failed because of collision at spawn position"
    assert nothing
    assert unknown == "unable to destroy actor: not found"


def sticky(client, flag):
    import carla

    with ticking(client) as world:
        car = spawned(world, sticky_control=flag)
        car.apply_control(carla.VehicleControl(throttle=1.0))
        ticks(world, 60)
        return [speed(car), car.get_control().throttle]


def test_a_control_stays_until_the_next_one_unless_it_is_not_sticky(server):
    stays, lasts = in_client(server, sticky, "true"), in_client(server, sticky, "false")
    assert stays[0] > 8.0
    assert lasts[0] < 0.3 * stays[0]


def physics(client):
    with ticking(client) as world:
        car = spawned(world)
        sheet = car.get_physics_control()
        mass, wheels = sheet.mass, len(sheet.wheels)
        sheet.mass = 3.0 * mass
        car.apply_physics_control(sheet)
        world.tick()
        heavy = car.get_physics_control().mass
        wheel = sheet.wheels[0]
        wheel.radius = 0.0
        sheet.wheels = [wheel] * 4
        car.apply_physics_control(sheet)
        world.tick()
        return {"mass": mass, "heavy": heavy, "wheels": wheels, "radius": car.get_physics_control().wheels[0].radius}


def test_a_physics_sheet_comes_back_as_it_was_applied_and_absurd_ones_change_nothing(server):
    answer = in_client(server, physics)
    assert answer["wheels"] == 4
    assert math.isclose(answer["heavy"], 3.0 * answer["mass"], rel_tol=1e-6)
    assert answer["radius"] > 20.0


def heavier(client, factor):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        sheet = car.get_physics_control()
        sheet.mass *= factor
        car.apply_physics_control(sheet)
        car.apply_control(carla.VehicleControl(throttle=1.0))
        ticks(world, 40)
        return speed(car)


def test_a_heavier_car_gains_speed_more_slowly(server):
    assert in_client(server, heavier, 3.0) < 0.7 * in_client(server, heavier, 1.0)


def moved_by_hand(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        forward = car.get_transform().get_forward_vector()
        car.set_target_velocity(forward * 7.0)
        world.tick()
        target = speed(car)
        car.set_target_velocity(carla.Vector3D())
        ticks(world, 2)
        mass = car.get_physics_control().mass
        car.add_impulse(forward * (4.0 * mass))
        world.tick()
        impulse = speed(car)
        car.enable_constant_velocity(carla.Vector3D(5.0, 0.0, 0.0))
        ticks(world, 40)
        constant = speed(car)
        car.disable_constant_velocity()
        car.set_simulate_physics(False)
        world.tick()
        held = place(car)
        ticks(world, 20)
        still = place(car)
        there = carla.Transform(carla.Location(-40.0, -1.6, 0.0), carla.Rotation(yaw=180.0))
        car.set_transform(there)
        world.tick()
        return {
            "target": target, "impulse": impulse, "constant": constant, "held": [held, still], "put": place(car),
        }  # fmt: skip


def test_velocities_impulses_and_places_set_by_hand_act(server):
    answer = in_client(server, moved_by_hand)
    assert 6.0 < answer["target"] <= 7.05
    assert 3.0 < answer["impulse"] <= 4.05
    assert math.isclose(answer["constant"], 5.0, abs_tol=0.1)
    assert answer["held"][0] == answer["held"][1]
    assert math.dist(answer["put"][:2], (-40.0, -1.6)) < 0.01


def ackermann(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        car.apply_ackermann_controller_settings(carla.AckermannControllerSettings(0.2, 0.0, 0.2, 0.02, 0.0, 0.01))
        world.tick()
        settings = car.get_ackermann_controller_settings()
        car.apply_ackermann_control(carla.VehicleAckermannControl(speed=6.0, acceleration=2.0))
        ticks(world, 240)
        return [speed(car), settings.speed_kp]


def test_ackermann_control_reaches_its_speed(server):
    reached, gain = in_client(server, ackermann)
    assert abs(reached - 6.0) < 1.0
    assert math.isclose(gain, 0.2, rel_tol=1e-6)


def riding(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        blueprint = world.get_blueprint_library().find("sensor.camera.rgb")
        seat = carla.Transform(carla.Location(x=1.0, y=0.5, z=2.0), carla.Rotation(yaw=90.0))
        camera = world.spawn_actor(blueprint, seat, attach_to=car)
        car.apply_control(carla.VehicleControl(throttle=0.6))
        ticks(world, 40)
        where = car.get_transform()
        expected = where.transform(carla.Location(x=1.0, y=0.5, z=2.0))
        seen = camera.get_transform()
        parent = camera.parent.id == car.id
        car.destroy()
        world.tick()
        return {
            "off_m": expected.distance(seen.location), "yaw": (seen.rotation.yaw - where.rotation.yaw) % 360.0,
            "parent": parent, "left": len(world.get_actors().filter("sensor.*")),
        }  # fmt: skip


def test_what_is_attached_rides_along_and_goes_with_its_bearer(server):
    answer = in_client(server, riding)
    assert answer["off_m"] < 0.01
    assert math.isclose(answer["yaw"], 90.0, abs_tol=0.01)
    assert answer["parent"]
    assert answer["left"] == 0


def batched(client):
    import carla

    with ticking(client) as world:
        command, library = carla.command, world.get_blueprint_library()
        points = world.get_map().get_spawn_points()
        car = library.find("vehicle.tesla.model3")
        spawn = command.SpawnActor(car, points[0]).then(
            command.ApplyVehicleControl(command.FutureActor, carla.VehicleControl(throttle=1.0))
        )
        results = client.apply_batch_sync([spawn, command.SpawnActor(car, points[0])], True)
        ticks(world, 60)
        made = world.get_actor(results[0].actor_id)
        fast = speed(made)
        flags = int(carla.VehicleLightState.LowBeam | carla.VehicleLightState.Fog)
        more = client.apply_batch_sync(
            [
                command.ApplyVehicleControl(made.id, carla.VehicleControl(brake=1.0)),
                command.SetVehicleLightState(made.id, carla.VehicleLightState(flags)),
                command.ApplyTargetVelocity(made.id, carla.Vector3D(0.0, 0.0, 0.0)),
                command.SetEnableGravity(made.id, False),
                command.ApplyImpulse(made.id, carla.Vector3D(0.0, 0.0, 0.0)),
                command.SetSimulatePhysics(made.id, False),
                command.ApplyTransform(made.id, points[3]),
                command.ApplyWalkerControl(made.id, carla.WalkerControl()),
                command.DestroyActor(made.id),
            ],
            True,
        )
        return {
            "second": results[1].error, "fast": fast, "errors": [one.error for one in more],
            "left": len(world.get_actors().filter("vehicle.*")),
        }  # fmt: skip


def test_a_batch_does_all_its_commands_and_one_that_fails_stops_nothing(server):
    answer = in_client(server, batched)
    assert answer["second"] == "Spawn failed because of collision at spawn position"
    assert answer["fast"] > 8.0
    assert [bool(error) for error in answer["errors"]] == [False] * 7 + [True, False]
    assert "is not a walker" in answer["errors"][7]
    assert answer["left"] == 0


def lights(client):
    import carla

    with ticking(client) as world:
        car = spawned(world)
        wanted = carla.VehicleLightState(carla.VehicleLightState.LowBeam | carla.VehicleLightState.LeftBlinker)
        car.set_light_state(wanted)
        car.open_door(carla.VehicleDoor.All)
        world.tick()
        states = world.get_vehicles_light_states()
        box = car.bounding_box
        return [int(car.get_light_state()), int(states[car.id]), [box.extent.x, box.extent.y, box.extent.z]]


def test_lamps_keep_their_state_and_a_box_has_the_size_of_its_car(server):
    own, listed, half = in_client(server, lights)
    assert own == listed == 2 | 32
    assert 1.5 < half[0] < 3.0
    assert 0.7 < half[1] < 1.2


def crash(client):
    import carla

    with ticking(client) as world:
        points = world.get_map().get_spawn_points()
        blueprint = world.get_blueprint_library().find("vehicle.tesla.model3")
        rear = world.spawn_actor(blueprint, points[0])
        ahead = points[0].location + points[0].get_forward_vector() * 18.0
        front = world.spawn_actor(blueprint, carla.Transform(ahead, points[0].rotation))
        sensor = world.spawn_actor(
            world.get_blueprint_library().find("sensor.other.collision"), carla.Transform(), attach_to=rear
        )
        events = []
        sensor.listen(lambda event: events.append([event.frame, event.other_actor.id, event.normal_impulse.length()]))
        ticks(world, 10)
        rear.set_target_velocity(rear.get_transform().get_forward_vector() * 15.0)
        ticks(world, 60)
        return {"events": events, "front": front.id, "pushed": speed(front), "rear": speed(rear)}


def test_a_collision_is_felt_by_both_and_told_with_its_impulse(server):
    answer = in_client(server, crash)
    assert answer["events"]
    assert all(event[1] == answer["front"] for event in answer["events"])
    assert answer["events"][0][2] > 1_000.0
