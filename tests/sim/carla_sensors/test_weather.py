"""CARLA's weather as conditions: monotone where it must be, and within what the twin can draw."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.carla_sensors.weather import conditions_of
from sim.episode.structs import WeatherParameters

PERCENT = st.floats(0.0, 100.0)
ANYTHING = st.floats(-1e6, 1e6)
WEATHERS = st.builds(
    WeatherParameters, cloudiness=ANYTHING, precipitation=ANYTHING, precipitation_deposits=ANYTHING,
    sun_azimuth_angle=ANYTHING, sun_altitude_angle=ANYTHING, fog_density=ANYTHING, fog_distance=ANYTHING,
    wetness=ANYTHING, dust_storm=ANYTHING,
)  # fmt: skip


@given(WEATHERS)
def test_any_weather_makes_conditions_that_can_be_drawn(weather):
    made = conditions_of(weather)
    assert made.visibility_m >= 30.0 and math.isfinite(made.visibility_m)
    assert 0.1 <= made.illuminance_lx <= 150_000.0
    assert 0.0 <= made.cloud_ratio <= 1.0 and 0.0 <= made.wetness_ratio <= 1.0
    assert 0.0 <= made.rain_mmph <= 100.0
    assert abs(made.sun_elevation_rad) <= 0.5 * math.pi


@given(low=PERCENT, high=PERCENT)
def test_more_of_a_thing_never_makes_it_better(low, high):
    low, high = sorted((low, high))
    little, much = (dict.fromkeys(("cloudiness", "fog_density", "dust_storm"), value) for value in (low, high))
    for name in little:
        first, second = (conditions_of(WeatherParameters(**{name: value[name]})) for value in (little, much))
        assert second.visibility_m <= first.visibility_m + 1e-6
        assert second.illuminance_lx <= first.illuminance_lx
    rain = [conditions_of(WeatherParameters(precipitation=value)).rain_mmph for value in (low, high)]
    wet = [conditions_of(WeatherParameters(precipitation_deposits=value)).wetness_ratio for value in (low, high)]
    assert rain[0] <= rain[1] and wet[0] <= wet[1]


@given(low=st.floats(-90.0, 90.0), high=st.floats(-90.0, 90.0))
def test_a_higher_sun_never_gives_less_light(low, high):
    low, high = sorted((low, high))
    first, second = (conditions_of(WeatherParameters(sun_altitude_angle=value)) for value in (low, high))
    assert first.illuminance_lx <= second.illuminance_lx


def test_noon_dusk_and_night_have_the_light_of_their_names():
    light = {deg: conditions_of(WeatherParameters(sun_altitude_angle=deg)).illuminance_lx for deg in (75, 0, -60)}
    assert light[75] > 90_000.0 and light[0] == pytest.approx(400.0) and light[-60] < 1.0


def test_the_suns_azimuth_turns_to_the_right_as_carlas_yaw_does():
    made = conditions_of(WeatherParameters(sun_azimuth_angle=90.0))
    towards = (math.cos(made.sun_azimuth_rad), math.sin(made.sun_azimuth_rad))
    assert towards == pytest.approx((0.0, -1.0), abs=1e-12)  # our y is to the left


def test_weather_does_not_change_what_tyres_hold():
    dry, storm = (conditions_of(WeatherParameters(precipitation=value)) for value in (0.0, 100.0))
    assert dry.friction_ratio == storm.friction_ratio
