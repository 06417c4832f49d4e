"""Motion during exposure: how fast the picture moves at each pixel, and the light averaged along that way.

A point of body i at depth Z, seen along r = (1, left, up), moves in sensor axes by a_i + b_i x (Z r):
a_i is the velocity of the body's matter at the lens's place as seen from the lens, b_i the body's turn
rate less the lens's. Over depth this needs only 1 / Z, so that sky takes part. Limbs move with their body.
A pixel gathers along its own way: an edge of a moving body is mixed with what is behind it on the
inner side only.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.camera.glare import CELL_PX
from sim.camera.lens import Lens, rays
from sim.scenery.scene import Moment
from sim.scenery.viewpoint import Viewpoint

LEAST_BLUR_PX = 0.7  # shorter ways stay within a pixel's own width
MOST_BLUR_PX = 96.0  # longer ways are cut: nothing is recognisable any more
ALIKE_PX = 0.5  # own: half a pixel's difference at the ends of a smear cannot be seen
_MOST_TAPS = 32
_BITS = 20
_FIXED = 1 << _BITS


def motion_table(moment: Moment, eye: Viewpoint) -> NDArray[np.float64]:
    """(rows + 1, 6): a and b of what stands still, then of each row, in sensor axes, m/s and rad/s."""
    table = np.empty((len(moment.poses) + 1, 6))
    _fill_table(
        np.asarray(moment.poses, dtype=np.float64), np.asarray(moment.motions, dtype=np.float64),
        np.asarray(eye.position_m, dtype=np.float64), np.asarray(eye.world_from_sensor, dtype=np.float64),
        np.asarray(eye.velocity_mps, dtype=np.float64), np.asarray(eye.angular_velocity_radps, dtype=np.float64),
        table,
    )  # fmt: skip
    return table


@lru_cache(maxsize=32)
def pixels_per_slope(lens: Lens) -> NDArray[np.float32]:
    """du/dleft, du/dup, dv/dleft, dv/dup of the lens, px per unit of slope; (h, w, 4), or (1, 1, 4) if undistorted."""
    if not lens.distorts:
        found = np.array([[[-lens.focal_x_px, 0.0, 0.0, -lens.focal_y_px]]], dtype=np.float32)
    else:
        sight = rays(lens).astype(np.float64)
        left_u, left_v = np.gradient(sight[..., 0], axis=1), np.gradient(sight[..., 0], axis=0)
        up_u, up_v = np.gradient(sight[..., 1], axis=1), np.gradient(sight[..., 1], axis=0)
        scale = 1.0 / (left_u * up_v - left_v * up_u)
        found = np.stack((up_v * scale, -left_v * scale, -up_u * scale, left_u * scale), axis=-1).astype(np.float32)
    found.setflags(write=False)
    return found


@njit(cache=True, error_model="numpy")
def _fill_table(poses, motions, position, world_from_sensor, velocity, turning, table):  # type: ignore[no-untyped-def]
    for row in range(-1, poses.shape[0]):
        vx, vy, vz = -velocity[0], -velocity[1], -velocity[2]
        wx, wy, wz = 0.0, 0.0, 0.0
        if row >= 0:
            wx, wy, wz = motions[row, 3], motions[row, 4], motions[row, 5]
            dx = position[0] - poses[row, 0, 3]
            dy = position[1] - poses[row, 1, 3]
            dz = position[2] - poses[row, 2, 3]
            vx += motions[row, 0] + wy * dz - wz * dy
            vy += motions[row, 1] + wz * dx - wx * dz
            vz += motions[row, 2] + wx * dy - wy * dx
        wx, wy, wz = wx - turning[0], wy - turning[1], wz - turning[2]
        for axis in range(3):
            x, y, z = world_from_sensor[0, axis], world_from_sensor[1, axis], world_from_sensor[2, axis]
            table[row + 1, axis] = x * vx + y * vy + z * vz
            table[row + 1, 3 + axis] = x * wx + y * wy + z * wz


@njit(cache=True, error_model="numpy")
def flow(depth_m, instance, sight, slopes, table, out):  # type: ignore[no-untyped-def]
    """Fill `out` (h, w, 2) float32 with each pixel's velocity in the picture, px/s (u to the right, v down)."""
    height, width = depth_m.shape
    dv, du = (1, 1) if slopes.shape[0] > 1 else (0, 0)
    for v in range(height):
        for u in range(width):
            body = instance[v, u] + 1
            near = 1.0 / depth_m[v, u]
            left, up = np.float64(sight[v, u, 0]), np.float64(sight[v, u, 1])
            bx, by, bz = table[body, 3], table[body, 4], table[body, 5]
            qx = table[body, 0] * near + by * up - bz * left
            qy = table[body, 1] * near + bz - bx * up
            qz = table[body, 2] * near + bx * left - by
            sl, su = qy - left * qx, qz - up * qx
            i, j = v * dv, u * du
            out[v, u, 0] = slopes[i, j, 0] * sl + slopes[i, j, 1] * su
            out[v, u, 1] = slopes[i, j, 2] * sl + slopes[i, j, 3] * su


