"""Runs for closed-loop tests: by name, played once per process and kept."""

from dataclasses import replace
from functools import lru_cache

from analysis.verdict import judge
from scenarios.assembly import RunRequest, prepare
from scenarios.campaign import compute
from scenarios.orders import suite_tasks
from stack.vocabulary import Protection


def request(scenario, faults=(), seed=1, stack="reference", profile="edge_soc", unprotected=False, **overrides):
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    return RunRequest(
        scenario=scenario,
        overrides=dotted,
        faults=tuple(faults),
        seed=seed,
        stack=stack,
        profile=profile,
        protection=Protection.UNPROTECTED if unprotected else Protection.ON,
    )


@lru_cache(maxsize=256)
def _played(scenario, faults, seed, stack, profile, unprotected, overrides):
    made = request(scenario, faults, seed, stack, profile, unprotected)
    prepared = prepare(replace(made, overrides=dict(overrides)))
    record = prepared.play().record
    placed = prepared.placed
    return record, judge(record, placed.criteria, placed.preconditions, placed.target)


def judged(scenario, faults=(), seed=1, stack="reference", profile="edge_soc", unprotected=False, **overrides):
    """The record and the verdict of a run."""
    dotted = tuple(sorted((key.replace("__", "."), value) for key, value in overrides.items()))
    return _played(scenario, tuple(faults), seed, stack, profile, unprotected, dotted)


def play(scenario, faults=(), **options):
    """The record of a run."""
    return judged(scenario, faults, **options)[0]


def decisions(record):
    """What the stack decided: instants and contents, without identities."""
    return [(message.published_at, message.payload) for message in record.decisions]


def modes(record):
    return [(message.published_at, message.payload.after.value) for message in record.modes]


def onset(record):
    """The first brake onset's instant, or None."""
    return next((ledger.onset_at for ledger in record.requests if ledger.onset_at >= 0), None)


@lru_cache(maxsize=16)
def tasks(suites, stack="reference", sets=()):
    """The rows of suites that are run, by `suite:row`."""
    ordered = suite_tasks(suites, stack=stack, sets=sets)
    return {f"{task.suite}:{task.row_id}": task for task in ordered if task.not_run is None}


@lru_cache(maxsize=256)
def row_result(row, stack="reference", sets=()):
    """A suite's row, played and judged with a stack and settings."""
    return compute(tasks((row.partition(":")[0],), stack, sets)[row])


@lru_cache(maxsize=64)
def row_times(row):
    """The times of the one fault of a row of the fault suite."""
    return row_result(row).times[0]


def must_brake(result):
    return result.row["role"] == "must_brake"


def result_of(result, kind):
    """What one kind of criterion made of a row."""
    return next(one for one in result.verdict.results if one.criterion.kind is kind)
