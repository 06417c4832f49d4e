"""Drives towards one car or person, and when they warned and braked."""

from stack.decision.thresholds import EMERGENCY_DEMAND_MPS2, thresholds_for
from stack.vocabulary import NS_PER_S, WarningKind, topics
from tests.stack.decision_stand_ins import Drive, briefing, car_ahead

T = thresholds_for(briefing())
KMH = 1.0 / 3.6


def warned_at_s(drive: Drive) -> float:
    """When the collision warning was first shown, s; infinite if never."""
    return drive.first_at_s(topics.MANOEUVRE, lambda m: m.warning is WarningKind.FORWARD_COLLISION)


def braked_at_s(drive: Drive, at_least_mps2: float = EMERGENCY_DEMAND_MPS2) -> float:
    """When braking of this strength was first demanded, s; infinite if never."""
    return drive.first_at_s(topics.MANOEUVRE, lambda m: m.demand_mps2 >= at_least_mps2)


def approach(speed_kmh: float, gap_m: float, lead_kmh: float = 0.0, **changes: object) -> Drive:
    """A drive towards a car, or what `changes` make of it, that far ahead."""
    drive = Drive(speed_kmh * KMH)
    drive.sees = car_ahead(gap_m, lead_kmh * KMH, **changes)
    return drive


def left_m(drive: Drive, gap_m: float, lead_kmh: float = 0.0) -> float:
    """What is left of the gap now, m."""
    return gap_m - drive.travelled_m + lead_kmh * KMH * drive.now / NS_PER_S
