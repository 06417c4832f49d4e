"""The run over time: events, speed, gap, time to collision, deceleration and the ladder, one under the other.

Time in s on every panel; speeds in km/h, gaps in m, TTC in s, deceleration in m/s². Fault windows
are shaded through all panels.
"""

import numpy as np
from matplotlib.axes import Axes

from analysis.encounters import Encounter, encounter
from analysis.interventions import EMERGENCY_DEMAND_MPS2, applied_requests
from analysis.moments import Moment, all_moments, fault_windows
from analysis.plots import canvas
from sim.recording import RunRecord
from sim.truth import BRAKE, EGO, SPEED
from stack.vocabulary import Mode

_TTC_SHOWN_S = 6.0
_KMH = 3.6
_COLOURS = {
    "functional": canvas.FAINT,
    "warning": canvas.WARNING,
    "braking": canvas.TARGET,
    "diagnosis": canvas.DEMAND,
    "mode": canvas.GOOD,
    "contact": canvas.INK,
}
_LADDER = (Mode.OFF, Mode.WARN_ONLY, Mode.RADAR_ONLY, Mode.CAMERA_ONLY, Mode.MINIMAL_RISK, Mode.NOMINAL)
_MARKED = frozenset({"warning", "braking", "contact", "functional"})  # drawn through all panels


def timeline(record: RunRecord, target: str, code_version: str = "") -> str:
    """SVG of a run over time; `target` may be empty."""
    moments = all_moments(record)
    modes = _mode_bands(record)
    used = [mode for mode in _LADDER if any(band[0] is mode for band in modes)]
    lanes = len(moments) + len(fault_windows(record))
    heights = [0.2 * max(lanes, 1) + 0.1, 1.15, 1.0, 1.0, 1.15, 0.19 * len(used) + 0.25]
    with canvas.drawing():
        figure, panels = canvas.sheet(heights, share_x=True)
        _events(panels[0], record, moments)
        meeting = encounter(record, target) if target else None
        _speed(panels[1], record, meeting)
        _gap(panels[2], meeting)
        _time_to_collision(panels[3], meeting)
        _deceleration(panels[4], record)
        _ladder(panels[5], modes, used)
        for panel in panels:
            _shade(panel, record)
        for panel in panels[1:]:
            _mark(panel, moments)
            panel.tick_params(axis="x", length=0.0 if panel is not panels[-1] else 3.0)
        panels[0].tick_params(axis="x", length=0.0)
        panels[0].set_xlim(0.0, record.ended_at * 1e-9)
        panels[-1].set_xlabel("time since the run began [s]")
        for panel in panels:
            panel.yaxis.set_label_coords(-0.088, 0.5)
        canvas.headline(figure, caption(record, "Timeline", code_version))
        return canvas.svg_text(figure, f"Timeline of {record.run_id}")


def caption(record: RunRecord, what: str, code_version: str) -> str:
    """What a figure shows: run, faults, seed, code version."""
    faults = ", ".join(fault.name for fault in record.faults) or "no faults"
    code = f" · code {code_version[:12]}" if code_version else ""
    return f"{what} · {record.run_id.split('+')[0].split('#')[0]} · {faults} · seed {record.seed}{code}"


def _events(panel: Axes, record: RunRecord, moments: tuple[Moment, ...]) -> None:
    end_s = record.ended_at * 1e-9
    windows = fault_windows(record)
    panel.set_ylim(len(moments) + len(windows) - 0.3, -0.7)
    panel.set_yticks([])
    panel.grid(False)
    panel.spines["left"].set_visible(False)
    for lane, (name, begins, ends) in enumerate(windows):
        panel.plot([begins * 1e-9, ends * 1e-9], [lane, lane], color=canvas.TARGET, lw=4.0, solid_capstyle="butt")
        _beside(
            panel, begins * 1e-9, ends * 1e-9, lane, f"fault {name} {begins * 1e-9:.2f} to {ends * 1e-9:.2f} s", end_s
        )
    for lane, moment in enumerate(moments, start=len(windows)):
        at_s = moment.at * 1e-9
        colour = _COLOURS.get(moment.kind, canvas.INK)
        panel.plot([at_s], [lane], marker="o", ms=5.0, color=colour)
        if moment.kind in _MARKED:
            style = ":" if moment.kind == "functional" else "-"
            panel.plot([at_s, at_s], [lane, panel.get_ylim()[0]], color=colour, lw=0.9, ls=style, zorder=1)
        _beside(panel, at_s, at_s, lane, f"{moment.label} {at_s:.3f} s", end_s)


def _beside(panel: Axes, left_s: float, right_s: float, lane: int, text: str, end_s: float) -> None:
    """Text right of a mark, or left of it where the panel ends."""
    fits = right_s < 0.68 * end_s
    at = right_s if fits else left_s
    panel.annotate(
        text,
        (at, lane),
        xytext=(7 if fits else -7, 0),
        textcoords="offset points",
        va="center",
        ha="left" if fits else "right",
        fontsize=8.0,
    )


