"""Light on surfaces: sun with its shadows, sky and ground, lamps of the street and of others, the own headlamps."""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

from sim.camera import block as of
from sim.camera import light as lt
from sim.camera.beams import low_beam_cd
from sim.camera.block import N, clamp, fading

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_OVER_PI = np.float32(1.0 / np.pi)
_U1, _U2, _U3, _U4, _U5 = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4), np.uint64(5)
_U6, _U7, _U8, _U9 = np.uint64(6), np.uint64(7), np.uint64(8), np.uint64(9)
_SHOWING_AIR = np.float32(0.003)  # 1/m: in clearer air a beam cannot be seen from the side (own)


@njit(cache=True, error_model="numpy", nogil=True)
def add_sunlight(b, flat_near, flat_far, side, sun_axes):  # type: ignore[no-untyped-def]
    """Which samples the sun reaches: look towards it in the finer shadow map, beyond it in the coarser one."""
    a0, a1, a2, a3, a4, a5 = sun_axes[0], sun_axes[1], sun_axes[2], sun_axes[3], sun_axes[4], sun_axes[5]
    a6, a7, a8 = sun_axes[6], sun_axes[7], sun_axes[8]
    near_a, near_b, far_a, far_b = sun_axes[9], sun_axes[10], sun_axes[11], sun_axes[12]
    near_bias, far_bias = sun_axes[13], sun_axes[14]
    near_fine, far_fine = _ONE / near_bias, _ONE / far_bias
    edge, side_f, side_u = np.float32(side - 2), np.float32(side), np.uint64(side)
    for k in range(N):
        sx, sy, sz = (
            b[of.PX + k] + b[of.NX + k] * near_bias,
            b[of.PY + k] + b[of.NY + k] * near_bias,
            b[of.PZ + k] + b[of.NZ + k] * near_bias,
        )
        u = (a0 * sx + a1 * sy + a2 * sz - near_a) * near_fine
        v = (a3 * sx + a4 * sy + a5 * sz - near_b) * near_fine
        fits = min(min(u, v) - _ONE, edge - max(u, v)) > _ZERO
        u, v = (u if fits else _ONE), (v if fits else _ONE)
        gu, gv = np.floor(u), np.floor(v)
        b[of.S_AT + k] = gv * side_f + gu
        b[of.S_A + k], b[of.S_B + k] = u - gu, v - gv
        b[of.S_HIGH + k] = a6 * sx + a7 * sy + a8 * sz + near_bias
        b[of.S_FAR + k] = _ZERO if fits else _ONE
    beyond = False
    for k in range(N):
        if b[of.SQUARE + k] > _ZERO:
            if b[of.S_FAR + k] > _ZERO:
                beyond = True
                continue
            place = np.uint64(int(b[of.S_AT + k]))
            b[of.M0 + k], b[of.M1 + k] = flat_near[place], flat_near[place + _U1]
            b[of.M2 + k], b[of.M3 + k] = flat_near[place + side_u], flat_near[place + side_u + _U1]
    if beyond:
        for k in range(N):
            sx, sy, sz = (
                b[of.PX + k] + b[of.NX + k] * far_bias,
                b[of.PY + k] + b[of.NY + k] * far_bias,
                b[of.PZ + k] + b[of.NZ + k] * far_bias,
            )
            u = (a0 * sx + a1 * sy + a2 * sz - far_a) * far_fine
            v = (a3 * sx + a4 * sy + a5 * sz - far_b) * far_fine
            fits = min(min(u, v) - _ONE, edge - max(u, v)) > _ZERO
            u, v = (u if fits else _ONE), (v if fits else _ONE)
            high = a6 * sx + a7 * sy + a8 * sz + far_bias if fits else np.float32(1e9)
            gu, gv = np.floor(u), np.floor(v)
            further = b[of.S_FAR + k] > _ZERO
            b[of.S_AT + k] = gv * side_f + gu
            b[of.S_A + k] = u - gu if further else b[of.S_A + k]
            b[of.S_B + k] = v - gv if further else b[of.S_B + k]
            b[of.S_HIGH + k] = high if further else b[of.S_HIGH + k]
        for k in range(N):
            if b[of.SQUARE + k] > _ZERO and b[of.S_FAR + k] > _ZERO:
                place = np.uint64(int(b[of.S_AT + k]))
                b[of.M0 + k], b[of.M1 + k] = flat_far[place], flat_far[place + _U1]
                b[of.M2 + k], b[of.M3 + k] = flat_far[place + side_u], flat_far[place + side_u + _U1]
    for k in range(N):
        high = b[of.S_HIGH + k]
        s0 = _ONE if b[of.M0 + k] < high else _ZERO
        s1 = _ONE if b[of.M1 + k] < high else _ZERO
        s2 = _ONE if b[of.M2 + k] < high else _ZERO
        s3 = _ONE if b[of.M3 + k] < high else _ZERO
        one = s0 + b[of.S_A + k] * (s1 - s0)
        two = s2 + b[of.S_A + k] * (s3 - s2)
        lit = one + b[of.S_B + k] * (two - one)
        b[of.LIT + k] = lit if b[of.SQUARE + k] > _ZERO else _ZERO
        b[of.SQUARE + k] *= lit


