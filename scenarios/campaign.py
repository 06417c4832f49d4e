"""A campaign: many runs computed by an engine, each judged where it was played, results kept as they come.

A task is a request with what its suite row adds. Computing it plays the protected run and, where it
has faults, the unprotected run of the same pair key, and judges both. Whatever goes wrong inside a run
is a verdict of that run, never the end of the campaign: our own failure is `crashed`; a crash of the
stack under test is an event of the run, judged by its criteria and told beside the verdict.
"""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.criteria import Criterion
from analysis.fallback import held_to_fallback
from analysis.fault_times import FaultTimes, fault_times
from analysis.rows import Provenance, row, row_without_record
from analysis.verdict import Outcome, Verdict, VerdictKind, judge, unjudged
from scenarios.assembly import Played, PreparedRun, RunRequest, ego_vehicle, prepare
from scenarios.commands import command_of, run_stem
from scenarios.engine import Engine, engine_for
from scenarios.keys import code_version, fingerprint
from scenarios.warmup import is_warm, warm
from sim.recording import RunRecord
from sim.twin.credibility import outside_validity
from stack.vocabulary import FaultlineError, MachineryError, MissingPart, Protection

if TYPE_CHECKING:
    from analysis.report import Drawing

MOST_DRAWN = 150  # runs of a campaign that are all drawn; of larger ones only those that did not pass


class Draws(Enum):
    """Which runs of a campaign are drawn for its report."""

    NOTHING = "nothing"
    FAILURES = "failures"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of a campaign. `criteria` None: the scenario's own. `not_run` non-empty: only a verdict."""

    request: RunRequest
    suite: str = ""
    row_id: str = ""
    held_out: bool = False
    criteria: tuple[Criterion, ...] | None = None
    not_run: VerdictKind | None = None
    not_run_reason: str = ""
    skip_expected: bool = False
    measure_ftti: bool = True
    held_to_fallback: bool = False  # the fault's handling decides; the criteria are reported beside it
    explores: bool = False  # a point of a sweep: finished is good enough, whatever its verdict
    draws: Draws = Draws.NOTHING
    records_in: Path | None = None  # where the run is written down while it goes; None: it is not
    command: str = ""  # what repeats it, where that is not a plain `run`

    @property
    def label(self) -> str:
        """The run's id, behind its suite row if it has one."""
        return f"{self.suite}:{self.row_id} {self.request.run_id}" if self.row_id else self.request.run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a task: its row, and what a report draws from."""

    task: Task
    title: str
    why: str
    row: dict[str, Any]
    verdict: Verdict
    record: RunRecord | None
    drawing: "Drawing | None" = None
    times: tuple[FaultTimes, ...] = ()
    key_document: dict[str, Any] = field(default_factory=dict)
    costs_ns: tuple[int, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What the exit code needs."""
        return Outcome(kind=self.verdict.kind, skip_expected=self.task.skip_expected)


def compute(task: Task) -> Result:
    """Play and judge one task; always returns."""
    if task.not_run is not None:
        return _without_record(task, unjudged(task.not_run, task.not_run_reason), None)
    try:
        prepared = prepare(task.request)
    except FaultlineError as refusal:
        return _without_record(task, unjudged(VerdictKind.CRASHED, f"cannot be prepared: {refusal}"), None)
    try:
        return _computed(task, prepared)
    except (MachineryError, MissingPart) as problem:
        reason = f"{type(problem).__name__}: {problem}"
        return _without_record(task, unjudged(VerdictKind.CRASHED, reason), prepared)
    except Exception:
        reason = traceback.format_exc(limit=-3).strip()
        return _without_record(task, unjudged(VerdictKind.CRASHED, reason), prepared)


def _computed(task: Task, prepared: PreparedRun) -> Result:
    played = _played(task, prepared)
    record = played.record
    verdict = _judged(task, prepared, record)
    times: tuple[FaultTimes, ...] = ()
    if prepared.plan.faults:
        bare = _unprotected(task, prepared)
        bare_verdict = _judged(task, prepared, bare) if bare is not None else None
        times = fault_times(record, verdict, bare, bare_verdict)
        if task.held_to_fallback:
            verdict = held_to_fallback(verdict, times, bare_verdict)
    extra = {
        "stack_crashes": list(played.failures),
        "outside_validity": list(_outside_validity(prepared)),
        "recorded": task.records_in is not None,
    }
    if played.world:
        extra["world"] = played.world
    return Result(
        task=task,
        title=prepared.placed.title,
        why=why_of(prepared),
        row=row(record, verdict, _provenance(task, prepared), times) | extra,
        verdict=verdict,
        record=record,
        drawing=_drawing(task, prepared, record, verdict),
        times=times,
        key_document=prepared.key.document(),
        costs_ns=played.costs_ns,
    )


def _played(task: Task, prepared: PreparedRun) -> Played:
    """The run; written down with its timing if anybody wants that."""
    if task.records_in is None:
        return prepared.play()
    from scenarios.logbook.trace import SUFFIX, write_trace
    from scenarios.logbook.writing import Logbook

    stem = run_stem(prepared.request.run_id, prepared.key.key_hash)
    with Logbook(task.records_in / f"{stem}.mcap") as logbook:
        streams_in = task.records_in / f"{stem}.carla" if task.request.carla_rig else None
        played = prepared.play(observe=logbook.observe, streams_in=streams_in)
        logbook.finish(played)
    write_trace(played.record, task.records_in / f"{stem}{SUFFIX}")
    return played


