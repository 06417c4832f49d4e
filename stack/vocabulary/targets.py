"""What perception hands to tracking: measured positions of things, sensor by sensor, ego frame."""

from dataclasses import dataclass

from stack.vocabulary.observations import LaneView, ObjectClass


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarTarget:
    """A cluster of reflections read as one thing: nearest point, over-ground radial speed.

    `x_m`, `y_m` are in the ego frame; `radial_mps` is the measured range rate (negative: closing)
    and `ground_mps` the target's own speed along the line of sight over ground after the ego's
    motion is taken out. `echo_count` is the number of reflections in the cluster.
    """

    x_m: float
    y_m: float
    radial_mps: float
    ground_mps: float
    range_sigma_m: float
    azimuth_sigma_rad: float
    range_rate_sigma_mps: float
    rcs_dbsm: float
    echo_count: int
    extent_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarTargets:
    """All targets of one radar cycle."""

    targets: tuple[RadarTarget, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraTarget:
    """An object the camera reports, in the ego frame, with its uncertainty."""

    object_class: ObjectClass
    confidence: float
    x_m: float
    y_m: float
    x_sigma_m: float
    y_sigma_m: float
    width_m: float
    lateral_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraTargets:
    """All targets of one camera frame, and the lane."""

    targets: tuple[CameraTarget, ...]
    lane: LaneView
