"""Recording and replaying as the genuine client asks for it; texts for people, and the same places again."""

import math

import pytest

from tests.sim.carla_server.processes import in_client, serving
from tests.sim.carla_server.scenes import place, said_by, ticking, ticks

TICKS, STEP_S = 100, 0.05


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A server of its own, whose recordings lie in a folder that goes away."""
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    folder = tmp_path_factory.mktemp("recordings")
    with serving(args=("--map", "urban", "--recordings", folder)) as running:
        yield running


def recorded(client, name):
    """A car that drives and bumps into another, and a walker; where they were at every tick."""
    import carla

    with ticking(client) as world:
        library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
        answer = client.start_recorder(name, True)
        car = world.spawn_actor(library.find("vehicle.tesla.model3"), points[4])
        ahead = points[4].location + points[4].get_forward_vector() * 40.0
        parked = world.spawn_actor(library.find("vehicle.audi.tt"), carla.Transform(ahead, points[4].rotation))
        aside = points[4].location + points[4].get_right_vector() * 4.0
        walker = world.spawn_actor(
            library.find("walker.pedestrian.0004"), carla.Transform(carla.Location(aside.x, aside.y, 1.2))
        )
        car.apply_control(carla.VehicleControl(throttle=1.0, steer=0.0))
        walker.apply_control(carla.WalkerControl(direction=points[4].get_forward_vector(), speed=1.5))
        seen = []
        for _ in range(TICKS):
            world.tick()
            seen.append([place(car), place(walker), place(parked), car.get_control().throttle])
        client.stop_recorder()
        ids = [car.id, walker.id, parked.id]
    return {"answer": answer, "seen": seen, "ids": ids}


def told(client, name):
    return {
        "info": client.show_recorder_file_info(name, False), "all": client.show_recorder_file_info(name, True),
        "hits": client.show_recorder_collisions(name, "a", "a"),
        "walkers": client.show_recorder_collisions(name, "w", "w"),
        "blocked": client.show_recorder_actors_blocked(name, 3.0, 0.5),
    }  # fmt: skip


def shown(client, name):
    """The replay in an empty world: where everybody is at every tick."""
    with ticking(client) as world:
        client.set_replayer_time_factor(1.0)
        text = client.replay_file(name, 0.0, 0.0, 0)
        seen = []
        for _ in range(TICKS - 1):
            world.tick()
            bodies = [one for one in world.get_actors() if one.type_id.startswith(("vehicle.", "walker."))]
            seen.append({one.type_id: place(one) for one in bodies})
        ticks(world, 20)
        client.stop_replayer(False)
        world.tick()
        left = [one.type_id for one in world.get_actors() if one.type_id.startswith(("vehicle.", "walker."))]
    return {"text": text, "seen": seen, "left": left}


def test_a_recording_is_told_in_words_and_replayed_where_it_was(recording):
    was = in_client(recording, recorded, "drive.log")
    assert "drive.log" in was["answer"]
    texts = in_client(recording, told, "drive.log")
    for kind in ("vehicle.tesla.model3", "vehicle.audi.tt", "walker.pedestrian.0004"):
        assert kind in texts["info"]
    assert f"Frames: {TICKS}" in texts["info"]
    assert "Carla/Maps/urban" in texts["info"]
    assert texts["all"].count("Frame ") > TICKS - 2 > texts["info"].count("Frame ")
    assert "vehicle.tesla.model3" in texts["hits"]
    assert "vehicle.audi.tt" in texts["hits"]
    assert "walker" not in texts["walkers"].split("Types", 1)[1].replace("walkers", "")
    assert "vehicle.audi.tt" in texts["blocked"]
    again = in_client(recording, shown, "drive.log", timeout_s=60.0)
    kinds = ("vehicle.tesla.model3", "walker.pedestrian.0004", "vehicle.audi.tt")
    for number in (0, 10, 30, 60, TICKS - 3):
        for k, kind in enumerate(kinds):
            now = again["seen"][number].get(kind)
            assert now is not None, (number, kind)
            near = min(math.dist(now[:3], row[k][:3]) for row in was["seen"][number : number + 3])
            assert near < 0.1, (number, kind)
    moved = math.dist(again["seen"][0]["vehicle.tesla.model3"][:2], again["seen"][-1]["vehicle.tesla.model3"][:2])
    assert moved > 30.0
    assert again["left"] == []


def part(client, name, start_s):
    with ticking(client) as world:
        client.replay_file(name, start_s, 1.0, 0)
        world.tick()
        car = world.get_actors().filter("vehicle.tesla.model3")[0]
        first = place(car)
        ticks(world, 18)
        last = place(car)
        ticks(world, 20)
        client.stop_replayer(True)
        ticks(world, 2)
        return [first, last, len(world.get_actors().filter("vehicle.*"))]


def test_a_replay_may_begin_later_and_what_it_brought_may_stay(recording):
    was = in_client(recording, recorded, "part.log")
    first, last, left = in_client(recording, part, "part.log", 2.0)
    assert min(math.dist(first[:3], row[0][:3]) for row in was["seen"][38:44]) < 0.1
    assert min(math.dist(last[:3], row[0][:3]) for row in was["seen"][55:63]) < 0.1
    assert left == 2


def misnamed(client):
    with ticking(client) as world:
        names = ("nothing.log", "../../etc/passwd", "", "a" * 400, "b\0c", "/proc/self/mem")
        told = []
        for name in names:
            for ask in (
                lambda name=name: client.show_recorder_file_info(name, True),
                lambda name=name: client.show_recorder_collisions(name, "v", "w"),
                lambda name=name: client.show_recorder_actors_blocked(name, 1.0, 1.0),
                lambda name=name: client.replay_file(name, 0.0, 0.0, 0),
            ):
                try:
                    told.append(ask())
                except RuntimeError as problem:
                    told.append(str(problem))
        outside = [client.start_recorder(name) for name in ("../outside.log", "/etc/outside.log", "")]
        letters = client.show_recorder_collisions("nothing.log", "x", "?")
        client.stop_recorder()
        client.stop_recorder()
        client.stop_replayer(True)
        factor = said_by(lambda: client.set_replayer_time_factor(-1.0))
        return {"told": told, "outside": outside, "letters": letters, "factor": factor, "frame": world.tick()}


def test_names_that_are_no_recordings_are_answered_with_texts(recording):
    answer = in_client(recording, misnamed)
    assert len(answer["told"]) == 24
    assert all(isinstance(text, str) and text.strip() for text in answer["told"])
    assert not any("root:" in text for text in answer["told"])
    assert all("Not recording" in text for text in answer["outside"])
    assert answer["frame"] > 0
