"""Everything in the blueprint library put to use by the genuine client: vehicles that drive, props that stand."""

import pytest

from tests.sim.carla_server.processes import in_client
from tests.sim.carla_server.scenes import place, speed, ticking, ticks


def every_vehicle(client):
    """Each vehicle on a place of its own: how fast it is after full throttle, and after the brake."""
    import carla

    with ticking(client) as world:
        found = list(world.get_blueprint_library().filter("vehicle.*"))
        points = world.get_map().get_spawn_points()
        free = [points[0]]
        for point in points:
            if all(point.location.distance(one.location) > 30.0 for one in free):
                free.append(point)
        made, rows = [], {}
        for number, blueprint in enumerate(found):
            made.append(world.spawn_actor(blueprint, free[number % len(free)]))
            if len(made) == len(free) or number == len(found) - 1:
                rows |= driven(client, world, made)
                client.apply_batch_sync([carla.command.DestroyActor(one) for one in made], True)
                made = []
        return {"count": len(found), "rows": rows}


def driven(client, world, made):
    import carla

    command = carla.command
    ticks(world, 20)
    low = [place(one)[2] for one in made]
    client.apply_batch_sync([command.ApplyVehicleControl(one, carla.VehicleControl(throttle=1.0)) for one in made])
    ticks(world, 30)
    fast = [speed(one) for one in made]
    client.apply_batch_sync([command.ApplyVehicleControl(one, carla.VehicleControl(brake=1.0)) for one in made])
    ticks(world, 80)
    return {
        one.type_id: [fast[k], speed(one), low[k], one.get_physics_control().mass] for k, one in enumerate(made)
    }  # fmt: skip


def test_every_vehicle_drives_off_stops_and_stands_on_the_road(server):
    answer = in_client(server, every_vehicle, timeout_s=90.0)
    assert len(answer["rows"]) == answer["count"] >= 40
    for name, (fast, still, height, mass) in answer["rows"].items():
        assert fast > 1.0, name
        assert still < 0.1, name
        assert abs(height) < 0.1, name
        assert 5.0 < mass < 40_000.0, name


def lighter(client):
    """The same car by half its mass and with more brake: quicker off, and told so."""
    import carla

    with ticking(client) as world:
        library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
        rows = []
        for share in (1.0, 0.5):
            car = world.spawn_actor(library.find("vehicle.tesla.model3"), points[4])
            sheet = car.get_physics_control()
            sheet.mass *= share
            car.apply_physics_control(sheet)
            ticks(world, 10)
            car.apply_control(carla.VehicleControl(throttle=0.5))
            ticks(world, 20)
            rows.append([speed(car), car.get_physics_control().mass])
            car.destroy()
            world.tick()
        return rows


def test_a_changed_mass_is_kept_and_felt(server):
    heavy, light = in_client(server, lighter)
    assert light[1] == pytest.approx(0.5 * heavy[1], rel=1e-5)
    assert light[0] > 1.2 * heavy[0]


def all_props(client):
    import carla

    with ticking(client) as world:
        found = list(world.get_blueprint_library().filter("static.prop.*"))
        made = []
        for number, blueprint in enumerate(found):
            where = carla.Transform(carla.Location(300.0 + 12.0 * (number % 12), 300.0 + 12.0 * (number // 12), 2.0))
            made.append(world.spawn_actor(blueprint, where))
        ticks(world, 5)
        boxes = [[one.bounding_box.extent.x, one.bounding_box.extent.y, one.bounding_box.extent.z] for one in made]
        still = max(speed(one) for one in made)
        return {
            "count": len(found),
            "boxes": boxes,
            "still": still,
            "tags": sum(bool(one.semantic_tags) for one in made),
        }


def test_every_prop_stands_where_it_was_put_and_has_a_size(server):
    answer = in_client(server, all_props)
    assert answer["count"] == len(answer["boxes"]) > 80
    assert all(0.001 < half < 20.0 for box in answer["boxes"] for half in box)
    assert answer["still"] == 0.0
    assert answer["tags"] > 0.9 * answer["count"]


def slippery(client):
    """A friction trigger on the road: braking takes longer inside."""
    import carla

    with ticking(client) as world:
        library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
        ways = []
        for friction in (None, "0.1"):
            car = world.spawn_actor(library.find("vehicle.tesla.model3"), points[4])
            if friction:
                patch = library.find("static.trigger.friction")
                patch.set_attribute("friction", friction)
                for axis in "xyz":
                    patch.set_attribute(f"extent_{axis}", "5000.0")
                trigger = world.spawn_actor(patch, points[4])
            ticks(world, 10)
            car.set_target_velocity(car.get_transform().get_forward_vector() * 10.0)
            world.tick()
            begin = car.get_location()
            car.apply_control(carla.VehicleControl(brake=1.0))
            ticks(world, 60)
            ways.append(begin.distance(car.get_location()))
            car.destroy()
            world.tick()
        trigger.destroy()
        return ways


def test_a_friction_trigger_makes_the_road_slippery(server):
    dry, icy = in_client(server, slippery)
    assert 3.0 < dry < 12.0
    assert icy > 2.0 * dry
