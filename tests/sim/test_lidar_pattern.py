import pytest

from sim.sensors.lidar_pattern import lidar_pattern, pattern_names
from stack.vocabulary import InputError
from tests.sim.test_lidar import SMALL


@pytest.mark.parametrize("name", pattern_names())
def test_a_pattern_that_ships_can_be_read_and_says_where_it_is_from(name):
    pattern = lidar_pattern(name)
    assert len(pattern.source) > 50
    assert pattern.rate_hz == 10.0  # the sensor table's
    assert pattern.range_at_80_percent_m <= pattern.max_range_m


def test_the_patterns_are_those_the_documents_name():
    assert pattern_names() == ("ouster_os1_128", "velodyne_hdl_64e", "velodyne_vlp_16")
    shapes = {
        name: (len(lidar_pattern(name).elevations_deg), lidar_pattern(name).azimuth_steps) for name in pattern_names()
    }
    assert shapes == {"ouster_os1_128": (128, 1024), "velodyne_hdl_64e": (64, 1800), "velodyne_vlp_16": (16, 1800)}


def test_an_unknown_pattern_is_refused_with_the_names_there_are():
    with pytest.raises(InputError, match="there is no lidar pattern 'hdl'; there are ouster_os1_128, velodyne_hdl_64e"):
        lidar_pattern("hdl")


def test_every_finding_of_a_bad_pattern_comes_at_once_with_its_place():
    bad = (
        SMALL.replace("azimuth_steps: 1440", "azimuth_steps: 9000000")
        .replace("rate_hz: 10.0", "rate_hz: 0.0")
        .replace("-12.0, -6.0", "-6.0, -12.0")
        .replace("pulse_ns: 5.0", "pulse_length: 5.0")
        .replace("dropout_ratio: 0.0", "dropout_ratio: 1.5")
    )
    with pytest.raises(InputError) as refusal:
        lidar_pattern(bad)
    found = {finding.field: finding for finding in refusal.value.findings}
    assert set(found) == {"azimuth_steps", "rate_hz", "elevations_deg", "pulse_ns", "pulse_length", "dropout_ratio"}
    assert "must rise" in found["elevations_deg"].problem
    assert found["azimuth_steps"].where == "lidar pattern:5:1"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("min_range_m: 0.5", "min_range_m: 200.0", "min_range_m must be below max_range_m"),
        ("range_at_10_percent_m: 50.0", "range_at_10_percent_m: 120.0", "range_at_10_percent_m must be below"),
        ("elevations_deg: [-12.0", "elevations_deg: [-89.0", "greater than or equal to -80"),
        ("range_sigma_m: 0.0", "range_sigma_m: .nan", "range_sigma_m: Input should be"),
        ("rate_hz: 10.0", "rate_hz: 10.0\nrate_hz: 20.0", "is given twice"),
        ("title:", "title: [", "expected"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(old, new, problem):
    with pytest.raises(InputError, match=problem):
        lidar_pattern(SMALL.replace(old, new))


def test_a_pattern_too_fine_to_be_held_is_refused():
    many = ", ".join(str(-20.0 + 0.1 * index) for index in range(256))
    text = SMALL.replace("-12.0, -6.0, -3.0, -1.0, 0.0, 1.0", many).replace(
        "azimuth_steps: 1440", "azimuth_steps: 65536"
    )
    with pytest.raises(InputError, match="azimuth_steps times lasers must not exceed"):
        lidar_pattern(text)
