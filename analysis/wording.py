"""How a judged number is said in a line: measured beside required, in the units people use on roads."""

from analysis.criteria import CriterionKind

KMH_PER_MPS = 3.6

_UNMEASURED = {
    CriterionKind.IMPACT_SPEED_AT_MOST: "impact speed not measured",
    CriterionKind.NO_CONTACT: "no contact, none allowed",
    CriterionKind.DEMAND_AT_LEAST: "no braking demand, needs {limit:.1f} m/s²",
    CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST: "no warning to measure, needs {limit:.2f} s before braking",
    CriterionKind.WARNING_NOT_AFTER_BRAKING: "no warning to measure, must not be after braking",
    CriterionKind.NO_COLLISION_WARNING: "no collision warning, none allowed",
    CriterionKind.NO_BRAKING: "no braking, none allowed",
    CriterionKind.MINIMUM_GAP_AT_LEAST: "no gap to measure, needs {limit:.2f} m",
    CriterionKind.FALLBACK_IN_TIME: "no fallback margin to measure",
}

_MEASURED = {
    CriterionKind.IMPACT_SPEED_AT_MOST: "impact {measured_kmh:.1f} km/h, allowed {limit_kmh:.1f}",
    CriterionKind.NO_CONTACT: "contact at {measured_kmh:.1f} km/h, none allowed",
    CriterionKind.DEMAND_AT_LEAST: "demand {measured:.1f} m/s², needs {limit:.1f}",
    CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST: "warning {size:.2f} s {side} braking, needs {limit:.2f}",
    CriterionKind.WARNING_NOT_AFTER_BRAKING: "warning {size:.2f} s {side} braking, must not be after",
    CriterionKind.NO_COLLISION_WARNING: "collision warnings: {measured:.0f}, none allowed",
    CriterionKind.NO_BRAKING: "braking {measured:.1f} m/s², none allowed",
    CriterionKind.MINIMUM_GAP_AT_LEAST: "min gap {measured:.2f} m, needs {limit:.2f}",
    CriterionKind.FALLBACK_IN_TIME: "fallback {measured:.2f} s before it is too late, must not be after",
}

_NONE_IS_GOOD = frozenset({CriterionKind.NO_COLLISION_WARNING, CriterionKind.NO_BRAKING})


def deciding_number(kind: CriterionKind, limit: float, measured: float | None) -> str:
    """For example `impact 0.0 km/h, allowed 28.0`."""
    if measured is None or (measured == 0.0 and kind in _NONE_IS_GOOD):
        return _UNMEASURED[kind].format(limit=limit)
    return _MEASURED[kind].format(
        limit=limit,
        limit_kmh=limit * KMH_PER_MPS,
        measured=measured,
        measured_kmh=measured * KMH_PER_MPS,
        size=abs(measured),
        side="before" if measured >= 0.0 else "after",
    )
