"""Depth, semantic, instance and normals cameras: bytes decoded back, against closed form."""

import struct

import numpy as np
import pytest

from sim.carla_sensors import stage
from sim.episode.structs import Refused
from sim.scenery.materials import Semantic
from tests.sim.carla_sensors import stages

KINDS = ("depth", "semantic_segmentation", "instance_segmentation", "normals")


def take(kind, scene, mounted=None, **attributes):
    settings = {**stages.SMALL, **{name: str(value) for name, value in attributes.items()}}
    return stages.sensor(f"sensor.camera.{kind}", settings).sense(scene, mounted or stages.mounted())[0]


@pytest.mark.parametrize("kind", [*KINDS, "rgb"])
def test_a_picture_begins_with_its_size_and_view_and_is_opaque(kind):
    body = take(kind, stages.scene(stages.town(stages.wall())), image_size_x=31, image_size_y=17, fov=70)
    assert struct.unpack_from("<IIf", body) == (31, 17, 70.0)
    assert len(body) == 12 + 31 * 17 * 4
    assert (stages.image(body)[:, :, 3] == 255).all()


def test_a_wall_twenty_metres_ahead_is_twenty_metres_deep_in_every_pixel():
    found = stages.depths(take("depth", stages.scene(stages.town(stages.wall(20.0)))))
    assert found == pytest.approx(np.full((96, 160), 20.0), abs=1.5e-4)  # the code's step is 0.06 mm


def test_depth_of_the_ground_follows_from_height_and_pixel():
    found = stages.depths(take("depth", stages.scene(stages.town(stages.floor()))))
    focal = 80.0  # 160 px across 90 degrees
    rows = np.arange(60, 96)
    expected = 1.5 * focal / (rows + 0.5 - 48.0)
    assert found[60:, 80] == pytest.approx(expected, rel=1e-4)


def test_what_lies_beyond_a_kilometre_is_white():
    image = stages.image(take("depth", stages.scene(stages.town(stages.wall(1500.0, 9000.0)))))
    assert (image == 255).all()


def test_the_low_byte_of_depth_is_red():
    blue, green, red, _ = stages.image(take("depth", stages.scene(stages.town(stages.wall(20.0)))))[48, 80]
    code = round(20.0 / 1000.0 * (2**24 - 1))
    assert abs(int(blue) * 65536 + int(green) * 256 + int(red) - code) <= 2
    assert blue == code >> 16


