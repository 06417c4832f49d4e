"""Drawing on pictures: boxes with names, and panels that say what the stack thinks and does.

Pictures are (h, w, 3) RGB, 8 bit; places are pixels from the upper left. Colours are those of
`analysis.plots.canvas` where the two share a meaning; each meaning differs in brightness and in shape
too, so that a print in grey says the same. Nothing here measures anything.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.plots.birdseye import Bird, draw_bird
from analysis.plots.letters import DARK, LIGHT, QUIET, Colour, Image, band, cap_px, fitted, on, plate, sign, width_px
from analysis.plots.letters import write as _write

# By meaning: Okabe and Ito's colours, moved until each has its own brightness too.
MEANINGS: dict[str, Colour] = {
    "good": (12, 122, 90),
    "danger": (222, 58, 40),
    "fault": (208, 124, 110),
    "track": (86, 186, 243),
    "hazard": (248, 182, 38),
    "truth": (232, 236, 240),
}
# The same as letters on dark ground: brighter where the plate's colour would be too dark to read.
_INKS = MEANINGS | {"": LIGHT, "danger": (255, 122, 104), "good": (80, 214, 166)}
_TROUGH: Colour = (66, 75, 87)

SMALLEST_UNIT = 0.62  # below, letters could not be read: then there are fewer of them
CELL_UNITS = 124.0  # the least room for one figure
MOST_LABELS, MOST_LIFTS = 5, 3  # more words than these hide the road


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxMark:
    """A rectangle around something: left, top, right, bottom in px; `meaning` picks its colour."""

    left: float
    top: float
    right: float
    bottom: float
    label: str
    meaning: str
    thin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A bar under a figure: how full it is, what that means, and a notch to compare with; shares of the whole."""

    share: float
    meaning: str
    notch: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One figure of the panel: its name (`short` where there is little room), its value, what it means, its bar."""

    name: str
    value: str
    meaning: str = ""
    gauge: Gauge | None = None
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The run's time as a bar: where it is now, fault windows (begin, end, name), events (at, meaning); shares."""

    now: float
    windows: tuple[tuple[float, float, str], ...] = ()
    events: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What stands on the picture; of the figures, the most important first."""

    title: str
    clock: str
    mode: str
    mode_meaning: str
    entries: tuple[Entry, ...]
    message: str = ""
    message_meaning: str = ""
    faults: tuple[str, ...] = ()
    strip: Strip | None = None
    bird: Bird | None = None


def overlaid(image: Image, marks: tuple[BoxMark, ...], panel: Panel | None) -> Image:
    """A copy of the picture with boxes and panel drawn on it."""
    drawn = np.ascontiguousarray(image.copy())
    height, width = image.shape[:2]
    unit = max(min(width / 1280.0, height / 720.0), SMALLEST_UNIT)
    by_urgency = sorted(marks, key=lambda one: _URGENCY[one.meaning])
    for mark in by_urgency:
        _frame(drawn, mark, unit)
    taken: list[tuple[int, int, int, int]] = []
    for mark in reversed(by_urgency):
        if len(taken) < MOST_LABELS:
            _label(drawn, mark, unit, taken)
    if panel is not None:
        _panel(drawn, panel, unit)
    return drawn


def labelled(image: Image, text: str) -> Image:
    """A copy of the picture with a caption in its lower left corner."""
    drawn = np.ascontiguousarray(image.copy())
    height, width = image.shape[:2]
    size = max(9, round(height / 21))
    edge, pad = round(0.6 * size), round(0.55 * size)
    text = fitted(text, size, width - 2 * (edge + pad))
    base = height - edge - pad
    box = (edge, base - cap_px(size) - pad, edge + width_px(text, size) + 2 * pad, base + pad)
    plate(drawn, box, DARK, 0.74, radius=size // 3)
    _write(drawn, text, (edge + pad, base), size, LIGHT)
    return drawn


# -- boxes ----------------------------------------------------------------------------------------

_URGENCY = {"truth": 0, "track": 1, "fault": 1, "good": 1, "hazard": 2, "danger": 3}


def _frame(image: Image, mark: BoxMark, unit: float) -> None:
    """A thin outline, or brackets at the corners; for danger the whole outline, thick."""
    colour = MEANINGS[mark.meaning]
    far = 4 * max(image.shape)
    corners = (mark.left, mark.top, mark.right, mark.bottom)
    left, top, right, bottom = (round(min(max(value, -far), far)) for value in corners)
    if mark.thin:
        cv2.rectangle(image, (left, top), (right, bottom), colour, max(1, round(0.9 * unit)), cv2.LINE_AA)
        return
    small = min(right - left, bottom - top) < 26.0 * unit
    thick = max(1 if small else 2, round((1.4 if small else 2.4) * unit))
    if mark.meaning == "danger":
        cv2.rectangle(image, (left, top), (right, bottom), colour, thick, cv2.LINE_AA)
        return
    reach = max(4, round(0.28 * min(right - left, bottom - top)))
    for x, dx in ((left, reach), (right, -reach)):
        for y, dy in ((top, reach), (bottom, -reach)):
            bracket = np.array([(x + dx, y), (x, y), (x, y + dy)], dtype=np.int32)
            if not small:
                cv2.polylines(image, [bracket], False, DARK, thick + 2, cv2.LINE_AA)
            cv2.polylines(image, [bracket], False, colour, thick, cv2.LINE_AA)


def _label(image: Image, mark: BoxMark, unit: float, taken: list[tuple[int, int, int, int]]) -> None:
    """A box's words on a plate above it, or higher where a more urgent one stands; none if a crowd stands there."""
    if not mark.label:
        return
    height, width = image.shape[:2]
    size = max(9, round(13 * unit))
    pad, gap = max(2, round(4 * unit)), max(3, round(5 * unit))
    wide, high = width_px(mark.label, size, bold=True) + 2 * pad, cap_px(size) + 2 * pad
    left = round(min(max(mark.left, gap), max(width - wide - gap, gap)))
    top = round(mark.top) - gap - high
    lifts = 0
    for other in taken:
        if left < other[2] and other[0] < left + wide and top < other[3] and other[1] < top + high:
            top = other[1] - high - 2
            lifts += 1
    if lifts > MOST_LIFTS:
        return
    lowest = round(46 * unit)
    if top < lowest:
        top = round(min(max(mark.bottom + gap, lowest), height - high))
    box = (left, top, left + wide, top + high)
    taken.append(box)
    strong = mark.meaning in ("danger", "hazard")
    fill = MEANINGS[mark.meaning] if strong else DARK
    plate(image, box, fill, 0.92 if strong else 0.74, radius=round(3 * unit))
    ink = on(fill) if strong else _INKS[mark.meaning]
    _write(image, mark.label, (left + pad, box[3] - pad), size, ink, bold=True)


