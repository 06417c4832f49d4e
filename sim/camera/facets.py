"""Facets: the triangles one camera may see in one frame, in its own axes, with all that shading needs to know.

Still triangles are kept tile by tile with vertices of their own, so that a frame touches only the
tiles it sees. A facet's plane is held as three numbers: along the ray (1, left, up) the inverse depth
is plane . (1, left, up), so depth, and corner weights beside it, cost three products a pixel.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.camera.beams import low_beam_cd
from sim.scenery.still import Still

# Columns of a facet's floats. The first BLOCKED are rows of a shading block, in the same order (`sim.camera.block`).
PLANE = 0  # inverse depth along (1, left, up), 1/m
NORMAL = 3  # world axes, at the first corner
ALBEDO = 6
GLOSS = 9
RETRO = 10  # retroreflection, cd/lx/m²
GRAIN = 11  # fine lattice (cells/m) and its weight, coarse lattice and its weight, tilt towards yellow
KIND = 16  # 1 or 0: is it sky, paved, ground, smooth
BLOCKED = 20
WEIGHT_1, WEIGHT_2 = 20, 23  # weight of the second and third corner, divided by depth
TURN_1, TURN_2 = 26, 29  # what the second and third corner's normals add
GLOW = 32  # radiance of a lit lamp, cd/m²
FLOATS = 36
# Columns of a facet's whole numbers.
INSTANCE, SEMANTIC, TEXTURE, FLAGS = 0, 1, 2, 3
INTS = 4
SMOOTH, GROUND, WINDOWS, SHINY, LAMP, PAVED, SKY, GRAINED, PATTERNED = 1, 2, 4, 8, 16, 32, 64, 128, 256  # bits of FLAGS

NEAR_M = 0.05
ROWS_BEYOND = 1.5  # a corner outside the picture moves on as far as this many picture heights from its middle
_NO_LAMP, _HEAD, _TAIL, _INDICATOR, _WINDOW, _STREET, _SIGNAL_RED, _BEACON = 0, 1, 2, 5, 6, 7, 8, 11


_WHITE, _AS_IS, _AT_REST = np.ones(3, dtype=np.float32), np.zeros((3, 4)), np.zeros(6)


class Packed(NamedTuple):
    """Still triangles by tile: tile k has triangles `first[k]:first[k + 1]`, with rows of its own vertices."""

    vertices: Any  # (v, 3) float32
    normals: Any  # (v, 3) float32
    triangles: Any  # (t, 3) int32, counted from the tile's first vertex
    materials: Any  # (t,) int32
    first: Any  # (k + 1,) int64
    vertex_first: Any  # (k + 1,) int64
    boxes: Any  # (k, 6) float32
    reach_m: Any  # (k,) float32


class Eye(NamedTuple):
    """The camera of one frame, as kernels need it."""

    position: Any  # (3,) float64, world
    turn: Any  # (3, 3) float64: sensor from world
    velocity: Any  # (3,) float64, sensor axes
    spin: Any  # (3,) float64, sensor axes
    window: Any  # (8,) float64: left and up of sample (0, 0), samples per tangent across and down, the range's ends
    rows: Any  # (3,) float64: up tangent of the middle row, tangent of the picture's height, read-out time in s


class Facets(NamedTuple):
    """Room for one frame's facets and for the flat pieces that are rasterised."""

    floats: Any  # (n, FLOATS) float32
    ints: Any  # (n, INTS) int32
    pieces: Any  # (2n, 9) float64: three corners (column, row), inverse depth at (0, 0), by column, by row
    owners: Any  # (2n,) int32: the facet
    counts: Any  # (2,) int64: facets, pieces
    scratch: Any  # (v, 3) float32: corners of one tile in sensor axes


@lru_cache(maxsize=4)
def packed(still: Still) -> Packed:
    """The still triangles with each tile's vertices side by side; made once per `Still` object."""
    first = still.first.astype(np.int64)
    tiles = len(still.boxes)
    tile = np.repeat(np.arange(tiles, dtype=np.int64), np.diff(first))
    span = max(1, len(still.vertices))
    keys, inverse = np.unique(tile[:, None] * span + still.triangles, return_inverse=True)
    vertex_first = np.searchsorted(keys, np.arange(tiles + 1, dtype=np.int64) * span)
    local = inverse.reshape(-1, 3) - vertex_first[tile][:, None]
    rows = keys % span
    arrays = (
        np.ascontiguousarray(still.vertices[rows]), np.ascontiguousarray(still.normals[rows]), local.astype(np.int32),
        still.materials, first, vertex_first.astype(np.int64), still.boxes, still.reach_m,
    )  # fmt: skip
    for array in arrays:
        array.setflags(write=False)  # as a moment's arrays are: one compiled version serves both
    return Packed(*arrays)


