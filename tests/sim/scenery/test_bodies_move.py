"""Bodies posed by the scenery: walkers' feet keep to the ground, legs and pedals move."""

import numpy as np
import pytest

from sim.scenery.bodies import body_for
from sim.scenery.ground import GroundTable
from sim.scenery.mesh import Part
from sim.scenery.scene import STRIDE_M, Scenery
from sim.scenery.shapes import sheet
from sim.scenery.still import Piece, tiled
from sim.truth import COLUMNS, PATH_S, SPEED, ActorKind, Conditions, Roster, TruthFrame
from sim.twin.hulls import actor_hull
from stack.vocabulary import SimNs

DAY = Conditions(friction_ratio=0.9, visibility_m=1e4, illuminance_lx=2e4)
WALKERS = (ActorKind.ADULT, ActorKind.CHILD)


def scenery_of(kind, entity=1):
    hull = actor_hull(kind)
    roster = Roster(
        names=("one",), kinds=(kind,), entities=np.array([entity], dtype=np.uint32), size_m=np.array([hull.size_m]),
        clearance_m=np.array([hull.clearance_m]), mass_kg=np.array([hull.mass_kg]),
    )  # fmt: skip
    ground = GroundTable(first=np.array([0, 1], dtype=np.int32), stations_m=np.zeros(1), heights_m=np.zeros(1))
    floor = sheet(((-9.0, -9.0, 0.0), (9.0, -9.0, 0.0), (9.0, 9.0, 0.0), (-9.0, 9.0, 0.0)), "asphalt")
    still = tiled((Piece(mesh=floor, reach_m=100.0),))
    return Scenery(
        roster=roster, still=still, bodies=(body_for(kind, entity, hull.size_m, hull.clearance_m),), ground=ground
    )


def posed(scenery, way_m, speed_mps):
    state = np.zeros((1, COLUMNS))
    state[0, PATH_S], state[0, SPEED] = way_m, speed_mps
    at = SimNs(int(way_m * 1e9))
    return scenery.moment(TruthFrame(at=at, roster=scenery.roster, conditions=DAY, state=state)).vertices.copy()


@pytest.mark.parametrize("kind", WALKERS)
@pytest.mark.parametrize("entity", [1, 3, 0])
def test_a_walker_always_has_a_foot_on_the_ground_and_none_in_it(kind, entity):
    scenery = scenery_of(kind, entity)
    for way_m in np.linspace(0.0, STRIDE_M[kind], 24, endpoint=False).tolist():
        lowest_m = float(posed(scenery, way_m, 1.4)[:, 2].min())
        assert -0.05 <= lowest_m <= 0.05


@pytest.mark.parametrize("kind", [*WALKERS, ActorKind.CYCLIST])
def test_legs_swing_against_each_other_about_hips_that_stay(kind):
    scenery = scenery_of(kind)
    parts = scenery.bodies[0].mesh.parts
    stride_m = STRIDE_M.get(kind, 5.2)
    forward = {part: [] for part in (Part.LEFT_SHIN, Part.RIGHT_SHIN, Part.LEFT_THIGH, Part.BODY)}
    for way_m in np.linspace(0.0, stride_m, 16, endpoint=False).tolist():
        vertices = posed(scenery, way_m, 1.4)
        for part, seen in forward.items():
            seen.append(float(vertices[parts == part, 0].mean()))
    reach = {part: max(seen) - min(seen) for part, seen in forward.items()}
    height_m = actor_hull(kind).size_m[2]
    assert reach[Part.BODY] < 1e-6
    assert reach[Part.LEFT_SHIN] > 0.2 * height_m
    assert reach[Part.LEFT_SHIN] > reach[Part.LEFT_THIGH] > 0.05 * height_m
    assert np.corrcoef(forward[Part.LEFT_SHIN], forward[Part.RIGHT_SHIN])[0, 1] < -0.5


@pytest.mark.parametrize("kind", WALKERS)
def test_who_stands_still_stands_straight(kind):
    scenery = scenery_of(kind)
    still = posed(scenery, 0.3, 0.0)
    assert still == pytest.approx(scenery.bodies[0].mesh.vertices, abs=1e-6)


def test_a_cyclists_feet_stay_above_the_road():
    scenery = scenery_of(ActorKind.CYCLIST)
    parts = scenery.bodies[0].mesh.parts
    legs = parts != Part.BODY
    for way_m in np.linspace(0.0, 5.2, 24, endpoint=False).tolist():
        assert float(posed(scenery, way_m, 4.0)[legs, 2].min()) > 0.02


def test_legs_hang_together_at_hips_and_knees_while_walking():
    scenery = scenery_of(ActorKind.ADULT)
    mesh = scenery.bodies[0].mesh
    for upper, lower in ((Part.LEFT_THIGH, Part.LEFT_SHIN), (Part.RIGHT_THIGH, Part.RIGHT_SHIN)):
        joint = mesh.joints[lower]
        assert mesh.joints[upper][2] > joint[2] > 0.0
        for way_m in (0.0, 0.2, 0.36, 0.7, 1.1):
            vertices = posed(scenery, way_m, 1.4)
            near = [
                vertices[(mesh.parts == part) & (np.abs(mesh.vertices[:, 2] - joint[2]) < 0.05)]
                for part in (upper, lower)
            ]
            apart = np.linalg.norm(near[0][:, None] - near[1][None], axis=2)
            assert float(apart.min()) < 0.06
