"""From radiance to an 8-bit picture: exposure, a tone curve, and the coding of sRGB.

Radiance is cd/m². Automatic exposure is that of the picture itself, so a picture depends on nothing but
what it shows. Manual exposure follows from shutter, aperture and sensitivity: a sensor is full at
78 / (q S) lx s with q = 0.65 (ISO 12232:2019, saturation-based speed), which is 1.2 times 2^EV100 cd/m².
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from math import log
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

KEY: Final = 0.16  # own: what the mean of logarithms becomes, of full scale
WHITE: Final = 16.0  # own: how many times full scale the tone curve still tells apart
LIFT: Final = 1.6  # own, by looking: what the tone curve takes from the middle, given back before it
DARKEST_CDPM2: Final = 1.0  # own, by looking: a night stays a night; a lit street has about 1 cd/m²
BRIGHTEST_CDPM2: Final = 50_000.0
FULL_PER_EV: Final = 1.2
_STEPS: Final = 4096


def metered_scale(radiance: NDArray[np.float32], stops: float) -> float:
    """Full scales per cd/m² that this picture asks for; `stops` brighter."""
    level = min(max(float(_log_mean(radiance)), DARKEST_CDPM2), BRIGHTEST_CDPM2)
    return float(KEY / level * 2.0**stops)


def manual_scale(shutter_per_s: float, iso: float, f_number: float, stops: float) -> float:
    """Full scales per cd/m² of a camera with these settings."""
    return float(2.0**stops * iso / 100.0 / (FULL_PER_EV * f_number**2 * shutter_per_s))


def developed(radiance: NDArray[np.float32], scale: float, gamma: float, *, toned: bool) -> NDArray[np.uint8]:
    """(h, w, 4) BGRA, opaque. `toned`: bright parts are compressed instead of cut off."""
    image = np.empty((*radiance.shape[:2], 4), dtype=np.uint8)
    lifted, bend = (LIFT * scale, 1.0 / WHITE**2) if toned else (scale, -1.0)
    _develop(radiance, np.float32(lifted), np.float32(bend), _coding(gamma), image)
    return image


@lru_cache(maxsize=8)
def _coding(gamma: float) -> NDArray[np.uint8]:
    """SRGB levels (IEC 61966-2-1) by the root of the linear value; a gamma unlike 2.2 bends it further."""
    linear = (np.arange(_STEPS) / (_STEPS - 1)) ** 2
    level = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    found: NDArray[np.uint8] = np.rint(255.0 * np.clip(level, 0.0, 1.0) ** (2.2 / gamma)).astype(np.uint8)
    found.setflags(write=False)
    return found


@njit(cache=True, error_model="numpy")
def _log_mean(radiance):  # type: ignore[no-untyped-def]
    """Exp of the mean logarithm of luminance, of every third pixel; the upper third, where the sky is, counts less."""
    total, weights = 0.0, 0.0
    height = radiance.shape[0]
    for v in range(0, height, 3):
        weight = 0.4 if 3 * v < height else 1.0  # as the cameras of the twin (`sim.camera.parameters`)
        for u in range(0, radiance.shape[1], 3):
            seen = 0.2126 * radiance[v, u, 0] + 0.7152 * radiance[v, u, 1] + 0.0722 * radiance[v, u, 2]
            total += weight * log(max(seen, 1e-4))
            weights += weight
    return np.exp(total / weights)


@njit(cache=True, error_model="numpy")
def _develop(radiance, scale, bend, coding, image):  # type: ignore[no-untyped-def]
    one, top = np.float32(1.0), np.float32(coding.shape[0] - 1)
    flat, out = radiance.reshape(-1), image.reshape(-1)
    for pixel in range(flat.shape[0] // 3):
        gain = scale
        if bend >= np.float32(0.0):
            # Reinhard and others 2002, equation 4, of the brightest channel: so a red lamp stays red
            most = max(flat[3 * pixel], max(flat[3 * pixel + 1], flat[3 * pixel + 2])) * scale
            gain = scale * (one + most * bend) / (one + most)
        for channel in range(3):
            value = flat[3 * pixel + channel] * gain
            value = value if value < one else one  # also what is not a number
            value = value if value > np.float32(0.0) else np.float32(0.0)
            out[4 * pixel + 2 - channel] = coding[np.int64(np.sqrt(value) * top + np.float32(0.5))]
        out[4 * pixel + 3] = 255
