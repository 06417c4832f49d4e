"""Weather by name: every preset becomes conditions, single values win, scenario files and overrides reach them."""

from math import radians
from typing import get_args

import pytest

from scenarios.assembly import RunRequest, prepare
from scenarios.specification import Weather, WeatherWord
from scenarios.weathers import WEATHERS, conditions_from


def test_the_schema_knows_every_preset() -> None:
    assert list(get_args(WeatherWord)) == list(WEATHERS)


@pytest.mark.parametrize("name", WEATHERS)
def test_every_preset_is_possible_weather(name: str) -> None:
    conditions = conditions_from(name, {})
    assert conditions.visibility_m > 0.0
    assert 0.0 <= conditions.cloud_ratio <= 1.0
    assert (conditions.rain_mmph > 0.0) <= (conditions.wetness_ratio > 0.0)
    assert (conditions.wetness_ratio > 0.5) == (conditions.friction_ratio < 0.7)
    assert (conditions.illuminance_lx < 100.0) == (conditions.sun_elevation_rad < 0.0 or name == "night_rain")


def test_nothing_said_is_a_clear_dry_day() -> None:
    assert Weather().conditions() == conditions_from("day", {})


def test_single_values_win_over_the_preset() -> None:
    conditions = Weather(preset="night_rain", visibility_m=90.0, sun_azimuth_deg=45.0, friction=0.5).conditions()
    assert (conditions.visibility_m, conditions.friction_ratio) == (90.0, 0.5)
    assert conditions.sun_azimuth_rad == pytest.approx(radians(45.0))
    assert conditions.rain_mmph == WEATHERS["night_rain"].rain_mmph


def test_an_override_names_a_preset_and_the_layout_has_it() -> None:
    prepared = prepare(RunRequest(scenario="truck_meets_slower_car", overrides={"conditions.preset": "fog"}))
    assert prepared.placed.layout.conditions == conditions_from("fog", {})
