"""The table of topics that cross the stack's border: who speaks, what, and how long the wire takes.

A sensor's wire belongs to the sensor and stands in `sim.sensors`; an event topic speaks when it has
something to say.
"""

from dataclasses import dataclass

from sim.sensors import SENSORS
from stack.vocabulary import NS_PER_MS, topics
from stack.vocabulary.topics import kind_of


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic: its name, the payload's class name, direction and transport delay."""

    topic: str
    payload: str
    direction: str  # "in": to the stack; "out": from it
    transport_ns: int


# A CAN frame takes below 1 ms at 500 kbit/s and waits for a few others (SAE J1939-11): 2 ms.
_CAN_NS = 2 * NS_PER_MS

TOPICS = (
    TopicRow(topics.RADAR, "RadarScan", "in", SENSORS[topics.RADAR].transport_ns),
    TopicRow(topics.CAMERA, "CameraView", "in", SENSORS[topics.CAMERA].transport_ns),
    TopicRow(topics.EGO_MOTION, "EgoMotion", "in", SENSORS[topics.EGO_MOTION].transport_ns),
    TopicRow(topics.ACTUATOR_STATUS, "ActuatorStatus", "in", _CAN_NS),
    TopicRow(topics.BRAKE_REQUEST, "BrakeRequest", "out", _CAN_NS),
    TopicRow(topics.DRIVER_WARNING, "DriverWarning", "out", _CAN_NS),
    TopicRow(topics.CAMERA_IMAGE, "CameraImage", "in", SENSORS[topics.CAMERA_IMAGE].transport_ns),
    TopicRow(topics.LIDAR, "LidarScan", "in", SENSORS[topics.LIDAR].transport_ns),
    TopicRow(topics.GNSS, "GnssFix", "in", SENSORS[topics.GNSS].transport_ns),
    TopicRow(topics.INERTIAL, "InertialSample", "in", SENSORS[topics.INERTIAL].transport_ns),
)
TOPIC_ROW = {row.topic: number for number, row in enumerate(TOPICS)}


def row_of(topic: str) -> int:
    """A topic's place in the table; a further sensor of a kind (`camera_image/left`) stands where its kind does."""
    row = TOPIC_ROW.get(topic)
    return TOPIC_ROW[kind_of(topic)] if row is None else row
