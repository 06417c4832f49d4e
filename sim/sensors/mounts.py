"""Where a sensor sits on the ego, in the ego frame (origin on the ground below the front edge's centre)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A sensor's place and direction: x forward, y left, z up from the road; yaw counter-clockwise."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float


# A cab-over truck: radar behind the bumper at the height common for ACC radars (0.3 to 0.9 m),
# camera behind the windscreen, motion sensors near the front axle.
RADAR_MOUNT = Mount(x_m=0.0, y_m=0.0, z_m=0.6, yaw_rad=0.0)
CAMERA_MOUNT = Mount(x_m=-0.2, y_m=0.0, z_m=2.2, yaw_rad=0.0)
MOTION_MOUNT = Mount(x_m=-1.4, y_m=0.0, z_m=0.9, yaw_rad=0.0)
