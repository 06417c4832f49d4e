"""Sensor readings and messages made by hand, and a small exact road for the stages to watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, sin
from typing import Any

from sim.randomness import normal, stream_key
from stack.vocabulary import (
    NS_PER_MS,
    Briefing,
    CameraObject,
    CameraTarget,
    CameraTargets,
    CameraView,
    EgoMotion,
    LaneView,
    Message,
    ObjectClass,
    Protection,
    RadarDetection,
    RadarScan,
    RadarTarget,
    RadarTargets,
    SimNs,
    StageInput,
    Track,
    TrackList,
)
from stack.vocabulary.topics import CAMERA_TARGETS, MOTION_CHECKED, RADAR_TARGETS

STRAIGHT = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.75, quality_ratio=1.0)
LEVER_M = 7.0  # of the truck below: 5.5 + (10 - 5.5) / 3


def briefing(**settings: float) -> Briefing:
    """The loaded truck; setting names use two underscores for the dot."""
    return Briefing(
        length_m=10.0,
        width_m=2.5,
        wheelbase_m=5.5,
        brake_max_mps2=6.3,
        brake_dead_time_s=0.2,
        brake_lag_s=0.29,
        protection=Protection.ON,
        functional_part_at=SimNs(2_000_000_000),
        settings={name.replace("__", "."): value for name, value in settings.items()},
    )


def message(topic: str, payload: Any, *, true_ms: float = 0.0, sequence: int = 0) -> Message:
    """A message true at an instant, published and delivered at once."""
    at = SimNs(round(true_ms * NS_PER_MS))
    return Message(topic=topic, sequence=sequence, true_at=at, published_at=at, delivered_at=at, payload=payload)


def given(now_ms: float, *messages: Message, latest: Mapping[str, Message] | None = None) -> StageInput:
    """What a job finds at an instant."""
    return StageInput(now=SimNs(round(now_ms * NS_PER_MS)), messages=messages, latest=latest or {})


def motion(speed_mps: float = 20.0, yaw_rate_radps: float = 0.0) -> EgoMotion:
    """Steady driving."""
    return EgoMotion(
        speed_mps=speed_mps,
        yaw_rate_radps=yaw_rate_radps,
        acceleration_mps2=0.0,
        accelerator_ratio=0.2,
        brake_pedal_ratio=0.0,
        steering_rate_radps=0.0,
    )


def moving(speed_mps: float = 20.0, yaw_rate_radps: float = 0.0) -> dict[str, Message]:
    """The latest readings of a stage that needs ego motion."""
    return {MOTION_CHECKED: message(MOTION_CHECKED, motion(speed_mps, yaw_rate_radps))}


def detection(
    range_m: float = 50.0, azimuth_rad: float = 0.0, rate_mps: float = -20.0, snr_db: float = 25.0
) -> RadarDetection:
    """One reflection."""
    return RadarDetection(
        range_m=range_m, azimuth_rad=azimuth_rad, range_rate_mps=rate_mps, rcs_dbsm=10.0, snr_db=snr_db
    )


def scan(*detections: RadarDetection, noise_floor_db: float = 0.0) -> RadarScan:
    """One radar cycle."""
    return RadarScan(detections=detections, noise_floor_db=noise_floor_db)


def seen(
    x_m: float = 50.0, y_m: float = 0.0, object_class: ObjectClass = ObjectClass.VEHICLE, width_m: float = 1.8
) -> CameraObject:
    """One object of a camera's list."""
    return CameraObject(
        object_class=object_class,
        confidence=0.9,
        x_m=x_m,
        y_m=y_m,
        x_sigma_m=0.03 * abs(x_m) + 0.1,
        y_sigma_m=0.2,
        width_m=width_m,
        lateral_mps=0.0,
    )


