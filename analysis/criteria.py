"""What a run is held to: criteria and preconditions as plain values, each with clause and certainty.

`scenarios` builds these from its files; `analysis.verdict` holds a record to them.
"""

from dataclasses import dataclass
from enum import Enum


class Certainty(Enum):
    """How sure the source of a limit is. Only the first three may decide a verdict."""

    VERIFIED = "V"  # read in the official text
    EXTRACTED = "Vx"  # machine-extracted or translated official text: confirm against it
    DERIVED = "D"  # our arithmetic on the two above
    SECONDARY = "S"
    MEMORY = "K"
    OWN = "own"  # our own safety target, no regulation behind it; decides


class CriterionKind(Enum):
    """What is measured and compared with the limit."""

    IMPACT_SPEED_AT_MOST = "impact_speed_at_most_mps"  # relative speed at first contact; 0 = no contact
    NO_CONTACT = "no_contact"
    DEMAND_AT_LEAST = "demand_at_least_mps2"  # peak deceleration demanded in the braking episode
    WARNING_BEFORE_BRAKING_AT_LEAST = "warning_before_braking_at_least_s"
    WARNING_NOT_AFTER_BRAKING = "warning_not_after_braking"
    NO_COLLISION_WARNING = "no_collision_warning"
    NO_BRAKING = "no_braking"
    MINIMUM_GAP_AT_LEAST = "minimum_gap_at_least_m"
    FALLBACK_IN_TIME = "fallback_in_time_s"  # margin FTTI - FHTI; judged from a pair of runs (analysis.fallback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One limit. `limit` is in the unit the kind's name ends in (0 where it has none)."""

    kind: CriterionKind
    limit: float
    clause: str
    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Preconditions:
    """What must hold for the run to count; otherwise the verdict is `invalid`.

    Judged from `from_s` up to the functional part's start plus, while no braking and no driver act
    has begun, on to the first brake onset: approach speed within [low, high], |lane offset| at most
    `offset_max_m`. The named target's speed is held within its own band over the same time.
    """

    from_s: float
    speed_low_mps: float
    speed_high_mps: float
    offset_max_m: float
    target: str = ""
    target_speed_low_mps: float = 0.0
    target_speed_high_mps: float = 0.0
    ttc_at_least_s: float = 0.0  # time to collision with the target at the functional part's start
