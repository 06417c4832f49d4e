"""Post-encroachment time (s): how closely two road users missed the same patch of road."""

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.measured import Flags, Scalar


def post_encroachment_time_s(at_ns: NDArray[np.int64], first_inside: Flags, second_inside: Flags) -> Scalar:
    """From the first road user leaving the conflict area to the second entering; 0 if both were in.

    Invalid if either never entered or the first never left.
    Source: Allen, Shin, Cooper, Transportation Research Record 667 (1978).
    """
    if not (first_inside.any() and second_inside.any()):
        return Scalar(float("inf"), False)
    if (first_inside & second_inside).any():
        return Scalar(0.0, True)
    early, late = first_inside, second_inside
    if np.argmax(first_inside) > np.argmax(second_inside):
        early, late = second_inside, first_inside
    left_ns = int(at_ns[np.flatnonzero(early)[-1]])
    entered_ns = int(at_ns[int(np.argmax(late))])
    return Scalar((entered_ns - left_ns) * 1e-9, entered_ns >= left_ns)
