"""Room beside the road: distances to rectangles, overlaps, and what is free."""

from dataclasses import replace
from math import cos, hypot, pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.maps import load_map, map_names
from sim.scenery.clearance import LOOK_M, Clearance, Footprint, is_driven
from sim.scenery.edges import MOTORWAY, RURAL, TOWN, edges_of

PLACES = st.floats(-20.0, 20.0)
SIZES = st.floats(0.1, 15.0)
TURNS = st.floats(-pi, pi)


def _box(x_m=0.0, y_m=0.0, yaw_rad=0.0, length_m=4.0, width_m=2.0) -> Footprint:
    return Footprint(x_m=x_m, y_m=y_m, yaw_rad=yaw_rad, length_m=length_m, width_m=width_m)


@given(x=PLACES, y=PLACES, yaw=TURNS, length=SIZES, width=SIZES)
def test_a_point_is_as_far_from_a_rectangle_as_from_its_nearest_point(x, y, yaw, length, width):
    box = _box(1.0, -2.0, yaw, length, width)
    c, s = cos(yaw), sin(yaw)
    u, v = c * (x - 1.0) + s * (y + 2.0), c * (y + 2.0) - s * (x - 1.0)
    nearest = (min(max(u, -0.5 * length), 0.5 * length), min(max(v, -0.5 * width), 0.5 * width))
    assert box.distances_m(np.array([[x, y]]))[0] == pytest.approx(hypot(u - nearest[0], v - nearest[1]), abs=1e-9)


@given(x=PLACES, y=PLACES, first=TURNS, second=TURNS, length=SIZES, width=SIZES)
def test_rectangles_overlap_if_a_point_of_one_lies_in_the_other(x, y, first, second, length, width):
    one, other = _box(0.0, 0.0, first, 8.0, 3.0), _box(x, y, second, length, width)
    assert one.overlaps(other) == other.overlaps(one)
    share = np.linspace(-0.5, 0.5, 41)
    u, v = (grid.ravel() for grid in np.meshgrid(share * length, share * width))
    inside = np.column_stack((x + cos(second) * u - sin(second) * v, y + sin(second) * u + cos(second) * v))
    if (one.distances_m(inside) == 0.0).any():
        assert one.overlaps(other)
    if (one.distances_m(inside) > hypot(length, width) / 40.0 + 1e-9).all() and one.overlaps(other):
        back = np.array(one.corners())
        assert other.distances_m(back).min() < 8.0  # crossing without a sampled point inside: they are at least near


def test_rectangles_beside_each_other_do_not_overlap():
    assert not _box(0.0, 0.0).overlaps(_box(4.2, 0.0))
    assert _box(0.0, 0.0).overlaps(_box(3.8, 0.0))
    assert not _box(0.0, 0.0, 0.25 * pi).overlaps(_box(2.3, -2.3, 0.25 * pi, 4.0, 2.0))
    assert _box(0.0, 0.0).overlaps(_box(0.0, 0.0, 0.3, 20.0, 0.1))


def test_gaps_are_those_of_the_cross_section():
    clearance = Clearance(load_map("motorway"))
    driven_m, paved_m = clearance.gaps_m(_box(300.0, -16.0, 0.0, 1.0, 1.0))
    assert driven_m == pytest.approx(16.0 - 0.5 - 9.5, abs=0.1)  # lanes end at 9.5 m, the shoulder at 12.5 m
    assert paved_m == pytest.approx(16.0 - 0.5 - 12.5, abs=0.1)
    assert clearance.gaps_m(_box(300.0, -900.0))[0] == LOOK_M
    assert clearance.gaps_m(_box(300.0, -7.6))[0] < 0.0


def test_taken_ground_is_not_free_again():
    clearance = Clearance(load_map("rural"))
    spot = _box(200.0, 60.0)
    assert clearance.fits(spot, 5.0, 5.0, 1.0)
    clearance.take(spot)
    assert not clearance.fits(_box(204.5, 60.0), 5.0, 5.0, 1.0)
    assert clearance.fits(_box(206.5, 60.0), 5.0, 5.0, 1.0)


@pytest.mark.parametrize("name", map_names())
def test_edges_lie_on_the_outside_of_the_outermost_lanes(name):
    road = load_map(name)
    for edge in edges_of(road):
        own = tuple(lane for lane in road.lanes if lane.road_id == edge.road_id)
        clearance = Clearance(replace(road, lanes=own))  # another road may pass below or beside
        for s_m in np.linspace(2.0, edge.length_m - 2.0, 9).tolist():
            for offset_m in (0.6, -0.2):
                place = edge.place(s_m, offset_m)
                gap_m = clearance.gaps_m(_box(place.x_m, place.y_m, 0.0, 0.01, 0.01))[1]
                assert gap_m == pytest.approx(offset_m, abs=0.13)


def test_each_map_has_its_surroundings():
    found = {name: {edge.surroundings for edge in edges_of(load_map(name)) if not edge.in_junction}
             for name in ("motorway", "rural", "urban")}  # fmt: skip
    assert found == {"motorway": {MOTORWAY}, "rural": {RURAL}, "urban": {TOWN}}


def test_sidewalks_and_shoulders_are_not_driven():
    assert is_driven("driving")
    assert is_driven("onRamp")
    assert not is_driven("sidewalk")
    assert not is_driven("shoulder")
