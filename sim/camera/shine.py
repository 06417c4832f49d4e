"""What shines and what lies between: mirror images of the sky in glossy and wet surfaces, the sky itself, the air."""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

import numpy as np
from numba import njit

from sim.camera import block as of
from sim.camera.block import N, clamp, fading
from sim.camera.light import sky_shares

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_CLOUD_SIDE = np.float32(0.15)  # clouds show the sun a flank when it is low
_OVER_PI = np.float32(1.0 / np.pi)


@njit(cache=True, error_model="numpy", nogil=True)
def add_shine(b, light):  # type: ignore[no-untyped-def]
    """The sky, and its image in glossy and wet surfaces: to this loop the sky is a mirror that looks straight on."""
    sun_x, sun_y, sun_z = light[0], light[1], light[2]
    sun_r, sun_g, sun_b = light[3] * _OVER_PI, light[4] * _OVER_PI, light[5] * _OVER_PI
    low_r, low_g, low_b = light[27] * _OVER_PI * _HALF, light[28] * _OVER_PI * _HALF, light[29] * _OVER_PI * _HALF
    fog_height, wetness, overcast = light[35], light[37], light[42]
    zen_r, zen_g, zen_b = light[6], light[7], light[8]
    hor_r, hor_g, hor_b = light[9] - zen_r, light[10] - zen_g, light[11] - zen_b
    belt_r, belt_g, belt_b = light[12], light[13], light[14]
    glow_r, glow_g, glow_b = light[15], light[16], light[17]
    ring_r, ring_g, ring_b = light[18], light[19], light[20]
    disc_r, disc_g, disc_b = light[21], light[22], light[23]
    cloud_r = (light[24] + light[3] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
    cloud_g = (light[25] + light[4] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
    cloud_b = (light[26] + light[5] * max(sun_z, _CLOUD_SIDE)) * _OVER_PI
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
    extinction, fog_share, overcast = light[30], light[34], light[42]
    thin = _ONE - fog_share
    air_r = fog_share * light[31] + thin * (light[9] + overcast)
    air_g = fog_share * light[32] + thin * (light[10] + overcast)
    air_b = fog_share * light[33] + thin * (light[11] + overcast)
    air_belt_r, air_belt_g, air_belt_b = thin * light[12], thin * light[13], thin * light[14]
    air_glow_r, air_glow_g, air_glow_b = thin * light[15], thin * light[16], thin * light[17]
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
