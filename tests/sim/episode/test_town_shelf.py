"""Maps by name and from texts: which are found, which are refused, and that odd ones still load."""

import warnings

import numpy as np
import pytest

from scenarios.maps import FOLDER, load_map
from sim.episode.structs import OpendriveGenerationParameters, Refused
from sim.episode.town_shelf import Shelf
from tests.sim.episode import town_texts as texts

PARAMETERS = OpendriveGenerationParameters()


@pytest.fixture(scope="module")
def shelf():
    return Shelf((FOLDER,))


def _generated(xodr):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    return Shelf(()).generated(xodr, PARAMETERS)


def _road_below(town, transform):
    x, y, z = transform.location
    return town.ground.height_m(x, -y, z)


def test_all_our_maps_are_named_as_carla_names_its_own(shelf):
    assert shelf.names() == tuple(f"/Game/Carla/Maps/{name}" for name in ("hills", "motorway", "rural", "urban"))


@pytest.mark.parametrize(
    "text", ["urban", "Carla/Maps/urban", "/Game/Carla/Maps/urban", "urban_Opt", "Urban", "urban/"]
)
def test_a_map_is_found_by_every_name_that_clients_use(shelf, text):
    assert shelf.find(text) == "urban"


def test_an_unknown_map_is_refused_in_carlas_words(shelf):
    with pytest.raises(Refused, match="^Map 'Town99' not found$"):
        shelf.town("Town99")


def test_our_towns_need_no_carla_and_are_made_once(shelf, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "carla", None)
    town = shelf.town("urban")
    assert town is shelf.town("/Game/Carla/Maps/urban_Opt")
    assert town.full_name == "Carla/Maps/urban"
    assert town.road.digest == load_map("urban").digest
    assert town.notes == ()


def test_a_folder_and_single_files_of_a_user_join_ours(tmp_path, shelf):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    (tmp_path / "lane.xodr").write_text(texts.one_road(), encoding="utf-8")
    (tmp_path / "other.xodr").write_text(texts.one_road(length=60.0), encoding="utf-8")
    mixed = Shelf((FOLDER, tmp_path), {"Town77": tmp_path / "other.xodr"})
    assert {"/Game/Carla/Maps/lane", "/Game/Carla/Maps/Town77"} < set(mixed.names())
    assert mixed.town("Town77").full_name == "Carla/Maps/Town77"
    assert max(lane.points[-1, 0] for lane in mixed.town("Town77").road.lanes) == pytest.approx(60.0, abs=0.01)


def test_a_stale_baked_file_is_not_used(tmp_path):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    (tmp_path / "rural.npz").write_bytes((FOLDER / "rural.npz").read_bytes())
    (tmp_path / "rural.xodr").write_text(texts.one_road(length=90.0), encoding="utf-8")
    town = Shelf((tmp_path,)).town("rural")
    assert {lane.road_id for lane in town.road.lanes} == {"7"}
    assert town.road.lanes[0].points[-1, 0] == pytest.approx(90.0, abs=0.01)


