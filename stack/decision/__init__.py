"""Decision: what to do about the hazards, what the stack's own health permits, and why.

Takes hazards, sensor checks, motion, actuator status and host events; gives one manoeuvre per job
and, at every change, the decision with its evidence, the mode and the diagnoses. Imports the
vocabulary only. It never reads a clock, never draws chance, and never releases a brake because a
message was lost.
"""

from stack.decision.stage import row
from stack.decision.thresholds import Thresholds, thresholds_for

__all__ = ["Thresholds", "row", "thresholds_for"]
