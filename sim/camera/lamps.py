"""Lamps: how brightly each kind glows, where headlamps and street lamps hang, and their light on the ground.

Light of street lamps and of other vehicles' headlamps is kept as a plan of the ground about the camera:
for each place the illuminance as a vector towards where it comes from (lx, world axes), how much of it
is the warm light of street lamps, and the height above which headlamps do not reach. The vehicle's own
headlamps are not in the plan: shading works them out for every sample.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.camera.beams import low_beam_cd
from sim.camera.block import clamp, fading
from sim.scenery.materials import MATERIALS, Lamp
from sim.scenery.mesh import Body, Mesh
from sim.scenery.scene import Moment
from sim.scenery.still import Still
from stack.vocabulary import SimNs

KINDS = len(Lamp)
# Colour (linear RGB, luminance about 1) and radiance of a lit lamp, cd/m². Intensities: tail lamps 4 to 17 cd,
# stop lamps 60 to 260 cd, indicators 175 to 1,000 cd (UN R148), over some 150 cm²; headlamps: candela over 150 cm².
_LOOKS = {
    Lamp.HEAD: ((1.0, 1.0, 1.0), 66.0),  # times the beam's candela in the direction of the camera
    Lamp.TAIL: ((4.6, 0.03, 0.01), 150.0),
    Lamp.BRAKE: ((4.6, 0.03, 0.01), 3500.0),
    Lamp.LEFT_INDICATOR: ((2.5, 0.65, 0.02), 11000.0),
    Lamp.RIGHT_INDICATOR: ((2.5, 0.65, 0.02), 11000.0),
    Lamp.STREET: ((1.25, 0.96, 0.60), 14000.0),
    Lamp.SIGNAL_RED: ((4.2, 0.14, 0.06), 7000.0),  # EN 12368: 200 mm, 100 to 400 cd
    Lamp.SIGNAL_AMBER: ((2.4, 0.68, 0.02), 7000.0),
    Lamp.SIGNAL_GREEN: ((0.20, 1.30, 0.75), 7000.0),
    Lamp.BEACON: ((0.4, 0.8, 3.0), 3000.0),
}
# A signal's cycle, s (RiLSA 2015: amber 3 s at 50 km/h, red and amber 1 s; how long it is green is our own).
RED_S, RED_AMBER_S, GREEN_S, AMBER_S = 30.0, 1.0, 26.0, 3.0
STREET_CD = 1900.0  # own: 20 to 30 lx below a lamp 8 m up, as EN 13201 class M3 to C2 roads have
POOL_SIDE, POOL_CELL_M, POOL_AHEAD_M, POOL_STEP_M = 240, 0.7, 55.0, 21.0
OPEN_SIDE, OPEN_CELL_M, OPEN_AHEAD_M = 384, 0.25, 38.0
_STREET_REACH_M = 34.0
_BEAM_REACH_M, _BEAM_HALF_M = 55.0, 14.0
_REACH, _HALF_WIDE = np.float32(_BEAM_REACH_M), np.float32(_BEAM_HALF_M)
_NO_CUT_M = np.float32(1e4)


def glow_table(at: SimNs, night: float, *, all_signals: bool = False) -> NDArray[np.float32]:
    """(KINDS, 5): radiance when lit, and how lit it is: signals facing along x (column 3) and along y (column 4).

    `all_signals`: whatever is made as a lit signal is lit, as where somebody else decides which are.
    """
    table = np.zeros((KINDS, 5), dtype=np.float32)
    for lamp, (colour, radiance) in _LOOKS.items():
        table[lamp, :3] = np.array(colour) * radiance
    table[Lamp.STREET, 3] = night
    table[Lamp.BEACON, 3] = 1.0
    for column, lead_s in ((3, 0.0), (4, RED_S)):
        red, amber, green = (True, True, True) if all_signals else signal_at(at / 1e9 + lead_s)
        table[Lamp.SIGNAL_RED, column] = red
        table[Lamp.SIGNAL_AMBER, column] = amber
        table[Lamp.SIGNAL_GREEN, column] = green
    return table


def signal_at(seconds: float) -> tuple[bool, bool, bool]:
    """Which of red, amber and green glow at this instant of the fixed cycle; it begins with green."""
    phase = seconds % (GREEN_S + AMBER_S + RED_S + RED_AMBER_S)
    if phase < GREEN_S:
        return False, False, True
    if phase < GREEN_S + AMBER_S:
        return False, True, False
    if phase < GREEN_S + AMBER_S + RED_S:
        return True, False, False
    return True, True, False


def head_lamps(bodies: tuple[Body, ...]) -> NDArray[np.float64]:
    """(n, 2, 3): left and right headlamp of every body in its own frame, m; NaN where it has none."""
    places = np.full((len(bodies), 2, 3), np.nan)
    for row, body in enumerate(bodies):
        places[row] = _heads_of(body.mesh)
    return places


@lru_cache(maxsize=256)
def _heads_of(mesh: Mesh) -> NDArray[np.float64]:
    """(2, 3): left and right headlamp of one mesh; NaN where it has none."""
    is_head = np.array([material.lamp is Lamp.HEAD for material in MATERIALS])
    places = np.full((2, 3), np.nan)
    centres = mesh.vertices[mesh.triangles[is_head[mesh.materials]]].astype(np.float64).mean(axis=1)
    for which, chosen in enumerate((centres[:, 1] > 0.05, centres[:, 1] < -0.05)):
        if chosen.any():
            places[which] = centres[chosen].mean(axis=0)
    lone = len(centres) > 0 and np.isnan(places[:, 0]).all()
    if lone:  # a motorcycle's single lamp
        places[0] = centres.mean(axis=0)
    return places


@lru_cache(maxsize=8)
def street_lamps(still: Still) -> NDArray[np.float64]:
    """(k, 4): every street lamp of the map: place, and how high it hangs above the foot of its pole, m."""
    is_street = np.array([material.lamp is Lamp.STREET for material in MATERIALS])
    rows = np.flatnonzero(is_street[still.materials]) if len(still.materials) else np.zeros(0, dtype=np.int64)
    if len(rows) == 0:
        return np.zeros((0, 4))
    centres = still.vertices[still.triangles[rows]].astype(np.float64).mean(axis=1)
    cells = np.floor(centres[:, :2] / 1.5).astype(np.int64)
    order = np.lexsort((cells[:, 1], cells[:, 0]))
    lamps: list[list[float]] = []
    for row in order.tolist():
        near = [lamp for lamp in lamps[-6:] if abs(lamp[0] - centres[row, 0]) + abs(lamp[1] - centres[row, 1]) < 2.5]
        if not near:
            foot = _foot_m(still, centres[row])
            lamps.append([*centres[row].tolist(), max(float(centres[row, 2]) - foot, 3.0)])
    return np.array(lamps)


def _foot_m(still: Still, place: NDArray[np.float64]) -> float:
    """The lowest height of anything within 4 m of a place, m."""
    lowest = float(place[2]) - 8.0
    for fixture in still.fixtures:
        if fixture.kind == "pole" and abs(fixture.x_m - place[0]) + abs(fixture.y_m - place[1]) < 6.0:
            return fixture.z_m
    return lowest


@njit(cache=True, error_model="numpy", nogil=True)
def _street_pools(lamps, low_a, low_b, cell, pools):  # type: ignore[no-untyped-def]
    """Light of street lamps: twice as much sideways as straight down, nothing flatter than 75°."""
    side = pools.shape[0]
    for row in range(side):
        for column in range(side):
            for c in range(4):
                pools[row, column, c] = np.float32(0.0)
            pools[row, column, 4] = _NO_CUT_M
    for k in range(lamps.shape[0]):
        lx, ly, high = lamps[k, 0], lamps[k, 1], lamps[k, 3]
        first = max(int((lx - low_a - _STREET_REACH_M) / cell), 0)
        last = min(int((lx - low_a + _STREET_REACH_M) / cell) + 1, side)
        begin = max(int((ly - low_b - _STREET_REACH_M) / cell), 0)
        end = min(int((ly - low_b + _STREET_REACH_M) / cell) + 1, side)
        for row in range(begin, end):
            y = ly - (low_b + row * cell)
            for column in range(first, last):
                x = lx - (low_a + column * cell)
                flat2 = x * x + y * y
                away2 = flat2 + high * high
                away = np.sqrt(away2)
                down = high / away
                fade = min(max((_STREET_REACH_M - np.sqrt(flat2)) * 0.1, 0.0), 1.0)
                lux = STREET_CD * (0.55 + 0.45 * min(2.0 - 2.0 * down, 1.0)) * min(max(down * 4.0 - 0.9, 0.0), 1.0)
                lux *= fade / (away2 * away)
                pools[row, column, 0] += np.float32(lux * x)
                pools[row, column, 1] += np.float32(lux * y)
                pools[row, column, 2] += np.float32(lux * high)
                pools[row, column, 3] = np.float32(1.0)


@njit(cache=True, error_model="numpy", nogil=True)
def _beam_pools(moment, heads, own, low_a, low_b, cell, extinction, pools):  # type: ignore[no-untyped-def]
    """Light of other vehicles' low beams on the ground before them."""
    side, extinct = pools.shape[0], np.float32(extinction)
    line = np.empty(side, dtype=np.float32)
    for row in range(moment.poses.shape[0]):
        if row == own or (moment.lamps[row] >> 1) & 1 == 0 or np.isnan(heads[row, 0, 0]):
            continue
        pose = moment.poses[row]
        two = not np.isnan(heads[row, 1, 0])
        hx = 0.5 * (heads[row, 0, 0] + heads[row, 1, 0]) if two else heads[row, 0, 0]
        hz = 0.5 * (heads[row, 0, 2] + heads[row, 1, 2]) if two else heads[row, 0, 2]
        lamps = 2.0 if two else 1.0
        ox = pose[0, 0] * hx + pose[0, 2] * hz + pose[0, 3] - low_a
        oy = pose[1, 0] * hx + pose[1, 2] * hz + pose[1, 3] - low_b
        c, s = pose[0, 0], pose[1, 0]
        ex = abs(c) * _BEAM_REACH_M * 0.5 + abs(s) * _BEAM_HALF_M
        ey = abs(s) * _BEAM_REACH_M * 0.5 + abs(c) * _BEAM_HALF_M
        mx, my = ox + 0.5 * c * _BEAM_REACH_M, oy + 0.5 * s * _BEAM_REACH_M
        first, last = max(int((mx - ex) / cell), 0), min(int((mx + ex) / cell) + 1, side)
        begin, end = max(int((my - ey) / cell), 0), min(int((my + ey) / cell) + 1, side)
        cos_f, sin_f, low, step = np.float32(c), np.float32(s), np.float32(-hz), np.float32(cell)
        start, low2 = np.float32(first * cell - ox), np.float32(hz * hz)
        for r in range(begin, end):
            y = np.float32(r * cell - oy)
            for k in range(np.uint64(max(last - first, 0))):
                x = start + step * np.float32(k)
                ahead, left = cos_f * x + sin_f * y, cos_f * y - sin_f * x
                away2 = ahead * ahead + left * left + low2
                away = np.sqrt(away2)
                fade = clamp((_REACH - ahead) * np.float32(0.05)) * clamp((_HALF_WIDE - abs(left)) * np.float32(0.3))
                fade = fade if ahead >= np.float32(0.5) else np.float32(0.0)
                cd = low_beam_cd(ahead, left, low)
                line[k] = np.float32(lamps) * cd * fade * fading(extinct * away) / (away2 * away)
            for k in range(first, last):
                lux = np.float64(line[k - first])
                if lux > 0.0:
                    x = k * cell - ox
                    away = np.sqrt(x * x + y * y + hz * hz)
                    before = np.sqrt(pools[r, k, 0] ** 2 + pools[r, k, 1] ** 2 + pools[r, k, 2] ** 2)
                    pools[r, k, 4] = np.float32(pose[2, 3] + hz)
                    pools[r, k, 0] += np.float32(-lux * x)
                    pools[r, k, 1] += np.float32(-lux * y)
                    pools[r, k, 2] += np.float32(lux * hz)
                    pools[r, k, 3] *= np.float32(before / (before + lux * away + 1e-9))