def test_classes_are_those_of_carla():
    scene = stages.scene(
        stages.town(stages.floor(), stages.wall(60.0, 5.0)),
        (stages.CAR, (20.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
        (stages.WALKER, (10.0, 3.0, 0.0, 0.0, 0.0, 0.0)),
        (stages.TRUCK, (25.0, -8.0, 0.0, 0.0, 0.0, 0.0)),
    )
    image = stages.image(take("semantic_segmentation", scene, image_size_x=640, image_size_y=384))
    classes = image[:, :, 2]
    assert classes[380, 320] == Semantic.ROAD and classes[5, 320] == Semantic.SKY
    assert set(np.unique(classes)) == {
        Semantic.ROAD, Semantic.SKY, Semantic.BUILDING, Semantic.CAR, Semantic.PEDESTRIAN, Semantic.TRUCK
    }  # fmt: skip
    assert not image[:, :, :2].any()


def test_instances_carry_the_actors_id_in_two_bytes():
    near = (10.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    scene = stages.scene(stages.town(stages.floor()), (stages.CAR, near, {"id": 0x1234}))
    image = stages.image(take("instance_segmentation", scene))
    on_car = image[:, :, 2] == Semantic.CAR
    assert on_car.sum() > 50
    assert (image[on_car][:, 1] == 0x34).all() and (image[on_car][:, 0] == 0x12).all()
    assert not image[~on_car][:, :2].any()


def test_normals_are_colours_in_carlas_world():
    scene = stages.scene(stages.town(stages.floor(), stages.wall(20.0)))
    image = stages.image(take("normals", scene))
    assert image[94, 80].tolist() == [255, 128, 128, 255]  # the floor faces up: z in blue
    assert image[2, 80].tolist() == [128, 128, 0, 255]  # the wall faces back: -x in red
    turned = stages.mounted((0.0, 0.0, 1.5, 0.5 * np.pi, 0.0, 0.0))
    left = stages.scene(stages.town(_side_wall(10.0)))
    assert stages.image(take("normals", left, turned))[48, 80].tolist() == [128, 255, 128, 255]  # our -y is their +y


def _side_wall(y_m):
    from sim.scenery.shapes import sheet

    return sheet(((50.0, y_m, -50.0), (-50.0, y_m, -50.0), (-50.0, y_m, 50.0), (50.0, y_m, 50.0))[::-1], "facade_brick")


def test_what_is_on_the_right_is_right_in_the_picture_and_a_roll_to_the_right_lifts_it():
    scene = stages.scene(stages.town(), (stages.CAR, (20.0, -8.0, 0.0, 0.0, 0.0, 0.0)))
    columns = np.flatnonzero((stages.image(take("semantic_segmentation", scene))[:, :, 2] == Semantic.CAR).any(axis=0))
    assert columns.min() > 80
    rolled = stages.mounted((0.0, 0.0, 0.7, 0.0, 0.0, 0.5))
    seen = stages.image(take("semantic_segmentation", scene, rolled))[:, :, 2] == Semantic.CAR
    assert np.flatnonzero(seen.any(axis=1)).mean() < 40


def test_a_camera_on_the_roof_sees_its_own_parent():
    scene = stages.scene(stages.town(stages.floor()), (stages.CAR, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)))
    image = stages.image(take("instance_segmentation", scene, stages.mounted((0.0, 0.0, 1.7, 0.0, 0.2, 0.0), 100)))
    assert (image[95, :, 1] == 100).any()


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4096, 2), (2, 700)])
@pytest.mark.parametrize("fov", [0.1, 90, 170])
def test_pictures_of_any_size_and_view_are_drawn(size, fov):
    scene = stages.scene(stages.town(stages.wall(20.0, 4000.0)))
    attributes = {"image_size_x": str(size[0]), "image_size_y": str(size[1]), "fov": str(fov)}
    depth = stages.sensor("sensor.camera.depth", attributes).sense(scene, stages.mounted())[0]
    rgb = stages.sensor("sensor.camera.rgb", attributes).sense(scene, stages.mounted())[0]
    assert len(rgb) == len(depth) == 12 + 4 * size[0] * size[1]
    assert stages.depths(depth)[size[1] // 2, size[0] // 2] == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_scene_gives_the_same_bytes_whoever_else_looks(kind):
    actors = ((stages.CAR, (20.0, 1.0, 0.0, 0.3, 0.0, 0.0)), (stages.WALKER, (9.0, -2.0, 0.0, 0.0, 0.0, 0.0)))
    place = stages.town(stages.floor(), stages.wall(40.0))
    alone = take(kind, stages.scene(place, *actors))
    crowd = stages.scene(place, *actors)
    for other in (*KINDS, "rgb"):
        take(other, crowd)
        take(other, crowd, stages.mounted((3.0, 1.0, 2.0, 1.0, 0.1, 0.0)))
    assert take(kind, crowd) == alone
    stage.forget()
    assert take(kind, stages.scene(place, *actors)) == alone


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image_size_x", "0"), ("image_size_x", "100000"), ("image_size_y", "-3"), ("image_size_x", "10.5"),
        ("image_size_y", "many"), ("fov", "0"), ("fov", "180"), ("fov", "nan"), ("fov", "inf"), ("sensor_tick", "-1"),
    ],
)  # fmt: skip
def test_absurd_sizes_and_views_are_refused(name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor("sensor.camera.depth", {name: value})
