"""What happens, and the command line: scenario and suite files, maps, wiring of runs, campaigns.

This room sees every other one and assembles them; `scenarios.assembly` is the one place that wires
a run. It holds no physics, no detection and no judgement of its own.
"""
