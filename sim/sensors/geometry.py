"""Oriented boxes seen from a sensor: corners, nearest points, angular extent, and what hides what.

Sensor frame: origin at the mount, x along the sensor's axis, y left, heights z above the road.
`place_boxes` turns a truth state into a scene, one row per actor with the columns below. All results
are free of row order: they are minima, maxima and counts over the other boxes.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, inf, pi, sin, sqrt

from numba import njit

from sim.truth import YAW, X, Y

# Columns of a scene (n_actors, SCENE_COLUMNS): centre, direction, half size, heights, nearest range,
# bearings of the right and left edge of the part ahead, and 1 where any part is ahead of the sensor.
CX, CY, COS, SIN, HALF_LENGTH, HALF_WIDTH, LOW, TOP, NEAR, RIGHT, LEFT, AHEAD = range(12)
SCENE_COLUMNS = 12

AHEAD_M = 0.1  # what is nearer than this to the sensor's own plane is not in front of it
SKIN_M = 0.05  # a hit this close before a point is the same surface


@njit(cache=True, error_model="numpy")
def corner(cx, cy, c, s, half_length, half_width, index):  # type: ignore[no-untyped-def]
    """Corner `index` (0..3, counter-clockwise from front left) of an oriented box."""
    along = half_length if index == 0 or index == 3 else -half_length
    across = half_width if index < 2 else -half_width
    return cx + c * along - s * across, cy + s * along + c * across


@njit(cache=True, error_model="numpy")
def nearest_point(cx, cy, c, s, half_length, half_width):  # type: ignore[no-untyped-def]
    """The point of the box nearest to the origin (the origin itself if the box holds it)."""
    along = min(max(-(cx * c + cy * s), -half_length), half_length)
    across = min(max(cx * s - cy * c, -half_width), half_width)
    return cx + c * along - s * across, cy + s * along + c * across


@njit(cache=True, error_model="numpy")
def bearing_extent(cx, cy, c, s, half_length, half_width):  # type: ignore[no-untyped-def]
    """(right, left, ahead): bearings of the edges of the box's part ahead of the sensor plane."""
    right, left, ahead = pi, -pi, False
    px, py = corner(cx, cy, c, s, half_length, half_width, 3)
    for index in range(4):
        qx, qy = corner(cx, cy, c, s, half_length, half_width, index)
        if (px < AHEAD_M) != (qx < AHEAD_M):
            share = (AHEAD_M - px) / (qx - px)
            bearing = atan2(py + share * (qy - py), AHEAD_M)
            right, left, ahead = min(right, bearing), max(left, bearing), True
        if qx >= AHEAD_M:
            bearing = atan2(qy, qx)
            right, left, ahead = min(right, bearing), max(left, bearing), True
        px, py = qx, qy
    return right, left, ahead


@njit(cache=True, error_model="numpy")
def ray_span(ux, uy, cx, cy, c, s, half_length, half_width):  # type: ignore[no-untyped-def]
    """(enter, leave): distances at which a unit ray from the origin crosses the box; (inf, inf) if it misses."""
    oa, ob = -(cx * c + cy * s), cx * s - cy * c
    da, db = ux * c + uy * s, uy * c - ux * s
    enter, leave = 0.0, inf
    for axis in range(2):
        origin = oa if axis == 0 else ob
        slope = da if axis == 0 else db
        half = half_length if axis == 0 else half_width
        if abs(slope) < 1e-12:
            if abs(origin) > half:
                return inf, inf
        else:
            first, last = (-half - origin) / slope, (half - origin) / slope
            if first > last:
                first, last = last, first
            enter, leave = max(enter, first), min(leave, last)
    if enter > leave:
        return inf, inf
    return enter, leave


@njit(cache=True, error_model="numpy")
def sensor_pose(state, size_m, mount_x_m, mount_y_m, mount_yaw_rad):  # type: ignore[no-untyped-def]
    """World pose (x, y, yaw) of a mount given in the ego frame."""
    yaw = state[0, YAW]
    c, s = cos(yaw), sin(yaw)
    forward = 0.5 * size_m[0, 0] + mount_x_m
    x = state[0, X] + c * forward - s * mount_y_m
    y = state[0, Y] + s * forward + c * mount_y_m
    return x, y, yaw + mount_yaw_rad


