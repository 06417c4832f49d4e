"""Which points of a body echo, and which rays ask whether it is in sight.

Before the rays are cast, `aim` gives every body its rays, and bodies of one point or of posts their
points. After it, `settle` takes from each point what stands in its way, and `vehicle` makes a vehicle's
points of what its rays met: the visible part of each side, the nearest surface, or, if nothing of it is
in sight, its faces behind whatever screens them. Frame: `sim.sensors.radar_scene`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, log10, sin, sqrt

import numpy as np
from numba import njit

from sim.rays.tree import nearest_in
from sim.sensors.geometry import (
    COS,
    CX,
    CY,
    HALF_LENGTH,
    HALF_WIDTH,
    LEFT,
    LOW,
    NEAR,
    RIGHT,
    SIN,
    TOP,
    nearest_point,
    span_of,
)
from sim.sensors.radar_echoes import FACES, FRONT, HEIGHT, PLOSS, POINT, POSTS, PRAY, PROW, REAR, SHAPE, SIDE, put

# Columns of the rays' table: whom it is for, how far to the aim, its weight in the body's visible share, at
# which height it is (0 lower, 1 upper, 2 the nearest point), and its direction in the sensor frame.
RAY_ROW, RAY_REACH, RAY_WEIGHT, RAY_LEVEL, RAY_X, RAY_Y, RAY_Z = range(7)
RAY_COLUMNS = 7
# Numbers as np.int64, here and in the other kernels: a literal would have every callee compiled once more for it.
_NONE = np.int64(0)
_LOWER, _NEAREST_LEVEL = np.int64(0), np.int64(2)
# Numbers that tell a body's points apart for chance: 0 and 1 are the end and the side face.
_ONLY_POINT, _NEAREST_POINT, _MIDDLE_POST = np.int64(0), np.int64(2), np.int64(1 << 20)
# A vehicle's rays: bearings over its extent at two heights, fewer where it is narrower than the beam; most of
# the power comes back from the lower height, where bumpers, wheels and the underbody are (own).
_NEAR_LOWER, _NEAR_UPPER, _FAR_LOWER, _FAR_UPPER = 5, 2, 3, 1
_UPPER_HEIGHT, _UPPER_WEIGHT = 0.7, 0.25
_CORNER_DB = 6.0  # how much weaker the nearest point is than the best face
_SKIN_M = 0.3  # a mesh stands back this much from its box, or more at its ends
_LEVEL_NORMAL = 0.8  # a surface whose normal is steeper than this sends the wave away upwards


@njit(cache=True, error_model="numpy")
def _ray(aims, count, row, x, y, z, reach, weight, level):  # type: ignore[no-untyped-def]
    """Add a ray towards a point in the sensor frame, if there is room; `aims` is all it touches, for speed."""
    if count >= aims.shape[0]:
        return count
    scale = 1.0 / sqrt(x * x + y * y + z * z)
    aims[count, RAY_ROW], aims[count, RAY_REACH] = row, reach
    aims[count, RAY_WEIGHT], aims[count, RAY_LEVEL] = weight, level
    aims[count, RAY_X], aims[count, RAY_Y], aims[count, RAY_Z] = x * scale, y * scale, z * scale
    return count + 1


@njit(cache=True, error_model="numpy")
def _vehicle_rays(kit, b, rays, row):  # type: ignore[no-untyped-def]
    """Rays over a vehicle's extent at two heights, and one to its nearest point."""
    scene = b.scene
    low, height = scene[row, LOW], scene[row, TOP] - scene[row, LOW]
    fov = b.p.near_half_fov_rad
    right, left = max(scene[row, RIGHT], -fov), min(scene[row, LEFT], fov)
    near = scene[row, NEAR] <= b.p.near_range_m
    for level in range(2):
        if level == 0:
            bearings = _NEAR_LOWER if near else _FAR_LOWER
        else:
            bearings = _NEAR_UPPER if near else _FAR_UPPER
        z = low + (b.body[row, HEIGHT] if level == 0 else _UPPER_HEIGHT) * height
        weight = (_UPPER_WEIGHT if level == 1 else 1.0 - _UPPER_WEIGHT) / bearings
        for k in range(bearings):
            angle = right + (k + 0.5) / bearings * (left - right)
            ux, uy = cos(angle), sin(angle)
            enter, _leave = span_of(scene, row, ux, uy)
            if enter > 1e6 or enter <= 0.0:
                continue
            rays = _ray(kit.aims, rays, row, ux * enter, uy * enter, z, sqrt(enter * enter + z * z), weight, level)
    inside = 0.02  # aimed into the body, so that rounding does not let the ray pass by
    cx, cy, half_length, half_width = scene[row, CX], scene[row, CY], scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    qx, qy = nearest_point(cx, cy, scene[row, COS], scene[row, SIN], half_length - inside, half_width - inside)
    z = low + b.body[row, HEIGHT] * height
    return _ray(kit.aims, rays, row, qx, qy, z, sqrt(qx * qx + qy * qy + z * z), 0.0, _NEAREST_LEVEL)


