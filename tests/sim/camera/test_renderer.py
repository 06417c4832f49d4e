"""What a renderer promises whatever it draws: the same bits always, exact depth and ids, refusals before drawing."""

import subprocess
import sys
from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pytest

from sim.camera.lens import Lens, rays
from sim.camera.picture import NOBODY
from sim.camera.renderer import Renderer
from sim.scenery.materials import Semantic
from sim.scenery.shapes import box, cylinder
from sim.truth import ActorKind
from stack.vocabulary import InputError, SimNs
from tests.sim.camera import drawn
from tests.sim.rays import scenes

STORM = replace(drawn.NIGHT, rain_mmph=20.0, wetness_ratio=1.0, visibility_m=400.0)
SUNNY_WET = replace(drawn.DAY, cloud_ratio=0.4, wetness_ratio=0.8, sun_elevation_rad=0.2, sun_azimuth_rad=0.1)


def busy():
    scene = scenes.scenery(
        [(ActorKind.CAR, None), (ActorKind.CAR, None), (ActorKind.TRUCK, None), (ActorKind.ADULT, None)],
        scenes.street(),
    )
    places = [
        {"x": 0.0, "y": -2.0, "speed": 14.0}, {"x": 16.0, "y": -2.2, "speed": 14.0},
        {"x": 24.0, "y": 2.0, "yaw": 3.14, "speed": 13.0}, {"x": 9.0, "y": -5.5, "yaw": 1.0, "speed": 1.4},
    ]  # fmt: skip
    return scene, places


