"""From a truth row to an actor's origin and back; and the ground under it."""

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.carla_client.staging import Ground, Origin, origin_of, placement, sighted
from sim.carla_client.wire import (
    P_PITCH,
    P_SPIN,
    P_VX,
    P_VY,
    P_X,
    P_Y,
    P_YAW,
    P_Z,
    S_VX,
    S_VY,
    S_WZ,
    S_X,
    S_Y,
    S_YAW,
    SIGHTING_COLUMNS,
    Spawned,
)
from sim.truth import COLUMNS, LATERAL_SPEED, PATH_S, SPEED, YAW, YAW_RATE, X, Y

FLAT = Ground(stations_m=np.array([0.0]), heights_m=np.array([3.0]))
small = st.floats(-3.0, 3.0)


def as_seen(placed):
    """What a server that obeys shows of a placement."""
    seen = np.zeros(SIGHTING_COLUMNS)
    seen[[S_X, S_Y, S_YAW, S_VX, S_VY, S_WZ]] = placed[[P_X, P_Y, P_YAW, P_VX, P_VY, P_SPIN]]
    return seen


@given(x=small, y=small, yaw=st.floats(-pi, pi), v=st.floats(-5.0, 40.0), w=small, r=small, ahead=small, left=small)
def test_an_actor_put_where_the_truth_has_it_is_seen_where_the_truth_has_it(x, y, yaw, v, w, r, ahead, left):
    row = np.zeros(COLUMNS)
    row[[X, Y, YAW, SPEED, LATERAL_SPEED, YAW_RATE]] = x, y, yaw, v, w, r
    origin = Origin(ahead_m=ahead, left_m=left, lift_m=0.5)
    found = sighted(as_seen(placement(row, origin, FLAT)), origin)
    assert found == pytest.approx([x, y, yaw, v, w, r], abs=1e-9)


def test_an_actor_stands_on_its_foot_whatever_its_origin_is():
    vehicle = Spawned(actor_id=1, blueprint="vehicle.v", centre_m=(0.2, 0.0, 0.75), size_m=(4.0, 2.0, 1.5))
    gantry = Spawned(actor_id=3, blueprint="static.prop.g", centre_m=(0.0, 0.0, 5.75), size_m=(1.0, 20.0, 1.5))
    walker = Spawned(actor_id=2, blueprint="walker.w", centre_m=(0.0, 0.0, 0.0), size_m=(0.4, 0.4, 1.8))
    assert origin_of(vehicle).lift_m == pytest.approx(0.0)
    assert origin_of(gantry).lift_m == 0.0
    assert origin_of(walker).lift_m == pytest.approx(0.9)
    row = np.zeros(COLUMNS)
    assert placement(row, origin_of(walker), FLAT)[P_Z] == pytest.approx(3.9)


def test_uphill_the_nose_points_up_and_the_place_climbs():
    hill = Ground(stations_m=np.array([0.0, 100.0]), heights_m=np.array([0.0, 10.0]))
    row = np.zeros(COLUMNS)
    row[[SPEED, PATH_S]] = 20.0, 50.0
    placed = placement(row, Origin(ahead_m=0.0, left_m=0.0, lift_m=0.0), hill)
    assert placed[P_Z] == pytest.approx(5.0)
    assert placed[P_PITCH] == pytest.approx(-np.arctan(0.1))
    assert placed[P_VX + 2] > 0.0