@njit(cache=True, error_model="numpy")
def _rail(kit, b, rays, points, row, z, most):  # type: ignore[no-untyped-def]
    """At most `most` posts of a rail, those nearest to the sensor inside the field of view."""
    scene, p = b.scene, b.p
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    along = min(max(-(cx * c + cy * s), -half_length), half_length)
    across = min(max(cx * s - cy * c, -half_width), half_width)
    middle = int(round(along / p.post_spacing_m))
    found = 0
    for step in range(64):
        if found >= most or (step - 1) * p.post_spacing_m > 2.0 * half_length:
            break
        for way in range(2):
            post = middle + step if way == 0 else middle - step
            if found >= most or (way == 1 and step == 0):
                continue
            at = post * p.post_spacing_m
            x, y = cx + c * at - s * across, cy + s * at + c * across
            if abs(at) > half_length or x < 1.0 or abs(atan2(y, x)) > p.near_half_fov_rad:
                continue
            found += 1
            facing = abs(s * x - c * y) / sqrt(x * x + y * y)
            rcs = b.body[row, SIDE] + p.rail_facing_db * facing * facing
            before = rays
            rays = _ray(kit.aims, rays, row, x, y, z, sqrt(x * x + y * y + z * z) - half_width - _SKIN_M, 1.0, _LOWER)
            if rays > before:
                points = put(
                    kit.points,
                    points,
                    b.moves,
                    b.scene,
                    row,
                    _MIDDLE_POST + post,
                    0.0,
                    x,
                    y,
                    z,
                    rcs,
                    0.0,
                    0.0,
                    float(before),
                )
    return rays, points


@njit(cache=True, error_model="numpy")
def _single(kit, b, rays, points, row, z):  # type: ignore[no-untyped-def]
    """The one point of a person, a plate, a gantry, a wall, a pole."""
    scene, body, p = b.scene, b.body, b.p
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    x, y = nearest_point(cx, cy, c, s, half_length, half_width)
    distance = sqrt(cx * cx + cy * cy)
    aspect = (cx * c + cy * s) / distance
    end = body[row, REAR] if aspect > 0.0 else body[row, FRONT]
    rcs = body[row, SIDE] + (end - body[row, SIDE]) * aspect * aspect
    skin = half_width + _SKIN_M
    if body[row, SHAPE] == POINT:
        reach = 1.0 - min(half_length, half_width) / distance
        x, y = cx * reach, cy * reach
    elif scene[row, TOP] - scene[row, LOW] < p.flat_height_m:
        flat = sqrt(x * x + y * y)
        rcs -= p.flat_loss_db * min(max((p.flat_near_m - flat) / p.flat_fade_m, 0.0), 1.0)
        rcs -= p.flat_loss_db * min(max((flat - p.flat_far_m) / p.flat_fade_m, 0.0), 1.0)
        skin += 0.1 * flat  # the road that rises a hand's breadth before a plate does not hide it
    if x < 0.5:
        return rays, points
    before = rays
    rays = _ray(kit.aims, rays, row, x, y, z, max(sqrt(x * x + y * y + z * z) - skin, 0.0), 1.0, _LOWER)
    if rays > before:
        points = put(kit.points, points, b.moves, b.scene, row, _ONLY_POINT, 0.0, x, y, z, rcs, 0.0, 0.0, float(before))
    return rays, points


