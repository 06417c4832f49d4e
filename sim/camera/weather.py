"""Weather between the camera and what it sees: streaks of rain, and spray behind vehicles on a wet road.

Both are drawn into a finished picture, each at its own depth: what is nearer hides it. Drops are drawn
by chance from the seed and the picture's instant; spray follows from speed and water alone.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

from sim.camera.beams import low_beam_cd
from sim.randomness import philox4x32

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
NEAREST_M, FARTHEST_M = 0.7, 9.0  # drops nearer are faults of the lens, drops farther are mist
DROPS_PER_MMPH, MOST_DROPS = 90.0, 2200.0  # own: how many of the drops of Marshall and Palmer (1948) can be seen
SMEAR_S = 0.008  # own: how long a drop's trace is watched, as in daylight rain exposures
PUFFS = 7  # of spray behind one vehicle
_WORD = 2.0**-32


@njit(cache=True, error_model="numpy", nogil=True)
def splat_rain(radiance, depth_m, lens, key, slot, rain, drift, colour, beams, down):  # type: ignore[no-untyped-def]
    """Draw the drops of one instant.

    `lens` is focal x, y and centre x, y in pixels; `drift` the drops' velocity relative to the camera in
    sensor axes; `colour` what daylight makes of a drop; `beams` the own headlamps in sensor axes.
    """
    height, width = depth_m.shape
    count = int(min(DROPS_PER_MMPH * rain, MOST_DROPS))
    near3, far3 = NEAREST_M**3, FARTHEST_M**3
    for drop in range(count):
        a, b, c, d = philox4x32(key, down, slot, drop)
        px, py = np.float64(a) * _WORD * width, np.float64(b) * _WORD * (height + 60) - 30.0
        z = (near3 + np.float64(c) * _WORD * (far3 - near3)) ** (1.0 / 3.0)
        size = 0.6 + 0.9 * np.float64(d) * _WORD
        left, up = (lens[2] - px) / lens[0], (lens[3] - py) / lens[1]
        hx, hy, hz = 0.5 * SMEAR_S * drift[0], 0.5 * SMEAR_S * drift[1], 0.5 * SMEAR_S * drift[2]
        z0, z1 = z - hx, z + hx
        if z0 < 0.3 or z1 < 0.3:
            continue
        x0, y0 = lens[2] - lens[0] * (left * z - hy) / z0, lens[3] - lens[1] * (up * z - hz) / z0
        x1, y1 = lens[2] - lens[0] * (left * z + hy) / z1, lens[3] - lens[1] * (up * z + hz) / z1
        long = sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
        steps = int(min(max(abs(x1 - x0), abs(y1 - y0)), 400.0)) + 1
        wide = lens[0] * 0.0015 * size / z  # px
        cover = min(0.30 * size * min(wide, 1.0) * min(1.0, 14.0 / (long + 4.0)) * 1.6, 0.6)
        red, green, blue = colour[0], colour[1], colour[2]
        for lamp in range(beams.shape[0]):
            ax, ay, az = z - beams[lamp, 0], left * z - beams[lamp, 1], up * z - beams[lamp, 2]
            cd = low_beam_cd(
                np.float32(ax * beams[lamp, 3] + ay * beams[lamp, 4] + az * beams[lamp, 5]),
                np.float32(ax * beams[lamp, 6] + ay * beams[lamp, 7] + az * beams[lamp, 8]),
                np.float32(ax * beams[lamp, 9] + ay * beams[lamp, 10] + az * beams[lamp, 11]),
            )
            glint = np.float32(0.02 * cd / max(ax * ax + ay * ay + az * az, 1.0))
            red, green, blue = red + glint, green + glint, blue + glint
        sideways = abs(y1 - y0) >= abs(x1 - x0)
        for step in range(steps):
            share = (step + 0.5) / steps
            x, y = x0 + share * (x1 - x0) - 0.5, y0 + share * (y1 - y0) - 0.5
            fade = cover * 4.0 * share * (1.0 - share)
            ix, iy = int(np.floor(x)), int(np.floor(y))
            part = x - ix if sideways else y - iy
            for other in range(2):
                cx, cy = (ix + other, int(np.floor(y + 0.5))) if sideways else (int(np.floor(x + 0.5)), iy + other)
                if cx < 0 or cy < 0 or cx >= width or cy >= height or depth_m[cy, cx] < z:
                    continue
                weight = np.float32(fade * (part if other == 1 else 1.0 - part))
                radiance[cy, cx, 0] += weight * (red - radiance[cy, cx, 0])
                radiance[cy, cx, 1] += weight * (green - radiance[cy, cx, 1])
                radiance[cy, cx, 2] += weight * (blue - radiance[cy, cx, 2])


@njit(cache=True, error_model="numpy", nogil=True)
def lay_puffs(moment, outlines, hidden, position, turn, wetness, puffs):  # type: ignore[no-untyped-def]
    """Puffs of spray behind moving vehicles in sensor axes; returns how many.

    A puff is its middle (3), its spread across and up, its optical depth through the middle, and the
    red light of tail and brake lamps in it.
    """
    count = 0
    for row in range(moment.poses.shape[0]):
        v = sqrt(moment.motions[row, 0] ** 2 + moment.motions[row, 1] ** 2)
        long, wide, high, mid = outlines[row, 0], outlines[row, 1], outlines[row, 2], outlines[row, 3]
        if row == hidden or v < 5.0 or wide < 0.6:
            continue
        pose = moment.poses[row]
        heavy = min(max((high - 1.2) / 2.2, 0.0), 1.0)
        # Spray rises with the square of speed and with the size of the wheels (own, after photographs).
        thick = wetness * min(v / 25.0, 1.3) ** 2 * (0.16 + 0.75 * heavy)
        red = 0.0
        if (moment.lamps[row] >> 2) & 1:
            red = 1.2
        if (moment.lamps[row] >> 3) & 1:
            red += 6.0
        for side in range(2):
            for k in range(PUFFS // 2 + 1):
                if count >= puffs.shape[0]:
                    return count
                behind = mid - long - 0.2 - (0.55 + 0.3 * heavy) * k * (1.0 + 0.18 * k)
                across = (0.72 + 0.05 * k) * wide * (1.0 if side == 0 else -1.0)
                up = 0.30 + (0.16 + 0.20 * heavy) * k
                x = pose[0, 0] * behind + pose[0, 1] * across + pose[0, 2] * up + pose[0, 3] - position[0]
                y = pose[1, 0] * behind + pose[1, 1] * across + pose[1, 2] * up + pose[1, 3] - position[1]
                z = pose[2, 0] * behind + pose[2, 1] * across + pose[2, 2] * up + pose[2, 3] - position[2]
                p = puffs[count]
                p[0] = turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z
                p[1] = turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z
                p[2] = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z
                p[3] = (0.34 + 0.13 * k) * (0.8 + 0.5 * heavy)
                p[4] = (0.22 + 0.13 * k) * (0.8 + 0.8 * heavy)
                p[5] = thick * (0.95 - 0.12 * k)
                p[6] = red / (1.0 + k)
                if p[0] > 1.2 and p[0] < 120.0 and p[5] > 0.01:
                    count += 1
    return count


@njit(cache=True, error_model="numpy", nogil=True)
def splat_spray(radiance, depth_m, lens, puffs, count, colour, beam_lux, first_row, end_row):  # type: ignore[no-untyped-def]
    """Veil rows first_row:end_row by puffs; `colour` is their own radiance, `beam_lux` by own headlamps at each."""
    width = depth_m.shape[1]
    thick = np.zeros(width, dtype=np.float32)
    bright = np.zeros(width, dtype=np.float32)
    glow = np.zeros(width, dtype=np.float32)
    step = np.float32(-1.0 / lens[0])
    highest, lowest = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)  # the rows each puff covers
    for k in range(count):
        middle, half = lens[3] - 0.5 - lens[1] * puffs[k, 2] / puffs[k, 0], lens[1] * 2.6 * puffs[k, 4] / puffs[k, 0]
        highest[k], lowest[k] = int(np.ceil(max(middle - half, -1e6))), int(np.floor(min(middle + half, 1e6)))
    for row in range(first_row, end_row):
        low, high = width, 0
        up = (lens[3] - (row + 0.5)) / lens[1]
        depths = depth_m[row]
        for k in range(count):
            if row < highest[k] or row > lowest[k]:
                continue
            x, y, z, s, sv, tau = puffs[k, 0], puffs[k, 1], puffs[k, 2], puffs[k, 3], puffs[k, 4], puffs[k, 5]
            centre, reach = lens[2] - lens[0] * y / x, lens[0] * 2.6 * s / x
            first, end = max(int(centre - reach), 0), min(int(centre + reach) + 1, width)
            if first >= end:
                continue
            low, high = min(low, first), max(high, end)
            tall = s / sv
            dz, cz = np.float32(up * tall), np.float32(z * tall)
            cx, cy = np.float32(x), np.float32(y)
            c2 = cx * cx + cy * cy + cz * cz
            narrow = np.float32(0.5 / (s * s))
            sharp = np.float32(0.3 / s)
            weight, shine, tail = np.float32(tau), np.float32(beam_lux[k]), np.float32(puffs[k, 6])
            at, start = np.uint64(first), np.float32((lens[2] - 0.5 - first) / lens[0])
            for count_ in range(np.uint64(end - first)):
                c = at + count_
                left = start + step * np.float32(count_)
                d2 = _ONE + left * left + dz * dz
                t = (cx + left * cy + dz * cz) / d2
                off = max(c2 - t * t * d2, _ZERO) * narrow
                q = _ONE / (_ONE + off * (np.float32(0.25) + off * np.float32(0.03125)))  # exp(-off) by its fourth root
                q *= q
                before = min(max(_HALF + (depths[c] - t) * sharp, _ZERO), _ONE)
                part = weight * max(q * q - np.float32(0.045), _ZERO) * before
                thick[c] += part
                bright[c] += part * shine
                glow[c] += part * tail
        for column in range(low, high):
            tau_c = thick[column]
            if tau_c > np.float32(1e-4):
                q = _ONE / (_ONE + tau_c * (np.float32(0.25) + tau_c * np.float32(0.03125)))
                q *= q
                clear = q * q
                veil = (_ONE - clear) / tau_c
                radiance[row, column, 0] = radiance[row, column, 0] * clear + veil * (
                    tau_c * colour[0] + bright[column] + glow[column]
                )
                radiance[row, column, 1] = radiance[row, column, 1] * clear + veil * (
                    tau_c * colour[1] + bright[column]
                )
                radiance[row, column, 2] = radiance[row, column, 2] * clear + veil * (
                    tau_c * colour[2] + bright[column]
                )
            thick[column], bright[column], glow[column] = _ZERO, _ZERO, _ZERO


@njit(cache=True, error_model="numpy", nogil=True)
def beam_lux(beams, puffs, count):  # type: ignore[no-untyped-def]
    """Radiance that the own headlamps give to each puff, cd/m²."""
    lux = np.zeros(max(count, 1))
    for k in range(count):
        for lamp in range(beams.shape[0]):
            x, y, z = puffs[k, 0] - beams[lamp, 0], puffs[k, 1] - beams[lamp, 1], puffs[k, 2] - beams[lamp, 2]
            cd = low_beam_cd(
                np.float32(x * beams[lamp, 3] + y * beams[lamp, 4] + z * beams[lamp, 5]),
                np.float32(x * beams[lamp, 6] + y * beams[lamp, 7] + z * beams[lamp, 8]),
                np.float32(x * beams[lamp, 9] + y * beams[lamp, 10] + z * beams[lamp, 11]),
            )
            lux[k] += 0.035 * cd / max(x * x + y * y + z * z, 1.0)
    return lux