def room(still: Packed, actor_triangles: int, actor_vertices: int) -> Facets:
    """Empty room for everything there is; pages never written cost nothing."""
    most = len(still.triangles) + actor_triangles + 1
    tile_vertices = int(np.diff(still.vertex_first).max()) if len(still.boxes) else 0
    return Facets(
        floats=np.empty((most, FLOATS), dtype=np.float32), ints=np.empty((most, INTS), dtype=np.int32),
        pieces=np.empty((2 * most, 9)), owners=np.empty(2 * most, dtype=np.int32),
        counts=np.zeros(2, dtype=np.int64), scratch=np.empty((max(tile_vertices, actor_vertices, 1), 3), np.float32),
    )  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _box_in_view(box, eye):  # type: ignore[no-untyped-def]
    """Whether any part of a world box may lie in the camera's pyramid."""
    t, e, w = eye.turn, eye.position, eye.window
    for side in range(5):
        if side == 0:
            a, b, c = 1.0, 0.0, 0.0
        elif side == 1:
            a, b, c = w[4], -1.0, 0.0
        elif side == 2:
            a, b, c = -w[5], 1.0, 0.0
        elif side == 3:
            a, b, c = w[6], 0.0, -1.0
        else:
            a, b, c = -w[7], 0.0, 1.0
        far = 0.0
        for axis in range(3):
            n = a * t[0, axis] + b * t[1, axis] + c * t[2, axis]
            far += n * ((box[3 + axis] if n > 0.0 else box[axis]) - e[axis])
        if far < 0.0:
            return False
    return True


@njit(cache=True, error_model="numpy", nogil=True)
def box_distance(box, position):  # type: ignore[no-untyped-def]
    """How far a point is from a box, m."""
    total = 0.0
    for axis in range(3):
        out = max(max(box[axis] - position[axis], position[axis] - box[3 + axis]), 0.0)
        total += out * out
    return np.sqrt(total)


@njit(cache=True, error_model="numpy", nogil=True)
def _to_sensor(vertices, begin, end, eye, motion, pose, out):  # type: ignore[no-untyped-def]
    """Corners in sensor axes, each where it is when its row is read out (first order)."""
    e, t, w = eye.position, eye.turn, eye.rows
    for v in range(begin, end):
        wx, wy, wz = vertices[v, 0] - e[0], vertices[v, 1] - e[1], vertices[v, 2] - e[2]
        out[v - begin, 0] = t[0, 0] * wx + t[0, 1] * wy + t[0, 2] * wz
        out[v - begin, 1] = t[1, 0] * wx + t[1, 1] * wy + t[1, 2] * wz
        out[v - begin, 2] = t[2, 0] * wx + t[2, 1] * wy + t[2, 2] * wz
    if w[2] <= 0.0:
        return
    for v in range(begin, end):
        x, y, z = np.float64(out[v - begin, 0]), np.float64(out[v - begin, 1]), np.float64(out[v - begin, 2])
        if x > NEAR_M:
            share = min(max((w[0] - z / x) / w[1], -ROWS_BEYOND), ROWS_BEYOND)
        else:
            share = -ROWS_BEYOND if z > 0.0 else ROWS_BEYOND
        late = share * w[2]
        s, u = eye.spin, eye.velocity
        dx, dy, dz = -u[0] - (s[1] * z - s[2] * y), -u[1] - (s[2] * x - s[0] * z), -u[2] - (s[0] * y - s[1] * x)
        ax, ay, az = vertices[v, 0] - pose[0, 3], vertices[v, 1] - pose[1, 3], vertices[v, 2] - pose[2, 3]
        vx = motion[0] + motion[4] * az - motion[5] * ay
        vy = motion[1] + motion[5] * ax - motion[3] * az
        vz = motion[2] + motion[3] * ay - motion[4] * ax
        dx += t[0, 0] * vx + t[0, 1] * vy + t[0, 2] * vz
        dy += t[1, 0] * vx + t[1, 1] * vy + t[1, 2] * vz
        dz += t[2, 0] * vx + t[2, 1] * vy + t[2, 2] * vz
        x, y, z = x + late * dx, y + late * dy, z + late * dz
        out[v - begin, 0], out[v - begin, 1], out[v - begin, 2] = x, y, z


