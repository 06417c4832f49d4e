"""Risk: dangers asserted on the tracks, one hazard per file over the same scene.

The table of hazards is `stack.risk.table`. It may import `stack.vocabulary` only; it never decides
what to do about a danger and shares no code with the judge's metrics.
"""

from stack.risk.stage import State, initial, row, step
from stack.risk.table import HAZARDS
from stack.risk.thresholds import Thresholds

__all__ = ["HAZARDS", "State", "Thresholds", "initial", "row", "step"]
