"""The grid whose open ends are closed: traffic on it never comes to an end."""

from pathlib import Path

import numpy as np
import pytest

from scenarios.maps import ENDLESS, load_map
from sim.episode.town_shelf import Shelf
from sim.road import DRIVING


def test_every_driving_lane_leads_on():
    assert all(lane.successors for lane in load_map("quarter", ENDLESS).lanes if lane.kind == DRIVING)


def test_whoever_leaves_a_block_outwards_comes_back_on_its_other_lane():
    road = load_map("quarter", ENDLESS)
    ways = [lane for lane in road.lanes if int(lane.road_id) > 600]
    assert len(ways) == 8
    for way in ways:
        (before,) = [lane for lane in road.lanes if road.lanes.index(way) in lane.successors]
        (after,) = [road.lanes[index] for index in way.successors]
        assert (before.road_id, before.lane_id) == (after.road_id, -after.lane_id)
        assert np.allclose(way.points[0, 1:3], before.points[-1, 1:3], atol=0.01)
        assert np.allclose(way.points[-1, 1:3], after.points[0, 1:3], atol=0.01)
        assert np.abs(way.points[:, 4]).max() < 1.0 / 8.0  # a bus can turn there


def test_the_grid_itself_lies_as_in_the_urban_map():
    urban, quarter = load_map("urban"), load_map("quarter", ENDLESS)
    for mine, theirs in zip(urban.lanes, quarter.lanes, strict=False):
        assert (mine.road_id, mine.lane_id) == (theirs.road_id, theirs.lane_id)
        assert np.array_equal(mine.points, theirs.points)
    assert quarter.signals == urban.signals


def test_the_genuine_reader_finds_no_open_end():
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    reader = carla.Map("quarter", (ENDLESS / "quarter.xodr").read_text(encoding="utf-8"))
    assert all(waypoint.next(5.0) for waypoint in reader.generate_waypoints(4.0))


def test_its_town_has_the_lights_of_the_grid():
    town = Shelf((ENDLESS,)).town("quarter")
    assert len(town.lamps) == 16
    assert len(town.spawn_points) > 300


def test_drawing_it_again_gives_the_same_bytes(tmp_path: Path):
    pytest.importorskip("scenariogeneration", reason="needs scenariogeneration: pip install scenariogeneration")
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    from scenarios.maps import make

    make.make("quarter", tmp_path)
    for suffix in ("xodr", "npz"):
        assert (tmp_path / f"quarter.{suffix}").read_bytes() == (ENDLESS / f"quarter.{suffix}").read_bytes()
