"""The one geometry of a run: what camera, lidar and radar all meet.

The map's still things once (`still`), every actor's body (`bodies`), and both posed at a moment
(`scene`). World frame and metres; a body's frame has its origin on the ground below the centre of its
outline, x forward, y left, z up. This folder imports `sim.truth`, `sim.layout`, `sim.road`,
`sim.randomness` and the vocabulary; it knows no sensor and no world, so any world's truth can be seen.
"""
