"""From what was typed to tasks: runs, rows of suites, points of sweeps, the demo."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verdict import VerdictKind
from scenarios.campaign import Campaign, compute
from scenarios.commands import command_of, request_document, request_from
from scenarios.orders import DEMO_SWEEP, SWEEP, demo_order, requests_for, suite_tasks, sweep_order
from scenarios.suite_files import read_suite
from stack.vocabulary import InputError, Protection

KNOWN = "truck_meets_stationary_car"


def test_a_request_says_all_that_was_typed():
    (request,) = requests_for(
        (KNOWN,),
        faults=("camera_freezes",),
        seed=7,
        profile="workstation",
        stack="never_brake",
        sets=("approach_speed_kmh=50",),
        unprotected=True,
        host="measured",
        factor=2.0,
    )
    assert request.run_id == "truck_meets_stationary_car+camera_freezes#7@workstation"
    assert request.overrides == {"approach_speed_kmh": 50}
    assert request.protection is Protection.UNPROTECTED
    assert command_of(request) == (
        "faultline run truck_meets_stationary_car --fault camera_freezes --seed 7 --profile workstation "
        "--stack never_brake --unprotected --set approach_speed_kmh=50 --host measured --factor 2"
    )
    assert request_from(request_document(request), ()) == request


def test_an_override_beats_a_drawn_parameter_and_other_seeds_draw_others():
    scenario = "lead_brakes_hard"
    (first,), (again,), (other,) = (requests_for((scenario,), seed=seed, sample=True) for seed in (1, 1, 2))
    assert first.overrides == again.overrides
    name = next((name for name in first.overrides if first.overrides[name] != other.overrides[name]), None)
    assert name is not None, "this scenario has parameters with distributions"
    (fixed,) = requests_for((scenario,), seed=1, sample=True, sets=(f"{name}={other.overrides[name]}",))
    assert fixed.overrides[name] == other.overrides[name]


def test_findings_of_several_scenarios_come_together_each_once():
    with pytest.raises(InputError) as refused:
        requests_for(("truck_meets_a_car", "truck", "truck"), profile="edge")
    fields = [finding.field for finding in refused.value.findings]
    assert fields == ["truck_meets_a_car", "edge", "truck"]


def test_a_suite_gives_a_task_for_every_row_and_seed_in_order():
    suite = read_suite("r131")
    tasks = suite_tasks(("r131",))
    assert [(task.row_id, task.request.seed) for task in tasks] == [
        (row.row_id, seed) for row in suite.rows for seed in row.seeds
    ]
    assert {task.suite for task in tasks} == {"r131"}
    assert all(task.criteria for task in tasks)
    assert not any(task.held_out for task in tasks)


def test_the_rows_of_a_held_out_suite_are_marked():
    assert all(task.held_out for task in suite_tasks(("r131_held_out",)))


def test_rows_can_be_picked_by_name_from_several_suites():
    tasks = suite_tasks(("smoke", "must_not_brake"), rows=("moving_40",))
    assert [(task.suite, task.row_id) for task in tasks] == [("smoke", "moving_40")]
    with pytest.raises(InputError, match="--row: moving_4: no such row; did you mean 'moving_40'"):
        suite_tasks(("smoke",), rows=("moving_4",))


def test_options_replace_what_a_row_says_and_stand_in_its_command():
    (task,) = suite_tasks(
        ("smoke",),
        rows=("stationary_80_camera_freezes",),
        faults=("radar_goes_silent",),
        seed=9,
        profile="workstation",
        stack="delayed",
        sets=("approach_speed_kmh=60", "latency.camera_ms=5"),
    )
    assert task.request.faults == ("camera_freezes", "radar_goes_silent")
    assert task.request.overrides == {"approach_speed_kmh": 60, "latency.camera_ms": 5}
    assert (task.request.seed, task.request.profile, task.request.stack) == (9, "workstation", "delayed")
    assert task.command == (
        "faultline suite smoke --row stationary_80_camera_freezes --seed 9 --fault radar_goes_silent "
        "--profile workstation --stack delayed --set approach_speed_kmh=60 --set latency.camera_ms=5"
    )


def test_a_row_that_states_its_verdict_is_not_run(tmp_path):
    path = tmp_path / "stated.yaml"
    row = f"{{id: far, scenario: {KNOWN}, expect: {{verdict: skipped, reason: needs pixels}}}}"
    path.write_text(f"title: x\nwhy: {{risk: r, source: s}}\nrows: [{row}]\n")
    (task,) = suite_tasks((str(path),))
    result = compute(task)
    assert (result.verdict.kind, result.verdict.reason) == (VerdictKind.SKIPPED, "needs pixels")
    assert result.outcome.skip_expected
    assert result.record is None


def values_of(vary, scenario=KNOWN):
    order = sweep_order(scenario, vary)
    key = vary.partition("=")[0]
    return [task.request.overrides[key] for task in order.tasks]


def test_a_range_holds_both_ends():
    assert values_of("latency.brake_request_ms=0:800:200") == [0, 200, 400, 600, 800]
    assert values_of("latency.brake_request_ms=0:0.3:0.1") == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert values_of("latency.brake_request_ms=5:5:1") == [5]
    assert values_of("latency.brake_request_ms=0:10:4") == [0, 4, 8]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.integers(1, 100), st.integers(0, 12))
def test_a_range_has_as_many_points_as_steps_and_one_more(first, step, steps):
    values = values_of(f"latency.brake_request_ms={first}:{first + step * steps}:{step}")
    assert values == [first + step * index for index in range(steps + 1)]


def test_points_of_a_sweep_have_no_verdict_of_their_own():
    tasks = sweep_order(KNOWN, "latency.brake_request_ms=0:20:10", faults=("camera_freezes",), seed=4).tasks
    assert [task.row_id for task in tasks] == [f"latency.brake_request_ms={value}" for value in (0, 10, 20)]
    assert all(task.explores and task.suite == SWEEP and task.request.seed == 4 for task in tasks)


def test_a_sweep_over_latency_is_read_out_of_the_finished_campaign():
    order = sweep_order(KNOWN, "latency.brake_request_ms=0:1500:750", seed=1)
    campaign = Campaign(tasks=order.tasks)
    assert order.measured(campaign) is None, "nothing has been played"
    campaign.results = {index: compute(task) for index, task in enumerate(order.tasks)}
    sweep = order.measured(campaign)
    assert (sweep.unit, [point.value for point in sweep.points]) == ("ms", [0.0, 750.0, 1500.0])
    assert sweep.points[0].impact_mps == 0.0
    assert 0.0 < sweep.points[1].impact_mps < sweep.points[2].impact_mps
    assert sweep.fit is not None
    assert sweep.fit.initial_mps == pytest.approx(80 / 3.6, rel=0.01)


def test_the_demo_is_the_law_its_twin_the_faults_the_held_out_rows_and_one_sweep():
    order = demo_order()
    assert list(dict.fromkeys(task.suite for task in order.tasks)) == [
        "r131",
        "must_not_brake",
        "faults",
        "r131_held_out",
        SWEEP,
    ]
    assert DEMO_SWEEP[1].startswith("latency.brake_request_ms=")
    assert {task.held_out for task in order.tasks if task.suite != "r131_held_out"} == {False}
