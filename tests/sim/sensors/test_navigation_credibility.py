import numpy as np
import pytest

from sim.sensors.navigation_credibility import ROWS, allan_deviation


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.quantity.replace(" ", "_"))
def test_a_navigation_sensor_agrees_with_the_cited_figure(row):
    assert row.valid_from_m < row.valid_to_m
    assert row.source
    assert row.low <= row.measure() <= row.high


def test_the_allan_deviation_of_a_ramp_is_its_slope_times_the_time_over_root_two():
    ramp = np.arange(1000.0)
    assert allan_deviation(ramp, 10) == pytest.approx(10.0 / 2.0**0.5)
