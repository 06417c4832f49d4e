"""What a run meant: metrics from the truth, verdicts with their clause, reports a person can read.

Reads records (`sim.recording`) and truth; shares no code with the stack it judges. Never runs
anything, never reads scenario or fault files.
"""
