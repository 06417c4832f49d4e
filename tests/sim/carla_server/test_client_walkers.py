"""Walkers as the genuine client leads them: by hand, and by its own navigation on our mesh."""

import math

import pytest

from tests.sim.carla_server.processes import in_client
from tests.sim.carla_server.scenes import place, ticking, ticks

WALKED = ("Sidewalks", "Roads", "RoadLines", "Terrain", "Ground")  # a crosswalk is painted on the road


def on_pavement(world, kind="walker.pedestrian.0001"):
    """A walker at one of the places that the client's navigation offers."""
    import carla

    blueprint = world.get_blueprint_library().find(kind)
    for _ in range(40):
        spot = world.get_random_location_from_navigation()
        made = world.try_spawn_actor(blueprint, carla.Transform(spot + carla.Location(z=1.0)))
        if made is not None:
            ticks(world, 10)
            return made
    raise AssertionError("no place for a walker")


def by_hand(client):
    import carla

    with ticking(client) as world:
        walker = on_pavement(world)
        half_m, start = walker.bounding_box.extent.z, place(walker)
        walker.apply_control(carla.WalkerControl(direction=carla.Vector3D(0.0, 1.0, 0.0), speed=1.4))
        ticks(world, 40)
        going, control, velocity = place(walker), walker.get_control(), walker.get_velocity()
        walker.apply_control(carla.WalkerControl())
        ticks(world, 20)
        still = walker.get_velocity().length()
        walker.apply_control(carla.WalkerControl(jump=True))
        heights = []
        for _ in range(20):
            world.tick()
            heights.append(walker.get_location().z)
        return {
            "start": start, "half_m": half_m, "going": going, "still": still, "heights": heights,
            "control": [control.direction.y, control.speed], "velocity": [velocity.x, velocity.y],
        }  # fmt: skip


def test_a_walker_walks_where_it_is_told_turns_that_way_and_stops(server):
    answer = in_client(server, by_hand)
    assert answer["start"][2] == pytest.approx(answer["half_m"], abs=0.35)  # its origin is in its middle
    gone = [b - a for a, b in zip(answer["start"], answer["going"], strict=True)]
    assert gone[1] == pytest.approx(1.4 * 40 * 0.05, abs=0.3)
    assert abs(gone[0]) < 0.1
    assert answer["velocity"] == pytest.approx([0.0, 1.4], abs=0.05)
    assert answer["going"][3] == pytest.approx(90.0, abs=1.0)
    assert answer["control"] == pytest.approx([1.0, 1.4])
    assert answer["still"] < 0.05
    assert max(answer["heights"]) > answer["heights"][-1] + 0.2  # it jumped and is back


def crowd(client, count, steps):
    import carla

    with ticking(client) as world:
        world.set_pedestrians_seed(3)
        library, command = world.get_blueprint_library(), carla.command
        kinds = library.filter("walker.pedestrian.*")
        ids = []
        for number in range(8 * count):
            spot = world.get_random_location_from_navigation() + carla.Location(z=1.0)
            if len(ids) < count:
                one = client.apply_batch_sync(
                    [command.SpawnActor(kinds[number % len(kinds)], carla.Transform(spot))], False
                )[0]
                ids += [] if one.error else [one.actor_id]
        mind = library.find("controller.ai.walker")
        made = client.apply_batch_sync([command.SpawnActor(mind, carla.Transform(), one) for one in ids], True)
        minds = world.get_actors([one.actor_id for one in made])
        for number, one in enumerate(minds):
            one.start()
            one.go_to_location(world.get_random_location_from_navigation())
            one.set_max_speed(1.0 + 0.02 * number)
        way_m, last, labels, fastest = dict.fromkeys(ids, 0.0), {}, {}, 0.0
        for step in range(steps):
            world.tick()
            shot = world.get_snapshot()
            for one in ids:
                at = shot.find(one).get_transform().location
                way_m[one] += math.dist((at.x, at.y), last.get(one, (at.x, at.y)))
                last[one] = (at.x, at.y)
                fastest = max(fastest, shot.find(one).get_velocity().length())
                if step % 40 == 0:
                    below = world.ground_projection(at, 3.0)
                    name = str(below.label) if below else "nothing"
                    labels[name] = labels.get(name, 0) + 1
        for one in minds:
            one.stop()
        parents = sum(one.parent is not None for one in minds)
        client.apply_batch_sync([command.DestroyActor(one) for one in [*(one.id for one in minds), *ids]], True)
        left = len(world.get_actors().filter("*walker*"))
        return {"count": len(ids), "way_m": sorted(way_m.values()), "labels": labels, "fastest": fastest,
                "parents": parents, "left": left}  # fmt: skip


