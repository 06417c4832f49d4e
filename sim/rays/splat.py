# ruff: noqa: ANN001, ANN202
"""All rays of a spinning lidar's revolution at once, by drawing triangles onto its grid of columns and lasers.

A column is the vertical half-plane in which all lasers fire at one instant. Seen from the sensor a
triangle covers, in each column, one run of tan(elevation), so a column costs three lines and each laser
in the run three signs and one comparison. Nothing is clipped: a ray is inside by the signs of the three
planes through the sensor and the edges, exact also for triangles around, above or behind the sensor,
and watertight because neighbours compute a shared edge's plane from the same corners.

Motion: every column sees the world at its own instant. The sensor's turn about its own axis is exact
(it only shifts the columns' azimuths); its way, its other turns and the motion of bodies are of first
order, corner by corner: x(t) = x + t (V + W x X). What is left out within half a revolution (50 ms at
10 Hz): accelerations (1 cm at 8 m/s²), the second order of a body's turn (1 mm on a car at 0.5 rad/s),
and the swing of limbs (10 cm at the foot of a walker).
"""

from functools import lru_cache
from math import cos, tan
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.scenery.scene import Moment
from sim.scenery.still import Still
from sim.scenery.viewpoint import Viewpoint

NOBODY = -2  # `Sweep.row` where no surface lies within range
_BINS = 2048


class Grid(NamedTuple):
    """The rays of one lidar: columns in order of firing, lasers by rising elevation."""

    tangents: Any  # (r,) float64, rising: tan(elevation)
    cosines: Any  # (r,) float64: cos(elevation)
    begins: Any  # (_BINS + 1,) int32: first laser at or above each step of tan(elevation)
    columns: int
    turn: float  # +1 anticlockwise seen from above, -1 clockwise
    period_s: float
    range_m: float


class Sweep(NamedTuple):
    """The first surface on every ray, (columns, lasers). Valid until the next sweep of the same `Splat`.

    `times_s` (columns,) count from the viewpoint's instant; `range_m` is 0 where `row` is NOBODY.
    """

    range_m: NDArray[np.float64]
    row: NDArray[np.int32]  # the actor's row, -1 the map, NOBODY
    triangle: NDArray[np.int32]  # row of Still.triangles or Moment.triangles
    material: NDArray[np.int32]
    cosine: NDArray[np.float32]  # of the angle between the ray and the surface's normal
    times_s: NDArray[np.float64]


class _Soup(NamedTuple):
    corners: Any  # (t, 9) float32
    planes: Any  # (t, 4) float64: unit normal and distance from the world's origin


class _Work(NamedTuple):
    corners: Any  # (n, 9) float64, sensor axes
    labels: Any  # (n, 3) int32: actor's row or -1, triangle, material
    facing: Any  # (n, 2) float64: distance from the triangle's plane, and its change, 1/s
    moved: Any  # (v, 3) float64: a moment's vertices in sensor axes
    motions: Any  # (rows + 1, 6) float64: V and W of the map (0) and every row (1 + row), sensor axes
    nearness: Any  # (c, r) float64: 1 / horizontal distance
    which: Any  # (c, r) int32: row of corners, -1 none
    across: Any  # (c, 2) float64: cosine and sine of the columns' azimuths


def grid(
    elevations_rad: tuple[float, ...], columns: int, period_s: float, range_m: float, clockwise: bool = True
) -> Grid:
    """The grid of a lidar; elevations need not be evenly spaced but rise."""
    tangents = np.array([tan(each) for each in elevations_rad])
    steps = np.linspace(tangents[0], tangents[-1] + 1e-9, _BINS + 1)
    made = Grid(
        tangents=tangents,
        cosines=np.array([cos(each) for each in elevations_rad]),
        begins=np.searchsorted(tangents, steps, side="left").astype(np.int32),
        columns=columns,
        turn=-1.0 if clockwise else 1.0,
        period_s=period_s,
        range_m=range_m,
    )
    for array in made[:3]:
        array.setflags(write=False)
    return made


