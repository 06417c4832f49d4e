"""The radar's kernel: one scan over arrays, from boxes to sorted detections.

The echoes of every body in view are merged with stronger ones in their resolution cell and joined
by false alarms. Frame: `sim.sensors.geometry`. Parameters `p`: a packed `RadarParameters` and `Mount`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import cos, log10, sin
from typing import Any, NamedTuple

from numba import njit

from sim.randomness import normal, uniform
from sim.sensors.correlated import step_noise
from sim.sensors.geometry import AHEAD, COS, LEFT, LOW, NEAR, RIGHT, SIN, TOP, place_boxes
from sim.sensors.radar_bodies import mirrored, rail, single, vehicle
from sim.sensors.radar_echoes import (
    AZIMUTH,
    FACES,
    HEIGHT,
    POSTS,
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
from sim.truth import LATERAL_SPEED, SPEED, YAW_RATE

# Columns of the detections in `out`.
OUT_RANGE, OUT_AZIMUTH, OUT_RATE, OUT_RCS, OUT_SNR = range(5)
DETECTION_COLUMNS = 5
_CLUTTER_TRIALS = 4
_SPREADING_DB = 12.0  # 40 log10(2): an echo from twice the range


class RadarKit(NamedTuple):
    """What a radar keeps between scans; rows are the roster's."""

    size_m: Any  # (n, 3)
    clearance_m: Any  # (n,)
    body: Any  # (n, BODY_COLUMNS)
    losses_db: Any  # (n,)
    entities: Any  # (n,)
    noise: Any  # (n, NOISE_PROCESSES)
    taus_s: Any  # (NOISE_PROCESSES,)
    scene: Any  # (n, SCENE_COLUMNS)
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
        if uniform(key, trial, slot, 0) >= p.clutter_per_scan / _CLUTTER_TRIALS or count >= out.shape[0]:
            continue
        near = uniform(key, trial, slot, 1) < 0.5
        reach = p.near_range_m if near else p.far_range_m
        fov = p.near_half_fov_rad if near else p.far_half_fov_rad
        distance = 2.0 + uniform(key, trial, slot, 2) * (reach - 2.0)
        azimuth = (2.0 * uniform(key, trial, slot, 3) - 1.0) * fov
        rate = -ego_speed * cos(azimuth) + 0.3 * normal(key, trial, slot, 4)
        if uniform(key, trial, slot, 5) < 0.2:
            rate = (2.0 * uniform(key, trial, slot, 6) - 1.0) * 30.0
        out[count, OUT_RANGE], out[count, OUT_AZIMUTH], out[count, OUT_RATE] = distance, azimuth, rate
        out[count, OUT_SNR] = p.report_snr_db + 3.0 * uniform(key, trial, slot, 7)
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
def _second_bounce(raw, count, b, row, first):  # type: ignore[no-untyped-def]
    """Between target and ego twice: the same bearing at double range and double range rate."""
    p = b.p
    if count >= raw.shape[0]:
        return count
    snr = raw[first, SNR] - p.bounce_loss_db - _SPREADING_DB
    if snr < p.report_snr_db or 2.0 * raw[first, RANGE] > p.far_range_m:
        return count
    if uniform(b.ghost_key, b.entities[row], b.slot, 0) >= p.bounce_ratio:
        return count
    raw[count] = raw[first]
    raw[count, SNR] = snr
    for column in (RANGE, RATE, TRUE_RANGE, TRUE_RATE):
        raw[count, column] = 2.0 * raw[first, column]
    return count + 1


@njit(cache=True, error_model="numpy")
def scan(state, kit, response, slot, dt_s):  # type: ignore[no-untyped-def]
    """One scan: step the correlated errors by `dt_s`, fill `kit.out`; (count, noise floor in dB).

    `response` is (loss_db, interference_db, azimuth_bias_rad).
    """
    p, keys, scene, raw, out = kit.parameters[0], kit.keys, kit.scene, kit.raw, kit.out
    if dt_s != 0.0:
        step_noise(kit.noise, kit.taus_s, dt_s, keys[0], kit.entities, slot)
    place_boxes(state, kit.size_m, kit.clearance_m, p.x_m, p.y_m, p.yaw_rad, scene)
    bias_rad = response[2] + p.alignment_sigma_rad * normal(keys[0], 0, 0, 2)
    loss_db = response[0] + response[1]
    b = Beam(scene, kit.losses_db, kit.body, kit.noise, kit.entities, keys[0], keys[1], slot, loss_db, bias_rad, p)
    # Turning of the sensor frame leaves range rates alone, so only velocities over ground are needed.
    along = state[0, SPEED] - state[0, YAW_RATE] * p.y_m
    across = state[0, LATERAL_SPEED] + state[0, YAW_RATE] * (0.5 * kit.size_m[0, 0] + p.x_m)
    c0, s0 = cos(p.yaw_rad), sin(p.yaw_rad)
    ego_vx, ego_vy = c0 * along + s0 * across, c0 * across - s0 * along
    count, found = 0, 0
    for row in range(1, state.shape[0]):
        if scene[row, AHEAD] == 0.0 or scene[row, NEAR] > p.far_range_m:
            continue
        if scene[row, RIGHT] > p.near_half_fov_rad or scene[row, LEFT] < -p.near_half_fov_rad:
            continue
        c, s = scene[row, COS], scene[row, SIN]
        vx = state[row, SPEED] * c - state[row, LATERAL_SPEED] * s - ego_vx
        vy = state[row, SPEED] * s + state[row, LATERAL_SPEED] * c - ego_vy
        motion = (vx, vy, state[row, YAW_RATE])
        z = scene[row, LOW] + kit.body[row, HEIGHT] * (scene[row, TOP] - scene[row, LOW])
        if kit.body[row, SHAPE] == FACES:
            found = vehicle(kit.points, found, b, row, z, motion)
            found = mirrored(kit.points, found, b, row, z, motion, ego_vx, ego_vy)
        elif kit.body[row, SHAPE] == POSTS:
            found = rail(kit.points, found, b, row, z, motion)
        else:
            found = single(kit.points, found, b, row, z, motion)
    row, before = 0, 0
    for index in range(found):
        point = kit.points[index]
        if int(point[PROW]) != row:
            row, before = int(point[PROW]), count
        after = echo(raw, count, b, point)
        if count == before and after > count and kit.body[row, SHAPE] == FACES:
            after = _second_bounce(raw, after, b, row, count)
        count = after
    count = _merge(raw, count, kit.order, out, p)
    count = _clutter(out, count, state[0, SPEED], keys[2], slot, p)
    _finish(out, count, p)
    return count, response[1] + p.noise_floor_sigma_db * normal(keys[0], 0, slot, 3)
