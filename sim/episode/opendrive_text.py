"""OpenDRIVE texts looked at before anybody reads them: their size, and what `carla.Map` would read as no place at all.

A clothoid whose curvature does not change, and an arc without curvature, are legal and common in generated
maps; `carla.Map` gives NaN for every place on them. They are written as the arc or the line that they are.
"""

import re
from math import inf, isfinite
from typing import Final
from xml.etree import ElementTree

_PIECE: Final = re.compile(r"<(spiral|arc)\b([^>]*?)(/>|>\s*</\1\s*>)")
_CURVATURE: Final = re.compile(r"\b(curvStart|curvEnd|curvature)\s*=\s*[\"']([^\"']*)[\"']")
ALIKE_RADPM: Final = 1e-9  # curvatures nearer than this are one: below it single precision tells nothing (own)


def lanes_m(xodr: str) -> float:
    """How long all lanes of a text are together, by what it says of its roads; infinite for what is no number."""
    total_m = 0.0
    for road in ElementTree.fromstring(xodr).iterfind("road"):
        try:
            length_m = float(road.get("length", "0"))
        except ValueError:
            return inf
        lanes = max((sum(1 for _ in section.iter("lane")) for section in road.iter("laneSection")), default=0)
        total_m += length_m * lanes if isfinite(length_m) else inf
    return total_m


def mended(xodr: str) -> tuple[str, tuple[str, ...]]:
    """The text to read, and what was mended in it."""
    count = 0

    def mend(piece: re.Match[str]) -> str:
        nonlocal count
        again = _as_it_is(piece)
        count += again != piece.group(0)
        return again

    text = _PIECE.sub(mend, xodr)
    if not count:
        return xodr, ()
    return text, (f"{count} clothoids or arcs of constant curvature are written as arcs and lines",)


def _as_it_is(piece: re.Match[str]) -> str:
    try:
        values = {key: float(value) for key, value in _CURVATURE.findall(piece.group(2))}
    except ValueError:
        return piece.group(0)
    if piece.group(1) == "spiral":
        if not {"curvStart", "curvEnd"} <= values.keys() or abs(values["curvEnd"] - values["curvStart"]) > ALIKE_RADPM:
            return piece.group(0)
        curvature = 0.5 * (values["curvStart"] + values["curvEnd"])
    else:
        if abs(values.get("curvature", 1.0)) > ALIKE_RADPM:
            return piece.group(0)
        curvature = 0.0
    return "<line/>" if abs(curvature) <= ALIKE_RADPM else f'<arc curvature="{curvature!r}"/>'
