"""The genuine client finds its way on our navigation meshes: places to be, and walkers that walk there."""

import itertools
import math
import tempfile

import pytest

from scenarios.maps import load_map
from sim.episode.navmesh import cloth_of
from sim.episode.patchwork import holds
from sim.episode.walkways import CROSSING, PAVEMENT, ROADWAY
from tests.sim.carla_server.processes import in_client, serving


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    with serving() as running:
        yield running


def kind_at(cloth, place):
    """What is at a place in CARLA's axes; 0 for nothing."""
    x, y = place[0], -place[1]
    return next((kind for ring, kind in zip(cloth.rings, cloth.kinds, strict=True) if holds(ring, x, y, -0.05)), 0)


def places_and_walks(client, town, count, ticks):
    """Random places of a town's mesh; then walkers between some: where each is every second, where it went to."""
    import carla

    with tempfile.TemporaryDirectory() as folder:
        client.set_files_base_folder(folder)
        world = client.load_world(town)
        settings = world.get_settings()
        settings.synchronous_mode, settings.fixed_delta_seconds = True, 0.05
        world.apply_settings(settings)
        world.tick()
        places = [world.get_random_location_from_navigation() for _ in range(100)]
        library = world.get_blueprint_library()
        walker, mind = library.filter("walker.pedestrian.*")[0], library.find("controller.ai.walker")
        up = carla.Location(z=1.0)
        tried = (world.try_spawn_actor(walker, carla.Transform(place + up)) for place in places)
        walkers = list(itertools.islice((one for one in tried if one is not None), count))
        minds = [world.spawn_actor(mind, carla.Transform(), one) for one in walkers]
        world.tick()
        for one, goal in zip(minds, places[-count:], strict=False):
            one.start()
            one.go_to_location(goal)
            one.set_max_speed(1.5)
        ways = []
        for tick in range(ticks):
            world.tick()
            if tick % 20 == 0:
                ways.append([[at.x, at.y, at.z] for at in (one.get_location() for one in walkers)])
        for one in minds:
            one.stop()
        for one in (*minds, *walkers):
            one.destroy()
        settings.synchronous_mode, settings.fixed_delta_seconds = False, None
        world.apply_settings(settings)
        return {"places": [[p.x, p.y, p.z] for p in places], "ways": ways}


@pytest.mark.parametrize("town", ["urban", "rural"])
def test_walkers_walk_on_pavement_and_crosswalks_only(server, town):
    answer = in_client(server, places_and_walks, town, 12, 401)
    cloth = cloth_of(load_map(town))
    assert {kind_at(cloth, place) for place in answer["places"]} == {PAVEMENT}
    ways = answer["ways"]
    kinds = [kind_at(cloth, place) for row in ways for place in row]
    assert set(kinds) <= {PAVEMENT, CROSSING, ROADWAY, 0}
    assert kinds.count(PAVEMENT) + kinds.count(CROSSING) > 0.97 * len(kinds)
    gone = [sum(math.dist(a[k][:2], b[k][:2]) for a, b in zip(ways, ways[1:], strict=False)) for k in range(12)]
    assert sorted(gone)[3] > 15.0
    assert max(gone) < 33.0
