import pytest

from sim.sensors import CLEAR_CAMERA, CLEAR_RADAR, NeedsPixels, camera_response, radar_response
from sim.sensors.responses import RADAR_RESPONSES, RESPONSES
from stack.vocabulary import FaultlineError

SEVERITIES = [index / 10 for index in range(11)]


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_a_camera_fault_of_no_severity_is_a_clear_camera(kind):
    assert camera_response(kind, 0.0) == CLEAR_CAMERA


@pytest.mark.parametrize("kind", sorted(RADAR_RESPONSES))
def test_a_radar_fault_of_no_severity_is_a_clear_radar(kind):
    assert radar_response(kind, 0.0) == CLEAR_RADAR


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_a_worse_camera_fault_is_never_better(kind):
    rows = [camera_response(kind, severity) for severity in SEVERITIES]
    for mild, bad in zip(rows, rows[1:], strict=False):
        assert bad.added_miss_ratio >= mild.added_miss_ratio
        assert bad.range_error_factor >= mild.range_error_factor
        assert bad.ghost_rate_hz >= mild.ghost_rate_hz
        assert bad.confidence_factor <= mild.confidence_factor
        assert bad.health_factor < mild.health_factor
        assert bad.lane_factor <= mild.lane_factor
    for row in rows:
        assert 0.0 <= row.added_miss_ratio <= 1.0
        assert 0.0 <= row.health_factor <= 1.0
        assert 0.0 <= row.lane_factor <= 1.0


def test_a_kind_without_a_row_needs_pixels():
    with pytest.raises(NeedsPixels, match="needs pixels") as caught:
        camera_response("dead_pixel_row", 0.5)
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, FaultlineError)
    with pytest.raises(NeedsPixels, match="radar"):
        radar_response("dirt", 0.5)


@pytest.mark.parametrize("severity", [-0.1, 1.1, float("nan")])
def test_a_severity_outside_its_range_is_refused(severity):
    with pytest.raises(ValueError, match="outside"):
        camera_response("dirt", severity)
