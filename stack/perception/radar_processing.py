"""Radar processing: a checked scan becomes targets with their own speed over ground.

The radar is mounted at the ego frame's origin (centre of the front edge) looking along x. Its own
velocity there is the ego speed forwards and yaw rate times lever sideways; the part of it along each
line of sight is taken out of the Doppler. Without any ego motion yet nothing is published, because a
standing and a moving target could not be told apart.
"""

from dataclasses import dataclass
from math import cos, sin, sqrt

from stack.perception.clustering import Cluster, Echo, Gates, clusters, without_side_lobes
from stack.vocabulary import (
    Briefing,
    Output,
    RadarScan,
    RadarTarget,
    RadarTargets,
    Stage,
    StageInput,
    StagePlan,
    adjusted,
)
from stack.vocabulary.construction import maker
from stack.vocabulary.topics import MOTION_CHECKED, RADAR_CHECKED, RADAR_TARGETS

_made, _made_list, _output = maker(RadarTarget), maker(RadarTargets), maker(Output)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarThresholds:
    """Changeable as `radar_processing.<name>`.

    `snr_min_db` keeps false alarms of a Gaussian noise cell near 1e-5 (Richards, Fundamentals of
    Radar Signal Processing, 6.3). Gates: a car's rear and flank echoes lie within 3 m in depth and
    1.5 m to either side of their mean. Errors of an echo: cell over sqrt(2 SNR) (Skolnik, Introduction
    to Radar Systems, 6.3) besides a floor of glint and alignment; cells of the far and the near beam
    after the Continental ARS 408-21 data sheet, the far beam 9 degrees to either side and the near
    beam finer in range up to 70 m. The Doppler's error is what wheels and limbs add.
    """

    snr_min_db: float = 10.0
    depth_m: float = 3.0
    across_m: float = 1.5
    range_rate_gate_mps: float = 1.5
    edge_depth_m: float = 0.75
    lobe_drop_db: float = 25.0
    lobe_depth_m: float = 0.4
    lobe_range_rate_mps: float = 0.2
    far_range_cell_m: float = 1.79
    near_range_cell_m: float = 0.39
    near_reach_m: float = 70.0
    far_azimuth_cell_rad: float = 0.028
    near_azimuth_cell_rad: float = 0.056
    far_half_view_rad: float = 0.157
    range_floor_sigma_m: float = 0.10
    azimuth_floor_sigma_rad: float = 0.0015
    range_rate_sigma_mps: float = 0.12


@dataclass(frozen=True, slots=True)
class State:
    """What does not change during a run; nothing is remembered between scans."""

    limits: RadarThresholds
    gates: Gates
    lever_m: float


def initial(briefing: Briefing) -> State:
    """Thresholds with the run's settings, and the radar's lever arm from the rear axle."""
    limits = adjusted(RadarThresholds(), "radar_processing", briefing.settings)
    gates = Gates(
        limits.depth_m,
        limits.across_m,
        limits.range_rate_gate_mps,
        limits.edge_depth_m,
        limits.lobe_drop_db,
        limits.lobe_depth_m,
        limits.lobe_range_rate_mps,
    )
    return State(limits, gates, briefing.rear_axle_to_front_m)


def _target(cluster: Cluster, limits: RadarThresholds, speed_mps: float, sideways_mps: float) -> RadarTarget:
    """One cluster as a target; strength narrows range and azimuth, averaging narrows Doppler."""
    count = cluster.count
    spread = 0.5 / cluster.power
    range_m = cluster.edge_sum / cluster.edge_count
    azimuth_rad = cluster.azimuth
    along, across = cos(azimuth_rad), sin(azimuth_rad)
    radial_mps = cluster.rates / count
    near = range_m <= limits.near_reach_m
    range_cell_m = limits.near_range_cell_m if near else limits.far_range_cell_m
    aside = not -limits.far_half_view_rad <= azimuth_rad <= limits.far_half_view_rad
    azimuth_cell_rad = limits.near_azimuth_cell_rad if aside else limits.far_azimuth_cell_rad
    return _made(
        x_m=range_m * along,
        y_m=range_m * across,
        radial_mps=radial_mps,
        ground_mps=radial_mps + speed_mps * along + sideways_mps * across,
        range_sigma_m=sqrt(limits.range_floor_sigma_m**2 + range_cell_m * range_cell_m * spread),
        azimuth_sigma_rad=sqrt(limits.azimuth_floor_sigma_rad**2 + azimuth_cell_rad * azimuth_cell_rad * spread),
        range_rate_sigma_mps=limits.range_rate_sigma_mps / sqrt(count),
        rcs_dbsm=cluster.rcs,
        echo_count=count,
        extent_m=(cluster.high - cluster.low) * range_m,
    )


def step(state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """Targets of each scan, nearest first, with the latest ego motion taken out."""
    motion = given.latest.get(MOTION_CHECKED)
    if motion is None:
        return state, ()
    limits = state.limits
    snr_min_db = limits.snr_min_db
    speed_mps = motion.payload.speed_mps
    sideways_mps = motion.payload.yaw_rate_radps * state.lever_m
    outputs = []
    for message in given.messages:
        scan: RadarScan = message.payload
        echoes: list[Echo] = [
            (seen.range_m, seen.azimuth_rad, seen.range_rate_mps, seen.snr_db, seen.rcs_dbsm)
            for seen in scan.detections
            if seen.snr_db >= snr_min_db
        ]
        if len(echoes) > 1:
            echoes = without_side_lobes(echoes, state.gates)
        found = clusters(echoes, state.gates)
        targets = tuple([_target(cluster, limits, speed_mps, sideways_mps) for cluster in found])
        outputs.append(_output(topic=RADAR_TARGETS, payload=_made_list(targets=targets)))
    return state, tuple(outputs)


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Radar processing as a pipeline row; its demand grows with the detections."""
    first = initial(briefing)
    return Stage(
        name="radar_processing",
        triggers=(RADAR_CHECKED,),
        reads=(MOTION_CHECKED,),
        publishes=(RADAR_TARGETS,),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: first,
        step=step,
        content=lambda given: sum(len(message.payload.detections) for message in given.messages),
    )
