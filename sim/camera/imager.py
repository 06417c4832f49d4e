"""The imager: from the light that reaches the lens to 8-bit RGB, as a sensor with two captures makes it.

Radiance (cd/m²) times sensitivity (lens, filter, vignetting, pattern of the photosites) times exposure
is electrons per photosite. Shot, dark and read noise of the sites behind a pixel are added as one
normal value (a Poisson count is near it from some ten electrons up; below, read noise covers the
difference). A long capture is converted with the analogue gain; where it is full, a short one of
`capture_ratio` less exposure stands in. White balance, tone curve and sRGB coding are one table.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.camera.blur import blur, motion_table, pixels_per_slope
from sim.camera.glare import CELL_PX, cells, stray, survey
from sim.camera.lens import Lens, rays
from sim.camera.noise import COARSE, FINE, FINE_AT, fill_normals, frame_key, pixel_word, quantiles
from sim.camera.parameters import ImagerParameters, electrons_per_s, read_noise_e, sites
from sim.camera.picture import Picture
from sim.randomness import stream_key
from sim.scenery.scene import Moment
from sim.scenery.viewpoint import Viewpoint
from stack.vocabulary import SimNs


class Imager:
    """One sensor behind one lens. `name` is its stream of chance. Arrays it hands out are the caller's."""

    def __init__(
        self, seed: int, name: str, lens: Lens, parameters: ImagerParameters | None = None, *, mosaic: bool = False
    ) -> None:
        p = parameters or ImagerParameters()
        height, width = lens.height_px, lens.width_px
        rows, columns = cells(height), cells(width)
        self._p, self._lens = p, lens
        self._noise = stream_key(seed, f"{name}.noise")
        self._sites = np.array(sites(p, mosaic), dtype=np.float32)
        self._sensitivity = _sensitivity(lens, p, self._sites, stream_key(seed, f"{name}.pattern"))
        self._curve = tone_table(p)
        self._halo = np.zeros((rows, columns, 3), dtype=np.float32)
        self._stray = np.zeros((rows, width, 3), dtype=np.float32)
        self._blurred = np.zeros((rows, columns), dtype=np.uint8)
        self._moved = np.zeros((height, width, 3), dtype=np.float32)

    def metered(self, picture: Picture) -> NDArray[np.float32]:
        """(rows, columns, 3): the mean radiance of cells of 8 x 8 pixels, cd/m²."""
        light = np.empty_like(self._halo)
        survey(picture.radiance, light)
        return light

    def develop(
        self,
        picture: Picture,
        light: NDArray[np.float32],
        slot: SimNs,
        exposure_s: float,
        gain_db: float,
        motion: tuple[Moment, Viewpoint] | None = None,
    ) -> NDArray[np.uint8]:
        """The image (h, w, 3) of a picture and its `metered` light; with `motion` it is blurred by what moves."""
        image = np.empty((*picture.depth_m.shape, 3), dtype=np.uint8)
        self._fill(picture, light, slot, max(exposure_s, 0.0), gain_db, motion, self._curve, image)
        return image

    def raw(
        self,
        picture: Picture,
        light: NDArray[np.float32],
        slot: SimNs,
        exposure_s: float,
        gain_db: float,
        motion: tuple[Moment, Viewpoint] | None = None,
    ) -> NDArray[np.uint16]:
        """The converter's codes (h, w, 3), of which `develop` makes the image: short captures follow the long ones."""
        image = np.empty((*picture.depth_m.shape, 3), dtype=np.uint16)
        codes = np.tile(np.arange(2 * 2**self._p.converter_bits, dtype=np.uint16), (3, 1))
        self._fill(picture, light, slot, max(exposure_s, 0.0), gain_db, motion, codes, image)
        return image

    def _fill(
        self,
        picture: Picture,
        light: NDArray[np.float32],
        slot: SimNs,
        exposure_s: float,
        gain_db: float,
        motion: tuple[Moment, Viewpoint] | None,
        curve: Any,
        image: Any,
    ) -> None:
        """Blur, stray light, then `_develop` with this table into this image."""
        p = self._p
        self._blurred[:] = 0
        if motion is not None:
            table = motion_table(*motion)
            blur(
                picture.radiance, picture.depth_m, picture.instance, rays(self._lens), pixels_per_slope(self._lens),
                table, exposure_s, self._moved, self._blurred,
            )  # fmt: skip
        stray(light, p.veil_ratio, p.bloom_ratio, p.bloom_px / CELL_PX, self._lens.width_px, self._halo, self._stray)
        codes = 2**p.converter_bits - 1
        numbers = np.array(
            [
                1.0 - p.veil_ratio - p.bloom_ratio, exposure_s, p.dark_current_eps * exposure_s,
                read_noise_e(p, gain_db) ** 2, 10.0 ** (gain_db / 20.0) * codes / p.full_well_e, p.capture_ratio,
            ],
            dtype=np.float32,
        )  # fmt: skip
        _develop(
            picture.radiance, self._moved, self._blurred, self._stray, self._sensitivity, 1.0 / self._sites, numbers,
            codes, p.noisy, frame_key(self._noise, slot), quantiles(), curve, image,
        )  # fmt: skip


