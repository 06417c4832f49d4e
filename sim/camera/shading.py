"""From facet numbers to light: radiance, metric depth and ids of every pixel, in one pass.

Each pixel casts its own ray against the plane of the facet it sees, so a distorting lens costs nothing
extra and depth is exact. A pixel whose samples see unlike facets is shaded once for each of them and
mixed by their shares (a tent over three by three samples); its depth and ids are the centre's.

Samples are shaded in blocks (`sim.camera.block`). Functions get arrays once per block, never once per
sample: that would cost several times as much.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

from sim.camera import block as of
from sim.camera import facets as fc
from sim.camera import light as lt
from sim.camera.block import ROWS, N
from sim.camera.grain import add_clouds, add_far_land, add_grain, add_patterns
from sim.camera.lighting import add_lamplight, add_open_sky, add_own_beams, add_sunlight, light_up
from sim.camera.shine import add_air, add_shine

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_U1, _U2 = np.uint64(1), np.uint64(2)
_INFINITE = np.float32(np.inf)
_SKY = 11
_EYE_M = np.float32(3.0)  # how high above level land the camera is taken to be where no land is drawn


@njit(cache=True, error_model="numpy", nogil=True)
def shade(  # type: ignore[no-untyped-def]
    floats, ints, sky_facet, ids, spots, rays, rows, window, first_row, end_row, smooth_edges, light, lattice, bodies,
    near, far, sun_axes, open_sky, pools, plans, beams, mirage, radiance, depth_m, instance, semantic,
):  # fmt: skip
    """Fill rows first_row:end_row of the picture."""
    width, stride = rays.shape[1], ids.shape[1]
    flat_ids, flat_near, flat_far = ids.ravel(), near.ravel(), far.ravel()
    flat_lattice, flat_open, flat_pools = lattice.ravel(), open_sky.ravel(), pools.ravel()
    side, open_side, pool_side = near.shape[0], open_sky.shape[0], pools.shape[0]
    b = np.zeros(ROWS * N, dtype=np.float32)
    facets = np.zeros(N, dtype=np.int64)
    owners = np.zeros(N, dtype=np.int64)
    share = np.zeros(N, dtype=np.float32)
    aside = np.zeros(9, dtype=np.float32)
    down = np.zeros(9, dtype=np.float32)
    mirrored = np.zeros((mirage.shape[1], 4), dtype=np.float32)
    mirror_last = np.float32(mirage.shape[1]) - np.float32(1.01)
    sun_x, sun_y, sun_z = light[lt.SUN], light[lt.SUN + 1], light[lt.SUN + 2]
    extinction, night, wetness = light[lt.EXTINCTION], light[lt.NIGHT], light[lt.WETNESS]
    sun_is_up, has_pools, own_beams = light[lt.SUN_UP] > _ZERO, plans[7] > _ZERO, int(plans[8])
    broken = light[lt.CLOUD] > np.float32(0.03) and light[lt.CLOUD] < np.float32(0.97)
    cloudy = broken and light[lt.FOG_SHARE] < _ONE and light[lt.NIGHT] < _HALF  # neither in fog nor by night
    per_sample_l, per_sample_u, pixel = window[4], window[5], window[6]
    for row in range(first_row, end_row):
        ex, ey, ez = rows[row, 0], rows[row, 1], rows[row, 2]
        r00, r01, r02 = rows[row, 3], rows[row, 4], rows[row, 5]
        r10, r11, r12 = rows[row, 6], rows[row, 7], rows[row, 8]
        r20, r21, r22 = rows[row, 9], rows[row, 10], rows[row, 11]
        if wetness > _ZERO:  # the mirror image's line at this row's height
            height_in = min(
                max((np.float32(row) - np.float32(1.5)) * np.float32(0.25), _ZERO), np.float32(mirage.shape[0] - 1)
            )
            above_row = int(height_in)
            below_row, fy = min(above_row + 1, mirage.shape[0] - 1), height_in - np.float32(above_row)
            for k in range(mirage.shape[1]):
                for c in range(4):
                    mirrored[k, c] = mirage[above_row, k, c] + fy * (mirage[below_row, k, c] - mirage[above_row, k, c])
        column = 0
        while column < width:
            # 1. Which samples: one for a pixel that sees one surface, one for each surface it sees else.
            n = 0
            while column < width and n <= N - 9:
                spot = spots[row, column]
                centre = flat_ids[spot]
                left_c, up_c = rays[row, column, 0], rays[row, column, 1]
                if centre >= 0:
                    inverse = (
                        floats[centre, fc.PLANE]
                        + floats[centre, fc.PLANE + 1] * left_c
                        + floats[centre, fc.PLANE + 2] * up_c
                    )
                    depth_m[row, column] = _ONE / max(inverse, np.float32(1e-6))
                    instance[row, column], semantic[row, column] = ints[centre, fc.INSTANCE], ints[centre, fc.SEMANTIC]
                else:
                    inverse = _ZERO
                    depth_m[row, column] = _INFINITE
                    instance[row, column], semantic[row, column] = -1, _SKY
                first = n
                facets[n], owners[n], share[n] = centre, column, _ONE
                b[of.L + n], b[of.U + n] = left_c, up_c
                n += 1
                if smooth_edges:
                    # Unsigned numbers: for an index that may be negative a check would be made each time.
                    top, middle, low_ = np.uint64(spot - stride - 1), np.uint64(spot - 1), np.uint64(spot + stride - 1)
                    i0, i1, i2 = flat_ids[top], flat_ids[top + _U1], flat_ids[top + _U2]
                    i3, i5 = flat_ids[middle], flat_ids[middle + _U2]
                    i6, i7, i8 = flat_ids[low_], flat_ids[low_ + _U1], flat_ids[low_ + _U2]
                    if ((i0 ^ centre) | (i1 ^ centre) | (i2 ^ centre) | (i3 ^ centre) | (i5 ^ centre) | (i6 ^ centre)
                            | (i7 ^ centre) | (i8 ^ centre)) != 0:  # fmt: skip
                        share[first], aside[0], down[0] = np.float32(0.25), _ZERO, _ZERO
                        latest, latest_at = centre, first
                        own_flags, own_row, own_texture, own_slack = -1, -1, 0, np.float32(0.003) * inverse
                        own_x, own_y, own_z, own_red, own_glow = _ZERO, _ZERO, _ZERO, _ZERO, _ZERO
                        if centre >= 0:
                            own_flags, own_row, own_texture = (
                                ints[centre, fc.FLAGS],
                                ints[centre, fc.INSTANCE],
                                ints[centre, fc.TEXTURE],
                            )
                            own_x, own_y, own_z = (
                                floats[centre, fc.NORMAL],
                                floats[centre, fc.NORMAL + 1],
                                floats[centre, fc.NORMAL + 2],
                            )
                            own_red, own_glow = floats[centre, fc.ALBEDO], floats[centre, fc.GLOW]
                        for k in range(9):
                            if k == 4:
                                continue
                            y = k // 3 - 1
                            x = k - 3 * (y + 1) - 1
                            other = flat_ids[spot + y * stride + x]
                            part = np.float32(0.125) if x == 0 or y == 0 else np.float32(0.0625)
                            at = -1
                            if other == latest:
                                at = latest_at
                            else:
                                for m in range(first, n):
                                    if facets[m] == other:
                                        at = m
                                        break
                            if at < 0 and other >= 0 and ints[other, fc.FLAGS] == own_flags:
                                # The same surface going on in another facet needs no shading of its own.
                                same = (
                                    floats[other, fc.NORMAL] * own_x
                                    + floats[other, fc.NORMAL + 1] * own_y
                                    + floats[other, fc.NORMAL + 2] * own_z
                                )
                                beyond = (
                                    floats[other, fc.PLANE]
                                    + floats[other, fc.PLANE + 1] * left_c
                                    + floats[other, fc.PLANE + 2] * up_c
                                )
                                alike = ints[other, fc.INSTANCE] == own_row and ints[other, fc.TEXTURE] == own_texture
                                alike = (
                                    alike and floats[other, fc.ALBEDO] == own_red and floats[other, fc.GLOW] == own_glow
                                )
                                if alike and same > np.float32(0.98) and abs(beyond - inverse) < own_slack:
                                    at = first
                            if at < 0:
                                at = n
                                n += 1
                                facets[at], owners[at], share[at] = other, column, _ZERO
                                aside[at - first], down[at - first] = _ZERO, _ZERO
                            latest, latest_at = other, at
                            share[at] += part
                            aside[at - first] += part * np.float32(x)
                            down[at - first] += part * np.float32(y)
                        for m in range(first, n):
                            b[of.L + m] = left_c - aside[m - first] / share[m] * per_sample_l
                            b[of.U + m] = up_c - down[m - first] / share[m] * per_sample_u
                column += 1
            # 2. Read the facets; unused places of the block see the sky.
            any_flag = 0
            plane_a = plane_b = plane_c = nx = ny = nz = red = green = blue = gloss = retro = _ZERO
            fine = fine_weight = coarse = coarse_weight = tilt = is_sky = is_ground = is_paved = is_smooth = _ZERO
            for k in range(n, N):
                facets[k] = -1
                b[of.L + k], b[of.U + k] = _ZERO, _ZERO
            last = -2
            for k in range(N):
                facet = facets[k]
                if facet != last:
                    last = facet
                    if facet < 0:
                        facet = sky_facet
                    plane_a, plane_b, plane_c = (
                        floats[facet, fc.PLANE],
                        floats[facet, fc.PLANE + 1],
                        floats[facet, fc.PLANE + 2],
                    )
                    nx, ny, nz = floats[facet, fc.NORMAL], floats[facet, fc.NORMAL + 1], floats[facet, fc.NORMAL + 2]
                    red, green, blue = (
                        floats[facet, fc.ALBEDO],
                        floats[facet, fc.ALBEDO + 1],
                        floats[facet, fc.ALBEDO + 2],
                    )
                    gloss, retro = floats[facet, fc.GLOSS], floats[facet, fc.RETRO]
                    fine, fine_weight = floats[facet, fc.GRAIN], floats[facet, fc.GRAIN + 1]
                    coarse, coarse_weight, tilt = (
                        floats[facet, fc.GRAIN + 2],
                        floats[facet, fc.GRAIN + 3],
                        floats[facet, fc.GRAIN + 4],
                    )
                    flags = ints[facet, fc.FLAGS]
                    is_sky, is_ground = np.float32((flags >> 6) & 1), np.float32((flags >> 1) & 1)
                    is_paved, is_smooth = np.float32((flags >> 5) & 1), np.float32(flags & fc.SMOOTH)
                    any_flag |= flags
                b[of.A + k], b[of.B + k], b[of.C + k] = plane_a, plane_b, plane_c
                b[of.NX + k], b[of.NY + k], b[of.NZ + k] = nx, ny, nz
                b[of.RED + k], b[of.GREEN + k], b[of.BLUE + k] = red, green, blue
                b[of.GLOSS + k], b[of.RETRO + k] = gloss, retro
                b[of.FINE + k], b[of.FINE_WEIGHT + k] = fine, fine_weight
                b[of.COARSE + k], b[of.COARSE_WEIGHT + k], b[of.TILT + k] = coarse, coarse_weight, tilt
                b[of.IS_SKY + k], b[of.IS_GROUND + k], b[of.IS_PAVED + k] = is_sky, is_ground, is_paved
                b[of.IS_SMOOTH + k] = is_smooth
            any_smooth, any_gloss, any_lamp = any_flag & fc.SMOOTH, any_flag & (fc.SHINY | fc.SKY), any_flag & fc.LAMP
            any_ground, any_paved = any_flag & fc.GROUND, any_flag & fc.PAVED
            any_texture, any_special, any_sky = any_flag & fc.GRAINED, any_flag & fc.PATTERNED, any_flag & fc.SKY
            if any_smooth:
                for k in range(n):
                    facet = facets[k]
                    if facet >= 0 and ints[facet, fc.FLAGS] & fc.SMOOTH:
                        left, up = b[of.L + k], b[of.U + k]
                        depth = _ONE / max(b[of.A + k] + b[of.B + k] * left + b[of.C + k] * up, np.float32(1e-6))
                        w1 = depth * (
                            floats[facet, fc.WEIGHT_1]
                            + floats[facet, fc.WEIGHT_1 + 1] * left
                            + floats[facet, fc.WEIGHT_1 + 2] * up
                        )
                        w2 = depth * (
                            floats[facet, fc.WEIGHT_2]
                            + floats[facet, fc.WEIGHT_2 + 1] * left
                            + floats[facet, fc.WEIGHT_2 + 2] * up
                        )
                        nx = b[of.NX + k] + w1 * floats[facet, fc.TURN_1] + w2 * floats[facet, fc.TURN_2]
                        ny = b[of.NY + k] + w1 * floats[facet, fc.TURN_1 + 1] + w2 * floats[facet, fc.TURN_2 + 1]
                        nz = b[of.NZ + k] + w1 * floats[facet, fc.TURN_1 + 2] + w2 * floats[facet, fc.TURN_2 + 2]
                        grow = _ONE / sqrt(max(nx * nx + ny * ny + nz * nz, np.float32(1e-6)))
                        b[of.NX + k], b[of.NY + k], b[of.NZ + k] = nx * grow, ny * grow, nz * grow
            # 3. Where each sample lies, and which way it faces.
            for k in range(N):
                left, up = b[of.L + k], b[of.U + k]
                long = sqrt(_ONE + left * left + up * up)
                shrink = _ONE / long
                dx = (r00 + r01 * left + r02 * up) * shrink
                dy = (r10 + r11 * left + r12 * up) * shrink
                dz = (r20 + r21 * left + r22 * up) * shrink
                way = long / max(b[of.A + k] + b[of.B + k] * left + b[of.C + k] * up, np.float32(1e-6))
                b[of.DX + k], b[of.DY + k], b[of.DZ + k], b[of.WAY + k] = dx, dy, dz, way
                b[of.PX + k], b[of.PY + k], b[of.PZ + k] = ex + dx * way, ey + dy * way, ez + dz * way
                nx, ny, nz = b[of.NX + k], b[of.NY + k], b[of.NZ + k]
                facing = -(nx * dx + ny * dy + nz * dz)
                b[of.FACING + k] = facing
                b[of.TOWARDS + k] = dx * sun_x + dy * sun_y + dz * sun_z
                b[of.FOOT + k] = way * pixel / max(abs(facing), np.float32(0.03))
                b[of.SQUARE + k] = max(nx * sun_x + ny * sun_y + nz * sun_z, _ZERO)
                b[of.SEEN + k], b[of.COARSE_GRAIN + k] = _ONE, _ZERO
                b[of.ENV + k], b[of.ENV_R + k], b[of.ENV_G + k], b[of.ENV_B + k] = _ZERO, _ZERO, _ZERO, _ZERO
                b[of.LIT + k] = _ZERO
                b[of.SHINE_R + k], b[of.SHINE_G + k], b[of.SHINE_B + k] = _ZERO, _ZERO, _ZERO
            # 4. Fine structure of surfaces, then the light on them.
            if any_texture:
                add_grain(b, flat_lattice)
            if any_special:
                add_patterns(b, n, facets, ints, bodies, flat_lattice, night)
            if sun_is_up:
                add_sunlight(b, flat_near, flat_far, side, sun_axes)
            if any_ground:
                add_open_sky(b, n, flat_open, open_side, plans)
            light_up(b, light)
            if has_pools:
                add_lamplight(b, n, flat_pools, pool_side, plans)
            if own_beams > 0:
                add_own_beams(b, beams, own_beams, ex, ey, ez, extinction, wetness)
            # 5. What a wet road mirrors besides the sky: from the coarse mirror image.
            wet = any_paved != 0 and wetness > _ZERO
            if wet:
                for k in range(n):
                    if b[of.IS_PAVED + k] > _ZERO:
                        across = (np.float32(owners[k]) - np.float32(1.5)) * np.float32(0.25)
                        across = min(max(across, _ZERO), mirror_last)
                        at = int(across)
                        fx = across - np.float32(at)
                        b[of.ENV_R + k] = mirrored[at, 0] + fx * (mirrored[at + 1, 0] - mirrored[at, 0])
                        b[of.ENV_G + k] = mirrored[at, 1] + fx * (mirrored[at + 1, 1] - mirrored[at, 1])
                        b[of.ENV_B + k] = mirrored[at, 2] + fx * (mirrored[at + 1, 2] - mirrored[at, 2])
                        b[of.ENV + k] = mirrored[at, 3] + fx * (mirrored[at + 1, 3] - mirrored[at, 3])
            if any_sky:
                add_far_land(b, n, flat_lattice, _EYE_M, pixel, light)
                if cloudy:
                    add_clouds(b, n, flat_lattice, light)
            # 6. What shines, what glows, and the air between.
            if any_gloss or any_special or wet:
                add_shine(b, light)
            if any_lamp:
                for k in range(n):
                    facet = facets[k]
                    if facet >= 0 and ints[facet, fc.FLAGS] & fc.LAMP:
                        b[of.RED + k] += floats[facet, fc.GLOW]
                        b[of.GREEN + k] += floats[facet, fc.GLOW + 1]
                        b[of.BLUE + k] += floats[facet, fc.GLOW + 2]
            add_air(b, light)
            # 7. Into the picture: a pixel's samples stand side by side.
            before = -1
            for k in range(n):
                at, part = owners[k], share[k]
                if at != before:
                    radiance[row, at, 0] = part * b[of.RED + k]
                    radiance[row, at, 1] = part * b[of.GREEN + k]
                    radiance[row, at, 2] = part * b[of.BLUE + k]
                    before = at
                else:
                    radiance[row, at, 0] += part * b[of.RED + k]
                    radiance[row, at, 1] += part * b[of.GREEN + k]
                    radiance[row, at, 2] += part * b[of.BLUE + k]