# -- the panel ------------------------------------------------------------------------------------


def _panel(image: Image, panel: Panel, unit: float) -> None:
    height, width = image.shape[:2]
    low = _figures(image, panel, unit)
    high = _heading(image, panel, unit)
    if panel.bird is not None and width >= 420 * unit and height >= 330 * unit:
        wide, tall, edge = round(188 * unit), round(252 * unit), round(12 * unit)
        bottom = height - low - edge
        draw_bird(image, (width - edge - wide, bottom - tall, width - edge, bottom), panel.bird, unit)
    below = high + round(12 * unit)
    if panel.message:
        size = round(25 * unit)
        text = fitted(panel.message, size, width - round(60 * unit), bold=True)
        box = sign(image, text, (width // 2, below + size), size, MEANINGS[panel.message_meaning])
        below = box[3] + round(8 * unit) if box[0] < round(300 * unit) else below
    _faults(image, panel.faults, below, unit)


def _heading(image: Image, panel: Panel, unit: float) -> int:
    """Title left; mode and clock right; how high the band is."""
    width = image.shape[1]
    high, edge = round(38 * unit), round(14 * unit)
    band(image, 0, high)
    size = round(16 * unit)
    base = high // 2 + cap_px(size) // 2
    clock_px = width_px(panel.clock, size)
    _write(image, panel.clock, (width - edge - clock_px, base), size, LIGHT)
    chip = round(13 * unit)
    half = width_px(panel.mode, chip, bold=True) // 2 + round(0.75 * chip)
    right = width - 2 * edge - max(clock_px, round(70 * unit))
    box = sign(image, panel.mode, (right - half, high // 2), chip, MEANINGS[panel.mode_meaning])
    _write(image, fitted(panel.title, size, box[0] - 2 * edge, bold=True), (edge, base), size, LIGHT, bold=True)
    return high


def _faults(image: Image, names: tuple[str, ...], top: int, unit: float) -> None:
    """One plate per fault at work, under each other on the left."""
    size, edge = round(13 * unit), round(14 * unit)
    pad, high = round(7 * unit), cap_px(size) + 2 * round(7 * unit)
    for name in names:
        text = fitted(f"fault  {name}", size, image.shape[1] - 4 * edge, bold=True)
        box = (edge, top, edge + width_px(text, size, bold=True) + 2 * pad + round(10 * unit), top + high)
        plate(image, box, MEANINGS["fault"], 0.92, radius=round(3 * unit))
        for x in range(box[0] + round(2 * unit), box[0] + round(11 * unit), max(3, round(4 * unit))):
            cv2.line(image, (x, box[3] - 3), (x + round(3 * unit), top + 3), DARK, max(1, round(unit)), cv2.LINE_AA)
        _write(image, text, (edge + pad + round(9 * unit), box[3] - pad), size, DARK, bold=True)
        top = box[3] + round(5 * unit)


def _figures(image: Image, panel: Panel, unit: float) -> int:
    """The figures side by side at the bottom, the strip of time below them; how high they stand."""
    height, width = image.shape[:2]
    shown = panel.entries[: max(int(width / (CELL_UNITS * unit)), 1)] if height >= 200 * unit else ()
    high = round((84 if shown else 22) * unit)
    top, edge = height - high, round(14 * unit)
    band(image, top, height)
    step = (width - edge) / max(len(shown), 1)
    for index, entry in enumerate(shown):
        left = edge + round(index * step)
        _figure(image, entry, (left, top, edge + round((index + 1) * step) - edge), unit)
    if panel.strip is not None:
        _strip(image, panel.strip, (edge, width - edge, height - round(12 * unit)), unit)
    return high


def _figure(image: Image, entry: Entry, place: tuple[int, int, int], unit: float) -> None:
    """A figure between left and right, from a top edge down: name, value, bar."""
    left, top, right = place
    small, large = max(9, round(11.5 * unit)), round(20 * unit)
    room = right - left
    name = entry.name if not entry.short or width_px(entry.name, small) <= room else entry.short
    _write(image, fitted(name, small, room), (left, top + round(18 * unit)), small, QUIET)
    value = fitted(entry.value, large, room, bold=True)
    _write(image, value, (left, top + round(42 * unit)), large, _INKS[entry.meaning], bold=True)
    if entry.gauge is None:
        return
    y, thick = top + round(53 * unit), max(3, round(6 * unit))
    plate(image, (left, y, right, y + thick), _TROUGH, 1.0, radius=thick // 2)
    full = left + round(min(max(entry.gauge.share, 0.0), 1.0) * room)
    plate(image, (left, y, full, y + thick), _INKS[entry.gauge.meaning], 1.0, radius=thick // 2)
    if entry.gauge.notch is not None:
        x = left + round(min(max(entry.gauge.notch, 0.0), 1.0) * room)
        half = max(1, round(1.2 * unit))
        cv2.rectangle(image, (x - half, y - half - 1), (x + half - 1, y + thick + half), LIGHT, -1)


def _strip(image: Image, strip: Strip, place: tuple[int, int, int], unit: float) -> None:
    """The run's time between left and right at a height."""
    left, right, y = place
    half, span = max(1, round(2 * unit)), right - left
    plate(image, (left, y - half, right, y + half + 1), _TROUGH, 1.0, radius=half)
    for begin, end, _name in strip.windows:
        first, last = left + round(begin * span), left + round(end * span)
        plate(image, (first, y - 2 * half, max(last, first + 2), y + 2 * half + 1), MEANINGS["fault"], 1.0, radius=1)
        for x in range(first + 2 * half, last - half, max(4, 4 * half)):  # hatched, for prints in grey
            cv2.line(image, (x, y + 2 * half), (x + 2 * half, y - 2 * half), DARK, 1, cv2.LINE_AA)
    for at, meaning in strip.events:
        centre, size = (left + round(at * span), y), max(3, round(5 * unit))
        diamond = np.array([(0, -size), (size, 0), (0, size), (-size, 0)], dtype=np.int32) + np.array(centre)
        cv2.fillConvexPoly(image, diamond.astype(np.int32), _INKS[meaning], cv2.LINE_AA)
        cv2.polylines(image, [diamond.astype(np.int32)], True, DARK, 1, cv2.LINE_AA)
    now, tall, thin = left + round(min(max(strip.now, 0.0), 1.0) * span), round(8 * unit), max(1, round(1.3 * unit))
    cv2.rectangle(image, (now - thin, y - tall), (now + thin, y + tall), LIGHT, -1)
