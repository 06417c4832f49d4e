"""Which points of a body echo: faces of vehicles, people, posts of a rail, flat plates, and their ghosts.

Each function adds a body's points to `points` and returns the new count. Frame: `sim.sensors.geometry`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, log10, sin, sqrt

import numpy as np
from numba import njit

from sim.randomness import uniform
from sim.sensors.geometry import (
    AHEAD,
    COS,
    CX,
    CY,
    HALF_LENGTH,
    HALF_WIDTH,
    LEFT,
    RIGHT,
    SIN,
    TOP,
    nearest_point,
    screening_db,
    span_of,
)
from sim.sensors.radar_echoes import FRONT, POINT, POSTS, REAR, SHAPE, SIDE, put

# Numbers that tell a body's points apart for chance: 0 and 1 are the end and the side face.
_NEAREST_POINT, _OPEN_POINT, _MIRRORED, _MIDDLE_POST = 2, 3, 4, 1 << 20
_SHARE_RAYS = 5
_CORNER_DB = 6.0  # how much weaker the nearest point is than the best face


@njit(cache=True, error_model="numpy")
def _visible_share(b, row, z):  # type: ignore[no-untyped-def]
    """(share of a body's width in the open, bearing of an open part, its distance)."""
    scene, sensor_z = b.scene, b.p.z_m
    seen, bearing, distance = 0, 0.0, 0.0
    for ray in range(_SHARE_RAYS):
        share = (ray + 0.5) / _SHARE_RAYS
        angle = scene[row, RIGHT] + share * (scene[row, LEFT] - scene[row, RIGHT])
        ux, uy = cos(angle), sin(angle)
        enter, _leave = span_of(scene, row, ux, uy)
        if enter > 1e6 or enter <= 0.0:
            continue
        if screening_db(scene, b.losses_db, row, ux * enter, uy * enter, z, sensor_z) == 0.0:
            if seen == 0 or ray <= _SHARE_RAYS // 2:
                bearing, distance = angle, enter
            seen += 1
    return seen / _SHARE_RAYS, bearing, distance


@njit(cache=True, error_model="numpy")
def _turned(points, count, b, row, index, motion, x, y, z, rcs, loss_db, extent):  # type: ignore[no-untyped-def]
    """A point on a body that moves and turns; `motion` is (vx, vy, yaw rate) of its centre."""
    vx, vy = motion[0] - motion[2] * (y - b.scene[row, CY]), motion[1] + motion[2] * (x - b.scene[row, CX])
    return put(points, count, row, index, 0.0, x, y, z, vx, vy, rcs, loss_db, extent)


@njit(cache=True, error_model="numpy")
def vehicle(points, count, b, row, z, motion):  # type: ignore[no-untyped-def]
    """Echoes of a vehicle: centres of its visible faces, and its nearest point."""
    scene, body, p = b.scene, b.body, b.p
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    share, open_bearing, open_distance = _visible_share(b, row, z)
    share_db = 10.0 * log10(share) if share > 0.0 else 0.0
    best, free = -99.0, False
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
        screened = screening_db(scene, b.losses_db, row, fx, fy, z, p.z_m)
        free = free or screened == 0.0
        loss = screened if screened > 0.0 else -share_db
        count = _turned(points, count, b, row, 1 if side else 0, motion, fx, fy, z, rcs, loss, 2.0 * half_width)
    qx, qy = nearest_point(cx, cy, c, s, half_length, half_width)
    screened = screening_db(scene, b.losses_db, row, qx, qy, z, p.z_m)
    free = free or screened == 0.0
    loss = screened if screened > 0.0 else -share_db
    count = _turned(points, count, b, row, _NEAREST_POINT, motion, qx, qy, z, best - _CORNER_DB, loss, 0.0)
    if not free and share > 0.0:
        qx, qy = cos(open_bearing) * open_distance, sin(open_bearing) * open_distance
        count = _turned(points, count, b, row, _OPEN_POINT, motion, qx, qy, z, best, -share_db, 0.0)
    return count


@njit(cache=True, error_model="numpy")
def mirrored(points, count, b, row, z, motion, ego_vx, ego_vy):  # type: ignore[no-untyped-def]
    """Ghosts of a vehicle mirrored in the guard rails between whose ends the path bounces."""
    scene, p = b.scene, b.p
    cx, cy, half_length, half_width = scene[row, CX], scene[row, CY], scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    tx, ty = nearest_point(cx, cy, scene[row, COS], scene[row, SIN], half_length, half_width)
    for rail in range(1, scene.shape[0]):
        if b.body[rail, SHAPE] != POSTS or scene[rail, AHEAD] == 0.0:
            continue
        c, s = scene[rail, COS], scene[rail, SIN]
        across_sensor = scene[rail, CX] * s - scene[rail, CY] * c
        dx, dy = tx - scene[rail, CX], ty - scene[rail, CY]
        across_target = dy * c - dx * s
        side = 1.0 if across_sensor > 0.0 else -1.0
        wall = side * scene[rail, HALF_WIDTH]
        to_sensor, to_target = (across_sensor - wall) * side, (across_target - wall) * side
        if to_sensor <= 0.0 or to_target <= 0.0:
            continue
        along_sensor = -(scene[rail, CX] * c + scene[rail, CY] * s)
        bounce = along_sensor + (dx * c + dy * s - along_sensor) * to_sensor / (to_sensor + to_target)
        if abs(bounce) > scene[rail, HALF_LENGTH]:
            continue
        mark = np.int64(b.entities[rail])
        if uniform(b.ghost_key, b.entities[row], b.slot, 1 + mark) >= p.mirror_ratio:
            continue
        shift = -2.0 * (across_target - wall)
        push = -2.0 * ((motion[1] + ego_vy) * c - (motion[0] + ego_vx) * s)
        x, y, vx, vy = tx - s * shift, ty + c * shift, motion[0] - s * push, motion[1] + c * push
        index = _MIRRORED + (mark >> 2)
        count = put(points, count, row, index, 1.0, x, y, z, vx, vy, b.body[row, REAR], p.mirror_loss_db, 0.0)
    return count


@njit(cache=True, error_model="numpy")
def rail(points, count, b, row, z, motion):  # type: ignore[no-untyped-def]
    """Echoes along a rail: the posts nearest to the sensor inside the field of view."""
    scene, p = b.scene, b.p
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    along = min(max(-(cx * c + cy * s), -half_length), half_length)
    across = min(max(cx * s - cy * c, -half_width), half_width)
    middle = int(round(along / p.post_spacing_m))
    found = 0
    for step in range(64):
        for way in range(2):
            post = middle + step if way == 0 else middle - step
            if found >= p.posts_per_rail or (way == 1 and step == 0):
                continue
            at = post * p.post_spacing_m
            x, y = cx + c * at - s * across, cy + s * at + c * across
            if abs(at) > half_length or x < 1.0 or abs(atan2(y, x)) > p.near_half_fov_rad:
                continue
            found += 1
            facing = abs(s * x - c * y) / sqrt(x * x + y * y)
            rcs = b.body[row, SIDE] + p.rail_facing_db * facing * facing
            screened = screening_db(scene, b.losses_db, row, x, y, z, p.z_m)
            count = _turned(points, count, b, row, _MIDDLE_POST + post, motion, x, y, z, rcs, screened, 0.0)
    return count


@njit(cache=True, error_model="numpy")
def single(points, count, b, row, z, motion):  # type: ignore[no-untyped-def]
    """The echo of a body with one reflecting point: a person, a plate, a gantry, a wall."""
    scene, body, p = b.scene, b.body, b.p
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    x, y = nearest_point(cx, cy, c, s, half_length, half_width)
    distance = sqrt(cx * cx + cy * cy)
    aspect = (cx * c + cy * s) / distance
    end = body[row, REAR] if aspect > 0.0 else body[row, FRONT]
    rcs = body[row, SIDE] + (end - body[row, SIDE]) * aspect * aspect
    if body[row, SHAPE] == POINT:
        reach = 1.0 - min(half_length, half_width) / distance
        x, y = cx * reach, cy * reach
    elif scene[row, TOP] < p.flat_height_m:
        flat = sqrt(x * x + y * y)
        rcs -= p.flat_loss_db * min(max((p.flat_near_m - flat) / p.flat_fade_m, 0.0), 1.0)
        rcs -= p.flat_loss_db * min(max((flat - p.flat_far_m) / p.flat_fade_m, 0.0), 1.0)
    if x < 0.5:
        return count
    screened = screening_db(scene, b.losses_db, row, x, y, z, p.z_m)
    return _turned(points, count, b, row, 0, motion, x, y, z, rcs, screened, 0.0)
