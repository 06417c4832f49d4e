"""The headline of a sweep: impact speed (km/h) against what was varied, with the closed form."""

import numpy as np
from matplotlib.axes import Axes

from analysis.plots import canvas
from analysis.sweeps import TOLERANCE_RATIO, ImpactFit, Sweep

_KMH = 3.6


def impact_curve(sweep: Sweep, code_version: str = "") -> str:
    """SVG of the points and, where there is one, the fitted curve with its tolerance band."""
    points = sorted(sweep.points, key=lambda point: point.value)
    code = f" · code {code_version[:12]}" if code_version else ""
    with canvas.drawing():
        figure, (panel,) = canvas.sheet([3.2])
        if sweep.fit is not None and points:
            _curve(panel, sweep.fit, points[0].value, points[-1].value)
        values = [point.value for point in points]
        impacts = [point.impact_mps * _KMH for point in points]
        panel.plot(values, impacts, color=canvas.TARGET, marker="o", ms=5.5, ls="", label="one run each")
        panel.set_xlabel(f"{sweep.name} [{sweep.unit}]")
        panel.set_ylabel("impact speed [km/h]")
        panel.set_ylim(bottom=-1.0)
        panel.legend(loc="upper left")
        canvas.headline(figure, f"Impact speed against {sweep.name} · {sweep.scenario}{code}")
        return canvas.svg_text(figure, f"Impact speed against {sweep.key} in {sweep.scenario}")


def _curve(panel: Axes, fit: ImpactFit, low: float, high: float) -> None:
    values = np.linspace(low, high, 241)
    curve = np.array([fit.impact_mps(float(value) * 1e-3) * _KMH for value in values])
    band = f"closed form ± {TOLERANCE_RATIO:.0%}"
    panel.fill_between(
        values, curve * (1 - TOLERANCE_RATIO), curve * (1 + TOLERANCE_RATIO), color=canvas.QUEUE, alpha=0.55, label=band
    )
    label = (
        f"√(2·a·v₀·(τ−τ₀)), a = {fit.deceleration_mps2:.2f} m/s², v₀ = {fit.initial_mps * _KMH:.1f} km/h, "
        f"τ₀ = {fit.latency_free_s * 1e3:.0f} ms"
    )
    panel.plot(values, curve, color=canvas.EGO, label=label)
