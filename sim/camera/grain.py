"""What surfaces look like from near: grain, windows, slabs, bricks, the target's chequer, and what lies far away.

All of it follows from the place on the surface (in the world, or on the body that moves) and fades out
where a pixel is coarser than it, so nothing flickers as the camera moves.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

from sim.camera import block as of
from sim.camera import facets as fc
from sim.camera import light as lt
from sim.camera.block import N, clamp

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_CHEQUERS, _OFFSET = np.float32(4.0), np.float32(0.013)  # a chequer is 25 cm; off the planes of symmetry
_FAR_M = np.float32(2500.0)  # to the far woods
_HIGHEST_LAND = np.float32(0.03)
_LAND = np.float32(1.0 / np.pi)
_U1, _U257, _U258 = np.uint64(1), np.uint64(257), np.uint64(258)


@njit(cache=True, error_model="numpy", nogil=True)
def add_grain(b, flat_lattice):  # type: ignore[no-untyped-def]
    """Two lattices of random values, a fine and a coarse one, each left out where a pixel is coarser than it."""
    for k in range(N):
        px, py, pz = b[of.PX + k], b[of.PY + k], b[of.PZ + k]
        nx, ny, nz = b[of.NX + k], b[of.NY + k], b[of.NZ + k]
        flat = _ONE / sqrt(max(nx * nx + ny * ny, np.float32(1e-6)))
        level = abs(nz) > np.float32(0.7)
        round_ = b[of.IS_SMOOTH + k] > _ZERO
        u = px if level else (py * nx - px * ny) * flat
        v = py if level else pz
        u = px + np.float32(0.37) * pz if round_ else u
        v = py + np.float32(0.61) * pz if round_ else v
        fine, coarse = b[of.FINE + k], b[of.COARSE + k]
        b[of.TEX_U + k], b[of.TEX_V + k] = u, v
        fu, fv, cu, cv = u * fine, v * fine, u * coarse, v * coarse
        gu, gv, hu, hv = np.floor(fu), np.floor(fv), np.floor(cu), np.floor(cv)
        b[of.F_U + k], b[of.F_V + k], b[of.C_U + k], b[of.C_V + k] = fu - gu, fv - gv, cu - hu, cv - hv
        gu -= np.float32(256.0) * np.floor(gu * np.float32(1.0 / 256.0))
        gv -= np.float32(256.0) * np.floor(gv * np.float32(1.0 / 256.0))
        hu -= np.float32(256.0) * np.floor(hu * np.float32(1.0 / 256.0))
        hv -= np.float32(256.0) * np.floor(hv * np.float32(1.0 / 256.0))
        b[of.F_AT + k], b[of.C_AT + k] = np.float32(257.0) * gv + gu, np.float32(257.0) * hv + hu
        foot = b[of.FOOT + k]
        b[of.FINE_WEIGHT + k] *= clamp(np.float32(1.6) - foot * fine)
        b[of.COARSE_WEIGHT + k] *= clamp(np.float32(1.6) - foot * coarse)
    for k in range(N):
        if b[of.FINE_WEIGHT + k] > _ZERO:
            place = np.uint64(int(b[of.F_AT + k]))
            b[of.T0 + k], b[of.T1 + k] = flat_lattice[place], flat_lattice[place + _U1]
            b[of.T2 + k], b[of.T3 + k] = flat_lattice[place + _U257], flat_lattice[place + _U258]
        place = np.uint64(int(b[of.C_AT + k]))
        b[of.T4 + k], b[of.T5 + k] = flat_lattice[place], flat_lattice[place + _U1]
        b[of.T6 + k], b[of.T7 + k] = flat_lattice[place + _U257], flat_lattice[place + _U258]
    for k in range(N):
        fu, cu = b[of.F_U + k], b[of.C_U + k]
        one = b[of.T0 + k] + fu * (b[of.T1 + k] - b[of.T0 + k])
        two = b[of.T2 + k] + fu * (b[of.T3 + k] - b[of.T2 + k])
        fine = one + b[of.F_V + k] * (two - one)
        one = b[of.T4 + k] + cu * (b[of.T5 + k] - b[of.T4 + k])
        two = b[of.T6 + k] + cu * (b[of.T7 + k] - b[of.T6 + k])
        coarse = one + b[of.C_V + k] * (two - one)
        change = _ONE + b[of.FINE_WEIGHT + k] * fine + b[of.COARSE_WEIGHT + k] * coarse
        tilt = b[of.TILT + k] * coarse
        b[of.COARSE_GRAIN + k] = coarse * min(b[of.COARSE_WEIGHT + k] * np.float32(12.0), _ONE)
        b[of.RED + k] *= change * (_ONE + tilt)
        b[of.GREEN + k] *= change
        b[of.BLUE + k] *= change * (_ONE - tilt)


@njit(cache=True, error_model="numpy", nogil=True)
def add_patterns(b, n, facets, ints, bodies, flat_lattice, night):  # type: ignore[no-untyped-def]
    """Windows (lit by night), chequers on bodies, slabs and bricks."""
    for k in range(n):
        facet = facets[k]
        if facet < 0 or ints[facet, fc.FLAGS] & fc.PATTERNED == 0:
            continue
        u, v, foot, texture = b[of.TEX_U + k], b[of.TEX_V + k], b[of.FOOT + k], ints[facet, fc.TEXTURE]
        if texture == 4:
            if abs(b[of.NZ + k]) > _HALF:
                continue
            glass = b[of.GLOSS + k] > np.float32(0.3)
            half_u = np.float32(1.32) if glass else np.float32(0.62)
            half_v = np.float32(1.30) if glass else np.float32(0.76)
            cu, cv = u * np.float32(1.0 / 2.8), v * np.float32(1.0 / 3.1)
            gu, gv = np.floor(cu), np.floor(cv)
            blur = max(foot, np.float32(0.02))
            cover = clamp((half_u - abs(cu - gu - _HALF) * np.float32(2.8)) / blur + _HALF)
            cover *= clamp((half_v - abs(cv - gv - np.float32(0.55)) * np.float32(3.1)) / blur + _HALF)
            mean = half_u * half_v * np.float32(4.0 / 2.8 / 3.1)
            plain = clamp(foot * _ONE - np.float32(0.6))
            cover += plain * (mean - cover)
            at = (int(gu) * 37 + int(gv) * 101 + int(b[of.NX + k] * np.float32(7.0)) * 53) & 65535
            draw = flat_lattice[at]
            keep = _ONE - cover
            tone = np.float32(0.03) + (np.float32(0.16) if draw > np.float32(0.55) else _ZERO) * (_ONE - plain)
            b[of.RED + k] = b[of.RED + k] * keep + cover * tone
            b[of.GREEN + k] = b[of.GREEN + k] * keep + cover * tone
            b[of.BLUE + k] = b[of.BLUE + k] * keep + cover * tone
            b[of.GLOSS + k] = b[of.GLOSS + k] * keep + cover * np.float32(0.55)
            if night > _ZERO:
                room = np.float32(0.04)
                if draw > np.float32(0.62):
                    room = np.float32(7.0) + np.float32(6.0) * flat_lattice[(at * 5 + 77) & 65535]
                lamp = cover * night * (np.float32(1.6) * plain + (_ONE - plain) * room)
                b[of.SHINE_R + k] += lamp * np.float32(1.35)
                b[of.SHINE_G + k] += lamp
                b[of.SHINE_B + k] += lamp * np.float32(0.55)
        elif texture == 9:
            body = ints[facet, fc.INSTANCE]
            qx = b[of.PX + k] - bodies[body, 3]
            qy = b[of.PY + k] - bodies[body, 7]
            qz = b[of.PZ + k] - bodies[body, 11]
            cu = (bodies[body, 0] * qx + bodies[body, 4] * qy + bodies[body, 8] * qz) * _CHEQUERS + _OFFSET
            cv = (bodies[body, 1] * qx + bodies[body, 5] * qy + bodies[body, 9] * qz) * _CHEQUERS + _OFFSET
            cw = (bodies[body, 2] * qx + bodies[body, 6] * qy + bodies[body, 10] * qz) * _CHEQUERS + _OFFSET
            dark = np.float32(0.6) * clamp(np.float32(1.5) - foot * np.float32(5.0))
            if (int(np.floor(cu)) + int(np.floor(cv)) + int(np.floor(cw))) & 1:
                dark = -dark * _HALF
            b[of.RED + k] *= _ONE - dark
            b[of.GREEN + k] *= _ONE - dark
            b[of.BLUE + k] *= _ONE - dark
        else:
            if texture == 6:
                cu, cv, joint = u * _TWO, v * _TWO, np.float32(0.006)
                size_u, size_v = _HALF, _HALF
            else:
                cv = v * np.float32(12.5)
                cu = u * np.float32(4.0) + _HALF * np.float32(int(np.floor(cv)) & 1)
                size_u, size_v, joint = np.float32(0.25), np.float32(0.08), np.float32(0.006)
            keep = clamp(np.float32(1.5) - foot / size_v)
            if keep > _ZERO:
                gu, gv = np.floor(cu), np.floor(cv)
                blur = max(foot, np.float32(0.004))
                wide_u = joint / blur if joint < blur else _ONE
                off = min(_HALF - abs(cu - gu - _HALF), _HALF)
                line = wide_u * clamp((max(joint, blur * _HALF) - off * size_u) / blur + _HALF)
                off = _HALF - abs(cv - gv - _HALF)
                line = max(line, wide_u * clamp((max(joint, blur * _HALF) - off * size_v) / blur + _HALF))
                draw = flat_lattice[(int(gu) * 37 + int(gv) * 101) & 65535]
                joint_tone = np.float32(0.45) if texture == 6 else np.float32(-0.35)
                change = _ONE + keep * (np.float32(0.09) * draw - line * joint_tone)
                b[of.RED + k] *= change
                b[of.GREEN + k] *= change
                b[of.BLUE + k] *= change


@njit(cache=True, error_model="numpy", nogil=True)
def _lattice_value(flat_lattice, u, v):  # type: ignore[no-untyped-def]
    """The lattice between its points, by straight lines."""
    gu, gv = np.floor(u), np.floor(v)
    fu, fv = u - gu, v - gv
    place = np.uint64((int(gv) & 255) * 257 + (int(gu) & 255))
    one = flat_lattice[place] + fu * (flat_lattice[place + _U1] - flat_lattice[place])
    two = flat_lattice[place + _U257] + fu * (flat_lattice[place + _U258] - flat_lattice[place + _U257])
    return one + fv * (two - one)


@njit(cache=True, error_model="numpy", nogil=True)
def add_far_land(b, n, flat_lattice, eye_height, pixel, light):  # type: ignore[no-untyped-def]
    """Below the sky, where nothing is drawn: a line of far woods and hills, and level land before it.

    Only its light is drawn: in depth and ids it is still sky.
    """
    up_r, up_g, up_b = light[lt.SKY_UP] * _LAND, light[lt.SKY_UP + 1] * _LAND, light[lt.SKY_UP + 2] * _LAND
    flat_sun = max(light[lt.SUN + 2], _ZERO) * _LAND
    up_r, up_g, up_b = (
        up_r + flat_sun * light[lt.SUN_LIGHT],
        up_g + flat_sun * light[lt.SUN_LIGHT + 1],
        up_b + flat_sun * light[lt.SUN_LIGHT + 2],
    )
    for k in range(n):
        dz = b[of.DZ + k]
        if b[of.IS_SKY + k] == _ZERO or dz > _HIGHEST_LAND:
            continue
        dx, dy = b[of.DX + k], b[of.DY + k]
        turn = dy / (abs(dx) + abs(dy))
        turn = turn if dx > _ZERO else _TWO - turn  # -1 to 3 once round
        top = np.float32(0.011)
        top += np.float32(0.009) * _lattice_value(flat_lattice, turn * np.float32(16.0), np.float32(3.5))
        top += np.float32(0.004) * _lattice_value(flat_lattice, turn * np.float32(128.0), np.float32(77.5))
        cover = clamp((top - dz) / pixel + _HALF)
        if cover == _ZERO:
            continue
        way = _FAR_M if dz > -eye_height / _FAR_M else eye_height / -dz
        wood = clamp(dz * np.float32(400.0) + np.float32(0.6))
        b[of.RED + k] = up_r * (np.float32(0.10) - np.float32(0.055) * wood)
        b[of.GREEN + k] = up_g * (np.float32(0.13) - np.float32(0.06) * wood)
        b[of.BLUE + k] = up_b * (np.float32(0.05) - np.float32(0.015) * wood)
        b[of.IS_SKY + k] = _ONE - cover
        b[of.WAY + k] = way


@njit(cache=True, error_model="numpy", nogil=True)
def add_clouds(b, n, flat_lattice, light):  # type: ignore[no-untyped-def]
    """Clouds on a level sheet, as much of the sky as they take of the sun; row SEEN of a sky sample is what is left."""
    part = light[lt.CLOUD]
    low = np.float32(0.55) - part * np.float32(1.1)
    for k in range(n):
        dz = b[of.DZ + k]
        if b[of.IS_SKY + k] == _ZERO or dz < np.float32(0.03):
            continue
        u, v = b[of.DX + k] / dz * np.float32(1.3), b[of.DY + k] / dz * np.float32(1.3)
        heap = _lattice_value(flat_lattice, u, v) + np.float32(0.5) * _lattice_value(
            flat_lattice, u * _TWO + np.float32(9.1), v * _TWO
        )
        if heap + np.float32(0.37) < low:
            continue
        heap += np.float32(0.25) * _lattice_value(flat_lattice, u * np.float32(4.3), v * np.float32(4.3))
        heap += np.float32(0.12) * _lattice_value(flat_lattice, u * np.float32(9.0), v * np.float32(9.0))
        cover = clamp((heap - low) * np.float32(1.6)) * clamp(dz * np.float32(9.0) - np.float32(0.2))
        b[of.SEEN + k] = _ONE - np.float32(0.85) * cover
        b[of.T3 + k] = np.float32(1.15) - np.float32(0.45) * clamp((heap - low) * np.float32(0.7))
