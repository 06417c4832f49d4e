"""The same runs on the twin and, through the genuine client, on `faultline serve`: verdicts, margins, hashes, ends."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from scenarios import worlds
from scenarios.agreeing import Agreement, agreements, told_row
from scenarios.assembly import RunRequest, prepare
from scenarios.campaign import Task, compute
from scenarios.carla_checkup import carla_checkup
from sim.carla_client.background import Background
from sim.carla_client.remote import RemoteWire
from sim.truth import Contact
from tests.sim.carla_client.test_remote import actors
from tests.sim.carla_server.processes import ROOT, serving, until

pytest.importorskip("carla", reason="needs the genuine carla client: pip install carla==0.9.16")


@pytest.fixture(scope="module")
def server():
    """A server on which the truck's brakes have been measured."""
    with serving() as running:
        assert played(running, "child_stops_at_the_kerb").row["verdict"] == "pass"
        yield running


def world(server):
    return f"carla://127.0.0.1:{server.port}"


def played(server, scenario, **more):
    return compute(Task(request=RunRequest(scenario=scenario, seed=1, world=world(server), **more)))


@pytest.mark.parametrize(
    ("suite", "row"),
    [("r131", "stationary_40"), ("r131", "moving_30"), ("r131", "pedestrian_30"), ("must_not_brake", "gantry_80"),
     ("must_not_brake", "guard_rail_75"), ("must_not_brake", "motorway_traffic")],
)  # fmt: skip
def test_a_row_agrees_with_the_twin_and_repeats_exactly(server, suite, row):
    rows = tuple(found for _, found in agreements((suite,), ("twin", world(server)), rows=(row,)))
    assert Agreement(suites=(suite,), worlds=("twin", world(server)), rows=rows).exit_code == 0, told_row(rows[0])
    assert len(rows[0].hashes) == 2


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("suite", ["r131", "must_not_brake"])
def test_a_whole_suite_agrees_with_the_twin_and_repeats_exactly(server, suite):
    rows = tuple(found for _, found in agreements((suite,), ("twin", world(server))))
    told = [line for row in rows if not row.agrees for line in told_row(row)]
    assert Agreement(suites=(suite,), worlds=("twin", world(server)), rows=rows).exit_code == 0, told


class WithoutOurs(RemoteWire):
    """A server as it would be without Faultline's own blueprints."""

    def facts(self):
        facts = super().facts()
        return replace(facts, blueprints=tuple(one for one in facts.blueprints if "faultline" not in one.id))


@pytest.mark.prove
@pytest.mark.parametrize(
    "scenario", ["truck_meets_stationary_car", "truck_follows_guard_rail_in_curve", "lead_brakes_hard"]
)
def test_carlas_own_truck_with_its_gears_gives_the_same_verdict(server, monkeypatch, scenario):
    monkeypatch.setattr(worlds, "connect", WithoutOurs)
    worlds.server_facts.cache_clear()
    result = played(server, scenario)
    worlds.server_facts.cache_clear()
    assert result.row["verdict"] == "pass", result.row["reason"]
    assert result.row["world"]["played_by"]["ego"].startswith("vehicle.carlamotors.")


@pytest.mark.parametrize("scenario", ["truck_meets_stationary_car", "child_crosses_ahead_of_truck"])
def test_a_contact_is_the_twins_and_carlas_own_sensor_saw_it_too(server, scenario):
    request = RunRequest(scenario=scenario, seed=1, stack="never_brake")
    twin, carla = compute(Task(request=request)), played(server, scenario, stack="never_brake")
    [wanted], [found] = ([e for e in one.record.events if isinstance(e, Contact)] for one in (twin, carla))
    assert found.relative_speed_mps == pytest.approx(wanted.relative_speed_mps, abs=0.01)
    assert found.at == pytest.approx(wanted.at, abs=5_000_000)
    contacts = carla.row["world"]["contacts"]
    assert contacts["both"] == [wanted.second]
    assert contacts["missed_by_carla"] == contacts["only_in_carla"] == []


def test_carlas_own_traffic_and_walkers_take_part_and_repeat(server):
    background = Background(vehicles=4, walkers=3, seed=1)
    first, second = (played(server, "adult_crosses_at_crosswalk", background=background) for _ in range(2))
    names = first.record.roster.names
    assert (names[-7], names[-1]) == ("traffic_0", "walker_2")
    assert first.row["record_hash"] == second.row["record_hash"]
    moved = abs(first.record.truth[-1, -7:, :2] - first.record.truth[0, -7:, :2]).sum(axis=1)
    assert (moved > 1.0).sum() >= 5


def test_carlas_own_sensors_are_all_matched_to_their_ticks(server, tmp_path):
    request = RunRequest(scenario="child_stops_at_the_kerb", seed=1, world=world(server), carla_rig="full")
    told = prepare(request).play(streams_in=tmp_path).world
    assert len(told["streams"]) == 9
    for name, book in told["streams"].items():
        assert book["due"] == book["matched"] > 0, name
        lines = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        assert len(lines) == book["matched"]
        assert (tmp_path / f"{name}.bin").stat().st_size == lines[-1]["offset"] + lines[-1]["bytes"]


def test_the_doctor_says_what_the_server_has_and_leaves_it_as_it_was(server):
    before = actors(server)
    rows = {row.part: row for row in carla_checkup(f"127.0.0.1:{server.port}")}
    assert all(row.usable for row in rows.values())
    assert "truck_n3_rigid: vehicle.faultline.truck_n3_rigid" in rows["carla: blueprints"].detail
    assert "one frame per tick" in rows["carla: synchronous ticks"].detail
    assert actors(server) == before == [[], False]


def test_a_run_that_is_interrupted_leaves_nothing_on_the_server(server):
    script = (
        "import sys\nfrom scenarios.assembly import RunRequest, prepare\n"
        f"run = prepare(RunRequest(scenario='truck_drives_over_hills', seed=1, world={world(server)!r}))\n"
        "print('ready', flush=True)\n"
        "try:\n    run.play()\nexcept KeyboardInterrupt:\n    sys.exit(42)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ)
    assert run.stdout.readline().strip() == "ready"
    assert until(lambda: actors(server)[1], wait_s=20.0), "it holds the clock"
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20.0)
    assert run.returncode == 42
    assert until(lambda: actors(server) == [[], False], wait_s=10.0)


def test_a_server_that_dies_makes_the_verdict_crashed_and_says_what_to_do():
    with serving() as own:
        killed = []

        def observe(playing):
            own.process.kill()
            own.process.wait()
            killed.append(True)
            return

        task = Task(request=RunRequest(scenario="child_stops_at_the_kerb", seed=1, world=world(own) + "?timeout_s=2"))
        prepared = prepare(task.request)
        from scenarios import campaign

        original = campaign._played
        campaign._played = lambda task, prepared: prepared.play(observe=observe)
        try:
            result = campaign.compute(task)
        finally:
            campaign._played = original
        assert killed and prepared
        assert result.row["verdict"] == "crashed"
        assert "start it again" in result.row["reason"]
        own.process.poll = lambda: None  # its end was ours
