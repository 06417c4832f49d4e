"""The latency waterfall of the deciding message: what each part of the journey took (ms)."""

from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from analysis.plots import canvas
from analysis.waterfalls import WaterfallRow
from stack.vocabulary import NS_PER_MS

_KINDS = {
    "sensor": ("sensor", canvas.GOOD, ""),
    "transport": ("transport", canvas.TRANSPORT, ".."),
    "queue": ("waiting in a queue", canvas.QUEUE, "///"),
    "run": ("computing", canvas.EGO, ""),
    "vehicle": ("actuator and brakes", canvas.TARGET, ""),
}
_SHOWN_FROM_MS = 0.01  # shorter groups would be a label without a bar
_LABELLED_RATIO = 0.16  # share of the whole from which a span carries its name


def waterfall_bars(rows: tuple[WaterfallRow, ...], title: str = "Latency of the deciding message") -> str:
    """SVG: above the whole way to felt deceleration, below the part that computing decides."""
    origin = rows[0].from_ns if rows else 0
    groups = [(name, list(parts)) for name, parts in groupby(rows, key=lambda row: row.label.split(": ")[0])]
    detail = [(name, parts) for name, parts in groups if name != "brakes" and _length_ms(parts) >= _SHOWN_FROM_MS]
    with canvas.drawing():
        figure, panels = canvas.sheet([0.4, 0.27 * max(len(detail), 1) + 0.1], 0.6)
        _overview(panels[0], rows, origin)
        _detail(panels[1], detail, origin)
        canvas.headline(figure, title)
        return canvas.svg_text(figure, title)


def _length_ms(parts: list[WaterfallRow]) -> float:
    return (parts[-1].to_ns - parts[0].from_ns) / NS_PER_MS


def _bar(panel: Axes, lane: float, row: WaterfallRow, origin: int, height: float) -> None:
    _name, colour, hatch = _KINDS[row.kind]
    begins_ms, length_ms = (row.from_ns - origin) / NS_PER_MS, (row.to_ns - row.from_ns) / NS_PER_MS
    panel.barh(
        lane, length_ms, left=begins_ms, height=height, color=colour, hatch=hatch, edgecolor=canvas.PAPER, lw=0.3
    )


def _overview(panel: Axes, rows: tuple[WaterfallRow, ...], origin: int) -> None:
    for row in rows:
        _bar(panel, 0.0, row, origin, 0.7)
    total_ms = (rows[-1].to_ns - origin) / NS_PER_MS if rows else 0.0
    for row in rows:
        length_ms = (row.to_ns - row.from_ns) / NS_PER_MS
        if length_ms >= _LABELLED_RATIO * total_ms:
            middle_ms = (0.5 * (row.from_ns + row.to_ns) - origin) / NS_PER_MS
            text = f"{row.label.split(': ')[-1]} {length_ms:.1f} ms"
            panel.text(middle_ms, 0.0, text, color=canvas.PAPER, ha="center", va="center", fontsize=8.0)
    panel.set_yticks([0.0], ["all"])
    panel.set_ylim(-0.5, 0.5)
    panel.set_xlim(0.0, max(total_ms, 1.0) * 1.02)
    panel.grid(False, axis="y")
    panel.set_title(f"exposure to {_last_word(rows)}: {total_ms:.1f} ms")


def _last_word(rows: tuple[WaterfallRow, ...]) -> str:
    if not rows:
        return "nothing"
    return {"brakes: build-up to half": "felt braking", "brakes: dead time": "brake onset"}.get(
        rows[-1].label, "brakes"
    )


def _detail(panel: Axes, groups: list[tuple[str, list[WaterfallRow]]], origin: int) -> None:
    for lane, (_name, parts) in enumerate(groups):
        for row in parts:
            _bar(panel, lane, row, origin, 0.62)
        panel.annotate(
            _durations(parts),
            ((parts[-1].to_ns - origin) / NS_PER_MS, lane),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.0,
        )
    end_ms = (groups[-1][1][-1].to_ns - origin) / NS_PER_MS if groups else 1.0
    panel.set_yticks(range(len(groups)), [name.replace("_", " ") for name, _parts in groups])
    panel.set_ylim(len(groups) - 0.4, -0.6)
    panel.set_xlim(0.0, end_ms * 1.22)
    panel.set_xlabel("time since the exposure's midpoint [ms]")
    panel.set_title(f"exposure to the demand at the brakes: {end_ms:.1f} ms")
    panel.grid(False, axis="y")
    used = [kind for kind in _KINDS if any(row.kind == kind for _name, parts in groups for row in parts)]
    handles = [
        Patch(facecolor=_KINDS[k][1], hatch=_KINDS[k][2], edgecolor=canvas.PAPER, label=_KINDS[k][0]) for k in used
    ]
    panel.legend(handles=handles, loc="upper right", ncols=1)


def _durations(parts: list[WaterfallRow]) -> str:
    shown = [f"{(row.to_ns - row.from_ns) / NS_PER_MS:.2f}" for row in parts if row.to_ns > row.from_ns]
    return (" + ".join(shown) or "0.00") + " ms"