@njit(cache=True, error_model="numpy", nogil=True)
def shade_ground(moment, clearance, low_a, low_b, cell, open_sky):  # type: ignore[no-untyped-def]
    """Share of the sky that the ground sees below and beside bodies: soft shadows of the whole sky."""
    side = open_sky.shape[0]
    for row in range(side):
        for column in range(side):
            open_sky[row, column] = np.float32(1.0)
    for row in range(moment.poses.shape[0]):
        pose, b = moment.poses[row], clearance[row]
        half_l, half_w, high, mid = b[0], b[1], b[2], b[3]
        if high < 0.05 or b[4] > 2.5:
            continue
        spread = 0.55 * high + 0.15
        out = np.sqrt(half_l * half_l + half_w * half_w) + 2.0 * spread
        ox, oy = pose[0, 3] + pose[0, 0] * mid - low_a, pose[1, 3] + pose[1, 0] * mid - low_b
        first, last = max(int((ox - out) / cell), 0), min(int((ox + out) / cell) + 1, side)
        begin, end = max(int((oy - out) / cell), 0), min(int((oy + out) / cell) + 1, side)
        c, s = pose[0, 0], pose[1, 0]
        for r in range(begin, end):
            y = r * cell - oy
            for k in range(first, last):
                x = k * cell - ox
                dl, dw = abs(c * x + s * y) - half_l, abs(c * y - s * x) - half_w
                if dl < 0.0 and dw < 0.0:
                    inside = min(-max(dl, dw), 0.45) / 0.45
                    seen = 0.5 - 0.42 * inside
                else:
                    gap = np.sqrt(max(dl, 0.0) ** 2 + max(dw, 0.0) ** 2) / spread
                    if gap > 2.0:
                        continue
                    seen = 1.0 - 0.5 * (1.0 - 0.5 * gap) ** 2
                open_sky[r, k] *= np.float32(seen)


