"""What braking it would take (m/s², positive), and how that compares with what the brakes have."""

import numpy as np

from analysis.metrics.measured import Floats, Series, as_floats


def deceleration_to_avoid_crash_mps2(gap_m: Floats | float, closing_mps: Floats | float) -> Series:
    """DRAC: closing² / (2 gap); 0 if not closing, inf when nothing is left to brake in.

    Source: Cooper and Ferguson, Traffic Engineering and Control 17 (1976).
    """
    gap, closing = as_floats(gap_m, closing_mps)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        needed = np.where(gap > 0.0, closing * closing / (2.0 * gap), np.inf)
    return Series(np.where(closing > 0.0, needed, 0.0), np.isfinite(gap) & np.isfinite(closing))


def required_deceleration_mps2(
    gap_m: Floats | float,
    ego_speed_mps: Floats | float,
    other_speed_mps: Floats | float,
    other_deceleration_mps2: Floats | float,
) -> Series:
    """Constant braking that just avoids contact, the other's own braking (positive) counted in.

    Two cases that meet continuously: the speeds become equal while the other still moves, or it
    stops first and the ego must stop behind it. Speeds along the ego's axis, not below 0.
    Source: Brännström, Sjöberg, Coelingh, IEEE Intelligent Vehicles Symposium 2008.
    """
    gap, ego, other, braking = as_floats(gap_m, ego_speed_mps, other_speed_mps, other_deceleration_mps2)
    drac = deceleration_to_avoid_crash_mps2(gap, ego - other)
    brakes = (braking > 0.0) & (other > 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        closing = ego - other
        stop_m = np.where(brakes, other * other / (2.0 * braking), 0.0)
        moving_needed = braking + closing * closing / (2.0 * gap)
        stopped_needed = ego * ego / (2.0 * (gap + stop_m))
        meets_moving = (closing > 0.0) & (2.0 * gap * braking <= other * closing)
        with_braking = np.where(meets_moving, moving_needed, stopped_needed)
    values = np.where(brakes, np.where(gap > 0.0, with_braking, np.inf), drac.values)
    return Series(np.where(ego > 0.0, values, 0.0), drac.valid & np.isfinite(braking))


def brake_threat_number(required_mps2: Floats | float, available_mps2: Floats | float) -> Series:
    """BTN: required over available deceleration; from 1 on, braking alone no longer avoids contact.

    Source: Brännström, Coelingh, Sjöberg, IEEE Trans. Intelligent Transportation Systems 11 (2010).
    """
    required, available = as_floats(required_mps2, available_mps2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(available > 0.0, required / available, np.inf)
    return Series(values, (available > 0.0) & ~np.isnan(required))
