"""CARLA's own background: vehicles of its Traffic Manager and walkers with its AI, both from one seed.

The Traffic Manager lives in the client's process and listens on a port of its own there.
"""

import socket
from typing import Any

from sim import left_handed
from sim.carla_client.background import Background
from sim.randomness import entity_id, stream_key, uniform
from stack.vocabulary import MachineryError

STREAM = "carla_background"
CLEAR_M = 25.0  # own: no background vehicle starts closer to one of the places to be kept clear
WALKING_TRIES = 20  # random places asked for per walker
WALK_MPS, RUN_MPS = 1.4, 3.0  # used where a blueprint recommends no speed


class Population:
    """What CARLA drives by itself; `stop` before anything of it is destroyed."""

    def __init__(self, carla: Any, client: Any, world: Any, made: list[int]) -> None:
        self._carla, self._client, self._world, self._made = carla, client, world, made
        self._manager: Any = None
        self._vehicles: list[Any] = []
        self._controllers: list[Any] = []

    def populate(self, background: Background, clear_of: tuple[tuple[float, float], ...]) -> list[tuple[Any, str]]:
        """Make vehicles, then walkers; each with the id of its blueprint."""
        made: list[tuple[Any, str]] = []
        if background.vehicles:
            made += self._drive(background, clear_of)
        if background.walkers:
            made += self._walk(background)
        return made

    def stop(self) -> None:
        """Let go of the Traffic Manager and of the walkers' AI."""
        for controller in self._controllers:
            controller.stop()
        self._controllers.clear()
        if self._manager is not None:
            for vehicle in self._vehicles:
                vehicle.set_autopilot(False, self._manager.get_port())
            self._manager.set_synchronous_mode(False)
            self._manager.shut_down()
            self._manager = None
        self._vehicles.clear()

    def _drive(self, background: Background, clear_of: tuple[tuple[float, float], ...]) -> list[tuple[Any, str]]:
        manager = self._manager = self._client.get_trafficmanager(_free_port())
        manager.set_synchronous_mode(True)
        manager.set_random_device_seed(background.seed)
        manager.set_global_distance_to_leading_vehicle(background.distance_m)
        manager.global_percentage_speed_difference(100.0 * background.slower_ratio)
        library = sorted(self._world.get_blueprint_library().filter("vehicle.*"), key=lambda one: str(one.id))
        library = [one for one in library if one.has_attribute("number_of_wheels") and _wheels(one) == 4]
        spots = [spot for spot in self._world.get_map().get_spawn_points() if _clear(spot.location, clear_of)]
        order = _shuffled(len(spots), background.seed, "spots")
        if len(spots) < background.vehicles:
            have = f"this map has {len(spots)} places to start from, away from the ego"
            raise MachineryError(f"{background.vehicles} background vehicles are wanted, but {have}; ask for fewer")
        picks = _numbers(background.vehicles, len(library), background.seed, "blueprints")
        made = []
        for index, pick in enumerate(picks):
            blueprint = library[pick]
            if blueprint.has_attribute("role_name"):
                blueprint.set_attribute("role_name", "autopilot")
            vehicle = self._world.try_spawn_actor(blueprint, spots[order[index]])
            if vehicle is None:
                continue
            self._made.append(vehicle.id)
            self._vehicles.append(vehicle)
            vehicle.set_autopilot(True, manager.get_port())
            manager.ignore_lights_percentage(vehicle, 100.0 * background.ignores_lights_ratio)
            manager.auto_lane_change(vehicle, background.changes_lanes)
            made.append((vehicle, str(blueprint.id)))
        return made

    def _walk(self, background: Background) -> list[tuple[Any, str]]:
        world, carla = self._world, self._carla
        world.set_pedestrians_seed(background.seed)
        world.set_pedestrians_cross_factor(background.crosses_ratio)
        library = sorted(world.get_blueprint_library().filter("walker.pedestrian.*"), key=lambda one: str(one.id))
        picks = _numbers(background.walkers, len(library), background.seed, "walkers")
        runs = _numbers(background.walkers, 1_000, background.seed, "runs")
        minded = world.get_blueprint_library().find("controller.ai.walker")
        walking: list[tuple[Any, str, float]] = []
        for index, pick in enumerate(picks):
            walker = self._placed(library[pick])
            if walker is not None:
                fast = runs[index] < 1_000 * background.runs_ratio
                walking.append((walker, str(library[pick].id), RUN_MPS if fast else WALK_MPS))
        for walker, _, _ in walking:
            controller = world.spawn_actor(minded, carla.Transform(), attach_to=walker)
            self._made.append(controller.id)
            self._controllers.append(controller)
        world.tick()
        for controller, (_, _, speed_mps) in zip(self._controllers, walking, strict=True):
            controller.start()
            goal = world.get_random_location_from_navigation()
            if goal is not None:
                controller.go_to_location(goal)
            controller.set_max_speed(speed_mps)
        return [(walker, blueprint) for walker, blueprint, _ in walking]

    def _placed(self, blueprint: Any) -> Any:
        """A walker somewhere on the pavements; None where there are none."""
        if blueprint.has_attribute("is_invincible"):
            blueprint.set_attribute("is_invincible", "false")
        for _ in range(WALKING_TRIES):
            place = self._world.get_random_location_from_navigation()
            if place is None:
                raise MachineryError("AI walkers are wanted, but this map has no pavements they could walk on")
            place.z += 1.0
            walker = self._world.try_spawn_actor(blueprint, self._carla.Transform(place))
            if walker is not None:
                self._made.append(walker.id)
                return walker
        return None


def _free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _wheels(blueprint: Any) -> int:
    return int(blueprint.get_attribute("number_of_wheels").as_int())


def _clear(place: Any, clear_of: tuple[tuple[float, float], ...]) -> bool:
    x_m, y_m, _ = left_handed.mirrored(place.x, place.y, place.z)
    return all((x_m - x) ** 2 + (y_m - y) ** 2 > CLEAR_M**2 for x, y in clear_of)


def _numbers(count: int, below: int, seed: int, what: str) -> list[int]:
    """Numbers from 0 to below - 1, drawn by index."""
    key = stream_key(seed, f"{STREAM}.{what}")
    return [min(int(uniform(key, entity_id(what), index, 0) * below), below - 1) for index in range(count)]


def _shuffled(count: int, seed: int, what: str) -> list[int]:
    """All numbers below `count` in drawn order."""
    key = stream_key(seed, f"{STREAM}.{what}")
    return sorted(range(count), key=lambda index: (uniform(key, entity_id(what), index, 0), index))