def _speed(panel: Axes, record: RunRecord, meeting: Encounter | None) -> None:
    at_s = record.truth_at * 1e-9
    panel.plot(at_s, record.truth[:, EGO, SPEED] * _KMH, color=canvas.EGO, label="ego")
    if meeting is not None:
        other = meeting.other_speed_mps * _KMH
        panel.plot(meeting.at_ns * 1e-9, other, color=canvas.TARGET, ls="--", label=f"{meeting.name}, along ego axis")
    panel.set_ylabel("speed\n[km/h]")
    panel.set_ylim(bottom=min(0.0, panel.get_ylim()[0]), top=max(panel.get_ylim()[1], 5.0))
    panel.legend(loc="lower left", ncols=2)


def _gap(panel: Axes, meeting: Encounter | None) -> None:
    panel.set_ylabel("gap\n[m]")
    if meeting is None or not meeting.at_ns.size:
        return
    panel.plot(meeting.at_ns * 1e-9, meeting.gap_m, color=canvas.EGO)
    panel.set_ylim(0.0, max(float(meeting.gap_m.max()) * 1.05, 1.0))
    lowest = int(np.argmin(meeting.gap_m))
    at_s, gap_m = float(meeting.at_ns[lowest]) * 1e-9, float(meeting.gap_m[lowest])
    panel.plot([at_s], [gap_m], marker="o", ms=4.5, color=canvas.INK, clip_on=False)
    panel.annotate(
        f"{gap_m:.2f} m", (at_s, gap_m), xytext=(-4, 7), textcoords="offset points", ha="right", fontsize=8.0
    )


def _time_to_collision(panel: Axes, meeting: Encounter | None) -> None:
    panel.set_ylabel("TTC\n[s]")
    panel.set_ylim(0.0, _TTC_SHOWN_S)
    if meeting is None:
        return
    ttc = meeting.time_to_collision(in_path_only=False)
    shown = np.where(ttc.valid & (ttc.values <= _TTC_SHOWN_S), ttc.values, np.nan)
    panel.plot(meeting.at_ns * 1e-9, shown, color=canvas.EGO)


def _deceleration(panel: Axes, record: RunRecord) -> None:
    applied = applied_requests(record)
    at_s = [entry.applied_at * 1e-9 for entry in applied]
    demand = [entry.demand_mps2 for entry in applied]
    if applied:
        steps_s, steps = [*at_s, record.ended_at * 1e-9], [*demand, demand[-1]]
        panel.step(steps_s, steps, where="post", color=canvas.DEMAND, ls="--", label="demand at the brakes")
    panel.plot(record.truth_at * 1e-9, record.truth[:, EGO, BRAKE], color=canvas.TARGET, label="brake deceleration")
    panel.axhline(EMERGENCY_DEMAND_MPS2, color=canvas.FAINT, lw=0.8, ls=":")
    panel.set_ylim(-0.3, max(panel.get_ylim()[1], EMERGENCY_DEMAND_MPS2 + 1.0))
    panel.set_ylabel("braking\n[m/s²]")
    panel.legend(loc="upper left", ncols=2)


def _mode_bands(record: RunRecord) -> list[tuple[Mode, float, float]]:
    """Mode, begin and end in s."""
    bands: list[tuple[Mode, float, float]] = []
    mode, since = record.modes[0].payload.before if record.modes else Mode.NOMINAL, 0.0
    for message in record.modes:
        at_s = message.published_at * 1e-9
        bands.append((mode, since, at_s))
        mode, since = message.payload.after, at_s
    bands.append((mode, since, record.ended_at * 1e-9))
    return [band for band in bands if band[2] > band[1]]


def _ladder(panel: Axes, bands: list[tuple[Mode, float, float]], used: list[Mode]) -> None:
    for mode, begins_s, ends_s in bands:
        colour = canvas.GOOD if mode is Mode.NOMINAL else canvas.WARNING
        panel.barh(used.index(mode), ends_s - begins_s, left=begins_s, height=0.62, color=colour)
    panel.set_yticks(range(len(used)), [mode.value.replace("_", " ") for mode in used])
    panel.set_ylim(-0.6, len(used) - 0.4)
    panel.set_ylabel("mode")
    panel.grid(False, axis="y")


def _shade(panel: Axes, record: RunRecord) -> None:
    for _name, begins, ends in fault_windows(record):
        panel.axvspan(begins * 1e-9, ends * 1e-9, color=canvas.FAULT, alpha=0.45, lw=0.0, zorder=0)


def _mark(panel: Axes, moments: tuple[Moment, ...]) -> None:
    for moment in moments:
        if moment.kind in _MARKED:
            style = ":" if moment.kind == "functional" else "-"
            panel.axvline(moment.at * 1e-9, color=_COLOURS[moment.kind], lw=0.9, ls=style, zorder=1)
