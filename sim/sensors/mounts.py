"""Where the default sensors sit on the ego, in the ego frame (see `sim.mount`)."""

from sim.mount import Mount

# A cab-over truck: radar behind the bumper at the height common for ACC radars (0.3 to 0.9 m),
# camera behind the windscreen, motion sensors near the front axle.
RADAR_MOUNT = Mount(x_m=0.0, y_m=0.0, z_m=0.6, yaw_rad=0.0)
CAMERA_MOUNT = Mount(x_m=-0.2, y_m=0.0, z_m=2.2, yaw_rad=0.0)
MOTION_MOUNT = Mount(x_m=-1.4, y_m=0.0, z_m=0.9, yaw_rad=0.0)
LIDAR_MOUNT = Mount(x_m=-0.6, y_m=0.0, z_m=3.7, yaw_rad=0.0)  # on the cab's roof
GNSS_MOUNT = Mount(x_m=-1.0, y_m=0.0, z_m=3.6, yaw_rad=0.0)

__all__ = ["CAMERA_MOUNT", "GNSS_MOUNT", "LIDAR_MOUNT", "MOTION_MOUNT", "Mount", "RADAR_MOUNT"]
