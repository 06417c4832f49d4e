"""The object camera's kernel: one frame over arrays, from boxes to sorted objects.

An object is listed by chance: the product of what its apparent height, the part not hidden, the
contrast left by haze and the light allow. Its place errs by processes correlated in time. Frame:
`sim.sensors.geometry`; parameters `p`: a packed `CameraParameters` and `Mount`.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import atan2, cos, exp, sin, sqrt, tan
from typing import Any, NamedTuple

from numba import njit

from sim.randomness import uniform
from sim.sensors.correlated import four_normals, step_burst, step_noise
from sim.sensors.geometry import (
    AHEAD,
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
    hidden_height_m,
    place_boxes,
    span_of,
)
from sim.truth import LATERAL_SPEED, SPEED

# Columns of a look table (n, 4): an `Appearance` per actor.
CODE, HALF_PX, CONTRAST, OWN_LIGHT = range(4)
# Columns of the objects in `out`.
OUT_CODE, CONFIDENCE, OUT_X, OUT_Y, X_SIGMA, Y_SIGMA, WIDTH, LATERAL = range(8)
OBJECT_COLUMNS = 8

NOISE_PROCESSES = 8  # range, angle, width, lateral speed, class, which class, confidence, ease of finding
GHOST_ALIVE, GHOST_BORN = 0, 1  # columns of the ghost's state
_FLAT_CODE = -2
_BURST, _SPREAD, _SEEN, _BLIP = 2, 8, 9, 10  # blocks of the object stream beside the processes' own
_RAYS = 7
_EASE_SIGMA = 0.15  # of the logarithm of apparent height
_MOR_EXTINCTION = 3.0  # Koschmieder with the 5 % contrast that defines meteorological optical range (WMO No. 8)


class CameraKit(NamedTuple):
    """What a camera keeps between frames; rows are the roster's."""

    size_m: Any  # (n, 3)
    clearance_m: Any  # (n,)
    table: Any  # (n, 4)
    entities: Any  # (n,)
    noise: Any  # (n, NOISE_PROCESSES)
    taus_s: Any  # (NOISE_PROCESSES,)
    bursts: Any  # (n,) bool
    ghost: Any  # (2,)
    scene: Any  # (n, SCENE_COLUMNS)
    out: Any  # (most objects, OBJECT_COLUMNS)
    parameters: Any  # (1,) packed
    keys: Any  # streams of objects and ghosts


@njit(cache=True, error_model="numpy")
def _rises(value, half, power):  # type: ignore[no-untyped-def]
    """0 to 1, one half at `half`, steeper with `power`."""
    if value <= 0.0:
        return 0.0
    return 1.0 / (1.0 + (half / value) ** power)


@njit(cache=True, error_model="numpy")
def _open_share(scene, row, half_fov, sensor_z):  # type: ignore[no-untyped-def]
    """Share of a box's outline inside the field of view that no nearer box hides."""
    right, left = scene[row, RIGHT], scene[row, LEFT]
    low, top = scene[row, LOW], scene[row, TOP]
    total = 0.0
    for ray in range(_RAYS):
        bearing = right + (ray + 0.5) / _RAYS * (left - right)
        if abs(bearing) > half_fov:
            continue
        enter, _leave = span_of(scene, row, cos(bearing), sin(bearing))
        if enter > 1e6:
            continue
        hidden = hidden_height_m(scene, row, bearing, enter, low, top, sensor_z)
        total += 1.0 - min(1.0, hidden / (top - low))
    return total / _RAYS


@njit(cache=True, error_model="numpy")
def _nearest_face(scene, row, half_fov):  # type: ignore[no-untyped-def]
    """(x, y, width) of the face turned to the camera, cut to the field of view; width 0 if outside."""
    cx, cy, c, s = scene[row, CX], scene[row, CY], scene[row, COS], scene[row, SIN]
    half_length, half_width = scene[row, HALF_LENGTH], scene[row, HALF_WIDTH]
    x = cx - abs(c) * half_length - abs(s) * half_width
    if x <= 0.3:
        return x, 0.0, 0.0
    if abs(c) > 0.7:
        y, half = cy - (s if c > 0.0 else -s) * half_length, half_width * abs(c)
    else:
        y, half = cy + (-c if s > 0.0 else c) * half_width, half_length * abs(s)
    reach = x * tan(half_fov)
    low, high = max(y - half, -reach), min(y + half, reach)
    if low >= high:
        return x, 0.0, 0.0
    return x, 0.5 * (low + high), high - low


