"""Do two worlds agree? The same rows on both, metric by metric, and whether CARLA's side can be trusted.

The first world is the reference. A difference is to be expected: a CARLA world acts and looks at ticks
only, its sensors' instants move by up to one tick (and with them every draw of their noise), and its
vehicle is another one. Each tolerance says what it is made of.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from scenarios.campaign import Result, Task, compute
from scenarios.orders import suite_tasks
from scenarios.worlds import TWIN, kind_of_world
from sim.truth import EGO, SPEED, BrakeOnset, X, Y
from stack.vocabulary import Finding, InputError, s_from_ns

JUDGED = frozenset({"pass", "fail", "timed_out"})
RESTING_MPS = 0.1
STRAYING_M = 0.01  # own: a commanded actor is where it was put, to a centimetre
FOLLOWING_MPS2 = 0.2  # own: mean difference of wanted and seen deceleration while braking, 3 % of a full one

Value = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric that both worlds must agree on, how far apart they may be, and why so far."""

    name: str
    unit: str
    tolerance: float
    because: str
    where_both: bool = False  # compared only where both runs have it
    of: Callable[[Result], Value]


def _metric(name: str) -> Callable[[Result], Value]:
    def value(result: Result) -> Value:
        found = result.row["metrics"].get(name)
        return None if found is None else float(found)

    return value


def _onset_s(result: Result) -> Value:
    """When the brakes first came on."""
    onsets = [event.at for event in result.record.events if isinstance(event, BrakeOnset)] if result.record else []
    return s_from_ns(min(onsets)) if onsets else None


def _stop_m(result: Result) -> Value:
    """The way from the first onset to standstill; None for a run that did not end in one."""
    onset_s, record = _onset_s(result), result.record
    if onset_s is None or record is None or float(record.truth[-1, EGO, SPEED]) > RESTING_MPS:
        return None
    after = record.truth[record.truth_at >= round(onset_s * 1e9)][:, EGO, [X, Y]]
    return float(np.hypot(*np.diff(after, axis=0).T).sum())


# fmt: off
MEASURES: tuple[Measure, ...] = (
    Measure(name="impact_speed", unit="m/s", tolerance=0.5, of=_metric("impact_speed_mps"),
            because="half a braking cycle of 50 ms at 6 m/s², and the sensors' draws"),
    Measure(name="min_gap", unit="m", tolerance=2.5, of=_metric("min_gap_m"),
            because="two decision cycles of 50 ms at 25 m/s"),
    Measure(name="min_ttc", unit="s", tolerance=0.4, of=_metric("min_ttc_s"),
            because="the gap's tolerance at a closing speed of 6 m/s"),
    Measure(name="brake_onset", unit="s", tolerance=0.12, of=_onset_s,
            because="two decision cycles of 50 ms and two ticks of 10 ms"),
    Measure(name="stop_distance", unit="m", tolerance=1.5, of=_stop_m, where_both=True,
            because="one decision cycle of partial instead of full braking"),
    Measure(name="peak_deceleration", unit="m/s²", tolerance=0.3, of=_metric("peak_brake_deceleration_mps2"),
            because="one step of the brake map, and drag that is another one"),
)
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One metric of one row on the reference and on another world. `difference` is inf if only one has it."""

    row: str
    world: str
    measure: Measure
    reference: Value
    other: Value

    @property
    def difference(self) -> float:
        """The other minus the reference."""
        if self.reference is None or self.other is None:
            return 0.0 if self.reference is self.other or self.measure.where_both else inf
        return self.other - self.reference

    @property
    def within(self) -> bool:
        """Whether the two agree."""
        return abs(self.difference) <= self.measure.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAgreement:
    """One row of a suite on the reference and one other world. `distrust` says why the other is not to be trusted."""

    row: str
    world: str
    verdicts: tuple[str, str]
    reasons: tuple[str, str]
    compared: tuple[Compared, ...]
    distrust: tuple[str, ...]
    hashes: tuple[str, ...]  # of the other world's repetitions
    account: dict[str, Any]

    @property
    def could_run(self) -> bool:
        """Whether both runs have a verdict about the stack, or the row applies to neither."""
        return self.verdicts[0] == self.verdicts[1] or all(verdict in JUDGED for verdict in self.verdicts)

    @property
    def agrees(self) -> bool:
        """Equal verdicts, every metric within its tolerance, nothing to distrust."""
        same = self.verdicts[0] == self.verdicts[1]
        return same and all(one.within for one in self.compared) and not self.distrust


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Every row on every world beside the reference."""

    suites: tuple[str, ...]
    worlds: tuple[str, ...]
    rows: tuple[RowAgreement, ...]

    @property
    def exit_code(self) -> int:
        """0: they agree; 1: outside tolerance or not to be trusted; 2: something could not be run."""
        if not self.rows or not all(row.could_run for row in self.rows):
            return 2
        if all(row.verdicts[0] not in JUDGED for row in self.rows):
            return 2
        return 0 if all(row.agrees for row in self.rows) else 1

    def widest(self) -> tuple[Compared, ...]:
        """Of every metric and world the comparison that is farthest apart."""
        found: dict[tuple[str, str], Compared] = {}
        for row in self.rows:
            for one in row.compared:
                key = (one.world, one.measure.name)
                if key not in found or abs(one.difference) > abs(found[key].difference):
                    found[key] = one
        return tuple(found.values())


