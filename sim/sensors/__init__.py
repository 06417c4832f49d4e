"""Sensor models: from a `TruthFrame` to what a sensor delivers, the same on every world.

A sensor is a `sim.attachments.Sensor` made with (seed, roster, parameters, mount); it reads truth
and nothing else, draws chance only from `sim.randomness` under its own stream name, and its payload
carries no identity. It may import `sim.truth`, `sim.randomness`, `sim.attachments` and
`stack.vocabulary`; it never imports a world and never knows of a fault: an imaging fault wraps a
sensor and asks it to `sense_with` a response.

`SENSORS` is the set a run may name. Radar and camera share the rate but not the phase; motion comes
faster. Radar: 15 ms measuring time and little processing; camera: 10 ms exposure, rolling read-out
and detector, on a slower bus. The raw sensors below them are in a run only if its rig has them.
"""

from sim.camera.parameters import PixelCameraParameters
from sim.mount import Mount
from sim.sensors.ego_motion import MotionParameters, MotionSensor
from sim.sensors.gnss import Gnss, GnssParameters
from sim.sensors.inertial import Inertial, InertialParameters
from sim.sensors.lidar import Lidar, LidarParameters
from sim.sensors.mounts import CAMERA_MOUNT, MOTION_MOUNT, RADAR_MOUNT
from sim.sensors.object_camera import CameraParameters, ObjectCamera
from sim.sensors.pixel_camera import PixelCamera
from sim.sensors.radar import Radar, RadarParameters
from sim.sensors.responses import (
    CLEAR_CAMERA,
    CLEAR_RADAR,
    CameraResponse,
    NeedsPixels,
    RadarResponse,
    camera_response,
    radar_response,
)
from sim.sensors.sockets import SensorRow
from stack.vocabulary import NS_PER_MS, topics

_MS = NS_PER_MS

# fmt: off
SENSORS: dict[str, SensorRow] = {
    row.topic: row
    for row in (
        SensorRow(topic=topics.RADAR, make=Radar, parameters=RadarParameters(), needs_scenery=True,
                  rate_hz=20.0, phase_ns=0, exposure_ns=10 * _MS, readout_ns=5 * _MS, transport_ns=15 * _MS),
        SensorRow(topic=topics.CAMERA, make=ObjectCamera, parameters=CameraParameters(), needs_scenery=False,
                  rate_hz=20.0, phase_ns=20 * _MS, exposure_ns=10 * _MS, readout_ns=10 * _MS, transport_ns=40 * _MS),
        SensorRow(topic=topics.EGO_MOTION, make=MotionSensor, parameters=MotionParameters(), needs_scenery=False,
                  rate_hz=50.0, phase_ns=0, exposure_ns=0, readout_ns=0, transport_ns=2 * _MS),
        # raw, where a rig has them
        SensorRow(topic=topics.CAMERA_IMAGE, make=PixelCamera, parameters=PixelCameraParameters(), needs_scenery=True,
                  rate_hz=20.0, phase_ns=20 * _MS, exposure_ns=10 * _MS, readout_ns=10 * _MS, transport_ns=10 * _MS),
        SensorRow(topic=topics.LIDAR, make=Lidar, parameters=LidarParameters(), needs_scenery=True,
                  rate_hz=10.0, phase_ns=0, exposure_ns=100 * _MS, readout_ns=0, transport_ns=5 * _MS),
        SensorRow(topic=topics.GNSS, make=Gnss, parameters=GnssParameters(), needs_scenery=True,
                  rate_hz=10.0, phase_ns=0, exposure_ns=0, readout_ns=20 * _MS, transport_ns=5 * _MS),
        SensorRow(topic=topics.INERTIAL, make=Inertial, parameters=InertialParameters(), needs_scenery=True,
                  rate_hz=100.0, phase_ns=0, exposure_ns=0, readout_ns=1 * _MS, transport_ns=2 * _MS),
    )
}
# fmt: on

__all__ = [
    "CAMERA_MOUNT",
    "CLEAR_CAMERA",
    "CLEAR_RADAR",
    "CameraParameters",
    "CameraResponse",
    "Gnss",
    "GnssParameters",
    "Inertial",
    "InertialParameters",
    "Lidar",
    "LidarParameters",
    "MOTION_MOUNT",
    "MotionParameters",
    "MotionSensor",
    "Mount",
    "NeedsPixels",
    "ObjectCamera",
    "PixelCamera",
    "PixelCameraParameters",
    "RADAR_MOUNT",
    "Radar",
    "RadarParameters",
    "RadarResponse",
    "SENSORS",
    "SensorRow",
    "camera_response",
    "radar_response",
]
