"""The verbs that look: pictures, videos and the gallery as a person asks for them, and how they refuse."""

import json
import signal
import sys

import cv2
import pytest

from analysis.gallery import Hall
from scenarios.viewing import gallery as pictures
from scenarios.viewing import scenes
from scenarios.viewing.video import VideoFile
from tests.scenarios.terminal import Terminal

CAR = "truck_meets_stationary_car"
SMALL = ("--size", "160x90")


@pytest.fixture
def faultline(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def stored(faultline, tmp_path):
    """A short run's file: it times out after 3 s, with the camera black from 2 s on."""
    faultline("run", CAR, "--fault", "camera_goes_black", "--set", "limit_s=3", "--seed", 1, "--out", tmp_path / "out")
    (path,) = (tmp_path / "out" / "runs").iterdir()
    return path


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# -- one picture ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shows", ["colour", "depth", "instance", "semantic"])
def test_render_writes_one_picture_and_says_of_what(faultline, tmp_path, shows):
    path = tmp_path / "new" / "a.png"
    said = faultline("render", CAR, "--at", 2.5, "--out", path, *SMALL, "--shows", shows, "--seed", 1)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{path}  {CAR}#1 at 2.50 s\n"
    assert cv2.imread(str(path)).shape == (90, 160, 3)
    assert files_in(tmp_path) == ["a.png"]


def test_another_weather_and_another_view_are_other_pictures(faultline, tmp_path):
    words = ([], ["--weather", "night"], ["--view", "chase"], ["--fault", "camera_goes_white"])
    for number, more in enumerate(words):
        assert faultline("render", CAR, "--at", 2.5, "--out", tmp_path / f"{number}.png", *SMALL, *more).code == 0
    assert len({(tmp_path / f"{number}.png").read_bytes() for number in range(len(words))}) == len(words)


def test_an_instant_after_the_end_shows_the_last_one_and_says_so(faultline, tmp_path):
    said = faultline("render", CAR, "--at", 500, "--out", tmp_path / "a.jpg", *SMALL, "--set", "limit_s=3")
    assert said.code == 0
    assert said.out.endswith("at 3.00 s, where it ended\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--size", "9000x2"], "--size"),
        (["--size", "large"], "WIDTHxHEIGHT"),
        (["--view", "drone"], "dash, chase"),
        (["--shows", "heat"], "colour, depth, instance, semantic"),
        (["--weather", "hail"], "hail"),
        (["--at", "-1"], "--at"),
        (["--at", "nan"], "--at"),
        (["--at", "inf"], "--at"),
        (["--out", "picture.tiff"], ".png"),
        (["--fault", "camera_image_freezes"], "--rig"),
        (["--rig", "nothing"], "--rig"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_played(faultline, tmp_path, monkeypatch, words, complaint):
    monkeypatch.chdir(tmp_path)
    said = faultline("render", CAR, *words)
    assert said.code == 2
    assert complaint in said.err
    assert "Traceback" not in said.err
    assert not files_in(tmp_path)


def test_a_picture_that_cannot_be_written_is_told_in_one_line(faultline, tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = faultline("render", CAR, "--out", tmp_path / "file" / "a.png", *SMALL)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "--out" in said.err


# -- videos -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["vp9", "av1"])
def test_watch_makes_a_stored_run_again_and_films_it(faultline, stored, codec):
    av = pytest.importorskip("av")
    said = faultline("watch", stored, *SMALL, "--rate", 10, "--codec", codec)
    path = stored.with_suffix(".webm")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{path}  {CAR}+camera_goes_black#1, 31 frames\n"
    with av.open(str(path)) as found:
        frames = list(found.decode(video=0))
    assert len(frames) == 31
    assert (frames[0].width, frames[0].height, frames[-1].time) == (160, 90, pytest.approx(3.0, abs=1e-3))


def test_a_run_stored_by_other_code_is_filmed_and_the_difference_told(faultline, stored, tmp_path):
    document = json.loads(stored.read_text())
    document["key"]["code_version"] = "0" * 16
    stored.write_text(json.dumps(document))
    said = faultline("watch", stored, *SMALL, "--rate", 2, "--out", tmp_path / "a.webm")
    assert said.code == 0
    assert "code_version" in said.err
    document["row"]["record_hash"] = "0" * 64
    stored.write_text(json.dumps(document))
    said = faultline("watch", stored, *SMALL, "--rate", 2, "--out", tmp_path / "a.webm")
    assert said.err == "the run came out otherwise than stored: its key differs in code_version\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--size", "161x90"], "even"),
        (["--size", "100000x90"], "--size"),
        (["--rate", "0"], "--rate"),
        (["--rate", "500"], "--rate"),
        (["--view", "drone"], "dash, chase"),
        (["--codec", "h264"], "vp9, av1"),
        (["--out", "film.mp4"], ".webm"),
    ],
)
def test_a_video_that_cannot_be_made_is_refused(faultline, stored, monkeypatch, tmp_path, words, complaint):
    monkeypatch.chdir(tmp_path)
    before = files_in(tmp_path)
    said = faultline("watch", stored, *words)
    assert said.code == 2
    assert complaint in said.err
    assert files_in(tmp_path) == before


