"""A run's conditions as CARLA's weather: percent and degrees, by CARLA's names.

CARLA documents its fields as intensities without a physical scale; the scale here is ours and stated
beside each number. Friction has no weather field: it limits the ego's demand on the client's side.
"""

from math import degrees

from sim.truth import Conditions

HEAVIEST_RAIN_MMPH = 50.0  # own: rain of this rate is CARLA's 100 %
DENSEST_FOG_M = 50.0  # own: a sight of this much or less is CARLA's 100 %
CLEAR_M = 5_000.0  # own: from this sight on there is no fog


def weather_of(conditions: Conditions) -> tuple[tuple[str, float], ...]:
    """CARLA's weather parameters for conditions, by name."""
    rain = 100.0 * min(conditions.rain_mmph / HEAVIEST_RAIN_MMPH, 1.0)
    fog = 0.0
    if conditions.visibility_m < CLEAR_M:
        fog = 100.0 * min(DENSEST_FOG_M / max(conditions.visibility_m, 1.0), 1.0)
    return (
        ("cloudiness", 100.0 * conditions.cloud_ratio),
        ("precipitation", rain),
        ("precipitation_deposits", 100.0 * conditions.wetness_ratio),
        ("wetness", 100.0 * conditions.wetness_ratio),
        ("wind_intensity", 10.0),
        ("sun_azimuth_angle", -degrees(conditions.sun_azimuth_rad) % 360.0),
        ("sun_altitude_angle", degrees(conditions.sun_elevation_rad)),
        ("fog_density", fog),
        ("fog_distance", 0.0),
        ("fog_falloff", 0.1),
    )
