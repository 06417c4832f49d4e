"""Traffic Managers at full size: one seed repeats, many ticks do not hang, clients come and die meanwhile."""

import contextlib
import signal

import pytest

from tests.sim.carla_server.processes import answered, client_process, in_client, pause, serving, until
from tests.sim.carla_server.scenes import ticking
from tests.sim.carla_server.test_client_robust import lively
from tests.sim.carla_server.test_client_traffic import (
    ENDLESS,
    VEHICLES,
    cars,
    digest,
    first_difference,
    hashes,
    managed,
)

pytestmark = pytest.mark.prove
REPEATED, LONG = 5_000, 50_000
A_TICK_S = 0.02  # own: far slower than any machine ticks, so that only a hang is one


@pytest.mark.timeout(900)
def test_one_seed_repeats_exactly_for_five_thousand_ticks():
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    runs = []
    for _ in range(2):
        with serving(args=ENDLESS) as fresh:
            runs.append(in_client(fresh, hashes, 11, VEHICLES, REPEATED, timeout_s=REPEATED * A_TICK_S))
    assert len(set(runs[0])) > REPEATED - 50
    assert first_difference(*runs) == REPEATED


def street_life(client, seed, count, steps):
    """Digests per tick of cars and of walkers with minds of their own, all seeded."""
    import carla

    with ticking(client) as world, managed(client, world, seed) as manager:
        world.set_pedestrians_seed(seed)
        library, driving, walking = world.get_blueprint_library(), cars(client, world, manager, count), []
        kinds = library.filter("walker.pedestrian.*")
        while len(walking) < count:
            spot = world.get_random_location_from_navigation() + carla.Location(z=1.0)
            made = world.try_spawn_actor(kinds[len(walking)], carla.Transform(spot))
            walking += [] if made is None else [made.id]
        mind = library.find("controller.ai.walker")
        minds = [world.spawn_actor(mind, carla.Transform(), world.get_actor(one)) for one in walking]
        world.tick()
        for one in minds:
            one.start()
            one.go_to_location(world.get_random_location_from_navigation())
            one.set_max_speed(1.4)
        told = []
        for _ in range(steps):
            world.tick()
            shot = world.get_snapshot()
            told.append([digest(shot, driving), digest(shot, walking)])
        for one in minds:
            one.stop()
        return told


@pytest.mark.timeout(600)
def test_cars_and_walkers_with_minds_repeat_exactly_for_two_thousand_ticks():
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    runs = []
    for _ in range(2):
        with serving(args=ENDLESS) as fresh:
            runs.append(in_client(fresh, street_life, 5, 10, 2_000, timeout_s=2_000 * A_TICK_S))
    for kind in (0, 1):
        assert len({row[kind] for row in runs[0]}) > 1_900
    assert first_difference(*runs) == 2_000


def long_drive(client, count):
    """So many ticks; how many vehicles are left, and how far the first went since half-time."""
    with ticking(client) as world, managed(client, world) as manager:
        ids = cars(client, world, manager, VEHICLES)
        frames, half = [world.tick()], {}
        for number in range(count):
            frame = world.tick()
            assert frame == frames[-1] + 1
            frames[-1] = frame
            if number == count // 2:
                half = {one: world.get_snapshot().find(one).get_transform().location for one in ids}
        shot = world.get_snapshot()
        moved = [shot.find(one).get_transform().location.distance(half[one]) for one in ids if shot.find(one)]
        return {"left": len(moved), "moved": sum(way_m > 1.0 for way_m in moved)}


@pytest.mark.timeout(3000)
def test_fifty_thousand_ticks_with_a_traffic_manager_do_not_hang_and_memory_is_flat_while_clients_die():
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    with serving(args=(*ENDLESS, "--on-leave", "destroy")) as server:
        driver = client_process(server, long_drive, LONG, timeout_s=LONG * A_TICK_S)
        pause(5.0)
        memory_kb, deaths = [], 0
        while driver.poll() is None:
            victim = client_process(server, lively, 250)
            with contextlib.suppress(ValueError, OSError):
                victim.stdout.readline()
                pause(1.0)
                victim.send_signal(signal.SIGKILL if deaths % 2 else signal.SIGTERM)
            victim.wait(10.0)
            for pipe in (victim.stdout, victim.stderr):
                pipe.close()
            deaths += 1
            memory_kb.append(server.memory_kb())
            pause(2.0)
        answer = answered(driver)
        files = server.files()
        assert until(lambda: server.files() <= files)
    assert answer["left"] == VEHICLES
    assert answer["moved"] > VEHICLES / 2
    assert deaths >= 5
    third = len(memory_kb) // 3
    assert max(memory_kb[-third:]) - max(memory_kb[:third]) < 20_000, memory_kb
