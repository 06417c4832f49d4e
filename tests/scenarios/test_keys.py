"""Keys: everything a run depends on is in them, nothing else is, and pairs leave out the code."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from enum import Enum
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.assembly import RunRequest, prepare
from scenarios.keys import canonical, digest_of, digest_of_files, fingerprint, plain, stack_identity
from scenarios.stacks import find_stack
from stack.vocabulary import Protection
from tests.scenarios.plugged import plug_in

BASE = RunRequest(scenario="truck_meets_stationary_car", faults=("camera_freezes",), seed=1)

CHANGES = {
    "scenario": {"scenario": "truck_meets_slower_car"},
    "parameter": {"overrides": {"approach_speed_kmh": 60}},
    "scenario key": {"overrides": {"ego.load_ratio": 0.5}},
    "latency": {"overrides": {"latency.brake_request_ms": 10}},
    "threshold": {"overrides": {"stack.tracking.gate": 9.0}},
    "sensor": {"overrides": {"sensor.radar.clutter_per_scan": 0.5}},
    "fault's key": {"overrides": {"fault.camera_freezes.trigger.at_s": 3.0}},
    "faults": {"faults": ("radar_goes_silent",)},
    "no faults": {"faults": ()},
    "seed": {"seed": 2},
    "profile": {"profile": "workstation"},
    "stack": {"stack": "never_brake"},
    "protection": {"protection": Protection.UNPROTECTED},
    "host": {"host": "measured"},
    "factor": {"host": "measured", "measured_factor": 2.0},
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def key_of(**changes):
    return prepare(replace(BASE, **changes)).key


def test_every_input_changes_the_key_and_no_two_changes_give_the_same():
    hashes = {name: key_of(**change).key_hash for name, change in CHANGES.items()} | {"base": key_of().key_hash}
    assert len(set(hashes.values())) == len(hashes)


def test_the_same_request_has_the_same_key():
    assert key_of().key_hash == key_of().key_hash
    assert (
        key_of(overrides={"approach_speed_kmh": 80}).key_hash == key_of(overrides={"approach_speed_kmh": 80}).key_hash
    )


def test_stored_costs_do_not_change_the_key_of_a_measured_run():
    measured = key_of(host="measured")
    assert key_of(host="stored", stored_costs_ns=(1, 2)).key_hash == measured.key_hash


def test_a_pair_key_leaves_out_code_version_stack_digest_and_bundle():
    key = key_of()
    other = replace(key, code_version="0", bundle_digest="1", stack=key.stack | {"digest": "2", "version": "3"})
    assert other.pair_key == key.pair_key
    assert other.key_hash != key.key_hash
    for change in ({"seed": 2}, {"protection": Protection.UNPROTECTED}, {"stack": "never_brake"}):
        assert key_of(**change).pair_key != key.pair_key


def test_a_key_is_plain_json():
    document = key_of().document()
    assert json.loads(canonical(document)) == document


@settings(max_examples=50, deadline=None)
@given(values)
def test_a_value_has_one_text_and_keeps_what_it_says(value):
    assert json.loads(canonical(value)) == value
    assert digest_of(value) == digest_of(json.loads(json.dumps(value)))


def test_not_a_number_has_no_place_in_a_key():
    with pytest.raises(ValueError, match="JSON"):
        digest_of({"speed_mps": float("nan")})


class Colour(Enum):
    RED = "red"


def test_plain_values_of_arrays_enums_and_mappings():
    assert plain(Colour.RED) == "red"
    assert plain(MappingProxyType({1: (np.float64(2.0), None)})) == {"1": [2.0, None]}
    one, same, other = (plain(np.array(v)) for v in ([1.0, 2.0], [1.0, 2.0], [1.0, 3.0]))
    assert one == same != other
    assert plain(BASE)["is"] == "RunRequest"


def test_a_digest_of_files_sees_names_and_contents_but_not_the_order_they_are_given(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("1")
    second.write_text("2")
    whole = digest_of_files([first, second])
    assert digest_of_files([second, first]) == whole
    second.write_text("3")
    assert digest_of_files([first, second]) != whole
    assert digest_of_files([first]) != digest_of_files([second])


def test_a_changed_source_of_a_foreign_stack_changes_its_identity(tmp_path, monkeypatch):
    module = plug_in(tmp_path / "site", monkeypatch)
    before = find_stack("quiet").identity
    module.write_text(module.read_text() + "\n# changed\n")
    after = find_stack("quiet").identity
    assert before["digest"] != after["digest"]
    assert before["entry_point"] == after["entry_point"]


def test_our_own_stacks_carry_our_own_code_version():
    assert stack_identity("stack.pipeline:reference_pipeline", "faultline")["digest"] == key_of().code_version


def test_the_fingerprint_names_what_equal_hashes_rest_on():
    assert {"machine", "cpu", "cpu_features", "libc", "python", "numpy", "numba", "llvmlite", "hash"} <= set(
        fingerprint()
    )


def test_the_key_does_not_depend_on_the_hash_seed_of_the_process():
    text = (
        "from scenarios.assembly import RunRequest, prepare; print(prepare(RunRequest("
        "scenario='truck_meets_stationary_car', faults=('camera_freezes',), seed=1)).key.pair_key)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    said = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == key_of().pair_key