@njit(cache=True, error_model="numpy")
def aim(kit, b, found):  # type: ignore[no-untyped-def]
    """Rays of the `found` bodies of `kit.rows`, and points of those that are no vehicles: (rays, points)."""
    rays, points, left = _NONE, _NONE, b.p.posts_of_map
    for index in range(found):
        row = kit.rows[index]
        kit.first_ray[index] = rays
        z = b.scene[row, LOW] + b.body[row, HEIGHT] * (b.scene[row, TOP] - b.scene[row, LOW])
        if b.body[row, SHAPE] == FACES:
            rays = _vehicle_rays(kit, b, rays, row)
        elif b.body[row, SHAPE] == POSTS:
            of_map = row >= kit.size_m.shape[0]
            before = points
            rays, points = _rail(kit, b, rays, points, row, z, left if of_map else b.p.posts_per_rail)
            if of_map:  # the map's rails come nearest segment first, and share their posts
                left -= points - before
        else:
            rays, points = _single(kit, b, rays, points, row, z)
    kit.first_ray[found] = rays
    frame, aims = kit.frame, kit.aims
    for ray in range(rays):
        ux, uy, uz = aims[ray, RAY_X], aims[ray, RAY_Y], aims[ray, RAY_Z]
        for i in range(3):
            kit.directions[ray, i] = frame[i, 0] * ux + frame[i, 1] * uy + frame[i, 2] * uz
            kit.origins[ray, i] = frame[i, 3]
    return rays, points


@njit(cache=True, error_model="numpy")
def still_db(kit, ox, oy, oz, dx, dy, dz, reach):  # type: ignore[no-untyped-def]
    """What the map alone costs on a way of `reach` metres."""
    still = kit.still
    _t, found = nearest_in(
        still.boxes, still.links, still.corners, 0, kit.stack, kit.nears, ox, oy, oz, dx, dy, dz, reach
    )
    return kit.still_losses_db[kit.still_materials[found]] if found >= 0 else 0.0


@njit(cache=True, error_model="numpy")
def settle(kit, hits, points):  # type: ignore[no-untyped-def]
    """Take from the points made by `aim` what stands in their way."""
    for index in range(points):
        ray = int(kit.points[index, PRAY])
        owner, reach = hits.row[ray], kit.aims[ray, RAY_REACH]
        if owner == int(kit.points[index, PROW]) or owner == -2 or hits.t_m[ray] >= reach:
            continue
        if owner == -1:
            kit.points[index, PLOSS] = kit.still_losses_db[hits.material[ray]]
        else:
            o, d = kit.origins[ray], kit.directions[ray]
            kit.points[index, PLOSS] = max(
                kit.losses_db[owner], still_db(kit, o[0], o[1], o[2], d[0], d[1], d[2], reach)
            )


