"""A sensor's readings over time, with and without a fault, as a small SVG."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from analysis.plots import canvas

_WIDTH_IN, _PANEL_IN = 4.6, 1.25


def readings_plot(
    at_s: Sequence[float], curves: Mapping[str, tuple[list[float], list[float]]], window_s: tuple[float, float]
) -> str:
    """One panel per quantity: the clean sensor thin, the faulty one bold, the fault's window (begin, end) shaded."""
    with canvas.drawing():
        height_in = 0.75 + _PANEL_IN * len(curves)
        figure = Figure(figsize=(_WIDTH_IN, height_in))
        panels = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
        figure.subplots_adjust(left=0.15, right=0.98, top=1.0 - 0.34 / height_in, bottom=0.4 / height_in, hspace=0.32)
        for panel, (name, (clean, faulty)) in zip(panels, curves.items(), strict=True):
            panel.axvspan(*window_s, color=canvas.FAULT, linewidth=0.0, label="the fault acts")
            panel.plot(at_s, faulty, color=canvas.TARGET, linewidth=1.8, label="with it")
            panel.plot(at_s, clean, color=canvas.EGO, linewidth=1.0, linestyle="--", label="without")
            panel.set_title(name, fontsize=8.0, pad=3.0)
            panel.margins(x=0.0)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper right", ncols=3, fontsize=7.0, borderaxespad=0.1)
        panels[-1].set_xlabel("time [s]")
        return canvas.svg_text(figure, "readings over time with and without the fault")
