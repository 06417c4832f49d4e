"""Long-range 77 GHz radar: `RadarScan` from truth and the run's geometry. Positions are polar, from the mount.

Echoes come from the surfaces that rays from the antenna meet: a vehicle by its visible sides and its
nearest surface, weaker as less of it is in sight, and still weakly from under what screens it; people,
plates, gantries and the map's own rails, poles, signs, walls and bridges by their points in sight.

Defaults describe a radar of the class of Continental's ARS 408-21 (public datasheet: 250 m within
+/-9 degrees and 70 m within +/-45 degrees; resolution 1.79 m and 1.6 degrees far, 0.39 m and 3.2
degrees near, 0.37 km/h; accuracy 0.4 m and 0.1 degrees far; quoted from memory, to be confirmed in it).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import radians, tan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.randomness import entity_id, stream_key
from sim.rays.caster import Caster, still_tree
from sim.rays.tree import STACK
from sim.scenery.materials import MATERIALS
from sim.scenery.scene import Scenery
from sim.scenery.still import Still
from sim.scenery.viewpoint import rotation
from sim.sensors.correlated import SlotClock, unit_noise
from sim.sensors.geometry import SCENE_COLUMNS
from sim.sensors.mounts import RADAR_MOUNT, Mount
from sim.sensors.packing import packed
from sim.sensors.radar_bodies import RAY_COLUMNS
from sim.sensors.radar_echoes import BODY_COLUMNS, MOVE_COLUMNS, NOISE_PROCESSES, POINT_COLUMNS, RAW_COLUMNS
from sim.sensors.radar_scan import DETECTION_COLUMNS, RadarKit, look, scan
from sim.sensors.radar_scene import fixture_table
from sim.sensors.reflectors import FIXTURES, REFLECTORS, Reflector, passing_db
from sim.sensors.responses import CLEAR_RADAR, RadarResponse
from sim.truth import EGO, Roster, TruthFrame
from stack.vocabulary import MachineryError, RadarDetection, RadarScan, SimNs
from stack.vocabulary.construction import maker


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarParameters:
    """What one radar can do. Losses are two-way; widths are one-way half-power widths."""

    far_range_m: float = 250.0
    far_half_fov_rad: float = radians(9.0)
    near_range_m: float = 70.0
    near_half_fov_rad: float = radians(45.0)
    # Power: a car's rear (+10 dBsm) at 250 m gives 10 dB, near the edge of detection there.
    reference_snr_db: float = 10.0
    reference_rcs_dbsm: float = 10.0
    reference_range_m: float = 250.0
    false_alarm_ratio: float = 1e-6
    beam_edge_db: float = 6.0  # loss at the edge of either field of view
    near_loss_db: float = 8.0  # gain the wide beam lacks
    elevation_width_rad: float = radians(14.0)
    side_lobe_db: float = 40.0  # most an elevation angle can take
    # Resolution cells; the error of a strong echo is the floor, of a weak one cell / sqrt(2 SNR) more.
    far_range_cell_m: float = 1.79
    near_range_cell_m: float = 0.39
    far_azimuth_cell_rad: float = radians(1.6)
    near_azimuth_cell_rad: float = radians(3.2)
    rate_cell_mps: float = 0.103
    range_floor_m: float = 0.03
    azimuth_floor_rad: float = radians(0.02)
    rate_floor_mps: float = 0.010
    alignment_sigma_rad: float = radians(0.05)  # one draw per run
    glint_along_m: float = 0.05  # wander of the centre of reflection along the ray, sigma
    glint_ratio: float = 0.08  # and across it, as a share of the body's width
    # Reflection in the road: what is left of the power's amplitude at a grazing angle on dry asphalt (own), and
    # the share of a vehicle's height over which its scattering centres are spread either way (own).
    wavelength_m: float = 0.0039  # 76.5 GHz
    road_reflection_ratio: float = 0.4
    scatter_height_ratio: float = 0.2
    # Guard rails: a post every 4 m (EN 1317 systems: 1.33, 2 or 4 m), the nearest few of each rail.
    post_spacing_m: float = 4.0
    posts_per_rail: float = 8.0
    posts_of_map: float = 4.0  # the nearest of all the map's rails (own: they line every road, and every echo costs)
    rail_facing_db: float = 12.0
    # A flat plate echoes at grazing angle: strong between these ranges, weak nearer and farther.
    flat_height_m: float = 0.1
    flat_near_m: float = 40.0
    flat_far_m: float = 120.0
    flat_fade_m: float = 20.0
    flat_loss_db: float = 20.0
    # Ghosts, per vehicle and scan, and false alarms per scan.
    bounce_ratio: float = 0.01
    bounce_loss_db: float = 10.0
    mirror_ratio: float = 0.02
    mirror_loss_db: float = 10.0
    clutter_per_scan: float = 0.2
    report_snr_db: float = 11.0
    noise_floor_sigma_db: float = 0.3


# Decorrelation, s: four scatterers of the fluctuation, then glint.
_TAUS_S = (0.15, 0.15, 0.15, 0.15, 0.3, 0.3, 0.3, 0.3)
_detection, _scan = maker(RadarDetection), maker(RadarScan)
_MOST_FIXTURES = 64  # in one scan
_SEGMENTS = 6  # of the map's rails, which may hold its nearest posts
_MOST_SEGMENTS = 256
_MOST_RAYS_OF_A_BODY = 11  # two heights of five bearings, and the nearest point


class Radar:
    """A radar on the ego. `name` is its stream of chance: two radars need two names."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: RadarParameters | None = None,
        mount: Mount = RADAR_MOUNT,
        name: str = "radar",
        *,
        scenery: Scenery,
    ) -> None:
        p = parameters or RadarParameters()
        rows, fixtures = len(roster.names), scenery.still.fixtures
        if len(scenery.bodies) != rows:
            raise MachineryError(f"radar: scenery of {len(scenery.bodies)} bodies, a roster of {rows}")
        reflectors = np.array([_body_row(REFLECTORS[kind]) for kind in roster.kinds])
        standing = _standing(scenery.still)
        self._scenery = scenery
        self._caster = Caster(scenery)
        self._range_m = p.far_range_m
        tree, still_materials = still_tree(scenery.still)
        most = rows + min(len(fixtures), _MOST_FIXTURES)
        self._kit = RadarKit(
            size_m=np.ascontiguousarray(roster.size_m),
            clearance_m=np.ascontiguousarray(roster.clearance_m),
            body=np.concatenate([reflectors, standing.body]),
            losses_db=np.array([REFLECTORS[kind].screening_db for kind in roster.kinds]),
            still_losses_db=np.array([passing_db(material.semantic) for material in MATERIALS]),
            entities=np.concatenate([roster.entities, standing.entities]).astype(np.uint32),
            fixtures=standing.table,
            still=tree,
            still_materials=still_materials,
            turn=rotation(mount.yaw_rad, mount.pitch_rad, mount.roll_rad),
            steepest=np.array([tan(p.near_half_fov_rad)]),
            noise=unit_noise(rows, NOISE_PROCESSES),
            taus_s=np.array(_TAUS_S),
            parameters=packed(p, mount),
            keys=np.array([stream_key(seed, f"{name}.{part}") for part in ("echo", "ghost", "clutter")]),
            around=np.zeros(len(fixtures), dtype=np.int64),
            middle=np.array([np.inf, np.inf, 0.0]),
            segments=np.zeros(_SEGMENTS, dtype=np.int64),
            rails=np.zeros(rows, dtype=np.int64),
            segments_ahead=np.zeros(min(len(fixtures), _MOST_SEGMENTS), dtype=np.int64),
            counts=np.zeros(2, dtype=np.int64),
            **_scratch(rows, len(fixtures), most, int(p.posts_per_rail)),
        )
        self._clock = SlotClock()

    def sense(self, frame: TruthFrame, slot: SimNs) -> RadarScan:
        """The scan of a clear radar; detections rise in azimuth."""
        return self.sense_with(frame, slot, CLEAR_RADAR)

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: RadarResponse) -> RadarScan:
        """The scan under an imaging fault's response."""
        if frame.state.shape[0] != len(self._kit.size_m):
            raise MachineryError(f"radar: {frame.state.shape[0]} actors in the truth, {len(self._kit.size_m)} known")
        kit, bent = self._kit, (response.loss_db, response.interference_db, response.azimuth_bias_rad)
        poses, motions = self._scenery.poses(frame)
        found, rays, points = look(poses, motions, kit, slot, self._clock.step_s(slot))
        hits = self._caster.cast(poses, kit.origins[:rays], kit.directions[:rays], 1.5 * self._range_m, EGO)
        count, floor_db = scan(kit, hits, found, points, bent, slot)
        detections = tuple(
            [
                _detection(range_m=distance, azimuth_rad=azimuth, range_rate_mps=rate, rcs_dbsm=rcs, snr_db=snr)
                for distance, azimuth, rate, rcs, snr in kit.out[:count].tolist()
            ]
        )
        return _scan(detections=detections, noise_floor_db=floor_db)


