"""What `faultline doctor` finds: usable parts, missing ones with the mend, stacks that cannot be judged."""

import sys

import pytest

from scenarios import checkup
from scenarios.checkup import Checked
from tests.scenarios.plugged import MODULE, plug_in
from tests.scenarios.terminal import Terminal


@pytest.fixture
def faultline(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def only(monkeypatch):
    """Look at these stacks only."""
    return lambda *names: monkeypatch.setattr(checkup, "stack_names", lambda: names)


def parts(rows):
    return {row.part: row for row in rows}


def test_everything_a_run_needs_is_usable_here(only):
    only("reference")
    found = parts(checkup.checkup())
    assert all(row.usable for row in found.values() if row.needed)
    assert {"python", "world: twin", "host: modelled", "map: motorway", "engine: dask"} <= set(found)
    assert found["stack: reference"].detail == "7 stages, repeatable"


def test_foreign_stacks_are_played_twice_and_told_apart(only, tmp_path, monkeypatch):
    plug_in(tmp_path / "site", monkeypatch)
    only("quiet", "drifting", "raises", "nonsense", "is_not_there")
    found = parts(checkup.checkup())
    assert (found["stack: quiet"].usable, found["stack: quiet"].detail) == (True, "1 stage, repeatable")
    told = {
        "stack: drifting": "not repeatable",
        "stack: raises": "it crashes: stage stack raised ValueError: no more",
        "stack: nonsense": "its factory gave a int",
        "stack: is_not_there": "does not load",
    }
    for part, words in told.items():
        assert not found[part].usable
        assert not found[part].needed
        assert words in found[part].detail
    sys.modules.pop(MODULE, None)


def test_doctor_prints_a_line_per_part_and_exits_0_while_only_extras_are_missing(faultline, only, monkeypatch):
    only()
    monkeypatch.setattr(checkup, "find_spec", lambda name: None)
    said = faultline("doctor")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("ok    python")
    (missing,) = [line for line in lines if not line.startswith("ok")]
    assert missing.startswith("miss  road reader: carla.Map")
    assert "carla==0.9.16" in missing


def test_doctor_exits_2_when_a_needed_part_is_missing(faultline, monkeypatch):
    broken = Checked(part="map: motorway", usable=False, needed=True, detail="make it again")
    monkeypatch.setattr(checkup, "checkup", lambda: [broken])
    said = faultline("doctor", "--json")
    assert said.code == 2
    assert said.document == {"parts": [{"part": "map: motorway", "usable": False, "detail": "make it again"}]}
