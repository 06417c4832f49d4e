"""Straight lines through a run's geometry: what a laser, a radar's wave front or a test's eye meets first.

`tree` finds the first front face a ray meets in any set of triangles; `caster` casts rays through the
map and all bodies, either quickly at any instant (`Caster.cast`) or exactly at a posed moment
(`Caster.cast_moment`); `splat` answers all rays of a spinning lidar at once by drawing triangles onto
its grid. All give float64 distances in the world's metres and see front faces only. This folder
imports `sim.scenery` and numba; it knows no sensor, no weather and no chance.
"""