@njit(cache=True, error_model="numpy", nogil=True)
def add_open_sky(b, n, flat_open, open_side, plans):  # type: ignore[no-untyped-def]
    """Ground below and beside bodies sees less of the sky."""
    open_a, open_b, open_fine = plans[0], plans[1], plans[2]
    edge, side_f, side_u = np.float32(open_side - 2), np.float32(open_side), np.uint64(open_side)
    for k in range(N):
        u, v = (b[of.PX + k] - open_a) * open_fine, (b[of.PY + k] - open_b) * open_fine
        inside = min(min(u, v) - _ONE, edge - max(u, v)) > _ZERO
        u, v = (u if inside else _ONE), (v if inside else _ONE)
        gu, gv = np.floor(u), np.floor(v)
        b[of.S_AT + k] = gv * side_f + gu
        b[of.S_A + k], b[of.S_B + k] = u - gu, v - gv
        b[of.S_FAR + k] = b[of.IS_GROUND + k] if inside else _ZERO
    for k in range(n):
        if b[of.S_FAR + k] > _ZERO:
            place = np.uint64(int(b[of.S_AT + k]))
            b[of.M0 + k], b[of.M1 + k] = flat_open[place], flat_open[place + _U1]
            b[of.M2 + k], b[of.M3 + k] = flat_open[place + side_u], flat_open[place + side_u + _U1]
    for k in range(N):
        one = b[of.M0 + k] + b[of.S_A + k] * (b[of.M1 + k] - b[of.M0 + k])
        two = b[of.M2 + k] + b[of.S_A + k] * (b[of.M3 + k] - b[of.M2 + k])
        seen = one + b[of.S_B + k] * (two - one)
        b[of.SEEN + k] = seen if b[of.S_FAR + k] > _ZERO else _ONE


@njit(cache=True, error_model="numpy", nogil=True)
def light_up(b, light):  # type: ignore[no-untyped-def]
    """Surfaces in the light of sky, ground and sun; rows T0 to T2 keep the reflectance. Water darkens rough ground."""
    sun_r, sun_g, sun_b = (
        light[lt.SUN_LIGHT] * _OVER_PI,
        light[lt.SUN_LIGHT + 1] * _OVER_PI,
        light[lt.SUN_LIGHT + 2] * _OVER_PI,
    )
    up_r, up_g, up_b = (
        light[lt.SKY_UP] * _OVER_PI * _HALF,
        light[lt.SKY_UP + 1] * _OVER_PI * _HALF,
        light[lt.SKY_UP + 2] * _OVER_PI * _HALF,
    )
    low_r, low_g, low_b = (
        light[lt.BOUNCE] * _OVER_PI * _HALF,
        light[lt.BOUNCE + 1] * _OVER_PI * _HALF,
        light[lt.BOUNCE + 2] * _OVER_PI * _HALF,
    )
    wetness = light[lt.WETNESS]
    for k in range(N):
        nz = b[of.NZ + k]
        rise = (_ONE + nz) * b[of.SEEN + k]
        fall = _ONE - nz
        square = b[of.SQUARE + k]
        dark = _ONE - wetness * np.float32(0.45) * b[of.IS_PAVED + k]
        red, green, blue = b[of.RED + k] * dark, b[of.GREEN + k] * dark, b[of.BLUE + k] * dark
        b[of.T0 + k], b[of.T1 + k], b[of.T2 + k] = red, green, blue
        b[of.RED + k] = red * (up_r * rise + low_r * fall + sun_r * square)
        b[of.GREEN + k] = green * (up_g * rise + low_g * fall + sun_g * square)
        b[of.BLUE + k] = blue * (up_b * rise + low_b * fall + sun_b * square)


