"""Impact speed against added latency: the closed form and its fit."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.encounters import ego_contact
from analysis.sweeps import ImpactFit, Sweep, SweepPoint, fit_impact_curve
from tests.analysis.records import KMH, build


def curve(free_s: float, speed: float, braking: float, noise: float = 1.0) -> tuple[SweepPoint, ...]:
    values = [50.0 * step for step in range(25)]
    rest = [max(value * 1e-3 - free_s, 0.0) for value in values]
    return tuple(
        SweepPoint(value, min(noise * sqrt(2.0 * braking * speed * late), speed))
        for value, late in zip(values, rest, strict=True)
        if 2.0 * braking * speed * late < speed**2
    )


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 0.5), st.floats(12.0, 30.0), st.floats(3.0, 8.0))
def test_the_fit_finds_the_latency_that_costs_nothing(free_s, speed, braking):
    fit = fit_impact_curve(curve(free_s, speed, braking), speed, braking)
    assert fit.latency_free_s == pytest.approx(free_s, abs=1e-6)
    assert fit.worst_ratio < 1e-6
    assert fit.holds


def test_points_off_the_curve_are_told_by_the_worst():
    points = curve(0.1, 22.2, 6.0)
    spoiled = (*points[:-1], SweepPoint(points[-1].value, points[-1].impact_mps * 0.7))
    fit = fit_impact_curve(spoiled, 22.2, 6.0)
    assert fit.worst_ratio > 0.1
    assert not fit.holds


def test_slow_impacts_take_no_part():
    points = (SweepPoint(0.0, 0.0), SweepPoint(10.0, 1.0), SweepPoint(200.0, 5.0), SweepPoint(400.0, 8.0))
    assert fit_impact_curve(points, 22.2, 6.0).points_used == 2


def test_one_point_is_not_a_curve():
    assert fit_impact_curve((SweepPoint(100.0, 5.0),), 22.2, 6.0) is None
    assert fit_impact_curve(curve(0.1, 22.2, 6.0), 22.2, 0.0) is None


def test_the_closed_form_never_exceeds_the_initial_speed():
    fit = ImpactFit(initial_mps=20.0, deceleration_mps2=6.0, latency_free_s=0.1, worst_ratio=0.0, points_used=3)
    assert fit.impact_mps(0.05) == 0.0
    assert fit.impact_mps(100.0) == 20.0


def test_the_synthetic_truck_follows_the_closed_form():
    points = []
    for added_ms in range(0, 1001, 100):
        contact = ego_contact(build(brake_s=4.6 + added_ms * 1e-3, warn_s=3.0))
        points.append(SweepPoint(float(added_ms), contact.relative_speed_mps if contact else 0.0))
    fit = fit_impact_curve(tuple(points), 80.0 * KMH, 6.0)
    assert fit.holds
    assert max(point.impact_mps for point in points) > 20.0 * KMH


def test_the_key_is_said_in_words_without_its_unit():
    sweep = Sweep(scenario="s", key="added_latency_ms", unit="ms", points=(), fit=None)
    assert sweep.name == "added latency"
