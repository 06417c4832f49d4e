"""Sun, sky and air of one run's conditions, in physical units: lux, cd/m², 1/m.

The illuminance of level ground by sun and sky is the conditions' `illuminance_lx`, split into direct
and diffuse light by the sun's height and the clouds; the sky's brightness pattern is scaled so that it
gives just its share. Colours are linear RGB whose luminance is 1 (ITU-R BT.709 weights); the daylight
mix of sun and sky is white. Extinction follows Koschmieder: contrast falls to 5 % at the visibility.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from math import cos, exp, pi, sin

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.truth import Conditions

LUMINANCE = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709-6, item 3.2
SUN_RADIUS_RAD = 0.00465  # 16 arc minutes, mean apparent radius
NIGHT_LX = 10.0  # own: street and window lamps are on, and one's own beams show, below this
KOSCHMIEDER = 3.0  # -ln(0.05): WMO-No. 8, chapter 9, meteorological optical range
RAIN_PER_KM, RAIN_POWER = 0.248, 0.67  # extinction = 0.248 R^0.67 /km: Carbonneau, in ITU-R P.1814 (recalled: confirm)

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)

# Where each quantity stands in the array that kernels get.
SUN = 0  # direction to the sun, world
SUN_LIGHT = 3  # illuminance of a surface square to the sun, lx, by channel
ZENITH, HORIZON, BELT, GLOW, RING = 6, 9, 12, 15, 18  # the sky pattern's parts, cd/m²
DISC = 21  # the sun's own radiance
SKY_UP = 24  # illuminance of level ground by the sky alone, lx
BOUNCE = 27  # illuminance of a downward surface by the ground
EXTINCTION = 30  # 1/m
AIR = 31  # airlight of dense fog, cd/m²
FOG_SHARE = 34  # 0: air glows like the horizon, 1: like fog
FOG_HEIGHT = 35  # m of such air above the camera
NIGHT = 36  # 0 by day, 1 by night
WETNESS = 37
RAIN = 38  # mm/h
CLOUD = 39
SUN_UP = 40  # 1 where there is direct light
ILLUMINANCE = 41
OVERCAST = 42  # brightness pattern of a covered sky
SIZE = 48


def scaled_to_white(colour: tuple[float, float, float]) -> NDArray[np.float64]:
    """The colour with luminance 1."""
    values = np.array(colour)
    return values / float(values @ np.array(LUMINANCE))


@njit(cache=True, error_model="numpy", nogil=True)
def sky_shares(up, towards_sun):  # type: ignore[no-untyped-def]
    """How much of each part of the pattern a direction shows: horizon, belt, glow, ring, covered sky.

    `up` is the direction's z part, `towards_sun` its cosine to the sun. All float32, no arrays: shading
    calls this for every pixel.
    """
    rise = min(max(up, _ZERO), _ONE)
    h = _ONE - rise
    h2 = h * h
    h4 = h2 * h2
    h8 = h4 * h4
    half = _HALF + _HALF * towards_sun
    near = max(towards_sun, _ZERO)
    g2 = near * near
    g4 = g2 * g2
    g8 = g4 * g4
    g32 = g8 * g8
    g32 = g32 * g32
    ring = g32 * g32
    ring = ring * ring
    return h4 * (np.float32(0.6) + np.float32(0.4) * h8), h8 * half * half, g8, ring * ring, _ONE + _TWO * rise


@njit(cache=True, error_model="numpy")
def _level_illuminance(light):  # type: ignore[no-untyped-def]
    """Illuminance of level ground by the sky pattern, lx by channel (midpoint rule over the half sphere)."""
    rings, slices = 48, 96
    total = np.zeros(3)
    for i in range(rings):
        z = (i + 0.5) / rings  # equal steps of z are equal solid angles
        flat = np.sqrt(1.0 - z * z)
        for j in range(slices):
            turn = 2.0 * pi * (j + 0.5) / slices
            towards = flat * np.cos(turn) * light[SUN] + flat * np.sin(turn) * light[SUN + 1] + z * light[SUN + 2]
            low, belt, glow, ring, cover = sky_shares(np.float32(z), np.float32(towards))
            for c in range(3):
                radiance = light[ZENITH + c] + (light[HORIZON + c] - light[ZENITH + c]) * low + light[BELT + c] * belt
                radiance += light[GLOW + c] * glow + light[RING + c] * ring + light[OVERCAST] * cover
                total[c] += radiance * z
    return total * (2.0 * pi / (rings * slices))


def _air_mass(elevation_rad: float) -> float:
    """Relative optical air mass (Kasten and Young 1989)."""
    degrees = max(elevation_rad, 0.0) * 180.0 / pi
    return 1.0 / (sin(max(elevation_rad, 0.0)) + 0.50572 / float((degrees + 6.07995) ** 1.6364))


def _sun_colour(mass: float) -> NDArray[np.float64]:
    """Colour of direct sunlight: reddening with the air mass, against the white of a high sun with its sky."""
    # Optical depth of clean air with some haze at 610, 550 and 465 nm (own, after Rayleigh 1/λ⁴).
    depth = (0.085, 0.125, 0.235)
    return scaled_to_white(tuple(exp(-d * (mass - 0.85)) for d in depth))  # type: ignore[arg-type]


def _smooth(value: float, low: float, high: float) -> float:
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


@lru_cache(maxsize=16)
def light_of(conditions: Conditions) -> NDArray[np.float32]:
    """All light of these conditions as one array for kernels (columns above); read-only."""
    elevation = conditions.sun_elevation_rad
    light = np.zeros(SIZE, dtype=np.float32)
    light[SUN : SUN + 3] = (
        cos(elevation) * cos(conditions.sun_azimuth_rad), cos(elevation) * sin(conditions.sun_azimuth_rad),
        sin(elevation),
    )  # fmt: skip
    mass = _air_mass(elevation)
    extinction = KOSCHMIEDER / max(conditions.visibility_m, 1.0) + RAIN_PER_KM * conditions.rain_mmph**RAIN_POWER / 1e3
    fog = 1.0 - _smooth(conditions.visibility_m, 400.0, 4000.0)
    height = min(max(0.4 * conditions.visibility_m, 60.0), 1200.0)
    # Share of diffuse in all light under a clear sky, by air mass: own fit to 12 % at 60° and half at 5°.
    diffuse = min(1.0, 0.08 + 0.055 * mass**0.85)
    through = (1.0 - min(max(conditions.cloud_ratio, 0.0), 1.0)) * exp(-2.0 * extinction * height * fog)
    direct = conditions.illuminance_lx * (1.0 - diffuse) * through if elevation > 0.004 else 0.0
    across = min(direct / max(sin(elevation), 0.02), 130_000.0) if direct > 0.0 else 0.0
    direct = across * sin(elevation)
    sky = conditions.illuminance_lx - direct
    sun_colour = _sun_colour(mass)
    light[SUN_LIGHT : SUN_LIGHT + 3] = across * sun_colour
    _paint_sky(light, conditions, sun_colour, sky, fog)
    level = _level_illuminance(light)
    scale = sky / max(float(level @ np.array(LUMINANCE)), 1e-12)
    light[ZENITH:DISC] *= scale
    light[OVERCAST] *= scale
    light[SKY_UP : SKY_UP + 3] = level * scale
    light[DISC : DISC + 3] = across * sun_colour / (pi * SUN_RADIUS_RAD**2)
    total = light[SKY_UP : SKY_UP + 3] + direct * sun_colour
    light[BOUNCE : BOUNCE + 3] = total * np.array([0.14, 0.14, 0.11])  # own: mean reflectance of roads and grass
    light[EXTINCTION] = extinction
    grey = scaled_to_white((0.97, 1.0, 1.04)) if conditions.illuminance_lx > 300.0 else scaled_to_white((0.9, 1.0, 1.2))
    light[AIR : AIR + 3] = grey * conditions.illuminance_lx / pi
    light[FOG_SHARE], light[FOG_HEIGHT] = fog, height
    light[NIGHT] = 1.0 - _smooth(conditions.illuminance_lx, 0.3 * NIGHT_LX, 3.0 * NIGHT_LX)
    light[WETNESS], light[RAIN], light[CLOUD] = conditions.wetness_ratio, conditions.rain_mmph, conditions.cloud_ratio
    light[SUN_UP] = 1.0 if across > 0.0 else 0.0
    light[ILLUMINANCE] = conditions.illuminance_lx
    light.setflags(write=False)
    return light


def _paint_sky(
    light: NDArray[np.float32], conditions: Conditions, sun_colour: NDArray[np.float64], sky: float, fog: float
) -> None:
    """The sky's pattern, still without its scale: colours after photographs of clear, low-sun and city skies (own)."""
    elevation = conditions.sun_elevation_rad
    day = _smooth(elevation, 0.0, 0.35)
    dusk = _smooth(elevation, -0.20, -0.02) * (1.0 - _smooth(elevation, 0.08, 0.30))
    dark = 1.0 - _smooth(conditions.illuminance_lx, 1.0, 60.0)
    clear = 1.0 - min(max(conditions.cloud_ratio, 0.0), 1.0)
    clear = clear * clear * (3.0 - 2.0 * clear) * (1.0 - fog)
    zenith = day * np.array([0.21, 0.40, 0.86]) + (1.0 - day) * np.array([0.20, 0.31, 0.60])
    horizon = day * np.array([0.86, 1.03, 1.25]) + (1.0 - day) * np.array([0.75, 0.72, 0.78])
    zenith = (1.0 - dark) * zenith + dark * np.array([0.5, 0.55, 0.85]) * 0.5
    horizon = (1.0 - dark) * horizon + dark * np.array([1.25, 1.0, 0.72])
    light[ZENITH : ZENITH + 3], light[HORIZON : HORIZON + 3] = clear * zenith, clear * horizon
    light[BELT : BELT + 3] = clear * dusk * (1.0 - dark) * 3.2 * scaled_to_white((1.5, 0.92, 0.42))
    if elevation > -0.02:
        low = 1.0 + 2.0 * (1.0 - day)
        light[GLOW : GLOW + 3] = clear * 0.9 * low * sun_colour
        light[RING : RING + 3] = clear * 7.0 * low * sun_colour
    light[OVERCAST] = 0.45 * (1.0 - clear)
