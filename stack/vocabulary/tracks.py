"""What tracking believes."""

from dataclasses import dataclass

from stack.vocabulary.instants import SimNs
from stack.vocabulary.observations import LaneView, ObjectClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One road user as the stack believes it to be, in the ego frame at the track list's instant.

    Position is the nearest edge, centre of its width; velocity is over ground, along ego axes.
    `camera_at` and `radar_at` are the true-at instants of the latest support (-1: never);
    `camera_hits` and `radar_hits` count supports in the recent window declared by tracking.
    """

    track_id: int
    object_class: ObjectClass
    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float
    x_sigma_m: float
    y_sigma_m: float
    vx_sigma_mps: float
    vy_sigma_mps: float
    width_m: float
    first_seen_at: SimNs
    camera_at: SimNs
    radar_at: SimNs
    camera_hits: int
    radar_hits: int
    quality_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackList:
    """All tracks at one instant, with the ego motion and lane they were predicted with."""

    as_of: SimNs
    tracks: tuple[Track, ...]
    speed_mps: float
    yaw_rate_radps: float
    lane: LaneView
