"""The radar's kernels: one scan over arrays, from poses to sorted detections.

`look` places bodies and aims rays at them; between the two the caller casts the rays; `scan` makes
echoes of what they met, lets stronger ones swallow those in their resolution cell, and adds false
alarms. Frame: `sim.sensors.radar_scene`. Parameters `p`: a packed `RadarParameters` and `Mount`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import cos, log10, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.randomness import normal, uniform
from sim.sensors.correlated import step_noise
from sim.sensors.radar_bodies import aim, settle, vehicle
from sim.sensors.radar_echoes import (
    AZIMUTH,
    FACES,
    PROW,
    RANGE,
    RATE,
    SHAPE,
    SNR,
    TRUE_AZIMUTH,
    TRUE_RANGE,
    TRUE_RATE,
    Beam,
    echo,
)
from sim.sensors.radar_ghosts import mirrored, second_bounce
from sim.sensors.radar_scene import place

# Columns of the detections in `out`.
OUT_RANGE, OUT_AZIMUTH, OUT_RATE, OUT_RCS, OUT_SNR = range(5)
DETECTION_COLUMNS = 5
_CLUTTER_TRIALS = 4
# Entity, slot and numbers of draws, and of nothing yet (np.int64: see radar_bodies).
_NONE, _RADAR, _WHOLE_RUN, _ALIGNMENT, _FLOOR = np.int64(0), np.int64(0), np.int64(0), np.int64(2), np.int64(3)
_COMES, _NEAR, _FAR_AWAY, _ASIDE, _DRIFT, _MOVES, _FAST, _STRONG = (np.int64(number) for number in range(8))


class RadarKit(NamedTuple):
    """What a radar keeps between scans; rows are the roster's, then one per fixture."""

    size_m: Any  # (n, 3)
    clearance_m: Any  # (n,)
    body: Any  # (n + fixtures, BODY_COLUMNS)
    losses_db: Any  # (n,) what passing a body costs
    still_losses_db: Any  # (materials,) what passing a surface of the map costs
    entities: Any  # (n + fixtures,)
    fixtures: Any  # (fixtures, FIXTURE_COLUMNS)
    still: Any  # the map's tree
    still_materials: Any  # of its triangles
    turn: Any  # (3, 3) body from sensor
    steepest: Any  # (1,) tangent of the widest bearing
    noise: Any  # (n, NOISE_PROCESSES)
    taus_s: Any  # (NOISE_PROCESSES,)
    frame: Any  # (3, 4) world from sensor
    own: Any  # (3,) velocity of the sensor over ground, sensor axes
    scene: Any  # (n + fixtures, SCENE_COLUMNS)
    moves: Any  # (n + fixtures, MOVE_COLUMNS)
    rows: Any  # (most bodies,) which may echo
    around: Any  # (fixtures,) which may be within reach
    middle: Any  # (3,) where that list was made, and how many it holds
    segments: Any  # (most,) nearest segments of the map's rails
    rails: Any  # (n,) rails in view that are actors
    segments_ahead: Any  # (most segments,) of the map's rails
    counts: Any  # (2,) how many of the former and the latter
    first_ray: Any  # (most bodies + 1,)
    aims: Any  # (most rays, RAY_COLUMNS)
    origins: Any  # (most rays, 3) world
    directions: Any  # (most rays, 3) world
    sides: Any  # (4, 10) sums over what the rays met of front, rear, left, right
    stack: Any  # walk of the map's tree
    nears: Any
    points: Any  # (most points, POINT_COLUMNS)
    raw: Any  # (most echoes, RAW_COLUMNS)
    order: Any  # (most echoes,)
    out: Any  # (most echoes, DETECTION_COLUMNS)
    parameters: Any  # (1,) packed
    keys: Any  # (3,) streams of echoes, ghosts, clutter


@njit(cache=True, error_model="numpy")
def _stronger(raw, i, j):  # type: ignore[no-untyped-def]
    """Whether echo i goes before echo j when sorted by strength; ties by place, never by row."""
    if raw[i, SNR] != raw[j, SNR]:
        return raw[i, SNR] > raw[j, SNR]
    if raw[i, RANGE] != raw[j, RANGE]:
        return raw[i, RANGE] < raw[j, RANGE]
    return raw[i, AZIMUTH] < raw[j, AZIMUTH]


@njit(cache=True, error_model="numpy")
def _merge(raw, count, order, out, p):  # type: ignore[no-untyped-def]
    """Let each echo swallow the weaker ones in its resolution cell; fill `out`, return how many remain."""
    for i in range(count):
        j = i
        while j > 0 and _stronger(raw, i, order[j - 1]):
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    kept = 0
    for rank in range(count):
        i = order[rank]
        range_cell = p.near_range_cell_m if raw[i, TRUE_RANGE] <= p.near_range_m else p.far_range_cell_m
        near_angle = abs(raw[i, TRUE_AZIMUTH]) > p.far_half_fov_rad
        angle_cell = p.near_azimuth_cell_rad if near_angle else p.far_azimuth_cell_rad
        merged = False
        for k in range(kept):
            m = order[k]
            if (
                abs(raw[m, TRUE_RANGE] - raw[i, TRUE_RANGE]) < range_cell
                and abs(raw[m, TRUE_AZIMUTH] - raw[i, TRUE_AZIMUTH]) < angle_cell
                and abs(raw[m, TRUE_RATE] - raw[i, TRUE_RATE]) < p.rate_cell_mps
            ):
                power = 10.0 ** (0.1 * out[k, OUT_SNR]) + 10.0 ** (0.1 * raw[i, SNR])
                out[k, OUT_SNR] = 10.0 * log10(power)
                merged = True
                break
        if not merged and kept < out.shape[0]:
            order[kept] = i
            out[kept, OUT_RANGE], out[kept, OUT_AZIMUTH] = raw[i, RANGE], raw[i, AZIMUTH]
            out[kept, OUT_RATE], out[kept, OUT_SNR] = raw[i, RATE], raw[i, SNR]
            kept += 1
    return kept