@njit(cache=True, error_model="numpy")
def range_sigma_ratio(range_m, p):  # type: ignore[no-untyped-def]
    """Relative range error: a constant share, and the share that a pixel of horizon costs on flat ground.

    Source of the second: Stein, Mano, Shashua, "Vision-based ACC with a single camera: bounds on
    range and range rate accuracy", IEEE Intelligent Vehicles 2003: dZ / Z = n Z / (f H).
    """
    pixel = p.horizon_error_px * range_m / (p.focal_px * p.z_m)
    return sqrt(p.range_sigma_ratio**2 + pixel * pixel)


@njit(cache=True, error_model="numpy")
def _found_ratio(height_m, range_m, share, ease, looks, scenery, p):  # type: ignore[no-untyped-def]
    """Probability of finding an object in one frame; `looks` is its row of the look table."""
    px = p.focal_px * height_m / range_m * exp(_EASE_SIGMA * ease)
    haze = looks[CONTRAST] * exp(-_MOR_EXTINCTION * range_m / scenery[0])
    light = scenery[1] + looks[OWN_LIGHT] + p.headlamp_cd / (range_m * range_m)
    found = _rises(px, looks[HALF_PX], 6.0) * _rises(share, p.half_share, 6.0)
    return found * _rises(haze, p.half_contrast, 4.0) * _rises(light, p.half_light_lx, 2.0)


@njit(cache=True, error_model="numpy")
def _called(code, latent, which, px, p):  # type: ignore[no-untyped-def]
    """The class reported: mostly right, wrong for a while at a time, more often when small."""
    limit = p.class_latent if px > 40.0 else p.class_latent - 0.4
    if abs(latent) < limit:
        return code
    if which < 0.0 or code == 1:
        return 0
    return 2 if code == 3 else 3


@njit(cache=True, error_model="numpy")
def _put(out, count, code, confidence, range_m, bearing, width, lateral, p):  # type: ignore[no-untyped-def]
    """Write one object, its place turned into the ego frame and its sigmas from what was measured."""
    x, y = range_m * cos(bearing), range_m * sin(bearing)
    c, s = cos(p.yaw_rad), sin(p.yaw_rad)
    along = range_sigma_ratio(range_m, p) * range_m + p.sigma_floor_m
    across = (p.angle_sigma_rad + p.angle_jitter_rad) * range_m + p.sigma_floor_m
    out[count, OUT_CODE] = code
    out[count, CONFIDENCE] = min(max(confidence, 0.02), 0.99)
    out[count, OUT_X], out[count, OUT_Y] = p.x_m + c * x - s * y, p.y_m + s * x + c * y
    out[count, X_SIGMA], out[count, Y_SIGMA] = along, across
    out[count, WIDTH], out[count, LATERAL] = max(width, 0.1), lateral
    return count + 1


@njit(cache=True, error_model="numpy")
def _ghosts(out, count, ghost, dt_s, response, key, slot, p):  # type: ignore[no-untyped-def]
    """Add the standing ghost, if one lives (it steps every slot), and a fault's one-frame ghosts."""
    if dt_s != 0.0:
        alive = step_burst(ghost[GHOST_ALIVE] != 0, p.ghost_every_s, p.ghost_lasts_s, dt_s, key, 0, slot, 0)
        if alive and ghost[GHOST_ALIVE] == 0:
            ghost[GHOST_BORN] = slot
        ghost[GHOST_ALIVE] = 1 if alive else 0
    for source in range(2):
        if source == 0:
            shown, born = ghost[GHOST_ALIVE] != 0, ghost[GHOST_BORN]
        else:
            shown, born = uniform(key, 1, slot, 0) < 1.0 - exp(-response[2] * p.frame_period_s), slot
        if not shown or count >= out.shape[0]:
            continue
        range_m = 10.0 + 70.0 * uniform(key, source, born, 1)
        bearing = (2.0 * uniform(key, source, born, 2) - 1.0) * 0.2
        code = 1.0 if uniform(key, source, born, 3) < 0.5 else 0.0
        width = 0.5 + 1.5 * uniform(key, source, born, 4)
        n0, n1, n2, n3 = four_normals(key, source, slot, 5)
        count = _put(out, count, code, (0.4 + 0.1 * n0) * response[3], range_m * (1.0 + 0.01 * n1), bearing, width,
                     0.3 * n2, p)  # fmt: skip
    return count


