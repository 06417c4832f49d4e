"""Guard rails as arrays: the beam's front, its height, and posts that keep their distance."""

from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenery.rails import POST_APART_M, RailSegments, beams, posts
from tests.sim.scenery.meshes import facing, volume_m3


def _chain(turn_rad: float, front: float, rise_m: float = 0.0, count: int = 5, step_m: float = 8.9) -> RailSegments:
    corners = [(100.0, -20.0, 3.0)]
    for index in range(count):
        x, y, z = corners[-1]
        angle = index * turn_rad
        corners.append((x + step_m * np.cos(angle), y + step_m * np.sin(angle), z + rise_m))
    points = np.array(corners)
    return RailSegments(
        starts=points[:-1], ends=points[1:], fronts=np.full(count, front), heights_m=np.full(count, 0.75),
        from_m=step_m * np.arange(count),
    )  # fmt: skip


@given(turn_rad=st.floats(-0.1, 0.1), front=st.sampled_from([-1.0, 1.0]), rise_m=st.floats(-0.5, 0.5))
def test_beams_and_posts_look_outwards_whichever_side_is_the_front(turn_rad, front, rise_m):
    segments = _chain(turn_rad, front, rise_m)
    middle = segments.starts.mean(axis=0)
    for mesh in (beams(segments), posts(segments)):
        near = mesh.vertices - middle.astype(np.float32)
        assert volume_m3(type(mesh)(vertices=near, normals=mesh.normals, parts=mesh.parts, triangles=mesh.triangles,
                                    materials=mesh.materials, joints=mesh.joints)) > 0.0  # fmt: skip
        corners = mesh.normals[mesh.triangles]
        assert ((corners * facing(mesh)[:, None, :]).sum(axis=2) > 0.99).all()


@pytest.mark.parametrize("front", [-1.0, 1.0])
def test_the_wave_of_a_beam_is_on_its_front_and_its_flat_back_on_the_other_side(front):
    mesh = beams(_chain(0.0, front))
    aside = facing(mesh)[:, 1] * front
    assert (aside < -0.99).sum() == 2 * 5  # the back: one flat face a segment
    across = (mesh.vertices[:, 1] + 20.0) * front
    assert across.max() == pytest.approx(0.15, abs=1e-3)
    assert across.min() == pytest.approx(0.06, abs=1e-3)
    assert mesh.vertices[:, 2].max() == pytest.approx(3.75, abs=1e-3)
    assert mesh.vertices[:, 2].min() == pytest.approx(3.44, abs=1e-3)


def test_posts_keep_four_metres_over_the_joints_of_segments():
    mesh = posts(_chain(0.0, 1.0))
    along = np.unique(np.round(mesh.vertices[mesh.vertices[:, 1] < -20.05][:, 0], 2))
    assert len(along) == int(5 * 8.9 / POST_APART_M) + 1
    assert np.allclose(np.diff(along), POST_APART_M, atol=0.02)


def test_a_rail_follows_the_slope_it_stands_on():
    segments = _chain(0.0, 1.0, rise_m=0.5)
    mesh = beams(segments)
    for end in (segments.starts[0], segments.ends[-1]):
        near = mesh.vertices[[hypot(x - end[0], y - end[1]) < 0.3 for x, y, _ in mesh.vertices.tolist()]]
        assert near[:, 2].max() - end[2] == pytest.approx(0.75, abs=1e-2)
