"""A run beyond the range in which the brakes were compared with cited data says so, to people and machines."""

from dataclasses import replace

import pytest

from scenarios.assembly import RunRequest
from scenarios.campaign import Campaign, Task, compute
from scenarios.reporting import report_page
from scenarios.telling import told_run

ON_ICE = RunRequest(scenario="truck_meets_stationary_car", overrides={"conditions.friction": 0.1}, seed=1)


@pytest.fixture(scope="module")
def on_ice():
    return compute(Task(request=ON_ICE))


def test_the_row_the_line_and_the_page_name_what_lies_beyond(on_ice):
    assert on_ice.row["outside_validity"] == ["friction_ratio 0.1 is outside 0.25 to 1.1"]
    assert any(
        "beyond what the brakes were compared for: friction_ratio 0.1" in line for line in told_run(on_ice.row, "x")
    )
    campaign = Campaign(tasks=(on_ice.task,), results={0: on_ice})
    assert "friction_ratio 0.1 is outside 0.25 to 1.1" in report_page(campaign, "ice", "2026-11-22", None)


def test_a_run_inside_the_range_says_nothing():
    result = compute(Task(request=replace(ON_ICE, overrides={})))
    assert result.row["outside_validity"] == []
    assert not any("beyond" in line for line in told_run(result.row, "x"))
