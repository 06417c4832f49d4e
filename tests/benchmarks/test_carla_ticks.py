"""Ticks a second of the genuine server with genuine clients: 20 vehicles, with and without a Traffic Manager.

Client and server are two processes that share the machine, so wall time is measured, and held against how
fast one byte goes back and forth between two processes in the same minute.
"""

import os
import queue
import time

import pytest

from tests.benchmarks.measuring import report
from tests.benchmarks.test_carla_wire import echoes_per_s
from tests.sim.carla_server.processes import in_client, serving, until
from tests.sim.carla_server.scenes import ticking, ticks
from tests.sim.carla_server.test_client_traffic import ENDLESS, cars, inner_spots, managed

pytestmark = pytest.mark.benchmark_speed
VEHICLES, ROUNDS = 20, 5


def best_per_s(act, count, rounds=ROUNDS):
    best = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(count):
            act()
        best = max(best, count / (time.perf_counter() - began))
    return best


def plain(client, count):
    """`world.tick()` alone, the vehicles driving on by their last control."""
    import carla

    with ticking(client) as world:
        blueprint = world.get_blueprint_library().find("vehicle.tesla.model3")
        made = [world.spawn_actor(blueprint, spot) for spot in inner_spots(world, VEHICLES)]
        for one in made:
            one.apply_control(carla.VehicleControl(throttle=0.4, steer=0.1))
        ticks(world, 200)
        return best_per_s(world.tick, count)


def driven(client, count):
    with ticking(client) as world, managed(client, world) as manager:
        cars(client, world, manager, VEHICLES)
        ticks(world, 100)
        return best_per_s(world.tick, count)


def pictures(client, count):
    """A small camera in an empty world, in lock-step: nearly all is drawing."""
    import carla

    with ticking(client) as world:
        blueprint = world.get_blueprint_library().find("sensor.camera.semantic_segmentation")
        blueprint.set_attribute("image_size_x", "640")
        blueprint.set_attribute("image_size_y", "360")
        spot = world.get_map().get_spawn_points()[0]
        camera = world.spawn_actor(blueprint, carla.Transform(spot.location + carla.Location(z=1.5), spot.rotation))
        seen = queue.SimpleQueue()
        camera.listen(lambda image: seen.put(image.frame))
        until(lambda: world.tick() and not seen.empty())
        while seen.get(timeout=5.0) < world.get_snapshot().frame:
            pass

        def one():
            assert world.tick() == seen.get(timeout=5.0)

        return best_per_s(one, count, 3)


def test_ticks_of_twenty_vehicles_with_and_without_a_traffic_manager(capsys):
    pytest.importorskip("carla")
    with serving(args=ENDLESS) as server:
        bare = in_client(server, plain, 2_000)
        with_manager = in_client(server, driven, 400, timeout_s=90.0)
        drawn = in_client(server, pictures, 60)
    echoes = echoes_per_s()
    report(
        capsys, "carla_ticks", ticks_per_s=bare, managed_ticks_per_s=with_manager, drawn_frames_per_s=drawn,
        echoes_per_s=echoes, ticks_per_echo=bare / echoes, managed_per_echo=with_manager / echoes, cores=os.cpu_count(),
    )  # fmt: skip
    assert bare / echoes > 0.025  # 2,000 a second where 80,000 echoes are
    assert with_manager / echoes > 0.00375  # 300 a second where 80,000 echoes are
