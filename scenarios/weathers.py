"""Weather by name: what a word like "night_rain" stands for. A scenario may change any single value.

Illuminance: full daylight 10,000 to 20,000 lx in the shade of a thin cloud up to 100,000 lx in the sun,
overcast 1,000 to 10,000, dusk below 100, a lit street at night about 10, a moonless rural night below
1 (CIE 15 and road-lighting texts; recalled). Rain classes after the WMO: moderate 2.5 to 10 mm/h,
heavy above; its visibility after Atlas 1953, V = 6.5 km (R / mm/h)^-0.63 for widespread rain (recalled).
Wet friction 0.6 as in `scenarios.specification`. Sun azimuth 0 is the world's x axis.
"""

from dataclasses import dataclass, fields
from math import radians

from sim.truth import Conditions

DRY, WET = 0.9, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherPreset:
    """One kind of weather and light, in the units of a scenario file."""

    says: str
    friction: float = DRY
    visibility_m: float = 10_000.0
    illuminance_lx: float = 20_000.0
    sun_elevation_deg: float = 40.0
    sun_azimuth_deg: float = 126.0
    cloud_ratio: float = 0.2
    rain_mmph: float = 0.0
    wetness_ratio: float = 0.0


WEATHERS: dict[str, WeatherPreset] = {
    "day": WeatherPreset(says="a clear day on a dry road"),
    "overcast": WeatherPreset(says="a closed cloud cover", illuminance_lx=8_000.0, cloud_ratio=1.0),
    "low_sun": WeatherPreset(
        says="a low sun ahead on roads that lead east", illuminance_lx=9_000.0, sun_elevation_deg=6.0,
        sun_azimuth_deg=4.0, cloud_ratio=0.0),
    "dusk": WeatherPreset(
        says="after sunset", illuminance_lx=40.0, sun_elevation_deg=-3.0, sun_azimuth_deg=20.0, cloud_ratio=0.3),
    "night": WeatherPreset(says="a dry night", illuminance_lx=0.5, sun_elevation_deg=-30.0, cloud_ratio=0.3),
    "rain": WeatherPreset(
        says="steady rain by day", friction=WET, visibility_m=1_800.0, illuminance_lx=5_000.0, cloud_ratio=1.0,
        rain_mmph=8.0, wetness_ratio=1.0),
    "heavy_rain": WeatherPreset(
        says="a cloudburst by day", friction=WET, visibility_m=700.0, illuminance_lx=2_500.0, cloud_ratio=1.0,
        rain_mmph=35.0, wetness_ratio=1.0),
    "wet_road": WeatherPreset(
        says="after the rain", friction=WET, illuminance_lx=12_000.0, cloud_ratio=0.6, wetness_ratio=0.8),
    "night_rain": WeatherPreset(
        says="rain at night", friction=WET, visibility_m=1_800.0, illuminance_lx=0.4, sun_elevation_deg=-30.0,
        cloud_ratio=1.0, rain_mmph=8.0, wetness_ratio=1.0),
    "fog": WeatherPreset(says="fog, 100 m of sight", visibility_m=100.0, illuminance_lx=6_000.0, cloud_ratio=1.0),
    "night_fog": WeatherPreset(
        says="fog at night", visibility_m=100.0, illuminance_lx=0.4, sun_elevation_deg=-30.0, cloud_ratio=1.0),
}  # fmt: skip

VALUES = tuple(field.name for field in fields(WeatherPreset) if field.name != "says")


def conditions_from(preset: str, changes: dict[str, float]) -> Conditions:
    """The conditions of a preset with single values changed; angles in degrees as in a file."""
    values = {name: float(getattr(WEATHERS[preset], name)) for name in VALUES} | changes
    return Conditions(
        friction_ratio=values["friction"],
        visibility_m=values["visibility_m"],
        illuminance_lx=values["illuminance_lx"],
        sun_elevation_rad=radians(values["sun_elevation_deg"]),
        sun_azimuth_rad=radians(values["sun_azimuth_deg"]),
        cloud_ratio=values["cloud_ratio"],
        rain_mmph=values["rain_mmph"],
        wetness_ratio=values["wetness_ratio"],
    )