def worlds_of(text: str) -> tuple[str, ...]:
    """The worlds of a list separated by commas, reference first; raises `InputError`."""
    worlds = tuple(part.strip() for part in text.split(",") if part.strip())
    for world in worlds:
        kind_of_world(world)
    if len(worlds) < 2 or len(set(worlds)) < len(worlds):
        problem = f"name two or more different worlds, the reference first, say {TWIN},carla://127.0.0.1:2000"
        raise InputError((Finding(where="--worlds", field=text, problem=problem),))
    return worlds


def agreements(
    suites: tuple[str, ...],
    worlds: tuple[str, ...],
    *,
    rows: tuple[str, ...] = (),
    seed: int | None = None,
    repeats: bool = True,
) -> Iterator[tuple[int, RowAgreement]]:
    """Play and compare, row by row; each comes with how many there will be."""
    listed = [suite_tasks(suites, rows=rows, seed=seed, world=world) for world in worlds]
    count = len(listed[0]) * (len(worlds) - 1)
    for tasks in zip(*listed, strict=True):
        reference = compute(_plain(tasks[0]))
        for world, task in zip(worlds[1:], tasks[1:], strict=True):
            yield count, _compared(world, reference, _plain(task), repeats)


def _plain(task: Task) -> Task:
    """Without the unprotected twin run of a fault: it is not compared."""
    return replace(task, measure_ftti=False)


def _compared(world: str, reference: Result, task: Task, repeats: bool) -> RowAgreement:
    other = compute(task)
    hashes = [str(other.row["record_hash"])] if other.record is not None else []
    if repeats and other.record is not None:
        hashes.append(str(compute(task).row["record_hash"]))
    label = f"{task.suite}:{task.row_id}#{task.request.seed}"
    compared = tuple(
        Compared(row=label, world=world, measure=one, reference=one.of(reference), other=one.of(other))
        for one in MEASURES
        if reference.record is not None and other.record is not None
    )
    account: dict[str, Any] = other.row.get("world", {})
    return RowAgreement(
        row=label,
        world=world,
        verdicts=(str(reference.row["verdict"]), str(other.row["verdict"])),
        reasons=(str(reference.row["reason"]), str(other.row["reason"])),
        compared=compared,
        distrust=tuple(_distrust(account, tuple(hashes))),
        hashes=tuple(hashes),
        account=account,
    )


def _distrust(account: dict[str, Any], hashes: tuple[str, ...]) -> Iterator[str]:
    """Why a run on CARLA is not to be trusted."""
    if len(set(hashes)) > 1:
        yield "not repeatable: two runs from one key have different record hashes"
    if not account:
        return
    contacts, pacing = account["contacts"], account["pacing"]
    if contacts["missed_by_carla"]:
        yield f"CARLA missed contact with {', '.join(contacts['missed_by_carla'])}"
    if contacts["only_in_carla"]:
        yield f"only CARLA saw contact with {', '.join(contacts['only_in_carla'])}"
    if contacts["carla_with_others"]:
        yield f"{contacts['carla_with_others']} collisions with things of CARLA's own"
    if pacing["skipped_frames"] or pacing["wrong_deltas"]:
        yield f"frame pacing: {pacing['skipped_frames']} frames skipped, {pacing['wrong_deltas']} wrong steps"
    strayed = {name: value for name, value in account["protocol_deviation_m"].items() if value > STRAYING_M}
    if strayed:
        worst = max(strayed, key=lambda name: strayed[name])
        yield f"{len(strayed)} actors off protocol, {worst} by {strayed[worst]:.3f} m"
    followed = account["braking_followed"]
    if abs(followed["mean_mps2"]) > FOLLOWING_MPS2:
        yield f"the ego's brakes are off by {followed['mean_mps2']:+.2f} m/s² in the mean"
    lost = {name: book for name, book in account["streams"].items() if book["lost"] or book["late"]}
    for name, book in lost.items():
        yield f"sensor {name}: {book['late']} frames late, {book['lost']} lost"


