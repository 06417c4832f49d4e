"""Where everything that may echo stands and moves as the radar sees it: actors, and the map's fixtures in view.

Sensor frame: origin at the antenna, x along its axis, y left, z up; heights of a scene's rows are from the
antenna. A row is an oriented upright box (columns of `sim.sensors.geometry`): the roster's rows first,
then one per fixture, of which only those that could be detected are placed.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, sin, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.scenery.still import Fixture
from sim.sensors.geometry import (
    AHEAD,
    AHEAD_M,
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
    bearing_extent,
    nearest_point,
)
from sim.sensors.radar_echoes import FRONT, HEIGHT, POINT, POSTS, REAR, SHAPE, SIDE, VX, VY, VZ, YAWING, mean_snr_db

# Columns of the fixtures' table: centre, its lower edge, direction, half size, height, radius about the centre.
FX, FY, FZ, FCOS, FSIN, FHALF_LENGTH, FHALF_WIDTH, FHEIGHT, FRADIUS = range(9)
FIXTURE_COLUMNS = 9
_LISTED_M = 100.0  # how far the sensor moves between two lists of the fixtures around it
_AUDIBLE_SNR_DB = 3.0  # on average; a standing thing weaker than this is hardly ever detected


def fixture_table(fixtures: tuple[Fixture, ...]) -> NDArray[np.float64]:
    """(n, FIXTURE_COLUMNS) of the fixtures, in their order."""
    rows = [
        (f.x_m, f.y_m, f.z_m, cos(f.yaw_rad), sin(f.yaw_rad), 0.5 * f.length_m, 0.5 * f.width_m, f.height_m,
         0.5 * sqrt(f.length_m**2 + f.width_m**2))
        for f in fixtures
    ]  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(-1, FIXTURE_COLUMNS)


@njit(cache=True, error_model="numpy")
def _box(scene, row, cx, cy, low, top, c, s, half_length, half_width):  # type: ignore[no-untyped-def]
    """Fill a row of the scene."""
    scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN] = cx, cy, c, s
    scene[row, HALF_LENGTH], scene[row, HALF_WIDTH] = half_length, half_width
    scene[row, LOW], scene[row, TOP] = low, top
    px, py = nearest_point(cx, cy, c, s, half_length, half_width)
    scene[row, NEAR] = sqrt(px * px + py * py)
    right, left, ahead = bearing_extent(cx, cy, c, s, half_length, half_width)
    scene[row, RIGHT], scene[row, LEFT] = right, left
    scene[row, AHEAD] = 1.0 if ahead and scene[row, NEAR] > AHEAD_M else 0.0


@njit(cache=True, error_model="numpy")
def place(poses, motions, kit):  # type: ignore[no-untyped-def]
    """Fill `kit.scene`, `kit.moves`, `kit.frame` and `kit.rows` (what may echo); how many of the latter."""
    p, frame, scene, moves = kit.parameters[0], kit.frame, kit.scene, kit.moves
    ego, arm_x, arm_y, arm_z = poses[0], 0.5 * kit.size_m[0, 0] + p.x_m, p.y_m, p.z_m
    for i in range(3):
        for j in range(3):
            frame[i, j] = ego[i, 0] * kit.turn[0, j] + ego[i, 1] * kit.turn[1, j] + ego[i, 2] * kit.turn[2, j]
    ax = ego[0, 0] * arm_x + ego[0, 1] * arm_y + ego[0, 2] * arm_z
    ay = ego[1, 0] * arm_x + ego[1, 1] * arm_y + ego[1, 2] * arm_z
    az = ego[2, 0] * arm_x + ego[2, 1] * arm_y + ego[2, 2] * arm_z
    ox, oy, oz = ego[0, 3] + ax, ego[1, 3] + ay, ego[2, 3] + az
    m = motions[0]
    ux, uy, uz = m[0] + m[4] * az - m[5] * ay, m[1] + m[5] * ax - m[3] * az, m[2] + m[3] * ay - m[4] * ax
    frame[0, 3], frame[1, 3], frame[2, 3] = ox, oy, oz
    xx, xy, xz = frame[0, 0], frame[1, 0], frame[2, 0]
    yx, yy, yz = frame[0, 1], frame[1, 1], frame[2, 1]
    zx, zy, zz = frame[0, 2], frame[1, 2], frame[2, 2]
    kit.own[0], kit.own[1], kit.own[2] = (
        xx * ux + xy * uy + xz * uz,
        yx * ux + yy * uy + yz * uz,
        zx * ux + zy * uy + zz * uz,
    )
    scene[0, AHEAD] = 0.0
    found, rails = np.int64(0), 0  # a literal would have the fixtures' kernel compiled twice
    actors = poses.shape[0]
    for row in range(1, actors):
        pose = poses[row]
        dx, dy, dz = pose[0, 3] - ox, pose[1, 3] - oy, pose[2, 3] - oz
        cx, cy = xx * dx + xy * dy + xz * dz, yx * dx + yy * dy + yz * dz
        low = zx * dx + zy * dy + zz * dz + kit.clearance_m[row]
        c = xx * pose[0, 0] + xy * pose[1, 0] + xz * pose[2, 0]
        s = yx * pose[0, 0] + yy * pose[1, 0] + yz * pose[2, 0]
        level = 1.0 / sqrt(c * c + s * s)
        _box(scene, row, cx, cy, low, low + kit.size_m[row, 2], c * level, s * level,
             0.5 * kit.size_m[row, 0], 0.5 * kit.size_m[row, 1])  # fmt: skip
        vx, vy, vz = motions[row, 0] - ux, motions[row, 1] - uy, motions[row, 2] - uz
        moves[row, VX], moves[row, VY] = xx * vx + xy * vy + xz * vz, yx * vx + yy * vy + yz * vz
        moves[row, VZ], moves[row, YAWING] = zx * vx + zy * vy + zz * vz, motions[row, 5]
        if scene[row, AHEAD] == 0.0 or scene[row, NEAR] > p.far_range_m:
            continue
        if scene[row, RIGHT] > p.near_half_fov_rad or scene[row, LEFT] < -p.near_half_fov_rad:
            continue
        if kit.body[row, SHAPE] == POSTS:
            kit.rails[rails] = row
            rails += 1
        kit.rows[found] = row
        found += 1
    kit.counts[0] = rails
    return _fixtures(kit, found, actors)


@njit(cache=True, error_model="numpy")
def _fixtures(kit, found, actors):  # type: ignore[no-untyped-def]
    """Place the map's things that could be detected: how many bodies there are now in `kit.rows`.

    Of the rails' segments only the nearest join them; all that are ahead are kept in `kit.segments_ahead`.
    """
    p, frame, scene, moves, fixtures, body = kit.parameters[0], kit.frame, kit.scene, kit.moves, kit.fixtures, kit.body
    xx, xy, xz = frame[0, 0], frame[1, 0], frame[2, 0]
    yx, yy, yz = frame[0, 1], frame[1, 1], frame[2, 1]
    zx, zy, zz = frame[0, 2], frame[1, 2], frame[2, 2]
    reach, steepest = p.far_range_m * p.far_range_m, kit.steepest[0]
    for k in range(kit.segments.shape[0]):
        kit.segments[k] = -1
    mirrors = 0
    for index in range(_around(kit)):
        k = kit.around[index]
        dx, dy, radius = fixtures[k, FX] - frame[0, 3], fixtures[k, FY] - frame[1, 3], fixtures[k, FRADIUS]
        forward, square = xx * dx + xy * dy, dx * dx + dy * dy
        if forward < -radius or square > reach + radius * (2.0 * p.far_range_m + radius):
            continue
        row, dz = actors + k, fixtures[k, FZ] - frame[2, 3]
        cx, cy = forward + xz * dz, yx * dx + yy * dy + yz * dz
        aside = abs(cy) - radius
        if aside > 0.0 and aside > (forward + radius) * steepest:
            continue
        low = zx * dx + zy * dy + zz * dz
        top = low + fixtures[k, FHEIGHT]
        rail = body[row, SHAPE] == POSTS
        if body[row, SHAPE] == POINT and not _audible(body, row, cx, cy, low, top, p):
            continue
        c = xx * fixtures[k, FCOS] + xy * fixtures[k, FSIN]
        s = yx * fixtures[k, FCOS] + yy * fixtures[k, FSIN]
        level = 1.0 / sqrt(c * c + s * s)
        c, s = c * level, s * level
        if rail or body[row, SHAPE] == POINT:
            scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN] = cx, cy, c, s
            scene[row, HALF_LENGTH], scene[row, HALF_WIDTH] = fixtures[k, FHALF_LENGTH], fixtures[k, FHALF_WIDTH]
            scene[row, LOW], scene[row, TOP] = low, top
        else:
            _box(scene, row, cx, cy, low, top, c, s, fixtures[k, FHALF_LENGTH], fixtures[k, FHALF_WIDTH])
            bearing = min(max(0.0, scene[row, RIGHT]), scene[row, LEFT])
            near = max(scene[row, NEAR], 1.0)
            if scene[row, AHEAD] == 0.0 or not _audible(
                body, row, near * cos(bearing), near * sin(bearing), low, top, p
            ):
                continue
        moves[row, VX], moves[row, VY], moves[row, VZ], moves[row, YAWING] = -kit.own[0], -kit.own[1], -kit.own[2], 0.0
        if rail:
            if mirrors < kit.segments_ahead.shape[0]:
                kit.segments_ahead[mirrors] = row
                mirrors += 1
            _nearest_first(kit.segments, scene, row)
        elif found < kit.rows.shape[0]:
            kit.rows[found] = row
            found += 1
    kit.counts[1] = mirrors
    for k in range(kit.segments.shape[0]):
        if kit.segments[k] >= 0 and found < kit.rows.shape[0]:
            kit.rows[found] = kit.segments[k]
            found += 1
    return found


@njit(cache=True, error_model="numpy")
def _around(kit):  # type: ignore[no-untyped-def]
    """How many fixtures are listed in `kit.around`: all within reach, and those that soon will be.

    The list is made anew when the sensor has left the middle of it; what is found is the same.
    """
    x, y = kit.frame[0, 3], kit.frame[1, 3]
    dx, dy = x - kit.middle[0], y - kit.middle[1]
    if dx * dx + dy * dy <= _LISTED_M * _LISTED_M:
        return int(kit.middle[2])
    kit.middle[0], kit.middle[1] = x, y
    count, reach = 0, kit.parameters[0].far_range_m + _LISTED_M
    for k in range(kit.fixtures.shape[0]):
        dx, dy, far = kit.fixtures[k, FX] - x, kit.fixtures[k, FY] - y, reach + kit.fixtures[k, FRADIUS]
        if dx * dx + dy * dy <= far * far:
            kit.around[count] = k
            count += 1
    kit.middle[2] = count
    return count


@njit(cache=True, error_model="numpy")
def _nearest_first(segments, scene, row):  # type: ignore[no-untyped-def]
    """Put a segment of a rail among its nearest, in order of their centres' distance; the farthest falls out."""
    square = scene[row, CX] ** 2 + scene[row, CY] ** 2
    if scene[row, CX] < -0.5 * scene[row, HALF_LENGTH]:
        return
    for k in range(len(segments)):
        other = segments[k]
        if other < 0 or square < scene[other, CX] ** 2 + scene[other, CY] ** 2:
            for m in range(len(segments) - 1, k, -1):
                segments[m] = segments[m - 1]
            segments[k] = row
            return


@njit(cache=True, error_model="numpy")
def _audible(body, row, x, y, low, top, p):  # type: ignore[no-untyped-def]
    """Whether a standing thing whose nearest part is at (x, y) could be detected there, by its strongest side."""
    rcs = max(body[row, FRONT], body[row, REAR], body[row, SIDE])
    z = low + body[row, HEIGHT] * (top - low)
    flat = sqrt(x * x + y * y)
    return mean_snr_db(max(flat, 1.0), atan2(y, x), atan2(abs(z), flat), rcs, p) > _AUDIBLE_SNR_DB
