"""Long-range 77 GHz radar: `RadarScan` from truth. Positions are polar, from the mount.

Defaults describe a radar of the class of Continental's ARS 408-21 (public datasheet: 250 m within
+/-9 degrees and 70 m within +/-45 degrees; resolution 1.79 m and 1.6 degrees far, 0.39 m and 3.2
degrees near, 0.37 km/h; accuracy 0.4 m and 0.1 degrees far; quoted from memory, to be confirmed in it).
"""

from dataclasses import dataclass
from math import radians

import numpy as np

from sim.randomness import stream_key
from sim.sensors.correlated import SlotClock, unit_noise
from sim.sensors.geometry import SCENE_COLUMNS
from sim.sensors.mounts import RADAR_MOUNT, Mount
from sim.sensors.packing import packed
from sim.sensors.radar_echoes import NOISE_PROCESSES, POINT_COLUMNS, RAW_COLUMNS
from sim.sensors.radar_scan import DETECTION_COLUMNS, RadarKit, scan
from sim.sensors.reflectors import REFLECTORS
from sim.sensors.responses import CLEAR_RADAR, RadarResponse
from sim.truth import ActorKind, Roster, TruthFrame
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
    # Guard rails: a post every 4 m (EN 1317 systems: 1.33, 2 or 4 m), the nearest few of each rail.
    post_spacing_m: float = 4.0
    posts_per_rail: float = 8.0
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
_detection = maker(RadarDetection)
_RAW_PER_ACTOR = 12  # a rail's posts, or a vehicle's points and ghosts


class Radar:
    """A radar on the ego. `name` is its stream of chance: two radars need two names."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: RadarParameters | None = None,
        mount: Mount = RADAR_MOUNT,
        name: str = "radar",
    ) -> None:
        rows = len(roster.names)
        capacity = _RAW_PER_ACTOR * rows + 16
        body = np.array([_body_row(kind) for kind in roster.kinds])
        self._kit = RadarKit(
            size_m=np.ascontiguousarray(roster.size_m),
            clearance_m=np.ascontiguousarray(roster.clearance_m),
            body=body,
            losses_db=np.array([REFLECTORS[kind].screening_db for kind in roster.kinds]),
            entities=np.ascontiguousarray(roster.entities),
            noise=unit_noise(rows, NOISE_PROCESSES),
            taus_s=np.array(_TAUS_S),
            scene=np.zeros((rows, SCENE_COLUMNS)),
            points=np.zeros((capacity, POINT_COLUMNS)),
            raw=np.zeros((capacity, RAW_COLUMNS)),
            order=np.zeros(capacity, dtype=np.int64),
            out=np.zeros((capacity, DETECTION_COLUMNS)),
            parameters=packed(parameters or RadarParameters(), mount),
            keys=np.array([stream_key(seed, f"{name}.{part}") for part in ("echo", "ghost", "clutter")]),
        )
        self._clock = SlotClock()

    def sense(self, frame: TruthFrame, slot: SimNs) -> RadarScan:
        """The scan of a clear radar; detections rise in azimuth."""
        return self.sense_with(frame, slot, CLEAR_RADAR)

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: RadarResponse) -> RadarScan:
        """The scan under an imaging fault's response."""
        if frame.state.shape[0] != len(self._kit.entities):
            raise MachineryError(f"radar: {frame.state.shape[0]} actors in the truth, {len(self._kit.entities)} known")
        bent = (response.loss_db, response.interference_db, response.azimuth_bias_rad)
        count, floor_db = scan(frame.state, self._kit, bent, slot, self._clock.step_s(slot))
        detections = tuple(
            [
                _detection(range_m=distance, azimuth_rad=azimuth, range_rate_mps=rate, rcs_dbsm=rcs, snr_db=snr)
                for distance, azimuth, rate, rcs, snr in self._kit.out[:count].tolist()
            ]
        )
        return RadarScan(detections=detections, noise_floor_db=floor_db)


def _body_row(kind: ActorKind) -> tuple[float, ...]:
    """One row of the kernel's body table."""
    reflector = REFLECTORS[kind]
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
