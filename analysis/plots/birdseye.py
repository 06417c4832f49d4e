"""Pictures from above: the small map on a video frame, and point clouds.

Places are metres in the ego's frame (origin in the middle of its front edge, x ahead, y left); ahead is
up. Colours as in `analysis.plots.overlay`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.plots.letters import DARK, LIGHT, QUIET, Colour, Image, cap_px, plate, write

Floats = NDArray[np.float64]

AHEAD_M, BEHIND_M = 74.0, 16.0
RINGS_M = (20.0, 40.0, 60.0)
_SHIFT = 4  # binary digits of a pixel in cv2's drawing
_GROUND, _ASPHALT, _PAINT, _RING = (24, 30, 38), (58, 66, 77), (112, 122, 134), (76, 86, 99)
_EGO = (70, 165, 235)
_HIGHEST_M, _LOWEST_M = 2.0, -4.0  # of a point cloud, about its sensor: the ends of the colour scale
_RAMP = ((38, 96, 168), (68, 178, 196), (238, 214, 120), (240, 120, 72))  # low to high; brighter, then warmer


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A track: where it is believed to be, its way of one second, and what it means."""

    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float
    colour: Colour
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bird:
    """What a small map shows: lanes as outlines, who is there (corners (4, 2)), the ego first, and tracks."""

    lanes: tuple[Floats, ...]
    there: tuple[Floats, ...]
    believed: tuple[Blob, ...]


def draw_bird(image: Image, box: tuple[int, int, int, int], bird: Bird, unit: float) -> None:
    """The map in a box (left, top, right, bottom) of the picture."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    foot = round(20 * unit)
    sheet = np.empty((height - foot, width, 3), dtype=np.uint8)
    sheet[:] = _GROUND
    scale = sheet.shape[0] / (AHEAD_M + BEHIND_M)
    middle = (0.5 * width, sheet.shape[0] - BEHIND_M * scale)
    fine = max(1, round(1.2 * unit))
    for lane in bird.lanes:
        cv2.fillPoly(sheet, [_places(lane, middle, scale)], _ASPHALT, cv2.LINE_AA, _SHIFT)
    for lane in bird.lanes:
        cv2.polylines(sheet, [_places(lane, middle, scale)], True, _PAINT, 1, cv2.LINE_AA, _SHIFT)
    _rings(sheet, middle, scale, unit)
    for blob in bird.believed:
        _blob(sheet, blob, middle, scale, unit)
    for row, corners in enumerate(bird.there):
        places = _places(corners, middle, scale)
        if row == 0:
            cv2.fillPoly(sheet, [places], _EGO, cv2.LINE_AA, _SHIFT)
        else:
            cv2.polylines(sheet, [places], True, LIGHT, fine, cv2.LINE_AA, _SHIFT)
    plate(image, (left - 1, top - 1, right + 1, bottom + 1), DARK, 0.85, radius=round(7 * unit))
    image[top : top + sheet.shape[0], left:right] = cv2.addWeighted(
        image[top : top + sheet.shape[0], left:right], 0.1, sheet, 0.9, 0.0
    )
    _legend(image, (left, bottom - foot, right, bottom), unit)


def _places(corners: Floats, middle: tuple[float, float], scale: float) -> NDArray[np.int32]:
    """Metres as cv2's pixels with a fraction."""
    u = middle[0] - corners[:, 1] * scale
    v = middle[1] - corners[:, 0] * scale
    return np.rint(np.stack((u, v), axis=-1) * (1 << _SHIFT)).astype(np.int32)


def _rings(sheet: Image, middle: tuple[float, float], scale: float, unit: float) -> None:
    centre = (round(middle[0] * 16), round(middle[1] * 16))
    size = max(8, round(9 * unit))
    for ring_m in RINGS_M:
        cv2.circle(sheet, centre, round(ring_m * scale * 16), _RING, 1, cv2.LINE_AA, _SHIFT)
        write(sheet, f"{ring_m:.0f} m", (round(4 * unit), round(middle[1] - ring_m * scale + 0.4 * size)), size, QUIET)