def test_fifty_walkers_with_a_mind_walk_at_once_and_keep_to_walkways(server):
    answer = in_client(server, crowd, 50, 400, timeout_s=90.0)
    assert answer["count"] == answer["parents"] == 50
    assert answer["way_m"][10] > 5.0  # four of five went more than 5 m in 20 s
    assert answer["fastest"] < 4.0
    total = sum(answer["labels"].values())
    assert answer["labels"].get("Sidewalks", 0) > 0.6 * total
    assert set(answer["labels"]) <= set(WALKED)
    assert answer["left"] == 0


def killed(client):
    import carla

    with ticking(client) as world:
        walker, other = on_pavement(world), on_pavement(world, "walker.pedestrian.0002")
        mind = world.spawn_actor(
            world.get_blueprint_library().find("controller.ai.walker"), carla.Transform(), attach_to=walker
        )
        mind.start()
        mind.go_to_location(world.get_random_location_from_navigation())
        ticks(world, 20)
        walker.destroy()  # its mind is not stopped first
        ticks(world, 20)
        gone = [one.id for one in world.get_actors().filter("*walker*")]
        other.apply_control(carla.WalkerControl(direction=carla.Vector3D(1.0, 0.0, 0.0), speed=1.0))
        ticks(world, 20)
        return {"left": gone, "other": other.id, "speed": other.get_velocity().length()}


def test_a_walker_that_is_destroyed_takes_its_mind_along_and_others_walk_on(server):
    answer = in_client(server, killed)
    assert answer["left"] == [answer["other"]]
    assert answer["speed"] > 0.8


def run_over(client):
    import carla

    with ticking(client) as world:
        library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
        car = world.spawn_actor(library.find("vehicle.tesla.model3"), points[4])
        ahead = points[4].location + points[4].get_forward_vector() * 20.0
        walker = world.spawn_actor(
            library.find("walker.pedestrian.0003"), carla.Transform(carla.Location(ahead.x, ahead.y, 1.0))
        )
        sensor = world.spawn_actor(library.find("sensor.other.collision"), carla.Transform(), attach_to=car)
        events = []
        sensor.listen(lambda event: events.append([event.other_actor.id, event.normal_impulse.length()]))
        ticks(world, 10)
        before = place(walker)
        car.set_target_velocity(car.get_transform().get_forward_vector() * 12.0)
        ticks(world, 60)
        after = place(walker)
        return {"events": events[:3], "walker": walker.id, "way_m": math.dist(before[:2], after[:2])}


def test_a_walker_that_is_hit_is_told_and_thrown(server):
    answer = in_client(server, run_over)
    assert answer["events"]
    assert answer["events"][0][0] == answer["walker"]
    assert answer["events"][0][1] > 50.0
    assert answer["way_m"] > 1.0


def kinds(client):
    with ticking(client) as world:
        found = world.get_blueprint_library().filter("walker.pedestrian.*")
        made = [on_pavement(world, one.id) for one in list(found)[:20]]
        heights = [one.bounding_box.extent.z * 2.0 for one in made]
        ages = [one.attributes.get("age") for one in made]
        return {"count": len(found), "heights": heights, "ages": ages}


def test_walkers_of_all_kinds_have_plausible_heights(server):
    answer = in_client(server, kinds)
    assert answer["count"] >= 45
    assert all(0.9 < height < 2.1 for height in answer["heights"])
    assert "adult" in answer["ages"]
