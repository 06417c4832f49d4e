"""Actuation: from the chosen manoeuvre to a protected brake request and a change of the driver's warning.

Limits demand and its rise, keeps the newest manoeuvre where several compete, counts and protects each
request. Imports the vocabulary only. It decides nothing: it can make a demand smaller or later, never
larger, and it has no deadman (that lives in the actuator, which survives this stack).
"""

from stack.actuation.stage import row
from stack.actuation.thresholds import Thresholds

__all__ = ["Thresholds", "row"]
