"""A CARLA sensor's message as plain bytes: pictures and point clouds as CARLA packs them, the rest as doubles.

Axes and units of the bytes stay CARLA's own (left-handed, degrees where it says degrees): they are
recorded as they came.
"""

from struct import pack
from typing import Any

from sim.carla_client.wire import StreamFrame


def packed(sensor: str, message: Any) -> StreamFrame:
    """A message of any of CARLA's sensors that has a period."""
    frame = int(message.frame)
    if hasattr(message, "raw_data"):
        raw = bytes(message.raw_data)
        if hasattr(message, "width"):
            return StreamFrame(sensor, frame, (int(message.width), int(message.height)), raw)
        return StreamFrame(sensor, frame, (len(message),), raw)
    if hasattr(message, "gyroscope"):
        force, spin = message.accelerometer, message.gyroscope
        numbers = (force.x, force.y, force.z, spin.x, spin.y, spin.z, message.compass)
        return StreamFrame(sensor, frame, (7,), pack("<7d", *numbers))
    if hasattr(message, "latitude"):
        place = (message.latitude, message.longitude, message.altitude)
        return StreamFrame(sensor, frame, (3,), pack("<3d", *place))
    return StreamFrame(sensor, frame, (), repr(message).encode())
