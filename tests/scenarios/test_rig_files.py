"""Rig files: the shipped ones hold, parameters nest as the models do, everything wrong is told at once."""

from math import radians
from pathlib import Path

import pytest

from scenarios.rig_files import RIGS, filled, read_rig, rig_names
from sim.camera.parameters import PixelCameraParameters
from stack.vocabulary import ImageCoding, InputError

HEAD = "title: A rig\nwhy: {risk: one, source: own}\nsensors:\n"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rig.yaml"
    path.write_text(HEAD + text)
    return str(path)


@pytest.mark.parametrize("name", rig_names())
def test_every_shipped_rig_can_be_read(name: str) -> None:
    sensors = read_rig(name)
    assert len({sensor.topic for sensor in sensors}) == len(sensors)
    assert (RIGS / f"{name}.yaml").exists()


def test_the_default_rig_adds_nothing() -> None:
    assert read_rig("objects") == ()


def test_four_cameras_have_topics_mounts_and_lenses_of_their_own() -> None:
    cameras = {one.topic: one for one in read_rig("surround") if one.topic.startswith("camera_image")}
    assert set(cameras) == {"camera_image", "camera_image/left", "camera_image/right", "camera_image/rear"}
    left = cameras["camera_image/left"]
    assert left.mount is not None
    assert left.mount.yaw_rad == pytest.approx(radians(100.0))
    assert left.parameters.lens.focal_x_px == 320.0
    assert cameras["camera_image"].mount is None


def test_parameters_nest_and_are_set_by_dotted_overrides(tmp_path: Path) -> None:
    path = written(tmp_path, "  - kind: camera_image\n    parameters: {jpeg_quality: 40, lens: {k1: -0.1}}\n")
    [camera] = read_rig(path, {"camera_image": {"coding": "jpeg", "imager.noisy": False}})
    assert (camera.parameters.jpeg_quality, camera.parameters.lens.k1) == (40, -0.1)
    assert camera.parameters.coding is ImageCoding.JPEG
    assert camera.parameters.imager.noisy is False
    assert camera.parameters.exposure == PixelCameraParameters().exposure


def test_an_unknown_rig_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'pixels'"):
        read_rig("pixel")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  - kind: sonar\n", "camera_image"),
        ("  - kind: camera_image\n  - kind: camera_image\n", "give it a name of its own"),
        ("  - kind: camera_image\n    parameters: {jpeg_qualty: 4}\n", "did you mean 'jpeg_quality'"),
        ("  - kind: camera_image\n    parameters: {lens: {focal_x_px: fast}}\n", "must be a number"),
        ("  - kind: camera_image\n    parameters: {lens: {width_px: 3.5}}\n", "whole number"),
        ("  - kind: camera_image\n    parameters: {lens: {height_px: 2}}\n", "height_px"),
        ("  - kind: camera_image\n    parameters: {antialias: 3}\n", "true or false"),
        ("  - kind: lidar\n    rate_hz: 17.0\n", "turns 10 times a second"),
        ("  - kind: lidar\n    parameters: {pattern: velodyne}\n", "velodyne"),
        ("  - kind: gnss\n    mount: {x_m: 1.0, y_m: 0.0, z: 3.0}\n", "z_m"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_rig(written(tmp_path, text))
    told = "; ".join(str(finding) for finding in caught.value.findings)
    assert said in told
    assert "rig.yaml" in told or "lidar" in told


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    camera = "  - kind: camera_image\n    parameters: {jpeg_qualty: 4, lens: {k11: 1, width_px: a}}\n"
    text = camera + "  - kind: lidar\n    rate_hz: 3.0\n"
    with pytest.raises(InputError) as caught:
        read_rig(written(tmp_path, text))
    assert len(caught.value.findings) == 4


def test_a_refused_value_names_its_field() -> None:
    with pytest.raises(InputError) as caught:
        filled(PixelCameraParameters(), {"coding": "png"}, "parameters", "here")
    assert [(one.where, one.field) for one in caught.value.findings] == [("here", "parameters.coding")]
