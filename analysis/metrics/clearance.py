"""Smallest free distance over a run (m)."""

from analysis.metrics.measured import Scalar, Series


def minimum_gap_m(gap: Series, in_contact: bool) -> Scalar:
    """The smallest gap between two outlines; 0 after contact, however short it fell between samples."""
    if in_contact:
        return Scalar(0.0, True)
    return gap.lowest()
