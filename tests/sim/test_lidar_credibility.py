import pytest

from sim.sensors.lidar_credibility import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.quantity.replace(" ", "_"))
def test_the_lidar_model_agrees_with_the_cited_figure(row):
    assert row.valid_from_m < row.valid_to_m
    assert row.source
    assert row.low <= row.measure() <= row.high
