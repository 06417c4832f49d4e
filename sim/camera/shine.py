"""What shines and what lies between: mirror images of the sky in glossy and wet surfaces, the sky itself, the air."""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

from sim.camera import block as of
from sim.camera import light as lt
from sim.camera.block import N, clamp, fading
from sim.camera.light import sky_shares

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_CLOUD_SIDE = np.float32(0.15)  # clouds show the sun a flank when it is low
_OVER_PI = np.float32(1.0 / np.pi)


@njit(cache=True, error_model="numpy", nogil=True)
def add_shine(b, light):  # type: ignore[no-untyped-def]
    """The sky, and its image in glossy and wet surfaces: to this loop the sky is a mirror that looks straight on."""
    sun_x, sun_y, sun_z = light[lt.SUN], light[lt.SUN + 1], light[lt.SUN + 2]
    sun_r, sun_g, sun_b = (
        light[lt.SUN_LIGHT] * _OVER_PI,
        light[lt.SUN_LIGHT + 1] * _OVER_PI,
        light[lt.SUN_LIGHT + 2] * _OVER_PI,
    )
    low_r, low_g, low_b = (
        light[lt.BOUNCE] * _OVER_PI * _HALF,
        light[lt.BOUNCE + 1] * _OVER_PI * _HALF,
        light[lt.BOUNCE + 2] * _OVER_PI * _HALF,
    )
    fog_height, wetness, overcast = light[lt.FOG_HEIGHT], light[lt.WETNESS], light[lt.OVERCAST]
    zen_r, zen_g, zen_b = light[lt.ZENITH], light[lt.ZENITH + 1], light[lt.ZENITH + 2]
    hor_r, hor_g, hor_b = light[lt.HORIZON] - zen_r, light[lt.HORIZON + 1] - zen_g, light[lt.HORIZON + 2] - zen_b
    belt_r, belt_g, belt_b = light[lt.BELT], light[lt.BELT + 1], light[lt.BELT + 2]
    glow_r, glow_g, glow_b = light[lt.GLOW], light[lt.GLOW + 1], light[lt.GLOW + 2]
    ring_r, ring_g, ring_b = light[lt.RING], light[lt.RING + 1], light[lt.RING + 2]
    disc_r, disc_g, disc_b = light[lt.DISC], light[lt.DISC + 1], light[lt.DISC + 2]
    cloud_r = (light[lt.SKY_UP] + light[lt.SUN_LIGHT] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
    cloud_g = (light[lt.SKY_UP + 1] + light[lt.SUN_LIGHT + 1] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
    cloud_b = (light[lt.SKY_UP + 2] + light[lt.SUN_LIGHT + 2] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
    for k in range(N):
        dx, dy, dz = b[of.DX + k], b[of.DY + k], b[of.DZ + k]
        facing = clamp(b[of.FACING + k])
        is_sky = b[of.IS_SKY + k]
        twice = _TWO * facing
        mx, my, mz = dx + twice * b[of.NX + k], dy + twice * b[of.NY + k], dz + twice * b[of.NZ + k]
        graze = _ONE - facing
        graze *= graze
        mirror = b[of.GLOSS + k] * (np.float32(0.1) + np.float32(0.9) * graze * graze)
        film = clamp(wetness * (np.float32(1.25) + np.float32(0.5) * b[of.COARSE_GRAIN + k]) - np.float32(0.2))
        steep = graze * graze * (_ONE - facing)
        mirror = max(mirror, film * b[of.IS_PAVED + k] * (np.float32(0.02) + np.float32(0.60) * steep))
        mirror = max(mirror, is_sky)
        along = mx * sun_x + my * sun_y + mz * sun_z
        low, belt, glow, ring, cover = sky_shares(mz, along)
        cover *= overcast
        ring *= is_sky
        sky_r = zen_r + hor_r * low + belt_r * belt + glow_r * glow + ring_r * ring + cover
        sky_g = zen_g + hor_g * low + belt_g * belt + glow_g * glow + ring_g * ring + cover
        sky_b = zen_b + hor_b * low + belt_b * belt + glow_b * glow + ring_b * ring + cover
        above = clamp(mz * np.float32(6.0) + np.float32(0.35) + is_sky)
        sky_r = above * sky_r + (_ONE - above) * low_r
        sky_g = above * sky_g + (_ONE - above) * low_g
        sky_b = above * sky_b + (_ONE - above) * low_b
        env = b[of.ENV + k]
        sky_r += b[of.ENV_R + k] - env * sky_r
        sky_g += b[of.ENV_G + k] - env * sky_g
        sky_b += b[of.ENV_B + k] - env * sky_b
        peak = max(along, _ZERO)
        peak *= peak
        peak *= peak
        peak *= peak
        peak *= peak
        peak *= peak
        peak *= peak
        peak = peak * peak * b[of.LIT + k] * np.float32(33.0) * (_ONE - is_sky)
        disc = is_sky if along > np.float32(0.9999892) else _ZERO
        sky_r += sun_r * peak + disc_r * disc
        sky_g += sun_g * peak + disc_g * disc
        sky_b += sun_b * peak + disc_b * disc
        # Clouds before the sky: lit by all the light there is.
        cloud = is_sky * (_ONE - b[of.SEEN + k]) * b[of.T3 + k]
        open_ = _ONE - is_sky * (_ONE - b[of.SEEN + k])
        sky_r = sky_r * open_ + cloud * (cloud_r + belt_r * belt + glow_r * glow)
        sky_g = sky_g * open_ + cloud * (cloud_g + belt_g * belt + glow_g * glow)
        sky_b = sky_b * open_ + cloud * (cloud_b + belt_b * belt + glow_b * glow)
        b[of.RED + k] += mirror * (sky_r - b[of.RED + k])
        b[of.GREEN + k] += mirror * (sky_g - b[of.GREEN + k])
        b[of.BLUE + k] += mirror * (sky_b - b[of.BLUE + k])
        # The sky is seen through the fog that lies below it.
        over = fog_height / max(dz, np.float32(0.002)) if dz > _ZERO else np.float32(1e5)
        b[of.WAY + k] = over if is_sky > _HALF else b[of.WAY + k]


@njit(cache=True, error_model="numpy", nogil=True)
def add_air(b, light):  # type: ignore[no-untyped-def]
    """Koschmieder: what is seen fades with the way and the air's own light takes its place."""
    extinction, fog_share, overcast = light[lt.EXTINCTION], light[lt.FOG_SHARE], light[lt.OVERCAST]
    thin = _ONE - fog_share
    air_r = fog_share * light[lt.AIR] + thin * (light[lt.HORIZON] + overcast)
    air_g = fog_share * light[lt.AIR + 1] + thin * (light[lt.HORIZON + 1] + overcast)
    air_b = fog_share * light[lt.AIR + 2] + thin * (light[lt.HORIZON + 2] + overcast)
    air_belt_r, air_belt_g, air_belt_b = thin * light[lt.BELT], thin * light[lt.BELT + 1], thin * light[lt.BELT + 2]
    air_glow_r, air_glow_g, air_glow_b = thin * light[lt.GLOW], thin * light[lt.GLOW + 1], thin * light[lt.GLOW + 2]
    for k in range(N):
        red, green = b[of.RED + k] + b[of.SHINE_R + k], b[of.GREEN + k] + b[of.SHINE_G + k]
        blue = b[of.BLUE + k] + b[of.SHINE_B + k]
        clear = fading(extinction * b[of.WAY + k])
        haze = _ONE - clear
        towards = b[of.TOWARDS + k]
        half = _HALF + _HALF * towards
        belt = half * half
        glow = max(towards, _ZERO)
        glow *= glow
        glow *= glow
        glow *= glow
        b[of.RED + k] = red * clear + haze * (air_r + air_belt_r * belt + air_glow_r * glow)
        b[of.GREEN + k] = green * clear + haze * (air_g + air_belt_g * belt + air_glow_g * glow)
        b[of.BLUE + k] = blue * clear + haze * (air_b + air_belt_b * belt + air_glow_b * glow)
