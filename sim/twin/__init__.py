"""The twin: Faultline's own world, exact to the nanosecond and equal in every byte when repeated.

Numba kernels move arrays of actors on a 10 ms grid that never shifts: single-track vehicles with air
or hydraulic brakes, traffic that follows and changes lanes, scripted targets, swept contact. It
imports `sim.layout`, `sim.truth`, `sim.randomness` and `stack.vocabulary`; it senses nothing, judges
nothing and draws no chance. Users take `sim.twin.world`, `sim.twin.vehicles`, `sim.twin.hulls` and
`sim.twin.credibility`; the other files are the kernels.
"""