@njit(cache=True, error_model="numpy")
def vehicle(kit, b, hits, points, index):  # type: ignore[no-untyped-def]
    """Points of the vehicle in `kit.rows[index]`: visible sides and nearest surface, or its faces behind a screen."""
    row, scene, body, frame = kit.rows[index], b.scene, b.body, kit.frame
    c, s = scene[row, COS], scene[row, SIN]
    sides = kit.sides
    for side in range(4):
        for column in range(10):
            sides[side, column] = 0.0
    total, open_share, through = 0.0, 0.0, 0.0
    nearest, nx, ny, nz = 1e9, 0.0, 0.0, 0.0
    for ray in range(kit.first_ray[index], kit.first_ray[index + 1]):
        weight, level = kit.aims[ray, RAY_WEIGHT], int(kit.aims[ray, RAY_LEVEL])
        if hits.row[ray] != row:
            if hits.row[ray] != -2 and hits.t_m[ray] < kit.aims[ray, RAY_REACH] - _SKIN_M:
                total += weight
                owner = hits.row[ray]
                loss = kit.losses_db[owner] if owner >= 0 else kit.still_losses_db[hits.material[ray]]
                through += weight * 10.0 ** (-0.1 * loss)
            continue
        total += weight
        open_share += weight
        t = hits.t_m[ray]
        ux, uy, uz = kit.aims[ray, RAY_X], kit.aims[ray, RAY_Y], kit.aims[ray, RAY_Z]
        if t < nearest:
            nearest, nx, ny, nz = t, ux * t, uy * t, uz * t
        dx, dy, dz = hits.normal[ray, 0], hits.normal[ray, 1], hits.normal[ray, 2]
        mx = frame[0, 0] * dx + frame[1, 0] * dy + frame[2, 0] * dz
        my = frame[0, 1] * dx + frame[1, 1] * dy + frame[2, 1] * dz
        mz = frame[0, 2] * dx + frame[1, 2] * dy + frame[2, 2] * dz
        if abs(mz) > _LEVEL_NORMAL or weight == 0.0:
            continue
        along, across = mx * c + my * s, my * c - mx * s
        side = (0 if along > 0.0 else 1) if abs(along) >= abs(across) else (2 if across > 0.0 else 3)
        facing = max(-(mx * ux + my * uy + mz * uz), 0.0)
        at = 0 if level == 0 else 4  # where its lower part is in sight, that is where it echoes
        sides[side, 8] += weight
        sides[side, 9] += weight * facing
        sides[side, at] += weight
        sides[side, at + 1] += weight * ux * t
        sides[side, at + 2] += weight * uy * t
        sides[side, at + 3] += weight * uz * t
    if open_share <= 0.0 and nearest > 1e8:
        loss = -10.0 * log10(max(through / total, 1e-20)) if total > 0.0 else 0.0
        if total > 0.0:  # what is behind the screen that the rays met may let nothing through
            ray = kit.first_ray[index + 1] - 1
            o, d = kit.origins[ray], kit.directions[ray]
            behind_db = still_db(kit, o[0], o[1], o[2], d[0], d[1], d[2], kit.aims[ray, RAY_REACH] - _SKIN_M)
            loss = max(loss, behind_db)
        return _screened(kit, b, points, row, loss)
    loss = -10.0 * log10((open_share + through) / total) if total > 0.0 else 0.0
    best = -99.0
    for side in range(4):
        if sides[side, 8] == 0.0:
            continue
        facing = sides[side, 9] / sides[side, 8]
        if facing <= 0.02:
            continue
        base = body[row, FRONT] if side == 0 else (body[row, REAR] if side == 1 else body[row, SIDE])
        rcs = base + 15.0 * log10(facing)
        best = max(best, rcs)
        at = 0 if sides[side, 0] > 0.0 else 4
        scale = 1.0 / sides[side, at]
        x, y, z = sides[side, at + 1] * scale, sides[side, at + 2] * scale, sides[side, at + 3] * scale
        extent = 2.0 * scene[row, HALF_WIDTH]
        points = put(
            kit.points, points, b.moves, b.scene, row, 0 if side < 2 else 1, 0.0, x, y, z, rcs, loss, extent, -1.0
        )
    if best < -90.0:  # only tops or grazing sides in sight
        best = body[row, REAR] - 15.0
    return put(
        kit.points, points, b.moves, b.scene, row, _NEAREST_POINT, 0.0, nx, ny, nz, best - _CORNER_DB, loss, 0.0, -1.0
    )


@njit(cache=True, error_model="numpy")
def _screened(kit, b, points, row, loss):  # type: ignore[no-untyped-def]
    """Faces of a vehicle none of which is in sight: what creeps under and past the screen in front."""
    scene, body = b.scene, b.body
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    z = scene[row, LOW] + body[row, HEIGHT] * (scene[row, TOP] - scene[row, LOW])
    best = -99.0
    for face in range(4):
        side = face >= 2
        sign = 1.0 if face == 0 or face == 2 else -1.0
        nx, ny = (-s * sign, c * sign) if side else (c * sign, s * sign)
        half = half_width if side else half_length
        fx, fy = cx + nx * half, cy + ny * half
        facing = -(nx * fx + ny * fy) / sqrt(fx * fx + fy * fy)
        if facing <= 0.02:
            continue
        base = body[row, SIDE] if side else (body[row, FRONT] if face == 0 else body[row, REAR])
        rcs = base + 15.0 * log10(facing)
        best = max(best, rcs)
        points = put(
            kit.points,
            points,
            b.moves,
            b.scene,
            row,
            1 if side else 0,
            0.0,
            fx,
            fy,
            z,
            rcs,
            loss,
            2.0 * half_width,
            -1.0,
        )
    qx, qy = nearest_point(cx, cy, c, s, half_length, half_width)
    return put(
        kit.points, points, b.moves, b.scene, row, _NEAREST_POINT, 0.0, qx, qy, z, best - _CORNER_DB, loss, 0.0, -1.0
    )
