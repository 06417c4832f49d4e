"""The verdict on one run, and the exit code over many.

Order of judgement, first match decides: machinery crashed; a fault that cannot act here (skipped);
the scenario's time limit; a fault whose instant passed without effect (invalid) or whose condition
never came (not applicable); the approach (invalid); then the criteria. One exception keeps phantom
braking from hiding behind the approach it spoils: a deciding criterion violated *before* the
approach broke fails the run.

"Braking" in a warning criterion is the first demand of at least 4 m/s² that reached the brakes
(UN R131: emergency braking); the warning counts from the instant it was shown. The published
instants of both stand in the explanation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from analysis.approach import Breach, breaches
from analysis.checks import CriterionResult, check, facts
from analysis.criteria import Criterion, Preconditions
from sim.attachments import NEVER, FaultAccount
from sim.recording import Ending, RunRecord
from stack.vocabulary import s_from_ns


class VerdictKind(Enum):
    """What became of a run."""

    PASS = "pass"
    FAIL = "fail"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    INVALID = "invalid"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"


JUDGED = frozenset({VerdictKind.PASS, VerdictKind.FAIL, VerdictKind.TIMED_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A kind, the sentence that says why, every criterion's result, and the one that decided."""

    kind: VerdictKind
    reason: str
    results: tuple[CriterionResult, ...]
    deciding: CriterionResult | None

    @property
    def number(self) -> str:
        """The deciding number beside its requirement; the reason where no number decided."""
        return self.deciding.wording if self.deciding is not None else self.reason

    @property
    def clause(self) -> str:
        """The clause that decided; empty if none did."""
        return self.deciding.criterion.clause if self.deciding is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the exit code needs to know of a run."""

    kind: VerdictKind
    skip_expected: bool = False


def judge(record: RunRecord, criteria: tuple[Criterion, ...], preconditions: Preconditions, target: str) -> Verdict:
    """Hold a record to its criteria. `target` names the actor the run is about; empty: none."""
    known = facts(record, target)
    results = tuple(check(criterion, known) for criterion in criteria)
    early = _machinery(record) or _skipped(record) or _time_limit(record) or _faults(record)
    if early is not None:
        return Verdict(kind=early[0], reason=early[1], results=results, deciding=None)
    return _approach_then_criteria(breaches(record, preconditions, target), results)


def unjudged(kind: VerdictKind, reason: str) -> Verdict:
    """The verdict of a run that left no record: crashed, skipped, not applicable or invalid."""
    return Verdict(kind=kind, reason=reason, results=(), deciding=None)


def exit_code(outcomes: Iterable[Outcome], *, interrupted: bool = False) -> int:
    """0: all held; 1: something failed or timed out; 2: something could not be decided.

    A skip is expected only where the suite row states it; a campaign in which no run was judged
    at all decided nothing.
    """
    told = tuple(outcomes)
    undecided = {VerdictKind.CRASHED, VerdictKind.INVALID}
    surprising = any(o.kind in undecided or (o.kind is VerdictKind.SKIPPED and not o.skip_expected) for o in told)
    if interrupted or surprising or not any(o.kind in JUDGED for o in told):
        return 2
    return 1 if any(o.kind in (VerdictKind.FAIL, VerdictKind.TIMED_OUT) for o in told) else 0


def _machinery(record: RunRecord) -> tuple[VerdictKind, str] | None:
    if record.ending is not Ending.CRASHED:
        return None
    return VerdictKind.CRASHED, f"Faultline's own machinery failed at {s_from_ns(record.ended_at):.2f} s"


def _skipped(record: RunRecord) -> tuple[VerdictKind, str] | None:
    reasons = [f"{fault.name}: {fault.skipped}" for fault in record.faults if fault.skipped]
    return (VerdictKind.SKIPPED, "; ".join(reasons)) if reasons else None


def _time_limit(record: RunRecord) -> tuple[VerdictKind, str] | None:
    if record.ending is not Ending.TIMED_OUT:
        return None
    return VerdictKind.TIMED_OUT, f"the scenario's limit of {s_from_ns(record.ended_at):.1f} s came before its end"


def _faults(record: RunRecord) -> tuple[VerdictKind, str] | None:
    """Invalid before not applicable: the first is something to mend, the second a property of the run."""
    states = [_fault_state(fault, record) for fault in record.faults]
    for kind in (VerdictKind.INVALID, VerdictKind.NOT_APPLICABLE):
        reasons = [state[1] for state in states if state is not None and state[0] is kind]
        if reasons:
            return kind, "; ".join(reasons)
    return None


def _fault_state(fault: FaultAccount, record: RunRecord) -> tuple[VerdictKind, str] | None:
    came = fault.opened_at < NEVER and fault.opened_at <= record.ended_at
    if not came and fault.trigger == "instant":
        return VerdictKind.INVALID, f"the run ended before the onset of {fault.name}"
    if not came:
        return VerdictKind.NOT_APPLICABLE, f"the {fault.trigger} trigger of {fault.name} never came"
    if fault.altered == 0 and not fault.masked_by:
        return VerdictKind.INVALID, f"{fault.name} began at {s_from_ns(fault.opened_at):.2f} s and altered nothing"
    return None


def _approach_then_criteria(found: tuple[Breach, ...], results: tuple[CriterionResult, ...]) -> Verdict:
    deciders = tuple(result for result in results if result.decides)
    failed = sorted((r for r in deciders if not r.passed), key=_violation_instant)
    if found and not (failed and _violation_instant(failed[0]) < found[0].at):
        reason = "; ".join(breach.sentence for breach in found)
        return Verdict(kind=VerdictKind.INVALID, reason=reason, results=results, deciding=None)
    if not deciders:
        reason = "no criterion is certain enough to decide"
        return Verdict(kind=VerdictKind.INVALID, reason=reason, results=results, deciding=None)
    if failed:
        return Verdict(kind=VerdictKind.FAIL, reason=failed[0].explanation, results=results, deciding=failed[0])
    return Verdict(kind=VerdictKind.PASS, reason=deciders[0].explanation, results=results, deciding=deciders[0])


def _violation_instant(result: CriterionResult) -> int:
    return NEVER if isinstance(result.violated_at, str) else result.violated_at
