"""One run as a row of JSON: plain dictionaries, numbers, strings; no infinities, no arrays.

A campaign stores one row per run; any full record is made again from its key.
"""

from dataclasses import dataclass
from typing import Any

from analysis.checks import CriterionResult
from analysis.criteria import CriterionKind
from analysis.fault_times import FaultTimes, Interval, Missing
from analysis.ledgers import Age, Latencies, LedgerStatistics, StageStatistics, statistics
from analysis.measurements import measurements
from analysis.verdict import Verdict
from sim.attachments import NEVER, FaultAccount
from sim.recording import RunRecord
from stack.vocabulary import NS_PER_MS, s_from_ns

MUST_NOT_REACT = frozenset({CriterionKind.NO_BRAKING, CriterionKind.NO_COLLISION_WARNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a run comes from and how to repeat it; what a record does not say of itself.

    `held_out`: its suite was not seen while thresholds were chosen. `brake_max_mps2` is the ego's
    design maximum, for the brake threat number (0: unknown).
    """

    scenario: str
    key_hash: str
    fingerprint: str
    command: str
    target: str = ""
    suite: str = ""
    row_id: str = ""  # the suite's row
    held_out: bool = False
    profile: str = ""
    stack: str = ""
    code_version: str = ""
    pair_key: str = ""
    skip_expected: bool = False
    brake_max_mps2: float = 0.0
    seed: int = 0
    explores: bool = False  # a point of a sweep


def row(
    record: RunRecord, verdict: Verdict, provenance: Provenance, times: tuple[FaultTimes, ...] = ()
) -> dict[str, Any]:
    """The row of a judged run."""
    must_not = must_not_react(verdict)
    metrics = measurements(record, provenance.target, must_not_react=must_not, brake_max_mps2=provenance.brake_max_mps2)
    return {
        **_head(record.run_id, verdict, provenance, record.seed),
        "role": role(verdict),
        "metrics": metrics,
        "criteria": [criterion_row(result) for result in verdict.results],
        "record_hash": record.record_hash,
        "ended_at_s": s_from_ns(record.ended_at),
        "ending": record.ending.value,
        "modes": [_mode_row(message.published_at, message.payload.after.value) for message in record.modes],
        "faults": [_fault_row(account, _named(times, account.name)) for account in record.faults],
        "ledgers": ledger_row(statistics(record)),
    }


def row_without_record(run_id: str, verdict: Verdict, provenance: Provenance) -> dict[str, Any]:
    """The row of a run that left nothing to measure: skipped, not applicable, crashed on the way."""
    return {
        **_head(run_id, verdict, provenance, provenance.seed),
        "role": role(verdict),
        "metrics": {},
        "criteria": [],
        "record_hash": "",
        "ended_at_s": None,
        "ending": "",
        "modes": [],
        "faults": [],
        "ledgers": None,
    }


def must_not_react(verdict: Verdict) -> bool:
    """Whether any reaction at all is a false one: the run is held to no braking or no warning."""
    return any(result.criterion.kind in MUST_NOT_REACT for result in verdict.results)


def role(verdict: Verdict) -> str:
    """`fallback`, `must_not_brake`, `must_brake`, or empty where no criterion tells."""
    if not verdict.results:
        return ""
    if any(result.criterion.kind is CriterionKind.FALLBACK_IN_TIME for result in verdict.results):
        return "fallback"
    return "must_not_brake" if must_not_react(verdict) else "must_brake"


def _head(run_id: str, verdict: Verdict, provenance: Provenance, seed: int) -> dict[str, Any]:
    deciding = verdict.deciding
    return {
        "run_id": run_id,
        "explores": provenance.explores,
        "scenario": provenance.scenario,
        "target": provenance.target,
        "suite": provenance.suite,
        "row": provenance.row_id,
        "held_out": provenance.held_out,
        "profile": provenance.profile,
        "stack": provenance.stack,
        "seed": seed,
        "verdict": verdict.kind.value,
        "reason": verdict.reason,
        "number": verdict.number,
        "clause": verdict.clause,
        "certainty": deciding.criterion.certainty.value if deciding is not None else "",
        "skip_expected": provenance.skip_expected,
        "key_hash": provenance.key_hash,
        "pair_key": provenance.pair_key,
        "fingerprint": provenance.fingerprint,
        "code_version": provenance.code_version,
        "command": provenance.command,
    }


def criterion_row(result: CriterionResult) -> dict[str, Any]:
    """One criterion's result."""
    criterion = result.criterion
    at = result.violated_at
    return {
        "kind": criterion.kind.value,
        "clause": criterion.clause,
        "source": criterion.source,
        "certainty": criterion.certainty.value,
        "limit": criterion.limit,
        "measured": result.measured,
        "unit": result.unit,
        "passed": result.passed,
        "decides": result.decides,
        "violated_at_s": at if isinstance(at, str) else s_from_ns(at),
        "wording": result.wording,
        "explanation": result.explanation,
    }


def interval_value(interval: Interval) -> float | str:
    """Milliseconds, or the words that say why there are none."""
    return interval.value if isinstance(interval, Missing) else interval / NS_PER_MS


def _instant_value(interval: Interval) -> float | str:
    return interval.value if isinstance(interval, Missing) else s_from_ns(interval)


def _named(times: tuple[FaultTimes, ...], name: str) -> FaultTimes | None:
    return next((entry for entry in times if entry.name == name), None)


def _mode_row(at: int, mode: str) -> dict[str, Any]:
    return {"at_s": s_from_ns(at), "mode": mode}


def _fault_row(account: FaultAccount, times: FaultTimes | None) -> dict[str, Any]:
    opened = account.opened_at < NEVER
    entry: dict[str, Any] = {
        "name": account.name,
        "taxonomy_id": account.taxonomy_id,
        "trigger": account.trigger,
        "opened_at_s": s_from_ns(account.opened_at) if opened else "never",
        "closed_at_s": s_from_ns(account.closed_at) if account.closed_at < NEVER else "never",
        "altered": account.altered,
        "masked_by": list(account.masked_by),
        "skipped": account.skipped,
    }
    return entry if times is None else entry | fault_times_row(times)


def fault_times_row(times: FaultTimes) -> dict[str, Any]:
    """A fault's intervals in ms, its instants in s."""
    return {
        "first_effect_at_s": _instant_value(times.first_effect_at),
        "diagnosis": times.diagnosis,
        "wrong_diagnoses": list(times.wrong_diagnoses),
        "reaction": times.reaction,
        "fdti_ms": interval_value(times.fdti_ns),
        "frti_ms": interval_value(times.frti_ns),
        "fhti_ms": interval_value(times.fhti_ns),
        "ftti_ms": interval_value(times.ftti_ns),
        "margin_ms": interval_value(times.margin_ns),
        "violated_unprotected": times.violated,
        "recovered_at_s": _instant_value(times.recovered_at),
        "outcome": times.outcome,
        "defects": list(times.defects),
    }


def ledger_row(stats: LedgerStatistics) -> dict[str, Any]:
    """Ledger statistics in ms."""
    return {
        "deadline_misses": stats.deadline_misses,
        "dropped": stats.dropped,
        "command_age_ms": None if stats.command_age is None else _age_row(stats.command_age),
        "stages": [_stage_row(stage) for stage in stats.stages],
        "transports": {name: _latency_row(spans) for name, spans in stats.transports},
        "paths": {name: _latency_row(spans) for name, spans in stats.paths},
    }


def _age_row(age: Age) -> dict[str, float]:
    return {"mean": age.mean_ns / NS_PER_MS, "p99": age.p99_ns / NS_PER_MS, "peak": age.peak_ns / NS_PER_MS}


def _stage_row(stage: StageStatistics) -> dict[str, Any]:
    return {
        "stage": stage.stage,
        "total_ms": _latency_row(stage.total),
        "waiting_ms": _latency_row(stage.waiting),
        "running_ms": _latency_row(stage.running),
        "released": stage.released,
        "finished": stage.finished,
        "dropped": stage.dropped,
        "killed": stage.killed,
        "pending": stage.pending,
        "deadline_misses": stage.deadline_misses,
    }


def _latency_row(spans: Latencies) -> dict[str, Any]:
    if spans.count == 0:
        return {"count": 0, "p50": None, "p99": None, "max": None}
    return {
        "count": spans.count,
        "p50": spans.p50_ns / NS_PER_MS,
        "p99": spans.p99_ns / NS_PER_MS,
        "max": spans.max_ns / NS_PER_MS,
    }
