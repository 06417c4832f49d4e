import pytest

from sim.sensors.camera_credibility import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.quantity.replace(" ", "_"))
def test_the_pixel_camera_agrees_with_the_law_or_the_cited_figure(row):
    assert row.valid_from_m < row.valid_to_m
    assert row.source
    assert row.low <= row.measure() <= row.high


def test_quantities_are_named_once():
    assert len({row.quantity for row in ROWS}) == len(ROWS)
