"""Letters and plates on pictures: smooth text of any size, and the dark rounded plates it stands on.

Pictures are (h, w, 3) RGB, 8 bit; places are pixels from the upper left. What falls outside the picture
is cut off. The typeface is DejaVu Sans as matplotlib ships it: its digits are equally wide, so running
figures stand still.
"""

from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Sheet
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Colour = tuple[int, int, int]

DARK: Colour = (15, 19, 25)
LIGHT: Colour = (238, 242, 246)
QUIET: Colour = (168, 178, 190)
ELLIPSIS = "…"


@lru_cache(maxsize=64)
def _font(size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def _letters(text: str, size_px: int, bold: bool) -> tuple[Mask, int]:
    """How much of each pixel the letters cover, and the row of their base line in it."""
    font = _font(size_px, bold)
    ascent, descent = font.getmetrics()
    sheet = Sheet.new("L", (max(1, int(np.ceil(font.getlength(text)))) + 1, ascent + descent))
    ImageDraw.Draw(sheet).text((0, ascent), text, font=font, fill=255, anchor="ls")
    mask = np.asarray(sheet, dtype=np.uint8)
    mask.setflags(write=False)
    return mask, ascent


def width_px(text: str, size_px: int, *, bold: bool = False) -> int:
    """How wide a text comes out."""
    return int(np.ceil(_font(size_px, bold).getlength(text)))


def cap_px(size_px: int) -> int:
    """How high its capitals and digits are: 0.729 of the size in DejaVu Sans."""
    return round(0.729 * size_px)


def fitted(text: str, size_px: int, room_px: int, *, bold: bool = False) -> str:
    """The text, its end left out if it is wider than the room; nothing if not even a letter fits."""
    if width_px(text, size_px, bold=bold) <= room_px:
        return text
    kept = text
    while kept and width_px(kept + ELLIPSIS, size_px, bold=bold) > room_px:
        kept = kept[:-1]
    return kept + ELLIPSIS if kept else ""


def write(image: Image, text: str, at: tuple[int, int], size_px: int, colour: Colour, *, bold: bool = False) -> None:
    """Write from `at`: the left end of the base line."""
    mask, ascent = _letters(text, size_px, bold)
    lay(image, mask, (at[0], at[1] - ascent), colour)


def lay(image: Image, mask: Mask, at: tuple[int, int], colour: Colour, share: float = 1.0) -> None:
    """Lay a colour over the picture where a mask, its upper left corner at `at`, says how much of it."""
    left, top = max(at[0], 0), max(at[1], 0)
    right, bottom = min(at[0] + mask.shape[1], image.shape[1]), min(at[1] + mask.shape[0], image.shape[0])
    if left >= right or top >= bottom:
        return
    part = image[top:bottom, left:right]
    cover = mask[top - at[1] : bottom - at[1], left - at[0] : right - at[0], None].astype(np.int32)
    weight = cover * round(256.0 * share)
    part[:] = part + (np.array(colour, dtype=np.int32) - part) * weight // (255 * 256)


@lru_cache(maxsize=256)
def _rounded(width: int, height: int, radius: int) -> Mask:
    """A rectangle with round corners, its edge smooth."""
    fine = 4
    mask = np.zeros((height * fine, width * fine), dtype=np.uint8)
    reach = min(radius, width // 2, height // 2) * fine
    cv2.rectangle(mask, (0, reach), (width * fine - 1, height * fine - 1 - reach), 255, -1)
    cv2.rectangle(mask, (reach, 0), (width * fine - 1 - reach, height * fine - 1), 255, -1)
    for x in (reach, width * fine - 1 - reach):
        for y in (reach, height * fine - 1 - reach):
            cv2.circle(mask, (x, y), reach, 255, -1)
    small = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    small.setflags(write=False)
    return small


def plate(
    image: Image, box: tuple[int, int, int, int], colour: Colour = DARK, share: float = 0.72, radius: int = 6
) -> None:
    """A see-through plate with round corners: left, top, right, bottom (exclusive)."""
    left, top, right, bottom = box
    if right - left < 1 or bottom - top < 1:
        return
    lay(image, _rounded(right - left, bottom - top, radius), (left, top), colour, share)


def band(image: Image, top: int, bottom: int, share: float = 0.72, colour: Colour = DARK) -> None:
    """Darken whole rows of the picture, edge to edge."""
    part = image[max(top, 0) : max(bottom, 0)]
    if part.size:
        flat = np.full_like(part, colour)
        part[:] = cv2.addWeighted(part, 1.0 - share, flat, share, 0.0)


def sign(
    image: Image, text: str, middle: tuple[int, int], size_px: int, fill: Colour, *, share: float = 0.94
) -> tuple[int, int, int, int]:
    """Bold text on a coloured plate about a middle point; the letters dark or light by the plate. Its box."""
    wide, high = width_px(text, size_px, bold=True), cap_px(size_px)
    pad_x, pad_y = round(0.75 * size_px), round(0.45 * size_px)
    left, top = middle[0] - wide // 2 - pad_x, middle[1] - high // 2 - pad_y
    box = (left, top, left + wide + 2 * pad_x, top + high + 2 * pad_y)
    plate(image, box, fill, share, radius=max(2, size_px // 3))
    write(image, text, (left + pad_x, box[3] - pad_y), size_px, on(fill), bold=True)
    return box


def on(fill: Colour) -> Colour:
    """Dark letters on bright plates, light ones on dark (luma of BT.601)."""
    luma = 0.299 * fill[0] + 0.587 * fill[1] + 0.114 * fill[2]
    return DARK if luma > 120.0 else (255, 255, 255)
