"""From CARLA's world to latitude and longitude, just as `carla.Map.transform_to_geolocation` has it.

The 0.9.16 client reads `lat_0` and `lon_0` of the map's geoReference, whatever the projection, and takes
42 N 2 E where it does not find both. The projection is the transverse Mercator of a sphere (Snyder, Map
projections: a working manual, USGS 1987, equations 8-6 and 8-7) of the equator's radius with UTM's scale;
CARLA's x is taken for the easting and its y for the northing. All of it was learned from what the client answers.
"""

import re
from functools import lru_cache
from math import asin, atan2, cos, cosh, degrees, radians, sin, sinh
from typing import Final, NamedTuple

RADIUS_M: Final = 6_378_137.0  # WGS 84's equator
SCALE: Final = 0.9996  # UTM's central scale
_REFERENCE: Final = re.compile(r"<geoReference>(.*?)</geoReference>", re.DOTALL)
_NUMBER: Final = r"=\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_LATITUDE: Final = re.compile(r"\+lat_0" + _NUMBER)
_LONGITUDE: Final = re.compile(r"\+lon_0" + _NUMBER)


class Origin(NamedTuple):
    """Where a map's (0, 0) lies."""

    latitude_deg: float
    longitude_deg: float


DEFAULT: Final = Origin(42.0, 2.0)


@lru_cache(maxsize=8)
def origin_of(xodr: str) -> Origin:
    """The origin of a map's OpenDRIVE text."""
    found = _REFERENCE.search(xodr)
    text = found.group(1) if found else ""
    latitude, longitude = _LATITUDE.search(text), _LONGITUDE.search(text)
    if latitude is None or longitude is None:
        return DEFAULT
    return Origin(float(latitude.group(1)), float(longitude.group(1)))


def geolocation(origin: Origin, x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude (deg) of a place in CARLA's world (m)."""
    east = x / (RADIUS_M * SCALE)
    north = y / (RADIUS_M * SCALE) + radians(origin.latitude_deg)
    latitude = asin(sin(north) / cosh(east))
    return degrees(latitude), origin.longitude_deg + degrees(atan2(sinh(east), cos(north)))
