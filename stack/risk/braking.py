"""Closed forms: time to collision, and the deceleration the ego needs to avoid contact.

The ego's brakes answer a demand `a` after a dead time as a(1 - exp(-t / lag)). Over times long
against the lag this covers the distance v * lag - a * lag² / 2 more than brakes without lag, so with
h = gap - v * (dead time + lag) the contact-free demand solves h = v² / (2a) - a * lag² / 2, that is

    a = v² / (h + sqrt(h² + lag² * v²)).

With lag 0 and h > 0 it is v² / (2h), the deceleration to avoid a crash (DRAC). Speeds are relative
to the target where it moves on at constant speed. The braking-lead form is that of ISO 15623:
a_req = a_lead + v_rel² / (2 (gap - v_rel * delay)), or to the lead's stopping point if it stops first.
"""

from math import inf, sqrt


def time_to_collision_s(gap_m: float, closing_mps: float) -> float:
    """Seconds until the gap closes at the present speeds; inf if it never does (Hayward 1972)."""
    if gap_m <= 0.0:
        return 0.0
    return gap_m / closing_mps if closing_mps > 0.0 else inf


def required_deceleration_mps2(gap_m: float, closing_mps: float, delay_s: float, lag_s: float) -> float:
    """What must be demanded now so that a target at constant speed (or standing) is not touched.

    `delay_s` is all time before the brakes begin to answer. 0 if the gap does not close; inf if it is
    gone, or closes before brakes without lag could act.
    """
    if closing_mps <= 0.0:
        return 0.0
    if gap_m <= 0.0:
        return inf
    room_m = gap_m - closing_mps * (delay_s + lag_s)
    spread_m = lag_s * closing_mps
    root_m = sqrt(room_m * room_m + spread_m * spread_m)
    if room_m > 0.0:
        return closing_mps * closing_mps / (room_m + root_m)
    return (root_m - room_m) / (lag_s * lag_s) if lag_s > 1e-6 else inf


def required_behind_braking_mps2(
    gap_m: float, speed_mps: float, lead_mps: float, lead_braking_mps2: float, delay_s: float, lag_s: float
) -> float:
    """What must be demanded now behind a lead that brakes constantly down to standstill."""
    if gap_m <= 0.0:
        return inf
    lead_stops_s = lead_mps / lead_braking_mps2
    to_standstill = required_deceleration_mps2(gap_m + 0.5 * lead_mps * lead_stops_s, speed_mps, delay_s, lag_s)
    if to_standstill == inf or lead_stops_s <= delay_s + lag_s + speed_mps / to_standstill:
        return to_standstill
    waiting_s = delay_s + lag_s
    closing_mps = speed_mps - lead_mps + lead_braking_mps2 * waiting_s
    left_m = gap_m - (speed_mps - lead_mps) * waiting_s - 0.5 * lead_braking_mps2 * waiting_s * waiting_s
    if closing_mps <= 0.0:
        return lead_braking_mps2
    return lead_braking_mps2 + required_deceleration_mps2(left_m, closing_mps, 0.0, 0.0)


def required_before_oncoming_mps2(
    gap_m: float, speed_mps: float, oncoming_mps: float, delay_s: float, lag_s: float
) -> float:
    """What must be demanded now to stand when a target coming the other way arrives.

    Standing takes delay + lag + v / a; in that time the two have covered
    (v + o)(delay + lag) + v² / (2a) + o v / a together, which must not exceed the gap.
    """
    left_m = gap_m - (speed_mps + oncoming_mps) * (delay_s + lag_s)
    if left_m <= 0.0:
        return inf
    return speed_mps * (0.5 * speed_mps + oncoming_mps) / left_m