@njit(cache=True, error_model="numpy", nogil=True)
def add_lamplight(b, n, flat_pools, pool_side, plans):  # type: ignore[no-untyped-def]
    """Lamps on poles and on other vehicles, from the plan of their light on the ground."""
    pool_a, pool_b, pool_fine = plans[4], plans[5], plans[6]
    pool_edge, pool_step = np.float32(pool_side - 2), np.uint64(pool_side * 5)
    top = pool_edge - _ONE
    for k in range(N):
        u, v = (b[of.PX + k] - pool_a) * pool_fine, (b[of.PY + k] - pool_b) * pool_fine
        inside = min(min(u, v) - _ONE, pool_edge - max(u, v)) > _ZERO
        gu, gv = np.floor(min(max(u, _ONE), top)), np.floor(min(max(v, _ONE), top))
        fu, fv = clamp(u - gu), clamp(v - gv)
        b[of.S_AT + k] = (gv * np.float32(pool_side) + gu) * np.float32(5.0)
        seen = _ONE - b[of.IS_SKY + k] if inside else _ZERO
        b[of.S_HIGH + k] = seen
        b[of.T4 + k], b[of.T5 + k] = (_ONE - fu) * (_ONE - fv) * seen, fu * (_ONE - fv) * seen
        b[of.T6 + k], b[of.T7 + k] = (_ONE - fu) * fv * seen, fu * fv * seen
    for k in range(n):
        if b[of.S_HIGH + k] > _ZERO:
            place = np.uint64(int(b[of.S_AT + k]))
            below = place + pool_step
            w0, w1, w2, w3 = b[of.T4 + k], b[of.T5 + k], b[of.T6 + k], b[of.T7 + k]
            # All lamps hang above the ground: where no light comes from above there is none.
            down = (w0 * flat_pools[place + _U2] + w1 * flat_pools[place + _U7]
                    + w2 * flat_pools[below + _U2] + w3 * flat_pools[below + _U7])  # fmt: skip
            b[of.VZ + k] = down
            if down == _ZERO:
                b[of.VX + k], b[of.VY + k], b[of.WARM + k], b[of.CUT + k] = _ZERO, _ZERO, _ZERO, _ZERO
                continue
            b[of.VX + k] = (w0 * flat_pools[place] + w1 * flat_pools[place + _U5]
                            + w2 * flat_pools[below] + w3 * flat_pools[below + _U5])  # fmt: skip
            b[of.VY + k] = (w0 * flat_pools[place + _U1] + w1 * flat_pools[place + _U6]
                            + w2 * flat_pools[below + _U1] + w3 * flat_pools[below + _U6])  # fmt: skip
            b[of.WARM + k] = (w0 * flat_pools[place + _U3] + w1 * flat_pools[place + _U8]
                              + w2 * flat_pools[below + _U3] + w3 * flat_pools[below + _U8])  # fmt: skip
            b[of.CUT + k] = (w0 * flat_pools[place + _U4] + w1 * flat_pools[place + _U9]
                             + w2 * flat_pools[below + _U4] + w3 * flat_pools[below + _U9])  # fmt: skip
        else:
            b[of.VX + k], b[of.VY + k], b[of.VZ + k], b[of.WARM + k], b[of.CUT + k] = _ZERO, _ZERO, _ZERO, _ZERO, _ZERO
    for k in range(N):
        vx, vy, vz, warm = b[of.VX + k], b[of.VY + k], b[of.VZ + k], b[of.WARM + k]
        square = max(b[of.NX + k] * vx + b[of.NY + k] * vy + b[of.NZ + k] * vz, _ZERO) * b[of.SEEN + k]
        square += np.float32(0.12) * sqrt(vx * vx + vy * vy + vz * vz)
        over = clamp((b[of.PZ + k] - b[of.CUT + k]) * np.float32(4.0)) * (_ONE - warm)
        square *= _OVER_PI * (_ONE - np.float32(0.96) * over)
        b[of.RED + k] += b[of.T0 + k] * square * (_ONE + np.float32(0.32) * warm)
        b[of.GREEN + k] += b[of.T1 + k] * square * (_ONE - np.float32(0.03) * warm)
        b[of.BLUE + k] += b[of.T2 + k] * square * (_ONE - np.float32(0.45) * warm)


