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
from sim.camera.block import ROWS, N, S
from sim.camera.grain import add_clouds, add_far_land, add_grain, add_patterns
from sim.camera.lighting import add_lamplight, add_open_sky, add_own_beams, add_sunlight, light_up
from sim.camera.shine import add_air, add_shine

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_U1, _U2 = np.uint64(1), np.uint64(2)
_INFINITE = np.float32(np.inf)
_EYE_M = np.float32(3.0)  # how high above level land the camera is taken to be where no land is drawn


@njit(cache=True, error_model="numpy", nogil=True)
def shade(  # type: ignore[no-untyped-def]
    floats, ints, sky_facet, ids, spots, rays, rows, window, first_row, end_row, smooth_edges, light, lattice, bodies,
    near, far, sun_axes, open_sky, pools, plans, beams, mirage, radiance, depth_m, instance, semantic,
):  # fmt: skip
    """Fill rows first_row:end_row of the picture."""
    width, stride = rays.shape[1], ids.shape[1]
    flat_ids, flat_near, flat_far = ids.ravel(), near.ravel(), far.ravel()
    flat_floats = floats.ravel()
    flat_lattice, flat_open, flat_pools = lattice.ravel(), open_sky.ravel(), pools.ravel()
    side, open_side, pool_side = near.shape[0], open_sky.shape[0], pools.shape[0]
    b = np.zeros(ROWS * S, dtype=np.float32)
    facets = np.zeros(N, dtype=np.int64)
    owners = np.zeros(N, dtype=np.int64)
    share = np.zeros(N, dtype=np.float32)
    aside = np.zeros(9, dtype=np.float32)
    down = np.zeros(9, dtype=np.float32)
    around = np.zeros(9, dtype=np.int64)
    kinds = np.zeros(9, dtype=np.int64)
    upright, beside = np.zeros(2 * width + 1, dtype=np.int32), np.zeros(2 * width + 1, dtype=np.int32)
    differs = np.zeros(width, dtype=np.int32)
    weights = np.zeros(9, dtype=np.float32)
    most = 8 * width if smooth_edges else 0
    more_facets, more_owners = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    more_l, more_u = np.empty(most, dtype=np.float32), np.empty(most, dtype=np.float32)
    more_shares = np.empty(most, dtype=np.float32)
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
        if smooth_edges:  # which pixels have a neighbouring sample that sees another facet
            uneven = 0
            for k in range(width - 1):
                uneven |= (spots[row, k + 1] - spots[row, k]) ^ 2
            if uneven == 0:  # every second sample is a pixel's own: compare rows of samples as they lie
                start = spots[row, 0] - 1
                above, level, below = (
                    flat_ids[start - stride : start - stride + 2 * width + 1],
                    flat_ids[start : start + 2 * width + 1],
                    flat_ids[start + stride : start + stride + 2 * width + 1],
                )
                for k in range(2 * width):
                    upright[k] = (above[k] ^ level[k]) | (below[k] ^ level[k])
                    beside[k] = upright[k] | (level[k] ^ level[k + 1])
                upright[2 * width] = (above[2 * width] ^ level[2 * width]) | (below[2 * width] ^ level[2 * width])
                for k in range(width):
                    differs[k] = beside[2 * k] | beside[2 * k + 1] | upright[2 * k + 2]
            else:
                for k in range(width):
                    spot = spots[row, k]
                    centre = flat_ids[spot]
                    # Unsigned numbers: for an index that may be negative a check would be made each time.
                    top, middle, low_ = np.uint64(spot - stride - 1), np.uint64(spot - 1), np.uint64(spot + stride - 1)
                    differs[k] = (
                        (flat_ids[top] ^ centre) | (flat_ids[top + _U1] ^ centre) | (flat_ids[top + _U2] ^ centre)
                        | (flat_ids[middle] ^ centre) | (flat_ids[middle + _U2] ^ centre)
                        | (flat_ids[low_] ^ centre) | (flat_ids[low_ + _U1] ^ centre) | (flat_ids[low_ + _U2] ^ centre)
                    )  # fmt: skip
        column, queued, taken = 0, 0, 0
        while column < width or taken < queued:
            # 1. Which samples: the pixels' own, and after the row's last pixel what else its pixels see.
            pixels_own, begin_column = column < width, column
            if pixels_own:
                n = min(N, width - column)
                column += n
                for k in range(n):
                    facets[k], owners[k], share[k] = flat_ids[spots[row, begin_column + k]], begin_column + k, _ONE
                    b[of.L + k], b[of.U + k] = rays[row, begin_column + k, 0], rays[row, begin_column + k, 1]
            else:
                n = min(N, queued - taken)
                for k in range(n):
                    facets[k], owners[k], share[k] = (
                        more_facets[taken + k],
                        more_owners[taken + k],
                        more_shares[taken + k],
                    )
                    b[of.L + k], b[of.U + k] = more_l[taken + k], more_u[taken + k]
                taken += n
            # 2. Read the facets; unused places of the block see the sky. A facet often covers many samples in a row.
            any_flag, any_solid = 0, False
            for k in range(n, N):
                facets[k] = -1
                b[of.L + k], b[of.U + k] = _ZERO, _ZERO
            begin = 0
            while begin < N:
                facet = facets[begin]
                end = begin + 1
                while end < N and facets[end] == facet:
                    end += 1
                if facet < 0:
                    facet = sky_facet
                else:
                    any_solid = True
                any_flag |= ints[facet, fc.FLAGS]
                if pixels_own:
                    who, what = ints[facet, fc.INSTANCE], ints[facet, fc.SEMANTIC]
                    for k in range(begin_column + begin, begin_column + min(end, n)):
                        instance[row, k], semantic[row, k] = who, what
                source = np.uint64(facet * fc.FLOATS)
                for part_of in range(np.uint64(fc.BLOCKED)):
                    value = flat_floats[source + part_of]
                    start = np.uint64(of.A) + part_of * np.uint64(of.S)
                    for chunk in range(np.uint64(begin), np.uint64(end), np.uint64(of.CHUNK)):
                        for lane in range(np.uint64(of.CHUNK)):
                            b[start + chunk + lane] = value
                begin = end
            if pixels_own:
                for k in range(n):
                    inverse = b[of.A + k] + b[of.B + k] * b[of.L + k] + b[of.C + k] * b[of.U + k]
                    metres = _ONE / max(inverse, np.float32(1e-6))
                    depth_m[row, begin_column + k] = metres if b[of.IS_SKY + k] == _ZERO else _INFINITE
                for place in range(n if smooth_edges else 0):
                    spot, centre = spots[row, begin_column + place], facets[place]
                    if differs[begin_column + place] != 0:
                        around[0], around[1], around[2] = (
                            flat_ids[spot - stride - 1],
                            flat_ids[spot - stride],
                            flat_ids[spot - stride + 1],
                        )
                        around[3], around[4], around[5] = flat_ids[spot - 1], centre, flat_ids[spot + 1]
                        around[6], around[7], around[8] = (
                            flat_ids[spot + stride - 1],
                            flat_ids[spot + stride],
                            flat_ids[spot + stride + 1],
                        )
                        left_c, up_c = b[of.L + place], b[of.U + place]
                        inverse = b[of.A + place] + b[of.B + place] * left_c + b[of.C + place] * up_c
                        own = sky_facet if centre < 0 else centre
                        own_flags, own_row = ints[own, fc.FLAGS], ints[own, fc.INSTANCE]
                        own_texture, own_slack = ints[own, fc.TEXTURE], np.float32(0.003) * inverse
                        own_x, own_y, own_z = (
                            floats[own, fc.NORMAL],
                            floats[own, fc.NORMAL + 1],
                            floats[own, fc.NORMAL + 2],
                        )
                        own_red, own_glow = floats[own, fc.ALBEDO], floats[own, fc.GLOW]
                        # Where the same surface goes on in other facets they need no shading of their own.
                        others, before, latest = 0, centre, centre
                        for k in range(9):
                            other = around[k]
                            if other == before:
                                around[k] = latest
                            elif other != centre:
                                before, latest = other, other
                                if other >= 0 and ints[other, fc.FLAGS] == own_flags:
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
                                    if (
                                        same > np.float32(0.98)
                                        and abs(beyond - inverse) < own_slack
                                        and ints[other, fc.INSTANCE] == own_row
                                        and ints[other, fc.TEXTURE] == own_texture
                                        and floats[other, fc.ALBEDO] == own_red
                                        and floats[other, fc.GLOW] == own_glow
                                    ):
                                        latest = centre
                                around[k] = latest
                            others |= around[k] ^ centre
                        if others == 0:
                            continue
                        seen, weights[0], aside[0], down[0] = 1, np.float32(0.25), _ZERO, _ZERO
                        kinds[0], latest, latest_at = centre, centre, 0
                        for k in range(9):
                            if k == 4:
                                continue
                            y = k // 3 - 1
                            x = k - 3 * (y + 1) - 1
                            other = around[k]
                            part = np.float32(0.125) if x == 0 or y == 0 else np.float32(0.0625)
                            at = -1
                            if other == latest:
                                at = latest_at
                            else:
                                for m in range(seen):
                                    if kinds[m] == other:
                                        at = m
                                        break
                            if at < 0:
                                at = seen
                                seen += 1
                                kinds[at], weights[at], aside[at], down[at] = other, _ZERO, _ZERO, _ZERO
                            latest, latest_at = other, at
                            weights[at] += part
                            aside[at] += part * np.float32(x)
                            down[at] += part * np.float32(y)
                        share[place] = weights[0]
                        b[of.L + place] = left_c - aside[0] / weights[0] * per_sample_l
                        b[of.U + place] = up_c - down[0] / weights[0] * per_sample_u
                        for m in range(1, seen):
                            more_facets[queued], more_owners[queued] = kinds[m], begin_column + place
                            more_shares[queued] = weights[m]
                            more_l[queued] = left_c - aside[m] / weights[m] * per_sample_l
                            more_u[queued] = up_c - down[m] / weights[m] * per_sample_u
                            queued += 1
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
            if sun_is_up and any_solid:
                add_sunlight(b, flat_near, flat_far, side, sun_axes)
            if any_ground:
                add_open_sky(b, n, flat_open, open_side, plans)
            if any_solid:
                light_up(b, light)
            if has_pools and any_solid:
                add_lamplight(b, n, flat_pools, pool_side, plans)
            if own_beams > 0:
                add_own_beams(b, beams, own_beams, ex, ey, ez, extinction, wetness, any_solid)
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
            # 7. Into the picture: a pixel's own sample comes first.
            if pixels_own:
                for k in range(n):
                    radiance[row, begin_column + k, 0] = share[k] * b[of.RED + k]
                    radiance[row, begin_column + k, 1] = share[k] * b[of.GREEN + k]
                    radiance[row, begin_column + k, 2] = share[k] * b[of.BLUE + k]
            else:
                for k in range(n):
                    at = owners[k]
                    radiance[row, at, 0] += share[k] * b[of.RED + k]
                    radiance[row, at, 1] += share[k] * b[of.GREEN + k]
                    radiance[row, at, 2] += share[k] * b[of.BLUE + k]
