"""Limits on what actuation lets through. A setting `actuation.<field>` replaces a field."""

from dataclasses import dataclass

from stack.vocabulary import Briefing, adjusted

WIRE_MAX_MPS2 = 10.0  # SAE J1939-71, SPN 2920: operating range of the external acceleration demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Limits of demand and of its rise.

    The rise lets the first 25 ms cycle of an emergency ask for just 4 m/s², which UN R131 calls
    emergency braking, and the second for all a loaded truck has; so one corrupted manoeuvre among
    good ones never asks for more than that. Falling is not limited: release is the safe direction
    for false braking, and decision alone says when.
    """

    demand_max_mps2: float = 6.3
    rise_mps3: float = 160.0
    cycle_longest_s: float = 0.025  # own: a pause between manoeuvres earns no larger step


def thresholds_for(briefing: Briefing) -> Thresholds:
    """The limits of this vehicle: never more than its design maximum or the wire's range."""
    derived = Thresholds(demand_max_mps2=min(max(briefing.brake_max_mps2, 4.0), WIRE_MAX_MPS2))
    return adjusted(derived, "actuation", briefing.settings)
