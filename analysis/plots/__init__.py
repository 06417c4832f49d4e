"""The only drawing: figures of a run and of a sweep as SVG text, the same bytes every time.

Imports matplotlib (its object interface, no screen and no global state) and the rest of `analysis`;
decides nothing and measures nothing of its own. Every figure states the run, its faults and seed,
the code version and units, and shades the fault window.
"""

from analysis.plots.impact_curve import impact_curve
from analysis.plots.timeline import timeline
from analysis.plots.top_down import top_down
from analysis.plots.waterfall_bars import waterfall_bars

__all__ = ["impact_curve", "timeline", "top_down", "waterfall_bars"]
