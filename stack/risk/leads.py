"""How hard each road user brakes, told from the change of its tracked speed.

Tracks carry no acceleration, so it is followed here: the slope of the speed along the road, smoothed,
and taken as braking only when the radar measures that speed and the slope stands clear of noise.
"""

from typing import NamedTuple

from stack.risk.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, SimNs, Track

_FORGET_S = 0.5  # a slope over a longer silence says nothing
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per cycle.
_quick = tuple.__new__


class Lead(NamedTuple):
    """The speed of one track when last seen, and its smoothed acceleration."""

    at: SimNs
    along_mps: float
    acceleration_mps2: float


def followed(before: Lead | None, track: Track, at: SimNs, filter_s: float) -> Lead:
    """The lead after one more look at its track."""
    if before is None:
        return Lead(at, track.vx_mps, 0.0)
    before_at, along_mps, acceleration_mps2 = before
    dt_s = (at - before_at) / NS_PER_S
    if dt_s <= 0.0:
        return before
    if dt_s > _FORGET_S:
        return Lead(at, track.vx_mps, 0.0)
    slope = (track.vx_mps - along_mps) / dt_s
    gain = dt_s / (filter_s + dt_s)
    return _quick(Lead, (at, track.vx_mps, acceleration_mps2 + gain * (slope - acceleration_mps2)))


def braking_mps2(lead: Lead, track: Track, limits: Thresholds) -> float:
    """The track's own deceleration if it brakes beyond doubt, else 0."""
    if track.radar_hits < limits.lead_radar_hits_min or lead.along_mps < limits.standing_mps:
        return 0.0
    deceleration = -lead.acceleration_mps2
    if deceleration < limits.lead_braking_min_mps2:
        return 0.0
    return deceleration if deceleration < limits.lead_braking_max_mps2 else limits.lead_braking_max_mps2
