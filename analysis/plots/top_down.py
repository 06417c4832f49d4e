"""The critical moments from above: boxes in the ego frame (origin at its front edge, x ahead, y left, m)."""

from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from analysis.checks import contact_speed_mps
from analysis.encounters import Encounter, ego_contact, encounter
from analysis.metrics.geometry import outline_corners_m, points_in_frame_m
from analysis.metrics.measured import Floats
from analysis.metrics.warning_lead import value_at
from analysis.moments import Moment
from analysis.plots import canvas
from analysis.plots.timeline import caption
from sim.recording import RunRecord
from sim.truth import EGO, LATERAL_SPEED, SPEED, YAW

_BEHIND_M = 12.0
_AHEAD_MAX_M = 180.0
_BESIDE_M = 5.0
_BESIDE_MAX_M = 12.0
_KMH = 3.6


def top_down(record: RunRecord, moments: tuple[Moment, ...], target: str, code_version: str = "") -> str:
    """SVG with one strip per moment, all on the same scale; arrows show the way of one second."""
    frames = [(moment, _index(record, moment)) for moment in moments]
    boxes = [_local_boxes(record, index) for _moment, index in frames]
    row = record.roster.names.index(target) if target else -1
    ahead, beside = _extent(boxes, row)
    strip_in = (canvas.WIDTH_IN - 2.0 * canvas.RIGHT_IN) * 2.0 * beside / (ahead + _BEHIND_M)
    meeting = encounter(record, target) if target else None
    with canvas.drawing():
        figure, panels = canvas.sheet([strip_in] * max(len(frames), 1), 0.38, left_in=canvas.RIGHT_IN, share_x=True)
        for panel, (moment, index), corners in zip(panels, frames, boxes, strict=False):
            _strip(panel, record, corners, index, row)
            if meeting is not None:
                _gap_line(panel, meeting, index, corners[row], ahead)
            panel.set_title(_strip_title(record, moment, index, meeting))
            panel.set_xlim(-_BEHIND_M, ahead)
            panel.set_ylim(-beside, beside)
            panel.set_aspect("equal", adjustable="box")
            panel.set_yticks([])
        panels[-1].set_xlabel("distance ahead of the ego's front edge [m]")
        canvas.headline(figure, caption(record, "Critical moments", code_version))
        return canvas.svg_text(figure, f"Critical moments of {record.run_id} from above")


def _index(record: RunRecord, moment: Moment) -> int:
    return max(int(np.searchsorted(record.truth_at, moment.at, side="right")) - 1, 0)


def _front(record: RunRecord, index: int) -> Floats:
    """The ego frame at a sample, (1, 3)."""
    x_m, y_m, yaw = (float(value) for value in record.truth[index, EGO, :3])
    half_m = 0.5 * float(record.roster.size_m[EGO, 0])
    return np.array([[x_m + half_m * np.cos(yaw), y_m + half_m * np.sin(yaw), yaw]])


def _local_boxes(record: RunRecord, index: int) -> list[Floats]:
    """Corners (4, 2) of every actor in the ego frame."""
    front = _front(record, index)
    boxes = []
    for row in range(len(record.roster.names)):
        length_m, width_m = (float(value) for value in record.roster.size_m[row, :2])
        corners = outline_corners_m(record.truth[index : index + 1, row, :3], length_m, width_m)
        boxes.append(points_in_frame_m(front, corners)[0])
    return boxes


def _extent(boxes: list[list[Floats]], row: int) -> tuple[float, float]:
    """How far to draw ahead and to each side, so that the target is in every strip."""
    if row < 0:
        return 60.0, _BESIDE_M
    ahead = max(float(corners[row][:, 0].max()) for corners in boxes) + 6.0
    beside = max(float(np.abs(corners[row][:, 1]).max()) for corners in boxes) + 1.0
    reach = min(max(ahead, 30.0), _AHEAD_MAX_M)
    return float(ceil(reach / 5.0) * 5.0), min(max(beside, _BESIDE_M), _BESIDE_MAX_M)


