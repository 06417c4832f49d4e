"""Our maps: what is on them, that they are drawn the same every time, and that the standard's checker agrees."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from scenarios.maps import FOLDER, load_map, map_names
from scenarios.maps.check import check, parse
from sim import road as roads
from sim.road import xodr_digest
from stack.vocabulary import InputError, MachineryError, MissingPart


def test_the_four_maps_are_there_and_load():
    assert map_names() == ("hills", "motorway", "rural", "urban")
    for name in map_names():
        road = load_map(name)
        assert road.name == name
        assert road.digest == xodr_digest((FOLDER / f"{name}.xodr").read_text(encoding="utf-8"))


def test_a_misspelt_map_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="did you mean motorway"):
        load_map("motorwey")
    with pytest.raises(InputError, match="maps: hills, motorway, rural, urban"):
        load_map("xyz")


def test_a_baked_file_of_another_text_is_refused(tmp_path: Path):
    for suffix in ("xodr", "npz"):
        shutil.copy(FOLDER / f"rural.{suffix}", tmp_path / f"rural.{suffix}")
    assert load_map("rural", tmp_path).name == "rural"
    text = (tmp_path / "rural.xodr").read_text(encoding="utf-8")
    (tmp_path / "rural.xodr").write_text(text.replace('length="450"', 'length="451"'), encoding="utf-8")
    load_map.cache_clear()
    with pytest.raises(InputError, match=r"rural\.npz: digest.*scenarios\.maps\.make"):
        load_map("rural", tmp_path)


@pytest.mark.parametrize("name", ["hills", "motorway", "rural", "urban"])
def test_drawing_a_map_again_gives_the_same_bytes(name, tmp_path: Path):
    pytest.importorskip("scenariogeneration", reason="needs scenariogeneration: pip install scenariogeneration")
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    from scenarios.maps import make

    for _ in range(2):  # the drawing library numbers things per process; the second time must not differ
        make.make(name, tmp_path)
    assert (tmp_path / f"{name}.xodr").read_bytes() == (FOLDER / f"{name}.xodr").read_bytes()
    assert (tmp_path / f"{name}.npz").read_bytes() == (FOLDER / f"{name}.npz").read_bytes()


def test_the_motorway_has_two_driving_lanes_of_3_75_m_and_a_shoulder_beside_the_slow_one():
    road = load_map("motorway")
    slow = roads.first_lane(road, ("1", -3))
    assert (slow.width_m, road.lanes[slow.left].width_m) == (3.75, 3.75)
    assert road.lanes[slow.right].kind == "shoulder"
    assert slow.points[-1, 0] > 3000.0


@pytest.mark.parametrize(
    ("name", "lane", "from_m", "to_m"),
    [("motorway", ("1", -3), 0.0, 945.0), ("rural", ("1", -1), 0.0, 445.0), ("rural", ("1", 1), 0.0, 190.0)],
)
def test_the_long_straights_are_straight(name, lane, from_m, to_m):
    points = roads.first_lane(load_map(name), lane).points
    part = points[(points[:, 0] >= from_m) & (points[:, 0] <= to_m)]
    assert np.abs(part[:, 4]).max() < 1e-4


def test_the_urban_grid_has_four_junctions_straight_blocks_sidewalks_and_crosswalks():
    road = load_map("urban")
    blocks = [lane for lane in road.lanes if lane.kind == roads.DRIVING and int(lane.road_id) < 100]
    assert len({lane.road_id for lane in blocks}) == 12
    for lane in blocks:
        assert lane.width_m == 3.25
        assert lane.points[-1, 0] == pytest.approx(170.0, abs=0.01)
        assert np.abs(lane.points[:, 4]).max() < 1e-4
        assert road.lanes[lane.right].kind == "sidewalk"
    parting = [lane for lane in blocks if lane.successors]
    assert len(parting) == 16  # four arms into each of four junctions
    for lane in parting:
        turns = sorted(roads.turn_of(road.lanes[index]) for index in lane.successors)
        assert turns == ["left", "right", "straight"]
    assert sum(thing.kind == "crosswalk" for thing in road.objects) == 20


def test_the_hills_have_a_junction_of_three_roads_and_a_bridge_over_the_fourth():
    road = load_map("hills")
    into = [lane for lane in road.lanes if lane.kind == roads.DRIVING and not lane.junction_id and lane.successors]
    assert {(lane.road_id, lane.lane_id) for lane in into} == {("1", -1), ("2", 1), ("3", 1)}
    turns = {lane.road_id: sorted(roads.turn_of(road.lanes[index]) for index in lane.successors) for lane in into}
    assert turns == {"1": ["left", "straight"], "2": ["right", "straight"], "3": ["left", "right"]}
    (bridge,) = road.bridges
    assert (bridge.road_id, bridge.to_m - bridge.from_m) == ("2", 40.0)
    assert roads.route_from(road, ("4", -1), 0.0, 555.0).heights_m.min() < 0.0


def test_the_asam_checker_finds_no_error_on_any_map():
    executable = shutil.which("qc_opendrive")
    if executable is None:
        pytest.skip("needs the ASAM checker on PATH: pip install asam-qc-opendrive in an environment of its own")
    for name in map_names():
        outcome = check(FOLDER / f"{name}.xodr", executable)
        assert outcome.errors == ()
        assert any("valid_schema" in rule for rule in outcome.completed)
        assert len(outcome.completed) >= 20


def test_the_asam_checker_finds_the_error_in_a_broken_map(tmp_path: Path):
    executable = shutil.which("qc_opendrive")
    if executable is None:
        pytest.skip("needs the ASAM checker on PATH: pip install asam-qc-opendrive in an environment of its own")
    text = (FOLDER / "rural.xodr").read_text(encoding="utf-8")
    broken = tmp_path / "rural.xodr"
    broken.write_text(text.replace('type="shoulder"', 'type="sholder"'), encoding="utf-8")
    assert any("schema" in line for line in check(broken, executable).errors)


RESULT = """<?xml version='1.0' encoding='UTF-8'?>
<CheckerResults version="1"><CheckerBundle name="xodrBundle">
  <Checker status="completed" checkerId="a"><Issue issueId="0" description="bad" level="1" ruleUID="r"/></Checker>
  <Checker status="skipped" checkerId="b"/>
  <Checker status="error" checkerId="c"/>
  <Checker status="completed" checkerId="d"><Issue issueId="1" description="hm" level="2" ruleUID="q"/></Checker>
</CheckerBundle></CheckerResults>"""


def test_a_checker_result_is_read_with_what_was_skipped_and_what_broke():
    outcome = parse(RESULT)
    assert (outcome.completed, outcome.skipped, outcome.failed) == (("a", "d"), ("b",), ("c",))
    assert outcome.errors == ("error: r: bad", "error: c: the check itself failed")
    assert [issue.severity for issue in outcome.issues] == ["error", "warning"]


def test_an_absent_checker_is_a_missing_part(tmp_path: Path):
    with pytest.raises(MissingPart, match="install asam-qc-opendrive"):
        check(FOLDER / "rural.xodr", str(tmp_path / "qc_opendrive"))


def test_a_checker_that_leaves_no_result_is_not_taken_for_a_pass(tmp_path: Path):
    with pytest.raises(MachineryError, match="left no result"):
        check(FOLDER / "rural.xodr", shutil.which("true") or "true")
