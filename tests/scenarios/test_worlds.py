"""Worlds by name: what is refused before the clock starts, what goes into the key, how a run is repeated."""

import json
from dataclasses import replace

import pytest

from scenarios import worlds
from scenarios.assembly import RunRequest, prepare
from scenarios.campaign import Task, compute
from scenarios.carla_checkup import carla_checkup
from scenarios.commands import command_of, request_document, request_from, world_words
from scenarios.orders import requests_for, suite_tasks
from scenarios.worlds import background_of
from sim.carla_client.background import Background
from stack.vocabulary import InputError, MissingPart
from tests.scenarios.terminal import Terminal
from tests.sim.carla_client.fake_wire import LIBRARY, FakeWire

CARLA = "carla://known-by-heart:1"
BASE = RunRequest(scenario="truck_meets_stationary_car", seed=1)


@pytest.fixture
def by_heart(monkeypatch):
    """Every address leads to a server that tests know by heart; its features can be changed."""
    features, made = {}, []

    def connect(address):
        made.append(FakeWire(**features))
        return made[-1]

    monkeypatch.setattr(worlds, "connect", connect)
    worlds.server_facts.cache_clear()
    yield features, made
    worlds.server_facts.cache_clear()


def findings_of(**changes):
    with pytest.raises(InputError) as refused:
        prepare(replace(BASE, **changes))
    return [str(finding) for finding in refused.value.findings]


def test_an_unknown_world_is_refused_with_those_there_are():
    assert findings_of(world="mars") == ["--world: mars: is no world; known: twin or carla://HOST:PORT"]
    assert "names no host" in findings_of(world="carla://")[0]


def test_what_only_carla_has_is_refused_on_the_twin():
    found = findings_of(background=Background(vehicles=3, walkers=500), carla_rig="full")
    assert [line.partition(":")[0] for line in found] == ["--traffic", "--walkers", "--carla-rig"]


def test_a_server_that_is_not_there_is_refused_before_the_first_run(monkeypatch):
    def nobody(address):
        raise MissingPart(f"no CARLA server answers at {address.text}")

    monkeypatch.setattr(worlds, "connect", nobody)
    worlds.server_facts.cache_clear()
    with pytest.raises(MissingPart, match="carla://nobody:2000"):
        requests_for(("truck_meets_stationary_car",), world="carla://nobody")


def test_the_key_says_which_server_but_not_where(by_heart):
    features, _ = by_heart
    here, there = (prepare(replace(BASE, world=f"carla://{host}:1")).key for host in ("a", "b"))
    assert here.key_hash == there.key_hash != prepare(BASE).key.key_hash
    assert here.world["kind"] == "carla"
    assert here.world["ego"] == "vehicle.faultline.truck_n3_rigid"
    worlds.server_facts.cache_clear()
    features["library"] = (*LIBRARY, "vehicle.some.more")
    assert prepare(replace(BASE, world=CARLA)).key.key_hash != here.key_hash
    worlds.server_facts.cache_clear()
    features["version"] = "0.9.16-other"
    assert prepare(replace(BASE, world=CARLA)).key.world["server"] == "0.9.16-other"


def test_background_and_sensors_of_carlas_own_are_inputs_of_the_run(by_heart):
    plain = prepare(replace(BASE, world=CARLA)).key.key_hash
    with_traffic = prepare(replace(BASE, world=CARLA, background=Background(vehicles=2))).key.key_hash
    with_sensors = prepare(replace(BASE, world=CARLA, carla_rig="full")).key.key_hash
    assert len({plain, with_traffic, with_sensors}) == 3


def test_a_run_on_carla_is_named_and_repeated_as_one(by_heart):
    request = replace(BASE, world=CARLA, background=Background(vehicles=2, walkers=1, seed=1), carla_rig="full")
    assert request.run_id == "truck_meets_stationary_car#1@carla"
    assert command_of(request) == (
        "faultline run truck_meets_stationary_car --seed 1 --world carla://known-by-heart:1 --traffic 2 --walkers 1"
        " --carla-rig full"
    )
    assert request_from(json.loads(json.dumps(request_document(request))), ()) == request
    assert request_from(request_document(BASE), ()) == BASE
    assert "world" not in request_document(BASE)


