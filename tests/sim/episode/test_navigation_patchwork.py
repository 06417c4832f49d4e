"""Patches cut and sewn: no ground is lost, none is there twice, neighbours share whole edges."""

from math import cos, pi, sin

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.episode.patchwork import Patch, Patchwork, area_m2, height_m, hull, is_thin, parted, shared, without
from sim.episode.seams import NOBODY, sewn

NUMBERS = st.floats(-20.0, 20.0).map(lambda value: round(value, 3))
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS, st.just(0.0)), min_size=3, max_size=8)


@st.composite
def rings(draw):
    ring = hull(draw(POINTS))
    assume(not is_thin(ring))
    return ring


@st.composite
def boxes(draw):
    """A rectangle anywhere, turned anyhow, on a slope."""
    x, y, yaw = draw(NUMBERS), draw(NUMBERS), draw(st.floats(0.0, 2.0 * pi))
    a, b = draw(st.floats(0.5, 8.0)), draw(st.floats(0.5, 8.0))
    return tuple((x + cos(yaw) * u - sin(yaw) * v, y + sin(yaw) * u + cos(yaw) * v, 0.05 * u)
                 for u, v in ((a, b), (-a, b), (-a, -b), (a, -b)))  # fmt: skip


def slack_m2(*some):
    """What slivers may take away: half their width, over the greatest length there is, at every edge."""
    return 0.03 * 57.0 * sum(len(ring) for ring in some)


@given(rings(), rings())
def test_a_ring_is_its_common_part_and_what_is_free(ring, other):
    free = without(ring, other)
    common = shared(ring, other)
    total = sum(area_m2(piece) for piece in free) + (area_m2(common) if common else 0.0)
    assert total == pytest.approx(area_m2(ring), abs=slack_m2(ring, other))
    assert total <= area_m2(ring) + 1e-6
    for piece in free:
        assert not is_thin(piece)
        assert shared(piece, other) == () or free == [ring]


@given(rings(), NUMBERS, NUMBERS, st.floats(0.0, 2.0 * pi))
def test_a_line_parts_a_ring_into_two_that_make_it_up(ring, x, y, yaw):
    left, right = parted(ring, (x, y, 0.0), (x + cos(yaw), y + sin(yaw), 0.0))
    total = sum(area_m2(part) for part in (left, right) if len(part) > 2)
    assert total == pytest.approx(area_m2(ring), abs=1e-6)


@given(boxes())
def test_a_cut_keeps_the_slope(ring):
    x, y = ring[0][:2]
    middle = tuple(sum(p[k] for p in ring) / 4.0 for k in range(3))
    left, _ = parted(ring, middle, (middle[0] + 1.0, middle[1] + 0.3, 0.0))
    for px, py, pz in left:
        assert height_m(ring, px, py) == pytest.approx(pz, abs=1e-6)
    assert height_m(ring, x, y) == pytest.approx(ring[0][2], abs=1e-6)


def test_what_is_on_another_layer_cuts_nothing():
    ring = ((0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (4.0, 4.0, 0.0), (0.0, 4.0, 0.0))
    above = tuple((x + 1.0, y, 5.0) for x, y, _ in ring)
    assert without(ring, above) == [ring]
    assert without(ring, tuple((x, y, 1.0) for x, y, _ in above)) != [ring]


@settings(max_examples=100, deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=8))
def test_whatever_is_laid_nothing_lies_twice_and_nothing_goes_missing(laid):
    work = Patchwork()
    for kind, ring in enumerate(laid):
        work.lay(ring, kind)
    pieces = [patch.ring for patch in work.patches]
    for i, one in enumerate(pieces):
        for other in pieces[:i]:
            common = shared(one, other)
            assert not common or area_m2(common) < slack_m2(one, other) * 0.2
    for ring in laid:
        assert sum(area_m2(c) for piece in pieces if (c := shared(ring, piece))) == pytest.approx(
            area_m2(ring), abs=slack_m2(*pieces)
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=8))
def test_what_is_sewn_keeps_its_ground_and_its_rules(laid):
    work = Patchwork()
    for kind, ring in enumerate(laid):
        work.lay(ring, kind)
    cloth = sewn(work.patches)
    assert sum(map(area_m2, cloth.rings)) == pytest.approx(
        sum(area_m2(patch.ring) for patch in work.patches), abs=slack_m2(*(patch.ring for patch in work.patches))
    )
    for at, (ring, beside) in enumerate(zip(cloth.rings, cloth.beside, strict=True)):
        assert 3 <= len(ring) <= 6
        assert len({point[:2] for point in ring}) == len(ring) == len(beside)
        assert area_m2(ring) > 0.0
        for other in beside:
            assert other == NOBODY or (other != at and at in cloth.beside[other])


@pytest.mark.parametrize("shift_m", [0.0, 0.03, 1.7])
@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_long_edge_is_joined_to_every_short_one_along_it(shift_m, count):
    long = ((0.0, 0.0, 0.0), (12.0 + 2 * shift_m, 0.0, 0.0), (12.0 + 2 * shift_m, 2.0, 0.0), (0.0, 2.0, 0.0))
    wide_m = 12.0 / count
    starts_m = [shift_m + k * wide_m for k in range(count)]
    short = [((x, -1.0, 0.1), (x + wide_m, -1.0, 0.1), (x + wide_m, -0.02, 0.1), (x, -0.02, 0.1)) for x in starts_m]
    cloth = sewn([Patch(long, 7), *(Patch(ring, k) for k, ring in enumerate(short))])
    for at, kind in enumerate(cloth.kinds):
        if kind != 7:
            assert 7 in {cloth.kinds[other] for other in cloth.beside[at] if other != NOBODY}
