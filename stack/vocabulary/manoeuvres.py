"""What decision chose."""

from dataclasses import dataclass
from enum import Enum

from stack.vocabulary.commands import WarningKind
from stack.vocabulary.evidence import Evidence
from stack.vocabulary.health import Mode
from stack.vocabulary.instants import SimNs


class BrakingStage(Enum):
    """How far the intervention has gone."""

    NONE = "none"
    WARNING = "warning"
    PARTIAL = "partial"
    FULL = "full"
    OVERRIDDEN = "overridden"
    HOLD = "hold"  # minimal-risk reaction: keep the stated deceleration to standstill


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The present choice. Published at every change of stage, mode, warning or withholding reason."""

    stage: BrakingStage
    demand_mps2: float
    warning: WarningKind
    mode: Mode
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Manoeuvre:
    """What actuation shall do now; sent every cycle so that silence means loss."""

    as_of: SimNs
    demand_mps2: float
    warning: WarningKind
    warning_reason: str
