"""What a run meant: metrics from the truth, verdicts with their clause, reports a person can read.

Reads records (`sim.recording`) and truth; shares no code with the stack it judges. Never runs
anything, never reads scenario or fault files.

Doors: `criteria`, `verdict` (judge, exit code), `fault_times`, `rows`, `documents`, `measurements`,
`ledgers`, `waterfalls`, `sweeps`, `metrics`, and, with drawing, `plots` and `report`. This file imports
none of them, so that a command line that only lists scenarios loads no drawing.
"""
