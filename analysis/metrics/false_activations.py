"""Activations that nothing called for, and what their count says about the true rate."""

from collections.abc import Sequence
from math import exp

from analysis.metrics.measured import Scalar

_HALVINGS = 200


def false_activations(activated_at_ns: Sequence[int], called_for_from_ns: int, must_not_react: bool) -> int:
    """How many activations began before anything called for one, or all where nothing ever does."""
    return sum(1 for at in activated_at_ns if must_not_react or at < called_for_from_ns)


def false_activation_rate_bound(count: int, exposure: float, confidence_ratio: float = 0.95) -> Scalar:
    """Upper bound of the rate per unit of exposure: the mean at which `count` or fewer is that unlikely.

    Equal to the chi² quantile with 2 count + 2 degrees of freedom, halved, over the exposure.
    Source: exact Poisson limits, Garwood, Biometrika 28 (1936).
    """
    if exposure <= 0.0:
        return Scalar(float("inf"), False)
    low, high = 0.0, 50.0 + 3.0 * count
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _at_most(count, middle) > 1.0 - confidence_ratio:
            low = middle
        else:
            high = middle
    return Scalar(high / exposure, True)


def _at_most(count: int, mean: float) -> float:
    """Probability of at most `count` events of a Poisson process with this mean."""
    term = total = exp(-mean)
    for index in range(1, count + 1):
        term *= mean / index
        total += term
    return total
