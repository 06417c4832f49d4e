"""From the map's plane to the ellipsoid and back: WGS 84 transverse Mercator with its origin on the equator.

Our maps declare `+proj=tmerc +lat_0=0 +lon_0=0 +k=1 +ellps=WGS84`: x is the easting and y the northing,
in metres, about the point of zero latitude and longitude. The projection is Krüger's series to the
sixth order in the third flattening, as in Karney, "Transverse Mercator with an accuracy of a few
nanometers", Journal of Geodesy 85 (2011), equations 7 to 9, 35 and 36 (series recalled; the tests hold
them to published points and to each other).
"""

from math import asinh, atan, atan2, atanh, cos, cosh, hypot, sin, sinh, sqrt, tan

SEMI_MAJOR_M = 6_378_137.0  # WGS 84 (NGA.STND.0036)
FLATTENING = 1.0 / 298.257223563  # WGS 84
_E2 = FLATTENING * (2.0 - FLATTENING)
_E = sqrt(_E2)
_N = FLATTENING / (2.0 - FLATTENING)
RECTIFYING_RADIUS_M = SEMI_MAJOR_M / (1.0 + _N) * (1.0 + _N**2 / 4.0 + _N**4 / 64.0 + _N**6 / 256.0)

# Rows: the factor of sin(2 j xi) by powers n^j, n^(j+1), ... of the third flattening.
_FORWARD = (
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
)
_INVERSE = (
    (1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    (1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    (17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    (4397 / 161280, -11 / 504, -830251 / 7257600),
    (4583 / 161280, -108847 / 3991680),
    (20648693 / 638668800,),
)


def _summed(rows: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """The series' factors for WGS 84's flattening."""
    return tuple(sum(c * _N ** (j + k) for k, c in enumerate(row)) for j, row in enumerate(rows, start=1))


_ALPHA, _BETA = _summed(_FORWARD), _summed(_INVERSE)


def _conformal_tangent(tangent: float) -> float:
    """Tangent of the conformal latitude from that of the geographic latitude."""
    root = sqrt(1.0 + tangent * tangent)
    sigma = sinh(_E * atanh(_E * tangent / root))
    return tangent * sqrt(1.0 + sigma * sigma) - sigma * root


def plane_from_geographic(latitude_rad: float, longitude_rad: float) -> tuple[float, float]:
    """(x, y) in metres of a place given by latitude and longitude in radians."""
    tangent = _conformal_tangent(tan(latitude_rad))
    xi = atan2(tangent, cos(longitude_rad))
    eta = asinh(sin(longitude_rad) / hypot(tangent, cos(longitude_rad)))
    north, east = xi, eta
    for j, factor in enumerate(_ALPHA, start=1):
        north += factor * sin(2 * j * xi) * cosh(2 * j * eta)
        east += factor * cos(2 * j * xi) * sinh(2 * j * eta)
    return RECTIFYING_RADIUS_M * east, RECTIFYING_RADIUS_M * north


def geographic_from_plane(x_m: float, y_m: float) -> tuple[float, float]:
    """(latitude, longitude) in radians of a place given by the map's x and y in metres."""
    xi, eta = y_m / RECTIFYING_RADIUS_M, x_m / RECTIFYING_RADIUS_M
    north, east = xi, eta
    for j, factor in enumerate(_BETA, start=1):
        north -= factor * sin(2 * j * xi) * cosh(2 * j * eta)
        east -= factor * cos(2 * j * xi) * sinh(2 * j * eta)
    sought = sin(north) / hypot(sinh(east), cos(north))
    tangent = sought / (1.0 - _E2)
    for _ in range(5):  # Newton's steps converge in three
        found = _conformal_tangent(tangent)
        slope = (1.0 + (1.0 - _E2) * tangent**2) / ((1.0 - _E2) * sqrt(1.0 + found**2) * sqrt(1.0 + tangent**2))
        tangent += (sought - found) / sqrt(1.0 + sought**2) * sqrt(1.0 + found**2) * slope
    return atan(tangent), atan2(sinh(east), cos(north))