def agreement_document(agreement: Agreement) -> dict[str, Any]:
    """The whole as plain JSON."""
    return {
        "suites": list(agreement.suites),
        "worlds": list(agreement.worlds),
        "tolerances": {
            one.name: {"unit": one.unit, "tolerance": one.tolerance, "because": one.because} for one in MEASURES
        },
        "widest": [_compared_document(one) for one in agreement.widest()],
        "rows": [
            {
                "row": row.row,
                "world": row.world,
                "verdicts": list(row.verdicts),
                "reasons": list(row.reasons),
                "agrees": row.agrees,
                "compared": [_compared_document(one) for one in row.compared],
                "distrust": list(row.distrust),
                "record_hashes": list(row.hashes),
                "account": row.account,
            }
            for row in agreement.rows
        ],
        "exit_code": agreement.exit_code,
    }


def _compared_document(one: Compared) -> dict[str, Any]:
    apart = one.difference
    return {
        "metric": one.measure.name,
        "row": one.row,
        "world": one.world,
        "reference": one.reference,
        "other": one.other,
        "difference": None if apart == inf else apart,
        "within": one.within,
    }


def told_row(row: RowAgreement) -> list[str]:
    """A row in a line, and a line for everything that keeps it from agreeing."""
    verdict = row.verdicts[0] if row.verdicts[0] == row.verdicts[1] else f"{row.verdicts[0]} / {row.verdicts[1]}"
    if not row.compared:
        return [f"{'--' if row.verdicts[0] == row.verdicts[1] else 'DIFFERS':<8}{row.row}  {verdict}", *_why(row)]
    apart = ", ".join(_told_difference(one) for one in row.compared)
    return [f"{'AGREES' if row.agrees else 'DIFFERS':<8}{row.row}  {verdict}  {apart}", *_why(row)]


def _why(row: RowAgreement) -> Iterator[str]:
    if row.verdicts[0] != row.verdicts[1]:
        for verdict, reason in zip(row.verdicts, row.reasons, strict=True):
            yield f"      {verdict}: {reason}"
    for one in row.compared:
        if not one.within:
            values = " / ".join("none" if value is None else f"{value:.2f}" for value in (one.reference, one.other))
            yield f"      {one.measure.name} {values} {one.measure.unit}, {one.measure.tolerance:g} allowed"
    for reason in row.distrust:
        yield f"      {reason}"


def _told_difference(one: Compared) -> str:
    apart = "one only" if one.difference == inf else f"{one.difference:+.2f}"
    return f"{one.measure.name} {apart}"


def told_end(agreement: Agreement) -> list[str]:
    """Of every metric how far apart the worlds are at most, and the line that counts."""
    lines = [f"{'metric':<20}{'widest':>9}{'allowed':>9}  unit   where"]
    for one in agreement.widest():
        apart = "one only" if one.difference == inf else f"{one.difference:+.3f}"
        measure = one.measure
        lines.append(f"{measure.name:<20}{apart:>9}{measure.tolerance:>9g}  {measure.unit:<6} {one.row}  {one.world}")
    agreeing = sum(row.agrees for row in agreement.rows)
    repeated = sum(len(row.hashes) > 1 and len(set(row.hashes)) == 1 for row in agreement.rows)
    distrusted = sum(bool(row.distrust) for row in agreement.rows)
    counts = f"{agreeing} agree, {repeated} repeated exactly, {distrusted} not to be trusted"
    return [*lines, f"{len(agreement.rows)} rows on {' and '.join(agreement.worlds)}: {counts}"]