SECTIONS = """<laneSection s="60"><left><lane id="1" type="driving">
<width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></left>
<center><lane id="0" type="none"/></center><right><lane id="-1" type="none"/><lane id="-2" type="driving">
<width sOffset="0" a="3" b="0" c="0" d="0"/></lane></right></laneSection>"""
ODD = {
    "left-hand traffic": texts.one_road(rule='rule="LHT"'),
    "only left lanes": texts.one_road(right=()),
    "a lane offset": texts.one_road(offset='<laneOffset s="0" a="1.5" b="0.01" c="0" d="0"/>'),
    "a poly3": texts.one_road('<poly3 a="0" b="0" c="0.001" d="0"/>'),
    "a clothoid that is an arc": texts.one_road('<spiral curvStart="0.01" curvEnd="0.01"/>'),
    "an arc that is a line": texts.one_road('<arc curvature="0"/>'),
    "a word for a road's number": texts.one_road(road_id="main street"),
    "every kind of lane": texts.one_road(
        left=("driving", "bidirectional", "parking", "border"),
        right=("median", "driving", "stop", "biking", "curb", "sidewalk", "none", "shoulder", "onRamp", "special1"),
    ),
    "a lane of no kind inside": texts.one_road().replace("</laneSection></lanes>", f"</laneSection>{SECTIONS}</lanes>"),
    "a tiny section": texts.one_road().replace(
        "</laneSection></lanes>",
        "</laneSection>" + SECTIONS + SECTIONS.replace('s="60"', 's="60.0001"') + "</lanes>",
    ),
    "a sign of no country": texts.one_road(
        more='<signals><signal id="a" s="5" t="-6" type="weird" subtype="x" orientation="none" dynamic="no"/></signals>'
    ),
    "a sign off the road": texts.one_road(
        more='<signals><signal id="1" s="9999" t="0" type="274" orientation="+" value="50"/></signals>'
    ),
    "words for numbers": texts.one_road(
        more='<objects><object id="1" type="pole" s="here" t="0"/></objects>'
        '<signals><signal id="1" s="5" t="-6" type="274" orientation="+" value="fifty"/></signals>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_what_the_genuine_reader_reads_loads_with_a_road_to_drive_on(what):
    carla = pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    assert carla.Map("odd", ODD[what]).generate_waypoints(20.0)
    town = _generated(ODD[what])
    assert town.spawn_points
    for transform in town.spawn_points:
        assert _road_below(town, transform) == pytest.approx(transform.location.z - 0.5, abs=0.2)


@pytest.mark.parametrize("what", ["a sign off the road", "words for numbers", "a clothoid that is an arc"])
def test_what_could_not_be_used_is_told(what):
    assert _generated(ODD[what]).notes


def test_a_generated_crossing_loads_whole_with_its_lights():
    pytest.importorskip("scenariogeneration", reason="needs scenariogeneration: pip install scenariogeneration")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        town = _generated(texts.crossing())
    assert town.full_name == "Carla/Maps/OpenDriveMap"
    assert np.isfinite(np.concatenate([lane.points for lane in town.road.lanes])).all()
    assert [lamp.turn for lamp in town.lamps] == [0, 1, 2, 3]
    assert {lamp.group for lamp in town.lamps} == {"junction 1000"}
    assert all(lamp.meshes[0].vertices[:, 2].max() > 5.5 for lamp in town.lamps)


@pytest.mark.parametrize(
    "xodr", ["", "<OpenDRIVE>", "<html></html>", "no xml at all", texts.one_road(left=(), right=())]
)
def test_a_text_without_roads_is_refused_and_not_a_crash(xodr):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    with pytest.raises(Refused, match="cannot be read"):
        Shelf(()).generated(xodr, PARAMETERS)


def test_traffic_on_the_left_begins_on_the_left():
    left, right = (_generated(texts.one_road(rule=f'rule="{rule}"')) for rule in ("LHT", "RHT"))

    def east(town):
        return {round(point.location.y, 2) for point in town.spawn_points if abs(point.rotation.yaw) < 1.0}

    assert east(right) == {1.75}  # CARLA's y grows to the right
    assert east(left) == {-1.75}


@pytest.mark.parametrize("length", [1e9, 1e15])
def test_a_road_of_absurd_length_is_refused_at_once(length):
    with pytest.raises(Refused, match="km long"):
        Shelf(()).generated(texts.one_road(length=length), PARAMETERS)


@pytest.mark.parametrize("length", ["inf", "nan", "-5", "long"])
def test_a_road_whose_length_is_no_length_is_refused(length):
    pytest.importorskip("carla", reason="needs the carla wheel: pip install carla==0.9.16")
    with pytest.raises(Refused, match="cannot be read"):
        Shelf(()).generated(texts.one_road().replace('length="120.0"', f'length="{length}"'), PARAMETERS)


def test_a_map_too_large_for_surroundings_has_its_roads_and_land(monkeypatch):
    from sim.episode import town as towns

    monkeypatch.setattr(towns, "SURROUNDED_KM", 0.1)
    town = _generated(texts.one_road(left=("driving", "sidewalk"), length=150.0))
    assert ["roads only" in note for note in town.notes] == [True]
    for transform in town.spawn_points:
        assert _road_below(town, transform) == pytest.approx(0.0, abs=0.05)
    assert town.ground.height_m(60.0, 300.0, 10.0) == pytest.approx(-0.3, abs=0.01)
    assert town.ground.height_m(60.0, 5.0, 10.0) == pytest.approx(0.12, abs=0.02)


@pytest.mark.parametrize("broken", [("still_of",), ("still_of", "still_without_surroundings")])
def test_a_map_whose_surroundings_fail_still_has_its_lanes(monkeypatch, broken):
    from sim.episode import town as towns

    def fail(*args, **kwargs):
        raise ValueError("no such geometry")

    for name in broken:
        monkeypatch.setattr(towns, name, fail)
    town = _generated(texts.one_road(length=100.0 + len(broken)))
    assert len(town.notes) == len(broken)
    for transform in town.spawn_points:
        assert _road_below(town, transform) == pytest.approx(0.0, abs=0.05)