@njit(cache=True, error_model="numpy")
def blur(radiance, depth_m, instance, sight, slopes, table, exposure_s, out, blurred):  # type: ignore[no-untyped-def]
    """Average the light along each pixel's way during the exposure; returns how many cells were blurred.

    Only cells of `CELL_PX` with a way of at least `LEAST_BLUR_PX` are written into `out`
    (as `radiance`); `blurred` (rows, columns) uint8 tells which.
    """
    height, width = depth_m.shape
    rows, columns = blurred.shape
    dv, du = (1, 1) if slopes.shape[0] > 1 else (0, 0)
    least2 = LEAST_BLUR_PX * LEAST_BLUR_PX
    count = 0
    way_u = np.empty((CELL_PX, CELL_PX))
    way_v = np.empty((CELL_PX, CELL_PX))
    least, front = np.empty(width, dtype=np.float32), np.empty(width, dtype=np.int32)
    sums = np.empty(3 * CELL_PX, dtype=np.float32)
    flat = radiance.reshape(-1)
    a0, a1, a2 = abs(table[0, 0]), abs(table[0, 1]), abs(table[0, 2])
    b0, b1, b2 = abs(table[0, 3]), abs(table[0, 4]), abs(table[0, 5])
    t0, t1, t2, t3, t4, t5 = table[0, 0], table[0, 1], table[0, 2], table[0, 3], table[0, 4], table[0, 5]
    s0, s3 = slopes[0, 0, 0] * exposure_s, slopes[0, 0, 3] * exposure_s  # of a lens that does not distort
    for row in range(rows):
        top, bottom = row * CELL_PX, min((row + 1) * CELL_PX, height)
        for u in range(width):
            least[u], front[u] = depth_m[top, u], instance[top, u]
        for v in range(top + 1, bottom):
            far, bodies = depth_m[v], instance[v]
            for u in range(width):
                least[u], front[u] = min(least[u], far[u]), max(front[u], bodies[u])
        for column in range(columns):
            begin, end = column * CELL_PX, min((column + 1) * CELL_PX, width)
            blurred[row, column] = 0
            # Slices, not offsets: indices that start at 0 are known not to be negative.
            deep, who, seen = (
                depth_m[top:bottom, begin:end],
                instance[top:bottom, begin:end],
                sight[top:bottom, begin:end],
            )
            high, wide = bottom - top, end - begin
            # An upper bound of the way of what stands still skips most cells.
            nearest = np.float32(np.inf)
            somebody = -1
            for u in range(begin, end):
                nearest, somebody = min(nearest, least[u]), max(somebody, front[u])
            if somebody < 0:
                most_left = max(abs(np.float64(sight[top, begin, 0])), abs(np.float64(sight[top, end - 1, 0])),
                                abs(np.float64(sight[bottom - 1, begin, 0])),
                                abs(np.float64(sight[bottom - 1, end - 1, 0])))  # fmt: skip
                most_up = max(abs(np.float64(sight[top, begin, 1])), abs(np.float64(sight[top, end - 1, 1])),
                              abs(np.float64(sight[bottom - 1, begin, 1])),
                              abs(np.float64(sight[bottom - 1, end - 1, 1])))  # fmt: skip
                near = 1.0 / nearest
                qx = a0 * near + b1 * most_up + b2 * most_left
                sl = a1 * near + b2 + b0 * most_up + most_left * qx
                su = a2 * near + b0 * most_left + b1 + most_up * qx
                i, j = ((top + bottom) // 2) * dv, ((begin + end) // 2) * du
                reach_u = abs(slopes[i, j, 0]) * sl + abs(slopes[i, j, 1]) * su
                reach_v = abs(slopes[i, j, 2]) * sl + abs(slopes[i, j, 3]) * su
                if (reach_u * reach_u + reach_v * reach_v) * exposure_s * exposure_s < 0.8 * least2:
                    continue
            longest2 = 0.0
            if somebody < 0 and du == 0:
                for v in range(high):
                    for u in range(wide):
                        near = 1.0 / deep[v, u]
                        left, up = np.float64(seen[v, u, 0]), np.float64(seen[v, u, 1])
                        qx = t0 * near + t4 * up - t5 * left
                        way_u[v, u] = s0 * (t1 * near + t5 - t3 * up - left * qx)
                        way_v[v, u] = s3 * (t2 * near + t3 * left - t4 - up * qx)
                for v in range(high):
                    for u in range(wide):
                        longest2 = max(longest2, way_u[v, u] * way_u[v, u] + way_v[v, u] * way_v[v, u])
            else:
                for v in range(high):
                    for u in range(wide):
                        body = who[v, u] + 1
                        near = 1.0 / deep[v, u]
                        left, up = np.float64(seen[v, u, 0]), np.float64(seen[v, u, 1])
                        bx, by, bz = table[body, 3], table[body, 4], table[body, 5]
                        qx = table[body, 0] * near + by * up - bz * left
                        sl = table[body, 1] * near + bz - bx * up - left * qx
                        su = table[body, 2] * near + bx * left - by - up * qx
                        i, j = (top + v) * dv, (begin + u) * du
                        fu = (slopes[i, j, 0] * sl + slopes[i, j, 1] * su) * exposure_s
                        fv = (slopes[i, j, 2] * sl + slopes[i, j, 3] * su) * exposure_s
                        way_u[v, u], way_v[v, u] = fu, fv
                        longest2 = max(longest2, fu * fu + fv * fv)
            if longest2 < least2:
                continue
            blurred[row, column] = 1
            count += 1
            into, here = out[top:bottom, begin:end], radiance[top:bottom, begin:end]
            for v in range(high):
                # Pixels side by side that move nearly alike share one way: then a tap is a run of memory.
                fu, fv = 0.5 * (way_u[v, 0] + way_u[v, wide - 1]), 0.5 * (way_v[v, 0] + way_v[v, wide - 1])
                apart = 0.0
                for u in range(wide):
                    apart = max(apart, abs(way_u[v, u] - fu), abs(way_v[v, u] - fv))
                length = np.sqrt(fu * fu + fv * fv)
                if apart <= ALIKE_PX and length >= LEAST_BLUR_PX and length <= MOST_BLUR_PX and wide == CELL_PX:
                    taps = min(int(length) + 1, _MOST_TAPS)
                    dx, dy = int(fu / taps * _FIXED), int(fv / taps * _FIXED)
                    x = int((begin + 0.5) * _FIXED) - (taps - 1) * dx // 2
                    y = int((top + v + 0.5) * _FIXED) - (taps - 1) * dy // 2
                    xe, ye = x + (taps - 1) * dx, y + (taps - 1) * dy
                    if (
                        min(x, xe) >= 0
                        and max(x, xe) < (width - CELL_PX + 1) * _FIXED
                        and min(y, ye) >= 0
                        and max(y, ye) < height * _FIXED
                    ):
                        for k in range(3 * CELL_PX):
                            sums[k] = np.float32(0.0)
                        for _tap in range(taps):
                            at = np.uint64(3 * ((y >> _BITS) * width + (x >> _BITS)))
                            for k in range(np.uint64(3 * CELL_PX)):
                                sums[k] += flat[at + k]
                            x += dx
                            y += dy
                        share = np.float32(1.0 / taps)
                        for u in range(CELL_PX):
                            for channel in range(3):
                                into[v, u, channel] = sums[3 * u + channel] * share
                        continue
                for u in range(wide):
                    fu, fv = way_u[v, u], way_v[v, u]
                    length = np.sqrt(fu * fu + fv * fv)
                    if not length >= LEAST_BLUR_PX:
                        for channel in range(3):
                            into[v, u, channel] = here[v, u, channel]
                        continue
                    if length > MOST_BLUR_PX:
                        fu, fv, length = fu * MOST_BLUR_PX / length, fv * MOST_BLUR_PX / length, MOST_BLUR_PX
                    taps = min(int(length) + 1, _MOST_TAPS)
                    # places along the way in fixed point: stepping costs an addition
                    dx, dy = int(fu / taps * _FIXED), int(fv / taps * _FIXED)
                    x = int((begin + u + 0.5) * _FIXED) - (taps - 1) * dx // 2
                    y = int((top + v + 0.5) * _FIXED) - (taps - 1) * dy // 2
                    xe, ye = x + (taps - 1) * dx, y + (taps - 1) * dy
                    red = np.float32(0.0)
                    green = np.float32(0.0)
                    blue = np.float32(0.0)
                    if (
                        min(x, xe) >= 0
                        and max(x, xe) < width * _FIXED
                        and min(y, ye) >= 0
                        and max(y, ye) < height * _FIXED
                    ):
                        for _tap in range(taps):
                            i, j = np.uint64(y >> _BITS), np.uint64(x >> _BITS)
                            red += radiance[i, j, 0]
                            green += radiance[i, j, 1]
                            blue += radiance[i, j, 2]
                            x += dx
                            y += dy
                    else:  # the picture's edge pixels stand for what lies beyond
                        for _tap in range(taps):
                            i, j = min(max(y >> _BITS, 0), height - 1), min(max(x >> _BITS, 0), width - 1)
                            red += radiance[i, j, 0]
                            green += radiance[i, j, 1]
                            blue += radiance[i, j, 2]
                            x += dx
                            y += dy
                    share = np.float32(1.0 / taps)
                    into[v, u, 0], into[v, u, 1], into[v, u, 2] = red * share, green * share, blue * share
    return count
