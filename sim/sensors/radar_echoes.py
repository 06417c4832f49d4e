"""One radar echo: the radar equation, the chance of its detection, its fluctuation and its errors.

An echo is kept by chance after Albersheim's relation between probability of detection and
signal-to-noise ratio, then measured with noise. Frame: `sim.sensors.radar_scene`. Parameters `p`: a
packed `RadarParameters` and `Mount`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, exp, log, log10, pi, sin, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.randomness import uniform
from sim.sensors.correlated import four_normals
from sim.sensors.geometry import CX, CY, LOW, TOP

# Columns of a body table (n, BODY_COLUMNS): a `Reflector` per actor.
SHAPE, FRONT, REAR, SIDE, HEIGHT, SPREAD, SCREENING, SCATTERERS = range(8)
BODY_COLUMNS = 8
FACES, POINT, POSTS, NEAREST = range(4)  # as reflectors.Shape

# Columns of the raw echoes: measured, then true values for the resolution cell.
RANGE, AZIMUTH, RATE, SNR, TRUE_RANGE, TRUE_AZIMUTH, TRUE_RATE = range(7)
RAW_COLUMNS = 7

# Columns of the points that may echo: place, velocity relative to the sensor, mean cross-section, loss
# on the way, width that glint wanders over, row, number among the body's points, 1 for a ghost, and the
# ray that asks whether the way is free (below 0: the loss is known already).
PX, PY, PZ, PVX, PVY, PVZ, PRCS, PLOSS, PEXTENT, PROW, PINDEX, PGHOST, PRAY = range(13)
POINT_COLUMNS = 13

# Columns of the motions relative to the sensor: velocity of a body's origin, and its yaw rate.
VX, VY, VZ, YAWING = range(4)
MOVE_COLUMNS = 4

NOISE_PROCESSES = 8  # 0..3 scatterers of the fluctuation, 4 glint along the ray, 5 glint across it
_FADES_PER_M = 2.0  # a fixture's echo is another one every half metre of way (own)
_FIXED_FADE = 1 << 27  # first block of those draws
_POINTS = 16  # first block of per-point draws; two blocks per point
_TWO_WAY = 24.0  # dB: a Gaussian beam's two-way loss is 24 (angle / half-power width)^2
_LEAST_SNR_DB = -30.0


class Beam(NamedTuple):
    """What every echo of one scan needs: the scene, who reflects how, chance, and the radar's state."""

    scene: Any  # (n + fixtures, SCENE_COLUMNS)
    moves: Any  # (n + fixtures, MOVE_COLUMNS)
    body: Any  # (n + fixtures, BODY_COLUMNS)
    noise: Any  # (n, NOISE_PROCESSES)
    entities: Any  # (n + fixtures,)
    echo_key: Any
    ghost_key: Any
    slot: Any
    loss_db: Any  # of the radar as a whole
    bias_rad: Any
    p: Any


@njit(cache=True, error_model="numpy")
def detection_ratio(snr_db, false_alarm_ratio):  # type: ignore[no-untyped-def]
    """Probability of detecting a steady echo: Albersheim's equation, one look, solved for it.

    Source: Albersheim, "A closed-form approximation to Robertson's detection characteristics",
    Proceedings of the IEEE 69(7), 1981.
    """
    a = log(0.62 / false_alarm_ratio)
    b = (10.0 ** (0.1 * snr_db) - a) / (0.12 * a + 1.7)
    if b < -40.0:
        return 0.0
    return 1.0 / (1.0 + exp(-b))


@njit(cache=True, error_model="numpy")
def mean_snr_db(range_m, azimuth_rad, elevation_rad, rcs_dbsm, p):  # type: ignore[no-untyped-def]
    """Radar equation with beam patterns, relative to the reference echo; -99 outside the field of view."""
    offset = abs(azimuth_rad)
    if offset <= p.far_half_fov_rad and range_m <= p.far_range_m:
        beam_db = p.beam_edge_db * (offset / p.far_half_fov_rad) ** 2
    elif offset <= p.near_half_fov_rad and range_m <= p.near_range_m:
        beam_db = p.near_loss_db + p.beam_edge_db * (offset / p.near_half_fov_rad) ** 2
    else:
        return -99.0
    beam_db += min(_TWO_WAY * (elevation_rad / p.elevation_width_rad) ** 2, p.side_lobe_db)
    spreading_db = 40.0 * log10(range_m / p.reference_range_m)
    return p.reference_snr_db + rcs_dbsm - p.reference_rcs_dbsm - spreading_db - beam_db


@njit(cache=True, error_model="numpy")
def lobe_db(distance_m, sensor_m, height_m, spread_m, p):  # type: ignore[no-untyped-def]
    """Two-way gain of the path over the road's reflection, averaged over heights of `spread_m` either way; mean 0 dB.

    Direct and reflected ray differ by 2 h1 h2 / d, and the road turns the phase: Skolnik, Introduction to
    Radar Systems, propagation over a plane earth (recalled).
    """
    per_metre = 4.0 * pi * sensor_m / (p.wavelength_m * distance_m)
    blur = per_metre * spread_m
    share = sin(blur) / blur if blur > 1e-6 else 1.0
    square = p.road_reflection_ratio * p.road_reflection_ratio
    power = 1.0 + square - 2.0 * p.road_reflection_ratio * share * cos(per_metre * height_m)
    return 20.0 * log10(power / (1.0 + square))