@njit(cache=True, error_model="numpy")
def place_boxes(state, size_m, clearance_m, mount_x_m, mount_y_m, mount_yaw_rad, scene):  # type: ignore[no-untyped-def]
    """Fill `scene` (n, SCENE_COLUMNS) with every actor's box in the sensor frame; the ego is never ahead."""
    ox, oy, yaw = sensor_pose(state, size_m, mount_x_m, mount_y_m, mount_yaw_rad)
    c0, s0 = cos(yaw), sin(yaw)
    scene[0, AHEAD] = 0.0
    for row in range(1, state.shape[0]):
        dx, dy = state[row, X] - ox, state[row, Y] - oy
        cx, cy = c0 * dx + s0 * dy, c0 * dy - s0 * dx
        turn = state[row, YAW] - yaw
        c, s = cos(turn), sin(turn)
        half_length, half_width = 0.5 * size_m[row, 0], 0.5 * size_m[row, 1]
        scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN] = cx, cy, c, s
        scene[row, HALF_LENGTH], scene[row, HALF_WIDTH] = half_length, half_width
        scene[row, LOW], scene[row, TOP] = clearance_m[row], clearance_m[row] + size_m[row, 2]
        px, py = nearest_point(cx, cy, c, s, half_length, half_width)
        scene[row, NEAR] = sqrt(px * px + py * py)
        right, left, ahead = bearing_extent(cx, cy, c, s, half_length, half_width)
        scene[row, RIGHT], scene[row, LEFT] = right, left
        scene[row, AHEAD] = 1.0 if ahead and scene[row, NEAR] > AHEAD_M else 0.0


@njit(cache=True, error_model="numpy")
def span_of(scene, row, ux, uy):  # type: ignore[no-untyped-def]
    """`ray_span` for one row of a scene."""
    return ray_span(
        ux,
        uy,
        scene[row, CX],
        scene[row, CY],
        scene[row, COS],
        scene[row, SIN],
        scene[row, HALF_LENGTH],
        scene[row, HALF_WIDTH],
    )


@njit(cache=True, error_model="numpy")
def hidden_height_m(scene, target, bearing, distance_m, low_m, top_m, sensor_z_m):  # type: ignore[no-untyped-def]
    """How much of the height [low, top] at `distance_m` on a bearing the one worst nearer box hides."""
    ux, uy = cos(bearing), sin(bearing)
    worst = 0.0
    for row in range(1, scene.shape[0]):
        if row == target or scene[row, AHEAD] == 0.0 or scene[row, NEAR] >= distance_m:
            continue
        if bearing < scene[row, RIGHT] or bearing > scene[row, LEFT]:
            continue
        enter, leave = span_of(scene, row, ux, uy)
        if enter > distance_m - SKIN_M or enter <= 0.0:
            continue
        leave = min(leave, distance_m)
        at_top = leave if sensor_z_m > scene[row, TOP] else enter
        at_low = leave if sensor_z_m < scene[row, LOW] else enter
        shade_top = sensor_z_m + (scene[row, TOP] - sensor_z_m) * distance_m / at_top
        shade_low = sensor_z_m + (scene[row, LOW] - sensor_z_m) * distance_m / at_low
        worst = max(worst, min(shade_top, top_m) - max(shade_low, low_m))
    return worst


@njit(cache=True, error_model="numpy")
def screening_db(scene, losses_db, target, x_m, y_m, z_m, sensor_z_m):  # type: ignore[no-untyped-def]
    """Two-way loss of the worst box on the straight line to a point; 0 if the line is free.

    `losses_db` (n,) is what each actor takes from an echo that passes it (under a vehicle, say).
    """
    distance = sqrt(x_m * x_m + y_m * y_m)
    bearing = atan2(y_m, x_m)
    ux, uy = x_m / distance, y_m / distance
    worst = 0.0
    for row in range(1, scene.shape[0]):
        if row == target or scene[row, AHEAD] == 0.0 or scene[row, NEAR] >= distance:
            continue
        if losses_db[row] <= worst or bearing < scene[row, RIGHT] or bearing > scene[row, LEFT]:
            continue
        enter, leave = span_of(scene, row, ux, uy)
        if enter > distance - SKIN_M or enter <= 0.0:
            continue
        z_enter = sensor_z_m + (z_m - sensor_z_m) * enter / distance
        z_leave = sensor_z_m + (z_m - sensor_z_m) * min(leave / distance, 1.0)
        if max(z_enter, z_leave) > scene[row, LOW] and min(z_enter, z_leave) < scene[row, TOP]:
            worst = losses_db[row]
    return worst
