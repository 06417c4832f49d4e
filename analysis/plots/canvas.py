"""Sheets to draw on, the palette, and the way from a figure to deterministic SVG text.

Colours are those of Okabe and Ito (Color Universal Design, 2008), told apart in greyscale by
luminance and, besides, by line style or hatch. In the SVG each colour is a CSS variable with the
colour as its fallback, so that a page can turn the figure dark.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1a1f26"
FAINT = "#5b6573"
GRID = "#dde2e8"
PAPER = "#ffffff"
EGO = "#0072b2"
TARGET = "#d55e00"
OTHER = "#9aa4b1"
DEMAND = "#cc79a7"
GOOD = "#009e73"
WARNING = "#e69f00"
FAULT = "#f0c9c0"
QUEUE = "#c8d4e0"
TRANSPORT = "#56b4e9"

_VARIABLES = {
    INK: "--fig-ink",
    FAINT: "--fig-faint",
    GRID: "--fig-grid",
    PAPER: "--fig-paper",
    EGO: "--fig-ego",
    TARGET: "--fig-target",
    OTHER: "--fig-other",
    DEMAND: "--fig-demand",
    GOOD: "--fig-good",
    WARNING: "--fig-warning",
    FAULT: "--fig-fault",
    QUEUE: "--fig-queue",
    TRANSPORT: "--fig-transport",
}

WIDTH_IN, LEFT_IN, RIGHT_IN = 10.0, 1.15, 0.12
_TOP_IN, _BOTTOM_IN = 0.52, 0.5

_SETTINGS: Any = {
    "svg.hashsalt": "faultline",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": FAINT,
    "axes.labelsize": 8.5,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "text.color": INK,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "figure.facecolor": "none",
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
}


@contextmanager
def drawing() -> Iterator[None]:
    """The house style, for the length of one figure."""
    with mpl.rc_context(_SETTINGS):
        yield


def sheet(
    heights_in: Sequence[float], gap_in: float = 0.12, *, left_in: float = LEFT_IN, share_x: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure with stacked panels of these heights, exactly placed: no layout solver, so no chance in it."""
    count = len(heights_in)
    height_in = _TOP_IN + sum(heights_in) + gap_in * (count - 1) + _BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height_in))
    places = {
        "left": left_in / WIDTH_IN,
        "right": 1.0 - RIGHT_IN / WIDTH_IN,
        "top": 1.0 - _TOP_IN / height_in,
        "bottom": _BOTTOM_IN / height_in,
        "hspace": gap_in * count / sum(heights_in),
        "height_ratios": list(heights_in),
    }
    axes = figure.subplots(count, 1, sharex=share_x, squeeze=False, gridspec_kw=places)
    return figure, [panel for row in axes for panel in row]


def headline(figure: Figure, text: str) -> None:
    """The figure's title, left."""
    height_in = float(figure.get_figheight())
    figure.text(0.006, 1.0 - 0.08 / height_in, text, ha="left", va="top", fontsize=10.5, fontweight="bold", color=INK)


def svg_text(figure: Figure, described: str) -> str:
    """The figure as an SVG element for embedding: no metadata, no outside reference, no date."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
    text = re.sub(
        r' id="(?:figure|axes|patch|text|line2d|matplotlib\.axis|xtick|ytick|legend|\w+Collection)_\d+"', "", text
    )
    text = text.replace("xlink:href", "href")
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable}, {colour})")
    text = _renamed(text)
    opening = re.sub(r' (?:width|height)="[^"]*"', "", text[: text.index(">")])
    label = described.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'{opening} role="img" aria-label="{label}"' + text[text.index(">") :].rstrip() + "\n"


def _renamed(text: str) -> str:
    """References by order of appearance under a prefix from the content: equal every time, unique in a page."""
    names = list(dict.fromkeys(re.findall(r' id="([^"]+)"', text)))
    order = {name: f"@{index}" for index, name in enumerate(names)}
    text = re.sub(r'(?<= id=")[^"]+(?=")', lambda found: order[found.group()], text)
    text = re.sub(r"(?<=url\(#)[^)]+(?=\))", lambda found: order[found.group()], text)
    text = re.sub(r'(?<= href="#)[^"]+(?=")', lambda found: order[found.group()], text)
    prefix = "f" + blake2b(text.encode(), digest_size=4).hexdigest() + "-"
    return re.sub(r'(?<=[#"])@(?=\d)', prefix, text)


def standalone(svg: str) -> str:
    """An embedded figure as a file of its own."""
    names = 'xmlns="http://www.w3.org/2000/svg" '
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + svg.replace("<svg ", f"<svg {names}", 1)
