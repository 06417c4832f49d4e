"""One radar echo: the radar equation, the chance of its detection, its fluctuation and its errors.

An echo is kept by chance after Albersheim's relation between probability of detection and
signal-to-noise ratio, then measured with noise. Frame: `sim.sensors.geometry`. Parameters `p`: a
packed `RadarParameters` and `Mount`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, exp, log, log10, sqrt
from typing import Any, NamedTuple

from numba import njit

from sim.randomness import uniform
from sim.sensors.correlated import four_normals

# Columns of a body table (n, BODY_COLUMNS): a `Reflector` per actor.
SHAPE, FRONT, REAR, SIDE, HEIGHT, SPREAD, SCREENING, SCATTERERS = range(8)
BODY_COLUMNS = 8
FACES, POINT, POSTS, NEAREST = range(4)  # as reflectors.Shape

# Columns of the raw echoes: measured, then true values for the resolution cell.
RANGE, AZIMUTH, RATE, SNR, TRUE_RANGE, TRUE_AZIMUTH, TRUE_RATE = range(7)
RAW_COLUMNS = 7

# Columns of the points that may echo: place, velocity relative to the sensor, mean cross-section, loss
# on the way, width that glint wanders over, row, number among the body's points, and 1 for a ghost.
PX, PY, PZ, PVX, PVY, PRCS, PLOSS, PEXTENT, PROW, PINDEX, PGHOST = range(11)
POINT_COLUMNS = 11

NOISE_PROCESSES = 8  # 0..3 scatterers of the fluctuation, 4 glint along the ray, 5 glint across it
_POINTS = 16  # first block of per-point draws; two blocks per point
_TWO_WAY = 24.0  # dB: a Gaussian beam's two-way loss is 24 (angle / half-power width)^2
_LEAST_SNR_DB = -30.0


class Beam(NamedTuple):
    """What every echo of one scan needs: the scene, who reflects how, chance, and the radar's state."""

    scene: Any  # (n, SCENE_COLUMNS)
    losses_db: Any  # (n,)
    body: Any  # (n, BODY_COLUMNS)
    noise: Any  # (n, NOISE_PROCESSES)
    entities: Any  # (n,)
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
def _fade_db(noise, row, scatterers):  # type: ignore[no-untyped-def]
    """Fluctuation of a body of 2 or 4 Gaussian components (Swerling 1 or 3), correlated in time."""
    power = noise[row, 0] ** 2 + noise[row, 1] ** 2
    if scatterers > 2.0:
        power = 0.5 * (power + noise[row, 2] ** 2 + noise[row, 3] ** 2)
    return 10.0 * log10(max(0.5 * power, 1e-4))


@njit(cache=True, error_model="numpy")
def put(points, count, row, index, ghost, x, y, z, vx, vy, rcs, loss_db, extent):  # type: ignore[no-untyped-def]
    """Add a point that may echo, if there is room; `index` tells the points of a body apart for chance."""
    if count >= points.shape[0]:
        return count
    points[count, PX], points[count, PY], points[count, PZ] = x, y, z
    points[count, PVX], points[count, PVY] = vx, vy
    points[count, PRCS], points[count, PLOSS], points[count, PEXTENT] = rcs, loss_db, extent
    points[count, PROW], points[count, PINDEX], points[count, PGHOST] = row, index, ghost
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
    distance = sqrt(flat * flat + (z - p.z_m) ** 2)
    snr = mean_snr_db(distance, azimuth, atan2(abs(z - p.z_m), flat), point[PRCS], p) - point[PLOSS] - b.loss_db
    if snr < _LEAST_SNR_DB or count >= raw.shape[0]:
        return count
    n0, n1, n2, n3 = four_normals(key, entity, slot, _POINTS + 2 * index)
    if body[row, SHAPE] == POSTS:
        snr += 3.0 * n3
    else:
        snr += _fade_db(noise, row, body[row, SCATTERERS]) + n3
    if uniform(key, entity, slot, _POINTS + 2 * index + 1) >= detection_ratio(snr, p.false_alarm_ratio):
        return count
    near = distance <= p.near_range_m
    far_angle = abs(azimuth) <= p.far_half_fov_rad
    root = 1.0 / sqrt(2.0 * 10.0 ** (0.1 * snr))
    range_sigma = (p.near_range_cell_m if near else p.far_range_cell_m) * root + p.range_floor_m
    angle_sigma = (p.far_azimuth_cell_rad if far_angle else p.near_azimuth_cell_rad) * root + p.azimuth_floor_rad
    rate = (point[PVX] * x + point[PVY] * y) / distance
    rate_sigma = sqrt((p.rate_cell_mps * root + p.rate_floor_mps) ** 2 + body[row, SPREAD] ** 2)
    raw[count, RANGE] = max(0.2, distance + range_sigma * n0 + p.glint_along_m * noise[row, 4])
    raw[count, AZIMUTH] = (
        azimuth + angle_sigma * n1 + p.glint_ratio * point[PEXTENT] * noise[row, 5] / distance + b.bias_rad
    )
    raw[count, RATE] = rate + rate_sigma * n2
    raw[count, SNR] = snr
    raw[count, TRUE_RANGE], raw[count, TRUE_AZIMUTH], raw[count, TRUE_RATE] = distance, azimuth, rate
    return count + 1
