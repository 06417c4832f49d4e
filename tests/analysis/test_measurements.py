"""Run metrics from a record, against numbers worked out on paper."""

import math

import pytest

from analysis.measurements import measurements
from sim.truth import ActorKind
from tests.analysis.records import KMH, build


def test_a_stop_in_time_measures_gap_lead_and_onset():
    found = measurements(build(warn_s=3.5, brake_s=4.5), "lead", brake_max_mps2=6.0)
    assert found["impact_speed_mps"] == 0.0
    assert found["ego_delta_v_mps"] == found["other_delta_v_mps"] == 0.0
    assert found["warning_lead_s"] == pytest.approx(1.0)
    assert found["ttc_at_warning_s"] == pytest.approx(3.5)
    assert found["ttc_at_braking_s"] == pytest.approx(2.5)
    assert found["ttc_at_brake_onset_s"] == pytest.approx(2.3)
    assert found["peak_demand_mps2"] == 6.0
    assert found["speed_reduction_mps"] == pytest.approx(80.0 * KMH)


def test_the_stopping_distance_is_that_of_first_order_brakes():
    found = measurements(build(brake_s=4.5), "lead")
    speed, demand = 80.0 * KMH, 6.0
    # way = v (dead time + lag) + v²/2a, less the second-order rest a lag²/2
    way = speed * (0.2 + 0.29) + speed**2 / (2 * demand) - 0.5 * demand * 0.29**2
    assert found["min_gap_m"] == pytest.approx(speed * 2.5 - way, abs=0.3)


def test_a_crash_measures_impact_and_velocity_changes():
    found = measurements(build(brake_s=-1.0, warn_s=-1.0), "lead")
    assert found["impact_speed_mps"] == pytest.approx(80.0 * KMH)
    assert found["min_gap_m"] == 0.0
    assert found["other_delta_v_mps"] == pytest.approx(80.0 * KMH * 26000 / 27400)
    assert found["ego_delta_v_mps"] == pytest.approx(80.0 * KMH * 1400 / 27400)
    assert found["warning_lead_s"] is None
    assert found["ttc_at_warning_s"] is None
    assert found["peak_demand_mps2"] == 0.0


def test_the_threat_number_needs_the_brakes_maximum():
    assert measurements(build(), "lead")["max_btn_ratio"] is None
    found = measurements(build(), "lead", brake_max_mps2=6.3)
    assert found["max_btn_ratio"] == pytest.approx(found["max_required_deceleration_mps2"] / 6.3)


def test_a_neighbour_that_is_never_in_the_path_has_no_ttc():
    found = measurements(build(target_y_m=3.5, brake_s=-1.0, warn_s=-1.0), "lead")
    assert found["min_ttc_s"] is None
    assert found["tet_s"] == 0.0 or found["tet_s"] is None
    assert found["min_gap_m"] == pytest.approx(1.35)


def test_every_reaction_is_false_where_none_is_called_for():
    record = build(target_y_m=3.5, brake_s=4.0, warn_s=3.0)
    calm = measurements(record, "lead", must_not_react=False)
    strict = measurements(record, "lead", must_not_react=True)
    assert (calm["false_brakings"], calm["false_warnings"]) == (0.0, 0.0)
    assert (strict["false_brakings"], strict["false_warnings"]) == (1.0, 1.0)


def test_reactions_before_the_functional_part_are_false_anywhere():
    found = measurements(build(brake_s=1.5, warn_s=1.0), "lead")
    assert (found["false_brakings"], found["false_warnings"]) == (1.0, 1.0)


def test_exposure_is_the_time_spent_below_three_seconds():
    found = measurements(build(brake_s=-1.0), "lead")
    assert found["tet_s"] == pytest.approx(3.0, abs=0.03)
    assert found["tit_s2"] == pytest.approx(4.5, abs=0.1)


def test_without_a_target_the_nearest_actor_stands_in():
    found = measurements(build(target_y_m=9.0, brake_s=-1.0, bystanders=((60.0, 3.0),)), "")
    assert found["min_gap_m"] == pytest.approx(0.85)


@pytest.mark.parametrize("drive", [{}, {"brake_s": -1.0}, {"target_kind": ActorKind.ADULT, "target_y_m": -6.0}])
def test_no_value_is_infinite_or_undefined(drive):
    for value in measurements(build(**drive), "lead", brake_max_mps2=6.3).values():
        assert value is None or math.isfinite(value)


def test_names_end_in_their_unit_or_count_things():
    endings = ("_s", "_s2", "_m", "_mps", "_mps2", "_ratio", "false_brakings", "false_warnings")
    assert all(name.endswith(endings) for name in measurements(build(), "lead"))
