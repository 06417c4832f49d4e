"""Looking at runs: single pictures, stills for reports, videos, and the gallery.

Everything here draws from a finished run's truth, so looking changes nothing. Drawing on pictures is
`analysis.plots`' job; this package chooses what is shown and writes it.
"""