def _blob(sheet: Image, blob: Blob, middle: tuple[float, float], scale: float, unit: float) -> None:
    ends = np.array([(blob.x_m, blob.y_m), (blob.x_m + blob.vx_mps, blob.y_m + blob.vy_mps)])
    (u, v), (to_u, to_v) = _places(ends, middle, scale).tolist()
    radius = (4.6 if blob.urgent else 3.4) * unit
    cv2.line(sheet, (u, v), (to_u, to_v), blob.colour, max(1, round(1.6 * unit)), cv2.LINE_AA, _SHIFT)
    cv2.circle(sheet, (u, v), max(24, round(radius * 16)), blob.colour, -1, cv2.LINE_AA, _SHIFT)
    if blob.urgent:
        cv2.circle(sheet, (u, v), round(8.0 * unit * 16), blob.colour, max(1, round(1.5 * unit)), cv2.LINE_AA, _SHIFT)


def _legend(image: Image, box: tuple[int, int, int, int], unit: float) -> None:
    """What an outline and a dot mean."""
    left, top, _right, bottom = box
    size = max(8, round(10 * unit))
    base = (top + bottom) // 2 + cap_px(size) // 2
    x = left + round(8 * unit)
    side = cap_px(size)
    cv2.rectangle(image, (x, base - side), (x + side, base), LIGHT, 1, cv2.LINE_AA)
    x += side + round(5 * unit)
    write(image, "there", (x, base), size, QUIET)
    x += round(44 * unit)
    cv2.circle(image, (x + side // 2, base - side // 2), max(2, side // 2), (86, 180, 233), -1, cv2.LINE_AA)
    x += side + round(5 * unit)
    write(image, "believed", (x, base), size, QUIET)


def seen_from_above(points: NDArray[np.float32], size_px: tuple[int, int], reach_m: float) -> Image:
    """A point cloud from above: (n, 4) x, y, z, reflectivity in the sensor frame; ahead is up, colour is height."""
    width, height = size_px
    image = np.full((height, width, 3), DARK, dtype=np.uint8)
    scale = height / (1.5 * reach_m)
    centre = (width // 2, round(height - 0.4 * reach_m * scale))
    for ring_m in range(10, int(2.0 * reach_m), 10):
        cv2.circle(image, centre, round(ring_m * scale), (40, 48, 58), 1, cv2.LINE_AA)
    u = np.rint(centre[0] - points[:, 1] * scale).astype(np.int64)
    v = np.rint(centre[1] - points[:, 0] * scale).astype(np.int64)
    inside = (u >= 0) & (u < width - 1) & (v >= 0) & (v < height - 1)
    order = np.argsort(points[inside, 2], kind="stable")  # what is higher lies above
    colours = _by_height(points[inside, 2])[order]
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):  # points of two by two pixels
        image[v[inside][order] + down, u[inside][order] + right] = colours
    size = max(8, round(height / 34))
    for ring_m in range(20, int(1.1 * reach_m), 20):
        write(image, f"{ring_m} m", (centre[0] + 3, round(centre[1] - ring_m * scale) - 3), size, QUIET)
    cv2.drawMarker(image, centre, LIGHT, cv2.MARKER_TRIANGLE_UP, max(6, height // 40), 1, cv2.LINE_AA)
    return image


def _by_height(z_m: NDArray[np.float32]) -> NDArray[np.uint8]:
    share = np.clip((z_m - _LOWEST_M) / (_HIGHEST_M - _LOWEST_M), 0.0, 1.0)
    stops = np.linspace(0.0, 1.0, len(_RAMP))
    ramp = np.array(_RAMP, dtype=float)
    return np.stack([np.interp(share, stops, ramp[:, c]) for c in range(3)], axis=-1).astype(np.uint8)
