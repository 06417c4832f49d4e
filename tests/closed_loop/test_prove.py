"""Full sizes: hundreds of runs that must be the same, every scenario on every profile, many seeds, the map checker."""

import shutil
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from analysis.verdict import VerdictKind
from scenarios.assembly import RunRequest
from scenarios.campaign import Task, compute, run_campaign
from scenarios.engine import engine_for
from scenarios.maps import FOLDER, map_names
from scenarios.maps.check import check
from scenarios.orders import suite_tasks
from scenarios.scenario_files import scenario_names
from sim.device_profile import profile_names

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]

REPEATS = 200
SEEDS = tuple(range(1, 11))
ASAM = Path(__file__).parents[2] / ".venv-asam" / "bin" / "qc_opendrive"


def told(result):
    return result.task.row_id, result.verdict.kind.value, result.row["key_hash"], result.row["record_hash"]


@lru_cache(maxsize=1)
def smoke():
    return suite_tasks(("smoke",))


def test_two_hundred_smoke_runs_give_identical_verdicts_and_hashes(say):
    once = {told(compute(task)) for task in smoke()}
    more = {told(compute(smoke()[number % len(smoke())])) for number in range(REPEATS)}
    say(f"smoke: {REPEATS} runs of {len(smoke())} rows, {len(more)} different results")
    assert more == once
    assert len(once) == len(smoke())


def test_the_smoke_suite_has_the_same_hashes_with_one_job_two_jobs_and_in_reverse():
    def played(tasks, jobs):
        finished = run_campaign(tasks, engine_for(jobs, len(tasks)), lambda result: None)
        assert not finished.missing
        return sorted(told(result) for result in finished.ordered)

    alone = played(smoke(), 1)
    assert played(smoke(), 2) == alone
    assert played(smoke()[::-1], 1) == alone
    assert played(smoke()[::-1], 2) == alone


# What the reference stack does since the radar sees real outlines; it must leave this list once it is mended.
WARNS_BESIDE_ROWS = pytest.mark.xfail(
    strict=True, reason="beside parked rows two seeds in ten give a collision warning: flanks slide through the beam"
)


@pytest.mark.parametrize("suite", ["r131", pytest.param("must_not_brake", marks=WARNS_BESIDE_ROWS)])
def test_pass_rates_over_ten_seeds(suite, say):
    """Every row is judged for every seed; the rate is said, and no row may lose more than one seed in ten."""
    passed, failures = Counter(), []
    tasks = [task for task in suite_tasks((suite,)) if task.not_run is None]
    for task in tasks:
        for seed in SEEDS:
            result = compute(replace(task, request=replace(task.request, seed=seed)))
            assert result.verdict.kind in (VerdictKind.PASS, VerdictKind.FAIL), (task.row_id, seed, result.verdict)
            passed[task.row_id] += result.verdict.kind is VerdictKind.PASS
            if result.verdict.kind is VerdictKind.FAIL:
                failures.append(f"{task.row_id}#{seed}: {result.verdict.number}")
    for task in tasks:
        say(f"{suite} {task.row_id:24s} {passed[task.row_id]:2d} of {len(SEEDS)}")
    for failure in failures:
        say(f"{suite} failed {failure}")
    say(f"{suite}: {sum(passed.values())} of {len(tasks) * len(SEEDS)} passed")
    assert min(passed[task.row_id] for task in tasks) >= len(SEEDS) - 1, failures


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("scenario", scenario_names())
def test_every_scenario_can_be_judged_on_every_profile(scenario, profile, say):
    result = compute(Task(request=RunRequest(scenario=scenario, seed=1, profile=profile)))
    say(f"{scenario}@{profile}: {result.verdict.kind.value}, {result.verdict.number}")
    assert result.verdict.kind in (VerdictKind.PASS, VerdictKind.FAIL), result.verdict.reason


@pytest.mark.parametrize("name", map_names())
def test_the_asam_checker_finds_no_error_in_a_map(name, say):
    program = shutil.which("qc_opendrive") or (str(ASAM) if ASAM.exists() else None)
    if program is None:
        pytest.skip("needs the ASAM checker: put qc_opendrive on the path (see scenarios/maps/check.py)")
    outcome = check(FOLDER / f"{name}.xodr", program)
    say(f"{name}: {len(outcome.completed)} rules done, {len(outcome.skipped)} skipped, {len(outcome.issues)} issues")
    assert outcome.completed
    assert outcome.errors == ()
