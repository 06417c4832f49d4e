"""Traffic lights, signs, boxes and rays of the map as the genuine client sees them."""

import math

from tests.sim.carla_server.processes import in_client
from tests.sim.carla_server.scenes import place, ticking, ticks


def cycle(client):
    import carla

    with ticking(client, 0.1) as world:
        lamps = list(world.get_actors().filter("traffic.traffic_light"))
        group = lamps[0].get_group_traffic_lights()
        world.reset_all_traffic_lights()
        world.tick()
        greens = []
        for _ in range(700):
            world.tick()
            greens.append(sum(one.state == carla.TrafficLightState.Green for one in group))
        lamps[0].set_green_time(4.0)
        world.freeze_all_traffic_lights(True)
        lamps[0].set_state(carla.TrafficLightState.Yellow)
        ticks(world, 200)
        frozen = [str(lamps[0].state), lamps[0].is_frozen(), lamps[0].get_green_time()]
        world.freeze_all_traffic_lights(False)
        world.reset_all_traffic_lights()
        return {"count": len(lamps), "group": len(group), "greens": greens, "frozen": frozen}


def test_lights_of_a_junction_have_their_green_one_after_the_other(server):
    answer = in_client(server, cycle, timeout_s=60.0)
    assert answer["count"] >= 8
    assert answer["group"] >= 3
    assert max(answer["greens"]) == 1
    assert sum(a != b for a, b in zip(answer["greens"], answer["greens"][1:], strict=False)) >= 6
    assert answer["frozen"][:2] == ["Yellow", True]
    assert math.isclose(answer["frozen"][2], 4.0)


def landmarks(client):
    with ticking(client) as world:
        town = world.get_map()
        found = town.get_all_landmarks_of_type("1000001")
        matched = [world.get_traffic_light(one) for one in found]
        lamp = next(one for one in matched if one is not None)
        stops = lamp.get_stop_waypoints()
        box = lamp.trigger_volume
        junctions = {one.get_junction().id for one in lamp.get_affected_lane_waypoints() if one.is_junction}
        in_junction = [len(world.get_traffic_lights_in_junction(one)) for one in junctions]
        return {
            "landmarks": len(found), "matched": sum(one is not None for one in matched), "stops": len(stops),
            "extent": [box.extent.x, box.extent.y, box.extent.z], "in_junction": in_junction,
            "crosswalks": len(town.get_crosswalks()),
        }  # fmt: skip


def test_the_clients_landmarks_find_their_lights_and_stop_lines(server):
    answer = in_client(server, landmarks)
    assert answer["landmarks"] == answer["matched"] >= 8
    assert answer["stops"] >= 1
    assert all(half > 0.0 for half in answer["extent"])
    assert answer["crosswalks"] > 0


def at_a_light(client):
    import carla

    with ticking(client) as world:
        lamp = world.get_actors().filter("traffic.traffic_light")[0]
        world.freeze_all_traffic_lights(True)
        lamp.set_state(carla.TrafficLightState.Red)
        spot = lamp.get_stop_waypoints()[0].transform
        spot.location.z += 0.3
        car = world.spawn_actor(world.get_blueprint_library().find("vehicle.audi.a2"), spot)
        ticks(world, 5)
        red = [car.is_at_traffic_light(), str(car.get_traffic_light_state()), car.get_traffic_light().id == lamp.id]
        lamp.set_state(carla.TrafficLightState.Green)
        ticks(world, 2)
        green = str(car.get_traffic_light_state())
        world.freeze_all_traffic_lights(False)
        return {"red": red, "green": green, "limit": car.get_speed_limit(), "place": place(car)}


def test_a_vehicle_in_a_lights_trigger_volume_knows_its_state(server):
    answer = in_client(server, at_a_light)
    assert answer["red"] == [True, "Red", True]
    assert answer["green"] == "Green"
    assert 20.0 <= answer["limit"] <= 60.0


def level(client):
    import carla

    with ticking(client) as world:
        houses = world.get_environment_objects(carla.CityObjectLabel.Buildings)
        boxes = world.get_level_bbs(carla.CityObjectLabel.Buildings)
        point = world.get_map().get_spawn_points()[0].location
        ground = world.ground_projection(carla.Location(point.x, point.y, 5.0), 20.0)
        hits = world.cast_ray(carla.Location(point.x, point.y, 5.0), carla.Location(point.x, point.y, -5.0))
        lamps = world.get_lightmanager().get_all_lights()
        names = world.get_names_of_all_objects()
        return {
            "houses": len(houses), "boxes": len(boxes), "ground": [ground.location.z, str(ground.label)],
            "hits": [[one.location.z, str(one.label)] for one in hits], "lamps": len(lamps), "names": len(names),
        }  # fmt: skip


def test_the_maps_things_have_names_boxes_and_surfaces(server):
    answer = in_client(server, level)
    assert answer["houses"] == answer["boxes"] > 5
    assert abs(answer["ground"][0]) < 0.05
    assert answer["ground"][1] in ("Roads", "RoadLines")
    assert answer["hits"][0][1] in ("Roads", "RoadLines")
    assert answer["lamps"] > 0
    assert answer["names"] > answer["houses"]
