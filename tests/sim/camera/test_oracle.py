"""The rasteriser against the ray caster, pixel by pixel: what each pixel's own ray meets, and how far away."""

import numpy as np
import pytest

from sim.camera.lens import Lens, rays
from sim.camera.renderer import Renderer
from sim.rays.caster import NOTHING, Caster
from sim.scenery.materials import MATERIALS, Semantic
from sim.truth import ActorKind
from stack.vocabulary import SimNs
from tests.sim.camera import drawn
from tests.sim.rays import scenes

FAR_M = 5e3
NEAR_EDGE_PX = 0.6  # a ray is near an edge if another this far from it meets another triangle
LENSES = {"pinhole": drawn.SMALL, "bent": drawn.BENT, "wide": Lens(
    width_px=120, height_px=90, focal_x_px=45.0, focal_y_px=47.0, centre_x_px=61.3, centre_y_px=44.2)}  # fmt: skip


def cast(caster, moment, eye, tangents):
    """What rays along (1, left, up) meet; t is depth along the optical axis."""
    flat = tangents.reshape(-1, 2).astype(np.float64)
    directions = np.column_stack([np.ones(len(flat)), flat]) @ np.asarray(eye.world_from_sensor).T
    origins = np.tile(np.asarray(eye.position_m), (len(flat), 1))
    return caster.cast_moment(moment, origins, directions, FAR_M, eye.hidden_row)


def near_an_edge(caster, moment, eye, lens, hits):
    tangents = rays(lens)
    near = np.zeros(len(hits.t_m), dtype=bool)
    for across in (-NEAR_EDGE_PX, 0.0, NEAR_EDGE_PX):
        for down in (-NEAR_EDGE_PX, 0.0, NEAR_EDGE_PX):
            moved = tangents - np.array([across / lens.focal_x_px, down / lens.focal_y_px])
            other = cast(caster, moment, eye, moved)
            near |= (other.row != hits.row) | (other.triangle != hits.triangle)
    return near


def busy_street():
    scene = scenes.scenery(
        [(ActorKind.CAR, None), (ActorKind.CAR, None), (ActorKind.TRUCK, None), (ActorKind.ADULT, None),
         (ActorKind.CYCLIST, None)], scenes.street())  # fmt: skip
    places = [
        {"x": 0.0, "y": -2.0}, {"x": 11.0, "y": 1.5, "yaw": 3.0, "speed": 8.0}, {"x": 26.0, "y": -2.5, "speed": 9.0},
        {"x": 9.0, "y": -4.5, "yaw": 1.5, "speed": 1.4, "s": 3.3}, {"x": 15.0, "y": -5.0, "speed": 4.0, "s": 7.0},
    ]  # fmt: skip
    return scene, scene.moment(scenes.frame(scene, places))


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("angles", [(0.0, 0.03, 0.0), (0.9, -0.1, 0.15), (3.0, 0.2, -0.3)])
def test_depth_and_ids_are_those_of_each_pixels_own_ray(lens, antialias, angles):
    scene, moment = busy_street()
    eye = scenes.eye((1.2, -2.0, 1.6), angles, hidden=0)
    caster = Caster(scene)
    hits = cast(caster, moment, eye, rays(lens))
    sure = ~near_an_edge(caster, moment, eye, lens, hits)
    assert sure.mean() > 0.5

    picture = Renderer(scene, lens, antialias=antialias).draw(moment, drawn.DAY, SimNs(0), eye)

    depth, instance = picture.depth_m.ravel(), picture.instance.ravel()
    met = hits.row != NOTHING
    assert np.array_equal(np.isfinite(depth[sure]), met[sure])
    assert np.array_equal(instance[sure], np.where(hits.row >= 0, hits.row, -1)[sure])
    both = sure & met
    assert np.all(np.abs(depth[both] - hits.t_m[both]) <= 1e-3 * hits.t_m[both])
    classes = np.array([int(material.semantic) for material in MATERIALS])
    own = np.array([body.semantic for body in scene.bodies])
    wanted = classes[hits.material]
    wanted = np.where(wanted == 0, own[np.maximum(hits.row, 0)], wanted)
    assert np.array_equal(picture.semantic.ravel()[both], wanted[both])
    assert np.all(picture.semantic.ravel()[sure & ~met] == Semantic.SKY)


def test_road_markings_lifted_by_six_millimetres_are_seen_to_250_metres():
    strips = [
        drawn.sheet(((x, -0.5, 0.006), (x + 5.0, -0.5, 0.006), (x + 5.0, 0.5, 0.006), (x, 0.5, 0.006)), "marking")
        for x in np.arange(10.0, 260.0, 10.0)
    ]
    scene = drawn.scene_of(drawn.ground(), *strips)
    lens = Lens(width_px=64, height_px=240, focal_x_px=4000.0, focal_y_px=4000.0, centre_x_px=32.0, centre_y_px=60.0)
    eye = scenes.eye((0.0, 0.0, 1.5), hidden=0)
    picture = drawn.draw(scene, drawn.DAY, [{"x": -50.0}], eye=eye, lens=lens, antialias=False)

    middle = picture.semantic[:, 32]
    depth = np.where(np.isfinite(picture.depth_m[:, 32]), picture.depth_m[:, 32], 0.0)
    # Along a ray the strip lies up to 1 m (0.4 %) before the ground: leave that much at its ends.
    on_strip = (depth % 10.0 > 1.3) & (depth % 10.0 < 4.6) & (depth > 10.0) & (depth < 252.0)
    between = (depth % 10.0 > 6.3) & (depth % 10.0 < 9.6) & (depth > 10.0) & (depth < 252.0)
    assert on_strip.sum() > 40
    assert np.all(middle[on_strip] == Semantic.ROAD_LINE)
    assert np.all(middle[between] == Semantic.ROAD)
