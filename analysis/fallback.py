"""The verdict on a run that is about its fault: handled in time or not.

A fault may take away what a limit needs: with requests refused on the wire no stack can brake. Such a
row is held to the fallback instead: the right diagnosis, a reaction before the unprotected run would
have violated anything (FDTI + FRTI < FTTI), nothing diagnosed before it happened, and no harm done by
the reaction itself. The row's other limits are measured and shown, but do not decide.
"""

from dataclasses import replace

from analysis.checks import NEVER_VIOLATED, UNITS, CriterionResult
from analysis.criteria import Certainty, Criterion, CriterionKind
from analysis.fault_times import FaultTimes, Missing
from analysis.verdict import JUDGED, Verdict, VerdictKind
from stack.vocabulary import NS_PER_MS, SimNs

FALLBACK = Criterion(
    kind=CriterionKind.FALLBACK_IN_TIME,
    limit=0.0,
    clause="ISO 26262-1:2018, 3.55 note (FDTI + FRTI < FTTI)",
    source="ISO 26262-1:2018 definitions, translated abstract",
    certainty=Certainty.EXTRACTED,
)
_HARMLESS = Missing.NOT_HAZARDOUS.value
_GOOD = frozenset({"in time", _HARMLESS})


def held_to_fallback(verdict: Verdict, times: tuple[FaultTimes, ...], unprotected: Verdict | None) -> Verdict:
    """The same run held to its fallback; a verdict that is no judgement stays what it is."""
    if verdict.kind not in JUDGED or not times:
        return verdict
    result = _result(verdict, times, unprotected)
    others = tuple(replace(other, decides=False) for other in verdict.results)
    return Verdict(
        kind=VerdictKind.PASS if result.passed else VerdictKind.FAIL,
        reason=result.explanation,
        results=(result, *others),
        deciding=result,
    )


def _result(verdict: Verdict, times: tuple[FaultTimes, ...], unprotected: Verdict | None) -> CriterionResult:
    problems = [_problem(one) for one in times if one.outcome not in _GOOD or one.defects]
    if verdict.kind is VerdictKind.FAIL and unprotected is not None and unprotected.kind is VerdictKind.PASS:
        problems.append(f"the reaction itself does harm: {verdict.reason.rstrip('.')}")
    margins = [one.margin_ns for one in times if not isinstance(one.margin_ns, Missing)]
    sentence = "; ".join(problems) or "; ".join(_praise(one) for one in times)
    return CriterionResult(
        criterion=FALLBACK,
        passed=not problems,
        decides=True,
        measured=min(margins) / 1e9 if margins else None,
        unit=UNITS[CriterionKind.FALLBACK_IN_TIME],
        violated_at=NEVER_VIOLATED if not problems else _violated_at(times),
        explanation=f"{sentence}.",
    )


def _problem(one: FaultTimes) -> str:
    what = "; ".join(one.defects) if one.defects else f"{one.name} is {one.outcome}"
    return f"{what} (diagnosis {one.diagnosis or 'none'}, reaction {one.reaction or 'none'})"


def _praise(one: FaultTimes) -> str:
    if one.outcome == _HARMLESS or isinstance(one.fhti_ns, Missing) or isinstance(one.ftti_ns, Missing):
        return f"{one.name} is {one.outcome}"
    fhti_ms, ftti_ms = one.fhti_ns / NS_PER_MS, one.ftti_ns / NS_PER_MS
    return f"{one.name} was handled in {fhti_ms:.0f} ms ({one.diagnosis}, {one.reaction}); {ftti_ms:.0f} ms were left"


def _violated_at(times: tuple[FaultTimes, ...]) -> SimNs:
    """When the fault tolerant time interval of the first mishandled fault ran out; its onset if it has none."""
    instants = [
        one.onset_at + (0 if isinstance(one.ftti_ns, Missing) else one.ftti_ns)
        for one in times
        if not isinstance(one.onset_at, Missing)
    ]
    return SimNs(min(instants, default=0))
