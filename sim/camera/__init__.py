"""The camera: from a moment of the scenery to radiance, depth and ids, and on to what leaves the imager.

`renderer` draws what light reaches the lens (`picture`), exactly and repeatably on the CPU; `imager`
turns it into numbers as a sensor would: exposure, blur, noise, read-out, coding. Between the two lie
the imaging faults (`sim.attachments.Imaging`). This folder imports `sim.scenery`, `sim.truth`,
`sim.randomness` and the vocabulary; it knows no run and no stack.
"""