@njit(cache=True, error_model="numpy", nogil=True)
def _piece(pieces, owners, k, facet, window, ax, ay, az, bx, by, bz, cx, cy, cz, p0, p1, p2):  # type: ignore[no-untyped-def]
    """One flat piece in front of the near plane, in samples of the visibility buffer."""
    l0, u0, sx, sy = window[0], window[1], window[2], window[3]
    pieces[k, 0], pieces[k, 1] = (l0 - ay / ax) * sx, (u0 - az / ax) * sy
    pieces[k, 2], pieces[k, 3] = (l0 - by / bx) * sx, (u0 - bz / bx) * sy
    pieces[k, 4], pieces[k, 5] = (l0 - cy / cx) * sx, (u0 - cz / cx) * sy
    pieces[k, 6], pieces[k, 7], pieces[k, 8] = p0 + p1 * l0 + p2 * u0, -p1 / sx, -p2 / sy
    owners[k] = facet


# Inlined by force: called as a function it takes two thirds longer for each facet.
@njit(cache=True, error_model="numpy", nogil=True, forceinline=True)
def _collect(normals, triangles, materials, vertex_begin, offset, begin, end, row, colour, own_semantic, lit,  # type: ignore[no-untyped-def]
             pose, table, grains, lamps, eye, f):  # fmt: skip
    """Facets of one tile or body whose corners lie in `f.scratch`; `offset` is what its corner numbers start at."""
    q, w, floats, ints = f.scratch, eye.window, f.floats, f.ints
    n, k = f.counts[0], f.counts[1]
    l0, u0, sx, sy = w[0], w[1], w[2], w[3]
    for t in range(begin, end):
        i, j, m = triangles[t, 0] - offset, triangles[t, 1] - offset, triangles[t, 2] - offset
        ax, ay, az = np.float64(q[i, 0]), np.float64(q[i, 1]), np.float64(q[i, 2])
        bx, by, bz = np.float64(q[j, 0]), np.float64(q[j, 1]), np.float64(q[j, 2])
        cx, cy, cz = np.float64(q[m, 0]), np.float64(q[m, 1]), np.float64(q[m, 2])
        ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        volume = nx * ax + ny * ay + nz * az
        if volume >= 0.0:
            continue
        if ax < NEAR_M and bx < NEAR_M and cx < NEAR_M:
            continue
        if ay > w[4] * ax and by > w[4] * bx and cy > w[4] * cx:
            continue
        if ay < w[5] * ax and by < w[5] * bx and cy < w[5] * cx:
            continue
        if az > w[6] * ax and bz > w[6] * bx and cz > w[6] * cx:
            continue
        if az < w[7] * ax and bz < w[7] * bx and cz < w[7] * cx:
            continue
        share = 1.0 / volume
        p0, p1, p2 = nx * share, ny * share, nz * share
        inside = int(ax >= NEAR_M) + int(bx >= NEAR_M) + int(cx >= NEAR_M)
        if inside == 3:
            piece = f.pieces[k]
            x0, x1, x2 = (l0 - ay / ax) * sx, (l0 - by / bx) * sx, (l0 - cy / cx) * sx
            if np.ceil(min(x0, min(x1, x2))) >= np.ceil(max(x0, max(x1, x2))):
                continue  # between two columns of samples: nobody sees it
            y0, y1, y2 = (u0 - az / ax) * sy, (u0 - bz / bx) * sy, (u0 - cz / cx) * sy
            if np.ceil(min(y0, min(y1, y2))) >= np.ceil(max(y0, max(y1, y2))):
                continue
            piece[0], piece[1], piece[2], piece[3], piece[4], piece[5] = x0, y0, x1, y1, x2, y2
            piece[6], piece[7], piece[8] = p0 + p1 * l0 + p2 * u0, -p1 / sx, -p2 / sy
            f.owners[k] = n
            k += 1
        else:  # cut at the near plane, from the corner in front towards the corner behind, whoever shares the edge
            for _ in range(2):
                if (inside == 1 and ax < NEAR_M) or (inside == 2 and ax >= NEAR_M):
                    ax, ay, az, bx, by, bz, cx, cy, cz = bx, by, bz, cx, cy, cz, ax, ay, az
            if inside == 1:
                s, r = (ax - NEAR_M) / (ax - bx), (ax - NEAR_M) / (ax - cx)
                _piece(f.pieces, f.owners, k, n, w, ax, ay, az,
                       NEAR_M, ay + s * (by - ay), az + s * (bz - az),
                       NEAR_M, ay + r * (cy - ay), az + r * (cz - az), p0, p1, p2)  # fmt: skip
                k += 1
            else:
                s, r = (bx - NEAR_M) / (bx - ax), (cx - NEAR_M) / (cx - ax)
                qy, qz = by + s * (ay - by), bz + s * (az - bz)
                ry, rz = cy + r * (ay - cy), cz + r * (az - cz)
                _piece(f.pieces, f.owners, k, n, w, bx, by, bz, cx, cy, cz, NEAR_M, ry, rz, p0, p1, p2)
                _piece(f.pieces, f.owners, k + 1, n, w, bx, by, bz, NEAR_M, ry, rz, NEAR_M, qy, qz, p0, p1, p2)
                k += 2
            ax, ay, az = np.float64(q[i, 0]), np.float64(q[i, 1]), np.float64(q[i, 2])
            bx, by, bz = np.float64(q[j, 0]), np.float64(q[j, 1]), np.float64(q[j, 2])
            cx, cy, cz = np.float64(q[m, 0]), np.float64(q[m, 1]), np.float64(q[m, 2])
        g = floats[n]
        g[PLANE], g[PLANE + 1], g[PLANE + 2] = p0, p1, p2
        gi, gj, gm = i + vertex_begin, j + vertex_begin, m + vertex_begin
        n0x, n0y, n0z = normals[gi, 0], normals[gi, 1], normals[gi, 2]
        d1x, d1y, d1z = normals[gj, 0] - n0x, normals[gj, 1] - n0y, normals[gj, 2] - n0z
        d2x, d2y, d2z = normals[gm, 0] - n0x, normals[gm, 1] - n0y, normals[gm, 2] - n0z
        g[NORMAL], g[NORMAL + 1], g[NORMAL + 2] = n0x, n0y, n0z
        flags = 0
        if max(abs(d1x) + abs(d1y) + abs(d1z), abs(d2x) + abs(d2y) + abs(d2z)) > 0.004:
            flags = SMOOTH
            g[WEIGHT_1], g[WEIGHT_1 + 1], g[WEIGHT_1 + 2] = (
                (cy * az - cz * ay) * share,
                (cz * ax - cx * az) * share,
                (cx * ay - cy * ax) * share,
            )
            g[WEIGHT_2], g[WEIGHT_2 + 1], g[WEIGHT_2 + 2] = (
                (ay * bz - az * by) * share,
                (az * bx - ax * bz) * share,
                (ax * by - ay * bx) * share,
            )
            g[TURN_1], g[TURN_1 + 1], g[TURN_1 + 2], g[TURN_2], g[TURN_2 + 1], g[TURN_2 + 2] = (
                d1x,
                d1y,
                d1z,
                d2x,
                d2y,
                d2z,
            )
        made = materials[t]
        if table.tinted[made] != 0:
            for c in range(3):
                g[ALBEDO + c] = table.albedo[made, c] * colour[c]
        else:
            g[ALBEDO], g[ALBEDO + 1], g[ALBEDO + 2] = (
                table.albedo[made, 0],
                table.albedo[made, 1],
                table.albedo[made, 2],
            )
        gloss = table.gloss[made]
        g[GLOSS] = gloss
        semantic = table.semantic[made]
        if semantic == 0:
            semantic = own_semantic
        lamp = table.lamp[made]
        g[GLOW], g[GLOW + 1], g[GLOW + 2] = 0.0, 0.0, 0.0
        if lamp != _NO_LAMP:
            shines = np.float32(0.0)
            if lamp == _WINDOW:
                flags |= WINDOWS
            elif lamp == _HEAD and (lit >> lamp) & 1:
                # Seen from its beam's direction: intensity over the size of a lamp's bright part.
                s = eye.turn
                fx = s[0, 0] * pose[0, 0] + s[0, 1] * pose[1, 0] + s[0, 2] * pose[2, 0]
                fy = s[1, 0] * pose[0, 0] + s[1, 1] * pose[1, 0] + s[1, 2] * pose[2, 0]
                fz = s[2, 0] * pose[0, 0] + s[2, 1] * pose[1, 0] + s[2, 2] * pose[2, 0]
                lx = s[0, 0] * pose[0, 1] + s[0, 1] * pose[1, 1] + s[0, 2] * pose[2, 1]
                ly = s[1, 0] * pose[0, 1] + s[1, 1] * pose[1, 1] + s[1, 2] * pose[2, 1]
                lz = s[2, 0] * pose[0, 1] + s[2, 1] * pose[1, 1] + s[2, 2] * pose[2, 1]
                kx, ky, kz = fy * lz - fz * ly, fz * lx - fx * lz, fx * ly - fy * lx
                forward, left = -(ax * fx + ay * fy + az * fz), -(ax * lx + ay * ly + az * lz)
                up = -(ax * kx + ay * ky + az * kz)
                shines = low_beam_cd(np.float32(forward), np.float32(left), np.float32(up))
            elif lamp <= _INDICATOR:
                shines = np.float32(1.0) if (lit >> lamp) & 1 else np.float32(0.0)
            elif lamp >= _SIGNAL_RED and lamp < _BEACON:
                shines = lamps[lamp, 3] if abs(n0x) > abs(n0y) else lamps[lamp, 4]
            else:
                shines = lamps[lamp, 3]
            if shines > 0.0:
                flags |= LAMP
                for c in range(3):
                    g[GLOW + c] = lamps[lamp, c] * shines
        echo = table.reflectivity[made]
        texture = table.texture[made]
        # Retroreflection, cd/lx/m²: sheeting by its lidar echo, markings as EN 1436 R3 (150 mcd), rough ground some 10.
        g[RETRO] = 10.0 * echo if echo > 5.0 else (0.15 if texture == 7 else (0.010 if n0z > 0.7 else 0.0))
        if gloss > 0.0:
            flags |= SHINY
        if n0z > 0.7 and (semantic == 1 or semantic == 2 or semantic == 24 or semantic == 10 or semantic == 25):
            flags |= GROUND
            if semantic != 10 and semantic != 25:
                flags |= PAVED
        for c in range(5):
            g[GRAIN + c] = grains[texture, c]
        if texture != 0:
            flags |= GRAINED
        if texture == 4 or texture == 6 or texture == 8 or texture == 9:
            flags |= PATTERNED
        g[KIND], g[KIND + 1], g[KIND + 2], g[KIND + 3] = (
            0.0,
            np.float32((flags // PAVED) & 1),
            np.float32((flags // GROUND) & 1),
            np.float32(flags & SMOOTH),
        )
        ints[n, INSTANCE], ints[n, SEMANTIC], ints[n, TEXTURE], ints[n, FLAGS] = row, semantic, texture, flags
        n += 1
    f.counts[0], f.counts[1] = n, k


@njit(cache=True, error_model="numpy", nogil=True)
def gather(still, moment, table, grains, lamps, eye, hidden, f):  # type: ignore[no-untyped-def]
    """Fill `f` with what this eye may see: tiles by box and reach, actors by sphere, front faces only."""
    f.counts[0], f.counts[1] = 0, 0
    for tile in range(still.reach_m.shape[0]):
        if box_distance(still.boxes[tile], eye.position) > still.reach_m[tile]:
            continue
        if not _box_in_view(still.boxes[tile], eye):
            continue
        begin = still.vertex_first[tile]
        _to_sensor(still.vertices, begin, still.vertex_first[tile + 1], eye, _AT_REST, _AS_IS,
                   f.scratch)  # fmt: skip
        _collect(still.normals, still.triangles, still.materials, begin, np.int64(0), still.first[tile],
                 still.first[tile + 1], np.int64(-1), _WHITE, np.uint8(0), np.int32(0), _AS_IS, table, grains, lamps,
                 eye, f)  # fmt: skip
    ball = np.zeros(6, dtype=np.float64)
    for row in range(moment.poses.shape[0]):
        if row == hidden or moment.first[row + 1] == moment.first[row]:
            continue
        for axis in range(3):
            ball[axis] = moment.spheres[row, axis] - moment.spheres[row, 3]
            ball[3 + axis] = moment.spheres[row, axis] + moment.spheres[row, 3]
        if not _box_in_view(ball, eye):
            continue
        begin = np.int64(moment.vertex_first[row])
        _to_sensor(moment.vertices, begin, np.int64(moment.vertex_first[row + 1]), eye, moment.motions[row],
                   moment.poses[row], f.scratch)  # fmt: skip
        _collect(moment.normals, moment.triangles, moment.materials, begin, begin, np.int64(moment.first[row]),
                 np.int64(moment.first[row + 1]), row, moment.colours[row], moment.semantics[row], moment.lamps[row],
                 moment.poses[row], table, grains, lamps, eye, f)  # fmt: skip
    sky = f.counts[0]
    for c in range(FLOATS):
        f.floats[sky, c] = np.float32(1.0 if c == KIND else 0.0)
    f.ints[sky, INSTANCE], f.ints[sky, SEMANTIC], f.ints[sky, TEXTURE], f.ints[sky, FLAGS] = -1, 11, 0, SKY