def test_a_run_on_carla_is_judged_and_tells_its_books(by_heart):
    _, made = by_heart
    result = compute(Task(request=replace(BASE, world=CARLA)))
    assert result.row["verdict"] == "pass"
    assert result.row["world"]["sensors_moved_ns"] == {"radar": 5_000_000, "camera": 5_000_000}
    assert result.row["world"]["pacing"]["skipped_frames"] == 0
    assert all(wire.closed == 1 for wire in made)
    slots = {message.topic: message.true_at % 10_000_000 for message in result.record.sensed}
    assert set(slots.values()) == {0}, "every sensor looks at a tick"


def test_a_run_on_the_twin_tells_nothing_of_the_kind():
    assert "world" not in compute(Task(request=BASE)).row


def test_what_breaks_on_the_way_is_crashed_and_lets_go(by_heart):
    features, made = by_heart
    features["faults"] = ("brakes are dead",)
    from sim.carla_client.opening import forget_brake_maps

    forget_brake_maps()
    result = compute(Task(request=replace(BASE, world=CARLA)))
    assert result.row["verdict"] == "crashed"
    assert result.row["reason"].startswith("MachineryError: the brakes of")
    assert all(wire.closed == 1 for wire in made)


def test_a_suite_goes_to_the_world_it_is_sent_to(by_heart):
    tasks = suite_tasks(("smoke",), world=CARLA, background=Background(vehicles=5))
    assert {task.request.world for task in tasks} == {CARLA}
    assert all(task.request.background == Background(vehicles=5, seed=task.request.seed) for task in tasks)
    assert all(f"--world {CARLA} --traffic 5" in task.command for task in tasks)


def test_the_doctor_tells_what_a_server_lacks(by_heart):
    features, made = by_heart
    rows = {row.part: row for row in carla_checkup("known-by-heart:1")}
    assert rows["carla: server"].usable
    assert not rows["carla: sensors"].usable
    assert "lacks camera.rgb" in rows["carla: sensors"].detail
    assert not rows["carla: blueprints lacking"].usable
    assert made[-1].closed == 1


@pytest.fixture
def faultline(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("run", "truck_meets_stationary_car", "--world", "mars"), "known: twin or carla://HOST:PORT"),
        (("run", "truck_meets_stationary_car", "--traffic", 3), "the twin has none of CARLA's"),
        (("run", "truck_meets_stationary_car", "--carla-rig", "ful"), "did you mean"),
        (("suite", "smoke", "--world", CARLA, "--jobs", 2), "one run at a time"),
        (("agree", "smoke", "--worlds", "twin"), "the reference first"),
        (("doctor", "--carla", "carla://"), "names no host"),
    ],
)
def test_the_command_line_refuses_with_the_mend(faultline, words, text):
    said = faultline(*words)
    assert said.code == 2
    assert text in said.err


def test_the_command_line_tells_of_a_server_that_is_not_there(faultline, monkeypatch):
    def nobody(address):
        raise MissingPart(f"no CARLA server answers at {address.text}: start one")

    monkeypatch.setattr(worlds, "connect", nobody)
    worlds.server_facts.cache_clear()
    assert faultline("run", "truck_meets_stationary_car", "--world", CARLA).code == 2
    said = faultline("doctor", "--carla", "known-by-heart:1")
    assert said.code == 2
    assert "start one" in said.out


def test_how_carlas_traffic_behaves_can_be_said_and_is_said_again():
    background = background_of(5, 2, ("slower_ratio=-0.2", "changes_lanes=false", "crosses_ratio=0.5"))
    assert background == Background(vehicles=5, walkers=2, slower_ratio=-0.2, changes_lanes=False, crosses_ratio=0.5)
    words = world_words("carla://127.0.0.1:2000", background)
    said = [word for flag, word in zip(words, words[1:], strict=False) if flag == "--behaviour"]
    assert background_of(5, 2, tuple(said)) == background


@pytest.mark.parametrize("row", ["temper=bad", "slower_ratio=fast", "crosses_ratio=2", "changes_lanes=maybe", "x"])
def test_behaviour_that_there_is_not_is_refused(row):
    with pytest.raises(InputError, match="--behaviour"):
        background_of(1, 0, (row,))
