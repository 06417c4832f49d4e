"""The renderer of one camera: scenery at a moment, conditions and an eye in; a `Picture` out.

A frame goes through three steps: `facets` gathers the triangles in view, `visibility` finds the one
each sample sees, `shading` turns them into light, depth and ids. The result is a function of the
arguments alone, whatever was drawn before and in however many bands.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

from sim.camera import shadows
from sim.camera.facets import Eye, gather, packed, room
from sim.camera.halo import add_glare
from sim.camera.lamps import GroundPlans, glow_table
from sim.camera.lens import Lens, lens_findings, rays
from sim.camera.light import (
    EXTINCTION,
    ILLUMINANCE,
    NIGHT,
    RAIN,
    SKY_UP,
    SUN,
    SUN_LIGHT,
    SUN_UP,
    WETNESS,
    light_of,
)
from sim.camera.mirrors import CELL_X, CELL_Y, mirror_image, smear
from sim.camera.picture import Picture
from sim.camera.shading import shade
from sim.camera.visibility import rasterise
from sim.camera.weather import beam_lux, lay_puffs, splat_rain, splat_spray
from sim.randomness import stream_key, uniform
from sim.scenery.materials import material_table
from sim.scenery.scene import Ensemble, Moment
from sim.scenery.viewpoint import Viewpoint
from sim.truth import Conditions
from stack.vocabulary import Finding, InputError, MachineryError, SimNs

MOST_SAMPLES = 4  # samples of the plane grid per pixel of the picture, beyond those of edge smoothing
BEAMS_SHOW_BELOW_LX = 300.0  # own: by more daylight one's own low beams cannot be seen on the road
SPRAY_FROM = 0.15  # of wetness: own
FALL_MPS = 7.5  # of a drop of 2 to 3 mm: Gunn and Kinzer (1949)
HALO_FROM = 0.004  # of scattered light: in clearer air no halo can be seen (own)
GLARE_FROM = 18.0  # cd/m²: own, above what headlamps make of a road
EDGE = 2  # samples beyond the picture's outermost pixels

# By texture: fine lattice (cells/m) and its weight, coarse lattice and its weight, tilt towards yellow (own).
_GRAINS = np.array(
    [
        [1.0, 0.00, 1.00, 0.00, 0.00],  # plain
        [32.0, 0.22, 0.50, 0.10, 0.00],  # asphalt
        [16.0, 0.08, 0.50, 0.08, 0.01],  # concrete
        [16.0, 0.35, 0.25, 0.25, 0.12],  # grass
        [8.0, 0.03, 0.50, 0.04, 0.00],  # facade
        [4.0, 0.45, 1.00, 0.30, 0.06],  # foliage
        [16.0, 0.08, 2.00, 0.10, 0.00],  # paving
        [32.0, 0.12, 2.00, 0.10, 0.00],  # worn paint
        [32.0, 0.10, 2.00, 0.10, 0.02],  # brick
        [1.0, 0.00, 1.00, 0.00, 0.00],  # chequer
        [4.0, 0.22, 0.125, 0.25, 0.10],  # field
    ],
    dtype=np.float32,
)


@njit(cache=True, error_model="numpy")
def _filled(key, lattice):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for row in range(lattice.shape[0]):
        for column in range(lattice.shape[1]):
            lattice[row, column] = np.float32(2.0 * uniform(key, row, column, 0) - 1.0)


@lru_cache(maxsize=1)
def _lattice() -> Any:
    """(256, 256) values from -1 to 1: the grain of every surface, the same in every run."""
    values = np.empty((257, 257), dtype=np.float32)
    _filled(stream_key(0, "camera.lattice"), values)
    values[256], values[:, 256] = values[0], values[:, 0]
    values[256, 256] = values[0, 0]
    values.setflags(write=False)
    return values


class Renderer:
    """Draws one camera's pictures of one scenery. Not for two threads at once; `bands` splits rows over threads."""

    def __init__(self, scenery: Ensemble, lens: Lens, *, antialias: bool = True, bands: int = 1) -> None:
        findings = list(lens_findings(lens, "lens"))
        if not 1 <= bands <= 64:
            findings.append(Finding(where="renderer", field="bands", problem=f"{bands} is not 1 to 64"))
        if findings:
            raise InputError(tuple(findings))
        self.lens = lens
        self._antialias = antialias
        self._bands = bands
        self._rays = rays(lens)
        self._fine = 2 if antialias else 1
        self._lay_grid()
        self._scenery_still = scenery.still
        self._still = packed(scenery.still)
        bodies = scenery.bodies
        actor_vertices = max((len(body.mesh.vertices) for body in bodies), default=1)
        self._facets = room(self._still, sum(len(body.mesh.triangles) for body in bodies), actor_vertices)
        self._materials = material_table()
        boxes = scenery.still.boxes
        middle = 0.5 * (boxes[:, :3].min(axis=0) + boxes[:, 3:].max(axis=0)) if len(boxes) else np.zeros(3)
        self._origin = np.array([*np.round(middle[:2].astype(np.float64), -3), 0.0])
        self._shadows = shadows.SunShadows(self._still, actor_vertices)
        self._ground = GroundPlans(scenery.still, bodies, self._origin)
        cells = (-(-lens.height_px // CELL_Y), -(-lens.width_px // CELL_X), 5)
        self._mirror, self._mirror_spare = np.zeros(cells, np.float32), np.zeros(cells, np.float32)
        self._puffs = np.zeros((320, 7))
        self._threads = ThreadPoolExecutor(bands) if bands > 1 else None

    def recast(self, scenery: Ensemble) -> None:
        """From now on draw these bodies before the same still world: cheaper than another renderer."""
        if scenery.still is not self._scenery_still:
            raise MachineryError("a renderer cannot change its still world; make another")
        bodies = scenery.bodies
        actor_vertices = max((len(body.mesh.vertices) for body in bodies), default=1)
        triangles = len(self._still.triangles) + sum(len(body.mesh.triangles) for body in bodies)
        if triangles >= len(self._facets.floats) or actor_vertices > len(self._facets.scratch):
            self._facets = room(self._still, triangles - len(self._still.triangles), actor_vertices)
        self._shadows.make_room(actor_vertices)
        self._ground.furnish(bodies)

    def _lay_grid(self) -> None:
        """The plane grid of samples, and each pixel's own sample in it."""
        lens, fine = self.lens, self._fine
        left, up = self._rays[:, :, 0].astype(np.float64), self._rays[:, :, 1].astype(np.float64)
        across, down = fine * lens.focal_x_px, fine * lens.focal_y_px
        left0, up0 = left.max() + EDGE / across, up.max() + EDGE / down
        columns, rows_ = np.rint((left0 - left) * across), np.rint((up0 - up) * down)
        width, height = int(columns.max()) + EDGE + 1, int(rows_.max()) + EDGE + 1
        if width * height > MOST_SAMPLES * (fine * lens.width_px) * (fine * lens.height_px) + 100_000:
            problem = "sees too wide an angle for one plane; use a longer focal length or less distortion"
            raise InputError((Finding(where="lens", field="focal_x_px", problem=problem),))
        self._spots = (rows_ * width + columns).astype(np.int32)
        self._nearness = np.zeros((height, width), dtype=np.float32)
        self._ids = np.full((height, width), -1, dtype=np.int32)
        ends = (left0, left0 - (width - 1) / across, up0, up0 - (height - 1) / down)
        self._window = np.array([left0, up0, across, down, *ends])
        self._scale = np.array([left0, up0, across, down, 1 / across, 1 / down, fine / across], dtype=np.float32)

    def _eye(self, eye: Viewpoint, readout_s: float) -> Eye:
        turn = np.ascontiguousarray(eye.world_from_sensor.T, dtype=np.float64)
        lens = self.lens
        middle = (lens.centre_y_px - 0.5 * lens.height_px) / lens.focal_y_px
        return Eye(
            position=np.asarray(eye.position_m, dtype=np.float64), turn=turn,
            velocity=turn @ np.asarray(eye.velocity_mps, dtype=np.float64),
            spin=turn @ np.asarray(eye.angular_velocity_radps, dtype=np.float64),
            window=self._window, rows=np.array([middle, lens.height_px / lens.focal_y_px, readout_s]),
        )  # fmt: skip

    def _row_poses(self, eye: Viewpoint, readout_s: float) -> Any:
        """(h, 12): where the camera is when each row is read out, from the origin of patterns, and how it is turned."""
        height = self.lens.height_px
        late = ((np.arange(height) + 0.5) / height - 0.5) * readout_s
        turn, spin = np.asarray(eye.world_from_sensor), np.asarray(eye.angular_velocity_radps)
        poses = np.empty((height, 12))
        poses[:, :3] = np.asarray(eye.position_m) - self._origin + late[:, None] * np.asarray(eye.velocity_mps)
        x, y, z = spin.tolist()
        swing = np.stack([y * turn[2] - z * turn[1], z * turn[0] - x * turn[2], x * turn[1] - y * turn[0]])
        poses[:, 3:] = turn.ravel() + late[:, None] * swing.ravel()
        return poses.astype(np.float32)

    def draw(
        self, moment: Moment, conditions: Conditions, at: SimNs, eye: Viewpoint, *,
        readout_s: float = 0.0, seed: int = 0, all_signals: bool = False,
    ) -> Picture:  # fmt: skip
        """The picture this eye sees; `readout_s` is the time from the first row's read-out to the last's.

        `all_signals`: every signal made as lit is lit; else signals follow a fixed cycle.
        """
        light = light_of(conditions)
        lamps = glow_table(at, float(light[NIGHT]), all_signals=all_signals)
        frame_eye = self._eye(eye, readout_s)
        gather(self._still, moment, self._materials, _GRAINS, lamps, frame_eye, eye.hidden_row, self._facets)
        maps, axes = self._sun_maps(moment, light, frame_eye)
        lens = self.lens
        shape = (lens.height_px, lens.width_px)
        picture = Picture(
            radiance=np.empty((*shape, 3), dtype=np.float32), depth_m=np.empty(shape, dtype=np.float32),
            instance=np.empty(shape, dtype=np.int32), semantic=np.empty(shape, dtype=np.uint8),
        )  # fmt: skip
        poses = self._row_poses(eye, readout_s)
        bodies = moment.poses.reshape(-1, 12).astype(np.float32)
        bodies[:, [3, 7, 11]] = moment.poses[:, :, 3] - self._origin
        f = self._facets
        pieces = int(f.counts[1])

        ground = self._ground
        plans = ground.draw(
            moment, frame_eye.position, frame_eye.turn[0], eye.hidden_row, float(light[NIGHT]), float(light[EXTINCTION])
        )
        dim = light[ILLUMINANCE] < BEAMS_SHOW_BELOW_LX
        beams = ground.own_beams(moment, eye.hidden_row if dim else -1)
        plans[8] = len(beams)

        def see(first: int, end: int) -> None:
            rasterise(f.pieces, f.owners, pieces, first, end, self._nearness, self._ids)

        def light_up(first: int, end: int) -> None:
            shade(f.floats, f.ints, int(f.counts[0]), self._ids, self._spots, self._rays, poses, self._scale, first,
                  end, self._antialias, light, _lattice(), bodies, maps.near, maps.far, axes, ground.open_sky,
                  ground.pools, plans, beams, self._mirror,
                  picture.radiance, picture.depth_m, picture.instance, picture.semantic)  # fmt: skip

        self._in_bands(see, self._ids.shape[0])
        if light[WETNESS] > 0.0:
            mirror_image(f.floats, f.ints, self._ids, self._spots, self._rays, poses, self._scale, light, self._mirror)
            smear(self._mirror, self._mirror_spare)
        self._in_bands(light_up, lens.height_px)
        self._weather(picture, moment, light, at, eye, frame_eye, beams, seed)
        return picture

    def _weather(
        self, picture: Picture, moment: Moment, light: Any, at: SimNs, eye: Viewpoint, frame_eye: Eye, beams: Any,
        seed: int,
    ) -> None:  # fmt: skip
        """Spray, streaks of rain and glare over a drawn picture."""
        lens = self.lens
        pinhole = np.array([lens.focal_x_px, lens.focal_y_px, lens.centre_x_px, lens.centre_y_px])
        in_sensor = self._beams_in_sensor(beams, frame_eye)
        daylight = light[SKY_UP : SKY_UP + 3] + 0.25 * light[SUN_LIGHT : SUN_LIGHT + 3]
        grey = (daylight * (0.8 / np.pi)).astype(np.float32)
        if light[WETNESS] > SPRAY_FROM:
            count = lay_puffs(
                moment, self._ground.outlines, eye.hidden_row, frame_eye.position, frame_eye.turn,
                float(light[WETNESS]), self._puffs,
            )  # fmt: skip
            lux = beam_lux(in_sensor, self._puffs, count)

            def veil(first: int, end: int) -> None:
                splat_spray(picture.radiance, picture.depth_m, pinhole, self._puffs, count, grey, lux, first, end)

            if count:
                self._in_bands(veil, lens.height_px)
        if light[RAIN] > 0.0:
            fall = np.array([0.0, 0.0, -FALL_MPS])
            drift = frame_eye.turn @ fall - frame_eye.velocity
            key = stream_key(seed, "camera.rain")
            splat_rain(
                picture.radiance, picture.depth_m, pinhole, key, at, float(light[RAIN]), drift, 1.25 * grey,
                in_sensor, 0,
            )  # fmt: skip
        scatter = min(5.0 * float(light[EXTINCTION]), 0.12)
        if scatter > HALO_FROM:
            add_glare(picture.radiance, max(5.0 * float(light[ILLUMINANCE]), GLARE_FROM), scatter)

    def _beams_in_sensor(self, beams: Any, eye: Eye) -> Any:
        """The own headlamps' places and axes in sensor axes, (k, 12)."""
        own = np.empty((len(beams), 12))
        for k in range(len(beams)):
            own[k, :3] = eye.turn @ (beams[k, :3].astype(np.float64) + self._origin - eye.position)
            for axis in (3, 6, 9):
                own[k, axis : axis + 3] = eye.turn @ beams[k, axis : axis + 3].astype(np.float64)
        return own

    def _sun_maps(self, moment: Moment, light: Any, eye: Eye) -> tuple[shadows.ShadowMaps, Any]:
        """The shadow maps, and the sun's axes with the maps' places as the shading wants them."""
        frame = shadows.sun_frame(light[SUN : SUN + 3], self._origin)
        maps = self._shadows.draw(moment, frame, eye.position, eye.turn[0], drawn=bool(light[SUN_UP]))
        return maps, np.concatenate([frame.axes.ravel(), maps.places]).astype(np.float32)

    def _in_bands(self, work: Any, rows: int) -> None:
        """Call work(first, end) for equal shares of the rows."""
        if self._threads is None:
            work(0, rows)
            return
        ends = [rows * band // self._bands for band in range(self._bands + 1)]
        for done in [self._threads.submit(work, a, b) for a, b in zip(ends[:-1], ends[1:], strict=True)]:
            done.result()