def _sensitivity(lens: Lens, p: ImagerParameters, site_counts: Any, key: np.uint64) -> NDArray[np.float32]:
    """(h, w, 3): electrons per second and site for 1 cd/m², with vignetting and the photosites' own pattern."""
    sight = rays(lens).astype(np.float64)
    cos2 = 1.0 / (1.0 + sight[..., 0] ** 2 + sight[..., 1] ** 2)
    fall = 1.0 - p.vignetting_ratio * (1.0 - cos2 * cos2)
    pattern = np.empty((lens.height_px * lens.width_px, 3), dtype=np.float32)
    fill_normals(key, quantiles(), pattern)
    spread = p.uniformity_ratio / np.sqrt(site_counts.astype(np.float64))
    own = np.maximum(1.0 + spread * pattern.reshape(lens.height_px, lens.width_px, 3), 0.0)
    found: NDArray[np.float32] = (fall[..., None] * own * np.array(electrons_per_s(p))).astype(np.float32)
    found.setflags(write=False)
    return found


def signal_of(p: ImagerParameters) -> NDArray[np.float64]:
    """(2 * codes,): signal over the long capture's full scale of every code, long captures first, then short."""
    codes = 2**p.converter_bits
    steps = np.arange(codes) / (codes - 1)
    return np.concatenate((steps, p.capture_ratio * steps))


@lru_cache(maxsize=8)
def tone_table(p: ImagerParameters) -> NDArray[np.uint8]:
    """(3, 2 * codes) uint8: what each code of a channel becomes; white balance, tone curve and sRGB coding.

    White balance undoes the filters' unlike efficiency. The curve is s x (1 + s x / w²) / (1 + s x) with
    white at the short capture's full scale w (Reinhard and others, Photographic tone reproduction for
    digital images, SIGGRAPH 2002, equation 4).
    """
    balance = [p.efficiency_green / each for each in (p.efficiency_red, p.efficiency_green, p.efficiency_blue)]
    white = p.tone_scale * p.capture_ratio
    rows = []
    for gain in balance:
        row = []
        for signal in signal_of(p).tolist():
            bright = p.tone_scale * gain * signal
            row.append(round(255.0 * srgb(min(1.0, bright * (1.0 + bright / white**2) / (1.0 + bright)))))
        rows.append(row)
    found = np.array(rows, dtype=np.uint8)
    found.setflags(write=False)
    return found


def srgb(linear: float) -> float:
    """The sRGB coding of a linear value, both 0 to 1 (IEC 61966-2-1)."""
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1.0 / 2.4) - 0.055


