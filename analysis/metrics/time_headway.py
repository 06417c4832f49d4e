"""Time headway (s)."""

import numpy as np

from analysis.metrics.measured import Floats, Series, as_floats


def time_headway_s(gap_m: Floats | float, ego_speed_mps: Floats | float) -> Series:
    """Seconds the ego needs for the free distance to the vehicle ahead; inf at standstill.

    Measured from outline to outline (SAE J2944 calls this the time gap).
    """
    gap, speed = as_floats(gap_m, ego_speed_mps)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = np.where(speed > 0.0, np.maximum(gap, 0.0) / speed, np.inf)
    return Series(values, np.isfinite(gap) & np.isfinite(speed))