def _drawing(task: Task, prepared: PreparedRun, record: RunRecord, verdict: Verdict) -> "Drawing | None":
    """The run's pictures, drawn where it was played, if anybody wants them."""
    if task.draws is Draws.NOTHING or (task.draws is Draws.FAILURES and verdict.kind is VerdictKind.PASS):
        return None
    from analysis.report import draw_run
    from scenarios.viewing.stills import stills_of

    drawing = draw_run(record, prepared.placed.target, code_version())
    return replace(drawing, stills=stills_of(prepared, record))


def _outside_validity(prepared: PreparedRun) -> tuple[str, ...]:
    """What of this run lies outside the range in which the ego's brakes were compared with cited data."""
    layout, ego = prepared.placed.layout, prepared.placed.resolved["ego"]
    load_ratio = float(ego["load_ratio"]) if isinstance(ego, dict) else 1.0
    friction = layout.conditions.friction_ratio
    return outside_validity(ego_vehicle(layout).name, layout.actors[0].speed_mps, friction, load_ratio)


def why_of(prepared: PreparedRun) -> str:
    """The risk a run probes and the source that names it, in one sentence."""
    why = prepared.placed.resolved.get("why")
    return f"{why['risk'].strip()} (source: {why['source'].strip()})" if isinstance(why, dict) else ""


def _unprotected(task: Task, prepared: PreparedRun) -> RunRecord | None:
    """The same run without reactions; None where it says nothing (already unprotected, or timed by a clock)."""
    request = task.request
    if not task.measure_ftti or request.protection is not Protection.ON or request.host != "modelled":
        return None
    return prepare(replace(request, protection=Protection.UNPROTECTED)).play(digest=False).record


def _judged(task: Task, prepared: PreparedRun, record: RunRecord) -> Verdict:
    placed = prepared.placed
    criteria = task.criteria if task.criteria is not None else placed.criteria
    return judge(record, criteria, placed.preconditions, placed.target)


def _provenance(task: Task, prepared: PreparedRun | None) -> Provenance:
    request = task.request
    return Provenance(
        scenario=request.scenario,
        key_hash=prepared.key.key_hash if prepared else "",
        pair_key=prepared.key.pair_key if prepared else "",
        fingerprint=fingerprint()["hash"],
        command=task.command or command_of(request),
        target=prepared.placed.target if prepared else "",
        suite=task.suite,
        row_id=task.row_id,
        held_out=task.held_out,
        profile=request.profile,
        stack=request.stack,
        code_version=code_version(),
        skip_expected=task.skip_expected,
        explores=task.explores,
        brake_max_mps2=ego_vehicle(prepared.placed.layout).brake_max_mps2 if prepared else 0.0,
        seed=request.seed,
    )


def _without_record(task: Task, verdict: Verdict, prepared: PreparedRun | None) -> Result:
    return Result(
        task=task,
        title=prepared.placed.title if prepared else task.request.scenario,
        why=why_of(prepared) if prepared else "",
        row=row_without_record(task.request.run_id, verdict, _provenance(task, prepared)) | {"stack_crashes": []},
        verdict=verdict,
        record=None,
    )


@dataclass(slots=True)
class Campaign:
    """The results so far, in the order of the tasks; `interrupted` if a person stopped it."""

    tasks: tuple[Task, ...]
    results: dict[int, Result] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def ordered(self) -> tuple[Result, ...]:
        """Finished results by task order."""
        return tuple(self.results[index] for index in sorted(self.results))

    @property
    def missing(self) -> tuple[Task, ...]:
        """Tasks without a result."""
        return tuple(task for index, task in enumerate(self.tasks) if index not in self.results)


def conduct(
    tasks: Iterable[Task],
    jobs: int,
    tell: Callable[[Result], None],
    *,
    drawn: bool = False,
    records_in: Path | None = None,
) -> Campaign:
    """Compute every task here or in `jobs` worker processes, with drawings if a report will want them.

    With `records_in` every run is written down there while it goes.

    Ctrl-C at any time keeps what is finished.
    """
    wanted = tuple(replace(task, records_in=records_in) for task in tasks)
    if drawn:
        draws = Draws.EVERYTHING if len(wanted) <= MOST_DRAWN else Draws.FAILURES
        wanted = tuple(replace(task, draws=draws) for task in wanted)
    try:
        if not is_warm():
            warm()
        engine = engine_for(jobs, len(wanted))
    except KeyboardInterrupt:
        return Campaign(tasks=wanted, interrupted=True)
    return run_campaign(wanted, engine, tell)


def run_campaign(tasks: Iterable[Task], engine: Engine, tell: Callable[[Result], None]) -> Campaign:
    """Compute every task; Ctrl-C keeps what is finished."""
    campaign = Campaign(tasks=tuple(tasks))
    try:
        for index, task in enumerate(campaign.tasks):
            engine.submit(index, compute, task)
        for answer in engine.as_completed():
            task = campaign.tasks[answer.index]
            result = answer.result
            if result is None:
                result = _without_record(task, unjudged(VerdictKind.CRASHED, f"the worker died: {answer.error}"), None)
            campaign.results[answer.index] = result
            tell(result)
    except KeyboardInterrupt:
        campaign.interrupted = True
        engine.cancel()
    finally:
        engine.close()
    return campaign
