"""Time to collision at present speeds (s), and the time spent below a threshold of it."""

import numpy as np

from analysis.metrics.measured import Floats, Scalar, Series, as_floats


def time_to_collision_s(gap_m: Floats | float, closing_mps: Floats | float) -> Series:
    """Seconds until the gap closes at the present speeds; inf if it never does, 0 in contact.

    Source: Hayward, Near-miss determination through use of a scale of danger, 1972; SAE J2944.
    """
    gap, closing = as_floats(gap_m, closing_mps)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = np.where(closing > 0.0, gap / closing, np.inf)
    return Series(np.where(gap <= 0.0, 0.0, values), np.isfinite(gap) & np.isfinite(closing))


def time_exposed_s(ttc: Series, at_ns: Floats, threshold_s: float) -> Scalar:
    """Time spent with 0 < TTC < threshold (TET); each sample stands until the next.

    Source: Minderhoud and Bovy, Accident Analysis and Prevention 33 (2001).
    """
    exposed = ttc.valid & (ttc.values > 0.0) & (ttc.values < threshold_s)
    return Scalar(float(_spans_s(at_ns)[exposed[:-1]].sum()), bool(ttc.valid.any()))


def time_integrated_s2(ttc: Series, at_ns: Floats, threshold_s: float) -> Scalar:
    """Integral of (threshold - TTC) over the exposed time (TIT).

    Source: Minderhoud and Bovy, Accident Analysis and Prevention 33 (2001).
    """
    exposed = (ttc.valid & (ttc.values > 0.0) & (ttc.values < threshold_s))[:-1]
    depth = threshold_s - ttc.values[:-1][exposed]
    return Scalar(float((_spans_s(at_ns)[exposed] * depth).sum()), bool(ttc.valid.any()))


def _spans_s(at_ns: Floats) -> Floats:
    return np.asarray(np.diff(np.asarray(at_ns, np.float64)) * 1e-9)