@lru_cache(maxsize=8)
def _soup(still: Still) -> _Soup:
    corners = still.vertices[still.triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    offsets = (normals * corners[:, 0]).sum(axis=1)
    soup = _Soup(corners=corners.reshape(-1, 9).astype(np.float32), planes=np.column_stack((normals, offsets)))
    for array in soup:
        array.setflags(write=False)
    return soup


class Splat:
    """Draws revolutions of one lidar through one scenery."""

    def __init__(self, still: Still, rays: Grid) -> None:
        self._still, self._soup, self.grid = still, _soup(still), rays
        shape, tick_s = (rays.columns, len(rays.tangents)), rays.period_s / rays.columns
        self._sweep = Sweep(
            range_m=np.zeros(shape),
            row=np.full(shape, NOBODY, dtype=np.int32),
            triangle=np.full(shape, -1, dtype=np.int32),
            material=np.full(shape, -1, dtype=np.int32),
            cosine=np.zeros(shape, dtype=np.float32),
            times_s=np.array([(k - 0.5 * rays.columns + 0.5) * tick_s for k in range(rays.columns)]),
        )
        self._work = _work(shape, len(still.triangles), 0, 0)

    def sweep(self, moment: Moment, view: Viewpoint) -> Sweep:
        """The revolution whose middle is the moment; column k looks where the sensor then points."""
        sizes = (len(self._still.triangles) + len(moment.triangles), len(moment.vertices), len(moment.poses))
        if (len(self._work.corners), len(self._work.moved), len(self._work.motions) - 1) != sizes:
            self._work = _work((self.grid.columns, len(self.grid.tangents)), *sizes)
        work, axes = self._work, np.ascontiguousarray(view.world_from_sensor.T)
        spin = axes @ view.angular_velocity_radps
        _set_motions(work.motions, moment.poses, moment.motions, view.position_m, view.velocity_mps,
                     view.angular_velocity_radps, axes)  # fmt: skip
        count = _gather_still(self._still.first, self._still.boxes, self._still.materials, self._soup, self.grid,
                              view.position_m, axes, work)  # fmt: skip
        count = _gather_bodies(moment, self.grid, view.position_m, axes, view.hidden_row, work, count)
        _draw(count, self.grid, float(spin[2]), self._sweep.times_s, work)
        _resolve(self.grid, work, self._sweep)
        return self._sweep


def _work(shape: tuple[int, int], triangles: int, vertices: int, rows: int) -> _Work:
    return _Work(
        corners=np.empty((triangles, 9)),
        labels=np.empty((triangles, 3), dtype=np.int32),
        facing=np.empty((triangles, 2)),
        moved=np.empty((vertices, 3)),
        motions=np.zeros((rows + 1, 6)),
        nearness=np.empty(shape),
        which=np.empty(shape, dtype=np.int32),
        across=np.empty((shape[0], 2)),
    )


@njit(cache=True, error_model="numpy")
def _set_motions(out, poses, motions, position, velocity, spin, axes):  # type: ignore[no-untyped-def]
    """V and W of everything, in sensor axes, as seen from a sensor that keeps its turn about its own axis to itself."""
    around = axes[2, 0] * spin[0] + axes[2, 1] * spin[1] + axes[2, 2] * spin[2]
    tx, ty, tz = spin[0] - around * axes[2, 0], spin[1] - around * axes[2, 1], spin[2] - around * axes[2, 2]
    for row in range(-1, poses.shape[0]):
        vx = vy = vz = wx = wy = wz = 0.0
        if row >= 0:
            vx, vy, vz = motions[row, 0], motions[row, 1], motions[row, 2]
            wx, wy, wz = motions[row, 3], motions[row, 4], motions[row, 5]
            # about the sensor's place instead of the body's origin
            ox, oy, oz = position[0] - poses[row, 0, 3], position[1] - poses[row, 1, 3], position[2] - poses[row, 2, 3]
            vx, vy, vz = vx + wy * oz - wz * oy, vy + wz * ox - wx * oz, vz + wx * oy - wy * ox
        vx, vy, vz = vx - velocity[0], vy - velocity[1], vz - velocity[2]
        wx, wy, wz = wx - tx, wy - ty, wz - tz
        for k in range(3):
            out[row + 1, k] = axes[k, 0] * vx + axes[k, 1] * vy + axes[k, 2] * vz
            out[row + 1, 3 + k] = axes[k, 0] * wx + axes[k, 1] * wy + axes[k, 2] * wz


@njit(cache=True, error_model="numpy")
def _gather_still(first, boxes, materials, soup, rays, position, axes, work):  # type: ignore[no-untyped-def]
    """The map's triangles that lie within range and may face the sensor, in sensor axes; returns how many."""
    corners, planes, out, labels, motions = soup.corners, soup.planes, work.corners, work.labels, work.motions
    px, py, pz = position[0], position[1], position[2]
    speed = np.sqrt(motions[0, 0] ** 2 + motions[0, 1] ** 2 + motions[0, 2] ** 2)
    swing = np.sqrt(motions[0, 3] ** 2 + motions[0, 4] ** 2 + motions[0, 5] ** 2)
    slack = (speed + swing * rays.range_m) * 0.5 * rays.period_s + 1e-3
    reach = rays.range_m + slack
    a00, a01, a02 = axes[0, 0], axes[0, 1], axes[0, 2]
    a10, a11, a12 = axes[1, 0], axes[1, 1], axes[1, 2]
    a20, a21, a22 = axes[2, 0], axes[2, 1], axes[2, 2]
    count = 0
    for tile in range(boxes.shape[0]):
        gx = max(boxes[tile, 0] - px, px - boxes[tile, 3], 0.0)
        gy = max(boxes[tile, 1] - py, py - boxes[tile, 4], 0.0)
        gz = max(boxes[tile, 2] - pz, pz - boxes[tile, 5], 0.0)
        if gx * gx + gy * gy + gz * gz > reach * reach:
            continue
        for t in range(first[tile], first[tile + 1]):
            away = planes[t, 0] * px + planes[t, 1] * py + planes[t, 2] * pz - planes[t, 3]
            if away < -slack or away > reach:
                continue
            for k in range(0, 9, 3):
                x, y, z = corners[t, k] - px, corners[t, k + 1] - py, corners[t, k + 2] - pz
                out[count, k] = a00 * x + a01 * y + a02 * z
                out[count, k + 1] = a10 * x + a11 * y + a12 * z
                out[count, k + 2] = a20 * x + a21 * y + a22 * z
            labels[count, 0], labels[count, 1], labels[count, 2] = -1, t, materials[t]
            count += 1
    return count


@njit(cache=True, error_model="numpy")
def _gather_bodies(moment, rays, position, axes, hidden_row, work, count):  # type: ignore[no-untyped-def]
    """The bodies' triangles that lie within range and may face the sensor; returns how many there are now."""
    vertices, triangles, materials = moment.vertices, moment.triangles, moment.materials
    first, vertex_first, spheres = moment.first, moment.vertex_first, moment.spheres
    moved, out, labels, motions = work.moved, work.corners, work.labels, work.motions
    px, py, pz = position[0], position[1], position[2]
    half_s = 0.5 * rays.period_s
    a00, a01, a02 = axes[0, 0], axes[0, 1], axes[0, 2]
    a10, a11, a12 = axes[1, 0], axes[1, 1], axes[1, 2]
    a20, a21, a22 = axes[2, 0], axes[2, 1], axes[2, 2]
    for row in range(spheres.shape[0]):
        if row == hidden_row or first[row] == first[row + 1]:
            continue
        vx, vy, vz = motions[row + 1, 0], motions[row + 1, 1], motions[row + 1, 2]
        wx, wy, wz = motions[row + 1, 3], motions[row + 1, 4], motions[row + 1, 5]
        x, y, z = spheres[row, 0] - px, spheres[row, 1] - py, spheres[row, 2] - pz
        far = np.sqrt(x * x + y * y + z * z)
        speed, turn = np.sqrt(vx * vx + vy * vy + vz * vz), np.sqrt(wx * wx + wy * wy + wz * wz)
        slack, bent = speed * half_s, turn * speed * half_s * half_s
        if far - spheres[row, 3] > rays.range_m + slack:
            continue
        for v in range(vertex_first[row], vertex_first[row + 1]):
            x, y, z = vertices[v, 0] - px, vertices[v, 1] - py, vertices[v, 2] - pz
            moved[v, 0] = a00 * x + a01 * y + a02 * z
            moved[v, 1] = a10 * x + a11 * y + a12 * z
            moved[v, 2] = a20 * x + a21 * y + a22 * z
        for t in range(first[row], first[row + 1]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ax, ay, az = moved[i, 0], moved[i, 1], moved[i, 2]
            bx, by, bz = moved[j, 0], moved[j, 1], moved[j, 2]
            cx, cy, cz = moved[k, 0], moved[k, 1], moved[k, 2]
            ex, ey, ez, fx, fy, fz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
            nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
            # A body's motion carries one of its points to the sensor: the one at -t V, but for less than t² |V| |W|.
            # On the side of the face where that point lies now, the sensor lies then.
            behind = nx * ax + ny * ay + nz * az
            shift = abs(nx * vx + ny * vy + nz * vz) * half_s
            if behind > shift + bent * (abs(nx) + abs(ny) + abs(nz)) + 1e-12:
                continue
            out[count, 0], out[count, 1], out[count, 2] = ax, ay, az
            out[count, 3], out[count, 4], out[count, 5] = bx, by, bz
            out[count, 6], out[count, 7], out[count, 8] = cx, cy, cz
            labels[count, 0], labels[count, 1], labels[count, 2] = row, t, materials[t]
            count += 1
    return count


@njit(cache=True, error_model="numpy")
def _azimuth(y, x):  # type: ignore[no-untyped-def]
    """atan2 to 1e-7 rad: Abramowitz and Stegun, Handbook of mathematical functions, 4.4.49 (2e-8 on 0 to 1)."""
    long, short = max(abs(x), abs(y)), min(abs(x), abs(y))
    t = short / (long + 1e-300)
    u = t * t
    angle = -0.0161657367 + u * 0.0028662257
    angle = 0.1065626393 + u * (-0.0752896400 + u * (0.0429096138 + u * angle))
    angle = t * (1.0 + u * (-0.3333314528 + u * (0.1999355085 + u * (-0.1420889944 + u * angle))))
    if abs(y) > abs(x):
        angle = 0.5 * np.pi - angle
    if x < 0.0:
        angle = np.pi - angle
    return -angle if y < 0.0 else angle


@njit(cache=True, error_model="numpy")
def _draw(count, rays, spin, times, work):  # type: ignore[no-untyped-def]
    """Draw the gathered triangles; `spin` is the sensor's turn about its own axis, rad/s."""
    corners, labels, facing, motions = work.corners, work.labels, work.facing, work.motions
    nearness, which, across = work.nearness, work.which, work.across
    tangents, cosines, begins = rays.tangents, rays.cosines, rays.begins
    columns, lasers = rays.columns, tangents.shape[0]
    step = (rays.turn * 2.0 * np.pi + spin * rays.period_s) / columns  # rad of the frozen sensor frame per column
    middle = 0.5 * columns - 0.5
    round_columns = 2.0 * np.pi / abs(step)
    tick_s, half_s = rays.period_s / columns, 0.5 * rays.period_s
    per_step, per_rate = 1.0 / step, tick_s / abs(step)  # columns per rad, s per rad
    # Which columns meet a triangle. Let D be the least distance of the triangle from the sensor's axis, as seen from
    # above, over the revolution and the instants tried below. Points move straight and no faster than `fastest`, so D
    # is at least the distance at one instant less `roam`. While D > 0 the triangle spans an arc below pi between two
    # of its corners, whose azimuths turn by at most fastest / D. Let that be a quarter of the columns' rate at most:
    # fastest * calm_s <= D. Then columns gain on every corner all the time, pass each once a round, and meet the
    # triangle between the first and the last of its corners only. Where D may be less, every column is tried.
    # Three laps are all rounds there are: a column lies within 1.6 pi of the middle one (with `calm_s`), a corner
    # within pi + 1.6 pi / 4, an arc is below pi, so of the rounds n only those with 2 pi |n| < 4 pi meet it. The
    # first instant tried is within 1.5 rounds of the middle and corner a has turned by less than pi until then, and
    # by less still between trials: its angle wrapped to pi is the right one.
    calm_s = 4.0 * per_rate if columns <= 1.6 * round_columns else np.inf
    for c in range(columns):
        angle = (c - middle) * step
        across[c, 0], across[c, 1] = np.cos(angle), np.sin(angle)
        for r in range(lasers):
            nearness[c, r], which[c, r] = 1.0 / (rays.range_m * cosines[r]), -1
    lowest, highest = tangents[0], tangents[lasers - 1]
    bins = (begins.shape[0] - 1) / (highest + 1e-9 - lowest)
    for i in range(count):
        ax, ay, az = corners[i, 0], corners[i, 1], corners[i, 2]
        bx, by, bz = corners[i, 3], corners[i, 4], corners[i, 5]
        cx, cy, cz = corners[i, 6], corners[i, 7], corners[i, 8]
        m = labels[i, 0] + 1
        vx, vy, vz = motions[m, 0], motions[m, 1], motions[m, 2]
        wx, wy, wz = motions[m, 3], motions[m, 4], motions[m, 5]
        aux, auy, auz = vx + wy * az - wz * ay, vy + wz * ax - wx * az, vz + wx * ay - wy * ax
        bux, buy, buz = vx + wy * bz - wz * by, vy + wz * bx - wx * bz, vz + wx * by - wy * bx
        cux, cuy, cuz = vx + wy * cz - wz * cy, vy + wz * cx - wx * cz, vz + wx * cy - wy * cx
        fastest = np.sqrt(max(aux * aux + auy * auy, bux * bux + buy * buy, cux * cux + cuy * cuy))
        # wholly above the highest laser or below the lowest, at any time of the revolution
        farthest = np.sqrt(max(ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy)) + fastest * half_s
        rise = max(abs(auz), abs(buz), abs(cuz)) * half_s
        if (
            min(az, bz, cz) - rise > max(highest, 0.0) * farthest
            or max(az, bz, cz) + rise < min(lowest, 0.0) * farthest
        ):
            continue
        drawn = False
        away = np.sqrt(ax * ax + ay * ay) + 1e-30
        start = _azimuth(ay, ax) * per_step + middle  # column of corner a if nothing moved
        low_0 = high_0 = margin = 0.0
        for lap in range(3):  # this revolution, then what may come in over its end or its beginning
            if lap == 1 and (high_0 + margin < round_columns - 0.5):
                continue
            if lap == 2 and (low_0 - margin > columns - round_columns - 0.5):
                continue
            begin = start if lap == 0 else (start - round_columns if lap == 1 else start + round_columns)
            ca, sa, at = ax / away, ay / away, 0.0
            x0 = y0 = x1 = y1 = x2 = y2 = d0 = d1 = d2 = 0.0
            latest_s = half_s
            for trial in range(3):
                # corners when column `begin` fires, and their azimuths from it
                at = (begin - middle) * tick_s
                latest_s = max(latest_s, abs(at))
                x0, y0 = ax + at * aux, ay + at * auy
                x1, y1 = bx + at * bux, by + at * buy
                x2, y2 = cx + at * cux, cy + at * cuy
                along, aside = ca * x0 + sa * y0, ca * y0 - sa * x0
                d0 = aside / along if abs(aside) < 0.02 * along else _azimuth(aside, along)
                if abs(d0) < 0.01 or trial == 2:
                    break
                begin += d0 * per_step
                norm = np.sqrt(x0 * x0 + y0 * y0) + 1e-30
                ca, sa = x0 / norm, y0 / norm
            along, aside = ca * x1 + sa * y1, ca * y1 - sa * x1
            d1 = aside / along if abs(aside) < 0.02 * along else _azimuth(aside, along)
            along, aside = ca * x2 + sa * y2, ca * y2 - sa * x2
            d2 = aside / along if abs(aside) < 0.02 * along else _azimuth(aside, along)
            left, right = min(d0, d1, d2), max(d0, d1, d2)
            h0, h1, h2 = np.sqrt(x0 * x0 + y0 * y0), np.sqrt(x1 * x1 + y1 * y1), np.sqrt(x2 * x2 + y2 * y2)
            nearest, arc, reach = min(h0, h1, h2), right - left, max(abs(left), abs(right))
            roam = fastest * (latest_s + abs(at))  # from `at` to any instant within latest_s of the middle
            # an arc below pi between corners no nearer than `nearest` passes the axis at nearest * cos(arc / 2)
            clear = nearest * (1.0 - 0.125 * arc * arc) - roam
            whole = arc >= np.pi or not (clear > 0.0 and fastest * calm_s <= clear)
            if whole and arc < np.pi:
                # apart from the axis all the same if the line through an edge keeps it off
                p, q, s = x0 * y1 - x1 * y0, x1 * y2 - x2 * y1, x2 * y0 - x0 * y2
                area, apart = p + q + s, roam + fastest * calm_s
                apart *= apart
                whole = not (
                    (p * area <= 0.0 and p * p > apart * ((x1 - x0) ** 2 + (y1 - y0) ** 2))
                    or (q * area <= 0.0 and q * q > apart * ((x2 - x1) ** 2 + (y2 - y1) ** 2))
                    or (s * area <= 0.0 and s * s > apart * ((x0 - x2) ** 2 + (y0 - y2) ** 2))
                )
            if whole:
                low, high = -1.0, float(columns)
                low_0, high_0, margin = 0.0, 0.0, -1e9  # all columns are drawn: no further lap
            else:
                # a corner is met within twice the time in which the columns turn by its angle from here
                near = nearest - min(roam, 2.0 * fastest * reach * per_rate)
                drift = fastest * per_rate / near
                # small arcs are off by less than a third of their cube, 3e-6, three times at most
                pad = drift / (1.0 - drift) * reach + 1e-5
                one, two = begin + (left - pad) * per_step, begin + (right + pad) * per_step
                low, high = min(one, two), max(one, two)
                if lap == 0:
                    share = min(0.25, fastest * per_rate / max(clear, 1e-9))  # of the columns' rate, at any time
                    low_0, high_0, margin = low, high, share * round_columns + 1.0
                if max(arc, reach) < 0.3:
                    # no laser within the run of elevations; edges' bulge and motion allowed for (with arcs and a drift
                    # as small as here the terms below are more than either can do in `lag_s`)
                    z0, z1, z2 = az + at * auz, bz + at * buz, cz + at * cuz
                    t0, t1, t2 = z0 / h0, z1 / h1, z2 / h2
                    under, over = min(t0, t1, t2), max(t0, t1, t2)
                    steepest = max(abs(under), abs(over))
                    lag_s = max(high - begin, begin - low) * tick_s
                    upward = max(abs(auz), abs(buz), abs(cuz))
                    extra = 0.15 * steepest * arc * arc + 1e-9  # 1 / cos(half the arc) - 1, and more
                    extra += (upward + fastest * steepest) * lag_s * 2.0 / near
                    under, over = under - extra, over + extra
                    if over < lowest or under > highest:
                        continue
                    r = begins[int((under - lowest) * bins)] if under > lowest else 0
                    while r < lasers and tangents[r] < under:
                        r += 1
                    if r == lasers or tangents[r] > over:
                        continue
            for c in range(max(0, int(np.ceil(low))), min(columns - 1, int(np.floor(high))) + 1):
                at = times[c]
                ca, sa = across[c, 0], across[c, 1]
                x0, y0, x1, y1 = ax + at * aux, ay + at * auy, bx + at * bux, by + at * buy
                x2, y2 = cx + at * cux, cy + at * cuy
                if whole:
                    one, two, three = ca * y0 - sa * x0, ca * y1 - sa * x1, ca * y2 - sa * x2
                    if min(one, two, three) > 1e-9 or max(one, two, three) < -1e-9:
                        continue
                z0, z1, z2 = az + at * auz, bz + at * buz, cz + at * cuz
                px, py, pz = y1 * z0 - z1 * y0, z1 * x0 - x1 * z0, x1 * y0 - y1 * x0
                qx, qy, qz = y2 * z1 - z2 * y1, z2 * x1 - x2 * z1, x2 * y1 - y2 * x1
                sx, sy, sz = y0 * z2 - z0 * y2, z0 * x2 - x0 * z2, x0 * y2 - y0 * x2
                volume = qx * x0 + qy * y0 + qz * z0
                if not volume > 0.0:
                    continue
                p, q, s = px * ca + py * sa, qx * ca + qy * sa, sx * ca + sy * sa
                under, over = lowest - 1.0, highest + 1.0
                if pz > 0.0:
                    under = max(under, -p / pz)
                elif pz < 0.0:
                    over = min(over, -p / pz)
                elif p < 0.0:
                    continue
                if qz > 0.0:
                    under = max(under, -q / qz)
                elif qz < 0.0:
                    over = min(over, -q / qz)
                elif q < 0.0:
                    continue
                if sz > 0.0:
                    under = max(under, -s / sz)
                elif sz < 0.0:
                    over = min(over, -s / sz)
                elif s < 0.0:
                    continue
                under, over = under - 1e-9, over + 1e-9
                if under > over or over < lowest or under > highest:
                    continue
                r = begins[int((under - lowest) * bins)] if under > lowest else 0
                while r < lasers and tangents[r] < under:
                    r += 1
                while r < lasers and tangents[r] <= over:
                    t = tangents[r]
                    one, two, three = p + pz * t, q + qz * t, s + sz * t
                    if one >= 0.0 and two >= 0.0 and three >= 0.0:
                        found = (one + two + three) / volume
                        if found > nearness[c, r]:
                            nearness[c, r], which[c, r], drawn = found, i, True
                    r += 1
        if drawn:
            ex, ey, ez, fx, fy, fz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
            nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
            scale = -1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
            # turning about the sensor leaves the plane's distance from it as it is: V alone counts
            facing[i, 0] = (nx * ax + ny * ay + nz * az) * scale
            facing[i, 1] = (nx * vx + ny * vy + nz * vz) * scale


@njit(cache=True, error_model="numpy")
def _resolve(rays, work, sweep):  # type: ignore[no-untyped-def]
    """From nearness and triangle numbers to what a `Sweep` holds."""
    nearness, which, labels, facing = work.nearness, work.which, work.labels, work.facing
    ranges, rows, triangles, materials, cosines = (
        sweep.range_m, sweep.row, sweep.triangle, sweep.material, sweep.cosine,
    )  # fmt: skip
    for c in range(which.shape[0]):
        at = sweep.times_s[c]
        for r in range(which.shape[1]):
            i = which[c, r]
            if i < 0:
                ranges[c, r], rows[c, r], triangles[c, r], materials[c, r], cosines[c, r] = 0.0, -2, -1, -1, 0.0
                continue
            distance = 1.0 / (nearness[c, r] * rays.cosines[r])
            ranges[c, r], rows[c, r] = distance, labels[i, 0]
            triangles[c, r], materials[c, r] = labels[i, 1], labels[i, 2]
            cosines[c, r] = min(1.0, abs(facing[i, 0] + at * facing[i, 1]) / distance)
