"""Ingest: what a delivered sensor message is worth before anyone uses it.

Checks sequence, age, repetition and plausibility of every message of radar, camera and ego motion,
passes on what may be used and reports one finding per message. It may import `stack.vocabulary`
only; it never judges a sensor's health over time (decision's health monitor does) and never changes
a payload.
"""

from stack.ingest.stage import State, initial, row, step
from stack.ingest.thresholds import Thresholds

__all__ = ["State", "Thresholds", "initial", "row", "step"]
