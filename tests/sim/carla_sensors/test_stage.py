"""What sensors of one tick share, and what is kept from tick to tick."""

import numpy as np

from sim.carla_sensors import stage
from sim.carla_sensors.company import body_of
from sim.carla_sensors.image import frame_of
from sim.carla_sensors.placing import matrices
from sim.carla_sensors.settings import Settings
from sim.episode.scene import Thing
from sim.left_handed import rotation
from tests.sim.carla_sensors import stages

PLACE = stages.town(stages.floor())
CAR = (stages.CAR, (20.0, 0.0, 0.0, 0.0, 0.0, 0.0))


def lens():
    return frame_of(Settings(blueprint=stages.CAR, attributes=stages.SMALL)).lens


def test_one_scene_has_one_stage_and_one_view_per_pose():
    scene = stages.scene(PLACE, CAR)
    first = stage.stage_of(scene)
    assert stage.stage_of(scene) is first and first.moment is first.moment
    assert first.outlines(lens(), stages.mounted()) is first.outlines(lens(), stages.mounted())
    moved = stages.mounted((1.0, 0.0, 1.5, 0.0, 0.0, 0.0))
    assert first.outlines(lens(), stages.mounted()) is not first.outlines(lens(), moved)


def test_the_company_stays_until_somebody_comes_or_goes():
    scene = stages.scene(PLACE, CAR)
    company = stage.stage_of(scene).company
    later = stages.scene(PLACE, CAR, things=scene.things)
    assert stage.stage_of(later).company is company
    assert stage.stage_of(stages.scene(PLACE, CAR, CAR)).company is not company


def test_two_interleaved_episodes_do_not_mix():
    here = stages.scene(PLACE, CAR)
    there = stages.scene(stages.town(stages.wall(10.0)), (stages.TRUCK, CAR[1]))
    for _ in range(2):
        assert stage.stage_of(here).company.things == here.things
        assert stage.stage_of(there).company.things == there.things
        far = stage.stage_of(here).outlines(lens(), stages.mounted()).depth_m
        near = stage.stage_of(there).outlines(lens(), stages.mounted()).depth_m
        assert near.max() <= 10.01 < far[2, 2]


def test_vehicles_of_one_blueprint_share_their_mesh_and_differ_in_colour():
    red, blue = (body_of(Thing(1, k, stages.CAR, colour)) for k, colour in enumerate([(255, 0, 0), (0, 0, 255)]))
    assert red.mesh is blue.mesh and red.colour == (1.0, 0.0, 0.0) and blue.colour == (0.0, 0.0, 1.0)


def test_poses_become_the_matrices_of_left_handeds_rotation():
    poses = np.array([(1.0, 2.0, 3.0, 0.4, -0.3, 0.2), (0.0, 0.0, 0.0, -2.0, 1.0, 3.0)])
    for pose, made in zip(poses, matrices(poses), strict=True):
        assert np.allclose(made[:, :3], rotation(*pose[3:]), atol=1e-15) and made[:, 3].tolist() == pose[:3].tolist()


def test_a_body_tilted_in_the_air_is_drawn_tilted_in_the_air():
    upright = stages.scene(stages.town(), (stages.CAR, (10.0, 0.0, 5.0, 0.0, 0.0, 0.0)))
    rolled = stages.scene(stages.town(), (stages.CAR, (10.0, 0.0, 5.0, 0.0, 0.0, 0.5 * np.pi)))
    spans = [np.ptp(stage.stage_of(scene).moment.vertices, axis=0) for scene in (upright, rolled)]
    assert np.allclose(spans[0], (4.8, 1.85, 1.5), atol=1e-4) and np.allclose(spans[1], (4.8, 1.5, 1.85), atol=1e-4)
    assert stage.stage_of(upright).moment.vertices[:, 2].min() >= 4.999