def _strip(panel: Axes, record: RunRecord, boxes: list[Floats], index: int, target_row: int) -> None:
    half_m = 0.5 * float(record.roster.size_m[EGO, 1])
    panel.axhspan(-half_m, half_m, color=canvas.QUEUE, alpha=0.35, lw=0.0, zorder=0)
    for row, corners in enumerate(boxes):
        colour = canvas.EGO if row == EGO else canvas.TARGET if row == target_row else canvas.OTHER
        panel.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor=canvas.INK, lw=0.8, alpha=0.9))
        if row in (EGO, target_row):
            _arrow(panel, record, corners, index, row)
    panel.text(-5.0, 0.0, "ego", color=canvas.PAPER, ha="center", va="center", fontsize=8.0, fontweight="bold")
    if target_row >= 0:
        x_m, y_m = boxes[target_row][:, 0].mean(), boxes[target_row][:, 1].max()
        panel.annotate(
            record.roster.names[target_row],
            (float(x_m), float(y_m)),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=8.0,
        )


def _arrow(panel: Axes, record: RunRecord, corners: Floats, index: int, row: int) -> None:
    """Ground velocity in the ego frame, the way of one second, from the middle of the front edge."""
    state = record.truth[index, row]
    turn = float(state[YAW] - record.truth[index, EGO, YAW])
    forward, left = float(state[SPEED]), float(state[LATERAL_SPEED])
    step = (forward * np.cos(turn) - left * np.sin(turn), forward * np.sin(turn) + left * np.cos(turn))
    if np.hypot(*step) < 0.3:
        return
    start = corners[[0, 3]].mean(axis=0)
    tip = (float(start[0] + step[0]), float(start[1] + step[1]))
    style = {"arrowstyle": "-|>", "color": canvas.INK, "lw": 1.1, "shrinkA": 0.0, "shrinkB": 0.0}
    panel.annotate("", xy=tip, xytext=(float(start[0]), float(start[1])), arrowprops=style, annotation_clip=True)


def _gap_line(panel: Axes, meeting: Encounter, index: int, corners: Floats, reach_m: float) -> None:
    """The distance along the ego's axis, drawn as a dimension below the boxes, as far as the strip goes."""
    if index >= meeting.at_ns.size or not meeting.ahead[index] or meeting.ahead_m[index] < 1.0:
        return
    gap_m = float(meeting.ahead_m[index])
    near_m = min(gap_m, reach_m)
    low = min(float(corners[:, 1].min()), -1.25) - 0.9
    style = {"arrowstyle": "|-|,widthA=0.25,widthB=0.25", "color": canvas.FAINT, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
    panel.annotate("", xy=(near_m, low), xytext=(0.0, low), arrowprops=style)
    panel.annotate(
        f"{gap_m:.1f} m" + (" to a target beyond" if gap_m > reach_m else ""),
        (0.5 * near_m, low),
        xytext=(0, -2),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=8.0,
        color=canvas.INK,
    )


def _strip_title(record: RunRecord, moment: Moment, index: int, meeting: Encounter | None) -> str:
    """Speeds are those before contact: afterwards the hulls share one."""
    contact = ego_contact(record)
    if moment.kind == "contact" and contact is not None:
        impact = contact_speed_mps(record, contact) * _KMH
        return f"{moment.label} · {moment.at * 1e-9:.2f} s · impact {impact:.1f} km/h"
    shown = index if meeting is None else min(index, meeting.at_ns.size - 1)
    text = f"{moment.label} · {moment.at * 1e-9:.2f} s · ego {record.truth[shown, EGO, SPEED] * _KMH:.1f} km/h"
    if meeting is None:
        return text
    text += f" · {meeting.name} {meeting.other_speed_mps[shown] * _KMH:.1f} km/h"
    ttc = value_at(meeting.time_to_collision(in_path_only=False), meeting.at_ns, int(moment.at))
    return text + (f" · TTC {ttc.value:.2f} s" if ttc.valid and np.isfinite(ttc.value) else "")