class GroundPlans:
    """The two plans of the ground about one camera: open sky by day and night, light of lamps by night."""

    def __init__(self, still: Still, bodies: tuple[Body, ...], origin: NDArray[np.float64]) -> None:
        self._origin = origin
        self._streets = street_lamps(still)
        self.furnish(bodies)
        self.open_sky = np.ones((OPEN_SIDE, OPEN_SIDE), dtype=np.float32)
        self.pools = np.zeros((POOL_SIDE, POOL_SIDE, 5), dtype=np.float32)
        self._street_pools = np.zeros((POOL_SIDE, POOL_SIDE, 5), dtype=np.float32)
        self._street_key: tuple[float, float] | None = None

    def furnish(self, bodies: tuple[Body, ...]) -> None:
        """From now on these are the bodies."""
        self.heads = head_lamps(bodies)
        self.outlines = np.array([_outline(body.mesh) for body in bodies]).reshape(-1, 5)

    def draw(
        self, moment: Moment, position: Any, forward: Any, own: int, night: float, extinction: float
    ) -> NDArray[np.float32]:
        """Fill both plans for a camera here; returns where they lie, as shading wants it."""
        level = np.array([forward[0], forward[1]])
        level = level / max(float(np.sqrt((level * level).sum())), 1e-6)
        plans = np.zeros(16, dtype=np.float32)
        centre = position[:2] + OPEN_AHEAD_M * level
        low = np.floor(centre / OPEN_CELL_M) * OPEN_CELL_M - 0.5 * OPEN_SIDE * OPEN_CELL_M
        shade_ground(moment, self.outlines, float(low[0]), float(low[1]), OPEN_CELL_M, self.open_sky)
        plans[0:2], plans[2], plans[3] = low - self._origin[:2], 1.0 / OPEN_CELL_M, 1.0
        if night > 0.0:
            centre = position[:2] + POOL_AHEAD_M * level
            low = (np.floor(centre / POOL_STEP_M) + 0.5) * POOL_STEP_M - 0.5 * POOL_SIDE * POOL_CELL_M
            key = (float(low[0]), float(low[1]))
            if key != self._street_key:
                _street_pools(self._streets, *key, POOL_CELL_M, self._street_pools)
                self._street_key = key
            self.pools[:] = self._street_pools
            _beam_pools(moment, self.heads, own, *key, POOL_CELL_M, extinction, self.pools)
            plans[4:6], plans[6], plans[7] = low - self._origin[:2], 1.0 / POOL_CELL_M, 1.0
        return plans

    def own_beams(self, moment: Moment, row: int) -> NDArray[np.float32]:
        """(k, 12): place, forward, left and up of each lit headlamp of a row, world axes from the pattern origin."""
        if row < 0 or not (int(moment.lamps[row]) >> Lamp.HEAD) & 1:
            return np.zeros((0, 12), dtype=np.float32)
        pose = moment.poses[row]
        beams = []
        for lamp in self.heads[row]:
            if not np.isnan(lamp[0]):
                place = pose[:, :3] @ lamp + pose[:, 3] - self._origin
                beams.append(np.concatenate([place, pose[:, 0], pose[:, 1], pose[:, 2]]))
        return np.array(beams, dtype=np.float32).reshape(-1, 12)


@lru_cache(maxsize=256)
def _outline(mesh: Mesh) -> tuple[float, float, float, float, float]:
    """Half length, half width, height, middle ahead of the origin and clearance of a body, m."""
    if len(mesh.vertices) == 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    low, high = mesh.vertices.min(axis=0).tolist(), mesh.vertices.max(axis=0).tolist()
    return (
        0.5 * (high[0] - low[0]), 0.5 * (high[1] - low[1]), high[2] - low[2], 0.5 * (high[0] + low[0]), low[2],
    )  # fmt: skip