def test_without_the_video_library_watch_says_what_to_install(faultline, stored, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    said = faultline("watch", stored, *SMALL)
    assert said.code == 2
    assert said.err == "faultline: videos need PyAV: pip install 'faultline[record]'\n"


def test_ctrl_c_while_filming_leaves_no_file_and_exits_2(faultline, stored, monkeypatch):
    pytest.importorskip("av")
    before = files_in(stored.parent)
    monkeypatch.setattr(VideoFile, "add", lambda video, image: signal.raise_signal(signal.SIGINT))
    said = faultline("watch", stored, *SMALL)
    assert said.code == 2
    assert files_in(stored.parent) == before


def test_a_full_disk_while_filming_is_told_in_one_line_and_leaves_no_file(faultline, stored, monkeypatch):
    pytest.importorskip("av")
    before = files_in(stored.parent)

    def full(video, image):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VideoFile, "add", full)
    said = faultline("watch", stored, *SMALL)
    assert said.code == 2
    assert said.err == f"--out: {stored.with_suffix('.webm')}: cannot be written: No space left on device\n"
    assert files_in(stored.parent) == before


def test_what_is_no_stored_run_is_not_watched(faultline, tmp_path):
    assert faultline("watch", tmp_path / "nothing.json").code == 2
    (tmp_path / "other.json").write_text("{}")
    said = faultline("watch", tmp_path / "other.json")
    assert said.code == 2
    assert "is no stored run" in said.err


# -- the gallery --------------------------------------------------------------------------------------


def test_the_gallery_is_one_page_in_its_folder(faultline, tmp_path, monkeypatch):
    scene = pictures.SCENES[2]
    monkeypatch.setattr(scenes, "SIZE_PX", (96, 54))
    scenes.played.cache_clear()
    hall = Hall(anchor="a", title="One", says="picture", exhibits=(pictures.weather_exhibit(scene, "fog"),))
    scenes.played.cache_clear()
    monkeypatch.setattr(pictures, "halls", lambda tell: (hall,))
    said = faultline("gallery", "--out", tmp_path / "new")
    assert said.code == 0
    assert said.out == f"gallery: {tmp_path / 'new' / 'gallery.html'}\n"
    text = (tmp_path / "new" / "gallery.html").read_text(encoding="utf-8")
    assert f"faultline render {scene.scenario} --at {scene.at_s:g} --weather fog --seed 1" in text
    assert files_in(tmp_path) == ["gallery.html"]


def test_a_gallery_with_no_place_to_go_is_refused_before_it_is_drawn(faultline, tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = faultline("gallery", "--out", tmp_path / "file")
    assert said.code == 2
    assert "is no folder" in said.err


# -- help -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["render", "watch", "gallery", "replay"])
def test_each_verb_has_help(faultline, verb):
    said = faultline(verb, "--help")
    assert said.code == 0
    assert f"faultline {verb}" in said.out.splitlines()[0]