@njit(cache=True, error_model="numpy")
def _fade_db(n0, n1, n2, n3, scatterers):  # type: ignore[no-untyped-def]
    """Fluctuation of a body of 2 or 4 Gaussian components: Swerling 1 or 3."""
    power = n0 * n0 + n1 * n1
    if scatterers > 2.0:
        power = 0.5 * (power + n2 * n2 + n3 * n3)
    return 10.0 * log10(max(0.5 * power, 1e-4))


@njit(cache=True, error_model="numpy")
def put(points, count, moves, scene, row, index, ghost, x, y, z, rcs, loss_db, extent, ray):  # type: ignore[no-untyped-def]
    """Add a point of a body that moves and turns, if there is room; `index` tells its points apart for chance."""
    if count >= points.shape[0]:
        return count
    turning = moves[row, YAWING]
    points[count, PX], points[count, PY], points[count, PZ] = x, y, z
    points[count, PVX] = moves[row, VX] - turning * (y - scene[row, CY])
    points[count, PVY] = moves[row, VY] + turning * (x - scene[row, CX])
    points[count, PVZ] = moves[row, VZ]
    points[count, PRCS], points[count, PLOSS], points[count, PEXTENT] = rcs, loss_db, extent
    points[count, PROW], points[count, PINDEX], points[count, PGHOST] = row, index, ghost
    points[count, PRAY] = ray
    return count + 1


@njit(cache=True, error_model="numpy")
def echo(raw, count, b, point):  # type: ignore[no-untyped-def]
    """Add the echo of one point, if it is detected."""
    p, body, noise = b.p, b.body, b.noise
    row, index = int(point[PROW]), int(point[PINDEX])
    entity, slot = b.entities[row], b.slot
    key = b.ghost_key if point[PGHOST] == 1.0 else b.echo_key
    x, y, z = point[PX], point[PY], point[PZ]
    flat = sqrt(x * x + y * y)
    azimuth = atan2(y, x)
    distance = sqrt(flat * flat + z * z)
    snr = mean_snr_db(distance, azimuth, atan2(abs(z), flat), point[PRCS], p) - point[PLOSS] - b.loss_db
    if body[row, SHAPE] == FACES:
        spread = p.scatter_height_ratio * (b.scene[row, TOP] - b.scene[row, LOW])
        snr += lobe_db(distance, p.z_m, max(z + p.z_m, 0.0), spread, p)
    if snr < _LEAST_SNR_DB or count >= raw.shape[0]:
        return count
    n0, n1, n2, n3 = four_normals(key, entity, slot, _POINTS + 2 * index)
    along, across = 0.0, 0.0
    if body[row, SHAPE] == POSTS:
        snr += 3.0 * n3
    elif row < noise.shape[0]:
        along, across = noise[row, 4], noise[row, 5]
        snr += n3 + _fade_db(noise[row, 0], noise[row, 1], noise[row, 2], noise[row, 3], body[row, SCATTERERS])
    else:  # a fixture's strength changes as the way to it does, not in time
        f0, f1, f2, f3 = four_normals(key, entity, np.uint64(distance * _FADES_PER_M), _FIXED_FADE + index)
        snr += n3 + _fade_db(f0, f1, f2, f3, body[row, SCATTERERS])
    if uniform(key, entity, slot, _POINTS + 2 * index + 1) >= detection_ratio(snr, p.false_alarm_ratio):
        return count
    near = distance <= p.near_range_m
    far_angle = abs(azimuth) <= p.far_half_fov_rad
    root = 1.0 / sqrt(2.0 * 10.0 ** (0.1 * snr))
    range_sigma = (p.near_range_cell_m if near else p.far_range_cell_m) * root + p.range_floor_m
    angle_sigma = (p.far_azimuth_cell_rad if far_angle else p.near_azimuth_cell_rad) * root + p.azimuth_floor_rad
    rate = (point[PVX] * x + point[PVY] * y + point[PVZ] * z) / distance
    rate_sigma = sqrt((p.rate_cell_mps * root + p.rate_floor_mps) ** 2 + body[row, SPREAD] ** 2)
    raw[count, RANGE] = max(0.2, distance + range_sigma * n0 + p.glint_along_m * along)
    raw[count, AZIMUTH] = azimuth + angle_sigma * n1 + p.glint_ratio * point[PEXTENT] * across / distance + b.bias_rad
    raw[count, RATE] = rate + rate_sigma * n2
    raw[count, SNR] = snr
    raw[count, TRUE_RANGE], raw[count, TRUE_AZIMUTH], raw[count, TRUE_RATE] = distance, azimuth, rate
    return count + 1
