"""What goes wrong in front of and inside a lens: dirt, drops, condensation, scratches, stray light, focus.

All act on radiance, before exposure and noise, so that a bright lamp behind dirt still blooms and a dark
scene stays noisy. Places and sizes are shares of the picture's width unless they say pixels.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import pi, radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from faults.chance import Chance
from faults.pictures import Frame, Light, PictureFault
from sim.camera.picture import Picture
from sim.mount import Mount
from sim.sensors import CameraResponse, camera_response

Mask = NDArray[np.float32]
MOST_SPOTS = 4_000
NEAREST_DEGREES = 1.0  # the veiling formula holds from here to 30 degrees
CIE_VEIL = 10.0  # cd/m² per lx and degree²: Stiles-Holladay, as in CIE 146:2002


def _lit(picture: Picture, radiance: Light) -> Picture:
    return replace(picture, radiance=np.ascontiguousarray(radiance, dtype=np.float32))


def _blurred(light: Light, sigma_px: float) -> Light:
    if sigma_px < 0.3:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), dtype=np.float32)


@lru_cache(maxsize=32)
def spots(shape: tuple[int, int], chance: Chance, covered_ratio: float, size_ratio: float, soft_ratio: float) -> Mask:
    """(h, w) share of light that spots take: discs of a mean diameter, laid until the wanted share is covered."""
    height, width = shape
    mask = np.zeros(shape, dtype=np.float32)
    radius_px = max(0.5 * size_ratio * width, 1.0)
    for index in range(MOST_SPOTS):
        if float((mask > 0.5).mean()) >= covered_ratio:
            break
        x, y = chance.share(index, 1) * width, chance.share(index, 2) * height
        own_px = radius_px * (0.4 + 1.2 * chance.share(index, 3))
        soft_px = max(soft_ratio * own_px, 0.7)
        reach = int(own_px + soft_px) + 2
        left, right = max(int(x) - reach, 0), min(int(x) + reach + 1, width)
        top, low = max(int(y) - reach, 0), min(int(y) + reach + 1, height)
        if right <= left or low <= top:
            continue
        vs, us = np.mgrid[top:low, left:right]
        away = np.sqrt((us + 0.5 - x) ** 2 + (vs + 0.5 - y) ** 2)
        disc = np.clip((own_px + 0.5 * soft_px - away) / soft_px, 0.0, 1.0).astype(np.float32)
        mask[top:low, left:right] = np.maximum(mask[top:low, left:right], disc)
    mask.setflags(write=False)
    return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt(PictureFault):
    """Specks or a film on the lens: a covered share lets only part of the light through and glows by stray light."""

    covered_ratio: float
    size_ratio: float = 0.02  # mean diameter of a speck
    transmission_ratio: float = 0.1
    scatter_ratio: float = 0.12  # of the scene's mean light, from the lit dirt itself

    def response(self) -> CameraResponse:
        """As stated for dirt."""
        return camera_response("dirt", self.covered_ratio)

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """Specks, out of focus as everything on the lens is."""
        mask = spots(picture.depth_m.shape, frame.chance, self.covered_ratio, self.size_ratio, 0.5)[..., None]
        glow = self.scatter_ratio * picture.radiance.mean(axis=(0, 1))
        taken = mask * (1.0 - self.transmission_ratio)
        return _lit(picture, picture.radiance * (1.0 - taken) + glow * mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterDrops(PictureFault):
    """Drops on the window: each is a small lens that shows the scene upside down and far wider."""

    covered_ratio: float
    size_ratio: float = 0.05
    magnification_ratio: float = 4.0  # how much more of the scene fits into a drop than behind it

    def response(self) -> CameraResponse:
        """As stated for drops."""
        return camera_response("water_drops", self.covered_ratio)

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """The scene with its drops."""
        map_u, map_v, mask = _drops(
            picture.depth_m.shape, frame.chance, self.covered_ratio, self.size_ratio, self.magnification_ratio
        )
        inside = cv2.remap(picture.radiance, map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        soft = _blurred(np.asarray(inside, dtype=np.float32), 1.5)
        share = mask[..., None]
        return _lit(picture, picture.radiance * (1.0 - share) + 0.9 * soft * share)


@lru_cache(maxsize=8)
def _drops(
    shape: tuple[int, int], chance: Chance, covered_ratio: float, size_ratio: float, wider: float
) -> tuple[Mask, Mask, Mask]:
    """Where each pixel of a drop looks, and the drops' share of each pixel."""
    height, width = shape
    vs, us = np.mgrid[0:height, 0:width].astype(np.float32)
    map_u, map_v, mask = us.copy(), vs.copy(), np.zeros(shape, dtype=np.float32)
    radius_px = max(0.5 * size_ratio * width, 2.0)
    for index in range(MOST_SPOTS):
        if float((mask > 0.5).mean()) >= covered_ratio:
            break
        x, y = chance.share(index, 1) * width, chance.share(index, 2) * height
        own_px = radius_px * (0.5 + chance.share(index, 3))
        away = np.sqrt((us - x) ** 2 + ((vs - y) / 1.15) ** 2)
        disc = np.clip((own_px - away) / 2.0 + 0.5, 0.0, 1.0).astype(np.float32)
        hit = disc > mask
        map_u[hit] = (x - wider * (us[hit] - x)).astype(np.float32)
        map_v[hit] = (y - wider * (vs[hit] - y)).astype(np.float32)
        mask = np.maximum(mask, disc)
    for array in (map_u, map_v, mask):
        array.setflags(write=False)
    return map_u, map_v, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class FoggedLens(PictureFault):
    """Condensation: a share of all contrast is lost to a veil of scattered light, the rest is softened."""

    contrast_lost_ratio: float
    blur_ratio: float = 0.008  # of the width, at all contrast lost

    def response(self) -> CameraResponse:
        """As stated for fog on the lens."""
        return camera_response("fog_on_lens", self.contrast_lost_ratio)

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """The veiled scene."""
        lost = self.contrast_lost_ratio
        soft = _blurred(picture.radiance, lost * self.blur_ratio * picture.depth_m.shape[1])
        veil = picture.radiance.mean(axis=(0, 1))
        return _lit(picture, soft * (1.0 - lost) + veil * lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratches(PictureFault):
    """Scratches in the window: thin lines that scatter what is bright near them."""

    count: int
    width_px: float = 1.5
    length_ratio: float = 0.4
    scatter_ratio: float = 0.6

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """The scene behind the scratches."""
        lines = _scratches(picture.depth_m.shape, frame.chance, self.count, self.width_px, self.length_ratio)
        share = self.scatter_ratio * lines[..., None]
        around = _blurred(picture.radiance, 0.06 * picture.depth_m.shape[1])
        return _lit(picture, picture.radiance * (1.0 - share) + 1.3 * around * share)


@lru_cache(maxsize=8)
def _scratches(shape: tuple[int, int], chance: Chance, count: int, width_px: float, length_ratio: float) -> Mask:
    height, width = shape
    vs, us = np.mgrid[0:height, 0:width].astype(np.float32)
    mask = np.zeros(shape, dtype=np.float32)
    for index in range(count):
        x, y = chance.share(index, 1) * width, chance.share(index, 2) * height
        turn = radians(-25.0 + 50.0 * chance.share(index, 3)) + (0.5 * pi if chance.share(index, 4) < 0.3 else 0.0)
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        along, across = (us - x) * c + (vs - y) * s, np.abs((vs - y) * c - (us - x) * s)
        half_px = 0.5 * length_ratio * width * (0.5 + chance.share(index, 5))
        line = np.clip((0.5 * width_px + 0.5) - across, 0.0, 1.0) * (np.abs(along) < half_px)
        mask = np.maximum(mask, line.astype(np.float32))
    mask.setflags(write=False)
    return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Glare(PictureFault):
    """A strong light veils the picture: L = 10 E / angle² (cd/m², lx at the lens, degrees; Stiles-Holladay, CIE 146).

    The light stands at a bearing (left positive) and an elevation from the optical axis; it need not be in view.
    """

    illuminance_lx: float
    bearing_deg: float = 0.0
    elevation_deg: float = 6.0

    def response(self) -> CameraResponse:
        """As stated for glare, by the share of the picture that the veil of 1,000 cd/m² covers."""
        reach_deg = (CIE_VEIL * self.illuminance_lx / 1_000.0) ** 0.5
        return camera_response("glare", min(1.0, (reach_deg / 25.0) ** 2))

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """The scene behind its veil."""
        u, v = _place(picture, self.bearing_deg, self.elevation_deg)
        vs, us = np.mgrid[0 : picture.depth_m.shape[0], 0 : picture.depth_m.shape[1]].astype(np.float32)
        away_px = np.sqrt((us + 0.5 - u) ** 2 + (vs + 0.5 - v) ** 2)
        angle_deg = np.maximum(np.degrees(np.arctan(away_px / picture.focal_px)), NEAREST_DEGREES)
        veil = (CIE_VEIL * self.illuminance_lx / angle_deg**2).astype(np.float32)
        return _lit(picture, picture.radiance + veil[..., None])


def _place(picture: Picture, bearing_deg: float, elevation_deg: float) -> tuple[float, float]:
    """The pixel in which a direction is seen by a pinhole in the picture's middle."""
    height, width = picture.depth_m.shape
    u = 0.5 * width - picture.focal_px * tan(radians(bearing_deg))
    v = 0.5 * height - picture.focal_px * tan(radians(elevation_deg))
    return u, v


@dataclass(frozen=True, slots=True, kw_only=True)
class Flare(PictureFault):
    """Reflections between lens surfaces: soft discs in a chain through the middle, opposite a strong light."""

    illuminance_lx: float
    bearing_deg: float = 15.0
    elevation_deg: float = 12.0
    reflected_ratio: float = 0.02  # of the light's illuminance, as cd/m² of the strongest disc per lx

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """The scene with the ghosts of the light."""
        height, width = picture.depth_m.shape
        u, v = _place(picture, self.bearing_deg, self.elevation_deg)
        added = np.zeros((height, width, 3), dtype=np.float32)
        vs, us = np.mgrid[0:height, 0:width].astype(np.float32)
        tints = ((1.0, 0.8, 0.6), (0.6, 1.0, 0.7), (0.7, 0.7, 1.0), (1.0, 0.7, 0.9))
        for index in range(5):
            share = -0.35 - 0.4 * index + 0.3 * frame.chance.share(index, 1)
            x, y = 0.5 * width + share * (u - 0.5 * width), 0.5 * height + share * (v - 0.5 * height)
            own_px = width * (0.02 + 0.05 * frame.chance.share(index, 2))
            away = np.hypot(us - x, vs - y)
            disc = np.clip((own_px - away) / (0.25 * own_px) + 0.5, 0.0, 1.0) / (1.0 + index)
            added += disc[..., None] * np.array(tints[index % len(tints)], dtype=np.float32)
        return _lit(picture, picture.radiance + self.reflected_ratio * self.illuminance_lx * added)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defocus(PictureFault):
    """Focused on the wrong distance: blur grows with how far a thing's depth is from it (thin lens).

    Diameter on the imager: f² / N |1 / focus - 1 / depth|; a pixel's size is f / `focal_px` of the lens.
    """

    focus_m: float
    focal_mm: float = 6.0
    f_number: float = 1.6
    levels: int = 6

    def blur_px(self, depth_m: NDArray[np.float32], focal_px: float) -> NDArray[np.float32]:
        """Diameter of the blur of a point at each depth, px."""
        focal_m = 1e-3 * self.focal_mm
        with np.errstate(divide="ignore"):
            nearness = np.where(np.isinf(depth_m), 0.0, 1.0 / np.maximum(depth_m, 0.1))
        diameter_m = focal_m**2 / self.f_number * np.abs(1.0 / self.focus_m - nearness)
        return np.asarray(diameter_m * focal_px / focal_m, dtype=np.float32)

    def response(self) -> CameraResponse:
        """As stated for defocus, by the blur of what is 50 m away; 10 px and more count as 1."""
        far_px = float(self.blur_px(np.array([50.0], dtype=np.float32), 600.0)[0])
        return camera_response("defocus", min(1.0, far_px / 10.0))

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """Every depth with its own blur, between the two nearest of a few levels."""
        wanted = self.blur_px(picture.depth_m, picture.focal_px)
        most = float(wanted.max())
        if most < 0.5:
            return picture
        steps = np.linspace(0.0, most, self.levels)
        stack = [picture.radiance, *(_disc_blurred(picture.radiance, float(step)) for step in steps[1:])]
        level = np.clip(wanted / steps[1], 0.0, self.levels - 1.001)
        low = level.astype(np.int32)
        share = (level - low)[..., None].astype(np.float32)
        rows, columns = np.indices(low.shape)
        pile = np.stack(stack)
        radiance = pile[low, rows, columns] * (1.0 - share) + pile[low + 1, rows, columns] * share
        return _lit(picture, radiance)


def _disc_blurred(light: Light, diameter_px: float) -> Light:
    """Light spread over a disc."""
    half = max(int(0.5 * diameter_px + 1.0), 1)
    vs, us = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    kernel = np.clip(0.5 * diameter_px + 0.5 - np.hypot(us, vs), 0.0, 1.0)
    blurred = cv2.filter2D(light, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered(PictureFault):
    """A cover over part of the lens, from one side: that share of the picture's width shows nothing."""

    blocked_ratio: float

    def response(self) -> CameraResponse:
        """As stated for blockage."""
        return camera_response("blockage", self.blocked_ratio)

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """What is left beside the cover; its edge is soft, as it stands on the lens."""
        width = picture.depth_m.shape[1]
        if self.blocked_ratio >= 1.0:
            return _lit(picture, np.zeros_like(picture.radiance))
        edge_px = self.blocked_ratio * width
        soft_px = 0.02 * width
        free = np.clip((np.arange(width) + 0.5 - edge_px) / soft_px + 0.5, 0.0, 1.0).astype(np.float32)
        return _lit(picture, picture.radiance * free[None, :, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Vibration(PictureFault):
    """The bracket shakes: each frame looks up or down by another angle, and is smeared by the motion in it."""

    amplitude_deg: float
    frequency_hz: float
    exposure_ms: float = 10.0

    def angle_rad(self, at_s: float) -> float:
        """Pitch of the shaken camera at an instant."""
        return radians(self.amplitude_deg) * float(np.sin(2.0 * pi * self.frequency_hz * at_s))

    def mounted(self, mount: Mount, frame: Frame) -> Mount:
        """Turned up or down."""
        return replace(mount, pitch_rad=mount.pitch_rad + self.angle_rad(frame.since_s))

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """Smeared over the angle swept while the frame is exposed."""
        half_s = 0.5e-3 * self.exposure_ms
        times = np.linspace(frame.since_s - half_s, frame.since_s + half_s, 9)
        angles = [self.angle_rad(float(at)) for at in times]
        length_px = (max(angles) - min(angles)) * picture.focal_px
        if length_px < 0.7:
            return picture
        size = int(length_px / 2.0 + 1.0) * 2 + 1
        kernel = np.clip(0.5 * length_px + 0.5 - np.abs(np.arange(size) - size // 2), 0.0, 1.0).astype(np.float32)
        column = (kernel / kernel.sum()).reshape(-1, 1)
        smeared = cv2.filter2D(picture.radiance, -1, column, borderType=cv2.BORDER_REPLICATE)
        return _lit(picture, np.asarray(smeared, dtype=np.float32))