class _Standing(NamedTuple):
    """What every radar knows of a map's fixtures, in their order: read-only, made once per map."""

    body: NDArray[np.float64]  # (fixtures, BODY_COLUMNS)
    entities: NDArray[np.uint32]
    table: NDArray[np.float64]  # (fixtures, FIXTURE_COLUMNS)


@lru_cache(maxsize=8)
def _standing(still: Still) -> _Standing:
    rows = [_body_row(FIXTURES[each.kind]) for each in still.fixtures]
    standing = _Standing(
        body=np.array(rows, dtype=np.float64).reshape(-1, BODY_COLUMNS),
        entities=np.array([entity_id(each.name) for each in still.fixtures], dtype=np.uint32),
        table=fixture_table(still.fixtures),
    )
    for array in standing:
        array.setflags(write=False)
    return standing


def _scratch(rows: int, fixtures: int, most: int, posts: int) -> dict[str, Any]:
    """The arrays a scan writes into: for `most` bodies in view and the posts of their rails."""
    rays = most * max(_MOST_RAYS_OF_A_BODY, posts)
    return {
        "frame": np.zeros((3, 4)),
        "own": np.zeros(3),
        "scene": np.zeros((rows + fixtures, SCENE_COLUMNS)),
        "moves": np.zeros((rows + fixtures, MOVE_COLUMNS)),
        "rows": np.zeros(most, dtype=np.int64),
        "first_ray": np.zeros(most + 1, dtype=np.int64),
        "aims": np.zeros((rays, RAY_COLUMNS)),
        "origins": np.zeros((rays, 3)),
        "directions": np.zeros((rays, 3)),
        "sides": np.zeros((4, 10)),
        "stack": np.zeros(STACK, dtype=np.int64),
        "nears": np.zeros(STACK),
        "points": np.zeros((rays + 16, POINT_COLUMNS)),
        "raw": np.zeros((rays + 16, RAW_COLUMNS)),
        "order": np.zeros(rays + 16, dtype=np.int64),
        "out": np.zeros((rays + 16, DETECTION_COLUMNS)),
    }


def _body_row(reflector: Reflector) -> tuple[float, ...]:
    """One row of the kernel's body table."""
    return (
        float(reflector.shape),
        reflector.front_dbsm,
        reflector.rear_dbsm,
        reflector.side_dbsm,
        reflector.height_ratio,
        reflector.doppler_spread_mps,
        reflector.screening_db,
        float(reflector.scatterers),
    )
