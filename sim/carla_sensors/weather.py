"""CARLA's weather as conditions of light, air and road: percentages become physical quantities.

CARLA gives its percentages no physical meaning, so the scales are our own, made so that its presets look
as their names say. Wind, scattering and the fall of fog with height have no counterpart here. As in
CARLA, weather does not change what tyres hold.
"""

from functools import lru_cache
from math import exp, log, radians
from typing import Final

from sim.episode.structs import WeatherParameters
from sim.truth import Conditions

FRICTION_RATIO: Final = 0.9  # own; sensors do not ask
CLEAR_M: Final = 20_000.0  # sight through air without fog: WMO-No. 306, code table 4377 calls 20 km clear (recalled)
THICK_FOG_M: Final = 40.0  # own: fog density 100
THICK_DUST_M: Final = 150.0  # own: dust storm 100
MOST_RAIN_MMPH: Final = 50.0  # precipitation 100: violent showers begin here (Met Office fact sheet 3; recalled)
NIGHT_LX: Final = 0.5  # own: a lit town's sky glow
# Light of a clear sky on level ground by the sun's elevation (deg, lx). By day as DIN 5034-2's clear sky with sun
# (recalled, rounded); twilight after the Explanatory Supplement to the Astronomical Almanac: 400 lx at sunset, 3.4 lx
# at -6 degrees (recalled: confirm).
_CLEAR_SKY: Final = (
    (-90.0, NIGHT_LX), (-18.0, NIGHT_LX), (-12.0, 0.6), (-6.0, 3.4), (0.0, 400.0), (5.0, 6_000.0), (10.0, 15_000.0),
    (20.0, 34_000.0), (30.0, 54_000.0), (45.0, 80_000.0), (60.0, 100_000.0), (90.0, 120_000.0),
)  # fmt: skip
_STEEPEST: Final = 90.0


@lru_cache(maxsize=16)
def conditions_of(weather: WeatherParameters) -> Conditions:
    """The conditions that this weather makes; values beyond CARLA's ranges count as the nearest within."""
    cloud = _share(weather.cloudiness)
    rain = _share(weather.precipitation)
    elevation_deg = min(max(weather.sun_altitude_angle, -_STEEPEST), _STEEPEST)
    return Conditions(
        friction_ratio=FRICTION_RATIO,
        visibility_m=visibility_m(weather),
        illuminance_lx=illuminance_lx(elevation_deg, cloud),
        sun_elevation_rad=radians(elevation_deg),
        sun_azimuth_rad=-radians(weather.sun_azimuth_angle % 360.0),  # CARLA's azimuth turns to the right, as its yaw
        cloud_ratio=cloud,
        rain_mmph=MOST_RAIN_MMPH * rain**1.5,  # own: half of the scale is steady rain
        wetness_ratio=max(_share(weather.precipitation_deposits), _share(weather.wetness)),
    )


def visibility_m(weather: WeatherParameters) -> float:
    """How far one sees: fog and dust each thin out by equal ratios for equal steps; fog begins at its distance."""
    fog_m = CLEAR_M * (THICK_FOG_M / CLEAR_M) ** _share(weather.fog_density) + max(weather.fog_distance, 0.0)
    dust_m = CLEAR_M * (THICK_DUST_M / CLEAR_M) ** _share(weather.dust_storm)
    return float(1.0 / (1.0 / fog_m + 1.0 / dust_m - 1.0 / (CLEAR_M + max(weather.fog_distance, 0.0))))


def illuminance_lx(elevation_deg: float, cloud_ratio: float) -> float:
    """Light of sun and sky on level ground. Clouds take up to three quarters (Kasten and Czeplak 1980)."""
    clear = _CLEAR_SKY[-1][1]
    for (low, dim), (high, bright) in zip(_CLEAR_SKY, _CLEAR_SKY[1:], strict=False):
        if low <= elevation_deg < high:
            clear = dim * exp(log(bright / dim) * (elevation_deg - low) / (high - low))
    return float(max(clear * (1.0 - 0.75 * cloud_ratio**3.4), NIGHT_LX))


def _share(percent: float) -> float:
    return min(max(percent / 100.0, 0.0), 1.0)
