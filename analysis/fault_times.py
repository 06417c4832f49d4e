"""The ISO 26262 intervals of each fault of a run, by paired protected and unprotected runs.

FDTI  onset to the first *right* diagnosis at or after it (the fault's account names which are right).
FRTI  detection to reaction. camera_only, radar_only, warn_only and off are reached when the driver
      has been shown the state; the minimal-risk reaction when half of its demanded deceleration is
      felt, or the vehicle is at rest. Where commands are refused or lost or the stack is dead, the
      actuator's deadman taking hold counts as the reaction too, whichever is first. A reaction
      that precedes the diagnosis makes FRTI 0.
FHTI  FDTI + FRTI.
FTTI  onset to the first deciding criterion violated in the *unprotected* run.
Margin = FTTI - FHTI; a fault is handled in time when it is above 0 (ISO 26262-1:2018, 3.55 note).
Onset is the trigger's instant; the first effect stands beside it. All values are virtual ns.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from analysis.checks import CriterionResult
from analysis.interventions import BRAKING_DEMAND_MPS2, applied_requests
from analysis.verdict import Verdict, VerdictKind
from sim.attachments import NEVER, FaultAccount
from sim.recording import RunRecord
from sim.truth import BRAKE, EGO, SPEED
from stack.vocabulary import Diagnosis, Mode, SimNs, WarningKind


class Missing(Enum):
    """Why an interval has no number."""

    NEVER = "never"  # it did not happen in this run
    NOT_MEASURED = "not measured"  # no unprotected run, or one that decides nothing
    NOT_HAZARDOUS = "not hazardous here"  # the unprotected run violates nothing
    NOT_NEEDED = "not needed"  # nothing to recover from


Interval = int | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTimes:
    """One fault in one run. Instants end in `_at`, intervals in `_ns`; `defects` are findings."""

    name: str
    taxonomy_id: str
    onset_at: Interval
    first_effect_at: Interval
    closed_at: Interval
    diagnosis: str  # the right one that came; empty if none did
    fdti_ns: Interval
    reaction: str  # the mode or mechanism that reacted; empty if none did
    frti_ns: Interval
    fhti_ns: Interval
    ftti_ns: Interval
    margin_ns: Interval
    violated: str  # clause first violated without protection; empty if none
    recovered_at: Interval
    wrong_diagnoses: tuple[str, ...]
    defects: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """In a word: in time, too late, not handled, or why it cannot be said."""
        if isinstance(self.ftti_ns, Missing):
            return self.ftti_ns.value
        if isinstance(self.margin_ns, Missing):
            return "not handled"
        return "in time" if self.margin_ns > 0 else "too late"


# What the driver must have been shown for a mode to count as reached.
_TOLD: dict[Mode, frozenset[WarningKind]] = {
    Mode.CAMERA_ONLY: frozenset({WarningKind.SYSTEM_DEGRADED, WarningKind.SYSTEM_OFF}),
    Mode.RADAR_ONLY: frozenset({WarningKind.SYSTEM_DEGRADED, WarningKind.SYSTEM_OFF}),
    Mode.WARN_ONLY: frozenset({WarningKind.SYSTEM_DEGRADED, WarningKind.SYSTEM_OFF}),
    Mode.OFF: frozenset({WarningKind.SYSTEM_OFF}),
}

# Diagnoses of a command path that is silent or refused: there the deadman is a reaction.
_DEADMAN_SERVES = frozenset({Diagnosis.COMMANDS_REFUSED, Diagnosis.COMMANDS_LOST, Diagnosis.STACK_RESTARTED})

_DECIDED = frozenset({VerdictKind.PASS, VerdictKind.FAIL, VerdictKind.TIMED_OUT})
_FELT_RATIO = 0.5  # deceleration is felt at half of what was demanded, as in the brake ledger
_AT_REST_MPS = 0.1


def fault_times(
    protected: RunRecord,
    protected_verdict: Verdict,
    unprotected: RunRecord | None,
    unprotected_verdict: Verdict | None,
) -> tuple[FaultTimes, ...]:
    """The times of every fault of the protected run, in the order of its accounts."""
    return tuple(
        _times(fault, protected, protected_verdict, unprotected, unprotected_verdict) for fault in protected.faults
    )


def _times(
    fault: FaultAccount,
    protected: RunRecord,
    verdict: Verdict,
    unprotected: RunRecord | None,
    unprotected_verdict: Verdict | None,
) -> FaultTimes:
    if fault.opened_at > protected.ended_at:
        return _without_onset(fault, protected, verdict)
    detected_at, diagnosis = _detection(fault, protected)
    reacted_at, reaction = _reaction(fault, protected)
    fdti = _span(fault.opened_at, detected_at)
    frti: Interval = Missing.NEVER
    if not isinstance(detected_at, Missing) and not isinstance(reacted_at, Missing):
        frti = max(reacted_at - detected_at, 0)
    fhti = fdti + frti if isinstance(fdti, int) and isinstance(frti, int) else Missing.NEVER
    ftti, violated = _tolerated(fault.name, unprotected, unprotected_verdict)
    return FaultTimes(
        name=fault.name,
        taxonomy_id=fault.taxonomy_id,
        onset_at=int(fault.opened_at),
        first_effect_at=int(fault.first_effect_at) if fault.first_effect_at < NEVER else Missing.NEVER,
        closed_at=int(fault.closed_at) if fault.closed_at <= protected.ended_at else Missing.NEVER,
        diagnosis=diagnosis,
        fdti_ns=fdti,
        reaction=reaction,
        frti_ns=frti,
        fhti_ns=fhti,
        ftti_ns=ftti,
        margin_ns=_margin(ftti, fhti),
        violated=violated,
        recovered_at=_recovery(fault, protected),
        wrong_diagnoses=_wrong(fault, protected),
        defects=_defects(fault, protected, verdict),
    )


def _without_onset(fault: FaultAccount, record: RunRecord, verdict: Verdict) -> FaultTimes:
    return FaultTimes(
        name=fault.name,
        taxonomy_id=fault.taxonomy_id,
        onset_at=Missing.NEVER,
        first_effect_at=Missing.NEVER,
        closed_at=Missing.NEVER,
        diagnosis="",
        fdti_ns=Missing.NOT_MEASURED,
        reaction="",
        frti_ns=Missing.NOT_MEASURED,
        fhti_ns=Missing.NOT_MEASURED,
        ftti_ns=Missing.NOT_MEASURED,
        margin_ns=Missing.NOT_MEASURED,
        violated="",
        recovered_at=Missing.NOT_NEEDED,
        wrong_diagnoses=(),
        defects=_defects(fault, record, verdict),
    )


def _span(from_at: int, to_at: Interval) -> Interval:
    return to_at if isinstance(to_at, Missing) else to_at - int(from_at)


def _margin(ftti: Interval, fhti: Interval) -> Interval:
    if isinstance(ftti, Missing):
        return ftti
    return fhti if isinstance(fhti, Missing) else ftti - fhti


def _appeared(record: RunRecord) -> list[tuple[int, str]]:
    """Every diagnosis that appeared, with its instant."""
    return [(int(m.published_at), m.payload.diagnosis.value) for m in record.diagnoses if m.payload.present]


def _detection(fault: FaultAccount, record: RunRecord) -> tuple[Interval, str]:
    for at, name in _appeared(record):
        if at >= fault.opened_at and name in fault.expected_diagnoses:
            return at, name
    return Missing.NEVER, ""


def _explained(name: str, at: int, record: RunRecord, *, besides: str = "") -> bool:
    """Whether a fault that had begun by then makes a diagnosis right."""
    return any(
        other.opened_at <= at and name in other.expected_diagnoses for other in record.faults if other.name != besides
    )


def _wrong(fault: FaultAccount, record: RunRecord) -> tuple[str, ...]:
    """Diagnoses from onset on that no fault which had begun explains, each named once."""
    found = [n for at, n in _appeared(record) if at >= fault.opened_at and not _explained(n, at, record)]
    return tuple(dict.fromkeys(found))


def _defects(fault: FaultAccount, record: RunRecord, verdict: Verdict) -> tuple[str, ...]:
    """What must never be: a fault detected before its onset; and a run that decides nothing."""
    found = []
    for at, name in _appeared(record):
        early = at < fault.opened_at and name in fault.expected_diagnoses
        if early and not _explained(name, at, record, besides=fault.name):
            found.append(f"{name} was diagnosed at {at * 1e-9:.3f} s, before the fault's onset")
    back_at = _gave_in(fault, record)
    if back_at is not None and any(_instant(one) >= back_at for one in verdict.results if not one.passed):
        found.append(
            f"{fault.name}: back to nominal at {back_at * 1e-9:.3f} s while the fault lasted, and then a violation"
        )
    if verdict.kind not in _DECIDED:
        found.append(f"the protected run is {verdict.kind.value}: its times count for nothing")
    return tuple(found)


def _gave_in(fault: FaultAccount, record: RunRecord) -> int | None:
    """When the ladder went back to nominal although the fault still acted; None if it did not."""
    inside = [m for m in record.modes if fault.opened_at <= m.published_at < min(fault.closed_at, record.ended_at)]
    back = [int(m.published_at) for m in inside if m.payload.after is Mode.NOMINAL]
    instantaneous = fault.altered <= 1  # a crash acts once, whatever its window
    return None if instantaneous or not back or inside[-1].payload.after is not Mode.NOMINAL else back[-1]


def _reaction(fault: FaultAccount, record: RunRecord) -> tuple[Interval, str]:
    """The first right mode reached, or the deadman where that serves, whichever came first."""
    mode_at, mode = _mode_reaction(fault, record)
    serves = any(diagnosis.value in fault.expected_diagnoses for diagnosis in _DEADMAN_SERVES)
    held = [int(at) for at in record.deadman_at if at >= fault.opened_at] if serves else []
    if held and (isinstance(mode_at, Missing) or held[0] <= mode_at):
        return held[0], "deadman"
    return mode_at, mode


def _mode_reaction(fault: FaultAccount, record: RunRecord) -> tuple[Interval, str]:
    for message in record.modes:
        after: Mode = message.payload.after
        counts = after.value in fault.expected_modes if fault.expected_modes else after is not Mode.NOMINAL
        if message.published_at < fault.opened_at or not counts:
            continue
        reached = _mode_reached(after, message.published_at, record)
        if not isinstance(reached, Missing):
            return reached, after.value
    return Missing.NEVER, ""


def _mode_reached(mode: Mode, at: SimNs, record: RunRecord) -> Interval:
    if mode is Mode.MINIMAL_RISK:
        return _minimal_risk_felt(at, record)
    if mode is Mode.NOMINAL:
        return int(at)
    return _driver_told(_TOLD[mode], at, record)


def _driver_told(kinds: frozenset[WarningKind], at: SimNs, record: RunRecord) -> Interval:
    """When the driver first knew after a mode change; at once if already shown."""
    before = [w for w in record.warnings if 0 <= w.shown_at <= at]
    if before and max(before, key=lambda w: w.shown_at).message.payload.kind in kinds:
        return int(at)
    later = [int(w.shown_at) for w in record.warnings if w.shown_at >= at and w.message.payload.kind in kinds]
    return min(later, default=Missing.NEVER)


def _minimal_risk_felt(at: SimNs, record: RunRecord) -> Interval:
    """When the brakes reached half of what the reaction demands, interpolated; or the ego was at rest."""
    ends = min((m.published_at for m in record.modes if m.published_at > at), default=record.ended_at)
    asked = [e.demand_mps2 for e in applied_requests(record) if at <= e.applied_at <= max(ends, at)]
    demand = max(asked, default=0.0)
    first = int(np.searchsorted(record.truth_at, at, side="left"))
    brake, speed = record.truth[first:, EGO, BRAKE], record.truth[first:, EGO, SPEED]
    rest = speed <= _AT_REST_MPS
    felt = brake >= _FELT_RATIO * demand if demand > BRAKING_DEMAND_MPS2 else np.zeros(brake.shape, np.bool_)
    reached = felt | rest
    if not reached.any():
        return Missing.NEVER
    index = first + int(np.argmax(reached))
    return _crossing(record, index, _FELT_RATIO * demand) if felt[index - first] else int(record.truth_at[index])


def _crossing(record: RunRecord, index: int, level: float) -> int:
    """Instant at which the brake deceleration crosses a level just before this sample."""
    at = int(record.truth_at[index])
    if index == 0:
        return at
    low, high = float(record.truth[index - 1, EGO, BRAKE]), float(record.truth[index, EGO, BRAKE])
    if low >= level or high <= low:
        return at
    before = int(record.truth_at[index - 1])
    return before + round((level - low) / (high - low) * (at - before))


def _tolerated(name: str, unprotected: RunRecord | None, verdict: Verdict | None) -> tuple[Interval, str]:
    """FTTI and the clause that ends it, from the unprotected run's own onset."""
    if unprotected is None or verdict is None or verdict.kind not in _DECIDED:
        return Missing.NOT_MEASURED, ""
    onset = next((int(fault.opened_at) for fault in unprotected.faults if fault.name == name), NEVER)
    if onset > unprotected.ended_at:
        return Missing.NOT_MEASURED, ""
    later = [(_instant(r), r.criterion.clause) for r in verdict.results if r.decides and _instant(r) >= onset]
    violated = [entry for entry in later if entry[0] < NEVER]
    if not violated:
        return Missing.NOT_HAZARDOUS, ""
    at, clause = min(violated, key=lambda entry: entry[0])
    return at - onset, clause


def _instant(result: CriterionResult) -> int:
    return NEVER if isinstance(result.violated_at, str) else int(result.violated_at)


def _recovery(fault: FaultAccount, record: RunRecord) -> Interval:
    """When the ladder was back at nominal after the fault closed; at the closing itself if it already was."""
    moved = [m for m in record.modes if m.published_at >= fault.opened_at]
    if not moved:
        return Missing.NOT_NEEDED
    back = [int(m.published_at) for m in moved if m.payload.after is Mode.NOMINAL and m.published_at >= fault.closed_at]
    before = [m for m in moved if m.published_at < fault.closed_at]
    if before and before[-1].payload.after is Mode.NOMINAL and fault.closed_at <= record.ended_at:
        return int(fault.closed_at)
    return min(back, default=Missing.NEVER)
