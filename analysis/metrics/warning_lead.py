"""How early the warning and the braking came (s)."""

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.measured import Scalar, Series


def warning_lead_s(shown_at_ns: int, braking_at_ns: int) -> Scalar:
    """From the instant the driver could perceive the warning to the onset of emergency demand.

    Negative if the warning came later; either instant below 0 means that it never came.
    Source: UN R131 02 series, collision warning at latest 0.8 s before emergency braking.
    """
    valid = shown_at_ns >= 0 and braking_at_ns >= 0
    return Scalar((braking_at_ns - shown_at_ns) * 1e-9, valid)


def value_at(series: Series, at_ns: NDArray[np.int64], instant_ns: int) -> Scalar:
    """A series at an instant: linear between valid finite neighbours, else the earlier sample.

    With TTC it gives TTC at the warning and at brake onset.
    """
    if instant_ns < 0 or at_ns.size == 0 or instant_ns < at_ns[0] or instant_ns > at_ns[-1]:
        return Scalar(float("nan"), False)
    left = int(np.searchsorted(at_ns, instant_ns, side="right")) - 1
    right = min(left + 1, at_ns.size - 1)
    low, high = float(series.values[left]), float(series.values[right])
    if not (series.valid[right] and np.isfinite(low) and np.isfinite(high)) or right == left:
        return Scalar(low, bool(series.valid[left]))
    share = (instant_ns - int(at_ns[left])) / (int(at_ns[right]) - int(at_ns[left]))
    return Scalar(low + share * (high - low), bool(series.valid[left]))