@njit(cache=True, error_model="numpy")
def _clutter(out, count, ego_speed, key, slot, p):  # type: ignore[no-untyped-def]
    """False alarms: places drawn evenly over the far field, mostly of standing ground."""
    for trial in range(_CLUTTER_TRIALS):
        if uniform(key, trial, slot, _COMES) >= p.clutter_per_scan / _CLUTTER_TRIALS or count >= out.shape[0]:
            continue
        near = uniform(key, trial, slot, _NEAR) < 0.5
        reach = p.near_range_m if near else p.far_range_m
        fov = p.near_half_fov_rad if near else p.far_half_fov_rad
        distance = 2.0 + uniform(key, trial, slot, _FAR_AWAY) * (reach - 2.0)
        azimuth = (2.0 * uniform(key, trial, slot, _ASIDE) - 1.0) * fov
        rate = -ego_speed * cos(azimuth) + 0.3 * normal(key, trial, slot, _DRIFT)
        if uniform(key, trial, slot, _MOVES) < 0.2:
            rate = (2.0 * uniform(key, trial, slot, _FAST) - 1.0) * 30.0
        out[count, OUT_RANGE], out[count, OUT_AZIMUTH], out[count, OUT_RATE] = distance, azimuth, rate
        out[count, OUT_SNR] = p.report_snr_db + 3.0 * uniform(key, trial, slot, _STRONG)
        count += 1
    return count


@njit(cache=True, error_model="numpy")
def _finish(out, count, p):  # type: ignore[no-untyped-def]
    """Estimate cross-sections by the radar equation and sort by azimuth (ties by range)."""
    for i in range(count):
        spreading_db = 40.0 * log10(out[i, OUT_RANGE] / p.reference_range_m)
        out[i, OUT_RCS] = out[i, OUT_SNR] - p.reference_snr_db + p.reference_rcs_dbsm + spreading_db
    for i in range(1, count):
        j = i
        while j > 0:
            a, b = out[j - 1, OUT_AZIMUTH], out[j, OUT_AZIMUTH]
            if a < b or (a == b and out[j - 1, OUT_RANGE] <= out[j, OUT_RANGE]):
                break
            for column in range(DETECTION_COLUMNS):
                held = out[j, column]
                out[j, column] = out[j - 1, column]
                out[j - 1, column] = held
            j -= 1


@njit(cache=True, error_model="numpy")
def look(poses, motions, kit, slot, dt_s):  # type: ignore[no-untyped-def]
    """First half of a scan: step the correlated errors by `dt_s`, place everything: (bodies, rays, points)."""
    if dt_s != 0.0:
        step_noise(kit.noise, kit.taus_s, dt_s, kit.keys[0], kit.entities, slot)
    found = place(poses, motions, kit)
    p, keys = kit.parameters[0], kit.keys
    b = Beam(kit.scene, kit.moves, kit.body, kit.noise, kit.entities, keys[0], keys[1], slot, 0.0, 0.0, p)
    rays, points = aim(kit, b, found)
    return found, rays, points


@njit(cache=True, error_model="numpy")
def scan(kit, hits, found, points, response, slot):  # type: ignore[no-untyped-def]
    """Second half, with what the rays met: fill `kit.out`; (count, noise floor in dB).

    `response` is (loss_db, interference_db, azimuth_bias_rad).
    """
    p, keys = kit.parameters[0], kit.keys
    bias_rad = response[2] + p.alignment_sigma_rad * normal(keys[0], _RADAR, _WHOLE_RUN, _ALIGNMENT)
    loss_db = response[0] + response[1]
    b = Beam(kit.scene, kit.moves, kit.body, kit.noise, kit.entities, keys[0], keys[1], slot, loss_db, bias_rad, p)
    raw, out = kit.raw, kit.out
    settle(kit, hits, points)
    for index in range(found):
        row = kit.rows[index]
        if kit.body[row, SHAPE] == FACES:
            points = vehicle(kit, b, hits, points, index)
            points = mirrored(kit, b, points, row)
    row, before, count = _NONE, _NONE, _NONE
    for index in range(points):
        point = kit.points[index]
        if int(point[PROW]) != row:
            row, before = int(point[PROW]), count
        after = echo(raw, count, b, point)
        if count == before and after > count and kit.body[row, SHAPE] == FACES:
            after = second_bounce(raw, after, b, row, count)
        count = after
    count = _merge(raw, count, kit.order, out, p)
    own = kit.own
    ego_speed = sqrt(own[0] * own[0] + own[1] * own[1] + own[2] * own[2])
    count = _clutter(out, count, ego_speed, keys[2], slot, p)
    _finish(out, count, p)
    return count, response[1] + p.noise_floor_sigma_db * normal(keys[0], _RADAR, slot, _FLOOR)