def digest(picture):
    parts = (picture.radiance, picture.depth_m, picture.instance, picture.semantic)
    return blake2b(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def street_picture(conditions, **options):
    scene, places = busy()
    eye = scenes.eye((2.0, -2.0, 1.4), (0.0, 0.03, 0.0), velocity=(14.0, 0.0, 0.0), hidden=0)
    return drawn.draw(scene, conditions, places, eye=eye, at=1_250_000_000, seed=7, readout_s=0.02, **options)


@pytest.mark.parametrize("conditions", [STORM, SUNNY_WET], ids=["night storm", "sun on wet road"])
@pytest.mark.parametrize("bands", [2, 3, 7])
def test_any_number_of_bands_draws_the_same_bits(conditions, bands):
    assert digest(street_picture(conditions, bands=bands)) == digest(street_picture(conditions))


def test_another_process_draws_the_same_bits():
    program = "import tests.sim.camera.test_renderer as t; print(t.digest(t.street_picture(t.STORM)))"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == digest(street_picture(STORM))


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    scene, places = busy()
    elsewhere = [{**place, "x": place["x"] + 60.0} for place in places]
    renderer = Renderer(scene, drawn.SMALL)

    def drawn_at(all_places, x_m, conditions):
        frame = scenes.frame(scene, all_places, conditions=conditions)
        eye = scenes.eye((x_m, -2.0, 1.4), hidden=0)
        return digest(renderer.draw(scene.moment(frame), conditions, frame.at, eye))

    fresh = drawn_at(places, 2.0, SUNNY_WET)
    drawn_at(elsewhere, 62.0, STORM)
    drawn_at(elsewhere, 5.0, SUNNY_WET)
    assert drawn_at(places, 2.0, SUNNY_WET) == fresh


def test_depth_runs_along_the_optical_axis_and_the_sky_is_infinitely_far():
    scene = drawn.scene_of(drawn.board(20.0, 0.0, 1.5, 6.0, "wall"))
    picture = drawn.draw(scene, drawn.DAY, [{"x": -50.0}])
    on_board = np.isfinite(picture.depth_m)
    assert 0.05 < on_board.mean() < 0.5
    assert np.allclose(picture.depth_m[on_board], 20.0, rtol=1e-5)
    assert np.all(picture.semantic[on_board] == Semantic.WALL)
    assert np.all(picture.semantic[~on_board] == Semantic.SKY)
    assert np.all(picture.instance == NOBODY)


def test_level_ground_is_as_deep_as_geometry_says():
    scene = drawn.scene_of(drawn.ground())
    picture = drawn.draw(scene, drawn.DAY, [{"x": -50.0}])
    up = rays(drawn.SMALL)[:, :, 1].astype(np.float64)
    below = up < -0.02
    assert np.allclose(picture.depth_m[below], 1.5 / -up[below], rtol=1e-4)


def test_an_actor_wears_its_row_and_the_ego_is_not_seen_by_its_own_camera():
    scene, places = busy()
    eye = scenes.eye((0.0, -2.0, 1.2), hidden=0)
    seen = set(np.unique(drawn.draw(scene, drawn.DAY, places, eye=eye).instance).tolist())
    assert seen == {NOBODY, 1, 2, 3}
    outside = scenes.eye((-8.0, -2.0, 1.2), hidden=-1)
    assert 0 in np.unique(drawn.draw(scene, drawn.DAY, places, eye=outside).instance)


def test_back_faces_are_not_seen():
    away = drawn.sheet(((15.0, -2.0, 0.0), (15.0, 2.0, 0.0), (15.0, 2.0, 3.0), (15.0, -2.0, 3.0)), "wall")
    scene = drawn.scene_of(away)
    assert not np.isfinite(drawn.draw(scene, drawn.DAY, [{"x": -50.0}]).depth_m).any()


def test_tiles_beyond_their_reach_are_not_drawn():
    near = drawn.Piece(mesh=drawn.board(30.0, 3.0, 1.5, 2.0, "wall"), reach_m=50.0)
    far = drawn.Piece(mesh=drawn.board(80.0, -8.0, 1.5, 4.0, "wall"), reach_m=50.0)
    scene = scenes.scenery([(ActorKind.CAR, None)], drawn.tiled((near, far)))
    depth = drawn.draw(scene, drawn.DAY, [{"x": -50.0}]).depth_m
    assert np.allclose(depth[np.isfinite(depth)], 30.0, rtol=1e-4)


def test_smooth_edges_change_light_only_where_surfaces_meet():
    rough, smooth = street_picture(drawn.DAY, antialias=False), street_picture(drawn.DAY)
    same = np.isclose(rough.radiance, smooth.radiance, rtol=1e-4).all(axis=2)
    assert 0.5 < same.mean() < 0.99
    inside = box((9.5, -3.0, 0.0), (10.5, 3.0, 3.0), "wall")
    pictures = [
        drawn.draw(drawn.scene_of(inside), drawn.DAY, [{"x": -50.0}], antialias=smooth) for smooth in (True, False)
    ]
    edge = pictures[0].depth_m != np.roll(pictures[0].depth_m, 1, axis=1)
    assert np.array_equal(pictures[0].depth_m, pictures[1].depth_m)
    levels = [len(np.unique(picture.radiance[:, :, 0].round(1)[edge])) for picture in pictures]
    assert levels[0] > levels[1]


def test_an_upright_pole_passed_during_read_out_leans_against_the_cameras_motion():
    scene = drawn.scene_of(cylinder((10.0, 0.0, -3.0), (10.0, 0.0, 6.0), 0.15, "pole"))
    still_eye = scenes.eye((0.0, 0.0, 1.5), hidden=0)
    to_the_left = scenes.eye((0.0, 0.0, 1.5), velocity=(0.0, 20.0, 0.0), hidden=0)

    def columns(eye, readout_s):
        picture = drawn.draw(scene, drawn.DAY, [{"x": -50.0}], eye=eye, readout_s=readout_s)
        where = picture.semantic == Semantic.POLE
        return [float(np.flatnonzero(where[row]).mean()) for row in (8, 48, 88)]

    assert np.ptp(columns(to_the_left, 0.0)) < 0.6
    assert np.ptp(columns(still_eye, 0.03)) < 0.6
    top, middle, bottom = columns(to_the_left, 0.03)
    # While the rows are read from top to bottom the camera moves 0.6 m to the left: 0.6 m / 10 m * 150 px = 9 px.
    expected_px = 20.0 * 0.03 * (80 / 96) / 10.0 * 150.0
    assert bottom - top == pytest.approx(expected_px, abs=1.0)
    assert abs(middle - 0.5 * (top + bottom)) < 0.6


def test_a_passing_body_leans_with_its_own_motion():
    post = cylinder((0.0, 0.0, 0.0), (0.0, 0.0, 6.0), 0.15, "paint")
    scene = scenes.scenery([(ActorKind.CAR, None), (ActorKind.CAR, post)])
    places = [{"x": -50.0}, {"x": 10.0, "yaw": np.pi / 2, "speed": 20.0}]
    picture = drawn.draw(scene, drawn.DAY, places, readout_s=0.03)
    rows = [np.flatnonzero(picture.instance[row] == 1).mean() for row in (10, 60)]
    assert rows[1] - rows[0] == pytest.approx(-20.0 * 0.03 * (50 / 96) / 10.0 * 150.0, abs=1.0)


@pytest.mark.parametrize(
    "lens",
    [
        Lens(width_px=8),
        Lens(height_px=3),
        Lens(width_px=100_000),
        Lens(focal_x_px=0.0),
        Lens(focal_x_px=float("nan")),
    ],
)
def test_impossible_lenses_are_refused_before_anything_is_drawn(lens):
    with pytest.raises(InputError) as raised:
        Renderer(scenes.scenery([(ActorKind.CAR, None)]), lens)
    assert raised.value.findings


def test_all_findings_come_at_once():
    with pytest.raises(InputError) as raised:
        Renderer(scenes.scenery([(ActorKind.CAR, None)]), Lens(width_px=2, height_px=2), bands=0)
    assert len(raised.value.findings) >= 3


def test_rain_falls_by_chance_from_seed_and_instant_and_by_nothing_else():
    scene = drawn.scene_of(drawn.ground())
    rain = replace(drawn.COVERED, rain_mmph=15.0)

    def drops(seed, at):
        return digest(drawn.draw(scene, rain, [{"x": -50.0}], seed=seed, at=SimNs(at)))

    assert drops(1, 100) == drops(1, 100)
    assert drops(1, 100) != drops(2, 100)
    assert drops(1, 100) != drops(1, 50_000_100)
