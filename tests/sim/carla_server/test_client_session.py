"""The genuine client's session with the genuine server: versions, ticks, settings, maps, several clients at once."""

import math

from tests.sim.carla_server.processes import answered, client_process, in_client, serving
from tests.sim.carla_server.scenes import DELTA_S, place, said_by, spawned, ticking, ticks
from tests.sim.carla_server.toy import STREET


def frames(client, count):
    with ticking(client) as world:
        shots = []
        for _ in range(count):
            frame = world.tick()
            shot = world.get_snapshot()
            shots.append([frame, shot.frame, shot.timestamp.delta_seconds, shot.timestamp.elapsed_seconds])
        return {"version": client.get_server_version(), "shots": shots}


def test_frames_grow_by_one_and_steps_are_exact(server):
    answer = in_client(server, frames, 20)
    shots = answer["shots"]
    assert answer["version"] == "0.9.16"
    assert [shot[0] for shot in shots] == list(range(shots[0][0], shots[0][0] + 20))
    assert all(shot[0] == shot[1] for shot in shots)
    assert all(math.isclose(shot[2], DELTA_S, rel_tol=1e-6) for shot in shots)
    assert math.isclose(shots[-1][3] - shots[0][3], 19 * DELTA_S, abs_tol=1e-6)


def settings_and_weather(client):
    import carla

    with ticking(client, 0.02) as world:
        settings = world.get_settings()
        settings.substepping, settings.max_substep_delta_time, settings.max_substeps = True, 0.004, 7
        settings.no_rendering_mode, settings.tile_stream_distance = True, 1234.0
        world.apply_settings(settings)
        kept = world.get_settings()
        before = world.get_weather()
        world.set_weather(carla.WeatherParameters.HardRainSunset)
        world.tick()
        same = world.get_weather() == carla.WeatherParameters.HardRainSunset
        world.set_weather(before)
        settings.no_rendering_mode = False
        world.apply_settings(settings)
        bad = world.get_settings()
        bad.fixed_delta_seconds = 60.0
        return {
            "kept": [kept.synchronous_mode, kept.fixed_delta_seconds, kept.max_substep_delta_time, kept.max_substeps],
            "others": [kept.no_rendering_mode, kept.tile_stream_distance],
            "weather": same,
            "refused": said_by(lambda: world.apply_settings(bad)),
        }


def test_settings_and_weather_come_back_as_they_were_set(server):
    answer = in_client(server, settings_and_weather)
    assert answer["kept"][:2] == [True, 0.02]
    assert math.isclose(answer["kept"][2], 0.004)
    assert answer["kept"][3] == 7
    assert answer["others"] == [True, 1234.0]
    assert answer["weather"]
    assert "fixed_delta_seconds" in answer["refused"]


def asynchronous(client):
    world = client.get_world()
    shots = [world.wait_for_tick() for _ in range(5)]
    return [[shot.frame, shot.timestamp.delta_seconds] for shot in shots]


def test_in_asynchronous_mode_the_server_ticks_by_itself(server):
    shots = in_client(server, asynchronous)
    assert [shot[0] - shots[0][0] for shot in shots] == sorted({shot[0] - shots[0][0] for shot in shots})
    assert all(0.0 < shot[1] <= 0.25 for shot in shots)


def maps(client):
    known = sorted(client.get_available_maps())
    short = client.load_world("rural").get_map().name
    full = client.load_world("/Game/Carla/Maps/hills").get_map().name
    first = client.get_world().id
    again = client.reload_world().id
    unknown = said_by(lambda: client.load_world("Town99"))
    made = client.generate_opendrive_world(STREET)
    text = made.get_map()
    points = len(text.generate_waypoints(5.0))
    broken = said_by(lambda: client.generate_opendrive_world("<OpenDRIVE>"))
    back = client.load_world("urban").get_map()
    spawn_points = len(back.get_spawn_points())
    return {
        "known": known, "short": short, "full": full, "reloaded": [first, again], "unknown": unknown,
        "made": [text.name, points], "broken": broken, "back": [back.name, spawn_points],
    }  # fmt: skip


def test_maps_load_by_any_name_and_from_text():
    with serving(args=("--map", "urban")) as own:
        answer = in_client(own, maps, timeout_s=90.0)
    assert answer["known"] == [
        f"/Game/Carla/Maps/{name}" for name in ("hills", "motorway", "quarter", "rural", "urban")
    ]
    assert answer["short"] == "Carla/Maps/rural"
    assert answer["full"] == "Carla/Maps/hills"
    assert answer["reloaded"][0] != answer["reloaded"][1]
    assert "Map 'Town99' not found" in answer["unknown"]
    assert answer["made"][0] == "Carla/Maps/OpenDriveMap"
    assert answer["made"][1] >= 19
    assert "cannot be read" in answer["broken"]
    assert answer["back"][0] == "Carla/Maps/urban"
    assert answer["back"][1] > 50


def one_of_two(client, spot, count):
    world = client.get_world()
    car = world.try_spawn_actor(
        world.get_blueprint_library().find("vehicle.audi.tt"), world.get_map().get_spawn_points()[spot]
    )
    for _ in range(count):
        world.wait_for_tick()
    seen = len(world.get_actors().filter("vehicle.*"))
    car.destroy()
    return seen


def test_two_clients_at_once_see_each_others_actors(server):
    both = [client_process(server, one_of_two, spot, 40) for spot in (0, 4)]
    assert sorted(answered(client) for client in both)[-1] == 2


def ids_over_worlds(client):
    with ticking(client) as world:
        first = spawned(world).id
    world = client.reload_world()
    with ticking(client) as world:
        car = spawned(world)
        return [first, car.id, place(car)]


def test_an_id_is_never_used_twice_even_in_another_episode(server):
    first, second, where = in_client(server, ids_over_worlds, timeout_s=60.0)
    assert second > first
    assert where != [0.0, 0.0, 0.0, 0.0]


def no_ops(client):
    import carla

    world = client.get_world()
    world.unload_map_layer(carla.MapLayer.Buildings)
    world.load_map_layer(carla.MapLayer.Buildings)
    world.debug.draw_point(carla.Location())
    return True


def test_what_changes_nothing_is_said_once(server):
    assert in_client(server, no_ops)
    assert in_client(server, no_ops)
    assert server.said().count("map layers change nothing") == 1


def absent(client):
    with ticking(client) as world:
        car = spawned(world)
        ids = car.id
        car.destroy()
        world.tick()
        return [ids in [one.id for one in world.get_actors()], car.is_alive, said_by(lambda: ticks(world, 1))]


def test_a_destroyed_actor_is_gone_from_the_next_snapshot(server):
    assert in_client(server, absent) == [False, False, ""]
