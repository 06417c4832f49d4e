"""What sensors deliver. All positions are in the ego frame; lists are ordered by bearing.

No observation carries an identity from the world: a sensor does not know what it saw twice.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class ObjectClass(Enum):
    """Classes the perception layer tells apart."""

    UNKNOWN = "unknown"
    VEHICLE = "vehicle"
    CYCLIST = "cyclist"
    PEDESTRIAN = "pedestrian"


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarDetection:
    """One reflection: polar position from the radar's mount, Doppler, strength.

    `range_rate_mps` is negative when the reflector comes closer. `rcs_dbsm` is the estimated
    cross-section, `snr_db` the strength above the noise floor.
    """

    range_m: float
    azimuth_rad: float
    range_rate_mps: float
    rcs_dbsm: float
    snr_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarScan:
    """One radar cycle. `noise_floor_db` is the radar's own estimate of its interference level."""

    detections: tuple[RadarDetection, ...]
    noise_floor_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraObject:
    """One road user as a camera's object list reports it: nearest edge, centre of its width.

    `lateral_mps` is the camera's estimate of motion across the line of sight over ground,
    positive to the left.
    """

    object_class: ObjectClass
    confidence: float
    x_m: float
    y_m: float
    x_sigma_m: float
    y_sigma_m: float
    width_m: float
    lateral_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """The ego lane as the camera sees it: y = offset + heading * x + curvature / 2 * x**2.

    `offset_m` is the lane centre's y at the ego's front; `quality_ratio` 0 means not seen.
    """

    offset_m: float
    heading_rad: float
    curvature_1pm: float
    half_width_m: float
    quality_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraView:
    """One camera frame's content. `health_ratio` 1 is a clear image, 0 a blind camera."""

    objects: tuple[CameraObject, ...]
    lane: LaneView
    health_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoMotion:
    """The vehicle bus: wheel speed, gyro, and what the driver does with pedals and wheel."""

    speed_mps: float
    yaw_rate_radps: float
    acceleration_mps2: float
    accelerator_ratio: float
    brake_pedal_ratio: float
    steering_rate_radps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ActuatorStatus:
    """What the brake actuator says of itself: the last counter it accepted and how many it refused.

    `deadman_active` says that the actuator holds a deceleration on its own because requests
    stopped during a braking episode.
    """

    accepted_counter: int
    accepted_total: int
    refused_total: int
    demand_mps2: float
    deadman_active: bool


class ImageCoding(Enum):
    """How a camera image's bytes are to be read."""

    RGB8 = "rgb8"  # rows from the top, 3 bytes a pixel
    BAYER_RGGB8 = "bayer_rggb8"  # one byte a pixel, as the mosaic sensor gives it
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraImage:
    """One frame of a pixel camera. `exposure_s` and `gain_db` are what the imager says it used."""

    width_px: int
    height_px: int
    coding: ImageCoding
    data: bytes
    exposure_s: float
    gain_db: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LidarScan:
    """One revolution of a lidar, in order of firing. Arrays are read-only, one row per return.

    `points` (n, 4) float32: x, y, z in the sensor frame (m), each as measured at its own firing, and
    apparent reflectivity (1: a white Lambertian surface). `rings` (n,) uint8: which laser.
    `offsets_ns` (n,) int32: firing time from the message's true-at.
    """

    points: NDArray[np.float32]
    rings: NDArray[np.uint8]
    offsets_ns: NDArray[np.int32]


class FixKind(Enum):
    """What a GNSS receiver's position rests on."""

    NONE = "none"
    SINGLE = "single"  # code measurements of satellites alone
    FLOAT = "float"  # carrier phase, ambiguities not fixed
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssFix:
    """One position of a GNSS receiver (WGS 84). Sigmas are the receiver's own estimate, one standard deviation.

    `course_rad` is counter-clockwise from east, as all our angles. Without a fix the last position stands.
    """

    kind: FixKind
    latitude_rad: float
    longitude_rad: float
    height_m: float
    horizontal_sigma_m: float
    vertical_sigma_m: float
    speed_mps: float
    course_rad: float
    satellites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InertialSample:
    """One sample of an inertial unit in its own axes: specific force (at rest +9.81 upwards) and turn rate."""

    force_x_mps2: float
    force_y_mps2: float
    force_z_mps2: float
    rate_x_radps: float
    rate_y_radps: float
    rate_z_radps: float
