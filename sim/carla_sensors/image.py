"""Pictures as CARLA's cameras send them: a 12-byte header, then the pixels from the upper left corner.

The header is width, height (uint32) and horizontal field of view in degrees (float32), little-endian;
pixels are four bytes each: blue, green, red, alpha. The lens is a pinhole whose view is `fov` across
the picture's width, with square pixels.
"""

import struct
from dataclasses import dataclass
from math import radians, tan
from typing import Any, Final

import numpy as np

from sim.camera.lens import Lens, lens_findings
from sim.carla_sensors.outlines import PlainLens
from sim.carla_sensors.settings import Settings
from sim.episode.structs import Refused

_HEADER: Final = struct.Struct("<IIf")
MOST_PX: Final = 4096  # a side: own, seconds a frame
LEAST_FOV_DEG, MOST_FOV_DEG = 0.1, 179.0  # own: beyond, a pinhole's picture is all edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The size and view of a camera's pictures."""

    lens: Lens
    fov_deg: float

    def body(self, pixels: Any) -> bytes:
        """The message of (h, w, ...) pixels of their own type."""
        return (
            _HEADER.pack(self.lens.width_px, self.lens.height_px, self.fov_deg) + np.ascontiguousarray(pixels).tobytes()
        )


def frame_of(settings: Settings) -> Frame:
    """The frame a camera blueprint asks for. Raises Refused."""
    width = settings.whole("image_size_x", 800, 1, MOST_PX)
    height = settings.whole("image_size_y", 600, 1, MOST_PX)
    fov_deg = settings.number("fov", 90.0, LEAST_FOV_DEG, MOST_FOV_DEG)
    focal = 0.5 * width / tan(0.5 * radians(fov_deg))
    lens = PlainLens(
        width_px=width, height_px=height, focal_x_px=focal, focal_y_px=focal, centre_x_px=0.5 * width,
        centre_y_px=0.5 * height,
    )  # fmt: skip
    findings = lens_findings(lens)
    if findings:
        raise Refused(f"{settings.blueprint.id}: {findings[0].field}: {findings[0].problem}")
    return Frame(lens=lens, fov_deg=fov_deg)


def bgra(blue: Any, green: Any, red: Any) -> Any:
    """(h, w, 4) uint8 of three channels, opaque."""
    pixels = np.full((*red.shape, 4), 255, dtype=np.uint8)
    pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2] = blue, green, red
    return pixels
