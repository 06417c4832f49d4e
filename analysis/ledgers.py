"""Where the time went: statistics of every stage, of the ways in and out, and the age of what acted.

Every latency is a difference of two ledger entries, in integer nanoseconds. Quantiles are nearest
rank, so that they are values that occurred.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.interventions import applied_requests
from sim.recording import RunRecord
from stack.vocabulary import SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """A distribution of spans; all -1 when there was none."""

    count: int
    p50_ns: int
    p99_ns: int
    max_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatistics:
    """One stage over a run. `total` is release to finish, of which `waiting` is the queue."""

    stage: str
    total: Latencies
    waiting: Latencies
    running: Latencies
    released: int
    finished: int
    dropped: int
    killed: int
    pending: int
    deadline_misses: int

    @property
    def miss_ratio(self) -> float:
        """Deadline misses per release."""
        return self.deadline_misses / self.released if self.released else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Age of information: now minus the true-at instant of the newest data in use, over time."""

    mean_ns: float
    p99_ns: float
    peak_ns: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStatistics:
    """All of a run's latencies. `paths` are end to end: sensor to brakes, to onset, to the driver."""

    stages: tuple[StageStatistics, ...]
    transports: tuple[tuple[str, Latencies], ...]
    paths: tuple[tuple[str, Latencies], ...]
    command_age: Age | None
    deadline_misses: int
    dropped: int


def latencies(spans_ns: Iterable[int]) -> Latencies:
    """Nearest-rank quantiles of spans."""
    ordered = sorted(spans_ns)
    if not ordered:
        return Latencies(count=0, p50_ns=-1, p99_ns=-1, max_ns=-1)
    return Latencies(count=len(ordered), p50_ns=_rank(ordered, 50), p99_ns=_rank(ordered, 99), max_ns=ordered[-1])


def _rank(ordered: list[int], percent: int) -> int:
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]


def statistics(record: RunRecord) -> LedgerStatistics:
    """Every latency of a run, per stage and end to end."""
    applied = applied_requests(record)
    return LedgerStatistics(
        stages=_stages(record),
        transports=_transports(record),
        paths=_paths(record),
        command_age=age_of_information(
            [(entry.applied_at, entry.message.true_at) for entry in applied], record.ended_at
        ),
        deadline_misses=sum(account.deadline_misses for account in record.accounts),
        dropped=sum(account.dropped for account in record.accounts),
    )


def _stages(record: RunRecord) -> tuple[StageStatistics, ...]:
    rows = []
    for account in record.accounts:
        done = [job for job in record.jobs if job.stage == account.stage and job.finished_at >= 0]
        rows.append(
            StageStatistics(
                stage=account.stage,
                total=latencies(job.finished_at - job.released_at for job in done),
                waiting=latencies(job.started_at - job.released_at for job in done),
                running=latencies(job.finished_at - job.started_at for job in done),
                released=account.released,
                finished=account.finished,
                dropped=account.dropped,
                killed=account.killed,
                pending=account.pending,
                deadline_misses=account.deadline_misses,
            )
        )
    return tuple(rows)


def _transports(record: RunRecord) -> tuple[tuple[str, Latencies], ...]:
    """Exposure to delivery of each sensor, in alphabetical order of topics."""
    spans: dict[str, list[int]] = {}
    for message in record.sensed:
        if message.delivered_at >= 0:
            spans.setdefault(message.topic, []).append(message.delivered_at - message.true_at)
    return tuple((topic, latencies(spans[topic])) for topic in sorted(spans))


def _paths(record: RunRecord) -> tuple[tuple[str, Latencies], ...]:
    applied = applied_requests(record)
    opened = [entry for entry in applied if entry.onset_at >= 0]
    felt = [entry for entry in applied if entry.felt_at >= 0]
    shown = [entry for entry in record.warnings if entry.shown_at >= 0]
    return (
        ("exposure to brakes", latencies(entry.applied_at - entry.message.true_at for entry in applied)),
        ("exposure to brake onset", latencies(entry.onset_at - entry.message.true_at for entry in opened)),
        ("exposure to felt braking", latencies(entry.felt_at - entry.message.true_at for entry in felt)),
        ("exposure to driver warned", latencies(entry.shown_at - entry.message.true_at for entry in shown)),
    )


def age_of_information(updates: list[tuple[SimNs, SimNs]], until: SimNs) -> Age | None:
    """Exact mean, 99th percentile over time and peak of a saw-tooth age; None without two instants.

    `updates` are (instant of use, true-at). Older data arriving later does not make age grow.
    Source: Kaul, Yates, Gruteser, Real-time status: how often should one update?, INFOCOM 2012.
    """
    low, high = _saw_teeth(updates, until)
    spans = high - low
    total = float(spans.sum())
    if total <= 0.0:
        return None
    mean = float(((high + low) * 0.5 * spans).sum()) / total
    return Age(mean_ns=mean, p99_ns=_time_quantile(low, high, 0.99), peak_ns=float(high.max()))


def _saw_teeth(updates: list[tuple[SimNs, SimNs]], until: SimNs) -> tuple[np.ndarray, np.ndarray]:
    """Age at the start and at the end of every stretch between updates, float64 ns."""
    if not updates:
        return np.zeros(0), np.zeros(0)
    pairs = np.array(sorted(updates), dtype=np.float64)
    ends = np.append(pairs[1:, 0], max(float(until), pairs[-1, 0]))
    newest = np.maximum.accumulate(pairs[:, 1])
    return pairs[:, 0] - newest, ends - newest


def _time_quantile(low: np.ndarray, high: np.ndarray, ratio: float) -> float:
    """The age below which the saw-tooth spends this share of the time, exact."""
    edges = np.concatenate((low, high))
    slopes = np.concatenate((np.ones(low.size), -np.ones(high.size)))
    order = np.argsort(edges, kind="stable")
    edges, density = edges[order], np.cumsum(slopes[order])
    spent = np.concatenate(([0.0], np.cumsum(density[:-1] * np.diff(edges))))
    return float(np.interp(ratio * spent[-1], spent, edges))
