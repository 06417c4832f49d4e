"""Weather, sun and street lamps as the genuine client sets them and its cameras see them."""

import numpy as np

from tests.sim.carla_server.processes import in_client, until
from tests.sim.carla_server.scenes import spawned, ticking, ticks

WIDTH, HEIGHT = 160, 96
PRESETS = ("ClearNoon", "CloudyNoon", "HardRainNoon", "ClearSunset", "ClearNight", "DustStorm")


def seen(client, names):
    """What a camera shows under each of CARLA's presets: mean brightness, contrast, and what came back."""
    import carla

    with ticking(client) as world:
        own = spawned(world, spot=4)
        blueprint = world.get_blueprint_library().find("sensor.camera.rgb")
        blueprint.set_attribute("image_size_x", str(WIDTH))
        blueprint.set_attribute("image_size_y", str(HEIGHT))
        blueprint.set_attribute("exposure_mode", "manual")
        camera = world.spawn_actor(blueprint, carla.Transform(carla.Location(2.6, 0.0, 1.4)), attach_to=own)
        images, rows = [], {}
        camera.listen(images.append)
        ticks(world, 1)
        for name in names:
            weather = getattr(carla.WeatherParameters, name)
            world.set_weather(weather)
            del images[:]
            ticks(world, 4)
            until(lambda: len(images) >= 4)
            picture = np.frombuffer(images[-1].raw_data, np.uint8).reshape(HEIGHT, WIDTH, 4)[:, :, :3].astype(float)
            rows[name] = [float(picture.mean()), float(picture.std()), world.get_weather() == weather]
        world.set_weather(carla.WeatherParameters.Default)
        return rows


def test_the_presets_change_what_a_camera_sees_and_come_back_as_set(server):
    rows = in_client(server, seen, PRESETS)
    assert all(row[2] for row in rows.values())
    assert rows["ClearNoon"][0] > 4.0 * rows["ClearNight"][0]
    assert rows["ClearNoon"][0] > rows["ClearSunset"][0] > rows["ClearNight"][0]
    assert len({round(row[0], 1) for row in rows.values()}) == len(PRESETS)


def by_night(client):
    import carla

    with ticking(client) as world:
        manager = world.get_lightmanager()
        lamps = manager.get_all_lights(carla.LightGroup.Street)
        world.set_weather(carla.WeatherParameters.ClearNoon)
        ticks(world, 3)
        day = sum(manager.is_active(lamps))
        world.set_weather(carla.WeatherParameters.ClearNight)
        ticks(world, 3)
        night = sum(manager.is_active(lamps))
        manager.turn_off(lamps[:3])
        ticks(world, 3)
        fewer = sum(manager.is_active(lamps))
        manager.set_intensities(lamps[4:5], [77.0])
        manager.turn_on(lamps[:3])
        ticks(world, 3)
        intensity = manager.get_intensity(lamps[4:5])
        world.set_weather(carla.WeatherParameters.Default)
        ticks(world, 3)
        return [len(lamps), day, night, fewer, list(intensity)]


def test_street_lamps_burn_by_night_and_obey(server):
    count, day, night, fewer, intensity = in_client(server, by_night)
    assert count > 5
    assert day == 0
    assert night == count
    assert fewer == count - 3
    assert intensity == [77.0]


def two_see_it(client):
    import sys

    import carla

    with ticking(client) as world:
        other = carla.Client("127.0.0.1", int(sys.argv[3]))
        other.set_timeout(10.0)
        wet = carla.WeatherParameters(precipitation=62.0, sun_altitude_angle=-12.0, fog_density=33.0, wetness=80.0)
        world.set_weather(wet)
        got = other.get_world().get_weather()
        world.set_weather(carla.WeatherParameters.Default)
        return [got.precipitation, got.sun_altitude_angle, got.fog_density, got.wetness]


def test_weather_is_one_for_all_clients(server):
    assert in_client(server, two_see_it) == [62.0, -12.0, 33.0, 80.0]