@njit(cache=True, error_model="numpy")
def _sort(out, count):  # type: ignore[no-untyped-def]
    """Order objects by bearing in the ego frame, rising from right to left; ties by distance."""
    for i in range(1, count):
        j = i
        while j > 0:
            a = atan2(out[j - 1, OUT_Y], out[j - 1, OUT_X])
            b = atan2(out[j, OUT_Y], out[j, OUT_X])
            if a < b or (a == b and out[j - 1, OUT_X] <= out[j, OUT_X]):
                break
            for column in range(out.shape[1]):
                held = out[j, column]
                out[j, column] = out[j - 1, column]
                out[j - 1, column] = held
            j -= 1


@njit(cache=True, error_model="numpy")
def look(state, kit, scenery, response, slot, dt_s):  # type: ignore[no-untyped-def]
    """One frame: step the correlated errors by `dt_s`, then fill `kit.out`; returns how many objects.

    `scenery` is (visibility_m, illuminance_lx); `response` (added miss ratio, error factor, ghost
    rate, confidence factor).
    """
    p, table, scene, noise, out = kit.parameters[0], kit.table, kit.scene, kit.noise, kit.out
    key, entities, bursts = kit.keys[0], kit.entities, kit.bursts
    if dt_s != 0.0:
        step_noise(noise, kit.taus_s, dt_s, key, entities, slot)
        for row in range(1, state.shape[0]):
            bursts[row] = step_burst(
                bursts[row], p.burst_every_s, p.burst_lasts_s, dt_s, key, entities[row], slot, _BURST
            )
    place_boxes(state, kit.size_m, kit.clearance_m, p.x_m, p.y_m, p.yaw_rad, scene)
    count = 0
    for row in range(1, state.shape[0]):
        code = table[row, CODE]
        if code == -1.0 or scene[row, AHEAD] == 0.0 or scene[row, NEAR] > p.most_range_m or count >= out.shape[0]:
            continue
        x, y, width = _nearest_face(scene, row, p.half_fov_rad)
        if width <= 0.0:
            continue
        entity = entities[row]
        range_m, bearing = sqrt(x * x + y * y), atan2(y, x)
        n0, n1, n2, n3 = four_normals(key, entity, slot, _SPREAD)
        bad = response[1]
        sigma = range_sigma_ratio(range_m, p)
        error = bad * (sigma * noise[row, 0] + p.range_jitter_ratio * n0)
        measured = range_m * max(0.2, 1.0 + error)
        turned = bearing + bad * (p.angle_sigma_rad * noise[row, 1] + p.angle_jitter_rad * n1)
        if code == _FLAT_CODE:
            if 10.0 < range_m < 60.0 and uniform(key, entity, slot, _BLIP) < p.plate_blip_ratio:
                count = _put(out, count, 0.0, (0.2 + 0.05 * n2) * response[3], measured, turned, width, 0.3 * n3, p)
            continue
        height = scene[row, TOP] - scene[row, LOW]
        share = _open_share(scene, row, p.half_fov_rad, p.z_m)
        found = _found_ratio(height, range_m, share, noise[row, 7], table[row], scenery, p)
        listed = found * (1.0 - p.miss_ratio) * (1.0 - response[0])
        if bursts[row] or uniform(key, entity, slot, _SEEN) >= listed:
            continue
        c, s = scene[row, COS], scene[row, SIN]
        vx = state[row, SPEED] * c - state[row, LATERAL_SPEED] * s
        vy = state[row, SPEED] * s + state[row, LATERAL_SPEED] * c
        lateral = vy * cos(bearing) - vx * sin(bearing)
        lateral_sigma = p.lateral_sigma_mps + p.lateral_sigma_1ps * range_m
        lateral += bad * (lateral_sigma * noise[row, 3] + p.lateral_jitter_mps * n3)
        shown = _called(code, noise[row, 4], noise[row, 5], p.focal_px * height / range_m, p)
        confidence = (0.35 + 0.62 * found + 0.04 * noise[row, 6] + 0.02 * n2) * response[3]
        seen_width = width * (1.0 + p.width_sigma_ratio * noise[row, 2] + 0.02 * n2)
        count = _put(out, count, shown, confidence, measured, turned, seen_width, lateral, p)
    count = _ghosts(out, count, kit.ghost, dt_s, response, kit.keys[1], slot, p)
    _sort(out, count)
    return count


@njit(cache=True, error_model="numpy")
def lane(noise, taus_s, entities, dt_s, key, slot):  # type: ignore[no-untyped-def]
    """Step the lane's correlated errors (1, 4) and draw this frame's independent ones (four normals)."""
    if dt_s != 0.0:
        step_noise(noise, taus_s, dt_s, key, entities, slot)
    return four_normals(key, 0, slot, 8)
