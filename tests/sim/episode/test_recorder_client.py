"""The genuine client records a drive on our server, asks what was in it, and sees it again."""

import math

import pytest

from tests.sim.carla_server.processes import in_client, serving
from tests.sim.carla_server.scenes import said_by, spawned, ticking, ticks

DRIVEN = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")
    folder = tmp_path_factory.mktemp("recordings")
    with serving(args=("--recordings", folder)) as running:
        yield running


def place_of(actor):
    at = actor.get_transform()
    return [at.location.x, at.location.y, at.location.z, at.rotation.yaw]


def recorded_and_replayed(client):
    """A car drives and is recorded, goes, and is shown again; the places it was at, both times."""
    import carla

    answer = {}
    with ticking(client) as world:
        car = spawned(world, role_name="hero")
        answer["started"] = client.start_recorder("drive.log", True)
        car.apply_control(carla.VehicleControl(throttle=0.7, steer=0.05))
        answer["driven"] = []
        for _ in range(DRIVEN):
            world.tick()
            answer["driven"].append(place_of(car))
        client.stop_recorder()
        car.destroy()
        world.tick()
        answer["info"] = client.show_recorder_file_info("drive.log", False)
        answer["collisions"] = client.show_recorder_collisions("drive.log", "a", "a")
        answer["blocked"] = client.show_recorder_actors_blocked("drive.log", 1.0, 1.0)
        answer["told"] = client.replay_file("drive.log", 0.0, 0.0, 0)
        answer["shown"], answer["throttle"] = [], []
        for _ in range(DRIVEN - 1):
            world.tick()
            for one in world.get_actors().filter("vehicle.*"):
                answer["shown"].append(place_of(one))
                answer["throttle"].append(one.get_control().throttle)
        client.stop_replayer(False)
        ticks(world, 2)
        answer["left"] = len(world.get_actors().filter("vehicle.*"))
    return answer


@pytest.fixture(scope="module")
def answer(server):
    return in_client(server, recorded_and_replayed)


def test_a_recorded_drive_is_shown_again_as_it_was(answer):
    assert answer["started"].endswith("drive.log")
    driven, shown = answer["driven"], answer["shown"]
    assert math.dist(driven[0][:2], driven[-1][:2]) > 5.0
    assert len(shown) >= DRIVEN - 2
    for place in shown:
        assert min(math.dist(place[:3], other[:3]) for other in driven) < 0.05
    assert math.dist(shown[-1][:3], driven[-1][:3]) < 0.3
    assert answer["throttle"][DRIVEN // 2] == pytest.approx(0.7, abs=1e-6)
    assert answer["left"] == 0


def test_the_texts_say_what_was_recorded(answer):
    for part in (
        "Map: Carla/Maps/",
        "vehicle.tesla.model3 (h)",
        "role_name = hero",
        f"Frames: {DRIVEN}",
        "Duration: 2.9",
    ):
        assert part in answer["info"]
    assert "Frames" in answer["collisions"]
    assert "vehicle.tesla.model3" not in answer["blocked"]
    assert "Replaying drive.log" in answer["told"]


def refusals(client):
    return {
        "up": client.start_recorder("../../x.log"),
        "absolute": client.start_recorder("/etc/x.log"),
        "missing": client.show_recorder_file_info("none.log", True),
        "replayed": client.replay_file("none.log", 0.0, 0.0, 0),
        "factor": said_by(lambda: client.set_replayer_time_factor(1.0)),
        "version": client.get_server_version(),
    }


def test_bad_names_and_missing_files_are_told_and_the_server_goes_on(server):
    answer = in_client(server, refusals)
    assert answer["up"].startswith("Not recording")
    assert answer["absolute"].startswith("Not recording")
    assert "no recording 'none.log'" in answer["missing"]
    assert answer["replayed"].startswith("Not replaying")
    assert answer["factor"] == ""
    assert answer["version"] == "0.9.16"
