"""Words of Foxglove's schemas, made from ours: instants, poses, colours, boxes.

Foxglove's axes are ours (x forward, y left, z up) except in a camera's optical frame: x right, y down,
z along the view.
"""

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from scenarios.logbook.parts import record_extra
from sim.mount import Mount
from sim.scenery.viewpoint import rotation
from sim.truth import ActorKind
from stack.vocabulary import NS_PER_S, ObjectClass, SimNs

try:
    from foxglove.messages import (
        Color,
        CubePrimitive,
        Duration,
        FrameTransform,
        Pose,
        Quaternion,
        TextPrimitive,
        Timestamp,
        Vector3,
    )
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

WORLD, EGO_FRAME = "world", "ego"
TEXT_M = 0.6  # height of a label's letters
ROAD_COLOUR = Color(r=0.55, g=0.55, b=0.6, a=1.0)
TRACK_COLOUR = Color(r=0.1, g=0.75, b=0.9, a=0.55)
HAZARD_COLOUR = Color(r=0.95, g=0.25, b=0.1, a=0.65)
PLAIN_COLOUR = Color(r=0.6, g=0.6, b=0.6, a=0.8)
TEXT_COLOUR = Color(r=0.95, g=0.95, b=0.95, a=1.0)
ACTOR_COLOURS = {
    ActorKind.CAR: Color(r=0.25, g=0.45, b=0.85, a=0.8),
    ActorKind.VAN: Color(r=0.3, g=0.6, b=0.8, a=0.8),
    ActorKind.TRUCK: Color(r=0.35, g=0.35, b=0.7, a=0.8),
    ActorKind.BUS: Color(r=0.35, g=0.35, b=0.7, a=0.8),
    ActorKind.SOFT_TARGET: Color(r=0.25, g=0.45, b=0.85, a=0.8),
    ActorKind.CYCLIST: Color(r=0.9, g=0.6, b=0.1, a=0.9),
    ActorKind.MOTORCYCLE: Color(r=0.9, g=0.6, b=0.1, a=0.9),
    ActorKind.ADULT: Color(r=0.95, g=0.75, b=0.1, a=0.9),
    ActorKind.CHILD: Color(r=0.95, g=0.85, b=0.2, a=0.9),
}
EGO_COLOUR = Color(r=0.2, g=0.7, b=0.3, a=0.8)
# Height of what a class usually is, m (own: a stack's tracks carry none, and a box needs one).
CLASS_HEIGHT_M = {ObjectClass.PEDESTRIAN: 1.75, ObjectClass.CYCLIST: 1.75}
CLASS_LENGTH_M = {ObjectClass.PEDESTRIAN: 0.5, ObjectClass.CYCLIST: 1.8}
OTHER_HEIGHT_M, OTHER_LENGTH_M = 1.5, 4.0


def stamp(at: SimNs) -> Timestamp:
    """A virtual instant as a time since the run began."""
    return Timestamp(at // NS_PER_S, at % NS_PER_S)


def lifetime(span_ns: int) -> Duration:
    """How long something stays drawn if nobody replaces it."""
    return Duration(span_ns // NS_PER_S, span_ns % NS_PER_S)


def turned(yaw_rad: float) -> Quaternion:
    """A turn about z."""
    return Quaternion(x=0.0, y=0.0, z=sin(0.5 * yaw_rad), w=cos(0.5 * yaw_rad))


def flat_pose(x_m: float, y_m: float, z_m: float, yaw_rad: float) -> Pose:
    """A place and a heading."""
    return Pose(position=Vector3(x=x_m, y=y_m, z=z_m), orientation=turned(yaw_rad))


def quaternion(matrix: NDArray[np.float64]) -> Quaternion:
    """A rotation matrix (3, 3), columns the frame's axes, as a quaternion with w >= 0."""
    m = matrix
    squares = np.array([m[0, 0] - m[1, 1] - m[2, 2], m[1, 1] - m[0, 0] - m[2, 2], m[2, 2] - m[0, 0] - m[1, 1]])
    parts = np.sqrt(np.maximum(0.0, 1.0 + np.array([*squares, m[0, 0] + m[1, 1] + m[2, 2]]))) / 2.0
    largest = int(parts.argmax())
    rows = np.array(
        [
            [4.0 * parts[0] ** 2, m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[2, 1] - m[1, 2]],
            [m[0, 1] + m[1, 0], 4.0 * parts[1] ** 2, m[1, 2] + m[2, 1], m[0, 2] - m[2, 0]],
            [m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], 4.0 * parts[2] ** 2, m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], 4.0 * parts[3] ** 2],
        ]
    )
    x, y, z, w = (rows[largest] / (4.0 * parts[largest])).tolist()
    sign = -1.0 if w < 0.0 else 1.0
    return Quaternion(x=sign * x, y=sign * y, z=sign * z, w=sign * w)


def mount_matrix(mount: Mount) -> NDArray[np.float64]:
    """A sensor's axes in the ego frame, as columns."""
    turn: NDArray[np.float64] = rotation(mount.yaw_rad, mount.pitch_rad, mount.roll_rad)
    return turn


_OPTICAL = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])  # optical axes in the sensor frame, columns


def sensor_transforms(frame: str, mount: Mount, optical: bool) -> list[FrameTransform]:
    """Where a sensor sits on the ego, and its optical frame if it is a camera."""
    place = Vector3(x=mount.x_m, y=mount.y_m, z=mount.z_m)
    turn = quaternion(mount_matrix(mount))
    rows = [FrameTransform(parent_frame_id=EGO_FRAME, child_frame_id=frame, translation=place, rotation=turn)]
    if optical:
        here = Vector3(x=0.0, y=0.0, z=0.0)
        name = optical_frame(frame)
        rows.append(
            FrameTransform(parent_frame_id=frame, child_frame_id=name, translation=here, rotation=quaternion(_OPTICAL))
        )
    return rows


def optical_frame(frame: str) -> str:
    """The name of a camera's optical frame."""
    return f"{frame}/optical"


def cube(
    x_m: float, y_m: float, z_m: float, yaw_rad: float, size_m: tuple[float, float, float], colour: Color
) -> CubePrimitive:
    """A box by its centre."""
    length_m, width_m, height_m = size_m
    size = Vector3(x=length_m, y=width_m, z=height_m)
    return CubePrimitive(pose=flat_pose(x_m, y_m, z_m, yaw_rad), size=size, color=colour)


def label(x_m: float, y_m: float, z_m: float, text: str) -> TextPrimitive:
    """A text that faces whoever looks."""
    pose = flat_pose(x_m, y_m, z_m, 0.0)
    return TextPrimitive(
        pose=pose, billboard=True, font_size=TEXT_M, scale_invariant=False, color=TEXT_COLOUR, text=text
    )
