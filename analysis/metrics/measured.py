"""A metric's answer: values with the mask that says where they mean something."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number; `valid` False means that the question had no answer in this run."""

    value: float
    valid: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Values over instants, shape (n,) or () for plain numbers, with an equally shaped mask."""

    values: Floats
    valid: Flags

    def lowest(self) -> Scalar:
        """The smallest valid value."""
        if not self.valid.any():
            return Scalar(float("inf"), False)
        return Scalar(float(self.values[self.valid].min()), True)

    def highest(self) -> Scalar:
        """The largest valid value."""
        if not self.valid.any():
            return Scalar(float("-inf"), False)
        return Scalar(float(self.values[self.valid].max()), True)

    def where(self, mask: Flags) -> "Series":
        """The same values, valid only where the mask holds as well."""
        return Series(self.values, self.valid & mask)


def as_floats(*values: Floats | float) -> tuple[Floats, ...]:
    """Arguments as float64 arrays of one common shape."""
    return tuple(np.array(array) for array in np.broadcast_arrays(*(np.asarray(v, np.float64) for v in values)))
