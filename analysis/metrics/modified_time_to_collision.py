"""Time to collision at present accelerations (s)."""

import numpy as np

from analysis.metrics.measured import Floats, Series, as_floats


def modified_time_to_collision_s(
    gap_m: Floats | float, closing_mps: Floats | float, closing_mps2: Floats | float
) -> Series:
    """Smallest t > 0 with gap - closing t - closing_mps2 t²/2 = 0; inf if there is none, 0 in contact.

    `closing_mps2` is the ego's acceleration minus the other's. A body that would stop before t is
    still taken to reverse, as in the source.
    Source: Ozbay, Yang, Bartin, Mudigonda, Transportation Research Record 2083 (2008).
    """
    gap, closing, rate = as_floats(gap_m, closing_mps, closing_mps2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = closing + np.sqrt(closing * closing + 2.0 * rate * gap)
        values = np.where(root > 0.0, 2.0 * gap / root, np.inf)
    values = np.where(np.isnan(values), np.inf, values)
    valid = np.isfinite(gap) & np.isfinite(closing) & np.isfinite(rate)
    return Series(np.where(gap <= 0.0, 0.0, values), valid)
