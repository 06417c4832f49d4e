"""A run is a function of its key: the hash tests."""

import json
import os
import subprocess
import sys

import numpy as np

from scenarios import assembly, keys
from scenarios.assembly import prepare
from scenarios.campaign import Task, run_campaign
from scenarios.engine import engine_for
from sim.twin.world import TwinWorld
from tests.closed_loop.runs import play, request

CAR = "truck_meets_stationary_car"
CHILD = "child_crosses_ahead_of_truck"

SCRIPT = """
import json, sys
from scenarios.assembly import RunRequest, prepare
names = json.loads(sys.argv[1])
runs = {name: prepare(RunRequest(scenario=name, faults=("camera_freezes",), seed=5)) for name in names}
print(json.dumps({name: [run.key.key_hash, run.play().record.record_hash] for name, run in runs.items()}))
"""


def hashes_in_a_process(names, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    words = [sys.executable, "-c", SCRIPT, json.dumps(names)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=True, timeout=100)
    return json.loads(done.stdout)


def test_two_processes_with_different_hash_seeds_and_run_orders_agree():
    assert hashes_in_a_process([CAR, CHILD], "1") == hashes_in_a_process([CHILD, CAR], "2")


def test_one_and_two_jobs_give_the_same_rows():
    tasks = [Task(request=request(name, seed=seed)) for name in (CAR, CHILD) for seed in (1, 2)]
    alone = run_campaign(tasks, engine_for(1, len(tasks)), lambda result: None)
    shared = run_campaign(tasks, engine_for(2, len(tasks)), lambda result: None)
    assert [result.row for result in alone.ordered] == [result.row for result in shared.ordered]
    assert len(alone.ordered) == 4


def test_changing_only_radar_noise_changes_the_record():
    plain = play(CAR)
    noisy = play(CAR, sensor__radar__range_floor_m=0.06)
    assert plain.record_hash != noisy.record_hash


def test_the_seed_reaches_the_record_through_chance_only(monkeypatch):
    assert play(CAR, seed=1).record_hash != play(CAR, seed=2).record_hash
    before = prepare(request(CAR))
    monkeypatch.setattr(assembly, "code_version", lambda: "another version")
    after = prepare(request(CAR))
    assert before.key.key_hash != after.key.key_hash
    assert before.key.pair_key == after.key.pair_key
    assert before.play().record.record_hash == after.play().record.record_hash


def test_the_key_knows_every_input():
    base = prepare(request(CAR)).key.key_hash
    others = [
        request(CAR, seed=2),
        request(CAR, profile="workstation"),
        request(CAR, faults=("camera_freezes",)),
        request(CAR, unprotected=True),
        request(CAR, stack="never_brake"),
        request(CAR, approach_speed_kmh=70.0),
        request(CAR, latency__brake_request_ms=1.0),
        request(CAR, sensor__radar__clutter_per_scan=0.1),
        request(CAR, ego__load_ratio=0.5),
    ]
    hashes = {prepare(other).key.key_hash for other in others}
    assert len(hashes) == len(others)
    assert base not in hashes
    assert prepare(request(CAR)).key.key_hash == base


def test_the_pair_key_joins_baseline_and_candidate_only():
    key = prepare(request(CAR)).key
    assert keys.digest_of(key.document()) == key.key_hash
    assert key.pair_key != prepare(request(CAR, seed=2)).key.pair_key


def test_the_record_with_the_digest_off_is_the_same_run():
    prepared = prepare(request(CAR))
    with_digest, without = prepared.play().record, prepared.play(digest=False).record
    assert np.array_equal(with_digest.truth, without.truth)
    assert with_digest.jobs == without.jobs


def test_a_sensor_more_leaves_truth_byte_identical():
    """Another sensor rate means other observations: the truth of a run that never brakes does not notice."""
    few = play(CAR, stack="never_brake")
    prepared = prepare(request(CAR, stack="never_brake"))
    world = TwinWorld(prepared.placed.layout)
    for step in range(0, 3_000_000_000, 1_370_000):
        world.observe(step)
        if step % 10 == 0:
            world.advance_to(step)
    world.advance_to(3_000_000_000)
    assert world.observe(3_000_000_000).state.tobytes() == few.truth[300].tobytes()
