"""Echoes that seem to come from where nothing is: vehicles mirrored in guard rails, and second bounces.

Frame: `sim.sensors.radar_scene`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

from sim.randomness import uniform
from sim.sensors.geometry import COS, CX, CY, HALF_LENGTH, HALF_WIDTH, LOW, SIN, TOP, nearest_point
from sim.sensors.radar_bodies import still_db
from sim.sensors.radar_echoes import (
    HEIGHT,
    PVX,
    PVY,
    RANGE,
    RATE,
    RAW_COLUMNS,
    REAR,
    SNR,
    TRUE_RANGE,
    TRUE_RATE,
    VX,
    VY,
    put,
)

# First of the numbers that tell mirrored points apart, and numbers of the draws (np.int64: see radar_bodies).
_MIRRORED, _BOUNCE_DRAW, _MIRROR_DRAW, _FIRST_RAIL_DRAW = np.int64(4), np.int64(0), np.int64(1), np.int64(2)
_EACH, _ALL = np.bool_(True), np.bool_(False)
_SPREADING_DB = 12.0  # 40 log10(2): an echo from twice the range
_SKIN_M = 0.5


@njit(cache=True, error_model="numpy")
def mirrored(kit, b, points, row):  # type: ignore[no-untyped-def]
    """Ghosts of a vehicle mirrored in guard rails: a draw for each rail that is an actor, one for all of the map's."""
    points = _mirrored_in(kit, b, points, row, kit.rails, int(kit.counts[0]), _EACH)
    if uniform(b.ghost_key, b.entities[row], b.slot, _MIRROR_DRAW) < b.p.mirror_ratio:
        points = _mirrored_in(kit, b, points, row, kit.segments_ahead, int(kit.counts[1]), _ALL)
    return points


@njit(cache=True, error_model="numpy")
def _mirrored_in(kit, b, points, row, rails, count, each):  # type: ignore[no-untyped-def]
    """Ghosts in those of `rails` between whose ends the path bounces; with `each`, by chance of their own."""
    if count == 0:
        return points
    scene, ratio = b.scene, b.p.mirror_ratio
    cx, cy, half_length, half_width = scene[row, CX], scene[row, CY], scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    tx, ty = nearest_point(cx, cy, scene[row, COS], scene[row, SIN], half_length, half_width)
    for index in range(count):
        rail = rails[index]
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
        if (
            each
            and uniform(b.ghost_key, b.entities[row], b.slot, _FIRST_RAIL_DRAW + np.int64(b.entities[rail])) >= ratio
        ):
            continue
        points = _ghost(kit, b, points, row, rail, across_target - wall, bounce, wall)
    return points


@njit(cache=True, error_model="numpy")
def _ghost(kit, b, points, row, rail, beyond, bounce, wall):  # type: ignore[no-untyped-def]
    """The ghost of a vehicle `beyond` metres from a rail's face that bounces `bounce` metres from the rail's middle."""
    scene, p = b.scene, b.p
    c, s = scene[rail, COS], scene[rail, SIN]
    cx, cy, half_length, half_width = scene[row, CX], scene[row, CY], scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    tx, ty = nearest_point(cx, cy, scene[row, COS], scene[row, SIN], half_length, half_width)
    z = scene[row, LOW] + b.body[row, HEIGHT] * (scene[row, TOP] - scene[row, LOW])
    vx, vy = b.moves[row, VX] + kit.own[0], b.moves[row, VY] + kit.own[1]
    push = -2.0 * (vy * c - vx * s)
    x, y = tx + 2.0 * s * beyond, ty - 2.0 * c * beyond
    at_x, at_y = scene[rail, CX] + c * bounce - s * wall, scene[rail, CY] + s * bounce + c * wall
    at_z = scene[rail, LOW] + b.body[rail, HEIGHT] * (scene[rail, TOP] - scene[rail, LOW])
    loss = p.mirror_loss_db + _way_db(kit, at_x, at_y, at_z)
    rcs, index = b.body[row, REAR], _MIRRORED + (np.int64(b.entities[rail]) >> 2)
    before = points
    points = put(kit.points, points, b.moves, b.scene, row, index, 1.0, x, y, z, rcs, loss, 0.0, -1.0)
    if points > before:
        kit.points[before, PVX], kit.points[before, PVY] = b.moves[row, VX] - s * push, b.moves[row, VY] + c * push
    return points


@njit(cache=True, error_model="numpy")
def _way_db(kit, x, y, z):  # type: ignore[no-untyped-def]
    """What the map costs on the way from the sensor to a mirror's point in the sensor frame."""
    f = kit.frame
    far = sqrt(x * x + y * y + z * z)
    x, y, z = x / far, y / far, z / far
    dx = f[0, 0] * x + f[0, 1] * y + f[0, 2] * z
    dy = f[1, 0] * x + f[1, 1] * y + f[1, 2] * z
    dz = f[2, 0] * x + f[2, 1] * y + f[2, 2] * z
    return still_db(kit, f[0, 3], f[1, 3], f[2, 3], dx, dy, dz, max(far - _SKIN_M, 0.0))


@njit(cache=True, error_model="numpy")
def second_bounce(raw, count, b, row, first):  # type: ignore[no-untyped-def]
    """Between target and ego twice: the same bearing at double range and double range rate."""
    p = b.p
    if count >= raw.shape[0]:
        return count
    snr = raw[first, SNR] - p.bounce_loss_db - _SPREADING_DB
    if snr < p.report_snr_db or 2.0 * raw[first, RANGE] > p.far_range_m:
        return count
    if uniform(b.ghost_key, b.entities[row], b.slot, _BOUNCE_DRAW) >= p.bounce_ratio:
        return count
    for column in range(RAW_COLUMNS):
        raw[count, column] = raw[first, column]
    raw[count, SNR] = snr
    for column in (RANGE, RATE, TRUE_RANGE, TRUE_RATE):
        raw[count, column] = 2.0 * raw[first, column]
    return count + 1
