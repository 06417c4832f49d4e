"""What the genuine client makes of the library: filters, types, colours, refusals, boxes and physics sheets."""

import contextlib

import pytest

from sim.blueprints.blueprint import Family
from sim.blueprints.descriptions import listed
from sim.blueprints.library import blueprint
from sim.episode.physics_sheet import sheet_of
from tests.sim.carla_server.processes import in_client, serving

HIGH_M = 60.0  # above everything, so that nothing is in the way
BOXED = (
    "vehicle.tesla.model3", "vehicle.carlamotors.european_hgv", "vehicle.gazelle.omafiets",
    "vehicle.faultline.truck_n3_rigid", "walker.pedestrian.0009", "static.prop.vendingmachine",
)  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with serving() as one:
        yield one


@contextlib.contextmanager
def held(world):
    """The world standing still: nothing falls between two calls."""
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, 0.05
    world.apply_settings(settings)
    try:
        yield
    finally:
        settings.synchronous_mode, settings.fixed_delta_seconds = False, None
        world.apply_settings(settings)


def high(x_m=0.0):
    """A place in the air."""
    import carla

    return carla.Transform(carla.Location(x=x_m, y=0.0, z=HIGH_M))


def counted(client):
    library = client.get_world().get_blueprint_library()
    patterns = ("*", "vehicle.*", "walker.pedestrian.*", "sensor.camera.*", "static.prop.*", "*faultline*", "spectator")
    return [len(library.filter(pattern)) for pattern in patterns]


def converted(client):
    library = client.get_world().get_blueprint_library()
    camera, car = library.find("sensor.camera.rgb"), library.find("vehicle.tesla.model3")
    colour = car.get_attribute("color").as_color()
    speeds = library.find("walker.pedestrian.0001").get_attribute("speed").recommended_values
    return {
        "fov": camera.get_attribute("fov").as_float(),
        "width": camera.get_attribute("image_size_x").as_int(),
        "effects": camera.get_attribute("enable_postprocess_effects").as_bool(),
        "mode": camera.get_attribute("exposure_mode").as_str(),
        "colour": [colour.r, colour.g, colour.b],
        "wheels": int(car.get_attribute("number_of_wheels")),
        "car": car.get_attribute("base_type") == "car",
        "tags": sorted(car.tags),
        "speeds": [float(value) for value in speeds],
        "driver": library.find("vehicle.gazelle.omafiets").has_attribute("driver_id"),
    }


def set_to(client, blueprint_id, name, value):
    """The attribute that the spawned actor shows, or the error and who raised it."""
    world = client.get_world()
    one = world.get_blueprint_library().find(blueprint_id)
    try:
        one.set_attribute(name, value)
    except Exception as error:
        return ["client", type(error).__name__, str(error)]
    try:
        actor = world.spawn_actor(one, high())
    except RuntimeError as error:
        return ["server", "RuntimeError", str(error)]
    shown = actor.attributes[name]
    actor.destroy()
    return ["actor", "", shown]


def spawn_each(client):
    """Every blueprint once, with what its attributes recommend last. Returns those that failed."""
    world = client.get_world()
    failed = []
    with held(world):
        for one in world.get_blueprint_library():
            for attribute in one:
                if attribute.is_modifiable and attribute.recommended_values:
                    one.set_attribute(attribute.id, attribute.recommended_values[-1])
            try:
                actor = world.spawn_actor(one, high())
            except RuntimeError as error:
                failed.append([one.id, str(error)])
                continue
            world.tick()  # the client destroys only what it has seen alive
            if not actor.destroy():
                failed.append([one.id, "could not be destroyed"])
    return failed


def boxes(client, *ids):
    world = client.get_world()
    found = []
    with held(world):
        for number, name in enumerate(ids):
            actor = world.spawn_actor(world.get_blueprint_library().find(name), high(30.0 * number))
            world.tick()
            extent = actor.bounding_box.extent
            found.append([2.0 * extent.x, 2.0 * extent.y, 2.0 * extent.z])
            actor.destroy()
    return found


