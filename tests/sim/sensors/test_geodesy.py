from math import asinh, atanh, cos, degrees, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sensors.geodesy import RECTIFYING_RADIUS_M, SEMI_MAJOR_M, geographic_from_plane, plane_from_geographic

UTM_SCALE, UTM_EAST_M, ZONE_38_DEG = 0.9996, 500_000.0, 45.0


def test_a_published_square_of_the_utm_grid_is_found():
    # GeographicLib, manual of GeoConvert: 38SMB4488 is 33.33424 N 44.40363 E.
    latitude, longitude = geographic_from_plane((444_500.0 - UTM_EAST_M) / UTM_SCALE, 3_688_500.0 / UTM_SCALE)
    assert degrees(latitude) == pytest.approx(33.33424, abs=5e-6)
    assert degrees(longitude) + ZONE_38_DEG == pytest.approx(44.40363, abs=5e-6)


def test_a_published_point_lands_on_its_utm_coordinates():
    # GeographicLib, manual of GeoConvert: 33.3 N 44.4 E is 38n 444140.54 3684706.36.
    x_m, y_m = plane_from_geographic(radians(33.3), radians(44.4 - ZONE_38_DEG))
    assert UTM_EAST_M + UTM_SCALE * x_m == pytest.approx(444_140.54, abs=0.005)
    assert UTM_SCALE * y_m == pytest.approx(3_684_706.36, abs=0.005)


def test_the_meridian_from_equator_to_pole_has_its_known_length():
    _x_m, y_m = plane_from_geographic(0.5 * pi - 1e-15, 0.0)
    assert y_m == pytest.approx(10_001_965.729, abs=0.001)  # WGS 84's quarter meridian
    assert y_m == pytest.approx(0.5 * pi * RECTIFYING_RADIUS_M, abs=1e-6)


def test_near_the_origin_a_metre_is_a_metre_of_the_two_radii():
    e2 = 0.00669437999014
    latitude, longitude = geographic_from_plane(100.0, 100.0)
    assert latitude == pytest.approx(100.0 / (SEMI_MAJOR_M * (1.0 - e2)), rel=1e-6)
    assert longitude == pytest.approx(100.0 / SEMI_MAJOR_M, rel=1e-6)


@given(st.floats(-1.5, 1.5), st.floats(-0.35, 0.35))
def test_the_way_back_ends_where_it_began(latitude_rad, longitude_rad):
    back = geographic_from_plane(*plane_from_geographic(latitude_rad, longitude_rad))
    assert back == pytest.approx((latitude_rad, longitude_rad), abs=1e-12)


@given(st.floats(-1.4, 1.4), st.floats(-0.3, 0.3))
def test_the_projection_turns_nothing_locally(latitude_rad, longitude_rad):
    # Conformal: a step in isometric latitude and the same step in longitude are equally long and square.
    step, e = 1e-4, 0.0818191908426
    x0, y0 = plane_from_geographic(latitude_rad, longitude_rad - step)
    x1, y1 = plane_from_geographic(latitude_rad, longitude_rad + step)

    def isometric(angle):
        return asinh(sin(angle) / cos(angle)) - e * atanh(e * sin(angle))

    slope = (isometric(latitude_rad + 1e-6) - isometric(latitude_rad - 1e-6)) / 2e-6
    u0, v0 = plane_from_geographic(latitude_rad - step / slope, longitude_rad)
    u1, v1 = plane_from_geographic(latitude_rad + step / slope, longitude_rad)
    assert (x1 - x0) == pytest.approx(v1 - v0, rel=1e-5)
    assert (y1 - y0) == pytest.approx(u0 - u1, abs=1e-5 * abs(x1 - x0))