def view(*objects: CameraObject, lane: LaneView = STRAIGHT, health_ratio: float = 1.0) -> CameraView:
    """One camera frame."""
    return CameraView(objects=objects, lane=lane, health_ratio=health_ratio)


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Something at constant velocity over ground; place at time 0 in the ego frame of time 0."""

    x_m: float
    y_m: float = 0.0
    vx_mps: float = 0.0
    vy_mps: float = 0.0
    object_class: ObjectClass = ObjectClass.VEHICLE
    width_m: float = 1.8
    camera: bool = True
    radar: bool = True


def place(mover: Mover, at_s: float, ego_mps: float) -> tuple[float, float]:
    """Where a mover is in the ego frame when the ego drives straight on."""
    return mover.x_m + (mover.vx_mps - ego_mps) * at_s, mover.y_m + mover.vy_mps * at_s


def radar_targets(movers: Sequence[Mover], at_ms: float, ego_mps: float, noise: float = 0.0, seed: int = 1) -> Message:
    """A radar cycle's targets, with errors `noise` times those stated in them."""
    key, slot = stream_key(seed, "radar"), round(at_ms * NS_PER_MS)
    found = []
    for number, mover in enumerate(movers):
        if not mover.radar:
            continue
        x, y = place(mover, at_ms / 1000.0, ego_mps)
        e0, e1, e2 = (noise * float(normal(key, number, slot, block)) for block in range(3))
        azimuth, distance = atan2(y, x) + 0.003 * e1, hypot(x, y) + 0.2 * e0
        c, s = cos(atan2(y, x)), sin(atan2(y, x))
        ground = mover.vx_mps * c + mover.vy_mps * s + 0.12 * e2
        found.append(
            RadarTarget(
                x_m=distance * cos(azimuth),
                y_m=distance * sin(azimuth),
                radial_mps=ground - ego_mps * c,
                ground_mps=ground,
                range_sigma_m=0.2,
                azimuth_sigma_rad=0.003,
                range_rate_sigma_mps=0.12,
                rcs_dbsm=10.0,
                echo_count=1,
                extent_m=0.0,
            )
        )
    return message(RADAR_TARGETS, RadarTargets(targets=tuple(found)), true_ms=at_ms)


def camera_targets(movers: Sequence[Mover], at_ms: float, ego_mps: float, noise: float = 0.0, seed: int = 1) -> Message:
    """A camera frame's targets, with errors `noise` times those stated in them."""
    key, slot = stream_key(seed, "camera"), round(at_ms * NS_PER_MS)
    found = []
    for number, mover in enumerate(movers):
        if not mover.camera:
            continue
        x, y = place(mover, at_ms / 1000.0, ego_mps)
        e0, e1, e2 = (noise * float(normal(key, number, slot, block)) for block in range(3))
        bearing = atan2(y, x)
        across = mover.vy_mps * cos(bearing) - mover.vx_mps * sin(bearing)
        found.append(
            CameraTarget(
                object_class=mover.object_class,
                confidence=0.9,
                x_m=x * (1.0 + 0.03 * e0),
                y_m=y * (1.0 + 0.03 * e0) + 0.2 * e1,
                x_sigma_m=0.03 * x,
                y_sigma_m=0.2,
                width_m=mover.width_m,
                lateral_mps=across + 0.2 * e2,
            )
        )
    return message(CAMERA_TARGETS, CameraTargets(targets=tuple(found), lane=STRAIGHT), true_ms=at_ms)


def track(**changes: Any) -> Track:
    """A well-supported vehicle ahead, changed as told."""
    values: dict[str, Any] = {
        "track_id": 1,
        "object_class": ObjectClass.VEHICLE,
        "x_m": 60.0,
        "y_m": 0.0,
        "vx_mps": 0.0,
        "vy_mps": 0.0,
        "x_sigma_m": 0.1,
        "y_sigma_m": 0.15,
        "vx_sigma_mps": 0.2,
        "vy_sigma_mps": 0.2,
        "width_m": 1.8,
        "first_seen_at": SimNs(0),
        "camera_at": SimNs(0),
        "radar_at": SimNs(0),
        "camera_hits": 9,
        "radar_hits": 9,
        "quality_ratio": 0.95,
    }
    return Track(**{**values, **changes})


def track_list(
    *tracks: Track,
    at_ms: float = 0.0,
    speed_mps: float = 20.0,
    yaw_rate_radps: float = 0.0,
    lane: LaneView = STRAIGHT,
) -> TrackList:
    """Tracks at an instant."""
    return TrackList(
        as_of=SimNs(round(at_ms * NS_PER_MS)),
        tracks=tracks,
        speed_mps=speed_mps,
        yaw_rate_radps=yaw_rate_radps,
        lane=lane,
    )
