"""The names of topics: those that cross the stack's border, the host's own, and those between stages."""

# into the stack
RADAR = "radar"
CAMERA = "camera"
EGO_MOTION = "ego_motion"
ACTUATOR_STATUS = "actuator_status"
HOST_EVENTS = "host_events"
CAMERA_IMAGE = "camera_image"  # CameraImage; a further camera is "camera_image/NAME"
LIDAR = "lidar"  # LidarScan
GNSS = "gnss"  # GnssFix
INERTIAL = "inertial"  # InertialSample

# between stages
RADAR_CHECKED = "radar_checked"  # RadarScan that passed ingest
CAMERA_CHECKED = "camera_checked"  # CameraView that passed ingest
MOTION_CHECKED = "motion_checked"  # EgoMotion that passed ingest
RADAR_CHECK = "radar_check"  # SensorCheck
CAMERA_CHECK = "camera_check"  # SensorCheck
MOTION_CHECK = "motion_check"  # SensorCheck
RADAR_TARGETS = "radar_targets"  # RadarTargets
CAMERA_TARGETS = "camera_targets"  # CameraTargets
TRACKS = "tracks"  # TrackList
HAZARDS = "hazards"  # HazardList
MANOEUVRE = "manoeuvre"  # Manoeuvre

# out of the stack
BRAKE_REQUEST = "brake_request"
DRIVER_WARNING = "driver_warning"
MODE_CHANGE = "mode_change"
DIAGNOSIS = "diagnosis"
DECISION = "decision"

INPUTS = (RADAR, CAMERA, EGO_MOTION, ACTUATOR_STATUS, HOST_EVENTS)
RAW_INPUTS = (CAMERA_IMAGE, LIDAR, GNSS, INERTIAL)  # only if the run has such sensors
OUTPUTS = (BRAKE_REQUEST, DRIVER_WARNING, MODE_CHANGE, DIAGNOSIS, DECISION)


def kind_of(topic: str) -> str:
    """The kind of a topic that may exist several times: what stands before the stroke."""
    return topic.partition("/")[0]
