import numpy as np
import pytest

from sim.rays.caster import NOTHING, STILL, Caster, mesh_tree, still_tree
from sim.scenery.materials import MATERIAL
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Piece, tiled
from sim.truth import ActorKind
from tests.sim.rays.scenes import all_places, frame, scenery, street

CRATE = box((-2.0, -1.0, 0.0), (2.0, 1.0, 1.5), "paint")
PLAIN = tiled((Piece(mesh=sheet([(-90, -90, 0), (90, -90, 0), (90, 90, 0), (-90, 90, 0)], "asphalt"), reach_m=1e9),))


def fan(count, seed=1):
    rng = np.random.default_rng(seed)
    azimuth, elevation = rng.uniform(-np.pi, np.pi, count), rng.uniform(-0.4, 0.1, count)
    return np.stack(
        [np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)], axis=1
    )


@pytest.fixture(scope="module")
def crowd():
    kinds = (ActorKind.TRUCK, ActorKind.CAR, ActorKind.VAN, ActorKind.CAR, ActorKind.CYCLIST, ActorKind.CAR)
    return scenery([(kind, None) for kind in kinds], street())


def test_a_ray_meets_the_nearer_of_body_and_map_and_says_which():
    scene = scenery([(ActorKind.CAR, CRATE), (ActorKind.CAR, CRATE)], PLAIN)
    truth = frame(scene, [{"x": -20.0}, {"x": 10.0}])
    directions = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
    hits = Caster(scene).cast(scene.poses(truth)[0], np.tile([0.0, 0.0, 1.0], (3, 1)), directions, 50.0)
    assert hits.row.tolist() == [1, STILL, NOTHING]
    assert np.allclose(hits.t_m, [8.0, 1.0, 50.0])
    assert np.allclose(hits.normal, [[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert hits.material.tolist() == [MATERIAL["paint"], MATERIAL["asphalt"], -1]
    assert hits.triangle[2] == -1


def test_a_hidden_row_is_looked_through():
    scene = scenery([(ActorKind.CAR, CRATE), (ActorKind.CAR, CRATE)], PLAIN)
    truth = frame(scene, [{"x": 10.0}, {"x": 20.0}])
    caster, origin, ahead = Caster(scene), np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]])
    poses, moment = scene.poses(truth)[0], scene.moment(truth)
    assert caster.cast(poses, origin, ahead, 50.0).row[0] == 0
    assert caster.cast(poses, origin, ahead, 50.0, hidden_row=0).row[0] == 1
    assert caster.cast_moment(moment, origin, ahead, 50.0).row[0] == 0
    assert caster.cast_moment(moment, origin, ahead, 50.0, hidden_row=0).row[0] == 1


def test_turned_and_moved_bodies_give_the_same_answer_in_their_frames_and_posed(crowd):
    truth = frame(crowd, all_places(crowd))
    caster, directions = Caster(crowd), fan(4000)
    origins = np.tile([0.0, 0.0, 2.0], (len(directions), 1))
    quick = caster.cast(crowd.poses(truth)[0], origins, directions, 120.0, hidden_row=0)
    exact = caster.cast_moment(crowd.moment(truth), origins, directions, 120.0, hidden_row=0)
    # a moment's corners are rounded to float32, so at outlines a ray may miss in one and not in the other
    differs = (quick.row != exact.row) | (np.abs(quick.t_m - exact.t_m) > 1e-3)
    assert len(set(quick.row.tolist())) > 4
    assert differs.sum() <= 2
    assert (quick.triangle[~differs] == exact.triangle[~differs]).mean() > 0.999
    same = ~differs & (quick.triangle == exact.triangle)
    assert np.abs(quick.normal[same] - exact.normal[same]).max() < 1e-2
    assert (quick.material[same] == exact.material[same]).all()


def test_the_triangle_of_a_body_is_the_moments_own(crowd):
    truth = frame(crowd, all_places(crowd))
    moment, directions = crowd.moment(truth), fan(2000)
    origins = np.tile([0.0, 0.0, 2.0], (len(directions), 1))
    hits = Caster(crowd).cast(moment.poses, origins, directions, 120.0, hidden_row=0)
    on_body = hits.row >= 0
    assert on_body.sum() > 50
    assert (moment.instances[hits.triangle[on_body]] == hits.row[on_body]).all()
    assert (moment.materials[hits.triangle[on_body]] == hits.material[on_body]).all()
    still = hits.row == STILL
    assert (crowd.still.materials[hits.triangle[still]] == hits.material[still]).all()


def test_only_the_exact_cast_sees_a_walkers_legs_swing():
    scene = scenery([(ActorKind.CAR, CRATE), (ActorKind.ADULT, None)])
    caster, directions = Caster(scene), fan(3000, seed=4)
    directions = directions[np.abs(directions[:, 1]) < 0.2]
    places = [{"x": -30.0}, {"x": 4.0, "yaw": 1.5, "speed": 1.4, "s": 0.36}]
    truth = frame(scene, places)
    standing = frame(scene, [places[0], places[1] | {"speed": 0.0}], at=1)
    origins = np.tile([0.0, 0.0, 0.8], (len(directions), 1))
    walks = caster.cast_moment(scene.moment(truth), origins, directions, 20.0)
    quick = caster.cast(scene.poses(truth)[0], origins, directions, 20.0)
    stands = caster.cast_moment(scene.moment(standing), origins, directions, 20.0)
    assert (walks.row != stands.row).any()
    assert (quick.row == stands.row).all()


def test_directions_of_unit_share_along_the_axis_give_depth():
    scene = scenery([(ActorKind.CAR, CRATE), (ActorKind.CAR, CRATE)])
    truth = frame(scene, [{"x": -30.0}, {"x": 10.0}])
    directions = np.array([[1.0, 0.05, -0.03], [1.0, -0.1, 0.01]])
    hits = Caster(scene).cast_moment(scene.moment(truth), np.tile([0.0, 0.0, 1.0], (2, 1)), directions, 50.0)
    assert np.allclose(hits.t_m, 8.0)


def test_a_mesh_and_a_map_grow_their_tree_once():
    mesh, still = CRATE, PLAIN
    assert mesh_tree(mesh) is mesh_tree(mesh)
    assert still_tree(still) is still_tree(still)


def test_an_exact_cast_follows_the_moment_it_is_given(crowd):
    caster, origin, ahead = Caster(crowd), np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]])
    places = all_places(crowd)
    near, far = (places[1] | {"x": x, "y": 0.0} for x in (20.0, 60.0))
    first = crowd.moment(frame(crowd, [places[0], near, *places[2:]], at=1))
    second = crowd.moment(frame(crowd, [places[0], far, *places[2:]], at=2))
    met = [caster.cast_moment(moment, origin, ahead, 90.0, hidden_row=0).t_m[0] for moment in (first, second, first)]
    assert met[0] == met[2] < 25.0 < met[1]