def physics(client, name):
    """A sheet as shown, after it was sent back with another mass, and what an absurd one is answered with."""
    world = client.get_world()
    with held(world):
        car = world.spawn_actor(world.get_blueprint_library().find(name), high())
        world.tick()
        first = car.get_physics_control()
        shown = {
            "mass": first.mass,
            "gears": len(first.forward_gears),
            "curve": [[point.x, point.y] for point in first.torque_curve],
            "brakes": [wheel.max_brake_torque for wheel in first.wheels],
            "wheelbase_cm": first.wheels[0].position.x - first.wheels[2].position.x,
            "left_cm": first.wheels[0].position.y,
        }
        first.mass = 2000.0
        car.apply_physics_control(first)
        world.tick()
        shown["then"] = car.get_physics_control().mass
        first.mass = -1.0
        car.apply_physics_control(first)
        world.tick()
        shown["kept"] = car.get_physics_control().mass
        car.destroy()
    return shown


def test_filters_find_what_is_listed(server):
    ids = [one.id for one in listed()]

    found = in_client(server, counted)

    prefixes = ("", "vehicle.", "walker.pedestrian.", "sensor.camera.", "static.prop.")
    expected = [sum(name.startswith(prefix) for name in ids) for prefix in prefixes]
    assert found == [*expected, sum("faultline" in name for name in ids), 0]


def test_attributes_have_carla_s_types_and_defaults(server):
    assert in_client(server, converted) == {
        "fov": 90.0, "width": 800, "effects": True, "mode": "histogram", "colour": [243, 243, 243], "wheels": 4,
        "car": True, "tags": ["model3", "tesla", "vehicle"], "speeds": pytest.approx([0.0, 1.4, 2.8]), "driver": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("blueprint_id", "name", "value", "who", "text"),
    [
        ("sensor.camera.rgb", "fov", "110", "actor", "110"),
        ("sensor.camera.rgb", "image_size_x", "100000", "server", "give 1 to 8192"),
        ("sensor.camera.rgb", "exposure_mode", "auto", "server", "give one of histogram, manual"),
        ("sensor.camera.rgb", "nothing", "1", "client", "not found"),
        ("vehicle.tesla.model3", "base_type", "truck", "client", "read-only"),
        ("vehicle.tesla.model3", "color", "1, 2, 3", "actor", "1,2,3"),
        ("vehicle.tesla.model3", "sticky_control", "False", "actor", "false"),
        ("vehicle.faultline.truck_n3_rigid", "load_ratio", "2", "server", "give 0 to 1"),
    ],
)
def test_values_are_taken_or_refused_with_the_mend(server, blueprint_id, name, value, who, text):
    found = in_client(server, set_to, blueprint_id, name, value)

    assert found[0] == who and text in found[2]
    if who == "server":
        assert found[2].startswith("Spawn failed because of invalid actor description")


def test_every_blueprint_can_be_spawned(server):
    assert in_client(server, spawn_each) == []


def test_boxes_are_the_bodies(server):
    bodies = [blueprint(name).body for name in BOXED]

    found = in_client(server, boxes, *BOXED)

    assert found == [pytest.approx([one.length_m, one.width_m, one.height_m], rel=1e-6) for one in bodies]


@pytest.mark.parametrize("name", ["vehicle.tesla.model3", "vehicle.faultline.bus_m3"])
def test_physics_sheets_come_and_go(server, name):
    assert blueprint(name).family is Family.VEHICLE
    sheet = sheet_of(blueprint(name).body)

    found = in_client(server, physics, name)

    assert found["mass"] == pytest.approx(sheet.mass) and found["gears"] == len(sheet.forward_gears)
    assert found["curve"] == [pytest.approx([point.x, point.y]) for point in sheet.torque_curve]
    assert found["brakes"] == pytest.approx([wheel.max_brake_torque for wheel in sheet.wheels])
    assert found["wheelbase_cm"] == pytest.approx(sheet.wheels[0].position.x - sheet.wheels[2].position.x, abs=1.0)
    assert found["left_cm"] == pytest.approx(sheet.wheels[0].position.y, abs=1.0)
    assert found["then"] == 2000.0
    assert found["kept"] == 2000.0, "what is refused changes nothing"