@njit(cache=True, error_model="numpy")
def _develop(  # type: ignore[no-untyped-def]
    radiance, moved, blurred, stray_rows, sensitivity, share_of_sites, numbers, codes, noisy, key, tables, curve, image
):
    height, width = image.shape[0], image.shape[1]
    keep, exposure, dark, read2, per_e, ratio = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
    strays = stray_rows.shape[0]
    coarse, fine = np.uint64(COARSE - 1), np.uint64(FINE - 1)
    s10, s21, s31, s42, s52 = np.uint64(10), np.uint64(21), np.uint64(31), np.uint64(42), np.uint64(52)
    one, fine_at = np.uint64(1), np.uint64(FINE_AT)
    floor, short_floor = dark + read2, dark / ratio + read2
    half = np.float32(0.5)
    zero = np.float32(0.0)
    top_code = np.float32(codes)
    most = np.float32(1e15)
    electrons = np.empty(width * 3, dtype=np.float32)
    chance = np.empty(width * 3, dtype=np.float32)
    values = np.empty(width * 3, dtype=np.int32)
    shares = np.empty(width * 3, dtype=np.float32)
    for k in range(width * 3):
        shares[k] = share_of_sites[k % 3]
    for v in range(height):
        at = min(max((v + 0.5) / CELL_PX - 0.5, 0.0), strays - 1.0)
        near_row = min(int(at), strays - 2)
        part = np.float32(at - near_row)
        light = radiance[v].reshape(-1)
        far_light = moved[v].reshape(-1)
        answer = sensitivity[v].reshape(-1)
        near, far = stray_rows[near_row].reshape(-1), stray_rows[near_row + 1].reshape(-1)
        cell_row = v // CELL_PX
        begin = 0
        while begin < width * 3:
            # a run of cells of one kind, so that the inner loop is long
            kind = blurred[cell_row, begin // (3 * CELL_PX)]
            end = begin + 3 * CELL_PX
            while end < width * 3 and blurred[cell_row, end // (3 * CELL_PX)] == kind:
                end += 3 * CELL_PX
            end = min(end, width * 3)
            source = light[begin:end] if kind == 0 else far_light[begin:end]
            near_glow, far_glow = near[begin:end], far[begin:end]
            answers, counts = answer[begin:end], electrons[begin:end]
            for k in range(end - begin):
                glow = near_glow[k] + part * (far_glow[k] - near_glow[k])
                count = (keep * source[k] + glow) * answers[k] * exposure
                counts[k] = count if count < most else most  # also what is not a number
            begin = end
        if noisy:
            base = np.uint64(v * width)
            for u in range(width):
                word = pixel_word(key, base + np.uint64(u))
                chance[3 * u] = tables[word & coarse] + tables[fine_at + ((word >> s10) & fine)]
                chance[3 * u + 1] = tables[(word >> s21) & coarse] + tables[fine_at + ((word >> s31) & fine)]
                chance[3 * u + 2] = tables[(word >> s42) & coarse] + tables[fine_at + ((word >> s52) & fine)]
            for k in range(width * 3):
                spread = np.sqrt((electrons[k] + floor) * shares[k])
                code = (electrons[k] + spread * chance[k]) * per_e + half
                code = code if code > zero else zero
                values[k] = np.int32(code if code < top_code else top_code)
        else:
            for k in range(width * 3):
                code = electrons[k] * per_e + half
                code = code if code > zero else zero
                values[k] = np.int32(code if code < top_code else top_code)
        out = image[v].reshape(-1)
        for u in range(width):
            for channel in range(3):
                k = 3 * u + channel
                value = values[k]
                if value < codes or ratio <= 1.0:
                    out[k] = curve[channel, np.uint64(value)]
                else:
                    short = electrons[k] / ratio
                    if noisy:  # this value made the long capture full, so the short one takes its mirror
                        short -= np.float32(np.sqrt((short + short_floor) * shares[k])) * chance[k]
                    code = min(max(short * per_e + half, zero), top_code)
                    out[k] = curve[channel, np.uint64(codes) + one + np.uint64(code)]