@njit(cache=True, error_model="numpy", nogil=True)
def add_own_beams(b, beams, count, ex, ey, ez, extinction, wetness, any_solid):  # type: ignore[no-untyped-def]
    """The own low beams on surfaces and, in thick air, on the air before the camera at (ex, ey, ez)."""
    for lamp in range(count):
        lx, ly, lz = beams[lamp, 0], beams[lamp, 1], beams[lamp, 2]
        gap = sqrt((lx - ex) * (lx - ex) + (ly - ey) * (ly - ey) * _HALF + (lz - ez) * (lz - ez))
        gap = min(gap, abs(lz - ez) + np.float32(0.5))
        f0, f1, f2 = beams[lamp, 3], beams[lamp, 4], beams[lamp, 5]
        l0, l1, l2 = beams[lamp, 6], beams[lamp, 7], beams[lamp, 8]
        u0, u1, u2 = beams[lamp, 9], beams[lamp, 10], beams[lamp, 11]
        for k in range(N if any_solid else 0):
            x, y, z = b[of.PX + k] - lx, b[of.PY + k] - ly, b[of.PZ + k] - lz
            far2 = max(x * x + y * y + z * z, _ONE)
            away = sqrt(far2)
            cd = low_beam_cd(f0 * x + f1 * y + f2 * z, l0 * x + l1 * y + l2 * z, u0 * x + u1 * y + u2 * z)
            lux = cd / far2 * fading(min(extinction * away, np.float32(30.0))) * (_ONE - b[of.IS_SKY + k])
            square = max(-(b[of.NX + k] * x + b[of.NY + k] * y + b[of.NZ + k] * z), _ZERO) / away
            back = b[of.RETRO + k] * (_ONE - np.float32(0.85) * wetness * b[of.IS_PAVED + k])
            square = lux * (square * _OVER_PI)
            # Sheeting sends light back to the lamp; the farther the eye is from that line, the less it gets.
            apart = gap / (away * np.float32(0.012))
            back *= lux * (_ONE / (_ONE + apart * apart) if back > _ONE else _ONE)
            b[of.RED + k] += b[of.T0 + k] * (square + back)
            b[of.GREEN + k] += b[of.T1 + k] * (square + back)
            b[of.BLUE + k] += b[of.T2 + k] * (square + back)
        if extinction < _SHOWING_AIR:
            continue
        for k in range(N):  # what the beam lights up in the air before the camera
            reach = min(b[of.WAY + k], np.float32(14.0))
            x, y, z = ex + b[of.DX + k] * reach - lx, ey + b[of.DY + k] * reach - ly, ez + b[of.DZ + k] * reach - lz
            far2 = max(x * x + y * y + z * z, np.float32(2.0))
            cd = low_beam_cd(f0 * x + f1 * y + f2 * z, l0 * x + l1 * y + l2 * z, u0 * x + u1 * y + u2 * z)
            veil = cd / far2 * min(extinction * reach, _ONE) * np.float32(0.035)
            b[of.SHINE_R + k] += veil
            b[of.SHINE_G + k] += veil
            b[of.SHINE_B + k] += veil
