"""Parameters as one structured array, so that a kernel reads them by name at no cost per field."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(*groups: Any) -> NDArray[np.void]:
    """One row whose float64 fields are the numeric fields of the given dataclasses, by name; read-only.

    Names must differ between the groups.
    """
    names: list[str] = []
    values: list[float] = []
    for group in groups:
        for each in fields(group):
            names.append(each.name)
            values.append(float(getattr(group, each.name)))
    row = np.array([tuple(values)], dtype=[(name, np.float64) for name in names])
    row.flags.writeable = False
    return row
