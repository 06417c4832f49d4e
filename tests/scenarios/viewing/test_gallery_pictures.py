"""The gallery's pictures: scenes as every weather has them, and every fault of a raw sensor visible."""

import numpy as np
import pytest

from faults import library
from scenarios.assembly import RunRequest, prepare
from scenarios.fault_files import read_fault
from scenarios.maps import map_names
from scenarios.viewing import fault_sheets, gallery, scenes
from scenarios.viewing.fault_sheets import AT_S, SCENE, fault_exhibit, fault_halls, sheets
from scenarios.viewing.gallery import SCENES, VIEWED, halls, weather_exhibit
from scenarios.viewing.scenes import Scene
from scenarios.weathers import WEATHERS, conditions_from
from sim.truth import YAW, X, Y
from stack.vocabulary import ns_from_s, topics
from stack.vocabulary.topics import kind_of

SHOWN = (*SCENES, VIEWED, Scene(scenario=SCENE, at_s=AT_S, says="faults"))
PICTURES = [name for name, sheet in sheets().items() if sheet.topic == topics.CAMERA_IMAGE and not sheet.on_wire]
OTHERS = [name for name in sheets() if name not in PICTURES]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Pictures in no time; nothing kept from or for other sizes."""
    monkeypatch.setattr(scenes, "SIZE_PX", (96, 54))
    for kept in (scenes.played, fault_sheets.clean_picture):
        kept.cache_clear()
    yield
    for kept in (scenes.played, fault_sheets.clean_picture):
        kept.cache_clear()


@pytest.mark.parametrize("scene", SHOWN, ids=lambda scene: f"{scene.scenario} at {scene.at_s:g} s")
def test_until_its_picture_everybody_is_where_they_are_by_day_in_every_weather(scene):
    truths = []
    for weather in ("day", "night_rain", "fog"):
        ends = prepare(RunRequest(scenario=scene.scenario)).placed.resolved["ends"]
        overrides = {"conditions.preset": weather, "ends.at_s" if "at_s" in ends else "limit_s": scene.at_s + 0.5}
        prepared = prepare(RunRequest(scenario=scene.scenario, overrides=overrides, seed=scenes.SEED))
        assert prepared.placed.layout.conditions == conditions_from(weather, {})
        record = prepared.play(digest=False).record
        truths.append(record.truth[record.truth_at <= ns_from_s(scene.at_s)])
        assert record.ended_at >= ns_from_s(scene.at_s)
    for truth in truths:
        assert np.abs(truth - truths[0])[:, :, [X, Y]].max() < 0.01
        assert np.abs(truth - truths[0])[:, :, YAW].max() < 0.001


def test_every_map_hangs_in_the_gallery():
    assert {prepare(RunRequest(scenario=scene.scenario)).placed.layout.map_name for scene in SCENES} == set(map_names())


def test_every_weather_looks_different():
    sources = {weather_exhibit(SCENES[0], name).source for name in WEATHERS}
    assert len(sources) == len(WEATHERS)


def test_every_fault_of_a_raw_sensor_hangs_in_one_hall():
    raw = {
        name
        for name in library.names()
        if any(kind_of(point.partition(":")[2]) in topics.RAW_INPUTS for point in read_fault(name, {}).fault.points)
    }
    hung = [name for _, names in fault_halls() for name in names]
    assert sorted(hung) == sorted(raw)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_fault_changes_the_picture_it_hangs_beside(name):
    exhibit = fault_exhibit(name)
    assert exhibit.source.startswith("data:image/webp;base64,")
    assert exhibit.source != exhibit.beside
    assert f"--fault {name}" in exhibit.command


@pytest.mark.parametrize("name", OTHERS)
def test_other_faults_are_told_by_clouds_or_curves(name):
    exhibit = fault_exhibit(name)
    assert exhibit.figure or exhibit.source != exhibit.beside


def test_the_clean_curve_and_the_faulty_one_differ_while_the_fault_acts_and_not_before():
    window = sheets()["camera_image_comes_late"].window()
    channel = sheets()["camera_image_comes_late"].planned.fault.wrap_channel(
        topics.CAMERA_IMAGE, fault_sheets.PerfectChannel(10_000_000), window, scenes.SEED
    )
    bins = list(range(ns_from_s(0.5), ns_from_s(10.0), fault_sheets.BIN_NS))
    clean = fault_sheets._ages_ms(fault_sheets._arrivals(fault_sheets.PerfectChannel(10_000_000)), bins, 2)
    late = fault_sheets._ages_ms(fault_sheets._arrivals(channel), bins, 2)
    begins = np.array(bins) / 1e9
    assert (np.array(late)[begins < 1.5] == np.array(clean)[begins < 1.5]).all()
    inside = (begins >= 2.25) & (begins < 7.5)
    assert np.array(late)[inside] - np.array(clean)[inside] == pytest.approx(150.0, abs=1.0)


def test_a_gallery_is_told_picture_by_picture(monkeypatch):
    monkeypatch.setattr(gallery, "fault_halls", lambda: ())
    told = []
    made = halls(lambda done, of: told.append((done, of)), scenes=SCENES[:1])
    assert [hall.anchor for hall in made] == ["map-0", "views"]
    assert told[-1] == (len(told), len(told))
    assert all(exhibit.source for hall in made for exhibit in hall.exhibits)
